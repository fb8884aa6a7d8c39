/** The line of the day as a chart takes it: plain lists that are extended in place, not made anew. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  class Line {
    /** @param {any} day of the past @param {string} zone @param {number} longest ms that may lie between neighbours where no gap is told */
    constructor(day, zone, longest) {
      this.day = day;
      this.zone = zone;
      this.longest = longest;
      /** Wall clock, net and fall at each point; null where the line breaks. */
      this.x = /** @type {number[]} */ ([]);
      this.y = /** @type {(number | null)[]} */ ([]);
      this.falls = /** @type {(number | null)[]} */ ([]);
      /** The same with zero where nothing is known: what is below the line is shaded only where there is a line. */
      this.ground = /** @type {number[]} */ ([]);
      this.fallGround = /** @type {number[]} */ ([]);
      this.revision = -1;
      /** How many points of the day are in the lists for good, how long the lists are with them, and their descent. */
      this.taken = 0;
      this.length = 0;
      /** @type {any} */
      this.settled = null;
      /** @type {any} the descent with the last point, too */
      this.descent = null;
      /** Whether the day has complete snapshots: then the drawdown is of them alone. */
      this.sure = false;
    }

    /** Take what the day has that the lists have not. Its last point may still change: it is taken anew each time. */
    extend() {
      const { points, revision } = this.day;
      const sure = this.sure || points.some((/** @type {any} */ one) => one.sure);
      if (revision !== this.revision || sure !== this.sure) Object.assign(this, { revision, sure: points.some((/** @type {any} */ one) => one.sure), taken: 0, length: 0, settled: new northstar.course.Descent() });
      for (const list of [this.x, this.y, this.falls, this.ground, this.fallGround]) list.length = this.length;
      this.descent = this.settled.copy();
      for (; this.taken < points.length - 1; this.taken += 1) this.add(this.taken);
      this.length = this.x.length;
      this.settled = this.descent.copy();
      if (points.length) this.add(points.length - 1);
    }

    /** @param {number} place */
    add(place) {
      const { points, gaps } = this.day;
      const point = points[place];
      const last = points[place - 1];
      if (last && northstar.past.parted(last, point, gaps, this.longest)) {
        this.put(last.at + 1, null, null);
        this.put(point.at - 1, null, null);
      }
      this.put(point.at, point.values.net ?? null, this.sure && !point.sure ? null : this.descent.take(point));
    }

    /** @param {number} at @param {bigint | null} net @param {bigint | null} fall */
    put(at, net, fall) {
      const { height } = northstar.money;
      this.x.push(northstar.zone.wall(at, this.zone));
      this.y.push(net === null ? null : height(net));
      this.falls.push(fall === null ? null : height(fall));
      this.ground.push(this.y[this.y.length - 1] ?? 0);
      this.fallGround.push(this.falls[this.falls.length - 1] ?? 0);
    }

    /** The largest fall of the day, in nano-dollars, and when. @returns {{amount: bigint, at: number} | null} */
    get deepest() {
      return this.descent.deepest;
    }

    /** Whether the net was known at any time of the day. */
    get known() {
      return this.descent.peak !== null;
    }

    /**
     * The least and the greatest of a list within a stretch of the wall clock; null where nothing is known there.
     * @param {"y" | "falls"} name @param {number} from @param {number} to
     * @returns {[number, number] | null}
     */
    extent(name, from, to) {
      return extent(this.x, this[name], from, to);
    }
  }

  /** @param {number[]} x @param {(number | null)[]} values @param {number} from @param {number} to @returns {[number, number] | null} */
  function extent(x, values, from, to) {
    let low = Infinity;
    let high = -Infinity;
    for (let i = 0; i < x.length; i += 1) {
      const value = values[i];
      if (value === null || x[i] < from || x[i] > to) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return low > high ? null : [low, high];
  }

  northstar.line = { Line, extent };
}
