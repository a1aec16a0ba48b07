// A form is sent once, and an error summary gets the focus.
const PAUSE = 8000;

for (const form of document.querySelectorAll("form[data-once]")) {
  let sentAt = -PAUSE;
  form.addEventListener("submit", (event) => {
    if (event.timeStamp - sentAt < PAUSE) {
      event.preventDefault();
      return;
    }
    sentAt = event.timeStamp;
  });
}

document.querySelector("#errors, #sent")?.focus();
