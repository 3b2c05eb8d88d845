// An export with its progress: starts it, asks every second how far it is, lets it be cancelled, then takes the file.
"use strict";
(() => {
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const asked = async (address) => {
    const answer = await fetch(address, { cache: "no-store" });
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.error);
    return body;
  };
  const shown = (place, job, stop) => {
    const number = new Intl.NumberFormat(place.dataset.language);
    const text = place.dataset.of.replace("{rows}", number.format(job.rows)).replace("{total}", number.format(job.total));
    if (!place.querySelector("progress")) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: place.dataset.stop });
      button.addEventListener("click", stop);
      place.replaceChildren(document.createElement("progress"), document.createElement("span"), button);
    }
    const bar = place.querySelector("progress");
    bar.max = Math.max(1, job.total);
    bar.value = job.rows;
    bar.setAttribute("aria-label", text);
    place.querySelector("span").textContent = text;
  };
  const take = async (place, query) => {
    try {
      let job = await asked(`/exports/start?${query}`);
      const id = encodeURIComponent(job.id);
      while (job.state === "running" || job.state === "stopping") {
        shown(place, job, () => asked(`/exports/stop?id=${id}`));
        await wait(job.rows ? 1000 : 250);
        job = await asked(`/exports/state?id=${id}`);
      }
      place.replaceChildren();
      if (job.state === "failed") throw new Error(place.dataset.failed);
      if (job.state === "done") location.assign(`/exports/file?id=${id}`);
    } catch (error) {
      place.textContent = error.message || place.dataset.failed;
    }
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-export]");
    const place = link?.closest(".act")?.querySelector(".exp");
    if (!place) return;
    event.preventDefault();
    link.closest("details").open = false;
    take(place, link.search.slice(1));
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest?.("details.exm[open], details.chs[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });
})();
