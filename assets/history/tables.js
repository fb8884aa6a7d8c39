/** The breakdown of a range, and its days: the tables of the history page. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const SHOWN_DAYS = 60;
  const SHOWN_ROWS = 12;
  const NAMES = { source: "Source", market: "Market", series: "Series", model: "Model", workspace: "Workspace", customer: "Customer" };
  const COLUMNS = [["Revenue", ["revenue", "refunds", "processor_fees", "adjustments"]], ["Trading", ["trading_realised", "trading_unrealised"]], ["Fees", ["trading_fees"]], ["API cost", ["api_cost"]]];
  const OTHER = ["operating_cost", "other_income"];
  const FINALITY = { estimated: "estimated", provisional: "provisional", final: "" };
  const shown = { days: SHOWN_DAYS, rows: SHOWN_ROWS };

  /** An amount of nano-dollars as a cell prints it, to the cent; all of it in the title. @param {bigint | null} amount @param {string | null} [figure] @param {string} [at] @param {boolean} [signed] */
  function money(amount, figure = null, at = "", signed = false) {
    const { el } = northstar.dom;
    const { cents, dollars, exact } = northstar.money;
    if (amount === null) return el("span.quiet", { title: "not known" }, "—");
    const tone = !signed || amount === 0n ? "flat" : amount > 0n ? "gain" : "loss";
    const text = dollars(cents(amount), { plus: signed });
    const given = { title: exact(amount, { plus: signed }), "data-exact": northstar.money.decimal(amount) };
    return figure && at ? el(`button.why.${tone}`, { type: "button", "data-explain": figure, "data-explain-at": at, "aria-haspopup": "dialog", ...given }, text) : el(`span.${tone}`, given, text);
  }

  /** How many records a row is made of: they are listed where its net is explained. @param {number} count @param {string} at */
  function records(count, at) {
    const { el } = northstar.dom;
    const text = count.toLocaleString("en-US");
    return at ? el("button.why.flat", { type: "button", "data-explain": "net", "data-explain-at": at, "aria-haspopup": "dialog", title: "List them" }, text) : text;
  }

  /** Of which days and which row of their breakdown, for an explanation; empty where days are not. @param {string} at @param {string} by @param {string} key */
  const share = (at, by, key) => (at ? `${at}&${new URLSearchParams({ by, key })}` : "");

  /**
   * What of a line belongs to no row of a breakdown: the line less what the rows have of it.
   * @param {any} answer @param {string} line @param {bigint} amount @param {string} at @param {string} total as it is shown
   */
  function rest(answer, line, amount, at, total) {
    const { exact, nano } = northstar.money;
    const rows = answer.rows.filter((/** @type {any} */ row) => row.key !== null && (nano(row.lines[line] ?? null) ?? 0n) !== 0n);
    const parts = rows.map((/** @type {any} */ row) => ({ name: row.title || row.key, amount: /** @type {bigint} */ (nano(row.lines[line])), key: row.key }));
    const whole = parts.reduce((/** @type {bigint} */ sum, /** @type {any} */ part) => sum + part.amount, amount);
    const terms = [{ name: `All of ${northstar.statement.lineName(line).toLowerCase()}`, value: exact(whole, { plus: true }), figure: line, at },
      ...parts.map((/** @type {any} */ part) => ({ name: part.name, sign: "−", value: exact(part.amount, { plus: true }), figure: line, at: share(at, answer.by, part.key) }))];
    return { title: `${northstar.statement.lineName(line)}, the rest`, text: `What no ${answer.by} has a part in: the line, less the part of each.`, total, terms };
  }

  /** @param {any} answer of `/api/pnl/breakdown`, with `from` and `to` @param {string} at @param {string} [action] what a press on a row's name does */
  function breakdown(answer, at, action = "") {
    const { el } = northstar.dom;
    const { nano, height } = northstar.money;
    const most = Math.max(1e-9, ...answer.rows.map((/** @type {any} */ row) => Math.abs(height(nano(row.amount) ?? 0n))));
    const parted = new Set(answer.rows.flatMap((/** @type {any} */ row) => (row.key === null ? [] : Object.keys(row.lines))));
    const rows = answer.rows.slice(0, shown.rows).map((/** @type {any} */ row) => {
      const amount = nano(row.amount);
      // Without a key it is a whole line, which opens as such, or the rest of one, which is no sum of its own.
      const of = row.key !== null ? share(at, answer.by, row.key) : Object.keys(row.lines).some((line) => parted.has(line)) ? "" : at;
      const lines = Object.entries(row.lines).filter(([, value]) => value !== null);
      const name = row.key === null ? el("span.quiet", null, `${lines.length ? northstar.statement.lineName(lines[0][0]) : "Other"}, not by ${NAMES[/** @type {keyof typeof NAMES} */ (answer.by)].toLowerCase()}`) : el("span", null, action ? el("button.record-open", { type: "button", "data-action": action, "data-filter-of": row.key, title: "Show its records" }, row.title || row.key) : row.title || row.key, row.title && row.title !== row.key ? el("span.sub", null, row.key) : null);
      return el("tr", { "data-key": `${row.key ?? "-"} ${row.key === null ? lines.map(([line]) => line).join() : ""}` },
        el("th", { scope: "row" }, name),
        el("td.lines", null, ...lines.flatMap(([line, value], i) => [i ? " · " : "", `${northstar.statement.lineName(line)} `, money(nano(/** @type {string} */ (value)), line, of)])),
        el("td.num", null, row.count === null ? "—" : records(row.count, of)),
        el("td.num", null, of || !at || amount === null || lines.length !== 1 ? money(amount, row.key === null ? lines[0]?.[0] : "net", of, true)
          : northstar.worked.button(rest(answer, lines[0][0], amount, at, northstar.money.dollars(northstar.money.cents(amount), { plus: true })), `button.why.${amount < 0n ? "loss" : "gain"}`), el("span.meter", { "aria-hidden": "true" }, el(`span.${(amount ?? 0n) < 0n ? "meter-loss" : "meter-gain"}`, { style: { width: `${(Math.abs(height(amount ?? 0n)) / most) * 100}%` } }))));
    });
    const more = answer.rows.length - rows.length;
    return [
      el("div.scroll", { "data-key": "table", tabindex: "0", role: "region", "aria-label": `Breakdown by ${answer.by}` }, el("table.table.breakdown", null,
        el("thead", null, el("tr", null, el("th", { scope: "col" }, NAMES[/** @type {keyof typeof NAMES} */ (answer.by)]), el("th", { scope: "col" }, "Made of"), el("th.num", { scope: "col" }, "Records"), el("th.num", { scope: "col" }, "Net P&L"))),
        el("tbody", null, ...rows),
        el("tfoot", null, el("tr", null, el("th", { scope: "row" }, "All"), el("td", null, ""), el("td.num", null, ""), el("td.num", null, money(nano(answer.net), "net", at, true)))))),
      ...(more > 0 ? [el("button.button.small.more", { "data-key": "more", type: "button", "data-action": "history-more", "data-of": "rows", "data-rest": `and ${more.toLocaleString("en-US")} more` }, `Show ${more.toLocaleString("en-US")} more`)] : []),
    ];
  }

  /** @param {any} told of `/api/pnl/days` @param {(day: string) => string} address @param {string} asOf */
  function days(told, address, asOf) {
    const { el, icon } = northstar.dom;
    const { nano, height } = northstar.money;
    const { sumOf } = northstar.statement;
    const newest = [...told.days].reverse();
    const most = Math.max(1e-9, ...newest.map((day) => Math.abs(height(nano(day.net) ?? 0n))));
    const other = told.days.some((/** @type {any} */ day) => OTHER.some((line) => (nano(day.lines[line] ?? null) ?? 0n) !== 0n));
    const columns = [...COLUMNS, ...(other ? [["Other", OTHER]] : [])];
    const known = asOf ? `&as_of=${encodeURIComponent(asOf)}` : "";
    const cells = (/** @type {any} */ lines, /** @type {string} */ at) => columns.map(([name, names]) => el("td.num", { "data-name": name }, money(sumOf(lines, names), names.length === 1 ? /** @type {string[]} */ (names)[0] : `${/** @type {string} */ (name).toLowerCase()}_total`, at, name === "Trading" || name === "Other")));
    const rows = newest.slice(0, shown.days).map((day) => {
      const net = nano(day.net);
      const at = `day=${day.day}${known}`;
      const restated = day.restated_by && nano(day.restated_by.net) !== 0n ? day.restated_by.net : null;
      return el("tr", { "data-key": day.day },
        el("th", { scope: "row" }, el("a.day-link", { href: address(day.day) }, `${northstar.zone.dayName(day.day)} ${day.day.slice(0, 4)}`),
          ...[FINALITY[/** @type {keyof typeof FINALITY} */ (day.finality)], day.complete ? "" : "incomplete"].filter(Boolean).map((word) => el("span.mark", { title: word === "incomplete" ? `Not known: ${northstar.statement.unknown(day)}` : `May still change: ${northstar.statement.open(day).join(", ") || "the day is not over"}` }, word)),
          restated ? el("span.mark.mark-restated", { title: `Changed by ${northstar.money.exact(nano(restated) ?? 0n, { plus: true })} since it was shown` }, icon("history"), "restated") : null),
        el("td.num", { "data-name": "Fills" }, day.fills ? el("a.day-link", { href: address(day.day), title: "Open the day's records" }, day.fills.toLocaleString("en-US")) : "0"), ...cells(day.lines, at),
        el("td.num.lead", null, money(net, "net", at, true), el("span.meter", { "aria-hidden": "true" }, el(`span.${(net ?? 0n) < 0n ? "meter-loss" : "meter-gain"}`, { style: { width: `${(Math.abs(height(net ?? 0n)) / most) * 100}%` } }))));
    });
    const at = `from=${told.from}&to=${told.to}${known}`;
    const more = newest.length - rows.length;
    return [
      el("div.scroll", { "data-key": "table", tabindex: "0", role: "region", "aria-label": "Days" }, el("table.table.days.stacked", null,
        el("thead", null, el("tr", null, el("th", { scope: "col" }, "Day"), el("th.num", { scope: "col" }, "Fills"), ...columns.map(([name]) => el("th.num", { scope: "col" }, /** @type {string} */ (name))), el("th.num", { scope: "col" }, "Net P&L"))),
        el("tbody", null, ...rows),
        el("tfoot", null, el("tr", null, el("th", { scope: "row" }, `${told.days.length.toLocaleString("en-US")} day${told.days.length === 1 ? "" : "s"}`), el("td.num", { "data-name": "Fills" }, northstar.historyStats.fills(told.days)), ...cells(told.total.lines, at), el("td.num.lead", null, money(nano(told.total.net), "net", at, true)))))),
      northstar.ties.line(northstar.ties.off(told.days, told.total), "the lines of each day are its net, and the days the total", northstar.ties.rounded(told.days, columns.map(([, names]) => /** @type {string[]} */ (names)), told.total)),
      ...(more > 0 ? [el("button.button.small.more", { "data-key": "more", type: "button", "data-action": "history-more", "data-of": "days", "data-rest": `and ${more.toLocaleString("en-US")} more` }, more > 180 ? `Show 180 more of ${more.toLocaleString("en-US")}` : `Show ${more} more`)] : []),
    ];
  }

  /** Show more of a list. @param {"rows" | "days"} of */
  const more = (of) => void (shown[of] += of === "days" ? 180 : 100);
  /** Show as few as at the start. */
  const fewer = () => void Object.assign(shown, { days: SHOWN_DAYS, rows: SHOWN_ROWS });

  northstar.historyTables = { share, rest, breakdown, days, money, more, fewer, NAMES };
}
