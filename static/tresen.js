// The shop window's small helpers. Every page works without them.
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

async function fill(place) {
  try {
    const answer = await fetch(place.dataset.fragment, { headers: { "X-Requested-With": "fetch" } });
    if (answer.status === 200 && !answer.redirected) place.innerHTML = (await answer.text()).trim();
  } catch {
    // Without a connection the page simply stays as it was sent.
  }
}

function follow(form) {
  const product = form.closest("[data-product]") ?? document;
  const show = (what, text) => all(`[data-show=${what}]`, product).forEach((place) => {
    if (text !== undefined) place.textContent = text;
    place.hidden = text === "";
  });
  const choose = () => {
    const chosen = form.querySelector("input[type=radio][data-stock]:checked")?.dataset;
    if (!chosen) return;
    show("price", chosen.price);
    show("was", chosen.was ?? "");
    show("unit", chosen.unit);
    show("stock", chosen.stockText);
    all("[data-show=stock]", product).forEach((place) => {
      const line = place.closest(".stock") ?? place;
      line.classList.remove("available", "few", "sold-out");
      line.classList.add(chosen.stock);
    });
    all("button[type=submit]", form).forEach((button) => { button.disabled = chosen.stock === "sold-out"; });
    if (chosen.picture) turn(document.getElementById(`picture-${chosen.picture}`));
  };
  form.addEventListener("change", choose);
  choose();
}

function step(button) {
  const input = button.parentElement.querySelector("input");
  button.hidden = false;
  button.addEventListener("click", () => {
    const wanted = (Number(input.value) || 0) + Number(button.dataset.step);
    input.value = Math.min(Number(input.max) || 999, Math.max(Number(input.min) || 0, wanted));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

function turn(picture) {
  const stage = picture?.parentElement;
  stage?.scrollTo({ left: picture.offsetLeft - stage.offsetLeft, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}

function gallery(box) {
  const stage = box.querySelector(".gallery-stage");
  const thumbs = all(".gallery-thumbs a", box);
  const mark = () => {
    const at = Math.round(stage.scrollLeft / (stage.clientWidth || 1));
    thumbs.forEach((thumb, index) => index === at ? thumb.setAttribute("aria-current", "true") : thumb.removeAttribute("aria-current"));
  };
  thumbs.forEach((thumb) => thumb.addEventListener("click", (event) => {
    event.preventDefault();
    turn(document.getElementById(thumb.hash.slice(1)));
  }));
  stage.addEventListener("scroll", mark, { passive: true });
  mark();
}

// A second tap on "order" must not send the form twice.
const sent = new WeakMap();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || "again" in form.dataset || event.defaultPrevented) return;
  if (Date.now() - (sent.get(form) ?? 0) < 8000) event.preventDefault();
  else {
    sent.set(form, Date.now());
    event.submitter?.setAttribute("aria-disabled", "true");
  }
});
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  all("form").forEach((form) => sent.delete(form));
  all("button[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
  all("[data-fragment]:not([data-on])").forEach(fill);
});

all("[data-fragment]:not([data-on])").forEach(fill);
all("form[data-variants]").forEach(follow);
all("[data-step]").forEach(step);
all("[data-gallery]").forEach(gallery);
document.querySelector(".form-errors")?.focus();
