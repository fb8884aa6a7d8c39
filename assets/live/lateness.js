/**
 * Whether the figures stand still: older than a feed that moves lets them become, by the server's clock, and not
 * only because there was no connection. What carries has the time of one tick to bring newer ones.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** How much later than its time a tick may come, in ms. */
  const SLACK_MS = 5000;
  /** Where nothing was looked at for longer, the computer slept: nothing could come. */
  const ASLEEP_MS = 45_000;
  /** So long the server's time is waited for; then ours has to do. */
  const UNTIMED_MS = 10_000;

  class Lateness {
    /** @param {number} everySeconds @param {() => number} now */
    constructor(everySeconds, now) {
      this.everySeconds = everySeconds;
      this.now = now;
      this.begun = now();
      /** @type {string | null} of when the figures are that are held */
      this.of = null;
      /** For how long something carried while they were. */
      this.carried = 0;
      /** @type {number | null} when it was looked at last, while something carries */
      this.at = null;
    }

    /** Take note of how it is; whoever changes it has to. @param {string | null} of @param {boolean} carrying */
    note(of, carrying) {
      const now = this.now();
      const passed = this.at === null ? 0 : now - this.at;
      if (of !== this.of) this.carried = 0;
      else if (passed > 0 && passed < ASLEEP_MS) this.carried += passed;
      this.of = of;
      this.at = carrying ? now : null;
    }

    /** Whether figures of such an age, in ms, stand still. @param {number} age @param {string} kind what is to carry them */
    is(age, kind) {
      const pause = northstar.transport.askedEvery(kind);
      if (age <= Math.max(30, 3 * this.everySeconds) * 1000 + pause) return false;
      return this.at === null || this.carried > this.everySeconds * 1000 + SLACK_MS + pause;
    }

    /** Whether the server's time is not known yet, and may still become so. @param {Connection} connection */
    untimed({ timed, kind }) {
      return !timed && kind !== "offline" && this.now() - this.begun < UNTIMED_MS;
    }
  }

  northstar.Lateness = Lateness;
}
