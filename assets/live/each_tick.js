/** Looks once for each snapshot. Many open pages see the same tick: each asks at a moment of its own, the first time at once. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const SPREAD = 1500;

  class EachTick {
    /** @param {() => void} look @param {{random: () => number, later: (act: () => void, ms: number) => unknown}} parts */
    constructor(look, { random, later }) {
      Object.assign(this, { look, random, later });
      this.seq = -1;
      this.waiting = false;
      /** @type {any} */ this.look; /** @type {any} */ this.random; /** @type {any} */ this.later;
    }

    /** A snapshot has come. @param {{seq: number}} snapshot */
    follow({ seq }) {
      if (seq === this.seq || this.waiting) return;
      const first = this.seq < 0;
      this.seq = seq;
      this.waiting = true;
      this.later(() => {
        this.waiting = false;
        this.look();
      }, first ? 0 : this.random() * SPREAD);
    }
  }

  northstar.EachTick = EachTick;
}
