"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
globalThis.northstar = { panels: [], actions: {} };
for (const file of ["money", "zone", "statement", "announce", "asking", "transport/timing", "transport/trouble", "draw/axis", "draw/badge", "draw/banner", "draw/checks", "draw/chips", "draw/spark", "draw/kpis", "draw/waterfall", "ties", "draw/positions", "isolated", "draw/activity"]) require(`../../assets/live/${file}.js`);

const { money, checks, chips, waterfall, positions, activity, kpis, axis, spark, badge, banner, Announcer } = globalThis.northstar;
const NOW = Date.parse("2026-11-20T19:32:10.000Z");
const view = { now: NOW, everySeconds: 10, troubled: false };
const seen = (seconds, status = "live") => ({ status, as_of: new Date(NOW - seconds * 1000).toISOString() });

test("a source is fresh, late or stale by its age against its own limit", () => {
  assert.deepEqual([10, 20, 31].map((age) => chips.freshness("kalshi", seen(age), view)), ["fresh", "late", "stale"]);
  assert.deepEqual([400, 600, 901].map((age) => chips.freshness("anthropic", seen(age), view)), ["fresh", "late", "stale"]);
  assert.equal(chips.freshness("revenue", seen(7200), view), "fresh");
});

test("a source of revenue is called as on the page of the sources", () => {
  assert.deepEqual(["kalshi", "revenue.stripe", "revenue.feed", "revenue.csv", "revenue", "new.one"].map(chips.nameOf), ["Kalshi", "Stripe", "Revenue feed", "Revenue file", "Revenue", "New one"]);
});

test("a source that is read at a cadence is late from twice that on, and not before", () => {
  const read = (age, every, status = "live") => ({ status, as_of: new Date(NOW - age * 1000).toISOString(), next_attempt: new Date(NOW + (every - age) * 1000).toISOString() });

  assert.deepEqual([19, 21, 31].map((age) => chips.freshness("kalshi", read(age, 10), view)), ["fresh", "late", "stale"]);
  assert.deepEqual([119, 121, 901].map((age) => chips.freshness("anthropic", read(age, 60), view)), ["fresh", "late", "stale"]);
  assert.equal(chips.freshness("kalshi", read(16, 600), view), "late"); // so rarely that twice is beyond the limit
  assert.equal(chips.cadence(read(5, 60, "cached"), 10), null);
});

test("while a page polls, a source is late or stale only by what it would be, had the page just asked", () => {
  const polling = { ...view, askedEvery: 30_000, zone: "America/New_York", paused: null, connection: { nextAt: NOW - 60_000 + 8000, ahead: 60_000 } };
  const read = (age, every = 10, status = "live") => ({ ...seen(age, status), next_attempt: new Date(NOW + (every - age) * 1000).toISOString() });
  const facts = (source, change = {}) => Object.fromEntries(chips.facts("kalshi", source, { ...polling, ...change }));

  assert.deepEqual([31, 50, 51, 60, 61].map((age) => chips.freshness("kalshi", read(age), polling)), ["fresh", "fresh", "late", "late", "stale"]);
  assert.deepEqual([149, 151, 930, 931].map((age) => chips.freshness("anthropic", read(age, 60), polling)), ["fresh", "late", "late", "stale"]);
  assert.deepEqual([chips.freshness("kalshi", read(1, 10, "cached"), polling), chips.freshness("kalshi", read(1, 10, "stale"), polling)], ["late", "stale"]);
  assert.equal(chips.freshness("kalshi", read(31), { ...polling, troubled: true }), "unknown");

  assert.deepEqual([facts(read(35)).State, facts(read(35))["Stale after"]], ["Live: the last reading is in time.", "30 s, and 30 s more while this page polls"]);
  assert.equal(facts(read(5))["Next try"], "14:32:15");
  for (const source of [read(35), read(39, 0), read(40, 0)]) assert.equal(facts(source)["Next try"], "with a tick meanwhile; this page asks at 14:32:18");
  assert.equal(facts(read(35), { connection: { nextAt: null, ahead: 60_000 } })["Next try"], "with a tick meanwhile; this page asks now");
  assert.equal(facts(read(41, 0))["Next try"], "with the next tick", "it was due when the page asked last, and a tick before");
  assert.equal(facts(read(35), { paused: { at: NOW, missed: 1 } })["Next try"], "with the next tick");
  assert.deepEqual([facts(read(25), { askedEvery: 0 })["Next try"], facts(read(25), { askedEvery: 0 })["Stale after"]], ["with the next tick", "30 s"]);
});

test("each part says whether it may still change, and what is final says nothing", () => {
  const LINES = { api_cost: ["api_cost"], unrealised: ["trading_unrealised"], realised: ["trading_realised"], fees: ["trading_fees"], revenue: ["revenue", "refunds"] };
  const told = { api_cost: "provisional", trading_unrealised: "final", trading_realised: "final", trading_fees: "final", revenue: "final", refunds: "final" };
  const snapshot = ({ sure = {}, ...change } = {}) => ({ day: "2026-11-20", finality: "provisional", line_finality: { ...told, ...sure }, flags: [], sources: { kalshi: { status: "live" }, anthropic: { status: "live" }, revenue: { status: "live", complete_through: "2026-11-20" } }, ...change });
  const say = (id, source, change, exact = 1n) => kpis.standing({ id, source, lines: LINES[id], exact }, snapshot(change))[0];

  assert.equal(say("api_cost", "anthropic"), "provisional");
  assert.equal(say("api_cost", "anthropic", { sure: { api_cost: "estimated" } }), "estimated");
  assert.equal(say("api_cost", "anthropic", { sure: { api_cost: "final" } }), undefined);
  assert.equal(say("unrealised", "kalshi", { sure: { trading_unrealised: "estimated" }, flags: ["opening_estimated"] }), "opening estimated");
  assert.equal(say("realised", "kalshi"), undefined);
  assert.equal(say("fees", "kalshi", { sure: { trading_fees: "estimated" }, sources: { kalshi: { status: "stale" } } }), "estimated");
  assert.equal(say("realised", "kalshi", {}, null), "no answer yet");
  assert.equal(say("revenue", "revenue"), "complete through Fri 20 Nov");
});

test("what the server says of a source counts too", () => {
  assert.equal(chips.freshness("kalshi", seen(1, "cached"), view), "late");
  assert.equal(chips.freshness("kalshi", seen(1, "stale"), view), "stale");
  assert.equal(chips.freshness("kalshi", { status: "down", as_of: null }, view), "down");
  assert.equal(chips.freshness("kalshi", { status: "off", as_of: null }, view), "off");
  assert.equal(chips.freshness("kalshi", seen(1), { ...view, troubled: true }), "unknown");
  assert.equal(chips.freshness("kalshi", seen(900), { ...view, paused: { at: NOW, missed: 0 } }), "paused");
});

test("a failed check is never called reconciled", () => {
  assert.equal(chips.verdict({ ok: 11, failed: 1, waiting: 0 }, false).state, "stale");
  assert.equal(chips.verdict({ ok: 0, failed: 0, waiting: 3 }, false).state, "unknown");
  assert.equal(chips.verdict({ ok: 11, failed: 0, waiting: 1 }, false).state, "fresh");
});

const part = (id, shown) => ({ id, name: id, hue: "rev", exact: shown * 10_000_000n, shown });

test("the waterfall ends on the net, bar after bar", () => {
  const bars = waterfall.steps({ net: 150n, parts: [part("revenue", 100n), part("realised", 80n), part("fees", -30n)] });

  assert.deepEqual(bars.map((bar) => [bar.from, bar.to]), [[0n, 100n], [100n, 180n], [180n, 150n], [0n, 150n]]);
});

test("the axis is cut only where the first part dwarfs the moves after it", () => {
  const of = (...parts) => waterfall.extent(waterfall.steps({ net: parts.reduce((a, b) => a + b, 0n), parts: parts.map((shown, i) => part(String(i), shown)) }));

  assert.equal(of(1000n, 50n, -20n).cut, true);
  assert.equal(of(100n, 500n, -20n).cut, false);
  assert.equal(of(-100n, 50n).cut, false);
  assert.equal(of(1000n).cut, false);
  assert.ok(of(0n, 0n).high > of(0n, 0n).low);
});

test("totals of positions whose cents do not add up are told to be rounded by themselves", () => {
  const rows = (...fees) => fees.map((fee) => ({ value: "1", unrealised: "0", realised: "-1.11", fees: fee }));

  assert.equal(positions.rounded(rows("1.11", "2.22")), false);
  assert.equal(positions.rounded(rows("1.114", "2.224")), true); // 1.11 + 2.22 stand above 3.34
  assert.equal(positions.rounded(rows("1.114", null)), false);
  assert.equal(positions.rounded([]), false);
});

test("positions sort by amount and not by text, unknown last either way", () => {
  const rows = [{ ticker: "A", value: "9" }, { ticker: "B", value: "100" }, { ticker: "C", value: null }];

  assert.deepEqual(positions.sorted(rows, { by: "value", down: true }).map((row) => row.ticker), ["B", "A", "C"]);
  assert.deepEqual(positions.sorted(rows, { by: "value", down: false }).map((row) => row.ticker), ["A", "B", "C"]);
});

test("a total with an unknown row is unknown", () => {
  assert.equal(positions.total([{ value: "1" }, { value: null }], "value"), null);
  assert.equal(positions.total([{ value: "1.10" }, { value: "2.20" }], "value"), 3_300_000_000n);
});

test("a rising cost is bad, a rising income is good", () => {
  const cost = kpis.change(money.nano("-84"), money.nano("-80"), true);
  const income = kpis.change(money.nano("84"), money.nano("80"), false);

  assert.deepEqual([cost.text, cost.up, cost.good], ["$4.00", true, false]);
  assert.deepEqual([income.text, income.up, income.good], ["$4.00", true, true]);
  assert.equal(kpis.change(null, 1n, false), null);
});

test("a percentage is of something above zero, and stays sane", () => {
  assert.equal(kpis.percent(167757n, money.nano("1440.00")), " · 116.4%");
  assert.equal(kpis.percent(100n, money.nano("-5")), "");
  assert.equal(kpis.percent(100_000_000n, money.nano("0.01")), "");
});

test("axis values are round and cover the range", () => {
  assert.deepEqual(axis.ticks(-120, 3100, 5), [0, 1000, 2000, 3000]);
  assert.equal(axis.axisText(-200, 100), "−$200");
  assert.equal(axis.axisText(12.5, 0.5), "$12.50");
});

const spread = (...values) => values.map((value, x) => ({ x, value: value && value * 1_000_000_000n }));

test("a sparkline breaks where nothing is known", () => {
  assert.equal(spark.paths(spread(1n)), null);
  assert.equal(spark.paths(spread(1n, 2n, null, 3n, 4n)).line.match(/M/g).length, 2);
});

test("a sparkline is spread over the time, not over the points, and stands still within a stretch of it", () => {
  const hours = Array.from({ length: 12 * 60 }, (_, minute) => ({ at: NOW + minute * 60_000 }));
  const seconds = Array.from({ length: 120 }, (_, i) => ({ at: hours.at(-1).at + (i + 1) * 5000 }));
  const before = spark.chosen([...hours, ...seconds]);
  const after = spark.chosen([...hours, ...seconds, { at: seconds.at(-1).at + 1000 }]);

  assert.ok(before.length >= 100 && before.length <= 202);
  assert.ok(before.filter(({ point }) => point.at > hours.at(-1).at).length <= 5);
  assert.deepEqual([before[0].x, before.at(-1).x], [0, 200]);
  assert.deepEqual(after.map(({ x }) => x), before.map(({ x }) => x));
  assert.deepEqual(spark.chosen([]), []);
});

test("the activity shows a description as its letters alone say it", () => {
  const entry = (/** @type {string} */ description) => ({ kind: "revenue", source: "manual", effective_at: "2026-11-20T17:00:00Z", detail: { kind: "sale", amount: "5.00", description } });

  assert.equal(activity.told(entry("\u202egnp.exe"), () => "").title, "gnp.exe");
  assert.equal(activity.told(entry("\u202e"), () => "").title, "Sale");
});

test("records are told in words", () => {
  const fill = { kind: "fill", amount: "-80.40", detail: { ticker: "KX", side: "yes", count: "120.00", price: "0.67" } };
  const sum = { kind: "settlement", amount: null, posts: [{ amount: "1.5" }, { amount: "-0.5" }], detail: { ticker: "KX", result: "no" } };

  assert.deepEqual(activity.told(fill, () => "Fed holds"), { icon: "arrow-down-right", title: "Bought 120 YES @ 67¢", meta: "Fed holds", amount: -80_400_000_000n });
  assert.equal(activity.told(sum, (ticker) => ticker).amount, 1_000_000_000n);
  assert.equal(activity.told({ kind: "revenue", source: "manual", amount: "5", detail: { kind: "sale", description: "" } }, String).title, "Sale");
});

const connected = (kind, more = {}) => ({ kind, since: NOW - 240_000, attempt: 0, nextAt: null, heardAt: NOW - 2000, roundTrip: 12.4, ahead: 0, reason: null, ...more });
const seenOver = (kind, more, rest = {}) => ({ ...view, zone: "UTC", restored: false, snapshot: { seq: 18_204, as_of: new Date(NOW - 3000).toISOString(), day: "2026-11-20" }, connection: connected(kind, more), ...rest });

test("the badge names what carries the figures, and counts down to the next try", () => {
  const words = (...given) => Object.values(badge.words(seenOver(...given))).join(" ").trim();

  assert.deepEqual(["websocket", "sse", "polling", "waiting", "connecting"].map((kind) => words(kind)),
    ["gain Live WebSocket", "accent Live SSE", "warn Polling every 30 s", "quiet Waiting first figures", "quiet Connecting"]);
  assert.equal(words("offline", { nextAt: NOW + 7500 }), "loss Offline retry in 8 s");
  assert.equal(words("offline", { nextAt: NOW - 1 }), "loss Offline retrying");
  assert.equal(words("websocket", {}, { troubled: true }), "warn Late WebSocket");
  assert.equal(words("sse", {}, { troubled: true }), "warn Late SSE");
});

test("the badge says in a line since when it is so, and how old the figures are", () => {
  assert.equal(badge.sinceWhen(seenOver("sse")), "Server-Sent Events since 19:28:10; figures 3 s old");
  assert.equal(badge.sinceWhen(seenOver("sse", {}, { troubled: true })), "Late: Server-Sent Events since 19:28:10, last heard from at 19:32:08; figures 3 s old");
});

test("offline, it says since when nothing was received, also when that was before a reload, and not since when it was called so", () => {
  const gone = { since: NOW - 1000, heardAt: NOW - 300_000, reason: "the server is not reached", nextAt: NOW + 7500 };
  const kept = { ...gone, heardAt: null, receivedAt: NOW - 400_000, trying: true, nextAt: null };
  const facts = (more) => Object.fromEntries(badge.facts(seenOver("offline", more)));

  assert.equal(badge.sinceWhen(seenOver("offline", gone)), "Nothing received since 19:27:10: the server is not reached; next try in 8 s; figures 3 s old");
  assert.equal(badge.sinceWhen(seenOver("offline", kept)), "Nothing received since 19:25:30: the server is not reached; next try now; figures 3 s old");
  assert.equal(badge.sinceWhen(seenOver("offline", { ...kept, receivedAt: null }, { snapshot: null })), "Nothing received yet: the server is not reached; next try now");
  assert.deepEqual([facts(gone)["Carried by"], facts(gone).Since, facts(gone)["Nothing since"]], ["Nothing", undefined, "19:27:10, 5 m"]);
  assert.deepEqual([facts(kept)["Nothing since"], facts(kept)["Last heard"], facts(kept)["Next try"]], ["19:25:30, 6 m", "6 m ago", "now"]);
  assert.deepEqual(Object.values(badge.words(seenOver("offline", kept))), ["loss", "Offline", "retrying"]);
});

test("while nothing answers the badge says so in our words, and what it is called does not count", () => {
  const silent = { broken: true, heardAt: NOW - 100_000, reason: "the server is not reached" };
  const steady = (kind, more, rest) => badge.steady(seenOver(kind, more, rest));

  assert.equal(badge.sinceWhen(seenOver("polling", silent)), "No answer, last heard from at 19:30:30: the server is not reached; figures 3 s old");
  assert.match(badge.sinceWhen(seenOver("polling", { ...silent, nextAt: NOW + 9000 })), /the server is not reached; next try in 9 s; figures/);
  assert.match(badge.sinceWhen(seenOver("polling", { ...silent, trying: true })), /the server is not reached; next try now; figures/);
  assert.equal(badge.sinceWhen(seenOver("websocket", { broken: true })), "WebSocket is opened again, last heard from at 19:32:08; figures 3 s old");
  assert.deepEqual(["polling", "offline"].map((kind) => steady(kind, { ...silent, nextAt: NOW + 9000 })), ["No answer", "Offline"]);
  assert.deepEqual([steady("polling"), steady("websocket"), steady("websocket", {}, { paused: { missed: 3 } })], ["Polling, every 30 s", "Live, WebSocket", "Paused"]);
  const facts = Object.fromEntries(badge.facts(seenOver("polling", { ...silent, nextAt: NOW + 9000 })));
  assert.deepEqual([facts["Carried by"], facts.Since, facts["Nothing since"], facts.Asks, facts["Next try"]], ["Polling over HTTP, without an answer", undefined, "19:30:30, 1 m", undefined, "in 9 s"]);
});

test("the badge is called all that it shows, and who has it in focus is told when it is another way only", () => {
  const seen = seenOver("polling", { broken: true, nextAt: NOW + 9000, reason: "the server is not reached" });
  const later = { ...seen, now: NOW + 4000 };
  const name = badge.called(seen, null);
  const before = { name, steady: badge.steady(seen), focused: true };

  assert.equal(name, "Connection: No answer retry in 9 s 3 s. Show details");
  assert.equal(badge.called(later, { ...before, focused: false }), "Connection: No answer retry in 5 s 7 s. Show details");
  assert.equal(badge.called(later, before), name);
  assert.equal(badge.called(seenOver("websocket"), before), "Connection: Live WebSocket. Show details", "an age in it would stand still");
});

test("a page that is not let in any more says that it has stopped, and not that it tries", () => {
  const out = "This page is not allowed to receive figures any more. Load it again.";
  const seen = seenOver("offline", { halted: true, attempt: 2, reason: out });
  const facts = Object.fromEntries(badge.facts(seen));

  assert.deepEqual(badge.words(seen), { tone: "loss", word: "Stopped", small: "load again" });
  assert.equal(badge.sinceWhen(seen), "Stopped since 19:28:10: this page is not allowed to receive figures any more; load it again; figures 3 s old");
  assert.deepEqual([facts["Carried by"], facts["Next try"], facts["Failed tries"], facts["Round trip"], facts.Trouble], ["Nothing, the updates have stopped", undefined, undefined, undefined, out]);
});

test("while the server's time is not known the badge does not say how old the figures are", () => {
  const seen = seenOver("sse", {}, { untimed: true });

  assert.equal(badge.called(seen, null), "Connection: Live SSE. Show details");
  assert.equal(badge.sinceWhen(seen), "Server-Sent Events since 19:28:10");
  assert.equal(Object.fromEntries(badge.facts(seen)).Figures, "not known yet how old");
});

test("the popover tells which tier since when, how old the figures are, the round trip and the next try", () => {
  const facts = (...given) => Object.fromEntries(badge.facts(seenOver(...given)));

  assert.deepEqual(facts("websocket"), { "Carried by": "WebSocket", Since: "19:28:10, 4 m", Figures: "3 s old", Snapshot: "18,204", "Last heard": "2 s ago", "Round trip": "12 ms" });
  assert.equal(facts("polling", { nextAt: NOW + 11_200, reason: "the way is slow" }).Asks, "every 30 s, next in 12 s");
  assert.equal(facts("polling", { reason: "the way is slow" }).Trouble, "the way is slow");
  assert.deepEqual([facts("offline", { attempt: 3, nextAt: NOW + 8000 })["Next try"], facts("offline", { attempt: 3 })["Failed tries"]], ["in 8 s", "3"]);
  assert.equal(facts("websocket", { ahead: 5000, heardAt: NOW - 7000 })["Last heard"], "2 s ago");
});

test("the banner is silent while figures are live, quiet while they are polled, and loud when they are old", () => {
  const says = (...given) => banner.sentence(seenOver(...given));

  assert.deepEqual([says("websocket"), says("sse"), says("connecting"), says("polling", { since: NOW - 9000 })], [null, null, null, null]);
  assert.deepEqual([says("polling").quiet, says("polling").strong], [true, "Updates every 30 s. "]);
  assert.equal(says("polling", { reason: "the WebSocket is silent" }).text, "Live updates are not to be had now: the WebSocket is silent.");
  assert.equal(says("offline", { attempt: 3 }, { troubled: true }).text, "Showing the last good snapshot from 19:32:07. Reconnecting, attempt 3.");
  assert.equal(says("websocket", {}, { troubled: true }).strong, "The figures stand still. ");
  assert.equal(says("waiting", { reason: "soon" }, { snapshot: null }).text, "soon");
});

test("the banner of a past screen says whether prices of then were thinned since", () => {
  const past = (flags) => banner.sentence({ zone: "UTC", snapshot: { as_of: "2026-11-20T19:32:10Z", flags }, connection: { kind: "past" } }).text;

  assert.equal(past(["cost_estimated"]), "Nothing on this page moves.");
  assert.match(past(["marks_thinned"]), /^Nothing on this page moves\. Prices of this time were thinned to one each quarter of an hour: positions may differ/);
});

test("on a page that shows no snapshot the banner does not say that it does", () => {
  const says = (kind, more, rest) => banner.sentence(seenOver(kind, more, { troubled: true, elsewhere: true, ...rest })).text;

  assert.equal(says("offline", { attempt: 3 }), "What this page has read stays as it was. Reconnecting, attempt 3.");
  assert.equal(says("offline", {}, { unheard: true, restored: true }), "This page is read when the server answers. Reconnecting.");
  assert.equal(says("websocket"), "The last snapshot is from 19:32:07. The server answers, but has made no new snapshot.");
});

test("figures that came with the page are called that", () => {
  const drawn = { seq: 18_205, as_of: new Date(NOW - 9000).toISOString(), day: "2026-11-20" };
  const seen = seenOver("offline", { attempt: 2 }, { troubled: true, snapshot: null, drawn });

  assert.equal(banner.sentence(seen).text, "Showing the last good snapshot from 19:32:01, which came with the page. Reconnecting, attempt 2.");
  assert.match(badge.sinceWhen(seen), /; figures 9 s old$/);
  assert.deepEqual(Object.fromEntries(badge.facts(seen)).Figures, "9 s old, as they came with the page");
});

test("of a server that says nothing the banner does not say that it answers", () => {
  const says = (...given) => banner.sentence(seenOver(...given)).text;
  const still = { troubled: true };

  assert.match(says("sse", {}, still), /The server answers, but has made no new snapshot\.$/);
  assert.match(says("sse", { heardAt: NOW - 31_000 }, still), /from 19:32:07\. Nothing was heard of the server for 31 s\.$/);
  assert.match(says("sse", { heardAt: NOW - 7000 }, { ...still, snapshot: { seq: 1, as_of: new Date(NOW - 9000).toISOString(), day: "2026-11-20" } }), /Nothing was heard of the server for 7 s\.$/);
  assert.match(says("polling", { heardAt: NOW - 31_000, since: NOW - 90_000 }, still), /The server answers/);
  assert.match(says("polling", { heardAt: NOW - 50_000, since: NOW - 90_000 }, still), /Nothing was heard of the server for 50 s/);
  assert.match(says("websocket", { heardAt: NOW - 26_000, ahead: -20_000 }, still), /Nothing was heard of the server for 46 s/);
});

test("a snapshot from before a reload is called that, with its day when it is old", () => {
  const kept = { seq: 1, as_of: "2026-11-19T14:28:10.000Z", day: "2026-11-19" };
  const says = (...given) => banner.sentence(seenOver(...given));

  assert.equal(says("connecting", {}, { restored: true, snapshot: kept }), null);
  assert.equal(says("connecting", { attempt: 1 }, { restored: true, snapshot: kept }).text, "Showing the last good snapshot from Thu 19 Nov, 14:28:10, kept by this browser. Reconnecting, attempt 1.");
  assert.equal(says("polling", {}, { restored: true, snapshot: kept }).strong, "Not receiving updates. ");
});

/** What is said over some steps: each moves the clock and tells of a figure or a connection. */
function said(...steps) {
  let now = 0;
  const all = [];
  const announcer = new Announcer((text) => all.push(text), () => now);
  for (const [at, what] of steps) {
    now = at * 1000;
    if (what.still !== undefined) announcer.standing(what.still, what);
    else if (what.kind) announcer.connection(what);
    else announcer.figures(what);
  }
  return all;
}
const kind = (name) => ({ kind: name });
const LOST = "Connection lost. The figures shown are the last good ones.";

test("the figure is announced once a minute and only when it is another, a lost connection at once", () => {
  assert.deepEqual(said([0, { net: "12.345" }], [59, { net: "13" }], [59, kind("offline")], [59, kind("offline")], [61, kind("polling")], [62, { net: "14" }], [66, { net: null }]),
    ["Net P&L $12.34.", LOST, "Connected again.", "Net P&L is not known yet."]);
  assert.deepEqual(said([0, { net: "12.341" }], [60, { net: "12.342" }], [61, { net: "12.35" }], [120, { net: "13" }]), ["Net P&L $12.34.", "Net P&L $12.35."]);
});

test("a figure of a part of the sources is announced as incomplete, and the whole as soon as it is known", () => {
  const part = (net) => ({ net, complete: false });
  assert.deepEqual(said([0, part("-46.17")], [10, part("-46.20")], [20, { net: "919.86", complete: true }], [30, { net: "920", complete: true }], [40, part("12")], [80, part("12")]),
    ["Net P&L −$46.17, incomplete.", "Net P&L $919.86.", "Net P&L $12.00, incomplete."]);
});

test("a change of what carries the figures is said once, and only where one would notice", () => {
  assert.deepEqual(said([0, kind("connecting")], [1, kind("websocket")], [2, kind("sse")], [3, kind("websocket")]), []);
  assert.deepEqual(said([0, kind("websocket")], [1, kind("polling")], [2, kind("connecting")], [3, kind("polling")], [4, kind("websocket")]),
    ["Live updates paused. The figures come every 30 seconds.", "Live updates are back."]);
  assert.deepEqual(said([0, kind("polling")], [1, kind("offline")], [2, kind("sse")]), [LOST, "Connected again."]);
});

test("polling is said once an answer came, and that none comes at once", () => {
  const polling = (more) => ({ kind: "polling", carrying: false, ...more });
  const PAUSED = "Live updates paused. The figures come every 30 seconds.";

  assert.deepEqual(said([0, kind("websocket")], [10, polling()], [11, polling({ broken: true })], [40, polling({ broken: true })],
    [300, kind("offline")], [310, polling({ carrying: true })]), [LOST, "Connected again."]);
  assert.deepEqual(said([0, kind("websocket")], [10, polling()], [11, polling({ carrying: true })], [20, kind("websocket")]), [PAUSED, "Live updates are back."]);
});

test("figures that stand still though the server answers are said once, and that they move again", () => {
  const standing = (still, more = {}) => ({ still, kind: "websocket", broken: false, ...more });

  assert.deepEqual(said([0, kind("websocket")], [1, standing(false)], [2, standing(true)], [3, standing(true)], [4, standing(false)]),
    ["The figures stand still. Those shown are the last good ones.", "The figures move again."]);
  assert.deepEqual(said([0, kind("websocket")], [1, kind("offline")], [2, standing(true, { kind: "offline" })]), [LOST]);
});

test("checks that ask for a person come first, in words", () => {
  assert.deepEqual(checks.urgent([{ state: "ok" }, { state: "waiting" }, { state: "failed" }]).map((check) => check.state), ["failed", "waiting", "ok"]);
  assert.equal(checks.spoken("I2_total_traded"), "Total traded");
});

test("the costs of one model and one bucket are one line, summed to the last digit", () => {
  const cost = (model, amount) => ({ kind: "cost", effective_at: "2026-11-20T00:00:00Z", amount, detail: { model } });
  const rows = activity.gathered([cost("a", "-0.0000000015"), cost("b", "-1"), cost("a", "-0.25"), { kind: "fill", amount: "1", detail: {} }]);

  assert.deepEqual(rows.map((row) => [row.kind, row.rows, row.total]), [["cost", 2, -250_000_002n], ["cost", 1, -1_000_000_000n], ["fill", undefined, undefined]]);
  assert.match(activity.told(rows[0], String).meta, /2 rows/);
});

test("without rows it is said whether nothing is open, nothing is known, or no account is connected", () => {
  const of = (missing, status) => positions.none({ missing, sources: status ? { kalshi: { status } } : {} }, "No open positions.");

  assert.equal(of([], "live"), "No open positions.");
  assert.equal(of(["api_cost"], "off"), "No open positions.");
  assert.equal(of(["trading_realised"], "down"), "Not known yet: the trading history has not been read.");
  assert.equal(of(["trading_realised"], null), "Not known yet: the trading history has not been read.");
  assert.equal(of(["trading_realised"], "off"), "No trading account is connected.");
});
