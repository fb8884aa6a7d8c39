/** What drove the result of a range: customers, series of markets, models and the rest, in one list that adds up to the net. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const SHOWN = 8;
  const TRADING = ["trading_realised", "trading_unrealised", "trading_fees"];
  const REVENUE = ["revenue", "refunds", "processor_fees", "adjustments"];
  /** What the part of a line is called that belongs to no row of its breakdown. */
  const LINES = { revenue: "Revenue", refunds: "Refunds", processor_fees: "Processor fees", adjustments: "Adjustments", trading_realised: "Trading", trading_unrealised: "Trading, unrealised", trading_fees: "Trading fees", api_cost: "API" };
  const CATEGORIES = { rev: "revenue", trd: "trading", api: "API cost", oth: "other costs", inc: "other income" };
  const NAMES = { operating_cost: ["Other costs", "oth"], other_income: ["Other income", "inc"] };

  /** @typedef {{name: string, hue: string, amount: bigint, figure?: string, by?: string, key?: string, of?: Cause[], rest?: {answer: any, line: string}}} Cause what opens it: a whole line, a row of a breakdown, the rows that it holds together, or the rest of a line */

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
        return [{ name: row.key === null ? whole(row, lines, prefix, hue) : `${prefix} · ${northstar.isolated(row.title || row.key)}`, hue, amount, ...opening(answer, row, lines) }];
      });
    const rows = [
      ...those(customer, REVENUE, "Revenue", "rev"),
      ...those(series, TRADING, "Trading", "trd"),
      ...those(model, ["api_cost"], "API", "api"),
      ...Object.entries(NAMES).flatMap(([line, [name, hue]]) => those({ rows: series.rows.filter((/** @type {any} */ row) => line in row.lines) }, [line], name, hue)),
    ].filter((row) => row.amount !== 0n);
    return { net: nano(series.net), rows: apart(rows).sort((a, b) => Number(size(b.amount) - size(a.amount) > 0n) - Number(size(b.amount) - size(a.amount) < 0n)) };
  }

  /** What is of no customer, market or model, by its line. @param {any} row @param {string[]} lines @param {string} prefix @param {string} hue */
  function whole(row, lines, prefix, hue) {
    const [line] = Object.keys(row.lines).filter((one) => lines.includes(one));
    const name = LINES[/** @type {keyof typeof LINES} */ (line)] ?? prefix;
    return hue === "rev" ? `${name}, no customer named` : name;
  }

  /** Rows of the same name are told apart by their key. @param {Cause[]} rows */
  const apart = (rows) => rows.map((row) => (row.key !== undefined && rows.some((one) => one !== row && one.name === row.name) ? { ...row, name: `${row.name} (${northstar.isolated(row.key)})` } : row));

  /** What explains a row: itself, the whole line where nothing else has a part in it, or nothing. @param {any} answer @param {any} row @param {string[]} lines */
  function opening({ by, rows }, row, lines) {
    if (row.key !== null) return { figure: "net", by, key: row.key };
    const [line] = Object.keys(row.lines);
    if (!lines.includes(line)) return {};
    return rows.some((/** @type {any} */ one) => one.key !== null && line in one.lines) ? { rest: { answer: { by, rows }, line } } : { figure: line };
  }

  /** @param {bigint} amount */
  const size = (amount) => (amount < 0n ? -amount : amount);

  /**
   * The rows that are shown: the largest of each category, then the largest of all, and the rest of each
   * category as one, so that they still add up and no cost hides behind what it is set against.
   * @param {Cause[]} rows the largest first
   */
  function largest(rows) {
    const kept = new Set(rows.filter((row, i) => rows.findIndex((one) => one.hue === row.hue) === i));
    const groups = () => {
      const left = rows.filter((row) => !kept.has(row));
      return [...new Set(left.map((row) => row.hue))].map((hue) => left.filter((row) => row.hue === hue));
    };
    for (const row of rows) {
      if (kept.has(row)) continue;
      kept.add(row);
      if (kept.size + groups().length > SHOWN) kept.delete(row);
    }
    const rest = groups().map((all) => (all.length === 1 ? all[0] : { name: `${all.length} more of ${CATEGORIES[/** @type {keyof typeof CATEGORIES} */ (all[0].hue)]}`, hue: all[0].hue, amount: all.reduce((sum, row) => sum + row.amount, 0n), of: all }));
    return [...rows.filter((row) => kept.has(row)), ...rest];
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
      el("li.drove-row", { "data-key": row.name }, el(`span.square.hue-${row.hue}`, { "aria-hidden": "true" }), opener(row, at, "drove-name", row.name, { title: row.name }),
        el("span.drove-track", { "aria-hidden": "true" }, el("span.drove-rule", { style: { left: `${zero}%` } }),
          el(`span.drove-bar.hue-${row.hue}`, { style: { left: `${heights[i] < 0 ? zero + (heights[i] / span) * 100 : zero}%`, width: `${(Math.abs(heights[i]) / span) * 100}%` } })),
        opener(row, at, "drove-amount", northstar.money.wholeDollars(northstar.money.cents(row.amount), { plus: true }), { title: northstar.money.exact(row.amount, { plus: true }), "data-exact": northstar.money.decimal(row.amount) }))));
  }

  /** The name or the amount of a row, either of which opens what the row is made of. @param {Cause} row @param {string} at @param {string} name its class @param {string} text @param {Record<string, string>} given */
  function opener(row, at, name, text, given) {
    const { el } = northstar.dom;
    const { cents, wholeDollars, exact } = northstar.money;
    const total = wholeDollars(cents(row.amount), { plus: true });
    const whenOf = (/** @type {Cause} */ one) => (one.by ? northstar.historyTables.share(at, one.by, one.key) : at);
    if (row.of) {
      const terms = row.of.map((one, i) => ({ name: one.name, sign: i ? "+" : "", value: exact(one.amount, { plus: true }), ...(at && one.figure ? { figure: one.figure, at: whenOf(one) } : {}) }));
      return northstar.worked.button({ title: row.name, text: "The smaller rows of this kind, added up.", total, terms }, `button.why.${name}`, text, given);
    }
    if (at && row.rest) return northstar.worked.button(northstar.historyTables.rest(row.rest.answer, row.rest.line, row.amount, at, total), `button.why.${name}`, text, given);
    if (!at || !row.figure) return el(`span.${name}`, given, text);
    return el(`button.why.${name}`, { type: "button", "data-explain": row.figure, "data-explain-at": whenOf(row), "aria-haspopup": "dialog", ...given }, text);
  }

  northstar.drove = { together, largest, bars };
}
