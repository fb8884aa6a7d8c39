/**
 * The course of whole company days: each day begins where the days before it, as they are known, end; within
 * it goes what was shown. So the line ends at the net of the range, also where days were not watched.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const DAY = 86_400_000;

  /** @param {bigint} a @param {bigint} b */
  const higher = (a, b) => (a > b ? a : b);
  /** @param {bigint} a @param {bigint} b */
  const lower = (a, b) => (a < b ? a : b);

  /** The net that a day was shown with last, within what complete snapshots showed; null where no snapshot ended it. @param {any} day */
  function ended(day) {
    const { nano } = northstar.money;
    const [net, most, least] = ["net", "high", "low"].map((name) => nano(day.as_seen?.[name] ?? null));
    return net === null ? null : most !== null && net > most ? most : least !== null && net < least ? least : net;
  }

  /** What a day was restated by since it was shown. @param {any} day @param {bigint} net */
  const restatedBy = (day, net) => net - (ended(day) ?? net);

  /** The bar of a whole day; what was shown tells how high and low it went. @param {any} day @param {bigint} before @param {bigint} restated by what the days before it were */
  function whole(day, before, restated) {
    const { nano } = northstar.money;
    const net = nano(day.net);
    if (net === null) return null;
    const close = before + net;
    const [most, least] = [nano(day.as_seen?.high ?? null), nano(day.as_seen?.low ?? null)];
    const ends = [before, close];
    const begun = before - restated;
    const fell = { open: begun, close: begun + (ended(day) ?? net) };
    const shown = [fell.open, fell.close, ...[most, least].map((amount) => begun + (amount ?? 0n))];
    return {
      fell: { ...fell, high: shown.reduce(higher), low: shown.reduce(lower) },
      at: Date.parse(day.start), until: Date.parse(day.end), open: before, close,
      high: most === null ? higher(ends[0], ends[1]) : higher(before + most, higher(ends[0], ends[1])), low: least === null ? lower(ends[0], ends[1]) : lower(before + least, lower(ends[0], ends[1])),
    };
  }

  /** What two stretches that follow each other come to. @param {any} first @param {any} second */
  const together = (first, second) => ({ close: second.close, high: higher(first.high, second.high), low: lower(first.low, second.low) });

  /**
   * Bars of days, or of weeks of them (from Monday on).
   * @param {any[]} days @param {boolean} weekly
   */
  function daily(days, weekly) {
    const bars = [];
    let sum = 0n;
    let restated = 0n;
    let week = "";
    for (const day of days) {
      const bar = whole(day, sum, restated);
      if (!bar) continue;
      restated += restatedBy(day, bar.close - bar.open);
      sum = bar.close;
      const monday = northstar.zone.dayAfter(day.day, -((new Date(`${day.day}T00:00:00Z`).getUTCDay() + 6) % 7));
      const last = bars.at(-1);
      if (weekly && last && monday === week) Object.assign(last, { until: bar.until, ...together(last, bar), fell: { ...last.fell, ...together(last.fell, bar.fell) } });
      else bars.push(bar);
      week = monday;
    }
    return bars;
  }

  /** Whether no snapshot of a day was made before an instant. @param {any} day @param {number} until @param {{since: number, until: number}[]} gaps */
  const unseen = (day, until, gaps) => !day?.as_seen || gaps.some((gap) => gap.since <= Date.parse(day.start) && gap.until >= until);

  /**
   * Bars finer than days: the rows of the net, each on top of the days before it.
   * A last day that is over ends at what is known of it, by a step of no length where that is not what was shown.
   * @param {any[]} days @param {any[]} rows @param {number} step ms @param {string} zone @param {{since: number, until: number}[]} gaps @param {number} until the last instant that there is
   */
  function fine(days, rows, step, zone, gaps, until) {
    const { nano } = northstar.money;
    /** @type {Map<string, any[]>} */
    const within = new Map();
    for (const row of rows) {
      // A stretch over midnight is told by its end, which is of the new day; unless nothing was shown of that by then.
      const [begin, end] = [Date.parse(row.at), Date.parse(row.at) + step];
      const [old, young] = [begin, end - 1].map((at) => northstar.range.dayOf(at, zone));
      const day = old !== young && unseen(days.find((one) => one.day === young), end, gaps) ? old : young;
      const held = within.get(day);
      if (held) held.push(row);
      else within.set(day, [row]);
    }
    const bars = [];
    let sum = 0n;
    let restated = 0n;
    for (const day of days) {
      const bar = whole(day, sum, restated);
      const mine = (within.get(day.day) ?? []).filter((row) => row.net.close !== null);
      if (!mine.length && bar) bars.push(bar);
      const within_ = northstar.series.complete(day.as_seen);
      const whole_ = (/** @type {string | null} */ text) => /** @type {bigint} */ (within_(nano(text) ?? 0n));
      for (const { at, net } of mine) {
        const begin = Date.parse(at);
        const close = sum + whole_(net.close);
        const crosses = begin < Date.parse(day.start);
        const before = crosses ? sum : sum + whole_(net.open);
        const went = {
          open: before, close,
          high: crosses ? higher(before, close) : sum + whole_(net.high), low: crosses ? lower(before, close) : sum + whole_(net.low),
        };
        const fell = Object.fromEntries(Object.entries(went).map(([name, amount]) => [name, amount - restated]));
        bars.push({ at: crosses ? Date.parse(day.start) : begin, until: begin + step, ...went, fell });
      }
      if (bar) {
        restated += restatedBy(day, bar.close - sum);
        sum = bar.close;
      }
    }
    const [last, end] = [bars.at(-1), Date.parse(days.at(-1)?.end)];
    const still = last?.fell.close;
    if (last && end <= until && last.close !== sum) bars.push({ fell: { open: still, high: still, low: still, close: still }, at: end, until: end, open: last.close, close: sum, high: higher(last.close, sum), low: lower(last.close, sum) });
    return bars;
  }

  /**
   * The series of a range of whole days.
   * @param {any[]} days of `/api/pnl/days`, oldest first @param {any} answer of `/api/pnl/history` with `net`; null for steps of days @param {string} step its name @param {number} ms its length @param {string} zone @param {number} [until] the last instant that there is
   */
  function series(days, answer, step, ms, zone, until = Infinity) {
    const gaps = (answer?.gaps ?? []).map((/** @type {any} */ gap) => ({ since: Date.parse(gap.since), until: Date.parse(gap.until), reason: gap.reason }));
    const bars = answer ? fine(days, answer.rows, ms, zone, gaps, until) : daily(days, step === "1w");
    return {
      bars, gaps, step: answer ? ms : DAY, base: 0n, end: bars.at(-1)?.close ?? null, fall: northstar.series.deepest(bars),
      high: bars.reduce((/** @type {bigint | null} */ most, bar) => (most === null ? bar.high : higher(most, bar.high)), null), low: bars.reduce((/** @type {bigint | null} */ least, bar) => (least === null ? bar.low : lower(least, bar.low)), null),
    };
  }

  northstar.known = { series };
}
