/**
 * How a figure went, kept short without losing its extremes: a point stands for a stretch of time,
 * and two stretches join to one whose highest, lowest and largest fall are exact.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** So many points a line may have, and so many one stretch of it has at most: four moments and its end. */
  const MOST = 1600;
  const EACH = 5;

  /**
   * When the net was how much. Of some moments only a stretch is known in which they lie: `within` is where it begins.
   * @typedef {{at: number, net: bigint, within?: number}} Moment
   */

  /**
   * A stretch of time from `since` that ends at `at` with `values`. `path` are the moments that its net went through, as far
   * as they matter: its highest, its lowest and both ends of its largest fall, in their order. `high` and `low` are null where
   * the net was never known; `drop` is that fall, zero or below; nano-dollars. `sure` tells whether every snapshot in it was complete.
   * @typedef {{since: number, at: number, values: Record<string, bigint | null>, path: Moment[], high: bigint | null, low: bigint | null, lowAt: number,
   *   drop: bigint, dropAt: number, sure: boolean}} Point
   */

  /** A stretch whose net went through some moments. @param {Pick<Point, "since" | "at" | "values" | "sure">} stretch @param {Moment[]} moments at least one, in their order @returns {Point} */
  function along({ since, at, values, sure }, moments) {
    const net = (/** @type {number} */ place) => moments[place].net;
    let [high, low, peak, trough] = [0, 0, 0, 0];
    for (let place = 1; place < moments.length; place += 1) {
      if (net(place) > net(high)) high = place;
      if (net(place) < net(low)) low = place;
      if (net(place) - net(high) < net(trough) - net(peak)) [peak, trough] = [high, place];
    }
    const flat = net(high) === net(low);
    const path = moments.filter((_, place) => (flat ? place === moments.length - 1 : place === high || place === low || place === peak || place === trough));
    return { since, at, values, sure, path, high: net(high), low: net(low), lowAt: moments[low].at, drop: net(trough) - net(peak), dropAt: moments[trough].at };
  }

  /**
   * The moments of a stretch of which four amounts are told, and of some when they were. Where the highest and the lowest
   * have no time they come in the order that falls least: the lowest first, so that no fall is shown that is not certain.
   * @param {{since: number, until: number, within: number}} when @param {{open: bigint, high: bigint, low: bigint, close: bigint}} told @param {Moment[]} [known] @returns {Moment[]}
   */
  function way({ since, until, within }, { open, high, low, close }, known = []) {
    const third = Math.floor((until - since) / 3);
    const has = (/** @type {bigint} */ net) => [open, close, ...known.map((one) => one.net)].includes(net);
    return [
      { at: since, net: open, within },
      ...(has(low) ? [] : [{ at: Math.min(since + third, ...known.map((one) => one.at)), net: low, within }]),
      ...known,
      ...(has(high) ? [] : [{ at: Math.max(until - third, ...known.map((one) => one.at)), net: high, within }]),
      { at: until, net: close },
    ];
  }

  /** The moments that a line passes before the end of a stretch. @param {Point} stretch @returns {Moment[]} */
  function inner({ at, values, path }) {
    const last = path[path.length - 1];
    return last && last.at === at && last.net === values.net ? path.slice(0, -1) : path;
  }

  /** @param {number} at epoch ms @param {Record<string, bigint | null>} values @param {boolean} [sure] @returns {Point} a single instant */
  function point(at, values, sure = true) {
    const net = values.net ?? null;
    return { since: at, at, values, path: net === null ? [] : [{ at, net }], high: net, low: net, lowAt: at, drop: 0n, dropAt: at, sure };
  }

  /** The stretch of two that follow each other. @param {Point} first @param {Point} second @returns {Point} */
  function joined(first, second) {
    const { since } = first;
    const { at, values } = second;
    const sure = first.sure && second.sure;
    if (first.high === null) return { ...second, since, sure };
    if (second.high === null) return { ...first, at, values, sure };
    return along({ since, at, values, sure }, [...first.path, ...second.path]);
  }

  /**
   * What two accounts of one stretch tell together, at the end and with the values of the first. What the first has no time
   * for counts where it goes beyond the second: lowest first, highest last.
   * @param {Point} told @param {Point} seen @returns {Point}
   */
  function both(told, seen) {
    const sure = told.sure && seen.sure;
    if (told.high === null) return { ...seen, since: told.since, at: told.at, values: told.values, sure };
    if (seen.low === null || seen.high === null) return { ...told, sure };
    const [least, most] = [seen.low, seen.high];
    const known = [...told.path.filter(({ within }) => within === undefined), ...seen.path].sort((one, other) => one.at - other.at);
    const loose = told.path.filter(({ within }) => within !== undefined);
    const early = loose.filter(({ at, within, net }) => at === within || net < least).map((one) => ({ ...one, at: Math.min(one.at, known[0].at) }));
    const end = known.findIndex(({ at }) => at >= told.at);
    const last = end < 0 ? known.length : end;
    const late = loose.filter(({ at, within, net }) => at !== within && net > most).map((one) => ({ ...one, at: Math.max(one.at, known[last - 1]?.at ?? one.at) }));
    return along({ ...told, sure }, [...early, ...known.slice(0, last), ...late, ...known.slice(last)]);
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

  northstar.course = { MOST, EACH, point, along, way, inner, joined, both, unsure, Descent };
}
