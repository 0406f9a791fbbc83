// What is too wide for a small screen scrolls by itself, and must be reachable by keyboard: a box
// that is wider inside than outside becomes a tab stop, and ceases to be one when it fits again.
(() => {
  const BOXES =
    ".bd-article figure, .bd-article mjx-container[display=true], .bd-article div.math," +
    ".bd-article pre, .pst-scrollable-table-container, .bd-article .cell_output .text_html," +
    ".bd-article mjx-container.wide";

  // A formula within a line has no box of its own, until it is wider than the line.
  function boxWideFormulas() {
    for (const formula of document.querySelectorAll(".bd-article mjx-container:not([display])")) {
      formula.classList.remove("wide");
      const line = formula.closest("p, li, dd, td, th, h1, h2, h3, div");
      formula.classList.toggle("wide", formula.offsetWidth > line.clientWidth);
    }
  }

  function update() {
    boxWideFormulas();
    for (const box of document.querySelectorAll(BOXES)) {
      const scrolls =
        box.scrollWidth > box.clientWidth && getComputedStyle(box).overflowX !== "visible";
      if (scrolls) {
        box.tabIndex = 0;
      } else if (box.getAttribute("tabindex") === "0") {
        box.removeAttribute("tabindex");
      }
    }
  }

  addEventListener("load", () => {
    update();
    addEventListener("resize", update);
    document.addEventListener("toggle", update, true);
  });
})();
