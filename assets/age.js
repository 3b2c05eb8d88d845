// Once a second: the age and the state of every panel, from what its frame knows and the server's clock.
// Works when the server is dead, so a number that nobody renews cannot go on looking alive.
"use strict";
(() => {
  const LOST_MS = 12000;
  // Indonesian stands here; what else a screen may speak came with the page (dashboard/index.py), from the catalogues.
  const said = JSON.parse(document.querySelector("meta[name=kendali-words]")?.content || "{}");
  const tr = (text) => said[text] || text;
  const WORDS = {
    units: [tr("hr"), tr("j"), tr("mnt"), tr("dtk")].map((unit) => " " + unit), ago: " " + tr("lalu"), point: tr("."),
    months: tr("Jan Feb Mar Apr Mei Jun Jul Agu Sep Okt Nov Des").split(" "), days: tr("Min Sen Sel Rab Kam Jum Sab").split(" "),
    tags: {
      stale: tr("Basi"), expired: tr("Tidak terlihat"), missing: tr("Kosong"), failed: tr("Gagal"),
      revised: tr("Direvisi"), partial: tr("Sebagian"),
    },
    unseen: `— ${tr("Tidak terlihat sejak")} `, none: `— ${tr("Belum ada data")}.`, holds: tr("Nilai lama masih berlaku."),
    on: tr("Tersambung"), off: tr("Terputus sejak") + " ", joining: tr("Menyambung"), database: tr("Basis data terputus"),
    oldest: tr("Data tertua") + " ",
  };
  const STATES = ["fresh", "partial", "stale", "expired", "missing", "failed", "waiting"];
  const formats = new Map();
  const k = () => window.kendali || {};

  // The server's time, carried on by whichever of our clocks went further: a clock that is set back, or one
  // that sleeps with the machine, may make a number look older than it is, never younger.
  function silence() {
    const { beatClock, beatMono } = k();
    return beatMono === undefined || !k().beat ? null : Math.max(Date.now() - beatClock, performance.now() - beatMono, 0);
  }
  // A replay counts to its own moment and to nothing else.
  function now() { return k().at ? k().at : k().beat ? Date.parse(k().beat.now) + silence() : Date.now(); }

  function words(seconds, t) {
    const s = Math.max(0, Math.floor(seconds)), u = t.units;
    const two = (a, b, i) => a + u[i] + (b ? " " + b + u[i + 1] : "");
    if (s < 60) return s + u[3];
    if (s < 3600) return Math.floor(s / 60) + u[2];
    if (s < 86400) return two(Math.floor(s / 3600), Math.floor((s % 3600) / 60), 1);
    return two(Math.floor(s / 86400), Math.floor((s % 86400) / 3600), 0);
  }

  function local(ms, zone) {
    if (!formats.has(zone)) formats.set(zone, new Intl.DateTimeFormat("en-GB", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
      hour: "2-digit", minute: "2-digit", second: "2-digit" }));
    return Object.fromEntries(formats.get(zone).formatToParts(ms).map((part) => [part.type, part.value]));
  }
  function time(ms, { zone, t }) { const at = local(ms, zone); return at.hour + t.point + at.minute; }
  // With its date when that is not today.
  function since(ms, ctx) {
    const at = local(ms, ctx.zone), today = local(now(), ctx.zone);
    const day = at.day + " " + ctx.t.months[at.month - 1];
    return (at.day === today.day && at.month === today.month ? "" : day + " ") + time(ms, ctx);
  }

  // As city/freshness.py: limits are inclusive. A failure stands beside the age, it does not hide it;
  // a value of a part only is said to be one while nothing worse is the matter.
  function aged(data, age) {
    if (data.missing || age === null) return "missing";
    if (age >= Number(data.expiresAfterS)) return "expired";
    if (age >= Number(data.staleAfterS)) return "stale";
    return data.partial ? "partial" : "fresh";
  }

  function why(state, data, ctx) {
    const failure = data.failure || "";
    if (state === "expired") return `${ctx.t.unseen}${since(Date.parse(data.asOf), ctx)}. ${failure}`.trim();
    if (state === "missing") return failure || ctx.t.none;
    if (state === "stale" || !failure) return failure || data.partial || "";
    return `${data.partial ? data.partial + ". " : ""}${failure} ${ctx.t.holds}`;
  }

  function set(element, text) { if (element && element.textContent !== text) element.textContent = text; }

  // How often it failed gives way first where there is no room.
  function label(tag, text) {
    const [, word, tries, rest] = text.match(/^(.*?)( \d+×|$)(.*)$/);
    if (tag.textContent === text) return;
    tag.replaceChildren(word);
    if (tries) tag.appendChild(document.createElement("i")).textContent = tries;
    tag.append(rest);
  }

  // A row with data of its own has an age of its own: past its limit it is withheld, however young its panel is.
  function row(part, ctx) {
    const age = Math.max(0, (now() - Date.parse(part.dataset.at)) / 1000), limit = Number(part.dataset.limitS);
    part.classList.toggle("gone", age >= limit);
    part.style.setProperty("--age", Math.min(100, (100 * age) / limit).toFixed(1) + "%");
    set(part.querySelector(".old"), words(age, ctx.t) + (age < limit ? ctx.t.ago : ""));
  }

  function panel(frame, ctx) {
    const data = frame.dataset, stamp = data.asOf ? Date.parse(data.asOf) : NaN;
    const age = Number.isNaN(stamp) ? null : Math.max(0, (now() - stamp) / 1000);
    const state = aged(data, age), shown = data.failure ? "failed" : state;
    for (const name of STATES) frame.classList.toggle(name, name === state && state !== "fresh" || name === shown);
    data.state = shown;
    const head = frame.querySelector(".ph");
    const share = age === null ? 0 : Math.min(100, (100 * age) / Number(data.staleAfterS));
    head.style.setProperty("--age", share.toFixed(1) + "%");
    const tag = head.querySelector(".tag"), word = ctx.t.tags[shown] || "";
    const said = [shown === "failed" && data.tries > 1 ? `${word} ${data.tries}×` : word, data.revised ? ctx.t.tags.revised : ""];
    if (tag) { label(tag, said.filter(Boolean).join(" · ")); tag.hidden = !tag.textContent; }
    set(head.querySelector(".ag .age"), age === null ? "–" : words(age, ctx.t) + ctx.t.ago);
    set(head.querySelector(".ag .src"), data.source ? data.source + " · " : "");
    set(frame.querySelector(".why"), why(state, data, ctx));
    for (const part of frame.querySelectorAll("[data-limit-s]")) row(part, ctx);
    return { age: age === null ? -1 : age, title: head.querySelector("h2, h3")?.textContent || "" };
  }

  function clock(ctx) {
    const at = local(now(), ctx.zone), day = new Date(Date.UTC(at.year, at.month - 1, at.day)).getUTCDay();
    set(document.getElementById("clock"), at.hour + ctx.t.point + at.minute);
    set(document.getElementById("seconds"), at.second);
    const month = ctx.t.months[at.month - 1];
    set(document.getElementById("today"), `${ctx.t.days[day]}, ${Number(at.day)} ${month} ${at.year}`);
  }

  function link(oldest, ctx) {
    const quiet = silence(), heard = quiet !== null && quiet < LOST_MS, t = ctx.t;
    const cut = heard && k().beat.database === false;
    document.querySelector(".link")?.classList.toggle("lost", !heard || cut);
    const off = quiet === null ? t.joining : t.off + since(Date.parse(k().beat.now), ctx);
    set(document.getElementById("link"), cut ? t.database : heard ? t.on : off);
    set(document.getElementById("oldest"), oldest?.age >= 0 ? `${t.oldest}${words(oldest.age, t)}, ${oldest.title}` : "");
  }

  // A desk page is drawn anew every few seconds; each drawing says the server's time, as a beat does on a wall.
  let drawnAt = "";
  function desk(ctx) {
    const said = document.querySelector(".pgh[data-now]")?.dataset.now;
    if (said && said !== drawnAt && window.kendali) {
      drawnAt = said;
      Object.assign(window.kendali, { beat: { now: said, boot: "desk" }, beatClock: Date.now(), beatMono: performance.now() });
    }
    const ages = [...document.querySelectorAll("tr[data-as-of]")].map((row) => {
      const stamp = Date.parse(row.dataset.asOf), age = Math.max(0, (now() - stamp) / 1000);
      if (Number.isNaN(stamp)) return { age: -1, title: "" };
      set(row.querySelector(".age"), words(age, ctx.t));
      row.querySelector(".am i").style.width = Math.min(100, (100 * age) / Number(row.dataset.staleAfterS)).toFixed(0) + "%";
      return { age, title: row.querySelector(".n_ a")?.textContent || "" };
    });
    for (const frame of document.querySelectorAll(".sheet .pn[data-as-of]")) ages.push(panel(frame, ctx));
    document.querySelector(".sheet").classList.toggle("lost", silence() === null || silence() > LOST_MS);
    return ages;
  }

  function tick() {
    const head = document.getElementById("head");
    if (!head || head.dataset.at === "" && !k().at) return; // a replay that waits for its moment
    const ctx = { zone: head.dataset.zone, t: WORDS };
    if (document.querySelector(".sheet")) {
      const oldest = desk(ctx).sort((a, b) => b.age - a.age)[0];
      clock(ctx);
      link(oldest, ctx);
      document.getElementById("simulated").hidden = !document.querySelector(":is(tr, .pn)[data-simulated='1']");
      return;
    }
    const frames = [...document.querySelectorAll(".pn[data-panel]")];
    // All scenes are kept; the oldest age is that of what can be seen.
    const ages = frames.map((frame) => ({ ...panel(frame, ctx), seen: !frame.closest(".scene[hidden]") }));
    const oldest = ages.filter((one) => one.seen).sort((a, b) => b.age - a.age)[0];
    clock(ctx);
    link(oldest, ctx);
    const mark = document.getElementById("simulated");
    if (mark) mark.hidden = !frames.some((frame) => frame.dataset.simulated);
  }

  // The region's local time, ``later_ms`` from now, by the server's clock.
  window.kendaliTime = (later_ms) => {
    const zone = document.getElementById("head")?.dataset.zone;
    return zone ? local(now() + later_ms, zone) : null;
  };
  window.kendaliAge = tick;
  setInterval(tick, 1000);
  // A tab that slept or stood in the background got no seconds: before it is painted again, it must be right.
  for (const name of ["visibilitychange", "resume"]) document.addEventListener(name, tick);
  for (const name of ["pageshow", "focus"]) addEventListener(name, tick);
  // The first paint already knows its ages.
  new MutationObserver((_, observer) => {
    if (document.getElementById("head")) { observer.disconnect(); tick(); }
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
