/** What a screen reader is told: changes of the connection at once, the figure at most once a minute. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});
  const EVERY_MS = 60_000;
  /** So long a change of the connection is left to be read out before the figure takes its place. */
  const PAUSE_MS = 5000;
  const LOST = "Connection lost. The figures shown are the last good ones.";
  const CARRIED = ["websocket", "sse", "polling"];

  class Announcer {
    /** @param {(text: string, last?: boolean) => void} say whatever waits to be said is left out before what is `last` @param {() => number} now */
    constructor(say, now) {
      this.say = say;
      this.now = now;
      /** When the figure may be said again. */
      this.free = -Infinity;
      /** The figure that was said last. */
      this.said = "";
      /** Whether that was of a part of the sources: the whole is said as soon as it is known. */
      this.partial = false;
      /** @type {string} how the figures come, as far as it was worth a word */
      this.kind = "";
      /** Whether they were last said to stand still. */
      this.still = false;
    }

    /** @param {{net: string | null, as_of: string, complete?: boolean}} snapshot */
    figures(snapshot) {
      const partial = snapshot.complete === false;
      if (this.now() < this.free && (partial || !this.partial)) return;
      const net = northstar.money.nano(snapshot.net);
      const text = net === null ? "Net P&L is not known yet." : `Net P&L ${northstar.money.dollars(northstar.money.cents(net))}${partial ? ", incomplete" : ""}.`;
      if (text === this.said) return;
      this.free = this.now() + EVERY_MS;
      this.said = text;
      this.partial = partial;
      this.say(text);
    }

    /** @param {{kind: string, broken?: boolean, carrying?: boolean, halted?: boolean, reason?: string | null}} connection */
    connection({ kind, broken = false, carrying = true, halted = false, reason = null }) {
      if (halted) return this.stopped(reason);
      // Whether a WebSocket or events bring the figures is the same to who listens; that they are asked for is
      // worth a word once an answer came, and that none came at once.
      if (kind === "polling" && !broken && !carrying) return;
      const now = kind === "polling" && broken ? "unanswered" : kind === "sse" ? "websocket" : kind;
      if (now !== "offline" && now !== "unanswered" && !CARRIED.includes(now)) return;
      const before = this.kind;
      this.kind = now;
      if (now !== before) this.atOnce(told(before, now));
    }

    /** The figures stand still though something answers, or move again. @param {boolean} still @param {{kind: string, broken: boolean}} connection */
    standing(still, { kind, broken }) {
      if (this.kind === "stopped" || (still && (kind === "offline" || broken))) return; // that is said already
      if (still === this.still) return;
      this.still = still;
      this.atOnce(still ? "The figures stand still. Those shown are the last good ones." : this.kind === "offline" || this.kind === "unanswered" ? null : "The figures move again.");
    }

    /** Nothing comes any more, and nothing is tried: what has to be done is all that is still worth a word. @param {string | null} reason */
    stopped(reason) {
      if (this.kind === "stopped") return;
      this.kind = "stopped";
      this.atOnce(`The updates have stopped. ${reason ?? "Load the page again."}`, true);
    }

    /** @param {string | null} text @param {boolean} [last] */
    atOnce(text, last = false) {
      if (!text) return;
      this.free = Math.max(this.free, this.now() + PAUSE_MS);
      this.say(text, last);
    }
  }

  /** @param {string} before @param {string} now */
  function told(before, now) {
    if (now === "offline") return before === "unanswered" ? null : LOST;
    if (now === "unanswered") return before === "offline" ? null : LOST;
    if (before === "offline" || before === "unanswered" || before === "stopped") return "Connected again.";
    if (before === "websocket") return `Live updates paused. The figures come every ${northstar.badge.pollSeconds()} seconds.`;
    return before === "polling" ? "Live updates are back." : null;
  }

  northstar.Announcer = Announcer;
}
