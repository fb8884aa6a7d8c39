/** What the server drew into the page: of when it is, and whether it is newer than what is held. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** @typedef {{seq: number, as_of: string, day: string}} Drawn */

  /** The figures that the server drew into the page that is shown; null where it drew none. @param {ParentNode} page @returns {Drawn | null} */
  function read(page) {
    const place = /** @type {HTMLElement | null} */ (page.querySelector("#content [data-drawn-at]") ?? page.querySelector("[data-drawn-at]"));
    if (!place) return null;
    const { drawnSeq, drawnAt, drawnDay } = place.dataset;
    return { seq: Number(drawnSeq), as_of: drawnAt ?? "", day: drawnDay ?? "" };
  }

  /**
   * Whether what the server drew stays in sight, for what is held is older. Of a series that is followed the
   * sequence has to be older, too: the server's clock may have been set back. What was kept from the last visit
   * may be of another series, whose sequence says nothing.
   * @param {Drawn | null} drawn @param {{snapshot: {seq: number, as_of: string} | null, restored: boolean}} store
   */
  function isNewer(drawn, { snapshot, restored }) {
    if (!drawn || !snapshot) return drawn !== null;
    return Date.parse(drawn.as_of) > Date.parse(snapshot.as_of) && (restored || drawn.seq > snapshot.seq);
  }

  northstar.drawn = { read, isNewer };
}
