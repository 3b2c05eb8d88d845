// /explore: links are followed without loading the page anew; days, saved views, copying; arrows in a chart.
"use strict";
(() => {
  const KEY = "kendali-views";
  const make = (tag, text, css) => { const one = document.createElement(tag); one.textContent = text || ""; one.className = css || ""; return one; };

  // As dcc.Link does: Dash's Location hears of it and the back button works.
  function follow(address) {
    if (address === location.pathname + location.search) return;
    history.pushState({}, "", address);
    dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  }
  const plain = (event) => !(event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a.go");
    if (link && plain(event)) { event.preventDefault(); follow(link.getAttribute("href")); return; }
    const copy = event.target.closest?.("#copy-link");
    if (copy) copied(copy);
    for (const menu of document.querySelectorAll("details.flt[open], details.vw[open]")) if (!menu.contains(event.target)) menu.open = false;
  });

  async function copied(button) {
    const said = button.querySelector("span"), before = button.dataset.before ||= said.textContent;
    // What is copied says its days: a period that moves on would show the other something else.
    const full = document.getElementById("cases")?.dataset.query;
    try { await navigator.clipboard.writeText(full ? `${location.origin}/explore?${full}` : location.href); said.textContent = button.dataset.said; }
    catch { said.textContent = button.dataset.failed; }
    setTimeout(() => { said.textContent = before; }, 3000);
  }

  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("details[open]");
    if (event.key === "Escape" && menu) { menu.open = false; menu.querySelector("summary").focus(); }
    if (event.key === " " && event.target.matches?.("a[role=checkbox]")) { event.preventDefault(); event.target.click(); }
    const row = event.target.closest?.("[data-rove]"), by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!row || !by) return;
    const all = [...row.querySelectorAll("a")], next = all[all.indexOf(event.target) + by];
    if (next) { event.preventDefault(); event.target.tabIndex = -1; next.tabIndex = 0; next.focus(); }
  });

  // Native inputs of days: Dash has none. Its span has no children of its own, so that nothing takes them away.
  function day(place) {
    let input = place.querySelector("input");
    if (!input) {
      input = place.appendChild(make("input"));
      input.type = "date";
      input.setAttribute("aria-label", place.dataset.label);
      input.addEventListener("change", () => {
        if (!input.value) return;
        const query = new URLSearchParams(location.search), other = place.dataset.date === "from" ? "to" : "from";
        const beside = document.querySelector(`[data-date=${other}]`).dataset.value;
        query.delete("period");
        query.set(other, place.dataset.date === "from" ? (beside < input.value ? input.value : beside) : (beside > input.value ? input.value : beside));
        query.set(place.dataset.date, input.value);
        follow(`/explore?${query}`);
      });
    }
    if (input.dataset.drawn !== place.dataset.value) { input.dataset.drawn = place.dataset.value; input.value = place.dataset.value; }
  }

  function kept() { try { return JSON.parse(localStorage.getItem(KEY)) || []; } catch { return []; } }
  function keep(views) { try { localStorage.setItem(KEY, JSON.stringify(views)); } catch { /* a browser that keeps nothing */ } }

  function views(place) {
    if (place.firstChild) return;
    const said = place.dataset, menu = place.appendChild(make("details", "", "vw"));
    menu.appendChild(make("summary", said.save, "btn pri"));
    const inside = menu.appendChild(make("div", "", "menu")), form = inside.appendChild(make("form"));
    const name = form.appendChild(make("input"));
    name.required = true; name.maxLength = 60; name.placeholder = said.name; name.setAttribute("aria-label", said.name);
    form.appendChild(make("button", said.save, "btn"));
    inside.appendChild(make("p", said.note, "note"));
    const list = inside.appendChild(make("ul"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const title = name.value.trim();
      if (!title) return;
      keep([...kept().filter((one) => one.title !== title), { title, query: location.search }]);
      name.value = ""; shown(list, said);
    });
    menu.addEventListener("toggle", () => shown(list, said));
    shown(list, said);
  }

  function shown(list, said) {
    const all = kept();
    list.replaceChildren(...all.map((one) => {
      const item = make("li"), link = item.appendChild(make("a", one.title, "go opt"));
      link.href = "/explore" + (/^\?[^#]*$/.test(one.query) ? one.query : "");
      const gone = item.appendChild(make("button", "×", "btn quiet"));
      gone.type = "button"; gone.setAttribute("aria-label", `${said.delete} ${one.title}`);
      gone.addEventListener("click", (event) => { event.stopPropagation(); keep(kept().filter((other) => other.title !== one.title)); shown(list, said); });
      return item;
    }));
    if (!all.length) list.appendChild(make("li", said.none, "note"));
  }

  function drawn() {
    for (const place of document.querySelectorAll("[data-date]")) day(place);
    const place = document.getElementById("views");
    if (place) views(place);
  }
  let waits = false;
  new MutationObserver(() => {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => { waits = false; drawn(); });
  }).observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-value"] });
  drawn();
})();
