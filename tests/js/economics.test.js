"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
globalThis.northstar = { panels: [], actions: {} };
for (const file of ["live/money", "live/zone", "live/then", "history/range", "live/economics", "live/draw/economics"]) require(`../../assets/${file}.js`);
const { economics, economicsPanel, money } = globalThis.northstar;
const ZONE = "America/New_York";
const NOTHING = { cost: "0", result: "0", days: 0 };

/** What the server says of the days before 20 November; see tests/domain/test_economics.py for the same figures. */
const month = (change = {}, budget = null) => ({
  day: "2026-11-20", budget, month: { from: "2026-11-01", to: "2026-12-01", ends_at: "2026-12-01T05:00:00.000Z" },
  before_today: { cost: "70.00", trading: { cost: "70.00", result: "280.00", days: 7 }, revenue: { cost: "70.00", result: "700.00", days: 7 }, not_known: 0, rate_cost: "70.00", rate_ms: 604_800_000, over_on: null, ...change },
});
const snapshot = (lines = {}) => ({ as_of: "2026-11-20T17:00:00.000Z", day: "2026-11-20", lines: { revenue: "100.00", refunds: "0", processor_fees: "0", adjustments: "0", trading_realised: "50.00", trading_unrealised: "-8.00", trading_fees: "-2.00", api_cost: "-4.00", ...lines } });
const read = (told, lines) => economics.economics(told, snapshot(lines), ZONE);

test("today's lines are added to the days before, exactly", () => {
  const found = read(month());

  assert.deepEqual([found.month, found.perDay, found.projected], [money.nano("74"), money.nano("10"), money.nano("179")]);
  assert.deepEqual([found.perTrading.month.cost, found.perTrading.month.result, found.perTrading.month.days], [money.nano("74"), money.nano("320"), 8]);
  assert.equal(found.perTrading.month.ratio, money.nano("0.23125"));
  assert.equal(found.perRevenue.today.ratio, money.nano("0.04"));
});

test("the day on which the budget is used up is a company day", () => {
  assert.deepEqual([read(month({}, "100")).course, read(month({}, "100")).usedUpOn], ["this_month", "2026-11-23"]);
  assert.equal(read(month({}, "179")).course, "not_this_month");
  assert.equal(read(month({}, "178.99")).course, "this_month");
  assert.deepEqual([read(month({}, "74")).course, read(month({}, "74")).usedUpOn], ["used_up", "2026-11-20"]);
  assert.equal(read(month({ over_on: "2026-11-15" }, "30")).usedUpOn, "2026-11-15");
  assert.equal(read(month({ rate_cost: "0" }, "100")).course, "not_this_month");
});

test("without a whole day there is no rate, and without a budget no course", () => {
  const found = read(month({ rate_cost: "0", rate_ms: 0 }, "100"));

  assert.deepEqual([found.course, found.projected, found.perDay], ["no_rate", null, null]);
  assert.deepEqual([read(month()).course, read(month()).used], ["no_budget", null]);
});

test("a ratio of nothing, of a loss, or of what is not known is a dash with its reason", () => {
  const of = (lines) => read(month({ trading: NOTHING }), lines).perTrading.month;

  assert.deepEqual([of({ trading_realised: "10.00" }).ratio, of({ trading_realised: "10.00" }).reason], [null, "not_above_zero"]);
  assert.equal(of({ trading_realised: "-50.00" }).reason, "not_above_zero");
  assert.equal(of({ trading_unrealised: null }).reason, "result_not_known");
  assert.equal(of({ api_cost: null }).reason, "cost_not_known");
  assert.equal(read(month(), { api_cost: null }).notKnown, 1);
});

test("a part of the budget that is not all of it does not read as all, nor one that is there as nothing", () => {
  const of = (amount, budget = "2660.00") => economicsPanel.percent(money.nano(amount), money.nano(budget));

  assert.deepEqual(["2659.13", "2660", "2660.90", "2659.999999999"].map((amount) => of(amount)), ["99.97%", "100.0%", "100.03%", "99.99999999996%"]);
  assert.deepEqual(["0", "1.10", "-1.10", "1330.01"].map((amount) => of(amount)), ["0.0%", "0.04%", "−0.04%", "50.0%"]);
});

test("ratios are cents below a dollar, and parts are percent", () => {
  assert.deepEqual(["0.050614", "0.5", "1", "263.926631"].map((text) => economicsPanel.perDollar(money.nano(text))), ["5.06¢", "50¢", "$1.00", "$263.93"]);
  assert.deepEqual(["0.0005", "0.956", "1.016", "12.3456"].map((text) => economicsPanel.percent(money.nano(text), money.nano("1"))), ["0.05%", "95.6%", "101.6%", "1,234.6%"]);
  assert.deepEqual([economicsPanel.perDollar(null), economicsPanel.percent(null, money.nano("1"))], ["—", "—"]);
});
