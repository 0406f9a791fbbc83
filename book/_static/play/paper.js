"use strict";

// A sheet to draw on: a few marks in the book's colors, which become one SVG picture.
const playPaper = (width, height) => {
  const parts = [];
  const put = (mark) => void parts.push(mark);
  const round = (value) => Number(value.toFixed(1));
  const ink = (color) => `var(--figure-${color})`;

  const sheet = {
    width,
    height,
    line: (x1, y1, x2, y2, color = "zero", more = "") =>
      put(`<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" style="stroke:${ink(color)};${more}"/>`),
    path: (points, color, more = "") =>
      put(`<path d="M${points.map(([x, y]) => `${round(x)} ${round(y)}`).join("L")}" style="fill:none;stroke:${ink(color)};${more}"/>`),
    area: (points, color, more = "") =>
      put(`<path d="M${points.map(([x, y]) => `${round(x)} ${round(y)}`).join("L")}Z" style="fill:${ink(color)};${more}"/>`),
    box: (x, y, w, h, color, more = "") =>
      put(`<rect x="${round(x)}" y="${round(y)}" width="${round(Math.max(w, 0))}" height="${round(Math.max(h, 0))}" style="fill:${ink(color)};${more}"/>`),
    dot: (x, y, r, color, more = "") =>
      put(`<circle cx="${round(x)}" cy="${round(y)}" r="${round(r)}" style="fill:${ink(color)};${more}"/>`),
    // What goes up is a blue circle, what comes down a violet diamond: so in every picture of the book.
    signal: (x, y) => sheet.dot(x, y, 5, "lecun"),
    gradient: (x, y) => sheet.area([[x - 6, y], [x, y - 6], [x + 6, y], [x, y + 6]], "orthogonal"),
    ring: (x, y, r, color = "theory") =>
      put(`<circle cx="${round(x)}" cy="${round(y)}" r="${round(r)}" style="fill:none;stroke:${ink(color)};stroke-width:1.6"/>`),
    text: (x, y, text, anchor = "middle", more = "") =>
      put(`<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" style="${more}">${labChart.escape(text)}</text>`),
    upright: (x, y, text) =>
      put(`<text transform="translate(${round(x)} ${round(y)}) rotate(-90)" text-anchor="middle" style="font-size:12px">${labChart.escape(text)}</text>`),
    title: (x, y, text) => sheet.text(x, y, text, "start", "font-weight:600"),

    // Axes in a part of the sheet. Ticks are pairs of a value and what is written there.
    axes({ left, right, top, bottom, x, y, xTicks = [], yTicks = [], xLabel = "", yLabel = "" }) {
      const toX = (value) => left + ((value - x[0]) / (x[1] - x[0])) * (right - left);
      const toY = (value) => bottom - ((value - y[0]) / (y[1] - y[0])) * (bottom - top);
      for (const [value, name] of yTicks) {
        sheet.line(left, toY(value), right, toY(value), "grid");
        sheet.text(left - 6, toY(value) + 4, name, "end", "font-size:12px");
      }
      for (const [value, name] of xTicks) sheet.text(toX(value), bottom + 16, name, "middle", "font-size:12px");
      sheet.line(left, bottom, right, bottom);
      if (xLabel) sheet.text((left + right) / 2, bottom + 33, xLabel);
      if (yLabel) sheet.upright(12, (top + bottom) / 2, yLabel);
      return { toX, toY };
    },

    picture: (label) =>
      `<svg class="picture live" role="img" aria-label="${labChart.escape(label)}" viewBox="0 0 ${width} ${height}" height="${height}">${parts.join("")}</svg>`,
  };
  return sheet;
};
