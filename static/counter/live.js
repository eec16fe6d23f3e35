// Follows what happens in the shop and refetches the parts of the page it concerns.
// "Old page + changes = fresh page": a number per change lets us resume; after a doubt, everything is refetched.
const sign = document.querySelector("[data-events]");
const hub = new EventTarget();
const served = new WeakMap();
const waiting = new Map();
const heard = new Set();
let stream = null;
let last = sign?.dataset.last ?? "";
let pause = 1000;

const places = () => [...document.querySelectorAll("[data-fragment][data-on]")];
const remember = (root) => root.querySelectorAll("[data-key]").forEach((node) => served.set(node, node.outerHTML));
const concerns = (place, topic, data) => place.dataset.on.split(/\s+/).some((wish) => wish === topic || wish === `${topic}:${data.id}`);

function isBusy(place) {
  const active = document.activeElement;
  return place.contains(active) && active.matches("input:not([type=radio],[type=checkbox]), textarea, select") || place.querySelector("details.confirm[open]");
}

function put(place, html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html.trim();
  const known = new Map([...place.querySelectorAll("[data-key]")].map((node) => [node.dataset.key, node]));
  const focused = place.contains(document.activeElement) ? document.activeElement.closest("[data-key]")?.dataset.key : null;
  const scroller = place.closest("[data-scroll]");
  const atEnd = scroller && scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 120;
  for (const node of fresh.content.querySelectorAll("[data-key]")) {
    // A part that stays itself has taken the place of this one, with all that is in it.
    if (!fresh.content.contains(node)) continue;
    const old = known.get(node.dataset.key);
    if (old && served.get(old) === node.outerHTML) node.replaceWith(old);
    else {
      served.set(node, node.outerHTML);
      if (!old && known.size) node.classList.add("is-new");
    }
  }
  place.replaceChildren(fresh.content);
  if (focused) place.querySelector(`[data-key="${CSS.escape(focused)}"] :is(a, button)`)?.focus({ preventScroll: true });
  if (atEnd) scroller.scrollTop = scroller.scrollHeight;
  if (place.classList.contains("count")) count(place);
  document.dispatchEvent(new CustomEvent("tresen:fresh", { detail: place }));
}

function count(place) {
  const number = place.textContent.trim();
  place.hidden = !number || number === "0";
  if (place.closest("[data-title-count]")) document.title = document.title.replace(/^\(\d+\) /, "").replace(/^/, place.hidden ? "" : `(${number}) `);
}

async function refetch(place) {
  if (waiting.has(place)) return void waiting.set(place, true);
  if (isBusy(place)) {
    place.addEventListener("focusout", () => setTimeout(() => refetch(place), 400), { once: true });
    return;
  }
  waiting.set(place, false);
  try {
    const answer = await fetch(place.dataset.fragment, { headers: { "X-Requested-With": "fetch" } });
    if (answer.redirected) return location.reload();
    if (answer.ok) put(place, await answer.text());
  } catch {
    say("off");
  } finally {
    const again = waiting.get(place);
    waiting.delete(place);
    if (again) refetch(place);
  }
}

const everything = () => places().forEach(refetch);

function say(state) {
  if (!sign) return;
  sign.hidden = false;
  sign.dataset.live = state;
  sign.querySelector("[data-live-text]").textContent = sign.dataset[state === "on" ? "wordsOn" : "wordsOff"] ?? "";
}

function happened(topic, event) {
  if (event.lastEventId) last = event.lastEventId;
  let data = {};
  try { data = JSON.parse(event.data || "{}"); } catch { data = { id: event.data }; }
  places().filter((place) => concerns(place, topic, data)).forEach(refetch);
  hub.dispatchEvent(new CustomEvent(topic, { detail: data }));
}

function listen() {
  for (const wish of places().flatMap((place) => place.dataset.on.split(/\s+/))) {
    const topic = wish.split(":")[0];
    if (!topic || heard.has(topic)) continue;
    heard.add(topic);
    stream?.addEventListener(topic, (event) => happened(topic, event));
  }
}

function connect() {
  if (!sign || stream) return;
  const address = new URL(sign.dataset.events, location.href);
  const unsure = !last;
  if (last) address.searchParams.set("after", last);
  stream = new EventSource(address);
  heard.clear();
  listen();
  stream.addEventListener("reset", (event) => { last = event.lastEventId || last; everything(); });
  stream.addEventListener("open", () => { say("on"); pause = 1000; if (unsure && !last) everything(); });
  stream.addEventListener("error", () => {
    // Its own way of coming back would ask with the old address; ours says what we have seen.
    say("off");
    close();
    setTimeout(connect, pause);
    pause = Math.min(pause * 2, 30000);
  });
}

function close() {
  stream?.close();
  stream = null;
}

// Browsers allow six connections to one server: a page nobody looks at gives its own back, and
// asks for the number in its title now and then.
let asleep = 0;
document.addEventListener("visibilitychange", () => {
  clearTimeout(asleep);
  if (document.hidden) asleep = setTimeout(function doze() {
    close();
    document.querySelectorAll("[data-title-count] [data-fragment]").forEach(refetch);
    asleep = setTimeout(doze, 60000);
  }, 20000);
  else connect();
});
addEventListener("pagehide", close);
addEventListener("pageshow", (event) => { if (event.persisted) { everything(); connect(); } });
document.addEventListener("tresen:fresh", listen);
document.addEventListener("tresen:refetch", (event) => places().filter((place) => place.matches(event.detail ?? "*")).forEach(refetch));

remember(document);
document.querySelectorAll("[data-scroll]").forEach((box) => { box.scrollTop = box.scrollHeight; });
document.querySelectorAll("[data-title-count] .count").forEach(count);
connect();
