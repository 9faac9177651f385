// A layer in the drawing of a net has a <title>: shape, parameters, work, field. The browser shows it to a pointer that rests
// there. This shows it to a finger, and to whoever clicks, until the next tap.
let told = null;
document.addEventListener("click", (event) => {
  told?.remove();
  told = null;
  const title = event.target.closest?.("svg[role=img] g:has(> title)")?.querySelector(":scope > title");
  if (!title) return;
  told = document.createElement("div");
  told.className = "told-layer";
  told.setAttribute("role", "status");
  told.textContent = title.textContent;
  document.body.append(told);
  const rightmost = document.documentElement.clientWidth - told.offsetWidth - 8;
  told.style.left = `${Math.max(8, Math.min(event.pageX, rightmost))}px`;
  told.style.top = `${event.pageY + 12}px`;
});
