/**
 * In another site's page nothing is explained and no page is opened: what would be a button or a link
 * there is text here.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});
  const EXPLAINS = ["data-explain", "aria-haspopup", "data-waterfall"];
  const BUTTONS = ["type", "tabindex", "title"];

  /**
   * What an element is here.
   * @param {string} name @param {Record<string, any> | null} attributes
   * @returns {[string, Record<string, any> | null]}
   */
  function plain(name, attributes) {
    const [tag, ...classes] = name.split(".");
    if (!attributes) return [name, attributes];
    const without = (/** @type {string[]} */ names) => Object.fromEntries(Object.entries(attributes).filter(([key]) => !names.includes(key)));
    if (tag === "a" && classes.includes("heat-day")) return [["span", ...classes].join("."), { ...without(["href", "tabindex"]), role: "img" }];
    if (!EXPLAINS.some((key) => key in attributes)) return [name, attributes];
    if (tag !== "button") return [name, without(EXPLAINS)];
    return [["span", ...classes].join("."), without([...EXPLAINS, ...BUTTONS, "aria-label"])];
  }

  if (northstar.dom) {
    const { el } = northstar.dom;
    northstar.dom.el = (/** @type {string} */ name, /** @type {any} */ attributes, /** @type {any[]} */ ...children) => el(...plain(name, attributes), ...children);
  }
  northstar.explain = { explain: () => undefined };
  Object.assign((northstar.embed ??= {}), { plain });
}
