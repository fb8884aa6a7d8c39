/** The last half year as a calendar: a square a day, deeper the more it brought or cost. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const NAMES = ["Mon", "", "Wed", "", "Fri", "", "Sun"];

  /** How deep each day is coloured, in percent: by rank among the amounts of its sign, so that one large day does not bleach the rest, and those that read alike look alike. @param {bigint[]} sizes cents, each once @param {bigint} size */
  function depth(sizes, size) {
    const below = sizes.filter((other) => other < size).length;
    return 14 + Math.round((76 * (below + 1)) / Math.max(1, sizes.length));
  }

  /** A day's result as it is printed, in cents; null where it is not known. @param {any} day */
  function shown(day) {
    const net = northstar.money.nano(day?.net ?? null);
    return net === null ? null : northstar.money.cents(net);
  }

  /** The sizes of results of one sign, each once. @param {any[]} days @param {bigint} sign 1 or −1 @returns {bigint[]} cents */
  const sized = (days, sign) => [...new Set(days.map((day) => (shown(day) ?? 0n) * sign).filter((size) => size > 0n))];

  /** Days since Monday. @param {string} day */
  const weekday = (day) => (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;

  /** @param {any} heat @param {{days: {from: string, to: string} | null}} span @param {(day: string) => string} address */
  function calendar(heat, span, address) {
    const { el } = northstar.dom;
    const { dollars } = northstar.money;
    const { dayAfter, dayName } = northstar.zone;
    const byDay = new Map(heat.days.map((/** @type {any} */ day) => [day.day, day]));
    const [gains, losses] = [sized(heat.days, 1n), sized(heat.days, -1n)];
    const start = dayAfter(heat.first, -weekday(heat.first));
    const reachable = heat.days.findLast((/** @type {any} */ day) => shown(day) !== null)?.day;
    const cells = [];
    const months = [];
    let column = 2;
    for (let week = start; week <= heat.last; week = dayAfter(week, 7), column += 1) {
      if (week.slice(8) <= "07") months.push(el("span.heat-month", { style: { "grid-column": column, "grid-row": 1 } }, northstar.range.MONTHS[Number(week.slice(5, 7)) - 1]));
      for (let i = 0; i < 7; i += 1) {
        const day = dayAfter(week, i);
        if (day < heat.first || day > heat.last) continue;
        const place = { "grid-column": column, "grid-row": i + 2 };
        const known = byDay.get(day);
        const net = shown(known);
        if (net === null) {
          cells.push(el("span.heat-day.heat-none", { style: place, title: `${dayName(day)}: no figures` }));
          continue;
        }
        const size = net < 0n ? -net : net;
        const marks = [known.complete ? null : "incomplete", known.restated_by ? "restated" : null].filter(Boolean);
        const said = `${dayName(day)} ${day.slice(0, 4)}: ${dollars(net, { plus: true })}${marks.length ? `, ${marks.join(", ")}` : ""}`;
        const inside = !span.days || (day >= span.days.from && day < span.days.to);
        cells.push(el(`a.heat-day${net < 0n ? ".heat-loss" : net > 0n ? ".heat-gain" : ""}${inside ? "" : ".heat-outside"}`, {
          "data-key": day, href: address(day), "aria-label": said, title: said, tabindex: day === reachable ? "0" : "-1", style: { ...place, "--depth": `${size ? depth(net < 0n ? losses : gains, size) : 0}%` },
        }));
      }
    }
    const names = NAMES.map((name, i) => el("span.heat-name", { "aria-hidden": "true", style: { "grid-column": 1, "grid-row": i + 2 } }, name));
    return el("div.heat-grid", { role: "group", "aria-label": "Daily result; arrow keys move between days" }, ...months, ...names, ...cells);
  }

  /** What the squares mean. */
  function legend() {
    const { el } = northstar.dom;
    const square = (/** @type {string} */ look, depth_ = 0) => el(`span.heat-day${look}`, { style: { "--depth": `${depth_}%` } });
    return el("p.heat-legend", { "data-key": "legend" },
      el("span", null, "Loss"), ...[90, 52, 14].map((size) => square(".heat-loss", size)), ...[14, 52, 90].map((size) => square(".heat-gain", size)), el("span", null, "Gain"),
      el("span.heat-key", null, square(".heat-none"), "No figures"), el("span.heat-key", null, square(".heat-gain.heat-outside", 52), "Outside the range"));
  }

  northstar.heat = { calendar, legend, depth, sized };
}
