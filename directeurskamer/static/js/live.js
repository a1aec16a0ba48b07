// Keeps a thread or the room up to date. What stands on the page is replaced in place; what is
// new waits behind a line until the reader asks for it. Without script the page works the same.

const root = document.querySelector("[data-live]");
const news = document.getElementById("news");
const behind = document.getElementById("behind");
const HIDDEN_SECONDS = 60; // then the socket closes
const SILENT_SECONDS = 60; // three heartbeats missed: the connection is dead
const ANNOUNCE_SECONDS = 60; // at most one announcement in this time
const TYPING_SECONDS = 5; // no announcement so soon after a key
const BEHIND_SECONDS = 10; // then the reader is told
const POLL_SECONDS = 30;
const FAILURES_BEFORE_POLLING = 3;
const TOLD_TO_RELOAD = "live-reloaded";

const policy = globalThis.trustedTypes?.createPolicy("fragment", { createHTML: (html) => html });
const trusted = (html) => policy?.createHTML(html) ?? html;
const after = (seconds, act) => setTimeout(act, seconds * 1000);
const jitter = (seconds) => seconds * (0.75 + Math.random() / 2);

const isThread = root?.dataset.live === "thread";
const waiting = new Map(); // id → HTML of what is new and not shown yet
let last = Number(root?.dataset.number); // the change number that this page has
let wanted = last; // the highest that we heard of
let socket = null;
let failures = 0;
let isRunning = false;
let isCatchingUp = false;
let announcedAt = -Infinity;
let typedAt = -Infinity;
const timers = {};

function set(name, seconds, act) {
  clearTimeout(timers[name]);
  timers[name] = after(seconds, () => { delete timers[name]; act(); });
}

function unset(name) {
  clearTimeout(timers[name]);
  delete timers[name];
}

function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = trusted(html);
  return template.content;
}

// ---- frames -------------------------------------------------------------------------------

function apply(frame) {
  wanted = Math.max(wanted, frame.number);
  if (frame.type === "heartbeat") {
    // A change of this moment may be on its way here: wait a little, each reader differently.
    if (wanted > last && !timers.gap) set("gap", jitter(3), catchUp);
  } else if (frame.after > last) {
    catchUp();
  } else if (frame.number > last) {
    frame.parts.forEach(place);
    last = frame.number;
    announce();
  }
  if (wanted > last) isBehind();
  else isFresh();
}

function place(part) {
  const here = document.getElementById(part.id);
  if (here) {
    const hadFocus = here.contains(document.activeElement);
    here.replaceWith(parse(part.html));
    if (hadFocus) focus(document.getElementById(part.id));
  } else if (part.is_new || waiting.has(part.id)) {
    waiting.set(part.id, part.html);
  }
}

async function catchUp() {
  if (isCatchingUp || !isRunning) return;
  isCatchingUp = true;
  try {
    const address = `${root.dataset.changes}?after=${last}`;
    const answer = await fetch(address, { redirect: "manual", cache: "no-store" });
    if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) return gone();
    if (!answer.ok) throw new Error(String(answer.status));
    apply(await answer.json());
    sessionStorage.removeItem(TOLD_TO_RELOAD);
  } catch {
    isBehind();
  } finally {
    isCatchingUp = false;
    if (wanted > last && isRunning && !timers.gap) set("gap", jitter(5), catchUp);
  }
}

// Access ended: the page shows that itself after a reload, once, and never over unsent text.
function gone() {
  stop();
  const isWriting = [...document.querySelectorAll("textarea")].some((t) => t.value !== t.defaultValue);
  if (isWriting || sessionStorage.getItem(TOLD_TO_RELOAD)) return showBehind();
  sessionStorage.setItem(TOLD_TO_RELOAD, "1");
  location.reload();
}

function isFresh() {
  unset("behind");
  if (behind) behind.hidden = true;
}

function isBehind() {
  if (!timers.behind && behind?.hidden) set("behind", BEHIND_SECONDS, showBehind);
}

function showBehind() {
  if (!behind) return;
  behind.textContent = root.dataset.textBehind;
  behind.hidden = false;
}

// ---- the polite line ----------------------------------------------------------------------

function announce() {
  if (!waiting.size || news.firstChild || document.hidden) return;
  const now = performance.now() / 1000;
  const pause = Math.max(announcedAt + ANNOUNCE_SECONDS, typedAt + TYPING_SECONDS) - now;
  if (pause > 0) return set("announce", pause, announce);
  announcedAt = now;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "pill";
  const act = document.createElement("strong");
  act.textContent = root.dataset.textShow ?? "";
  button.append(root.dataset.textNew, " ", act);
  button.addEventListener("click", isThread ? showReplies : showRoom);
  news.replaceChildren(button);
}

function showReplies() {
  const list = document.getElementById("replies-list");
  const first = [...waiting.keys()][0];
  for (const html of waiting.values()) list.append(parse(html));
  document.getElementById("no-replies")?.remove();
  waiting.clear();
  news.replaceChildren();
  focus(document.getElementById(first));
  markRead();
}

async function showRoom() {
  const first = [...waiting.keys()][0];
  const answer = await fetch(location.href, { redirect: "manual", cache: "no-store" }).catch(() => null);
  if (!answer?.ok) return answer ? gone() : isBehind();
  const page = new DOMParser().parseFromString(trusted(await answer.text()), "text/html");
  document.getElementById("room-list").replaceWith(page.getElementById("room-list"));
  // The page may know less than a text that came meanwhile; a change that comes twice is harmless.
  last = Math.min(last, Number(page.querySelector("[data-live]").dataset.number));
  waiting.clear();
  news.replaceChildren();
  focus(document.getElementById(first) ?? document.getElementById("room-list"));
  if (wanted > last) catchUp();
}

function focus(element) {
  if (!element) return;
  element.tabIndex = -1;
  element.focus();
}

function markRead() {
  const { read, csrf } = root.dataset;
  if (!read || document.hidden) return;
  const body = new URLSearchParams({ number: last });
  fetch(read, { method: "POST", body, headers: { "X-CSRFToken": csrf }, keepalive: true }).catch(() => {});
}

// ---- the connection -----------------------------------------------------------------------

function connect() {
  if (!isRunning || socket) return;
  const address = new URL(root.dataset.socket, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  address.search = new URLSearchParams({ after: last, lang: document.documentElement.lang });
  const mine = new WebSocket(address);
  socket = mine;
  set("silence", SILENT_SECONDS, () => lost(mine));
  mine.addEventListener("message", ({ data }) => {
    if (socket !== mine) return;
    failures = 0;
    unset("poll");
    set("silence", SILENT_SECONDS, () => lost(mine));
    apply(JSON.parse(data));
  });
  mine.addEventListener("close", () => lost(mine));
}

function lost(mine) {
  if (socket !== mine) return;
  socket = null;
  mine.close();
  unset("silence");
  failures += 1;
  if (failures < FAILURES_BEFORE_POLLING) isBehind();
  else if (!timers.poll) poll();
  set("connect", Math.max(1, Math.min(30, 2 ** failures) * Math.random()), connect);
}

function poll() {
  catchUp();
  set("poll", jitter(POLL_SECONDS), poll);
}

function start() {
  if (isRunning) return;
  isRunning = true;
  failures = 0;
  connect();
}

function stop() {
  isRunning = false;
  const mine = socket;
  socket = null;
  mine?.close();
  Object.keys(timers).forEach(unset);
}

function lookAtVisibility() {
  if (document.hidden) {
    unset("announce");
    set("hidden", HIDDEN_SECONDS, stop);
    return;
  }
  unset("hidden");
  start();
  announce();
  if (!root.dataset.wasRead) markRead();
  root.dataset.wasRead = "1";
}

if (root && news) {
  document.addEventListener("input", () => { typedAt = performance.now() / 1000; });
  document.addEventListener("visibilitychange", lookAtVisibility);
  addEventListener("online", () => { if (!socket) connect(); });
  addEventListener("pagehide", stop);
  addEventListener("pageshow", ({ persisted }) => { if (persisted && !document.hidden) start(); });
  lookAtVisibility();
}
