// Questions before something is done, and a word after it, with a way back.
const box = document.querySelector("[data-toasts]");

function toast(words, { undo = null, undoLabel = "", seconds = 8 } = {}) {
  if (!box) return;
  const note = document.createElement("div");
  note.className = "toast";
  note.append(Object.assign(document.createElement("span"), { textContent: words }));
  if (undo) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button small", textContent: undoLabel });
    button.addEventListener("click", () => { note.remove(); undo(); });
    note.append(button);
  }
  box.append(note);
  let timer = setTimeout(() => note.remove(), seconds * 1000);
  note.addEventListener("pointerenter", () => clearTimeout(timer));
  note.addEventListener("focusin", () => clearTimeout(timer));
  note.addEventListener("pointerleave", () => { timer = setTimeout(() => note.remove(), 3000); });
}

const post = (address, body) => fetch(address, { method: "POST", body, headers: { "X-Requested-With": "fetch", Accept: "application/json, text/html" } });
const refetch = () => document.dispatchEvent(new CustomEvent("tresen:refetch"));

async function quietly(form, submitter) {
  const { toast: words, undo, undoLabel } = { ...form.dataset, undoLabel: box.dataset.undo };
  try {
    const answer = await post(form.action, new URLSearchParams(new FormData(form, submitter)));
    if (!answer.ok) throw new Error(String(answer.status));
    refetch();
    toast(words, undo ? { undoLabel, undo: async () => { await post(undo); refetch(); } } : {});
  } catch {
    form.submit();
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.dataset.toast || !box) return;
  event.preventDefault();
  quietly(event.target, event.submitter);
}, true);

document.querySelectorAll("[data-dialog]").forEach((button) => { button.hidden = false; });
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
  // A click on the dim ground beside the dialog closes it.
  if (event.target.matches("dialog")) {
    const { left, right, top, bottom } = event.target.getBoundingClientRect();
    if (event.clientX < left || event.clientX > right || event.clientY < top || event.clientY > bottom) event.target.close();
  }
  document.querySelectorAll("details.confirm[open]").forEach((open) => { if (!open.contains(event.target)) open.open = false; });
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details.confirm[open]").forEach((open) => { open.open = false; open.querySelector("summary").focus(); });
});
document.addEventListener("toggle", (event) => {
  if (event.target.matches?.("details.confirm") && event.target.open) event.target.querySelector(".confirm-card :is(input:not([type=hidden]), select, textarea, button)")?.focus();
}, true);
document.addEventListener("tresen:toast", (event) => toast(event.detail.words, event.detail));
