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
      return { days, total };
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
        const [series, lines] = await Promise.all([course(signal, span, days ? daysOf(signal) : null), days ? null : history(signal, whole(span, ms), ms <= FINE ? step : "15m", LINES)]);
        return { ...of, series, grown: lines && northstar.series.grown(lines, LINES, zone) };
      });
      if (compared)
        take("before", async (signal) => {
          const known = before.days ? this.days(before.days.from, before.days.to, asOf, signal) : null;
          return { ...of, span: before, series: await course(signal, before, known), total: (await known)?.total ?? null, count: (await known)?.days.filter((/** @type {any} */ { net }) => net !== null).length ?? null };
        });
      take("days", async (signal) => ({ ...of, from, to, ...(await daysOf(signal)) }));
      take("breakdown", async (signal) => ({ ...of, from, to, ...(await this.read(this.url("breakdown", { from, to, by: state.by, as_of: asOf }), signal)) }));
      take("drove", async (signal) => {
        const [series, model, customer] = await Promise.all(["series", "model", "customer"].map((by) => this.read(this.url("breakdown", { from, to, by, as_of: asOf }), signal)));
        return { from, to, ...northstar.drove.together(series, model, customer) };
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
