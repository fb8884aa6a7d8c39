"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
require("../../assets/entries/form.js");

const { amount, wrong, body } = globalThis.northstar.entryForm;
const good = { date: "2026-11-20", kind: "sale", amount: "49.00", currency: "USD", description: "Order 7 ", recurs: "" };

test("what a person types becomes a plain decimal", () => {
  assert.deepEqual(["49", " $1,234.50 ", "+3.1", "007", "0.00"].map((typed) => amount(typed, "sale")), ["49", "1234.50", "3.1", "7", "0.00"]);
  assert.deepEqual(["-5", "−5", "-$5", "$-5"].map((typed) => amount(typed, "adjustment")), ["-5", "-5", "-5", "-5"]);
});

test("what is no amount stays none", () => {
  for (const typed of ["", "abc", "1e5", "12,3", "1.2.3", "--1", "0x1", "NaN", ".5"]) assert.equal(amount(typed, "sale"), null, typed);
});

test("costs, fees and refunds are below zero with or without the sign", () => {
  for (const kind of ["refund", "fee", "operating_cost"]) assert.deepEqual([amount("5", kind), amount("-5", kind), amount("0", kind)], ["-5", "-5", "0"]);
});

test("each wrong field is named", () => {
  assert.deepEqual(wrong(good), {});
  assert.deepEqual(Object.keys(wrong({ date: "", kind: "gift", amount: "x", currency: "usd", description: "y".repeat(501), recurs: "daily" })), ["date", "kind", "amount", "currency", "description", "recurs"]);
  assert.ok(wrong({ ...good, amount: "-1" }).amount);
  assert.ok(wrong({ ...good, amount: "1.005" }).amount);
});

test("the body is what the API takes", () => {
  assert.deepEqual(body(good, { id: "a" }), { id: "a", date: "2026-11-20", kind: "sale", amount: "49.00", currency: "USD", description: "Order 7", status: "settled", recurs: null });
});
