"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
for (const name of ["live/zone", "live/then", "live/past_notice", "history/range", "history/address", "day/address"]) require(`../../assets/${name}.js`);

const { dayAddress } = globalThis.northstar;
const NOW = Date.parse("2026-11-20T19:32:10Z");
const read = (search) => dayAddress.read(search, ["fills", "costs"], NOW, "America/New_York");
const USUAL = { asOf: "", by: "market", tab: "fills", filter: "", record: "", from: "", to: "", wrong: [] };

test("an address says all of what is shown, and is written as it was read", () => {
  const search = "?as_of=2026-11-20T19%3A00%3A00Z&by=model&records=costs&filter=opus&record=cost+1&from=09%3A30%3A00&to=16%3A00%3A00";

  const state = read(search);

  assert.deepEqual(state, { asOf: "2026-11-20T19:00:00Z", by: "model", tab: "costs", filter: "opus", record: "cost 1", from: "09:30:00", to: "16:00:00", wrong: [] });
  assert.equal(dayAddress.written(state), search);
  assert.deepEqual(read(""), USUAL);
  assert.equal(dayAddress.written(USUAL), "");
  assert.equal(dayAddress.written({ by: "model" }, "?kiosk=1&theme=light&explain=net"), "?by=model&kiosk=1&theme=light");
});

test("what makes no sense is as usual, and told by name with what may be given", () => {
  const { wrong, ...state } = read("?by=colour&records=gifts&colour=red&from=25:00:00&to=09:00:00&theme=dark&explain=net");

  assert.deepEqual({ ...state, wrong: [] }, USUAL);
  assert.deepEqual(wrong, [
    "“colour” is not one of as_of, by, records, filter, record, from, to: it is left out.",
    "by “colour” is not one of market, series, model, workspace, customer, source: market is shown.",
    "records “gifts” is not one of fills, costs: fills is shown.",
    "from “25:00:00” and to “09:00:00” are no part of the day: write two times such as 09:30:00 and 16:00:00; the whole day is shown.",
  ]);
});

test("one time alone, and an end before its beginning, are no part of a day", () => {
  for (const search of ["?from=09:00:00", "?to=09:00:00", "?from=10:00:00&to=09:00:00", "?from=09:00:00&to=09:00:00"]) {
    assert.deepEqual([read(search).from, read(search).to, read(search).wrong.length], ["", "", 1], search);
  }
});

test("an instant to come is left out and told; one that is none is for the page to tell", () => {
  assert.deepEqual([read("?as_of=2099-01-01").asOf, read("?as_of=2099-01-01").wrong], ["", ["as_of “2099-01-01” lies in the future: what is known now is shown."]]);
  assert.deepEqual([read("?as_of=yesterday").asOf, read("?as_of=yesterday").wrong], ["yesterday", []]);
});
