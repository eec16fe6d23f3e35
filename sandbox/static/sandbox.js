// Forms without page loads, pages that follow what happens elsewhere. Everything here also
// works without this script: forms post and come back.

const own = (form) => new URL(form.action, location.href).origin === location.origin;

async function fetchPage() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

// What somebody is typing must survive the refresh, and so must an opened drawer.
function remember(region) {
  const typed = new Map();
  for (const field of region.querySelectorAll("textarea[id], input[id]:not([type=file])")) {
    if (field.value !== field.defaultValue) typed.set(field.id, field.value);
  }
  const opened = [...region.querySelectorAll("details")].map((one, place) => (one.open ? keyOf(one, place) : null));
  const focus = region.contains(document.activeElement) ? document.activeElement.id : "";
  return { typed, opened: new Set(opened.filter(Boolean)), focus };
}

function keyOf(details, place) {
  const owner = details.closest("[id]");
  return `${owner ? owner.id : place}:${details.className}`;
}

function restore(region, kept) {
  for (const [id, value] of kept.typed) {
    const field = region.querySelector(`#${CSS.escape(id)}`);
    if (field) field.value = value;
  }
  [...region.querySelectorAll("details")].forEach((one, place) => {
    if (kept.opened.has(keyOf(one, place))) one.open = true;
  });
  if (kept.focus) region.querySelector(`#${CSS.escape(kept.focus)}`)?.focus({ preventScroll: true });
}

function toBottom(region) {
  if ("bottom" in region.dataset) region.scrollTop = region.scrollHeight;
}

let running = false;
let again = false;

async function refresh() {
  if (running) {
    again = true;
    return;
  }
  running = true;
  try {
    const page = await fetchPage();
    for (const region of document.querySelectorAll("[data-live]")) {
      const fresh = page?.getElementById(region.id);
      if (!fresh || fresh.innerHTML === region.dataset.shown) continue;
      const kept = remember(region);
      region.dataset.shown = fresh.innerHTML;
      region.replaceChildren(...fresh.childNodes);
      restore(region, kept);
      toBottom(region);
    }
  } catch {
    // The sandbox is restarting; the event stream reconnects by itself and tells us.
  } finally {
    running = false;
    if (again) {
      again = false;
      refresh();
    }
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!("quiet" in form.dataset) || !own(form)) return;
  event.preventDefault();
  const body = new FormData(form, event.submitter);
  const isFile = form.enctype === "multipart/form-data";
  try {
    const answer = await fetch(form.action, { method: "POST", body: isFile ? body : new URLSearchParams(body) });
    if (!answer.ok) throw new Error(String(answer.status));
    form.reset();
    form.closest("details")?.removeAttribute("open");
    await refresh();
  } catch {
    location.reload();
  }
});

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  if (field instanceof HTMLTextAreaElement && "enter" in field.dataset) {
    event.preventDefault();
    if (field.value.trim()) field.form.requestSubmit();
  }
});

document.addEventListener("change", (event) => {
  const field = event.target;
  if (field instanceof HTMLInputElement && field.type === "file" && field.closest(".pick")) {
    const words = field.closest(".pick.wide")?.querySelector("span");
    if (words) words.textContent = field.files[0]?.name ?? words.textContent;
    else if (field.files.length) field.form.requestSubmit();
  }
});

const topics = document.body.dataset.topics.split(" ").filter(Boolean);
if (topics.length) {
  const query = new URLSearchParams(topics.map((topic) => ["topic", topic]));
  const stream = new EventSource(`/live?${query}`);
  stream.addEventListener("message", refresh);
  stream.addEventListener("open", refresh);
}

for (const region of document.querySelectorAll("[data-bottom]")) toBottom(region);
for (const form of document.querySelectorAll("form[data-submit]")) form.submit();
