"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { createHash } = require("node:crypto");
require("../../assets/live/zone.js");
require("../../assets/export/digest.js");
require("../../assets/export/rows.js");
require("../../assets/export/choice.js");
require("../../assets/export/job.js");

const { Digest, Rows, ExportJob, exportChoice } = globalThis.northstar;
const bytes = (text) => new TextEncoder().encode(text);
const sum = (data) => createHash("sha256").update(data).digest("hex");

/** A seeded generator, so that a failure can be met again. */
function random(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test("the digest is that of Node, however the bytes are cut", () => {
  const next = random(3);
  for (let size = 0; size < 400; size += 7) {
    const data = Uint8Array.from({ length: size }, () => next(256));
    const digest = new Digest();
    for (let at = 0; at < size; ) {
      const step = 1 + next(90);
      digest.add(data.subarray(at, at + step));
      at += step;
    }
    assert.equal(digest.hex(), sum(data), `of ${size} bytes`);
  }
});

test("a digest can be asked for, and added to after that", () => {
  const digest = new Digest();
  digest.add(bytes("abc"));
  assert.equal(digest.hex(), sum("abc"));
  digest.add(bytes("def"));
  assert.equal(digest.hex(), sum("abcdef"));
});

test("rows are counted outside of quotes, and the first cell of the last whole one is known", () => {
  const text = 'seq,text\r\n7,"a, ""b""\r\nc"\r\n9,d\r\n12,"not wh';
  for (let cut = 1; cut < text.length; cut += 1) {
    const rows = new Rows({ headed: true });
    rows.add(bytes(text.slice(0, cut)));
    rows.add(bytes(text.slice(cut)));
    assert.deepEqual([rows.count, rows.key, rows.whole], [2, "9", text.indexOf("12,")]);
    rows.cut();
    rows.add(bytes('12,"whole"\r\n'));
    assert.deepEqual([rows.count, rows.key], [3, "12"]);
  }
});

test("a choice asks for days half-open, and only for what its table and format take", () => {
  const choice = { table: "snapshots", format: "csv", step: "1h", range: "days", from: "2026-11-02", to: "2026-11-10", excel: true, local: true };
  const of = { today: "2026-11-20", zone: "America/New_York" };
  const asked = (more) => Object.fromEntries(exportChoice.query({ ...choice, ...more }, of));
  assert.deepEqual(asked({}), { table: "snapshots", step: "1h", from: "2026-11-02", to: "2026-11-11", dialect: "excel", tz: "America/New_York" });
  assert.deepEqual(asked({ table: "fills", format: "xlsx", range: "7" }), { table: "fills", from: "2026-11-14", to: "2026-11-21" });
  assert.deepEqual(asked({ table: "days", format: "beancount", range: "year" }), { table: "days", from: "2026-01-01", to: "2026-11-21" });
  assert.deepEqual(asked({ table: "costs", format: "parquet", range: "all" }), { table: "costs" });
  assert.equal(exportChoice.query(choice, { ...of, last: 12 }).get("last"), "12");
  assert.equal(exportChoice.fitting({ ...choice, format: "beancount" }).format, "csv");
  assert.equal(exportChoice.lacks("xlsx", "fills"), "");
  assert.notEqual(exportChoice.lacks("xlsx", "costs"), "");
});

test("days in the wrong order are told before they are asked for", () => {
  assert.equal(exportChoice.trouble({ range: "days", from: "2026-11-03", to: "2026-11-02" }), "The first day is after the last one.");
  assert.equal(exportChoice.trouble({ range: "days", from: "", to: "" }), "Choose a first or a last day.");
  assert.equal(exportChoice.trouble({ range: "7", from: "", to: "" }), "");
});

/** A server of one table, whose answers end where `cuts` say: after so many bytes, by an error or in silence. */
function server({ rows = 500, cuts = [], sums = null, silent = false } = {}) {
  const header = "seq,text\r\n";
  const line = (seq) => `${seq},"row, ${"x".repeat(seq % 40)}"\r\n`;
  const all = (after) => Array.from({ length: rows - after }, (_, i) => line(after + i + 1)).join("");
  const file = header + all(0);
  const asked = [];
  const headers = (more) => new Headers({ "content-disposition": 'attachment; filename="x.csv"', "x-northstar-last": "77", ...more });
  const fetch = async (url, { method = "GET" } = {}) => {
    const query = new URL(url, "http://here").searchParams;
    asked.push(`${method} ${url}`);
    if (url.includes("export.manifest")) return { ok: true, headers: headers(), json: async () => ({ rows, bytes: file.length, sha256: sums ?? sum(file), file_name: "northstar_x.csv" }) };
    if (method === "HEAD") return { ok: true, headers: headers({ "x-northstar-rows": String(rows) }) };
    const data = bytes((query.get("header") === "absent" ? "" : header) + all(Number(query.get("after") ?? 0)));
    const cut = cuts.shift();
    const end = cut === undefined ? data.length : Math.min(cut, data.length);
    let at = 0;
    const body = new ReadableStream({
      pull(out) {
        if (at < end) out.enqueue(data.subarray(at, (at = Math.min(end, at + 997))));
        else if (cut !== undefined && !silent) out.error(new Error("cut"));
        else out.close();
      },
    }, { highWaterMark: 0 });
    return { ok: true, headers: headers(), body };
  };
  return { file, asked, fetch };
}

/** @param {ReturnType<typeof server>} from */
function job(from, format = "csv") {
  const saved = [];
  const made = new ExportJob({
    root: "/", format, query: new URLSearchParams({ table: "snapshots" }), fetch: from.fetch, later: (act) => act(), now: () => 0, changed: () => undefined,
    blob: (parts) => Buffer.concat(parts.map((part) => Buffer.from(part))), save: (blob, name) => saved.push({ text: blob.toString(), name }),
  });
  return { made, saved };
}

for (const silent of [false, true]) {
  test(`wherever it is cut, the file is the server's to the byte${silent ? ", also when the body just ends" : ""}`, async () => {
    const { length } = server().file;
    for (let cut = 12; cut < length; cut += 311) {
      const from = server({ cuts: [cut, 700], silent });
      const { made, saved } = job(from);
      await made.run();
      assert.equal(made.state, "done", `${made.trouble} cut after ${cut}`);
      assert.deepEqual(saved, [{ text: from.file, name: "northstar_x.csv" }]);
      assert.equal(made.sum, sum(from.file));
    }
  });
}

test("without any progress it gives up after three tries, and goes on when asked to", async () => {
  const from = server({ cuts: [3000, 0, 0] });
  const { made, saved } = job(from);
  await made.run();
  assert.equal(made.state, "failed");
  assert.match(made.trouble, /rows of it are here/);
  assert.equal(saved.length, 0);
  await made.run();
  assert.equal(made.state, "done");
  assert.equal(saved[0].text, from.file);
});

test("another format begins again: half of it is of no use", async () => {
  const from = server({ cuts: [3000] });
  const { made, saved } = job(from, "parquet");
  await made.run();
  assert.equal(made.state, "failed");
  assert.equal(made.resumable, false);
  await made.run();
  assert.equal(made.state, "done");
  assert.equal(saved[0].text, from.file);
});

test("what differs from its manifest is not saved", async () => {
  const { made, saved } = job(server({ sums: "0".repeat(64) }));
  await made.run();
  assert.equal(made.state, "failed");
  assert.match(made.trouble, /not the one that was announced/);
  assert.equal(saved.length, 0);
});

test("the server's own reason is told when it refuses", async () => {
  const fetch = async (url) => ({ ok: false, status: 400, headers: new Headers(), json: async () => ({ detail: url.includes("manifest") ? "step is for snapshots" : "" }) });
  const { made } = job({ fetch });
  await made.run();
  assert.equal(made.trouble, "step is for snapshots");
});

test("one that is cancelled saves nothing, and says nothing of a failure", async () => {
  const from = server();
  const { made, saved } = job({ fetch: async (url, how) => { if (how.method !== "HEAD") made.cancel(); return from.fetch(url, how); } });
  await made.run();
  assert.equal(made.state, "cancelled");
  assert.equal(made.trouble, "");
  assert.equal(saved.length, 0);
});
