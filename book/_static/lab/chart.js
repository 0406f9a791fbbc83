"use strict";

// Charts as SVG: a line over layers with a band, single networks and a theory, and a histogram.
// The axes of the lines are given and do not follow them: what moves is the line.
// A chart is text: its caller puts it into the page. Colors and dashes come from lab.css.
const labChart = (() => {
  const MARGIN = { top: 34, right: 14, bottom: 40, left: 58 };
  const DECADES = [-12, 12]; // of a logarithmic axis
  const ALIVE = [0.1, 10]; // between which a signal stays
  const SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹";

  const escape = (text) =>
    String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

  // 10 to the k, as text
  function power(k) {
    const digits = String(Math.abs(k)).replace(/\d/g, (d) => SUPERSCRIPT[d]);
    return `10${k < 0 ? "⁻" : ""}${digits}`;
  }

  // A number as people read it: 0.48, 3.1, 2.2 · 10⁻⁹
  function number(value, digits = 2) {
    if (!Number.isFinite(value)) return "–"; // not defined: the cosine of a signal that is 0
    if (value === 0) return "0";
    if (value < 0) return `−${number(-value, digits)}`;
    const [factor, tens] = value.toExponential(digits - 1).split("e").map(Number);
    if (tens >= -2 && tens < 4) return String(Number(value.toPrecision(digits)));
    return factor === 1 ? power(tens) : `${factor}\u00a0·\u00a0${power(tens)}`;
  }

  // The same in at most five characters, as the book's pictures have it: 0.35, 12, 10⁻¹⁶
  function short(value) {
    if (!Number.isFinite(value)) return "over";
    if (value === 0 || (value >= 0.01 && value < 1000)) return number(value, value < 100 ? 2 : 3);
    return power(Math.round(Math.log10(value)));
  }

  // About `count` round steps from low to high.
  function ticks(low, high, count) {
    const rough = (high - low) / count || 1;
    const unit = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].find((k) => k * unit >= rough) * unit;
    const found = [];
    for (let t = Math.ceil(low / step) * step; t <= high + step * 1e-9; t += step) {
      found.push(Math.abs(t) < step * 1e-9 ? 0 : t);
    }
    return found;
  }

  // From values to places in a chart, and where its axes end.
  function scales({ width, height, x, y, margin }) {
    const { top, left, right: beside, bottom: below } = { ...MARGIN, ...margin };
    const [right, bottom] = [width - beside, height - below];
    const toX = (value) => left + ((value - x[0]) / (x[1] - x[0] || 1)) * (right - left);
    const toY = (value) => top + (1 - (value - y[0]) / (y[1] - y[0] || 1)) * (bottom - top);
    return { toX, toY, top, left, right, bottom };
  }

  function frame({ width, height, title, description, xLabel, yLabel, x, y, log, xTicks, margin }) {
    const place = scales({ width, height, x, y, margin });
    const { toX, toY, top, left, right, bottom } = place;
    const parts = [
      `<title>${escape(title)}</title><desc>${escape(description)}</desc>`,
      `<text class="lab-title" x="0" y="16">${escape(title)}</text>`,
    ];
    if (log) {
      const [low, high] = ALIVE.map((value) => toY(Math.log10(value)));
      parts.push(`<rect class="lab-alive" x="${left}" y="${high}" width="${right - left}" height="${low - high}"/>`);
    }
    for (const t of log ? [-12, -8, -4, 0, 4, 8, 12] : ticks(y[0], y[1], 5)) {
      const label = log && t !== 0 ? power(t) : number(log ? 1 : t, 3);
      parts.push(
        `<line class="lab-grid" x1="${left}" x2="${right}" y1="${toY(t)}" y2="${toY(t)}"/>`,
        `<text class="lab-tick" x="${left - 8}" y="${toY(t) + 4}" text-anchor="end">${label}</text>`,
      );
    }
    for (const t of xTicks ?? ticks(x[0], x[1], Math.min(8, (right - left) / 50))) {
      const anchor = { [x[0]]: "start", [x[1]]: "end" }[t] ?? "middle";
      parts.push(
        `<text class="lab-tick" x="${toX(t)}" y="${bottom + 16}" text-anchor="${anchor}">${number(t)}</text>`,
      );
    }
    parts.push(
      `<line class="lab-axis" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>`,
      `<line class="lab-axis" x1="${left}" x2="${left}" y1="${top}" y2="${bottom}"/>`,
      `<text class="lab-label" x="${(left + right) / 2}" y="${height - 6}" text-anchor="middle">${escape(xLabel)}</text>`,
      `<text class="lab-label" transform="translate(12 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escape(yLabel)}</text>`,
    );
    return { parts, ...place };
  }

  const svg = (width, height, parts) =>
    `<svg class="lab-chart" role="img" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${parts.join("")}</svg>`;

  // Networks as thin lines with dots, theory as a dark line, its band behind both, and a guess.
  // Values are indexed by layer, from 1, and begin with `start` at layer 0 where that is given. The
  // axis is `range`, or that of decades: on it values of zero have no place, and an arrow stands where
  // the `course` leaves it, pairs of a layer and a value in the order in which they come about.
  function lines({ networks = [], course, theory, low, high, guess, start, log, range, ...labels }) {
    const at = (value) => (log ? (value > 0 ? Math.log10(value) : NaN) : value);
    const depth = labels.depth ?? networks[0].length;
    const y = log ? DECADES : range;
    const x = start === undefined ? [depth > 1 ? 1 : 0.5, Math.max(depth, 1.5)] : [0, depth];
    const { parts, toX, toY, top, left, right, bottom } = frame({
      ...labels,
      log,
      x,
      y,
      xTicks: labels.xTicks ?? (depth === 1 ? [1] : undefined),
    });
    const full = (values) => (start === undefined ? values : [start, ...values]);
    const first = start === undefined ? 1 : 0;
    const path = (values) => {
      let pen = "M";
      return values
        .map((value, k) => {
          const height = at(value);
          if (!Number.isFinite(height)) {
            pen = "M";
            return "";
          }
          const step = `${pen}${toX(k + first).toFixed(1)} ${toY(height).toFixed(1)}`;
          pen = "L";
          return step;
        })
        .join("");
    };
    const id = `lab-clip-${labels.className}`;
    parts.push(
      `<clipPath id="${id}"><rect x="${left - 3}" y="${top - 3}" width="${right - left + 6}" height="${bottom - top + 3}"/></clipPath>`,
      `<g clip-path="url(#${id})">`,
    );
    if (low && path(full(low))) {
      const back = full(high)
        .map((value, k) => `L${toX(k + first).toFixed(1)} ${toY(at(value)).toFixed(1)}`)
        .filter((step) => !/NaN|Infinity/.test(step))
        .reverse();
      parts.push(`<path class="lab-band" d="${path(full(low))}${back.join("")}Z"/>`);
    }
    for (const network of networks) parts.push(`<path class="lab-network" d="${path(full(network))}"/>`);
    const dots = Math.ceil(depth / 20);
    for (const network of networks) {
      network.forEach((value, layer) => {
        const height = at(value);
        if (layer % dots === 0 && height >= y[0] && height <= y[1]) {
          parts.push(`<circle class="lab-dot" cx="${toX(layer + 1).toFixed(1)}" cy="${toY(height).toFixed(1)}" r="1.8"/>`);
        }
      });
    }
    if (theory) parts.push(`<path class="lab-theory" d="${path(full(theory))}"/>`);
    if (guess) parts.push(`<path class="lab-guess" d="${path(guess)}"/>`);
    parts.push("</g>");
    if (course) parts.push(leaving(course, { toX, top, right, bottom }));
    if (log && networks.length && networks.every((network) => network.every((value) => value === 0))) {
      parts.push(
        `<text class="lab-label" x="${(left + right) / 2}" y="${(top + bottom) / 2 + 40}" text-anchor="middle">exactly 0 at every layer</text>`,
      );
    }
    return svg(labels.width, labels.height, parts);
  }

  // An arrow at the edge where a course leaves the axis for good, and the number it comes to.
  function leaving(course, { toX, top, right, bottom }) {
    const on = ([, value]) => Math.abs(Math.log10(value)) <= DECADES[1];
    const last = course.findLastIndex(on);
    const [layer, value] = course[last + 1] ?? [];
    if (value === undefined) return "";
    const [, end] = course[course.length - 1];
    const up = !(value < 1);
    const across = Math.min(toX(layer), right);
    const near = across > right - 110;
    const d = `M${across - 6} ${up ? top + 9 : bottom - 9}h12L${across} ${up ? top : bottom}Z`;
    const turned = up ? end < 1 : end > 1; // beyond the axis
    const way = up !== turned ? "up" : "down";
    const text = `${turned ? `${up ? "up" : "down"}, then ` : ""}${way} to ${Number.isFinite(end) ? number(end) : "overflow"}`;
    return `<path class="lab-arrow" d="${d}"/><text class="lab-label lab-gone" x="${across + (near ? -11 : 11)}" y="${up ? top + 11 : bottom - 4}" text-anchor="${near ? "end" : "start"}">${text}</text>`;
  }

  function histogram({ values, ...labels }) {
    let [low, high] = [Infinity, -Infinity];
    for (const value of values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    if (!(high > low)) [low, high] = [low - (Math.abs(low) || 1), low + (Math.abs(low) || 1)];
    const bins = 31;
    const counts = new Array(bins).fill(0);
    for (const value of values) {
      counts[Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins))]++;
    }
    const hasZero = low < 0 && high > 0 && [low, high].every((end) => number(end).length < 6);
    const shares = counts.map((count) => count / values.length);
    const largest = Math.max(...shares);
    const { parts, toX, toY } = frame({
      ...labels,
      x: [low, high],
      y: [0, largest],
      xTicks: hasZero ? [low, 0, high] : [low, high],
    });
    shares.forEach((share, k) => {
      const left = toX(low + (k / bins) * (high - low));
      const right = toX(low + ((k + 1) / bins) * (high - low));
      parts.push(
        `<rect class="lab-bar" x="${left.toFixed(1)}" width="${Math.max(0.5, right - left - 0.8).toFixed(1)}" y="${toY(share).toFixed(1)}" height="${(toY(0) - toY(share)).toFixed(1)}"/>`,
      );
    });
    return svg(labels.width, labels.height, parts);
  }

  return { DECADES, escape, histogram, lines, number, scales, short };
})();
