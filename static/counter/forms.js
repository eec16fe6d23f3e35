// Forms of the counter: a look at a picture before it is sent, a question before changes are lost.
function preview(input) {
  const frame = document.querySelector(`[data-preview-of="${CSS.escape(input.id)}"]`);
  const file = input.files[0];
  if (!frame || !file) return;
  const picture = new Image();
  // The content security policy allows data: pictures, not blob: ones.
  const reader = new FileReader();
  reader.addEventListener("load", () => { picture.src = reader.result; });
  picture.addEventListener("load", () => frame.replaceChildren(picture));
  picture.alt = file.name;
  reader.readAsDataURL(file);
}

function attached(input) {
  const label = input.closest(".attach");
  const chosen = input.files[0]?.name ?? "";
  label.classList.toggle("has-file", Boolean(chosen));
  let name = label.parentElement.querySelector(".attached-name");
  if (!name) label.after(name = Object.assign(document.createElement("span"), { className: "attached-name small" }));
  name.textContent = chosen;
}

document.addEventListener("change", (event) => {
  const input = event.target;
  if (input.matches("input[type=file][data-preview]")) preview(input);
  if (input.matches("[data-attach]")) attached(input);
  input.closest("form[data-live]")?.requestSubmit();
});

for (const form of document.querySelectorAll("form[data-unsaved]")) {
  let changed = false;
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
}

// The chosen tab or filter is in sight, also where its row is wider than the screen.
for (const chosen of document.querySelectorAll(":is(.tabs, .chips) [aria-current]")) {
  const row = chosen.closest("ul"), at = chosen.getBoundingClientRect(), around = row.getBoundingClientRect();
  row.scrollLeft += at.left - around.left - (around.width - at.width) / 2;
}
