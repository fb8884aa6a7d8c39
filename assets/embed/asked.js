/** What the page of a panel was asked to show, as the server has read and settled it. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** @typedef {{from: string, to: string, g: string, compare: string, refresh: number | null, zone: string, dayZone: string, over: boolean}} Asked
   *   `from` and `to` are empty where a range has a name; `refresh` is null where figures are live; `zone` is that of
   *   clocks, `dayZone` that of the company's days; `over` where the range ended before today */

  /** A zone that this browser knows; another one instead. @param {string} wanted @param {string} otherwise */
  function known(wanted, otherwise) {
    if (!wanted) return otherwise;
    try {
      return new Intl.DateTimeFormat("en", { timeZone: wanted }) && wanted;
    } catch {
      return otherwise; // an older browser, whose list of zones is shorter than the server's
    }
  }

  /** @param {(name: string) => string} meta @returns {Asked} */
  function asked(meta) {
    const dayZone = meta("zone") || "UTC";
    const refresh = meta("refresh");
    return { from: meta("from"), to: meta("to"), g: meta("g"), compare: meta("compare"), refresh: refresh === "" ? null : Number(refresh), zone: known(meta("tz"), dayZone), dayZone, over: meta("over") === "1" };
  }

  /** The company day that `2026-11-20`, `now` or `now-30d` means. @param {string} text @param {string} today */
  function dayOf(text, today) {
    const back = /^now(?:-(\d+)d)?$/.exec(text);
    return back ? northstar.zone.dayAfter(today, -Number(back[1] ?? 0)) : text;
  }

  /**
   * The range as an interval.
   * @param {string} range its name; `span` for that of `from` and `to` @param {number} now epoch ms @param {Asked} wanted
   */
  function span(range, now, { from, to, dayZone }) {
    if (range !== "span") return northstar.range.preset(PRESETS[/** @type {"mtd"} */ (range)] ?? range, now, dayZone, null);
    const today = northstar.range.dayOf(now, dayZone);
    return northstar.range.ofDays(dayOf(from, today), northstar.zone.dayAfter(dayOf(to, today)), dayZone, now);
  }
  const PRESETS = { mtd: "month" };

  /**
   * What stands for the live figures where all days are over: the day after, on which nothing is.
   * @param {Asked} wanted @param {string[]} lines @param {number} now epoch ms
   */
  function after({ to, dayZone }, lines, now) {
    const day = northstar.zone.dayAfter(dayOf(to, northstar.range.dayOf(now, dayZone)));
    const as_of = new Date(northstar.zone.dayStart(day, dayZone)).toISOString();
    return { seq: null, as_of, day, net: "0", net_realised: "0", lines: Object.fromEntries(lines.map((name) => [name, "0"])), complete: true, missing: [], sources: {}, positions: [] };
  }

  Object.assign((northstar.embed ??= {}), { asked, span, after });
}
