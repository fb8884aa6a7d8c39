"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
globalThis.northstar = { panels: [], actions: {} };
for (const file of ["money", "zone", "outcome", "draw/outcome"]) require(`../../assets/live/${file}.js`);
const { outcome, money, outcomePanel } = globalThis.northstar;
const cases = require("./outcomes.json");

for (const { name, rows, outcome: wanted } of cases) {
  test(`the page works out what the server does: ${name}`, () => {
    const found = outcome.outcome(rows);

    for (const which of outcome.CASES) assert.equal(found[which], money.nano(wanted[which]), which);
    assert.deepEqual(found.events.map(({ event, exclusive, stakes }) => ({ event, exclusive, markets: stakes.map(({ ticker }) => ticker) })), wanted.events.map(({ event, exclusive, markets }) => ({ event, exclusive, markets })));
    for (const [i, one] of found.events.entries()) {
      for (const which of outcome.CASES) assert.equal(one[which], money.nano(wanted.events[i][which]), `${one.event} ${which}`);
      assert.deepEqual([one.best_market, one.worst_market], [wanted.events[i].best_market, wanted.events[i].worst_market]);
    }
  });
}

const event = (...titles) => ({ event: "KXE", stakes: titles.map((title, i) => ({ ticker: `KXE-${i}`, title })) });

test("an event is called what the titles of its markets begin with", () => {
  assert.equal(outcomePanel.titleOf(event("Rain in May: Above 2", "Rain in May: Above 3")), "Rain in May");
  assert.equal(outcomePanel.titleOf(event("Rain in May: Above 2", "Snow")), "KXE");
  assert.equal(outcomePanel.titleOf(event("Rain in May: Above 2")), "Rain in May: Above 2");
});

test("the event with most at stake comes first", () => {
  const of = (name, worst, best) => ({ event: name, worst_case: worst, best_case: best });

  assert.deepEqual(outcomePanel.ordered([of("A", -1n, 1n), of("B", -5n, 5n), of("C", -1n, 1n)]).map(({ event: name }) => name), ["B", "A", "C"]);
});
