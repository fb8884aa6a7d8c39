/** Whether figures are to be taken with care: the same for the pages and for panels in other sites' pages. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});
  const transport = (northstar.transport ??= {});

  /** A server that says nothing for longer is silent, in ms: a beat is due every ten and a half seconds. */
  transport.SILENT_MS = 15_000;

  /**
   * How old figures may become while all is well, in ms: three ticks; where those are quick, with some seconds for one
   * that takes long, up to half a minute.
   * @param {number} everySeconds
   */
  transport.oldAfter = (everySeconds) => Math.max(3 * everySeconds, Math.min(30, 3 * everySeconds + 5)) * 1000;

  /**
   * Whether what is shown may be old: nothing is to be had, the last question had no answer, or it has not moved for too long.
   * @param {Pick<Connection, "kind" | "broken"> & {halted?: boolean}} connection
   * @param {boolean} late whether the figures are older than they ever are while all is well
   */
  transport.isTroubled = ({ kind, broken, halted = false }, late) => kind === "offline" || halted || (kind === "polling" && broken) || (late && kind !== "connecting");
}
