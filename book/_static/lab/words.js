"use strict";

// The lab's sentences: what happens to the signal and to the gradient, and why. Every number in
// them comes from the theory where there is one, from the measurement where there is none.
const labWords = (() => {
  const HOMOGENEOUS = ["linear", "relu", "leaky_relu"]; // f(cx) = c f(x) for c > 0: every layer alike

  // A number as people read it: 0.48, 3.1, 2 · 10⁻⁹
  function number(value) {
    if (!Number.isFinite(value)) return "–"; // not defined: the cosine of a signal that is 0
    if (value === 0) return "0";
    const exponent = Math.floor(Math.log10(Math.abs(value)));
    if (exponent >= -2 && exponent < 4) return String(Number(value.toPrecision(2)));
    const digits = Number((value / 10 ** exponent).toPrecision(1));
    if (digits === 10) return labChart.power(exponent + 1);
    return digits === 1 ? labChart.power(exponent) : `${digits} · ${labChart.power(exponent)}`;
  }

  const reaches = (share) =>
    share > 1 ? `${number(share)} times as much reaches` : `${number(share)} of it reaches`;

  const median = (values) => {
    const sorted = values.filter((v) => !Number.isNaN(v)).sort((a, b) => a - b);
    return sorted.length ? sorted[Math.floor(sorted.length / 2)] : NaN;
  };

  // What becomes of a signal that began with mean square 1.
  function fate(end) {
    if (!Number.isFinite(end) || end > 10) return "grows";
    return end < 0.1 ? "dies" : "stays";
  }

  function forwardEnd(settings, measured, theory) {
    if (measured.overflow) return Infinity;
    if (theory) return theory.forward[settings.depth - 1];
    return median(measured.forward.map((network) => network[settings.depth - 1]));
  }

  function forwardSentence(settings, measured, theory) {
    const { depth, init, activation, bias } = settings;
    const layers = depth === 1 ? "one layer" : `${depth} layers`;
    if (measured.overflow) {
      return `The activations overflowed at layer ${measured.overflow}: they left what float32 can hold, 3.4 · 10³⁸.`;
    }
    const end = forwardEnd(settings, measured, theory);
    if (init === "constant") {
      return `All units of a layer compute the same number, whatever the constant is: a layer of ${settings.width} copies. After ${layers} its mean square is ${number(end)}.`;
    }
    if (init === "zero") {
      if (end === 0) return "Zero weights pass nothing on: the first layer already gives 0.";
      return `Zero weights pass nothing on. What is left, ${number(end)}, knows only the ${bias > 0 ? "biases" : "activation's value at 0"}, and nothing of the input.`;
    }
    if (HOMOGENEOUS.includes(activation) && bias === 0) {
      const factor = theory.forward[0];
      if (Math.abs(factor - 1) < 1e-9) {
        return `Each layer keeps the mean square: after ${layers} the expected signal is still 1.`;
      }
      const kept = Math.abs(factor - 0.5) < 1e-9 ? "keeps half of" : `multiplies by ${number(factor)}`;
      return `Each layer ${kept} the mean square: after ${layers} ${number(end)} of the signal is left.`;
    }
    const before = theory.forward[depth - 2] ?? 1;
    const settled = depth > 1 && Math.abs(end / before - 1) < 0.005;
    const course = settled
      ? `The mean square settles at ${number(end)}`
      : `After ${layers} the mean square is ${number(end)}, and the last layer ${end < before ? "shrinks" : "raises"} it by the factor ${number(end / before)}`;
    return `${course}.`;
  }

  function backwardSentence(settings, measured, theory) {
    const { depth, init, activation, bias } = settings;
    if (measured.overflow) return "So there is no gradient to send back.";
    if (measured.backwardOverflow) {
      return `The gradients overflowed at layer ${measured.backwardOverflow} on their way down.`;
    }
    if (init === "zero" && depth > 1) return "No gradient passes a layer of zeros either.";
    if (!theory || depth === 1) return "";
    const [first, last] = [theory.backward[0], theory.backward[depth - 1]];
    if (first === 0) return "No gradient reaches the first layer.";
    const factor = (first / last) ** (1 / (depth - 1));
    if (HOMOGENEOUS.includes(activation) && bias === 0) {
      if (Math.abs(factor - 1) < 1e-9) return "They keep the gradient's, on its way back, too.";
      return `The gradient meets the same factor on its way back: ${reaches(first / last)} the first layer.`;
    }
    if (Math.abs(factor - 1) < 0.005) return "On the way back the layers keep the gradient.";
    return `On the way back a layer multiplies the gradient's mean square by ${number(factor)}: ${reaches(first / last)} the first.`;
  }

  function repairSentence(settings, measured, theory) {
    const { init, activation, bias, slope, depth } = settings;
    if (init === "zero" || init === "constant") {
      return "Equal units stay equal in training. Random weights tell them apart.";
    }
    if (!theory) return "";
    if (HOMOGENEOUS.includes(activation) && bias === 0) {
      if (Math.abs(theory.forward[0] - 1) < 1e-9) return "";
      const kept = { linear: 1, relu: 0.5, leaky_relu: (1 + slope * slope) / 2 }[activation];
      const name = activation === "linear" ? "LeCun's and Xavier's rule" : "He's factor 2";
      if (activation === "leaky_relu") return `The activation keeps ${number(kept)}: n Var W = ${number(1 / kept)} repairs it, He's rule with the slope.`;
      return `The activation keeps ${number(kept)}: ${name}, n Var W = ${number(1 / kept)}, repairs it.`;
    }
    const alike = theory.cosine[depth - 1];
    if (alike > 0.99) {
      return `But two different inputs arrive with cosine ${alike > 0.9995 ? "1.00" : alike.toFixed(3)}: the network can hardly tell them apart.`;
    }
    return "";
  }

  function sentences(settings, measured, theory) {
    return [forwardSentence, backwardSentence, repairSentence]
      .map((sentence) => sentence(settings, measured, theory))
      .filter(Boolean)
      .join(" ");
  }

  return { fate, forwardEnd, median, number, sentences };
})();
