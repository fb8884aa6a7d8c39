/** Before anything is painted: the token leaves the address and is held in memory, and the theme is set. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});
  northstar.panels ??= [];
  northstar.actions ??= {};

  /**
   * An address without its token, and the token.
   * @param {string} search @returns {{token: string | null, rest: string}}
   */
  function parted(search) {
    const asked = new URLSearchParams(search);
    const token = asked.get("token");
    asked.delete("token");
    const rest = asked.toString();
    return { token, rest: rest && `?${rest}` };
  }

  /** Put on a theme. @param {string} wish `auto`, `light` or `dark` */
  function wear(wish) {
    const { dataset } = document.documentElement;
    const system = wish === "auto" || wish === "system";
    dataset.themeWish = system ? "system" : wish;
    dataset.theme = (system ? matchMedia("(prefers-color-scheme: dark)").matches : wish === "dark") ? "dark" : "light";
    document.dispatchEvent(new CustomEvent("pnl:theme"));
  }

  /** What the drawing of a chart depends on, beside its figures. */
  northstar.theme = { look: () => document.documentElement.dataset.theme ?? "" };
  northstar.embed = { parted, wear, token: /** @type {string | null} */ (null) };
  if (typeof document !== "undefined") {
    const { token, rest } = parted(location.search);
    northstar.embed.token = token;
    if (token) history.replaceState(null, "", location.pathname + rest);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => wear(document.documentElement.dataset.themeWish ?? "system"));
    wear(document.documentElement.dataset.themeWish ?? "system");
  }
}
