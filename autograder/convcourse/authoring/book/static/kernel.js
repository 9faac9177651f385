// Move a kernel over a picture (try/kernel.html): every product is shown. On the front page it moves by itself.
document.addEventListener("DOMContentLoaded", () => {
  for (const place of document.querySelectorAll(".kernel")) startKernel(place);
});

function startKernel(root) {
  const { kernels, rows, cols, pixels } = JSON.parse(root.querySelector("script").textContent);
  const picture = { rows, cols, values: Array.from(atob(pixels), (letter) => letter.charCodeAt(0)) };
  const find = (name) => root.querySelector(`[data-part="${name}"]`);
  const weights = [...root.querySelectorAll(".kernel-weights input")], choice = find("choice"), reversal = find("reversal");
  const across = find("across"), down = find("down"), table = find("products"), moves = find("moves");
  let kernel, map, colourOfMap, timer;

  paint(find("picture"), picture, grey(0, 255));
  for (let n = 0; n < 9; n++) {
    if (n % 3 === 0) table.insertRow();
    table.rows[Math.floor(n / 3)].insertCell();
  }

  function useKernel() {
    const written = { rows: 3, cols: 3, values: weights.map((weight) => Number(weight.value) || 0) };
    kernel = reversal.checked ? flipped(written) : written;
    map = slidingSums(picture, kernel);
    const sizes = map.values.map(Math.abs).sort((a, b) => a - b);
    colourOfMap = kernel.values.some((weight) => weight < 0)
      ? signed(sizes[Math.floor(0.995 * sizes.length)])
      : grey(Math.min(...map.values), Math.max(...map.values));
    root.slidingSums = map;
    showPlace();
  }

  function showPlace() {
    const row = down.valueAsNumber, col = across.valueAsNumber;
    const products = productsAt(picture, kernel, row, col);
    [...table.querySelectorAll("td")].forEach((cell, n) => {
      const { pixel, weight, product } = products[n];
      cell.innerHTML = `${written(pixel)} · ${written(weight)}<br><b>${written(product)}</b>`;
      cell.style.background = `rgb(${grey(0, 255)(pixel)})`;
      cell.style.color = inkOn(grey(0, 255)(pixel));
    });
    find("sum").textContent = `Sum at row ${row}, column ${col}: ${written(sumOf(products.map((one) => one.product)))}`;
    paint(find("map"), map, colourOfMap);
    if (timer) palerAfter(find("map"), row, col);
    outline(find("picture-outline"), row, col, 3, picture);
    outline(find("map-outline"), row, col, 1, map);
  }

  // While the kernel moves by itself, the map is pale where the kernel has not come to.
  function palerAfter(canvas, row, col) {
    const context = canvas.getContext("2d");
    context.fillStyle = "rgb(255 255 255 / 80%)";
    context.fillRect(col + 1, row, map.cols, 1);
    context.fillRect(0, row + 1, map.cols, map.rows);
  }

  function outline(box, row, col, size, image) {
    box.style.left = `${100 * col / image.cols}%`;
    box.style.top = `${100 * row / image.rows}%`;
    box.style.width = `${100 * size / image.cols}%`;
    box.style.height = `${100 * size / image.rows}%`;
  }

  function moveTo(row, col) {
    down.value = row;
    across.value = col;
    showPlace();
  }

  function choose(name) {
    choice.value = name;
    kernels[name]?.flat().forEach((weight, n) => { weights[n].value = weight; });
    useKernel();
  }

  choice.addEventListener("change", () => choose(choice.value));
  for (const weight of weights) weight.addEventListener("input", () => { choice.value = "your own"; useKernel(); });
  reversal.addEventListener("change", useKernel);
  for (const slider of [across, down]) slider.addEventListener("input", showPlace);
  for (const [name, middle] of [["picture", 1], ["map", 0]]) {
    const canvas = find(name);
    const follow = (event) => {
      const box = canvas.getBoundingClientRect();
      const at = (share, size) => Math.min(Math.max(Math.floor(share * canvas[size]) - middle, 0), (size === "width" ? map.cols : map.rows) - 1);
      moveTo(at((event.clientY - box.top) / box.height, "height"), at((event.clientX - box.left) / box.width, "width"));
    };
    canvas.addEventListener("pointerdown", (event) => { stop(); canvas.setPointerCapture(event.pointerId); follow(event); });
    canvas.addEventListener("pointermove", (event) => { if (event.buttons) follow(event); });
  }

  function stop() {
    clearInterval(timer);
    timer = undefined;
    moves.textContent = "Let it move";
    find("sum").setAttribute("aria-live", "polite");
    showPlace();
  }

  // Through all places, row by row; then the next kernel.
  function move() {
    moves.textContent = "Stop";
    find("sum").setAttribute("aria-live", "off");  // twenty sums a second are too many to be read out
    timer = setInterval(() => {
      const next = down.valueAsNumber * map.cols + across.valueAsNumber + 4;
      if (next < map.values.length) return moveTo(Math.floor(next / map.cols), next % map.cols);
      const names = Object.keys(kernels);
      choose(names[(names.indexOf(choice.value) + 1) % names.length]);
      moveTo(0, 0);
    }, 50);
  }

  moves.addEventListener("click", () => (timer ? stop() : move()));
  choose(choice.value);
  if (root.dataset.moves === "at once" && !matchMedia("(prefers-reduced-motion: reduce)").matches) move();
}
