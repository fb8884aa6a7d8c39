/** The range that a panel shows, and what its days before today come to. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const NAMES = { "1h": "last hour", "6h": "last 6 hours", "1d": "today", "7d": "last 7 days", "30d": "last 30 days", mtd: "month to date", ytd: "year to date" };
  const REREAD_MS = 300_000;
  const ANSWER_MS = 30_000;
  const AGAIN_MS = 15_000;

  /** Whether a range is of several company days. @param {string} range */
  const lasting = (range) => !["1h", "6h", "1d"].includes(range);

  /**
   * The days of a range before today, and today as it is live, as one statement.
   * @param {any[]} days as the server tells them @param {Snapshot} snapshot @param {string} from the first day
   */
  function together(days, snapshot, from) {
    const { nano, decimal } = northstar.money;
    const before = days.filter(({ day }) => day >= from && day < snapshot.day);
    const sum = (/** @type {(string | null | undefined)[]} */ texts) => {
      const known = texts.map((text) => nano(text)).filter((amount) => amount !== null);
      return known.length ? decimal(known.reduce((/** @type {bigint} */ all, /** @type {bigint} */ amount) => all + amount, 0n)) : null;
    };
    const names = Object.keys(snapshot.lines);
    const lines = Object.fromEntries(names.map((name) => [name, sum([...before.map((day) => day.lines[name]), snapshot.lines[name]])]));
    const missing = [...new Set([snapshot, ...before].flatMap((one) => one.missing))];
    return { ...snapshot, lines, net: sum([...before.map((day) => day.net), snapshot.net]), complete: missing.length === 0, missing };
  }

  /**
   * What the days just before a range come to; null where not all of them are known, with all that is known of the range.
   * @param {any[]} days as the server tells them @param {string} from the first of them @param {string} until the first day that is out again
   */
  function sumBefore(days, from, until) {
    const range = days.filter(({ day }) => day >= until);
    const known = days.filter((one) => one.day >= from && one.day < until && northstar.statement.comparable(one, range)).map(({ net }) => northstar.money.nano(net));
    const length = Math.round((Date.parse(until) - Date.parse(from)) / 86_400_000);
    return known.length && known.length === length ? known.reduce((/** @type {bigint} */ all, /** @type {bigint} */ amount) => all + amount, 0n) : null;
  }

  /** Reads the days of a range, and reads them again now and then. */
  class Days {
    /** @param {{url: string, fetch: typeof fetch, changed: () => void, refresh?: number | null}} parts `refresh` in seconds, 0 for one reading */
    constructor(parts) {
      this.parts = parts;
      this.rereadMs = parts.refresh === 0 ? Infinity : parts.refresh ? parts.refresh * 1000 : REREAD_MS;
      /** @type {any[] | null} */
      this.days = null;
      this.failed = false;
      this.key = "";
      this.readAt = -Infinity;
      this.busy = false;
    }

    /** See that the days of a range are there. @param {string} from its first day @param {Snapshot} snapshot @param {number} now epoch ms */
    async need(from, snapshot, now) {
      const key = `${from} ${snapshot.day}`;
      if (this.busy || (key === this.key && now - this.readAt < (this.failed ? AGAIN_MS : this.rereadMs))) return;
      this.busy = true;
      try {
        const answer = await this.parts.fetch(`${this.parts.url}?${new URLSearchParams({ from })}`, { signal: AbortSignal.timeout(ANSWER_MS) });
        if (!answer.ok) throw new Error(`the days answered ${answer.status}`);
        this.days = (await answer.json()).days;
        this.failed = false;
        this.key = key;
        this.readAt = now;
      } catch {
        // What was read before stays; a later snapshot asks again.
        this.failed = true;
        this.key = key;
        this.readAt = now;
      } finally {
        this.busy = false;
      }
      this.parts.changed();
    }
  }

  Object.assign((northstar.embed ??= {}), { NAMES, lasting, together, sumBefore, Days });
}
