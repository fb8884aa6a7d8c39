/** How it looks: dark, light or as the system says, and the colours of gain and loss. Kept; charts are told. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const NEXT = { system: "light", light: "dark", dark: "system" };
  const SAYS = { system: "as the system", light: "light", dark: "dark" };
  const PALETTES = ["teal", "blue", "green"];

  const root = () => document.documentElement;
  const wish = () => /** @type {keyof typeof NEXT} */ (root().dataset.themeWish ?? "system");
  const palette = () => root().dataset.palette ?? "teal";

  /** Keep a choice. Where the browser keeps nothing, it lasts as long as the page. @param {string} name @param {string} value */
  function keep(name, value) {
    try {
      localStorage.setItem(`pnl.${name}`, value);
    } catch {
      return;
    }
  }

  const tell = () => document.dispatchEvent(new CustomEvent("pnl:theme"));

  /** @param {keyof typeof NEXT} wanted */
  function apply(wanted) {
    const dark = wanted === "dark" || (wanted === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
    root().dataset.themeWish = wanted;
    root().dataset.theme = dark ? "dark" : "light";
    tell();
  }

  /** @param {string} wanted */
  function choose(wanted) {
    keep("theme", wanted);
    apply(/** @type {keyof typeof NEXT} */ (wanted));
  }

  /** @param {string} wanted */
  function colour(wanted) {
    if (!PALETTES.includes(wanted)) return;
    keep("palette", wanted);
    root().dataset.palette = wanted;
    tell();
  }

  function watch() {
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => apply(wish()));
    // What another tab chooses holds here, too.
    addEventListener("storage", ({ key, newValue }) => {
      if (key === "pnl.theme" && newValue && newValue in NEXT) apply(/** @type {keyof typeof NEXT} */ (newValue));
      if (key === "pnl.palette" && newValue && PALETTES.includes(newValue)) {
        root().dataset.palette = newValue;
        tell();
      }
    });
    apply(wish());
  }

  /** What the drawing of a chart depends on, beside its figures. */
  const look = () => [root().dataset.theme, palette(), root().hasAttribute("data-kiosk")].join(" ");

  northstar.theme = { watch, turn: () => choose(NEXT[wish()]), choose, colour, wish, palette, look, SAYS };
}
