// Single keys save ways. They keep still while somebody types, and can be switched off (WCAG 2.1.4).
const choice = document.querySelector("[data-shortcuts-on]");
const read = () => { try { return localStorage.getItem("shortcuts") !== "off"; } catch { return true; } };

function walk(by) {
  const items = [...document.querySelectorAll("[data-list] [data-item]")];
  if (!items.length) return;
  const focused = items.indexOf(document.activeElement);
  const at = focused >= 0 ? focused : items.findIndex((item) => item.hasAttribute("aria-current"));
  items[Math.min(items.length - 1, Math.max(0, at + by))].focus();
}

function answer(mode) {
  const form = document.querySelector("[data-composer]");
  const radio = mode && form?.querySelector(`[name=mode][value=${mode}]:not(:disabled)`);
  if (radio) radio.checked = true;
  form?.querySelector("textarea").focus();
}

function reply() {
  const form = document.querySelector("[data-composer]");
  if (form?.querySelector("[name=mode][value=note]:checked")) form.querySelector("[name=mode]:not([value=note], :disabled)")?.click();
  answer();
}

const actions = {
  j: () => walk(1),
  k: () => walk(-1),
  r: reply,
  n: () => answer("note"),
  e: () => document.querySelector("[data-key-action=e]")?.click(),
  "/": () => document.querySelector("[data-search]")?.focus(),
  "?": () => document.getElementById("shortcuts")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !read()) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog[open]")) return;
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

if (choice) {
  choice.checked = read();
  choice.addEventListener("change", () => { try { localStorage.setItem("shortcuts", choice.checked ? "on" : "off"); } catch { /* private mode */ } });
}
