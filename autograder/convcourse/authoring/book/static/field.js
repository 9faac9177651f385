// The picture of the field (nets.html): every net with a published error as a mark, which the reader filters.
// The data stand in the page as JSON; pages.py writes them. Nothing is fetched.
document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("field");
  if (!place) return;
  const nets = JSON.parse(document.getElementById("field-nets").textContent);
  const COSTS = {
    macs: { title: "multiply-adds for one image", log: true },
    parameters: { title: "parameters", log: true },
    milliseconds: { title: "milliseconds for one image, measured on a CPU at 96 × 96", log: true },
    year: { title: "year", log: false },
  };
  const ERRORS = { top1: "top-1 error on ImageNet, per cent", top5: "top-5 error on ImageNet, per cent" };
  const COLOURS = ["#3d8fd1", "#e08a00", "#2fa36b", "#d9534f", "#9a6fd0", "#1aa6a6", "#c06c98", "#8a8a3c"];
  const SHAPES = ["circle", "square", "triangle", "diamond"];
  const HEIGHT = 470, LEFT = 58, RIGHT = 20, TOP = 16, BOTTOM = 52;
  const families = [...new Set(nets.map((net) => net.family))];
  const look = new Map(families.map((family, number) => [family, {
    colour: COLOURS[number % COLOURS.length],
    shape: SHAPES[Math.floor(number / COLOURS.length) % SHAPES.length],
  }]));
  const hidden = new Set();
  const chosen = (id) => document.getElementById(id);

  function made(name, attributes, parent, text) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text !== undefined) node.textContent = text;
    if (parent) parent.append(node);
    return node;
  }

  function mark(family, x, y, size, parent, attributes = {}) {
    const { colour, shape } = look.get(family), s = size;
    const all = { fill: colour, ...attributes };
    if (shape === "circle") return made("circle", { cx: x, cy: y, r: s, ...all }, parent);
    const corners = {
      square: [[-s, -s], [s, -s], [s, s], [-s, s]],
      triangle: [[0, -1.3 * s], [1.2 * s, s], [-1.2 * s, s]],
      diamond: [[0, -1.4 * s], [1.2 * s, 0], [0, 1.4 * s], [-1.2 * s, 0]],
    }[shape];
    return made("polygon", { points: corners.map(([dx, dy]) => `${x + dx},${y + dy}`).join(" "), ...all }, parent);
  }

  const short = (value) => {
    for (const [size, letter] of [[1e9, " G"], [1e6, " M"], [1e3, " K"]])
      if (value >= size) return `${+(value / size).toPrecision(3)}${letter}`;
    return `${+value.toPrecision(3)}`;
  };
  const told = (net) => [
    `${net.name}, ${net.year}`,
    `${short(net.parameters)} parameters`,
    `${short(net.macs)} multiply-adds`,
    ...(net.milliseconds ? [`${short(net.milliseconds)} ms`] : []),
    ...["top1", "top5"].filter((error) => net[error] !== null).map((error) => `${error.replace("p", "p-")} error ${net[error]} %`),
    net.protocol,
  ].join(" · ");

  // 1, 2 and 5 of each power of ten inside the range, of a wide range the powers only; years as they are.
  function ticks(low, high, log) {
    if (!log) {
      const step = Math.max(1, Math.ceil((high - low) / 10));
      return Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, k) => Math.ceil(low) + k * step);
    }
    const found = [], digits = high / low > 300 ? [1] : [1, 2, 5];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++)
      for (const digit of digits) found.push(digit * 10 ** power);
    return found.filter((value) => value >= low && value <= high);
  }

  function draw() {
    const cost = chosen("field-cost").value, error = chosen("field-error").value, { title, log } = COSTS[cost];
    const WIDTH = Math.min(Math.max(place.clientWidth, 340), 860);  // so that letters keep their size on a telephone
    const oneCrop = chosen("field-crop").checked, names = chosen("field-names").value;
    const shown = nets.filter((net) => net[error] !== null && net[cost] && !hidden.has(net.family)
      && (!oneCrop || net.one_crop));
    const old = place.querySelector("svg");
    const svg = made("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "group", "aria-label": `${ERRORS[error]} against ${title}: ${shown.length} nets` });
    if (old) old.replaceWith(svg); else place.append(svg);
    chosen("field-count").textContent = `${shown.length} of ${nets.length} nets`;
    if (!shown.length) return;
    const span = (values, share) => {
      const low = Math.min(...values), high = Math.max(...values), room = (high - low || 1) * share;
      return [low - room, high + room];
    };
    const scale = (value) => (log ? Math.log10(value) : value);
    const [x0, x1] = span(shown.map((net) => scale(net[cost])), 0.06);
    const [y0, y1] = span(shown.map((net) => net[error]), 0.07);
    const across = (value) => LEFT + (scale(value) - x0) / (x1 - x0) * (WIDTH - LEFT - RIGHT);
    const down = (value) => HEIGHT - BOTTOM - (value - y0) / (y1 - y0) * (HEIGHT - TOP - BOTTOM);

    const [low, high] = log ? [10 ** x0, 10 ** x1] : [x0, x1];
    for (const value of ticks(low, high, log)) {
      made("line", { x1: across(value), x2: across(value), y1: TOP, y2: HEIGHT - BOTTOM, class: "grid" }, svg);
      made("text", { x: across(value), y: HEIGHT - BOTTOM + 18, "text-anchor": "middle" }, svg, log ? short(value) : value);
    }
    const step = [1, 2, 5, 10].find((size) => (y1 - y0) / size <= 10);
    for (let value = Math.ceil(y0 / step) * step; value <= y1; value += step) {
      made("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: down(value), y2: down(value), class: "grid" }, svg);
      made("text", { x: LEFT - 8, y: down(value) + 4, "text-anchor": "end" }, svg, value);
    }
    made("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 12, "text-anchor": "middle" }, svg, title);
    made("text", { transform: `translate(16 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)`, "text-anchor": "middle" }, svg, ERRORS[error]);

    // The steps join the nets that no other beats in both.
    const best = [];
    for (const net of [...shown].sort((a, b) => a[cost] - b[cost] || a[error] - b[error]))
      if (!best.length || net[error] < best.at(-1)[error]) best.push(net);
    const steps = best.map((net, k) => `${k ? `H${across(net[cost])}V${down(net[error])}` : `M${across(net[cost])} ${down(net[error])}`}`);
    made("path", { d: steps.join(""), class: "best" }, svg);

    const taken = [];
    const labelled = names === "all" ? [...best, ...shown] : names === "best" ? best : [];
    for (const net of shown) {
      const point = mark(net.family, across(net[cost]), down(net[error]), 5.5, svg, { class: "net", tabindex: 0, role: "img", "aria-label": told(net) });
      made("title", {}, point, told(net));
      for (const event of ["focus", "pointerenter"])
        point.addEventListener(event, () => { chosen("field-told").textContent = told(net); });
    }
    for (const net of labelled) {  // a name is left out where it would cover another
      const text = made("text", { y: down(net[error]) - 9, class: "name" }, svg, net.name);
      const width = text.getComputedTextLength() || 6 * net.name.length;
      const x = Math.min(Math.max(across(net[cost]) - width / 2, LEFT + 2), WIDTH - RIGHT - width);
      text.setAttribute("x", x);
      const box = [x, down(net[error]) - 20, x + width, down(net[error]) - 6];
      if (taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) text.remove();
      else taken.push(box);
    }
  }

  const legend = chosen("field-families");
  for (const family of families) {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-pressed", "true");
    mark(family, 8, 8, 5, button.appendChild(made("svg", { width: 16, height: 16, "aria-hidden": "true" })));
    button.append(family);
    button.addEventListener("click", () => { (hidden.has(family) ? show : hide)(family); draw(); });
    legend.append(button);
  }
  const pressed = (family, value) => legend.children[families.indexOf(family)].setAttribute("aria-pressed", value);
  function hide(family) { hidden.add(family); pressed(family, "false"); }
  function show(family) { hidden.delete(family); pressed(family, "true"); }
  chosen("field-none").addEventListener("click", () => { families.forEach(hide); draw(); });
  chosen("field-all").addEventListener("click", () => { families.forEach(show); draw(); });
  for (const id of ["field-cost", "field-error", "field-crop", "field-names"]) chosen(id).addEventListener("change", draw);
  window.addEventListener("resize", draw);
  draw();
});
