// Unit 5's toy net (small_net.html). Each number is a button that opens to what it was computed from.
document.addEventListener("DOMContentLoaded", () => {
  const root = document.querySelector(".small-net");
  const { pictures, features, weights } = JSON.parse(root.querySelector("script").textContent);
  const names = JSON.parse(root.querySelector('[data-part="names"]').textContent);
  const kernels = features.map(imageOf), classes = ["X", "O"];
  const opened = root.querySelector('[data-part="opened"]');
  // Each layer is a list of images. `shown` is the number that is open.
  let layers, shown = { layer: "conv", map: 0, row: 2, col: 2 };

  function compute(picture) {
    const conv = kernels.map((kernel) => mapped(slidingSums(picture, kernel), (sum) => sum / kernel.values.length));
    const relu = conv.map((map) => mapped(map, (value) => Math.max(value, 0)));
    const pool = relu.map((map) => maxPooled(map, 2));
    const last = pool.map((map) => maxPooled(map, 2));
    const values = last.flatMap((map) => map.values);
    const votes = weights.map((row) => imageOf([[sumOf(row.map((weight, n) => weight * values[n]))]]));
    return { picture: [picture], conv, relu, pool, last, votes };
  }

  // How a number was made: words, the terms, and the places where it looked in the layer before.
  function madeOf({ layer, map, row, col }) {
    const value = valueAt(layers[layer][map], row, col);
    const name = layer === "votes" ? `Votes for ${classes[map]}` : `${names[map]}, row ${row}, column ${col}`;
    const square = (from, where, top, left, size) => {
      const { rows, cols } = layers[from][where], places = [];
      for (let r = top; r < Math.min(top + size, rows); r++)
        for (let c = left; c < Math.min(left + size, cols); c++) places.push({ layer: from, map: where, row: r, col: c });
      return places;
    };
    const list = (numbers) => numbers.map((number) => written(number)).join(", ");
    if (layer === "picture") return { title: `Pixel in row ${row}, column ${col}`, terms: value > 0 ? "ink is 1" : "paper is −1", value, places: [] };
    if (layer === "conv") {
      const products = productsAt(layers.picture[0], kernels[map], row, col);
      const terms = products.map(({ pixel, weight }) => `${bracketed(pixel)}·${bracketed(weight)}`).join(" + ");
      const sum = sumOf(products.map(({ product }) => product));
      return { title: name, terms: `(${terms}) / 9 = ${written(sum)} / 9`, value, places: square("picture", 0, row, col, 3) };
    }
    if (layer === "relu")
      return { title: name, terms: `max(0, ${written(valueAt(layers.conv[map], row, col))})`, value, places: square("conv", map, row, col, 1) };
    if (layer === "pool" || layer === "last") {
      const from = layer === "pool" ? "relu" : "pool";
      return { title: name, terms: `max(${list(windowAt(layers[from][map], 2, row, col))})`, value, places: square(from, map, 2 * row, 2 * col, 2) };
    }
    const values = layers.last.flatMap((one) => one.values);
    const terms = values.map((number, n) => [weights[map][n], number]).filter(([weight]) => weight !== 0);
    const places = layers.last.flatMap((one, m) => square("last", m, 0, 0, 2)).filter((_, n) => weights[map][n] !== 0);
    return { title: name, terms: terms.map(([weight, number]) => `${written(weight)}·${written(number)}`).join(" + "), value, places };
  }

  const bracketed = (number) => (number < 0 ? `(${written(number)})` : written(number));

  // The tables of buttons are made once; later only their numbers change.
  function build() {
    for (const [layer, maps] of Object.entries(layers)) {
      const place = root.querySelector(`[data-layer="${layer}"]`);
      maps.forEach((map, m) => {
        const table = place.appendChild(document.createElement("table"));
        table.setAttribute("aria-label", layer === "votes" ? `votes for ${classes[m]}` : layer === "picture" ? "the picture" : `${layer} of ${names[m]}`);
        table.createCaption().textContent = layer === "votes" ? classes[m] : layer === "picture" ? "" : names[m];
        for (let row = 0; row < map.rows; row++) {
          const line = table.insertRow();
          for (let col = 0; col < map.cols; col++) {
            const button = line.insertCell().appendChild(document.createElement("button"));
            button.type = "button";
            button.tabIndex = row || col ? -1 : 0;
            button.place = { layer, map: m, row, col };
            button.dataset.place = placeName(button.place);
          }
        }
      });
    }
  }

  const placeName = ({ layer, map, row, col }) => `${layer} ${map} ${row} ${col}`;
  const buttonAt = (place) => root.querySelector(`[data-place="${placeName(place)}"]`);

  function show() {
    for (const button of root.querySelectorAll(".layers td button")) {
      const { layer, map, row, col } = button.place, value = valueAt(layers[layer][map], row, col);
      const colour = layer === "picture" ? grey(1, -1)(value) : signed(1.2)(value);
      button.textContent = layer === "picture" ? "" : written(value);
      button.setAttribute("aria-label", layer === "picture" ? (value > 0 ? "ink" : "paper") : written(value));
      button.style.background = `rgb(${colour})`;
      button.style.color = inkOn(colour);
      button.classList.remove("is-open", "is-source");
    }
    const { title, terms, value, places } = madeOf(shown);
    buttonAt(shown).classList.add("is-open");
    for (const place of places) buttonAt(place).classList.add("is-source");
    opened.replaceChildren();
    opened.append(Object.assign(document.createElement("strong"), { textContent: title }), document.createElement("br"), `${terms} = `);
    opened.append(Object.assign(document.createElement("b"), { textContent: written(value, 4) }));
    root.layers = layers;
  }

  function use(picture) {
    layers = compute(picture);
    if (!root.querySelector(".layers table")) build();
    show();
  }

  root.addEventListener("click", ({ target }) => {
    if (target.dataset.picture) return use(imageOf(pictures[target.dataset.picture]));
    if (!target.place) return;
    shown = target.place;
    if (shown.layer !== "picture") return show();
    const picture = layers.picture[0], at = shown.row * picture.cols + shown.col;
    use({ ...picture, values: picture.values.map((value, n) => (n === at ? -value : value)) });
  });
  root.addEventListener("focusin", ({ target }) => {
    if (!target.place) return;
    shown = target.place;
    show();
  });
  root.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step || !event.target.place) return;
    const { row, col, ...map } = event.target.place;
    event.preventDefault();
    buttonAt({ ...map, row: row + step[0], col: col + step[1] })?.focus();
  });
  use(imageOf(pictures.X));
});
