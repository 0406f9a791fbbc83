"use strict";

// What can be set in the lab, how an address spells it, and what is allowed.
const labSettings = (() => {
  const FIELDS = [
    {
      key: "init",
      label: "Initializer",
      fallback: "he",
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
    { key: "depth", label: "Depth, in layers", range: [1, 100, 1], fallback: 30 },
    { key: "width", label: "Width n, in units", range: [8, 512, 8], fallback: 128 },
    { key: "bias", label: "Bias, its deviation", range: [0, 2, 0.05], fallback: 0 },
    { key: "networks", label: "Networks drawn", range: [1, 20, 1], fallback: 10 },
    // Those that not every network has come last, so that no other field moves.
    {
      key: "std",
      label: "Size, in 1/√n",
      range: [0, 10, 0.01],
      fallback: 1,
      used: (s) => s.init === "std" || s.init === "constant",
    },
    {
      key: "distribution",
      label: "Distribution",
      fallback: "normal",
      choices: { normal: "normal", uniform: "uniform", truncated: "truncated normal" },
      used: (s) => !["zero", "constant", "orthogonal"].includes(s.init),
    },
    {
      key: "slope",
      label: "Slope below zero",
      range: [0, 1, 0.01],
      fallback: 0.2,
      used: (s) => s.activation === "leaky_relu",
    },
    { key: "seed", hidden: true, range: [0, 999999, 1], fallback: 1 },
    { key: "predict", hidden: true, choices: { 0: "no", 1: "yes" }, fallback: "0" },
  ];

  const defaults = () => Object.fromEntries(FIELDS.map((field) => [field.key, field.fallback]));

  // Read an address's query: the settings, and a sentence for each part that cannot be used.
  function parse(query) {
    const settings = defaults();
    const problems = [];
    for (const [key, value] of new URLSearchParams(query)) {
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

  // Write the settings that differ from the defaults as a query.
  function query(settings) {
    const parts = FIELDS.filter((field) => String(settings[field.key]) !== String(field.fallback));
    return parts.map((field) => `${field.key}=${settings[field.key]}`).join("&");
  }

  return { FIELDS, defaults, parse, query };
})();
