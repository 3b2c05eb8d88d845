// The roll-call: every 10 s what this page has really painted, and how it is. From the page's own event loop, after
// an animation frame: a page that is frozen, or whose browser draws nothing any more, cannot say that it is well.
"use strict";
(() => {
  const EVERY_MS = 10000, FIRST_MS = 1500, FRAME_MS = 1000;
  const wall = location.pathname.match(/^\/wall\/([a-z0-9_]+)$/)?.[1];
  const pages = (document.querySelector("meta[name=kendali-scenes]")?.content || "").split(" ").filter(Boolean);
  const build = document.querySelector("meta[name=kendali-version]")?.content || "";
  const began = performance.now();
  let slot = "1", frame = { seq: 0, at: null }, gone = false, way = new AbortController();
  if (!wall || !pages.length) return;

  // Several walls of one browser: each holds a number while it lives, and a wall that comes back gets its own again.
  function take(number) {
    if (!navigator.locks || number > 9) return;
    const wish = { ifAvailable: true };
    navigator.locks.request("kendali-wall-" + number, wish, (lock) => {
      if (!lock) { take(number + 1); return undefined; }
      slot = String(number);
      return new Promise(() => {});
    }).catch(() => {});
  }

  // The numbers that walls of this browser hold: a page that is frozen keeps its own, one that has died does not.
  async function held() {
    if (!navigator.locks?.query) return null;
    const name = "kendali-wall-", found = (await navigator.locks.query()).held || [];
    return found.filter((lock) => lock.name.startsWith(name)).map((lock) => lock.name.slice(name.length));
  }

  // Two frames: React draws what was applied in the first. The task after the second runs when it has been painted.
  function painted() {
    const seq = window.kendali?.lastSeq || 0;
    return new Promise((done) => {
      setTimeout(done, FRAME_MS);
      requestAnimationFrame(() => requestAnimationFrame(() => {
        const line = new MessageChannel();
        line.port1.onmessage = () => { frame = { seq, at: performance.now() }; line.port1.close(); done(); };
        line.port2.postMessage(0);
      }));
    });
  }

  // A beat can come late, never early: of the last minute's the smallest difference is the clock's own.
  const skews = [];
  function skew() {
    const k = window.kendali;
    if (k?.beat) skews.push(Math.round(k.beatClock - Date.parse(k.beat.now)));
    if (skews.length > 6) skews.shift();
    return skews.length < 2 ? null : Math.min(...skews);
  }

  function said() {
    const k = window.kendali || {}, shown = document.querySelector("#page .scene[data-page]:not([hidden])");
    return {
      screen: k.screen, slot, wall, scene: shown?.dataset.page || wall, build, seq: frame.seq,
      pages: pages,
      frame_ms: Math.round(performance.now() - (frame.at ?? began)),
      skew_ms: skew(),
      memory: performance.memory?.usedJSHeapSize ?? null,
      width: innerWidth, height: innerHeight, hidden: document.visibilityState === "hidden",
    };
  }

  async function send(more) {
    try {
      // A page that is going away has no time to ask.
      const numbers = more.bye ? null : await held();
      if (gone && !more.bye) return;  // it said goodbye meanwhile
      const answer = await fetch("/screens/report", {
        method: "POST", keepalive: true, signal: way.signal, headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ ...said(), held: numbers, ...more }),
      });
      // Not allowed any more: the answer to this address says so in the wall's place. It has answered just now, and
      // that page holds none of this, so it can neither end in a browser's error nor go round in a circle.
      if (answer.headers.get("x-kendali-screen") === "refused") location.reload();
    } catch { /* the server is away: the strip and the ages say so, and the roll-call notices the silence */ }
  }

  async function report() { await painted(); if (!gone) await send({}); }

  // A page that is closed on purpose says so, and nothing after it; one that dies does not, and is missed.
  function leave() {
    gone = true;
    way.abort();
    way = new AbortController();
    send({ bye: true });
  }

  take(1);
  setTimeout(report, FIRST_MS);
  setInterval(report, EVERY_MS);
  document.addEventListener("visibilitychange", report);
  addEventListener("pagehide", leave);
  addEventListener("pageshow", (event) => { if (event.persisted) { gone = false; report(); } });
  window.kendaliReport = report;
})();
