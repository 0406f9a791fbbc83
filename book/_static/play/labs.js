"use strict";

// The small labs: their knobs, what they draw, and what they say about it. A lab's draw returns a
// picture and a sentence for the settings, a width and a seed.
const playLabs = (() => {
  const model = playModels;
  const { number } = labChart;
  const few = (value) => number(value, 3);
  const small = "font-size:12px";
  const times = (factor) => `× ${few(factor)}`;
  const plural = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;
  const log = (value) => Math.log10(Math.max(value, 1e-300));
  const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

  // Ticks at powers of ten.
  const decades = (low, high, step) =>
    model.range(Math.floor((high - low) / step) + 1).map((k) => {
      const power = low + k * step;
      return [power, power ? number(10 ** power) : "1"];
    });
  const layers = (depth) => {
    const step = [1, 2, 5, 10, 20].find((size) => depth / size <= 6);
    return [1, ...model.range(Math.floor(depth / step)).map((k) => step * (k + 1))]
      .filter((layer, k, all) => all.indexOf(layer) === k)
      .map((layer) => [layer, String(layer)]);
  };

  // The powers of ten of an axis: the first of three sizes that holds the signals, or the last.
  const room = (signals) => {
    const furthest = Math.max(...signals.map((signal) => Math.abs(log(signal))));
    const high = [3, 6, 12].find((size) => furthest <= size) ?? 12;
    return { y: [-high, high], yTicks: decades(-high, high, high / 3) };
  };

  // A signal over the layers, on an axis that keeps its size: a line that leaves it ends at its edge.
  // Returns where the end is, or would be at that edge.
  function course(axes, sheet, signal, y, color, more) {
    const powers = signal.map(log);
    const inside = (power) => power >= y[0] && power <= y[1];
    let line = [];
    const finish = () => {
      if (line.length > 1) sheet.path(line, color, more);
      line = [];
    };
    powers.forEach((power, k) => {
      const before = powers[k - 1];
      if (k && inside(power) !== inside(before)) {
        const edge = clamp(inside(power) ? before : power, ...y);
        line.push([axes.toX(k + (edge - before) / (power - before)), axes.toY(edge)]);
      }
      if (inside(power)) line.push([axes.toX(k + 1), axes.toY(power)]);
      else finish();
    });
    finish();
    return [axes.toX(powers.length), axes.toY(clamp(powers[powers.length - 1], ...y))];
  }

  // --- Chapter 1 -------------------------------------------------------------------------------

  const linear = {
    knobs: [
      { key: "std", label: "Standard deviation of a weight", range: [0.03, 0.4], log: true, start: 0.1 },
      { key: "width", label: "Units n", range: [16, 256, 16], start: 64 },
    ],
    random: true,
    draw({ std, width: n }, width, seed) {
      const [depth, scale] = [10, n * std * std];
      const theory = model.range(depth).map((l) => scale ** (l + 1));
      const { y, yTicks } = room(theory);
      const sheet = playPaper(width, 340);
      const axes = sheet.axes({
        left: 52, right: width - 70, top: 34, bottom: 292, x: [1, depth], y,
        xTicks: model.range(depth).map((l) => [l + 1, String(l + 1)]), yTicks, xLabel: "layer",
      });
      sheet.title(0, 16, `Ten linear layers: ${times(scale)} at each`);
      for (const k of model.range(20)) {
        const signal = model.chain({ name: "linear", depth, width: n, scale, seed: seed * 101 + k });
        course(axes, sheet, signal, y, "lecun", "stroke-width:1;opacity:.5");
      }
      course(axes, sheet, theory, y, "theory", "stroke-width:2");
      const last = theory[depth - 1];
      sheet.text(width - 64, axes.toY(clamp(log(last), ...y)) + 4, number(last), "start", "font-weight:600");
      const fate = last > 10 ? "grows" : last < 0.1 ? "dies" : "stays in sight";
      return [sheet, `${n} units times a variance of ${few(std * std)} make ${few(scale)}: on average a layer multiplies the mean square by that, ten layers by ${number(last)}. The signal ${fate}. Thin lines: twenty networks.`];
    },
  };

  const IMAGE = 3; // the right class of the image

  const curve = () => (curve.points ??= model.range(41).map((k) => [k / 2, model.firstLoss(k / 2, 10)]));

  const loss = {
    knobs: [{ key: "spread", label: "Standard deviation of the logits", range: [0, 20, 0.1], start: 3 }],
    random: true,
    draw({ spread }, width, seed) {
      const logits = model.normals(10, seed).map((z) => spread * z);
      const shares = model.softmax(logits);
      const own = Math.log(logits.reduce((sum, a) => sum + Math.exp(a - logits[IMAGE]), 0));
      const narrow = width < 560;
      const sheet = playPaper(width, narrow ? 540 : 270);
      const split = narrow ? width : width * 0.46;
      const bars = sheet.axes({
        left: 30, right: split - 6, top: 34, bottom: 222, x: [-0.6, 9.6], y: [0, 1],
        xTicks: model.range(10).map((k) => [k, String(k)]), yTicks: [[0, "0"], [0.5, "½"], [1, "1"]],
        xLabel: `answers to one image of a ${IMAGE}`,
      });
      sheet.title(0, 16, "What the fresh network says");
      shares.forEach((share, k) => {
        const [left, right] = [bars.toX(k - 0.38), bars.toX(k + 0.38)];
        sheet.box(left, bars.toY(share), right - left, bars.toY(0) - bars.toY(share), k === IMAGE ? "he" : "zero");
      });
      const [left, top] = narrow ? [30, 275] : [split + 40, 0];
      const axes = sheet.axes({
        left, right: width - 14, top: top + 34, bottom: top + 222, x: [0, 20], y: [0, 32],
        xTicks: [0, 5, 10, 15, 20].map((k) => [k, String(k)]), yTicks: [0, 10, 20, 30].map((k) => [k, String(k)]),
        xLabel: "standard deviation of the logits",
      });
      sheet.title(left - 30, top + 16, "Mean first loss, in nats");
      sheet.line(axes.toX(0), axes.toY(Math.log(10)), axes.toX(20), axes.toY(Math.log(10)), "theory", "stroke-dasharray:2 3");
      sheet.text(axes.toX(20), axes.toY(Math.log(10)) - 6, "guessing: ln 10", "end", small);
      sheet.path(curve().map(([s, value]) => [axes.toX(s), axes.toY(value)]), "lecun", "stroke-width:2");
      const mean = model.firstLoss(spread, 10);
      sheet.dot(axes.toX(spread), axes.toY(mean), 5, "lecun");
      return [sheet, `Logits of standard deviation ${few(spread)}: the mean first loss is ${few(mean)}; guessing costs 2.3. This network gives the right class a share of ${few(shares[IMAGE])}, a loss of ${few(own)}.`];
    },
  };

  // --- Chapter 2 -------------------------------------------------------------------------------

  const ways = {
    knobs: [
      { key: "nIn", label: "Inputs", range: [10, 400, 10], start: 400 },
      { key: "nOut", label: "Outputs", range: [10, 400, 10], start: 100 },
      { key: "rule", label: "Variance of a weight", choices: { xavier: "2/(in + out): Xavier", in: "1/in", out: "1/out" }, start: "xavier" },
    ],
    draw({ nIn, nOut, rule }, width) {
      const { up, down } = model.ways(rule, nIn, nOut);
      const foot = width < 400 ? 266 : 306; // the matrix is smaller there
      const sheet = playPaper(width, foot + 34);
      const unit = Math.min(240, width * 0.5) / 400;
      const center = width * 0.27;
      const [w, h] = [nOut * unit, nIn * unit];
      const [x, y] = [center - w / 2, 160 - h / 2];
      sheet.title(0, 16, `A matrix from ${nIn} to ${nOut} units`);
      sheet.box(x, y, w, h, "grid", "stroke:var(--figure-zero)");
      const thin = Math.min(9, w, h);
      sheet.box(x, y + (h - thin) * 0.55, w, thin, "orthogonal");
      sheet.box(x + (w - thin) * 0.6, y, thin, h, "lecun");
      sheet.text(center, foot, `column: ${nIn}`, "middle", `${small};fill:var(--figure-lecun)`);
      sheet.text(center, foot + 18, `row: ${nOut}`, "middle", `${small};fill:var(--figure-orthogonal)`);
      const left = Math.max(width * 0.54, 186);
      const reach = width - left - 24;
      [["↑ signal", up, 110, "signal", "lecun"], ["↓ gradient", down, 210, "gradient", "orthogonal"]].forEach(([name, factor, top, mark, color]) => {
        const above = width < 400 ? 16 : 0; // on a phone the factor has a line of its own
        const words = above ? [name, times(factor)] : [`${name} ${times(factor)}`];
        words.forEach((line, k) => sheet.text(left + 14, top - 12 - above + 16 * k, line, "start", "font-weight:600"));
        sheet[mark](left + 5, top - 17 - above);
        sheet.box(left, top, (reach * Math.min(factor, 4)) / 4, 24, color);
        sheet.line(left + reach / 4, top - 6, left + reach / 4, top + 30, "theory", "stroke-width:2");
        sheet.text(left + reach / 4, top + 46, "1", "middle", small);
      });
      const both = rule === "xavier" ? " Under Xavier's rule the two add up to 2." : "";
      return [sheet, `The signal's mean square is multiplied by ${few(up)}, the gradient's by ${few(down)}.${both}`];
    },
  };

  const arrows = {
    knobs: [
      { key: "n", label: "Arrows n", range: [1, 64, 1], start: 40 },
      { key: "length", label: "Length of each", choices: { one: "1", root: "1/√n" }, start: "one" },
    ],
    random: true,
    draw({ n, length }, width, seed) {
      const each = length === "one" ? 1 : 1 / Math.sqrt(n);
      const sums = model.arrows(12, n, each, seed);
      const ends = sums.map((path) => path[path.length - 1]);
      const radius = each * Math.sqrt(n);
      const found = Math.sqrt(ends.reduce((sum, [x, y]) => sum + x * x + y * y, 0) / ends.length);
      // One scale for every n: the line of all arrows has room, and the ends of their sums have.
      const unit = Math.min(width - 20, 690) / (length === "one" ? 64 : 8);
      const height = 34 * Math.min(width / 64, 11);
      const sheet = playPaper(width, height + 84);
      const [cx, cy] = [width / 2, 26 + height / 2];
      sheet.title(0, 16, `${plural(n, "arrow")} of length ${few(each)}, twelve times`);
      for (const path of sums) sheet.path(path.map(([x, y]) => [cx + unit * x, cy - unit * y]), "zero", "stroke-width:.8");
      for (const [x, y] of ends) sheet.dot(cx + unit * x, cy - unit * y, 3, "theory");
      sheet.ring(cx, cy, unit * radius, "xavier");
      const [line, end, y] = [unit * n * each, cx - (unit * n * each) / 2, height + 72];
      sheet.text(cx, y - 12, `all ${n} in one line: ${few(n * each)}`);
      sheet.line(end, y, end + line, y, "theory", "stroke-width:2");
      return [sheet, `The root mean square of the end is √n times the length of an arrow, ${few(radius)}: the circle. These twelve: ${few(found)}.${length === "one" ? ` In one line they would reach ${n}.` : " The circle stays where it is, whatever n."}`];
    },
  };

  const tanh = {
    knobs: [
      { key: "gain", label: "Gain", range: [0.5, 2, 0.05], start: 1 },
      { key: "depth", label: "Layers", range: [2, 100, 1], start: 50 },
    ],
    draw({ gain, depth }, width) {
      const { forward, backward } = model.predict({ init: "std", std: gain, activation: "tanh", slope: 0, depth, width: 300, bias: 0, branch: "none", norm: "none" });
      const { y, yTicks } = room([...forward, ...backward]);
      const sheet = playPaper(width, 340);
      const axes = sheet.axes({
        left: 52, right: width - 92, top: 34, bottom: 292, x: [1, depth], y,
        xTicks: layers(depth), yTicks, xLabel: "layer",
      });
      sheet.title(0, 16, `${depth} wide tanh layers with weights of gain ${few(gain)}`);
      const signal = course(axes, sheet, forward, y, "lecun", "stroke-width:2.2");
      const gradient = course(axes, sheet, backward, y, "orthogonal", "stroke-width:2.2");
      sheet.signal(...signal);
      sheet.gradient(axes.toX(1), axes.toY(clamp(log(backward[0]), ...y)));
      const below = Math.abs(signal[1] - gradient[1]) < 18;
      sheet.text(signal[0] + 8, (below ? gradient[1] + 18 : signal[1]) + 4, "signal →", "start", "fill:var(--figure-lecun)");
      sheet.text(gradient[0] + 8, gradient[1] + 4, "← gradient", "start", "fill:var(--figure-orthogonal)");
      return [sheet, `Theory of wide layers: of a mean square of 1, ${number(forward[depth - 1])} is left at the top. A gradient of mean square 1 that enters there has ${number(backward[0])} at the bottom layer.`];
    },
  };

  // --- Chapter 3 -------------------------------------------------------------------------------

  const humps = {
    knobs: [
      { key: "slope", label: "Slope below zero, a", range: [0, 1, 0.05], start: 0 },
      { key: "scale", label: "Size of the weights, n Var W", range: [0.5, 3, 0.05], start: 2 },
    ],
    draw({ slope, scale }, width) {
      const factor = scale * model.kept(slope);
      const narrow = width < 560;
      const sheet = playPaper(width, 240);
      const z = model.range(161).map((k) => -5.6 + (k * 11.2) / 160);
      const mass = (x, variance) => (x * x * Math.exp((-x * x) / 2 / variance)) / Math.sqrt(2 * Math.PI * variance);
      const panel = (from, to, title, variance, a) => {
        const axes = sheet.axes({ left: from, right: to, top: 34, bottom: 196, x: [-5.6, 5.6], y: [0, 0.56], xTicks: [[-3, "−3"], [0, "0"], [3, "3"]], xLabel: "z" });
        sheet.title(from, 16, title);
        const curve = z.map((x) => [axes.toX(x), axes.toY(mass(x, variance))]);
        const kept = z.map((x) => [axes.toX(x), axes.toY(mass(x, variance) * (x > 0 ? 1 : a * a))]);
        sheet.area([...kept, [axes.toX(5.6), axes.toY(0)], [axes.toX(-5.6), axes.toY(0)]], "he");
        sheet.path(curve, "zero", "stroke-dasharray:3 3");
        return axes;
      };
      const middle = narrow ? width : width / 2 - 14;
      const share = `${few(model.kept(slope))} kept`;
      if (!narrow) {
        const axes = panel(0, middle, "n Var W = 1", 1, slope);
        sheet.text(middle, axes.toY(0.5), share, "end");
      }
      const axes = panel(narrow ? 0 : middle + 28, width, `n Var W = ${few(scale)}`, scale, slope);
      sheet.text(width, axes.toY(0.5), `${few(factor)} kept`, "end");
      const rest = `After twenty layers ${number(factor ** 20)} is left.`;
      return [sheet, `Behind the activation stands (1 + a²)/2 = ${few(model.kept(slope))} of the mean square. With n Var W = ${few(scale)} a layer hands on ${number(factor, 4)} times what it gets. ${rest}`];
    },
  };

  const walks = {
    knobs: [
      { key: "width", label: "Units n of a layer", range: [8, 512, 4], start: 100 },
      { key: "depth", label: "Layers", range: [10, 100, 5], start: 50 },
    ],
    random: true,
    draw({ width: n, depth }, width, seed) {
      const y = [-4, 2];
      const sheet = playPaper(width, 300);
      const axes = sheet.axes({
        left: 52, right: width - 118, top: 34, bottom: 252, x: [1, depth], y,
        xTicks: layers(depth), yTicks: decades(-4, 2, 2), xLabel: "layer",
      });
      sheet.title(0, 16, "Sixty ReLU networks under He's rule");
      const networks = model.range(60).map((k) => model.chain({ name: "relu", depth, width: n, scale: 2, seed: seed * 101 + k }));
      for (const signal of networks) course(axes, sheet, signal, y, "he", "stroke-width:.8;opacity:.45");
      const typical = model.range(depth).map((l) => Math.exp((-5 * (l + 1)) / (2 * n)));
      const [, low] = course(axes, sheet, typical, y, "theory", "stroke-width:2.4;stroke-dasharray:6 4");
      course(axes, sheet, typical.map(() => 1), y, "theory", "stroke-width:2.4");
      const right = width - 112;
      const high = axes.toY(0);
      sheet.text(right, high + 4, "average 1", "start");
      sheet.text(right, Math.max(low, high + 16) + 4, `typical ${number(typical[depth - 1])}`, "start");
      const ends = networks.map((signal) => signal[depth - 1]).sort((a, b) => a - b);
      const middle = Math.sqrt(ends[29] * ends[30]);
      const below = ends.filter((end) => end < 1).length;
      const mean = ends.reduce((sum, end) => sum + end, 0) / ends.length;
      const missed = mean < 0.5 ? ": the rare networks that hold the rest are not among them" : "";
      return [sheet, `${below} of these sixty networks end below 1, the average of all that can be drawn; the average of the sixty is ${few(mean)}${missed}. The one in the middle has ${number(middle)} left; theory of wide layers says ${number(typical[depth - 1])}.`];
    },
  };

  // --- Chapter 4 -------------------------------------------------------------------------------

  const STARTS = [[-0.8, 0.3], [0.9, 0.2], [-0.6, 1.9], [0.8, 2.2], [0, 0.05], [0, 2.6]];

  const funnel = {
    knobs: [{ key: "scale", label: "Scale, n Var W", range: [0.3, 2, 0.05], start: 1 }],
    draw({ scale }, width) {
      const sheet = playPaper(width, 320);
      const axes = sheet.axes({
        left: 46, right: width - 14, top: 52, bottom: 272, x: [-1.1, 1.5], y: [0, 4],
        xTicks: [[-1, "−1"], [-0.5, "−0.5"], [0, "0"], [0.5, "0.5"], [1, "1"]], yTicks: model.range(5).map((k) => [k, String(k)]),
        xLabel: "mean of the activations",
      });
      sheet.title(0, 16, "From six starts, layer by layer");
      sheet.text(0, 38, "variance of the activations", "start");
      const at = ([m, v]) => [axes.toX(clamp(m, -1.1, 1.5)), axes.toY(clamp(v, 0, 4))];
      let end;
      for (const start of STARTS) {
        const path = [start];
        for (let l = 0; l < 25; l++) path.push(model.roll(path[l], scale));
        sheet.path(path.map(at), "lecun", "stroke-width:1;opacity:.6");
        path.forEach((point, l) => sheet.dot(...at(point), l ? 2 : 4, "lecun"));
        end = path[25];
      }
      for (let l = 0; l < 4000; l++) end = model.roll(end, scale);
      const [m, v] = end;
      const alive = v > 1e-3 && v < 1e6;
      if (alive && v < 4) sheet.ring(...at(end), 9);
      const says = alive
        ? `Wide layers come to rest at mean ${few(Math.abs(m) < 5e-4 ? 0 : m).replace("-", "−")} and variance ${few(v)}: the ring${v < 4 ? "" : ", above the picture"}.`
        : v > 1 ? "There is no level but 0, which it leaves: the variance grows without end." : "The only level is 0: the signal dies out.";
      return [sheet, `Scale ${few(scale)}. ${says}`];
    },
  };

  const NAMES = { linear: "linear", tanh: "tanh", sigmoid: "sigmoid", relu: "ReLU", selu: "SELU", gelu: "GELU", silu: "SiLU" };

  const lamps = {
    knobs: [
      { key: "name", label: "Activation", choices: NAMES, start: "tanh" },
      { key: "gain", label: "Gain", range: [0.5, 5, 0.01], start: 1 },
    ],
    draw({ name, gain }, width) {
      const { forward, backward } = model.gains(name, gain);
      const sheet = playPaper(width, 190);
      sheet.title(0, 16, `One layer of ${NAMES[name]}, weights of gain ${few(gain)}`);
      const left = 110;
      const reach = width - left - 90;
      const toX = (factor) => left + (reach * (clamp(log(factor), -1, 1) + 1)) / 2;
      const lit = (factor) => Math.abs(factor - 1) < 0.02;
      [["signal ↑", forward, 70], ["gradient ↓", backward, 122]].forEach(([what, factor, y]) => {
        const on = lit(factor);
        sheet.dot(14, y, 9, on ? "xavier" : "grid", "stroke:var(--figure-zero)");
        sheet.text(left - 10, y + 5, what, "end");
        sheet.line(left, y, left + reach, y, "grid", "stroke-width:6");
        sheet.line(toX(1), y, toX(factor), y, on ? "xavier" : factor > 1 ? "too-large" : "too-small", "stroke-width:6");
        sheet.dot(toX(factor), y, 7, on ? "xavier" : factor > 1 ? "too-large" : "too-small");
        sheet.text(width - 4, y + 5, times(factor), "end", "font-weight:600");
      });
      sheet.line(toX(1), 48, toX(1), 144, "theory", "stroke-width:1.6");
      [[0.1, "0.1"], [1, "1"], [10, "10"]].forEach(([value, text]) => sheet.text(toX(value), 164, text, "middle", small));
      const on = [["signal", forward], ["gradient", backward]].filter(([, factor]) => lit(factor)).map(([what]) => what);
      const lights = on.length === 2 ? "Both lamps are lit" : on.length ? `The lamp of the ${on[0]} is lit` : "No lamp is lit";
      return [sheet, `Pre-activations of variance 1 lead to ${few(forward)} in the next layer, and the mean square of a gradient is multiplied by ${few(backward)} on its way down. ${lights}; a lamp lights within 2 % of 1.`];
    },
  };

  // --- Chapter 5 -------------------------------------------------------------------------------

  const tails = {
    knobs: [
      { key: "cut", label: "Cut, in standard deviations of the parent", range: [1, 4, 0.05], start: 2 },
      { key: "parent", label: "Parent", choices: { as: "as wide as asked for", wider: "widened to make up for it" }, start: "as" },
    ],
    draw({ cut, parent }, width) {
      const left = model.tails(cut);
      const std = parent === "as" ? 1 : 1 / Math.sqrt(left);
      const sheet = playPaper(width, 330);
      const axes = sheet.axes({
        left: 10, right: width - 10, top: 44, bottom: 282, x: [-4, 4], y: [0, 0.62],
        xTicks: [-3, -2, -1, 0, 1, 2, 3].map((k) => [k, String(k).replace("-", "−")]), xLabel: "weight, in the standard deviations asked for",
      });
      sheet.title(0, 16, parent === "as" ? "Cut the tails, and some of the variance goes" : "A wider parent makes up for the cut");
      const z = model.range(321).map((k) => -4 + k / 40);
      const bell = (x) => Math.exp((-x * x) / 2 / std ** 2) / std / Math.sqrt(2 * Math.PI);
      const inside = z.filter((x) => Math.abs(x) <= cut * std);
      const total = inside.reduce((sum, x) => sum + bell(x) / 40, 0);
      const under = (xs, height) => [...xs.map((x) => [axes.toX(x), axes.toY(height(x))]), [axes.toX(xs[xs.length - 1]), axes.toY(0)], [axes.toX(xs[0]), axes.toY(0)]];
      sheet.area(under(inside, (x) => bell(x) / total), "lecun", "opacity:.6");
      for (const tail of [z.filter((x) => x <= inside[0]), z.filter((x) => x >= inside[inside.length - 1])]) {
        if (tail.length > 1) sheet.area(under(tail, bell), "zero", "opacity:.8");
      }
      sheet.path(z.map((x) => [axes.toX(x), axes.toY(bell(x))]), "theory", "stroke-dasharray:4 3;stroke-width:1.6");
      const drawn = left * std ** 2;
      const bar = Math.min(180, width * 0.28); // the variance that was asked for, and what is drawn of it
      sheet.text(0, 46, "variance", "start", small);
      sheet.box(0, 52, bar, 14, "zero", "opacity:.8");
      sheet.box(0, 52, bar * drawn, 14, "lecun");
      sheet.text(0, 82, `drawn ${few(drawn)} of 1`, "start", small);
      return [sheet, parent === "as"
        ? `Cut at ${few(cut)}: the variance that is drawn is ${few(drawn)} of what was asked for, the standard deviation ${few(Math.sqrt(drawn))}.`
        : `Cut at ${few(cut)}, with a parent ${number(std, std < 1.01 ? 4 : 3)} times as wide: the variance that is drawn is ${few(drawn)}, as asked for.`];
    },
  };

  const SIDE = 8;

  const fan = {
    knobs: [
      { key: "kernel", label: "Kernel, k by k", range: [1, 7, 2], start: 3 },
      { key: "stride", label: "Stride", range: [1, 3, 1], start: 2 },
      { key: "pixel", label: "Pixel, along the diagonal", range: [0, SIDE - 1, 1], start: 3 },
    ],
    draw({ kernel, stride, pixel }, width) {
      const outputs = Math.ceil(SIDE / stride);
      const output = Math.min(Math.round(pixel / stride), outputs - 1);
      const read = model.reads(SIDE, kernel, stride, output);
      const entered = model.enters(SIDE, kernel, stride, pixel);
      const tile = Math.min(36, (width / 2 - 24) / SIDE);
      const sheet = playPaper(width, 74 + SIDE * tile);
      const grid = (left, count, chosen, marked, color) => {
        for (const row of model.range(count)) {
          for (const column of model.range(count)) {
            const on = chosen.includes(row) && chosen.includes(column);
            sheet.box(left + column * tile, 44 + row * tile, tile - 2, tile - 2, on ? color : "grid");
            if (row === marked && column === marked) sheet.box(left + column * tile + tile / 4, 44 + row * tile + tile / 4, tile / 2 - 2, tile / 2 - 2, "theory");
          }
        }
      };
      const right = width / 2 + 12;
      const [image, over] = width < 560
        ? ["The image", "The outputs"]
        : ["The image: what one output reads", "The outputs: those that the pixel enters"];
      sheet.title(0, 16, image);
      sheet.title(right, 16, over);
      grid(0, SIDE, read, pixel, "lecun");
      grid(right, outputs, entered, output, "orthogonal");
      sheet.text(0, 44 + SIDE * tile + 18, `reads ${read.length ** 2} of ${kernel ** 2}`, "start");
      sheet.text(right, 44 + SIDE * tile + 18, `enters ${entered.length ** 2}`, "start");
      return [sheet, `The output reads ${plural(read.length ** 2, "pixel")}, with a kernel of ${plural(kernel ** 2, "weight")} for each input channel: fan in counts ${kernel ** 2} a channel. The pixel enters ${plural(entered.length ** 2, "output")} of each output channel; fan out counts ${kernel ** 2}${stride > 1 ? `, with stride ${stride} and far from the border ${few(kernel ** 2 / stride ** 2)} would be right on average` : ""}.`];
    },
  };

  // --- Chapter 6 -------------------------------------------------------------------------------

  // What stands in the last matrix: its color, and n Var W for so many blocks.
  const LAST = {
    He: ["he", () => 2],
    LeCun: ["lecun", () => 1],
    "LeCun / √L": ["root", (blocks) => 1 / blocks],
    zeros: ["zero", () => 0],
  };

  // Names at the ends of curves, a height and the rest, moved so that none lies on another.
  const apart = (names) => {
    const placed = [...names].sort((a, b) => b[0] - a[0]).map((name) => [...name]);
    for (let k = 1; k < placed.length; k += 1) placed[k][0] = Math.min(placed[k][0], placed[k - 1][0] - 15);
    return placed;
  };

  const stream = {
    knobs: [
      { key: "blocks", label: "Blocks L", range: [2, 100, 1], start: 32 },
      { key: "width", label: "Width n", range: [8, 256, 8], start: 64 },
    ],
    random: true,
    draw({ blocks, width: n }, width, seed) {
      const y = [-0.5, 9];
      const sheet = playPaper(width, 290);
      const axes = sheet.axes({
        left: 56, right: width - 96, top: 40, bottom: 242, x: [1, blocks + 1], y,
        xTicks: layers(blocks).map(([l, name]) => [l + 1, name]), yTicks: decades(0, 9, 3), xLabel: "block",
        yLabel: "mean square of the stream",
      });
      sheet.title(0, 16, "It is the last matrix that decides");
      const ends = [];
      for (const [name, [color, last]] of Object.entries(LAST)) {
        const factor = 1 + last(blocks);
        for (const k of model.range(last(blocks) ? 5 : 1)) {
          const one = model.stream({ blocks, width: n, last: last(blocks), seed: seed * 101 + k });
          course(axes, sheet, one, y, color, "stroke-width:1;opacity:.7");
        }
        const theory = model.range(blocks + 1).map((l) => factor ** l);
        course(axes, sheet, theory, y, "theory", "stroke-width:2");
        const crossing = (y[1] * Math.LN10) / Math.log(factor);
        const leaves = crossing < blocks;
        const words = `fill:var(--figure-${color});font-size:13px`;
        if (leaves) sheet.text(axes.toX(1 + crossing), 36, name, name === "He" ? "end" : "start", words);
        else ends.push([axes.toY(log(theory[blocks])) + 4, name, words]);
      }
      for (const [height, name, words] of apart(ends)) sheet.text(width - 90, height, name, "start", words);
      const end = (name) => number((1 + LAST[name][1](blocks)) ** blocks);
      return [sheet, `${blocks} blocks multiply the mean square of the stream by ${end("He")} on average if the last matrix of each branch follows He's rule, by ${end("LeCun")} with LeCun's, by ${number((1 + 1 / blocks) ** blocks, 3)} with LeCun's divided by √L, and by 1 with zeros. Thin lines: five networks of each kind.`];
    },
  };

  const step = {
    knobs: [
      { key: "power", label: "Power of L on the other matrices", range: [-1, 0, 0.01], start: 0 },
      { key: "matrices", label: "Matrices of a branch, m", range: [2, 4, 1], start: 2 },
    ],
    draw({ power, matrices }, width) {
      const y = [-3, 3];
      const sheet = playPaper(width, 260);
      const axes = sheet.axes({
        left: 64, right: width - 20, top: 34, bottom: 212, x: [0, 3], y,
        xTicks: [0, 1, 2, 3].map((k) => [k, String(10 ** k)]), yTicks: decades(-3, 3, 1), xLabel: "blocks L",
        yLabel: "change of the loss",
      });
      sheet.title(0, 16, "The first step, relative to one block");
      sheet.line(axes.toX(0), axes.toY(0), axes.toX(3), axes.toY(0), "fixup", "stroke-dasharray:2 4;stroke-width:1.5");
      sheet.text(axes.toX(3), axes.toY(0) + 16, "as with one block", "end", "fill:var(--figure-fixup);font-size:13px");
      const points = [];
      for (let k = 0; k <= 3.001; k += 0.01) {
        const at = log(model.firstStep(power, matrices, 10 ** k));
        if (at >= y[0] && at <= y[1]) points.push([axes.toX(k), axes.toY(at)]);
      }
      sheet.path(points, "fixup", "stroke-width:2.4");
      const level = -1 / (2 * matrices - 2);
      const hundred = number(model.firstStep(power, matrices, 100));
      const off = Math.abs(power - level);
      const flat = off < 1e-9 ? "level: this is Fixup" : off < 0.006 ? `nearly level: Fixup has −1/${2 * matrices - 2}` : power > level ? "larger, the deeper the network" : "smaller, the deeper the network";
      return [sheet, `With zeros in the last matrix of each branch and the first ${matrices === 2 ? "matrix" : `${matrices - 1} matrices`} of a branch times L to the power of ${few(power).replace("-", "−")}, the first step of gradient descent on the last matrices changes the loss of 100 blocks, to first order, ${hundred} times as much as that of one: ${flat}. Fixup's power for ${matrices} matrices is ${few(level).replace("-", "−")}.`];
    },
  };

  // --- Chapter 7 -------------------------------------------------------------------------------

  // A normalization: its color, and where its name stands, in parts of the axes.
  const NORMS = { none: ["zero", "none"], layer: ["layer", "layer norm"], batch: ["batch", "batch norm"] };

  const divide = {
    knobs: [
      { key: "scale", label: "Variance of the weights times n", range: [0.1, 4], log: true, start: 1 },
      { key: "layers", label: "Layers", range: [2, 50, 1], start: 30 },
    ],
    draw({ scale, layers: depth }, width) {
      const y = [-10, 10];
      const sheet = playPaper(width, 290);
      const axes = sheet.axes({
        left: 56, right: width - 20, top: 34, bottom: 242, x: [1, depth], y,
        xTicks: layers(depth), yTicks: decades(-9, 9, 3), xLabel: "layer", yLabel: "mean square of the gradient",
      });
      sheet.title(0, 16, "The size is gone, the depth is not");
      const first = {};
      for (const [norm, [color, name]] of Object.entries(NORMS)) {
        const each = model.normed(norm, scale);
        const told = model.range(depth).map((l) => each ** (depth - 1 - l));
        first[norm] = told[0];
        course(axes, sheet, told, y, color, "stroke-width:2.2");
        const middle = log(told[Math.floor(depth / 2)]);
        const at = norm === "none" ? clamp(middle, -8, 8.5) + (middle > 0 ? 0.9 : -1.6) : log(told[0]) + (norm === "batch" ? 0.6 : -1.4);
        const x = norm === "none" ? axes.toX(1 + (depth - 1) * 0.62) : axes.toX(1) + 6;
        sheet.text(x, axes.toY(clamp(at, -9.5, 9.3)), name, "start", `fill:var(--figure-${color});font-size:13px`);
      }
      return [sheet, `With weights of variance ${few(scale)}/n the gradient of the first of ${depth} layers that read a ReLU has ${number(first.none)} times the mean square of the last without a normalization, as much as the last with layer norm, and ${number(first.batch)} times with batch norm; the first alone changes with the weights.`];
    },
  };

  const turn = {
    knobs: [
      { key: "size", label: "Size of the weights at first", range: [0.2, 5], log: true, start: 4 },
      { key: "decay", label: "Weight decay λ", range: [0.01, 0.5], log: true, start: 0.1 },
    ],
    draw({ size, decay }, width) {
      const [y, rate, steps] = [[-3, 0.5], 0.1, 400];
      const sheet = playPaper(width, 270);
      const axes = sheet.axes({
        left: 64, right: width - 20, top: 34, bottom: 222, x: [0, steps], y,
        xTicks: [0, 100, 200, 300, 400].map((t) => [t, String(t)]), yTicks: decades(-3, 0, 1), xLabel: "step",
        yLabel: "angle of a step",
      });
      sheet.title(0, 16, "From any size to one angle, in time");
      const angle = Math.sqrt(2 * rate * decay);
      sheet.line(axes.toX(0), axes.toY(log(angle)), axes.toX(steps), axes.toY(log(angle)), "theory", "stroke-width:1.2");
      sheet.text(axes.toX(steps), axes.toY(log(angle)) - 6, "√(2ηλ)", "end", small);
      const path = (angles) => angles.map((a, t) => [axes.toX(t), axes.toY(clamp(log(a), ...y))]);
      for (const other of [0.2, 5]) {
        sheet.path(path(model.turning({ size: other, rate, decay, steps })), "layer", "stroke-width:1;stroke-dasharray:3 3");
      }
      const angles = model.turning({ size, rate, decay, steps });
      sheet.path(path(angles), "layer", "stroke-width:2.4");
      return [sheet, `With η = 0.1 and λ = ${few(decay)} weights of size ${few(size)} turn by ${few(angles[0])} radians in the first step and by ${few(angles[steps - 1])} in step ${steps}; √(2ηλ) is ${few(angle)}.`];
    },
  };

  // --- Chapter 8 -------------------------------------------------------------------------------

  const MODELS = [["GPT-2", 0.554, "start"], ["T5 as ported", 27.7, "end"]];
  const PLACES = model.range(17).map((k) => 30 * (k / 16) ** 1.5); // few: an integral each

  const head = {
    knobs: [
      { key: "spread", label: "Standard deviation τ of the logits", range: [0.1, 30, 0.1], start: 0.6 },
      { key: "vocabulary", label: "Vocabulary, in thousands", range: [1, 200, 1], start: 50 },
    ],
    draw({ spread, vocabulary }, width) {
      const words = 1000 * vocabulary;
      const ln = Math.log(words);
      const sheet = playPaper(width, 290);
      const top = 145;
      const axes = sheet.axes({
        left: 48, right: width - 16, top: 34, bottom: 242, x: [0, 30], y: [0, top],
        xTicks: [0, 5, 10, 15, 20, 25, 30].map((k) => [k, String(k)]), yTicks: [0, 50, 100].map((k) => [k, String(k)]),
        xLabel: "standard deviation τ of the first logits", yLabel: "first loss, in nats",
      });
      sheet.title(0, 16, "ln V + τ²/2, until the largest logits win");
      const curve = (f, places) => places.map((tau) => [tau, f(tau)]).filter(([, y]) => y <= top).map(([x, y]) => [axes.toX(x), axes.toY(y)]);
      const leaves = Math.sqrt(2 * (top - ln)); // where the parabola does
      const ends = Math.min(30, top / Math.sqrt(2 * ln));
      sheet.path(curve((tau) => ln + (tau * tau) / 2, model.range(61).map((k) => (leaves * k) / 60)), "theory", "stroke-width:1");
      sheet.path(curve((tau) => tau * Math.sqrt(2 * ln), [0, 0.9999 * ends]), "theory", "stroke-width:1;stroke-dasharray:2 4");
      sheet.path(curve((tau) => model.firstLoss(tau, words), PLACES), "lecun", "stroke-width:2.4");
      sheet.text(axes.toX(13) - 6, axes.toY(122), "ln V + τ²/2", "end", "font-size:13px");
      sheet.text(axes.toX(25) - 6, axes.toY(Math.min(25 * Math.sqrt(2 * ln) + 6, 138)), "τ√(2 ln V)", "end", "font-size:13px");
      const loss = model.firstLoss(spread, words);
      sheet.dot(axes.toX(spread), axes.toY(Math.min(loss, top)), 6, "lecun");
      for (const [name, tau, anchor] of MODELS) {
        sheet.line(axes.toX(tau), axes.toY(0), axes.toX(tau), axes.toY(6), "zero", "stroke-width:2");
        sheet.text(axes.toX(tau) + (anchor === "start" ? 1 : -5), axes.toY(anchor === "start" ? 20 : 2), name, anchor, "font-size:13px");
      }
      const border = Math.sqrt(2 * ln);
      const side = spread < border ? `τ is below the border √(2 ln V), ${few(border)}: ln V + τ²/2 says ${number(ln + (spread * spread) / 2, 4)}, and ln V is ${number(ln, 4)}` : `τ is beyond the border √(2 ln V), ${few(border)}: τ√(2 ln V) says ${number(spread * border, 3)}, and ln V + τ²/2 ${number(ln + (spread * spread) / 2, 3)}`;
      return [sheet, `With logits that scatter by ${few(spread)} and ${vocabulary},000 words the first loss is ${number(loss, 4)} on average; ${side}.`];
    },
  };

  const budget = {
    knobs: [
      { key: "width", label: "Width d", range: [64, 2048, 64], start: 768 },
      { key: "blocks", label: "Blocks n", range: [1, 48, 1], start: 12 },
    ],
    draw({ width: d, blocks }, width) {
      const y = [-3.5, 2];
      const sheet = playPaper(width, 280);
      const axes = sheet.axes({
        left: 64, right: width - 104, top: 34, bottom: 232, x: [1, blocks + 1], y,
        xTicks: layers(blocks).map(([l, name]) => [l + 1, name]), yTicks: decades(-3, 2, 1), xLabel: "block",
        yLabel: "mean square of the stream",
      });
      sheet.title(0, 16, "Unscaled, a deep stream grows far larger");
      const [ends, names] = [[], []];
      for (const [scaled, color, words] of [[true, "root", "times 1/√(2n)"], [false, "too-large", "unscaled"]]) {
        const q = model.budget({ width: d, blocks, scaled });
        ends.push(q);
        course(axes, sheet, q, y, color, "stroke-width:2.2");
        names.push([axes.toY(log(q[blocks])) + 4, words, `fill:var(--figure-${color});font-size:13px`]);
      }
      const first = ends[0][0];
      sheet.line(axes.toX(1), axes.toY(log(first)), axes.toX(blocks + 1), axes.toY(log(first)), "zero", "stroke-dasharray:2 4");
      names.push([axes.toY(log(first)) + 4, "embedding", "font-size:13px"]);
      for (const [height, words, style] of apart(names)) sheet.text(width - 98, height, words, "start", style);
      const share = (100 * first) / ends[0][blocks];
      return [sheet, `With ${d} units and ${blocks} ${blocks === 1 ? "block" : "blocks"} the stream ends at ${number(ends[0][blocks], 2)}, and unscaled at ${number(ends[1][blocks], 2)}. It begins with ${number(first, 1)}, the embeddings: scaled, these are ${number(share, 2)} % of it at the end. For 64 different tokens and σ = 0.02.`];
    },
  };


  return { arrows, budget, divide, fan, funnel, head, humps, lamps, linear, loss, step, stream, tails, tanh, turn, walks, ways };
})();
