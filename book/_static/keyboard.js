// What scrolls by itself must be reachable by keyboard: a box that is wider inside than outside
// becomes a tab stop, and ceases to be one when it fits again.
(() => {
  const BOXES =
    ".bd-article figure, .bd-article mjx-container[display=true], .bd-article div.math," +
    ".bd-article pre, .pst-scrollable-table-container, .bd-article .cell_output .text_html";

  function update() {
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

  addEventListener("load", async () => {
    await window.MathJax?.startup?.promise;
    update();
    addEventListener("resize", update);
    document.addEventListener("toggle", update, true);
  });
})();
