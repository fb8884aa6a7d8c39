"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
require("../../assets/live/money.js");
require("../../assets/live/zone.js");
require("../../assets/live/past.js");

const { past, zone } = globalThis.northstar;
const NEW_YORK = "America/New_York";
const MINUTE = 60_000;

test("the drawdown is the fall from the highest so far, and unknown where the figure is", () => {
  assert.deepEqual(past.drawdown([1n, 5n, 3n, null, 6n, 2n]), [0n, 0n, -2n, null, 0n, -4n]);
});

test("a line breaks at a gap and where points are missing, and nowhere else", () => {
  const points = [0, 1, 2, 30, 31].map((minute) => ({ at: minute * MINUTE, values: { net: 1n } }));
  const broken = past.broken(points, [], 2.5 * MINUTE);

  assert.deepEqual(broken.map((point) => point.values.net ?? null), [1n, 1n, 1n, null, 1n, 1n]);
  assert.equal(past.broken(points, [{ since: 0, until: MINUTE / 2, reason: "" }], 60 * MINUTE).length, 5);
});

test("a company day begins at its own midnight, summer and winter", () => {
  const start = (day) => new Date(zone.dayStart(day, NEW_YORK)).toISOString();
  assert.deepEqual(["2026-07-01", "2026-11-01", "2026-11-02", "2026-03-08", "2026-03-09"].map(start),
    ["2026-07-01T04:00:00.000Z", "2026-11-01T04:00:00.000Z", "2026-11-02T05:00:00.000Z", "2026-03-08T05:00:00.000Z", "2026-03-09T04:00:00.000Z"]);
  assert.equal(new Date(zone.dayStart("2026-11-20", "Asia/Kolkata")).toISOString(), "2026-11-19T18:30:00.000Z");
});

test("ages and waits are said in one or two units", () => {
  assert.deepEqual([400, 42_000, 240_000, 7_200_000, 400_000_000].map(zone.age), ["0 s", "42 s", "4 m", "2 h", "4 d"]);
  assert.deepEqual([-1, 1000, 720_000, 8_900_000, 32_400_000, 1_700_000_000].map(zone.until), ["closed", "< 1 m", "12 m", "2 h 28 m", "9 h", "19 d"]);
});

const row = (at, net) => ({ at: new Date(at).toISOString(), net: { close: net } });

function reader(now, days) {
  const asked = [];
  const fetch = async (url) => {
    asked.push(url);
    const from = new URL(url, "http://x").searchParams.get("from");
    return new Response(JSON.stringify({ rows: days[from] ?? [], gaps: [] }));
  };
  return { asked, made: new past.Past({ url: "/history", zone: NEW_YORK, everySeconds: 10, fetch, changed: () => {} }) };
}

const NOW = Date.parse("2026-11-20T19:32:10.000Z");
const TODAY = "2026-11-20T05:00:00.000Z";
const BEFORE = "2026-11-19T05:00:00.000Z";
const DAY = 86_400_000;
const snapshot = (at, net) => ({ as_of: new Date(at).toISOString(), day: "2026-11-20", lines: {}, net });

test("snapshots extend the day that was read, and two days are asked for once", async () => {
  const { asked, made } = reader(NOW, { [TODAY]: [row(NOW - 2 * MINUTE, "10"), row(NOW - MINUTE, "11")], [BEFORE]: [] });
  await made.follow(snapshot(NOW, "12"));
  await made.follow(snapshot(NOW + 10_000, "13"));

  assert.equal(asked.length, 2);
  assert.deepEqual(made.today.points.map((point) => point.values.net), [10n, 12n, 13n].map((dollars) => dollars * 1_000_000_000n));
});

test("the day before is compared at the same time of day", async () => {
  const { made } = reader(NOW, { [TODAY]: [], [BEFORE]: [row(NOW - DAY - 2 * MINUTE, "7"), row(NOW - DAY + 5 * MINUTE, "9")] });
  await made.follow(snapshot(NOW, "12"));

  assert.equal(made.sameTimeBefore(NOW).values.net, 7_000_000_000n);
  assert.equal(made.sameTimeBefore(NOW).name, "Thu");
  assert.equal(made.sameTimeBefore(NOW - 3_600_000), null);
});

test("a history that fails leaves the figures alone and is asked for again later", async () => {
  let answers = 0;
  const made = new past.Past({ url: "/history", zone: NEW_YORK, everySeconds: 10, fetch: async () => { answers += 1; return new Response("", { status: 500 }); }, changed: () => {} });
  await made.follow(snapshot(NOW, "1"));

  assert.equal(made.today, null);
  assert.equal(answers, 2);
});
