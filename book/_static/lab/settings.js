"use strict";

// What can be set in the lab, how an address spells it, and what is allowed.
const labSettings = (() => {
  const FIELDS = [
    {
      key: "init",
      label: "Initializer",
      fallback: "xavier",
      choices: {
        zero: "zero",
        constant: "constant",
        lecun: "LeCun",
        xavier: "Xavier",
        he: "He",
        orthogonal: "orthogonal",
        std: "free size",
      },
    },
    {
      key: "activation",
      label: "Activation",
      fallback: "relu",
      choices: {
        linear: "linear",
        tanh: "tanh",
        relu: "ReLU",
        leaky_relu: "leaky ReLU",
        sigmoid: "sigmoid",
        selu: "SELU",
        gelu: "GELU",
        silu: "SiLU",
      },
    },
    {
      key: "slope",
      label: "Its slope below zero",
      range: [0, 1, 0.01],
      fallback: 0.2,
      used: (s) => s.activation === "leaky_relu",
    },
    {
      key: "branch",
      label: "Residual branch",
      fallback: "none",
      choices: { none: "none", one: "added as it is", root: "divided by √L", inverse: "divided by L" },
    },
    {
      key: "norm",
      label: "Layer normalization",
      fallback: "none",
      choices: { none: "none", before: "before", after: "after" },
    },
    { key: "depth", label: "Layers or blocks L", range: [1, 100, 1], fallback: 30 },
    { key: "width", label: "Units n of a layer", range: [8, 512, 8], fallback: 128 },
    {
      key: "distribution",
      label: "Distribution",
      fallback: "normal",
      choices: { normal: "normal", uniform: "uniform", truncated: "truncated normal" },
    },
    { key: "bias", label: "Size of the biases", range: [0, 2, 0.05], fallback: 0 },
    { key: "networks", label: "Networks drawn", range: [1, 20, 1], fallback: 10 },
    { key: "std", label: "Size of the weights, exactly", range: [0, 10, 0.01], fallback: 1 },
    { key: "seed", hidden: true, range: [0, 999999, 1], fallback: 1 },
    { key: "predict", hidden: true, choices: { 0: "no", 1: "yes" }, fallback: "0" },
  ];

  const defaults = () => Object.fromEntries(FIELDS.map((field) => [field.key, field.fallback]));

  // Read an address's query: the settings, and a sentence for each part that cannot be used.
  function parse(query) {
    const settings = defaults();
    const problems = [];
    const parts = new URLSearchParams(query);
    if ([...parts].length && !parts.has("init")) settings.init = "he"; // where the lab once began
    for (const [key, value] of parts) {
      const field = FIELDS.find((candidate) => candidate.key === key);
      if (!field) {
        const names = FIELDS.map((candidate) => candidate.key).join(", ");
        problems.push(`The address sets “${key}”, which the lab does not know. It knows ${names}.`);
      } else if (field.choices) {
        if (Object.hasOwn(field.choices, value)) settings[key] = value;
        else problems.push(unusable(key, value, Object.keys(field.choices).join(", "), field));
      } else {
        const [low, high, step] = field.range;
        const number = Number(value);
        const whole = step !== 1 || Number.isInteger(number);
        if (value.trim() !== "" && number >= low && number <= high && whole) settings[key] = number;
        else problems.push(unusable(key, value, `${step === 1 ? "a whole number" : "a number"} from ${low} to ${high}`, field));
      }
    }
    return { settings, problems };
  }

  const unusable = (key, value, allowed, field) =>
    `The address asks for ${key}=${value}. Allowed is ${allowed}. The lab uses ${field.fallback}.`;

  // Write the settings that differ from the defaults, and their initializer, as a query.
  function query(settings) {
    const differs = (field) => String(settings[field.key]) !== String(field.fallback);
    if (!FIELDS.some(differs)) return "";
    const parts = FIELDS.filter((field) => field.key === "init" || differs(field));
    return parts.map((field) => `${field.key}=${settings[field.key]}`).join("&");
  }

  return { FIELDS, defaults, parse, query };
})();
