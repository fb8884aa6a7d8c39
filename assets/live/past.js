/** Today and the day before, minute by minute: read once, then grown by the snapshots that arrive. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const FIELDS = ["net", "revenue", "refunds", "processor_fees", "adjustments", "trading_realised", "trading_unrealised",
    "trading_fees", "api_cost", "operating_cost", "other_income"];
  const ASKED = ["net", "revenue", "trading_realised", "trading_unrealised", "trading_fees", "api_cost"];
  const MINUTE = 60_000;
  const REREAD_MS = 10 * MINUTE;

  /**
   * @typedef {{at: number, values: Record<string, bigint | null>}} Point amounts in nano-dollars
   * @typedef {{since: number, until: number, reason: string}} Gap
   * @typedef {{day: string, points: Point[], gaps: Gap[]}} Day
   */

  /**
   * @param {{at: string, [field: string]: any}} row
   * @returns {Point} at the end of its minute, where its closing figures belong
   */
  function point(row) {
    /** @type {Record<string, bigint | null>} */
    const values = {};
    for (const field of ASKED) values[field] = northstar.money.nano(row[field]?.close ?? null);
    return { at: Date.parse(row.at) + MINUTE, values };
  }

  class Past {
    /** @param {{url: string, zone: string, everySeconds: number, fetch: Fetch, changed: () => void}} parts */
    constructor({ url, zone, everySeconds, fetch, changed }) {
      this.url = url;
      this.zone = zone;
      this.everySeconds = everySeconds;
      this.fetch = fetch;
      this.changed = changed;
      /** @type {Day | null} */
      this.today = null;
      /** @type {Day | null} */
      this.before = null;
      this.readAt = 0;
      this.busy = false;
    }

    /** Take a snapshot into the day; read the day again when it is new, old, or has missed something. @param {Snapshot} snapshot */
    async follow(snapshot) {
      const at = Date.parse(snapshot.as_of);
      const last = this.today?.points.at(-1)?.at ?? 0;
      const missed = at - last > Math.max(2.5 * this.everySeconds * 1000, 1.5 * MINUTE);
      if (this.today?.day === snapshot.day) this.append(snapshot, at);
      const waited = at - this.readAt;
      if (this.today?.day !== snapshot.day || waited > REREAD_MS || (missed && waited > MINUTE)) await this.read(snapshot, at);
    }

    /** @param {Snapshot} snapshot @param {number} at */
    append(snapshot, at) {
      const points = /** @type {Day} */ (this.today).points;
      while (points.length && points[points.length - 1].at >= at) points.pop();
      // Between two readings a point every five seconds is as fine as the screen is.
      if (points.length > 1 && at - points[points.length - 2].at < 5000) points.pop();
      /** @type {Record<string, bigint | null>} */
      const values = { net: northstar.money.nano(snapshot.net) };
      for (const field of FIELDS.slice(1)) values[field] = northstar.money.nano(snapshot.lines[field] ?? null);
      points.push({ at, values });
    }

    /** @param {Snapshot} snapshot @param {number} at */
    async read(snapshot, at) {
      if (this.busy) return;
      this.busy = true;
      this.readAt = at;
      try {
        const yesterday = northstar.zone.dayAfter(snapshot.day, -1);
        const [today, before] = await Promise.all([this.day(snapshot.day), this.before?.day === yesterday ? this.before : this.day(yesterday)]);
        this.today = today;
        this.before = before;
        this.append(snapshot, at);
        this.changed();
      } catch {
        // The figures stand without their past; the next snapshot asks again.
        this.readAt = at - REREAD_MS + 5 * this.everySeconds * 1000;
      } finally {
        this.busy = false;
      }
    }

    /** @param {string} day @returns {Promise<Day>} */
    async day(day) {
      const from = northstar.zone.dayStart(day, this.zone);
      const to = northstar.zone.dayStart(northstar.zone.dayAfter(day), this.zone);
      const query = new URLSearchParams({ from: new Date(from).toISOString(), to: new Date(to).toISOString(), step: "1m", fields: ASKED.join(",") });
      const answer = await this.fetch(`${this.url}?${query}`);
      if (!answer.ok) throw new Error(`the history answered ${answer.status}`);
      const body = await answer.json();
      const gaps = (body.gaps ?? []).map((/** @type {any} */ gap) => ({ ...gap, since: Date.parse(gap.since), until: Date.parse(gap.until) }));
      return { day, points: body.rows.map(point), gaps };
    }

    /**
     * The figures of the day before at the same time of day; null when they are not kept.
     * @param {number} at epoch ms
     * @returns {Point | null}
     */
    sameTimeBefore(at) {
      if (!this.before?.points.length) return null;
      const { wall, weekday } = northstar.zone;
      const wanted = wall(at, this.zone) - 86_400_000;
      let found = null;
      for (const known of this.before.points) {
        if (wall(known.at, this.zone) > wanted) break;
        found = known;
      }
      return found && wanted - wall(found.at, this.zone) < 10 * MINUTE ? { ...found, name: weekday(this.before.day) } : null;
    }
  }

  /**
   * The fall of a figure from its highest value so far: nano-dollars, zero or below, null where it is
   * not known.
   * @param {(bigint | null)[]} values
   */
  function drawdown(values) {
    /** @type {bigint | null} */
    let peak = null;
    return values.map((value) => {
      if (value === null) return null;
      if (peak === null || value > peak) peak = value;
      return value - peak;
    });
  }

  /**
   * The points with a null between those that a gap parts, so that a line breaks there.
   * @param {Point[]} points @param {Gap[]} gaps @param {number} longest ms that may lie between neighbours
   * @returns {Point[]}
   */
  function broken(points, gaps, longest) {
    /** @type {Point[]} */
    const out = [];
    for (const next of points) {
      const last = out.at(-1);
      if (last && (next.at - last.at > longest || gaps.some((gap) => gap.since >= last.at - MINUTE && gap.until <= next.at && gap.until - gap.since > MINUTE)))
        out.push({ at: (last.at + next.at) / 2, values: {} });
      out.push(next);
    }
    return out;
  }

  northstar.past = { Past, drawdown, broken };
}
