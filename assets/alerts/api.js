/** The alerts API: what it answers, or what it has against it, by field where it says so. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const root = () => document.querySelector('meta[name="pnl:root"]')?.getAttribute("content") ?? "/";

  class Refused extends Error {
    /** @param {number} status @param {string} detail @param {string | null} field */
    constructor(status, detail, field) {
      super(detail);
      this.status = status;
      this.field = field;
    }
  }

  /** @param {string} method @param {string} path @param {object} [body] */
  async function ask(method, path, body) {
    let answer;
    try {
      answer = await fetch(`${root()}api/pnl/alerts${path}`, body ? { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : { method });
    } catch {
      throw new Refused(0, "The server cannot be reached. Nothing is lost: try again.", null);
    }
    const found = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Refused(answer.status, found.detail ?? `The server answered ${answer.status}.`, found.parameter || null);
    return found;
  }

  const id = encodeURIComponent;

  northstar.alertsApi = {
    all: () => ask("GET", ""),
    add: (/** @type {object} */ body) => ask("POST", "/rules", body),
    replace: (/** @type {string} */ rule, /** @type {object} */ body) => ask("PUT", `/rules/${id(rule)}`, body),
    remove: (/** @type {string} */ rule, /** @type {number} */ version) => ask("DELETE", `/rules/${id(rule)}?version=${version}`),
    silence: (/** @type {string} */ rule, /** @type {string | null} */ span) => ask("POST", `/rules/${id(rule)}/silence`, { for: span }),
    trail: async (/** @type {string} */ rule) => (await ask("GET", `/rules/${id(rule)}/trail`)).trail,
    test: (/** @type {string} */ receiver) => ask("POST", `/receivers/${id(receiver)}/test`),
  };
}
