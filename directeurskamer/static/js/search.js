// What is found follows the words while somebody types. The address stays as it is, so that nothing
// of it enters the browser's history before the button is pressed; without script the button asks.

const form = document.querySelector("form[role=search]");
const said = document.getElementById("said");
const PAUSE = 300; // milliseconds after the last key
const policy = globalThis.trustedTypes?.createPolicy("fragment", { createHTML: (html) => html });
let [timer, asking] = [0, null];

async function ask() {
  asking?.abort();
  asking = new AbortController();
  const address = new URL(form.action);
  address.search = new URLSearchParams(new FormData(form));
  try {
    const answer = await fetch(address, { redirect: "manual", cache: "no-store", signal: asking.signal });
    if (!answer.ok) return; // what was asked is wrong, or access ended: the button tells
    const html = await answer.text();
    const page = new DOMParser().parseFromString(policy?.createHTML(html) ?? html, "text/html");
    const found = page.getElementById("found");
    document.getElementById("found").replaceWith(found);
    said.textContent = found.querySelector("h2")?.textContent ?? "";
  } catch { // broken off by the next key, or no connection: the button is there
  }
}

form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
});
