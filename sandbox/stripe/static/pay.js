// Fills in test numbers and totals without a round trip; keeps a second press from paying twice.
const form = document.querySelector("form[data-pay]");

const FILLED = { expiry: "12 / 34", cvc: "123" };

function fill(number) {
  const isDebit = /^[A-Z]{2}/.test(number);
  const values = isDebit ? { iban: number } : { card: number, ...FILLED };
  for (const [name, value] of Object.entries(values)) {
    form.elements[name].value = value;
    form.elements[name].removeAttribute("aria-invalid");
  }
  const way = form.querySelector(`input[name=way][value=${isDebit ? "sepa_debit" : "card"}]`);
  if (way) way.checked = true;
  for (const [name, value] of [["name", "Mia Krüger"], ["email", "mia.krueger@example.com"]]) {
    const field = form.elements[name];
    if (field && !field.value) field.value = value;
  }
  form.querySelector(".pay-now").focus();
}

function showTotal(option) {
  form.elements.seen.value = option.dataset.total;
  for (const place of document.querySelectorAll("[data-total-text]")) place.textContent = option.dataset.text;
  for (const place of document.querySelectorAll("[data-cost-text]")) place.textContent = option.dataset.cost;
}

if (form) {
  form.addEventListener("change", (event) => {
    if (event.target.name === "shipping_rate") showTotal(event.target);
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name === "fill") {
      event.preventDefault();
      fill(event.submitter.value);
      return;
    }
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    form.querySelector(".pay-now").setAttribute("aria-disabled", "true");
  });
  addEventListener("pageshow", () => delete form.dataset.sent);
  document.querySelector(".summary")?.focus();
}
