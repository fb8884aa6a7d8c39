/** The entries API: what it answers, or what it has against it, by field where it says so. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});
  const URL = "/api/pnl/entries";

  class Refused extends Error {
    /** @param {number} status @param {string} detail @param {string | null} field */
    constructor(status, detail, field) {
      super(detail);
      this.status = status;
      this.field = field;
    }
  }

  /** @param {string} url @param {RequestInit} [how] */
  async function ask(url, how) {
    let answer;
    try {
      answer = await fetch(url, how);
    } catch {
      throw new Refused(0, "The server cannot be reached. Nothing is lost: try again.", null);
    }
    const found = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Refused(answer.status, found.detail ?? `The server answered ${answer.status}.`, found.parameter || null);
    return found;
  }

  /** @param {string} method @param {object} body */
  const json = (method, body) => ({ method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

  northstar.entriesApi = {
    Refused,
    all: async (/** @type {string} */ asOf = "") => (await ask(asOf ? `${URL}?${new URLSearchParams({ as_of: asOf })}` : URL)).entries,
    add: (/** @type {object} */ body) => ask(URL, json("POST", body)),
    replace: (/** @type {string} */ id, /** @type {object} */ body) => ask(`${URL}/${encodeURIComponent(id)}`, json("PUT", body)),
    audit: async (/** @type {string} */ id) => (await ask(`${URL}/${encodeURIComponent(id)}/audit`)).audit,
  };
}
