// The answer box: what is written shows at once, survives a reload, and never gets lost when sending fails.
const storage = {
  get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
  set: (key, value) => { try { value ? localStorage.setItem(key, value) : localStorage.removeItem(key); } catch { /* private mode */ } },
};

function grow(area) {
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight + 2, innerHeight * 0.4)}px`;
}

function draft(form, area) {
  const key = form.dataset.draft && `draft:${form.dataset.draft}`;
  if (!key) return () => {};
  // A note that comes back as an answer would go out to the customer: the mode is kept with the text.
  const keep = () => { storage.set(key, area.value); storage.set(`${key}:mode`, area.value && new FormData(form).get("mode")); };
  if (!area.value && storage.get(key)) {
    area.value = storage.get(key);
    form.querySelector(`[name=mode][value="${storage.get(`${key}:mode`)}"]:not(:disabled)`)?.click();
  }
  form.addEventListener("input", keep);
  return () => { storage.set(key, ""); storage.set(`${key}:mode`, ""); };
}

function pending(form, text, mode) {
  const bubble = document.querySelector("template[data-pending]")?.content.firstElementChild?.cloneNode(true);
  const thread = document.querySelector("[data-thread]");
  if (!bubble || !thread) return null;
  bubble.classList.toggle("note", mode === "note");
  bubble.classList.toggle("out", mode !== "note");
  bubble.querySelector(".bubble-text").textContent = text;
  thread.append(bubble);
  const scroller = thread.closest("[data-scroll]");
  if (scroller) scroller.scrollTop = scroller.scrollHeight;
  return bubble;
}

async function sentence(answer) {
  const body = await answer.text();
  try { return JSON.parse(body).message; } catch { return body.startsWith("<") ? "" : body; }
}

function failed(form, bubble, area, text, words) {
  bubble?.remove();
  if (!area.value) { area.value = text; area.dispatchEvent(new Event("input")); }
  const place = form.querySelector("[data-composer-notice]");
  place.replaceChildren(Object.assign(document.createElement("p"), { className: "error", textContent: words || form.dataset.failed }));
  area.focus();
}

async function send(form, area, forget) {
  const data = new FormData(form);
  const text = area.value;
  const bubble = pending(form, text, data.get("mode"));
  area.value = "";
  grow(area);
  form.querySelector("[data-composer-notice]").replaceChildren();
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action, { method: "POST", body: form.enctype.startsWith("multipart") ? data : new URLSearchParams(data), headers: { "X-Requested-With": "fetch", Accept: "application/json, text/html" } });
    if (!answer.ok) {
      if (answer.status === 409) document.dispatchEvent(new CustomEvent("tresen:refetch"));
      return failed(form, bubble, area, text, await sentence(answer));
    }
    forget();
    form.querySelectorAll("input[type=file]").forEach((input) => { input.value = ""; input.dispatchEvent(new Event("change", { bubbles: true })); });
    const seen = answer.headers.get("X-Seen");
    if (seen && form.elements.seen) form.elements.seen.value = seen;
    document.dispatchEvent(new CustomEvent("tresen:refetch"));
  } catch {
    failed(form, bubble, area, text, form.dataset.offline);
  } finally {
    form.removeAttribute("aria-busy");
  }
}

for (const form of document.querySelectorAll("[data-composer]")) {
  const area = form.querySelector("textarea");
  const forget = draft(form, area);
  area.addEventListener("input", () => grow(area));
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); }
  });
  form.dataset.again = "";
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!form.hasAttribute("aria-busy")) send(form, area, forget);
  });
  if (area.value) grow(area);
}

// What the composer says it has seen must grow with the thread, or every answer would count as stale.
document.addEventListener("tresen:fresh", (event) => {
  const seen = event.detail.querySelector("[data-seen]")?.dataset.seen ?? event.detail.dataset.seen;
  if (seen) document.querySelectorAll("[data-composer] [name=seen]").forEach((input) => { input.value = seen; });
});
