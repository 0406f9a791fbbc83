"use strict";

// Words of the glossary: their meaning shows where a pointer rests on the link, or the keyboard
// reaches it. Escape closes it. On a touch screen the first tap shows it, the second one follows.
document.addEventListener("DOMContentLoaded", () => {
  const PATIENCE = 200; // milliseconds for a pointer on its way from the word to its meaning
  let open = null;
  let leaving = 0;

  function show(link) {
    hide();
    open = { link, tip: document.getElementById(link.getAttribute("aria-describedby")) };
    open.tip.hidden = false;
    place();
  }

  // Below the word, or above it where there is no room.
  function place() {
    if (!open) return;
    const { link, tip } = open;
    const line = link.getClientRects()[0];
    const room = document.documentElement.clientWidth;
    const width = Math.min(360, room - 24);
    tip.style.width = `${width}px`;
    tip.style.left = `${Math.max(12, Math.min(line.left, room - width - 12))}px`;
    const below = line.bottom + 2;
    const fits = below + tip.offsetHeight < window.innerHeight || line.top < tip.offsetHeight + 2;
    tip.style.top = `${fits ? below : line.top - tip.offsetHeight - 2}px`;
  }

  function hide() {
    clearTimeout(leaving);
    if (open) open.tip.hidden = true;
    open = null;
  }

  function leave(event) {
    clearTimeout(leaving);
    if (event.pointerType !== "touch") leaving = setTimeout(hide, PATIENCE);
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
    link.addEventListener("pointerleave", leave);
  }
  for (const tip of document.querySelectorAll(".term-tip")) {
    tip.addEventListener("pointerenter", () => clearTimeout(leaving));
    tip.addEventListener("pointerleave", leave);
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
  window.addEventListener("scroll", place, { passive: true });
});
