/** The chart of a range: cumulative net or its candles, the period before, and below what each day was made of. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const CONFIG = { displaylogo: false, showSendToCloud: false, plotlyServerURL: "", displayModeBar: false, responsive: false, doubleClick: false, showTips: false };
  const UPPER = 0.68;
  const DAY = 86_400_000;
  const MOST_BARS = 400;
  const MINUTE = 60_000;
  /** @typedef {{zoom: (from: number, to: number) => void, wider: () => void}} Acts `zoom` asks for a stretch of time, epoch ms; `wider` for a longer one around it */
  /** @type {({chart: HTMLElement} & Acts) | null} */
  let held = null;

  function colours() {
    const style = getComputedStyle(document.documentElement);
    return (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  }

  /** @param {string} hex #RRGGBB @param {number} alpha */
  function faded(hex, alpha) {
    const value = parseInt(hex.slice(1), 16);
    return `rgba(${value >> 16},${(value >> 8) & 255},${value & 255},${alpha})`;
  }

  /** What each day was made of, without what is nothing on all of them; none where the range is not of days, or of too many. @param {any} days @param {any} of @returns {{name: string, hue: string, amounts: (bigint | null)[]}[]} */
  function parts(days, of) {
    if (!of.span.days || !days || days.days.length < 2 || days.days.length > MOST_BARS) return [];
    const { sumOf, GROUPS } = northstar.statement;
    const merged = /** @type {[string, string[], string][]} */ ([["Revenue", ["revenue"], "rev"], ["Trading", ["realised", "unrealised"], "trd"], ["API cost", ["api_cost"], "api"], ["Fees", ["fees"], "fee"], ["Other", ["other_costs", "other_income"], "oth"]]);
    return merged.map(([name, ids, hue]) => {
      const lines = GROUPS.filter((/** @type {any} */ group) => ids.includes(group.id)).flatMap((/** @type {any} */ group) => group.lines);
      return { name, hue, amounts: days.days.map((/** @type {any} */ day) => sumOf(day.lines, lines)) };
    }).filter(({ amounts }) => amounts.some((/** @type {bigint | null} */ amount) => amount));
  }

  /** The same as stacked bars. @param {any} days @param {any} of @param {(name: string) => string} c */
  const stacked = (days, of, c) => parts(days, of).map(({ name, hue, amounts }) => ({
    type: "bar", name, yaxis: "y2", marker: { color: c(hue) }, hovertemplate: "%{y:$,.2f}",
    x: days.days.map((/** @type {any} */ day) => Date.parse(`${day.day}T12:00:00Z`)), y: amounts.map((amount) => (amount === null ? null : northstar.money.height(amount))),
  }));

  /** @param {any} history @param {string} zone @param {(name: string) => string} c */
  function net({ series, state, span, course }, zone, c) {
    const { wall } = northstar.zone;
    const { height } = northstar.money;
    if (state.chart === "candles") {
      const known = series.bars.filter((/** @type {any} */ bar) => bar.close !== null && bar.open !== null && bar.high !== null && bar.low !== null);
      const value = (/** @type {string} */ name) => known.map((/** @type {any} */ bar) => height(bar[name]));
      return [{
        type: "candlestick", name: "Net P&L", x: known.map((/** @type {any} */ bar) => wall(bar.at, zone)), open: value("open"), high: value("high"), low: value("low"), close: value("close"),
        // Rising ones are hollow, so that colour alone does not tell them apart.
        increasing: { line: { color: c("gain"), width: 1.2 }, fillcolor: faded(c("gain"), 0.12) }, decreasing: { line: { color: c("loss"), width: 1.2 }, fillcolor: c("loss") }, whiskerwidth: 0,
      }];
    }
    const line = northstar.series.line(series, zone, { until: span.until, moments: course?.fall.moments });
    const hue = (series.end ?? 0n) < 0n ? c("loss") : c("gain");
    return [
      { type: "scatter", mode: "lines", ...northstar.series.ground(line), line: { width: 0 }, fill: "tozeroy", fillgradient: { type: "vertical", colorscale: [[0, faded(hue, (series.end ?? 0n) < 0n ? 0.28 : 0)], [1, faded(hue, (series.end ?? 0n) < 0n ? 0 : 0.28)]] }, hoverinfo: "skip", showlegend: false },
      { type: "scatter", mode: "lines", name: "Net P&L", x: line.x, y: line.y, connectgaps: false, line: { width: 1.8, color: hue, simplify: true }, hovertemplate: "<b>%{y:$,.2f}</b>" },
      ...end(line, hue, c("s1")),
    ];
  }

  /** Where the line ends, also where what is left of it after a gap is too short to be seen. @param {{x: any[], y: (number | null)[]}} line @param {string} hue @param {string} ring */
  function end({ x, y }, hue, ring) {
    const last = y.findLastIndex((value) => value !== null);
    return last < 0 ? [] : [{ type: "scatter", mode: "markers", x: [x[last]], y: [y[last]], marker: { size: 8, color: hue, line: { width: 2, color: ring } }, cliponaxis: false, hoverinfo: "skip", showlegend: false }];
  }

  /**
   * How the ticks of time are told, so that no two say the same: by the second, the minute, the day or the month.
   * @param {{since: number, until: number}} span @param {number} most how many there may be
   */
  function ticks({ since, until }, most) {
    const length = until - since;
    if (length > 300 * DAY) return { nticks: most, tickformat: "%b %Y" };
    if (length > 2.5 * DAY) return { tickmode: "linear", dtick: Math.ceil(length / DAY / most) * DAY, tick0: Math.floor(since / DAY) * DAY, tickformat: "%d %b" };
    const clock = length > DAY ? "%a %H:%M" : "%H:%M";
    return { nticks: most, tickformatstops: [{ dtickrange: [null, MINUTE - 1], value: `${clock}:%S` }, { dtickrange: [MINUTE, null], value: clock }] };
  }

  /** Where ticks should have been and were not, and the time before the first, drawn as a hatch. @param {any} history @param {string} zone @param {(name: string) => string} c */
  function blanks({ series, span }, zone, c) {
    const { wall } = northstar.zone;
    const first = series.bars.find((/** @type {any} */ bar) => bar.close !== null);
    const gaps = first && first.at > span.since ? [{ since: span.since, until: first.at }, ...series.gaps.filter((/** @type {any} */ gap) => gap.until > first.at)] : series.gaps;
    const shown = gaps.filter((/** @type {any} */ gap) => gap.until - gap.since > (span.until - span.since) / 600);
    if (!shown.length) return [];
    const edges = shown.map((/** @type {any} */ gap) => [wall(Math.max(gap.since, span.since), zone), wall(Math.min(gap.until, span.until), zone)]);
    return [{
      type: "scatter", mode: "lines", name: "No data", x: edges.flatMap(([a, b]) => [a, a, b, b, null]), y: edges.flatMap(() => [0, 1, 1, 0, null]), yaxis: "y3", fill: "toself", line: { width: 0 }, fillcolor: "rgba(0,0,0,0)",
      fillpattern: { shape: "/", fgcolor: faded(c("ink3"), 0.45), bgcolor: "rgba(0,0,0,0)", size: 7, solidity: 0.12 }, hoverinfo: "skip",
    }];
  }

  /**
   * Where the axis of time ends: with the last day, where each day has a bar, and always a little after the last
   * figure, so that no stroke and no bar at the end is cut.
   * @param {any} span @param {boolean} bars @param {string} zone
   */
  function ends({ since, until, days }, bars, zone) {
    const last = days ? Math.max(until, since + DAY / 24) : until;
    const whole = bars && days ? Math.max(last, northstar.zone.dayStart(days.to, zone)) : last;
    return whole + (whole - since) * 0.012;
  }

  /**
   * From when to when the axis of time is. A candle stands in the middle of its width, which is the least distance of
   * two, so that the first and the last need half of that beside them.
   * @param {any} history @param {boolean} bars @param {string} zone @returns {[number, number]}
   */
  function reach({ series, span, state }, bars, zone) {
    const known = state.chart === "candles" ? series.bars.filter((/** @type {any} */ bar) => bar.close !== null) : [];
    const end = ends(span, bars, zone);
    if (!known.length) return [span.since, end];
    const apart = known.slice(1).map((/** @type {any} */ bar, /** @type {number} */ i) => bar.at - known[i].at);
    const half = Math.min(...(apart.length ? apart : [series.step])) / 2;
    return [Math.min(span.since, known[0].at - half), Math.max(end, known.at(-1).at + half)];
  }

  /** @param {HTMLElement} chart @param {any} found what the loader has @param {{zone: string}} view @param {boolean} zooms whether a drag chooses a range */
  function figure(chart, { history, before, days }, { zone }, zooms) {
    const c = colours();
    const { wall } = northstar.zone;
    const { span } = history;
    const [wide, tall] = [chart.clientWidth, chart.clientHeight];
    const narrow = wide < 520;
    const bars = stacked(days, history, c);
    const font = { family: "Inter, system-ui, sans-serif", size: 11, color: c("ink3") };
    // Labels of the time stand a little lower, so that the last of them is not under that of the lowest amount.
    const axis = { zeroline: true, zerolinecolor: c("line2"), tickfont: font, ticks: "", automargin: false, ticklabeloverflow: "allow" };
    const money = { ...axis, fixedrange: true, gridcolor: c("line"), side: "right", tickformat: narrow ? "$~s" : "$,~f", nticks: 6 };
    const shift = span.since - (before?.span.since ?? span.since);
    const previous = before ? northstar.series.line(before.series, zone, { shift, until: before.span.until }) : null;
    return {
      data: [
        ...net(history, zone, c),
        ...(previous?.x.length ? [{ type: "scatter", mode: "lines", name: "Previous period", ...previous, connectgaps: false, line: { width: 1.2, dash: "2px,3px", color: c("ink3") }, hovertemplate: "%{y:$,.2f}" }] : []),
        ...bars, ...blanks(history, zone, c),
      ],
      layout: {
        width: wide, height: tall, margin: { l: narrow ? 16 : 28, r: narrow ? 54 : 70, t: 8, b: 26, autoexpand: false }, font, showlegend: false, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", barmode: "relative", bargap: 0.25,
        hovermode: "x unified", hoverlabel: { bgcolor: c("s2"), bordercolor: c("line2"), font: { ...font, size: 12, color: c("ink") } }, dragmode: zooms ? "zoom" : false, separators: ".,", selectdirection: "h",
        xaxis: { ...axis, ticklabelstandoff: 6, zeroline: false, type: "date", showgrid: false, range: reach(history, bars.length > 0, zone).map((at) => wall(at, zone)), ...ticks(span, narrow ? 4 : 9), rangeslider: { visible: false }, fixedrange: !zooms,
          hoverformat: history.step === "1d" || history.step === "1w" ? "%a %d %b %Y" : "%a %d %b %H:%M:%S", anchor: bars.length ? "y2" : "y" },
        yaxis: { ...money, domain: bars.length ? [1 - UPPER, 1] : [0, 1] },
        ...(bars.length ? { yaxis2: { ...money, domain: [0, 0.26], nticks: 4 } } : {}),
        yaxis3: { overlaying: "y", domain: [0, 1], range: [0, 1], visible: false, fixedrange: true },
      },
    };
  }

  /** @param {any} history @param {string} zone */
  function spoken({ series, span, course }, zone) {
    if (series.end === null) return `Net P&L, ${northstar.range.said(span, zone)}: nothing is known.`;
    const say = (/** @type {bigint} */ amount) => northstar.money.wholeDollars(northstar.money.cents(amount), { plus: true });
    return `Net P&L, ${northstar.range.said(span, zone)}: from $0 to ${say(series.end)} over the range, at most ${say(series.high ?? 0n)}, at least ${say(series.low ?? 0n)}.${course?.fall.amount ? ` Largest drawdown ${say(course.fall.amount)}.` : ""} Days and figures are in the table below.`;
  }

  /** @param {number} at wall clock @param {string} zone */
  const instantOf = (at, zone) => Date.parse(northstar.then.instantOf(new Date(Math.round(at / 1000) * 1000).toISOString().slice(0, 19), zone));

  /**
   * Draw the chart. A drag over it asks for that stretch of time, a double click for a longer one.
   * @param {HTMLElement} chart @param {any} found @param {{zone: string}} view @param {Acts} acts
   */
  function draw(chart, found, view, acts) {
    const { Plotly } = globalThis;
    const made = figure(chart, found, view, matchMedia("(pointer: fine)").matches);
    const fresh = held?.chart !== chart;
    held = { chart, ...acts };
    void Plotly.react(chart, made.data, made.layout, CONFIG);
    chart.setAttribute("role", "img");
    chart.setAttribute("aria-label", spoken(found.history, view.zone));
    if (!fresh) return;
    /** @type {any} */ (chart).on("plotly_relayout", (/** @type {any} */ moved) => {
      const [from, to] = [moved["xaxis.range[0]"], moved["xaxis.range[1]"]];
      if (from === undefined || to === undefined) return;
      const wall = (/** @type {number | string} */ text) => (typeof text === "number" ? text : Date.parse(`${text.replace(" ", "T")}Z`));
      held?.zoom(instantOf(wall(from), view.zone), instantOf(wall(to), view.zone));
    });
    // The browser counts presses as they were made; Plotly counts by when it came to hear of them, which is late where much is drawn.
    chart.addEventListener("mousedown", (event) => event.detail === 2 && event.button === 0 && held?.wider(), true);
    const watch = new MutationObserver(() => {
      if (chart.isConnected) return;
      watch.disconnect();
      Plotly.purge(chart);
      if (held?.chart === chart) held = null;
    });
    watch.observe(document.body, { childList: true, subtree: true });
  }

  northstar.historyChart = { draw, spoken, figure, parts };
}
