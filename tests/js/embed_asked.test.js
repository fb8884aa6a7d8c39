/** What an embedded panel was asked to show: its days, how often it is read, in whose clock. */
"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");

for (const name of ["live/money", "live/zone", "live/then", "live/statement", "live/store", "live/transport/measure", "history/range", "embed/asked", "embed/ranges", "embed/still", "embed/head"]) require(`../../assets/${name}.js`);
const { embed, Store } = globalThis.northstar;

const NEW_YORK = "America/New_York";
const NOW = Date.parse("2026-11-20T19:32:10Z");
const metas = (told) => (name) => told[name] ?? "";

test("the wishes are those that the server has settled, and an unknown zone is the company's", () => {
  const wanted = embed.asked(metas({ zone: NEW_YORK, from: "now-6d", to: "now", g: "4h", compare: "prev", refresh: "60", tz: "Europe/Berlin", over: "0" }));

  assert.deepEqual(wanted, { from: "now-6d", to: "now", g: "4h", compare: "prev", refresh: 60, zone: "Europe/Berlin", dayZone: NEW_YORK, over: false });
  assert.equal(embed.asked(metas({ zone: NEW_YORK, tz: "Mars/Olympus" })).zone, NEW_YORK);
  assert.equal(embed.asked(metas({ refresh: "0" })).refresh, 0);
  assert.equal(embed.asked(metas({})).refresh, null);
});

test("a range of days is in the company's days, whatever clock is shown", () => {
  const wanted = { from: "2026-11-01", to: "2026-11-10", dayZone: NEW_YORK, zone: "Asia/Tokyo" };

  assert.deepEqual(embed.span("span", NOW, wanted), { since: Date.parse("2026-11-01T04:00:00Z"), until: Date.parse("2026-11-11T05:00:00Z"), days: { from: "2026-11-01", to: "2026-11-11" }, moving: false });
  assert.deepEqual(embed.span("span", NOW, { ...wanted, from: "now-2d", to: "now" }).days, { from: "2026-11-18", to: "2026-11-21" });
  assert.deepEqual(embed.span("7d", NOW, wanted).days, { from: "2026-11-14", to: "2026-11-21" });
  assert.equal(embed.span("mtd", NOW, wanted).days.from, "2026-11-01");
});

test("days that are over are summed onto the day after, on which there is nothing", () => {
  const after = embed.after({ to: "2026-11-18", dayZone: NEW_YORK }, ["revenue"], NOW);
  const days = [
    { day: "2026-11-16", net: "100", lines: { revenue: "100" }, complete: true, missing: [] },
    { day: "2026-11-17", net: "1.5", lines: { revenue: "2" }, complete: true, missing: [] },
    { day: "2026-11-18", net: "-3", lines: { revenue: "0.5" }, complete: true, missing: [] },
    { day: "2026-11-19", net: "50", lines: { revenue: "50" }, complete: true, missing: [] },
  ];

  const found = embed.together(days.slice(0, 3), after, "2026-11-17");

  assert.equal(after.day, "2026-11-19");
  assert.equal(found.net, "-1.50");
  assert.deepEqual(found.lines, { revenue: "2.50" });
  assert.equal(embed.sumBefore(days, "2026-11-16", "2026-11-17"), 100_000_000_000n);
  assert.equal(embed.sumBefore(days, "2026-11-01", "2026-11-02"), null);
});

test("a range is held against days before of which all is known that is known of the range", () => {
  const day = (name, missing) => ({ day: name, net: "1", missing });
  const sum = (before, of) => embed.sumBefore([day("2026-11-16", before), day("2026-11-17", of), day("2026-11-18", ["api_cost"])], "2026-11-16", "2026-11-17");

  assert.deepEqual([sum(["api_cost"], []), sum(["trading_unrealised"], ["api_cost"])], [null, null]);
  assert.deepEqual([sum([], []), sum(["api_cost"], ["api_cost"])], [1_000_000_000n, 1_000_000_000n]);
});

/** A reading that answers as it is told, and its clock. */
function still(answers, seconds) {
  const store = new Store(null);
  const told = { at: NOW, asked: 0, applied: [] };
  const fetch = async () => {
    told.asked += 1;
    const { status = 200, headers = {}, seq } = answers.shift();
    const data = { schema: "pnl-snapshot/1", seq, as_of: "2026-11-20T19:32:10Z", lines: {}, positions: {} };
    return new Response(JSON.stringify({ messages: seq ? [{ t: "snapshot", stream: "s", seq, data }] : [] }), { status, headers });
  };
  const made = new embed.Still({ url: "/embed/net/data", seconds, store, fetch, now: () => told.at, changed: () => undefined, applied: (seq) => told.applied.push(seq) });
  return { made, told, store };
}

test("figures are read again after so many seconds, and not before", async () => {
  const { made, told } = still([{ seq: 1 }, { seq: 2 }], 60);

  await made.read();
  told.at += 59_000;
  made.tick();
  assert.equal(told.asked, 1);
  told.at += 1_000;
  made.tick();
  await new Promise((resolve) => setImmediate(resolve));

  assert.equal(told.asked, 2);
  assert.equal(made.connection.kind, "still");
});

test("a reading that is not to be repeated is not", async () => {
  const { made, told } = still([{ seq: 1 }], 0);

  await made.read();
  told.at += 86_400_000;
  made.tick();

  assert.deepEqual([told.asked, told.applied, made.connection.nextAt], [1, [1], null]);
});

test("who asked too often waits as long as the server says, and says that it is not live", async () => {
  const { made, told } = still([{ status: 429, headers: { "Retry-After": "40" } }, { seq: 1 }], 0);

  await made.read();
  assert.deepEqual([made.connection.kind, made.connection.broken, made.connection.nextAt], ["offline", true, NOW + 40_000]);
  told.at += 40_000;
  await made.read();

  assert.deepEqual([made.connection.kind, made.connection.broken], ["still", false]);
});

test("the last line says how often figures are read, or that the days are over", () => {
  const connection = { kind: "still", broken: false, reason: null, nextAt: null };
  const view = { snapshot: null, live: { as_of: "2026-11-20T19:32:10.000Z" }, zone: "Europe/Berlin", troubled: false, failed: false, connection, now: 0 };

  assert.equal(embed.state({ ...view, asked: { refresh: 60 } }).text, "Every 60 s · updated 20:32:10 CET");
  assert.equal(embed.state({ ...view, asked: { refresh: 0 } }).text, "As of 20:32:10 CET");
  const ended = { ...view, asked: { refresh: null }, connection: { ...connection, kind: "ended" } };
  assert.equal(embed.state({ ...ended, snapshot: {} }).text, "These days are over");
  assert.equal(embed.state({ ...ended, failed: true }).tone, "loss");
});

test("a period before of which a day is not known is not compared with, and that is said", () => {
  const day = (name, net) => ({ day: name, net, missing: [] });
  const view = (days) => ({ panel: "equity", range: "7d", snapshot: { net: "3" }, past: {}, live: {}, asked: { compare: "prev" }, days, before: "2026-11-14", from: "2026-11-16" });

  assert.equal(embed.against(view([day("2026-11-15", "1")])).said, "the period before is not known whole");
  assert.equal(embed.against(view([day("2026-11-14", null), day("2026-11-15", "1")])).said, "the period before is not known whole");
  assert.equal(embed.against(view([day("2026-11-14", "1"), day("2026-11-15", "1")])).text, "▲ $1.00");
});
