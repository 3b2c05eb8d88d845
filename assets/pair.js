// A screen that may not look (yet): asks every few seconds how it stands, and loads the wall once it may.
"use strict";
(() => {
  const EVERY_MS = 3000, SHIFT_MS = 60000;
  const part = (name) => document.getElementById("pair-" + name);
  function show(said) {
    for (const name of ["title", "code", "text"]) part(name).textContent = said[name];
    part("code").parentElement.hidden = !said.code;
    document.body.dataset.state = said.state;
  }

  async function ask() {
    try {
      const answer = await fetch("/screens/pair", { method: "POST", cache: "no-store" });
      // No longer asked for here: the wall itself answers at this address again.
      if (answer.status === 404) { location.reload(); return; }
      if (!answer.ok) throw new Error("not answered");
      const said = await answer.json();
      part("gone").hidden = true;
      show(said);
      if (said.state === "approved") { location.reload(); return; }
    } catch { part("gone").hidden = false; }
    setTimeout(ask, EVERY_MS);
  }

  part("code").parentElement.hidden = !part("code").textContent;
  ask();
  // Burn-in, as on a wall: this may stand for days.
  const PATH = [[0, 0], [8, 6], [0, 12], [-8, 6]];
  let step = 0;
  setInterval(() => {
    const [x, y] = PATH[step = (step + 1) % PATH.length];
    document.querySelector("main").style.transform = `translate(${x}px, ${y}px)`;
  }, SHIFT_MS);
})();
