"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
globalThis.northstar = { panels: [], actions: {} };
for (const file of ["live/money", "live/zone", "live/then", "live/statement", "live/as_table", "history/range"]) require(`../../assets/${file}.js`);
const { asTable, range } = globalThis.northstar;
const ZONE = "America/New_York";
const HOUR = 3_600_000;
const START = Date.parse("2026-11-20T05:00:00Z");
const point = (minute, net) => ({ at: START + minute * 60_000, values: { net }, low: net, high: net });

test("the course of a day has a row an hour, and says where nothing is known", () => {
  const rows = asTable.course({ points: [point(10, 100n), point(50, 300n), point(130, 200n)], gaps: [] }, START, START + 8 * HOUR);

  assert.deepEqual(rows.slice(0, 3).map(({ last, low, high, fall }) => [last, low, high, fall]), [[300n, 100n, 300n, 0n], [null, null, null, null], [200n, 200n, 200n, -100n]]);
  assert.deepEqual([rows.length, rows[2].until], [8, START + 3 * HOUR]);
});

test("a shorter stretch is told more finely, with the peak from before it", () => {
  const day = { points: [point(0, 900n), point(178, 100n), point(179, 200n)], gaps: [] };
  const rows = asTable.course(day, START + 2.5 * HOUR, START + 3 * HOUR);

  assert.equal(rows.length, 6);
  assert.equal(rows.at(-1).fall, -700n);
});

test("bars that are missing are a row of their own", () => {
  const bar = (from) => ({ at: from, until: from + 60, close: 1n, low: 1n, high: 1n });

  assert.deepEqual(asTable.bars({ bars: [bar(0), bar(60), bar(240)], step: 60 }).map(({ at, last }) => [at, last]), [[0, 1n], [60, 1n], [120, null], [240, 1n]]);
});

test("the period after the one before is the same period", () => {
  const now = Date.parse("2026-11-20T19:32:10Z");
  const week = range.typed("2026-11-02", "2026-11-08", now, ZONE).span;
  const before = range.before(week, ZONE);

  assert.deepEqual(before.days, { from: "2026-10-26", to: "2026-11-02" });
  assert.deepEqual(range.after(before, ZONE, now).days, week.days);
  assert.deepEqual(range.text(week, ZONE, now), { from: "2026-11-02", to: "2026-11-08" });
  assert.deepEqual(range.typed(...Object.values(range.text(before, ZONE, now)), now, ZONE).span.days, before.days);
});

test("there is no period after the one that ends now", () => {
  const now = Date.parse("2026-11-20T19:32:10Z");
  const running = range.preset("7d", now, ZONE, null);

  assert.equal(range.after(running, ZONE, now), null);
  assert.equal(range.text(running, ZONE, now).to, "now");
  const earlier = range.before(range.preset("24h", now, ZONE, null), ZONE);
  assert.deepEqual(range.after(earlier, ZONE, now), { since: now - 24 * HOUR, until: now, days: null, moving: true });
});
