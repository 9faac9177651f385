// A slider of the course without a kernel: its pictures were drawn when the book was made. They come in a file that is loaded when
// a reader reaches for the handle; a photograph in a picture is a file of its own.
const packedFrames = {};

document.addEventListener("DOMContentLoaded", () => {
  for (const slider of document.querySelectorAll(".slider")) {
    const picture = slider.querySelector(".slider-picture"), handle = slider.querySelector("input"), number = slider.querySelector("output");
    slider.querySelector(".slider-handle").hidden = false;
    let frames;
    const load = () => (frames ??= loaded(slider.dataset));

    function drawn(html) {
      const frame = document.createElement("div");
      frame.innerHTML = html ?? "";
      for (const image of frame.querySelectorAll("img")) image.loading = "eager";
      return frame;
    }

    for (const event of ["pointerenter", "focus"]) handle.addEventListener(event, load);
    handle.addEventListener("input", async () => {
      const place = handle.valueAsNumber;
      number.value = place;
      const all = await load(), frame = drawn(all[place]);
      // The old picture stays until the new one can be painted, so that nothing flickers.
      await Promise.allSettled([...frame.querySelectorAll("img")].map((image) => image.decode()));
      if (place !== handle.valueAsNumber) return;
      picture.replaceChildren(...frame.childNodes);
      drawn(all[place - 1]), drawn(all[place + 1]);  // the browser keeps the neighbours' files, which are likely to be next
    });
  }

  async function loaded({ name, file }) {
    await new Promise((resolve, reject) => {
      const script = Object.assign(document.createElement("script"), { src: file, onload: resolve, onerror: reject });
      document.head.append(script);
    });
    const bytes = Uint8Array.from(atob(packedFrames[name]), (letter) => letter.charCodeAt(0));
    const text = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(text).json();
  }
});
