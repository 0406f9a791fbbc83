"use strict";

// The lab's sentences: what happens to the signal and to the gradient, and why. Every number in
// them comes from the theory where there is one, from the measurement where there is none.
const labWords = (() => {
  const { number } = labChart;
  const TINY = 1e-85; // a mean square whose root float32 cannot hold, with some room
  const RARE = 2; // beyond this spread of the logarithm 2.3 % of the networks hold half of the mean
  const HOMOGENEOUS = ["linear", "relu", "leaky_relu"]; // f(cx) = c f(x) for c > 0: every layer alike

  // What changes by less than a twentieth over all layers is said to be kept.
  const level = (change) => Math.abs(Math.log(change)) < Math.log(1.05);

  // A factor that is repeated needs more digits, and one close to 1 another.
  const times = (factor) => number(factor, Math.abs(factor - 1) < 0.01 ? 4 : 3);

  // A share of what there was: beside a factor that is not 1 it is not to be "1".
  const share = (part) => number(part, Math.abs(part - 1) < 0.05 ? 4 : 2);

  // What a product of many factors leaves, where a number is too small to be written.
  const left = (part) => (part === 0 ? "less than 10⁻³⁰⁰" : share(part));

  const reaches = (part) =>
    share(part) === "1" ? "as much reaches" : `${share(part)} ${part > 1 ? "times as much" : "of it"} reaches`;

  const median = (values) => {
    const sorted = values.filter((v) => !Number.isNaN(v)).sort((a, b) => a - b);
    const half = sorted.length / 2;
    return half ? (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2 : NaN;
  };

  const inBlocks = ({ branch }) => branch !== "none";
  const unitOf = (settings) => (inBlocks(settings) ? "block" : "layer");
  const plain = (settings) => !inBlocks(settings) && settings.norm === "none";

  // so many layers, or blocks
  function counted(settings, count = settings.depth) {
    const unit = unitOf(settings);
    return count === 1 ? `one ${unit}` : `${count} ${unit}s`;
  }

  // Zero weights, by their name or by the slider.
  const zeroed = ({ init, std }) =>
    init === "zero" || (["std", "constant", "orthogonal"].includes(init) && std === 0);

  // What one layer or block makes of the mean square, where every one makes the same of it.
  function factorOf({ activation, bias, init, norm }, theory) {
    const alike = HOMOGENEOUS.includes(activation) && bias === 0 && init !== "constant" && norm === "none";
    return alike ? theory.forward[0] : null;
  }

  const isOne = (factor) => factor !== null && Math.abs(factor - 1) < 1e-9;

  // What becomes of a signal that began with mean square 1.
  function fate(end) {
    if (!Number.isFinite(end) || end > 10) return "grows";
    return end < 0.1 ? "dies" : "stays";
  }

  // The same for a title: what stays within a factor of 10 need not stay level.
  function finding(end) {
    if (end === 0) return "dies, nothing of it is left";
    const word = fate(end);
    const drifts = word === "stays" && Math.abs(Math.log2(end)) > 1;
    return `${drifts ? "drifts" : word}, × ${number(end)}`;
  }

  // What to say to a guess: a fate, or a curve that was drawn to a power of ten.
  function verdictOn(said, power, end) {
    const truth = fate(end);
    const answer = said === truth ? "does" : truth;
    if (power === undefined) return `You said it ${said}. It ${answer}.`;
    const where = end === 0 ? ": nothing of it is left" : Number.isFinite(end) ? `, to ${number(end)}` : ", and overflows";
    return `You drew it to ${number(10 ** power, 2)}: it ${said}. It ${answer}${where} in the median network.`;
  }

  // The mean square of a layer in each network; one that has overflowed is beyond all others.
  const column = (networks, l) => networks.map((network) => (Number.isNaN(network[l]) ? Infinity : network[l]));

  // What is left of the signal in the typical one of the networks drawn.
  function typicalEnd({ depth }, { forward, lost }) {
    return lost ? 0 : median(column(forward, depth - 1));
  }

  // The gradients of the networks that send one back: those whose activations did not overflow.
  const sent = ({ backward }) => backward.filter((network) => !Number.isNaN(network.at(-1)));

  // By what the gradient changes from the last layer to the first, in the typical one of them.
  // Where nothing reaches the last layer, nothing reaches the first.
  function typicalChange({ depth }, measured) {
    const [first, last] = [0, depth - 1].map((l) => column(sent(measured), l));
    return median(first.map((value, k) => (last[k] === 0 ? 0 : value / last[k])));
  }

  function forwardSentence(settings, measured, theory) {
    const { activation, depth, bias, init } = settings;
    const unit = unitOf(settings);
    const layers = counted(settings);
    const factor = factorOf(settings, theory);
    const multiplied = times(factor ?? 1) === "1"
      ? `Each ${unit} hardly changes the mean square`
      : `Each ${unit} multiplies the mean square by ${times(factor)}`;
    if (measured.overflow) {
      const { networks, overflowed } = measured;
      const whose = networks === overflowed ? "" : `in ${overflowed} of ${networks} networks, `;
      const overflow = `activations overflowed ${whose}first at ${unit} ${measured.overflow}: one is beyond 3.4\u00a0·\u00a010³⁸, the largest number of float32.`;
      return factor === null ? `The ${overflow}` : `${multiplied}. The ${overflow}`;
    }
    if (!theory) {
      const where = inBlocks(settings) ? "branch" : "layer";
      const what = bias > 0
        ? `All units of a ${where} receive the same sum, and only their biases differ`
        : `All units of a ${where} compute the same number, whatever the constant is: ${settings.width} copies`;
      const found = number(median(column(measured.forward, depth - 1)));
      const whose = measured.lost ? ", and nothing of it is the input's" : "";
      return `${what}. In the ${measured.networks === 1 ? "network drawn" : "median network"} the mean square after ${layers} is ${found}${whose}.`;
    }
    const end = theory.forward[depth - 1];
    if (zeroed(settings)) {
      if (inBlocks(settings)) return "Zero weights add nothing: the stream leaves with the mean square with which it came.";
      if (end === 0) return "Zero weights pass nothing on: the first layer already gives 0.";
      return `Zero weights pass nothing on. What is left, ${number(end)}, knows only the ${bias > 0 ? "biases" : "activation's value at 0"}, and nothing of the input.`;
    }
    if (settings.norm !== "none") return normalizedSentence(settings, theory);
    if (isOne(factor)) {
      const drawn = measured.networks === 1 ? "the one drawn" : `the median of the ${measured.networks} drawn`;
      const rare = init !== "orthogonal" && theory.forwardSpread[depth - 1] > RARE ? ", half of it held by fewer than one network in forty," : "";
      return `On average each ${unit} keeps the mean square: after ${layers} the expected mean square is still 1${rare} and ${drawn} has ${number(typicalEnd(settings, measured))}.`;
    }
    if (factor > 1) return `${multiplied}: after ${layers} it is ${share(end)}.`;
    if (factor !== null) {
      const half = Math.abs(factor - 0.5) < 1e-9;
      return `${half ? `Each ${unit} keeps half of the mean square` : multiplied}: after ${layers} ${left(end) === "1" ? "all" : left(end)} of the signal is left.`;
    }
    if (settled(theory.forward)) {
      return `The mean square settles at ${number(end)}, which a ${unit} maps to itself.`;
    }
    const before = theory.forward[depth - 2] ?? 1;
    const after = `After ${layers} the mean square is ${left(end)}.`;
    if (before === 0 || activation === "sigmoid") return after; // which adds 1/2, whatever it reads
    if (inBlocks(settings)) return `${after} ${depth === 1 ? "The block" : "The last block"} adds ${number(end - before)}.`;
    if (bias > 0) return after; // of which a part is not of the input either
    const last = depth === 1 ? "The layer" : "The last layer";
    const taken = end / before / theory.scale;
    return `${after} ${last} multiplies it by n Var W = ${number(theory.scale, 3)}, and its activation by ${times(taken)}.`;
  }

  // Layer normalization sets the mean square, in front of what it normalizes or behind it.
  function normalizedSentence(settings, theory) {
    const { depth, norm } = settings;
    const end = theory.forward[depth - 1];
    if (!inBlocks(settings)) {
      return norm === "before"
        ? `In front of every activation the mean square is set to 1, whatever the size is: a layer hands on ${number(end)}.`
        : "Behind every layer the mean square is set to 1, whatever the size is.";
    }
    return norm === "before"
      ? `What a branch reads is set to mean square 1: each block adds ${number(theory.forward[0] - 1)} to the stream, however large it is. After ${counted(settings)} it is ${number(end)}.`
      : "Behind every block the stream is set back to mean square 1.";
  }

  // Whether a course has come to within a hundredth of its limit: its steps, which shrink by the
  // ratio of the last two, have no more to add.
  function settled(course) {
    const [first, second, third] = course.slice(-3);
    if (third === undefined) return false;
    const [step, ratio] = [third - second, (third - second) / (second - first)];
    const near = (distance) => Math.abs(distance) < 0.01 * third;
    return Math.abs(step) < 1e-14 * third || (Math.abs(ratio) < 0.99 && near(step) && near(step * ratio / (1 - ratio)));
  }

  // Where theory expects the typical network at less than half of the mean, or where it was drawn
  // at less than half of what theory says of wide layers, or at more than twice: what was drawn.
  function scatterSentence(settings, measured, theory) {
    const { depth, init, width } = settings;
    if (!theory || measured.overflow || measured.backwardOverflow || zeroed(settings)) return "";
    const [end, change] = [typicalEnd(settings, measured), typicalChange(settings, measured)];
    const told = [theory.forward[depth - 1], theory.backward[0]];
    const bottom = median(measured.backward.map((network) => network[0]));
    const gone = [end, bottom].map((drawn, k) => drawn === 0 && told[k] < TINY);
    const what = gone.every(Boolean) ? "signal and gradient are" : gone[0] ? "signal is" : "gradient is";
    const small = gone.some(Boolean) ? `Below 1.4\u00a0·\u00a010⁻⁴⁵ float32 holds only 0: the drawn ${what} gone.` : "";
    const off = (drawn, expected) => Math.abs(Math.log(drawn / expected)) > Math.LN2;
    const known = plain(settings) && init !== "orthogonal";
    const wide = (spread) => known && Math.exp((-spread * spread) / 2) <= 0.5;
    const found = [];
    if (!gone[0] && (wide(theory.forwardSpread[depth - 1]) || off(end, told[0]))) found.push(`the signal ends at ${number(end)}`);
    if (!gone[1] && depth > 1 && (wide(theory.backwardSpread[0]) || off(change, told[1] / theory.backward[depth - 1]))) {
      found.push(`the gradient changes by the factor ${number(change)}`);
    }
    if (found.length === 0) return small;
    const { networks } = measured;
    const drawn = networks === 1 ? "the one network" : `the median of the ${networks} networks`;
    return [small, `But layers of ${width} units scatter: in ${drawn} drawn ${found.join(", and ")}.`].filter(Boolean).join(" ");
  }

  function backwardSentence(settings, measured, theory) {
    const { depth } = settings;
    const { networks, overflowed, backwardOverflow, backwardOverflowed } = measured;
    if (overflowed === networks) return "So there is no gradient to send back.";
    if (backwardOverflow) {
      const whose = backwardOverflowed === networks ? "" : `in ${backwardOverflowed} of ${networks} networks, `;
      return `The gradients overflowed on their way down, ${whose}first at ${unitOf(settings)} ${backwardOverflow}.`;
    }
    if (overflowed && depth > 1) {
      const others = networks - overflowed;
      const which = others === 1 ? "In the one other network" : `In the median of the ${others} other networks`;
      return `${which} the gradient changes by the factor ${number(typicalChange(settings, measured))}.`;
    }
    if (zeroed(settings) && inBlocks(settings)) {
      const change = typicalChange(settings, measured);
      return `The gradient passes, too${level(change) ? "" : `; the first normalization multiplies it by ${number(change)}`}.`;
    }
    if (zeroed(settings) && depth > 1) return "No gradient passes a layer of zeros either.";
    if (!theory || depth === 1) return "";
    const [first, last] = [theory.backward[0], theory.backward[depth - 1]];
    const unit = unitOf(settings);
    if (first === 0) return `Of the gradient ${left(first)} reaches the first ${unit}.`;
    const factor = (first / last) ** (1 / (depth - 1));
    const repeated = factorOf(settings, theory) !== null;
    if (repeated && isOne(factor)) return `On the way back each ${unit} keeps the gradient's expected mean square, too.`;
    if (!inBlocks(settings) && settings.norm === "before" && depth > 2) return unlikeSentence(settings, theory);
    if (repeated && times(factor) === "1") return `On the way back the ${unit}s keep the gradient.`;
    if (repeated) {
      const often = depth === 2 ? "once" : depth === 3 ? "twice" : `${depth - 1} times`;
      return `The gradient meets the same factor ${often} on its way back: ${reaches(first / last)} the first ${unit}.`;
    }
    // Between its ends it may lie above both of them, or below; where they are level, they are one.
    const ends = level(first / last) ? [last] : [first, last];
    const above = Math.max(...theory.backward) / Math.max(...ends);
    const below = Math.min(...theory.backward) / Math.min(...ends);
    const course = !level(above) ? "rises and falls" : !level(below) ? "falls and rises" : "";
    if (course) return `On the way back the gradient's mean square ${course}: ${reaches(first / last)} the first ${unit}.`;
    if (level(first / last)) return `On the way back the ${unit}s keep the gradient.`;
    if (inBlocks(settings)) return `The gradient's mean square at the first block is ${number(first / last)} times that at the last.`;
    if (!plain(settings)) return `On the way back a layer multiplies the gradient's mean square by ${times(factor)} on average: ${reaches(first / last)} the first.`;
    return `On the way back a layer multiplies the gradient's mean square by ${times(factor)} on average, n Var W times the mean squared slope: ${reaches(first / last)} the first.`;
  }

  // What layer normalization divides by is of another size in the first layer, which reads the input.
  function unlikeSentence({ depth }, { backward }) {
    const [first, second, last] = [backward[0], backward[1], backward[depth - 1]];
    const kept = backward.slice(1).every((q) => level(q / last));
    if (kept && level(first / last)) return "On the way back the layers keep the gradient.";
    const each = (second / last) ** (1 / (depth - 2));
    const inner = kept ? "keep the gradient" : `multiply the gradient's mean square by about ${times(each)} each`;
    return `On the way back the layers above the first ${inner}; the first multiplies it by ${times(first / second)}: ${reaches(first / last)} the first.`;
  }

  function repairSentence(settings, measured, theory) {
    const { init, activation, bias, slope, depth } = settings;
    if (zeroed(settings) || init === "constant") {
      if (bias > 0) return "";
      if (zeroed(settings) && inBlocks(settings) && activation !== "sigmoid") {
        return "But both matrices of a branch are zero, so neither gets a gradient: begin with zeros in the last one alone.";
      }
      if (depth === 1) return "";
      return "Equal hidden units stay equal in training. Random weights tell them apart.";
    }
    if (!theory) return "";
    const arrives = measured.overflowed < measured.networks;
    const factor = factorOf(settings, theory);
    if (isOne(factor)) return "";
    if (factor !== null && inBlocks(settings)) {
      const divided = (1 + (factor - 1) / depth) ** depth;
      if (settings.branch !== "one" || depth === 1 || !arrives || level(divided)) return "";
      return `With its branches divided by √L, here ${number(Math.sqrt(depth), 3)}, it would grow to ${number(divided)}.`;
    }
    if (factor !== null) {
      const size = Math.sqrt(theory.scale);
      if (Math.abs(size - size / Math.sqrt(factor)) < 0.005) return ""; // it is set already
      if (activation === "linear") {
        return "Without an activation a size of 1 repairs it, LeCun's and Xavier's rule.";
      }
      if (activation === "relu") return "ReLU keeps half: He's factor 2, a size of 1.41, repairs it.";
      const kept = (1 + slope * slope) / 2;
      return `The activation keeps ${number(kept, 3)}: a size of ${number(Math.sqrt(1 / kept), 3)} repairs it, He's rule with the slope.`;
    }
    const alike = theory.cosine[depth - 1];
    const drawn = measured.cosine.map((network) => network[depth - 1]).filter((cosine) => !Number.isNaN(cosine));
    if (2 * drawn.length > measured.networks && alike > 0.99 && median(drawn) > 0.98) {
      return `Two different inputs arrive with cosine ${alike > 0.9995 ? "1.00" : alike.toFixed(3)}: the network can hardly tell them apart.`;
    }
    return "";
  }

  // The signal's sentence comes first.
  function sentences(settings, measured, theory) {
    return [forwardSentence, backwardSentence, scatterSentence, repairSentence]
      .map((sentence) => sentence(settings, measured, theory))
      .filter(Boolean)
      .map((sentence) => sentence.replaceAll("n Var W = ", "n\u00a0Var\u00a0W\u00a0=\u00a0"));
  }

  return { column, counted, fate, finding, median, plain, sent, sentences, typicalChange, typicalEnd, unitOf, verdictOn };
})();
