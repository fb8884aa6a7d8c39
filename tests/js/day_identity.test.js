/** The identity of a company day: its sparklines run from the first stretch to the last. */
"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
require("../../assets/live/money.js");
require("../../assets/day/identity.js");
const { values } = globalThis.northstar.dayIdentity;

const row = (time, close) => ({ at: `2026-11-20T${time}:00.000Z`, net: { close }, api_cost: { close } });
const course = (...rows) => ({ rows: rows.map(([time, close]) => row(time, close)) });

test("a sparkline runs over its whole width, from the first stretch to the last, and a cost grows upwards", () => {
  const late = course(["22:00", "-1.5"], ["22:15", null], ["22:30", "-2"], ["22:45", "-2.5"], ["23:00", "-3"]);

  assert.deepEqual(values(late, "api_cost", true), [{ x: 0, value: 1_500_000_000n }, { x: 50, value: null }, { x: 100, value: 2_000_000_000n }, { x: 150, value: 2_500_000_000n }, { x: 200, value: 3_000_000_000n }]);
  assert.equal(values(late, "net", false)[0].value, -1_500_000_000n);
});

test("a day of which nothing was read, or hardly an hour is known, has no sparkline", () => {
  const quarters = [["22:00", "1"], ["22:15", "2"], ["22:30", "3"]];

  assert.deepEqual(values(undefined, "net", false), []);
  for (const few of [quarters.slice(0, 1), quarters.slice(0, 2), quarters, [...quarters, ["22:45", null]]]) assert.deepEqual(values(course(...few), "net", false), []);
  assert.equal(values(course(...quarters, ["22:45", "4"]), "net", false).length, 4);
});
