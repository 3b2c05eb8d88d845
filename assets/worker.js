// One stream per browser, shared by all its tabs: the seventh stream of its own would hang (HTTP/1.1).
// Runs as a SharedWorker; where there is none, live.js loads this file into the page itself.
"use strict";
(() => {
  const QUIET_MS = 12000, DEAF_MS = 2000, SOCKETS = 6, FIRST_MS = 500, LAST_MS = 10000, GONE_MS = 300000;

  class Stream {
    constructor(tell) {
      this.tell = tell; this.pages = new Set(); this.last = new Map(); this.beat = null; this.delay = FIRST_MS; this.deaf = 0;
      setInterval(() => this.watch(), 1000);
    }

    need(pages) {
      const known = this.pages.size;
      for (const page of pages) this.pages.add(page);
      if (this.pages.size > known) this.open();
    }

    open() {
      clearTimeout(this.again);
      this.source?.close();
      this.heardAt = performance.now(); this.answered = false;
      const asked = [...this.pages].map((page) => "page=" + encodeURIComponent(page)).join("&");
      const source = this.source = new EventSource("/stream?" + asked);
      source.addEventListener("panel", (event) => this.panel(JSON.parse(event.data)));
      source.addEventListener("beat", (event) => {
        this.beat = JSON.parse(event.data); this.heardAt = performance.now(); this.delay = FIRST_MS; this.deaf = 0;
        this.tell(null, { kind: "beat", beat: this.beat, old_ms: 0 });
      });
      source.onopen = () => { this.answered = true; };
      source.onerror = () => { if (source === this.source) this.retry(); };
    }

    // EventSource gives up after an answer that is not 200: open a new one, for ever, ever slower up to 10 s.
    retry() {
      this.source?.close(); this.source = null;
      clearTimeout(this.again);
      this.again = setTimeout(() => this.open(), this.delay * (0.75 + Math.random() / 4));
      this.delay = Math.min(LAST_MS, this.delay * 2);
    }

    // A line can die without a word: silence counts as an error. The browser then asks on the next connection that it
    // kept, which died with the line; it keeps six at most, so as many questions are soon given up.
    watch() {
      const quiet = this.source ? performance.now() - this.heardAt : 0;
      if (quiet > QUIET_MS) this.retry();
      else if (this.beat && !this.answered && quiet > DEAF_MS && this.deaf < SOCKETS) { this.deaf += 1; this.open(); }
    }

    // A state whose body did not change comes without it.
    panel(state) {
      const key = state.page + "/" + state.panel, old = this.last.get(key);
      if (!("body" in state) && old?.hash === state.hash) state.body = old.body;
      this.last.set(key, state);
      this.tell(state.page, { kind: "panel", state });
    }

    // Everything known, for a tab that has just come.
    replay(pages, tell) {
      if (this.beat) tell({ kind: "beat", beat: this.beat, old_ms: performance.now() - this.heardAt });
      for (const state of this.last.values()) if (pages.includes(state.page)) tell({ kind: "panel", state });
    }
  }

  if (!("SharedWorkerGlobalScope" in self)) { self.KendaliStream = Stream; return; }

  const ports = new Map(); // port -> {pages, at}
  const stream = new Stream((page, message) => {
    for (const [port, tab] of ports) {
      if (performance.now() - tab.at > GONE_MS) ports.delete(port);
      else if (page === null || tab.pages.includes(page)) port.postMessage(message);
    }
  });

  self.onconnect = (event) => {
    const port = event.ports[0];
    port.onmessage = ({ data }) => {
      if (data.bye) { ports.delete(port); return; }
      const isNew = !ports.has(port);
      ports.set(port, { pages: data.pages, at: performance.now() });
      stream.need(data.pages);
      if (isNew) stream.replay(data.pages, (message) => port.postMessage(message));
    };
    port.start();
  };
})();
