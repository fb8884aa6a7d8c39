"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { HandClock, seeded } = require("./live_world.js");
require("../../assets/live/store.js");

const { Store } = globalThis.northstar;
const row = (ticker, value) => ({ ticker, position: "1.00", value, settled: false });
const document = (seq, more = {}) => ({
  schema: "pnl-snapshot/1", seq, as_of: new Date(Date.parse("2026-11-20T19:32:00.400Z") + seq * 1000).toISOString(), day: "2026-11-20",
  lines: { revenue: "1.10" }, net: "1.10", sources: {}, positions: {}, ...more,
});
const snapshot = (seq, more, stream = "a") => ({ t: "snapshot", stream, data: document(seq, more) });
const delta = (seq, set = {}, base = seq - 1) => ({ t: "delta", seq, base, set: { seq, as_of: document(seq).as_of, ...set } });
const beat = (seq) => ({ t: "beat", seq, at: "2026-11-20T19:32:00.400Z" });

function memory(kept = {}) {
  let writes = 0;
  return { kept, get writes() { return writes; }, getItem: (key) => kept[key] ?? null, setItem: (key, value) => { writes += 1; kept[key] = value; } };
}

/** A store that holds the snapshot 5, and what its listeners heard since. */
function holding(more) {
  const store = new Store(null);
  store.offer(snapshot(5, more));
  const heard = [];
  store.subscribe((found) => heard.push(found.seq));
  return { store, heard };
}

test("deltas in order are applied, and each is told of once", () => {
  const { store, heard } = holding();

  assert.deepEqual([6, 7, 8].map((seq) => store.offer(delta(seq))), ["applied", "applied", "applied"]);
  assert.deepEqual(heard, [6, 7, 8]);
});

test("what is held already is old, so that two tiers may bring the same", () => {
  const { store, heard } = holding();
  store.offer(delta(6, { net: "2" }));

  assert.deepEqual([delta(6, { net: "3" }), delta(5), snapshot(6), snapshot(5)].map((message) => store.offer(message)), ["old", "old", "old", "old"]);
  assert.equal(store.snapshot.net, "2");
  assert.deepEqual(heard, [6]);
});

test("what does not fit is a gap and changes nothing", () => {
  const { store, heard } = holding();
  const before = store.snapshot;
  const wrong = [
    delta(7), delta(6, {}, 4), beat(6), beat("6"), { t: "beat" }, { t: "delta" }, { ...delta(6), set: null }, { ...delta(6), set: [] }, { ...delta(6), seq: "6" },
    delta(6, { seq: 9 }), delta(6, { positions: "none" }), delta(6, { as_of: "soon" }), delta(6, { schema: null }),
    { t: "snapshot", stream: "a" }, { t: "snapshot", stream: "b", data: { seq: 9 } }, { t: "snapshot", data: document(9) },
  ];

  for (const message of wrong) assert.equal(store.offer(message), "gap", JSON.stringify(message));
  assert.equal(store.snapshot, before);
  assert.deepEqual(heard, []);
});

test("a store that holds nothing cannot take a delta", () => {
  assert.equal(new Store(null).offer(delta(1)), "gap");
  assert.equal(new Store(null).offer(beat(0)), "beat");
  assert.equal(new Store(null).offer(beat(3)), "gap");
});

test("a beat with what is held, or less, changes nothing", () => {
  const { store, heard } = holding();
  assert.deepEqual([beat(5), beat(4)].map((message) => store.offer(message)), ["beat", "beat"]);
  assert.deepEqual(heard, []);
});

test("the snapshot of another series replaces what is held, whatever its number", () => {
  const { store } = holding();
  assert.equal(store.offer(snapshot(2, {}, "b")), "applied");
  assert.deepEqual([store.seq, store.stream], [2, "b"]);
  assert.equal(store.offer(delta(3)), "applied");
});

test("a lower number of the same series that was made later is a store put back from a copy", () => {
  const { store } = holding();
  assert.equal(store.offer(snapshot(3)), "old");
  assert.equal(store.offer(snapshot(3, { as_of: "2026-11-21T00:00:00.000Z" })), "applied");
});

test("a figure that became unknown is null, and so is one that was never told", () => {
  const { store } = holding({ lines: { revenue: "1", api_cost: "-2" }, account: { cash: "1" }, positions: { A: row("A", "5") } });
  store.offer(delta(6, { net: null, lines: { api_cost: null }, account: { cash: null }, positions: { A: { value: null } } }));

  const { net, net_realised, lines, account, positions } = store.snapshot;
  assert.deepEqual([net, net_realised, lines.api_cost, lines.refunds, account.cash, positions[0].value, positions[0].expected], [null, null, null, null, null, null, null]);
  assert.equal(lines.revenue, "1");
});

test("rows keep their order; new ones come last and closed ones go", () => {
  const { store } = holding({ positions: { B: row("B", "1"), A: row("A", "2") } });
  store.offer(delta(6, { positions: { C: row("C", "3"), A: { value: "4" } } }));
  assert.deepEqual(store.snapshot.positions.map((found) => [found.ticker, found.value]), [["B", "1"], ["A", "4"], ["C", "3"]]);

  store.offer(delta(7, { positions: { B: null } }));
  assert.deepEqual(store.snapshot.positions.map((found) => found.ticker), ["A", "C"]);
});

test("what did not change is the same object, and what was given out never changes", () => {
  const { store } = holding({ positions: { A: row("A", "1"), B: row("B", "2") } });
  const before = store.snapshot;
  const was = structuredClone(before);
  store.offer(delta(6, { net: "9", positions: { A: { value: "7" } } }));

  assert.deepEqual(before, was);
  assert.equal(store.snapshot.positions[1], before.positions[1]);
  assert.notEqual(store.snapshot.positions[0], before.positions[0]);
});

test("the times of a source are told from the snapshot's own second", () => {
  const { store } = holding({ sources: { kalshi: { status: "live", as_of: -1, next_attempt: 10 }, revenue: { status: "cached", as_of: "2026-11-20T10:00:00Z" } } });
  const { kalshi, revenue } = store.snapshot.sources;

  assert.deepEqual([kalshi.as_of, kalshi.next_attempt, kalshi.error], ["2026-11-20T19:32:04Z", "2026-11-20T19:32:15Z", null]);
  assert.deepEqual([revenue.as_of, revenue.next_attempt], ["2026-11-20T10:00:00Z", null]);
  store.offer(delta(6));
  assert.equal(store.snapshot.sources.kalshi.as_of, "2026-11-20T19:32:05Z");
});

test("strings stay as they came, to the last digit", () => {
  const { store } = holding();
  const exact = "123456789012345678901234.1234567890000";
  store.offer(delta(6, { net: exact }));
  assert.equal(store.snapshot.net, exact);
});

/** The merge patch that makes `after` of `before`, as the server makes it. */
function patch(before, after) {
  const made = {};
  for (const name of Object.keys(before)) if (!(name in after)) made[name] = null;
  for (const [name, value] of Object.entries(after)) {
    const old = before[name];
    if (JSON.stringify(value) === JSON.stringify(old)) continue;
    const both = [value, old].every((side) => typeof side === "object" && side !== null && !Array.isArray(side));
    made[name] = both ? patch(old, value) : value;
  }
  return made;
}

test("whatever changes, patches lead to the same snapshot as the whole", () => {
  const random = seeded(11);
  const pick = (from) => from[Math.floor(random() * from.length)];
  const amount = () => pick(["0", "-1.50", `${Math.floor(random() * 1e6)}.${Math.floor(random() * 1e9)}`]);
  const made = (seq, old) => {
    const positions = { ...old?.positions };
    for (const ticker of ["A", "B", "C", "D"]) {
      const chance = random();
      if (chance < 0.2) delete positions[ticker];
      else if (chance < 0.6) positions[ticker] = { ...row(ticker, amount()), ...(random() < 0.5 ? { fees: amount() } : {}) };
    }
    const lines = Object.fromEntries(["revenue", "refunds", "api_cost"].filter(() => random() < 0.8).map((name) => [name, amount()]));
    return document(seq, { net: amount(), lines, positions, missing: random() < 0.3 ? ["api_cost"] : [], sources: { kalshi: { status: pick(["live", "cached"]), as_of: pick([0, -1, "2026-11-20T10:00:00Z"]) } } });
  };
  const store = new Store(null);
  let last = made(1);
  store.offer({ t: "snapshot", stream: "a", data: last });
  for (let seq = 2; seq < 2000; seq += 1) {
    const next = made(seq, last);
    assert.equal(store.offer({ t: "delta", seq, base: seq - 1, set: patch(last, next) }), "applied");
    const whole = new Store(null);
    whole.offer({ t: "snapshot", stream: "a", data: next });
    assert.deepEqual({ ...store.snapshot, positions: null }, { ...whole.snapshot, positions: null });
    const byTicker = (rows) => [...rows].sort((one, two) => (one.ticker < two.ticker ? -1 : 1));
    assert.deepEqual(byTicker(store.snapshot.positions), byTicker(whole.snapshot.positions));
    last = next;
  }
});

test("the last snapshot outlives a reload, marked as not confirmed until the server answers", () => {
  for (const [answer, verdict] of [[beat(7), "beat"], [delta(8), "applied"], [snapshot(7), "applied"], [snapshot(9), "applied"]]) {
    const kept = memory();
    const clock = new HandClock();
    const first = new Store(kept, clock.setTimeout);
    first.offer(snapshot(7, { net: "7.70" }));
    first.save();
    const after = new Store(kept, clock.setTimeout);
    const heard = [];
    after.subscribe((found) => heard.push([found.seq, after.restored]));
    after.restore();

    assert.deepEqual([after.snapshot.net, after.stream, after.restored], ["7.70", "a", true]);
    assert.equal(after.offer(answer), verdict);
    assert.equal(after.restored, false);
    assert.deepEqual(heard, [[7, true], [after.seq, false]]);
  }
});

test("the snapshot is kept once a second at most, and when asked to", async () => {
  const kept = memory();
  const clock = new HandClock();
  const store = new Store(kept, clock.setTimeout);
  store.offer(snapshot(5));
  for (let seq = 6; seq < 106; seq += 1) {
    store.offer(delta(seq));
    await clock.pass(100);
  }
  assert.ok(kept.writes <= 10 && kept.writes >= 9, String(kept.writes));
  assert.ok(clock.timers.size <= 1);
  store.offer(delta(106));
  store.save();
  const { writes } = kept;
  store.save();
  assert.equal(kept.writes, writes);
  assert.equal(JSON.parse(kept.kept["pnl.snapshot"]).data.seq, 106);
});

test("a memory full of rubbish, or none, is as good as empty", () => {
  const rubbish = ["{", "null", "7", '{"seq": 1}', '{"stream": "a"}', '{"stream": "a", "data": {"schema": "pnl-snapshot/1", "seq": 1}}', '{"data": {}}'];
  for (const kept of [...rubbish.map((text) => memory({ "pnl.snapshot": text })), null]) {
    const store = new Store(kept);
    store.restore();
    assert.equal(store.snapshot, null);
  }
});

test("a full storage does not stop the page", () => {
  const clock = new HandClock();
  const store = new Store({ getItem: () => null, setItem: () => { throw new Error("quota"); } }, clock.setTimeout);
  assert.equal(store.offer(snapshot(1)), "applied");
  store.save();
  assert.equal(store.offer(delta(2)), "applied");
});

test("other messages are left alone, and a listener can leave", () => {
  const { store } = holding();
  let heard = 0;
  const leave = store.subscribe(() => { heard += 1; });
  assert.equal(store.offer({ t: "hello" }), "old");
  leave();
  store.offer(delta(6));
  assert.equal(heard, 0);
});
