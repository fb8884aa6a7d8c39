"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
require("../../assets/live/store.js");

const { Store } = globalThis.northstar;
const snapshot = (seq, as_of = `2026-11-20T19:32:${String(seq % 60).padStart(2, "0")}.000Z`) => ({ schema: "pnl-snapshot/1", seq, as_of, day: "2026-11-20", lines: {}, net: "0" });
const message = (...about) => ({ t: "snapshot", data: snapshot(...about) });

function memory(kept = {}) {
  return { kept, getItem: (key) => kept[key] ?? null, setItem: (key, value) => { kept[key] = value; } };
}

test("only a newer snapshot is news", () => {
  const store = new Store(memory());
  const heard = [];
  store.subscribe((found) => heard.push(found.seq));

  assert.deepEqual([5, 5, 4, 6].map((seq) => store.offer(message(seq))), [true, false, false, true]);
  assert.deepEqual(heard, [5, 6]);
});

test("a lower sequence made later is a server that started over", () => {
  const store = new Store(memory());
  store.offer(message(900, "2026-11-20T10:00:00.000Z"));

  assert.equal(store.offer(message(3, "2026-11-20T11:00:00.000Z")), true);
  assert.equal(store.snapshot.seq, 3);
});

test("the last snapshot outlives a reload, marked as not confirmed until the server answers", () => {
  const kept = memory();
  new Store(kept).offer(message(7));
  const after = new Store(kept);
  after.restore();

  assert.equal(after.snapshot.seq, 7);
  assert.equal(after.restored, true);
  assert.equal(after.offer(message(7)), true);
  assert.equal(after.restored, false);
});

test("a memory full of rubbish, or none, is as good as empty", () => {
  for (const kept of [memory({ "pnl.snapshot": "{" }), memory({ "pnl.snapshot": '{"seq": 1}' }), null]) {
    const store = new Store(kept);
    store.restore();
    assert.equal(store.snapshot, null);
  }
});

test("a full storage does not stop the page", () => {
  const store = new Store({ getItem: () => null, setItem: () => { throw new Error("quota"); } });
  assert.equal(store.offer(message(1)), true);
});

test("other messages are left alone, and a listener can leave", () => {
  const store = new Store(null);
  let heard = 0;
  const leave = store.subscribe(() => { heard += 1; });
  assert.equal(store.offer({ t: "beat" }), false);
  leave();
  store.offer(message(1));
  assert.equal(heard, 0);
});
