// A replay: asks for the states of a moment and paints them as the stream would have. Ages are age.js's, counted
// to the moment. The moment stands in the address, so that it can be sent on and the back button works.
"use strict";
(() => {
  const page = location.pathname.match(/^\/replay\/([a-z0-9_]+)$/)?.[1];
  if (!page) return;
  const STEP_MS = { "-hour": -3600000, "-minute": -60000, "+minute": 60000, "+hour": 3600000 };
  const KEYS = { ArrowLeft: "previous", ArrowRight: "next", PageUp: "-hour", PageDown: "+hour" };
  const TICK_MS = 200, REST_MS = 500, DAY_MS = 60000, BODIES = 400;
  const $ = (id) => document.querySelector("#page #" + id);
  const bodies = new Map(); // hash -> body, the last used last
  let at = 0, shown = null, day = null, dayAt = 0, skew = 0;
  let wanted = null, busy = false, speed = 1, playing = 0, rest = 0, asking = null, written = 0;

  async function ask(path, how) {
    const answer = await fetch(`/replay/${page}/${path}`, how);
    const said = answer.status === 204 ? null : await answer.json().catch(() => null);
    if (!answer.ok) throw new Error(said?.error || bar().dataset.lost + ` (${answer.status})`);
    return said;
  }
  const bar = () => $("rp");
  const say = (text) => { const p = $("rp-said"); if (p.textContent !== text) p.textContent = text; };
  const now = () => Date.now() + skew;
  const iso = (ms) => new Date(ms).toISOString();

  // The last moment asked for is the one that counts; what was asked meanwhile is passed over.
  async function go(text, how) {
    wanted = { text, how, since: performance.now() };
    if (busy) return;
    busy = true;
    try {
      while (wanted) { const one = wanted; wanted = null; await show(one).catch((error) => { pause(); say(error.message); }); }
    } finally { busy = false; }
  }

  async function show({ text, how, since }) {
    asking?.abort();
    const found = await ask("states?bodies=no&at=" + encodeURIComponent(text));
    const lack = [...new Set(found.states.map((state) => state.hash))].filter((hash) => !bodies.has(hash));
    if (lack.length) for (const [hash, body] of Object.entries(await ask("bodies?" + lack.map((hash) => "hash=" + hash).join("&")))) bodies.set(hash, body);
    shown = found;
    if (!playing) at = Date.parse(found.at);
    paint();
    write(how);
    say(found.thinned ? bar().dataset.thinned : "");
    window.kendali.replayed = { ms: performance.now() - since, at: found.at, fetched: lack.length };
    settle();
    const name = found.at.slice(0, 10), old = day?.day === day?.now.slice(0, 10) && performance.now() - dayAt > DAY_MS;
    if (day?.day !== name) await calendar(name); else if (old) calendar(name).catch(() => {});
    place();
  }

  function paint() {
    const k = window.kendali, states = new Map(shown.states.map((state) => [state.page + "/" + state.panel, state]));
    k.at = at;
    $("head").dataset.at = shown.at;
    for (const frame of document.querySelectorAll("#page .pn[data-panel]")) {
      const { page: of, panel, staleAfterS, expiresAfterS } = frame.dataset, state = states.get(of + "/" + panel);
      const none = { page: of, panel, seq: 0, hash: "", body: null, missing: true, stale_after_s: staleAfterS, expires_after_s: expiresAfterS };
      frame.dataset.revised = "";
      frame.querySelector(".tag")?.removeAttribute("title");
      k.take({ kind: "panel", state: state ? { ...state, body: keep(state.hash) } : none });
    }
    window.kendaliAge?.();
  }

  function keep(hash) {
    const body = bodies.get(hash);
    bodies.delete(hash); bodies.set(hash, body);
    if (bodies.size > BODIES) bodies.delete(bodies.keys().next().value);
    return body;
  }

  // What was corrected since is computed anew by the server, which is dear: only where somebody stays.
  function settle() {
    clearTimeout(rest);
    if (!playing) rest = setTimeout(revised, REST_MS);
  }
  async function revised() {
    asking = new AbortController();
    const of = shown, found = await ask("revised?at=" + encodeURIComponent(of.at), { signal: asking.signal }).catch(() => null);
    if (!found || of !== shown) return;
    for (const frame of document.querySelectorAll("#page .pn[data-panel]")) {
      const changes = frame.dataset.page === page && found.revised[frame.dataset.panel];
      frame.dataset.revised = changes ? "1" : "";
      if (changes) frame.querySelector(".tag").title = changes.join(", ");
    }
    window.kendaliAge?.();
    window.kendali.replayed.revised = Object.keys(found.revised);
  }

  // The moment in the address: a step of its own in the browser's history, or in the place of the last one.
  function write(how) {
    if (how === "none") return;
    if (how === "often" && performance.now() - written < 1000) return;
    written = performance.now();
    const address = `${location.pathname}?at=${(playing ? iso(at) : shown.at).replace("+", "%2B")}`;
    for (const link of document.querySelectorAll("#page #rp-scenes a")) link.search = address.slice(address.indexOf("?"));
    history[how === "push" ? "pushState" : "replaceState"](null, "", address);
  }

  async function calendar(name) {
    dayAt = performance.now();
    day = await ask("moments?day=" + name);
    skew = Date.parse(day.now) - Date.now();
    const most = Math.max(1, ...day.minutes.map(([, , changes]) => changes));
    const line = ([minute, , changes]) => `M${minute} 40V${(34 - (30 * changes) / most).toFixed(1)}h1V40Z`;
    $("rp-steady").setAttribute("d", day.minutes.map(([minute]) => `M${minute} 36h1v4h-1Z`).join(""));
    $("rp-changed").setAttribute("d", day.minutes.filter(([, , changes]) => changes).map(line).join(""));
    const [from, to] = [day.first || day.now, day.now].map((text) => Math.min(1, Math.max(0, share(Date.parse(text)))));
    $("rp-kept").setAttribute("x", from * 1440);
    $("rp-kept").setAttribute("width", Math.max(0, to - from) * 1440);
    const [date, time] = fields();
    date.max = day.now.slice(0, 10);
    date.min = (day.first || day.now).slice(0, 10);
    time.disabled = false;
  }
  const span = () => Date.parse(day.end) - Date.parse(day.start);
  const share = (ms) => (ms - Date.parse(day.start)) / span();

  function place() {
    if (!day) return;
    const needle = $("rp-needle"), slider = $("rp-slider"), [date, time] = fields();
    const local = new Date(at + offset()).toISOString();
    needle.hidden = share(at) < 0 || share(at) > 1;
    needle.style.left = 100 * share(at) + "%";
    slider.setAttribute("aria-valuenow", Math.round((at - Date.parse(day.start)) / 1000));
    slider.setAttribute("aria-valuetext", local.slice(11, 19));
    if (document.activeElement !== date) date.value = local.slice(0, 10);
    if (document.activeElement !== time) time.value = local.slice(11, 19);
  }
  // The region's, as the server wrote it: this machine may be in another zone.
  function offset() {
    const [, sign, hours, minutes] = shown.at.match(/([+-])(\d\d):(\d\d)$/) || [0, "+", 0, 0];
    return (sign === "-" ? -1 : 1) * (hours * 60 + +minutes) * 60000;
  }

  function step(what, how = "push") {
    if (!shown) return;
    if (what in STEP_MS) return to(at + STEP_MS[what], how);
    if (shown[what]) { pause(); go(shown[what], how); }
  }
  function to(ms, how) {
    const first = day?.first ? Date.parse(day.first) + 1 : ms;
    at = Math.min(now(), Math.max(first, ms));
    go(iso(at), how);
  }

  function play() {
    if (playing || !shown) return;
    let last = performance.now();
    playing = setInterval(() => {
      const here = performance.now();
      at += speed * (here - last); last = here;
      if (at >= now()) { at = now(); pause(); }
      window.kendali.at = at;
      window.kendaliAge?.();
      place();
      if (!shown.next || Date.parse(shown.next) < at) go(iso(at), "often");
    }, TICK_MS);
    asking?.abort();
    face();
  }
  function pause() {
    if (!playing) return;
    clearInterval(playing);
    playing = 0;
    face();
    go(iso(at), "replace");
  }
  function face() {
    const button = $("rp-play"), said = bar().dataset[playing ? "pause" : "play"];
    button.title = said;
    button.setAttribute("aria-label", said);
    $("rp-icon").setAttribute("d", bar().dataset[playing ? "pauseicon" : "playicon"]);
  }

  const fields = () => $("rp-day").querySelectorAll("input");
  function field(kind, name) {
    const input = document.createElement("input");
    input.type = kind; input.className = "rp-field";
    if (kind === "time") input.step = 1;
    input.setAttribute("aria-label", name);
    input.addEventListener("change", () => {
      const [date, time] = fields();
      if (date.value && time.value) { pause(); go(`${date.value}T${time.value}`, "push"); }
    });
    $("rp-day").append(input);
  }

  function drag(slider) {
    const under = (event) => {
      const box = slider.querySelector(".rp-plot").getBoundingClientRect();
      return Date.parse(day.start) + (span() * (event.clientX - box.left)) / box.width;
    };
    let held = false;
    slider.addEventListener("pointerdown", (event) => {
      if (!day) return;
      held = true; pause(); slider.setPointerCapture(event.pointerId);
      to(under(event), "push");
    });
    slider.addEventListener("pointermove", (event) => { if (held) { to(under(event), "replace"); place(); } });
    for (const name of ["pointerup", "pointercancel"]) slider.addEventListener(name, () => { held = false; });
  }

  function keys(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, a")) return;
    const arrow = event.key === "ArrowLeft" || event.key === "ArrowRight";
    if (event.key === " " && !event.target.closest?.("button")) { if (playing) pause(); else play(); }
    else if (arrow && event.shiftKey) step(event.key === "ArrowLeft" ? "-minute" : "+minute");
    else if (event.key in KEYS) step(KEYS[event.key]);
    else if (event.key === "Home" && day) to(Date.parse(day.start), "push");
    else if (event.key === "End" && day) to(Date.parse(day.end) - 1, "push");
    else return;
    event.preventDefault();
  }

  function start() {
    for (const button of bar().querySelectorAll("[data-do]")) button.addEventListener("click", () => step(button.dataset.do));
    for (const button of bar().querySelectorAll("[data-speed]")) button.addEventListener("click", () => {
      speed = Number(button.dataset.speed);
      for (const other of bar().querySelectorAll("[data-speed]")) other.setAttribute("aria-pressed", other === button);
    });
    $("rp-play").addEventListener("click", () => { if (playing) pause(); else play(); });
    field("date", bar().dataset.date);
    field("time", bar().dataset.time);
    drag($("rp-slider"));
    document.addEventListener("keydown", keys);
    addEventListener("popstate", () => { pause(); go(new URLSearchParams(location.search).get("at") || "", "none"); });
    go(new URLSearchParams(location.search).get("at") || "", "replace");
  }
  const ready = () => $("rp") && window.kendali;
  const waiting = setInterval(() => { if (ready()) { clearInterval(waiting); start(); } }, 20);
})();
