/** The company days of a range as a calendar; today as it is live. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  northstar.panels.push({
    id: "embed-calendar",
    /** @param {HTMLElement} root @param {any} view */
    draw(root, { days, live, from, failed, asked }) {
      const { el, grow } = northstar.dom;
      if (!live || !days) return grow(root, [el("p.empty", { "data-key": "empty" }, failed ? "The days could not be read." : "Reading the days…")]);
      const { day, net, complete } = live;
      const before = days.filter((/** @type {any} */ one) => one.day >= from && one.day < day);
      const known = asked.over ? before : [...before, { day, net, complete, restated_by: false }];
      const last = asked.over ? northstar.zone.dayAfter(day, -1) : day;
      const first = !root.querySelector(".heat-grid");
      grow(root, [northstar.heat.calendar({ days: known, first: from, last }, { days: null }, () => "#")]);
      if (first) root.scrollLeft = root.scrollWidth;
    },
  });
}
