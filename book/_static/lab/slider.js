"use strict";

// The size of the weights, a large slider. Rules have their places on it, as buttons.
const labSlider = (() => {
  const { number } = labChart;
  const MARKS = { zero: "zero", xavier: "Xavier", lecun: "LeCun", he: "He" };

  // The rule that has its place here; the one that is asked for first, if it has.
  function markAt(size, places, first) {
    const here = (mark) => Math.abs(places[mark] - size) < 0.005;
    return [first, ...Object.keys(MARKS)].find((mark) => mark in MARKS && here(mark));
  }

  const html = (id, largest) => `
    <div class="lab-size">
      <label for="${id}">Size of the weights</label>
      <output for="${id}"></output> <span class="lab-unit"></span> <span class="lab-meaning"></span>
      <input type="range" id="${id}" min="0" max="${largest}" step="0.01">
      <div class="lab-marks" role="group" aria-label="Sizes with a name">${Object.entries(MARKS)
        .map(([mark, name]) => `<button type="button" data-mark="${mark}">${name}</button>`)
        .join("")}</div>
    </div>`;

  // Call onMark with the name of each mark that is pressed.
  function listen(root, onMark) {
    for (const button of root.querySelectorAll("[data-mark]")) {
      button.addEventListener("click", () => onMark(button.dataset.mark));
    }
  }

  // Show a size, the mark that it is called by, and what it means for layers of n units.
  function show(root, { size, mark, places, n, meaning }) {
    const slider = root.querySelector(".lab-size input");
    const share = (value) => Math.min(1, value / Number(slider.max));
    slider.value = size;
    slider.style.setProperty("--place", share(size));
    slider.setAttribute("aria-valuetext", `${number(size, 3)}${mark in MARKS ? `, ${MARKS[mark]}` : ""}`);
    root.querySelector(".lab-size output").textContent = size.toFixed(2);
    root.querySelector(".lab-unit").textContent = `/ √${n} = ${number(size / Math.sqrt(n), 3)}`;
    root.querySelector(".lab-meaning").textContent = meaning;
    for (const button of root.querySelectorAll("[data-mark]")) {
      const name = button.dataset.mark;
      button.style.setProperty("--place", share(places[name]));
      button.setAttribute("aria-pressed", String(name === mark));
      button.classList.toggle("near", name === "he" && places.he - places.xavier < 0.35);
    }
  }

  return { MARKS, html, listen, markAt, show };
})();
