"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
require("../../assets/live/money.js");
require("../../assets/live/zone.js");
require("../../assets/live/course.js");
require("../../assets/live/minutes.js");
require("../../assets/live/past.js");
require("../../assets/live/draw/line.js");

const { past, zone, course, line } = globalThis.northstar;
const NEW_YORK = "America/New_York";
const MINUTE = 60_000;

const DOLLAR = 1_000_000_000n;
const at = (when, net) => course.point(when, { net });
/** Falls and the largest of them, from every single figure. */
function descent(nets) {
  const made = new course.Descent();
  const falls = nets.map((net, i) => made.take(at(i, net)));
  return { falls, deepest: made.deepest };
}
/** Numbers from 0 up to 1, the same in every run. @param {number} seed */
const chance = (seed) => () => (seed = (seed * 16807) % 2147483647) / 2147483647;

test("the drawdown is the fall from the highest so far, and unknown where the figure is", () => {
  assert.deepEqual(descent([1n, 5n, 3n, null, 6n, 2n]).falls, [0n, 0n, -2n, null, 0n, -4n]);
});

test("however points are joined, peak, drawdown and their times stay exact", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = chance(seed);
    const nets = Array.from({ length: 40 }, () => (random() < 0.1 ? null : BigInt(Math.floor(random() * 2000) - 1000)));
    const stretches = [];
    nets.forEach((net, i) => {
      const last = stretches.length - 1;
      if (last >= 0 && random() < 0.8) stretches[last] = course.joined(stretches[last], at(i, net));
      else stretches.push(at(i, net));
    });
    const whole = new course.Descent();
    for (const stretch of stretches) whole.take(stretch);
    const known = nets.filter((net) => net !== null);

    assert.deepEqual(whole.deepest, descent(nets).deepest, `seed ${seed}`);
    assert.equal(whole.peak, known.reduce((a, b) => (b > a ? b : a)), `seed ${seed}`);
  }
});

/** What is drawn: its highest, its lowest, its largest fall and the deepest of the pane below, in dollars. */
function told(made) {
  const known = made.y.filter((value) => value !== null);
  let [top, fall] = [-Infinity, 0];
  for (const value of known) {
    top = Math.max(top, value);
    fall = Math.min(fall, value - top);
  }
  return [Math.max(...known), Math.min(...known), fall, Math.min(0, ...made.falls)];
}

test("a line passes the highest and the lowest of what it was made of, and its fall is the drawdown, in every width", () => {
  for (let seed = 1; seed <= 30; seed += 1) {
    const random = chance(seed);
    let net = 0;
    const nets = Array.from({ length: 3000 }, () => (net += Math.floor(random() * 41) - 20));
    const points = [];
    nets.forEach((amount, i) => {
      const last = points.length - 1;
      if (last >= 0 && random() < 0.7) points[last] = course.joined(points[last], at(i * 10_000, BigInt(amount) * DOLLAR));
      else points.push(at(i * 10_000, BigInt(amount) * DOLLAR));
    });
    const made = new line.Line({ points, gaps: [], revision: 0 }, "UTC", Infinity);
    for (const hours of [1, 3, 9]) {
      made.show(0, hours * 60 * MINUTE, true);
      made.extend();
      const fall = Number(descent(nets.map((amount) => BigInt(amount) * DOLLAR)).deepest.amount / DOLLAR);
      assert.deepEqual(told(made), [Math.max(...nets), Math.min(...nets), fall, fall], `seed ${seed}, ${hours} h`);
      assert.equal(made.deepest.amount, BigInt(fall) * DOLLAR);
    }
    assert.ok(made.x.length <= 1600, `${made.x.length} points`);
    assert.ok(made.x.every((when, i) => i === 0 || when >= made.x[i - 1]));
  }
});

test("of a day only what is shown is drawn, and the drawdown is of all of it", () => {
  const points = [5n, 90n, 1n, ...Array(600).fill(2n)].map((net, i) => at(i * MINUTE, net * DOLLAR));
  const made = new line.Line({ points, gaps: [], revision: 0 }, "UTC", 2 * MINUTE);

  made.show(540 * MINUTE, 600 * MINUTE, false);
  made.extend();

  assert.ok(made.x[0] <= 540 * MINUTE && made.x.length < 70, `${made.x.length} points`);
  assert.equal(made.deepest.amount, -89n * DOLLAR);
});

test("a moment of which only the minute is told is looked for among its snapshots", async () => {
  const start = NOW - 5 * MINUTE - 10_000;
  const { made } = reader({ [TODAY]: [row(start, amounts("10", "30", "4", "25"))], [`raw ${new Date(start).toISOString()}`]: [row(start + 5000, "10"), row(start + 15_000, "30"), row(start + 25_000, "4"), row(start + 55_000, "25")] });
  await made.follow(snapshot(NOW, "25"));
  const drawnDay = new line.Line(made.today, "UTC", DAY);
  drawnDay.extend();

  const found = await Promise.all(drawnDay.moments.slice(0, 4).map(async (moment) => [Number(moment.net / DOLLAR), (await made.momentOf(moment)) - start]));

  assert.deepEqual(found, [[10, 5000], [4, 25_000], [30, 15_000], [25, MINUTE - 1]]);
});

/** The lists of a chart that was drawn after each of some changes of a day. */
function drawn(points, longest = 2.5 * MINUTE, gaps = []) {
  const day = { points: [], gaps, revision: 0 };
  const made = new line.Line(day, "UTC", longest);
  for (const point of points) {
    day.points.push(point);
    made.extend();
  }
  return { day, made };
}

test("in the minutes where a gap begins and ends the line goes up to it and on from it", () => {
  const minute = (start, open, close) => ({ at: new Date(start).toISOString(), net: { open, high: close, low: open, close } });
  const { within } = globalThis.northstar.minutes;
  const now = 10 * MINUTE;
  const gaps = [{ since: MINUTE + 26_000, until: 3 * MINUTE + 7000 }];
  const told = (start, open, close) => within(minute(start, open, close), ["net"], now, gaps).map((point) => [point.at, point.values.net]);

  assert.deepEqual(told(0, "1", "2"), [[MINUTE - 1, 2n * DOLLAR]]);
  assert.deepEqual(told(MINUTE, "2", "3"), [[MINUTE + 26_000, 3n * DOLLAR]]);
  assert.deepEqual(told(3 * MINUTE, "4", "5"), [[3 * MINUTE + 7000, 4n * DOLLAR], [4 * MINUTE - 1, 5n * DOLLAR]]);
  assert.deepEqual(told(4 * MINUTE, "5", "6"), [[5 * MINUTE - 1, 6n * DOLLAR]]);
});

test("a line breaks at a gap and where points are missing, and nowhere else", () => {
  const points = [0, 1, 2, 30, 31].map((minute) => at(minute * MINUTE, DOLLAR));

  assert.deepEqual(drawn(points).made.y, [1, 1, 1, null, null, 1, 1]);
  assert.deepEqual(drawn(points).made.ground, [1, 1, 1, 0, 0, 1, 1]);
  assert.deepEqual(drawn(points, 60 * MINUTE, [{ since: 0, until: MINUTE, reason: "" }]).made.y, [1, null, null, 1, 1, 1, 1], "a gap that is told is one, however short");
  assert.equal(drawn(points, 60 * MINUTE, [{ since: 32 * MINUTE, until: 33 * MINUTE, reason: "" }]).made.y.length, 5);
  assert.equal(drawn(points, 60 * MINUTE, [{ since: 3 * MINUTE, until: 29 * MINUTE, reason: "" }]).made.y.length, 7);
});

test("a line that is extended keeps its lists, and holds what one drawn at the end would", () => {
  const random = chance(5);
  const { day, made } = drawn(Array.from({ length: 30 }, (_, i) => at(i * 10_000, BigInt(Math.floor(random() * 1000)) * DOLLAR)));
  const { x, y, falls } = made;
  day.points[day.points.length - 1] = course.joined(day.points.at(-1), at(301_000, -5n * DOLLAR));
  made.extend();
  day.points.splice(3, 2, course.joined(day.points[3], day.points[4]));
  day.revision += 1;
  made.extend();
  const anew = new line.Line(day, "UTC", 2.5 * MINUTE);
  anew.extend();

  assert.deepEqual([made.x, made.y, made.falls, made.deepest], [anew.x, anew.y, anew.falls, anew.deepest]);
  assert.ok(made.x === x && made.y === y && made.falls === falls);
  assert.equal(made.y.at(-1), -5);
});

test("a company day begins at its own midnight, summer and winter", () => {
  const start = (day) => new Date(zone.dayStart(day, NEW_YORK)).toISOString();
  assert.deepEqual(["2026-07-01", "2026-11-01", "2026-11-02", "2026-03-08", "2026-03-09"].map(start),
    ["2026-07-01T04:00:00.000Z", "2026-11-01T04:00:00.000Z", "2026-11-02T05:00:00.000Z", "2026-03-08T05:00:00.000Z", "2026-03-09T04:00:00.000Z"]);
  assert.equal(new Date(zone.dayStart("2026-11-20", "Asia/Kolkata")).toISOString(), "2026-11-19T18:30:00.000Z");
});

test("ages and waits are said in one or two units", () => {
  assert.deepEqual([400, 42_000, 240_000, 7_200_000, 400_000_000].map(zone.age), ["0 s", "42 s", "4 m", "2 h", "4 d"]);
  assert.deepEqual([42_000, -60_000, -240_000, -400_000_000].map(zone.since), ["42 s", "0 s", "in 4 m", "in 4 d"]);
  assert.deepEqual([-1, 1000, 720_000, 8_900_000, 32_400_000, 1_700_000_000].map(zone.until), ["closed", "< 1 m", "12 m", "2 h 28 m", "9 h", "19 d"]);
});

const amounts = (open, high, low, close) => ({ net: { open, high, low, close } });
const row = (when, net) => ({ at: new Date(when).toISOString(), ...(typeof net === "string" ? amounts(net, net, net, net) : net) });

/** A day that is read by the minute, or what came last in it as it came. */
function reader(days, recentMs = 0) {
  const asked = [];
  const fetch = async (url) => {
    asked.push(url);
    const { from, step } = Object.fromEntries(new URL(url, "http://x").searchParams);
    return new Response(JSON.stringify({ rows: days[step === "raw" ? `raw ${from}` : from] ?? [], gaps: [] }));
  };
  return { asked, made: new past.Past({ url: "/history", zone: NEW_YORK, everySeconds: 10, recentMs, fetch, changed: () => {} }) };
}

const NOW = Date.parse("2026-11-20T19:32:10.000Z");
const TODAY = "2026-11-20T05:00:00.000Z";
const BEFORE = "2026-11-19T05:00:00.000Z";
const DAY = 86_400_000;
const snapshot = (when, net, day = "2026-11-20") => ({ as_of: new Date(when).toISOString(), day, lines: {}, net });
const nets = (made) => made.today.points.map((point) => point.values.net);
const dollars = (...amounts) => amounts.map((amount) => BigInt(amount) * DOLLAR);

test("a stop of less than a minute breaks the line where the server tells it, and stays when its minutes are long over", async () => {
  const start = NOW - 10_000 - 2 * MINUTE;
  const gap = { since: new Date(start + 20_000).toISOString(), until: new Date(start + 74_000).toISOString(), missed: 10, reason: "away" };
  const ticks = (from, to, net) => Array.from({ length: (to - from) / 5000 + 1 }, (_, i) => row(from + 5000 * i, net));
  const raw = { [start]: ticks(start, start + 20_000, "10"), [start + MINUTE]: ticks(start + 74_000, start + 119_000, "20") };
  const fetch = async (url) => {
    const { from, step } = Object.fromEntries(new URL(url, "http://x").searchParams);
    const rows = step === "raw" ? (raw[Date.parse(from)] ?? []) : from === TODAY ? [row(start - MINUTE, "10"), row(start, "10"), row(start + MINUTE, "20")] : [];
    return new Response(JSON.stringify({ rows, gaps: step === "raw" || from !== TODAY ? [] : [gap] }));
  };
  const made = new past.Past({ url: "/history", zone: NEW_YORK, everySeconds: 5, recentMs: 0, fetch, changed: () => {} });
  const broken = () => {
    const line_ = new line.Line(made.today, "UTC", past.longest(5));
    line_.extend();
    return line_.y.flatMap((value, i) => (value === null ? [line_.x[i] - start] : []));
  };
  await made.follow(snapshot(NOW - 10_000, "20"));

  assert.deepEqual(broken(), [20_001, 73_999]);
  for (let seconds = -5; seconds < 900; seconds += 5) await made.follow(snapshot(NOW + seconds * 1000, "20"));
  assert.deepEqual(broken(), [20_001, 73_999]);
  assert.ok(made.today.points.length < 200, `${made.today.points.length} points`);
});

test("after a stop the line begins at the first snapshot that came, however soon the next ones do, and time goes forwards", async () => {
  const start = Date.parse("2026-11-20T19:32:00.000Z");
  const { made } = reader({}, 60 * MINUTE);
  made.everySeconds = 1;
  made.growing = { day: "2026-11-20", points: [], gaps: [], revision: 0, moves: 0, settled: 0 };
  for (const [seconds, net] of [[0, "5"], [1, "6"], [20.2, "7"], [21, "9"], [22, "8"], [23, "9"]]) made.append(snapshot(start + seconds * 1000, net), start + seconds * 1000);
  const drawnDay = new line.Line(made.growing, "UTC", past.longest(1));
  drawnDay.show(start - MINUTE, start + MINUTE, true);
  drawnDay.extend();

  assert.deepEqual(drawnDay.x.map((x) => x - start).slice(1), [1000, 1001, 20_199, 20_200, 21_000, 22_000, 23_000]);
  assert.deepEqual(drawnDay.y.slice(1), [6, null, null, 7, 9, 8, 9]);
  const joined = new line.Line({ points: [at(start, DOLLAR), course.joined(at(start + 20_000, 2n * DOLLAR), at(start + 21_000, 3n * DOLLAR))], gaps: [], revision: 0 }, "UTC", 3000);
  joined.extend();
  assert.deepEqual(joined.x.map((x) => x - start), [0, 1, 19_999, 20_000, 21_000]);
});

test("where no gap is told, three ticks are the most that a line bridges, and a minute of the past is none", async () => {
  const { made, asked } = reader({ [TODAY]: [row(NOW - 10_000 - 3 * MINUTE, "8"), row(NOW - 10_000 - 2 * MINUTE, "9"), row(NOW - 10_000 - MINUTE, "10")] });
  made.everySeconds = 5;
  for (const seconds of [0, 5, 20, 36]) await made.follow(snapshot(NOW - 5000 + seconds * 1000, "12"));
  const drawnDay = new line.Line(made.today, NEW_YORK, past.longest(5));
  drawnDay.extend();

  assert.deepEqual(drawnDay.y, [8, 9, 10, 12, 12, 12, null, null, 12]);
  assert.equal(asked.length, 2);
  for (const seconds of [41, 46, 51, 56, 61, 66]) await made.follow(snapshot(NOW - 5000 + seconds * 1000, "12"));
  assert.equal(asked.length, 3, "what was missed is read a minute after the last reading");
});

test("a tick that did not come has the day read again, for the gap that the history tells", async () => {
  const { made, asked } = reader({}, 60 * MINUTE);
  await made.follow(snapshot(NOW, "5"));
  for (const seconds of [10, 20, 30, 40, 50, 60, 70]) await made.follow(snapshot(NOW + seconds * 1000, "5"));
  const before = asked.length;

  await made.follow(snapshot(NOW + 88_000, "6"));

  assert.equal(asked.length, before + 2, "what is new of today, by the minute and snapshot by snapshot");
});

test("snapshots extend the day that was read, and two days are asked for once", async () => {
  const { asked, made } = reader({ [TODAY]: [row(NOW - 10_000 - 2 * MINUTE, "10"), row(NOW - 10_000 - MINUTE, "11")], [BEFORE]: [] });
  await made.follow(snapshot(NOW, "12"));
  await made.follow(snapshot(NOW + 10_000, "13"));

  assert.equal(asked.length, 2);
  assert.deepEqual(nets(made), dollars(10, 11, 12, 13));
});

test("the minute that is not over ends with the newest snapshot, not in the future", async () => {
  const minute = NOW - 10_000;
  const { made } = reader({ [TODAY]: [row(minute - MINUTE, "10"), row(minute, amounts("11", "20", "5", "12"))] });
  await made.follow(snapshot(NOW, "12"));
  await made.follow(snapshot(NOW + 10_000, "13"));

  assert.deepEqual(made.today.points.map((point) => [point.at, point.high]), [[minute - 1, 10n * DOLLAR], [NOW, 20n * DOLLAR], [NOW + 10_000, 13n * DOLLAR]]);
});

test("what was seen here and what the history tells are one, and neither is lost", async () => {
  const start = NOW - 10_000 - 5 * MINUTE;
  const { made } = reader({ [TODAY]: [row(start, amounts("10", "30", "1", "12")), row(start + MINUTE, amounts("12", "14", "12", "13"))] });
  made.growing = { day: "2026-11-20", points: [], gaps: [], revision: 0, moves: 0, settled: 0 };
  for (const [seconds, net] of [[10, "40"], [20, "12"], [70, "12"], [80, "14"], [90, "12"], [100, "13"]]) made.append(snapshot(start + seconds * 1000, net), start + seconds * 1000);
  await made.read(snapshot(start + 100_000, "13"), start + 100_000);

  const [first, ...second] = made.today.points;
  assert.deepEqual([first.high, first.low, first.drop], dollars(40, 1, -28));
  assert.deepEqual(second.map((point) => point.values.net), dollars(12, 14, 12, 13));
});

test("of a minute of the history only the fall that is certain counts", async () => {
  const { made } = reader({ [TODAY]: [row(NOW - 5 * MINUTE, amounts("10", "30", "4", "25"))] });
  await made.follow(snapshot(NOW, "25"));

  assert.equal(made.today.points[0].drop, -6n * DOLLAR);
  assert.equal(made.today.points[0].dropAt, NOW - 5 * MINUTE + 19_999);
});

test("a day of a tick a second stays small, and its peak and drawdown exact", async () => {
  const random = chance(11);
  const { made, asked } = reader({});
  const start = Date.parse(TODAY);
  const exact = new course.Descent();
  let net = 0n;
  let most = 0;
  let lowest = 0n;
  for (let second = 0; second < 86_400; second += 1) {
    net += BigInt(Math.floor(random() * 2_000_001) - 1_000_000) * 1_000_000n;
    // A spike and a pit that last one tick, within a minute that is long over at the end.
    const shown = second === 30_003 ? net + 90_000n * DOLLAR : second === 30_004 ? net - 90_000n * DOLLAR : net;
    const when = start + second * 1000;
    exact.take(at(when, shown));
    if (shown < lowest) lowest = shown;
    const text = `${shown < 0n ? "-" : ""}${(shown < 0n ? -shown : shown) / DOLLAR}.${String((shown < 0n ? -shown : shown) % DOLLAR).padStart(9, "0")}`;
    await made.follow(snapshot(when, text));
    most = Math.max(most, made.today.points.length);
  }
  const kept = new course.Descent();
  for (const point of made.today.points) kept.take(point);

  const whole = new line.Line(made.today, NEW_YORK, 3 * MINUTE);
  whole.show(start, start + DAY, true);
  whole.extend();
  const dollarsOf = (amount) => Number(amount) / 1e9;

  assert.ok(whole.x.length <= 1600, `${whole.x.length} points are drawn`);
  assert.deepEqual(told(whole), [exact.peak, lowest, exact.deepest.amount, exact.deepest.amount].map(dollarsOf));
  assert.ok(most < 1600, `${most} points`);
  assert.deepEqual([kept.peak, kept.deepest], [exact.peak, exact.deepest]);
  assert.equal(made.today.points.reduce((low, point) => (point.low < low ? point.low : low), 0n), lowest);
  assert.equal(made.today.points.at(-1).values.net, net);
  assert.ok(asked.length < 160, `${asked.length} questions`);
});

test("the last hour is read snapshot by snapshot, each at its own time, and what was before by the minute", async () => {
  const turn = Math.floor((NOW - 70 * MINUTE) / MINUTE) * MINUTE;
  const ticks = [[0, "5"], [10_000, "9"], [20_000, "2"], [60_000, "4"]].map(([after, net]) => row(turn + after, net));
  const gap = { since: new Date(turn - 5 * MINUTE).toISOString(), until: new Date(turn + 50_000).toISOString(), missed: 3, reason: "away" };
  const fetch = async (url) => {
    const { from, to, step } = Object.fromEntries(new URL(url, "http://x").searchParams);
    asked.push([step, Date.parse(from), Date.parse(to)]);
    return new Response(JSON.stringify({ rows: step === "raw" ? ticks : [row(turn - MINUTE, amounts("3", "8", "1", "5"))], gaps: [gap] }));
  };
  const asked = [];
  const made = new past.Past({ url: "/history", zone: NEW_YORK, everySeconds: 10, fetch, changed: () => {} });
  const of = await made.day("2026-11-20", NOW);
  const recent = of.points.filter((point) => point.since >= turn);

  assert.deepEqual(asked, [["1m", Date.parse(TODAY), turn], ["raw", turn, NOW + 1]]);
  assert.deepEqual(recent.map(({ at, values }) => [at - turn, values.net]), [[0, 5n], [10_000, 9n], [20_000, 2n], [60_000, 4n]].map(([after, net]) => [after, net * DOLLAR]));
  assert.equal(of.gaps.length, 1, "a gap that goes over the turn is one");
  const drawnDay = new line.Line(of, NEW_YORK, Infinity);
  drawnDay.extend();
  assert.equal(drawnDay.timed, false, "of the older minute nobody knows when in it the net was highest");
  drawnDay.show(zone.wall(turn, NEW_YORK) + 5 * MINUTE, zone.wall(NOW, NEW_YORK), false);
  drawnDay.extend();
  assert.equal(drawnDay.timed, true);
});

test("what a page missed of a minute that was read snapshot by snapshot is there, and what came later stays", async () => {
  const start = NOW - 10_000 - 2 * MINUTE;
  const raw = [0, 10, 20, 30, 40, 50].map((after, place) => row(start + after * 1000, String(place)));
  const { made } = reader({ [`raw ${new Date(Math.floor((NOW - 70 * MINUTE) / MINUTE) * MINUTE).toISOString()}`]: raw }, 70 * MINUTE);
  made.growing = { day: "2026-11-20", points: [], gaps: [], revision: 0, moves: 0, settled: 0 };
  for (const [seconds, net] of [[10, "1"], [50, "5"], [55, "6"], [60, "7"]]) made.append(snapshot(start + seconds * 1000, net), start + seconds * 1000);
  await made.read(snapshot(NOW, "7"), NOW);

  assert.deepEqual(made.today.points.map(({ at, values }) => [(at - start) / 1000, values.net]), [0, 10, 20, 30, 40, 50, 55, 60].map((seconds, place) => [seconds, BigInt(place) * DOLLAR]));
});

test("where more came than can be had at once, all is read by the minute", async () => {
  const asked = [];
  const fetch = async (url) => {
    const { step } = Object.fromEntries(new URL(url, "http://x").searchParams);
    asked.push(step);
    return new Response(JSON.stringify({ rows: [row(NOW - 3 * 60 * MINUTE, "7")], gaps: [], next: step === "raw" ? "2026-11-20T19:00:00Z" : null }));
  };
  const made = new past.Past({ url: "/history", zone: NEW_YORK, everySeconds: 10, fetch, changed: () => {} });

  const day = await made.day("2026-11-20", NOW);

  assert.deepEqual(asked, ["1m", "raw", "1m"]);
  assert.deepEqual(day.points.map((point) => point.values.net), [7n * DOLLAR]);
});

test("midnight begins a new day, and the old one is read as the day before", async () => {
  const { made } = reader({});
  const midnight = Date.parse(TODAY) + DAY;
  await made.follow(snapshot(midnight - 10_000, "7"));
  await made.follow(snapshot(midnight, "1", "2026-11-21"));
  await made.follow(snapshot(midnight + 10_000, "2", "2026-11-21"));

  assert.deepEqual([made.today.day, made.before.day], ["2026-11-21", "2026-11-20"]);
  assert.deepEqual(nets(made), dollars(1, 2));
});

test("the day before is compared at the same time of day", async () => {
  const { made } = reader({ [TODAY]: [], [BEFORE]: [row(NOW - DAY - 2 * MINUTE, "7"), row(NOW - DAY + 5 * MINUTE, "9")] });
  await made.follow(snapshot(NOW, "12"));

  assert.equal(made.sameTimeBefore(NOW).values.net, 7_000_000_000n);
  assert.equal(made.sameTimeBefore(NOW).name, "Thu");
  assert.equal(made.sameTimeBefore(NOW - 3_600_000), null);
});

test("a history that fails leaves what was seen, and is asked for again later", async () => {
  let answers = 0;
  let told = 0;
  const made = new past.Past({ url: "/history", zone: NEW_YORK, everySeconds: 10, recentMs: 0, fetch: async () => { answers += 1; return new Response("", { status: 500 }); }, changed: () => { told += 1; } });
  await made.follow(snapshot(NOW, "1"));
  await made.follow(snapshot(NOW + 10_000, "2"));
  const early = answers;
  await made.follow(snapshot(NOW + 70_000, "3"));

  assert.deepEqual(nets(made), dollars(1, 2, 3));
  assert.deepEqual([early, answers, told], [2, 4, 2]);
});

test("the drawdown is of complete snapshots, and of incomplete ones on days without a complete one", () => {
  const unsure = (when, net) => course.point(when, { net }, false);
  const early = [unsure(0, 90n * DOLLAR), unsure(MINUTE, 10n * DOLLAR)];

  const partial = drawn(early).made;
  const whole = drawn([...early, at(2 * MINUTE, 20n * DOLLAR), at(3 * MINUTE, 13n * DOLLAR), unsure(4 * MINUTE, 0n)]).made;

  assert.deepEqual([partial.deepest, partial.falls], [{ amount: -80n * DOLLAR, at: MINUTE }, [0, -80]]);
  assert.deepEqual([whole.deepest, whole.falls], [{ amount: -7n * DOLLAR, at: 3 * MINUTE }, [null, null, 0, -7, null]]);
  assert.deepEqual(whole.y, [90, 10, 20, 13, 0], "what was shown is drawn");
  assert.deepEqual(course.unsure(whole.day.points), [{ since: 0, until: MINUTE, reason: "incomplete" }, { since: 3 * MINUTE, until: 4 * MINUTE, reason: "incomplete" }]);
  assert.deepEqual(course.unsure(early), [], "a day that is incomplete as a whole has no such stretch");
});

test("a lowest is drawn in the minute that the caption names", () => {
  const start = Date.parse("2026-11-20T15:53:00Z");
  const [point] = globalThis.northstar.minutes.within(row(start, amounts("9", "9", "2", "3")), ["net"], start + 10 * MINUTE, []);
  const { made } = drawn([at(start - 1000, 9n * DOLLAR), point]);

  assert.equal(made.deepest.amount, -7n * DOLLAR);
  assert.deepEqual([zone.hourMinute(made.deepest.at, "UTC"), zone.hourMinute(made.x.at(-1), "UTC")], ["15:53", "15:53"]);
});

test("a minute in which completeness begins or ends is read snapshot by snapshot", async () => {
  const start = Date.parse(TODAY);
  const incomplete = (when, net) => ({ ...row(when, net), quality: ["incomplete"] });
  const { asked, made } = reader({
    [TODAY]: [incomplete(start, "100"), incomplete(start + MINUTE, amounts("90", "90", "10", "20")), row(start + 2 * MINUTE, "15")],
    [`raw ${TODAY}`]: [incomplete(start + 30_000, "100")],
    [`raw ${new Date(start + MINUTE).toISOString()}`]: [incomplete(start + MINUTE + 5000, "90"), incomplete(start + MINUTE + 15_000, "10"), row(start + MINUTE + 25_000, "20")],
  });

  await made.follow(snapshot(NOW, "15"));

  assert.deepEqual(asked.filter((url) => url.includes("step=raw")).length, 2);
  const drawnDay = new line.Line(made.today, NEW_YORK, 3 * DAY);
  drawnDay.extend();
  assert.deepEqual(drawnDay.deepest.amount, -5n * DOLLAR);
  assert.deepEqual(made.today.points.map((point) => point.sure), [false, false, true, true, true]);
});
