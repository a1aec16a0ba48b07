// Keeps a thread or the room up to date. What stands on the page is replaced in place; what is
// new waits behind a line until the reader asks for it. Without script the page works the same.

const root = document.querySelector("[data-live]");
const news = document.getElementById("news");
const behind = document.getElementById("behind");
// Seconds: a hidden page lets its socket go; a silent one is dead (three heartbeats missed);
// announcements are so far apart, and from typing; a reader who lags is told; the way without socket.
const [HIDDEN, SILENT, BETWEEN, AFTER_TYPING, BEHIND, POLL] = [60, 60, 60, 5, 10, 30];
const FAILURES_BEFORE_POLLING = 3;
const ACCESS_ENDED = 4403;
const RELOADED = "live-reloaded";

const policy = globalThis.trustedTypes?.createPolicy("fragment", { createHTML: (html) => html });
const trusted = (html) => policy?.createHTML(html) ?? html;
const jitter = (seconds) => seconds * (0.75 + Math.random() / 2);
const seconds = () => performance.now() / 1000;

const waiting = new Map(); // id to part, of what is new and not shown yet
const timers = {};
let last = Number(root?.dataset.number); // the change number that this page has
let wanted = last; // the highest that we heard of
let [socket, failures] = [null, 0];
let [isRunning, isOver, isCatchingUp] = [false, false, false];
let [announcedAt, typedAt] = [-Infinity, -Infinity];

function set(name, pause, act) {
  unset(name);
  timers[name] = setTimeout(() => { delete timers[name]; act(); }, pause * 1000);
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

function focus(element) {
  element?.setAttribute("tabindex", "-1");
  element?.focus();
}

function apply(frame) {
  wanted = Math.max(wanted, frame.number);
  if (frame.type === "heartbeat") {
    // What it tells of may be on its way: wait a little, each reader differently.
    if (wanted > last && !timers.gap) set("gap", jitter(3), catchUp);
  } else if (frame.after > last) {
    catchUp();
  } else if (frame.number > last) {
    // A page of one's own is worked out anew: the frame is the same for everybody.
    if (root.dataset.live === "own") set("compare", jitter(2), compare);
    else frame.parts.forEach(place);
    last = frame.number;
    announce();
  }
  if (wanted > last) fallBehind();
  else beUpToDate();
}

function place(part) {
  const { id, html, is_new: isNew } = part;
  const here = document.getElementById(id);
  if (here) {
    const hadFocus = here.contains(document.activeElement);
    here.replaceWith(parse(html));
    if (id === "thread-head") document.dispatchEvent(new Event("head"));
    if (hadFocus) focus(document.getElementById(id));
  } else if (isNew || waiting.has(id)) {
    waiting.set(id, part);
  }
}

async function catchUp() {
  if (isCatchingUp || !isRunning) return;
  isCatchingUp = true;
  try {
    const answer = await fetch(`${root.dataset.changes}?after=${last}`, { redirect: "manual", cache: "no-store" });
    if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) return giveUp();
    if (!answer.ok) throw new Error(answer.status);
    apply(await answer.json());
    sessionStorage.removeItem(RELOADED);
  } catch {
    fallBehind();
  } finally {
    isCatchingUp = false;
    if (wanted > last && isRunning && !timers.gap) set("gap", jitter(5), catchUp);
  }
}

// Access ended. A reload shows why: once, and never over a text that was not sent.
function giveUp() {
  stop();
  isOver = true;
  const isWriting = [...document.querySelectorAll("textarea")].some((area) => area.value !== area.defaultValue);
  if (isWriting || sessionStorage.getItem(RELOADED)) return tellBehind();
  sessionStorage.setItem(RELOADED, "1");
  location.reload();
}

function beUpToDate() {
  unset("behind");
  behind.hidden = true;
}

function fallBehind() {
  if (isRunning && behind.hidden && !timers.behind) set("behind", BEHIND, tellBehind);
}

function tellBehind() {
  behind.textContent = root.dataset.textBehind;
  behind.hidden = false;
}

function announce() {
  if (!waiting.size || news.childElementCount || document.hidden) return;
  const pause = Math.max(announcedAt + BETWEEN, typedAt + AFTER_TYPING) - seconds();
  if (pause > 0) return set("announce", pause, announce);
  announcedAt = seconds();
  const [first] = waiting.values();
  const act = Object.assign(document.createElement("strong"), { textContent: root.dataset.textShow });
  const pill = isHere(first) ? pillThatShows() : pillThatLeads(first);
  pill.className = "pill";
  pill.append(root.dataset.textNew, " ", act);
  news.replaceChildren(pill);
}

// A conversation has pages; the list shows all that is new on its first one.
function pageOf({ place }) {
  return Math.max(1, Math.ceil(place / root.dataset.pageSize));
}

function isHere(part) {
  return !root.dataset.page || pageOf(part) === Number(root.dataset.page);
}

function pillThatShows() {
  const button = Object.assign(document.createElement("button"), { type: "button" });
  button.addEventListener("click", root.dataset.live === "thread" ? showReplies : showList);
  return button;
}

function pillThatLeads(part) {
  const href = `${root.dataset.address}?page=${pageOf(part)}#${part.id}`;
  return Object.assign(document.createElement("a"), { href });
}

function showReplies() {
  const list = document.getElementById("replies-list");
  const shown = [...waiting.values()].filter(isHere);
  for (const { id, html } of shown) {
    list.append(parse(html));
    waiting.delete(id);
  }
  document.getElementById("no-replies")?.remove();
  markRead();
  finishShowing(shown[0].id, list);
}

// The list as a reload would show it.
async function freshList() {
  const answer = await fetch(location.href, { redirect: "manual", cache: "no-store" }).catch(() => null);
  if (!answer?.ok) return void tellBehind();
  const page = new DOMParser().parseFromString(trusted(await answer.text()), "text/html");
  const list = page.getElementById(root.dataset.list);
  if (!list) giveUp(); // the page that visitors see
  return list;
}

async function compare() {
  const list = await freshList();
  if (!list || list.innerHTML === document.getElementById(root.dataset.list).innerHTML) return;
  waiting.set(root.dataset.list, { id: root.dataset.list });
  announce();
}

async function showList() {
  const list = await freshList();
  if (!list) return;
  document.getElementById(root.dataset.list).replaceWith(list);
  const [first] = waiting.keys();
  waiting.clear();
  finishShowing(first, list);
}

function finishShowing(first, list) {
  news.replaceChildren();
  focus(document.getElementById(first) ?? list);
  announce(); // what stands on a later page
}

// How far was really shown: up to the last reply of a page that others follow.
function shownTo() {
  if (root.dataset.isLast && !waiting.size) return last;
  const texts = document.querySelectorAll(".opening [data-published], #replies-list > [data-published]");
  return [...texts].at(-1)?.dataset.published;
}

function markRead() {
  const { read, csrf } = root.dataset;
  const body = new URLSearchParams({ number: shownTo() });
  if (read) fetch(read, { method: "POST", body, headers: { "X-CSRFToken": csrf }, keepalive: true }).catch(() => {});
}

function connect() {
  if (!isRunning || socket) return;
  const address = new URL(root.dataset.socket, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  address.search = new URLSearchParams({ after: last, lang: document.documentElement.lang });
  const mine = new WebSocket(address);
  const listen = () => set("silence", SILENT, () => lose(mine));
  socket = mine;
  listen();
  mine.addEventListener("message", ({ data }) => {
    if (socket !== mine) return;
    failures = 0;
    unset("poll");
    listen();
    apply(JSON.parse(data));
  });
  mine.addEventListener("close", ({ code }) => lose(mine, code));
}

function lose(mine, code) {
  if (socket !== mine) return;
  socket = null;
  mine.close();
  unset("silence");
  failures += 1;
  if (code === ACCESS_ENDED) catchUp(); // the answer tells whether it really did
  if (failures < FAILURES_BEFORE_POLLING) fallBehind();
  else if (!timers.poll) poll();
  // A random pause that grows, so that readers do not come back all at once.
  set("connect", Math.max(1, Math.min(30, 2 ** failures) * Math.random()), connect);
}

function poll() {
  catchUp();
  set("poll", jitter(POLL), poll);
}

function stop() {
  [isRunning, failures] = [false, 0];
  socket?.close();
  socket = null;
  Object.keys(timers).forEach(unset);
}

function follow() {
  if (document.hidden) return set("hidden", HIDDEN, stop);
  unset("hidden");
  isRunning = !isOver;
  connect();
  announce();
  if (!root.dataset.isRead) markRead();
  root.dataset.isRead = "1";
}

if (root) {
  document.addEventListener("input", () => { typedAt = seconds(); });
  document.addEventListener("visibilitychange", follow);
  addEventListener("online", connect);
  addEventListener("pagehide", stop);
  addEventListener("pageshow", ({ persisted }) => { if (persisted) follow(); });
  follow();
}
