"use strict";

// The picture of the front page, live: a digit on its way through networks of five sizes of weights.
// The slider sets the size of one row, and the page's own picture stays where this script does not run.
(() => {
  const { paint, pixels } = labDigit;
  const { number, short } = labChart;
  const ROWS = [
    { name: "zero", color: "zero", size: 0 },
    { name: "too small", color: "too-small", size: 0.32 },
    { name: "Xavier", color: "xavier", size: 1 },
    { name: "He", color: "he", size: Math.SQRT2 },
    { name: "too large", color: "too-large", size: 3.2 },
  ];
  const LAYERS = [1, 2, 5, 10, 20, 30, 50];
  const PHONE = [1, 5, 10, 30, 50]; // for which a phone has room
  const NETWORK = { activation: "relu", depth: 50, width: 256, bias: 0, branch: "none", norm: "none", init: "std", distribution: "normal", seed: 1 };
  const PLACES = { zero: 0, xavier: 1, lecun: 1, he: Math.SQRT2 };

  const host = document.getElementById("rows");
  const figure = document.getElementById("fig-landing");
  const still = figure?.querySelector("svg.picture");
  if (!host || !still) return;

  const sizes = ROWS.map((row) => row.size);
  let chosen = 3; // He's row
  let mark = "he";
  let cells = null; // of each row: { canvas, number } by layer

  // --- Worker: the model's own text, so that a page from a disk may start it --------------------

  const worker = new Worker(
    URL.createObjectURL(
      new Blob(
        [
          `${labModel}\nconst model = labModel();\n`,
          "onmessage = ({ data: { row, settings, pixels, layers } }) =>\n",
          "  postMessage({ row, image: model.walk(settings, pixels, layers) });\n",
        ],
        { type: "text/javascript" },
      ),
    ),
  );
  const waiting = new Set(); // rows that have another size than the worker was told
  let busy = false;

  function request(row) {
    waiting.add(row);
    if (!busy) next();
  }

  function next() {
    const [row] = waiting;
    busy = row !== undefined;
    host.setAttribute("aria-busy", String(busy));
    if (!busy) return;
    waiting.delete(row);
    worker.postMessage({ row, settings: { ...NETWORK, std: sizes[row] }, pixels, layers: LAYERS });
  }

  const images = [];
  worker.onmessage = ({ data: { row, image } }) => {
    images[row] = image;
    if (!cells && Object.keys(images).length === ROWS.length) build();
    if (cells) show(row);
    next();
  };

  // --- The slider and its sentence -------------------------------------------------------------

  host.innerHTML = `${labSlider.html("rows-size", 3.2)}<p id="rows-says" aria-live="polite"></p>`;
  host.querySelector("input").addEventListener("input", (event) => {
    const size = Number(event.target.value);
    mark = labSlider.markAt(size, PLACES, mark);
    sizes[chosen] = mark ? PLACES[mark] : size;
    tell();
    request(chosen);
  });
  labSlider.listen(host, (name) => {
    mark = name;
    sizes[chosen] = PLACES[name];
    tell();
    request(chosen);
  });

  // The row that has a size may have a name.
  function named(row) {
    if (row === chosen && mark) return { name: labSlider.MARKS[mark], color: mark };
    const own = ROWS.find(({ size }) => size === sizes[row]);
    return own ?? { name: sizes[row].toFixed(2), color: "default" };
  }

  function tell() {
    const size = sizes[chosen];
    labSlider.show(host, { size, mark, places: PLACES, n: NETWORK.width, meaning: `standard deviation of a weight; in layer 1, of 64 inputs, / √64 = ${number(size / 8, 3)}` });
    host.dataset.init = mark ?? "std";
    host.querySelector("#rows-says").textContent = sentence(size);
  }

  // What theory says: a ReLU layer multiplies the mean square by half the square of the size.
  function sentence(size) {
    const whose = { zero: "", xavier: ", Xavier's size", lecun: ", LeCun's size", he: ", He's size" }[mark] ?? "";
    const at = `At ${number(size, 3)}${whose}`;
    if (size === 0) return "At 0 nothing passes the first layer: all is black at once.";
    const factor = size ** 2 / 2;
    const left = factor ** NETWORK.depth;
    if (Math.abs(factor - 1) < 1e-9) return `${at}, a layer keeps the mean square on average: the digit's signal lives through all ${NETWORK.depth} layers.`;
    const does = Math.abs(factor - 0.5) < 1e-9 ? "keeps half of the mean square on average" : `multiplies the mean square by ${number(factor, 3)} on average`;
    const fate = left < 0.1 ? "The signal dies." : left > 10 ? "It burns." : "The signal lives.";
    return `${at}, a layer ${does}: after ${NETWORK.depth} layers ${number(left)} of it is left. ${fate}`;
  }

  // --- The picture -----------------------------------------------------------------------------

  function build() {
    const picture = document.createElement("div");
    picture.className = "rows";
    picture.setAttribute("role", "radiogroup");
    picture.setAttribute("aria-label", "The row that the slider sets");
    const { width, height } = still.viewBox.baseVal;
    picture.style.setProperty("--shape", `${width} / ${height}`);
    const element = (tag, className, text = "") =>
      Object.assign(document.createElement(tag), { className, textContent: text });
    const aside = (layer) => (layer === 0 || PHONE.includes(layer) ? "" : " rows-aside");
    picture.append(element("span", "rows-head"));
    for (const layer of [0, ...LAYERS]) {
      const head = element("span", `rows-head${aside(layer)}`);
      head.innerHTML = layer ? `<span>layer </span>${layer}` : "input";
      picture.append(head);
    }
    cells = ROWS.map((_, row) => {
      const label = element("label", "rows-name");
      const radio = Object.assign(document.createElement("input"), { type: "radio", name: "rows", checked: row === chosen });
      radio.addEventListener("change", () => choose(row));
      label.append(radio, element("span", ""));
      picture.append(label);
      const found = { label, layers: {} };
      for (const layer of [0, ...LAYERS]) {
        const cell = element("span", `rows-cell${aside(layer)}`);
        const canvas = document.createElement("canvas");
        canvas.setAttribute("aria-hidden", "true");
        const size = element("span", "rows-number");
        cell.append(canvas, size);
        picture.append(cell);
        found.layers[layer] = { cell, canvas, size };
      }
      return found;
    });
    still.replaceWith(picture);
    ROWS.forEach((_, row) => show(row));
  }

  function choose(row) {
    const before = chosen;
    chosen = row;
    mark = labSlider.markAt(sizes[row], PLACES, ROWS[row].color);
    tell();
    for (const one of [before, row]) show(one);
  }

  function show(row) {
    const { name, color } = named(row);
    const { label, layers } = cells[row];
    label.querySelector("span").textContent = name;
    label.style.setProperty("--row", `var(--figure-${color})`);
    label.classList.toggle("rows-chosen", row === chosen);
    for (const [layer, { cell, canvas, size }] of Object.entries(layers)) {
      const values = layer === "0" ? pixels : images[row].tiles[layer];
      paint(canvas, values);
      size.textContent = layer === "0" ? "1" : short(images[row].squares[layer - 1]);
      cell.classList.toggle("rows-chosen", row === chosen);
    }
  }

  tell();
  ROWS.forEach((_, row) => request(row));
})();
