/** What a company day came to, as the identity: net = revenue + realised + unrealised − fees − API cost, and other costs and income where there are some. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** The lines whose course is read for the sparklines, and how closely. */
  const FIELDS = ["net", "revenue", "trading_realised", "trading_unrealised", "trading_fees", "api_cost"];
  const STEP = "15m";

  /** Of fewer stretches there is no course to draw, but a stick. */
  const FEWEST = 4;

  /**
   * The ends of the stretches of a day, as a sparkline takes them, from the first to the last; none where hardly an hour of them is known.
   * @param {{rows: any[]} | undefined} course of `/api/pnl/history` @param {string} line @param {boolean} cost
   */
  function values(course, line, cost) {
    const rows = course?.rows ?? [];
    if (rows.filter((/** @type {any} */ row) => (row[line]?.close ?? null) !== null).length < FEWEST) return [];
    const since = Date.parse(rows[0].at);
    const whole = Date.parse(rows[rows.length - 1].at) - since;
    return rows.map((/** @type {any} */ row) => {
      const told = northstar.money.nano(row[line]?.close ?? null);
      return { x: ((Date.parse(row.at) - since) / whole) * 200, value: told !== null && cost ? -told : told };
    });
  }

  /**
   * @param {any} day of `/api/pnl/days` @param {any} before the day before, where it is known and both are over @param {any} course @param {string} at of when a figure is explained
   * @returns {Node[]}
   */
  function bar(day, before, course, at) {
    const { el } = northstar.dom;
    const { kpis, statement, spark, money: { nano, dollars } } = northstar;
    const { net, parts } = statement.read(day);
    const known = before?.complete && day.complete ? before : null;
    const name = known ? northstar.zone.weekday(known.day) : "";
    const moved = known && kpis.change(nano(day.net), nano(known.net), false);
    const gaining = net === null || net >= 0n;
    const how = day.finality === "final" ? "final" : `${day.finality}: may still change`;
    const hero = el(`div.kpi.kpi-hero.${gaining ? "hue-gain" : "hue-loss"}`, { role: "group", "aria-label": "Net P&L", "data-key": "net", ...kpis.explained("net", at) },
      el("div.kpi-label", null, el("span", null, "Net P&L of the day"), day.complete ? null : el("span.pill.pill-warn", null, `incomplete: ${statement.unknown(day)}`)),
      kpis.figure(net === null ? "—" : dollars(net, { plus: true }), net, "net", false, at),
      el("div.kpi-delta", null, moved ? kpis.delta(moved, name) : how),
      moved ? el("div.kpi-note", null, how) : null,
      spark.spark("day-net", values(course, "net", false)));
    return [hero, ...parts.map((/** @type {any} */ part, /** @type {number} */ i) => {
      const cost = part.operator === "−";
      const change = known && kpis.change(part.exact, statement.sumOf(known.lines, part.lines), cost);
      const open = statement.worst(day, part.lines);
      // In the statement below, revenue is a line of its own beside them.
      const of = part.id === "revenue" ? el("span", { title: "Revenue less refunds, processor fees and adjustments: four lines of the statement" }, "net of refunds and fees") : null;
      const sure = part.exact === null ? el("span", null, "not known") : open && open !== "final" ? el("span", { title: "It may still change" }, open) : null;
      return el(`div.kpi.hue-${part.hue}`, { role: "group", "aria-label": part.name, "data-key": part.id, ...kpis.explained(part.id, at) },
        el("span.operator", null, i === 0 ? "=" : part.operator),
        el("div.kpi-label", null, el("span.square", { "aria-hidden": "true" }), el("span", null, part.name)),
        kpis.figure(statement.printed(part), part.shown, part.id, cost, at),
        el("div.kpi-delta", null, change ? kpis.delta(change, name) : null),
        sure || of ? el("div.kpi-note", null, sure, of) : null,
        spark.spark(`day-${part.id}`, values(course, part.lines[0], cost)));
    })];
  }

  northstar.dayIdentity = { bar, values, FIELDS, STEP };
}
