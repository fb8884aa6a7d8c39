"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
require("../../assets/live/money.js");
require("../../assets/live/zone.js");
require("../../assets/live/each_tick.js");
require("../../assets/live/isolated.js");
require("../../assets/sources/words.js");
require("../../assets/sources/list.js");
require("../../assets/reconcile/words.js");
require("../../assets/reconcile/groups.js");
require("../../assets/reconcile/log.js");
require("../../assets/reconcile/check_now.js");

const { CheckLog, CheckNow, SourceList, checkGroups, checkWords } = globalThis.northstar;
const NOW = Date.parse("2026-11-20T12:00:00Z");
const ago = (minutes) => NOW - minutes * 60_000;
const iso = (at) => new Date(at).toISOString();
const check = (name, scope, state = "ok", more = {}) => ({ name, scope, state, expected: "1.00", actual: "1.00", difference: "0", tolerance: "0", since: iso(ago(60)), ...more });

test("what differs comes first, then what waits; a market is one row", () => {
  const groups = checkGroups.grouped([check("I5_cash", "account"), check("I3_realised", "KXA"), check("I2_fees", "KXA", "failed"), check("api_cost", "2026-11-20", "waiting"), check("identity", "net")], (ticker) => `Market ${ticker}`);
  assert.deepEqual(groups.map(({ title, state }) => [title, state]), [["Market KXA", "failed"], ["API cost, Fri 20 Nov", "waiting"], ["The statement adds up", "ok"], ["Cash balance", "ok"]]);
  assert.deepEqual(groups[0].checks.map(({ name }) => name), ["I2_fees", "I3_realised"]);
});

test("states and words narrow the rows down", () => {
  const groups = checkGroups.grouped([check("I3_realised", "KXFED"), check("I2_fees", "KXGAS", "failed", { reason: "one fill is missing" })], (ticker) => ticker);
  const found = (state, words) => checkGroups.filtered(groups, { state, words }).map(({ title }) => title);
  assert.deepEqual(found("all", ""), ["KXGAS", "KXFED"]);
  assert.deepEqual(found("failed", ""), ["KXGAS"]);
  assert.deepEqual(found("all", "Missing fill"), ["KXGAS"]);
  assert.deepEqual(found("ok", "gas"), []);
});

test("a tick is the worst state of its time, and empty where nothing was checked", () => {
  const changes = [{ at: 10, state: "ok" }, { at: 35, state: "failed" }, { at: 38, state: "ok" }, { at: 60, state: "waiting" }, { at: 80, state: "gone" }];
  assert.deepEqual(checkGroups.ticks(changes, 0, 100, 10), ["", "ok", "ok", "failed", "ok", "ok", "waiting", "waiting", "", ""]);
  assert.deepEqual(checkGroups.together([["ok", "", "ok"], ["", "", "failed"]]), ["ok", "", "failed"]);
});

test("a difference is told in percent, in dollars or in words", () => {
  const failed = (more) => checkWords.status(check("I5_cash", "account", "failed", more));
  assert.equal(failed({ actual: "141.63", difference: "0.55" }), "Off by 0.3%");
  assert.equal(failed({ actual: "100000", difference: "-0.01" }), "Off by < 0.1%");
  assert.equal(failed({ actual: "0", difference: "-0.01" }), "Off by $0.01");
  assert.equal(checkWords.status(check("revenue_clash", "a b", "failed", { difference: "2", actual: "0" })), "Look at it");
  assert.equal(checkWords.figure("I1_position", "850.00"), "850");
  assert.equal(checkWords.figure("I5_cash", "-12.345678901", { plus: true }), "−$12.345678901");
});

test("a check that nobody knows is told by its name, not hidden", () => {
  assert.equal(checkWords.called(check("I9_new_thing", "x"), (ticker) => ticker), "New thing, x");
  assert.match(checkWords.sentence(check("I9_new_thing", "x", "failed", { difference: "1.00" }), (ticker) => ticker), /The difference is \+\$1\.00/);
});

/** A log of a server whose checks are `answers.checks` and whose history is `answers.history`. */
function log(answers) {
  const later = [];
  const asked = [];
  const made = new CheckLog({
    asOf: answers.asOf, root: "/", random: () => 0.5, now: () => answers.now ?? NOW, changed: () => undefined, later: (act, ms) => later.push({ act, ms }),
    read: async (url) => {
      asked.push(url);
      if (answers.fails) throw new Error("The archive does not answer.");
      return url.includes("history") ? { from: iso(ago(1440)), whole: answers.whole ?? true, checks: answers.history ?? [] } : { seq: 7, checks: answers.checks };
    },
  });
  return { made, later, asked };
}
const seen = (ok, failed = 0) => ({ checks: { ok, failed, waiting: 0 } });

test("a screen of the past asks how the checks stood, and knows nothing of later", async () => {
  const asOf = iso(ago(30));
  const changes = [{ at: iso(ago(60)), state: "failed" }, { at: iso(ago(5)), state: "ok" }];
  const answers = { asOf, checks: [check("I5_cash", "account", "failed")], history: [{ name: "I5_cash", scope: "account", changes }, { name: "identity", scope: "net", changes: changes.slice(1) }] };
  const { made, asked } = log(answers);
  await made.look();
  assert.deepEqual(asked, [`/api/pnl/checks?${new URLSearchParams({ as_of: asOf })}`, `/api/pnl/checks/history?${new URLSearchParams({ from: iso(ago(1470)) })}`]);
  assert.deepEqual(made.course(answers.checks[0]), [{ at: ago(60), state: "failed" }]);
  assert.equal(made.changes.size, 1);
});

test("the first snapshot is asked for at once, the next only when it says that something is otherwise", async () => {
  const answers = { checks: [check("I5_cash", "account")] };
  const { made, later, asked } = log(answers);
  made.follow(seen(1));
  assert.equal(later[0].ms, 0);
  later[0].act();
  await new Promise(setImmediate);
  assert.deepEqual(asked, ["/api/pnl/checks", "/api/pnl/checks/history"]);
  answers.now = NOW + 20_000;
  made.follow(seen(1));
  assert.equal(later.length, 1);
  made.follow(seen(0, 1));
  assert.equal(later.length, 2);
  made.follow(seen(0, 1));
  assert.equal(later.length, 2);
});

test("the counts are of the rows that are held, and say while newer ones are to be read", async () => {
  const answers = { checks: [check("I5_cash", "account"), check("I2_fees", "KXA", "waiting"), check("I2_fees", "KXB", "gone")] };
  const { made } = log(answers);
  assert.deepEqual(made.counts(seen(9, 1)), { ok: 9, failed: 1, waiting: 0, behind: false });
  await made.look();
  assert.deepEqual(made.counts(seen(9, 1)), { ok: 1, failed: 0, waiting: 1, behind: true });

  answers.checks = [check("I5_cash", "account", "failed")];
  await made.look();

  assert.deepEqual(made.counts(seen(0, 1)), { ok: 0, failed: 1, waiting: 0, behind: false });
});

test("what was not told to have changed is as it is for longer than what is held", async () => {
  const { made } = log({ checks: [check("I5_cash", "account", "ok", { since: iso(ago(5000)) })] });
  await made.look();
  assert.deepEqual(made.course(made.checks[0]), [{ at: ago(1440), state: "ok" }]);
  assert.equal(made.since(made.checks[0]), ago(5000));
});

test("a change that is seen while the page is open becomes part of the history", async () => {
  const answers = { checks: [check("I5_cash", "account", "ok", { since: iso(ago(5000)) })] };
  const { made } = log(answers);
  await made.look();
  answers.checks = [check("I5_cash", "account", "failed", { since: iso(NOW) })];
  await made.look();
  assert.deepEqual(made.course(made.checks[0]), [{ at: ago(1440), state: "ok" }, { at: NOW, state: "failed" }]);
  assert.equal(made.since(made.checks[0]), NOW);
});

test("a reading that fails keeps what was known, and says so", async () => {
  const answers = { checks: [check("I5_cash", "account")] };
  const { made } = log(answers);
  await made.look();
  answers.fails = true;
  await made.look();
  assert.equal(made.checks.length, 1);
  assert.equal(made.trouble, "The archive does not answer.");
});

/** The sources as a server tells them that takes every wish; or does not answer. */
const sourcesOf = (rows, trouble = "") => new SourceList({
  read: async () => { if (trouble) throw new Error(trouble); return { sources: rows }; }, send: async () => ({ wish: 1 }), root: "/", random: () => 0, later: () => {}, now: () => NOW, changed: () => {},
});

const reading = (name, more = {}) => ({ name, status: "live", served: 0, error: null, last_attempt: new Date(NOW).toISOString(), next_attempt: new Date(NOW).toISOString(), ...more });
const zoned = { now: NOW, zone: "America/New_York" };

test("every source that is connected is read anew, and what came of it is said once all were", async () => {
  const rows = [reading("kalshi"), reading("anthropic"), reading("revenue.stripe", { status: "off" })];
  const now = new CheckNow(sourcesOf(rows));
  await now.start();
  assert.deepEqual([...now.list.wishes.keys()], ["kalshi", "anthropic"]);

  rows[0].served = 1;
  now.follow(zoned);
  assert.equal(now.busy, true);
  rows[1].served = 1;
  now.follow(zoned);

  assert.equal(now.busy, false);
  assert.deepEqual(now.said, [{ well: true, text: "Kalshi, Anthropic: read anew, and checked." }]);
});

test("a source that fails, or may not be asked yet, is told by name", async () => {
  const rows = [reading("kalshi", { served: 1 }), reading("anthropic", { next_attempt: new Date(NOW + 120_000).toISOString() }), reading("revenue.feed", { served: 1, error: "no answer" })];
  const now = new CheckNow(sourcesOf(rows));
  await now.start();

  now.follow(zoned);

  assert.equal(now.busy, false);
  assert.deepEqual(now.said.map(({ well }) => well), [true, true, false]);
  assert.match(now.said[1].text, /^Anthropic: It may be asked again at /);
  assert.match(now.said[2].text, /^Revenue feed: Tried at .* and it failed: no answer$/);
});

test("where nothing can be asked, that is said, and it can be tried again", async () => {
  const nothing = new CheckNow(sourcesOf([reading("kalshi", { status: "off" })]));
  await nothing.start();
  assert.deepEqual([nothing.busy, nothing.said[0].text], [false, "No source is connected: there is nothing to check against."]);

  const broken = new CheckNow(sourcesOf([], "HTTP 503"));
  await broken.start();
  assert.deepEqual([broken.busy, broken.said[0].text], [false, "The sources could not be asked. HTTP 503"]);
});

test("a market's title turns no word around that stands beside it", () => {
  const { isolated } = globalThis.northstar;
  const titled = (/** @type {string} */ title) => checkWords.called(check("I1_position", "KX-1"), () => title);

  assert.equal(isolated("CPI above 2.4%"), "CPI above 2.4%");
  assert.equal(isolated("\u202eCPI \u2067above\u200f"), "CPI above");
  assert.equal(titled("\u202eCPI"), "Contracts held, CPI");
  assert.equal(titled("אבג 42"), "Contracts held, \u2068אבג 42\u2069");
});
