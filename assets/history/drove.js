/** What drove the result of a range: customers, series of markets, models and the rest, in one list that adds up to the net. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const SHOWN = 8;
  const TRADING = ["trading_realised", "trading_unrealised", "trading_fees"];
  const REVENUE = ["revenue", "refunds", "processor_fees", "adjustments"];
  const NAMES = { operating_cost: ["Other costs", "oth"], other_income: ["Other income", "inc"] };

  /** @typedef {{name: string, hue: string, amount: bigint, figure?: string, by?: string, key?: string}} Cause what opens it: a whole line, or a row of a breakdown */

  /**
   * @param {any} series @param {any} model @param {any} customer answers of `/api/pnl/breakdown`
   * @returns {{net: bigint | null, rows: Cause[]}}
   */
  function together(series, model, customer) {
    const { nano } = northstar.money;
    /** @param {any} answer @param {string[]} lines @param {string} prefix @param {string} hue */
    const those = (answer, lines, prefix, hue) =>
      answer.rows.flatMap((/** @type {any} */ row) => {
        const parts = lines.map((line) => nano(row.lines[line] ?? null)).filter((part) => part !== null);
        if (!parts.length) return [];
        const amount = parts.reduce((/** @type {bigint} */ sum, /** @type {bigint} */ part) => sum + part, 0n);
        return [{ name: row.key === null ? (hue === "rev" ? `${prefix}, no customer named` : prefix) : `${prefix} · ${row.title || row.key}`, hue, amount, ...opening(answer, row, lines) }];
      });
    const rows = [
      ...those(customer, REVENUE, "Revenue", "rev"),
      ...those(series, TRADING, "Trading", "trd"),
      ...those(model, ["api_cost"], "API", "api"),
      ...Object.entries(NAMES).flatMap(([line, [name, hue]]) => those({ rows: series.rows.filter((/** @type {any} */ row) => line in row.lines) }, [line], name, hue)),
    ].filter((row) => row.amount !== 0n);
    return { net: nano(series.net), rows: rows.sort((a, b) => Number(size(b.amount) - size(a.amount) > 0n) - Number(size(b.amount) - size(a.amount) < 0n)) };
  }

  /** What explains a row: itself, the whole line where nothing else has a part in it, or nothing. @param {any} answer @param {any} row @param {string[]} lines */
  function opening({ by, rows }, row, lines) {
    if (row.key !== null) return { figure: "net", by, key: row.key };
    const [line] = Object.keys(row.lines);
    return rows.some((/** @type {any} */ one) => one.key !== null && line in one.lines) || !lines.includes(line) ? {} : { figure: line };
  }

  /** @param {bigint} amount */
  const size = (amount) => (amount < 0n ? -amount : amount);

  /** The rows that are shown: the largest, and the rest as one, so that they still add up. @param {Cause[]} rows */
  function largest(rows) {
    if (rows.length <= SHOWN) return rows;
    const rest = rows.slice(SHOWN - 1);
    return [...rows.slice(0, SHOWN - 1), { name: `${rest.length} more`, hue: "fee", amount: rest.reduce((sum, row) => sum + row.amount, 0n) }];
  }

  /** Diverging bars around a centre rule. @param {Cause[]} all @param {string} [at] the days, for explanations */
  function bars(all, at = "") {
    const { el } = northstar.dom;
    const { height } = northstar.money;
    const rows = largest(all);
    const heights = rows.map((row) => height(row.amount));
    const [most, least] = [Math.max(0, ...heights), Math.min(0, ...heights)];
    const span = most - least || 1;
    const zero = (-least / span) * 100;
    return el("ul.drove-rows", null, ...rows.map((row, i) =>
      el("li.drove-row", { "data-key": row.name }, el(`span.square.hue-${row.hue}`, { "aria-hidden": "true" }), el("span.drove-name", { title: row.name }, row.name),
        el("span.drove-track", { "aria-hidden": "true" }, el("span.drove-rule", { style: { left: `${zero}%` } }),
          el(`span.drove-bar.hue-${row.hue}`, { style: { left: `${heights[i] < 0 ? zero + (heights[i] / span) * 100 : zero}%`, width: `${(Math.abs(heights[i]) / span) * 100}%` } })),
        amount(row, at))));
  }

  /** @param {Cause} row @param {string} at */
  function amount(row, at) {
    const { el } = northstar.dom;
    const { cents, wholeDollars, exact } = northstar.money;
    const told = wholeDollars(cents(row.amount), { plus: true });
    const given = { title: exact(row.amount, { plus: true }) };
    if (!at || !row.figure) return el("span.drove-amount", given, told);
    const when = row.by ? northstar.historyTables.share(at, row.by, row.key) : at;
    return el("button.why.drove-amount", { type: "button", "data-explain": row.figure, "data-explain-at": when, "data-exact": northstar.money.decimal(row.amount), "aria-haspopup": "dialog", ...given }, told);
  }

  northstar.drove = { together, largest, bars };
}
