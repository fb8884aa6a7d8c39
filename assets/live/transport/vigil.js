/** Looks at the clock, and sees by its jumps that the computer slept or that somebody set it. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** What wakes a page comes in several ways at once; within so many ms it is one. */
  const AT_ONCE = 1000;

  class Vigil {
    /** @param {Clock} clock @param {Times} times */
    constructor(clock, times) {
      this.clock = clock;
      this.times = times;
      this.seenAt = clock.now();
      this.wokenAt = -Infinity;
    }

    /** How often to look, in ms: often enough that nothing but sleep makes a jump. */
    get every() {
      return Math.min(this.times.watchEvery, this.times.asleep / 3);
    }

    /** Look at the clock. @returns {number} ms: above zero it slept so long, below it was set back, zero is well */
    look() {
      const passed = this.clock.now() - this.seenAt;
      this.seenAt += passed;
      return passed > this.times.asleep || passed < -AT_ONCE ? passed : 0;
    }

    /** Whether all may be opened anew, which is so once for one waking. */
    mayWake() {
      const now = this.clock.now();
      if (Math.abs(now - this.wokenAt) < AT_ONCE) return false;
      this.wokenAt = this.seenAt = now;
      return true;
    }

    forgetWake() {
      this.wokenAt = -Infinity;
    }
  }

  (northstar.transport ??= {}).Vigil = Vigil;
}
