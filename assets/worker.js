// One stream per browser, shared by all its tabs: a seventh stream of its own would hang.
"use strict";
const pages = new Map(); // page -> {source, ports, last, delay}

function open(page) {
  const entry = pages.get(page);
  const source = new EventSource("/stream?page=" + encodeURIComponent(page));
  entry.source = source;
  source.addEventListener("panel", (event) => tell(entry, "panel", event.data));
  source.addEventListener("beat", (event) => { entry.delay = 500; tell(entry, "beat", event.data); });
  // EventSource gives up after an answer that is not 200: open a new one, for ever, ever slower up to 10 s.
  source.onerror = () => {
    source.close();
    setTimeout(() => open(page), entry.delay);
    entry.delay = Math.min(10000, entry.delay * 2);
  };
}

function tell(entry, kind, data) {
  if (kind === "panel") entry.last.set(JSON.parse(data).panel, data);
  for (const port of entry.ports) port.postMessage({ kind, data });
}

self.onconnect = (event) => {
  const port = event.ports[0];
  port.onmessage = (message) => {
    const page = message.data.page;
    if (message.data.bye) { pages.get(page)?.ports.delete(port); return; }
    if (!pages.has(page)) { pages.set(page, { ports: new Set(), last: new Map(), delay: 500 }); open(page); }
    pages.get(page).ports.add(port);
    for (const data of pages.get(page).last.values()) port.postMessage({ kind: "panel", data });
  };
  port.start();
};
