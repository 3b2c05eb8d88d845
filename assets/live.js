// Takes panel states from the stream and puts them on the page. The age is age.js's.
"use strict";
(() => {
  const k = window.kendali = { beat: null, beatClock: 0, beatMono: 0, lastSeq: 0, painted: {}, worker: "" };
  const PING_MS = 30000, DEAF_MS = 20000, SCENE_MS = 15000, SHIFT_MS = 60000;
  // The pages this wall shows, all of them at once: turning from one to the next asks nobody.
  const pages = (document.querySelector("meta[name=kendali-scenes]")?.content || "").split(" ").filter(Boolean);
  const build = document.querySelector("meta[name=kendali-version]")?.content;
  if (pages.length) k.screen = who();
  const waiting = new Map();
  // What Dash has drawn. Until then the page shows what the server wrote into it (#first), with the same names.
  const drawn = (id) => document.querySelector("#page #" + id);
  let port = null, heardAt = performance.now(), began = performance.now();

  // Who this screen is, for the roll-call. Also a cookie, which goes with the stream that a worker opens.
  function who() {
    let id = "";
    try { id = localStorage.getItem("kendali-screen") || ""; } catch { /* storage is switched off */ }
    if (!/^[0-9a-f]{16}$/.test(id)) {
      id = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      try { localStorage.setItem("kendali-screen", id); } catch { /* known until it is loaded again */ }
    }
    document.cookie = `kendali_screen=${id}; Path=/; SameSite=Strict; Max-Age=34560000`;
    return id;
  }

  // Bodies are drawn here and not by Dash, which looks at every component of the page at every change: 0.3 s on a wall
  // of seven scenes. As dashboard/prerender.py: text stays text, names in camel case become those of HTML and SVG.
  const SPACES = { dash_html_components: "http://www.w3.org/1999/xhtml", dash_svg: "http://www.w3.org/2000/svg" };
  const KEPT = new Set(["viewBox", "preserveAspectRatio", "patternUnits", "patternTransform"]);
  const kebab = (name) => name.replace(/[A-Z]/g, (letter) => "-" + letter.toLowerCase());

  function grow(parent, part) {
    if (part === null || part === undefined) return parent;
    if (Array.isArray(part)) { for (const one of part) grow(parent, one); return parent; }
    if (typeof part !== "object") { parent.append(String(part)); return parent; }
    if (!SPACES[part.namespace] || part.type === "Script") throw new Error(`a panel cannot draw ${part.namespace}.${part.type}`);
    const element = document.createElementNS(SPACES[part.namespace], part.type[0].toLowerCase() + part.type.slice(1));
    for (const [name, value] of Object.entries(part.props)) dress(element, name, value);
    parent.append(grow(element, part.props.children));
    return parent;
  }

  function dress(element, name, value) {
    if (name === "children" || name === "key" || /^on/i.test(name) || value === null || value === false) return;
    if (name === "style") for (const [key, text] of Object.entries(value)) element.style.setProperty(kebab(key), text);
    else element.setAttribute(name === "className" ? "class" : KEPT.has(name) ? name : kebab(name), value === true ? "" : value);
  }

  function apply(state) {
    const id = state.page + "-" + state.panel;
    const frame = drawn(id);
    if (!frame) { waiting.set(id, state); return; }
    const data = frame.dataset;
    // First what is shown, then how old it is: what cannot be drawn stays as it is and gets old.
    if (data.hash !== state.hash && "body" in state) {
      drawn(id + "-body").replaceChildren(grow(document.createDocumentFragment(), state.body));
      data.hash = state.hash;
    }
    data.asOf = state.as_of || "";
    data.staleAfterS = state.stale_after_s;
    data.expiresAfterS = state.expires_after_s;
    data.missing = state.missing ? "1" : "";
    data.failure = state.failure ? state.failure.text : "";
    data.tries = state.failure ? state.failure.tries : "";
    data.simulated = state.simulated ? "1" : "";
    data.partial = state.partial || "";
    data.source = state.source || "";
    data.breach = state.breach || "";
    k.lastSeq = Math.max(k.lastSeq, state.seq);
    k.painted[id] = state.seq;
    window.kendaliAge?.();
  }

  // What the server wrote goes into the frames that Dash has drawn; false until all of them are there.
  function handed(first) {
    const bodies = [...first.querySelectorAll(".pn > [id$='-body']")];
    if (!bodies.every((body) => drawn(body.id))) return false;
    for (const body of bodies) if (!drawn(body.id).firstChild) drawn(body.id).append(...body.childNodes);
    return true;
  }

  // React draws the frames a moment after the first states arrive.
  new MutationObserver(() => {
    const first = document.getElementById("first");
    if (first && document.querySelector("#page > *") && handed(first)) { first.remove(); window.kendaliTurn?.tick(); window.kendaliAge?.(); }
    for (const [id, state] of waiting) if (drawn(id)) { waiting.delete(id); apply(state); }
  }).observe(document.documentElement, { childList: true, subtree: true });

  function beat(said, old_ms) {
    // Told again by the worker: it may have slept with the machine and not know how long ago that was.
    if (k.beat && k.beat.boot === said.boot && said.now <= k.beat.now) return;
    k.beat = said;
    k.beatClock = Date.now() - old_ms;
    k.beatMono = performance.now() - old_ms;
    if (build && said.version !== build) reload(said.version);
    if (!drawn("wall") && performance.now() - began > SCENE_MS) reload("scene");
    window.kendaliAge?.();
  }

  // A reload into a dead server would leave a browser's error on the wall for good: ask first.
  // Not twice a minute for the same reason: a page that stays old must not flicker.
  function reload(reason) {
    const [last, at] = (sessionStorage.getItem("kendali-reload") || " 0").split(" ");
    if (last === reason && Date.now() - Number(at) < 60000) return;
    fetch("/healthz", { cache: "no-store" }).then((answer) => answer.json()).then((health) => {
      if (reason !== "scene" && health.version !== reason) return;
      sessionStorage.setItem("kendali-reload", reason + " " + Date.now());
      location.reload();
    }).catch(() => {});
  }

  function take(message) {
    heardAt = performance.now();
    if (message.kind === "beat") beat(message.beat, message.old_ms); else apply(message.state);
  }

  k.take = take;

  function share() {
    const worker = new SharedWorker("/assets/worker.js?v=" + encodeURIComponent(build || ""), { name: "kendali" });
    worker.onerror = () => { if (!k.beat) alone(); };
    port = worker.port;
    port.onmessage = (event) => take(event.data);
    port.start();
    port.postMessage({ pages });
    k.worker = "shared";
  }

  // No SharedWorker here: the page holds a stream of its own.
  function alone() {
    if (k.worker === "own") return;
    k.worker = "own"; port = null;
    const script = document.createElement("script");
    script.src = "/assets/worker.js?v=" + encodeURIComponent(build || "");
    script.onload = () => new window.KendaliStream((_, message) => take(message)).need(pages);
    script.onerror = () => setTimeout(() => { k.worker = ""; alone(); }, 5000);
    document.head.append(script);
  }

  function connect() { if (window.SharedWorker) share(); else alone(); }

  // The worker forgets tabs that say nothing for long; a worker that says nothing is asked for anew.
  function ping() {
    if (!port) return;
    if (performance.now() - heardAt > DEAF_MS) { port.close(); heardAt = performance.now(); share(); return; }
    port.postMessage({ pages });
  }

  if (pages.length) {
    connect();
    setInterval(ping, PING_MS);
    addEventListener("pagehide", () => port?.postMessage({ bye: true }));
    addEventListener("pageshow", (event) => { if (event.persisted) ping(); });
  }

  // Burn-in: the wall moves a little every minute, by 24 px at most from end to end; its margins allow it.
  const PATH = [[0, 0], [6, 4], [12, 0], [6, -4], [0, 0], [-6, 4], [-12, 0], [-6, -4]];
  let step = 0;
  setInterval(() => {
    const wall = drawn("wall"), [x, y] = PATH[step = (step + 1) % PATH.length];
    if (wall) wall.style.transform = `translate(${x}px, ${y}px)`;
  }, SHIFT_MS);
})();
