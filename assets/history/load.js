/** Reads all that the history page shows of a range, each part on its own; what was asked for before is given up. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const LINES = ["revenue", "refunds", "processor_fees", "adjustments", "api_cost", "operating_cost", "trading_realised", "trading_unrealised", "trading_fees", "other_income"];
  const PARTS = ["history", "before", "days", "breakdown", "drove", "heat"];
  const HEAT_DAYS = 182;
  const MOST_DAYS = 366;
  const FINE = 900_000;
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

    /**
     * A figure of the course of a range as the server explains it: what is shown is what opens. Null where nothing is known.
     * @param {string} figure @param {Record<string, string | undefined>} range @param {AbortSignal} signal
     */
    async explained(figure, range, signal) {
      try {
        return await this.read(this.url("explain", { figure, ...range }), signal);
      } catch (error) {
        if (/** @type {any} */ (error).status === 400) return null;
        throw error;
      }
    }

    /**
     * How far the net went over a range, by every complete snapshot of it.
     * @param {any} span @param {string} asOf @param {AbortSignal} signal
     */
    async course(span, asOf, signal) {
      const { nano } = northstar.money;
      const to = Math.min(span.until, asOf ? Date.parse(asOf) + 1 : Infinity);
      const range = span.days ? { ...span.days, as_of: asOf } : { from: new Date(span.since).toISOString(), to: new Date(to).toISOString() };
      const told = await this.explained("max_drawdown", range, signal);
      if (!told) return null;
      const fall = { amount: nano(told.amount), when: (told.children?.[0]?.title ?? "").replace(/^[^,]*, /, "") };
      if (span.days) return { fall };
      // What comes while the rest is read is not in it: it ends with the snapshot that this one ended with.
      const until = new Date(Date.parse(told.at.as_of) + 1).toISOString();
      const [high, low] = await Promise.all(["highest_net", "lowest_net"].map((figure) => this.explained(figure, { from: range.from, to: until }, signal)));
      const single = (/** @type {string} */ at) => this.read(this.url("history", { from: at, to: new Date(Date.parse(at) + 1).toISOString(), step: "raw", fields: ["cumulative_net", ...LINES].join(","), limit: "1" }), signal);
      const [begin, end] = (await Promise.all([single(told.at.begins), single(told.at.as_of)])).map(({ rows }) => rows[0] ?? null);
      return { fall, high: nano(high?.amount ?? null), low: nano(low?.amount ?? null), begin, end, from: range.from, to: until };
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
      const history = (/** @type {AbortSignal} */ signal, /** @type {any} */ { since, until }, /** @type {string} */ size, /** @type {string[]} */ fields) =>
        this.read(this.url("history", { from: new Date(since).toISOString(), to: new Date(until).toISOString(), step: size, fields: fields.join(","), limit: "3000", as_of: asOf }), signal);
      const before = northstar.range.before(span, zone);
      const { days } = span;
      const [from, to] = days ? [days.from, days.to] : [northstar.range.dayOf(span.since, zone), northstar.zone.dayAfter(northstar.range.dayOf(span.until - 1, zone))];
      const ms = northstar.address.length(step, this.everySeconds);
      const compared = state.compare === "previous";
      if (!compared) delete this.found.before;
      /** @type {Promise<any> | null} the days of the range, which two parts need */
      let told = null;
      const daysOf = (/** @type {AbortSignal} */ signal) => (told ??= this.days(from, to, asOf, signal));
      /** @param {AbortSignal} signal @param {any} range @param {Promise<any> | null} known its days, where it is of whole ones */
      const course = async (signal, range, known) => {
        if (!known) return northstar.series.series(await history(signal, range, step, ["cumulative_net"]), "cumulative_net", ms);
        const [answer, whole] = await Promise.all([DAILY.includes(step) ? null : history(signal, range, step, ["net"]), known]);
        return northstar.known.series(whole.days, answer, step, ms, zone);
      };
      // The curve is of whole steps: what the lines grew by is over the same stretch of time.
      const whole = (/** @type {any} */ { since, until }, /** @type {number} */ size) => (size > FINE ? { since: Math.floor(since / size) * size, until: Math.ceil(until / size) * size } : { since, until });
      take("history", async (signal) => {
        if (days) {
          const [series, told] = await Promise.all([course(signal, span, daysOf(signal)), this.course(span, asOf, signal)]);
          return { ...of, series, grown: null, course: told };
        }
        const told = await this.course(span, asOf, signal);
        const range = told ? { since: span.since, until: Date.parse(told.to) } : span;
        const [answer, lines] = await Promise.all([history(signal, range, step, ["cumulative_net"]), history(signal, whole(range, ms), ms <= FINE ? step : "15m", LINES)]);
        const { nano } = northstar.money;
        const series = northstar.series.series(answer, "cumulative_net", ms, nano(told?.begin?.cumulative_net.close ?? null));
        const end = nano(told?.end?.cumulative_net.close ?? null);
        if (end !== null && series.base !== null) series.end = end - series.base;
        return { ...of, series, grown: northstar.series.grown(lines, LINES, zone, told), course: told };
      });
      if (compared)
        take("before", async (signal) => {
          const known = before.days ? this.days(before.days.from, before.days.to, asOf, signal) : null;
          return { ...of, span: before, series: await course(signal, before, known), total: (await known)?.total ?? null, count: (await known)?.days.filter((/** @type {any} */ { net }) => net !== null).length ?? null };
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
        const first = northstar.zone.dayAfter(last, 1 - HEAT_DAYS);
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
