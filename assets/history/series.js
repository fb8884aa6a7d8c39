/** What the history's rows come to over a range: the cumulative line, its candles, its largest fall, and where nothing is known. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** @typedef {{at: number, until: number, open: bigint | null, high: bigint | null, low: bigint | null, close: bigint | null}} Bar epoch ms of its start; nano-dollars since the range began */
  /** @typedef {{bars: Bar[], gaps: {since: number, until: number, reason: string}[], step: number, base: bigint | null, end: bigint | null, high: bigint | null, low: bigint | null, fall: {amount: bigint, at: number} | null}} Series */

  /**
   * The bars of a figure, counted from what it was when the range began.
   * @param {any} answer of `/api/pnl/history` @param {string} figure @param {number} step ms @param {bigint | null} [ground] what they are counted from, where that is known
   * @returns {Series}
   */
  function series(answer, figure, step, ground = null) {
    const { nano } = northstar.money;
    /** @type {bigint | null} */
    let base = ground;
    const bars = answer.rows.map((/** @type {any} */ row) => {
      const told = row[figure];
      if (base === null) base = nano(told.open);
      const since = (/** @type {string | null} */ text) => (text === null || base === null ? null : /** @type {bigint} */ (nano(text)) - base);
      return { at: Date.parse(row.at), until: Date.parse(row.at) + step, open: since(told.open), high: since(told.high), low: since(told.low), close: since(told.close) };
    });
    const known = bars.filter((/** @type {Bar} */ bar) => bar.close !== null);
    const most = known.reduce((/** @type {bigint | null} */ high, /** @type {Bar} */ bar) => (bar.high !== null && (high === null || bar.high > high) ? bar.high : high), null);
    const least = known.reduce((/** @type {bigint | null} */ low, /** @type {Bar} */ bar) => (bar.low !== null && (low === null || bar.low < low) ? bar.low : low), null);
    const gaps = (answer.gaps ?? []).map((/** @type {any} */ gap) => ({ since: Date.parse(gap.since), until: Date.parse(gap.until), reason: gap.reason }));
    return { bars, gaps, step, base, end: known.at(-1)?.close ?? null, high: most, low: least, fall: deepest(bars) };
  }

  /**
   * The largest fall from the highest before, as far as it is certain: within one bar it is not told
   * whether the high or the low came first. @param {Bar[]} bars
   */
  function deepest(bars) {
    /** @type {bigint | null} */
    let peak = null;
    /** @type {{amount: bigint, at: number} | null} */
    let found = null;
    for (const bar of bars) {
      if (bar.low === null || bar.high === null || bar.close === null || bar.open === null) continue;
      if (peak === null || bar.open > peak) peak = bar.open;
      if (bar.low < peak && (found === null || bar.low - peak < found.amount)) found = { amount: bar.low - peak, at: bar.at };
      if (bar.high > peak) peak = bar.high;
      if (bar.close < peak && (found === null || bar.close - peak < found.amount)) found = { amount: bar.close - peak, at: bar.at };
    }
    return found;
  }

  /**
   * Points of a line through the ends of bars; it breaks where bars are missing. x is wall clock.
   * @param {Series} of @param {string} zone @param {{shift?: number, until?: number}} [how] `shift` ms moves it, `until` is the last instant that there is
   */
  function line(of, zone, { shift = 0, until = Infinity } = {}) {
    const { wall } = northstar.zone;
    const { height } = northstar.money;
    /** @type {number[]} */
    const x = [];
    /** @type {(number | null)[]} */
    const y = [];
    let before = null;
    for (const bar of of.bars) {
      const parted = before === null || bar.at - before > 0.5 * of.step;
      if (before !== null && parted) {
        x.push(wall(before + shift, zone));
        y.push(null);
      }
      if (parted) {
        x.push(wall(bar.at + shift, zone));
        y.push(bar.open === null ? null : height(bar.open));
      }
      x.push(wall(Math.min(bar.until, until) + shift, zone));
      y.push(bar.close === null ? null : height(bar.close));
      before = bar.until;
    }
    return { x, y };
  }

  /**
   * The middle of a shorter range: as wanted where something is known in reach of it, else that of the nearest bar of which something is.
   * @param {Bar[]} bars @param {number} middle epoch ms @param {number} reach half of the shorter range
   */
  function nearest(bars, middle, reach) {
    const known = bars.filter((bar) => bar.close !== null);
    if (!known.length || known.some((bar) => bar.at < middle + reach && bar.until > middle - reach)) return middle;
    const off = (/** @type {Bar} */ bar) => Math.abs((bar.at + bar.until) / 2 - middle);
    const { at, until } = known.reduce((best, bar) => (off(bar) < off(best) ? bar : best));
    return (at + until) / 2;
  }

  /** The points of the area below a line: at nothing wherever the line is broken. @param {{x: number[], y: (number | null)[]}} of */
  function ground({ x, y }) {
    /** @type {{x: number[], y: number[]}} */
    const made = { x: [], y: [] };
    const add = (/** @type {number} */ at, /** @type {number} */ value) => void (made.x.push(at), made.y.push(value));
    y.forEach((value, i) => {
      add(x[i], value ?? 0);
      if (value === null && i + 1 < x.length) add(x[i + 1], 0);
    });
    return made;
  }

  /**
   * How much each line grew over a range that is not of whole days: lines begin anew each company day.
   * @param {any} answer @param {string[]} lines @param {string} zone @param {{begin: any, end: any} | null} [ends] the snapshots that it is counted from and to, where they are known
   * @returns {Record<string, string | null>} exact decimals; null where a day's is not known
   */
  function grown(answer, lines, zone, ends = null) {
    const { nano, decimal } = northstar.money;
    /** @type {Map<string, any[]>} */
    const days = new Map();
    const bound = (/** @type {any} */ row) => (row ? Date.parse(row.at) : NaN);
    const rows_ = ends?.begin && ends.end ? [ends.begin, ...answer.rows.filter((/** @type {any} */ row) => Date.parse(row.at) > bound(ends.begin) && Date.parse(row.at) < bound(ends.end)), ends.end] : answer.rows;
    for (const row of rows_) {
      const day = northstar.range.dayOf(Date.parse(row.at), zone);
      const held = days.get(day);
      if (held) held.push(row);
      else days.set(day, [row]);
    }
    return Object.fromEntries(lines.map((name) => {
      let sum = 0n;
      let known = false;
      let first = true;
      for (const rows of days.values()) {
        const told = rows.map((row) => row[name]).filter((value) => value.close !== null);
        if (told.length) {
          const from = first ? nano(told[0].open) : 0n;
          if (from === null) return [name, null]; // the range begins before its source first answered
          known = true;
          sum += /** @type {bigint} */ (nano(told[told.length - 1].close)) - from;
        }
        first = false;
      }
      return [name, known ? decimal(sum) : null];
    }));
  }

  northstar.series = { series, line, ground, nearest, deepest, grown };
}
