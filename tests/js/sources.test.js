"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
require("../../assets/live/money.js");
require("../../assets/live/each_tick.js");
require("../../assets/live/zone.js");
globalThis.northstar.panels = [];
globalThis.northstar.actions = {};
require("../../assets/live/draw/chips.js");
require("../../assets/sources/words.js");
require("../../assets/sources/list.js");

const { sourceWords, chips, SourceList } = globalThis.northstar;
const NOW = Date.parse("2026-11-20T12:00:00Z");
const iso = (secondsAgo) => new Date(NOW - secondsAgo * 1000).toISOString();
const source = (more = {}) => ({ name: "kalshi", status: "live", as_of: iso(4), caught_up: true, every_seconds: 0, stale_seconds: 30, last_attempt: iso(4), next_attempt: iso(-6), failures: 0, error: null, served: 0, ...more });
const view = { now: NOW, troubled: false, zone: "America/New_York" };

test("a source is as its own word and its age say, whichever is worse", () => {
  const state = (more, troubled = false) => sourceWords.stateOf(source(more), { ...view, troubled });
  assert.equal(state({}), "fresh");
  assert.equal(state({ as_of: iso(19), next_attempt: iso(9) }), "fresh");
  assert.equal(state({ as_of: iso(21), next_attempt: iso(11) }), "late");
  assert.equal(state({ as_of: iso(16), next_attempt: iso(-584), every_seconds: 600 }), "late");
  assert.equal(state({ as_of: iso(121), next_attempt: iso(61), every_seconds: 60, stale_seconds: 900 }), "late");
  assert.equal(state({ status: "cached" }), "late");
  assert.equal(state({ as_of: iso(31) }), "stale");
  assert.equal(state({ status: "stale" }), "stale");
  assert.equal(state({ status: "down", as_of: null }), "down");
  assert.equal(state({ caught_up: false }), "history");
  assert.equal(state({ caught_up: false, as_of: iso(31) }), "stale");
  assert.equal(state({ status: "off", as_of: null }, true), "off");
  assert.equal(state({}, true), "unknown");
});

test("a source is told alike by the chips of the live page and by its card, however long a tick is", () => {
  for (const everySeconds of [10, 30, 60]) {
    const limit = 3 * everySeconds;
    const seen = { ...view, everySeconds, staleSeconds: { kalshi: limit } };
    const read = (age, status) => source({ status, as_of: iso(age), next_attempt: iso(age), stale_seconds: limit });
    const told = (age, status = "live") => {
      const [chip, card] = [chips.freshness("kalshi", read(age, status), seen), sourceWords.stateOf(read(age, status), seen)];
      assert.equal(chip, card, `${age} s old, read every ${everySeconds} s`);
      return chip;
    };

    assert.deepEqual([1, everySeconds + 5, 2 * everySeconds, 2 * everySeconds + 1, limit, limit + 1].map((age) => told(age)), ["fresh", "fresh", "fresh", "late", "late", "stale"]);
    assert.deepEqual([told(1, "cached"), told(1, "stale")], ["late", "stale"]);
  }
  // What it tells was two minutes old when it was read, as it is each time.
  const feed = source({ name: "revenue", as_of: iso(150), next_attempt: iso(-30), every_seconds: 60, stale_seconds: 900 });
  const seen = { ...view, everySeconds: 10, staleSeconds: { revenue: 900 } };
  assert.deepEqual([chips.freshness("revenue", feed, seen), sourceWords.stateOf(feed, seen)], ["fresh", "fresh"]);
});

test("while the page polls, a source is late or stale only by what it would be, had the page just asked", () => {
  const state = (more) => sourceWords.stateOf(source(more), { ...view, askedEvery: 30_000 });
  assert.deepEqual([31, 49, 51, 59, 61].map((age) => state({ as_of: iso(age), next_attempt: iso(age - 10) })), ["fresh", "fresh", "late", "late", "stale"]);
  assert.deepEqual([state({ status: "cached" }), state({ status: "stale" }), state({ status: "down", as_of: null })], ["late", "stale", "down"]);
});

test("the cadence is a tick's, or the source's own where that is longer", () => {
  assert.equal(sourceWords.cadence({ every_seconds: 0 }, 10), "every 10 s");
  assert.equal(sourceWords.cadence({ every_seconds: 60 }, 10), "every 60 s");
  assert.equal(sourceWords.cadence({ every_seconds: 900 }, 10), "every 15 min");
});

test("waits and clocks are told as precisely as they are known", () => {
  assert.deepEqual([null, 0, 83, 1240].map(sourceWords.took), ["—", "0 ms", "83 ms", "1.2 s"]);
  assert.equal(sourceWords.clockSaid(null), "it does not tell its time");
  assert.equal(sourceWords.clockSaid(-900), "in step, within a second");
  assert.equal(sourceWords.clockSaid(2500), "ours is 2.5 s ahead");
  assert.equal(sourceWords.clockSaid(-61_000), "ours is 61.0 s behind");
});

test("what went wrong is told in stretches, newest first; another error is another stretch", () => {
  const changes = [["10:00", null], ["10:05", "HTTP 502"], ["10:06", "HTTP 502"], ["10:08", "HTTP 401"], ["10:20", null], ["11:00", "no answer"]].map(([at, error]) => ({ at: `2026-11-20T${at}:00Z`, error }));
  const at = (text) => Date.parse(`2026-11-20T${text}:00Z`);
  assert.deepEqual(sourceWords.episodes("kalshi", changes), [
    { group: "kalshi", error: "no answer", from: at("11:00"), to: null },
    { group: "kalshi", error: "HTTP 401", from: at("10:08"), to: at("10:20") },
    { group: "kalshi", error: "HTTP 502", from: at("10:05"), to: at("10:08") },
  ]);
  assert.deepEqual(sourceWords.episodes("kalshi", [{ at: "2026-11-20T10:00:00Z", error: null }]), []);
});

test("a wish to read is followed until it was served, and then said to have gone well or not", () => {
  const wish = { wish: 3, at: NOW - 5000 };
  const told = (more, made = wish) => sourceWords.outcome(made, source(more), view);
  assert.deepEqual(told({ served: 2 }), { done: false, well: true, text: "It is read with the next tick…" });
  assert.deepEqual(told({ served: 3 }), { done: true, well: true, text: "Read at 06:59:56. All is well." });
  assert.deepEqual(told({ served: 4, error: "HTTP 401" }), { done: true, well: false, text: "Tried at 06:59:56, and it failed: HTTP 401" });
  assert.match(told({ served: 2, next_attempt: iso(-90) }).text, /may be asked again at 07:01:30/);
  const late = told({ served: 2 }, { wish: 3, at: NOW - 61_000 });
  assert.equal(late.done, true);
  assert.equal(late.well, false);
});

/** A list of a server that answers from `answers`. */
function list(answers) {
  const later = [];
  const asked = [];
  const made = new SourceList({
    root: "/", random: () => 0.5, now: () => answers.now ?? NOW, changed: () => undefined, later: (act, ms) => later.push({ act, ms }),
    read: async (url) => {
      asked.push(url);
      if (answers.fails) throw new Error("The server is away.");
      return url.includes("history") ? { changes: [] } : { sources: answers.rows };
    },
    send: async (url) => {
      asked.push(url);
      if (answers.refuses) throw new Error("kalshi is not configured.");
      return { wish: 7 };
    },
  });
  return { made, later, asked };
}
const settled = () => new Promise(setImmediate);

test("each snapshot is followed by one reading, at a moment of the page's own", async () => {
  const { made, later, asked } = list({ rows: [source()] });
  made.follow({ seq: 1 });
  made.follow({ seq: 1 });
  assert.deepEqual(later.map(({ ms }) => ms), [0]);
  later[0].act();
  await settled();
  assert.deepEqual(asked, ["/api/pnl/sources", ...["kalshi", "anthropic", "revenue"].map((name) => `/api/pnl/sources/history?name=${name}`)]);
  assert.deepEqual(made.episodes, []);
  made.follow({ seq: 2 });
  assert.equal(later[1].ms, 750);
  later[1].act();
  await settled();
  assert.equal(asked.length, 5, "the past is not read anew with every tick");
});

test("a reading that fails keeps what was known, and says so", async () => {
  const answers = { rows: [source()] };
  const { made } = list(answers);
  await made.look();
  answers.fails = true;
  await made.look();
  assert.equal(made.rows.length, 1);
  assert.equal(made.trouble, "The server is away.");
  answers.fails = false;
  await made.look();
  assert.equal(made.trouble, "");
});

test("a wish is looked after each second until it came to its end", async () => {
  const answers = { rows: [source()] };
  const { made, later, asked } = list(answers);
  await made.retry("revenue.feed");
  assert.deepEqual(made.wishes.get("revenue.feed"), { wish: 7, at: NOW });
  assert.deepEqual(asked, ["/api/pnl/sources/revenue.feed/retry"]);
  assert.equal(later.at(-1).ms, 1000);
  await later.at(-1).act();
  assert.equal(later.length, 2, "it was not served yet");
  made.settle("revenue.feed", { well: true, text: "Read." });
  await later.at(-1).act();
  assert.equal(later.length, 2);
  assert.deepEqual(made.results.get("revenue.feed"), { well: true, text: "Read." });
});

test("a wish that is refused is told, and not waited for", async () => {
  const { made, later } = list({ rows: [source()], refuses: true });
  await made.retry("kalshi");
  assert.equal(made.wishes.size, 0);
  assert.deepEqual(made.results.get("kalshi"), { well: false, text: "kalshi is not configured." });
  assert.equal(later.length, 0);
});
