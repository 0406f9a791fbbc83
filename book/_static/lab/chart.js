"use strict";

// Charts as SVG: a line over layers with a band, single networks and a theory, and a histogram.
// A chart is text: its caller puts it into the page. Colors and dashes come from lab.css.
const labChart = (() => {
  const MARGIN = { top: 34, right: 14, bottom: 40, left: 58 };
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
    const exponent = Math.floor(Math.log10(Math.abs(value)));
    if (exponent >= -2 && exponent < 4) return String(Number(value.toPrecision(digits)));
    const factor = Number((value / 10 ** exponent).toPrecision(digits));
    if (Math.abs(factor) === 10) return `${factor < 0 ? "−" : ""}${power(exponent + 1)}`;
    return factor === 1 ? power(exponent) : `${factor}\u00a0·\u00a0${power(exponent)}`;
  }

  // About `count` round steps from low to high.
  function ticks(low, high, count, whole) {
    const rough = (high - low) / count || 1;
    const unit = 10 ** Math.floor(Math.log10(rough));
    let step = [1, 2, 5, 10].find((k) => k * unit >= rough) * unit;
    if (whole) step = Math.max(1, Math.round(step));
    const found = [];
    for (let t = Math.ceil(low / step) * step; t <= high + step * 1e-9; t += step) {
      found.push(Math.abs(t) < step * 1e-9 ? 0 : t);
    }
    return found;
  }

  function frame({ width, height, title, description, xLabel, yLabel, x, y, log, xTicks }) {
    const inner = {
      width: width - MARGIN.left - MARGIN.right,
      height: height - MARGIN.top - MARGIN.bottom,
    };
    const toX = (value) => MARGIN.left + ((value - x[0]) / (x[1] - x[0] || 1)) * inner.width;
    const toY = (value) =>
      MARGIN.top + (1 - (value - y[0]) / (y[1] - y[0] || 1)) * inner.height;
    const right = width - MARGIN.right;
    const bottom = height - MARGIN.bottom;
    const parts = [
      `<title>${escape(title)}</title><desc>${escape(description)}</desc>`,
      `<text class="lab-title" x="0" y="16">${escape(title)}</text>`,
    ];
    for (const t of ticks(y[0], y[1], 5, log)) {
      const label = log ? power(t) : number(t, 3);
      parts.push(
        `<line class="lab-grid" x1="${MARGIN.left}" x2="${right}" y1="${toY(t)}" y2="${toY(t)}"/>`,
        `<text class="lab-tick" x="${MARGIN.left - 8}" y="${toY(t) + 4}" text-anchor="end">${label}</text>`,
      );
    }
    for (const t of xTicks ?? ticks(x[0], x[1], Math.min(8, inner.width / 50), false)) {
      const anchor = { [x[0]]: "start", [x[1]]: "end" }[t] ?? "middle";
      parts.push(
        `<text class="lab-tick" x="${toX(t)}" y="${bottom + 16}" text-anchor="${anchor}">${number(t)}</text>`,
      );
    }
    parts.push(
      `<line class="lab-axis" x1="${MARGIN.left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>`,
      `<line class="lab-axis" x1="${MARGIN.left}" x2="${MARGIN.left}" y1="${MARGIN.top}" y2="${bottom}"/>`,
      `<text class="lab-label" x="${(MARGIN.left + right) / 2}" y="${height - 6}" text-anchor="middle">${escape(xLabel)}</text>`,
      `<text class="lab-label" transform="translate(12 ${(MARGIN.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escape(yLabel)}</text>`,
    );
    return { parts, toX, toY };
  }

  const svg = (width, height, parts) =>
    `<svg class="lab-chart" role="img" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${parts.join("")}</svg>`;

  const finite = (values) => values.filter(Number.isFinite);

  // Networks as thin lines with dots, theory as a dark line, its band behind both.
  // Values are indexed by layer, from 1. On a log axis values of zero have no place.
  function lines({ networks, theory, low, high, log, range, className, ...labels }) {
    const at = (value) => (log ? (value > 0 ? Math.log10(value) : NaN) : value);
    const depth = networks[0].length;
    const all = finite([...networks.flat(), ...(theory ?? [])].map(at));
    const y = range ?? (all.length ? [Math.min(...all), Math.max(...all)] : [-1, 1]);
    const room = log ? Math.max(0.6, (y[1] - y[0]) * 0.06) : 0;
    const { parts, toX, toY } = frame({
      ...labels,
      log,
      x: depth > 1 ? [1, depth] : [0.5, 1.5],
      y: [y[0] - room, y[1] + room],
      xTicks: depth === 1 ? [1] : undefined,
    });
    const path = (values) => {
      let pen = "M";
      return values
        .map((value, layer) => {
          const height = at(value);
          if (!Number.isFinite(height)) {
            pen = "M";
            return "";
          }
          const step = `${pen}${toX(layer + 1).toFixed(1)} ${toY(height).toFixed(1)}`;
          pen = "L";
          return step;
        })
        .join("");
    };
    const id = `lab-clip-${Math.round(toX(1) * 1000)}-${className}`;
    if (low && finite(low.map(at)).length > 1) {
      const back = high.map((value, layer) => [value, layer]).filter(([v]) => Number.isFinite(at(v)));
      const top = back
        .reverse()
        .map(([value, layer]) => `L${toX(layer + 1).toFixed(1)} ${toY(at(value)).toFixed(1)}`)
        .join("");
      parts.push(
        `<clipPath id="${id}"><rect x="${MARGIN.left}" y="${MARGIN.top}" width="${labels.width - MARGIN.left - MARGIN.right}" height="${labels.height - MARGIN.top - MARGIN.bottom}"/></clipPath>`,
        `<path class="lab-band" clip-path="url(#${id})" d="${path(low)}${top}Z"/>`,
      );
    }
    for (const network of networks) parts.push(`<path class="lab-network" d="${path(network)}"/>`);
    const dots = Math.ceil(depth / 20);
    for (const network of networks) {
      network.forEach((value, layer) => {
        const height = at(value);
        if (layer % dots === 0 && Number.isFinite(height)) {
          parts.push(`<circle class="lab-dot" cx="${toX(layer + 1).toFixed(1)}" cy="${toY(height).toFixed(1)}" r="1.8"/>`);
        }
      });
    }
    if (theory) parts.push(`<path class="lab-theory" d="${path(theory)}"/>`);
    if (networks.every((network) => network.every((value) => value === 0)) && log) {
      parts.push(
        `<text class="lab-label" x="${(MARGIN.left + labels.width) / 2}" y="${labels.height / 2}" text-anchor="middle">exactly 0 at every layer</text>`,
      );
    }
    return svg(labels.width, labels.height, parts);
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

  return { escape, histogram, lines, number };
})();
