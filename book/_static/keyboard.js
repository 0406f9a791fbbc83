// What is too wide for a small screen scrolls by itself, and must be reachable by keyboard: a box
// that is wider inside than outside becomes a tab stop, and ceases to be one when it fits again.
(() => {
  const BOXES =
    ".bd-article figure, .bd-article mjx-container[display=true], .bd-article div.math," +
    ".bd-article pre, .pst-scrollable-table-container, .bd-article .cell_output .text_html," +
    ".bd-article mjx-container.wide";

  // What a closed fold holds has no size yet, nor has what is far on a phone: it is looked at when
  // the fold opens, and when it comes near.
  const seen = (within, selector) =>
    [...within.querySelectorAll(selector)].filter((box) =>
      box.checkVisibility({ contentVisibilityAuto: true }),
    );

  // First everything is read, then everything is written: a page is laid out once, not once a box.
  function each(boxes, read, write) {
    const found = boxes.map(read);
    boxes.forEach((box, i) => write(box, found[i]));
  }

  // A formula within a line has no box of its own, until it is wider than the line.
  function boxWideFormulas(within) {
    const formulas = seen(within, ".bd-article mjx-container:not([display])");
    for (const formula of formulas) formula.classList.remove("wide");
    each(
      formulas,
      (formula) => {
        const line = formula.closest("p, li, dd, td, th, h1, h2, h3, div");
        return formula.offsetWidth > line.clientWidth;
      },
      (formula, wide) => wide && formula.classList.add("wide"),
    );
  }

  function update(within) {
    boxWideFormulas(within);
    each(
      seen(within, BOXES),
      (box) => box.scrollWidth > box.clientWidth && getComputedStyle(box).overflowX !== "visible",
      (box, scrolls) => {
        if (scrolls) {
          box.tabIndex = 0;
        } else if (box.getAttribute("tabindex") === "0") {
          box.removeAttribute("tabindex");
        }
      },
    );
  }

  addEventListener("load", () => {
    update(document);
    addEventListener("resize", () => update(document));
    // Letters that first occur far below are fetched when they come near, and are not as wide as
    // those that stood in for them.
    document.fonts.addEventListener("loadingdone", () => update(document));
    document.addEventListener("toggle", (event) => update(event.target), true);
    document.addEventListener("contentvisibilityautostatechange", (event) => {
      if (!event.skipped) update(event.target);
    });
  });
})();
