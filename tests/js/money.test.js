"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const cases = require("./rounding.json");
require("../../assets/live/money.js");
require("../../assets/live/statement.js");

const { money, statement } = globalThis.northstar;

/** A seeded generator, so that a failure can be met again. */
function random(seed) {
  let state = BigInt(seed);
  return (below) => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return (state >> 20n) % below;
  };
}

test("a decimal string becomes nano-dollars exactly", () => {
  assert.equal(money.nano("-12.3400"), -12_340_000_000n);
  assert.equal(money.nano("0"), 0n);
  assert.equal(money.nano("123456789012345678.000000001"), 123456789012345678000000001n);
  assert.equal(money.nano(null), null);
});

test("what is no plain decimal is refused", () => {
  for (const text of ["", "1e3", "1,000", "NaN", "0x10", " 1", "1.0000000001"]) assert.throws(() => money.nano(text), RangeError);
});

test("cents are rounded half to even, on both sides of zero", () => {
  const rounded = Object.fromEntries(["0.005", "0.015", "0.025", "-0.005", "-0.015", "0.0051", "-0.0149"].map((text) => [text, money.cents(money.nano(text))]));
  assert.deepEqual(rounded, { "0.005": 0n, "0.015": 2n, "0.025": 2n, "-0.005": 0n, "-0.015": -2n, "0.0051": 1n, "-0.0149": -1n });
});

test("shown parts add up to the shown total, whatever the amounts", () => {
  const next = random(20261120);
  for (let round = 0; round < 5000; round += 1) {
    const parts = Array.from({ length: 1 + Number(next(7n)) }, () => (next(9n) === 0n ? null : next(4_000_000_000_000n) - 2_000_000_000_000n));
    const { total, parts: shown } = money.addingUp(parts);
    const exact = parts.reduce((sum, part) => sum + (part ?? 0n), 0n);
    assert.equal(shown.reduce((sum, part) => sum + (part ?? 0n), 0n), total);
    assert.equal(total, money.cents(exact));
    parts.forEach((part, i) => {
      if (part === null) return assert.equal(shown[i], null);
      const off = shown[i] * money.CENT - part;
      assert.ok(off < money.CENT && off > -money.CENT, `${part} became ${shown[i]}`);
      if (part % money.CENT === 0n) assert.equal(off, 0n);
    });
  }
});

test("the browser rounds as the server does", () => {
  for (const { parts, total, shown } of cases) {
    const made = money.addingUp(parts.map(money.nano));
    assert.equal(String(made.total), String(total));
    assert.deepEqual(made.parts.map((part) => (part === null ? null : Number(part))), shown);
  }
});

test("amounts are printed with a true minus sign and grouped", () => {
  assert.equal(money.dollars(100814n, { plus: true }), "+$1,008.14");
  assert.equal(money.dollars(-12042n), "−$120.42");
  assert.equal(money.dollars(0n, { plus: true }), "$0.00");
  assert.equal(money.dollars(123456789n), "$1,234,567.89");
  assert.equal(money.wholeDollars(-44150n), "−$442");
});

test("prices and counts keep what matters and drop the rest", () => {
  assert.equal(money.price("0.6100"), "61¢");
  assert.equal(money.price("0.615"), "61.5¢");
  assert.equal(money.price(null), "—");
  assert.equal(money.count("-1850.00"), "−1,850");
  assert.equal(money.count("12.50"), "12.5");
});

const LINES = { revenue: "2191.50", refunds: "0", processor_fees: "-63.55", adjustments: "0", api_cost: "-64.133333333", operating_cost: "0",
  trading_realised: "1008.145", trading_unrealised: "75.59", trading_fees: "-84.004", other_income: "0" };
const NET = "3063.547666667";

test("the identity bar groups the lines and leaves out what is nothing", () => {
  const { net, parts } = statement.read({ lines: LINES, net: NET });
  assert.deepEqual(parts.map((part) => part.id), ["revenue", "realised", "unrealised", "fees", "api_cost"]);
  assert.equal(parts.reduce((sum, part) => sum + part.shown, 0n), net);
  assert.equal(statement.printed(parts[3]), "$84.00");
});

test("a group is unknown only when all its lines are", () => {
  const { parts } = statement.read({ lines: { ...LINES, api_cost: null, refunds: null }, net: NET });
  assert.equal(parts[0].partial, true);
  assert.notEqual(parts[0].shown, null);
  assert.equal(statement.printed(parts[4]), "—");
});

test("with no line known there is no net", () => {
  const { net } = statement.read({ lines: Object.fromEntries(Object.keys(LINES).map((name) => [name, null])), net: null });
  assert.equal(net, null);
});

test("a net that is off by a nano-dollar does not tie out", () => {
  assert.deepEqual(statement.tiesOut({ lines: LINES, net: NET }), { ok: true, difference: 0n });
  assert.deepEqual(statement.tiesOut({ lines: LINES, net: "3063.547666668" }), { ok: false, difference: 1n });
});
