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

test("figures that are rounded by themselves may not add up as they are shown, in a row or in a column", () => {
  const each = [["revenue"], ["api_cost"]];
  const told = (revenue, api_cost, net) => ({ lines: { revenue, api_cost }, net });

  assert.equal(ties.rounded([told("1.004", "-0.506", "0.498")], each), true); // 1.00 − 0.51 is no 0.50
  assert.equal(ties.rounded([told("1.004", "-0.50", "0.504")], each), false);
  assert.equal(ties.rounded([told("1.004", "0", "1.004"), told("1.004", "0", "1.004")], each, told("2.008", "0", "2.008")), true);
  assert.equal(ties.rounded([told("1.00", "0", "1.00"), told("1.004", "0", "1.004")], each, told("2.004", "0", "2.004")), false);
  assert.deepEqual([ties.apart(null, [1n]), ties.apart(3n, [1n, null, 2n]), ties.apart(3n, [1n, 1n])], [false, false, true]);
});

test("the line says so in words, and calls for nobody", () => {
  const told = [];
  globalThis.northstar.dom = { el: (name, attributes, ...children) => ({ name, attributes, children }), icon: (name) => name };
  for (const difference of [null, 0n, 1n]) told.push(ties.line(difference, "all of it"));
  const rounded = ties.line(0n, "all of it", true).children[1].children[0];

  assert.deepEqual(told.map(({ attributes }) => attributes.role), [undefined, undefined, "alert"]);
  assert.deepEqual(told.map(({ children }) => children[1].children[0]), ["Nothing to add up yet: no source has told anything", "Ties out: all of it", "Does not tie out: +$0.000000001 is between what should be the same"]);
  assert.equal(rounded, "Ties out: all of it. Each figure is rounded by itself; unrounded they add up exactly.");
});
