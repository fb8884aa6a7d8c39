/**
 * Today and the day before: read by the minute, then grown by the snapshots that arrive. The last
 * minutes are kept fine, all older ones as one point each; nothing of peak and drawdown is lost.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const FIELDS = ["revenue", "refunds", "processor_fees", "adjustments", "trading_realised", "trading_unrealised",
    "trading_fees", "api_cost", "operating_cost", "other_income"];
  const ASKED = ["net", "revenue", "trading_realised", "trading_unrealised", "trading_fees", "api_cost"];
  const SECOND = 1000;
  const MINUTE = 60 * SECOND;
  const REREAD_MS = 10 * MINUTE;
  const ANSWER_MS = 30 * SECOND;
  /** A point every five seconds is as fine as the screen is, and only an hour's chart shows it. */
  const FINE_MS = 5 * SECOND;
  /** What came last is read snapshot by snapshot, for an hour's chart and a little more; but no more than so many. */
  const RECENT_MS = 70 * MINUTE;
  const MOST_RECENT = 420;
  /** Older minutes that are; more than a few are only where completeness, or ticks, come and go. */
  const MOST_FINE = 12;

  /**
   * @typedef {{since: number, at: number, values: Record<string, bigint | null>, path: {at: number, net: bigint, within?: number}[], high: bigint | null, low: bigint | null, lowAt: number,
   *   drop: bigint, dropAt: number, sure: boolean}} Point see course.js
   * @typedef {{since: number, until: number, reason: string}} Gap
   * @typedef {{day: string, points: Point[], gaps: Gap[], revision: number, moves: number, settled: number}} Day
   *   `revision` grows when other points than the last are changed, `moves` when the net is another one; those before
   *   `settled` stand for a whole minute
   */

  /** @type {{rows: any[], gaps: Gap[], next: string | null}} */
  const NOTHING = { rows: [], gaps: [], next: null };

  class Past {
    /** @param {{url: string, zone: string, everySeconds: number, recentMs?: number, asOf?: string | null, fetch: Fetch, changed: () => void}} parts */
    constructor({ url, zone, everySeconds, recentMs = RECENT_MS, asOf = null, fetch, changed }) {
      this.url = url;
      this.asOf = asOf;
      this.zone = zone;
      this.everySeconds = everySeconds;
      this.recentMs = recentMs;
      this.fetch = fetch;
      this.changed = changed;
      /** @type {Day | null} what panels draw: null until the history has answered, or failed to */
      this.today = null;
      /** @type {Day | null} */
      this.before = null;
      /** @type {Day | null} the day that snapshots go into */
      this.growing = null;
      this.readAt = 0;
      this.busy = false;
      /** Whether something is missing since it was read. */
      this.missed = false;
      /** @type {{at: number, before: Day, found: (Point & {name: string}) | null} | null} the last answer of `sameTimeBefore` */
      this.compared = null;
    }

    /** Take a snapshot into the day; read the day again when it is new, old, or has missed something. @param {Snapshot} snapshot */
    async follow(snapshot) {
      const at = Date.parse(snapshot.as_of);
      const fresh = this.growing?.day !== snapshot.day;
      if (fresh) this.growing = { day: snapshot.day, points: [], gaps: [], revision: 0, moves: 0, settled: 0 };
      const last = this.growing?.points.at(-1)?.at ?? 0;
      // One tick that did not come is enough of a gap for the history to tell.
      this.missed ||= at - last > 1.5 * this.everySeconds * SECOND;
      this.append(snapshot, at);
      const waited = at - this.readAt;
      if (fresh || waited > REREAD_MS || (this.missed && waited > MINUTE)) await this.read(snapshot, at);
    }

    /** @param {Snapshot} snapshot @param {number} at */
    append(snapshot, at) {
      const { nano } = northstar.money;
      const { point, joined } = northstar.course;
      const { stretch, thin } = northstar.minutes;
      const day = /** @type {Day} */ (this.growing);
      const { points } = day;
      /** @type {Record<string, bigint | null>} */
      const values = { net: nano(snapshot.net) };
      for (const field of FIELDS) values[field] = nano(snapshot.lines[field] ?? null);
      const next = point(at, values, snapshot.complete !== false);
      // A server whose clock was set back tells what is from now on.
      while (points.length && points[points.length - 1].at > at) {
        points.pop();
        day.revision += 1;
        day.settled = Math.min(day.settled, points.length);
      }
      const last = points.at(-1);
      if (last?.values.net !== values.net) day.moves += 1;
      const before = points.at(-2);
      // Where the line begins again must stay to be seen.
      const begins = before && last && parted(before, last, day.gaps, longest(this.everySeconds));
      if (last && !begins && last.sure === next.sure && stretch(last.at, FINE_MS) === stretch(at, FINE_MS)) points[points.length - 1] = joined(last, next);
      else points.push(next);
      thin(day, at);
    }

    /** @param {Snapshot} snapshot @param {number} at */
    async read(snapshot, at) {
      if (this.busy) return;
      this.busy = true;
      this.readAt = at;
      this.missed = false;
      try {
        const yesterday = northstar.zone.dayAfter(snapshot.day, -1);
        const [today, before] = await Promise.all([this.day(snapshot.day, at), this.before?.day === yesterday ? this.before : this.day(yesterday, at)]);
        this.before = before;
        this.took(today);
      } catch {
        // The figures stand without their past; a later snapshot asks again.
        this.readAt = at - REREAD_MS + 5 * this.everySeconds * SECOND;
        this.took(/** @type {Day} */ (this.growing));
      } finally {
        this.busy = false;
      }
      this.changed();
    }

    /** @param {Day} read what was read of a day, or only seen */
    took(read) {
      const seen = /** @type {Day} */ (this.growing);
      // Midnight may have passed meanwhile: then the new day has been asked for, or will be.
      if (read.day !== seen.day) return void (this.readAt = 0);
      if (read.points !== seen.points) {
        read.points = northstar.minutes.merged(read.points, seen.points);
        read.settled = 0;
        northstar.minutes.thin(read, read.points.at(-1)?.at ?? 0);
      }
      this.growing = this.today = read;
    }

    /** @param {string} day @param {number} now epoch ms @returns {Promise<Day>} */
    async day(day, now) {
      const from = northstar.zone.dayStart(day, this.zone);
      const to = northstar.zone.dayStart(northstar.zone.dayAfter(day), this.zone);
      const recent = Math.min(this.recentMs, MOST_RECENT * this.everySeconds * SECOND);
      const turn = recent ? Math.min(to, Math.max(from, Math.floor((now - recent) / MINUTE) * MINUTE)) : to;
      let [old, last] = await Promise.all([this.stretch(from, turn, "1m"), this.stretch(turn, Math.min(to, now + 1), "raw")]);
      // They came faster then, and are more than can be had at once.
      if (last.next) [old, last] = [await this.stretch(from, to, "1m"), NOTHING];
      const gaps = [...old.gaps, ...last.gaps.filter(({ since }) => !old.gaps.some((gap) => gap.since === since))];
      const fine = await this.fine(northstar.minutes.mixed(old.rows, gaps).slice(-MOST_FINE));
      const minutes = old.rows.flatMap((/** @type {any} */ row) => (fine[row.at]?.length ? fine[row.at] : northstar.minutes.within(row, ASKED, now, gaps)));
      return { day, points: [...minutes, ...northstar.minutes.each(last.rows, ASKED)], gaps, revision: 0, moves: 0, settled: 0 };
    }

    /**
     * Rows and gaps of a stretch of time, none where it has no length; `next` where there are more rows.
     * @param {number} from @param {number} to epoch ms @param {string} step @returns {Promise<{rows: any[], gaps: Gap[], next: string | null}>}
     */
    async stretch(from, to, step) {
      if (from >= to) return NOTHING;
      const { rows, gaps = [], next = null } = await this.rows(from, to, step);
      return { rows, next, gaps: gaps.map((/** @type {any} */ gap) => ({ ...gap, since: Date.parse(gap.since), until: Date.parse(gap.until) })) };
    }

    /** Every snapshot of some minutes, by their beginnings. @param {string[]} minutes @returns {Promise<Record<string, Point[]>>} */
    async fine(minutes) {
      const found = await Promise.all(minutes.map(async (at) => [at, northstar.minutes.each((await this.rows(Date.parse(at), Date.parse(at) + MINUTE, "raw")).rows, ASKED)]));
      return Object.fromEntries(found);
    }

    /** Rows of the history. @param {number} from @param {number} to epoch ms @param {string} step */
    async rows(from, to, step) {
      const query = new URLSearchParams({ from: new Date(from).toISOString(), to: new Date(to).toISOString(), step, fields: ASKED.join(","), ...(this.asOf ? { as_of: this.asOf } : {}) });
      const answer = await this.fetch(`${this.url}?${query}`, { signal: AbortSignal.timeout(ANSWER_MS) });
      if (!answer.ok) throw new Error(`the history answered ${answer.status}`);
      return answer.json();
    }

    /**
     * When the net came to an amount: the first snapshot of it, where only the minute is known.
     * @param {{at: number, net: bigint, within?: number}} moment see course.js
     */
    async momentOf({ at, net, within }) {
      if (within === undefined) return at;
      const rows = await this.rows(within, within + MINUTE, "raw").then((body) => body.rows, () => []);
      const found = rows.find((/** @type {any} */ row) => northstar.money.nano(row.net.close) === net);
      return found ? Date.parse(found.at) : at;
    }

    /**
     * The figures of the day before at the same time of day; null when they are not kept.
     * @param {number} at epoch ms
     * @returns {(Point & {name: string}) | null}
     */
    sameTimeBefore(at) {
      const { before } = this;
      if (!before?.points.length) return null;
      if (this.compared?.at !== at || this.compared.before !== before) this.compared = { at, before, found: this.nearest(before, at) };
      return this.compared.found;
    }

    /** @param {Day} before @param {number} at */
    nearest(before, at) {
      const { wall, weekday } = northstar.zone;
      const wanted = wall(at, this.zone) - 86_400_000;
      let found = null;
      for (const known of before.points) {
        if (wall(known.at, this.zone) > wanted) break;
        found = known;
      }
      return found && wanted - wall(found.at, this.zone) < 10 * MINUTE ? { ...found, name: weekday(before.day) } : null;
    }
  }

  /** How many ms may lie between two snapshots before nothing is known between them: three ticks. @param {number} everySeconds */
  const longest = (everySeconds) => 3 * everySeconds * SECOND;

  /**
   * Whether nothing is known between two neighbours, so that a line breaks there: the server tells a gap, however
   * short, or too much time lies between the end of the one and the beginning of the other.
   * @param {Point} before @param {Point} after @param {{since: number, until: number}[]} gaps @param {number} most ms that may lie between neighbours
   */
  const parted = (before, after, gaps, most) => after.since - before.at > most || gaps.some((gap) => gap.since < after.at && gap.until > before.at);

  northstar.past = { Past, parted, longest };
}
