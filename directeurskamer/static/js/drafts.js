// Keeps what is being written as a draft: every few seconds, and when a field or the page is
// left. The words go to the server only; nothing stays behind in this browser.
const [PAUSE, CALM, PATIENCE, LONGEST] = [4, 60, 15, 60]; // seconds
const NOT_KEPT = ["csrfmiddlewaretoken", "form_key", "draft", "under_alias", "is_delayed", "is_clean"];

for (const form of document.querySelectorAll("form[data-keep]")) keep(form);

function keep(form) {
  const { draft, csrfmiddlewaretoken: token } = form.elements;
  const conflict = form.querySelector("[data-conflict]");
  const status = form.querySelector("[data-kept]");
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  const turn = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const place = `draft ${location.pathname}`;
  let [kept, sent, fresh, saving, request, timer] = ["", "", "", null, null, 0];
  let [failures, toldAt, isLeaving] = [0, -Infinity, false];

  function words() {
    const data = new FormData(form);
    NOT_KEPT.forEach((name) => data.delete(name));
    return new URLSearchParams(data).toString();
  }

  // Once a minute at most, unless there is something else to tell: it is read aloud.
  function tell(text, isCalm) {
    if (isCalm && performance.now() - toldAt < CALM * 1000) return;
    toldAt = isCalm ? performance.now() : -Infinity;
    if (status.textContent !== text) status.textContent = text;
  }

  function soon(pause) {
    timer ||= setTimeout(save, pause * 1000);
  }

  // One at a time; what changed meanwhile goes with the next.
  function save() {
    clearTimeout(timer);
    timer = 0;
    if (isLeaving || !conflict.hidden) return;
    if (saving) return soon(PAUSE);
    const now = words();
    const isWritten = [...form.querySelectorAll("textarea, input[type=text]")].some((field) => field.value.trim());
    if (now === kept || !isWritten) return;
    sent = now;
    const mine = send(now);
    saving = mine;
    mine.then(() => { if (saving === mine) saving = null; });
  }

  async function send(now) {
    const body = new URLSearchParams(now);
    body.set("thread", form.dataset.thread ?? "");
    body.set("turn", turn);
    body.set("draft", draft.value);
    body.set(token.name, fresh || token.value);
    if (fresh) body.set("again", "1");
    const mine = new AbortController();
    request = mine;
    const end = setTimeout(() => mine.abort(), PATIENCE * 1000);
    try {
      const answer = await fetch(form.dataset.keep, { method: "POST", body, keepalive: true, redirect: "manual", signal: mine.signal });
      if (answer.status === 403) return await renew();
      if (answer.status >= 500 || !answer.headers.get("content-type")?.includes("json")) throw new Error(answer.status);
      const { ref, told } = await answer.json();
      if (answer.ok) remember(now, ref, told);
      else if (answer.status !== 409) tell(told);
      else if (fresh) tell(status.dataset.out);
      else clash();
    } catch {
      if (request !== mine) return; // a later one carries more
      failures += 1;
      tell(status.dataset.away);
      soon(Math.min(LONGEST, 2 ** failures));
    } finally {
      clearTimeout(end);
    }
  }

  function remember(now, ref, told) {
    [kept, failures] = [now, 0];
    draft.value = ref;
    sessionStorage.setItem(place, ref);
    // The draft is this member's, so the form is too: it can be sent again.
    if (fresh) token.value = fresh;
    fresh = "";
    tell(told, true);
    if (words() !== kept) soon(PAUSE);
  }

  // The session ended, or began anew in another window. What was kept before can go on then:
  // the server looks whose it is.
  async function renew() {
    const page = await fetch(form.dataset.drafts, { redirect: "manual", cache: "no-store" });
    const found = page.ok && /name="csrfmiddlewaretoken" value="(\w+)"/.exec(await page.text());
    const isNew = found && draft.value && !fresh;
    if (isNew) fresh = found[1];
    else tell(status.dataset.out);
    soon(isNew ? 0 : LONGEST);
    if (!isNew) fresh = "";
  }

  function clash() {
    conflict.hidden = false;
    conflict.focus();
    status.textContent = "";
  }

  conflict.querySelector("button").addEventListener("click", (event) => {
    event.preventDefault();
    conflict.hidden = true;
    draft.value = "";
    kept = "";
    save();
  });

  // What is under way ends first, so that the form knows the draft that goes with it.
  form.addEventListener("submit", async (event) => {
    const { submitter } = event;
    clearTimeout(timer);
    isLeaving = true;
    if (!saving) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    await Promise.race([saving, new Promise((go) => setTimeout(go, 2000))]);
    saving = null;
    form.requestSubmit(submitter);
  });

  // Nothing waits for an answer any more: the last words take the place of those under way.
  function leave() {
    if (isLeaving || (saving && sent === words())) return;
    const before = request;
    [saving, request] = [null, null];
    before?.abort();
    save();
  }

  form.addEventListener("input", () => soon(PAUSE));
  form.addEventListener("change", () => soon(PAUSE));
  form.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget?.type !== "submit") save();
  });
  document.addEventListener("visibilitychange", () => (document.hidden ? leave() : save()));
  addEventListener("pagehide", leave);
  addEventListener("online", save);
  addEventListener("pageshow", () => {
    isLeaving = false;
    const isRestored = [...form.querySelectorAll("textarea, input[type=text]")].some((field) => field.value !== field.defaultValue);
    if (isRestored && !draft.value) draft.value = sessionStorage.getItem(place) ?? "";
    if (!kept && !("unkept" in form.dataset)) kept = words();
    else if (words() !== kept) soon(PAUSE);
  });
}
