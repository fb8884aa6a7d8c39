/** Net P&L of the day against the day before, its drawdown below, gaps shown as gaps. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const HOUR = 3_600_000;
  const RANGES = { "1h": HOUR, "3h": 3 * HOUR, "6h": 6 * HOUR, "1d": null };
  const CONFIG = { displaylogo: false, showSendToCloud: false, plotlyServerURL: "", displayModeBar: false, responsive: false, doubleClick: false };
  let range = "1d";

  /**
   * Round values for an axis, about `wanted` of them.
   * @param {number} low @param {number} high @param {number} wanted
   */
  function ticks(low, high, wanted) {
    const rough = (high - low) / wanted || 1;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = /** @type {number} */ ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough)) * power;
    const out = [];
    for (let value = Math.ceil(low / step) * step; value <= high + step / 1e6; value += step) out.push(Math.abs(value) < step / 1e6 ? 0 : value);
    return out;
  }

  /** `$1,250`, `−$200`, and with cents where the axis is fine. @param {number} value @param {number} step */
  const axisText = (value, step) =>
    `${value < 0 ? "−" : ""}$${Math.abs(value).toLocaleString("en-US", { minimumFractionDigits: step < 1 ? 2 : 0, maximumFractionDigits: step < 1 ? 2 : 0 })}`;

  function colours() {
    const style = getComputedStyle(document.documentElement);
    return (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  }

  /** @param {string} hex #RRGGBB @param {number} alpha */
  function faded(hex, alpha) {
    const value = parseInt(hex.slice(1), 16);
    return `rgba(${value >> 16},${(value >> 8) & 255},${value & 255},${alpha})`;
  }

  /** @param {View} view */
  function series(view) {
    const { zone, past } = view;
    const { wall } = northstar.zone;
    const { height } = northstar.money;
    const day = past.today;
    const now = Date.parse(/** @type {any} */ (view.snapshot).as_of);
    const start = northstar.zone.dayStart(day.day, zone);
    const back = RANGES[/** @type {keyof typeof RANGES} */ (range)];
    // A day that was not watched from its midnight on, with nothing before it, is shown from where it begins.
    const begins = past.before?.points.length || !day.points.length ? start : Math.min(day.points[0].at, now - HOUR / 6);
    const from = Math.max(start, begins, back === null ? start : now - back);
    const points = northstar.past.broken(day.points, day.gaps, Math.max(150_000, 3500 * view.everySeconds));
    const nets = points.map((/** @type {any} */ point) => point.values.net ?? null);
    const falls = northstar.past.drawdown(nets);
    let deepest = -1;
    falls.forEach((/** @type {bigint | null} */ fall, /** @type {number} */ i) => {
      if (fall !== null && fall < 0n && (deepest < 0 || fall < falls[deepest])) deepest = i;
    });
    const x = points.map((/** @type {any} */ point) => wall(point.at, zone));
    const y = nets.map((/** @type {bigint | null} */ net) => (net === null ? null : height(net)));
    const visible = (/** @type {number} */ at) => at >= wall(from, zone) && at <= wall(now, zone) + 1;
    const before = (past.before?.points ?? []).map((/** @type {any} */ point) => ({ x: wall(point.at, zone) + 86_400_000, y: point.values.net === null ? null : height(point.values.net) })).filter((/** @type {any} */ point) => visible(point.x));
    return {
      x, y, falls: falls.map((/** @type {bigint | null} */ fall) => (fall === null ? null : height(fall))), before, visible,
      from: wall(from, zone), to: wall(now, zone),
      deepest: deepest < 0 ? null : { amount: falls[deepest], at: points[deepest].at },
      gaps: day.gaps.filter((/** @type {any} */ gap) => gap.until - gap.since > 60_000 && gap.until > from),
    };
  }

  /** @param {HTMLElement} chart @param {View} view */
  function plot(chart, view) {
    const { money, zone: zones } = northstar;
    const c = colours();
    const s = series(view);
    const net = money.nano(/** @type {any} */ (view.snapshot).net);
    const troubled = view.troubled;
    const hue = troubled ? c("ink3") : net !== null && net < 0n ? c("loss") : c("gain");
    const lossHue = troubled ? c("ink3") : c("loss");
    const shown = [...s.y.filter((/** @type {any} */ value, /** @type {number} */ i) => value !== null && s.visible(s.x[i])), ...s.before.map((/** @type {any} */ p) => p.y).filter((/** @type {any} */ value) => value !== null)];
    if (range === "1d") shown.push(0);
    const span = Math.max(...shown) - Math.min(...shown) || Math.max(1, Math.abs(shown[0] ?? 1) * 0.02);
    const [low, high] = [Math.min(...shown) - span * 0.06, Math.max(...shown) + span * 0.1];
    const wide = chart.clientWidth;
    const tall = chart.clientHeight;
    const narrow = wide < 520;
    const margin = { l: narrow ? 14 : 26, r: narrow ? 62 : 70, t: 8, b: 24 };
    const inner = tall - margin.t - margin.b;
    const last = net === null ? null : money.height(net);
    const values = ticks(low, high, Math.max(3, Math.round(inner * 0.68 / 56)));
    const step = values.length > 1 ? values[1] - values[0] : 1;
    const pixels = (/** @type {number} */ value) => ((value - low) / (high - low)) * inner * 0.68;
    const labels = values.map((value) => (last !== null && Math.abs(pixels(value) - pixels(last)) < 16 ? "" : axisText(value, step)));
    const fallsShown = s.falls.filter((/** @type {any} */ fall, /** @type {number} */ i) => fall !== null && s.visible(s.x[i]));
    const deep = Math.min(...fallsShown, -1);
    const fallTicks = ticks(deep * 1.12, 0, 2);
    const fallStep = fallTicks.length > 1 ? fallTicks[1] - fallTicks[0] : 1;
    const font = { family: "Inter, system-ui, sans-serif", size: 11, color: c("ink3") };
    const line = { shape: "linear", simplify: true };
    const hoverlabel = { bgcolor: c("s2"), bordercolor: c("line2"), font: { ...font, size: 12, color: c("ink") } };
    const gapX = s.gaps.map((/** @type {any} */ gap) => [Math.max(s.from, zones.wall(gap.since, view.zone)), zones.wall(gap.until, view.zone)]);
    const traces = [
      { type: "scatter", mode: "lines", name: "No data", x: gapX.flatMap((/** @type {number[]} */ [a, b]) => [a, a, b, b, null]), y: gapX.flatMap(() => [0, 1, 1, 0, null]), yaxis: "y3",
        fill: "toself", line: { width: 0 }, fillcolor: "rgba(0,0,0,0)", fillpattern: { shape: "/", fgcolor: faded(c("ink3"), 0.45), bgcolor: "rgba(0,0,0,0)", size: 7, solidity: 0.12 }, hoverinfo: "skip" },
      { type: "scatter", mode: "lines", name: s.before.length ? zones.weekday(view.past.before.day) : "", x: s.before.map((/** @type {any} */ p) => p.x), y: s.before.map((/** @type {any} */ p) => p.y), line: { ...line, width: 1.2, dash: "2px,3px", color: c("ink3") }, connectgaps: false, hovertemplate: "%{y:$,.2f}" },
      { type: "scatter", mode: "lines", name: "Today", x: s.x, y: s.y, line: { ...line, width: 1.8, color: hue }, connectgaps: false,
        fill: "tozeroy", fillgradient: { type: "vertical", colorscale: [[0, faded(hue, 0)], [1, faded(hue, 0.28)]] }, hovertemplate: "<b>%{y:$,.2f}</b>" },
      { type: "scatter", mode: "lines", name: "Drawdown", x: s.x, y: s.falls, yaxis: "y2", line: { ...line, width: 1.1, color: lossHue }, connectgaps: false, fill: "tozeroy", fillcolor: faded(lossHue, 0.16), hovertemplate: "%{y:$,.2f}" },
      { type: "scatter", mode: "markers", x: last === null ? [] : [s.to], y: last === null ? [] : [last], marker: { size: 7, color: hue, line: { width: 2, color: c("s1") } }, hoverinfo: "skip", cliponaxis: false },
    ];
    const grid = { gridcolor: c("line"), zeroline: false, showline: false, side: "right", fixedrange: true, tickfont: font, ticks: "", automargin: false };
    const layout = {
      width: wide, height: tall, margin, font, showlegend: false, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", hovermode: "x unified", hoverlabel, dragmode: false, separators: ".,",
      xaxis: { type: "date", range: [s.from, s.to + (s.to - s.from) * 0.012], showgrid: false, zeroline: false, fixedrange: true, tickformat: "%H:%M", nticks: narrow ? 5 : 9, tickfont: font, ticks: "", hoverformat: "%H:%M:%S", anchor: "y2", showspikes: true, spikemode: "across", spikecolor: c("line2"), spikethickness: 1, spikedash: "solid", spikesnap: "cursor" },
      yaxis: { ...grid, domain: [0.32, 1], range: [low, high], tickvals: values, ticktext: labels },
      yaxis2: { ...grid, domain: [0, 0.25], range: [deep * 1.15, Math.abs(deep) * 0.04], tickvals: fallTicks, ticktext: fallTicks.map((value) => axisText(value, fallStep)) },
      yaxis3: { overlaying: "y", domain: [0, 1], range: [0, 1], visible: false, fixedrange: true, tickmode: "auto" },
      shapes: low < 0 && high > 0 ? [{ type: "line", xref: "paper", x0: 0, x1: 1, yref: "y", y0: 0, y1: 0, line: { color: c("line2"), width: 1 }, layer: "below" }] : [],
      annotations: [
        ...(last === null ? [] : [{ name: "last", xref: "paper", x: 1, xanchor: "left", yref: "y", y: last, yanchor: "middle", showarrow: false, text: `<b>${money.wholeDollars(money.cents(net))}</b>`, font: { ...font, color: c("s1") }, bgcolor: hue, borderpad: 4, xshift: 2 }]),
        ...s.gaps.map((/** @type {any} */ gap, /** @type {number} */ i) => ({ x: (gapX[i][0] + gapX[i][1]) / 2, yref: "paper", y: 1, yanchor: "top", showarrow: false, text: `no data ${zones.hourMinute(gap.since, view.zone)} to ${zones.hourMinute(gap.until, view.zone)}`, font: { ...font, size: 10.5 }, bgcolor: c("s1"), borderpad: 2 })),
      ],
    };
    void globalThis.Plotly.react(chart, traces, layout, CONFIG);
    return s;
  }

  /** @param {ReturnType<typeof series>} s @param {View} view */
  function spoken(s, view) {
    const known = s.y.filter((/** @type {number | null} */ value) => value !== null);
    if (!known.length) return "Net P&L of today; no figures yet.";
    const say = (/** @type {number} */ value) => axisText(Math.round(value), 1);
    const fall = s.deepest ? ` Largest drawdown ${northstar.money.wholeDollars(northstar.money.cents(s.deepest.amount))} at ${northstar.zone.hourMinute(s.deepest.at, view.zone)}.` : "";
    return `Net P&L today: from ${say(known[0])} to ${say(known[known.length - 1])}, lowest ${say(Math.min(...known))}, highest ${say(Math.max(...known))}.${fall}`;
  }

  northstar.panels.push({
    id: "curve",
    /** @param {HTMLElement} root @param {View} view */
    draw(root, view) {
      const chart = /** @type {HTMLElement | null} */ (root.querySelector(".curve-chart"));
      if (!chart || !view.snapshot || !view.past.today || chart.clientWidth === 0) return;
      const { el, grow } = northstar.dom;
      for (const button of root.querySelectorAll("[data-range]")) button.setAttribute("aria-pressed", String(button.getAttribute("data-range") === range));
      const s = plot(chart, view);
      chart.setAttribute("role", "img");
      chart.setAttribute("aria-label", spoken(s, view));
      const before = view.past.before?.points.length ? northstar.zone.weekday(view.past.before.day) : null;
      grow(/** @type {Element} */ (root.querySelector(".curve-legend")), [el((northstar.money.nano(view.snapshot.net) ?? 0n) < 0n ? "span.legend.legend-line.legend-loss" : "span.legend.legend-line", null, "Today"), ...(before ? [el("span.legend.legend-dots", null, before)] : [])]);
      grow(/** @type {Element} */ (root.querySelector(".curve-caption")), s.deepest
        ? ["Drawdown ", el("strong.loss", null, `max ${northstar.money.wholeDollars(northstar.money.cents(s.deepest.amount))}`), ` at ${northstar.zone.hourMinute(s.deepest.at, view.zone)}`]
        : ["No drawdown today"]);
    },
  });

  northstar.actions.range = (/** @type {HTMLElement} */ element) => {
    range = element.dataset.range ?? "1d";
  };

  northstar.curve = { ticks, axisText };
}
