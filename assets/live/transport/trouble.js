/** Whether figures are to be taken with care: the same for the pages and for panels in other sites' pages. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});
  const transport = (northstar.transport ??= {});

  /**
   * Whether what is shown may be old: nothing is to be had, the last question had no answer, or it has not moved for too long.
   * @param {Pick<Connection, "kind" | "broken"> & {halted?: boolean}} connection
   * @param {boolean} late whether the figures are older than they ever are while all is well
   */
  transport.isTroubled = ({ kind, broken, halted = false }, late) => kind === "offline" || halted || (kind === "polling" && broken) || (late && kind !== "connecting");
}
