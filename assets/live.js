// Takes panel states from the stream and puts them on the page. The age is age.js's.
"use strict";
window.kendali = { skew: 0, beatAt: 0, boot: null, version: null, seqs: {}, painted: {} };
(function () {
  const k = window.kendali;
  let page = null;
  const waiting = new Map();

  function apply(state) {
    const id = state.page + "-" + state.panel;
    const frame = document.getElementById(id);
    if (!frame || !window.dash_clientside?.set_props) { waiting.set(id, state); return; }
    if (k.seqs[id] >= state.seq && k.boot === k.seenBoot) return;
    k.seqs[id] = state.seq;
    const data = frame.dataset;
    data.asOf = state.as_of || "";
    data.staleAfterS = state.stale_after_s;
    data.expiresAfterS = state.expires_after_s;
    data.missing = state.missing ? "1" : "";
    data.failure = state.failure ? state.failure.text : "";
    data.tries = state.failure ? state.failure.tries : "";
    data.simulated = state.simulated ? "1" : "";
    data.source = state.source || "";
    if (data.hash !== state.hash) {
      data.hash = state.hash;
      window.dash_clientside.set_props(id + "-body", { children: state.body });
    }
    k.painted[id] = Date.now();
    window.kendaliAge?.();
  }

  function beat(data) {
    const said = JSON.parse(data);
    k.skew = Date.parse(said.now) - Date.now();
    k.beatAt = performance.now();
    k.beatClock = Date.now();
    k.seenBoot = said.boot;
    k.boot = said.boot;
    if (k.version && k.version !== said.version) reload();
    k.version = k.version || said.version;
  }

  // A new version needs a new page, but a reload into a dead server would leave a browser's error on the wall.
  function reload() {
    fetch("/healthz", { cache: "no-store" }).then((answer) => { if (answer.ok) location.reload(); }).catch(() => {});
  }

  function take(message) {
    if (message.kind === "beat") beat(message.data); else apply(JSON.parse(message.data));
  }

  function connect() {
    if (window.SharedWorker) {
      const worker = new SharedWorker("/assets/worker.js", { name: "kendali" });
      worker.port.onmessage = (event) => take(event.data);
      worker.port.start();
      worker.port.postMessage({ page });
      addEventListener("pagehide", () => worker.port.postMessage({ page, bye: true }));
      return;
    }
    let delay = 500;
    (function open() {
      const source = new EventSource("/stream?page=" + encodeURIComponent(page));
      source.addEventListener("panel", (event) => take({ kind: "panel", data: event.data }));
      source.addEventListener("beat", (event) => { delay = 500; take({ kind: "beat", data: event.data }); });
      source.onerror = () => { source.close(); setTimeout(open, delay); delay = Math.min(10000, delay * 2); };
    })();
  }

  function begin() {
    const named = location.pathname.match(/^\/wall\/([a-z0-9_]+)$/);
    if (!named) return;
    page = named[1];
    connect();
    // React draws the frames a moment after the first states arrive.
    new MutationObserver(() => {
      for (const [id, state] of waiting) if (document.getElementById(id)) { waiting.delete(id); apply(state); }
    }).observe(document.documentElement, { childList: true, subtree: true });
  }

  // Burn-in: the scene moves a little every minute; its margins allow it.
  let step = 0;
  setInterval(() => {
    const scene = document.querySelector(".scene");
    if (scene) { step = (step + 1) % 8; scene.style.transform = `translate(${[0, 6, 12, 6, 0, -6, -12, -6][step]}px, ${[0, 4, 0, -4, 0, 4, 0, -4][step]}px)`; }
  }, 60000);
  begin();
})();
