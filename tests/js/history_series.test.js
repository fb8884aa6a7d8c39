"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
for (const name of ["live/money", "live/zone", "live/course", "live/then", "live/statement", "history/range", "history/series", "history/known", "live/isolated", "history/drove", "history/day_keys", "history/heat", "history/stats", "history/filters"]) require(`../../assets/${name}.js`);

const { series, known, drove, heat, money, historyStats } = globalThis.northstar;
const NEW_YORK = "America/New_York";
const HOUR = 3_600_000;
/** A note as it is read. */
const read = (note) => (typeof note === "string" ? note : `${note.worked.total}${note.after}`);
const dollars = (text) => money.nano(text);
const told = (open, high, low, close) => ({ open, high, low, close });
const flat = (value) => told(value, value, value, value);
const row = (at, values) => ({ at, ...values });
const day = (name, net, more = {}) => ({ day: name, start: `${name}T05:00:00Z`, end: `${name.slice(0, 8)}${String(Number(name.slice(8)) + 1).padStart(2, "0")}T05:00:00Z`, net, lines: {}, missing: [], as_seen: null, ...more });

test("a series counts from what the figure was when the range began", () => {
  const { bars, end, high, low, fall } = series.series({ rows: [
    row("2026-11-18T15:00:00Z", { cumulative_net: told("100.10", "101", "99", "100.50") }), row("2026-11-18T16:00:00Z", { cumulative_net: told("100.50", "104", "100", "103") }),
    row("2026-11-18T17:00:00Z", { cumulative_net: told("103", "103", "97.000000001", "98") }),
  ] }, "cumulative_net", HOUR);
  assert.deepEqual(bars.map((bar) => bar.close), [dollars("0.40"), dollars("2.90"), dollars("-2.10")]);
  assert.deepEqual([end, high, low], [dollars("-2.10"), dollars("3.90"), dollars("-3.099999999")]);
  assert.deepEqual(fall, { amount: dollars("-6.999999999"), at: Date.parse("2026-11-18T17:00:00Z") });
});

test("the fall within one bar counts only as far as it is certain", () => {
  const bar = (open, high, low, close) => ({ at: 0, until: 1, open: BigInt(open), high: BigInt(high), low: BigInt(low), close: BigInt(close) });
  assert.deepEqual(series.deepest([bar(0, 10, -2, 9)]).amount, -2n);
  assert.deepEqual(series.deepest([bar(0, 10, 0, 4)]).amount, -6n, "it certainly fell from the high to the close");
  assert.equal(series.deepest([bar(0, 5, 0, 5), bar(5, 9, 5, 9)]), null);
});

test("a line breaks where bars are missing, and where nothing is known", () => {
  const bars = ["15", "16", "19"].map((hour) => row(`2026-11-18T${hour}:00:00Z`, { net: flat(hour) }));
  const { y } = series.line(series.series({ rows: bars }, "net", HOUR, 0n), "UTC");
  assert.deepEqual(y, [15, 15, 16, null, 19, 19]);
});

/** The largest fall of what is drawn. */
function fallOf(y) {
  let [top, fall] = [-Infinity, 0];
  for (const value of y) {
    if (value === null) continue;
    top = Math.max(top, value);
    fall = Math.min(fall, value - top);
  }
  return fall;
}

/** Bars of a figure of whole dollars that goes its own way. */
function wandering(count, step, seed) {
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  let net = 0;
  return Array.from({ length: count }, (_, i) => {
    const course = Array.from({ length: 6 }, () => (net += Math.floor(random() * 41) - 20));
    return row(new Date(Date.parse("2026-11-18T05:00:00Z") + i * step).toISOString(), { net: told(...[course[0], Math.max(...course), Math.min(...course), course[5]].map(String)) });
  });
}

test("a line passes the highest and the lowest of its bars, falls as far as is certain, and has no more points than a chart may", () => {
  for (const [count, seed] of [[40, 3], [288, 5], [1500, 7]]) {
    const of = series.series({ rows: wandering(count, 60_000, seed) }, "net", 60_000, 0n);
    const { x, y } = series.line(of, "UTC");

    assert.deepEqual([Math.max(...y), Math.min(...y), y.at(-1)], [of.high, of.low, of.end].map(money.height));
    assert.equal(fallOf(y), money.height(of.fall.amount));
    assert.ok(x.length <= 1600, `${x.length} points`);
    assert.ok(x.every((at, i) => i === 0 || at >= x[i - 1]), "time goes on");
  }
});

test("a line passes the moments that are known within a bar when they were, so that it falls as far as is told", () => {
  const start = Date.parse("2026-11-18T15:00:00Z");
  const of = series.series({ rows: [row("2026-11-18T15:00:00Z", { net: told("10", "30", "-5", "12") }), row("2026-11-18T16:00:00Z", { net: flat("12") })] }, "net", HOUR, 0n);
  const moments = [{ at: start + 600_000, net: dollars("30") }, { at: start + 1_200_000, net: dollars("-2") }];

  assert.equal(fallOf(series.line(of, "UTC").y), -18);
  const { x, y } = series.line(of, "UTC", { moments });
  assert.equal(fallOf(y), -32);
  assert.deepEqual(y, [10, -5, 30, -2, 12, 12]);
  assert.deepEqual([x[2], x[3]], moments.map(({ at }) => at));
});

test("a line goes up to a gap of seconds and on from it, where the step lets it be seen", () => {
  const rows = ["00", "01", "02"].map((minute) => row(`2026-11-18T15:${minute}:00Z`, { net: told(minute, minute, minute, String(Number(minute) + 1)) }));
  const gap = { since: "2026-11-18T15:00:20Z", until: "2026-11-18T15:01:14Z", reason: "away" };
  const drawn = (step) => series.line(series.series({ rows, gaps: [gap] }, "net", step, 0n), "UTC");
  const seconds = ({ x }) => x.map((at) => (at - Date.parse("2026-11-18T15:00:00Z")) / 1000);

  const { y } = drawn(60_000);
  assert.deepEqual(y, [0, 1, null, 1, 2, 3]);
  assert.deepEqual(seconds(drawn(60_000)), [0, 20, 20, 74, 120, 180]);
  assert.ok(!drawn(HOUR).y.includes(null));
});

test("the area below a line is nothing wherever the line is broken", () => {
  assert.deepEqual(series.ground({ x: [0, 1, 1, 5, 6], y: [3, 4, null, 7, 8] }), { x: [0, 1, 1, 5, 5, 6], y: [3, 4, 0, 0, 7, 8] });
});

const LINES = Object.values(series.FIGURES).flat();
const zeros = Object.fromEntries(LINES.map((line) => [line, "0"]));
const single = (at, lines) => row(at, Object.fromEntries(Object.entries({ ...zeros, ...lines }).map(([line, value]) => [line, flat(value)])));
const closed = (name, lines) => day(name, "0", { as_seen: { lines: { ...zeros, ...lines } } });

for (const [season, first, midnight] of [["winter", "2026-11-17", "2026-11-18T05:00:00Z"], ["summer", "2026-07-14", "2026-07-15T04:00:00Z"]])
  for (const [step, minutes] of [["1m", 1], ["5m", 5], ["1h", 60], ["4h", 240]])
    test(`what figures grew by over a midnight in ${season} is right from one ${step} before it on`, () => {
      const begin = single(new Date(Date.parse(midnight) - minutes * 60_000).toISOString(), { revenue: "50", api_cost: "-3" });
      const end = single(new Date(Date.parse(midnight) + 3_600_000).toISOString(), { revenue: "5", refunds: "-1", api_cost: "-0.000000001", trading_realised: "2" });
      const days = [closed(first, { revenue: "60", api_cost: "-4", trading_fees: "-0.25", operating_cost: "-1", other_income: "0.25" }), closed(midnight.slice(0, 10), { revenue: "99" })];

      const found = series.grown(days, { begin, end }, NEW_YORK);

      assert.deepEqual(found, { revenue_total: dollars("14"), trading_total: dollars("2"), trading_fees: dollars("-0.25"), api_cost: dollars("-1.000000001"), other_total: dollars("-0.75") });
    });

test("over several midnights each day between counts as it was shown last, and one without a snapshot not at all", () => {
  const [begin, end] = [single("2026-11-17T15:00:00Z", { revenue: "1" }), single("2026-11-20T15:00:00Z", { revenue: "7" })];
  const days = [closed("2026-11-16", { revenue: "500" }), closed("2026-11-17", { revenue: "10" }), day("2026-11-18", "3"), closed("2026-11-19", { revenue: "20" }), closed("2026-11-20", { revenue: "900" })];
  assert.equal(series.grown(days, { begin, end }, NEW_YORK).revenue_total, dollars("36"));
});

test("what a figure grew by is not known where its source had not answered when the range began", () => {
  const unheard = Object.fromEntries(["trading_realised", "trading_unrealised", "trading_fees"].map((line) => [line, null]));
  const found = series.grown([], { begin: single("2026-11-18T15:00:00Z", { ...unheard, revenue: "1" }), end: single("2026-11-18T16:00:00Z", { trading_fees: "-2", revenue: "2" }) }, NEW_YORK);
  assert.deepEqual(found, { revenue_total: dollars("1"), trading_total: null, trading_fees: null, api_cost: 0n, other_total: 0n });
});

test("the bars of a range of hours begin at nothing and end at its net, whatever else their stretches hold", () => {
  const rows = ["14", "15", "16", "17"].map((hour, i) => row(`2026-11-18T${hour}:00:00Z`, { cumulative_net: [flat("70"), told("90", "130", "80", "104"), told("104", "106", "101", "103"), told("103", "150", "40", "45")][i] }));
  const told_ = { begin: row("2026-11-18T15:20:00Z", {}), net: dollars("-2"), high: dollars("6"), low: dollars("-5") };

  const { bars, end, high, low } = series.between(series.series({ rows }, "cumulative_net", HOUR, dollars("100")), told_);

  assert.deepEqual(bars.map((bar) => [bar.open, bar.high, bar.low, bar.close]), [["0", "6", "-5", "4"], ["4", "6", "1", "3"], ["3", "6", "-5", "-2"]].map((bar) => bar.map(dollars)));
  assert.deepEqual([end, high, low], [dollars("-2"), dollars("6"), dollars("-5")]);
});

test("the course of days ends at the sum of their nets, watched or not", () => {
  const days = [day("2026-11-17", "10"), day("2026-11-18", "-4", { as_seen: { high: "3", low: "-9" } }), day("2026-11-19", null), day("2026-11-20", "1.25")];
  const daily = known.series(days, null, "1d", 24 * HOUR, NEW_YORK);
  assert.deepEqual(daily.bars.map((bar) => bar.close), ["10", "6", "7.25"].map(dollars));
  assert.deepEqual([daily.end, daily.high, daily.low], [dollars("7.25"), dollars("13"), dollars("0")]);
  assert.deepEqual(daily.fall.amount, dollars("-9"));

  const rows = [row("2026-11-18T15:00:00Z", { net: told("0", "3", "-9", "-5") }), row("2026-11-18T23:00:00Z", { net: told("-5", "-4.50", "-5", "-4.50") }), row("2026-11-20T15:00:00Z", { net: flat("1.25") })];
  const fine = known.series(days, { rows, gaps: [] }, "1h", HOUR, NEW_YORK);
  assert.deepEqual(fine.bars.map((bar) => bar.close), ["10", "5", "5.50", "7.25"].map(dollars));
  assert.equal(fine.end, daily.end);
});

test("what only incomplete snapshots showed is no low and no high of a day's stretches", () => {
  const days = [day("2026-11-18", "290", { as_seen: { high: "320", low: "280", partial: false } })];
  const rows = [row("2026-11-18T15:00:00Z", { net: told("-664.03", "300", "-664.03", "300") }), row("2026-11-18T16:00:00Z", { net: told("300", "320", "280", "290") })];
  const fine = known.series(days, { rows, gaps: [] }, "1h", HOUR, NEW_YORK);
  assert.deepEqual([fine.low, fine.high, fine.fall.amount], ["280", "320", "-30"].map(dollars));
  assert.equal(known.series([{ ...days[0], as_seen: { high: "300", low: "-664.03", partial: true } }], { rows, gaps: [] }, "1h", HOUR, NEW_YORK).low, dollars("-664.03"));
});

test("a stretch over midnight belongs to the new day", () => {
  const days = [day("2026-11-17", "10"), day("2026-11-18", "2", { as_seen: { high: null, low: null } })];
  const { bars } = known.series(days, { rows: [row("2026-11-18T04:00:00Z", { net: told("9", "10", "0", "2") })], gaps: [] }, "4h", 4 * HOUR, NEW_YORK);
  assert.deepEqual(bars.map(({ open, high, low, close }) => [open, high, low, close]), [["0", "10", "0", "10"].map(dollars), ["10", "12", "10", "12"].map(dollars)]);
});

test("a stretch over midnight belongs to the old day where nothing was shown of the new one by its end", () => {
  const rows = [row("2026-11-18T04:00:00Z", { net: told("9", "10", "9", "10") })];
  const [old, young] = [day("2026-11-17", "10"), day("2026-11-18", "2", { as_seen: { high: "2", low: "0", partial: false } })];
  const bars = (days, gaps) => known.series(days, { rows, gaps }, "4h", 4 * HOUR, NEW_YORK).bars.map(({ open, close }) => [open, close]);
  const right = [["9", "10"], ["10", "12"]].map((pair) => pair.map(dollars));

  assert.deepEqual(bars([old, { ...young, as_seen: null }], []), right);
  assert.deepEqual(bars([old, young], [{ since: "2026-11-18T04:50:00Z", until: "2026-11-18T09:00:00Z", reason: "" }]), right);
});

test("the course ends at the net of the range also where its last day was restated, once that day is over", () => {
  const days = [day("2026-11-17", "10"), day("2026-11-18", "2", { as_seen: { high: "7", low: "0", partial: false } })];
  const rows = [row("2026-11-19T04:00:00Z", { net: told("5", "7", "5", "7") })];
  const over = Date.parse("2026-11-19T05:00:00Z");
  const course = (until) => known.series(days, { rows, gaps: [] }, "1h", HOUR, NEW_YORK, until);

  const ended = course(over);
  const line = series.line(ended, "UTC", { until: over });

  assert.deepEqual([ended.end, ended.bars.at(-1).open, ended.bars.at(-1).close], ["12", "17", "12"].map(dollars));
  assert.deepEqual([line.x.slice(-2), line.y.slice(-2)], [[over, over], [17, 12]]);
  assert.equal(course(over - 1).end, dollars("17"));
});

test("what a day was restated by since it was shown is no drawdown", () => {
  const days = [day("2026-11-16", "10", { as_seen: { net: "10", high: "12", low: "0", partial: false } }), day("2026-11-17", "-90", { as_seen: { net: "10", high: "10", low: "0", partial: false } }), day("2026-11-18", "5", { as_seen: { net: "5", high: "6", low: "-1", partial: false } })];
  const rows = [["16", "0", "12", "0", "10"], ["17", "0", "10", "0", "10"], ["18", "0", "6", "-1", "5"]].map(([on, ...went]) => row(`2026-11-${on}T15:00:00Z`, { net: told(...went) }));

  const fine = known.series(days, { rows, gaps: [] }, "1h", HOUR, NEW_YORK);

  assert.deepEqual(fine.end, dollars("-75"));
  for (const step of ["1d", "1w"]) assert.deepEqual(known.series(days, null, step, 24 * HOUR, NEW_YORK).fall?.amount ?? 0n, { "1d": dollars("-2"), "1w": dollars("-1") }[step], step);
  assert.equal(fine.fall.amount, dollars("-2"));
});

test("weeks begin on Monday", () => {
  const days = [day("2026-11-14", "1"), day("2026-11-15", "1"), day("2026-11-16", "1"), day("2026-11-17", "-3")];
  assert.deepEqual(known.series(days, null, "1w", 7 * 24 * HOUR, NEW_YORK).bars.map((bar) => [bar.open, bar.close]), [["0", "2"], ["2", "0"]].map((pair) => pair.map(dollars)));
});

test("what drove a range adds up to its net, however many rows there are", () => {
  const rows = (lines) => Object.entries(lines).map(([key, parts]) => ({ key: key === "-" ? null : key, title: key, lines: parts }));
  const series_ = { net: "101.75", rows: [...rows({ KXA: { trading_realised: "5", trading_fees: "-1" }, KXB: { trading_unrealised: "-2.25" } }), { key: null, title: "", lines: { operating_cost: "-30" } }] };
  const customers = { rows: rows(Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`c${i}`, { revenue: "11", refunds: "-0.50" }]))) };
  const models = { rows: rows({ opus: { api_cost: "3.50" }, "-": { api_cost: "0.50" } }) };
  const { net, rows: all } = drove.together(series_, models, customers);
  assert.equal(all.reduce((sum, one) => sum + one.amount, 0n), net);
  assert.equal(all[0].name, "Other costs");
  const shown = drove.largest(all);
  assert.equal(shown.length, 8);
  assert.equal(shown.reduce((sum, one) => sum + one.amount, 0n), net);
  assert.deepEqual(shown.map((one) => one.name).filter((name) => !name.includes("·")), ["Other costs", "API", "10 more of revenue"]);
  assert.equal(shown.find((one) => one.name === "10 more of revenue").amount, dollars("105"));
  assert.deepEqual(new Set(shown.map((one) => one.hue)), new Set(["oth", "rev", "trd", "api"]));
});

test("one large day does not bleach the others", () => {
  const sizes = [1n, 2n, 3n, 1_000_000n];
  assert.deepEqual(sizes.map((size) => heat.depth(sizes, size)), [33, 52, 71, 90]);
});

test("days that are printed alike are shaded alike", () => {
  const days = ["-2.739726028", "-2.739726027", "-2.739726027", "0.004", "-0.004", "-300"].map((net) => ({ net }));
  const losses = heat.sized(days, -1n);

  assert.deepEqual(losses, [274n, 30_000n]);
  assert.deepEqual(losses.map((size) => heat.depth(losses, size)), [52, 90]);
  assert.deepEqual(heat.sized(days, 1n), []);
});

test("the strip of days is their total, with the change against the period before", () => {
  const lines = { revenue: "100", refunds: "-10", processor_fees: "0", adjustments: "0", trading_realised: "20", trading_unrealised: "5", trading_fees: "-5", api_cost: "-9", operating_cost: "0", other_income: "0" };
  const days = { days: [day("2026-11-17", "101", { fills: 3 }), day("2026-11-18", "0", { fills: 1 })], total: { lines, net: "101" } };
  const history = { span: { days: { from: "2026-11-17", to: "2026-11-19" }, since: 0, until: 2 * 24 * HOUR }, state: { compare: "previous" }, series: { fall: null, end: dollars("101") }, zone: NEW_YORK };
  const strip = historyStats.stats({ history, before: { total: { net: "50.50" } }, days });
  const of = (name) => strip.find((one) => one.name === name);
  assert.deepEqual([of("Net P&L").amount, read(of("Net P&L").note)], [dollars("101"), "▲ 100.0% vs prior 2 d"]);
  assert.deepEqual([of("Revenue").amount, of("Trading").amount, read(of("Trading").note)], [dollars("90"), dollars("25"), "4 fills"]);
  assert.deepEqual([read(of("API cost").note), of("Profitable days").text, of("Profitable days").note], ["10.0% of revenue", "50%", "1 of 2 days"]);
  assert.equal(read(of("Revenue").note), "$45 a day");
  const note = (count) => read(historyStats.stats({ history, before: { total: { net: "50.50" }, days: ["2026-11-15", "2026-11-16"].slice(0, count).map((name) => day(name, "1")) }, days })[0].note);
  assert.deepEqual([0, 1, 2].map(note), ["not compared: none of the prior 2 d are known", "not compared: 1 of the prior 2 d is known", "▲ 100.0% vs prior 2 d"]);
  const fell = historyStats.stats({ history: { ...history, course: { fall: { amount: dollars("-7"), when: "2026-11-18 14:00:10" } } }, before: null, days });
  assert.equal(fell.find((one) => one.name === "Max drawdown").note, "at 18 Nov 14:00");
  const drawdown = (course) => historyStats.stats({ history: { ...history, course, span: { ...history.span, until: 9 * 24 * HOUR } }, before: null, days }).find((one) => one.name === "Max drawdown");
  assert.equal(drawdown({ fall: { amount: dollars("-7"), when: "the end of 2026-11-18" } }).note, "at the end of 18 Nov");
  assert.deepEqual([drawdown({ fall: { amount: 0n, when: "" } }).note, drawdown({ fall: { amount: 0n, when: "" } }).amount], ["never fell", 0n]);
  assert.deepEqual([drawdown(null).note, drawdown(null).amount], ["nothing is known", null]);
  assert.equal(historyStats.stats({ history: null, days }), null);
});

test("a day before a range counts as known with all that is known of any day of the range", () => {
  const history = { span: { days: { from: "2026-11-17", to: "2026-11-19" }, since: 0, until: 2 * 24 * HOUR }, state: { compare: "previous" }, series: { fall: null, end: null }, zone: NEW_YORK };
  const lacking = (name, missing, net = "-30") => day(name, net, { missing, fills: 0 });
  const note = (prior, last) => {
    const days = [lacking("2026-11-17", ["api_cost"]), lacking("2026-11-18", last)];
    const before = [lacking("2026-11-15", []), prior];
    return read(historyStats.stats({ history, before: { total: { net: "-60" }, days: before }, days: { days, total: { lines: {}, net: "-60" } } })[0].note);
  };

  const short = "not compared: 1 of the prior 2 d is known";
  assert.equal(note(lacking("2026-11-16", ["api_cost", "trading_unrealised"]), []), short, "only an entry stands on it");
  assert.equal(note(lacking("2026-11-16", ["api_cost"]), []), short);
  assert.equal(note(lacking("2026-11-16", ["api_cost"]), ["api_cost"]), "= 0.0% vs prior 2 d", "nobody ever told the API cost");
  assert.equal(note(lacking("2026-11-16", [], null), []), short);
});

test("other costs and income are on the strip where they are something in the range or in the time before, so that it adds up", () => {
  const lines = { revenue: "100", refunds: "-10", processor_fees: "0", adjustments: "0", trading_realised: "20", trading_unrealised: "5", trading_fees: "-5", api_cost: "-9" };
  const other = (operating_cost, other_income) => ({ ...lines, operating_cost, other_income });
  const history = { span: { days: { from: "2026-11-17", to: "2026-11-18" }, since: 0, until: 24 * HOUR }, state: { compare: "previous" }, series: { fall: null, end: null }, zone: NEW_YORK };
  const strip = (now, then) => historyStats.stats({ history, before: then && { total: { net: "1", lines: then }, days: [day("2026-11-16", "1")] }, days: { days: [day("2026-11-17", "1", { fills: 0 })], total: { lines: now, net: "71" } } }, "from=2026-11-17&to=2026-11-18", "from=2026-11-16&to=2026-11-17");
  const found = (...at) => strip(...at).find((one) => one.name === "Other");

  const cells = strip(other("-30.50", "0.50"), other("-20", "0"));
  const cell = cells.find((one) => one.name === "Other");
  assert.deepEqual([cell.amount, cell.figure, cell.tone, read(cell.note)], [dollars("-30"), "other_total", "loss", "▼ 50.0% vs prior day"]);
  assert.deepEqual(cell.note.worked.terms.map(({ name, figure, at }) => [name, figure, at?.slice(5, 15)]).slice(0, 2), [["Other of the range", "other_total", "2026-11-17"], ["Other of the prior day", "other_total", "2026-11-16"]]);
  assert.equal(cells.slice(1, 6).reduce((sum, { amount }) => sum + amount, 0n), dollars("71"));
  assert.deepEqual([found(other("0", "0"), other("-20", "0")).amount, found(other("0", "0"), other("0", "0")), found(other("0", "0"))], [0n, undefined, undefined]);
  assert.equal(found(other("0", "2")).note, "nothing to compare with");
});

test("what is worked out on the strip tells its sum, and each part of it opens", () => {
  const lines = { revenue: "100", refunds: "-10", processor_fees: "0", adjustments: "0", trading_realised: "20", trading_unrealised: "5", trading_fees: "-5", api_cost: "-9", operating_cost: "0", other_income: "0" };
  const days = { days: [day("2026-11-17", "101", { fills: 3 }), day("2026-11-18", "0", { fills: 1 })], total: { lines, net: "101" } };
  const history = { span: { days: { from: "2026-11-17", to: "2026-11-19" }, since: 0, until: 2 * 24 * HOUR }, state: { compare: "previous" }, series: { fall: null, end: dollars("101") }, zone: NEW_YORK };
  const strip = historyStats.stats({ history, before: { total: { net: "50.50" } }, days }, "from=2026-11-17&to=2026-11-19", "from=2026-11-15&to=2026-11-17");
  const terms = (name) => strip.find((one) => one.name === name).note.worked.terms.map(({ sign, value, figure, at }) => [sign ?? "", value, figure, at?.slice(5, 15)]);

  assert.deepEqual(terms("Net P&L"), [["", "+$101.00", "net", "2026-11-17"], ["−", "+$50.50", "net", "2026-11-15"], ["=", "+$50.50", undefined, undefined], ["÷", "$50.50", undefined, undefined]]);
  assert.deepEqual(terms("Revenue"), [["", "+$90.00", "revenue_total", "2026-11-17"], ["÷", "2", undefined, undefined]]);
  assert.deepEqual(terms("Fees"), [["", "$5.00", "trading_fees", "2026-11-17"], ["÷", "$25.00", "trading_total", "2026-11-17"]]);
  assert.deepEqual(terms("Trading"), [["", "1", undefined, undefined], ["+", "3", undefined, undefined]]);
});

test("a shorter range is moved to where something is known", () => {
  const bar = (at, known) => ({ at: at * HOUR, until: (at + 1) * HOUR, close: known ? 1n : null });
  const late = [...Array(10).keys()].map((at) => bar(at, at >= 8));
  assert.equal(series.nearest(late, 5 * HOUR, 2 * HOUR), 8.5 * HOUR);
  assert.equal(series.nearest(late, 5 * HOUR, 4 * HOUR), 5 * HOUR);
  assert.equal(series.nearest([bar(0, false)], 5 * HOUR, HOUR), 5 * HOUR);
});

test("what drove a result opens as a row of its breakdown, or as a whole line, and the rest of a line as what is left of it", () => {
  const answer = (by, rows) => ({ by, net: "9", rows });
  const one = (key, line, amount) => ({ key, title: key, amount, lines: { [line]: amount } });
  const { rows } = drove.together(
    answer("series", [one("KXFED", "trading_realised", "4"), one(null, "operating_cost", "-1"), one(null, "revenue", "6")]),
    answer("model", [one("opus", "api_cost", "-2")]),
    answer("customer", [one("Ada", "revenue", "5"), one(null, "revenue", "1"), one(null, "trading_realised", "4")]));
  const found = Object.fromEntries(rows.map(({ name, figure, by, key }) => [name, [figure, by, key]]));
  assert.deepEqual(found, {
    "Revenue · Ada": ["net", "customer", "Ada"], "Trading · KXFED": ["net", "series", "KXFED"], "API · opus": ["net", "model", "opus"],
    "Other costs": ["operating_cost", undefined, undefined], "Revenue, no customer named": [undefined, undefined, undefined],
  });
});

test("a range of hours says when its snapshots begin, and is held against a time before that is known whole", () => {
  const span = { days: null, since: 10 * HOUR, until: 16 * HOUR };
  const bars = (first) => [{ at: first - (first % (HOUR / 2)), close: dollars("1") }];
  const series = (first) => ({ fall: null, end: dollars("2"), high: null, low: null, bars: bars(first) });
  const days = { days: [], total: { lines: {}, net: null } };
  const note = (first, earlier) => historyStats.stats({ history: { span, state: { compare: "previous" }, series: series(first), first, grown: {}, zone: "UTC" }, before: { span: { ...span, since: 4 * HOUR }, series: series(earlier), first: earlier }, days })[0].note;
  const said = (...firsts) => read(note(...firsts));

  assert.equal(note(14 * HOUR, 4 * HOUR), "snapshots only since 1 Jan 14:00");
  assert.equal(note(14 * HOUR + 133_000, 4 * HOUR), "snapshots only since 1 Jan 14:02", "the first snapshot, not the stretch that it is in");
  assert.equal(note(10 * HOUR, 9 * HOUR), "the time before is not known whole");
  assert.equal(said(9 * HOUR, 4 * HOUR), "= 0.0% vs the time before");
});

test("what belongs to no customer is told apart by its line, and rows of one name by their key", () => {
  const answer = (by, rows) => ({ by, net: "402", rows });
  const one = (key, line, amount, title = key) => ({ key, title, amount, lines: { [line]: amount } });
  const { rows } = drove.together(answer("series", []), answer("model", []), answer("customer", [one(null, "revenue", "411"), one(null, "refunds", "-15"), one("c1", "revenue", "4", "Acme"), one("c2", "revenue", "2", "Acme")]));

  assert.deepEqual(rows.map(({ name }) => name), ["Revenue, no customer named", "Refunds, no customer named", "Revenue · Acme (c1)", "Revenue · Acme (c2)"]);
});

test("keys of a calendar lead to an end of the week, and to the same day of another month or its last", () => {
  const { target } = globalThis.northstar.dayKeys;

  assert.equal(target("Home", "2026-11-20"), "2026-11-16");
  assert.equal(target("Home", "2026-11-16"), "2026-11-16");
  assert.equal(target("End", "2026-11-20"), "2026-11-22");
  assert.equal(target("PageUp", "2026-03-31"), "2026-02-28");
  assert.equal(target("PageUp", "2026-01-15"), "2025-12-15");
  assert.equal(target("PageDown", "2026-12-31"), "2027-01-31");
  assert.equal(target("PageDown", "2024-01-31"), "2024-02-29");
  assert.equal(target("ArrowUp", "2026-11-20"), null);
});
