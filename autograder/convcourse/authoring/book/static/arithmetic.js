// What the pages to try compute with. An image is { rows, cols, values }, its values row by row.
// tests/test_try_it.py compares each result with Python.

function imageOf(rows) {
  return { rows: rows.length, cols: rows[0].length, values: rows.flat() };
}

function valueAt(image, row, col) {
  return image.values[row * image.cols + col];
}

// The image of the function's values at all places.
function imageFrom(rows, cols, valueOf) {
  const values = [];
  for (let row = 0; row < rows; row++) for (let col = 0; col < cols; col++) values.push(valueOf(row, col));
  return { rows, cols, values };
}

function flipped(kernel) {
  return { ...kernel, values: [...kernel.values].reverse() };
}

// What stands under the kernel at a place: a list of { pixel, weight, product }, row by row.
function productsAt(image, kernel, row, col) {
  return kernel.values.map((weight, place) => {
    const pixel = valueAt(image, row + Math.floor(place / kernel.cols), col + place % kernel.cols);
    return { pixel, weight, product: pixel * weight };
  });
}

function sumOf(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0);
}

// Convolution without reversal, mode valid.
function slidingSums(image, kernel) {
  return imageFrom(image.rows - kernel.rows + 1, image.cols - kernel.cols + 1, (row, col) => {
    let sum = 0;
    for (let r = 0; r < kernel.rows; r++)
      for (let c = 0; c < kernel.cols; c++)
        sum += image.values[(row + r) * image.cols + col + c] * kernel.values[r * kernel.cols + c];
    return sum;
  });
}

// The values in the window of size × size that belongs to a place after pooling; cut at the edge.
function windowAt(image, size, row, col) {
  const found = [];
  for (let r = row * size; r < Math.min((row + 1) * size, image.rows); r++)
    for (let c = col * size; c < Math.min((col + 1) * size, image.cols); c++) found.push(valueAt(image, r, c));
  return found;
}

function maxPooled(image, size) {
  return imageFrom(Math.ceil(image.rows / size), Math.ceil(image.cols / size),
    (row, col) => Math.max(...windowAt(image, size, row, col)));
}

function mapped(image, change) {
  return { ...image, values: image.values.map(change) };
}

// A number as a reader wants it: at most two decimals, and a real minus sign.
function written(number, decimals = 2) {
  const rounded = +number.toFixed(decimals);
  return String(rounded === 0 ? 0 : rounded).replace("-", "−");
}

// Paint an image on a canvas, one pixel a value. colourOf: a value to [red, green, blue].
function paint(canvas, image, colourOf) {
  canvas.width = image.cols;
  canvas.height = image.rows;
  const context = canvas.getContext("2d"), pixels = context.createImageData(image.cols, image.rows);
  image.values.forEach((value, place) => pixels.data.set([...colourOf(value), 255], 4 * place));
  context.putImageData(pixels, 0, 0);
}

// From `low` (black) to `high` (white).
function grey(low, high) {
  return (value) => Array(3).fill(Math.round(255 * Math.min(Math.max((value - low) / (high - low || 1), 0), 1)));
}

// Purple below zero, white at zero, orange above, as in the course's figures. `limit` has the full colour.
function signed(limit) {
  const ends = { above: [230, 97, 1], below: [94, 60, 153] };
  return (value) => {
    const share = Math.min(Math.abs(value) / (limit || 1), 1), end = value < 0 ? ends.below : ends.above;
    return end.map((part) => Math.round(255 + share * (part - 255)));
  };
}

// Black or white letters, whichever can be read on this colour.
function inkOn([red, green, blue]) {
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? "#111" : "#fff";
}
