"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
globalThis.northstar = {};
for (const file of ["transport/timing", "transport/trouble", "lateness", "server_time"]) require(`../../assets/live/${file}.js`);
const { Lateness, serverTime } = globalThis.northstar;

const OF = "2026-11-20T12:00:00.000Z";
const LATER = "2026-11-20T12:00:10.000Z";

/** What is judged at each step of `[seconds, of, carrying, age, kind, heard]`, for a tick of ten seconds; it is heard from all the time where no step says otherwise. */
const judged = (...steps) => judgedAt(10, ...steps);

function judgedAt(everySeconds, ...steps) {
  let now = 0;
  const lateness = new Lateness(everySeconds, () => now);
  return steps.map(([seconds, of, carrying, age, kind = "websocket", heard = seconds]) => {
    now = seconds * 1000;
    lateness.note(of, { carrying, heardAt: heard * 1000 });
    return lateness.is(age * 1000, kind);
  });
}

test("figures that a connection did not renew for half a minute stand still", () => {
  assert.deepEqual(judged([0, OF, true, 0], [30, OF, true, 30], [31, OF, true, 31]), [false, false, true]);
});

test("what was opened again has the time of a tick to bring newer figures", () => {
  assert.deepEqual(judged([0, OF, true, 0], [1, OF, false, 31], [40, OF, true, 40], [53, OF, true, 53], [56, OF, true, 56]), [false, true, false, false, true]);
});

test("a connection that comes and goes gets its time once", () => {
  assert.deepEqual(judged([0, OF, true, 40], [9, OF, true, 49], [10, OF, false, 50], [20, OF, true, 60], [26, OF, true, 66]), [false, false, true, false, true]);
});

test("newer figures begin it anew", () => {
  assert.deepEqual(judged([0, OF, true, 40], [16, OF, true, 56], [17, LATER, true, 47], [30, LATER, true, 60], [33, LATER, true, 63]), [false, true, false, false, true]);
});

test("what is asked for now and then has the pause between two questions more", () => {
  assert.deepEqual(judged([0, OF, true, 61, "polling"], [44, OF, true, 105, "polling"], [46, OF, true, 107, "polling"]), [false, false, true]);
});

/** Which of these seconds of a silence, looked at each second, are called late. */
const lateAfter = (everySeconds, kind = "websocket", seconds = 60) =>
  judgedAt(everySeconds, ...Array.from({ length: seconds }, (_, at) => [at, OF, true, at, kind, 0])).indexOf(true);

test("a connection that says nothing is late once several ticks were missed, or a beat where ticks are seldom", () => {
  assert.deepEqual([1, 5, 10, 30, 60].map((every) => lateAfter(every)), [9, 16, 16, 16, 16]);
  assert.equal(lateAfter(1, "sse"), 9);
  assert.equal(lateAfter(10, "polling"), 46);
});

test("figures that stand still while beats come are late after three ticks and some seconds, up to half a minute, and stay so", () => {
  const lateAt = (every, age) => judgedAt(every, [0, OF, true, 0], [age / 2, OF, true, age / 2], [age, OF, true, age]).at(-1);

  for (const [every, most] of [[1, 8], [5, 20], [10, 30]])
    assert.deepEqual([lateAt(every, most), lateAt(every, most + 1)], [false, true], String(every));
  assert.deepEqual([judgedAt(30, [0, OF, true, 0], [40, OF, true, 40], [80, OF, true, 90]).at(-1), judgedAt(30, [0, OF, true, 0], [40, OF, true, 40], [80, OF, true, 91]).at(-1)], [false, true]);
});

test("one message ends a silence, and a connection that is opened again is not silent", () => {
  assert.deepEqual(judged([0, OF, true, 0, "websocket", 0], [16, OF, true, 16, "websocket", 0], [17, OF, true, 17, "websocket", 17]), [false, true, false]);
  assert.deepEqual(judged([0, OF, true, 0, "websocket", 0], [16, OF, false, 16, "websocket", 0]), [false, false]);
});

test("a computer that slept did not hear a silence", () => {
  assert.deepEqual(judged([0, OF, true, 0, "websocket", 0], [3600, LATER, true, 5, "websocket", 0]), [false, false]);
});

test("a computer that slept had no connection meanwhile", () => {
  assert.deepEqual(judged([0, OF, true, 0], [3600, OF, true, 3600], [3616, OF, true, 3616]), [false, false, true]);
});

test("the server's time is waited for while it may come, and for ten seconds", () => {
  let now = 0;
  const lateness = new Lateness(10, () => now);
  const untimed = (kind, timed) => lateness.untimed({ kind, timed });

  assert.deepEqual([untimed("connecting", false), untimed("sse", false), untimed("sse", true), untimed("offline", false)], [true, true, false, false]);
  now = 10_000;
  assert.equal(untimed("sse", false), false);
});

test("a page says how far its server's clock was ahead when it came, and one that was kept does not", () => {
  const page = (content) => ({ querySelector: () => (content === null ? null : { getAttribute: () => content }) });
  const timer = (entry) => ({ now: () => 5000, getEntriesByType: () => (entry ? [entry] : []) });
  const came = { requestStart: 900, responseStart: 1100 };
  const now = () => Date.parse("2026-11-20T13:00:04.000Z");

  assert.equal(serverTime.ahead(page("2026-11-20T12:00:00.000Z"), timer(came), now), -3_600_000);
  assert.equal(serverTime.ahead(page(null), timer(came), now), null);
  assert.equal(serverTime.ahead(page("soon"), timer(came), now), null);
  assert.equal(serverTime.ahead(page("2026-11-20T12:00:00.000Z"), timer(null), now), null);
});
