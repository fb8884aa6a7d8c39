/** The identity of a company day: its sparklines run from midnight to the last that is known. */
"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
require("../../assets/live/money.js");
require("../../assets/day/identity.js");
const { values } = globalThis.northstar.dayIdentity;

const DAY = { start: "2026-11-20T05:00:00.000Z" };
const row = (at, close) => ({ at, net: { close }, api_cost: { close } });

test("a sparkline runs from midnight to the last stretch that is known, and a cost grows upwards", () => {
  const course = { rows: [row("2026-11-20T05:00:00.000Z", "-1.5"), row("2026-11-20T06:00:00.000Z", null), row("2026-11-20T07:00:00.000Z", "-3")] };

  assert.deepEqual(values(course, DAY, "api_cost", true), [{ x: 0, value: 1_500_000_000n }, { x: 100, value: null }, { x: 200, value: 3_000_000_000n }]);
  assert.equal(values(course, DAY, "net", false)[0].value, -1_500_000_000n);
});

test("a day of which nothing was read, or only its first stretch, has no sparkline to divide by", () => {
  assert.deepEqual(values(undefined, DAY, "net", false), []);
  assert.deepEqual(values({ rows: [row(DAY.start, "1")] }, DAY, "net", false), [{ x: 0, value: 1_000_000_000n }]);
});
