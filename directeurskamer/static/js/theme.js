// Light, dark, or like the device. Remembered in a cookie, so that the server sends the right page at once.

const choice = document.querySelector("[data-theme-choice]");

function show(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  for (const button of choice.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
}

if (choice) {
  choice.hidden = false;
  show(document.documentElement.dataset.theme ?? "");
  choice.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const seconds = button.value ? 31536000 : 0;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${button.value}; Path=/; Max-Age=${seconds}; SameSite=Lax${secure}`;
    show(button.value);
  });
}
