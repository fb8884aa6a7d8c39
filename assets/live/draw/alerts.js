/** What fires, on every page: a count in the top bar, and a line for what is critical. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** What the line says. @param {NonNullable<Snapshot["alerts"]>} alerts @param {View} view */
  function sentence({ critical, worst }, view) {
    const [first] = worst;
    if (!first) return null;
    const more = critical - 1;
    return { name: first.name, text: ` is firing since ${northstar.zone.clock(first.since, view.zone)}${more ? `, and ${more} more ${more === 1 ? "alert is" : "alerts are"} critical` : ""}.` };
  }

  northstar.panels.push({
    id: "alert-count",
    /** @param {HTMLElement} root @param {View} view */
    draw(root, { snapshot }) {
      const { el, icon, grow } = northstar.dom;
      const alerts = snapshot?.alerts;
      if (!alerts?.firing) return grow(root, []);
      const said = `${alerts.firing} ${alerts.firing === 1 ? "alert is" : "alerts are"} firing${alerts.critical ? `, ${alerts.critical} critical` : ""}`;
      grow(root, [el(`a.badge.alert-badge.${alerts.critical ? "badge-loss" : "badge-warn"}`, { "data-key": "count", href: `${northstar.root}alerts`, "data-page": "", title: said, "aria-label": said }, icon("bell"), String(alerts.firing))]);
    },
  });

  northstar.panels.push({
    id: "alert-line",
    /** @param {HTMLElement} root @param {View} view */
    draw(root, view) {
      const { el, icon, grow } = northstar.dom;
      const says = view.snapshot?.alerts ? sentence(view.snapshot.alerts, view) : null;
      grow(root, says ? [el("div.banner.alert-banner", { "data-key": "critical", role: "alert" }, icon("bell"), el("p", null, el("bdi", null, el("strong", null, says.name)), says.text), el("a.button.small", { href: `${northstar.root}alerts`, "data-page": "" }, "See the alerts"))] : []);
    },
  });

  northstar.alertLine = { sentence };
}
