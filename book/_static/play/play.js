"use strict";

// The small labs in their pages: a figure whose page names a lab gets knobs below it, and is drawn
// anew when one is turned. Without this script the figure stays what it is.
(() => {
  const DRAW_AGAIN = "Draw again";

  function start(figure) {
    const lab = playLabs[figure.dataset.lab];
    const still = figure.querySelector("svg.picture");
    const place = figure.querySelector(".play");
    figure.querySelector("svg.stacked")?.remove(); // what is drawn here fits
    const settings = Object.fromEntries(lab.knobs.map((knob) => [knob.key, knob.start]));
    let seed = 1;
    let shown = still;

    function draw(speak = true) {
      const width = Math.floor(Math.min(figure.clientWidth, 760));
      const [sheet, sentence] = lab.draw(settings, width, seed);
      const holder = document.createElement("div");
      holder.innerHTML = sheet.picture(sentence);
      shown.replaceWith(holder.firstChild);
      shown = figure.querySelector("svg.picture");
      if (speak) place.querySelector(".play-says").textContent = sentence;
    }

    place.innerHTML = `<p class="play-says" aria-live="polite"></p><form class="play-knobs knobs" aria-label="Knobs of this picture"></form>`;
    const form = place.querySelector("form");
    form.addEventListener("submit", (event) => event.preventDefault());
    for (const knob of lab.knobs) form.append(control(`${figure.id}-${knob.key}`, knob, settings, draw));
    if (lab.random) {
      const again = document.createElement("button");
      again.type = "button";
      again.textContent = DRAW_AGAIN;
      again.addEventListener("click", () => {
        seed += 1;
        draw();
      });
      form.append(again);
    }
    draw();
    let width = figure.clientWidth;
    new ResizeObserver(() => {
      if (figure.clientWidth !== width) draw(false);
      width = figure.clientWidth;
    }).observe(figure);
  }

  function control(id, knob, settings, draw) {
    const label = document.createElement("label");
    const name = Object.assign(document.createElement("span"), { textContent: knob.label });
    if (knob.choices) {
      const select = Object.assign(document.createElement("select"), { id });
      for (const [value, text] of Object.entries(knob.choices)) select.append(new Option(text, value));
      select.value = knob.start;
      select.addEventListener("input", () => {
        settings[knob.key] = select.value;
        draw();
      });
      label.append(name, select);
      return label;
    }
    const [low, high, step] = knob.range;
    const [scale, back] = knob.log ? [Math.log10, (v) => Number((10 ** v).toPrecision(2))] : [(v) => v, (v) => v];
    const range = Object.assign(document.createElement("input"), { type: "range", id });
    Object.assign(range, { min: scale(low), max: scale(high), step: step ?? 0.01, value: scale(knob.start) });
    const output = Object.assign(document.createElement("output"), { htmlFor: id });
    const say = () => {
      output.textContent = String(settings[knob.key]);
      range.setAttribute("aria-valuetext", output.textContent);
    };
    range.addEventListener("input", () => {
      settings[knob.key] = back(Number(range.value));
      say();
      draw();
    });
    say();
    name.append(" ", output);
    label.append(name, range);
    return label;
  }

  // A picture comes to life when it is about to be seen.
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        seen.unobserve(target);
        start(target);
      }
    },
    { rootMargin: "600px" },
  );
  for (const figure of document.querySelectorAll("figure[data-lab]")) seen.observe(figure);
})();
