/**
 * Which lists of what happened are asked for, and when. All open pages hear of a change at once: each asks only for
 * what the snapshot says has changed, at a moment of its own, the later the more pages there are.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** Without a word from the server, or among few pages, one asks within this time. */
  const LEAST_MS = 2000;
  /** Nor is the same asked for sooner after it was, nor later: what no figure tells of is found then. */
  const SOONEST_MS = 3000;
  const LATEST_MS = 30_000;
  const REVENUE = ["revenue", "refunds", "processor_fees", "adjustments", "operating_cost", "other_income"];

  /**
   * What in a snapshot tells, list by list, that something happened. Alerts are there only where there is a rule.
   * @param {any} snapshot @returns {Record<string, string>}
   */
  function marks({ lines, positions, alerts }) {
    const held = positions.map((/** @type {any} */ row) => row.ticker + row.position).join(" ");
    const markets = positions.map((/** @type {any} */ row) => row.ticker).join(" ");
    return {
      fills: [lines.trading_fees, lines.trading_realised, held].join(" "),
      settlements: [lines.trading_realised, markets].join(" "),
      costs: String(lines.api_cost),
      revenue: REVENUE.map((name) => lines[name]).join(" "),
      ...(alerts ? { alerts: String(alerts.changed) } : {}),
    };
  }

  class Asking {
    /** @param {() => number} random from 0 up to 1 */
    constructor(random) {
      this.random = random;
      /** Over how many ms all pages spread one request each, as the server said last. */
      this.each = 0;
      /** @type {Record<string, string>} by list, what told of it when it was read last */
      this.read = {};
      /** When something was read last, and all of it, epoch ms. */
      this.at = -Infinity;
      this.allAt = -Infinity;
      /** When the next may be asked for, and for which lists that was drawn. */
      this.due = Infinity;
      this.drawn = "";
    }

    /** Over how many ms so many requests of every page are spread. @param {number} requests */
    spread(requests) {
      return Math.max(LEAST_MS, requests * this.each);
    }

    /** The lists that are to be read: what changed; all, where that was long ago. @param {Record<string, string>} now @param {number} at epoch ms @returns {string[]} */
    wanted(now, at) {
      const all = Object.keys(now);
      if (at - this.allAt >= Math.max(LATEST_MS, 2 * this.spread(all.length))) return all;
      const wanted = all.filter((name) => now[name] !== this.read[name]);
      // A moment that passed while there was nothing to ask must not be everybody's at the next change.
      if (!wanted.length) this.drawn = "";
      return wanted;
    }

    /** In how many ms this page may ask for these; 0 or less when it may now. The moment is drawn once for what is wanted. @param {string[]} wanted @param {number} at epoch ms */
    wait(wanted, at) {
      const names = wanted.join();
      if (names !== this.drawn) {
        const spread = this.spread(wanted.length);
        const drawn = Math.max(at + this.random() * spread, this.at + Math.max(SOONEST_MS, spread));
        this.due = this.drawn ? Math.min(this.due, drawn) : drawn;
        this.drawn = names;
      }
      return this.due - at;
    }

    /** They are being read. @param {number} at epoch ms */
    begin(at) {
      this.at = at;
      this.drawn = "";
    }

    /** They were read. @param {string[]} names @param {Record<string, string>} now @param {number} at epoch ms, when that began */
    took(names, now, at) {
      for (const name of names) this.read[name] = now[name];
      if (names.length === Object.keys(now).length) this.allAt = at;
    }

    /** What the server said of the spread, where it did. @param {string | null} told ms */
    heard(told) {
      if (told !== null && Number(told) >= 0) this.each = Number(told);
    }
  }

  northstar.asking = { Asking, marks };
}
