/** The line of the day as a chart takes it: plain lists that are extended in place, not made anew. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const SECOND = 1000;
  const MINUTE = 60 * SECOND;
  const WIDTHS = [5 * SECOND, 15 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE];

  /** How long the stretches are that a chart of so many ms is drawn in. @param {number} length */
  function widthOf(length) {
    const most = northstar.course.MOST / northstar.course.EACH;
    return WIDTHS.find((width) => length / width <= most) ?? length / most;
  }

  class Line {
    /** @param {any} day of the past @param {string} zone @param {number} longest ms that may lie between neighbours where no gap is told @param {number} [shift] ms that move it */
    constructor(day, zone, longest, shift = 0) {
      this.day = day;
      this.zone = zone;
      this.longest = longest;
      this.shift = shift;
      /** What of it is shown, in wall clock, and the length of the stretches that are drawn; zero for each point by itself. */
      this.view = { from: -Infinity, until: Infinity, width: 0 };
      /** Wall clock, net and fall at each moment that is drawn; null where the line breaks. */
      this.x = /** @type {number[]} */ ([]);
      this.y = /** @type {(number | null)[]} */ ([]);
      this.falls = /** @type {(number | null)[]} */ ([]);
      /** The same with zero where nothing is known: what is below the line is shaded only where there is a line. */
      this.ground = /** @type {number[]} */ ([]);
      this.fallGround = /** @type {number[]} */ ([]);
      /** @type {({at: number, net: bigint, within?: number} | null)[]} the moments themselves, see course.js */
      this.moments = [];
      this.drawn = "";
      /** How many points of the day are taken for good, how long the lists are with them, and their descent. */
      this.taken = 0;
      this.length = 0;
      /** @type {any} */
      this.settled = null;
      /** @type {any} the descent with the last point, too */
      this.descent = null;
      /** @type {any} the stretch that goes on, in `taken` and in no list */
      this.open = null;
      /** Whether that follows a break: its one point is drawn by itself, so that the line goes on where it does. */
      this.alone = false;
      /** Whether the day has complete snapshots: then the drawdown is of them alone. */
      this.sure = false;
    }

    /**
     * Choose what is shown; stretches are as short as the number of points allows.
     * @param {number} from @param {number} to wall clock @param {boolean} whole whether all of the day is shown
     */
    show(from, to, whole) {
      const edge = (/** @type {number} */ at) => Math.floor(at / (5 * MINUTE)) * 5 * MINUTE;
      const width = widthOf(to - from);
      this.view = whole ? { from: -Infinity, until: Infinity, width } : { from: edge(from), until: edge(to) + 10 * MINUTE, width };
    }

    /** Take what the day has that the lists have not. Its last point may still change: it is taken anew each time. */
    extend() {
      const { points, revision } = this.day;
      const sure = this.sure || points.some((/** @type {any} */ one) => one.sure);
      const drawn = [revision, sure, ...Object.values(this.view)].join(" ");
      if (drawn !== this.drawn) Object.assign(this, { drawn, sure: points.some((/** @type {any} */ one) => one.sure), taken: 0, length: 0, settled: new northstar.course.Descent(), open: null });
      for (const list of [this.x, this.y, this.falls, this.ground, this.fallGround, this.moments]) list.length = this.length;
      this.descent = this.settled.copy();
      for (; this.taken < points.length - 1; this.taken += 1) this.take(this.taken);
      this.length = this.x.length;
      this.settled = this.descent.copy();
      if (!points.length) return;
      const { open, alone } = this;
      this.take(points.length - 1);
      this.add(this.open);
      Object.assign(this, { open, alone });
    }

    /** Go on with a point: it belongs to the stretch that goes on, or that is drawn and it begins another. @param {number} place */
    take(place) {
      const { points, gaps } = this.day;
      const point = points[place];
      const last = points[place - 1];
      const broken = last !== undefined && northstar.past.parted(last, point, gaps, this.longest);
      const { open, view: { width } } = this;
      const { stretch } = northstar.minutes;
      if (open && width && !broken && !this.alone && open.sure === point.sure && stretch(open.at, width) === stretch(point.at, width)) {
        this.open = northstar.course.joined(open, point);
        return;
      }
      if (open) this.add(open);
      if (broken) {
        this.put(last.at + 1, null, null);
        this.put(Math.max(last.at + 1, point.since - 1), null, null);
      }
      this.open = point;
      this.alone = broken || last === undefined;
    }

    /** Draw a stretch: through all its moments, to its end. @param {any} point */
    add(point) {
      const { at, sure, values: { net = null } } = point;
      const counts = sure || !this.sure;
      const fall = (/** @type {number} */ when, /** @type {bigint | null} */ amount) => (counts ? this.descent.take(northstar.course.point(when, { net: amount })) : null);
      for (const moment of northstar.course.inner(point)) this.put(moment.at, moment, fall(moment.at, moment.net));
      this.put(at, net === null ? null : { at, net }, fall(at, net));
    }

    /** @param {number} at @param {{at: number, net: bigint, within?: number} | null} moment @param {bigint | null} fall */
    put(at, moment, fall) {
      const { height } = northstar.money;
      const x = northstar.zone.wall(at, this.zone) + this.shift;
      if (x < this.view.from || x > this.view.until) return;
      this.x.push(x);
      this.y.push(moment === null ? null : height(moment.net));
      this.falls.push(fall === null ? null : height(fall));
      this.ground.push(this.y[this.y.length - 1] ?? 0);
      this.fallGround.push(this.falls[this.falls.length - 1] ?? 0);
      this.moments.push(moment);
    }

    /** The largest fall of the day, in nano-dollars, and when. @returns {{amount: bigint, at: number} | null} */
    get deepest() {
      return this.descent.deepest;
    }

    /** Whether the second of all that is drawn is known; of some it is the minute alone. */
    get timed() {
      return this.moments.every((moment) => moment === null || moment.within === undefined);
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
