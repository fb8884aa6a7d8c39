/**
 * The minutes of a day: what the history tells of them, what was seen here, and both as one; those
 * that are long over are kept as one point each.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const MINUTE = 60_000;
  const FINE_FOR_MS = 10 * MINUTE;

  /**
   * @typedef {{since: number, at: number, values: Record<string, bigint | null>, path: {at: number, net: bigint, within?: number}[], high: bigint | null, low: bigint | null, lowAt: number,
   *   drop: bigint, dropAt: number, sure: boolean}} Point see course.js
   */

  /** Whether every snapshot of a row of the history was complete. @param {{quality?: string[], [field: string]: any}} row */
  const isSure = (row) => !(row.quality ?? []).includes("incomplete");

  /** Which stretch of so many ms an instant is in; the end belongs to it, for a row of history ends there. @param {number} at @param {number} width */
  const stretch = (at, width) => Math.floor((at - 1) / width);

  /**
   * What the history tells of a minute. Which of its extremes came first it does not tell: `drop` is
   * the fall that is certain.
   * @param {{at: string, [field: string]: any}} row @param {string[]} fields @param {number} now epoch ms, for the minute that is not over @param {number} [from] where a gap in it ended
   * @returns {Point}
   */
  function told(row, fields, now, from) {
    const { nano } = northstar.money;
    /** @type {Record<string, bigint | null>} */
    const values = {};
    for (const field of fields) values[field] = nano(row[field]?.close ?? null);
    const start = Date.parse(row.at);
    // A minute is drawn at its very end, which is still called by its name: so is its lowest.
    const at = Math.min(start + MINUTE - 1, Math.max(now, start + 1));
    const end = { ...northstar.course.point(at, values, isSure(row)), since: start };
    const [open, high, low, close] = ["open", "high", "low", "close"].map((name) => nano(row.net?.[name] ?? null));
    if (open === null || high === null || low === null || close === null) return end;
    const when = { since: Math.min(from ?? start, at), until: at, within: start };
    return northstar.course.along(end, northstar.course.way(when, { open, high, low, close }));
  }

  /**
   * What the history tells of a minute in which a gap may begin or end: the line goes up to the gap, and on from its end.
   * @param {{at: string, [field: string]: any}} row @param {string[]} fields @param {number} now @param {{since: number, until: number}[]} gaps
   * @returns {Point[]}
   */
  function within(row, fields, now, gaps) {
    const start = Date.parse(row.at);
    const inside = (/** @type {number} */ at) => at > start && at < start + MINUTE;
    const begins = gaps.find(({ since, until }) => inside(since) && !inside(until));
    const ended = gaps.find(({ since, until }) => inside(until) && !inside(since));
    const point = told(row, fields, Math.min(now, begins?.since ?? now), ended?.until);
    if (!ended || ended.until >= point.at) return [point];
    /** @type {Record<string, bigint | null>} */
    const first = {};
    for (const field of fields) first[field] = northstar.money.nano(row[field]?.open ?? null);
    return [northstar.course.point(ended.until, first, point.sure), point];
  }

  /** Whether all that one account of a stretch tells is in the other. @param {Point} whole @param {Point} row */
  const holds = (whole, row) =>
    row.high === null || row.low === null || (whole.high !== null && whole.low !== null && whole.high >= row.high && whole.low <= row.low);

  /**
   * The history's minutes and what was seen here, as one: of a minute that was read snapshot by snapshot only what came
   * later is added; where this page saw all that the history has of another one its own points stay, finer as they are.
   * @param {Point[]} rows @param {Point[]} seen @returns {Point[]}
   */
  function merged(rows, seen) {
    const { joined, both } = northstar.course;
    /** @type {Point[]} */
    const out = [];
    let next = 0;
    for (let place = 0; place < rows.length; place += 1) {
      const row = rows[place];
      const minute = stretch(row.at, MINUTE);
      const fine = [row];
      while (place + 1 < rows.length && stretch(rows[place + 1].at, MINUTE) === minute) fine.push(rows[(place += 1)]);
      while (next < seen.length && stretch(seen[next].at, MINUTE) < minute) out.push(seen[next++]);
      const from = next;
      while (next < seen.length && stretch(seen[next].at, MINUTE) === minute) next += 1;
      const own = seen.slice(from, next);
      if (!own.length || fine.length > 1) {
        const later = own.filter((one) => one.at > fine[fine.length - 1].at);
        out.push(...fine.filter((one) => !later.length || one.at < later[0].since), ...later);
        continue;
      }
      const whole = own.reduce(joined);
      if (holds(whole, row)) out.push(...own);
      else out.push(both(whole.at >= row.at ? { ...row, at: whole.at, values: whole.values } : row, whole));
    }
    return out.concat(seen.slice(next));
  }

  /**
   * Make one point of each minute that is no longer among the last ten; the last before a gap and the first after it stay.
   * @param {{points: Point[], gaps: {since: number, until: number}[], revision: number, settled: number}} day @param {number} now epoch ms
   */
  function thin(day, now) {
    const { points, gaps } = day;
    const apart = (/** @type {Point | undefined} */ one, /** @type {Point} */ other) => one !== undefined && northstar.past.parted(one, other, gaps, Infinity);
    const oldest = stretch(now - FINE_FOR_MS, MINUTE);
    while (day.settled < points.length && stretch(points[day.settled].at, MINUTE) < oldest) {
      const before = points[day.settled - 1];
      const next = points[day.settled];
      const alike = before && before.sure === next.sure && stretch(before.at, MINUTE) === stretch(next.at, MINUTE);
      if (alike && !(gaps.length && (apart(before, next) || apart(points[day.settled - 2], before)))) {
        points[day.settled - 1] = northstar.course.joined(before, next);
        points.splice(day.settled, 1);
        day.revision += 1;
      } else day.settled += 1;
    }
  }

  /**
   * The minutes in which an incomplete stretch begins or ends, some of whose snapshots may have been complete, and those in which a gap does.
   * @param {{at: string, [field: string]: any}[]} rows of the history, by the minute @param {{since: number, until: number}[]} [gaps] @returns {string[]} their beginnings
   */
  function mixed(rows, gaps = []) {
    const edges = new Set(gaps.flatMap(({ since, until }) => [since, until]).map((at) => Math.floor(at / MINUTE)));
    const turns = (/** @type {any} */ row, /** @type {number} */ place) => !isSure(row) && (place === 0 || place === rows.length - 1 || isSure(rows[place - 1]) || isSure(rows[place + 1]));
    return rows.filter((row, place) => turns(row, place) || edges.has(Math.floor(Date.parse(row.at) / MINUTE))).map(({ at }) => at);
  }

  /** Every snapshot of a minute. @param {{at: string, [field: string]: any}[]} rows of the history, one a snapshot @param {string[]} fields */
  const each = (rows, fields) => rows.map((row) => northstar.course.point(Date.parse(row.at), Object.fromEntries(fields.map((field) => [field, northstar.money.nano(row[field]?.close ?? null)])), isSure(row)));

  northstar.minutes = { mixed, each, stretch, told, within, merged, thin };
}
