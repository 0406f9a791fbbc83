"use strict";

// The page of the lab: controls, address, worker, charts, table. See settings.js for what can be
// set, model.js for what is computed, words.js for what is said.
(() => {
  const { FIELDS, defaults, parse, query } = labSettings;
  const { escape, histogram, lines, number } = labChart;
  const { fate, finding, median, sentences, typicalChange, typicalEnd } = labWords;
  const model = labModel();
  const host = document.getElementById("lab");

  // For tests, and for the curious: the model as the page uses it.
  window.lab = { model, parse, query };

  const { settings, problems } = parse(location.search);
  let guess = null;
  let verdict = ""; // on the guess, by the networks that were drawn then
  let latest = null; // { settings, began, measured, theory }

  // --- Worker: the model's own text, so that a page from a disk may start it -------------------

  const source = URL.createObjectURL(
    new Blob(
      [
        `${labModel}\nconst model = labModel();\nlet key, theory;\n`,
        "onmessage = ({ data }) => {\n",
        "  const { seed, networks, distribution, ...rest } = data.settings;\n",
        "  const wanted = JSON.stringify(rest);\n",
        "  if (wanted !== key) { theory = model.predict(data.settings); key = wanted; }\n",
        "  postMessage({ ...data, theory, measured: model.measure(data.settings) });\n",
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
    show();
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
    worker.postMessage({ settings: { ...settings }, began: performance.now() });
  }

  function next() {
    busy = false;
    if (waiting) request();
  }

  // --- Controls --------------------------------------------------------------------------------

  function control(field) {
    const id = `lab-${field.key}`;
    if (field.choices) {
      const options = Object.entries(field.choices).map(
        ([value, label]) => `<option value="${value}">${label}</option>`,
      );
      return `<div class="lab-field" data-key="${field.key}"><label for="${id}">${field.label}</label>
        <select id="${id}">${options.join("")}</select></div>`;
    }
    const [low, high, step] = field.range;
    return `<div class="lab-field" data-key="${field.key}"><label for="${id}">${field.label}</label>
      <span class="lab-range"><input type="range" id="${id}" min="${low}" max="${high}" step="${step}">
      <output for="${id}"></output></span></div>`;
  }

  function build() {
    const visible = FIELDS.filter((field) => !field.hidden);
    host.innerHTML = `
      <div id="lab-problems" role="alert"></div>
      <form class="lab-controls" aria-label="What the network is made of">
        ${visible.map(control).join("")}
        <div class="lab-buttons">
          <button type="button" id="lab-again">Draw again</button>
          <button type="button" id="lab-reset">Reset</button>
          <label><input type="checkbox" id="lab-predict"> Predict first</label>
        </div>
      </form>
      <div id="lab-guess" hidden>
        <p id="lab-question"></p>
        <div role="group" aria-labelledby="lab-question">
          <button type="button" data-guess="grows">It grows: above 10</button>
          <button type="button" data-guess="stays">It stays: 0.1 to 10</button>
          <button type="button" data-guess="dies">It dies: below 0.1</button>
        </div>
      </div>
      <p id="lab-verdict" aria-live="polite"></p>
      <div id="lab-results">
        <div class="lab-pair">
          <div id="lab-forward"></div>
          <p id="lab-sentence" aria-live="polite"></p>
          <div id="lab-backward"></div>
        </div>
        <p class="lab-note" id="lab-key"></p>
        <div class="lab-pair"><div id="lab-cosine"></div><div id="lab-off"></div></div>
        <p class="lab-note">Cosine: between the activations of two inputs, which begin at 1/2.
          Off: units of the first network whose slope is below 5 % of the activation's steepest.
          Dead: off for each of 32 inputs. Histograms: the first network's activations for them.</p>
        <div class="lab-histograms" id="lab-histograms"></div>
        <details id="lab-numbers"><summary>The numbers, layer by layer</summary>
          <div class="lab-scroll" tabindex="0" role="region" aria-label="The numbers, layer by layer"><table></table></div>
        </details>
        <p class="lab-note" id="lab-note"></p>
      </div>
      <p class="lab-note"><a id="lab-link" href="lab.html">A link to this experiment</a></p>`;

    host.querySelector("form").addEventListener("input", (event) => {
      const field = FIELDS.find((candidate) => `lab-${candidate.key}` === event.target.id);
      if (!field || field.key === "predict") return;
      settings[field.key] = field.choices ? event.target.value : Number(event.target.value);
      change();
    });
    host.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
    byId("lab-again").addEventListener("click", () => {
      settings.seed = (settings.seed + 1) % 1000000;
      change(false);
    });
    byId("lab-reset").addEventListener("click", () => {
      Object.assign(settings, { ...defaults(), predict: settings.predict });
      change();
    });
    byId("lab-predict").addEventListener("change", (event) => {
      settings.predict = event.target.checked ? "1" : "0";
      change();
    });
    for (const button of host.querySelectorAll("[data-guess]")) {
      button.addEventListener("click", () => {
        guess = button.dataset.guess;
        const truth = fate(typicalEnd(latest.settings, latest.measured));
        verdict = `You said it ${guess}. It ${guess === truth ? "does" : truth}.`;
        show();
        byId("lab-verdict").setAttribute("tabindex", "-1");
        byId("lab-verdict").focus();
      });
    }
    let width = 0;
    new ResizeObserver(([entry]) => {
      if (latest && entry.contentRect.width !== width) show();
      width = entry.contentRect.width;
    }).observe(host);
  }

  const byId = (id) => document.getElementById(id);

  function say(id, text) {
    if (byId(id).textContent !== text) byId(id).textContent = text;
  }

  // Bring controls and address in step with the settings, and ask for a new picture.
  function change(forget = true) {
    if (forget) guess = null;
    for (const field of FIELDS) {
      const input = byId(`lab-${field.key}`);
      if (!input) continue;
      if (field.key === "predict") input.checked = settings.predict === "1";
      else input.value = settings[field.key];
      const holder = input.closest(".lab-field");
      if (holder) {
        holder.hidden = Boolean(field.used) && !field.used(settings);
        const output = holder.querySelector("output");
        if (output) output.textContent = settings[field.key];
      }
    }
    const address = query(settings);
    byId("lab-link").href = `lab.html${address && `?${address}`}`;
    try {
      history.replaceState(null, "", address ? `?${address}` : location.pathname);
    } catch (error) {
      if (error.name !== "SecurityError") throw error; // a page from a disk may not
    }
    request();
  }

  // --- Results -----------------------------------------------------------------------------------

  // Log-normal quantiles of single networks, two standard deviations either side.
  const band = (values, spreads, side) =>
    values.map((value, layer) => {
      const s = spreads[layer];
      return value * Math.exp((-s * s) / 2 + side * 2 * s);
    });

  function describe(networks, theory, what) {
    const last = networks[0].length - 1;
    const value = (layer) => number(median(networks.map((network) => network[layer])));
    const predicted = theory ? ` Theory says ${number(theory[0])} and ${number(theory[last])}.` : "";
    return `${what}: ${value(0)} at layer 1 and ${value(last)} at layer ${last + 1}, in the median of ${networks.length} network${networks.length === 1 ? "" : "s"}.${predicted}`;
  }

  function show() {
    const { settings: of, measured, theory } = latest;
    const hidden = settings.predict === "1" && guess === null;
    const banded = theory && theory.scale > 0 && of.init !== "orthogonal";
    host.setAttribute("aria-busy", String(busy));
    byId("lab-results").hidden = hidden;
    byId("lab-guess").hidden = !hidden;
    say("lab-verdict", guess === null ? "" : verdict);
    if (hidden) {
      say("lab-sentence", "");
      const layers = of.depth === 1 ? "one layer" : `${of.depth} layers`;
      say(
        "lab-question",
        `The signal begins with mean square 1. What is left of it after ${layers}, in the median network?`,
      );
      for (const id of ["forward", "backward", "cosine", "off", "histograms"]) {
        byId(`lab-${id}`).innerHTML = "";
      }
      host.querySelector("#lab-numbers table").innerHTML = "";
      return;
    }
    say("lab-sentence", sentences(of, measured, theory));

    host.dataset.init = of.init;
    const whole = byId("lab-results").clientWidth || 640;
    const two = whole > 640;
    host.classList.toggle("lab-wide", two);
    const size = { width: Math.floor(two ? (whole - 24) / 2 : whole), height: 260 };
    const end = typicalEnd(of, measured);
    const forwardTitle =
      end === Infinity
        ? `Forward: overflow at layer ${measured.overflow}`
        : `Forward: the signal ${finding(end)}`;
    const change = typicalChange(of, measured);
    const backwardTitle = end === Infinity
      ? "Backward: no gradient"
      : measured.backwardOverflow
        ? `Backward: overflow at layer ${measured.backwardOverflow}`
        : `Backward: the gradient ${finding(Number.isNaN(change) ? 0 : change)}`;
    const moment = (name, networks, title, what, yLabel) =>
      (byId(`lab-${name}`).innerHTML = lines({
        ...size,
        className: name,
        title,
        description: describe(networks, theory?.[name], what),
        xLabel: "layer",
        yLabel,
        networks,
        theory: theory?.[name],
        low: banded ? band(theory[name], theory[`${name}Spread`], -1) : undefined,
        high: banded ? band(theory[name], theory[`${name}Spread`], 1) : undefined,
        log: true,
      }));
    moment("forward", measured.forward, forwardTitle, "Mean square of the activations", "mean square of activations");
    moment("backward", measured.backward, backwardTitle, "Mean square of the gradients", "mean square of gradients");

    byId("lab-cosine").innerHTML = lines({
      ...size,
      className: "cosine",
      title: "Cosine between two inputs",
      description: describe(measured.cosine, theory?.cosine, "Cosine"),
      xLabel: "layer",
      yLabel: "cosine",
      networks: measured.cosine,
      theory: theory?.cosine,
      range: [Math.min(0, ...measured.cosine.flat().filter(Number.isFinite)), 1],
    });
    byId("lab-off").innerHTML = lines({
      ...size,
      className: "off",
      title: "Share of units off, and dead (dashed)",
      description: describe([measured.off], null, "Share of units whose slope is below 5 % of the steepest"),
      xLabel: "layer",
      yLabel: "share of units",
      networks: [measured.off, measured.dead],
      range: [0, 1],
    });
    byId("lab-histograms").innerHTML = Object.entries(measured.activations)
      .map(([layer, values]) =>
        histogram({
          width: Math.floor(two ? (whole - 48) / 3 : whole),
          height: 170,
          title: `Activations of layer ${layer}`,
          description: `Histogram of ${values.length} activations, mean square ${number(values.reduce((sum, v) => sum + v * v, 0) / values.length)}.`,
          xLabel: "activation",
          yLabel: "share",
          values,
        }),
      )
      .join("");
    legend(banded, theory, of);
    table(measured, theory);
    note(measured, of);
    host.dataset.state = query(of);
  }

  function legend(banded, theory, of) {
    const parts = ["Dots and thin lines: single networks, one number a layer. Titles: the median network; the sentence: the theory, where there is one."];
    if (theory) parts.push("Thick line: theory, for infinitely wide layers.");
    if (banded) {
      parts.push(
        "Band: where theory, to first order in 1/n, expects 95 % of networks at each layer; very narrow networks scatter further.",
      );
    }
    if (theory) parts.push(`Here n Var W = ${number(theory.scale, 3)}.`);
    if (of.init === "orthogonal") {
      parts.push("No band: it is for independent weights, and those of an orthogonal matrix are not.");
    }
    if (!theory) {
      parts.push("No theory: the book's is for random weights, and these are all the same.");
    }
    if (of.init === "lecun" || of.init === "xavier") {
      parts.push("Between equally wide layers LeCun's and Xavier's rule are the same, n Var W = 1.");
    }
    say("lab-key", parts.join(" "));
  }

  function table(measured, theory) {
    const heads = [
      "Layer",
      "Activations, median",
      "theory",
      "Gradients, median",
      "theory",
      "Cosine, median",
      "theory",
      "Off",
      "Dead",
    ];
    const cell = (value) => `<td>${Number.isFinite(value) ? number(value) : "–"}</td>`;
    const rows = measured.off.map((off, layer) => {
      const at = (networks) => median(networks.map((network) => network[layer]));
      return `<tr><th scope="row">${layer + 1}</th>${[
        at(measured.forward),
        theory?.forward[layer],
        at(measured.backward),
        theory?.backward[layer],
        at(measured.cosine),
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
        `Networks of ${of.depth} layers of ${of.width} units are large: ${measured.networks} of ${of.networks} were drawn.`,
      );
    }
    for (const [what, networks] of [["Activations", measured.forward], ["Gradients", measured.backward]]) {
      const count = networks.filter((network) => network.includes(0)).length;
      if (count) {
        parts.push(`${what} are exactly 0 at a layer of ${count} of ${networks.length} networks; a logarithmic axis cannot show that.`);
      }
    }
    say("lab-note", parts.join(" "));
  }

  build();
  say("lab-problems", problems.join(" "));
  change();
})();
