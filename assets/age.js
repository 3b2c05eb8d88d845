// Once a second: the age and the state of every panel, from what the frame knows and the corrected clock.
// Works when the server is dead, so a number that nobody renews cannot go on looking alive.
"use strict";
(function () {
  const k = window.kendali || (window.kendali = { skew: 0, beatAt: 0 });
  const LOST_AFTER_MS = 12000;
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"];
  const DAYS = ["Min", "Sen", "Sel", "Rab", "Kam", "Jum", "Sab"];

  function now() { return Date.now() + (k.skew || 0); }

  function words(seconds) {
    const s = Math.max(0, Math.floor(seconds));
    if (s < 60) return s + " dtk";
    if (s < 3600) return Math.floor(s / 60) + " mnt";
    if (s < 86400) { const m = Math.floor((s % 3600) / 60); return Math.floor(s / 3600) + " j" + (m ? " " + m + " mnt" : ""); }
    const h = Math.floor((s % 86400) / 3600);
    return Math.floor(s / 86400) + " hr" + (h ? " " + h + " j" : "");
  }

  function local(ms, zone) {
    const parts = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour12: false, year: "numeric", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", weekday: "short" }).formatToParts(ms);
    return Object.fromEntries(parts.map((part) => [part.type, part.value]));
  }

  function stateOf(data, age) {
    if (age !== null && age >= Number(data.expiresAfterS)) return "expired";
    if (data.missing || age === null) return "missing";
    if (age >= Number(data.staleAfterS)) return "stale";
    return data.failure ? "failed" : "fresh";
  }

  const TAGS = { stale: "Basi", expired: "Tidak terlihat", missing: "Kosong", failed: "Gagal" };
  const STATES = ["fresh", "stale", "expired", "missing", "failed", "waiting"];

  function why(state, data, zone) {
    if (state === "expired") {
      const at = local(Date.parse(data.asOf), zone);
      return "— Tidak terlihat sejak " + at.hour + "." + at.minute + ". " + (data.failure || "");
    }
    if (state === "missing") return data.failure || "— Belum ada data.";
    return state === "failed" ? data.failure + " Nilai lama masih berlaku." : "";
  }

  function set(element, text) { if (element && element.textContent !== text) element.textContent = text; }

  function panel(frame, zone) {
    const data = frame.dataset;
    const age = data.asOf ? (now() - Date.parse(data.asOf)) / 1000 : null;
    const state = stateOf(data, age);
    for (const name of STATES) frame.classList.toggle(name, name === state);
    const head = frame.querySelector(".ph");
    head.style.setProperty("--age", age === null ? "0%" : Math.min(100, (100 * age) / Number(data.staleAfterS)).toFixed(1) + "%");
    const tag = head.querySelector(".tag");
    if (tag) { set(tag, (TAGS[state] || "") + (state === "failed" && data.tries > 1 ? " " + data.tries + "×" : "")); tag.hidden = !TAGS[state]; }
    set(head.querySelector(".ag .age"), age === null ? "–" : words(age) + " lalu");
    if (data.source) set(head.querySelector(".ag .src"), data.source + " · ");
    set(frame.querySelector(".why"), why(state, data, zone));
    return { age: age === null ? -1 : age, title: head.querySelector("h2, h3")?.textContent || "" };
  }

  function clock(zone) {
    const t = local(now(), zone), at = new Date(Number(t.year), Number(t.month) - 1, Number(t.day));
    set(document.getElementById("clock"), t.hour + "." + t.minute);
    set(document.getElementById("seconds"), t.second);
    set(document.getElementById("today"), DAYS[at.getDay()] + ", " + at.getDate() + " " + MONTHS[at.getMonth()] + " " + at.getFullYear());
  }

  let lostSince = null;
  function link(oldest, zone) {
    const heard = k.beatAt && performance.now() - k.beatAt < LOST_AFTER_MS && Math.abs(Date.now() - k.beatClock) < LOST_AFTER_MS;
    if (heard) lostSince = null; else if (k.beatAt && lostSince === null) lostSince = (k.beatClock || Date.now()) + k.skew;
    const box = document.querySelector(".link");
    box?.classList.toggle("lost", !heard);
    const at = lostSince === null ? null : local(lostSince, zone);
    set(document.getElementById("link"), heard ? "Tersambung" : at ? "Terputus sejak " + at.hour + "." + at.minute : "Menyambung");
    if (oldest && oldest.age >= 0) set(document.getElementById("oldest"), "Data tertua " + words(oldest.age) + ", " + oldest.title);
  }

  function tick() {
    const head = document.getElementById("head");
    if (!head) return;
    const zone = head.dataset.zone;
    const frames = [...document.querySelectorAll(".pn[data-panel]")];
    const ages = frames.map((frame) => panel(frame, zone)).sort((a, b) => b.age - a.age);
    clock(zone);
    link(ages[0], zone);
    const mark = document.getElementById("simulated");
    if (mark) mark.hidden = !frames.some((frame) => frame.dataset.simulated);
  }

  window.kendaliAge = tick;
  setInterval(tick, 1000);
  new MutationObserver((_, self) => { if (document.getElementById("head")) { self.disconnect(); tick(); } }).observe(document.documentElement, { childList: true, subtree: true });
})();
