// A page has each menu button twice: one in the theme's header, which book.css hides, and one above the text. The theme
// (pydata-sphinx-theme 0.20) listens to the first only, so that the one to be seen would do nothing: pass its clicks on.
document.addEventListener("DOMContentLoaded", () => {
  for (const menu of ["primary-toggle", "secondary-toggle"]) {
    const [hidden, ...seen] = document.querySelectorAll(`button.${menu}`);
    for (const button of seen) button.addEventListener("click", () => hidden.click());
  }
});
