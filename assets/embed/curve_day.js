/** One pane of the chart of today: the net, or its drawdown. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** Leave of the two panes the one that this panel shows. @param {any} figure what curveLook.framed gives @param {string} panel @param {number} width */
  function alone(figure, panel, width) {
    const upper = panel !== "drawdown";
    for (const trace of figure.data) if (trace.yaxis !== "y3" && (trace.yaxis === "y2") === upper) trace.visible = false;
    const { layout } = figure;
    const hidden = { visible: false, showgrid: false };
    layout.yaxis = { ...layout.yaxis, domain: [0, 1], ...(upper ? {} : hidden) };
    layout.yaxis2 = { ...layout.yaxis2, domain: [0, 1], ...(upper ? { ...hidden, overlaying: "y" } : {}) };
    layout.xaxis = { ...layout.xaxis, anchor: upper ? "y" : "y2" };
    if (!upper || width < northstar.embed.NARROW) figure.tag = { ...figure.tag, visible: false };
    if (!upper) figure.zero = { ...figure.zero, visible: false };
    northstar.embed.slim(layout, width);
    return figure;
  }

  const { framed } = northstar.curveLook;
  northstar.curveLook.framed = (/** @type {HTMLElement} */ chart, /** @type {any[]} */ ...more) => alone(framed(chart, ...more), northstar.embed.panel(), chart.clientWidth);

  const short = northstar.panels.find((/** @type {any} */ panel) => panel.id === "curve");
  const { draw } = short;
  short.draw = (/** @type {HTMLElement} */ root, /** @type {any} */ view) => {
    if (northstar.embed.lasting(view.range)) return;
    northstar.embed.place(root, "day");
    northstar.actions.range({ dataset: { range: view.range } });
    draw(root, view.asked.compare === "none" ? { ...view, past: Object.create(view.past, { before: { value: null } }) } : view);
  };

  northstar.embed.alone = alone;
}
