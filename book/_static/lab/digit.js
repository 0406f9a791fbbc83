"use strict";

// One image of the digits that scikit-learn ships, a 2, as 64 pixels from 0 to 16 (a digit of base
// 17 each), and small images of layers: black is 0 and less, white is WHITE and more.
const labDigit = (() => {
  const WHITE = 3;
  const RAW = "001dga0001df8g3008f34f000130c8000004e100000b8040001g8d90000egb00";

  // Shifted and scaled to mean 0 and mean square 1.
  const pixels = (() => {
    const raw = Array.from(RAW, (digit) => parseInt(digit, 17));
    const mean = raw.reduce((sum, value) => sum + value, 0) / raw.length;
    const square = raw.reduce((sum, value) => sum + (value - mean) ** 2, 0) / raw.length;
    return raw.map((value) => (value - mean) / Math.sqrt(square));
  })();

  // Draw n² values on a canvas, a pixel each. What is no number, an overflow, is white.
  function paint(canvas, values) {
    const side = Math.sqrt(values.length);
    canvas.width = canvas.height = side;
    const context = canvas.getContext("2d");
    const image = context.createImageData(side, side);
    values.forEach((value, k) => {
      const shade = Number.isNaN(value) ? 255 : (255 * value) / WHITE;
      image.data.set([shade, shade, shade, 255], 4 * k); // which cuts off what lies outside
    });
    context.putImageData(image, 0, 0);
  }

  return { paint, pixels };
})();
