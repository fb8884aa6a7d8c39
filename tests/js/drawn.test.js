"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
require("../../assets/live/drawn.js");

const { drawn } = globalThis.northstar;
const at = (seconds, seq) => ({ seq, as_of: new Date(Date.parse("2026-11-20T19:32:00.000Z") + seconds * 1000).toISOString(), day: "2026-11-20" });
const held = (snapshot, restored = false) => ({ snapshot, restored });

test("what the server drew stays while all that is held is older", () => {
  assert.equal(drawn.isNewer(at(10, 6), held(null)), true);
  assert.equal(drawn.isNewer(at(10, 6), held(at(0, 5), true)), true);
  assert.equal(drawn.isNewer(at(10, 6), held(at(0, 5))), true);
  assert.equal(drawn.isNewer(at(10, 6), held(at(10, 6), true)), false);
  assert.equal(drawn.isNewer(at(10, 6), held(at(20, 7), true)), false);
  assert.equal(drawn.isNewer(null, held(null)), false);
});

test("the number of a kept snapshot says nothing, for it may be of another series", () => {
  assert.equal(drawn.isNewer(at(10, 6), held(at(0, 900), true)), true);
});

test("a series that is followed goes on though the server's clock was set back", () => {
  assert.equal(drawn.isNewer(at(3600, 6), held(at(10, 7))), false);
});

test("the page of the app is read before the first paint beside it", () => {
  const place = (seq) => ({ dataset: { drawnSeq: String(seq), drawnAt: "2026-11-20T19:32:00.000Z", drawnDay: "2026-11-20" } });
  const page = (found) => ({ querySelector: (what) => found[what] ?? null });

  assert.equal(drawn.read(page({ "[data-drawn-at]": place(5), "#content [data-drawn-at]": place(6) })).seq, 6);
  assert.deepEqual(drawn.read(page({ "[data-drawn-at]": place(5) })), { seq: 5, as_of: "2026-11-20T19:32:00.000Z", day: "2026-11-20" });
  assert.equal(drawn.read(page({})), null);
});
