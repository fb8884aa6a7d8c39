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

test("where nothing is known yet there is nothing to add up, and no alarm", () => {
  const blank = { lines: { revenue: null, api_cost: null, operating_cost: "0" }, net: null };

  assert.equal(ties.off([blank], blank), null);
  assert.equal(ties.off([]), null);
  assert.equal(ties.off([blank, of("2.00")], of("2.00")), 0n);
});

test("a net that is not known beside a line that is something is told by how much", () => {
  assert.equal(ties.off([of("2.00", null)]), -2_000_000_000n);
  assert.equal(ties.off([of(null, "2.00")]), 2_000_000_000n);
});

test("the line says so in words, and calls for nobody", () => {
  const told = [];
  globalThis.northstar.dom = { el: (name, attributes, ...children) => ({ name, attributes, children }), icon: (name) => name };
  for (const difference of [null, 0n, 1n]) told.push(ties.line(difference, "all of it"));

  assert.deepEqual(told.map(({ attributes }) => attributes.role), [undefined, undefined, "alert"]);
  assert.deepEqual(told.map(({ children }) => children[1].children[0]), ["Nothing to add up yet: no source has told anything", "Ties out: all of it", "Does not tie out: +$0.000000001 is between what should be the same"]);
});
