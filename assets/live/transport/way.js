/** The way to the server: how long a round trip takes, whether that is too long for a socket, and what time it is there. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});
  const transport = (northstar.transport ??= {});

  class Way {
    /** @param {Times} times @param {{fewest: number, probes: number}} counts */
    constructor(times, { fewest, probes }) {
      this.times = times;
      this.fewest = fewest;
      this.pings = new transport.Recent(probes);
      this.polls = new transport.Recent(probes);
      this.ahead = new transport.Ahead(probes);
      /** @type {number | null} since when it has been too slow for a socket */
      this.slowSince = null;
    }

    /** A ping was answered. @param {Message} pong @param {number} now epoch ms */
    pinged(pong, now) {
      const asked = Number(pong.at);
      if (!(asked <= now && now - asked < this.times.silence)) return;
      this.pings.add(now - asked);
      this.ahead.precise(pong.now, asked, now);
    }

    /** A poll was answered. @param {Answer} answer */
    polled({ asked, answered, date }) {
      this.polls.add(answered - asked);
      this.ahead.coarse(date, asked, answered);
    }

    /** @returns {number | null} the round trip in ms where it is too long for a socket */
    get tooSlow() {
      const { values, median } = this.pings;
      return values.length >= this.fewest && median > this.times.slow ? Math.round(median) : null;
    }

    /** Whether a socket is to be tried: polls are quick again, or it was long ago. @param {number} now epoch ms */
    isOpen(now) {
      if (this.slowSince === null) return true;
      const { values, median } = this.polls;
      return (values.length >= this.fewest && median < this.times.slow) || now - this.slowSince >= this.times.slowPatience;
    }

    /** Forget all: the computer slept, and is elsewhere perhaps. */
    clear() {
      this.pings.clear();
      this.polls.clear();
      this.ahead.clear();
      this.slowSince = null;
    }
  }

  transport.Way = Way;
}
