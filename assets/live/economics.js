/**
 * What API use costs per dollar made, and against its budget: the days before today as the server tells
 * them, and today from the snapshot that the page shows. The same rules as the server's.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const REVENUE = ["revenue", "refunds", "processor_fees", "adjustments"];
  const TRADING = ["trading_realised", "trading_unrealised", "trading_fees"];
  const ONE = 1_000_000_000n;
  const MILLIONTH = 1000n;
  const DAY_MS = 86_400_000n;

  /** `amount` × `part` ÷ `whole` to the nearest multiple of `unit`, half to even. @param {bigint} amount @param {bigint} part @param {bigint} whole */
  const share = (amount, part, whole, unit = 1n) => northstar.money.rounded(amount * part, whole * unit) * unit;

  /** @param {(bigint | null)[]} amounts the sum of those that are known; null where none is */
  const known = (amounts) => amounts.reduce((all, amount) => (amount === null ? all : (all ?? 0n) + amount), /** @type {bigint | null} */ (null));

  /** What lines add up to; null where one is not known. @param {Record<string, string | null>} lines @param {string[]} names */
  function whole(lines, names) {
    const amounts = names.map((name) => northstar.money.nano(lines[name]));
    return amounts.some((amount) => amount === null) ? null : known(amounts);
  }

  /**
   * What API use costs per dollar of a result, of the days of which both are known.
   * @param {{cost: string, result: string, days: number} | null} earlier the days before; null for today alone
   * @param {bigint | null} cost @param {bigint | null} result of today
   */
  function ratio(earlier, cost, result) {
    const { nano } = northstar.money;
    const both = cost !== null && result !== null;
    const days = (earlier?.days ?? 0) + (both ? 1 : 0);
    if (!days) return { cost, result, days, ratio: null, reason: cost === null ? "cost_not_known" : "result_not_known" };
    const sums = { cost: nano(earlier?.cost ?? "0") + (both ? cost : 0n), result: nano(earlier?.result ?? "0") + (both ? result : 0n), days };
    if (sums.result <= 0n) return { ...sums, ratio: null, reason: "not_above_zero" };
    return { ...sums, ratio: share(ONE, sums.cost, sums.result, MILLIONTH), reason: null };
  }

  /**
   * Whether the budget lasts, and the day on which it does not any more.
   * @param {any} told what the server says of the month @param {bigint} cost @param {number} asOf epoch ms @param {string} today @param {string} zone
   * @returns {{course: string, usedUpOn: string | null}}
   */
  function course(told, cost, asOf, today, zone) {
    const { nano } = northstar.money;
    const budget = nano(told.budget);
    const { over_on: over, rate_cost: rated, rate_ms: ms } = told.before_today;
    if (budget === null) return { course: "no_budget", usedUpOn: null };
    if (over || cost >= budget) return { course: "used_up", usedUpOn: over ?? today };
    if (!ms) return { course: "no_rate", usedUpOn: null };
    const rate = nano(rated);
    if (rate <= 0n) return { course: "not_this_month", usedUpOn: null };
    const lasts = ((budget - cost) * BigInt(ms) + rate - 1n) / rate;
    if (lasts >= BigInt(Date.parse(told.month.ends_at) - asOf)) return { course: "not_this_month", usedUpOn: null };
    return { course: "this_month", usedUpOn: northstar.range.dayOf(asOf + Number(lasts), zone) };
  }

  /**
   * All that the page shows of it.
   * @param {any} told as `GET /api/pnl/economics` answers @param {{as_of: string, day: string, lines: Record<string, string | null>}} snapshot @param {string} zone
   */
  function economics(told, snapshot, zone) {
    const { nano } = northstar.money;
    const line = nano(snapshot.lines.api_cost);
    const today = line === null ? null : -line;
    const asOf = Date.parse(snapshot.as_of);
    const { before_today: before } = told;
    const month = known([nano(before.cost), today]);
    const rated = before.rate_ms > 0;
    const left = BigInt(Math.max(0, Date.parse(told.month.ends_at) - asOf));
    const rate = nano(before.rate_cost);
    const ms = BigInt(before.rate_ms);
    const projected = rated ? (month ?? 0n) + share(rate, left, ms) : null;
    const budget = nano(told.budget);
    const of = (/** @type {bigint | null} */ amount) => (budget === null || amount === null ? null : share(ONE, amount, budget, MILLIONTH));
    const results = { per_trading: whole(snapshot.lines, TRADING), per_revenue: whole(snapshot.lines, REVENUE) };
    return {
      today, month, projected, budget, rate: rated ? rate : null, ratedDays: before.rate_ms / Number(DAY_MS), leftDays: Number(left) / Number(DAY_MS), perDay: rated ? share(rate, DAY_MS, ms) : null, used: of(month), projectedUse: of(projected), notKnown: before.not_known + (today === null ? 1 : 0),
      ...course(told, month ?? 0n, asOf, snapshot.day, zone),
      perTrading: { today: ratio(null, today, results.per_trading), month: ratio(before.trading, today, results.per_trading) },
      perRevenue: { today: ratio(null, today, results.per_revenue), month: ratio(before.revenue, today, results.per_revenue) },
    };
  }

  northstar.economics = { economics, ratio };
}
