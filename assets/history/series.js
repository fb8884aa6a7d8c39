/** What the history's rows come to over a range: the cumulative line, its candles, its largest fall, and where nothing is known. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** The figures that grow over a range beside its net, and the lines of each; they are called as their explanations are. @type {Record<string, string[]>} */
  const FIGURES = { revenue_total: ["revenue", "refunds", "processor_fees", "adjustments"], trading_total: ["trading_realised", "trading_unrealised"], trading_fees: ["trading_fees"], api_cost: ["api_cost"], other_total: ["operating_cost", "other_income"] };

  /** @typedef {{at: number, until: number, open: bigint | null, high: bigint | null, low: bigint | null, close: bigint | null, fell?: {open: bigint, high: bigint, low: bigint, close: bigint}}} Bar epoch ms of its start; nano-dollars since the range began */
  /** @typedef {{bars: Bar[], gaps: {since: number, until: number, reason: string}[], step: number, base: bigint | null, end: bigint | null, high: bigint | null, low: bigint | null, fall: {amount: bigint, at: number} | null}} Series */

  /** Takes an amount to the nearer of two others where it lies beyond them. @param {bigint | null} high @param {bigint | null} low */
  const clamped = (high, low) => (/** @type {bigint | null} */ amount) => (amount === null ? null : high !== null && amount > high ? high : low !== null && amount < low ? low : amount);

  /** Takes a net of a day to what its complete snapshots showed: what lies beyond is of incomplete ones, and does not count. @param {any} seen `as_seen` of the day, where there is one */
  const complete = (seen) => (seen?.partial === false ? clamped(northstar.money.nano(seen.high), northstar.money.nano(seen.low)) : clamped(null, null));

  /**
   * The bars of a figure, counted from what it was when the range began.
   * @param {any} answer of `/api/pnl/history` @param {string} figure @param {number} step ms @param {bigint | null} [ground] what they are counted from, where that is known @param {(amount: bigint | null) => bigint | null} [within] takes each amount to what counts of it
   * @returns {Series}
   */
  function series(answer, figure, step, ground = null, within = (amount) => amount) {
    const { nano } = northstar.money;
    /** @type {bigint | null} */
    let base = ground;
    const bars = answer.rows.map((/** @type {any} */ row) => {
      const told = row[figure];
      if (base === null) base = nano(told.open);
      const since = (/** @type {string | null} */ text) => (text === null || base === null ? null : /** @type {bigint} */ (within(nano(text))) - base);
      return { at: Date.parse(row.at), until: Date.parse(row.at) + step, open: since(told.open), high: since(told.high), low: since(told.low), close: since(told.close) };
    });
    const known = bars.filter((/** @type {Bar} */ bar) => bar.close !== null);
    const most = known.reduce((/** @type {bigint | null} */ high, /** @type {Bar} */ bar) => (bar.high !== null && (high === null || bar.high > high) ? bar.high : high), null);
    const least = known.reduce((/** @type {bigint | null} */ low, /** @type {Bar} */ bar) => (bar.low !== null && (low === null || bar.low < low) ? bar.low : low), null);
    const gaps = (answer.gaps ?? []).map((/** @type {any} */ gap) => ({ since: Date.parse(gap.since), until: Date.parse(gap.until), reason: gap.reason }));
    return { bars, gaps, step, base, end: known.at(-1)?.close ?? null, high: most, low: least, fall: deepest(bars) };
  }

  /**
   * The largest fall from the highest before, as far as it is certain: within one bar it is not told
   * whether the high or the low came first. What days were restated by is no fall: of bars that have it, `fell` counts,
   * which is the course as it was shown. @param {Bar[]} bars
   */
  function deepest(bars) {
    /** @type {bigint | null} */
    let peak = null;
    /** @type {{amount: bigint, at: number} | null} */
    let found = null;
    for (const { at, fell, ...told } of bars) {
      const bar = { at, ...(fell ?? told) };
      if (bar.low === null || bar.high === null || bar.close === null || bar.open === null) continue;
      if (peak === null || bar.open > peak) peak = bar.open;
      if (bar.low < peak && (found === null || bar.low - peak < found.amount)) found = { amount: bar.low - peak, at: bar.at };
      if (bar.high > peak) peak = bar.high;
      if (bar.close < peak && (found === null || bar.close - peak < found.amount)) found = { amount: bar.close - peak, at: bar.at };
    }
    return found;
  }

  /**
   * A bar as the stretch that a line goes through, lowest first where nobody knows better.
   * @param {Bar} bar @param {number} since @param {number} at where it is drawn from and to @param {{at: number, net: bigint}[]} moments that are known of all of the range
   */
  function through({ at: start, until, open, high, low, close }, since, at, moments) {
    const { along, point, way } = northstar.course;
    const end = { ...point(at, { net: close }), since };
    if (open === null || high === null || low === null || close === null) return end;
    const known = moments.filter((one) => one.at >= start && one.at < until && one.net <= high && one.net >= low);
    return along(end, way({ since, until: at, within: start }, { open, high, low, close }, known.map((one) => ({ ...one, at: Math.min(Math.max(one.at, since), at) }))));
  }

  /** How many bars are drawn as one stretch, so that a line has no more points than a chart may. @param {any[]} stretches */
  function together(stretches) {
    const { EACH, MOST } = northstar.course;
    const points = stretches.reduce((sum, { path }) => sum + path.length + 1, 0);
    return points > MOST ? Math.ceil((stretches.length * EACH) / MOST) : 1;
  }

  /**
   * Points of a line through the highest, the lowest and the end of bars; it breaks where bars are missing, and goes up to a gap and on from its end. x is wall clock.
   * @param {Series} of @param {string} zone @param {{shift?: number, until?: number, moments?: {at: number, net: bigint}[]}} [how] `shift` ms moves it, `until` is the last instant that there is, `moments` are those of which time and net are known
   */
  function line(of, zone, { shift = 0, until = Infinity, moments = [] } = {}) {
    const { wall } = northstar.zone;
    const { height } = northstar.money;
    /** @type {number[]} */
    const x = [];
    /** @type {(number | null)[]} */
    const y = [];
    const put = (/** @type {number} */ at, /** @type {bigint | null} */ net) => {
      const [when, much] = [wall(at + shift, zone), net === null ? null : height(net)];
      if (x.at(-1) === when && y.at(-1) === much) return;
      x.push(when);
      y.push(much);
    };
    let before = null;
    // One that is not to be seen at this step breaks no line.
    const gaps = of.gaps.filter((gap) => gap.until - gap.since > of.step / 60);
    /** @type {{stretch: any, first: bigint | null, parted: boolean, after: number | null}[]} */
    const drawn = [];
    for (const bar of of.bars) {
      const ended = gaps.find((gap) => gap.since < bar.at && gap.until >= bar.at && gap.until < bar.until);
      const begun = gaps.find((gap) => gap.since >= bar.at && gap.since < bar.until && gap.until >= bar.until);
      const parted = before === null || ended || bar.at - before > 0.5 * of.step;
      const end = begun?.since ?? bar.until;
      drawn.push({ stretch: through(bar, ended?.until ?? bar.at, Math.min(end, until), moments), first: bar.open, parted, after: before });
      before = end;
    }
    const many = together(drawn.map(({ stretch }) => stretch));
    for (let place = 0; place < drawn.length; ) {
      const { first, parted, after } = drawn[place];
      let { stretch } = drawn[place++];
      for (let more = 1; more < many && place < drawn.length && !drawn[place].parted; more += 1) stretch = northstar.course.joined(stretch, drawn[place++].stretch);
      if (parted && after !== null) put(after, null);
      if (parted) put(stretch.since, first);
      for (const { at, net } of northstar.course.inner(stretch)) put(at, net);
      put(stretch.at, stretch.values.net);
    }
    return { x, y };
  }

  /**
   * The middle of a shorter range: as wanted where something is known in reach of it, else that of the nearest bar of which something is.
   * @param {Bar[]} bars @param {number} middle epoch ms @param {number} reach half of the shorter range
   */
  function nearest(bars, middle, reach) {
    const known = bars.filter((bar) => bar.close !== null);
    if (!known.length || known.some((bar) => bar.at < middle + reach && bar.until > middle - reach)) return middle;
    const off = (/** @type {Bar} */ bar) => Math.abs((bar.at + bar.until) / 2 - middle);
    const { at, until } = known.reduce((best, bar) => (off(bar) < off(best) ? bar : best));
    return (at + until) / 2;
  }

  /** The points of the area below a line: at nothing wherever the line is broken. @param {{x: number[], y: (number | null)[]}} of */
  function ground({ x, y }) {
    /** @type {{x: number[], y: number[]}} */
    const made = { x: [], y: [] };
    const add = (/** @type {number} */ at, /** @type {number} */ value) => void (made.x.push(at), made.y.push(value));
    y.forEach((value, i) => {
      add(x[i], value ?? 0);
      if (value === null && i + 1 < x.length) add(x[i + 1], 0);
    });
    return made;
  }

  /**
   * How much figures grew between two snapshots, as the server explains it: they begin anew each company day, so
   * of each day but the last it is the last snapshot that counts. No stretch of the history has a part in it: one that
   * lies over a midnight, or begins before the range does, tells of more than was asked for.
   * @param {any[]} days of `/api/pnl/days`, all that lie between the two @param {{begin: any, end: any}} ends rows of `/api/pnl/history`, each of one snapshot @param {string} zone
   * @returns {Record<string, bigint | null>} null where nothing of it is known at an end
   */
  function grown(days, { begin, end }, zone) {
    const [first, last] = [begin, end].map(({ at }) => northstar.range.dayOf(Date.parse(at), zone));
    const ended = days.filter(({ day, as_seen }) => day >= first && day < last && as_seen !== null).map(({ as_seen }) => as_seen.lines);
    const linesOf = (/** @type {any} */ row) => Object.fromEntries(Object.values(FIGURES).flat().map((name) => [name, row[name].close]));
    const [before, after] = [linesOf(begin), linesOf(end)];
    return Object.fromEntries(Object.entries(FIGURES).map(([figure, names]) => {
      const sum = (/** @type {any} */ lines) => northstar.statement.sumOf(lines, names);
      const shown = [...ended, after].map(sum).filter((amount) => amount !== null);
      const began = sum(before);
      return [figure, began === null || !shown.length ? null : shown.reduce((all, amount) => all + amount, 0n) - began];
    }));
  }

  /**
   * The bars of a range that begins and ends at two snapshots: the first and the last stretch may hold more than lies
   * between them, and what lies outside of what complete snapshots showed there does not count.
   * @param {Series} of counted from the first of the two @param {{begin: any, net: bigint | null, high?: bigint | null, low?: bigint | null}} told @returns {Series}
   */
  function between(of, { begin, net, high = null, low = null }) {
    const within = clamped(high, low);
    const bars = of.bars.filter((bar) => bar.until > Date.parse(begin.at)).map((bar) => ({ ...bar, open: within(bar.open), high: within(bar.high), low: within(bar.low), close: within(bar.close) }));
    const known = bars.filter((bar) => bar.close !== null);
    if (!known.length || net === null) return { ...of, bars };
    const [first, last] = [known[0], /** @type {Bar} */ (known.at(-1))];
    first.open = 0n;
    last.close = net;
    for (const bar of new Set([first, last])) {
      const ends = /** @type {bigint[]} */ ([bar.open, bar.close].filter((amount) => amount !== null));
      bar.high = ends.reduce((most, amount) => (amount > most ? amount : most), bar.high ?? ends[0]);
      bar.low = ends.reduce((least, amount) => (amount < least ? amount : least), bar.low ?? ends[0]);
    }
    const most = (/** @type {(a: bigint, b: bigint) => boolean} */ beats, /** @type {"high" | "low"} */ name) => known.reduce((/** @type {bigint | null} */ best, bar) => (bar[name] !== null && (best === null || beats(bar[name], best)) ? bar[name] : best), null);
    return { ...of, bars, end: net, high: most((a, b) => a > b, "high"), low: most((a, b) => a < b, "low"), fall: deepest(bars) };
  }

  northstar.series = { FIGURES, series, line, ground, nearest, deepest, grown, between, complete };
}
