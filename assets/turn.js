// Turns the scenes of a wall: all of them are in the page, one is not hidden. Asks no server, so it cannot stop with one.
//   →  PageDown  n   next         ←  PageUp  p   previous       1 to 9   that scene, held for 10 minutes
//   Space            stay, until it is pressed again             h        stay for 10 minutes
// A breach (a frame's data-breach, 1 or 2) that is new takes the screen, and gives back what was there before.
"use strict";
(() => {
  const HOLD_MS = 600000, TAKE_MS = 60000, GIVE_BACK_MS = 10000, KEY = "kendali-scene";
  // As in age.js: Indonesian stands here, other languages come with the page.
  const said = JSON.parse(document.querySelector("meta[name=kendali-words]")?.content || "{}");
  const tr = (text) => said[text] || text;
  const WORDS = { paused: tr("dijeda"), held: tr("ditahan s.d.") + "\u00a0", taken: tr("pelampauan baru"), point: tr(".") };
  // known: the breaches that have had their turn. taken: {back, until, breach} while one has the screen.
  const t = window.kendaliTurn = { shown: "", due: 0, paused: false, heldUntil: 0, taken: null, known: new Set(), turns: 0 };
  const wall = () => document.querySelector("#page #wall") || document.getElementById("wall");
  const scenes = () => [...(wall()?.querySelectorAll(":scope > .scene") || [])];
  const nameOf = (scene) => scene.dataset.page;
  const seconds = () => Number(wall()?.dataset.seconds) || 0;
  const clock = () => performance.now();

  function show(name) {
    const all = scenes(), next = all.find((scene) => nameOf(scene) === name) || all[0];
    if (!next) return;
    for (const scene of all) scene.hidden = scene !== next;
    t.shown = nameOf(next);
    t.due = clock() + 1000 * seconds();
    t.turns += 1;
    write("scene-title", next.dataset.title);
    write("scene-place", next.dataset.place);
    try { sessionStorage.setItem(KEY, t.shown); } catch { /* a wall without storage begins with its first scene */ }
    window.kendaliAge?.();
  }

  function write(id, text) {
    for (const element of document.querySelectorAll("#" + id)) if (element.textContent !== text) element.textContent = text;
  }

  function step(by) {
    const names = scenes().map(nameOf), here = names.indexOf(t.shown);
    show(names[(here + by + names.length) % names.length]);
  }

  // What a person does ends whatever had the screen.
  function byHand(name, hold) {
    t.taken = null;
    if (typeof name === "number") step(name); else if (name) show(name);
    if (hold) { t.heldUntil = clock() + HOLD_MS; t.paused = false; }
    say();
  }

  function breaches() {
    const frames = wall()?.querySelectorAll(".pn[data-breach]") || [];
    return [...frames].filter((frame) => ["1", "2"].includes(frame.dataset.breach) && frame.closest(".scene"));
  }

  function take(now) {
    const found = breaches(), ids = new Set(found.map((frame) => frame.id));
    for (const id of t.known) if (!ids.has(id)) t.known.delete(id);
    const fresh = found.find((frame) => !t.known.has(frame.id));
    if (!fresh || t.taken) return;
    for (const frame of found) if (frame.closest(".scene") === fresh.closest(".scene")) t.known.add(frame.id);
    const left = Math.max(0, t.due - now);
    t.taken = { back: t.shown, left, until: now + TAKE_MS, breach: fresh.id };
    show(nameOf(fresh.closest(".scene")));
  }

  function giveBack(now) {
    const { back, left, until, breach } = t.taken;
    // A breach that is over is still shown for a moment: a screen that flickers back tells nothing.
    if (!document.getElementById(breach)?.dataset.breach) t.taken.until = Math.min(until, now + GIVE_BACK_MS);
    if (now < t.taken.until) return;
    t.taken = null;
    show(back);
    t.due = now + left;
  }

  function say() {
    const now = clock(), until = t.heldUntil > now ? WORDS.held + time(t.heldUntil - now) : "";
    const text = t.taken ? WORDS.taken : t.paused ? WORDS.paused : until;
    for (const element of document.querySelectorAll("#turning")) {
      if (element.textContent !== text) element.textContent = text;
      element.hidden = !text;
    }
  }

  function time(later_ms) {
    const at = window.kendaliTime?.(later_ms);
    return at ? at.hour + WORDS.point + at.minute : "";
  }

  function dim() {
    const data = wall()?.dataset, at = window.kendaliTime?.(0);
    if (!data?.nightFrom || !at) return;
    const now = at.hour + ":" + at.minute, { nightFrom: from, nightTo: to } = data;
    const night = from <= to ? from <= now && now < to : now >= from || now < to;
    wall().toggleAttribute("data-dimmed", night); // a veil, see 20-wall.css: a light wall must not shine through itself
  }

  function tick() {
    if (!wall()) return;
    const now = clock();
    if (!scenes().some((scene) => nameOf(scene) === t.shown && !scene.hidden)) show(t.shown || remembered());
    if (t.taken) giveBack(now); else take(now);
    const stays = t.paused || t.heldUntil > now || t.taken || scenes().length < 2 || !seconds();
    if (!stays && now >= t.due) step(1);
    say();
    dim();
  }

  function remembered() { try { return sessionStorage.getItem(KEY) || ""; } catch { return ""; } }

  const KEYS = {
    ArrowRight: () => byHand(1), PageDown: () => byHand(1), n: () => byHand(1),
    ArrowLeft: () => byHand(-1), PageUp: () => byHand(-1), p: () => byHand(-1),
    h: () => byHand("", true),
    " ": () => { t.paused = !(t.paused || t.heldUntil > clock()); t.heldUntil = 0; t.due = clock() + 1000 * seconds(); byHand(""); },
  };
  addEventListener("keydown", (event) => {
    if (!wall() || event.ctrlKey || event.altKey || event.metaKey || event.target.closest?.("input, select, textarea, a, button")) return;
    const numbered = /^[1-9]$/.test(event.key) && scenes()[Number(event.key) - 1];
    const act = numbered ? () => byHand(nameOf(numbered), true) : KEYS[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  t.tick = tick;
  setInterval(tick, 1000);
})();
