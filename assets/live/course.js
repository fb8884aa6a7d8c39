/**
 * How a figure went, kept short without losing its extremes: a point stands for a stretch of time,
 * and two stretches join to one whose highest, lowest and largest fall are exact.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /**
   * A stretch of time from `since` that ends at `at` with `values`. `high` and `low` are of the net, null where it
   * was never known; `drop` is its largest fall within the stretch, zero or below; nano-dollars. `sure` tells whether
   * every snapshot in it was complete.
   * @typedef {{since: number, at: number, values: Record<string, bigint | null>, high: bigint | null, low: bigint | null, lowAt: number,
   *   drop: bigint, dropAt: number, sure: boolean}} Point
   */

  /** @param {number} at epoch ms @param {Record<string, bigint | null>} values @param {boolean} [sure] @returns {Point} a single instant */
  function point(at, values, sure = true) {
    const net = values.net ?? null;
    return { since: at, at, values, high: net, low: net, lowAt: at, drop: 0n, dropAt: at, sure };
  }

  /** The stretch of two that follow each other. @param {Point} first @param {Point} second @returns {Point} */
  function joined(first, second) {
    const { since } = first;
    const { at, values } = second;
    const sure = first.sure && second.sure;
    if (first.high === null || first.low === null) return { ...second, since, sure };
    if (second.high === null || second.low === null) return { ...first, at, values, sure };
    const between = second.low - first.high;
    const falls = [{ drop: first.drop, dropAt: first.dropAt }, { drop: second.drop, dropAt: second.dropAt }, { drop: between, dropAt: second.lowAt }];
    const lower = second.low < first.low ? second : first;
    return {
      since, at, values, sure, high: second.high > first.high ? second.high : first.high, low: lower.low, lowAt: lower.lowAt,
      ...falls.reduce((deepest, fall) => (fall.drop < deepest.drop ? fall : deepest)),
    };
  }

  /** What two accounts of one stretch tell together, at the end and with the values of the first. @param {Point} told @param {Point} seen @returns {Point} */
  function both(told, seen) {
    const sure = told.sure && seen.sure;
    if (told.high === null || told.low === null) return { ...seen, since: told.since, at: told.at, values: told.values, sure };
    if (seen.high === null || seen.low === null) return { ...told, sure };
    const lower = seen.low < told.low ? seen : told;
    const deeper = seen.drop < told.drop ? seen : told;
    return { ...told, sure, high: seen.high > told.high ? seen.high : told.high, low: lower.low, lowAt: lower.lowAt, drop: deeper.drop, dropAt: deeper.dropAt };
  }

  /**
   * The stretches of which not every snapshot was complete, in a day that has complete ones: the drawdown leaves them out.
   * @param {Point[]} points @returns {{since: number, until: number, reason: "incomplete"}[]}
   */
  function unsure(points) {
    /** @type {{since: number, until: number, reason: "incomplete"}[]} */
    const found = [];
    if (!points.some((one) => one.sure)) return found;
    points.forEach(({ at, sure }, place) => {
      if (sure) return;
      const before = points[place - 1];
      if (before && !before.sure) found[found.length - 1].until = at;
      else found.push({ since: before?.at ?? at, until: at, reason: "incomplete" });
    });
    return found;
  }

  /** The fall of a figure from its highest so far, from stretch to stretch. */
  class Descent {
    constructor() {
      /** @type {bigint | null} */
      this.peak = null;
      /** @type {{amount: bigint, at: number} | null} the largest fall */
      this.deepest = null;
    }

    /** @returns {Descent} one that goes its own way from here */
    copy() {
      return Object.assign(new Descent(), this);
    }

    /** Go on through a stretch. @param {Point} point @returns {bigint | null} its largest fall: zero or below, null where nothing is known */
    take({ high, low, lowAt, drop, dropAt }) {
      if (high === null || low === null) return null;
      const below = this.peak === null ? 0n : low - this.peak;
      const [fall, at] = below < drop ? [below, lowAt] : [drop, dropAt];
      if (this.peak === null || high > this.peak) this.peak = high;
      if (fall < (this.deepest?.amount ?? 0n)) this.deepest = { amount: fall, at };
      return fall;
    }
  }

  northstar.course = { point, joined, both, unsure, Descent };
}
