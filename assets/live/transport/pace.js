/** How long to wait before something is tried again: always at random, so that a thousand pages do not come at once. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  class Pace {
    /** @param {() => number} random from 0 up to 1 @param {Times} times @param {number} quick how many tries are quick whatever happens */
    constructor(random, times, quick) {
      this.random = random;
      this.times = times;
      this.quick = quick;
    }

    /** Full jitter: anything up to a bound that doubles. @param {number} tries from 1 */
    jitter(tries) {
      return this.random() * Math.min(this.times.retryCap, this.times.retryBase * 2 ** (tries - 1));
    }

    /** When to come back to a server that said how soon it is there again. @param {number} most ms */
    comeback(most) {
      const least = this.times.retryBase;
      return least + this.random() * Math.max(0, most - least);
    }

    /**
     * When to try the socket again: soon at first, and seldom while a lower tier works.
     * @param {number} failures from 1 @param {boolean} works
     */
    climb(failures, works) {
      const slow = failures - this.quick;
      if (!works || slow <= 0) return this.jitter(failures);
      return Math.min(this.times.climbLast, this.times.climbFirst * 1.5 ** (slow - 1)) * (0.75 + this.random() / 4);
    }

    /** When to try a server again that has no room. */
    crowded() {
      return this.times.climbLast * (1 + this.random() / 2);
    }
  }

  (northstar.transport ??= {}).Pace = Pace;
}
