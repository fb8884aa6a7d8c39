/** What an embedded panel says to the page around it, asks of the server, and leaves out. */
"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");

for (const name of ["live/money", "live/zone", "live/statement", "live/course", "embed/first", "embed/plain", "embed/door", "embed/parent", "embed/ranges", "embed/head", "share/words", "live/transport/trouble"])
  require(`../../assets/${name}.js`);
const { embed, share } = globalThis.northstar;

const WIKI = "https://wiki.example.com";

/** A page in a frame, and what it told the page around it. */
function framed({ origins = [WIKI], ancestors } = {}) {
  const told = [];
  const listeners = [];
  const around = { postMessage: (message, origin) => told.push({ message, origin }) };
  const page = { parent: around, location: { ancestorOrigins: ancestors }, addEventListener: (_type, listener) => listeners.push(listener) };
  const parent = new embed.Parent({ page, own: "https://pnl.example.com", origins });
  return { parent, told, around, hear: (event) => listeners.forEach((listener) => listener(event)) };
}

test("the token leaves the address, and everything else stays", () => {
  assert.deepEqual(embed.parted("?token=nsl_a.b&theme=dark&range=7d"), { token: "nsl_a.b", rest: "?theme=dark&range=7d" });
  assert.deepEqual(embed.parted("?token=x"), { token: "x", rest: "" });
  assert.deepEqual(embed.parted(""), { token: null, rest: "" });
});

test("what is told goes to the sites of the link alone, and to the one that it is where that is known", () => {
  const several = framed({ origins: [WIKI, "https://b.example"] });
  several.parent.say("size", { height: 7 });
  assert.deepEqual(several.told.map(({ origin }) => origin), [WIKI, "https://b.example"]);

  const known = framed({ origins: [WIKI, "https://b.example"], ancestors: ["https://b.example"] });
  known.parent.say("size", { height: 7 });
  assert.deepEqual(known.told, [{ message: { type: "northstar:size", height: 7 }, origin: "https://b.example" }]);

  const stranger = framed({ ancestors: ["https://evil.example"] });
  stranger.parent.say("size", { height: 7 });
  assert.deepEqual(stranger.told, []);
});

test("in our own page the preview speaks with our own origin", () => {
  const preview = framed({ origins: ["self"], ancestors: ["https://pnl.example.com"] });
  preview.parent.say("ready");
  assert.equal(preview.told[0].origin, "https://pnl.example.com");
});

test("a page that is not framed tells nobody", () => {
  const told = [];
  const page = { location: {}, postMessage: () => told.push(1) };
  page.parent = page;
  new embed.Parent({ page, own: "", origins: [WIKI] }).say("ready");
  assert.deepEqual(told, []);
});

test("only the page around it is heard, from a site of the link, and only what it may say", () => {
  const { parent, around, hear } = framed();
  const heard = [];
  parent.hear({ set: (message) => heard.push(message) });

  hear({ source: around, origin: "https://evil.example", data: { type: "northstar:set" } });
  hear({ source: {}, origin: WIKI, data: { type: "northstar:set" } });
  for (const data of [null, 7, "northstar:set", {}, { type: 7 }, { type: "northstar:__proto__" }, { type: "northstar:constructor" }, { type: "other:set" }]) hear({ source: around, origin: WIKI, data });
  assert.deepEqual(heard, []);

  hear({ source: around, origin: WIKI, data: { type: "northstar:set", theme: "dark" } });
  assert.equal(heard.length, 1);
});

test("what would explain a figure is text, and a day is no link", () => {
  assert.deepEqual(embed.plain("button.figure", { type: "button", "data-explain": "net", "data-cents": "5", title: "Why?" }), ["span.figure", { "data-cents": "5" }]);
  assert.deepEqual(embed.plain("div.kpi", { role: "group", "data-explain": "net" }), ["div.kpi", { role: "group" }]);
  assert.deepEqual(embed.plain("a.heat-day.heat-gain", { href: "#", tabindex: "0", "aria-label": "Fri" }), ["span.heat-day.heat-gain", { "aria-label": "Fri", role: "img" }]);
  assert.deepEqual(embed.plain("button.sort", { type: "button", "data-action": "sort" }), ["button.sort", { type: "button", "data-action": "sort" }]);
  assert.deepEqual(embed.plain("p", null), ["p", null]);
});

/** A door whose server answers as it is told. */
function door(answers, more = {}) {
  const asked = [];
  const refused = [];
  const fetch = async (url, options) => {
    asked.push({ url, ...options });
    const next = answers.shift();
    if (next instanceof Error) throw next;
    return new Response(JSON.stringify(next.body), { status: next.status ?? 200 });
  };
  const made = new embed.Door({ base: "/embed/", panel: "net", token: () => "T", fetch, refused: (...why) => refused.push(why), WebSocket: undefined, EventSource: undefined, ...more });
  return { made, asked, refused };
}

test("a socket is opened by a ticket, and its address holds no token", async () => {
  const opened = [];
  class Socket extends EventTarget {
    constructor(url) {
      super();
      opened.push(url);
      this.readyState = 1;
    }
    send() {}
    close() {}
  }
  const { made, asked } = door([{ body: { ticket: "a/b" } }], { WebSocket: Socket });
  made.open("wss://pnl/embed/ws?n=1", { message() {}, closed() {} });
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  await new Promise((resolve) => setTimeout(resolve, 0));

  assert.deepEqual(opened, ["wss://pnl/embed/ws?n=1&ticket=a%2Fb"]);
  assert.equal(asked[0].url, "/embed/ticket?panel=net");
  assert.equal(asked[0].headers.Authorization, "Bearer T");
  assert.equal(asked[0].credentials, "omit");
});

test("a refused ticket ends the tries for good, and one that is not to be had does not", async () => {
  const closed = async (answer) => {
    const { made, refused } = door([answer]);
    const code = await new Promise((resolve) => made.open("ws://x/embed/ws", { message() {}, closed: resolve }));
    return { code, refused };
  };

  assert.deepEqual(await closed({ status: 401, body: { detail: "This link was revoked." } }), { code: 4401, refused: [["This link was revoked.", false]] });
  assert.deepEqual(await closed({ status: 503, body: {} }), { code: 1006, refused: [] });
  assert.deepEqual(await closed(new Error("offline")), { code: 1006, refused: [] });
});

test("a socket that the browser does not let be made is told as closed, so that another way is taken", async () => {
  class Blocked {
    constructor() {
      throw new Error("blocked");
    }
  }
  const { made } = door([{ body: { ticket: "a" } }], { WebSocket: Blocked });

  const told = await new Promise((resolve) => made.open("wss://pnl/embed/ws", { message() {}, closed: (...given) => resolve(given) }));

  assert.deepEqual(told, [1006, "Error: blocked"]);
});

test("what is asked and not answered is in trouble, in a page and in a panel alike", () => {
  const { isTroubled } = globalThis.northstar.transport;

  assert.equal(isTroubled({ kind: "polling", broken: true }, false), true);
  assert.equal(isTroubled({ kind: "polling", broken: false }, false), false);
  assert.equal(isTroubled({ kind: "websocket", broken: true }, false), false);
  assert.equal(isTroubled({ kind: "websocket", broken: false }, true), true);
  assert.equal(isTroubled({ kind: "connecting", broken: false }, true), false);
  assert.equal(isTroubled({ kind: "offline", broken: false }, false), true);
  assert.equal(isTroubled({ kind: "sse", broken: false, halted: true }, false), true);
});

test("a longer range is its days before today and today as it is live, to the last billionth", () => {
  const days = [
    { day: "2026-11-17", net: "100", lines: { revenue: "100", api_cost: null }, complete: false, missing: ["api_cost"] },
    { day: "2026-11-18", net: "1.000000001", lines: { revenue: "2", api_cost: "-0.999999999" }, complete: true, missing: [] },
    { day: "2026-11-19", net: "-3", lines: { revenue: "0", api_cost: "-3" }, complete: false, missing: ["trading_unrealised"] },
    { day: "2026-11-20", net: "7", lines: { revenue: "7", api_cost: "0" }, complete: true, missing: [] },
  ];
  const live = { day: "2026-11-20", net: "10.5", lines: { revenue: "11", api_cost: "-0.5" }, complete: true, missing: [] };

  const found = embed.together(days, live, "2026-11-18");

  assert.equal(found.net, "8.500000001");
  assert.deepEqual(found.lines, { revenue: "13.00", api_cost: "-4.499999999" });
  assert.deepEqual([found.complete, found.missing], [false, ["trading_unrealised"]]);
  assert.deepEqual(embed.together(days, live, "2026-11-20").missing, []);
});

test("what is refused tells whether it expired, and nothing of a token that was renewed meanwhile", async () => {
  const over = { status: 401, body: { detail: "Its token has expired.", expired: true } };
  const { made, refused } = door([over]);
  await made.fetch("/embed/net/data");
  let token = "old";
  const renewed = door([over], { token: () => token });
  const asked = renewed.made.fetch("/embed/net/data");
  token = "new";
  await asked;

  assert.deepEqual(refused, [["Its token has expired.", true]]);
  assert.equal(renewed.asked[0].headers.Authorization, "Bearer old");
  assert.deepEqual(renewed.refused, []);
});

test("a sum is called incomplete where a line of it is not known, and says which", () => {
  const shown = {};
  const { document: before } = globalThis;
  const { dom } = globalThis.northstar;
  globalThis.document = { getElementById: (id) => (shown[id] ??= { id, grown: [] }) };
  globalThis.northstar.dom = { el: (_name, given, ...children) => ({ ...given, text: children.join("") }), grow: (where, children) => { where.grown = children; }, set: () => {} };
  const draw = (missing) => {
    embed.draw({ panel: "costs", range: "30d", asked: {}, snapshot: { lines: { api_cost: "-3", trading_fees: "-1", operating_cost: null }, complete: missing.length === 0, missing } });
    return shown["embed-figure"].grown;
  };
  try {
    assert.deepEqual(draw([]), ["$4.00"]);
    assert.deepEqual(draw(["operating_cost"]).slice(1), [{ "data-key": "partial", title: "Not known: Other costs", text: "incomplete" }]);
  } finally {
    globalThis.document = before;
    globalThis.northstar.dom = dom;
  }
});

test("the panel of the drawdown says that it is the largest of its range", () => {
  const shown = {};
  const place = (id) => (shown[id] ??= { id, grown: [] });
  const { document: before } = globalThis;
  const { dom } = globalThis.northstar;
  globalThis.document = { getElementById: place };
  globalThis.northstar.dom = { el: (_name, _attributes, ...children) => children.join(""), grow: (where, children) => { where.grown = children; }, set: () => {} };
  try {
    embed.draw({ panel: "drawdown", range: "1d", snapshot: null });
  } finally {
    globalThis.document = before;
    globalThis.northstar.dom = dom;
  }

  assert.deepEqual(shown["embed-title"].grown, ["Largest drawdown today"]);
});

test("the last line says of when the figures are, and when they are not live any more", () => {
  const connection = { kind: "websocket", broken: false, reason: null, nextAt: null };
  const view = { snapshot: null, live: { as_of: "2026-11-20T19:32:10.000Z" }, zone: "America/New_York", troubled: false, connection, now: 0 };

  assert.deepEqual(embed.state(view), { tone: "gain", text: "Live · updated 14:32:10 ET" });
  assert.deepEqual(embed.state({ ...view, troubled: true }), { tone: "loss", text: "Not live: last good figures of 14:32:10 ET" });
  assert.equal(embed.state({ ...view, troubled: true, connection: { ...connection, kind: "polling", broken: true, nextAt: 8_000 } }).text, "Not live: last good figures of 14:32:10 ET, retry in 8 s");
  assert.equal(embed.state({ ...view, live: null, connection: { ...connection, kind: "connecting" } }).text, "Connecting…");
});

test("the code for a page holds its address as an attribute does", () => {
  const code = share.snippet({ url: 'https://pnl.example.com/embed/net?token=a&theme="dark"<', panel: "kpis", title: "Net P&L" });

  assert.ok(code.startsWith('<iframe src="https://pnl.example.com/embed/net?token=a&amp;theme=&quot;dark&quot;&lt;"'));
  assert.ok(code.includes('width="800" height="150"'));
  assert.ok(code.includes('sandbox="allow-scripts allow-popups" title="Net P&amp;L"'));
});

test("a fall that nothing is known of is not zero, and neither is one of no days", () => {
  const point = (net) => ({ at: 1, values: { net }, high: net, low: net, lowAt: 1, drop: 0n, dropAt: 1 });

  assert.equal(embed.deepest({ today: { points: [] } }), null);
  assert.equal(embed.deepest({ today: { points: [point(null)] } }), null);
  assert.equal(embed.deepest({ today: { points: [point(null), point(5n)] } }), 0n);
  assert.equal(embed.deepest({ today: { points: [point(5n), point(2n)] } }), -3n);
  assert.deepEqual([null, { end: null, fall: null }, { end: 1n, fall: null }, { end: 1n, fall: { amount: -2n } }].map(embed.fallen), [null, null, 0n, -2n]);
});

test("costs of which only a zero is known are not called zero", () => {
  const names = ["api_cost", "trading_fees", "operating_cost"];
  const of = (api_cost, trading_fees, operating_cost) => embed.counted({ api_cost, trading_fees, operating_cost }, names);

  assert.equal(of(null, null, "0"), null);
  assert.equal(of(null, null, null), null);
  assert.equal(of("-2.00", null, "0"), -2_000_000_000n);
  assert.equal(of("0", "0", "0"), 0n);
});
