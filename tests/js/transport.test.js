"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
require("../../assets/live/transport.js");

const { Polling } = globalThis.northstar.transport;

function polling(answers, now = () => 1_000_000) {
  const asked = [];
  const messages = [];
  const states = [];
  const fetch = async (_url, how) => {
    asked.push(how.headers);
    const next = answers.shift();
    if (next instanceof Error) throw next;
    return next;
  };
  const made = new Polling({ url: "/current", everySeconds: 10, fetch, now, deliver: (message) => messages.push(message), report: (state) => states.push(state) });
  return { made, asked, messages, states };
}

const good = (seq, date) => new Response(JSON.stringify({ seq }), { headers: { ETag: `"${seq}"`, ...(date ? { Date: date } : {}) } });

test("a snapshot is handed on, and the next question names it", async () => {
  const { made, asked, messages, states } = polling([good(5), new Response(null, { status: 304 })]);
  await made.poll();
  await made.poll();

  assert.deepEqual(messages, [{ t: "snapshot", data: { seq: 5 } }]);
  assert.deepEqual(asked, [{}, { "If-None-Match": '"5"' }]);
  assert.deepEqual(states.map((state) => state.kind), ["polling", "polling"]);
  assert.equal(states[1].nextAt, 1_010_000);
});

test("failures count up, and one answer ends them", async () => {
  const { made, states } = polling([new TypeError("refused"), new Response("", { status: 500 }), good(1)]);
  for (let i = 0; i < 3; i += 1) await made.poll();

  assert.deepEqual(states.map((state) => [state.kind, state.attempt]), [["offline", 1], ["offline", 2], ["polling", 0]]);
  assert.equal(states[1].reason, "the server answered 500");
});

test("before the first tick the server is waited for, not missed", async () => {
  const { made, states } = polling([new Response(JSON.stringify({ detail: "ask again shortly" }), { status: 503 })]);
  await made.poll();

  assert.deepEqual([states[0].kind, states[0].reason], ["waiting", "ask again shortly"]);
});

test("a server whose clock is ahead is believed", async () => {
  const now = Date.parse("2026-11-20T12:00:00Z");
  const { made, states } = polling([good(1, "Fri, 20 Nov 2026 12:05:00 GMT"), good(2, "Fri, 20 Nov 2026 12:00:01 GMT")], () => now);
  await made.poll();
  await made.poll();

  assert.deepEqual(states.map((state) => state.ahead), [300_500, 0]);
});

test("a question that is still open is not asked again", async () => {
  let release;
  const open = new Promise((resolve) => { release = resolve; });
  const { made, asked } = polling([open, good(2)]);
  const first = made.poll();
  await made.poll();
  release(good(1));
  await first;

  assert.equal(asked.length, 1);
});
