"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
globalThis.document = { querySelector: () => null };
for (const name of ["live/money", "live/zone", "history/range", "explain/place", "explain/asking", "explain/draw"]) require(`../../assets/${name}.js`);

const { csv } = globalThis.northstar.explainWords;
const asked = (figure, at) => Object.fromEntries(new URL(csv({ answer: { at }, place: { figure } }).url, "http://pnl").searchParams);

test("the file behind a figure is of its records, and of its days", () => {
  assert.deepEqual(asked("trading_fees", { day: "2026-11-15" }), { table: "fills", from: "2026-11-15", to: "2026-11-16" });
  assert.deepEqual(asked("revenue", { from: "2026-11-01", to: "2026-11-16" }), { table: "revenue", from: "2026-11-01", to: "2026-11-16" });
});

test("what recurs stands in its file under its first date, so that of entries all up to the last day are in it", () => {
  assert.deepEqual(asked("operating_cost", { day: "2026-11-15" }), { table: "entries", to: "2026-11-16" });
});

test("records of another year than this one are listed with their year", () => {
  const { years, onDay } = globalThis.northstar.explainDraw;
  const now = new Date().getUTCFullYear();

  assert.deepEqual([new Set([`${now}-02-01`]), new Set([`${now}-02-01`, "2024-02-29"]), new Set()].map(years), [false, true, false]);
  assert.deepEqual([false, true].map((long) => onDay("2024-02-29T04:30:00Z", "America/New_York", long)), ["28 Feb", "28 Feb 2024"]);
});
