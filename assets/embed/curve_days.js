/** The net over a range of days, or its drawdown; drawn as on the History page. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const CONFIG = { displaylogo: false, showSendToCloud: false, plotlyServerURL: "", displayModeBar: false, responsive: false, doubleClick: false };
  const REREAD_MS = 60_000;
  const ANSWER_MS = 30_000;
  const DAY = 86_400_000;
  const AGAIN_MS = 10_000;
  /** How fine a range of so many days is drawn where nothing else is asked for: name and ms. @type {[number, string, number][]} */
  const STEPS = [[8, "15m", DAY / 96], [62, "1h", DAY / 24], [0, "4h", DAY / 6], [Infinity, "1d", DAY], [0, "1w", 7 * DAY]];

  /** The falls of a series from its highest before, as it was shown, as a line. @param {any} series @param {string} zone */
  function falls(series, zone) {
    /** @type {bigint | null} */
    let peak = null;
    const x = [];
    const y = [];
    for (const { at, fell, ...told } of series.bars) {
      const bar = { at, ...(fell ?? told) };
      if (bar.low === null || bar.high === null || bar.open === null || bar.close === null) continue;
      if (peak === null || bar.open > peak) peak = bar.open;
      const level = bar.low < /** @type {bigint} */ (peak) ? bar.low - /** @type {bigint} */ (peak) : 0n;
      if (bar.high > /** @type {bigint} */ (peak)) peak = bar.high;
      x.push(northstar.zone.wall(bar.at, zone));
      y.push(northstar.money.height(level));
    }
    return { x, y };
  }

  const state = { key: "", readAt: -Infinity, busy: false, history: /** @type {any} */ (null), before: /** @type {any} */ (null), failed: false, drawn: "" };

  /** The days of a stretch as a course. @param {any} view @param {any} span @param {string} step @param {number} ms */
  async function course(view, span, step, ms) {
    const { live, asked } = view;
    const held = view.days.filter((/** @type {any} */ { day }) => day >= span.days.from && day < span.days.to);
    const days = held.map((/** @type {any} */ day) => (day.day === live.day && !asked.over ? { ...day, net: live.net } : day));
    const rows = ms >= DAY ? null : await ask(view, span, step);
    return northstar.known.series(days, rows, step, ms, view.dayZone, Math.min(span.until, view.now));
  }

  /** Read the past of a range of days, and again each minute; the days themselves are there. @param {any} view */
  async function read(view) {
    const { range, live, now, span, asked } = view;
    const key = `${range} ${live.day}`;
    const every = asked.refresh === 0 ? Infinity : Math.max(REREAD_MS, (asked.refresh ?? 0) * 1000);
    if (state.busy || !view.days || (key === state.key && now - state.readAt < (state.failed ? AGAIN_MS : every))) return;
    state.busy = true;
    if (key !== state.key) state.history = state.before = null;
    Object.assign(state, { key, readAt: now });
    try {
      const [, step, ms] = STEPS.find(([most, name]) => (asked.g === "auto" ? span.until - span.since <= most * DAY : name === asked.g)) ?? STEPS[STEPS.length - 1];
      const earlier = view.panel === "equity" && asked.compare === "prev" ? northstar.range.before(span, view.dayZone) : null;
      const [series, past, fall] = await Promise.all([course(view, span, step, ms), earlier && course(view, earlier, step, ms), view.panel === "drawdown" ? fallen(view, span) : null]);
      // Bars do not tell whether their highest or their lowest came first: the server looks at every snapshot.
      if (fall !== null) series.fall = { amount: fall, at: series.fall?.at ?? span.since };
      state.history = { span, step, state: { chart: "area" }, series, course: { fall: series.fall ?? { amount: 0n } } };
      state.before = past?.bars.length ? { span: earlier, series: past } : null;
      state.failed = false;
      northstar.embed.long = series;
    } catch {
      state.failed = true; // what was read before stays; a later snapshot asks again
    } finally {
      state.busy = false;
      northstar.redraw?.();
    }
  }

  /** How far the net fell over the days of a range, by every snapshot of them; null where nothing is known. @param {any} view @param {any} span */
  async function fallen({ panel }, span) {
    const answer = await northstar.embed.fetch(`${northstar.embed.base}${panel}/days?${new URLSearchParams(span.days)}`, { signal: AbortSignal.timeout(ANSWER_MS) });
    if (!answer.ok) throw new Error(`the days answered ${answer.status}`);
    return northstar.money.nano((await answer.json()).drawdown ?? null);
  }

  /** @param {any} view @param {{since: number, until: number}} span @param {string} step */
  async function ask({ panel }, span, step) {
    const query = new URLSearchParams({ from: new Date(span.since).toISOString(), to: new Date(span.until).toISOString(), step, fields: "net", limit: "3000" });
    const answer = await northstar.embed.fetch(`${northstar.embed.base}${panel}/history?${query}`, { signal: AbortSignal.timeout(ANSWER_MS) });
    if (!answer.ok) throw new Error(`the history answered ${answer.status}`);
    return answer.json();
  }

  /** @param {HTMLElement} chart @param {any} view */
  function figure(chart, view) {
    const { history } = state;
    const made = northstar.historyChart.figure(chart, { history, before: state.before, days: null }, view, false);
    northstar.embed.slim(made.layout, chart.clientWidth);
    if (view.panel === "equity") return made;
    const hue = getComputedStyle(document.documentElement).getPropertyValue("--loss").trim();
    const line = falls(history.series, view.zone);
    return { ...made, data: [{ type: "scatter", mode: "lines", name: "Drawdown", ...line, fill: "tozeroy", fillcolor: `${hue}29`, line: { width: 1.2, color: hue, simplify: true }, hovertemplate: "%{y:$,.2f}" }] };
  }

  /** @param {HTMLElement} chart @param {any} view */
  function long(chart, view) {
    void read(view);
    if (!state.history || chart.clientWidth === 0) return;
    const drawn = [state.key, state.readAt, chart.clientWidth, chart.clientHeight, document.documentElement.dataset.theme].join(" ");
    if (drawn === state.drawn && chart.childElementCount) return;
    state.drawn = drawn;
    const made = figure(chart, view);
    void globalThis.Plotly.react(chart, made.data, made.layout, CONFIG);
    chart.setAttribute("role", "img");
    chart.setAttribute("aria-label", northstar.historyChart.spoken(state.history, view.zone).replace(" Days and figures are in the table below.", ""));
  }

  northstar.panels.push({
    id: "curve",
    /** @param {HTMLElement} root @param {any} view */
    draw(root, view) {
      if (northstar.embed.lasting(view.range) && view.live) long(northstar.embed.place(root, "days"), view);
    },
  });

  northstar.embed.falls = falls;
}
