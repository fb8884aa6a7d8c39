/** The place of a panel's chart, and what is left out where there is little room. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** Below this width there is no room for labels beside the line. */
  const NARROW = 400;

  /** Leave room for the line where there is little. @param {any} layout @param {number} width */
  function slim(layout, width) {
    if (width >= NARROW) return layout;
    for (const name of Object.keys(layout).filter((key) => key.startsWith("yaxis"))) layout[name] = { ...layout[name], showticklabels: false };
    layout.margin = { ...layout.margin, l: 16, r: 16 };
    return layout;
  }

  /** The chart's place, anew where it held a chart of the other kind. @param {HTMLElement} root @param {string} kind */
  function place(root, kind) {
    const chart = /** @type {HTMLElement} */ (root.querySelector(".curve-chart"));
    if (chart.dataset.kind === kind) return chart;
    const fresh = document.createElement("div");
    fresh.className = "curve-chart";
    fresh.dataset.kind = kind;
    chart.replaceWith(fresh);
    if (chart.childElementCount) globalThis.Plotly.purge(chart);
    return fresh;
  }

  /** Which of the two panes is shown. */
  const panel = () => document.getElementById("embed")?.dataset.panel ?? "equity";

  Object.assign((northstar.embed ??= {}), { NARROW, slim, place, panel });
}
