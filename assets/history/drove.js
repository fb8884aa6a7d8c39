/** What drove the result of a range: customers, series of markets, models and the rest, in one list that adds up to the net. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const SHOWN = 8;
  const TRADING = ["trading_realised", "trading_unrealised", "trading_fees"];
  const REVENUE = ["revenue", "refunds", "processor_fees", "adjustments"];
  const NAMES = { operating_cost: ["Other costs", "oth"], other_income: ["Other income", "inc"] };

  /**
   * @param {any} series @param {any} model @param {any} customer answers of `/api/pnl/breakdown`
   * @returns {{net: bigint | null, rows: {name: string, hue: string, amount: bigint}[]}}
   */
  function together(series, model, customer) {
    const { nano } = northstar.money;
    /** @param {any} answer @param {string[]} lines @param {string} prefix @param {string} hue */
    const those = (answer, lines, prefix, hue) =>
      answer.rows.flatMap((/** @type {any} */ row) => {
        const parts = lines.map((line) => nano(row.lines[line] ?? null)).filter((part) => part !== null);
        if (!parts.length) return [];
        const amount = parts.reduce((/** @type {bigint} */ sum, /** @type {bigint} */ part) => sum + part, 0n);
        return [{ name: row.key === null ? (hue === "rev" ? `${prefix}, no customer named` : prefix) : `${prefix} · ${row.title || row.key}`, hue, amount }];
      });
    const rows = [
      ...those(customer, REVENUE, "Revenue", "rev"),
      ...those(series, TRADING, "Trading", "trd"),
      ...those(model, ["api_cost"], "API", "api"),
      ...Object.entries(NAMES).flatMap(([line, [name, hue]]) => those({ rows: series.rows.filter((/** @type {any} */ row) => line in row.lines) }, [line], name, hue)),
    ].filter((row) => row.amount !== 0n);
    return { net: nano(series.net), rows: rows.sort((a, b) => Number(size(b.amount) - size(a.amount) > 0n) - Number(size(b.amount) - size(a.amount) < 0n)) };
  }

  /** @param {bigint} amount */
  const size = (amount) => (amount < 0n ? -amount : amount);

  /** The rows that are shown: the largest, and the rest as one, so that they still add up. @param {{name: string, hue: string, amount: bigint}[]} rows */
  function largest(rows) {
    if (rows.length <= SHOWN) return rows;
    const rest = rows.slice(SHOWN - 1);
    return [...rows.slice(0, SHOWN - 1), { name: `${rest.length} more`, hue: "fee", amount: rest.reduce((sum, row) => sum + row.amount, 0n) }];
  }

  /** Diverging bars around a centre rule. @param {{name: string, hue: string, amount: bigint}[]} all */
  function bars(all) {
    const { el } = northstar.dom;
    const { height, cents, wholeDollars } = northstar.money;
    const rows = largest(all);
    const heights = rows.map((row) => height(row.amount));
    const [most, least] = [Math.max(0, ...heights), Math.min(0, ...heights)];
    const span = most - least || 1;
    const zero = (-least / span) * 100;
    return el("ul.drove-rows", null, ...rows.map((row, i) =>
      el("li.drove-row", { "data-key": row.name }, el(`span.square.hue-${row.hue}`, { "aria-hidden": "true" }), el("span.drove-name", { title: row.name }, row.name),
        el("span.drove-track", { "aria-hidden": "true" }, el("span.drove-rule", { style: { left: `${zero}%` } }),
          el(`span.drove-bar.hue-${row.hue}`, { style: { left: `${heights[i] < 0 ? zero + (heights[i] / span) * 100 : zero}%`, width: `${(Math.abs(heights[i]) / span) * 100}%` } })),
        el("span.drove-amount", { title: northstar.money.exact(row.amount, { plus: true }) }, wholeDollars(cents(row.amount), { plus: true })))));
  }

  northstar.drove = { together, largest, bars };
}
