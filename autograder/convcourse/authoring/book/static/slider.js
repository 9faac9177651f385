// A slider of the course without a kernel: its pictures were drawn when the book was made, and are loaded when they are needed.
document.addEventListener("DOMContentLoaded", () => {
  for (const slider of document.querySelectorAll(".slider")) {
    const frames = JSON.parse(slider.querySelector("script").textContent);
    const picture = slider.querySelector(".slider-picture"), handle = slider.querySelector("input"), number = slider.querySelector("output");
    slider.querySelector(".slider-handle").hidden = false;

    function drawn(place) {
      const frame = document.createElement("div");
      frame.innerHTML = frames[place] ?? "";
      for (const image of frame.querySelectorAll("img")) image.loading = "eager";
      return frame;
    }

    handle.addEventListener("input", async () => {
      const place = handle.valueAsNumber, frame = drawn(place);
      number.value = place;
      // The old picture stays until the new one can be painted, so that nothing flickers.
      await Promise.allSettled([...frame.querySelectorAll("img")].map((image) => image.decode()));
      if (place !== handle.valueAsNumber) return;
      picture.replaceChildren(...frame.childNodes);
      drawn(place - 1), drawn(place + 1);  // the browser keeps the neighbours, which are likely to be next
    });
  }
});
