/**
 * Whether the figures stand still: older than a feed that moves lets them become, by the server's clock, and not
 * only because there was no connection. What carries has the time of one tick to bring newer ones; and they may, as
 * far as one knows, where it says nothing at all for longer than a beat takes.
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
      /** @type {number | null} when the server was heard from last */
      this.heardAt = null;
      /** For how long something carried since, and said nothing. */
      this.silent = 0;
      /** @type {number | null} when it was looked at last, while something carries */
      this.at = null;
    }

    /** Take note of how it is; whoever changes it has to. @param {string | null} of @param {Pick<Connection, "carrying" | "heardAt">} connection */
    note(of, { carrying, heardAt }) {
      const now = this.now();
      const since = this.at === null ? 0 : now - this.at;
      const passed = since > 0 && since < ASLEEP_MS ? since : 0;
      this.carried = of === this.of ? this.carried + passed : 0;
      this.silent = heardAt === this.heardAt ? this.silent + passed : 0;
      this.of = of;
      this.heardAt = heardAt;
      this.at = carrying ? now : null;
    }

    /** Whether figures of such an age, in ms, stand still. @param {number} age @param {string} kind what is to carry them */
    is(age, kind) {
      const pause = northstar.transport.askedEvery(kind);
      if (this.at !== null && this.silent > northstar.transport.SILENT_MS + pause) return true;
      if (age <= northstar.transport.oldAfter(this.everySeconds) + pause) return false;
      return this.at === null || this.carried > this.everySeconds * 1000 + SLACK_MS + pause;
    }

    /** Whether the server's time is not known yet, and may still become so. @param {Connection} connection */
    untimed({ timed, kind }) {
      return !timed && kind !== "offline" && this.now() - this.begun < UNTIMED_MS;
    }
  }

  northstar.Lateness = Lateness;
}
