/**
 * What the open positions bring once they settle, by event: the same rules as the server's, over the
 * rows of the snapshot that the page shows, so that it moves with everything else.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** @type {["best_case", "worst_case", "expected"]} */
  const CASES = ["best_case", "worst_case", "expected"];

  /**
   * @typedef {{ticker: string, title: string, event: string, exclusive: boolean, yes: bigint, no: bigint,
   *   expected: bigint | null, decided: boolean, won: boolean}} Stake
   * @typedef {{event: string, exclusive: boolean, stakes: Stake[], best_case: bigint, worst_case: bigint,
   *   expected: bigint | null, best_market: string | null, worst_market: string | null}} Outcome amounts are nano-dollars
   */

  /** What a position gains or loses by how its market ends; null for one that is flat or settled. @param {any} row @returns {Stake | null} */
  function stakeOf(row) {
    const { nano } = northstar.money;
    const [best, worst] = [nano(row.best_case), nano(row.worst_case)];
    if (best === null || worst === null || row.settled) return null;
    const [yes, no] = row.side === "no" ? [worst, best] : [best, worst];
    const stake = { ticker: row.ticker, title: row.title ?? row.ticker, event: row.event || row.ticker, exclusive: row.exclusive === true, yes, no, expected: nano(row.expected), decided: false, won: false };
    const known = row.mark_source === "settlement" ? nano(row.unrealised) : null;
    if (known === null) return stake;
    const won = row.side !== null && nano(row.mark) === (row.side === "yes" ? nano("1") : 0n);
    return { ...stake, yes: known, no: known, expected: known, decided: true, won };
  }

  /** @param {(bigint | null)[]} amounts @returns {bigint | null} null when one of them is not known */
  const sum = (amounts) => (amounts.some((amount) => amount === null) ? null : amounts.reduce((/** @type {bigint} */ all, amount) => all + /** @type {bigint} */ (amount), 0n));

  /** Which market of an exclusive event may be the one that resolves YES; null stands for none of ours. @param {Stake[]} held @returns {(string | null)[]} */
  function winners(held) {
    const known = held.filter((stake) => stake.won).map((stake) => stake.ticker);
    return known.length ? known : [null, ...held.filter((stake) => !stake.decided).map((stake) => stake.ticker)];
  }

  /** @param {string} event @param {Stake[]} held @returns {Outcome} */
  function outcomeOf(event, held) {
    const exclusive = held.every((stake) => stake.exclusive);
    const expected = sum(held.map((stake) => stake.expected));
    const made = { event, exclusive, stakes: held, expected, best_market: null, worst_market: null };
    const all = (/** @type {(stake: Stake) => bigint} */ of) => held.reduce((total, stake) => total + of(stake), 0n);
    if (!exclusive)
      return { ...made, best_case: all(({ yes, no }) => (yes > no ? yes : no)), worst_case: all(({ yes, no }) => (yes < no ? yes : no)) };
    const ends = winners(held).map((winner) => ({ winner, amount: all(({ ticker, yes, no }) => (ticker === winner ? yes : no)) }));
    const best = ends.reduce((a, b) => (b.amount > a.amount ? b : a));
    const worst = ends.reduce((a, b) => (b.amount < a.amount ? b : a));
    return { ...made, best_case: best.amount, worst_case: worst.amount, best_market: best.winner, worst_market: worst.winner };
  }

  /**
   * What each event brings, and all of them together.
   * @param {any[]} rows of positions
   * @returns {{events: Outcome[], best_case: bigint, worst_case: bigint, expected: bigint | null}}
   */
  function outcome(rows) {
    /** @type {Map<string, Stake[]>} */
    const events = new Map();
    for (const stake of rows.map(stakeOf)) if (stake) events.set(stake.event, [...(events.get(stake.event) ?? []), stake]);
    const found = [...events.keys()].sort().map((event) => outcomeOf(event, /** @type {Stake[]} */ (events.get(event))));
    const total = (/** @type {(typeof CASES)[number]} */ name) => sum(found.map((one) => one[name]));
    return { events: found, best_case: total("best_case") ?? 0n, worst_case: total("worst_case") ?? 0n, expected: total("expected") };
  }

  northstar.outcome = { CASES, outcome };
}
