/** What moved between an earlier snapshot and the one that is shown: exact, and each figure rounded by itself. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /**
   * @typedef {{stream: string | null, seq: number, as_of: string, day: string, net: string | null, lines: Record<string, string | null>}} Look
   *   what is remembered of a snapshot that was looked at
   * @typedef {{name: string, id: string, exact: bigint, shown: bigint}} Move `shown` is cents
   */

  /** @param {any} snapshot @param {string | null} stream @returns {Look} */
  const look = ({ seq, as_of, day, net, lines }, stream) => ({ stream, seq, as_of, day, net, lines });

  /**
   * What each part of the net moved by since `then`; what was not known counts as nothing.
   * @param {Look} then @param {{day: string, net: string | null, lines: Record<string, string | null>}} now
   * @param {{lines: Record<string, string | null>}[]} days from the day of `then` on, to the one before today; none on the same day
   * @returns {{total: bigint, moves: Move[], then: bigint | null, now: bigint | null}} `total`, `then` and `now` are cents
   */
  function moved(then, now, days) {
    const { money, statement } = northstar;
    const sum = (/** @type {any} */ of, /** @type {string[]} */ names) => statement.sumOf(of.lines, names) ?? 0n;
    const exact = statement.GROUPS.map(({ lines }) => [...days, now].reduce((all, of) => all + sum(of, lines), -sum(then, lines)));
    const cents = (/** @type {string | null} */ net) => (net === null ? null : money.cents(money.nano(net)));
    const [before, after] = [cents(then.net), cents(now.net)];
    const total = money.cents(exact.reduce((all, part) => all + part, 0n));
    const moves = statement.GROUPS.map(({ id, name }, i) => ({ id, name, exact: exact[i], shown: money.cents(exact[i]) })).filter((part) => part.shown !== 0n);
    return { total, moves, then: before, now: after };
  }

  const COUNTED = ["fill", "settlement", "sale"];

  /** How many fills, settlements and sales became known after an instant. @param {any[]} records @param {string} since RFC 3339 */
  function came(records, since) {
    const after = Date.parse(since);
    const fresh = records.filter((record) => record.recorded_at !== null && Date.parse(record.recorded_at) > after && record.version === 1);
    const kind = (/** @type {any} */ record) => (record.kind === "revenue" ? record.detail?.kind : record.kind);
    return COUNTED.map((name) => ({ name, count: fresh.filter((record) => kind(record) === name).length })).filter(({ count }) => count > 0);
  }

  northstar.since = { look, moved, came };
}
