/** What a screen reader is told: changes of the connection at once, the figure at most once a minute. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});
  const EVERY_MS = 60_000;

  class Announcer {
    /** @param {(text: string) => void} say @param {() => number} now */
    constructor(say, now) {
      this.say = say;
      this.now = now;
      this.saidAt = -Infinity;
      this.kind = "";
    }

    /** @param {{net: string | null, as_of: string}} snapshot */
    figures(snapshot) {
      if (this.now() - this.saidAt < EVERY_MS) return;
      this.saidAt = this.now();
      const net = northstar.money.nano(snapshot.net);
      this.say(net === null ? "Net P&L is not known yet." : `Net P&L ${northstar.money.dollars(northstar.money.cents(net))}.`);
    }

    /** @param {{kind: string}} connection */
    connection({ kind }) {
      if (kind === this.kind) return;
      const before = this.kind;
      this.kind = kind;
      if (kind === "offline") this.say("Connection lost. The figures shown are the last good ones.");
      else if (before === "offline" && kind === "polling") this.say("Connected again.");
    }
  }

  northstar.Announcer = Announcer;
}
