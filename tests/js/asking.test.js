"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { seeded } = require("./live_world.js");
require("../../assets/live/asking.js");

const { Asking, marks } = globalThis.northstar.asking;
const LINES = { revenue: "1", refunds: "0", processor_fees: "0", adjustments: "0", operating_cost: "0", other_income: "0", api_cost: "-2", trading_realised: "3", trading_fees: "-1" };
const snapshot = ({ lines = {}, positions = [{ ticker: "KX", position: "5" }], ...more } = {}) => ({ lines: { ...LINES, ...lines }, positions, ...more });
const ALL = ["fills", "settlements", "costs", "revenue"];

/** What a page asks for that has read everything, once something changes. */
function asked(change) {
  const asking = new Asking(() => 0);
  asking.took(ALL, marks(snapshot()), 0);
  return asking.wanted(marks(snapshot(change)), 1000);
}

test("only the lists are asked for of which a figure has changed", () => {
  assert.deepEqual(asked({}), []);
  assert.deepEqual(asked({ lines: { trading_unrealised: "9" } }), []);
  assert.deepEqual(asked({ lines: { trading_fees: "-1.2" }, positions: [{ ticker: "KX", position: "7" }] }), ["fills"]);
  assert.deepEqual(asked({ lines: { trading_realised: "4" }, positions: [] }), ["fills", "settlements"]);
  assert.deepEqual(asked({ lines: { api_cost: "-2.1" } }), ["costs"]);
  for (const name of ["revenue", "refunds", "processor_fees", "adjustments", "operating_cost", "other_income"]) assert.deepEqual(asked({ lines: { [name]: "7" } }), ["revenue"]);
  assert.deepEqual(asked({ alerts: { changed: 4 } }), ["alerts"]);
});

test("all of it is read again after half a minute, among many pages more seldom", () => {
  const asking = new Asking(() => 0);
  const now = marks(snapshot());
  asking.took(ALL, now, 0);

  assert.deepEqual([asking.wanted(now, 29_999), asking.wanted(now, 30_000)], [[], ALL]);
  asking.heard("100000");
  assert.deepEqual([asking.wanted(now, 799_999), asking.wanted(now, 800_000)], [[], ALL]);
});

test("a page asks at one moment of its own, sooner for what is nearer, and goes on with a server that says nothing", () => {
  const asking = new Asking(() => 0.5);
  asking.heard(null);
  assert.equal(asking.wait(["fills"], 10_000), 1000);
  assert.equal(asking.wait(["fills"], 10_600), 400);
  asking.heard("60000");
  assert.equal(asking.wait(["fills", "costs"], 10_600), 400);
  asking.begin(11_000);
  assert.equal(asking.wait(["fills"], 12_000), 59_000);
});

test("ten thousand pages ask for a fill a hundred times a second at the most, also when one comes at every tick", () => {
  const random = seeded(8);
  const pages = Array.from({ length: 10_000 }, () => new Asking(random));
  for (const page of pages) {
    page.heard("100000");
    page.took(ALL, marks(snapshot()), 0);
    page.begin(-1_000_000);
  }
  const asks = new Map();
  let fills = 0;
  for (let at = 1000; at < 400_000; at += 1000) {
    if (at % 10_000 === 0) fills += 1;
    const now = marks(snapshot({ lines: { trading_fees: String(-10 - fills) } }));
    for (const page of pages) {
      const wanted = page.wanted(now, at);
      if (!wanted.length || page.wait(wanted, at) > 0) continue;
      assert.deepEqual(wanted, ["fills"]);
      page.begin(at);
      page.took(wanted, now, at);
      const stretch = Math.floor(at / 10_000);
      asks.set(stretch, (asks.get(stretch) ?? 0) + 1);
    }
  }

  const counts = [...asks.values()].slice(1); // the first stretch begins late
  assert.ok(Math.max(...counts) / 10 < 120, String(counts));
  assert.ok(Math.min(...counts) / 10 > 80, String(counts));
  assert.ok(counts.reduce((all, one) => all + one, 0) / 400 <= 100);
});

test("a moment that passed while there was nothing to ask is not everybody's at the next change", () => {
  const asking = new Asking(() => 0.5);
  asking.took(ALL, marks(snapshot()), 0);
  const changed = marks(snapshot({ lines: { trading_fees: "-2" } }));
  asking.wait(asking.wanted(changed, 5000), 5000);

  assert.deepEqual(asking.wanted(marks(snapshot()), 6000), []);
  assert.equal(asking.wait(asking.wanted(changed, 20_000), 20_000), 1000);
});
