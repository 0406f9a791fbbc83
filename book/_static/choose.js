"use strict";

// The chooser: it picks from the table that the package wrote into the page, and formats. What the
// rules are, and why, is said in initcourse/choose.py alone.
{
  const { fields, rules, lines, reasons, words } = JSON.parse(
    document.getElementById("choose-table").textContent,
  );
  const host = document.getElementById("chooser");
  const settings = Object.fromEntries(fields.map((field) => [field.key, field.fallback]));

  // --- Conditions: of rules and lines the first that fits, of reasons every one -----------------

  const fits = ({ when }) =>
    Object.entries(when).every(([key, values]) =>
      key.startsWith("not ")
        ? !values.includes(settings[key.slice(4)])
        : values.includes(settings[key]),
    );
  const isUsed = (field) => !field.used || fits({ when: field.used });

  // Return the answer to the settings: what `initcourse.choose` returns.
  function answer() {
    const rule = rules.find(fits);
    const area = settings.layer === "convolution" ? settings.kernel * settings.kernel : 1;
    const [fanIn, fanOut] = [area * settings.inputs, area * settings.outputs];
    const factor = {
      fan_in: fanIn,
      average: (fanIn + fanOut / (settings.stride * settings.stride)) / 2,
      slope: 1 + settings.slope * settings.slope,
      branches: settings.branches,
    };
    const n = rule.factors.reduce((product, name) => product * factor[name], 1);
    const over = (parts) =>
      parts.length < 2
        ? [rule.shown, ...parts].join(" / ")
        : `${rule.shown} / (${parts.join(" · ")})`;
    const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
    const line = lines.find(fits);
    const code = Object.entries(rule.initializer).map(([name, text]) => [
      name,
      fill(line[name], { ...settings, initializer: fill(text, { ...settings, n }) }),
    ]);
    return {
      rule: rule.name,
      std: Math.sqrt(rule.scale / n),
      formula: over(rule.factors.map((name) => words[name])),
      variance: over(rule.factors.map((name) => String(factor[name]))),
      ...Object.fromEntries(code),
      reasons: reasons.filter(fits),
    };
  }

  // --- The address ------------------------------------------------------------------------------

  const allowed = ({ choices, range, whole }) =>
    choices
      ? Object.keys(choices).join(", ")
      : `a ${whole ? "whole " : ""}number from ${range[0]} to ${range[1]}`;

  // Return what a text sets a field to, or undefined if that is not allowed.
  function read({ choices, range, whole }, text) {
    if (choices) return Object.hasOwn(choices, text) ? text : undefined;
    const number = text.trim() === "" ? NaN : Number(text);
    const inside = number >= range[0] && number <= range[1];
    return inside && (!whole || Number.isInteger(number)) ? number : undefined;
  }

  // Read an address's query into the settings; return a sentence for each part that is of no use.
  function parse(query) {
    const problems = [];
    const given = [...new URLSearchParams(query)];
    for (const [key, text] of given) {
      const field = fields.find((candidate) => candidate.key === key);
      const value = field && read(field, text);
      if (!field) {
        const names = fields.map((known) => known.key).join(", ");
        problems.push(`The address sets “${key}”, which the page does not know. It knows ${names}.`);
      } else if (value === undefined) {
        problems.push(
          `The address asks for ${key}=${text}. Allowed is ${allowed(field)}. The answer is for ${settings[key]}.`,
        );
      } else settings[key] = value;
    }
    for (const field of fields.filter((known) => given.some(([key]) => key === known.key))) {
      if (!isUsed(field)) {
        problems.push(`The address sets ${field.key}, which makes no difference to this layer.`);
      }
    }
    return problems;
  }

  const query = () =>
    fields.filter(isUsed).map(({ key }) => `${key}=${settings[key]}`).join("&");

  // --- The page ---------------------------------------------------------------------------------

  const FRAMEWORKS = { pytorch: "PyTorch", keras: "Keras", jax: "JAX" };
  const byId = (id) => document.getElementById(`choose-${id}`);
  const of = ({ key }) => byId(key);

  function control({ key, label, choices, range, whole }) {
    const id = `choose-${key}`;
    const options = Object.entries(choices ?? {}).map(
      ([value, name]) => `<option value="${value}">${name}</option>`,
    );
    const input = choices
      ? `<select id="${id}">${options.join("")}</select>`
      : `<input type="number" id="${id}" min="${range[0]}" max="${range[1]}" step="${whole ? 1 : "any"}">`;
    return `<div class="choose-field"><label for="${id}">${label}</label>${input}</div>`;
  }

  function build() {
    const code = Object.entries(FRAMEWORKS).map(
      ([key, name]) => `<dt>${name}
        <button type="button" data-copy="${key}" aria-label="Copy the code for ${name}">Copy</button></dt>
        <dd><code id="choose-${key}"></code></dd>`,
    );
    host.innerHTML = `
      <form class="knobs" aria-label="Your layer">
        <div>${fields.filter(({ choices }) => choices).map(control).join("")}</div>
        <div>${fields.filter(({ choices }) => !choices).map(control).join("")}</div>
      </form>
      <div id="choose-problems" class="problems" role="alert"></div>
      <p class="choose-std" role="status">Standard deviation <output id="choose-std"></output>
        <span id="choose-rule"></span></p>
      <dl class="choose-code">${code.join("")}</dl>
      <ul id="choose-reasons" aria-label="Why"></ul>
      <p><a id="choose-link" href="choose.html">A link to this answer</a></p>`;
    host.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
    host.querySelector("form").addEventListener("input", ({ target }) => {
      const field = fields.find((candidate) => of(candidate) === target);
      const value = read(field, target.value);
      if (value === undefined) {
        const now = settings[field.key];
        tell([`${target.labels[0].textContent}: allowed is ${allowed(field)}. The answer is for ${now}.`]);
        return;
      }
      settings[field.key] = value;
      for (const other of fields.filter((known) => !isUsed(known))) {
        settings[other.key] = other.fallback;
      }
      tell([]);
      show();
      try {
        history.replaceState(null, "", `?${query()}`);
      } catch (error) {
        if (error.name !== "SecurityError") throw error; // a page from a disk may not
      }
    });
    for (const button of host.querySelectorAll("[data-copy]")) {
      button.hidden = !navigator.clipboard;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(byId(button.dataset.copy).textContent);
        button.textContent = "Copied";
        setTimeout(() => (button.textContent = "Copy"), 2000);
      });
    }
  }

  const tell = (problems) => (byId("problems").textContent = problems.join(" "));

  const short = (value) => (value === 0 ? "0" : String(Number(value.toPrecision(4))));

  function show() {
    for (const field of fields) {
      const input = of(field);
      input.labels[0].textContent = field.named?.[settings.layer] ?? field.label;
      input.closest(".choose-field").hidden = !isUsed(field);
      if (read(field, input.value) !== settings[field.key]) input.value = settings[field.key];
    }
    const found = answer();
    byId("std").textContent = short(found.std);
    byId("rule").textContent = found.formula === found.variance
      ? `${found.rule}: Var W = ${found.variance}`
      : `${found.rule}: Var W = ${found.formula} = ${found.variance}`;
    for (const name of Object.keys(FRAMEWORKS)) byId(name).textContent = found[name];
    byId("reasons").innerHTML = found.reasons
      .map(
        ({ text, section, claim }) =>
          `<li>${text} <a href="${section}">The section</a>, <a href="${claim}">the claim</a>.</li>`,
      )
      .join("");
    byId("link").href = `choose.html?${query()}`;
  }

  const all = document.getElementById("chooser-all");
  all.open = false; // the style sheet has kept it closed since the page began
  all.classList.add("ready");
  build();
  const problems = parse(location.search);
  for (const field of fields.filter((known) => !isUsed(known))) settings[field.key] = field.fallback;
  tell(problems);
  show();
}
