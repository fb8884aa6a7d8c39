/** The statement of a company day: as it is known, as it was shown, and what changed it since. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const LINES = ["revenue", "refunds", "processor_fees", "adjustments", "trading_realised", "trading_unrealised", "trading_fees", "api_cost", "operating_cost", "other_income"];
  /** Where a kind of record is listed. */
  const TABS = { fill: "fills", settlement: "settlements", cost: "costs", usage: "costs", anchor: "costs", revenue: "revenue" };
  const QUALITY = { estimated: "Estimated: costs or revenue of the day are still coming in", provisional: "Provisional: a source may still correct it", final: "Final" };

  /**
   * What a line, the net or what of it is realised was restated by, as the server counts it: what was not known, then or now, is
   * nothing, so that the lines are the net here, too. Null where nothing can be said: it was never shown, or is not known and brought nothing.
   * @param {any} day @param {string} figure @returns {bigint | null}
   */
  function changed({ as_seen: seen, restated_by: by, lines, ...day }, figure) {
    if (!seen) return null;
    const of = (/** @type {string | undefined} */ amount) => /** @type {bigint} */ (northstar.money.nano(amount ?? "0"));
    const change = figure === "net" ? of(by?.net) : figure === "net_realised" ? of(by?.net) - of(by?.lines.trading_unrealised) : of(by?.lines[figure]);
    return change === 0n && (figure in lines ? lines[figure] : day[figure]) === null ? null : change;
  }

  /** @param {any} day @param {string} asOf @param {string} at what its figures are explained at */
  function table(day, asOf, at) {
    const { el } = northstar.dom;
    const { nano } = northstar.money;
    const { money } = northstar.historyTables;
    const { lineName } = northstar.statement;
    const seen = day.as_seen;
    const something = (/** @type {string} */ line) => [day.lines[line], seen?.lines[line]].some((value) => value === null || (value !== undefined && nano(value) !== 0n));
    const cells = (/** @type {string} */ name, /** @type {string | null} */ known, /** @type {string | null | undefined} */ shown, /** @type {bigint | null} */ change) => [
      el("td.num.lead", null, money(nano(known), name, at, true)),
      el("td.num", { "data-name": "As shown" }, seen ? money(nano(shown ?? null), name, `at=${seen.seq}`, true) : el("span.quiet", null, "—")),
      el("td.num", { "data-name": "Restated by" }, change ? money(change, null, "", true) : el("span.quiet", null, change === null ? "—" : "no change")),
    ];
    const rows = LINES.filter(something).map((line) => el("tr", { "data-key": line }, el("th", { scope: "row" }, lineName(line)), ...cells(line, day.lines[line], seen?.lines[line], changed(day, line))));
    const sums = [["Net P&L", "net"], ["Of it realised", "net_realised"]].map(([name, figure]) =>
      el("tr", { "data-key": figure }, el("th", { scope: "row" }, name, ...partial(day, figure)), ...cells(figure, day[figure], seen?.[figure], changed(day, figure))));
    return el("div.scroll", { tabindex: "0", role: "region", "aria-label": "Statement of the day" }, el("table.table.statement.stacked", null,
      el("thead", null, el("tr", null, el("th", { scope: "col" }, "Line"), el("th.num", { scope: "col" }, asOf ? "As known then" : "As known now"), el("th.num", { scope: "col" }, "As shown"), el("th.num", { scope: "col" }, "Restated by"))),
      el("tbody", null, ...rows), el("tfoot", null, ...sums)));
  }

  /** Whether its lines are its net, as known and as shown, and why the shown cents may not be. @param {any} day */
  function ties(day) {
    const { ties: { off, rounded, line }, statement: { GROUPS } } = northstar;
    const told = [day, ...(day.as_seen ? [day.as_seen] : [])];
    const rounds = rounded(told, LINES.map((name) => [name])) || rounded([day], GROUPS.map((/** @type {any} */ { lines }) => lines));
    return line(off(told), "the lines are the net", rounds);
  }

  /** The mark of a sum in which something is not known. @param {any} day @param {string} figure */
  function partial(day, figure) {
    if (day.complete || day[figure] === null) return [];
    return [" ", northstar.dom.el("span.mark", { title: `Not known: ${northstar.statement.unknown(day)}` }, "incomplete")];
  }

  /** What else there is to know of a day's figures. @type {Record<string, string>} */
  const FLAGS = {
    opening_estimated: "Opening estimated: nothing was read at midnight",
    no_bid: "A position has no bid, so no price to be valued at",
    from_settlement: "Some fills are known from their settlement alone",
    netting_off: "Kalshi seems not to pay back pairs of YES and NO before they settle (netting off)",
    unattributed_credit: "Other income: cash came that no record explains",
    api_cost_estimated: "API cost estimated: the bill of these hours is still to come",
    unpriced_usage: "Some API usage has no known price",
    priority_usage: "Some API usage is of the priority tier, which a contract bills",
    unclassified: "Some entries are of no known kind",
    unconverted: "Some entries are not in dollars, so in no line",
    pending_revenue: "Some revenue is pending, so not counted",
  };

  /** @param {string} flag */
  const said = (flag) => FLAGS[flag] ?? flag.charAt(0).toUpperCase() + flag.slice(1).replace(/_/g, " ");

  /** What there is to say of a day's figures. @param {any} day @param {string} zone @returns {string[]} */
  function facts(day, zone) {
    const { lineName } = northstar.statement;
    const seen = day.as_seen;
    return [
      QUALITY[/** @type {keyof typeof QUALITY} */ (day.finality)],
      northstar.statement.open(day).length ? `May still change: ${northstar.statement.open(day).join(", ")}` : "",
      day.complete ? "" : `Not known: ${northstar.statement.unknown(day)}`,
      ...day.flags.map(said),
      seen ? `Shown last at ${northstar.zone.clock(seen.as_of, zone)} (snapshot ${seen.seq.toLocaleString("en-US")})` : "Never shown: no snapshot was kept on this day",
    ].filter(Boolean);
  }

  /** What changed the day since it was shown, oldest first. @param {any} day @param {string} zone @param {number} most how many rows are shown */
  function restatements(day, zone, most) {
    const { el } = northstar.dom;
    const { nano } = northstar.money;
    const { money } = northstar.historyTables;
    const { lineName } = northstar.statement;
    if (!day.restatements.length) return [el("p.empty", { "data-key": "none" }, day.as_seen ? "Nothing has changed since it was shown." : "It was never shown, so nothing can have changed.")];
    const rest = day.restatements.length - most;
    const rows = day.restatements.slice(0, most).map((/** @type {any} */ one, /** @type {number} */ i) => el("tr", { "data-key": String(i) },
      el("td", { "data-name": "Known since" }, `${northstar.zone.dayName(northstar.range.dayOf(Date.parse(one.recorded_at), zone))}, ${northstar.zone.hourMinute(one.recorded_at, zone)}`),
      el("th", { scope: "row" }, lineName(one.line), el("span.sub", null, one.reason)),
      el("td", { "data-name": "Record" }, one.record ? el("span", null, el("button.record-open", { type: "button", "data-action": "day-filter", "data-filter-of": one.record.id, "data-tab-of": TABS[/** @type {keyof typeof TABS} */ (one.record.kind)] ?? "revenue", title: "Show the record" }, `${one.record.source} · ${one.record.kind}`), el("span.sub", null, `${one.record.id}${one.record.version === null ? "" : `, version ${one.record.version}`}`)) : el("span.quiet", null, "no single record")),
      el("td.num.lead", null, money(nano(one.amount), null, "", true))));
    return [el("div.scroll", { "data-key": "table", tabindex: "0", role: "region", "aria-label": "Each restatement" }, el("table.table.stacked", null,
      el("thead", null, el("tr", null, ...["Known since", "Line and reason", "Record"].map((name) => el("th", { scope: "col" }, name)), el("th.num", { scope: "col" }, "Amount"))),
      el("tbody", null, ...rows), el("tfoot", null, el("tr", null, el("th", { scope: "row", colspan: "3" }, "Restated by"), el("td.num.lead", null, money(nano(day.restated_by?.net ?? "0"), null, "", true)))))),
      ...(rest > 0 ? [el("button.button.small.more", { "data-key": "more", type: "button", "data-action": "day-changes", "data-rest": `and ${rest.toLocaleString("en-US")} more` }, `Show ${rest.toLocaleString("en-US")} more`)] : [])];
  }

  northstar.dayStatement = { ties, table, changed, partial, facts, restatements };
}
