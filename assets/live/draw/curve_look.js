/** How the chart of the day looks: its traces, axes and colours. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  function colours() {
    const style = getComputedStyle(document.documentElement);
    return (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  }

  /** @param {string} hex #RRGGBB @param {number} alpha */
  function faded(hex, alpha) {
    const value = parseInt(hex.slice(1), 16);
    return `rgba(${value >> 16},${(value >> 8) & 255},${value & 255},${alpha})`;
  }

  /**
   * All of the chart that a tick does not change; the last three are patterns for what it does.
   * @param {HTMLElement} chart @param {View} view @param {any} line @param {{x: number[], y: (number | null)[]} | null} before the line of the day before
   * @param {{pane: number, negative: boolean, gaps: boolean}} facts the share of the upper pane, the sign of the net, whether something is missing
   */
  function framed(chart, view, line, before, { pane, negative, gaps }) {
    const c = colours();
    const hue = view.troubled ? c("ink3") : negative ? c("loss") : c("gain");
    const lossHue = view.troubled ? c("ink3") : c("loss");
    const [wide, tall] = [chart.clientWidth, chart.clientHeight];
    const narrow = wide < 520;
    const large = document.documentElement.hasAttribute("data-kiosk");
    const font = { family: "Inter, system-ui, sans-serif", size: large ? 16 : 11, color: c("ink3") };
    const stroke = { shape: "linear", simplify: true };
    // Labels always have their place; to look whether they fit would lay the page out once for each.
    const axis = { zeroline: false, fixedrange: true, tickfont: font, ticks: "", automargin: false, ticklabeloverflow: "allow" };
    const money = { ...axis, gridcolor: c("line"), showline: false, side: "right" };
    return {
      data: [
        { type: "scatter", mode: "lines", x: line.x, y: line.ground, line: { ...stroke, width: 0 }, fill: "tozeroy", fillgradient: { type: "vertical", colorscale: [[0, faded(hue, 0)], [1, faded(hue, 0.28)]] }, hoverinfo: "skip" },
        { type: "scatter", mode: "lines", x: line.x, y: line.fallGround, yaxis: "y2", line: { ...stroke, width: 0 }, fill: "tozeroy", fillcolor: faded(lossHue, 0.16), hoverinfo: "skip" },
        { type: "scatter", mode: "lines", name: before?.x.length ? northstar.zone.weekday(view.past.before.day) : "", x: before?.x ?? [], y: before?.y ?? [], line: { ...stroke, width: 1.2, dash: "2px,3px", color: c("ink3") }, connectgaps: false, hovertemplate: "%{y:$,.2f}" },
        { type: "scatter", mode: "lines", name: "Today", x: line.x, y: line.y, line: { ...stroke, width: 1.8, color: hue }, connectgaps: false, hovertemplate: "<b>%{y:$,.2f}</b>" },
        { type: "scatter", mode: "lines", name: "Drawdown", x: line.x, y: line.falls, yaxis: "y2", line: { ...stroke, width: 1.1, color: lossHue }, connectgaps: false, hovertemplate: "%{y:$,.2f}" },
        { type: "scatter", mode: "markers", x: [], y: [], marker: { size: 7, color: hue, line: { width: 2, color: c("s1") } }, hoverinfo: "skip", cliponaxis: false },
        ...(gaps ? [{ type: "scatter", mode: "lines", name: "No data", x: [], y: [], yaxis: "y3", fill: "toself", line: { width: 0 }, fillcolor: "rgba(0,0,0,0)",
          fillpattern: { shape: "/", fgcolor: faded(c("ink3"), 0.45), bgcolor: "rgba(0,0,0,0)", size: 7, solidity: 0.12 }, hoverinfo: "skip" }] : []),
      ],
      layout: {
        width: wide, height: tall, margin: { l: narrow ? 14 : 26, r: large ? 96 : narrow ? 62 : 70, t: 8, b: large ? 32 : 24, autoexpand: false }, font, showlegend: false, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
        hovermode: "x unified", hoverlabel: { bgcolor: c("s2"), bordercolor: c("line2"), font: { ...font, size: 12, color: c("ink") } }, dragmode: false, separators: ".,",
        xaxis: { ...axis, type: "date", showgrid: false, tickformat: "%H:%M", nticks: narrow ? 5 : 9, anchor: "y2", showspikes: true, spikemode: "across", spikecolor: c("line2"), spikethickness: 1, spikedash: "solid", spikesnap: "cursor" },
        yaxis: { ...money, domain: [1 - pane, 1] },
        yaxis2: { ...money, domain: [0, 0.25] },
        ...(gaps ? { yaxis3: { overlaying: "y", domain: [0, 1], range: [0, 1], visible: false, fixedrange: true, tickmode: "auto" } } : {}),
        shapes: [],
        annotations: [],
      },
      zero: { type: "line", xref: "paper", x0: 0, x1: 1, yref: "y", y0: 0, y1: 0, line: { color: c("line2"), width: 1 }, layer: "below" },
      tag: { name: "last", xref: "paper", x: 1, xanchor: "left", yref: "y", yanchor: "middle", showarrow: false, font: { ...font, color: c("s1") }, bgcolor: hue, borderpad: 4, xshift: 2 },
      blank: { yref: "paper", y: 1, yanchor: "top", showarrow: false, font: { ...font, size: 10.5 }, bgcolor: c("s1"), borderpad: 2 },
    };
  }

  northstar.curveLook = { framed };
}
