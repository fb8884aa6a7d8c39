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
    ["g a", "Go to Alerts"],
    ["g t", "Go to Status"],
    ["Enter", "Explain the figure in focus"],
    [".", "The same, from anywhere in its row"],
    ["↑ ↓ ← →", "Move between the figures of a table"],
    ["p", "Pause live, and resume"],
    ["[ ]", "Earlier and later period, on History and a day"],
    ["/", "Go to the filter"],
    ["e", "Open the export menu"],
    ["s", "Share a panel"],
    ["t", "Change the theme"],
    ["f", "Wall screen: large, without the frame"],
    ["?", "Show this help"],
    ["Esc", "Close, or leave the wall screen"],
  ];
  const PAGES = { l: "/", h: "/history", r: "/reconcile", s: "/sources", e: "/entries", a: "/alerts", t: "/status" };
  const SEQUENCE_MS = 1200;
  /** When `g` was pressed, by the page's own clock, which begins at 0. */
  let gAt = -Infinity;

  /** @param {string} path */
  const go = (path) => /** @type {HTMLElement | null} */ (document.querySelector(`.page-tab[href="${path}"]`))?.click();

  function help() {
    const { el } = northstar.dom;
    const rows = KEYS.map(([keys, what]) => el("div.help-row", null, el("dt", null, ...keys.split(" ").map((key) => el("kbd", null, key))), el("dd", null, what)));
    northstar.overlay.dialog("Keyboard", [el("dl.help", null, ...rows)]);
  }

  /** Explain the figure that has the focus, or the first one of the row that has. */
  function explain() {
    const focus = document.activeElement;
    const figure = focus?.closest("[data-explain]") ?? focus?.closest("tr, [role=listitem]")?.querySelector("[data-explain]");
    /** @type {HTMLElement | null | undefined} */ (figure)?.click();
  }

  /** Give the focus to the page's first filter. @returns {boolean} whether it has one */
  function filter() {
    const found = /** @type {HTMLElement | null} */ (document.querySelector("#content :is(.history-filters :is(select, button), [data-action=filter])"));
    found?.focus();
    return found !== null;
  }

  /** The period before or after, where the page has such. @param {-1 | 1} way */
  function turn(way) {
    document.dispatchEvent(new CustomEvent("pnl:period", { detail: way }));
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey || target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) return;
    if (document.querySelector("dialog[open]")) return;
    const page = PAGES[/** @type {keyof typeof PAGES} */ (event.key)];
    if (page && event.timeStamp - gAt < SEQUENCE_MS) {
      gAt = -Infinity;
      return go(page);
    }
    gAt = event.key === "g" ? event.timeStamp : -Infinity;
    if (event.key === "t") northstar.theme.turn();
    if (event.key === "f") northstar.kiosk.turn();
    // What is open is closed by the browser first.
    if (event.key === "Escape" && northstar.kiosk.on() && !document.querySelector(":popover-open")) northstar.kiosk.turn();
    if (event.key === "?") help();
    // What they open gives the focus to a field, which must not take the same key for its own.
    if (event.key === "s" || event.key === "e") event.preventDefault();
    if (event.key === "s") northstar.shareDialog?.open();
    if (event.key === "e") northstar.exportMenu?.first();
    if (event.key === "p") northstar.pause?.();
    if (event.key === ".") explain();
    if (event.key === "/" && filter()) event.preventDefault();
    if (event.key === "[" || event.key === "]") turn(event.key === "[" ? -1 : 1);
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
