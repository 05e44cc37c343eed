// Small courtesies of the frame: the own menu closes, and focus goes to the error summary. Pages work without it.

const menu = document.querySelector(".kcc-menu");

document.addEventListener("click", (event) => {
  if (menu?.open && !menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !menu?.open) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

document.getElementById("error-summary")?.focus();
