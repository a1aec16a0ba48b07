// A form is sent once, also after "back". Sentences to begin with are put into the text, and the
// composer follows what the writer asks for.
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
    // A button with a name looks first or keeps: nothing is sent then.
    if (!event.submitter?.name) sessionStorage.setItem(place, key.value);
  });

  addEventListener("pageshow", ({ persisted }) => {
    const [fresh, sent] = [key.value, sessionStorage.getItem(place)];
    if (persisted && sent === fresh) return location.replace(`${location.pathname}${pageOf(location)}`);
    sentAt = -PAUSE;
    // The browser puts a text back, in a page with another key: unless somebody changes
    // the text, it goes with the key that it went with before.
    if (!sent || source.value === source.defaultValue) return;
    key.value = sent;
    form.addEventListener("input", () => { key.value = fresh; }, { once: true });
  });

  for (const words of form.querySelectorAll("[data-starter]")) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "starter" });
    button.textContent = words.textContent;
    button.addEventListener("click", () => begin(source, words.textContent));
    words.replaceWith(button);
  }

  form.querySelector("button[name=idea]")?.addEventListener("click", (event) => {
    event.preventDefault();
    form.querySelector(`input[name=kind][value=${event.target.dataset.kind}]`).checked = true;
    begin(source, event.target.textContent);
  });

  document.addEventListener("head", () => {
    const { kinds, ...told } = document.getElementById("thread-head").dataset;
    if (!kinds) return;
    for (const choice of form.querySelectorAll("input[name=kind]")) {
      choice.disabled = !kinds.split(" ").includes(choice.value);
    }
    for (const each of document.querySelectorAll("[data-follows]")) {
      each.textContent = told[each.dataset.follows];
    }
  });
}

// Which page of a conversation it is, without what was put into the composer.
function pageOf({ search }) {
  const page = new URLSearchParams(search).get("page");
  return page ? `?page=${encodeURIComponent(page)}` : "";
}

// The sentence comes first; what stood there stays. The first gap of it is to be filled.
function begin(area, sentence) {
  const gap = sentence.indexOf("\u2026");
  const rest = area.value && `\n\n${area.value}`;
  area.value = sentence + rest;
  area.focus();
  if (gap < 0) area.setSelectionRange(sentence.length, sentence.length);
  else area.setSelectionRange(gap, gap + 1);
  area.dispatchEvent(new Event("input", { bubbles: true }));
}
