"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
globalThis.northstar = { panels: [], actions: {}, dom: { el: (name, attributes, ...children) => ({ name, attributes, children }) }, historyTables: {} };
require("../../assets/live/statement.js");
require("../../assets/day/statement.js");
const { dayStatement } = globalThis.northstar;

test("a net in which a line is not known is called incomplete, and says which", () => {
  const day = { complete: false, missing: ["api_cost"], net: "1118.38", net_realised: null };

  const [, mark] = dayStatement.partial(day, "net");

  assert.deepEqual([mark.name, mark.attributes.title, mark.children], ["span.mark", "Not known: API cost", ["incomplete"]]);
  assert.deepEqual(dayStatement.partial(day, "net_realised"), []);
  assert.deepEqual(dayStatement.partial({ ...day, complete: true, missing: [] }, "net"), []);
});

test("what else there is to know of a day is said in words, also what is not known yet by name", () => {
  Object.assign(globalThis.northstar, { statement: { ...globalThis.northstar.statement, open: () => [] }, zone: {} });
  const day = { complete: true, missing: [], finality: "final", flags: ["api_cost_estimated", "something_new"], as_seen: null };

  const said = dayStatement.facts(day, "UTC");

  assert.ok(said.includes("API cost estimated: the bill of these hours is still to come"));
  assert.ok(said.includes("Something new"));
});

test("of a thousand changes of a day the first are shown, and how many more there are", () => {
  const held = { ...globalThis.northstar };
  Object.assign(globalThis.northstar, { money: { nano: BigInt }, historyTables: { ...held.historyTables, money: (amount) => String(amount) }, zone: { dayName: (day) => day, hourMinute: (at) => at }, range: { dayOf: (at) => String(at) } });
  const change = (amount) => ({ recorded_at: "2026-11-20T05:30:00Z", line: "api_cost", amount, reason: "", record: null });
  const day = { as_seen: {}, restated_by: { net: "1200" }, restatements: Array.from({ length: 1200 }, () => change("1")) };

  const [table, more] = dayStatement.restatements(day, "UTC", 30);
  const all = dayStatement.restatements(day, "UTC", Infinity);

  assert.equal(table.children[0].children[1].children.length, 30);
  assert.deepEqual([more.attributes["data-action"], more.children], ["day-changes", ["Show 1,170 more"]]);
  assert.equal(all.length, 1);
  assert.equal(all[0].children[0].children[1].children.length, 1200);
  Object.assign(globalThis.northstar, held);
});

test("what was shown and is not known now is in the restated column, which adds up to that of the net", () => {
  const held = { ...globalThis.northstar };
  Object.assign(globalThis.northstar, { money: { nano: (told) => (told === null ? null : BigInt(told)) } });
  const known = { revenue: "100", api_cost: null, trading_unrealised: "7", refunds: null };
  const day = { lines: known, net: "107", net_realised: "100", as_seen: { lines: { revenue: "90", api_cost: "-30", trading_unrealised: "4", refunds: null } }, restated_by: { net: "43", lines: { revenue: "10", api_cost: "30", trading_unrealised: "3" } } };

  const changes = Object.keys(known).map((line) => dayStatement.changed(day, line));

  assert.deepEqual(changes, [10n, 30n, 3n, null]);
  assert.equal(changes.reduce((sum, change) => sum + (change ?? 0n), 0n), dayStatement.changed(day, "net"));
  assert.equal(dayStatement.changed(day, "net_realised"), 40n);
  assert.deepEqual([dayStatement.changed({ ...day, restated_by: null }, "revenue"), dayStatement.changed({ ...day, as_seen: null, restated_by: null }, "net")], [0n, null]);
  Object.assign(globalThis.northstar, held);
});
