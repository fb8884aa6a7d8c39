/** What a screen reader is told: changes of the connection at once, the figure at most once a minute. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});
  const EVERY_MS = 60_000;
  /** So long a change of the connection is left to be read out before the figure takes its place. */
  const PAUSE_MS = 5000;
  const CARRIED = ["websocket", "sse", "polling"];

  class Announcer {
    /** @param {(text: string) => void} say @param {() => number} now */
    constructor(say, now) {
      this.say = say;
      this.now = now;
      /** When the figure may be said again. */
      this.free = -Infinity;
      /** The figure that was said last. */
      this.said = "";
      /** @type {string} how the figures come, as far as it was worth a word */
      this.kind = "";
    }

    /** @param {{net: string | null, as_of: string}} snapshot */
    figures(snapshot) {
      if (this.now() < this.free) return;
      const net = northstar.money.nano(snapshot.net);
      const text = net === null ? "Net P&L is not known yet." : `Net P&L ${northstar.money.dollars(northstar.money.cents(net))}.`;
      if (text === this.said) return;
      this.free = this.now() + EVERY_MS;
      this.said = text;
      this.say(text);
    }

    /** @param {{kind: string}} connection */
    connection({ kind }) {
      // Whether a WebSocket or events bring the figures is the same to who listens.
      const now = kind === "sse" ? "websocket" : kind;
      if (now !== "offline" && !CARRIED.includes(now)) return;
      const before = this.kind;
      this.kind = now;
      if (now === before) return;
      const text = told(before, now);
      if (!text) return;
      this.free = Math.max(this.free, this.now() + PAUSE_MS);
      this.say(text);
    }
  }

  /** @param {string} before @param {string} now */
  function told(before, now) {
    if (now === "offline") return "Connection lost. The figures shown are the last good ones.";
    if (before === "offline") return "Connected again.";
    if (before === "websocket") return `Live updates paused. The figures come every ${northstar.badge.pollSeconds()} seconds.`;
    return before === "polling" ? "Live updates are back." : null;
  }

  northstar.Announcer = Announcer;
}
