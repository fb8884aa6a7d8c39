"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { World, Page, load } = require("./live_world.js");

load();

/** A page on a WebSocket that has brought a few snapshots. */
async function onSocket(how = {}) {
  const world = new World(how);
  world.run();
  world.tick();
  const page = new Page(world, how).start();
  await world.clock.pass(25_000);
  assert.equal(page.kind, "websocket");
  return { world, page };
}

/** Every number once, in order, from the first on. */
function whole(page) {
  page.applied.forEach((seq, place) => assert.equal(seq, page.applied[0] + place, `after ${page.applied.slice(Math.max(0, place - 3), place + 1)}`));
}

test("the WebSocket carries the figures, and nothing else is asked", async () => {
  const { world, page } = await onSocket();
  await world.clock.pass(600_000);

  whole(page);
  assert.equal(page.applied.at(-1), world.seq);
  assert.equal(world.opened, 1);
  assert.deepEqual(page.kinds, ["connecting", "websocket"]);
  assert.ok(world.asked.every(([tier]) => tier === "websocket"));
});

test("events take over when the WebSocket breaks off, and give back with its first message", async () => {
  const { world, page } = await onSocket();
  world.shut("websocket");
  await world.clock.pass(60_000);
  assert.equal(page.kind, "sse");
  assert.match(page.live.connection.reason, /closed \(1006\)/);

  world.open();
  await world.clock.pass(61_000);

  whole(page);
  assert.equal(page.kind, "websocket");
  assert.equal(page.live.connection.reason, null);
  assert.equal(world.sources.size, 0);
  assert.equal(world.sockets.size, 1);
  assert.deepEqual(new Set(page.tiers), new Set(["websocket", "sse"]));
});

test("polling takes over when events cannot be opened or break off", async () => {
  const { world, page } = await onSocket();
  world.shut("websocket");
  world.shut("sse");
  await world.clock.pass(10_000);
  assert.equal(page.kind, "polling");
  await world.clock.pass(300_000);

  whole(page);
  assert.equal(page.kind, "polling");
  assert.ok(world.seq - page.applied.at(-1) <= 3);
  const asks = world.asked.filter(([tier]) => tier === "polling").map(([, at]) => at);
  assert.ok(asks.slice(1).every((at, place) => at - asks[place] === 30_000), "every 30 s");
  assert.equal(page.live.connection.nextAt, Math.round(asks.at(-1) + 30_000));
});

test("from polling the page climbs to events where the WebSocket stays shut", async () => {
  const { world, page } = await onSocket();
  world.shut("websocket");
  world.shut("sse");
  await world.clock.pass(120_000);
  world.open("sse");
  await world.clock.pass(61_000);

  assert.equal(page.kind, "sse");
  const before = world.asked.filter(([tier]) => tier === "polling").length;
  await world.clock.pass(120_000);
  assert.equal(world.asked.filter(([tier]) => tier === "polling").length, before);
  whole(page);
});

test("polling that fails for five minutes is offline, and one answer ends that", async () => {
  const { world, page } = await onSocket();
  for (const tier of ["websocket", "sse", "polling"]) world.shut(tier);
  await world.clock.pass(280_000);
  assert.equal(page.kind, "polling");
  await world.clock.pass(60_000);
  assert.equal(page.kind, "offline");
  assert.ok(page.live.connection.nextAt > world.clock.now());
  assert.ok(page.live.connection.attempt > 10);

  world.open("polling");
  await world.clock.pass(31_000);
  assert.equal(page.kind, "polling");
  world.open();
  await world.clock.pass(61_000);

  assert.equal(page.kind, "websocket");
  assert.equal(page.live.connection.attempt, 0);
  whole(page);
});

test("a page that never heard anything is offline once every tier has failed", async () => {
  const world = new World();
  for (const tier of ["websocket", "sse", "polling"]) world.shut(tier);
  const page = new Page(world).start();
  await world.clock.pass(5_000);

  assert.deepEqual(page.kinds, ["connecting", "offline"]);
});

test("a WebSocket that says nothing for 30 s is left for events", async () => {
  const { world, page } = await onSocket();
  world.shut("websocket", "hole");
  await world.clock.pass(24_000); // it spoke last five seconds ago
  assert.equal(page.kind, "websocket");
  await world.clock.pass(12_000);

  assert.equal(page.kind, "sse");
  assert.match(page.live.connection.reason, /silent/);
  await world.clock.pass(30_000);
  whole(page);
});

test("events that say nothing for 60 s are left for polling", async () => {
  const { world, page } = await onSocket();
  world.shut("websocket");
  await world.clock.pass(15_000);
  world.shut("sse", "hole");
  await world.clock.pass(55_000);
  assert.equal(page.kind, "sse");
  await world.clock.pass(15_000);

  assert.equal(page.kind, "polling");
  whole(page);
});

test("a WebSocket that never answers is not waited for", async () => {
  const world = new World();
  world.run();
  world.tick();
  world.shut("websocket", "hole");
  const page = new Page(world).start();
  await world.clock.pass(9_000);
  assert.equal(page.kind, "connecting");
  await world.clock.pass(2_000);

  assert.equal(page.kind, "sse");
});

test("a browser without events goes to polling", async () => {
  const world = new World();
  world.run();
  world.tick();
  const page = new Page(world);
  page.live.events.parts.EventSource = undefined;
  page.start();
  await world.clock.pass(5_000);
  world.shut("websocket");
  await world.clock.pass(5_000);

  assert.equal(page.kind, "polling");
});

test("beats keep a quiet WebSocket alive", async () => {
  const world = new World({ everyMs: 1e9 });
  world.tick();
  const page = new Page(world).start();
  for (let i = 0; i < 30; i += 1) {
    await world.clock.pass(10_000);
    world.beats();
  }

  assert.deepEqual(page.kinds, ["connecting", "websocket"]);
  assert.equal(world.opened, 1);
});

test("tries are spread at random, quick at first, and seldom while a lower tier works", async () => {
  const { world } = await onSocket({ seed: 5 });
  world.shut("websocket");
  await world.clock.pass(1_200_000);

  const tries = world.asked.filter(([tier]) => tier === "websocket").map(([, at]) => at).slice(1);
  const waits = tries.slice(1).map((at, place) => at - tries[place]);
  assert.ok(tries[0] - (Date.parse("2026-11-20T12:00:00.000Z") + 25_000) < 600);
  assert.ok(waits.slice(0, 3).every((wait) => wait < 8_100), String(waits));
  assert.ok(waits.slice(4).every((wait) => wait >= 15_000 && wait <= 60_100), String(waits));
  assert.ok(waits.at(-1) > 45_000);
  assert.ok(new Set(waits).size > waits.length - 2, "not one like the other");
});

test("a server that is started again is waited for, and it is no failure", async () => {
  const { world, page } = await onSocket();
  for (const one of [...world.sockets]) {
    one.say({ t: "bye", reason: "restart", retry_ms: 3000 });
    one.end(1012);
  }
  await world.clock.pass(400);
  assert.equal(world.opened, 1);
  await world.clock.pass(9_600);

  assert.equal(world.opened, 2);
  assert.deepEqual(page.kinds, ["connecting", "websocket"]);
  assert.equal(page.live.connection.attempt, 0);
  whole(page);
});

test("a server that is not back in time is a failure after all", async () => {
  const { world, page } = await onSocket();
  for (const one of [...world.sockets]) one.end(1012);
  await world.clock.pass(21);
  world.way.websocket = false;
  await world.clock.pass(7_000);
  assert.equal(page.kind, "websocket");
  await world.clock.pass(2_000);

  assert.equal(page.kind, "sse");
  whole(page);
});

test("events of a server that is started again come back to it", async () => {
  const { world, page } = await onSocket();
  world.shut("websocket");
  await world.clock.pass(15_000);
  for (let i = 0; i < 5; i += 1) {
    for (const one of [...world.sources]) {
      one.say({ t: "bye", reason: "restart", retry_ms: 3000 });
      one.fail();
    }
    await world.clock.pass(15_000);
    assert.equal(page.kind, "sse");
    assert.equal(world.sources.size, 1);
  }
  whole(page);
});

test("a server with too many clients is asked seldom", async () => {
  const { world, page } = await onSocket();
  world.way.websocket = false;
  world.refusal.websocket = 1013;
  for (const one of [...world.sockets]) one.end(1013);
  await world.clock.pass(300_000);

  assert.equal(page.kind, "polling");
  assert.ok(world.opened <= 6, String(world.opened));
  assert.ok(!world.asked.some(([tier]) => tier === "sse"));
  world.open();
  await world.clock.pass(91_000);
  assert.equal(page.kind, "websocket");
  whole(page);
});

test("a page that finds no place is told why by its first poll, asks seldom, and comes back when there is one", async () => {
  for (const [full, why] of [["all", /the server has as many live connections as it allows/], ["address", /as many live connections come from this network address/]]) {
    const world = new World();
    world.shut("websocket");
    world.shut("sse");
    world.full = full;
    world.tick();
    world.run();
    const page = new Page(world).start();
    await world.clock.pass(600_000);

    assert.equal(page.kind, "polling");
    assert.match(page.live.connection.reason, why);
    assert.ok(world.opened <= 14, String(world.opened));
    world.full = null;
    world.open();
    await world.clock.pass(35_000);
    assert.equal(page.kind, "websocket");
    assert.equal(page.live.connection.reason, null);
    whole(page);
  }
});

test("a poll that is told to wait waits", async () => {
  const { world, page } = await onSocket();
  world.shut("websocket");
  world.shut("sse");
  world.refusal.polling = { status: 503, headers: { "Retry-After": "45" }, body: { detail: "too much to do" } };
  await world.clock.pass(200_000);

  const asks = world.asked.filter(([tier]) => tier === "polling").map(([, at]) => at);
  assert.equal(page.kind, "polling");
  assert.equal(page.live.connection.reason, "too much to do");
  assert.ok(asks.slice(1).every((at, place) => at - asks[place] >= 45_000));
});

test("a page that is not allowed says so and stops, until somebody asks", async () => {
  const { world, page } = await onSocket();
  for (const one of [...world.sockets]) one.end(4401);
  await world.clock.pass(600_000);

  assert.equal(page.kind, "offline");
  assert.match(page.live.connection.reason, /not allowed/);
  assert.equal(world.opened, 1);
  assert.equal(page.live.connection.nextAt, null);
  page.live.retry();
  assert.equal(page.kind, "connecting");
  await world.clock.pass(5_000);
  assert.equal(page.kind, "websocket");
});

test("a poll that is answered 401 stops the page too", async () => {
  const { world, page } = await onSocket();
  world.shut("websocket");
  world.shut("sse");
  world.refusal.polling = { status: 401, body: {} };
  await world.clock.pass(120_000);

  assert.equal(page.kind, "offline");
  assert.match(page.live.connection.reason, /signed out/);
});

test("before the first figures the page waits, over whichever tier", async () => {
  for (const shut of [[], ["websocket"], ["websocket", "sse"]]) {
    const world = new World();
    for (const tier of shut) world.shut(tier);
    const page = new Page(world).start();
    await world.clock.pass(5_000);
    assert.equal(page.kind, "waiting", String(shut));
    world.run();
    await world.clock.pass(41_000);

    assert.equal(page.kind, ["websocket", "sse", "polling"][shut.length]);
    whole(page);
  }
});

test("a server that answers 503 because it has no figures yet is waited for, not missed", async () => {
  const world = new World();
  world.shut("websocket");
  world.shut("sse");
  world.refusal.polling = { status: 503, headers: { "Retry-After": "10" }, body: { detail: "The first statement is being made." } };
  const page = new Page(world).start();
  await world.clock.pass(12_000);
  assert.deepEqual([page.kind, page.live.connection.reason], ["waiting", "The first statement is being made."]);
  assert.ok(page.live.connection.nextAt - world.clock.now() <= 10_000);

  world.run();
  world.refusal.polling = null;
  await world.clock.pass(21_000);
  assert.equal(page.kind, "polling");
});

test("a slow way is left for polling, with the reason, and taken again when it is quick", async () => {
  const { world, page } = await onSocket();
  world.latency = 400;
  await world.clock.pass(60_000);
  assert.equal(page.kind, "polling");
  assert.match(page.live.connection.reason, /round trip takes 8\d\d ms/);
  await world.clock.pass(300_000);
  assert.equal(page.kind, "polling");
  assert.ok(page.live.connection.roundTrip > 500);
  assert.ok(!world.asked.some(([tier]) => tier === "sse"));

  world.latency = 30;
  await world.clock.pass(180_000);

  assert.equal(page.kind, "websocket");
  assert.equal(page.live.connection.roundTrip, 60);
  whole(page);
});

test("one slow answer among quick ones changes nothing", async () => {
  const { world, page } = await onSocket();
  for (let i = 0; i < 20; i += 1) {
    world.latency = i % 3 ? 20 : 900;
    await world.clock.pass(10_000);
  }
  assert.ok(!page.kinds.includes("polling"));
});

test("a page that nobody looks at sends no pings", async () => {
  const { world, page } = await onSocket();
  const [socket] = world.sockets;
  page.visible = false;
  const before = socket.pings;
  await world.clock.pass(100_000);
  assert.equal(socket.pings, before);
  page.visible = true;
  await world.clock.pass(100_000);
  assert.ok(socket.pings >= before + 9);
});

test("the server's clock is learnt from pongs, and from answers where there are none", async () => {
  const { world, page } = await onSocket();
  world.serverAhead = 300_000;
  await world.clock.pass(60_000);
  assert.ok(Math.abs(page.live.connection.ahead - 300_000) <= 20, String(page.live.connection.ahead));

  const other = new World();
  other.serverAhead = 300_000;
  other.shut("websocket");
  other.shut("sse");
  other.run();
  other.tick();
  const polls = new Page(other).start();
  await other.clock.pass(40_000);
  assert.ok(Math.abs(polls.live.connection.ahead - 300_000) <= 1000, String(polls.live.connection.ahead));
});

test("the server's time is known from what came with the page, and from what is measured after it", async () => {
  const world = new World();
  world.clock.offset = 3_600_000;
  world.tick();
  const told = new Page(world, { ahead: -3_600_000 });
  const untold = new Page(world);
  assert.deepEqual([told, untold].map(({ live }) => [live.connection.ahead, live.connection.timed]), [[-3_600_000, true], [0, false]]);

  untold.start();
  await world.clock.pass(1000);

  assert.ok(untold.live.connection.timed);
  assert.ok(Math.abs(untold.live.connection.ahead + 3_600_000) <= 20);
});

test("after the computer slept the server's time is what it was known to be, until it is measured anew", async () => {
  const { world, page } = await onSocket();
  world.clock.offset = 3_600_000;
  page.live.retry();
  await world.clock.pass(60_000);
  const known = page.live.connection.ahead;
  assert.ok(Math.abs(known + 3_600_000) <= 20, String(known));

  page.live.wake("the computer slept");

  assert.equal(page.live.connection.ahead, known);
});

test("a page that is not let in any more has stopped since then, however long it was offline before", async () => {
  const { world, page } = await onSocket();
  world.shut("websocket");
  world.shut("sse");
  world.shut("polling");
  await world.clock.pass(600_000);
  assert.equal(page.kind, "offline");

  world.refusal.polling = { status: 401, body: {} };
  world.open("polling");
  await world.clock.pass(60_000);

  const { halted, since, nextAt } = page.live.connection;
  assert.ok(halted);
  assert.equal(nextAt, null);
  assert.ok(world.clock.now() - since <= 60_000);
});
