"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
for (const name of ["live/money", "live/zone", "live/then", "history/range", "history/address"]) require(`../../assets/${name}.js`);

const { range, address, zone } = globalThis.northstar;
const NEW_YORK = "America/New_York";
const NOW = Date.parse("2026-11-20T19:32:10Z");
const iso = (at) => new Date(at).toISOString().replace(".000Z", "Z");
const FIRST = "2026-03-02";

test("presets are whole company days up to now, or hours up to now", () => {
  const days = (key) => range.preset(key, NOW, NEW_YORK, FIRST).days;
  assert.deepEqual(days("today"), { from: "2026-11-20", to: "2026-11-21" });
  assert.deepEqual(days("yesterday"), { from: "2026-11-19", to: "2026-11-20" });
  assert.deepEqual(days("7d"), { from: "2026-11-14", to: "2026-11-21" });
  assert.deepEqual(days("month"), { from: "2026-11-01", to: "2026-11-21" });
  assert.deepEqual(days("last_month"), { from: "2026-10-01", to: "2026-11-01" });
  assert.deepEqual(days("quarter"), { from: "2026-10-01", to: "2026-11-21" });
  assert.deepEqual(days("ytd"), { from: "2026-01-01", to: "2026-11-21" });
  assert.deepEqual(days("all"), { from: FIRST, to: "2026-11-21" });
  const hour = range.preset("1h", NOW, NEW_YORK, FIRST);
  assert.deepEqual([iso(hour.since), iso(hour.until), hour.days, hour.moving], ["2026-11-20T18:32:10Z", iso(NOW), null, true]);
  const today = range.preset("today", NOW, NEW_YORK, FIRST);
  assert.deepEqual([iso(today.since), iso(today.until), today.moving], ["2026-11-20T05:00:00Z", iso(NOW), true]);
  assert.equal(range.preset("yesterday", NOW, NEW_YORK, FIRST).moving, false);
  assert.equal(range.preset("fortnight", NOW, NEW_YORK, FIRST), null);
});

test("a range over the change of the clocks keeps its days", () => {
  const { span } = range.typed("2026-10-31", "2026-11-02", NOW, NEW_YORK);
  assert.deepEqual([iso(span.since), iso(span.until)], ["2026-10-31T04:00:00Z", "2026-11-03T05:00:00Z"]);
});

test("a range may be told by instants, as the API takes them", () => {
  const typed = (from, to) => range.typed(from, to, NOW, NEW_YORK);
  assert.deepEqual(typed("2026-11-19T14:30:00Z", "2026-11-19T16:00:00.500+01:00").span, typed("2026-11-19T14:30:00Z", "2026-11-19T15:00:00.500Z").span);
  assert.equal(typed("2026-11-19T14:30:00Z", "now").span.since, Date.parse("2026-11-19T14:30:00Z"));
  assert.equal(typed("2026-02-30T14:30:00Z", "now").field, "from");
  assert.equal(typed("2026-11-19T25:30:00Z", "now").field, "from");
});

test("what is typed may be a day, a time or a while ago", () => {
  const typed = (from, to) => range.typed(from, to, NOW, NEW_YORK).span;
  assert.deepEqual(typed("2026-11-03", "2026-11-05").days, { from: "2026-11-03", to: "2026-11-06" });
  assert.deepEqual(typed("2026-11-03", "now").days, { from: "2026-11-03", to: "2026-11-21" });
  const hours = typed("2026-11-19 14:30", "now-1h");
  assert.deepEqual([iso(hours.since), iso(hours.until), hours.days, hours.moving], ["2026-11-19T19:30:00Z", "2026-11-20T18:32:10Z", null, false]);
  assert.equal(typed("now-6h", "now").moving, true);
  assert.deepEqual(typed("2026-11-01 09:30", "2026-11-15 10:00").days, { from: "2026-11-01", to: "2026-11-16" }, "more than a week is of whole days");
});

test("what is wrong is told by field, with the cure", () => {
  for (const [from, to, field, words] of [
    ["", "now", "from", "is empty"], ["2026-02-30", "now", "from", "“2026-02-30” is no time"], ["2026-11-03", "soon", "to", "now-6h"], ["2026-11-05", "2026-11-03", "to", "not after From"],
    ["2027-01-01", "2027-02-01", "from", "future"], ["2026-11-03 25:00", "now", "from", "is no time"],
  ]) {
    const found = range.typed(from, to, NOW, NEW_YORK);
    assert.equal(found.field, field, from);
    assert.match(found.wrong, new RegExp(words));
  }
});

test("the range before is as long, and ends where this one begins", () => {
  const before = range.before(range.preset("7d", NOW, NEW_YORK, FIRST), NEW_YORK);
  assert.deepEqual(before.days, { from: "2026-11-07", to: "2026-11-14" });
  const hour = range.before(range.preset("1h", NOW, NEW_YORK, FIRST), NEW_YORK);
  assert.deepEqual([iso(hour.since), iso(hour.until)], ["2026-11-20T17:32:10Z", "2026-11-20T18:32:10Z"]);
});

test("no company day is before 1970, and so no range that would begin there", () => {
  assert.equal(range.before(range.preset("all", NOW, NEW_YORK, "1970-01-02"), NEW_YORK), null);
  assert.equal(range.before(range.ofDays("1970-01-08", "1970-01-15", NEW_YORK, NOW), NEW_YORK).days.from, "1970-01-01");
  assert.deepEqual(["1969-07-05", "1970-01-01", FIRST].map(range.known), ["1970-01-01", "1970-01-01", FIRST]);
});

test("times more than a week apart are of whole days, which is told; the time before those is as long, ends where they begin and leads back", () => {
  const asked = { from: "2026-10-10 06:00", to: "2026-10-20 18:00" };
  const { span } = range.typed(asked.from, asked.to, NOW, NEW_YORK);
  const shown = range.text(span, NEW_YORK, NOW);
  const before = range.before(span, NEW_YORK);

  assert.deepEqual(shown, { from: "2026-10-10", to: "2026-10-20" });
  assert.equal(address.snapped(asked, span, NEW_YORK), "from “2026-10-10 06:00” and to “2026-10-20 18:00” are more than a week apart, and that is of whole company days: 10 to 20 Oct 2026 is shown.".replace("10 to 20 Oct 2026", range.said(span, NEW_YORK)));
  assert.equal(before.until, span.since);
  assert.deepEqual(range.text(before, NEW_YORK, NOW), { from: "2026-09-29", to: "2026-10-09" });
  assert.deepEqual(range.text(range.after(before, NEW_YORK, NOW), NEW_YORK, NOW), shown);
});

test("a range that is shown as it was asked for is not told to be another", () => {
  for (const [from, to] of [["2026-10-10", "2026-10-20"], ["now-30d", "now"], ["2026-10-10T04:00:00Z", "2026-10-20T04:00:00Z"], ["2026-11-19 14:30", "now"]])
    assert.equal(address.snapped({ from, to }, range.typed(from, to, NOW, NEW_YORK).span, NEW_YORK), "", from);
  assert.equal(range.typed("2026-10-10 00:00", "now", NOW, NEW_YORK).span.snapped, undefined);
  assert.equal(range.typed("2026-10-10 06:00", "now", NOW, NEW_YORK).span.snapped, true);
});

test("every state comes back from its address", () => {
  for (const [key] of range.PRESETS)
    for (const by of address.DIMENSIONS)
      for (const chart of ["area", "candles"]) {
        const state = { ...address.USUAL, range: key, by, chart, step: "1h", compare: "none", asOf: "2026-11-01T00:00:00Z" };
        assert.deepEqual(address.read(address.written(state)), state);
      }
  const free = { ...address.USUAL, range: "", from: "2026-08-23 00:00", to: "now-6h" };
  assert.deepEqual(address.read(address.written(free)), free);
  assert.equal(address.written(address.USUAL), "");
  assert.deepEqual({ ...address.read("?range=rubbish&step=3m&by=colour&chart=pie&compare=x"), wrong: [] }, address.USUAL);
  assert.equal(address.written(address.USUAL, "?theme=dark&range=1h"), "?theme=dark");
});

test("what of an address is not taken is told by field, value and cure, with what is shown in its place", () => {
  const { wrong } = address.read("?range=2w&by=colour&step=3m&chart=pie&compare=x");
  assert.equal(wrong.length, 5);
  assert.deepEqual(wrong.filter((said) => said.startsWith("by")), ["by “colour” is not one of source, market, series, model, workspace, customer: source is shown."]);
  assert.match(wrong.at(-1), /^range “2w” is not one of 1h, 24h, today, .*, all: 30d is shown\.$/);
  assert.deepEqual(address.read("?chart=").wrong, ["chart “” is not one of area, candles: area is shown."]);
  assert.match(address.read("?range=7d&from=2026-11-01").wrong[0], /range “7d” does not go with from and to/);
  assert.deepEqual(address.read("?range=7d&by=market&theme=dark").wrong, []);
});

test("a parameter that the page does not know is named, with those that it does", () => {
  const { wrong } = address.read("?g=1h&cmp=prev&range=7d");

  assert.deepEqual(wrong.map((said) => said.split(" is not one of ")[0]), ["“g”", "“cmp”"]);
  assert.equal(wrong[0], "“g” is not one of range, from, to, step, by, compare, chart, as_of: it is left out.");
  assert.deepEqual(address.read("?range=7d&theme=dark&palette=safe&kiosk=1&explain=net&at=2026-11-20&of=market:KX&node=a").wrong, []);
});

test("a link is pinned to the stretch that is shown, and shows the very same again, whenever it is opened", () => {
  const later = NOW + 3 * 86_400_000;
  for (const [key, pinned] of [
    ["1h", { from: "2026-11-20 13:32:10", to: "2026-11-20 14:32:10" }], ["24h", { from: "2026-11-19 14:32:10", to: "2026-11-20 14:32:10" }],
    ["today", { from: "2026-11-20", to: "2026-11-20" }], ["30d", { from: "2026-10-22", to: "2026-11-20" }], ["last_month", { from: "2026-10-01", to: "2026-10-31" }],
  ]) {
    const span = range.preset(key, NOW, NEW_YORK, FIRST);
    assert.deepEqual(range.pinned(span, NEW_YORK), pinned, key);
    const again = range.typed(pinned.from, pinned.to, later, NEW_YORK).span;
    assert.deepEqual([again.since, again.days, again.moving], [span.since, span.days, false], key);
    if (!span.days) assert.equal(again.until, span.until, key);
  }
});

test("a link leaves the snapshots of parts of a second where they are, and an hour that comes twice is the one that was shown", () => {
  const pinned = (since, until) => range.pinned({ since: Date.parse(since), until: Date.parse(until), days: null, moving: false }, NEW_YORK);

  assert.deepEqual(pinned("2026-11-20T18:32:10.250Z", "2026-11-20T19:32:10.250Z"), { from: "2026-11-20 13:32:11", to: "2026-11-20 14:32:11" });
  const twice = pinned("2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z");
  const { span } = range.typed(twice.from, twice.to, NOW, NEW_YORK);
  assert.deepEqual([iso(span.since), iso(span.until)], ["2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"]);
});

test("a candle holds several snapshots: a step of one each is not to be had, and automatic is longer", () => {
  const hour = range.preset("1h", NOW, NEW_YORK, FIRST);
  const step = (wanted, every) => address.step(wanted, hour, every, "candles");

  assert.deepEqual([step("auto", 10), step("raw", 10), step("auto", 60), step("5m", 10)], ["1m", "1m", "5m", "5m"]);
  assert.equal(address.step("auto", { since: 0, until: 40_000, days: null }, 10, "candles"), "1m");
  assert.equal(address.steps(hour, 10, "candles")[0].why, "too fine for candles");
  assert.equal(address.unfit("raw", hour, 10, "candles"), "step “raw” is too fine for candles, each of which would hold too few snapshots to be seen: choose a longer one, or the area; automatic is shown.");
  assert.equal(address.unfit("raw", hour, 10, "area"), "");
});

test("a step that would make too many points is not to be had", () => {
  const day = 86_400_000;
  const span = (ms) => ({ since: 0, until: ms, days: null });
  const fits = (ms) => address.steps(span(ms), 10).filter((one) => one.fits).map((one) => one.step);
  assert.deepEqual(fits(3_600_000)[0], "raw");
  assert.deepEqual(fits(90 * day)[0], "4h");
  assert.equal(address.step("raw", span(90 * day), 10), "1d");
  assert.equal(address.step("4h", span(90 * day), 10), "4h");
  assert.equal(address.step("auto", span(3_600_000), 10), "raw");
  assert.equal(address.step("auto", span(20 * 365 * day), 10), "1w");
});

test("a step that is longer than the range is not to be had, and why is told with what is shown", () => {
  const hour = range.preset("1h", NOW, NEW_YORK, FIRST);
  const why = (span) => Object.fromEntries(address.steps(span, 10).filter((one) => !one.fits).map((one) => [one.step, one.why]));
  assert.deepEqual(why(hour), { "4h": "too few points", "1d": "too few points", "1w": "too few points" });
  assert.deepEqual(why(range.preset("24h", NOW, NEW_YORK, FIRST)), { raw: "too many points", "1w": "too few points" });
  assert.deepEqual(why(range.preset("today", NOW, NEW_YORK, FIRST)), { raw: "too many points", "1w": "too few points" }, "a day that goes on has its step");
  assert.equal(why(range.preset("7d", NOW, NEW_YORK, FIRST))["1w"], undefined);
  assert.equal(address.step("1w", hour, 10), "raw");
  assert.equal(address.unfit("1w", hour, 10), "step “1w” makes too few points of this range: choose another one; automatic is shown.");
  assert.equal(address.unfit("1m", hour, 10), "");
  assert.equal(address.unfit("auto", hour, 10), "");
});

test("a range is said as a reader would", () => {
  assert.equal(range.said(range.preset("90d", NOW, NEW_YORK, FIRST), NEW_YORK), "23 Aug to 20 Nov 2026");
  assert.equal(range.said(range.preset("today", NOW, NEW_YORK, FIRST), NEW_YORK), "20 Nov 2026");
  assert.equal(range.said(range.preset("1h", NOW, NEW_YORK, FIRST), NEW_YORK), "20 Nov 2026, 13:32 to 14:32");
  assert.equal(zone.name(NOW, NEW_YORK), "ET");
  const names = (at) => ["Europe/Berlin", "Europe/London", "America/Los_Angeles", "Asia/Kolkata", "UTC", "Asia/Tokyo"].map((place) => zone.name(Date.parse(at), place));
  assert.deepEqual(names("2026-11-20T12:00:00Z"), ["CET", "GMT", "PT", "IST", "UTC", "GMT+9"]);
  assert.deepEqual(names("2026-07-20T12:00:00Z").slice(0, 2), ["CEST", "BST"]);
});
