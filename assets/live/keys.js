/** The keyboard: single keys and `g` sequences, quiet while somebody types. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const KEYS = [
    ["g l", "Go to Live"],
    ["g e", "Go to Entries"],
    ["t", "Change the theme"],
    ["?", "Show this help"],
    ["Esc", "Close"],
  ];
  const PAGES = { l: "/", e: "/entries" };
  const SEQUENCE_MS = 1200;
  let gAt = 0;

  /** @param {string} path */
  const go = (path) => /** @type {HTMLElement | null} */ (document.querySelector(`.page-tab[href="${path}"]`))?.click();

  function help() {
    const { el } = northstar.dom;
    const rows = KEYS.map(([keys, what]) => el("div.help-row", null, el("dt", null, ...keys.split(" ").map((key) => el("kbd", null, key))), el("dd", null, what)));
    northstar.overlay.dialog("Keyboard", [el("dl.help", null, ...rows)]);
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey || target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) return;
    if (document.querySelector("dialog[open]")) return;
    const page = PAGES[/** @type {keyof typeof PAGES} */ (event.key)];
    if (page && event.timeStamp - gAt < SEQUENCE_MS) return go(page);
    gAt = event.key === "g" ? event.timeStamp : 0;
    if (event.key === "t") northstar.theme.turn();
    if (event.key === "?") help();
  }

  northstar.keys = { watch: () => document.addEventListener("keydown", pressed), help };
}
