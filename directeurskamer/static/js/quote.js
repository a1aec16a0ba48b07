// Words that somebody selects in a post can be put into the composer as a quote. The button comes
// behind the text in the page, so that Tab leads to it. Without script a post's own page quotes it.

const root = document.querySelector("[data-text-quote]");
const area = document.querySelector("#composer textarea[name=source]");
const button = Object.assign(document.createElement("button"), { type: "button", className: "quote-button" });
// Milliseconds: a press on a phone ends the selection before it reaches the button.
const GRACE = 300;
let [quote, timer] = ["", 0];

function quoted(text, post) {
  const name = post.querySelector(".who-name").textContent;
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  return [`${name}:`, ...lines].map((line) => `> ${line}`).join("\n");
}

// The text of one post that holds all selected words. Three presses on a paragraph select up to the
// beginning of what follows: that is no word more.
function holder(range) {
  const { startContainer: node } = range;
  const words = (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest(".post > .text");
  if (!words || words.contains(range.endContainer)) return words;
  const rest = range.cloneRange();
  rest.setStartAfter(words);
  return rest.toString().replace(button.textContent, "").trim() ? null : words;
}

function look() {
  const selection = getSelection();
  const text = selection.toString().trim();
  const range = text && selection.getRangeAt(0);
  const words = range && holder(range);
  clearTimeout(timer);
  if (!words) {
    if (document.activeElement !== button) timer = setTimeout(() => button.remove(), GRACE);
    return;
  }
  quote = quoted(text, words.closest(".post"));
  const { bottom, left } = range.getBoundingClientRect();
  if (button.previousElementSibling !== words) words.after(button);
  const most = document.documentElement.clientWidth - button.offsetWidth - 8;
  button.style.top = `${bottom + scrollY + 8}px`;
  button.style.left = `${Math.max(8, Math.min(left, most))}px`;
}

function put() {
  const before = area.value.trimEnd();
  area.value = `${before}${before ? "\n\n" : ""}${quote}\n\n`;
  area.dispatchEvent(new Event("input", { bubbles: true }));
  getSelection().removeAllRanges();
  button.remove();
  area.focus();
  area.setSelectionRange(area.value.length, area.value.length);
  area.scrollIntoView({ block: "center" });
}

if (root && area) {
  button.textContent = root.dataset.textQuote;
  document.addEventListener("selectionchange", look);
  addEventListener("resize", look);
  button.addEventListener("pointerdown", (event) => event.preventDefault());
  button.addEventListener("click", put);
  button.addEventListener("blur", look);
}
