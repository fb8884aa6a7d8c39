"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { World, Page, load, seeded } = require("./live_world.js");

load();
const HOUR = 3_600_000;
const TIERS = ["websocket", "sse", "polling"];

/** What may befall a network, a server or a computer; each leaves the way as it found it, or otherwise. */
const TROUBLES = {
  block: ({ world, pick, tier }) => world.shut(tier, pick([false, "hole"])),
  heal: ({ world, tier }) => world.open(tier),
  all: ({ world }) => TIERS.forEach((tier) => world.shut(tier)),
  well: ({ world }) => world.open(),
  restart: ({ world, pick }) => {
    for (const one of [...world.sockets]) {
      one.say({ t: "bye", reason: "restart", retry_ms: 3000 });
      one.end(pick([1012, 1006, 1001]));
    }
    for (const one of [...world.sources]) one.fail();
  },
  crowd: ({ world }) => {
    for (const one of [...world.sockets]) one.end(1013);
  },
  slow: ({ world, pick }) => (world.latency = pick([5, 20, 150, 350, 700])),
  rubbish: ({ world }) => world.toAll("{"),
  twice: ({ world }) => world.ring.slice(-4).forEach((delta) => world.toAll(delta)),
  sleep: ({ world, page, pick }) => {
    for (const one of [...world.sockets, ...world.sources]) if (pick([true, false])) world.sockets.delete(one);
    for (let i = 0; i < 30; i += 1) world.tick();
    world.clock.sleep(300_000);
    page.live.tick();
  },
  hide: ({ page, pick }) => {
    page.visible = pick([true, false]);
    if (page.visible) page.live.seen();
  },
  flicker: ({ page }) => page.live.doubt(),
  back: ({ page }) => page.live.wake("the network is back"),
  hand: ({ page }) => page.live.retry(),
};

for (const seed of [1, 2, 3]) {
  test(`through a day of trouble every number is applied once and in order, and nothing piles up (seed ${seed})`, async () => {
    const random = seeded(seed * 7919);
    const pick = (/** @type {any[]} */ from) => from[Math.floor(random() * from.length)];
    const world = new World({ seed, depth: 100_000 });
    const page = new Page(world);
    let heard = 0;
    page.store.subscribe(() => (heard += 1));
    world.run();
    world.tick();
    page.start();
    await world.clock.pass(30_000);
    let most = 0;
    const end = world.clock.at + 24 * HOUR;
    while (world.clock.at < end) {
      TROUBLES[pick(Object.keys(TROUBLES))]({ world, page, pick, tier: pick(TIERS) });
      await world.clock.pass(random() * 240_000);
      most = Math.max(most, page.live.deadlines.due.size);
      assert.ok(world.sockets.size + world.sources.size <= 2);
      // The page has one timer, and one for what it keeps; the world's own are the ticks and what is on its way.
      assert.ok(world.clock.timers.size < 80, `${world.clock.timers.size} timers`);
      assert.ok(page.live.log.length <= 50);
    }
    world.latency = 20;
    world.open();
    await world.clock.pass(1_200_000);

    assert.equal(page.kind, "websocket");
    assert.ok(world.seq - page.applied.at(-1) <= 1);
    page.applied.forEach((seq, place) => assert.equal(seq, place + 1));
    assert.equal(heard, page.applied.length);
    assert.ok(page.applied.length > 8600);
    assert.ok(new Set(page.tiers).size === 3);
    assert.ok(most <= 10, `${most} deadlines`);
    assert.equal(world.sockets.size, 1);
    assert.equal(world.sources.size, 0);
    assert.equal(page.store.listeners.size, 1);
    assert.equal(page.store.snapshot.lines.revenue, `${page.store.seq}.10`);
  });
}

test("a day without trouble costs one connection and a ping each ten seconds", async () => {
  const world = new World();
  world.run();
  world.tick();
  const page = new Page(world).start();
  await world.clock.pass(24 * HOUR);

  assert.equal(world.opened, 1);
  assert.equal([...world.sockets][0].pings, 8640);
  assert.equal(page.applied.length, 8641 - 1);
});

test("a page without a server for a day asks at a bounded rate", async () => {
  const world = new World();
  for (const tier of TIERS) world.shut(tier);
  const page = new Page(world).start();
  await world.clock.pass(24 * HOUR);

  assert.equal(page.kind, "offline");
  const asked = Object.fromEntries(TIERS.map((tier) => [tier, world.asked.filter(([asked]) => asked === tier).length]));
  assert.ok(asked.polling <= 2882, JSON.stringify(asked));
  assert.ok(asked.websocket < 14_000 && asked.websocket > 9_000, JSON.stringify(asked));
});
