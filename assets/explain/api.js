/** Asks for explanations, and for the body of one record as its source sent it. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** Kinds of a record as `/api/pnl/records` calls their lists. */
  const LISTS = { fill: "fills", settlement: "settlements", cost: "costs", revenue: "revenue", transfer: "transfers", credit: "credits", usage: "usage" };
  const PAGES = 12;
  const SECOND = 1000;
  const DAY = 86_400_000;

  class Unanswered extends Error {
    /** @param {string} detail @param {number} status 0 when nothing came */
    constructor(detail, status) {
      super(detail);
      this.status = status;
    }
  }

  /** The JSON of an address. @param {string} url @param {AbortSignal} [signal] @throws {Unanswered} with the server's own reason */
  async function read(url, signal) {
    let answer;
    try {
      answer = await fetch(url, { signal });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Unanswered("The server cannot be reached at the moment.", 0);
    }
    const found = await answer.json().catch(() => null);
    if (!answer.ok) throw new Unanswered(found?.detail ?? `The server answered ${answer.status}.`, answer.status);
    if (found === null) throw new Unanswered("The server's answer could not be read.", answer.status);
    return found;
  }

  const root = () => document.querySelector('meta[name="pnl:root"]')?.getAttribute("content") ?? "/";

  /** Which snapshot was shown at an instant, and of which company day it is. @param {string} asOf @param {AbortSignal} [signal] @returns {Promise<{seq: number, day: string}>} */
  const snapshotAt = (asOf, signal) => read(`${root()}api/pnl/current?${new URLSearchParams({ as_of: asOf })}`, signal);

  /** @param {any} place @param {string} node @param {AbortSignal} [signal] */
  const explain = (place, node, signal) => read(`${root()}api/pnl/explain?${northstar.place.query(place, node)}`, signal);

  /**
   * The body of a record as its source sent it, letter by letter; null when it is not among the records any more.
   * @param {{source: string, kind: string, id: string, at: string}} record @param {AbortSignal} [signal]
   */
  async function body(record, signal) {
    const kind = LISTS[/** @type {keyof typeof LISTS} */ (record.kind)];
    if (!kind) return null;
    const at = Date.parse(record.at);
    for (const reach of [SECOND, DAY]) {
      let cursor = null;
      for (let page = 0; page < PAGES; page += 1) {
        const query = new URLSearchParams({ kind, from: new Date(at - reach).toISOString(), to: new Date(at + reach).toISOString(), limit: "500" });
        if (cursor) query.set("cursor", cursor);
        const found = await read(`${root()}api/pnl/records?${query}`, signal);
        const row = found.records.find((/** @type {any} */ one) => one.source === record.source && one.id === record.id);
        if (row) return row.raw ?? null;
        cursor = found.next;
        if (!cursor) break;
      }
    }
    return null;
  }

  northstar.explainApi = { snapshotAt, Unanswered, read, explain, body };
}
