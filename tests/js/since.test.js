"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
globalThis.northstar = { panels: [], actions: {} };
for (const file of ["money", "statement", "since", "pause"]) require(`../../assets/live/${file}.js`);
const { since, money, statement, Pause } = globalThis.northstar;

/** A seeded stream of whole numbers. */
function numbers(seed) {
  let state = seed;
  return (most) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state % most;
  };
}

const LINES = statement.GROUPS.flatMap(({ lines }) => lines);
function snapshot(next, day = "2026-11-20") {
  const lines = Object.fromEntries(LINES.map((line) => [line, next(9) === 0 ? null : money.decimal(BigInt(next(2 ** 31)) * 37n - 30_000_000_000n)]));
  return { seq: next(1000), as_of: `${day}T15:00:00.000Z`, day, lines, net: money.decimal(statement.sumOf(lines, LINES) ?? 0n) };
}

test("what moved is exact, and each figure rounded by itself", () => {
  const next = numbers(7);
  for (let i = 0; i < 500; i += 1) {
    const [then, now] = [snapshot(next), snapshot(next)];
    const found = since.moved(since.look(then, "s"), now, []);

    assert.equal(found.total, money.cents(money.nano(now.net) - money.nano(then.net)));
    assert.deepEqual([found.then, found.now], [then, now].map(({ net }) => money.cents(money.nano(net))));
    for (const { exact, shown } of found.moves) assert.equal(shown, money.cents(exact));
  }
});

test("over several days it is the rest of the first, those between, and today", () => {
  const of = (revenue, day) => ({ day, seq: 1, as_of: `${day}T15:00:00.000Z`, lines: { ...Object.fromEntries(LINES.map((line) => [line, "0"])), revenue }, net: revenue });
  const found = since.moved(since.look(of("100.00", "2026-11-18"), "s"), of("5.00", "2026-11-20"), [of("130.00", "2026-11-18"), of("70.00", "2026-11-19")]);

  assert.equal(found.total, 10_500n); // 30 more on the 18th, 70 on the 19th, 5 today
  assert.deepEqual(found.moves.map(({ id, shown }) => [id, shown]), [["revenue", 10_500n]]);
});

test("a net that is not the sum of its lines does not bend the parts", () => {
  const lines = Object.fromEntries(LINES.map((line) => [line, "0"]));
  const then = { seq: 1, as_of: "2026-11-20T15:00:00.000Z", day: "2026-11-20", lines, net: "999.00" };

  assert.equal(since.moved(then, { ...then, net: "5.00", lines: { ...lines, revenue: "3.00" } }, []).total, 300n);
});

test("what came is what became known since, in its first version", () => {
  const record = (kind, recorded_at, more = {}) => ({ kind, recorded_at, version: 1, detail: {}, ...more });
  const found = since.came([
    record("fill", "2026-11-20T15:00:01.000Z"), record("fill", "2026-11-20T15:00:00.000Z"), record("fill", "2026-11-20T15:02:00.000Z"),
    record("revenue", "2026-11-20T15:02:00.000Z", { detail: { kind: "sale" } }), record("revenue", "2026-11-20T15:02:00.000Z", { detail: { kind: "refund" } }),
    record("settlement", "2026-11-20T15:02:00.000Z", { version: 2 }), record("settlement", null),
  ], "2026-11-20T15:00:00.000Z");

  assert.deepEqual(found, [{ name: "fill", count: 2 }, { name: "sale", count: 1 }]);
});

test("a page that stands still knows how many snapshots it missed, of its own series", () => {
  const pause = new Pause();
  const store = { snapshot: { seq: 5, as_of: "", day: "", net: null, lines: {} }, stream: "a", seq: 5 };

  assert.equal(pause.turn(store, 1), null);
  assert.deepEqual([pause.on, pause.missed({ ...store, seq: 9 }), pause.missed({ stream: "b", seq: 9 })], [true, 4, 0]);
  assert.equal(pause.turn({ ...store, seq: 9 }, 2).seq, 5);
  assert.equal(pause.on, false);
});
