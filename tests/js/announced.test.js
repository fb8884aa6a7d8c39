"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { HandClock, World, Page, load } = require("./live_world.js");

load();
Object.assign(globalThis.northstar, { panels: [], actions: {} });
for (const file of ["money", "zone", "announce", "speech", "transport/trouble", "lateness", "draw/badge"]) require(`../../assets/live/${file}.js`);
const { Announcer, Lateness, Speech } = globalThis.northstar;

const PAUSED = "Live updates paused. The figures come every 30 seconds.";
const LOST = "Connection lost. The figures shown are the last good ones.";

/** A page that is live, with what a screen reader is told of its connection, by the way that the page tells it. */
async function listened(how = {}) {
  const world = new World(how);
  world.run();
  world.tick();
  const page = new Page(world);
  const all = [];
  const announcer = new Announcer((text) => all.push(text), world.clock.now);
  const lateness = new Lateness(world.everyMs / 1000, world.clock.now);
  const look = () => lateness.note(page.store.snapshot?.as_of ?? null, page.live.connection);
  page.live.changed = () => {
    announcer.connection(page.live.connection);
    look();
  };
  const everySecond = () => {
    const { connection } = page.live;
    look();
    const late = page.store.snapshot !== null && lateness.is(world.clock.now() - Date.parse(page.store.snapshot.as_of), connection.kind);
    announcer.standing(connection.kind === "offline" || (connection.kind === "polling" && connection.broken) || late, connection);
    world.clock.setTimeout(everySecond, 1000);
  };
  page.start();
  everySecond();
  await world.clock.pass(25_000);
  assert.equal(page.kind, "websocket");
  return { world, page, all };
}

test("who listens is told when figures are asked for only, and when they are live again", async () => {
  const { world, page, all } = await listened();
  world.shut("websocket");
  world.shut("sse");
  await world.clock.pass(60_000);
  assert.equal(page.kind, "polling");
  assert.deepEqual(all, [PAUSED]);

  world.open();
  await world.clock.pass(61_000);

  assert.equal(page.kind, "websocket");
  assert.deepEqual(all, [PAUSED, "Live updates are back."]);
});

test("who listens is told when polling has no answer any more, and when it has one again", async () => {
  const { world, page, all } = await listened();
  world.shut("websocket");
  world.shut("sse");
  await world.clock.pass(60_000);
  world.shut("polling");
  await world.clock.pass(60_000);
  assert.deepEqual(all, [PAUSED, LOST]);
  assert.equal(page.live.connection.reason, "the server is not reached");

  world.open("polling");
  await world.clock.pass(31_000);

  assert.deepEqual(all, [PAUSED, LOST, "Connected again."]);
  assert.match(page.live.connection.reason, /no live connection/);
});

test("what is said stays for a while before the next takes its place", async () => {
  const clock = new HandClock();
  const begun = clock.now();
  const all = [];
  const speech = new Speech((text) => all.push([clock.now() - begun, text]), clock.setTimeout);

  for (const text of ["one", "two", "three"]) speech.say(text);
  await clock.pass(10_000);
  speech.say("four");

  assert.deepEqual(all, [[0, "one"], [1500, "two"], [3000, "three"], [10_000, "four"]]);
  await clock.pass(9999);
  assert.equal(all.length, 4);
  await clock.pass(1);
  assert.deepEqual(all.at(-1), [20_000, ""]); // nobody who walks there later takes an old figure for the newest
});

test("of more than can be said the newest are", async () => {
  const clock = new HandClock();
  const all = [];
  const speech = new Speech((text) => all.push(text), clock.setTimeout);

  for (const text of ["one", "two", "three", "four", "five", "six", "seven"]) speech.say(text);
  await clock.pass(20_000);

  assert.deepEqual(all, ["one", "four", "five", "six", "seven", ""]);
});

/** A server that is killed, and comes back with the figures of before; it makes new ones after so many ms more. */
async function killed({ world, page }, firstAfter) {
  world.clock.clearTimeout(world.ticking);
  for (const tier of ["websocket", "sse", "polling"]) world.shut(tier);
  await world.clock.pass(45_000);
  world.open();
  const end = world.clock.at + 60_000;
  while (!page.live.connection.carrying && world.clock.at < end) await world.clock.pass(100);
  assert.ok(page.live.connection.carrying);
  assert.ok(world.clock.at - Date.parse(page.store.snapshot.as_of) > 31_000);
  await world.clock.pass(firstAfter);
}

test("who listens is not told that figures stand still while a server that has come back makes its first", async () => {
  const { world, page, all } = await listened();
  await killed({ world, page }, 9000);

  world.run();
  world.tick();
  await world.clock.pass(60_000);

  assert.deepEqual(all.slice(0, 2), [LOST, "Connected again."]);
  assert.deepEqual(all.filter((text) => /figures (stand|move)/.test(text)), []);
});

test("who listens is told that figures stand still once a server that has come back had its time", async () => {
  const { world, page, all } = await listened();
  const STILL = "The figures stand still. Those shown are the last good ones.";
  await killed({ world, page }, 9000);
  assert.ok(!all.includes(STILL));

  await world.clock.pass(60_000);
  assert.deepEqual(all.filter((text) => text === STILL), [STILL]);

  world.run();
  world.tick();
  await world.clock.pass(5000);
  assert.equal(all.at(-1), "The figures move again.");
});

test("a page that is not let in any more is told once, and nothing that waits is said after it", async () => {
  const { world, page, all } = await listened();
  const clock = new HandClock();
  const heard = [];
  const speech = new Speech((text) => heard.push(text), clock.setTimeout);
  const announcer = new Announcer((text, last) => speech.say(text, last), clock.now);
  const OUT = "The updates have stopped. This page is not allowed to receive figures any more. Load it again.";
  for (const socket of [...world.sockets]) socket.end(4401);
  await world.clock.pass(120_000);
  assert.deepEqual(all, [OUT]);
  assert.ok(page.live.halted);

  for (const text of ["one", "two", "three"]) speech.say(text);
  announcer.connection(page.live.connection);
  announcer.connection(page.live.connection);
  await clock.pass(20_000);

  assert.deepEqual(heard, ["one", OUT, ""]);
});
