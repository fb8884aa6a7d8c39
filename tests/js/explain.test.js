"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
require("../../assets/live/money.js");
require("../../assets/live/zone.js");
require("../../assets/explain/tree.js");
require("../../assets/explain/place.js");

const { tree, place, money } = globalThis.northstar;
const record = (node, amount, at) => ({ node, title: node, amount, rule: "record", count: 0, record: { at, id: node } });
const sum = (node, amount, children, more = {}) => ({ node, title: node, amount, rule: "sum", count: children?.length ?? 3, children, ...more });

test("the equation carries each part's sign in its operator", () => {
  const parts = [record("a", "-1.50"), record("b", "2.00"), record("c", "-0.000000001")];
  assert.deepEqual(tree.terms("sum", parts).map(({ operator, amount }) => [operator, amount]), [["−", "$1.50"], ["+", "$2.00"], ["−", "$0.000000001"]]);
  assert.deepEqual(tree.terms("difference", parts).map(({ operator, amount }) => [operator, amount]), [["", "−$1.50"], ["−", "$2.00"], ["−", "−$0.000000001"]]);
  const product = [{ node: "n", title: "850 YES", amount: "850.00", rule: "mark", unit: "contracts" }, { node: "p", title: "bid", amount: "0.68", rule: "mark" }];
  assert.deepEqual(tree.terms("product", product).map(({ operator, amount }) => [operator, amount]), [["", "850"], ["×", "$0.68"]]);
});

test("parts that do not make their amount are noticed to the last digit, once all of them are known", () => {
  assert.equal(tree.tiesOut(sum("", "0.500000001", [record("a", "-1.50"), record("b", "2.000000001")])), true);
  assert.equal(tree.tiesOut(sum("", "0.50", [record("a", "-1.50"), record("b", "2.000000001")])), false);
  assert.equal(tree.tiesOut(sum("", "0.50", [record("a", "-1.50")], { next: "~r1" })), true);
  assert.equal(tree.tiesOut({ ...sum("", "3.50", [record("a", "2"), record("b", "-1.50")]), rule: "difference" }), true);
  assert.equal(tree.tiesOut(sum("", null, [record("a", "1")])), true);
});

test("the records of a figure add up to it, with the signs that differences give them", () => {
  const root = sum("", "1.00", [
    { ...sum("d", "-2.00", [sum("end", "1.00", [record("x", "1.00", "2026-11-20T12:00:00Z")]), sum("begin", "3.00", [record("y", "3.00", "2026-11-20T09:00:00Z")])]), rule: "difference" },
    sum("e", "3.00", [record("z", "3.00", null)]),
  ]);
  const { leaves, closed } = tree.leaves(root);
  assert.equal(closed.length, 0);
  assert.equal(leaves.reduce((all, { amount }) => all + amount, 0n), money.nano("1.00"));

  const rows = tree.running(leaves);

  assert.deepEqual(rows.map(({ title }) => title), ["x", "y", "z"]);
  assert.equal(rows[0].running, money.nano("1.00"));
  assert.deepEqual(rows.map(({ amount }) => amount), [money.nano("1"), money.nano("-3"), money.nano("3")]);
});

test("nodes that were not read yet are told, so that nothing is summed that is not whole", () => {
  const shut = sum("b", "2.00", undefined);
  const { closed } = tree.leaves(sum("", "3.00", [record("a", "1.00"), shut]));
  assert.deepEqual(closed, [shut]);
  const cut = sum("c", "3.00", [record("a", "1.00")], { next: "c/~r60" });
  assert.deepEqual(tree.leaves(cut).closed, [cut]);
});

test("a path finds its node and the way to it", () => {
  const root = sum("", "1", [sum("a", "1", [sum("a/b", "1", [record("a/b/c", "1")])])]);
  assert.equal(tree.find(root, "a/b/c").title, "a/b/c");
  assert.equal(tree.find(root, "a/x"), null);
  assert.deepEqual(tree.way(root, "a/b").map(({ node }) => node), ["", "a", "a/b"]);
});

test("what an address asks is what the address of the drawer says, for every kind of time", () => {
  for (const when of [{}, { at: "18204" }, { day: "2026-11-20" }, { from: "2026-11-01", to: "2026-11-21" }, { day: "2026-11-20", asOf: "2026-11-22T00:00:00Z" }, { at: "18204", node: "KX-1/t_3" }]) {
    const asked = { figure: "position.KX.Y-1.fees", ...when };
    assert.deepEqual(place.asked(place.addressed("http://here/?g=1h", asked)), asked);
  }
  assert.equal(place.addressed("http://here/?g=1h&explain=net&at=3&node=a", null), "http://here/?g=1h");
  assert.equal(place.asked("http://here/?at=3"), null);
});

test("a figure of today is kept as known then, and the page stays as it is known now", () => {
  for (const when of ["day=2026-11-20&as_of=2026-11-20T19:32:10.001Z", "from=2026-11-01&to=2026-11-21&as_of=2026-11-20T19:32:10.001Z", "at=low&day=2026-11-20&as_of=2026-11-20T19:32:10.001Z"]) {
    const asked = place.placed("net", when);
    const address = place.addressed("http://here/history", asked);
    assert.equal(new URL(address).searchParams.get("as_of"), null);
    assert.deepEqual(place.asked(address), asked);
    const past = place.addressed("http://here/history?as_of=2026-11-20T19:32:10.001Z", asked);
    assert.doesNotMatch(new URL(past).searchParams.get("at"), /~/);
    assert.deepEqual(place.asked(past), asked);
  }
});

test("a snapshot is asked for without what became known later", () => {
  const hours = { figure: "net", from: "2026-11-23T08:00:00.000Z", to: "2026-11-23T12:00:00.000Z" };
  assert.equal(place.query({ ...hours, asOf: "2026-11-24" }), "figure=net&from=2026-11-23T08%3A00%3A00.000Z&to=2026-11-23T12%3A00%3A00.000Z");
  assert.equal(place.query({ figure: "net", at: "high", day: "2026-11-20", asOf: "2026-11-22" }), "figure=net&at=high&day=2026-11-20&as_of=2026-11-22");
  for (const one of [hours, { figure: "net", at: "low", day: "2026-11-20" }]) assert.deepEqual(place.asked(place.addressed("http://here/history", one)), one);
  assert.equal(place.query({ figure: "net", at: "3", asOf: "2026-11-22T00:00:00Z" }), "figure=net&at=3");
  assert.equal(place.query({ figure: "net", day: "2026-11-20", asOf: "2026-11-22" }, "a/b"), "figure=net&day=2026-11-20&as_of=2026-11-22&node=a%2Fb");
});

test("an element says of when it is in one attribute", () => {
  assert.deepEqual(place.placed("net", "from=2026-11-01&to=2026-11-21&as_of=2026-11-22"), { figure: "net", from: "2026-11-01", to: "2026-11-21", asOf: "2026-11-22" });
  assert.deepEqual(place.placed("net", ""), { figure: "net" });
});

test("what a snapshot shows of a figure is found for lines, sums, the account and positions", () => {
  const lines = { revenue: "3.00", refunds: "-1.00", processor_fees: null, adjustments: "0", api_cost: null };
  const snapshot = { net: "7.00", net_realised: "6.00", lines, account: { cash: "4.00" }, positions: [{ ticker: "KX.A", value: "1.50" }, { ticker: "KXB", value: "2.00" }] };
  const shown = (figure) => place.shownIn(snapshot, figure);
  assert.equal(shown("net"), "7.00");
  assert.equal(shown("revenue_total"), "2.00");
  assert.equal(shown("api_cost"), null);
  assert.equal(shown("cash"), "4.00");
  assert.equal(shown("positions.value"), "3.50");
  assert.equal(shown("position.KX.A.value"), "1.50");
  assert.equal(shown("cumulative_net"), undefined);
});

test("a row of a breakdown goes into the question and the address, and comes back from it", () => {
  const of = place.placed("net", "from=2026-11-01&to=2026-11-21&by=customer&key=Ada+%26+Sons%3A+one");
  assert.deepEqual(of, { figure: "net", from: "2026-11-01", to: "2026-11-21", by: "customer", key: "Ada & Sons: one" });
  assert.equal(place.query(of), "figure=net&from=2026-11-01&to=2026-11-21&by=customer&key=Ada+%26+Sons%3A+one");
  const address = place.addressed("http://h/history?range=7d&by=model", of);
  assert.deepEqual(place.asked(address), of);
  assert.equal(new URL(address).searchParams.get("by"), "model", "what the page is broken down by stays");
  assert.equal(place.addressed(address, null), "http://h/history?range=7d&by=model");
});

test("the course of a range is asked for by its step, and an address keeps it", () => {
  const asked = place.placed("max_drawdown", "from=2026-11-01&to=2026-11-21&step=4h&as_of=2026-11-22T00:00:00Z");
  assert.equal(place.query(asked), "figure=max_drawdown&from=2026-11-01&to=2026-11-21&step=4h&as_of=2026-11-22T00%3A00%3A00Z");
  assert.deepEqual(place.asked(place.addressed("http://here/history?step=1h", asked)), asked);
  assert.match(place.addressed("http://here/history?step=1h", asked), /[?&]step=1h(&|$)/);
});

test("a count of days is held against the days above zero, and months against their sum", () => {
  const day = (node, amount) => ({ node, title: node, amount, unit: "usd", rule: "sum" });
  const month = { node: "2026-11", title: "2026-11", amount: "1", unit: "days", rule: "count", children: [day("a", "5.00"), day("b", "-1.00"), day("c", null)] };
  const { tree } = globalThis.northstar;
  assert.equal(tree.tiesOut(month), true);
  assert.equal(tree.tiesOut({ ...month, amount: "2" }), false);
  assert.equal(tree.tiesOut({ node: "", title: "", amount: "3", unit: "days", rule: "sum", children: [month, { ...month, amount: "2" }] }), true);
  assert.deepEqual(tree.terms("count", month.children).map(({ operator }) => operator), ["✓", "", ""]);
  assert.equal(tree.additive(month), false);
  assert.equal(tree.printed(month), "1 day");
});

test("a figure of days as known before has a place as known now, and one of a snapshot or of now has none", () => {
  const { asNow, placed } = globalThis.northstar.place;
  assert.deepEqual(asNow(placed("net", "day=2026-11-18&as_of=2026-11-20T10:00:00Z")), { figure: "net", day: "2026-11-18" });
  assert.deepEqual(asNow(placed("net", "from=2026-11-01&to=2026-11-20&as_of=2026-11-20T10:00:00Z&by=model&key=opus")), { figure: "net", from: "2026-11-01", to: "2026-11-20", by: "model", key: "opus" });
  assert.equal(asNow(placed("net", "day=2026-11-18")), null);
  assert.equal(asNow(placed("net", "at=5")), null);
  assert.equal(asNow(placed("net", "from=2026-11-18T10:00:00Z&to=2026-11-18T11:00:00Z&as_of=2026-11-20T10:00:00Z")), null);
});
