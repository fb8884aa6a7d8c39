"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
require("../../assets/live/money.js");
require("../../assets/export/choice.js");
require("../../assets/status/words.js");

const { statusWords: words } = globalThis.northstar;
const measure = (more = {}) => ({ name: "api", value: 377_000, unit: "microseconds", warning: 500_000, critical: 1_000_000, more: false, state: "ok", beside: {}, ...more });

test("a time is told to as many figures as it is worth", () => {
  assert.deepEqual([0, 990, 1000, 9_949, 23_400, 999_400, 1_000_000, 12_600_000].map(words.time), ["0 µs", "990 µs", "1.0 ms", "9.9 ms", "23 ms", "999 ms", "1.0 s", "13 s"]);
});

test("a part is never rounded to a whole that it is not", () => {
  assert.deepEqual([0, 12, 150, 21_000, 306_000, 999_999, 1_000_000].map(words.part), ["0%", "under 0.01%", "0.01%", "2.1%", "30.6%", "99.9%", "100%"]);
});

test("what was not measured is a dash in every unit", () => {
  assert.deepEqual(["microseconds", "ppm", "bytes", "clients"].map((unit) => words.told(null, unit)), ["—", "—", "—", "—"]);
  assert.equal(words.told(174_000_000, "bytes"), "174 MB");
  assert.equal(words.told(1204, "clients"), "1,204");
});

test("limits say on which side of them it is bad", () => {
  assert.equal(words.limits(measure()), "Warns above 500 ms, alarms above 1.0 s.");
  assert.equal(words.limits(measure({ name: "cache", unit: "ppm", warning: 700_000, critical: 500_000, more: true })), "Warns below 70%, alarms below 50%.");
  assert.equal(words.limits(measure({ name: "disk", unit: "ppm", warning: 200_000, critical: 100_000, more: true })), "Warns below 20%, alarms below 10% or 500 MB.");
  assert.equal(words.limits(measure({ name: "clients", beside: { most: 9 } })), "A sudden loss is told once ten are open.");
  assert.equal(words.limits(measure({ name: "clients", beside: { most: 10 } })), "Warns when a tenth of them goes at once, alarms at half.");
});

test("a bar is full at the limit of alarm, or shows a part as it is", () => {
  assert.equal(words.way(measure()), 37.7);
  assert.equal(words.way(measure({ value: 5_000_000 })), 100);
  assert.equal(words.way(measure({ name: "disk", value: 306_000, critical: 100_000, more: true })), 30.6);
  assert.equal(words.way(measure({ value: null })), null);
  assert.equal(words.way(measure({ name: "clients" })), null);
});

test("a value without a verdict is too little to judge, and nothing is known of a server that is silent", () => {
  assert.equal(words.stateOf(measure(), true), "ok");
  assert.equal(words.stateOf(measure({ state: "idle", value: null }), true), "idle");
  assert.equal(words.stateOf(measure({ state: "idle", value: 20_000 }), true), "few");
  assert.equal(words.stateOf(measure({ state: "critical" }), false), "unknown");
  for (const state of ["ok", "warning", "critical", "idle", "few", "unknown"]) assert.ok(words.STATES[state].word);
});

test("the summary begins with the worst", () => {
  const of = (...states) => words.summed(states.map((state) => measure({ state })));
  assert.deepEqual(of("ok", "ok"), { worst: "ok", text: "2 of 2 good" });
  assert.deepEqual(of("ok", "idle", "warning"), { worst: "warning", text: "1 to look into · 1 of 3 good" });
  assert.deepEqual(of("warning", "critical"), { worst: "critical", text: "1 to act on · 1 to look into · 0 of 2 good" });
});

test("what stands beside a value is counted in words", () => {
  assert.equal(words.beside(measure({ name: "errors", beside: { failed: 1, requests: 1 } })), "1 of 1 request");
  assert.equal(words.beside(measure({ name: "errors", beside: { failed: 0, requests: 0 } })), "");
  assert.equal(words.beside(measure({ name: "cache", beside: { reads: 11, few: 300 } })), "11 questions, judged from 300 on");
  assert.equal(words.beside(measure({ name: "disk", beside: { free: 83_000_000_000, size: 271_000_000_000 } })), "83 GB of 271 GB");
  assert.equal(words.beside(measure({ name: "clients", beside: { most: 40 } })), "at most 40 in the last quarter of an hour");
});
