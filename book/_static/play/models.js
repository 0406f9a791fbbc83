"use strict";

// What the small labs compute. Nothing here knows the page; tests hold it against the package.
const playModels = (() => {
  const { activation, generator, mean, predict } = labModel();

  // The mean square of N(0, 1) that is left behind a leaky ReLU.
  const kept = (slope) => (1 + slope * slope) / 2;

  // The mean square of one network, layer by layer, without its matrices: weights of variance
  // scale/n turn a signal of mean square q into independent N(0, scale q), and an activation that
  // is linear on both sides of 0 lets the factor through.
  function chain({ name, slope = 0, depth, width, scale, seed }) {
    const [f] = activation(name, slope);
    const random = generator(seed);
    const draws = new Float64Array(width);
    const signal = [];
    for (let l = 0, q = 1; l < depth; l++) {
      let sum = 0;
      for (const z of random.normal(draws)) sum += f(z) ** 2;
      q *= (scale * sum) / width;
      signal.push(q);
    }
    return signal;
  }

  // The mean first loss of a network with logits of N(0, spread²): E ln Σ exp(a), by the integral
  // ln S = ∫ exp(-e^u) - exp(-S e^u) du.
  function firstLoss(spread, classes) {
    const nodes = [];
    for (let z = -7; z <= 7; z += 0.05) nodes.push([Math.exp(spread * z), Math.exp((-z * z) / 2)]);
    const total = nodes.reduce((sum, [, w]) => sum + w, 0);
    const step = 0.1 + spread / 40;
    let loss = 0;
    for (let u = -8 * spread - 12 - Math.log(classes); u < 5 * spread + 6; u += step) {
      const t = Math.exp(u);
      const one = nodes.reduce((sum, [x, w]) => sum + w * Math.exp(-t * x), 0) / total;
      loss += step * (Math.exp(-t) - one ** classes);
    }
    return loss;
  }

  // What an output layer answers to one image: its shares of the classes.
  function softmax(logits) {
    const top = Math.max(...logits);
    const shares = logits.map((a) => Math.exp(a - top));
    const total = shares.reduce((sum, share) => sum + share, 0);
    return shares.map((share) => share / total);
  }

  const normals = (count, seed) => Array.from(generator(seed).normal(new Float64Array(count)));

  // What a matrix makes of a mean square on the way up and of a gradient's on the way down.
  function ways(rule, nIn, nOut) {
    const variance = { xavier: 2 / (nIn + nOut), in: 1 / nIn, out: 1 / nOut }[rule];
    return { up: nIn * variance, down: nOut * variance };
  }

  // Sums of n arrows in random directions, as paths from 0.
  function arrows(sums, n, length, seed) {
    const random = generator(seed);
    return Array.from({ length: sums }, () => {
      let [x, y] = [0, 0];
      const angles = random.uniform(new Float64Array(n), Math.PI / Math.sqrt(3));
      return [[0, 0], ...Array.from(angles, (a) => [(x += length * Math.cos(a)), (y += length * Math.sin(a))])];
    });
  }

  // The factors on the mean square of pre-activations of variance 1, and of their gradients.
  function gains(name, gain) {
    const [f, slope] = activation(name, 0);
    return { forward: gain ** 2 * mean((z) => f(z) ** 2), backward: gain ** 2 * mean((z) => slope(z) ** 2) };
  }

  // Mean and variance of the activations of wide SELU layers, from those of the layer before.
  const [selu] = activation("selu", 0);

  function roll([center, variance], scale) {
    const std = Math.sqrt(scale * (variance + center ** 2));
    const first = mean((z) => selu(std * z));
    return [first, mean((z) => selu(std * z) ** 2) - first ** 2];
  }

  // The variance of a standard normal of which only |z| < cut is kept, by Simpson's rule.
  function tails(cut) {
    const steps = 400;
    let [second, total] = [0, 0];
    for (let k = 0; k <= steps; k++) {
      const z = (k / steps) * cut;
      const weight = (k === 0 || k === steps ? 1 : k % 2 ? 4 : 2) * Math.exp((-z * z) / 2);
      second += weight * z * z;
      total += weight;
    }
    return second / total;
  }

  // Along one side of an image with a border of zeros: the pixels that an output reads, and the
  // outputs that a pixel enters.
  function reads(size, kernel, stride, output) {
    const middle = output * stride;
    return range(size).filter((pixel) => Math.abs(pixel - middle) <= (kernel - 1) / 2);
  }

  function enters(size, kernel, stride, pixel) {
    return range(Math.ceil(size / stride)).filter((output) => reads(size, kernel, stride, output).includes(pixel));
  }

  // The mean square of one residual stream, block by block, without its matrices: given the stream,
  // the first matrix and ReLU leave a length, and the last matrix a normal vector of that length,
  // of which one part lies along the stream. `last` is n Var W of the last matrix.
  function stream({ blocks, width, last, seed }) {
    const random = generator(seed);
    const [inner, outer] = [new Float64Array(width), new Float64Array(width)];
    const signal = [1];
    for (let l = 0, q = 1; l < blocks; l++) {
      const square = random.normal(inner).reduce((sum, z) => sum + Math.max(z, 0) ** 2, 0);
      const each = Math.sqrt((last * 2 * square) / width / width); // of the entries of the branch
      const added = random.normal(outer).reduce((sum, z) => sum + z * z, 0);
      q *= 1 + 2 * each * outer[0] + each * each * added;
      signal.push(q);
    }
    return signal;
  }

  // How much the first step changes the loss at a start of zeros, relative to one block, if the
  // other matrices of a branch are multiplied by that power of the number of blocks.
  const firstStep = (power, matrices, blocks) => blocks ** (1 + 2 * power * (matrices - 1));

  // What a plain ReLU layer multiplies the mean square of a gradient by, for weights of variance
  // scale / n; under batch norm in large batches.
  const normed = (norm, scale) => ({ none: scale / 2, layer: 1, batch: Math.PI / (Math.PI - 1) })[norm];

  // The angle of each step of normalized weights, whose gradient stands at a right angle to them and
  // has the size 1 / ‖W‖, under weight decay.
  function turning({ size, rate, decay, steps }) {
    const [angles, kept] = [[], 1 - rate * decay];
    for (let t = 0, square = size * size; t < steps; t++) {
      const push = (rate * rate) / square;
      angles.push(Math.atan2(Math.sqrt(push), kept * Math.sqrt(square)));
      square = kept * kept * square + push;
    }
    return angles;
  }

  // The mean square of a decoder's stream behind each block, for so many different tokens: followed
  // are the covariances between positions. Weights have σ = 0.02, unless they are divided.
  function budget({ width, blocks, scaled, context = 64, std = 0.02 }) {
    const s = width * std * std;
    const out = (std * std) / (scaled ? 2 * blocks : 1);
    const table = geluProducts(s);
    const at = range(context);
    let cov = at.map((i) => at.map((j) => (i === j ? 2 * std * std : 0)));
    const signal = [2 * std * std];
    for (let l = 0; l < blocks; l++) {
      const average = averages(correlations(cov));
      cov = cov.map((row, i) => row.map((c, j) => c + s * width * out * (average.mixed[i][j] + (i === j ? focus(average.within[i], i + 1, s) : 0))));
      const alike = correlations(cov);
      cov = cov.map((row, i) => row.map((c, j) => c + 4 * width * out * table(alike[i][j])));
      signal.push(at.reduce((sum, i) => sum + cov[i][i], 0) / context);
    }
    return signal;
  }

  const correlations = (cov) => cov.map((row, i) => row.map((c, j) => c / Math.sqrt(cov[i][i] * cov[j][j])));

  // Sums over what two positions see, each divided by how many that are.
  function averages(r) {
    const sums = r.map((row) => row.slice());
    for (let i = 0; i < r.length; i++) {
      for (let j = 0; j < r.length; j++) {
        sums[i][j] += (i ? sums[i - 1][j] : 0) + (j ? sums[i][j - 1] : 0) - (i && j ? sums[i - 1][j - 1] : 0);
      }
    }
    const mixed = sums.map((row, i) => row.map((sum, j) => sum / (i + 1) / (j + 1)));
    return { mixed, within: sums.map((row, i) => row[i] - (i + 1)) };
  }

  // What the scatter of attention's weights adds at a position that sees so many.
  function focus(within, seen, s) {
    const alike = within / Math.max(seen * (seen - 1), 1);
    return (Math.expm1(s * s * (1 - alike)) * (1 - alike) * (1 - 1 / seen)) / seen;
  }

  // E f(X) f(Y) for GELU, as GPT-2 computes it, and X, Y of that variance, by their correlation.
  function geluProducts(variance) {
    const gelu = (z) => 0.5 * z * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3)));
    const steps = 40;
    const values = range(steps + 1).map((k) => {
      const rho = k / steps;
      const rest = Math.sqrt(1 - rho * rho);
      const std = Math.sqrt(variance);
      return coarse((x) => gelu(std * x) * coarse((y) => gelu(std * (rho * x + rest * y))));
    });
    return (rho) => {
      const k = Math.min(Math.floor(rho * steps), steps - 1);
      return values[k] + (rho * steps - k) * (values[k + 1] - values[k]);
    };
  }

  // The mean of a smooth function of N(0, 1), by the trapezoid rule.
  function coarse(g) {
    let [sum, total] = [0, 0];
    for (let z = -6; z <= 6; z += 0.25) {
      const weight = Math.exp((-z * z) / 2);
      sum += weight * g(z);
      total += weight;
    }
    return sum / total;
  }

  const range = (count) => Array.from({ length: count }, (_, k) => k);

  return { arrows, budget, chain, enters, firstLoss, firstStep, gains, kept, normals, normed, predict, range, reads, roll, softmax, stream, tails, turning, ways };
})();
