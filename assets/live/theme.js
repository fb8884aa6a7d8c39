/** Dark, light or as the system says: the choice is kept, and charts are told when it changes. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const KEY = "pnl.theme";
  const NEXT = { system: "light", light: "dark", dark: "system" };
  const SAYS = { system: "as the system", light: "light", dark: "dark" };

  const wish = () => /** @type {keyof typeof NEXT} */ (document.documentElement.dataset.themeWish ?? "system");

  /** @param {keyof typeof NEXT} wanted */
  function apply(wanted) {
    const dark = wanted === "dark" || (wanted === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
    document.documentElement.dataset.themeWish = wanted;
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    const button = document.getElementById("theme-button");
    button?.setAttribute("aria-label", `Theme: ${SAYS[wanted]}. Change to ${SAYS[NEXT[wanted]]}`);
    button?.setAttribute("title", `Theme: ${SAYS[wanted]} (t)`);
    document.dispatchEvent(new CustomEvent("pnl:theme"));
  }

  function turn() {
    const wanted = NEXT[wish()];
    try {
      localStorage.setItem(KEY, wanted);
    } catch {
      // The choice then lasts as long as the page.
    }
    apply(/** @type {keyof typeof NEXT} */ (wanted));
  }

  function watch() {
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => apply(wish()));
    apply(wish());
  }

  northstar.theme = { watch, turn };
}
