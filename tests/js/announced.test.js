"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { HandClock, World, Page, load } = require("./live_world.js");

load();
Object.assign(globalThis.northstar, { panels: [], actions: {} });
for (const file of ["money", "zone", "announce", "speech", "draw/badge"]) require(`../../assets/live/${file}.js`);
const { Announcer, Speech } = globalThis.northstar;

const PAUSED = "Live updates paused. The figures come every 30 seconds.";
const LOST = "Connection lost. The figures shown are the last good ones.";

/** A page that is live, with what a screen reader is told of its connection, by the way that the page tells it. */
async function listened() {
  const world = new World();
  world.run();
  world.tick();
  const page = new Page(world);
  const all = [];
  const announcer = new Announcer((text) => all.push(text), world.clock.now);
  page.live.changed = () => announcer.connection(page.live.connection);
  page.start();
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
});

test("of more than can be said the newest are", async () => {
  const clock = new HandClock();
  const all = [];
  const speech = new Speech((text) => all.push(text), clock.setTimeout);

  for (const text of ["one", "two", "three", "four", "five", "six", "seven"]) speech.say(text);
  await clock.pass(20_000);

  assert.deepEqual(all, ["one", "four", "five", "six", "seven"]);
});
