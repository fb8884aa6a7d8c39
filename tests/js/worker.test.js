"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
require("../../assets/worker/kept.js");
require("../../assets/worker/worker.js");

const { Kept, Worker } = globalThis.northstar;
const ORIGIN = "https://pnl.example";
const ROOT = "/p/";
const FILES = ["assets/all.js?m=1", "_dash-component-suites/dash/a.v1.js"].map((path) => ORIGIN + ROOT + path);
const PAGE = { path: "/", answer: { multi: true, response: "live" } };
const DAY = { path: "/history/day/<day>", answer: { multi: true, response: "day" } };

const told = (version = "v1", more = {}) => JSON.stringify({ version, document: "<p>kept</p>", layout: { of: "layout" }, dependencies: [], pages: [PAGE, DAY], ...more });
const address = (asked) => new URL(typeof asked === "string" ? asked : asked.url, ORIGIN).href;

/** Caches as a browser has them, of which a test can see what is in them. */
class Shelf {
  constructor() {
    this.all = new Map();
  }
  keys = async () => [...this.all.keys()];
  delete = async (name) => this.all.delete(name);
  open = async (name) => {
    if (!this.all.has(name)) this.all.set(name, new Map());
    const held = this.all.get(name);
    return {
      match: async (asked) => held.get(address(asked))?.clone(),
      put: async (asked, answer) => void held.set(address(asked), answer),
      delete: async (asked) => held.delete(address(asked)),
      keys: async () => [...held.keys()].map((url) => ({ url })),
    };
  };
}

/** A server that answers, or is away; `answers` is by path. */
function world({ answers = {}, away = false } = {}) {
  const made = { shelf: new Shelf(), asked: [], away, refused: 0, late: [], answers: { kept: () => new Response(told(), { headers: { "Content-Security-Policy": "default-src 'self'" } }), ...answers } };
  const fetching = async (asked) => {
    const url = new URL(address(asked));
    made.asked.push(url.pathname.slice(ROOT.length));
    if (made.away) throw new TypeError("Failed to fetch");
    const answer = made.answers[url.pathname.slice(ROOT.length)];
    return answer ? answer(url) : new Response("from the server", { headers: { "Cache-Control": "public, immutable" } });
  };
  made.kept = new Kept({ caches: made.shelf, fetch: fetching, origin: ORIGIN, root: ROOT });
  const refused = async () => void (made.refused += 1);
  made.worker = new Worker({ kept: made.kept, fetch: fetching, origin: ORIGIN, root: ROOT, later: (act) => made.late.push(act), refused });
  return made;
}

const redirect = () => ({ type: "opaqueredirect", status: 0, headers: new Headers() });

/** What the worker answers to a request; null where it leaves it to the browser. */
function ask(worker, path, { method = "GET", mode = "cors", body, clientId = "page", resultingClientId = "" } = {}) {
  const request = { url: ORIGIN + ROOT + path, method, mode, clone: () => ({ json: async () => body }) };
  let answer = null;
  const waits = [];
  worker.asked({ request, clientId, resultingClientId, respondWith: (given) => void (answer = given), waitUntil: (given) => void waits.push(given) });
  return { answer, waits };
}
const navigate = (worker, path, more = {}) => ask(worker, path, { mode: "navigate", ...more });
const routing = (path) => ({ output: "..x..", inputs: [{ id: "_pages_location", property: "pathname", value: path }, { id: "_pages_location", property: "search", value: "" }] });

test("the pages and the files that a page used are kept, and nothing else that it asked for", async () => {
  const { kept, shelf } = world();
  await kept.keep([...FILES, `${ORIGIN}${ROOT}api/pnl/current`, `${ORIGIN}${ROOT}embed/bundle/x.js`, `${ORIGIN}/other/assets/a.js`, "https://elsewhere.example/p/assets/a.js"]);

  assert.deepEqual(await shelf.keys(), ["pnl v1"]);
  assert.deepEqual([...shelf.all.get("pnl v1").keys()].sort(), [...FILES, `${ORIGIN}${ROOT}kept`].sort());
});

test("what is of another version is deleted as soon as this one is whole", async () => {
  const made = world();
  await made.kept.keep(FILES);
  made.answers.kept = () => new Response(told("v2"));
  await made.kept.keep(FILES);

  assert.deepEqual(await made.shelf.keys(), ["pnl v2"]);
});

test("as long as a file is missing, the pages of before are shown", async () => {
  const made = world();
  await made.kept.keep(FILES);
  Object.assign(made.answers, { kept: () => new Response(told("v2", { document: "new" })), "assets/all.js": () => new Response("", { status: 500 }) });
  await made.kept.keep([`${ORIGIN}${ROOT}assets/all.js?m=2`]);

  assert.equal(await (await made.kept.document("/p/")).text(), "<p>kept</p>");
});

test("so many files are kept, and no more", async () => {
  const { kept, shelf } = world();
  await kept.keep(Array.from({ length: 300 }, (_, number) => `${ORIGIN}${ROOT}assets/${number}.js?m=1`));
  await kept.keep(Array.from({ length: 300 }, (_, number) => `${ORIGIN}${ROOT}assets/other/${number}.js?m=1`));

  assert.equal(shelf.all.get("pnl v1").size, 121);
});

test("an answer other than 200 is not kept, and a refusal deletes all", async () => {
  const made = world();
  await made.kept.keep(FILES);
  made.answers.kept = () => new Response("", { status: 503 });
  await made.kept.keep(FILES);
  assert.deepEqual(await made.shelf.keys(), ["pnl v1"]);

  for (const refusal of [redirect, () => new Response("", { status: 401 })]) {
    await made.kept.keep(FILES);
    made.answers.kept = refusal;
    await made.kept.keep(FILES);
    assert.deepEqual(await made.shelf.keys(), []);
    made.answers.kept = () => new Response(told());
  }
});

test("what was asked for before all was forgotten is not kept after", async () => {
  let answered;
  const made = world({ answers: { kept: () => new Promise((done) => void (answered = () => done(new Response(told())))) } });
  const keeping = made.kept.keep(FILES);
  while (!answered) await null;
  await made.kept.forget();
  answered();
  await keeping;

  assert.deepEqual(await made.shelf.keys(), []);
});

test("a page is the server's own as long as that answers, whatever it says", async () => {
  const made = world({ answers: { "": () => new Response("of now"), history: () => new Response("no such day", { status: 404 }) } });
  await made.kept.keep(FILES);

  assert.equal(await (await navigate(made.worker, "").answer).text(), "of now");
  assert.equal((await navigate(made.worker, "history").answer).status, 404);
});

test("without a server a page is the kept one, as strict as it came, and its start and its content come with it", async () => {
  const made = world();
  await made.kept.keep(FILES);
  made.away = true;

  const page = await navigate(made.worker, "history/day/2026-11-20", { resultingClientId: "new" }).answer;
  assert.equal(await page.text(), "<p>kept</p>");
  assert.equal(page.headers.get("Content-Security-Policy"), "default-src 'self'");
  const asked = made.asked.length;
  assert.deepEqual(await (await ask(made.worker, "_dash-layout", { clientId: "new" }).answer).json(), { of: "layout" });
  assert.deepEqual(await (await ask(made.worker, "_dash-dependencies", { clientId: "new" }).answer).json(), []);
  const content = () => ask(made.worker, "_dash-update-component", { method: "POST", clientId: "new", body: routing("/p/history/day/2026-11-20") }).answer;
  assert.deepEqual(await (await content()).json(), DAY.answer);
  assert.equal(made.asked.length, asked, "what belongs to a kept page waits for no server");
  made.away = false;
  assert.equal(await (await content()).text(), "from the server");
});

test("a server that a proxy calls away, or that takes too long, is not waited for", async () => {
  const made = world({ answers: { "": () => new Response("Bad Gateway", { status: 502 }) } });
  await made.kept.keep(FILES);
  assert.equal(await (await navigate(made.worker, "").answer).text(), "<p>kept</p>");

  let answered;
  made.answers[""] = () => new Promise((done) => void (answered = () => done(redirect())));
  const { answer, waits } = navigate(made.worker, "");
  while (!answered) await null;
  made.late.at(-1)();
  assert.equal(await (await answer).text(), "<p>kept</p>");

  answered();
  await Promise.all(waits);
  assert.deepEqual(await made.shelf.keys(), [], "what it says late is heard: nobody is signed in");
  assert.equal(made.refused, 1);
});

test("where no page is kept for an address, the browser says itself that there is no server", async () => {
  const made = world();
  await made.kept.keep(FILES);
  made.away = true;

  for (const path of ["nowhere", "history/day", "history/day/", "history"]) await assert.rejects(navigate(made.worker, path).answer, /Failed to fetch/, path);
});

test("whoever is sent to the sign-in, or signs out, leaves nothing behind", async () => {
  const made = world({ answers: { "": redirect } });
  for (const [path, method] of [["", "GET"], ["signout", "POST"], ["signin", "GET"]]) {
    await made.kept.keep(FILES);
    assert.equal((await made.shelf.keys()).length, 1);
    const { answer, waits } = navigate(made.worker, path, { method });
    await answer;
    await Promise.all(waits);
    assert.deepEqual(await made.shelf.keys(), [], path);
  }
});

test("the API, panels of other sites and what is no GET are left to the browser", () => {
  const { worker } = world();
  for (const path of ["api/pnl/current", "api/pnl/export.csv", "embed/kpis?token=x", "healthz", "metrics", "sw.js", "embed.js"]) {
    assert.equal(navigate(worker, path).answer, null, path);
    assert.equal(ask(worker, path).answer, null, path);
  }
  assert.equal(navigate(worker, "", { method: "POST" }).answer, null);
  assert.equal(ask(worker, "assets/all.js", { method: "POST" }).answer, null);
  assert.equal(ask(worker, "api/pnl/entries", { method: "POST" }).answer, null);
});

test("a file with its fingerprint comes from what is kept, any other from the server as long as that is there", async () => {
  const made = world({ answers: { "assets/star.svg": () => new Response("star", { headers: { "Cache-Control": "no-cache" } }) } });
  await made.kept.keep([...FILES, `${ORIGIN}${ROOT}assets/star.svg`]);
  const file = async (path) => (await ask(made.worker, path).answer).text();
  const before = made.asked.length;
  assert.equal(await file("assets/all.js?m=1"), "from the server");
  assert.equal(made.asked.length, before);
  made.answers["assets/star.svg"] = () => new Response("another star");
  assert.equal(await file("assets/star.svg"), "another star");
  made.away = true;
  assert.equal(await file("assets/star.svg"), "star");
});
