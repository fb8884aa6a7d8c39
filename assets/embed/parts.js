/** The net with its course, and what costs or revenue are made of: a row a line, with its own course. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** @type {Record<string, [string, string, string][]>} line, name, hue */
  const ROWS = {
    costs: [["api_cost", "API cost", "api"], ["trading_fees", "Fees", "fee"], ["operating_cost", "Other costs", "oth"]],
    revenue: [["revenue", "Revenue", "rev"], ["refunds", "Refunds", "rev"], ["processor_fees", "Processor fees", "fee"], ["adjustments", "Adjustments", "inc"]],
  };

  /**
   * The course of a figure: of today by the minute, of a longer range as it grew day by day.
   * @param {any} view @param {(values: any) => bigint | null} of @param {(day: any) => string | null} told
   */
  function course(view, of, told) {
    if (!northstar.embed.lasting(view.range)) return northstar.spark.chosen(view.past.today?.points ?? []).map((/** @type {any} */ { x, point }) => ({ x, value: of(point.values) }));
    const days = (view.days ?? []).filter((/** @type {any} */ { day }) => day >= view.from && day < view.live.day);
    let level = 0n;
    const levels = [...days.map(told), told(view.live)].map((text) => (level += northstar.money.nano(text) ?? 0n));
    return [0n, ...levels].map((value, i) => ({ x: (i / levels.length) * 200, value }));
  }

  northstar.panels.push({
    id: "embed-net",
    /** @param {HTMLElement} root @param {any} view */
    draw(root, view) {
      if (!view.snapshot) return;
      const values = course(view, (point) => point.net ?? null, (day) => day.net);
      const negative = (northstar.money.nano(view.snapshot.net) ?? 0n) < 0n;
      northstar.dom.grow(root, [northstar.dom.el(`div.embed-spark.${negative ? "hue-loss" : "hue-gain"}`, { "data-key": "net" }, northstar.spark.spark("net", values))]);
    },
  });

  northstar.panels.push({
    id: "embed-parts",
    /** @param {HTMLElement} root @param {any} view */
    draw(root, view) {
      const { snapshot, panel } = view;
      if (!snapshot) return;
      const { el, grow } = northstar.dom;
      const { nano, cents, dollars } = northstar.money;
      const cost = panel === "costs";
      const known = ROWS[panel].filter(([line], i) => i === 0 || nano(snapshot.lines[line]) !== 0n);
      grow(root, [el("ul.embed-rows", { "data-key": "rows" }, ...known.map(([line, name, hue]) => {
        const told = nano(snapshot.lines[line]);
        const amount = told === null ? null : cents(cost ? -told : told);
        const values = course(view, (point) => point[line] ?? null, (day) => day.lines[line]).map(({ x, value }) => ({ x, value: value === null ? null : cost ? -value : value }));
        return el(`li.embed-row.hue-${hue}`, { "data-key": line }, el("span.square", { "aria-hidden": "true" }), el("span.embed-name", null, name), northstar.spark.spark(line, values),
          el("strong", { "data-cents": amount === null ? null : String(amount), "data-good": cost ? "down" : "up" }, amount === null ? "—" : dollars(amount, { plus: !cost })));
      }))]);
    },
  });

  northstar.embed.course = course;
}
