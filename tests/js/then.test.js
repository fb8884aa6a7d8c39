"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
require("../../assets/live/zone.js");
require("../../assets/live/then.js");

const { Then, asked, instantOf, wallOf } = globalThis.northstar.then;
const NEW_YORK = "America/New_York";
const AT = "2026-11-20T19:32:10Z";

/** @param {(url: string) => unknown} answer what the server says: a thrown error is no answer */
function screen(answer) {
  const shown = [];
  const urls = [];
  let changes = 0;
  const then = new Then({
    asOf: AT, url: "/api/pnl/current", now: () => 5000, changed: () => (changes += 1),
    store: { show: (snapshot) => shown.push(snapshot) },
    fetch: async (url) => (urls.push(url), answer(url)),
  });
  return { then, shown, urls, changes: () => changes };
}
const answered = (status, body) => ({ ok: status === 200, status, json: async () => body });

test("only the addresses of the live page and of the reconcile page ask for a screen of the past", () => {
  assert.equal(asked({ pathname: "/", search: "?as_of=2026-11-20T19:32:10Z" }, "/"), AT);
  assert.equal(asked({ pathname: "/pnl/", search: "?x=1&as_of=2026-11-20T19%3A32%3A10Z" }, "/pnl/"), AT);
  assert.equal(asked({ pathname: "/pnl/reconcile", search: `?as_of=${AT}` }, "/pnl/"), AT);
  for (const [pathname, search] of [["/", ""], ["/sources", `?as_of=${AT}`], ["/", "?as_of="], ["/history", `?as_of=${AT}`], ["/pnl/", `?as_of=${AT}`]])
    assert.equal(asked({ pathname, search }, "/"), null);
});

test("the snapshot of the instant is asked for once, and shown", async () => {
  const { then, shown, urls, changes } = screen(() => answered(200, { seq: 7 }));
  await then.read();
  assert.deepEqual(urls, ["/api/pnl/current?as_of=2026-11-20T19%3A32%3A10Z"]);
  assert.deepEqual(shown, [{ seq: 7 }]);
  assert.equal(changes(), 1);
  assert.deepEqual([then.connection.kind, then.connection.broken, then.connection.heardAt], ["past", false, 5000]);
});

test("what the server says against an instant is told, and a later answer takes its place", async () => {
  let bad = true;
  const { then, shown } = screen(() => (bad ? answered(404, { detail: "nothing is kept from before 2026-11-01" }) : answered(200, { seq: 7 })));
  await then.read();
  assert.deepEqual([then.connection.broken, then.connection.reason, shown.length], [true, "nothing is kept from before 2026-11-01", 0]);
  bad = false;
  await then.read();
  assert.deepEqual([then.connection.broken, then.connection.reason, shown.length], [false, null, 1]);
});

test("no answer, and one that makes no sense, are told", async () => {
  const cut = screen(() => { throw new TypeError("the network is gone"); });
  await cut.then.read();
  assert.equal(cut.then.connection.reason, "the network is gone");
  const rubbish = screen(() => ({ ok: false, status: 502, json: async () => { throw new SyntaxError("not JSON"); } }));
  await rubbish.then.read();
  assert.equal(rubbish.then.connection.reason, "the server answered 502");
});

test("a wall clock of the company is an instant, on both sides of each change of the clocks", () => {
  for (const at of ["2026-03-08T06:59:59Z", "2026-03-08T07:00:00Z", "2026-07-01T04:00:00Z", "2026-11-01T04:59:00Z", "2026-11-01T07:00:01Z", "2026-11-20T19:32:10Z"])
    for (const zone of [NEW_YORK, "UTC", "Asia/Kolkata", "Pacific/Auckland"])
      assert.equal(instantOf(wallOf(Date.parse(at), zone), zone), at, `${at} in ${zone}`);
  assert.equal(instantOf("2026-11-20T14:32", NEW_YORK), "2026-11-20T19:32:00Z");
  // What the clock skips is the instant at which it jumps, as the server has it.
  assert.equal(instantOf("2026-03-08T02:30", NEW_YORK), "2026-03-08T07:00:00Z");
  assert.equal(instantOf("2026-10-04T02:30", "Australia/Sydney"), "2026-10-03T16:00:00Z");
  assert.equal(new Date(globalThis.northstar.zone.dayStart("2026-03-08", "America/Havana")).toISOString(), "2026-03-08T05:00:00.000Z");
});
