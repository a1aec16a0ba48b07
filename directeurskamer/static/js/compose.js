// A form is sent once, also after "back", and the answer gets the focus.
const PAUSE = 8000;

for (const form of document.querySelectorAll("form[data-once]")) {
  const { form_key: key, source } = form.elements;
  const place = `sent ${form.action}`;
  let sentAt = -PAUSE;

  form.addEventListener("submit", (event) => {
    if (event.timeStamp - sentAt < PAUSE) {
      event.preventDefault();
      return;
    }
    sentAt = event.timeStamp;
    sessionStorage.setItem(place, key.value);
  });

  addEventListener("pageshow", ({ persisted }) => {
    const [fresh, sent] = [key.value, sessionStorage.getItem(place)];
    if (persisted && sent === fresh) return location.replace(location.pathname);
    // The browser puts a text back, in a page with another key: unless somebody changes
    // the text, it goes with the key that it went with before.
    if (!sent || source.value === source.defaultValue) return;
    key.value = sent;
    form.addEventListener("input", () => { key.value = fresh; }, { once: true });
  });
}

// Once the browser has gone to the place that the address names: that takes focus away.
addEventListener("load", () => requestAnimationFrame(() => setTimeout(() => {
  document.querySelector("#errors, #sent, #preview")?.focus();
})));
