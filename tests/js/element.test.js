"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { Element, changed } = require("./small_dom.js");
globalThis.northstar = { panels: [], actions: {} };
for (const file of ["money", "zone", "statement", "course", "past", "element", "overlay", "transport/timing", "draw/spark", "draw/badge", "draw/banner", "draw/chips", "draw/kpis", "draw/waterfall", "ties", "draw/footer"]) require(`../../assets/live/${file}.js`);

const { dom, course, panels } = globalThis.northstar;
const { el, grow } = dom;
const keys = (root) => root.children.map((child) => child.getAttribute("data-key")).join("");
const rows = (names) => [...names].map((name) => el("li", { "data-key": name }, `row ${name}`));

/** A list that shows some rows. */
function list(names) {
  const root = new Element("ul");
  grow(root, rows(names));
  return root;
}

test("a tree that is already so is not touched", () => {
  const tree = () => [el("p.note", { title: "t", style: { width: "3px" } }, "one", el("b", null, "two")), "three", el("svg", { viewBox: "0 0 1 1" }, el("path", { d: "M0,0" }))];
  const root = new Element("div");
  grow(root, tree());

  assert.deepEqual(changed(root, () => grow(root, tree())), []);
});

test("only the text and the attribute that are others are changed", () => {
  const tree = (text, title) => [el("p", { title }, "same", el("b", null, text))];
  const root = new Element("div");
  grow(root, tree("1", "a"));

  assert.deepEqual(changed(root, () => grow(root, tree("2", "b"))).map(({ what, node, name }) => [what, node.nodeName, name]), [["attribute", "P", "title"], ["text", "#text", undefined]]);
});

test("rows keep their nodes by key, whatever comes, goes or moves", () => {
  for (const [before, after] of [["abcd", "bcd"], ["abc", "xabc"], ["abcd", "dcba"], ["abcde", "acxeb"], ["ab", "ba"], ["abc", ""], ["", "abc"], ["abc", "xyz"]]) {
    const root = list(before);
    const known = new Map(root.children.map((child) => [child.getAttribute("data-key"), child]));
    grow(root, rows(after));

    assert.equal(keys(root), after);
    for (const child of root.children) if (known.has(child.getAttribute("data-key"))) assert.equal(child, known.get(child.getAttribute("data-key")));
  }
});

test("a row that goes, comes or moves leaves the others where they are", () => {
  const moves = (before, after) => {
    const root = list(before);
    return changed(root, () => grow(root, rows(after))).map(({ what, node }) => `${what} ${node.getAttribute("data-key")}`);
  };

  assert.deepEqual(moves("abcd", "bcd"), ["remove a"]);
  assert.deepEqual(moves("abcd", "abxcd"), ["insert x"]);
  assert.deepEqual(moves("abcd", "bcda"), ["insert a"]);
  assert.deepEqual(moves("abcd", "dabc"), ["insert d"]);
});

test("what somebody else looks after stays as it is", () => {
  const root = new Element("div");
  grow(root, [el("div", { "data-own": true })]);
  root.children[0].append("theirs");
  grow(root, [el("div", { "data-own": true }, "ours")]);

  assert.equal(root.textContent, "theirs");
});

test("an amount lights up when it moved, unless motion is unwelcome or nobody looks", () => {
  const root = new Element("div");
  const show = (cents) => grow(root, [el("b", { "data-cents": cents }, cents)]);
  const lit = () => root.children[0].animations;
  show("100");
  show("100");
  assert.equal(lit(), 0);
  show("101");
  assert.equal(lit(), 1);
  globalThis.matchMedia = (query) => ({ matches: query.includes("reduce") });
  show("102");
  delete globalThis.matchMedia;
  globalThis.document.hidden = true;
  show("103");
  globalThis.document.hidden = false;
  assert.equal(lit(), 1);
});

test("a text that is selected stays selected when it changes", () => {
  const root = new Element("div");
  grow(root, ["$3,116.97"]);
  const text = root.firstChild;
  const selected = [];
  globalThis.document.selection = { isCollapsed: false, anchorNode: text, anchorOffset: 0, focusNode: text, focusOffset: 9, setBaseAndExtent: (...given) => selected.push(given) };
  grow(root, ["$13,117.02"]);
  globalThis.document.selection = null;

  assert.deepEqual(selected, [[text, 0, text, 10]]);
});

const NOW = Date.parse("2026-11-20T19:32:10.000Z");
const LINES = { revenue: "2191.5", refunds: "0", processor_fees: "0", adjustments: "0", trading_realised: "1008.14", trading_unrealised: "64.9", trading_fees: "-84", api_cost: "-63.57", operating_cost: "0", other_income: "0" };
const TODAY = Array.from({ length: 300 }, (_, i) => course.point(NOW - (300 - i) * 60_000, { net: BigInt(i) * 1_000_000_000n, revenue: 1n }));

/** What is shown `seconds` later, some of it moved. */
function view(seconds, lines = {}) {
  const all = { ...LINES, ...lines };
  const now = NOW + seconds * 1000;
  return {
    now, zone: "UTC", everySeconds: 10, troubled: false, restored: false,
    past: { today: { points: [...TODAY, course.point(now, { net: 300_000_000_000n, revenue: 1n })] }, sameTimeBefore: () => null },
    connection: { kind: "websocket", since: NOW - 60_000, attempt: 0, nextAt: null, heardAt: now, roundTrip: 9, ahead: 0, reason: null },
    snapshot: {
      seq: 18_204 + seconds, as_of: new Date(now).toISOString(), day: "2026-11-20", finality: "estimated", complete: true, missing: [], lines: all, net: "3116.97", checks: { ok: 12, failed: 0, waiting: 0 }, positions: [],
      sources: Object.fromEntries(["kalshi", "anthropic", "revenue"].map((name) => [name, { status: "live", as_of: new Date(now).toISOString(), complete_through: null, next_attempt: null, error: null }])),
    },
  };
}

/** The panels, drawn once, and what a second drawing changes in them: what kind of change, and in which panel. */
function drawnTwice(first, second) {
  const page = new Element("main");
  globalThis.document.getElementById = () => null;
  const roots = panels.filter(({ id }) => id !== "clock").map((panel) => {
    const root = new Element("section");
    const body = new Element("div");
    root.querySelector = () => body;
    root.style.getPropertyValue = () => "5";
    root.append(body);
    page.append(root);
    root.id = panel.id;
    return { root, panel };
  });
  for (const { root, panel } of roots) panel.draw(root, first);
  return roots.flatMap(({ root, panel }) => changed(root, () => panel.draw(root, second)).map(({ what, node, name }) => ({ panel: panel.id, what, name, text: node.textContent })));
}

test("a snapshot in which nothing moves changes nothing but its number and its time", () => {
  assert.deepEqual(drawnTwice(view(0), view(0)), []);
  const found = drawnTwice(view(0), view(1));

  assert.deepEqual(found.filter(({ name }) => !["data-age-of", "datetime"].includes(name)).map(({ panel, what, text }) => [panel, what, text]),
    [["kpis", "text", "as of 19:32:11"], ["footer", "text", "Snapshot 18,205 · estimated"]]);
});

test("a line that moves changes its own figures and nothing of the others", () => {
  const found = drawnTwice(view(0), view(0, { trading_unrealised: "65.9" }));

  assert.ok(found.some(({ panel, text }) => panel === "kpis" && text === "+$65"));
  // The label of the whole waterfall says where it ends.
  assert.ok(found.filter(({ name }) => name !== "aria-label").every(({ text }) => !/2,191|1,008|63/.test(text)), JSON.stringify(found));
});
