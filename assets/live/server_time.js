/** What time it is at the server, by the page that it sent: known before anything was asked for. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /**
   * How many ms the server's clock was ahead of ours as the page came; null where the page does not say it, as one
   * that was kept for when the server is away, or the browser not when it came.
   * @param {ParentNode} page @param {Pick<Performance, "now" | "getEntriesByType">} timer @param {() => number} now
   */
  function ahead(page, timer, now) {
    const said = Date.parse(page.querySelector('meta[name="pnl:now"]')?.getAttribute("content") ?? "");
    const asked = /** @type {PerformanceNavigationTiming | undefined} */ (timer.getEntriesByType("navigation")[0]);
    if (Number.isNaN(said) || !asked?.responseStart) return null;
    // How long ago is by the browser's stopwatch, which nobody sets.
    return said - (now() - (timer.now() - (asked.requestStart + asked.responseStart) / 2));
  }

  northstar.serverTime = { ahead };
}
