/** The keyboard: single keys and `g` sequences, quiet while somebody types. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const KEYS = [
    ["g l", "Go to Live"],
    ["g h", "Go to History"],
    ["g r", "Go to Reconcile"],
    ["g s", "Go to Sources"],
    ["g e", "Go to Entries"],
    ["g t", "Go to Status"],
    ["Enter", "Explain the figure in focus"],
    ["↑ ↓ ← →", "Move between the figures of a table"],
    ["e", "Open the export menu"],
    ["s", "Share a panel"],
    ["t", "Change the theme"],
    ["?", "Show this help"],
    ["Esc", "Close"],
  ];
  const PAGES = { l: "/", h: "/history", r: "/reconcile", s: "/sources", e: "/entries", t: "/status" };
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
    if (page && event.timeStamp - gAt < SEQUENCE_MS) {
      gAt = 0;
      return go(page);
    }
    gAt = event.key === "g" ? event.timeStamp : 0;
    if (event.key === "t") northstar.theme.turn();
    if (event.key === "?") help();
    if (event.key === "s") northstar.shareDialog?.open();
    if (event.key === "e") northstar.exportMenu?.first();
  }

  /** A link to another page is followed as its tab is: without loading everything anew. @param {MouseEvent} event */
  function followed(event) {
    const link = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("a[data-page]"));
    const tab = link && document.querySelector(`.page-tab[href="${CSS.escape(link.getAttribute("href") ?? "")}"]`);
    if (!tab || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    northstar.overlay.close();
    /** @type {HTMLElement} */ (tab).click();
  }

  northstar.keys = { watch: () => { document.addEventListener("keydown", pressed); document.addEventListener("click", followed); }, help };
}
