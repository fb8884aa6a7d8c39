/** A table of figures is one stop of the Tab key a row: arrows go on from figure to figure. */
"use strict";
{
  const STEPS = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowRight: 1, ArrowUp: 0, ArrowDown: 0 });

  /** Go to the next figure of a table. @param {KeyboardEvent} event @param {HTMLElement} from @param {number} step 0 for up and down */
  function move(event, from, step) {
    const row = from.closest("tr");
    const all = /** @type {HTMLElement[]} */ ([...(row?.querySelectorAll("button[data-explain]") ?? [])]);
    const place = all.indexOf(from);
    const rows = [...(from.closest("[data-explain-grid]")?.querySelectorAll("tr") ?? [])].filter((one) => one.querySelector("button[data-explain]"));
    const other = rows[rows.indexOf(/** @type {any} */ (row)) + (event.key === "ArrowDown" ? 1 : -1)];
    const column = from.closest("td, th")?.className.split(" ").find((name) => name.startsWith("c-"));
    const next = step ? all[place + step] : /** @type {HTMLElement | null} */ (other?.querySelector(`.${column} button[data-explain]`));
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  if (typeof document !== "undefined") document.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.key in STEPS && target.matches?.("[data-explain]") && target.closest("[data-explain-grid]")) move(event, target, STEPS[event.key]);
  });
}
