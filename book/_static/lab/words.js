"use strict";

// The lab's sentences: what happens to the signal and to the gradient, and why. Every number in
// them comes from the theory where there is one, from the measurement where there is none.
const labWords = (() => {
  const HOMOGENEOUS = ["linear", "relu", "leaky_relu"]; // f(cx) = c f(x) for c > 0: every layer alike

  // A number as people read it: 0.48, 3.1, 2.2 · 10⁻⁹
  function number(value) {
    if (!Number.isFinite(value)) return "–"; // not defined: the cosine of a signal that is 0
    if (value === 0) return "0";
    const exponent = Math.floor(Math.log10(Math.abs(value)));
    if (exponent >= -2 && exponent < 4) return String(Number(value.toPrecision(2)));
    const digits = Number((value / 10 ** exponent).toPrecision(2));
    if (digits === 10) return labChart.power(exponent + 1);
    return digits === 1 ? labChart.power(exponent) : `${digits} · ${labChart.power(exponent)}`;
  }

  // A factor close to 1 needs another digit.
  const times = (factor) =>
    Math.abs(factor - 1) < 0.1 ? String(Number(factor.toPrecision(3))) : number(factor);

  const reaches = (share) =>
    share > 1 ? `${number(share)} times as much reaches` : `${number(share)} of it reaches`;

  const median = (values) => {
    const sorted = values.filter((v) => !Number.isNaN(v)).sort((a, b) => a - b);
    return sorted.length ? sorted[Math.floor(sorted.length / 2)] : NaN;
  };

  // Zero weights, by their name or by the slider.
  const zeroed = ({ init, std }) => init === "zero" || (init === "std" && std === 0);

  // What one layer makes of the mean square, where every layer makes the same of it.
  function factorOf({ activation, bias, init }, theory) {
    const alike = HOMOGENEOUS.includes(activation) && bias === 0 && init !== "constant";
    return alike ? theory.forward[0] : null;
  }

  const isOne = (factor) => factor !== null && Math.abs(factor - 1) < 1e-9;

  // What becomes of a signal that began with mean square 1.
  function fate(end) {
    if (!Number.isFinite(end) || end > 10) return "grows";
    return end < 0.1 ? "dies" : "stays";
  }

  // What is left of the signal in the typical one of the networks drawn.
  function typicalEnd({ depth }, measured) {
    if (measured.overflow) return Infinity;
    return median(measured.forward.map((network) => network[depth - 1]));
  }

  function forwardSentence(settings, measured, theory) {
    const { depth, init, bias } = settings;
    const layers = depth === 1 ? "one layer" : `${depth} layers`;
    const factor = factorOf(settings, theory);
    const multiplied = `Each layer multiplies the mean square by ${times(factor ?? 1)}`;
    if (measured.overflow) {
      const overflow = `activations overflowed at layer ${measured.overflow}: they left what float32 can hold, 3.4 · 10³⁸.`;
      return factor === null ? `The ${overflow}` : `${multiplied}. The ${overflow}`;
    }
    const end = theory ? theory.forward[depth - 1] : typicalEnd(settings, measured);
    if (init === "constant") {
      return `All units of a layer compute the same number, whatever the constant is: a layer of ${settings.width} copies. After ${layers} its mean square is ${number(end)}.`;
    }
    if (zeroed(settings)) {
      if (end === 0) return "Zero weights pass nothing on: the first layer already gives 0.";
      return `Zero weights pass nothing on. What is left, ${number(end)}, knows only the ${bias > 0 ? "biases" : "activation's value at 0"}, and nothing of the input.`;
    }
    if (isOne(factor)) {
      return `Each layer keeps the mean square: after ${layers} the expected signal is still 1.`;
    }
    if (factor > 1) return `${multiplied}: after ${layers} it is ${number(end)}.`;
    if (factor !== null) {
      const half = Math.abs(factor - 0.5) < 1e-9;
      return `${half ? "Each layer keeps half of the mean square" : multiplied}: after ${layers} ${number(end)} of the signal is left.`;
    }
    const before = theory.forward[depth - 2] ?? 1;
    const settled = depth > 1 && Math.abs(end / before - 1) < 0.005;
    if (settled) return `The mean square settles at ${number(end)}, which a layer maps to itself.`;
    const after = `After ${layers} the mean square is ${number(end)}.`;
    const last = depth === 1 ? "The layer" : "The last layer";
    if (bias > 0) return `${after} ${last} multiplies it by ${times(end / before)}.`;
    const kept = end / before / theory.scale;
    return `${after} ${last} multiplies it by n Var W = ${number(theory.scale)}, and the activation keeps ${times(kept)} of that.`;
  }

  // Where theory expects the typical network at less than half of the mean.
  function scatterSentence(settings, measured, theory) {
    const { depth, init, width } = settings;
    if (!theory || init === "orthogonal" || measured.overflow || measured.networks < 3) return "";
    if (Math.exp(-(theory.forwardSpread[depth - 1] ** 2) / 2) > 0.5) return "";
    const typical = typicalEnd(settings, measured);
    return `But layers of ${width} units scatter: in the median of the ${measured.networks} networks drawn it is ${number(typical)}.`;
  }

  function backwardSentence(settings, measured, theory) {
    const { depth } = settings;
    if (measured.overflow) return "So there is no gradient to send back.";
    if (measured.backwardOverflow) {
      return `The gradients overflowed at layer ${measured.backwardOverflow} on their way down.`;
    }
    if (zeroed(settings) && depth > 1) return "No gradient passes a layer of zeros either.";
    if (!theory || depth === 1) return "";
    const [first, last] = [theory.backward[0], theory.backward[depth - 1]];
    if (first === 0) return "No gradient reaches the first layer.";
    const factor = (first / last) ** (1 / (depth - 1));
    if (factorOf(settings, theory) !== null) {
      if (isOne(factor)) return "On the way back each layer keeps the gradient's expected mean square, too.";
      return `The gradient meets the same factor on its way back: ${reaches(first / last)} the first layer.`;
    }
    if (Math.abs(factor - 1) < 0.005) return "On the way back the layers keep the gradient.";
    return `On the way back a layer multiplies the gradient's mean square by about ${times(factor)}, n Var W times the mean squared slope: ${reaches(first / last)} the first.`;
  }

  function repairSentence(settings, measured, theory) {
    const { init, activation, slope, depth } = settings;
    if (zeroed(settings) || init === "constant") {
      return "Equal units stay equal in training. Random weights tell them apart.";
    }
    if (!theory) return "";
    const factor = factorOf(settings, theory);
    if (isOne(factor)) return "";
    if (factor !== null) {
      if (activation === "linear") {
        return "Without an activation n Var W = 1 repairs it, LeCun's and Xavier's rule.";
      }
      if (activation === "relu") return "ReLU keeps half: He's factor 2, n Var W = 2, repairs it.";
      const kept = (1 + slope * slope) / 2;
      return `The activation keeps ${number(kept)}: n Var W = ${number(1 / kept)} repairs it, He's rule with the slope.`;
    }
    const alike = theory.cosine[depth - 1];
    if (alike > 0.99) {
      return `Two different inputs arrive with cosine ${alike > 0.9995 ? "1.00" : alike.toFixed(3)}: the network can hardly tell them apart.`;
    }
    return "";
  }

  function sentences(settings, measured, theory) {
    return [forwardSentence, scatterSentence, backwardSentence, repairSentence]
      .map((sentence) => sentence(settings, measured, theory))
      .filter(Boolean)
      .join(" ");
  }

  return { fate, median, number, sentences, typicalEnd };
})();
