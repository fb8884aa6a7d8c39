"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
globalThis.northstar = { panels: [], actions: {} };
for (const file of ["money", "statement", "ties"]) require(`../../assets/live/${file}.js`);
const { ties } = globalThis.northstar;
const of = (revenue, net = revenue) => ({ lines: { revenue, api_cost: "0" }, net });

test("days tie out when each net is the sum of its lines, and the total that of the days", () => {
  assert.equal(ties.off([of("1.000000001"), of("2.00")], of("3.000000001")), 0n);
  assert.equal(ties.off([of("1.00", "1.01"), of("2.00")], of("3.01")), 10_000_000n);
  assert.equal(ties.off([of("1.00"), of("2.00")], of("3.000000001")), 1n);
});

test("a line that is not known is no difference", () => {
  assert.equal(ties.off([{ lines: { revenue: null, api_cost: null }, net: null }, of("2.00")], of("2.00")), 0n);
});
