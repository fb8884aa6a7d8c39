/** Net P&L of the day against the day before, its drawdown below, gaps shown as gaps. A tick extends it. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const MINUTE = 60_000;
  const HOUR = 60 * MINUTE;
  const DAY = 24 * HOUR;
  const RANGES = { "1h": HOUR, "3h": 3 * HOUR, "6h": 6 * HOUR, "1d": null };
  const CONFIG = { displaylogo: false, showSendToCloud: false, plotlyServerURL: "", displayModeBar: false, responsive: false, doubleClick: false };
  const NET_PANE = 0.68;
  /** A gap of less than a minute is named where it takes more than such a part of the time that is shown. */
  const SEEN = 150;
  /** Which of the lines of the figure is the net of today. */
  const TODAY = 3;
  let range = "1d";
  /**
   * What is drawn now: `frame` names all that a tick does not change, `figure` is what Plotly holds.
   * @type {{chart: HTMLElement, past: any, line: any, before: any, frame: string, drawn: string, heard: boolean, figure: {data: any[], layout: any}, watch: MutationObserver, sizes: ResizeObserver} | null}
   */
  let shown = null;

  /** The stretch of time that is shown, in wall clock. @param {View} view */
  function stretch({ snapshot, past, zone, dayZone = zone }) {
    const { today, before } = past;
    const now = Date.parse(/** @type {any} */ (snapshot).as_of);
    const start = northstar.zone.dayStart(today.day, dayZone);
    const back = RANGES[/** @type {keyof typeof RANGES} */ (range)];
    // A day that was not watched from its midnight on, with nothing before it, is shown from where it begins.
    const begins = before?.points.length || !today.points.length ? start : Math.min(today.points[0].at, now - HOUR / 6);
    const from = Math.max(start, begins, back === null ? start : now - back);
    return { from: northstar.zone.wall(from, zone), to: northstar.zone.wall(now, zone), since: from };
  }

  /** Each gap that the server tells, however short, and the longer stretches that are incomplete. @param {View} view */
  const gapsOf = ({ past }) => [...past.today.gaps, ...northstar.course.unsure(past.today.points).filter((/** @type {any} */ gap) => gap.until - gap.since > MINUTE)];

  /** What is said of a gap: to the second where it is short. @param {{since: number, until: number, reason: string}} gap @param {string} zone */
  function saidOf({ since, until, reason }, zone) {
    const { hourMinute, clock } = northstar.zone;
    const time = (/** @type {number} */ at) => (until - since < 2 * MINUTE ? clock(at, zone) : hourMinute(at, zone));
    return `${reason === "incomplete" ? "incomplete" : "no data"} ${time(since)} to ${time(until)}`;
  }

  /** Put what a tick moves into the figure: ranges, labels, the last value and where nothing is known. @param {any} figure @param {View} view @param {any} line */
  function moved(figure, view, line) {
    const { money, zone: zones, axis: { ticks, axisText } } = northstar;
    const { data: [, , before, , , marker, blank], layout } = figure;
    const { from, to, since } = stretch(view);
    const net = money.nano(/** @type {any} */ (view.snapshot).net);
    const last = net === null ? null : money.height(net);

    const seen = [line.extent("y", from, to + 1), northstar.line.extent(before.x, before.y, from, to + 1)].filter((part) => part !== null).flat();
    const known = seen.length && range === "1d" ? [...seen, 0] : seen;
    const [least, most] = known.length ? [Math.min(...known), Math.max(...known)] : [0, 0];
    const span = most - least || Math.max(1, Math.abs(least) * 0.02);
    const [low, high] = [least - span * 0.06, most + span * 0.1];
    const pane = (layout.height - layout.margin.t - layout.margin.b) * NET_PANE;
    // Where nothing is known there is no amount that an axis could be of.
    const values = known.length ? ticks(low, high, Math.max(3, Math.round(pane / 56))) : [];
    const step = values.length > 1 ? values[1] - values[0] : 1;
    const pixels = (/** @type {number} */ value) => ((value - low) / (high - low)) * pane;
    const deep = Math.min(line.extent("falls", from, to + 1)?.[0] ?? -1, -1);
    const fallTicks = line.known ? ticks(deep * 1.12, 0, 2) : [];
    const fallStep = fallTicks.length > 1 ? fallTicks[1] - fallTicks[0] : 1;
    Object.assign(layout.xaxis, { range: [from, to + (to - from) * 0.012], hoverformat: line.view.width < MINUTE && line.timed ? "%H:%M:%S" : "%H:%M" });
    Object.assign(layout.yaxis, { range: [low, high], tickvals: values, ticktext: values.map((/** @type {number} */ value) => (last !== null && Math.abs(pixels(value) - pixels(last)) < layout.font.size + 8 ? "" : axisText(value, step))) });
    Object.assign(layout.yaxis2, { range: [deep * 1.15, Math.abs(deep) * 0.04], tickvals: fallTicks, ticktext: fallTicks.map((/** @type {number} */ value) => axisText(value, fallStep)) });

    const gaps = gapsOf(view).filter((/** @type {any} */ gap) => gap.until > since).map((/** @type {any} */ gap) => ({ ...gap, x: [Math.max(from, zones.wall(gap.since, view.zone)), zones.wall(gap.until, view.zone)] }));
    if (blank) Object.assign(blank, { x: gaps.flatMap((/** @type {any} */ { x: [a, b] }) => [a, a, b, b, null]), y: gaps.flatMap(() => [0, 1, 1, 0, null]) });
    Object.assign(marker, last === null ? { x: [], y: [] } : { x: [to], y: [last] });
    layout.shapes = known.length && low < 0 && high > 0 ? [figure.zero] : [];
    layout.annotations = [
      ...(last === null ? [] : [{ ...figure.tag, y: last, text: `<b>${money.wholeDollars(money.cents(net))}</b>` }]),
      ...gaps.filter((/** @type {any} */ gap) => gap.until - gap.since > MINUTE || gap.x[1] - gap.x[0] > (to - from) / SEEN).map((/** @type {any} */ gap) => ({ ...figure.blank, x: (gap.x[0] + gap.x[1]) / 2, text: saidOf(gap, view.zone) })),
    ];
  }

  /** @param {View} view */
  const negative = ({ snapshot }) => (northstar.money.nano(snapshot?.net) ?? 0n) < 0n;

  /** Give back what Plotly keeps for a chart. */
  function leave() {
    if (!shown) return;
    shown.watch.disconnect();
    shown.sizes.disconnect();
    globalThis.Plotly.purge(shown.chart);
    shown = null;
  }

  /** Begin on a chart. @param {HTMLElement} chart @param {any} line */
  function enter(chart, line) {
    const watch = new MutationObserver(() => chart.isConnected || leave());
    watch.observe(document.body, { childList: true, subtree: true });
    // What stands above or below it may come and go, and no tick need follow.
    const sizes = new ResizeObserver(() => void (shown?.figure.layout && !fits(shown) && requestAnimationFrame(() => northstar.redraw())));
    sizes.observe(chart);
    return { chart, past: null, line, before: null, frame: "", drawn: "", heard: false, figure: { data: /** @type {any[]} */ ([]), layout: null }, watch, sizes };
  }

  /** Whether it is drawn as large as its place. @param {{chart: HTMLElement, figure: {layout: any}}} shown */
  const fits = ({ chart, figure: { layout } }) => layout.width === chart.clientWidth && layout.height === chart.clientHeight;

  /**
   * Draw the chart: from the ground up when its frame is another one, otherwise only moved on, all
   * of it in one go. Nothing is done for a snapshot that it shows already.
   * @param {HTMLElement} chart @param {View} view @returns {any} the line; null when it was drawn before
   */
  function plot(chart, view) {
    const { past, zone, troubled, snapshot } = view;
    if (shown?.chart !== chart) leave();
    shown ??= enter(chart, null);
    const fresh = shown.line?.day !== past.today || (shown.before?.day ?? null) !== past.before;
    const lineOf = (/** @type {any} */ day, shift = 0) => new northstar.line.Line(day, zone, northstar.past.longest(view.everySeconds), shift);
    if (fresh) Object.assign(shown, { line: lineOf(past.today), before: past.before && lineOf(past.before, DAY) });
    const { line } = shown;
    const frame = [range, chart.clientWidth, chart.clientHeight, northstar.theme.look(), troubled, negative(view), past.before?.day, gapsOf(view).length > 0].join(" ");
    // Time that passes while nothing moves is drawn when it is up to half a pixel wide.
    const { from, to } = stretch(view);
    const halfPixel = 2 ** Math.floor(Math.log2(Math.max(1, (to - from) / chart.clientWidth / 2)));
    const drawn = [Math.floor(to / halfPixel), snapshot?.net, past.today.revision, past.today.moves].join(" ");
    const whole = fresh || frame !== shown.frame;
    if (!whole && drawn === shown.drawn) return null;
    for (const one of [line, shown.before]) {
      one?.show(from, to, range === "1d");
      one?.extend();
    }
    if (whole) shown.figure = northstar.curveLook.framed(chart, view, line, shown.before, { pane: NET_PANE, negative: negative(view), gaps: gapsOf(view).length > 0 });
    moved(shown.figure, view, line);
    Object.assign(shown, { past, frame, drawn });
    // Plotly holds these very lists: to redraw costs less than to tell it each change, and shows them together.
    if (!whole) void globalThis.Plotly.redraw(chart);
    else void globalThis.Plotly.react(chart, shown.figure.data, shown.figure.layout, CONFIG);
    if (whole && !shown.heard) {
      shown.heard = true;
      /** @type {any} */ (chart).on("plotly_click", (/** @type {any} */ { points }) => void why(points));
    }
    return line;
  }

  /** Explain the net of the point that was pressed. @param {any[]} pressed */
  async function why(pressed) {
    const today = pressed.find(({ curveNumber }) => curveNumber === TODAY);
    const moment = today && shown?.line.moments[today.pointIndex];
    if (shown && moment) northstar.explain.explain({ figure: "net", asOf: new Date(await shown.past.momentOf(moment)).toISOString() }, { title: "Net P&L" });
  }

  /** Of when the drawdown is: from the beginning of the day to the snapshot that is shown, which counts. @param {View} view */
  function fallOf({ snapshot, zone, dayZone = zone }) {
    const { day, as_of: at } = /** @type {any} */ (snapshot);
    return `from=${new Date(northstar.zone.dayStart(day, dayZone)).toISOString()}&to=${new Date(Date.parse(at) + 1).toISOString()}`;
  }

  /** @param {any} line @param {View} view */
  function spoken(line, view) {
    if (!line.known) return "Net P&L of today; no figures yet.";
    const { nano, cents, wholeDollars } = northstar.money;
    const say = (/** @type {bigint} */ value) => wholeDollars(cents(value));
    const all = view.past.today.points.filter((/** @type {any} */ point) => point.high !== null);
    const least = all.reduce((/** @type {bigint} */ low, /** @type {any} */ point) => (point.low < low ? point.low : low), all[0].low);
    const most = all.reduce((/** @type {bigint} */ high, /** @type {any} */ point) => (point.high > high ? point.high : high), all[0].high);
    const first = view.past.today.points.find((/** @type {any} */ point) => (point.values.net ?? null) !== null).values.net;
    const fall = line.deepest ? ` Largest drawdown ${say(line.deepest.amount)} at ${northstar.zone.hourMinute(line.deepest.at, view.zone)}.` : "";
    return `Net P&L today: from ${say(first)} to ${say(nano(view.snapshot?.net) ?? all.at(-1).values.net ?? most)}, lowest ${say(least)}, highest ${say(most)}.${fall}`;
  }

  northstar.panels.push({
    id: "curve",
    /** @param {HTMLElement} root @param {View} view */
    draw(root, view) {
      const chart = /** @type {HTMLElement | null} */ (root.querySelector(".curve-chart"));
      const { el, grow, set } = northstar.dom;
      const known = view.snapshot && view.past.today?.day === view.snapshot.day;
      if (view.troubled && (view.drawn || (view.snapshot && !known && view.restored)))
        grow(/** @type {Element} */ (root.querySelector(".curve-caption")), ["The course of the day comes when the server answers."]);
      if (!chart || !view.snapshot || !known || chart.clientWidth === 0) return;
      for (const button of root.querySelectorAll("[data-range]")) set(button, "aria-pressed", String(button.getAttribute("data-range") === range));
      const line = plot(chart, view);
      if (!line) return;
      set(chart, "role", "img");
      set(chart, "aria-label", spoken(line, view));
      const before = view.past.before?.points.length ? northstar.zone.weekday(view.past.before.day) : null;
      grow(/** @type {Element} */ (root.querySelector(".curve-legend")), [el(negative(view) ? "span.legend.legend-line.legend-loss" : "span.legend.legend-line", null, "Today"), ...(before ? [el("span.legend.legend-dots", null, before)] : [])]);
      const { deepest } = line;
      grow(/** @type {Element} */ (root.querySelector(".curve-caption")), deepest
        ? ["Drawdown ", el("button.why.loss", { type: "button", "data-explain": "max_drawdown", "data-explain-at": fallOf(view), "aria-haspopup": "dialog" }, `max ${northstar.money.wholeDollars(northstar.money.cents(deepest.amount))}`), ` at ${northstar.zone.hourMinute(deepest.at, view.zone)}`]
        : [line.known ? "No drawdown today" : "Nothing is known of today yet"]);
    },
  });

  northstar.curve = { since: (/** @type {View} */ view) => stretch(view).since };

  northstar.actions.range = (/** @type {HTMLElement} */ element) => {
    range = element.dataset.range ?? "1d";
  };
}
