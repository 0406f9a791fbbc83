"use strict";

// The lab's computation: a deep network of equal layers, measured and predicted.
//
// The definitions are those of the package: `measure` is initcourse.measure and `predict` is
// initcourse.predict, for layers that are all as wide as the input; blocks are those of
// initcourse.residual, and layer normalization is that of initcourse.normalization. Nothing here
// knows the page.
// The whole model is one function, so that its text can be handed to a worker: a page opened
// from a disk may not load a worker from a file.
function labModel() {
  // --- Constants ------------------------------------------------------------------------------

  const SELU_ALPHA = 1.6732632423543772;
  const SELU_SCALE = 1.0507009873554805;
  const TRUNCATED_STD = 0.8796256610342398; // of a standard normal cut at two of its deviations
  const LARGEST = 1e300;
  const WORK = 3e7; // weights drawn for one picture, at most
  const BATCH = 32; // inputs of the first network, for histograms and shares
  const COSINE = 0.5; // expected cosine of the two inputs

  // --- Activations: value and slope ------------------------------------------------------------

  const sigmoid = (x) => 0.5 + 0.5 * Math.tanh(0.5 * x);
  const density = (x) => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);

  // The normal distribution function by Taylor's series around the nearest of many nodes. The
  // nodes are summed up from the far left, where it vanishes.
  const STEP = 1 / 128;
  const LEFT = -12;
  const NODES = new Float64Array(21 / STEP + 1);
  for (let k = 1; k < NODES.length; k++) {
    const x = LEFT + (k - 1) * STEP;
    NODES[k] = NODES[k - 1] + taylor(x, STEP);
  }

  // Φ(x + h) - Φ(x) for small h
  function taylor(x, h) {
    const fifth = x * x * (x * x - 6) + 3;
    const terms = x * (3 - x * x) / 24 + (h * fifth) / 120 - (h * h * x * (fifth + 12 - 4 * x * x)) / 720;
    return density(x) * h * (1 + h * (-x / 2 + h * ((x * x - 1) / 6 + h * terms)));
  }

  function cdf(x) {
    if (x < LEFT) return 0;
    if (x > -LEFT - 4) return 1;
    const k = Math.round((x - LEFT) / STEP);
    const node = LEFT + k * STEP;
    return NODES[k] + taylor(node, x - node);
  }

  // At a kink the slope is the left one.
  function activation(name, slope) {
    switch (name) {
      case "linear":
        return [(x) => x, () => 1];
      case "tanh":
        return [Math.tanh, (x) => 1 - Math.tanh(x) ** 2];
      case "relu":
        return [(x) => (x <= 0 ? 0 : x), (x) => (x > 0 ? 1 : 0)]; // what is not a number stays none
      case "leaky_relu":
        return [(x) => (x > 0 ? x : slope * x), (x) => (x > 0 ? 1 : slope)];
      case "sigmoid":
        return [sigmoid, (x) => sigmoid(x) * sigmoid(-x)];
      case "selu":
        return [
          (x) => SELU_SCALE * (x > 0 ? x : SELU_ALPHA * Math.expm1(x)),
          (x) => SELU_SCALE * (x > 0 ? 1 : SELU_ALPHA * Math.exp(x)),
        ];
      case "gelu":
        return [(x) => x * cdf(x), (x) => cdf(x) + x * density(x)];
      case "silu":
        return [(x) => x * sigmoid(x), (x) => sigmoid(x) * (1 + x * sigmoid(-x))];
      default:
        throw new RangeError(`no activation is called ${name}`);
    }
  }

  // n Var[W]: what a layer of equal fans makes of the initializer. null: not drawn independently.
  function scaleOf(settings) {
    const { init, std, slope, activation: name } = settings;
    switch (init) {
      case "zero":
        return 0;
      case "lecun": // 1/fan_in, and Xavier's 2/(fan_in + fan_out): the same between equal layers
      case "xavier":
        return 1;
      case "he":
        return name === "leaky_relu" ? 2 / (1 + slope * slope) : 2;
      case "orthogonal":
      case "std":
        return std * std;
      case "constant":
        return std === 0 ? 0 : null;
      default:
        throw new RangeError(`no initializer is called ${init}`);
    }
  }

  // The size of the weights: the deviation of a weight, times √n.
  const sizeOf = (settings) => (settings.init === "constant" ? settings.std : Math.sqrt(scaleOf(settings)));

  // A layer follows a layer, or a block adds α times a branch of two matrices to the stream.
  const inBlocks = ({ branch }) => branch !== "none";
  const alphaOf = ({ branch, depth }) => ({ one: 1, root: 1 / Math.sqrt(depth), inverse: 1 / depth })[branch];

  // --- Random numbers: xoshiro128**, seeded by splitmix32 -------------------------------------

  // Returns functions that fill an array with independent draws of mean 0 and a given deviation.
  function generator(seed) {
    const state = new Int32Array(4);
    for (let k = 0, mixed = seed | 0; k < 4; k++) {
      mixed = (mixed + 0x9e3779b9) | 0;
      let z = mixed;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      state[k] = z ^ (z >>> 15);
    }

    // in (0, 1)
    function next() {
      const s1 = state[1];
      const fives = Math.imul(s1, 5);
      const result = Math.imul((fives << 7) | (fives >>> 25), 9);
      state[2] ^= state[0];
      state[3] ^= s1;
      state[1] ^= state[2];
      state[0] ^= state[3];
      state[2] ^= s1 << 9;
      state[3] = (state[3] << 11) | (state[3] >>> 21);
      return ((result >>> 0) + 0.5) / 4294967296;
    }

    // Marsaglia's polar method gives two at a time. Beyond `reach` a draw is dropped.
    function gaussian(array, deviation, reach) {
      for (let k = 0; k < array.length; ) {
        const u = 2 * next() - 1;
        const v = 2 * next() - 1;
        const s = u * u + v * v;
        if (s >= 1) continue;
        const factor = Math.sqrt((-2 * Math.log(s)) / s);
        if (Math.abs(u * factor) <= reach) array[k++] = deviation * u * factor;
        if (k < array.length && Math.abs(v * factor) <= reach) array[k++] = deviation * v * factor;
      }
      return array;
    }

    return {
      normal: (array, deviation = 1) => gaussian(array, deviation, Infinity),
      truncated: (array, deviation) => gaussian(array, deviation / TRUNCATED_STD, 2),
      uniform(array, deviation) {
        const limit = Math.sqrt(3) * deviation;
        for (let k = 0; k < array.length; k++) array[k] = limit * (2 * next() - 1);
        return array;
      },
    };
  }

  // --- One layer's weights, of size 1: z = h W forward, g = δ Wᵀ backward -----------------------

  // Independent weights, a matrix with a row for each input and n columns.
  function matrix(n, storage) {
    return {
      forward(h, z) {
        z.fill(0);
        for (let i = 0, row = 0; row < storage.length; i++, row += n) {
          const value = h[i];
          if (value !== 0) for (let j = 0; j < n; j++) z[j] += value * storage[row + j];
        }
      },
      backward(delta, g) {
        for (let i = 0, row = 0; row < storage.length; i++, row += n) {
          let sum = 0;
          for (let j = 0; j < n; j++) sum += delta[j] * storage[row + j];
          g[i] = sum;
        }
      },
    };
  }

  // Equal weights, which read a sum; one of which nothing is left but rounding is 0.
  function equal(inputs) {
    const sum = (x) => {
      let [total, size] = [0, 0];
      for (let k = 0; k < x.length; k++) {
        total += x[k];
        size += Math.abs(x[k]);
      }
      return Math.abs(total) < 1e-6 * size ? 0 : total / Math.sqrt(inputs);
    };
    return { forward: (h, z) => z.fill(sum(h)), backward: (delta, g) => g.fill(sum(delta)) };
  }

  // A Haar distributed orthogonal matrix as a product of n reflections (Stewart 1980): the k-th
  // turns a Gaussian vector of the last n - k coordinates onto an axis.
  function reflections(n, storage, random) {
    random.normal(storage);
    const signs = new Int8Array(n);
    for (let k = 0; k < n; k++) {
      const vector = storage.subarray(k * n + k, k * n + n);
      let square = 0;
      for (let j = 0; j < vector.length; j++) square += vector[j] ** 2;
      signs[k] = vector[0] > 0 ? -1 : 1;
      vector[0] -= signs[k] * Math.sqrt(square);
      square = 0;
      for (let j = 0; j < vector.length; j++) square += vector[j] ** 2;
      const length = Math.sqrt(square) || 1;
      for (let j = 0; j < vector.length; j++) vector[j] /= length;
    }
    const reflect = (z, k) => {
      let product = 0;
      for (let j = k; j < n; j++) product += storage[k * n + j] * z[j];
      for (let j = k; j < n; j++) z[j] -= 2 * product * storage[k * n + j];
    };
    return {
      forward(h, z) {
        for (let j = 0; j < n; j++) z[j] = h[j] * signs[j];
        for (let k = n - 1; k >= 0; k--) reflect(z, k);
      },
      backward(delta, g) {
        for (let j = 0; j < n; j++) g[j] = delta[j];
        for (let k = 0; k < n; k++) reflect(g, k);
        for (let j = 0; j < n; j++) g[j] *= signs[j];
      },
    };
  }

  // A matrix of weights of size 1 for so many inputs.
  function drawMatrix({ init, distribution, width: n }, inputs, random) {
    if (init === "constant") return equal(inputs);
    return matrix(n, random[distribution](new Float32Array(inputs * n), 1 / Math.sqrt(inputs)));
  }

  // Each network and each of its layers has a stream of random numbers of its own: whatever else
  // changes, the layers that were drawn before stay what they are.
  const stream = ({ seed }, network, layer) => generator((seed * 1009 + network) * 101 + layer);

  const SECOND = 500; // the second matrix of a block is drawn like the first of a network so much later
  const drawn = { key: "", layers: new Map() };

  function layerOf(settings, network, l) {
    const { init, distribution, width: n, seed } = settings;
    const kind = ["orthogonal", "constant"].includes(init) ? init : distribution;
    const key = [kind, n, seed].join();
    if (key !== drawn.key || drawn.layers.size * n * n > WORK) {
      Object.assign(drawn, { key, layers: new Map() });
    }
    const name = `${network}, ${l}`;
    if (!drawn.layers.has(name)) {
      const random = stream(settings, network, l + 1);
      const orthogonal = () => reflections(n, new Float32Array(n * n), random);
      drawn.layers.set(name, kind === "orthogonal" ? orthogonal() : drawMatrix(settings, n, random));
    }
    return drawn.layers.get(name);
  }

  // --- Measurement -----------------------------------------------------------------------------

  const meanSquare = (x) => {
    let sum = 0;
    for (let k = 0; k < x.length; k++) sum += x[k] * x[k];
    return sum / x.length;
  };

  function cosineOf(x, y) {
    let product = 0;
    for (let k = 0; k < x.length; k++) product += x[k] * y[k];
    return product / x.length / Math.sqrt(meanSquare(x) * meanSquare(y));
  }

  // Where the input is lost within two layers: in a layer of zeros, where a normalization takes away
  // what all units have in common and there is no more, and where equal weights read the sum that
  // one has made 0.
  function isLost(settings) {
    const { activation: name, bias, depth, init, norm, slope } = settings;
    if (inBlocks(settings)) return false;
    const linear = name === "linear" || (name === "leaky_relu" && slope === 1);
    const common = norm === "before" || (norm === "after" && (bias === 0 || linear || depth > 1));
    return sizeOf(settings) === 0 || (init === "constant" && common);
  }

  // How many networks fit into the bound on work.
  function affordable(settings) {
    const { networks, depth, width } = settings;
    const weights = depth * width * width * (inBlocks(settings) ? 2 : 1);
    return Math.max(1, Math.min(networks, Math.floor(WORK / weights)));
  }

  // --- One layer or block, and its way back ----------------------------------------------------

  const untouched = (values) => ({ values, back: (g) => g });

  // Shift and scale to mean 0 and mean square 1 over the units; what differs by rounding is equal,
  // and becomes 0.
  function layerNorm(x) {
    const average = (g, of) => g.reduce((sum, value, j) => sum + of(value, j), 0) / g.length;
    const mean = average(x, (value) => value);
    const std = Math.sqrt(average(x, (value) => (value - mean) ** 2));
    const factor = std > 1e-6 * Math.abs(mean) ? 1 / std : 0;
    const values = Float32Array.from(x, (value) => (value - mean) * factor);
    const back = (g) => {
      const level = average(g, (value) => value);
      const along = average(g, (value, j) => value * values[j]);
      return g.map((value, j) => (value - level - values[j] * along) * factor);
    };
    return { values, back };
  }

  // From h to what is handed on: f(z) with z = size h W + b, or in a block h + α size f(z) W₂.
  // Layer normalization before stands in front of f, or of the branch; after it comes last.
  // Signals are float32. The way back turns the gradient behind into ∂loss/∂z, and into ∂loss/∂h.
  function step({ norm }, { first, second, b, size, alpha, f, slope }, h) {
    const at = (place) => (norm === place ? layerNorm : untouched);
    const z = new Float64Array(b.length);
    const read = second ? at("before")(h) : untouched(h);
    first.forward(read.values, z);
    const sum = Float32Array.from(z, (value, j) => size * value + b[j]);
    const met = second ? untouched(sum) : at("before")(sum);
    let made = Float32Array.from(met.values, f);
    if (second) {
      second.forward(made, z);
      made = Float32Array.from(z, (value, j) => h[j] + alpha * size * value);
    }
    const result = at("after")(made);

    function back(g) {
      const behind = result.back(g);
      let inner = behind;
      if (second) {
        inner = new Float64Array(b.length);
        second.backward(behind, inner);
        inner = inner.map((value) => alpha * size * value);
      }
      const delta = met.back(Float32Array.from(inner, (value, j) => value * slope(met.values[j])));
      let below = new Float64Array(h.length);
      first.backward(delta, below);
      below = below.map((value) => size * value);
      if (second) below = Float32Array.from(read.back(below), (value, j) => value + behind[j]);
      return { delta, below };
    }

    return { values: result.values, met: met.values, back };
  }

  // Scale a vector to mean square 1.
  function normalized(x) {
    const scale = 1 / Math.sqrt(meanSquare(x));
    return x.map((value) => value * scale);
  }

  // Gaussian vectors of mean square 1, the first two of cosine COSINE.
  function drawInputs(random, count, n) {
    const inputs = Array.from({ length: count }, () => normalized(random.normal(new Float64Array(n))));
    const [first, second] = inputs;
    const along = cosineOf(first, second);
    const across = normalized(second.map((value, k) => value - along * first[k]));
    const apart = Math.sqrt(1 - COSINE ** 2);
    inputs[1] = first.map((value, k) => COSINE * value + apart * across[k]);
    return inputs.map((input) => Float32Array.from(input));
  }

  // What a layer or block of a network is made of.
  function partsOf(settings, network, l, random) {
    const [f, slope] = activation(settings.activation, settings.slope);
    return {
      first: layerOf(settings, network, l),
      second: inBlocks(settings) ? layerOf(settings, network + SECOND, l) : null,
      b: random.normal(new Float32Array(settings.width), settings.bias),
      size: sizeOf(settings),
      alpha: alphaOf(settings),
      f,
      slope,
    };
  }

  // Send an image through a network: the first of those that `measure` draws, but for its first
  // layer, which has an input for each pixel; blocks have a layer of size 1 in front of them, which
  // keeps the mean square (equal weights read only the sum). Returns the mean square of each layer's activations, and what a picture
  // of the `shown` layers needs: as many of their units as fill a square.
  function walk(settings, pixels, shown) {
    const { depth, width: n } = settings;
    const side = Math.min(16, Math.floor(Math.sqrt(n)));
    const random = stream(settings, 0, -1);
    const entrance = drawMatrix(settings, pixels.length, random);
    const squares = [];
    const tiles = {};
    let h = Float32Array.from(pixels);
    if (inBlocks(settings)) {
      const z = new Float64Array(n);
      entrance.forward(h, z);
      h = Float32Array.from(z);
    }
    for (let l = 0; l < depth; l++) {
      const parts = partsOf(settings, 0, l, random);
      if (l === 0 && !inBlocks(settings)) parts.first = entrance;
      h = step(settings, parts, h).values;
      squares.push(meanSquare(h));
      if (shown.includes(l + 1)) tiles[l + 1] = h.slice(0, side * side);
    }
    return { squares, tiles };
  }

  // Draw networks and send two inputs through each. A network gives one number a layer: the mean
  // square, over units, of the first input's activations h_l, and of the gradients ∂loss/∂z_l, or
  // of those that a block hands down, ∂loss/∂h_{l-1}. ∂loss/∂h_L is drawn from N(0, 1); where each
  // block normalizes what it reads, one more normalization stands behind the last. Beyond 3.4e38
  // signals overflow.
  function measure(settings) {
    const { depth, width: n, norm } = settings;
    const [, slope] = activation(settings.activation, settings.slope);
    const networks = affordable(settings);
    const result = {
      networks,
      lost: isLost(settings),
      forward: [],
      backward: [],
      cosine: [],
      overflow: null, // first layer whose activations leave float32, in any network
      overflowed: 0, // networks whose activations do
      backwardOverflow: null,
      backwardOverflowed: 0,
      off: new Array(depth).fill(NaN),
      dead: new Array(depth).fill(NaN),
      activations: {}, // layer: activations of the first network
    };
    const shown = new Set([1, Math.ceil(depth / 2), depth]);
    const steepest = steepestSlope(slope);

    for (let network = 0; network < networks; network++) {
      const random = stream(settings, network, 0);
      const inputs = drawInputs(random, network === 0 ? BATCH : 2, n);
      const forward = new Array(depth).fill(NaN);
      const cosine = new Array(depth).fill(NaN);
      const steps = []; // of the first input
      let whole = true;
      for (let l = 0; l < depth && whole; l++) {
        const parts = partsOf(settings, network, l, random);
        const awake = new Uint8Array(n);
        const finite = []; // inputs that have not overflowed; the shares are of all of them, or not told
        let off = 0;
        inputs.forEach((h, which) => {
          const found = step(settings, parts, h);
          if (which === 0) steps.push(found);
          inputs[which] = found.values;
          if (!found.values.every(Number.isFinite)) return;
          finite.push(found.values);
          found.met.forEach((value, j) => {
            if (Math.abs(slope(value)) < 0.05 * steepest) off++;
            else awake[j] = 1;
          });
        });
        forward[l] = meanSquare(inputs[0]);
        cosine[l] = cosineOf(inputs[0], inputs[1]);
        whole = Number.isFinite(forward[l]);
        if (!whole) {
          forward[l] = NaN;
          cosine[l] = NaN;
          result.overflow = Math.min(result.overflow ?? Infinity, l + 1);
          result.overflowed++;
        } else if (network === 0) {
          if (finite.length === BATCH) {
            result.off[l] = off / (n * BATCH);
            result.dead[l] = 1 - awake.reduce((sum, one) => sum + one, 0) / n;
          }
          if (shown.has(l + 1)) {
            result.activations[l + 1] = finite.flatMap((h) => Array.from(h));
          }
        }
      }
      result.forward.push(forward);
      result.cosine.push(cosine);

      const backward = new Array(depth).fill(NaN);
      if (whole) {
        let g = random.normal(new Float64Array(n));
        if (inBlocks(settings) && norm === "before") g = layerNorm(inputs[0]).back(g);
        for (let l = depth - 1; l >= 0; l--) {
          const { delta, below } = steps[l].back(g);
          backward[l] = meanSquare(inBlocks(settings) ? below : delta);
          if (!Number.isFinite(backward[l])) {
            backward[l] = NaN;
            result.backwardOverflow = Math.max(result.backwardOverflow ?? 0, l + 1);
            result.backwardOverflowed++;
            break;
          }
          g = result.lost ? below.fill(0) : below; // a normalization's way back sums to 0, but for rounding
        }
      }
      result.backward.push(backward);
    }
    return result;
  }

  function steepestSlope(slope) {
    let largest = 0;
    for (let x = -8; x <= 8; x += 1 / 64) largest = Math.max(largest, Math.abs(slope(x)));
    return largest;
  }

  // --- Theory ------------------------------------------------------------------------------------

  // Nodes and weights on (0, ∞), dense towards 0, where an activation may have a kink or a steep
  // flank of any width: the double-exponential rule z = exp(π/2 sinh t) (Takahasi & Mori 1974).
  function halfLine(step) {
    const rule = [];
    for (let t = -4; t <= 1.35; t += step) {
      const z = Math.exp((Math.PI / 2) * Math.sinh(t));
      rule.push([z, step * (Math.PI / 2) * Math.cosh(t) * z]);
    }
    return rule;
  }

  const GAUSSIAN = halfLine(1 / 32).map(([z, w]) => [z, w * density(z)]);
  const TOTAL = 2 * GAUSSIAN.reduce((sum, [, w]) => sum + w, 0); // 1, up to rounding

  // E g(Z), Z standard normal
  function mean(g) {
    let sum = 0;
    for (const [z, w] of GAUSSIAN) sum += w * (g(z) + g(-z));
    return sum / TOTAL;
  }

  const RADIAL = halfLine(1 / 12).map(([r, w]) => [r, w * r * Math.exp((-r * r) / 2)]);
  const ANGULAR = []; // the same idea on (0, 1): x = 1/2 + tanh(π/2 sinh t)/2
  for (let t = -3; t <= 3; t += 1 / 8) {
    const u = (Math.PI / 2) * Math.sinh(t);
    ANGULAR.push([0.5 + 0.5 * Math.tanh(u), ((Math.PI / 32) * Math.cosh(t)) / Math.cosh(u) ** 2]);
  }

  // E f(√K U) f(√K V) for standard normals U, V of correlation ρ, in polar coordinates: there the
  // kinks of f lie on four rays, between which the integrand is smooth.
  function product(f, K, rho) {
    const root = Math.sqrt(K);
    const angle = Math.acos(Math.max(-1, Math.min(1, rho)));
    const rays = [-0.5, 0.5, 1.5]
      .flatMap((k) => [k * Math.PI, k * Math.PI + angle])
      .filter((ray) => ray >= -Math.PI / 2 && ray <= 1.5 * Math.PI)
      .sort((a, b) => a - b);
    let sum = 0;
    let area = 0;
    for (let k = 0; k + 1 < rays.length; k++) {
      const wide = rays[k + 1] - rays[k];
      if (wide < 1e-14) continue;
      for (const [x, wx] of ANGULAR) {
        const u = root * Math.cos(rays[k] + wide * x);
        const v = root * Math.cos(rays[k] + wide * x - angle);
        for (const [r, wr] of RADIAL) {
          sum += wide * wx * wr * f(r * u) * f(r * v);
          area += wide * wx * wr;
        }
      }
    }
    return sum / area;
  }

  // What a layer of n units makes of pre-activations of variance K, of which `share` is the
  // signal's: initcourse.theory._Layer.
  function moments(f, slope, K, share, n) {
    const std = Math.sqrt(K);
    const second = mean((z) => f(std * z) ** 2);
    const slopeSecond = mean((z) => slope(std * z) ** 2);
    const over = (a, b) => (b > 0 ? a / b : 0); // a signal that underflows has no scatter
    const value = (z) => over(f(std * z) ** 2, second);
    const steep = (z) => over(slope(std * z) ** 2, slopeSecond);
    const response = (g) => share * mean((z) => (g(z) * (z * z - 1)) / 2);
    const alive = second > 0 && slopeSecond > 0;
    return {
      second,
      slopeSecond,
      variance: Math.log1p(Math.max(mean((z) => value(z) ** 2) - 1, 0) / n),
      // the gradient that comes in is Gaussian, with fourth moment 3
      slopeVariance: Math.log1p(Math.max(3 * mean((z) => steep(z) ** 2) - 1, 0) / n),
      covariance: alive ? (mean((z) => value(z) * steep(z)) - 1) / n : 0,
      elasticity: response(value),
      slopeElasticity: response(steep),
    };
  }

  // What theory says, with the cosine of the two inputs. null: the weights are not independent
  // draws. Stops at the layer whose signal leaves floats.
  function predict(settings) {
    const scale = scaleOf(settings);
    if (scale === null) return null;
    return inBlocks(settings) || settings.norm !== "none" ? predictWide(settings, scale) : predictLayers(settings, scale);
  }

  // initcourse.predict
  function predictLayers(settings, scale) {
    const { depth, width: n, bias } = settings;
    const [f, slope] = activation(settings.activation, settings.slope);
    const layers = [];
    const forward = [];
    const forwardVariance = [];
    const cosine = [];
    let q = 1;
    let c = COSINE;
    let variance = 0;
    for (let l = 0; l < depth; l++) {
      const K = scale * q + bias * bias;
      if (!(K < LARGEST)) break;
      const m = moments(f, slope, K, K > 0 ? (scale * q) / K : 0, n);
      const rho = K > 0 ? (scale * q * c + bias * bias) / K : 1;
      variance = m.variance + m.elasticity ** 2 * variance;
      c = m.second > 0 ? Math.min(product(f, K, rho) / m.second, 1) : NaN;
      q = m.second;
      layers.push(m);
      forward.push(q);
      forwardVariance.push(variance);
      cosine.push(c);
    }
    const backward = new Array(depth).fill(NaN);
    const backwardSpread = new Array(depth).fill(NaN);
    if (forward.length === depth) {
      let g = 1;
      let above = 0; // what the layers from here up contribute to the variance by themselves
      let effect = 0; // of a deviation of ln q here on the gradients that they send down
      for (let l = depth - 1; l >= 0; l--) {
        const m = layers[l];
        g *= m.slopeSecond * (l < depth - 1 ? scale : 1);
        above += m.slopeVariance + effect ** 2 * m.variance + 2 * effect * m.covariance;
        effect = m.slopeElasticity + m.elasticity * effect;
        backward[l] = g;
        backwardSpread[l] = Math.sqrt(Math.max(above + effect ** 2 * (forwardVariance[l - 1] ?? 0), 0));
      }
    }
    return { scale, forward, forwardSpread: forwardVariance.map(Math.sqrt), backward, backwardSpread, cosine };
  }

  // Blocks and normalized layers, infinitely wide: means without their scatter. What a branch adds
  // is uncorrelated with the stream, and a normalization divides by the variance of what it reads.
  function predictWide(settings, scale) {
    const { depth, bias, norm } = settings;
    const [f, slope] = activation(settings.activation, settings.slope);
    const block = inBlocks(settings);
    const alpha = alphaOf(settings);
    const over = (a, b) => (b > 0 ? a / b : 0); // the package: nothing is left of what is all equal
    const forward = [];
    const cosine = [];
    const factors = []; // of the gradient: [to what is measured, to what the next one meets]
    let q = 1;
    let c = COSINE;
    for (let l = 0; l < depth; l++) {
      const read = block && norm === "before" ? over(q, q) : q;
      const sum = scale * read + bias * bias;
      if (!(sum < LARGEST)) break;
      const K = !block && norm === "before" ? over(sum, sum) : sum;
      const rho = sum > 0 ? (scale * read * c + bias * bias) / sum : 1;
      const root = Math.sqrt(K);
      const slopeSecond = mean((z) => slope(root * z) ** 2);
      let made = mean((z) => f(root * z) ** 2);
      let along = product(f, K, rho);
      let down; // of the gradient, on its way through the layer or the branch
      if (block) {
        const branch = alpha * alpha * scale;
        down = 1 + branch * scale * (norm === "before" ? over(slopeSecond, q) : slopeSecond);
        made = q + branch * made;
        along = q * c + branch * along;
      } else {
        down = norm === "before" ? over(slopeSecond, sum) : slopeSecond;
      }
      if (norm === "after") {
        const level = block ? 0 : mean((z) => f(root * z)) ** 2;
        const variance = made - level;
        down = over(down, variance);
        c = variance > 0 ? (along - level) / variance : NaN;
        made = over(variance, variance);
      } else {
        c = made > 0 ? Math.min(along / made, 1) : NaN;
      }
      q = made;
      forward.push(q);
      cosine.push(c);
      factors.push([down, block ? down : down * scale]);
    }
    const none = new Array(depth).fill(0);
    const backward = new Array(depth).fill(NaN);
    if (forward.length === depth) {
      let g = block && norm === "before" ? over(1, q) : 1;
      for (let l = depth - 1; l >= 0; l--) {
        backward[l] = g * factors[l][0];
        g *= factors[l][1];
      }
    }
    return { scale, forward, forwardSpread: none, backward, backwardSpread: none, cosine };
  }

  // The mean is here for the small labs, the layers, the normalization and the correlation for their tests.
  return { activation, generator, layerNorm, matrix, mean, measure, predict, product, reflections, sizeOf, walk };
}
