"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
globalThis.northstar = { panels: [], actions: {} };
for (const file of ["money", "zone", "statement", "announce", "draw/badge", "draw/checks", "draw/chips", "draw/curve", "draw/spark", "draw/kpis", "draw/waterfall", "draw/positions", "draw/activity"]) require(`../../assets/live/${file}.js`);

const { money, checks, chips, waterfall, positions, activity, kpis, curve, spark, badge, Announcer } = globalThis.northstar;
const NOW = Date.parse("2026-11-20T19:32:10.000Z");
const view = { now: NOW, everySeconds: 10, troubled: false };
const seen = (seconds, status = "live") => ({ status, as_of: new Date(NOW - seconds * 1000).toISOString() });

test("a source is fresh, late or stale by its age against its own limit", () => {
  assert.deepEqual([10, 20, 31].map((age) => chips.freshness("kalshi", seen(age), view)), ["fresh", "late", "stale"]);
  assert.deepEqual([400, 600, 901].map((age) => chips.freshness("anthropic", seen(age), view)), ["fresh", "late", "stale"]);
  assert.equal(chips.freshness("revenue", seen(7200), view), "fresh");
});

test("what the server says of a source counts too", () => {
  assert.equal(chips.freshness("kalshi", seen(1, "cached"), view), "late");
  assert.equal(chips.freshness("kalshi", seen(1, "stale"), view), "stale");
  assert.equal(chips.freshness("kalshi", { status: "down", as_of: null }, view), "down");
  assert.equal(chips.freshness("kalshi", { status: "off", as_of: null }, view), "off");
  assert.equal(chips.freshness("kalshi", seen(1), { ...view, troubled: true }), "unknown");
});

test("a failed check is never called reconciled", () => {
  assert.equal(chips.verdict({ ok: 11, failed: 1, waiting: 0 }, false).state, "stale");
  assert.equal(chips.verdict({ ok: 0, failed: 0, waiting: 3 }, false).state, "unknown");
  assert.equal(chips.verdict({ ok: 11, failed: 0, waiting: 1 }, false).state, "fresh");
});

const part = (id, shown) => ({ id, name: id, hue: "rev", shown });

test("the waterfall ends on the net, bar after bar", () => {
  const bars = waterfall.steps({ net: 150n, parts: [part("revenue", 100n), part("realised", 80n), part("fees", -30n)] });

  assert.deepEqual(bars.map((bar) => [bar.from, bar.to]), [[0n, 100n], [100n, 180n], [180n, 150n], [0n, 150n]]);
});

test("the axis is cut only where the first part dwarfs the moves after it", () => {
  const of = (...parts) => waterfall.extent(waterfall.steps({ net: parts.reduce((a, b) => a + b, 0n), parts: parts.map((shown, i) => part(String(i), shown)) }));

  assert.equal(of(1000n, 50n, -20n).cut, true);
  assert.equal(of(100n, 500n, -20n).cut, false);
  assert.equal(of(-100n, 50n).cut, false);
  assert.equal(of(1000n).cut, false);
  assert.ok(of(0n, 0n).high > of(0n, 0n).low);
});

test("positions sort by amount and not by text, unknown last either way", () => {
  const rows = [{ ticker: "A", value: "9" }, { ticker: "B", value: "100" }, { ticker: "C", value: null }];

  assert.deepEqual(positions.sorted(rows, { by: "value", down: true }).map((row) => row.ticker), ["B", "A", "C"]);
  assert.deepEqual(positions.sorted(rows, { by: "value", down: false }).map((row) => row.ticker), ["A", "B", "C"]);
});

test("a total with an unknown row is unknown", () => {
  assert.equal(positions.total([{ value: "1" }, { value: null }], "value"), null);
  assert.equal(positions.total([{ value: "1.10" }, { value: "2.20" }], "value"), 3_300_000_000n);
});

test("a rising cost is bad, a rising income is good", () => {
  const cost = kpis.change(money.nano("-84"), money.nano("-80"), true);
  const income = kpis.change(money.nano("84"), money.nano("80"), false);

  assert.deepEqual([cost.text, cost.up, cost.good], ["$4.00", true, false]);
  assert.deepEqual([income.text, income.up, income.good], ["$4.00", true, true]);
  assert.equal(kpis.change(null, 1n, false), null);
});

test("a percentage is of something above zero, and stays sane", () => {
  assert.equal(kpis.percent(167757n, money.nano("1440.00")), " · 116.4%");
  assert.equal(kpis.percent(100n, money.nano("-5")), "");
  assert.equal(kpis.percent(100_000_000n, money.nano("0.01")), "");
});

test("axis values are round and cover the range", () => {
  assert.deepEqual(curve.ticks(-120, 3100, 5), [0, 1000, 2000, 3000]);
  assert.equal(curve.axisText(-200, 100), "−$200");
  assert.equal(curve.axisText(12.5, 0.5), "$12.50");
});

test("a sparkline breaks where nothing is known", () => {
  assert.equal(spark.paths([1n]), null);
  assert.equal(spark.paths([1n, 2n, null, 3n, 4n].map((n) => n && n * 1_000_000_000n)).line.match(/M/g).length, 2);
});

test("records are told in words", () => {
  const fill = { kind: "fill", amount: "-80.40", detail: { ticker: "KX", side: "yes", count: "120.00", price: "0.67" } };
  const sum = { kind: "settlement", amount: null, posts: [{ amount: "1.5" }, { amount: "-0.5" }], detail: { ticker: "KX", result: "no" } };

  assert.deepEqual(activity.told(fill, () => "Fed holds"), { icon: "arrow-down-right", title: "Bought 120 YES @ 67¢", meta: "Fed holds", amount: -80_400_000_000n });
  assert.equal(activity.told(sum, (ticker) => ticker).amount, 1_000_000_000n);
  assert.equal(activity.told({ kind: "revenue", source: "manual", amount: "5", detail: { kind: "sale", description: "" } }, String).title, "Sale");
});

test("the badge counts down to the next try", () => {
  const connection = { kind: "offline", nextAt: NOW + 7500, ahead: 0 };
  assert.deepEqual(badge.words({ connection, everySeconds: 10, now: NOW }), { tone: "loss", word: "Offline", small: "retry in 8 s" });
});

test("the figure is announced once a minute, a lost connection at once", () => {
  let now = 0;
  const said = [];
  const announcer = new Announcer((text) => said.push(text), () => now);
  announcer.figures({ net: "12.345" });
  now = 59_000;
  announcer.figures({ net: "13" });
  announcer.connection({ kind: "offline" });
  announcer.connection({ kind: "offline" });
  now = 60_000;
  announcer.connection({ kind: "polling" });
  announcer.figures({ net: null });

  assert.deepEqual(said, ["Net P&L $12.34.", "Connection lost. The figures shown are the last good ones.", "Connected again.", "Net P&L is not known yet."]);
});

test("checks that ask for a person come first, in words", () => {
  assert.deepEqual(checks.urgent([{ state: "ok" }, { state: "waiting" }, { state: "failed" }]).map((check) => check.state), ["failed", "waiting", "ok"]);
  assert.equal(checks.spoken("I2_total_traded"), "Total traded");
});

test("the costs of one model and one bucket are one line, summed to the last digit", () => {
  const cost = (model, amount) => ({ kind: "cost", effective_at: "2026-11-20T00:00:00Z", amount, detail: { model } });
  const rows = activity.gathered([cost("a", "-0.0000000015"), cost("b", "-1"), cost("a", "-0.25"), { kind: "fill", amount: "1", detail: {} }]);

  assert.deepEqual(rows.map((row) => [row.kind, row.rows, row.total]), [["cost", 2, -250_000_002n], ["cost", 1, -1_000_000_000n], ["fill", undefined, undefined]]);
  assert.match(activity.told(rows[0], String).meta, /2 rows/);
});
