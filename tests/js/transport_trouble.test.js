"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { World, Page, load } = require("./live_world.js");

load();

async function onSocket(how = {}) {
  const world = new World(how);
  world.run();
  world.tick();
  const page = new Page(world, how).start();
  await world.clock.pass(25_000);
  assert.equal(page.kind, "websocket");
  return { world, page };
}

async function onEvents(how) {
  const { world, page } = await onSocket(how);
  world.shut("websocket");
  await world.clock.pass(15_000);
  assert.equal(page.kind, "sse");
  return { world, page };
}

async function onPolling(how) {
  const { world, page } = await onSocket(how);
  world.shut("websocket");
  world.shut("sse");
  await world.clock.pass(15_000);
  assert.equal(page.kind, "polling");
  return { world, page };
}

function whole(page) {
  page.applied.forEach((seq, place) => assert.equal(seq, page.applied[0] + place, `after ${page.applied.slice(Math.max(0, place - 3), place + 1)}`));
}

/** Something is lost on the way to the page: the next message does not fit. */
async function lose(world, tier) {
  world.way[tier] = "hole";
  world.tick();
  await world.clock.pass(100);
  world.way[tier] = true;
}

test("a number that is left out is asked for, over the tier that is up, and the tier stands", async () => {
  for (const [on, tier] of [[onSocket, "websocket"], [onEvents, "sse"]]) {
    const { world, page } = await on();
    const kinds = page.kinds.length;
    await lose(world, tier);
    await world.clock.pass(12_000);

    whole(page);
    assert.equal(page.live.gaps.count, 1);
    assert.equal(page.applied.at(-1), world.seq);
    assert.equal(page.kinds.length, kinds);
    assert.match(world.asked.filter(([asked]) => asked === tier).at(-1)[2], new RegExp(`after=${page.applied.at(-1) - 2}&stream=s1`));
  }
});

test("a beat that names a number that we do not have is a gap", async () => {
  const { world, page } = await onSocket({ everyMs: 1e8 });
  await lose(world, "websocket");
  world.beats();
  await world.clock.pass(1_000);

  assert.equal(page.applied.at(-1), world.seq);
  whole(page);
});

test("what cannot be read is counted and taken for a gap, on every tier", async () => {
  for (const rubbish of ["{", "null", "[]", "7", '"x"', "{}", '{"t":"delta"}', '{"t":"delta","seq":9999,"base":1,"set":{}}', '{"t":"snapshot","stream":"s1","data":{}}', '{"t":"beat"}']) {
    for (const [on, ends] of [[onSocket, "sockets"], [onEvents, "sources"]]) {
      const { world, page } = await on();
      for (const one of [...world[ends]]) one.say(rubbish);
      await world.clock.pass(14_000);

      assert.equal(page.live.gaps.count, 1, rubbish);
      assert.equal(page.applied.at(-1), world.seq);
      whole(page);
    }
  }
});

test("an answer that makes no sense is no answer", async () => {
  const { world, page } = await onPolling();
  for (const body of [null, [], { messages: 7 }, "<html>"]) {
    world.refusal.polling = { status: 200, body };
    await world.clock.pass(30_000);
    assert.equal(page.live.connection.reason, "the answer could not be read");
  }
  for (const messages of [[null], [7], [{ t: "delta", seq: 9e9, base: 8e9, set: {} }]]) {
    world.refusal.polling = { status: 200, body: { messages } };
    const { count } = page.live.gaps;
    while (page.live.gaps.count === count) await world.clock.pass(10);
    world.refusal.polling = null;
    await world.clock.pass(40_000);
    assert.equal(page.applied.at(-1), page.store.seq);
  }

  assert.equal(page.kind, "polling");
  whole(page);
});

test("a server that speaks nothing but rubbish is not asked without end", async () => {
  const { world, page } = await onSocket();
  const since = world.since.bind(world);
  world.since = (query) => [...since(query), "rubbish"];
  const before = world.asked.length;
  for (const one of [...world.sockets]) one.say("rubbish");
  await world.clock.pass(600_000);

  assert.ok(world.asked.length - before < 400, String(world.asked.length - before));
  whole(page);
  world.since = since;
  await world.clock.pass(61_000);
  assert.equal(page.kind, "websocket");
});

test("a gap that stays is closed by a whole snapshot", async () => {
  const { world, page } = await onSocket({ everyMs: 1e8 });
  const since = world.since.bind(world);
  world.since = (query) => (query.has("after") ? [{ t: "delta", seq: 900, base: 899, set: {} }] : since(query));
  world.tick();
  world.tick();
  for (const one of [...world.sockets]) one.say("rubbish");
  await world.clock.pass(30_000);

  assert.equal(page.applied.at(-1), world.seq);
});

test("types of message that are not known are passed over", async () => {
  const { world, page } = await onSocket();
  for (const one of [...world.sockets]) one.say({ t: "hello", seq: 5 });
  await world.clock.pass(15_000);

  assert.equal(page.live.gaps.count, 0);
  assert.equal(world.opened, 1);
});

test("tiers may overlap and messages may come twice: each number is applied once", async () => {
  const { world, page } = await onEvents();
  world.open();
  for (let i = 0; i < 30; i += 1) {
    const source = [...world.sources][0];
    const socket = [...world.sockets][0];
    for (const delta of world.ring.slice(-5)) for (const one of [source, socket]) one?.say(delta);
    await world.clock.pass(2_500);
  }

  assert.equal(page.kind, "websocket");
  assert.equal(page.live.gaps.count, 0);
  whole(page);
});

test("another store brings another series, and its snapshot replaces what is held", async () => {
  for (const on of [onSocket, onEvents, onPolling]) {
    const { world, page } = await on();
    await world.clock.pass(300_000);
    world.another(2);
    for (const one of [...world.sockets]) one.end(1006);
    for (const one of [...world.sources]) one.fail();
    await world.clock.pass(120_000);

    assert.equal(page.store.stream, "s2");
    assert.equal(page.store.seq, page.applied.at(-1));
    assert.ok(world.seq - page.store.seq <= 3);
    const first = page.applied.findIndex((seq, place) => place > 0 && seq < page.applied[place - 1]);
    assert.ok(first > 0);
    page.applied.slice(first).forEach((seq, place) => assert.equal(seq, page.applied[first] + place));
  }
});

test("a delta of a series that is over does not touch the new one", async () => {
  const { world, page } = await onEvents();
  const old = [...world.sources][0];
  const { stream, seq } = page.store;
  page.store.offer({ t: "snapshot", stream: "other", data: { ...world.document(), seq } });
  old.say({ t: "delta", seq: seq + 1, base: seq, set: { seq: seq + 1, net: "wrong" } });
  await world.clock.pass(100);

  assert.notEqual(page.store.snapshot.net, "wrong");
  assert.equal(page.store.stream, stream);
});

test("a page that slept opens its socket anew at once and catches up by deltas", async () => {
  const { world, page } = await onSocket();
  const held = page.applied.at(-1);
  world.clock.sleep(0);
  const stale = [...world.sockets][0];
  world.sockets.delete(stale); // the server gave it up meanwhile
  for (let i = 0; i < 60; i += 1) world.tick();
  world.clock.sleep(600_000);
  page.live.tick();
  await world.clock.pass(100);

  assert.equal(page.applied.at(-1), world.seq);
  assert.match(world.asked.at(-1)[2], new RegExp(`after=${held}&`));
  assert.equal(world.opened, 2);
  assert.deepEqual(page.kinds, ["connecting", "websocket"]);
  whole(page);
});

test("a page that slept on a lower tier asks at once, and tries the socket", async () => {
  for (const [on, tier] of [[onEvents, "sse"], [onPolling, "polling"]]) {
    const { world, page } = await on();
    world.sources.clear();
    for (let i = 0; i < 60; i += 1) world.tick();
    world.clock.sleep(600_000);
    world.way[tier] = true;
    const before = world.asked.length;
    page.live.tick();
    await world.clock.pass(200);

    assert.equal(page.applied.at(-1), world.seq, tier);
    assert.ok(world.asked.slice(before).some(([asked]) => asked === "websocket"));
    assert.equal(page.kind, tier);
    whole(page);
  }
});

test("timers that a browser holds back for a minute are no sleep while messages come", async () => {
  const { world, page } = await onSocket();
  const run = page.live.deadlines.run.bind(page.live.deadlines);
  page.live.deadlines.run = () => {};
  await world.clock.pass(120_000);
  page.live.deadlines.run = run;
  page.live.tick();
  await world.clock.pass(60_000);

  assert.equal(world.opened, 1);
  whole(page);
});

test("a page that is looked at again believes a lively socket and replaces a silent one", async () => {
  const { world, page } = await onSocket();
  page.live.seen();
  await world.clock.pass(100);
  assert.equal(world.opened, 1);

  world.way.websocket = "hole";
  await world.clock.pass(20_000);
  world.way.websocket = true;
  page.live.seen();
  await world.clock.pass(100);
  assert.equal(world.opened, 2);
  assert.equal(page.applied.at(-1), world.seq);
  whole(page);
});

test("when the browser says that the network is gone, the socket is asked, not torn down", async () => {
  const { world, page } = await onSocket();
  page.live.doubt();
  await world.clock.pass(10_000);
  assert.equal(world.opened, 1);

  world.way.websocket = "hole";
  page.live.doubt();
  await world.clock.pass(4_900);
  assert.equal(page.kind, "websocket");
  await world.clock.pass(200);
  assert.equal(page.kind, "sse");
});

test("when the network is back, all is opened at once", async () => {
  const { world, page } = await onSocket();
  for (const tier of ["websocket", "sse", "polling"]) world.shut(tier);
  await world.clock.pass(700_000);
  assert.equal(page.kind, "offline");
  world.open();
  page.live.wake("the network is back");
  await world.clock.pass(200);

  assert.equal(page.kind, "websocket");
  assert.equal(page.applied.at(-1), world.seq);
});

test("a clock that is set back delays nothing", async () => {
  const { world, page } = await onSocket();
  world.clock.offset = -3_600_000;
  await world.clock.pass(10_000);
  world.shut("websocket", "hole");
  await world.clock.pass(45_000);

  assert.equal(page.kind, "sse");
  whole(page);
});

test("after a reload the last snapshot is there at once, and only the deltas are asked for", async () => {
  const kept = {};
  const memory = { getItem: (key) => kept[key] ?? null, setItem: (key, value) => { kept[key] = value; } };
  const { world, page } = await onSocket({ memory });
  await world.clock.pass(6_500); // what came last is kept within a second
  page.live.halt("the page is gone");
  const held = page.store.seq;
  world.tick();
  const after = new Page(world, { memory });
  const drawn = [];
  after.store.subscribe((snapshot) => drawn.push(snapshot.seq));
  after.start();

  assert.equal(after.kind, "connecting");
  await world.clock.pass(100);
  assert.deepEqual(after.applied, [held + 1]);
  assert.deepEqual(drawn, [held, held + 1]);
  assert.match(world.asked.at(-1)[2], new RegExp(`after=${held}&stream=s1`));
  assert.equal(after.store.restored, false);
});

test("after a reload in an outage the last snapshot stays, with the warning", async () => {
  const kept = {};
  const memory = { getItem: (key) => kept[key] ?? null, setItem: (key, value) => { kept[key] = value; } };
  const { world, page } = await onSocket({ memory });
  page.live.halt("the page is gone");
  for (const tier of ["websocket", "sse", "polling"]) world.shut(tier);
  const after = new Page(world, { memory }).start();
  await world.clock.pass(10_000);

  assert.equal(after.kind, "offline");
  assert.equal(after.store.seq, page.store.seq);
  assert.equal(after.store.restored, true);
});

test("the log of changes is short", async () => {
  const { world, page } = await onSocket();
  for (let i = 0; i < 40; i += 1) {
    world.shut("websocket");
    await world.clock.pass(3_000);
    world.open();
    await world.clock.pass(61_000);
  }
  assert.equal(page.live.log.length, 50);
  assert.deepEqual(Object.keys(page.live.log.at(-1)), ["at", "kind", "reason"]);
  whole(page);
});

test("while polling has no answer the next try is what comes first, and with one the next question", async () => {
  const { world, page } = await onPolling();
  await world.clock.pass(31_000);
  assert.equal(page.live.connection.nextAt, Math.round(page.live.deadlines.at("poll")));

  world.shut("polling");
  let sooner = 0;
  for (let second = 0; second < 120; second += 1) {
    await world.clock.pass(1000);
    const { broken, nextAt, trying } = page.live.connection;
    if (trying) continue;
    const tries = ["poll", "climb", "eventsAgain"].map((name) => page.live.deadlines.at(name)).filter((at) => at !== null);
    if (broken) assert.equal(nextAt, Math.round(Math.min(...tries)));
    if (broken && nextAt < page.live.deadlines.at("poll")) sooner += 1;
  }

  assert.ok(sooner > 0);
});

test("what is opened again carries since then, and not since what broke off", async () => {
  for (const on of [onSocket, onEvents]) {
    const { world, page } = await on();
    const { since } = page.live.connection;
    await world.clock.pass(60_000);
    const kinds = page.kinds.length;
    for (const one of [...world.sockets]) {
      one.say({ t: "bye", reason: "restart", retry_ms: 1000 });
      one.end(1012);
    }
    for (const one of [...world.sources]) one.fail();
    const cut = world.clock.now();
    await world.clock.pass(5000);

    assert.equal(page.kinds.length, kinds);
    assert.ok(page.live.connection.since >= cut && since < cut, page.kind);
  }
});

test("a countdown to the next try goes on until that is made, and says nothing while one is", async () => {
  const { world, page } = await onSocket({ latency: 200 });
  for (const tier of ["websocket", "sse", "polling"]) world.shut(tier);
  let before = null;
  let tries = 0;
  let counted = 0;
  for (let step = 0; step < 4000; step += 1) {
    await world.clock.pass(100);
    const { kind, broken, nextAt, trying } = page.live.connection;
    if (kind !== "offline" && !(kind === "polling" && broken)) continue;
    if (trying) {
      assert.equal(nextAt, null);
      tries += before === null ? 0 : 1;
      before = null;
      continue;
    }
    assert.ok(nextAt > world.clock.now() - 100);
    if (before !== null && before > world.clock.now()) {
      assert.equal(nextAt, before);
      counted += 1;
    }
    before = nextAt;
  }

  assert.ok(tries > 10 && counted > 500, `${tries} ${counted}`);
});

test("when the server was heard from last is kept over a reload, and is not when it was found to be away", async () => {
  const kept = new Map();
  const memory = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) };
  const world = new World();
  world.run();
  world.tick();
  const page = new Page(world, { memory }).start();
  await world.clock.pass(25_000);
  const heardAt = page.live.connection.heardAt;
  for (const tier of ["websocket", "sse", "polling"]) world.shut(tier, "hole");
  await world.clock.pass(400_000);
  assert.deepEqual([page.kind, page.live.connection.receivedAt], ["offline", heardAt]);
  page.store.save();

  const after = new Page(world, { memory }).start();
  await world.clock.pass(120_000);

  assert.deepEqual([after.kind, after.live.connection.heardAt, after.live.connection.receivedAt], ["offline", null, heardAt]);
  after.store.save();
  world.open();
  await world.clock.pass(61_000);
  assert.equal(after.live.connection.receivedAt, after.live.connection.heardAt);
});
