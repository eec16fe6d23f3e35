// Keeps "5 minutes ago" and "3 hours left" true while a page stays open.
const language = document.documentElement.lang;
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const steps = [[60, "second"], [60, "minute"], [24, "hour"], [7, "day"], [4.35, "week"], [12, "month"], [Infinity, "year"]];

function words(seconds) {
  let amount = seconds;
  for (const [size, unit] of steps) {
    if (Math.abs(amount) < size) return relative.format(Math.trunc(amount), unit);
    amount /= size;
  }
}

function left(seconds) {
  if (seconds <= 0) return words(Math.min(seconds, -1));
  const days = Math.floor(seconds / 86400);
  const hours = Math.floor((seconds % 86400) / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const part = (value, unit) => new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" }).format(value);
  if (days) return `${part(days, "day")} ${part(hours, "hour")}`;
  return hours ? `${part(hours, "hour")} ${part(minutes, "minute")}` : part(Math.max(1, minutes), "minute");
}

function tick() {
  const now = Date.now();
  for (const place of document.querySelectorAll("time[data-ago], time[data-countdown]")) {
    const seconds = (Date.parse(place.dateTime) - now) / 1000;
    if (Number.isNaN(seconds)) continue;
    const text = "countdown" in place.dataset ? left(seconds) : words(Math.min(seconds, 0));
    if (place.textContent !== text) place.textContent = text;
    if ("countdown" in place.dataset) {
      if (!place.title) place.title = new Date(place.dateTime).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
      place.closest(".countdown")?.classList.toggle("urgent", seconds < 7200);
    }
  }
}

tick();
setInterval(tick, 20000);
document.addEventListener("tresen:fresh", tick);
