/** Reads all that the history page shows of a range, each part on its own; what was asked for before is given up. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const LINES = ["revenue", "refunds", "processor_fees", "adjustments", "api_cost", "operating_cost", "trading_realised", "trading_unrealised", "trading_fees", "other_income"];
  const PARTS = ["history", "before", "days", "breakdown", "drove", "heat"];
  const HEAT_DAYS = 182;
  const MOST_DAYS = 366;
  /** Steps of whole days need no rows of the history. */
  const DAILY = ["1d", "1w"];

  class Loader {
    /** @param {{root: string, zone: string, everySeconds: number, read: (url: string, signal?: AbortSignal) => Promise<any>, changed: () => void}} parts */
    constructor({ root, zone, everySeconds, read, changed }) {
      this.root = root;
      this.zone = zone;
      this.everySeconds = everySeconds;
      this.read = read;
      this.changed = changed;
      /** @type {Record<string, AbortController>} what gives up the reading of a part */
      this.aborts = {};
      /** @type {Record<string, any>} what has been read, by part */
      this.found = {};
      /** @type {Record<string, string>} what could not be, by part */
      this.wrong = {};
      /** @type {Set<string>} */
      this.asked = new Set();
      /** @type {string | null} the first company day that is kept */
      this.first = null;
      this.at = 0;
    }

    /** @param {string} path @param {Record<string, string | undefined>} query */
    url(path, query) {
      const given = Object.entries(query).filter(([, value]) => value);
      return `${this.root}api/pnl/${path}?${new URLSearchParams(/** @type {[string, string][]} */ (given))}`;
    }

    /** Read a part; an older reading of it is given up. @param {string} part @param {(signal: AbortSignal) => Promise<any>} ask */
    async take(part, ask) {
      this.aborts[part]?.abort();
      const mine = (this.aborts[part] = new AbortController());
      this.asked.add(part);
      try {
        const found = await ask(mine.signal);
        if (mine !== this.aborts[part] || mine.signal.aborted) return;
        this.found[part] = found;
        delete this.wrong[part];
      } catch (error) {
        if (mine !== this.aborts[part] || mine.signal.aborted) return;
        delete this.found[part];
        this.wrong[part] = error instanceof Error ? error.message : String(error);
      }
      this.asked.delete(part);
      this.changed();
    }

    /** The company days of a range, all of them. @param {string} from @param {string} to @param {string} asOf @param {AbortSignal} signal */
    async days(from, to, asOf, signal) {
      const days = [];
      let total = null;
      for (let next = /** @type {string | null} */ (from); next !== null; ) {
        const body = await this.read(this.url("days", { from: next, to, as_of: asOf, limit: String(MOST_DAYS) }), signal);
        days.push(...body.days);
        total ??= body.total;
        next = body.next;
      }
      // Of today it is what the newest snapshot shows: whatever is opened later is opened as known then.
      const seen = northstar.range.dayOf(Date.now(), this.zone) === days.at(-1)?.day ? days.at(-1).as_seen : null;
      return { days, total, pin: seen && !asOf ? new Date(Date.parse(seen.as_of) + 1).toISOString() : asOf };
    }

    /** A figure of a range as the server explains it: what is shown is what opens. @param {string} figure @param {Record<string, string | undefined>} range @param {AbortSignal} signal */
    explained(figure, range, signal) {
      return this.read(this.url("explain", { figure, ...range }), signal);
    }

    /** The first snapshot of a stretch of time; null where there is none. @param {string} from @param {string} to @param {AbortSignal} signal */
    async opens(from, to, signal) {
      return (await this.read(this.url("history", { from, to, step: "raw", fields: ["cumulative_net", ...LINES].join(","), limit: "1" }), signal)).rows[0] ?? null;
    }

    /**
     * The two snapshots that a range of hours is counted from and to, what the net grew by between them, and when the
     * first within it was made; null where none is kept. What comes while the rest is read is not in it: `to` is just after the second.
     * @param {any} span @param {string} asOf @param {AbortSignal} signal
     */
    async ends(span, asOf, signal) {
      const until = Math.min(span.until, asOf ? Date.parse(asOf) + 1 : Infinity);
      if (until <= span.since) return null;
      const [from, to] = [span.since, until].map((at) => new Date(at).toISOString());
      const first = await this.opens(from, to, signal);
      if (!first) return null;
      const { amount, at } = await this.explained("net", { from, to }, signal);
      const single = (/** @type {string} */ when) => this.opens(when, new Date(Date.parse(when) + 1).toISOString(), signal);
      const begin = at.begins === first.at ? first : await single(at.begins);
      return { from, to: new Date(Date.parse(at.as_of) + 1).toISOString(), net: northstar.money.nano(amount), first: Date.parse(first.at), begin, last: () => single(at.as_of) };
    }

    /**
     * How far the net went, by every complete snapshot of a range; null where nothing is known of it.
     * @param {Record<string, string | undefined>} range days, as known at an instant; or the instants of two snapshots @param {bigint | null} base the net at the first of these, whose highest and lowest are asked for, too; null for days @param {AbortSignal} signal
     */
    async course(range, base, signal) {
      const both = base !== null;
      const { nano } = northstar.money;
      const [told, high, low] = await Promise.all(["max_drawdown", ...(both ? ["highest_net", "lowest_net"] : [])].map((figure) => this.explained(figure, range, signal)));
      const moments = (told.children ?? []).slice(0, 2).flatMap((/** @type {any} */ { title, amount }) => {
        const when = /(\S+) (\d\d:\d\d:\d\d)$/.exec(title);
        return when ? [{ at: Date.parse(northstar.then.instantOf(`${when[1]}T${when[2]}`, this.zone)), net: /** @type {bigint} */ (nano(amount)) - (base ?? 0n) }] : [];
      });
      const fall = { amount: nano(told.amount), when: (told.children?.[0]?.title ?? "").replace(/^[^,]*, /, ""), moments: moments.reverse() };
      return both ? { fall, high: nano(high.amount), low: nano(low.amount) } : { fall };
    }

    /** The first company day that is kept. */
    async begin() {
      const body = await this.read(this.url("days", { limit: "1" }));
      this.first = body.days[0]?.day ?? null;
    }

    /**
     * Read what is shown of a range.
     * @param {any} span @param {any} state @param {string} step @param {boolean} anew whether it is another one: what is shown of the old one goes
     * @param {string[]} only the parts that are read; everything else stays as it is
     */
    load(span, state, step, anew, only = PARTS) {
      if (only === PARTS) {
        this.stop();
        this.asked.clear();
      }
      if (only.includes("history")) this.at = Date.now();
      if (anew)
        for (const part of only) {
          delete this.found[part];
          delete this.wrong[part];
        }
      const { zone } = this;
      const asOf = state.asOf;
      const of = { span, state, step };
      const take = (/** @type {string} */ part, /** @type {(signal: AbortSignal) => Promise<any>} */ ask) => {
        if (only.includes(part)) void this.take(part, ask);
      };
      /** The company days that a stretch of time touches. @param {{since: number, until: number}} span @returns {[string, string]} */
      const touched = ({ since, until }) => [northstar.range.dayOf(since, zone), northstar.zone.dayAfter(northstar.range.dayOf(until - 1, zone))];
      const history = (/** @type {AbortSignal} */ signal, /** @type {any} */ { since, until }, /** @type {string} */ size, /** @type {string[]} */ fields) =>
        this.read(this.url("history", { from: new Date(since).toISOString(), to: new Date(until).toISOString(), step: size, fields: fields.join(","), limit: "3000", as_of: asOf }), signal);
      const before = northstar.range.before(span, zone);
      const { days } = span;
      const [from, to] = days ? [days.from, days.to] : touched(span);
      const ms = northstar.address.length(step, this.everySeconds);
      const compared = state.compare === "previous" && before !== null;
      if (!compared) delete this.found.before;
      /** @type {Promise<any> | null} the days of the range, which two parts need */
      let told = null;
      const daysOf = (/** @type {AbortSignal} */ signal) => (told ??= this.days(from, to, asOf, signal));
      /** The course of whole days. @param {AbortSignal} signal @param {any} range @param {Promise<any>} known */
      const ofDays = async (signal, range, known) => {
        const [answer, whole] = await Promise.all([DAILY.includes(step) ? null : history(signal, range, step, ["net"]), known]);
        return northstar.known.series(whole.days, answer, step, ms, zone, Math.min(range.until, asOf ? northstar.pastNotice.instantOf(asOf, zone) : Infinity, Date.now()));
      };
      /** The course between two snapshots. @param {AbortSignal} signal @param {any} range @param {any} ends @param {any} [extremes] */
      const ofHours = async (signal, range, ends, extremes = {}) => {
        const answer = await history(signal, { since: range.since, until: ends ? Date.parse(ends.to) : range.until }, step, ["cumulative_net"]);
        const series = northstar.series.series(answer, "cumulative_net", ms, northstar.money.nano(ends?.begin.cumulative_net.close ?? null));
        return ends ? northstar.series.between(series, { ...ends, ...extremes }) : { ...series, bars: [], end: null };
      };
      /** What figures grew by between two snapshots. @param {any} ends @param {Promise<any>} known the days that they touch */
      const grown = async (ends, known) => {
        const [end, { days: each }] = await Promise.all([ends.last(), known]);
        return northstar.series.grown(each, { begin: ends.begin, end }, zone);
      };
      take("history", async (signal) => {
        if (days) {
          const told = await daysOf(signal);
          const [series, course] = await Promise.all([ofDays(signal, span, daysOf(signal)), told.total.net === null ? null : this.course({ ...days, as_of: asOf }, null, signal)]);
          return { ...of, series, grown: null, course };
        }
        const ends = await this.ends(span, asOf, signal);
        if (!ends) return { ...of, series: await ofHours(signal, span, null), grown: {}, course: null, bare: true };
        const range = { from: ends.from, to: ends.to };
        const base = northstar.money.nano(ends.begin.cumulative_net.close);
        const [course, grew] = await Promise.all([base === null ? null : this.course(range, base, signal), grown(ends, daysOf(signal))]);
        const series = await ofHours(signal, span, ends, course ?? {});
        return { ...of, series, grown: grew, course, range, first: ends.first };
      });
      if (compared)
        take("before", async (signal) => {
          if (!before.days) {
            const ends = await this.ends(before, asOf, signal);
            const [series, grew] = await Promise.all([ofHours(signal, before, ends), ends ? grown(ends, this.days(...touched(before), asOf, signal)) : {}]);
            return { ...of, span: before, series, grown: grew, first: ends?.first ?? null, total: null, days: null };
          }
          const known = this.days(before.days.from, before.days.to, asOf, signal);
          return { ...of, span: before, series: await ofDays(signal, before, known), total: (await known).total, days: (await known).days };
        });
      take("days", async (signal) => ({ ...of, from, to, ...(await daysOf(signal)) }));
      /** A breakdown of the very net that the days have: where a tick came between, it is asked for as known then. @param {string} by @param {AbortSignal} signal */
      const broken = async (by, signal) => {
        const days_ = only.includes("days") ? daysOf(signal).catch(() => null) : this.found.days;
        const ask = (/** @type {string} */ at) => this.read(this.url("breakdown", { from, to, by, as_of: at }), signal);
        const [answer, known] = await Promise.all([ask(asOf), days_]);
        const same = !known?.pin || known.from !== undefined && known.from !== from || answer.net === known.total?.net;
        return { pin: known?.pin ?? asOf, ...(same ? answer : await ask(known.pin)) };
      };
      take("breakdown", async (signal) => ({ ...of, from, to, ...(await broken(state.by, signal)) }));
      take("drove", async (signal) => {
        const [series, model, customer] = await Promise.all(["series", "model", "customer"].map((by) => broken(by, signal)));
        return { from, to, pin: series.pin, ...northstar.drove.together(series, model, customer) };
      });
      take("heat", async (signal) => {
        const last = northstar.zone.dayAfter(to, -1);
        const first = northstar.range.known(northstar.zone.dayAfter(last, 1 - HEAT_DAYS));
        return { last, first, ...(await this.days(first, to, asOf, signal)) };
      });
    }

    /** Give up what is being read. */
    stop() {
      for (const abort of Object.values(this.aborts)) abort.abort();
    }
  }

  northstar.historyLoad = { Loader, LINES, HEAT_DAYS };
}
