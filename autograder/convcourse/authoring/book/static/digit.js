// LeNet-5 of Unit 9 reads a digit (digit.html). Its weights have 8 bits each: the integers of a kernel times its scale.
function lenet(layers) {
  const net = {};
  for (const [name, { shape, scale, kernel, bias }] of Object.entries(layers))
    net[name] = { shape, bias, weights: Array.from(atob(kernel), (letter) => (letter.charCodeAt(0) << 24 >> 24) * scale) };

  // A kernel has the axes (row, column, map before, map after), row by row.
  function convolved(maps, { shape: [rows, cols, before, after], weights, bias }) {
    return bias.map((start, m) => {
      const parts = maps.map((map, n) => {
        const kernel = imageFrom(rows, cols, (row, col) => weights[((row * cols + col) * before + n) * after + m]);
        return slidingSums(map, kernel).values;
      });
      return { rows: maps[0].rows - rows + 1, cols: maps[0].cols - cols + 1, values: parts[0].map((_, k) => Math.tanh(start + sumOf(parts.map((part) => part[k])))) };
    });
  }

  function dense(values, { shape: [, after], weights, bias }) {
    return bias.map((start, unit) => start + sumOf(values.map((value, n) => value * weights[n * after + unit])));
  }

  // input: an image of 32 × 32 numbers from −0.1 (paper) to 1.175 (ink). Returns the maps or units of each layer.
  return (input) => {
    const C1 = convolved([input], net.C1), S2 = C1.map((map) => maxPooled(map, 2));
    const C3 = convolved(S2, net.C3), S4 = C3.map((map) => maxPooled(map, 2));
    const flat = imageFrom(S4[0].values.length, S4.length, (place, m) => S4[m].values[place]).values;
    const C5 = dense(flat, net.C5).map(Math.tanh), F6 = dense(C5, net.F6).map(Math.tanh);
    const sizes = dense(F6, net.output).map(Math.exp), all = sumOf(sizes);
    return { C1, S2, C3, S4, C5, F6, output: sizes.map((size) => size / all) };
  };
}

// 8 × 8 squares with 0 (paper) to 16 (ink), as LeNet-5 sees them: each is 4 × 4 pixels.
function asLenetSees(squares) {
  return imageFrom(32, 32, (row, col) => squares[Math.floor(row / 4) * 8 + Math.floor(col / 4)] / 16 * 1.275 - 0.1);
}

document.addEventListener("DOMContentLoaded", () => {
  const root = document.querySelector(".digit");
  const { layers, examples } = JSON.parse(root.querySelector("script").textContent);
  const find = (name) => root.querySelector(`[data-part="${name}"]`);
  const read = lenet(layers), pad = find("pad"), example = find("example");
  let strokes = [];

  root.read = (squares) => read(asLenetSees(squares));

  // As large as the field, in its middle, and then the ink in each of the 8 × 8 squares.
  function squaresOf(lines) {
    const points = lines.flat(), small = document.createElement("canvas"), WIDTH = 4.4;
    if (!points.length) return Array(64).fill(0);
    const [left, right, top, bottom] = [Math.min(...points.map(([x]) => x)), Math.max(...points.map(([x]) => x)),
      Math.min(...points.map(([, y]) => y)), Math.max(...points.map(([, y]) => y))];
    const scale = (32 - WIDTH) / Math.max(right - left, bottom - top, 40);
    small.width = small.height = 32;
    const context = small.getContext("2d");
    context.translate(16 - scale * (left + right) / 2, 16 - scale * (top + bottom) / 2);
    context.scale(scale, scale);
    drawLines(context, lines, WIDTH / scale, "#000");
    const pixels = context.getImageData(0, 0, 32, 32).data;
    return imageFrom(8, 8, (row, col) => {
      let ink = 0;
      for (let r = 0; r < 4; r++) for (let c = 0; c < 4; c++) ink += pixels[((4 * row + r) * 32 + 4 * col + c) * 4 + 3];
      return ink / 255;
    }).values;
  }

  function drawLines(context, lines, width, colour) {
    Object.assign(context, { lineWidth: width, lineCap: "round", lineJoin: "round", strokeStyle: colour });
    for (const [first, ...others] of lines) {
      context.beginPath();
      context.moveTo(...first);
      for (const point of [first, ...others]) context.lineTo(...point);
      context.stroke();
    }
  }

  function show(squares) {
    paint(find("input"), { rows: 8, cols: 8, values: squares }, grey(16, 0));
    const found = root.read(squares);
    for (const name of ["C1", "S2", "C3", "S4"]) showImages(name, found[name]);
    for (const name of ["C5", "F6"]) showImages(name, [{ rows: found[name].length / 12, cols: 12, values: found[name] }]);
    find("output").querySelectorAll("tr").forEach((row, digit) => {
      row.querySelector("span").style.width = `${100 * found.output[digit]}%`;
      row.cells[2].textContent = `${(100 * found.output[digit]).toFixed(1)} %`;
    });
    const best = found.output.indexOf(Math.max(...found.output));
    find("told").textContent = squares.some((ink) => ink) ? `LeNet reads ${best}, with probability ${written(found.output[best])}.` : "Nothing is drawn yet.";
  }

  function showImages(name, images) {
    const place = root.querySelector(`[data-layer="${name}"]`);
    images.forEach((image, n) => {
      const canvas = place.children[n] ?? place.appendChild(document.createElement("canvas"));
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", images.length > 1 ? `map ${n + 1} of ${name}` : `the units of ${name}`);
      canvas.style.aspectRatio = `${image.cols} / ${image.rows}`;
      paint(canvas, image, signed(1));
    });
  }

  function redraw() {
    const context = pad.getContext("2d");
    context.clearRect(0, 0, pad.width, pad.height);
    drawLines(context, strokes, 18, "#111");
  }

  const at = (event) => {
    const box = pad.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width * pad.width, (event.clientY - box.top) / box.height * pad.height];
  };
  pad.addEventListener("pointerdown", (event) => {
    pad.setPointerCapture(event.pointerId);
    example.value = "";
    strokes.push([at(event)]);
  });
  pad.addEventListener("pointermove", (event) => {
    if (!event.buttons || !strokes.length) return;
    strokes.at(-1).push(at(event));
    redraw();
    show(squaresOf(strokes));
  });
  pad.addEventListener("pointerup", () => { redraw(); show(squaresOf(strokes)); });
  find("clear").addEventListener("click", () => { strokes = []; example.value = ""; redraw(); show(squaresOf(strokes)); });
  example.addEventListener("change", () => {
    strokes = [];
    redraw();
    show(example.value ? examples[example.value] : squaresOf(strokes));
  });

  for (let digit = 0; digit < 10; digit++) {
    const row = find("output").insertRow();
    row.innerHTML = `<th scope="row">${digit}</th><td><span></span></td><td></td>`;
  }
  example.value = "3";
  show(examples[3]);
});
