"use strict";

// Words of the glossary: their meaning shows where a pointer rests on the link, or the keyboard
// reaches it. Escape closes it. On a touch screen the first tap shows it, the second one follows.
(() => {
  let open = null;

  function show(link) {
    hide();
    const tip = document.getElementById(link.getAttribute("aria-describedby"));
    tip.hidden = false;
    const line = link.getClientRects()[0];
    const width = Math.min(360, document.documentElement.clientWidth - 24);
    tip.style.width = `${width}px`;
    tip.style.left = `${Math.max(12, Math.min(line.left, document.documentElement.clientWidth - width - 12))}px`;
    const below = line.bottom + 6;
    const fits = below + tip.offsetHeight < window.innerHeight || line.top < tip.offsetHeight + 12;
    tip.style.top = `${fits ? below : line.top - tip.offsetHeight - 6}px`;
    open = { link, tip };
  }

  function hide() {
    if (open) open.tip.hidden = true;
    open = null;
  }

  let touched = false;
  for (const link of document.querySelectorAll("a.term")) {
    link.addEventListener("pointerenter", (event) => {
      if (event.pointerType !== "touch") show(link);
    });
    link.addEventListener("pointerdown", (event) => {
      touched = event.pointerType === "touch";
    });
    link.addEventListener("focus", () => {
      if (!touched) show(link);
    });
    link.addEventListener("click", (event) => {
      if (touched && open?.link !== link) {
        event.preventDefault();
        show(link);
      }
    });
    link.addEventListener("blur", hide);
    link.addEventListener("pointerleave", (event) => {
      // A pointer may move onto the meaning itself.
      if (open && event.pointerType !== "touch" && event.relatedTarget !== open.tip) hide();
    });
  }
  for (const tip of document.querySelectorAll(".term-tip")) tip.addEventListener("pointerleave", hide);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
  window.addEventListener("scroll", hide, { passive: true });
})();
