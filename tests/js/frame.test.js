"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { HandClock } = require("./live_world.js");
require("../../assets/live/frame.js");

/** A page whose frames come each 16 ms, unless they are held back. */
function page() {
  const clock = new HandClock();
  const made = { drawn: 0, hidden: false, held: false, clock };
  const browser = {
    setTimeout: clock.setTimeout, clearTimeout: clock.clearTimeout,
    requestAnimationFrame: (act) => (made.held ? 0 : clock.setTimeout(act, 16)), cancelAnimationFrame: (frame) => clock.clearTimeout(frame),
  };
  made.frame = new globalThis.northstar.Frame(() => (made.drawn += 1), () => made.hidden, browser);
  return made;
}

test("however much is news, a frame draws once", async () => {
  const made = page();
  for (let i = 0; i < 100; i += 1) made.frame.mark();
  assert.equal(made.drawn, 0);
  await made.clock.pass(1000);
  assert.equal(made.drawn, 1);
  assert.equal(made.clock.timers.size, 0);

  made.frame.mark();
  await made.clock.pass(16);
  assert.equal(made.drawn, 2);
});

test("where the browser holds its frames back, the page is drawn all the same", async () => {
  const made = page();
  made.held = true;
  made.frame.mark();
  await made.clock.pass(249);
  assert.equal(made.drawn, 0);
  await made.clock.pass(1);
  assert.equal(made.drawn, 1);
});

test("while nobody looks nothing is drawn, and what is due is drawn when somebody does", async () => {
  const made = page();
  made.hidden = true;
  for (let i = 0; i < 10; i += 1) made.frame.mark();
  await made.clock.pass(60_000);
  assert.deepEqual([made.drawn, made.clock.timers.size], [0, 0]);

  made.hidden = false;
  made.frame.run();
  assert.equal(made.drawn, 1);
});

test("a page that is hidden between news and frame draws it later", async () => {
  const made = page();
  made.frame.mark();
  made.hidden = true;
  await made.clock.pass(1000);
  assert.equal(made.drawn, 0);
  made.hidden = false;
  made.frame.mark();
  await made.clock.pass(1000);
  assert.equal(made.drawn, 1);
});

test("an answer to a hand on the page is drawn at once, and not once more", async () => {
  const made = page();
  made.frame.mark();
  made.frame.now();
  assert.equal(made.drawn, 1);
  await made.clock.pass(1000);
  assert.equal(made.drawn, 1);
});
