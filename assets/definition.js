// The definition of a number: a small button beside it opens a dialog with what the server says of it.
"use strict";
(() => {
  let opener = null, dialog = null;

  function made() {
    if (dialog) return dialog;
    dialog = document.createElement("dialog");
    dialog.className = "dfn";
    dialog.setAttribute("aria-labelledby", "definition-title");
    // The browser gives the focus back by itself, unless the page has drawn its button anew.
    dialog.addEventListener("close", () => {
      const same = opener && `[data-definition="${CSS.escape(opener.dataset.definition)}"]`;
      const there = opener?.isConnected ? opener : same && document.querySelector(same);
      there?.focus();
    });
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    document.body.append(dialog);
    return dialog;
  }

  async function open(button) {
    opener = button;
    const [metric, query] = button.dataset.definition.split(/\?(.*)/);
    const answer = await fetch(`/definition/${metric}${query ? "?" + query : ""}`).catch(() => null);
    if (!answer) return;
    made().innerHTML = await answer.text();  // our own server's, every text in it escaped
    if (!dialog.open) dialog.showModal();
  }

  async function report(button) {
    const card = button.closest(".dfc"), field = card.querySelector("textarea"), said = card.querySelector(".dfr");
    if (!field.reportValidity()) return;
    const known = card.dataset, number = (text) => (text === undefined ? null : Number(text));
    const state = {
      metric: known.metric, query: known.query || "", value: number(known.value), n: number(known.n),
      as_of: known.asOf || null, page: location.pathname + location.search, words: field.value,
    };
    button.disabled = true;
    const head = { "Content-Type": "application/json" };
    const answer = await fetch("/wrong-number", { method: "POST", headers: head, body: JSON.stringify(state) })
      .catch(() => null);
    said.textContent = (await answer?.json().catch(() => null))?.said || "…";
    button.disabled = Boolean(answer?.ok);
    if (answer?.ok) field.value = "";
  }

  document.addEventListener("click", (event) => {
    const at = (what) => event.target.closest?.(what);
    if (at("[data-definition]")) open(at("[data-definition]"));
    else if (dialog && at(".dfn [data-close]")) dialog.close();
    else if (dialog && at(".dfn [data-report]")) report(at("[data-report]"));
  });
})();
