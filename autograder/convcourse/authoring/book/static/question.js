// The questions of `predict`: a reader guesses before the next output is shown. What agrees is decided as in predictions.py.
document.addEventListener("DOMContentLoaded", () => {
  for (const form of document.querySelectorAll("form.question")) {
    const waiting = outputsBelow(form.closest(".cell"));
    const reveal = () => { for (const output of waiting) output.hidden = false; };
    for (const output of waiting) output.hidden = true;
    if (waiting.length) {
      const button = form.appendChild(document.createElement("button"));
      button.type = "button";
      button.textContent = "Show without a guess";
      button.addEventListener("click", () => { reveal(); button.remove(); });
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const { right, shown, why, close } = JSON.parse(unscrambled(form.dataset.told, form.dataset.key));
      const said = form.elements.guess.value.trim(), agrees = isRight(said, right, close);
      const told = form.querySelector("p");
      told.textContent = agrees ? `✔ You said ${said}, and it is ${shown}. ` : `✘ You said ${said}. It is ${shown}. `;
      told.insertAdjacentHTML("beforeend", why);
      form.dataset.agrees = agrees;
      form.querySelector("button[type=button]")?.remove();
      reveal();
    });
  }

  // What the code cells below a question show, up to the next text.
  function outputsBelow(cell) {
    const found = [];
    for (let next = cell?.nextElementSibling; next?.classList.contains("cell"); next = next.nextElementSibling)
      found.push(...next.querySelectorAll(".cell_output"));
    return found;
  }

  function isRight(said, right, close) {
    if (typeof right === "string") return said.toLowerCase() === right.trim().toLowerCase();
    return Math.abs(numberIn(said) - right) <= close * Math.abs(right);
  }

  // "16,000,000", "1e6" and "1/8" are numbers.
  function numberIn(text) {
    const [above, below = "1"] = text.replaceAll(",", "").replace("−", "-").split("/");
    return Number(above || NaN) / Number(below || NaN);
  }

  function unscrambled(text, key) {
    const letters = new TextEncoder().encode(key);
    const bytes = Uint8Array.from(atob(text), (letter, place) => letter.charCodeAt(0) ^ letters[place % letters.length]);
    return new TextDecoder().decode(bytes);
  }
});
