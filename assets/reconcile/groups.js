/** The checks as the page lists them: a market's under one row, what failed first, found by what a reader types. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /**
   * @typedef {import("../reconcile/words.js").Check} Check
   * @typedef {{key: string, title: string, sub: string, state: string, checks: any[], market: boolean, name: string}} Group
   */

  const ORDER = { failed: 0, waiting: 1, ok: 2, gone: 3 };
  const HEAD = ["identity", "I5_cash", "I6_equity", "api_cost_rows", "api_cost_usage", "revenue_read", "api_cost", "api_cost_restated", "I5_credit", "I5_netting", "revenue_clash", "record_conflict"];

  /** @param {string} state */
  const rank = (state) => ORDER[/** @type {keyof typeof ORDER} */ (state)] ?? 1;

  /** The state that matters most. @param {{state: string}[]} checks */
  const worst = (checks) => checks.reduce((state, check) => (rank(check.state) < rank(state) ? check.state : state), "ok");

  /** A key of a check that tells it from all others. @param {{name: string, scope: string | null}} check */
  const keyOf = ({ name, scope }) => `${name} ${scope ?? ""}`;

  /**
   * One row for each check of the account, one for each market, one for all days of a check that is made day by day; the failed first, then those that wait.
   * @param {any[]} checks @param {(ticker: string) => string} titleOf @returns {Group[]}
   */
  function grouped(checks, titleOf) {
    /** @type {Map<string, Group>} */
    const found = new Map();
    for (const check of checks) {
      const { title, against, market, days } = northstar.checkWords.words(check.name);
      const key = market ? `market ${check.scope}` : days ? check.name : keyOf(check);
      const known = found.get(key);
      if (known) {
        known.checks.push(check);
        continue;
      }
      found.set(key, { key, title: market ? titleOf(check.scope) : days || northstar.checkWords.general(check.scope) ? title : `${title}, ${northstar.checkWords.place(check.scope, titleOf)}`, sub: market ? check.scope : against, state: "", checks: [check], market: Boolean(market), name: check.name });
    }
    const groups = [...found.values()];
    for (const group of groups) {
      group.state = worst(group.checks);
      group.checks.sort((a, b) => rank(a.state) - rank(b.state) || (a.name < b.name ? -1 : a.name > b.name ? 1 : (a.scope ?? "") > (b.scope ?? "") ? -1 : 1));
    }
    const place = (/** @type {Group} */ group) => (group.market ? HEAD.length : HEAD.indexOf(group.name) < 0 ? HEAD.length - 1 : HEAD.indexOf(group.name));
    return groups.sort((a, b) => rank(a.state) - rank(b.state) || place(a) - place(b) || (b.key < a.key && !a.market ? -1 : a.title < b.title ? -1 : a.title > b.title ? 1 : a.key < b.key ? -1 : 1));
  }

  /** Those that are in a state and hold all the words that were typed. @param {Group[]} groups @param {{state: string, words: string}} wanted */
  function filtered(groups, { state, words }) {
    const parts = words.toLowerCase().split(/\s+/).filter(Boolean);
    return groups.filter((group) => {
      if (state !== "all" && !group.checks.some((check) => check.state === state)) return false;
      const text = `${group.title} ${group.sub} ${group.checks.map((check) => `${northstar.checkWords.words(check.name).title} ${check.reason ?? ""}`).join(" ")}`.toLowerCase();
      return parts.every((part) => text.includes(part));
    });
  }

  /**
   * The states of a stretch of time in equal slots, the worst of each; empty where nothing was checked.
   * @param {{at: number, state: string}[]} changes oldest first @param {number} from @param {number} to @param {number} slots
   * @returns {string[]} states, "" for none
   */
  function ticks(changes, from, to, slots) {
    const wide = (to - from) / slots;
    return Array.from({ length: slots }, (_, i) => {
      const [start, end] = [from + i * wide, from + (i + 1) * wide];
      let held = "";
      let state = "";
      for (const change of changes) {
        if (change.at <= start) held = change.state;
        else if (change.at < end && change.state !== "gone" && (!state || rank(change.state) < rank(state))) state = change.state;
      }
      if (held === "gone") held = "";
      return held && (!state || rank(held) < rank(state)) ? held : state;
    });
  }

  /** The worst of several rows of ticks, slot by slot. @param {string[][]} rows */
  const together = (rows) => (rows[0] ?? []).map((_, i) => rows.map((row) => row[i]).filter(Boolean).reduce((state, one) => (!state || rank(one) < rank(state) ? one : state), ""));

  northstar.checkGroups = { grouped, filtered, ticks, together, worst, keyOf, rank };
}
