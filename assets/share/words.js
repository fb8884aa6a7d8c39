/** What the Share dialog says: the snippet for another site's page, and how a link does. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const RANGES = { "1h": "1H", "6h": "6H", "1d": "1D", "7d": "7D", "30d": "30D", mtd: "MTD", ytd: "YTD" };
  const THEMES = { auto: "Match viewer", light: "Light", dark: "Dark" };
  const EXPIRIES = { 1: "1 day", 30: "30 days", 366: "1 year" };
  /** How large a panel is where the page around it sets no size of its own: all of it is seen, and a list is scrolled. @type {Record<string, [number, number]>} */
  const SIZES = { net: [640, 160], kpis: [800, 150], waterfall: [640, 350], positions: [640, 420], activity: [420, 480], costs: [480, 180], revenue: [480, 215], calendar: [640, 220] };
  const USUAL = [640, 320];

  /** @param {string} text */
  const escaped = (text) => text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;");

  /**
   * The code that shows a panel in another page.
   * @param {{url: string, panel: string, title: string}} what
   */
  function snippet({ url, panel, title }) {
    const [width, height] = SIZES[panel] ?? USUAL;
    return `<iframe src="${escaped(url)}"\n  width="${width}" height="${height}" style="border:0" loading="lazy"\n  sandbox="allow-scripts allow-popups" title="${escaped(title)}"></iframe>`;
  }

  /** How a link does, in words. @param {{state: string, until: string, ended: string | null}} link @param {string} zone */
  function said({ state, until, ended }, zone) {
    const day = (/** @type {string} */ at) => northstar.zone.dayName(northstar.range.dayOf(Date.parse(at), zone));
    if (state === "revoked") return `revoked ${day(/** @type {string} */ (ended))}`;
    return state === "over" ? `expired ${day(until)}` : `until ${day(until)} ${until.slice(0, 4)}`;
  }

  /** The height of a panel's frame. @param {string} panel */
  const height = (panel) => (SIZES[panel] ?? USUAL)[1];

  northstar.share = { RANGES, THEMES, EXPIRIES, snippet, said, height };
}
