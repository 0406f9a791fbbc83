"use strict";

// The page of the lab: the slider and the other knobs, address, worker, pictures, table. See
// settings.js for what can be set, model.js for what is computed, words.js for what is said.
(() => {
  const { FIELDS, defaults, parse, query } = labSettings;
  const { DECADES, escape, histogram, lines, number, scales, short } = labChart;
  const { column, counted, fate, finding, median, plain, sent, sentences, typicalChange, typicalEnd, unitOf, verdictOn } = labWords;
  const { paint, pixels } = labDigit;
  const model = labModel();
  const host = document.getElementById("lab");

  const { MARKS } = labSlider;
  const LARGEST = 3; // of the slider
  const NAMELESS = ["constant", "orthogonal"]; // kinds of weights that have a size, but no name for it

  // For tests, and for the curious: the model as the page uses it.
  window.lab = { model, parse, query };

  const { settings, problems } = parse(location.search);
  let said = null; // what the reader has guessed: a fate, and the power of ten if it was drawn
  let guess = []; // the power of ten that the reader drew, by layer, from 0
  let latest = null; // { settings, layers, began, measured, theory, image }

  const { sizeOf } = model;
  const places = () => Object.fromEntries(Object.keys(MARKS).map((init) => [init, sizeOf({ ...settings, init })]));
  const wide = () => host.clientWidth > 640;

  // The layers that are drawn as images, the last among them: equally far apart, if that can be.
  function pictured({ depth }) {
    const counts = wide() ? [8, 9, 7, 10, 6] : [5, 6, 4];
    const count = Math.min(counts.find((one) => depth % one === 0) ?? counts[0], depth);
    return Array.from({ length: count }, (_, k) => Math.round(((k + 1) * depth) / count));
  }

  // --- Worker: the model's own text, so that a page from a disk may start it -------------------

  const source = URL.createObjectURL(
    new Blob(
      [
        `${labModel}\nconst model = labModel();\nlet key, theory;\n`,
        "onmessage = ({ data }) => {\n",
        "  const { seed, networks, distribution, ...rest } = data.settings;\n",
        "  const wanted = JSON.stringify(rest);\n",
        "  if (wanted !== key) { theory = model.predict(data.settings); key = wanted; }\n",
        "  const measured = model.measure(data.settings);\n",
        "  const image = model.walk(data.settings, data.pixels, data.layers);\n",
        "  postMessage({ ...data, theory, measured, image });\n",
        "};\n",
      ],
      { type: "text/javascript" },
    ),
  );
  const worker = new Worker(source);
  let busy = false;
  let waiting = false; // the settings have changed since the worker was asked

  worker.onmessage = ({ data }) => {
    latest = data;
    next();
    if (!busy || !said || revealed()) show();
    host.dataset.milliseconds = (performance.now() - data.began).toFixed(0); // for tools/benchmarks/lab.py
  };
  worker.onerror = (event) => {
    next();
    say("lab-sentence", `The computation failed: ${event.message}.`);
  };

  // One picture at a time: while a knob is dragged, each is followed by that of the newest settings.
  function request() {
    waiting = busy;
    if (busy) return;
    busy = true;
    host.setAttribute("aria-busy", "true");
    worker.postMessage({ settings: { ...settings }, pixels, layers: pictured(settings), began: performance.now() });
  }

  function next() {
    busy = false;
    if (waiting) request();
  }

  // --- Controls --------------------------------------------------------------------------------

  const byId = (id) => document.getElementById(id);

  function say(id, text) {
    if (byId(id).textContent !== text) byId(id).textContent = text;
  }

  function control(field) {
    const id = `lab-${field.key}`;
    if (field.key === "distribution") {
      return choice("lab-distribution", "Weights", { ...field.choices, orthogonal: "orthogonal", constant: "all the same" });
    }
    if (field.choices) return choice(id, field.label, field.choices);
    const [low, high, step] = field.range;
    const type = field.key === "std" ? "number" : "range";
    const output = type === "range" ? `<output for="${id}"></output>` : "";
    return `<div class="lab-field"><label for="${id}">${field.label}</label>
      <span class="lab-range"><input type="${type}" id="${id}" min="${low}" max="${high}" step="${step}">${output}</span></div>`;
  }

  function choice(id, label, choices) {
    const options = Object.entries(choices).map(([value, name]) => `<option value="${value}">${name}</option>`);
    return `<div class="lab-field"><label for="${id}">${label}</label><select id="${id}">${options.join("")}</select></div>`;
  }

  function build() {
    const knobs = FIELDS.filter((field) => field.key !== "init" && !field.hidden);
    host.innerHTML = `
      <div id="lab-problems" class="problems" role="alert"></div>
      <form class="lab-controls" aria-label="What the network is made of">
        ${labSlider.html("lab-size", LARGEST)}
        <div class="lab-buttons">
          <button type="button" id="lab-more" aria-expanded="false" aria-controls="lab-knobs">More knobs</button>
          <button type="button" id="lab-again">Draw again</button>
          <button type="button" id="lab-predict" aria-pressed="false">Guess first</button>
          <span id="lab-made"></span>
        </div>
        <div id="lab-knobs" class="knobs" hidden>${knobs.map(control).join("")}
          <div class="lab-field"><button type="button" id="lab-reset">Back to the start</button></div>
        </div>
      </form>
      <div id="lab-say">
        <div id="lab-guess" hidden>
          <p id="lab-question"></p>
          <div role="group" aria-label="Or say it">
            <button type="button" data-guess="grows">It grows: above 10</button>
            <button type="button" data-guess="stays">It stays: 0.1 to 10</button>
            <button type="button" data-guess="dies">It dies: below 0.1</button>
          </div>
        </div>
        <p id="lab-verdict" aria-live="polite" tabindex="-1"></p>
        <p id="lab-sentence" aria-live="polite"></p>
      </div>
      <div id="lab-strip" role="img" aria-label="A digit on its way through the layers"></div>
      <div id="lab-forward"></div>
      <p id="lab-why"></p>
      <div class="lab-pair"><div id="lab-backward"></div><div id="lab-cosine"></div></div>
      <p class="lab-note" id="lab-key"></p>
      <div class="lab-pair"><div id="lab-off"></div><div id="lab-first"></div><div id="lab-middle"></div><div id="lab-last"></div></div>
      <p class="lab-note">Off: units of the first network whose slope is below 5 % of the activation's
        steepest, in a block those of its branch. Dead (dashed): off for each of 32 inputs. Both end where one of these overflows. Histograms: what the first network makes of them.</p>
      <details id="lab-numbers"><summary>The numbers, layer by layer</summary>
        <div class="lab-scroll" tabindex="0" role="region" aria-label="The numbers, layer by layer"><table></table></div>
      </details>
      <p class="lab-note" id="lab-note"></p>
      <p class="lab-note"><a id="lab-link" href="lab.html">A link to this experiment</a></p>`;

    host.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
    host.querySelector("form").addEventListener("input", (event) => turn(event.target));
    labSlider.listen(host, (mark) => {
      settings.init = mark;
      change();
    });
    byId("lab-more").addEventListener("click", () => {
      byId("lab-knobs").hidden = !byId("lab-knobs").hidden;
      byId("lab-more").setAttribute("aria-expanded", String(!byId("lab-knobs").hidden));
    });
    byId("lab-again").addEventListener("click", () => {
      settings.seed = (settings.seed + 1) % 1000000;
      change(false);
    });
    byId("lab-reset").addEventListener("click", () => {
      Object.assign(settings, { ...defaults(), predict: settings.predict });
      change();
    });
    byId("lab-predict").addEventListener("click", () => {
      settings.predict = settings.predict === "1" ? "0" : "1";
      change();
    });
    for (const button of host.querySelectorAll("[data-guess]")) {
      button.addEventListener("click", () => reveal(button.dataset.guess));
    }
    const pad = byId("lab-forward");
    pad.addEventListener("pointerdown", (event) => {
      if (!hidden()) return;
      event.preventDefault();
      pad.setPointerCapture(event.pointerId);
      trace(event);
    });
    pad.addEventListener("pointermove", (event) => {
      if (hidden() && pad.hasPointerCapture(event.pointerId)) trace(event);
    });
    pad.addEventListener("pointerup", () => {
      const end = guess[settings.depth];
      if (hidden() && end !== undefined) reveal(fate(10 ** end), end);
    });
    let width = 0;
    new ResizeObserver(([entry]) => {
      if (latest && entry.contentRect.width !== width) change(false);
      width = entry.contentRect.width;
    }).observe(host);
  }

  // A knob was turned.
  function turn(input) {
    const key = input.id.replace("lab-", "");
    if (key === "size") slide(Number(input.value));
    else if (key === "distribution") pick(input.value);
    else if (key === "std") {
      if (input.value === "" || !input.validity.valid) return;
      slide(Number(input.value));
    } else settings[key] = input.tagName === "SELECT" ? input.value : Number(input.value);
    change();
  }

  // Where an initializer has its place on the slider, that place has its name.
  function slide(size) {
    settings.std = size;
    if (NAMELESS.includes(settings.init)) return;
    settings.init = labSlider.markAt(size, places(), settings.init) ?? "std";
  }

  // Weights of another kind keep their size.
  function pick(kind) {
    const size = sizeOf(settings);
    if (NAMELESS.includes(kind)) {
      Object.assign(settings, { init: kind, std: Number(size.toFixed(2)) });
    } else {
      settings.distribution = kind;
      if (NAMELESS.includes(settings.init)) settings.init = "std";
      slide(Number(size.toFixed(2)));
    }
  }

  // Bring controls and address in step with the settings, and ask for a new picture.
  function change(forget = true) {
    if (forget) {
      said = null;
      guess = [];
    }
    const size = sizeOf(settings);
    for (const field of FIELDS) {
      const input = byId(`lab-${field.key}`);
      if (!input?.closest(".lab-field")) continue;
      input.value = field.key === "std" ? Number(size.toFixed(2)) : settings[field.key];
      const holder = input.closest(".lab-field");
      holder.hidden = Boolean(field.used) && !field.used(settings);
      const output = holder.querySelector("output");
      if (output) output.textContent = settings[field.key];
    }
    if (NAMELESS.includes(settings.init)) byId("lab-distribution").value = settings.init;
    byId("lab-predict").setAttribute("aria-pressed", String(settings.predict === "1"));
    host.dataset.init = settings.init;

    labSlider.show(host, {
      size,
      mark: settings.init,
      places: places(),
      n: settings.width,
      meaning: settings.init === "constant" ? "each weight" : "standard deviation of a weight",
    });
    const activation = byId("lab-activation").selectedOptions[0].text;
    const normalized = settings.norm === "none" ? "" : `, normalized ${settings.norm}`;
    say("lab-made", `${activation}, ${counted(settings)} of ${settings.width} units${normalized}`);

    const address = query(settings);
    byId("lab-link").href = `lab.html${address && `?${address}`}`;
    try {
      history.replaceState(null, "", address ? `?${address}` : location.pathname);
    } catch (error) {
      if (error.name !== "SecurityError") throw error; // a page from a disk may not
    }
    request();
  }

  // --- The guess -------------------------------------------------------------------------------

  const hidden = () => settings.predict === "1" && !said;
  const revealed = () => !host.classList.contains("lab-hidden");

  // Follow the pointer from the layer where it was to the layer where it is.
  function trace(event) {
    const { depth } = settings;
    const box = byId("lab-forward").getBoundingClientRect();
    const { left, right, top, bottom } = scales(plot(depth));
    const across = (event.clientX - box.left - left) / (right - left);
    const down = (event.clientY - box.top - top) / (bottom - top);
    const [low, high] = DECADES;
    const layer = Math.min(depth, Math.max(1, Math.round(across * depth)));
    const power = Math.min(high, Math.max(low, high - down * (high - low)));
    if (guess.length === 0) guess = [0];
    const from = Math.min(layer, guess.length - 1);
    const before = guess[from];
    for (let l = from + 1; l <= layer; l++) guess[l] = before + ((power - before) * (l - from)) / (layer - from);
    guess[layer] = power;
    guess.length = Math.max(guess.length, layer + 1);
    drawEmpty();
  }

  // The guess is of the networks that are set: while they are drawn it waits for them.
  function reveal(word, power) {
    said = [word, power];
    if (!busy) show();
    byId("lab-verdict").focus({ preventScroll: true });
  }

  // --- Results -----------------------------------------------------------------------------------

  // Log-normal quantiles of single networks, two standard deviations either side.
  const band = (values, spreads, side) =>
    values.map((value, layer) => {
      const s = spreads[layer];
      return value * Math.exp((-s * s) / 2 + side * 2 * s);
    });

  // With its overflows, which are beyond all others.
  const withOverflows = (networks) => networks.map((network) => network.map((value) => (Number.isNaN(value) ? Infinity : value)));

  const written = (value) => (value === Infinity ? "overflow" : number(value));

  function describe(networks, theory, what, unit) {
    const last = networks.length ? networks[0].length - 1 : 0;
    const at = (layer) => networks.map((network) => network[layer]).filter((value) => !Number.isNaN(value));
    const [first, end] = [at(0), at(last)];
    if (first.length === 0) return `${what}: no number at any ${unit}.`;
    const value = end.length === 0 ? "no number" : written(median(end));
    const all = `median of ${first.length} network${first.length === 1 ? "" : "s"}`;
    const whose = [0, first.length].includes(end.length) ? all : `medians of ${first.length} networks and of ${end.length}`;
    const predicted = Number.isFinite(theory?.[0]) ? ` Theory says ${number(theory[0])} and ${theory.length > last ? number(theory[last]) : "overflow"}.` : "";
    return `${what}: ${written(median(first))} at ${unit} 1 and ${value} at ${unit} ${last + 1}, in the ${whose}.${predicted}`;
  }

  // The place of the large chart, whose layers begin with the input.
  const plot = (depth) => ({
    width: Math.floor(host.clientWidth) || 640,
    height: wide() ? 250 : 216,
    margin: wide() ? { right: 48 } : { left: 44, right: 32 },
    x: [0, depth],
    y: DECADES,
  });

  const courseOf = (values, from) =>
    from === "first" ? values.map((value, k) => [k, value]) : values.map((value, k) => [k + 1, value]).reverse();

  // Medians, among which a network that has overflowed is beyond all others.
  const typical = (networks) => networks[0].map((_, l) => median(column(networks, l)));

  function strip({ settings: of, layers: drawn, image }, empty) {
    const { toX } = scales(plot(of.depth));
    const unit = unitOf(of);
    const layers = [0, ...drawn]; // for the width at which they were asked for
    const holder = byId("lab-strip");
    const gap = Math.min(...layers.slice(1).map((layer, k) => layer - layers[k]));
    const side = Math.min(74, Math.floor(toX(gap) - toX(0)) - 6);
    holder.replaceChildren(
      ...layers.map((layer) => {
        const cell = document.createElement("div");
        cell.style.left = `${toX(layer)}px`;
        cell.style.setProperty("--side", `${side}px`);
        const canvas = document.createElement("canvas");
        if (layer === 0) paint(canvas, pixels);
        else if (!empty) paint(canvas, image.tiles[layer]);
        const line = (textContent) => Object.assign(document.createElement("span"), { textContent });
        const name = layer === 0 ? "input" : side < 52 ? String(layer) : `${unit} ${layer}`;
        const text = layer === 0 ? "1" : empty ? "?" : short(image.squares[layer - 1]);
        cell.append(line(name), canvas, line(text));
        return cell;
      }),
    );
    const told = layers.slice(1).map((layer) => `${empty ? "hidden" : short(image.squares[layer - 1])} at ${unit} ${layer}`);
    holder.setAttribute("aria-label", `An image of a digit, and the ${unit}s that it passes as small images. Mean squares: 1 at the input, ${told.join(", ")}.`);
  }

  const layerTicks = (of) => [0, ...pictured(of)];

  // The chart before the guess.
  function drawEmpty() {
    const { depth } = settings;
    const unit = unitOf(settings);
    byId("lab-forward").innerHTML = lines({
      ...plot(depth),
      className: "forward",
      title: guess.length > 1 && guess.length <= depth ? `Go on to the last ${unit}` : `Draw the signal here, from the left to the last ${unit}`,
      description: `An empty chart of ${counted(settings)}, from 10 to the ${DECADES[0]} to 10 to the ${DECADES[1]}, for your guess. The buttons above it are the other way to guess.`,
      xLabel: unit,
      yLabel: "mean square",
      xTicks: layerTicks(settings),
      depth,
      start: 1,
      guess: (guess.length ? guess : [0]).map((power) => 10 ** power),
      log: true,
    });
  }

  const RESULTS = ["backward", "cosine", "off", "first", "middle", "last"];

  function show() {
    const { settings: of, measured, theory } = latest;
    const banded = theory && theory.scale > 0 && of.init !== "orthogonal" && plain(of);
    const unit = unitOf(of);
    const signals = unit === "layer" ? "activations" : "stream";
    host.setAttribute("aria-busy", String(busy));
    host.classList.toggle("lab-hidden", hidden());
    host.classList.toggle("lab-guessing", settings.predict === "1");
    byId("lab-guess").hidden = !hidden();
    say("lab-verdict", said ? verdictOn(...said, typicalEnd(of, measured)) : "");
    if (hidden()) {
      for (const id of ["sentence", "why", "key", "note"]) say(`lab-${id}`, "");
      say(
        "lab-question",
        `The signal begins with mean square 1. What is left of it after ${counted(of)}, in the median network? Draw it into the chart, or say it.`,
      );
      for (const id of RESULTS) byId(`lab-${id}`).innerHTML = "";
      host.querySelector("#lab-numbers table").innerHTML = "";
      strip(latest, true);
      drawEmpty();
      host.dataset.state = query(of);
      return;
    }
    const [what, ...why] = sentences(of, measured, theory);
    say("lab-sentence", what);
    say("lab-why", why.join(" "));

    strip(latest, false);
    const whole = Math.floor(host.clientWidth) || 640;
    const size = { width: wide() ? Math.floor((whole - 24) / 2) : whole, height: 220 };
    const end = typicalEnd(of, measured);
    const forwardTitle = end === Infinity ? `Forward: overflow, first at ${unit} ${measured.overflow}` : `Forward: the signal ${finding(end)}`;
    const change = typicalChange(of, measured);
    const { networks: all, overflowed } = measured;
    const backwardTitle = end === Infinity
      ? `Backward: no gradient${overflowed < all ? ` in ${overflowed} of ${all} networks` : ""}`
      : change === Infinity
        ? `Backward: overflow, first at ${unit} ${measured.backwardOverflow}`
        : `Backward: the gradient ${finding(change)}`;
    const moment = (name, networks, more) => ({
      className: name,
      description: describe(withOverflows(more.sent ?? networks), theory?.[name], more.what, unit),
      xLabel: unit,
      networks,
      theory: theory?.[name],
      low: banded ? band(theory[name], theory[`${name}Spread`], -1) : undefined,
      high: banded ? band(theory[name], theory[`${name}Spread`], 1) : undefined,
      log: true,
      ...more,
    });
    byId("lab-forward").innerHTML = lines({
      ...plot(of.depth),
      ...moment("forward", measured.forward, {
        title: forwardTitle,
        what: `Mean square of the ${signals}`,
        yLabel: "mean square",
        xTicks: layerTicks(of),
        start: 1,
        guess: guess.length > 1 ? guess.map((power) => 10 ** power) : undefined,
        course: courseOf([1, ...typical(measured.forward)], "first"),
      }),
    });
    byId("lab-backward").innerHTML = lines({
      ...size,
      ...moment("backward", measured.backward, {
        title: backwardTitle,
        what: "Mean square of the gradients",
        yLabel: "mean square",
        sent: sent(measured),
        course: end === Infinity ? undefined : courseOf(typical(sent(measured)), "last"),
      }),
    });
    byId("lab-cosine").innerHTML = lines({
      ...size,
      className: "cosine",
      title: "Cosine between two inputs",
      description: describe(measured.cosine, theory?.cosine, "Cosine", unit),
      xLabel: unit,
      yLabel: "cosine",
      networks: measured.cosine,
      theory: theory?.cosine,
      range: [Math.min(0, ...measured.cosine.flat().filter(Number.isFinite)), 1],
    });
    byId("lab-off").innerHTML = lines({
      ...size,
      className: "off",
      title: "Share of units off, and dead (dashed)",
      description: describe([measured.off], null, "Share of units whose slope is below 5 % of the steepest", unit),
      xLabel: unit,
      yLabel: "share of units",
      networks: [measured.off, measured.dead],
      range: [0, 1],
    });
    const layers = Object.entries(measured.activations);
    ["first", "middle", "last"].forEach((place, k) => {
      const [layer, values] = layers[k] ?? [];
      if (!values) {
        byId(`lab-${place}`).innerHTML = "";
        return;
      }
      const [inputs, all] = [values, layers[0][1]].map(({ length }) => length / of.width);
      const whose = inputs < all ? `, of ${inputs} of ${all} inputs` : ""; // the others have overflowed
      byId(`lab-${place}`).innerHTML = histogram({
        ...size,
        title: `${unit === "layer" ? "Activations of layer" : "Stream behind block"} ${layer}${whose}`,
        description: `Histogram of ${values.length} numbers, mean square ${number(values.reduce((sum, v) => sum + v * v, 0) / values.length)}.`,
        xLabel: unit === "layer" ? "activation" : "unit of the stream",
        yLabel: "share",
        values,
      });
    });
    legend(banded, theory, of);
    table(measured, theory, of);
    note(measured, of);
    host.dataset.state = query(of);
  }

  function legend(banded, theory, of) {
    const parts = ["Squares: one image of a digit on its way; black is 0 and less, white is 3 and more. Dots and thin lines: networks with other inputs, one number a layer. Titles and arrows: the median network; the sentences: the theory, where there is one. Grey ground: 0.1 to 10."];
    if (theory) parts.push("Thick line: theory, for infinitely wide layers.");
    if (banded) {
      parts.push(
        "Band: where theory, to first order in 1/n, expects 95 % of networks at each layer; very narrow networks scatter further.",
      );
    }
    if (theory) parts.push(`Here n Var W, the square of the size, is ${number(theory.scale, 3)}.`);
    if (of.init === "orthogonal" && plain(of)) {
      parts.push("No band: it is for independent weights, and those of an orthogonal matrix are not.");
    }
    if (theory && !plain(of)) parts.push("No band: it is for layers without a branch and without normalization.");
    if (!theory) {
      parts.push("No theory: the book's is for random weights, and these are all the same. The image's numbers have the sum 0, and equal weights read nothing else of it.");
    }
    if (of.init === "lecun" || of.init === "xavier") {
      parts.push("Between equally wide layers LeCun's and Xavier's rule are the same, size 1.");
    }
    say("lab-key", parts.join(" "));
  }

  function table(measured, theory, of) {
    const heads = [
      ...(unitOf(of) === "layer" ? ["Layer", "Activations, median"] : ["Block", "Stream, median"]),
      "theory",
      "Gradients, median",
      "theory",
      "Cosine, median",
      "theory",
      "Off",
      "Dead",
    ];
    const cell = (value) => `<td>${written(value)}</td>`;
    const rows = measured.off.map((off, layer) => {
      const at = (networks) => median(column(networks, layer)); // with its overflows, as in the chart
      return `<tr><th scope="row">${layer + 1}</th>${[
        at(measured.forward),
        theory?.forward[layer],
        at(sent(measured)),
        theory?.backward[layer],
        median(measured.cosine.map((network) => network[layer])), // of those that have one
        theory?.cosine[layer],
        off,
        measured.dead[layer],
      ]
        .map(cell)
        .join("")}</tr>`;
    });
    host.querySelector("#lab-numbers table").innerHTML = `<thead><tr>${heads
      .map((head) => `<th scope="col">${escape(head)}</th>`)
      .join("")}</tr></thead><tbody>${rows.join("")}</tbody>`;
  }

  function note(measured, of) {
    const parts = [];
    if (measured.networks < of.networks) {
      parts.push(
        `Networks of ${counted(of)} of ${of.width} units are large: ${measured.networks} of ${of.networks} were drawn.`,
      );
    }
    for (const [what, networks] of [["Signals", measured.forward], ["Gradients", measured.backward]]) {
      const count = networks.filter((network) => network.includes(0)).length;
      if (count) {
        parts.push(`${what} are exactly 0 somewhere in ${count} of ${networks.length} networks; a logarithmic axis cannot show that.`);
      }
    }
    say("lab-note", parts.join(" "));
  }

  build();
  say("lab-problems", problems.join(" "));
  change();
})();
