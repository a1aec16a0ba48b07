// Leaving fast: the neutral page takes this page's place, so that "back" does not return here.
// It also closes an open menu on Escape or on a press beside it. Without script both links still work.

const menu = document.querySelector("details.menu");

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-leave]");
  if (link) {
    event.preventDefault();
    document.body.hidden = true;
    location.replace(link.href);
    return;
  }
  if (menu?.open && !menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !menu?.open) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
