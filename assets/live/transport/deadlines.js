/**
 * What is to be done when, by name. One timer serves all, and whoever else wakes the page may call
 * `run`: a browser delays the timers of a page that nobody sees, so what counts is the clock.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  class Deadlines {
    /** @param {Clock} clock @param {() => void} woken called before anything that was due is done */
    constructor(clock, woken) {
      this.clock = clock;
      this.woken = woken;
      /** @type {Map<string, {at: number, act: () => void}>} */
      this.due = new Map();
      /** @type {unknown} */
      this.timer = null;
      this.armedFor = Infinity;
    }

    /** Do something in `ms`; the same name again replaces it. @param {string} name @param {number} ms @param {() => void} act */
    set(name, ms, act) {
      const at = this.clock.now() + ms;
      this.due.set(name, { at, act });
      if (at < this.armedFor) this.arm(at);
    }

    /** @param {string[]} names */
    clear(...names) {
      for (const name of names) this.due.delete(name);
    }

    clearAll() {
      this.due.clear();
      this.disarm();
    }

    /** @param {string} name @returns {number | null} epoch ms */
    at(name) {
      return this.due.get(name)?.at ?? null;
    }

    /** Move everything: the clock was set. @param {number} ms */
    shift(ms) {
      for (const entry of this.due.values()) entry.at += ms;
    }

    /** Do all that is overdue, the oldest first. */
    run() {
      this.disarm();
      this.woken();
      const now = this.clock.now();
      const overdue = [...this.due].filter(([, { at }]) => at <= now).sort(([, one], [, two]) => one.at - two.at);
      for (const [name, entry] of overdue) {
        // One that came before may have cleared or moved it.
        if (this.due.get(name) !== entry) continue;
        this.due.delete(name);
        entry.act();
      }
      const next = Math.min(...[...this.due.values()].map(({ at }) => at));
      if (next < this.armedFor) this.arm(next);
    }

    /** @param {number} at */
    arm(at) {
      this.disarm();
      this.armedFor = at;
      this.timer = this.clock.setTimeout(() => this.run(), Math.max(0, at - this.clock.now()));
    }

    disarm() {
      if (this.timer !== null) this.clock.clearTimeout(this.timer);
      this.timer = null;
      this.armedFor = Infinity;
    }
  }

  (northstar.transport ??= {}).Deadlines = Deadlines;
}
