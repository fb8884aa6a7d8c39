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

test("a figure is rounded by itself, and so is the same in whatever sum it stands", () => {
  const next = random(20261120);
  const { lines: costs } = statement.GROUPS.find(({ id }) => id === "fees");
  for (let round = 0; round < 2000; round += 1) {
    const lines = Object.fromEntries(statement.GROUPS.flatMap((group) => group.lines).map((line) => [line, next(9n) === 0n ? null : money.decimal(next(4_000_000_000_000n) - 2_000_000_000_000n)]));
    const { net, parts } = statement.read({ lines });
    for (const { exact, shown } of parts) assert.equal(shown, exact === null ? null : money.cents(exact));
    const all = statement.sumOf(lines, Object.keys(lines));
    assert.equal(net, all === null ? null : money.cents(all));
    const alone = statement.read({ lines: { [costs[0]]: lines[costs[0]] } });
    assert.equal(alone.parts.find(({ id }) => id === "fees").shown, parts.find(({ id }) => id === "fees").shown);
  }
});

test("the browser rounds as the server does", () => {
  for (const { parts, total, shown } of cases) {
    const exact = parts.map(money.nano);
    assert.equal(Number(money.cents(exact.reduce((sum, part) => sum + (part ?? 0n), 0n))), total);
    assert.deepEqual(exact.map((part) => (part === null ? null : Number(money.cents(part)))), shown);
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
  assert.deepEqual([net, ...parts.map(({ shown }) => shown)], [306355n, 212795n, 100814n, 7559n, -8400n, -6413n]);
  assert.equal(statement.printed(parts[3]), "$84.00");
});

test("the identity in words names every part that the net has, with its sign", () => {
  const said = (lines) => statement.identity(statement.read({ lines: { ...LINES, ...lines }, net: NET }).parts);

  assert.equal(said({}), "revenue + realised + unrealised − fees − API cost = net");
  assert.equal(said({ operating_cost: "-248.50" }), "revenue + realised + unrealised − fees − API cost − other costs = net");
  assert.equal(said({ operating_cost: "-1", other_income: "2.50" }), "revenue + realised + unrealised − fees − API cost − other costs + other income = net");
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

test("an amount of a record is in its own currency", () => {
  assert.deepEqual([money.said("19.00", "USD", { plus: true }), money.said("-0.85", null), money.said("19.00", "EUR", { plus: true })], ["+$19.00", "−$0.85", "19.00 EUR"]);
});

test("a net that is off by a nano-dollar does not tie out", () => {
  assert.deepEqual(statement.tiesOut({ lines: LINES, net: NET }), { ok: true, difference: 0n });
  assert.deepEqual(statement.tiesOut({ lines: LINES, net: "3063.547666668" }), { ok: false, difference: 1n });
});
