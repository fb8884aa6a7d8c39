"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
require("../../assets/live/money.js");
require("../../assets/live/each_tick.js");
require("../../assets/live/zone.js");
require("../../assets/alerts/words.js");
require("../../assets/alerts/rule_form.js");
require("../../assets/alerts/list.js");

const { alertWords, ruleForm, AlertList } = globalThis.northstar;
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("a limit is told to its last digit, and a value where the hundredth does not tell it from the limit", () => {
  const rule = (amount, value = null, unit = "dollars") => ({ figure_name: "Net of the day", when: "below", amount, value, unit });
  const limit = (amount, unit) => alertWords.watches(rule(amount, null, unit))[1];

  assert.deepEqual(["-1.005", "-0.004", "-500", "1250.5"].map((amount) => limit(amount, "dollars")), ["−$1.005", "−$0.004", "−$500.00", "$1,250.50"]);
  assert.deepEqual([limit("80", "percent"), limit("99.995", "percent"), limit("90", "seconds")], ["80 %", "99.995 %", "1 min 30 s"]);
  assert.deepEqual([["-500", "-500.004"], ["-500", "-501.504"], ["-1.005", "-1.0061"], ["-500", null], ["-500", "-500"]].map((one) => alertWords.standing(rule(...one))), ["−$500.004", "−$501.50", "−$1.0061", "—", "−$500.00"]);
});

test("values are shown in their unit, and what is not known as a dash", () => {
  assert.equal(alertWords.shown("-501.5", "dollars"), "−$501.50");
  assert.equal(alertWords.shown("129.058367939", "percent"), "129.06 %");
  assert.deepEqual(["0", "90", "7205"].map((value) => alertWords.shown(value, "seconds")), ["0 s", "1 min 30 s", "2 h 5 s"]);
  assert.equal(alertWords.shown("1234", "count"), "1,234");
  assert.deepEqual([alertWords.shown("1", "flag"), alertWords.shown("0", "flag"), alertWords.shown(null, "dollars")], ["yes", "no", "—"]);
});

test("what a rule watches is a few words", () => {
  assert.deepEqual(alertWords.watches({ figure_name: "Net of the day", unit: "dollars", when: "below", amount: "-500" }), ["Net of the day below", "−$500.00"]);
  assert.deepEqual(alertWords.watches({ figure_name: "Kalshi", unit: "flag", when: "above", amount: "0" }), ["Kalshi is stale", ""]);
});

test("a length of time is written as a rule takes it", () => {
  assert.deepEqual([0, 30, 90, 300, 7200, 86_400].map(alertWords.lasting), ["0s", "30s", "90s", "5m", "2h", "1d"]);
});

test("those that fire come first, then by name", () => {
  const rules = [["b", "inactive"], ["a", "resolved"], ["d", "firing"], ["c", "firing"], ["e", "pending"]].map(([name, state]) => ({ name, state }));
  assert.deepEqual(alertWords.sorted(rules).map((rule) => rule.name), ["c", "d", "e", "a", "b"]);
});

test("an amount is taken as people type it, and nothing else is", () => {
  assert.deepEqual(["-500", "−$1,234.50", "$-3", "80 %", "007", "-0.00"].map(ruleForm.amount), ["-500", "-1234.50", "-3", "80", "7", "0.00"]);
  assert.deepEqual(["", "12,3", "1e3", "--5", "0.0000000001", "five"].map(ruleForm.amount), [null, null, null, null, null, null]);
});

test("what is wrong is said by field", () => {
  const fields = { ...ruleForm.blank(), name: "Loss", amount: "-500" };
  assert.deepEqual(ruleForm.wrong(fields, "dollars"), {});
  assert.deepEqual(Object.keys(ruleForm.wrong({ ...fields, name: "  ", amount: "x" }, "dollars")), ["name", "amount"]);
  assert.deepEqual(ruleForm.wrong({ ...fields, name: "x".repeat(81) }, "dollars"), { name: "At most 80 characters." });
  assert.deepEqual(ruleForm.wrong(fields, "percent"), { amount: "This is never below zero." });
  assert.deepEqual(ruleForm.wrong({ ...fields, amount: "1.5" }, "count"), { amount: "This is always whole." });
  assert.deepEqual(ruleForm.wrong({ ...fields, amount: "" }, "flag"), {});
});

test("a body has what the API takes, without a limit where there is none", () => {
  const fields = { ...ruleForm.blank(), name: " Loss ", amount: "-$500", receivers: ["on-call"] };
  assert.deepEqual(ruleForm.body(fields, "dollars", { version: 2 }), { version: 2, name: "Loss", figure: "net", when: "below", amount: "-500", for: "0s", severity: "warning", receivers: ["on-call"] });
  assert.deepEqual(ruleForm.body({ ...fields, figure: "stale.kalshi" }, "flag"), { name: "Loss", figure: "stale.kalshi", for: "0s", severity: "warning", receivers: ["on-call"] });
});

test("a rule that is there comes into the form as it is", () => {
  const rule = { name: "Loss", figure: "net", unit: "dollars", when: "below", amount: "-500.5", for_seconds: 90, severity: "critical", receivers: ["desk"] };
  assert.deepEqual(ruleForm.fieldsOf(rule), { name: "Loss", figure: "net", when: "below", amount: "-500.5", for: "90s", severity: "critical", receivers: ["desk"] });
});

function world(answers) {
  const later = [];
  const asked = [];
  const api = { all: async () => (asked.push("all"), answers()), trail: async (rule) => (asked.push(`trail ${rule}`), [{ action: "added" }]) };
  const list = new AlertList({ api, random: () => 0.5, later: (act, ms) => later.push([act, ms]), changed: () => {} });
  return { list, later, asked };
}

test("a snapshot is followed at once the first time, later each page at its own moment, and one tick once", async () => {
  const { list, later, asked } = world(() => ({ receivers: [], rules: [] }));
  list.follow({ seq: 1 });
  list.follow({ seq: 1 });
  assert.deepEqual(later.map(([, ms]) => ms), [0]);
  later.shift()[0]();
  await settled();
  list.follow({ seq: 1 });
  list.follow({ seq: 2 });
  assert.deepEqual(later.map(([, ms]) => ms), [750]);
  assert.deepEqual(asked, ["all"]);
});

test("while a test is on its way it is looked at each second, and no more then", async () => {
  let test = "waiting";
  const { list, later, asked } = world(() => ({ receivers: [{ test }], rules: [] }));
  await list.look();
  await list.look();
  assert.deepEqual(later.map(([, ms]) => ms), [1000]);
  test = "sent";
  later.shift()[0]();
  await settled();
  assert.equal(later.length, 0);
  assert.equal(asked.length, 3);
});

test("what went wrong with a rule is kept beside it until something is done about it again", async () => {
  const { list } = world(() => ({ receivers: [], rules: [] }));
  list.asking = { rule: "a", what: "remove" };
  await list.act("a", async () => { throw new Error("somebody else changed it"); });
  assert.equal(list.said.get("a"), "somebody else changed it");
  assert.equal(list.asking, null);
  await list.act("a", async () => {});
  assert.equal(list.said.has("a"), false);
});

test("alerts that cannot be read leave what was known", async () => {
  let fail = false;
  const { list } = world(() => { if (fail) throw new Error("away"); return { receivers: [], rules: [1] }; });
  await list.look();
  fail = true;
  await list.look();
  assert.deepEqual([list.found.rules, list.trouble], [[1], "away"]);
});

test("who did what to a rule is asked for when it is opened, and closed by the same hand", async () => {
  const { list, asked } = world(() => ({ receivers: [], rules: [] }));
  await list.history("a");
  assert.deepEqual(list.trail, [{ action: "added" }]);
  await list.history("a");
  assert.deepEqual([list.open, list.trail], ["", null]);
  assert.deepEqual(asked, ["trail a"]);
});
