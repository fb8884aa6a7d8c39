/** The history page: a range of time, what it brought, and what it was made of; its address says all of it. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const SETTLE_MS = 250;
  const SLOWEST_MS = 60_000;
  /** What is read again where one thing alone is changed. @type {Record<string, string[] | undefined>} */
  const PARTS_OF = { by: ["breakdown"], chart: ["history", "before"] };
  /** @type {{state: any, loader: any, view: any, root: HTMLElement | null, drawn: string, begun: "no" | "asked" | "yes", key: string, trouble: string}} */
  const page = { state: null, loader: null, view: null, root: null, drawn: "", begun: "no", key: "", trouble: "" };

  const written = (/** @type {any} */ state) => northstar.address.written(state, location.search);
  const address = (/** @type {string} */ day) => `${northstar.root}history/day/${day}${page.state.asOf ? `?as_of=${encodeURIComponent(page.state.asOf)}` : ""}`;
  const here = () => location.pathname === `${northstar.root}history`;

  /** Take over the state that the address says, but for an instant to come: that is left out of both, and told. */
  function readAddress() {
    const { zone, now } = page.view;
    const state = northstar.address.read(location.search);
    const ahead = northstar.address.ahead(state, now, zone);
    page.state = ahead ? { ...state, asOf: "", wrong: [...state.wrong, ahead] } : state;
    if (ahead) history.replaceState(history.state, "", `${location.pathname}${written(page.state)}`);
  }

  /** The end of what is known on the page: now, or the instant as known at which it is shown. */
  const latest = () => (page.state.asOf ? Math.min(northstar.pastNotice.instantOf(page.state.asOf, page.view.zone), page.view.now) : page.view.now);

  /** The range that is shown; null when it cannot be told. @param {any} view */
  function spanOf({ zone }) {
    const { state, loader } = page;
    const at = latest();
    if (Number.isNaN(at)) {
      page.trouble = `as_of “${state.asOf}” is no instant: write one such as 2026-11-20T19:32:10Z.`;
      return null;
    }
    if (state.range !== "") return northstar.range.preset(state.range, at, zone, loader.first);
    const told = northstar.range.typed(state.from, state.to, at, zone);
    page.trouble = told.wrong ?? "";
    return told.span ?? null;
  }

  /** The step that a state is shown by. @param {any} state @param {any} span */
  const stepOf = (state, span) => northstar.address.step(state.step, span, page.view.everySeconds, state.chart);

  /** Read the range again: because it is another one, or because time has gone on. @param {boolean} anew @param {string[]} [only] the parts that are read */
  function load(anew, only) {
    const { view, loader } = page;
    if (!view) return;
    page.trouble = "";
    const span = spanOf(view);
    if (!span) return redraw();
    if (anew) fit(span);
    const { state } = page;
    const step = stepOf(state, span);
    page.key = `${written(state)} ${step}`;
    northstar.address.remember(state);
    loader.load(span, state, step, anew, only);
    redraw();
  }

  /** Leave out of the address what is not shown of it, times more than a week apart and a step that does not fit the range, and say so. @param {any} span */
  function fit(span) {
    const { state, view } = page;
    const days = northstar.address.snapped(state, span, view.zone);
    const step = northstar.address.unfit(state.step, span, view.everySeconds, state.chart);
    if (!days && !step) return;
    page.state = { ...state, ...(days ? northstar.range.text(span, view.zone, latest()) : {}), ...(step ? { step: "auto" } : {}), wrong: [...state.wrong, days, step].filter(Boolean) };
    history.replaceState(history.state, "", `${location.pathname}${written(page.state)}`);
  }

  function redraw() {
    if (page.root?.isConnected && page.view) draw(page.root, page.view);
  }

  /** Another state: it goes into the address, and what it asks for is read. @param {object} change @param {boolean} [instead] whether it takes the place of the state before in the browser's history */
  function change(change_, instead = false) {
    const before = page.state;
    page.state = { ...before, wrong: [], ...change_ };
    const url = `${location.pathname}${written(page.state)}`;
    if (instead) history.replaceState(history.state, "", url);
    else history.pushState(history.state, "", url);
    const span = spanOf(page.view);
    if (Object.keys(change_).every((name) => name === "chart") && (!span || stepOf(before, span) === stepOf(page.state, span))) {
      for (const found of [page.loader.found.history]) if (found) found.state = page.state;
      return redraw();
    }
    northstar.historyTables.fewer();
    load(true, PARTS_OF[Object.keys(change_).join()]);
  }

  /** The address of what is shown, pinned to its stretch of time: a link shows that stretch again, whenever it is opened. */
  function link() {
    const address = new URL(location.href);
    const span = here() && page.root?.isConnected ? page.loader?.found.history?.span ?? (page.view && spanOf(page.view)) : null;
    if (!span) return address;
    address.searchParams.delete("range");
    for (const [name, value] of Object.entries(northstar.range.pinned(span, page.view.zone))) address.searchParams.set(name, value);
    return address;
  }

  /** The whole company days that a stretch of time touches, as a change of the state. @param {number} since @param {number} until */
  function wholeDays(since, until) {
    const { zone, now } = page.view;
    const { dayOf, ofDays, text } = northstar.range;
    const days = ofDays(dayOf(since, zone), northstar.zone.dayAfter(dayOf(Math.min(until, now) - 1, zone)), zone, now);
    return { range: "", ...text(days, zone, now) };
  }

  /** Show whole days in the place of hours of which no snapshots are kept, where days tell of them, and say so. Whether that is so. */
  function snapped() {
    const { history: found, days } = page.loader.found;
    if (!found?.bare || !page.root?.isConnected || !here() || !days?.days.some((/** @type {any} */ { net }) => net !== null)) return false;
    const told = `No snapshots are kept of ${northstar.range.said(found.span, page.view.zone)}: the whole days are shown.`;
    page.state = { ...page.state, ...wholeDays(found.span.since, found.span.until), wrong: [...page.state.wrong, told] };
    history.replaceState(history.state, "", `${location.pathname}${written(page.state)}`);
    load(true);
    return true;
  }

  let waiting = /** @type {any} */ (0);
  /** A stretch of the chart was chosen. @param {number} from @param {number} to */
  function zoom(from, to) {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const { zone, now, everySeconds } = page.view;
      const least = 30 * everySeconds * 1000;
      const middle = (from + to) / 2;
      const [begin, end] = to - from < least ? [middle - least / 2, middle + least / 2] : [from, to];
      const text = (/** @type {number} */ at) => northstar.then.wallOf(Math.min(at, now), zone).replace("T", " ");
      const touched = (page.loader.found.days?.days ?? []).filter((/** @type {any} */ day) => Date.parse(day.start) < end && Date.parse(day.end) > begin);
      // What was not watched is known by the day alone, and more than a week is of whole days.
      if (end - begin > northstar.range.LONGEST_FREE || touched.length && touched.every((/** @type {any} */ day) => day.as_seen === null)) return change(wholeDays(begin, end));
      change({ range: "", from: text(begin), to: end >= now ? "now" : text(end) });
    }, SETTLE_MS);
  }

  /** @param {-1 | 1} way in, or out @param {any} span */
  function scale(way, span) {
    const length = span.until - span.since;
    if (way > 0) return zoom(span.since - length / 2, span.until + length / 2);
    const middle = northstar.series.nearest(page.loader.found.history?.series.bars ?? [], (span.since + span.until) / 2, length / 4);
    zoom(middle - length / 4, middle + length / 4);
  }

  /** The period of the same length before or after. @param {-1 | 1} way */
  function turn(way) {
    const { zone } = page.view;
    const span = spanOf(page.view);
    const next = span && (way < 0 ? northstar.range.before(span, zone) : northstar.range.after(span, zone, latest()));
    if (next) change({ range: "", ...northstar.range.text(next, zone, latest()) });
  }

  /** @param {HTMLElement} root @param {any} view */
  function begin(root, view) {
    page.root = root;
    page.view = view;
    readAddress();
    page.loader?.stop();
    page.loader = new northstar.historyLoad.Loader({ root: northstar.root, zone: view.zone, everySeconds: view.everySeconds, read: northstar.explainApi.read, changed: () => void (snapped() || redraw()) });
    page.begun = "asked";
    page.drawn = "";
    const go = () => {
      page.begun = "yes";
      load(true);
    };
    // How far back all of it goes is asked for where the range needs it.
    if (page.state.range !== "all") go();
    void page.loader.begin().then(() => (page.begun === "asked" || page.state.range === "all" ? go() : undefined), () => (page.begun === "asked" ? go() : undefined));
  }

  /** What the figures of the range are explained at: as known when they were read, where today is among its days. @param {any} part */
  const at = ({ from, to, pin }) => `from=${from}&to=${to}${page.state.asOf || pin ? `&as_of=${encodeURIComponent(page.state.asOf || pin)}` : ""}`;

  /** The same of the time before, which is over. @param {any} before */
  const ofBefore = (before) => (!before ? "" : before.span.days ? at({ ...before.span.days, pin: null }) : `from=${new Date(before.span.since).toISOString()}&to=${new Date(before.span.until).toISOString()}`);

  /** What the figures of a range of hours are explained at: the two instants that they are counted between. @param {any} history */
  const between = (history) => (history?.range ? `from=${history.range.from}&to=${history.range.to}` : "");

  /** A part of the page: its content, that it is being read, or why it could not be. @param {string} name @param {(found: any) => (Node | string)[]} content */
  function part(name, content) {
    const { el } = northstar.dom;
    const { found, wrong, asked } = page.loader;
    if (found[name]) return content(found[name]);
    if (wrong[name]) return [el("div.empty", { "data-key": "wrong", role: "alert" }, `This could not be read: ${wrong[name]} `, el("button.button.small", { type: "button", "data-action": "history-retry" }, "Try again"))];
    return [el("p.empty", { "data-key": "reading" }, asked.has(name) || !page.trouble ? "Reading…" : "Choose another range.")];
  }

  /** @param {HTMLElement} root @param {any} view */
  function draw(root, view) {
    const { el, grow, set } = northstar.dom;
    const { state, loader } = page;
    const { found } = loader;
    const { historyTables: tables, historyStats, historyChart, historyFilters, range } = northstar;
    const span = spanOf(view);
    const step = span ? stepOf(state, span) : "";
    const of = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (root.querySelector(selector));
    set(root, "aria-busy", String(loader.asked.size > 0));
    grow(of(".history-said"), [span ? `${range.said(span, view.zone)} · times in ${northstar.zone.name(span.until - 1, view.zone)}` : "No range"]);
    const banner = page.trouble
      ? [el("div.banner", { "data-key": "trouble", role: "alert" }, northstar.dom.icon("triangle-alert"), el("p", null, el("strong", null, "There is nothing to show. "), page.trouble), el("button.button", { type: "button", "data-action": "history-usual" }, "Last 30 days"))]
      : state.asOf ? [el("div.banner.banner-quiet", { "data-key": "past" }, northstar.dom.icon("history"), el("p", null, el("strong", { title: state.asOf }, `As known at ${northstar.pastNotice.said(state.asOf, view.zone)}. `), "What became known later is left out."), el("button.button.small", { type: "button", "data-action": "history-now" }, "As known now"))] : [];
    if (state.wrong.length) banner.push(northstar.address.notTaken(state.wrong, "history-right"));
    grow(of(".history-banner"), banner);
    const row = of(".history-filters");
    if (!row.contains(document.activeElement) || document.activeElement?.tagName !== "SELECT") grow(row, historyFilters.row(state, span, step, view.everySeconds));
    historyFilters.bringIntoView(row);
    const days = found.days;
    if (days) {
      const menu = of("[data-export-menu]");
      for (const [name, value] of [["data-from", days.from], ["data-to", days.to], ["data-step", step]]) set(menu, name, value);
    }
    grow(of(".history-stats"), Object.keys(loader.wrong).some((name) => ["history", "days"].includes(name)) || (page.trouble && !found.history) ? part(loader.wrong.days ? "days" : "history", () => []) : historyStats.strip(found, days && span?.days ? at(days) : between(found.history), view.zone, ofBefore(found.before)));
    chart(root, view);
    grow(of(".history-heat"), part("heat", (heat) => [northstar.heat.calendar(heat, span ?? { days: null }, address), northstar.heat.legend()]));
    grow(of(".history-drove"), part("drove", (drove) => (drove.rows.length ? [northstar.drove.bars(drove.rows, at(drove))] : [el("p.empty", null, "Nothing in this range.")])));
    grow(of(".history-breakdown"), part("breakdown", (answer) => (answer.rows.length ? tables.breakdown(answer, at(answer)) : [el("p.empty", null, "Nothing in this range.")])));
    grow(of(".history-days"), part("days", (told) => (told.days.length ? tables.days(told, address, state.asOf || told.pin) : [el("p.empty", null, "No company days are kept in this range.")])));
    const whole = span && !span.days && days ? `Whole days: ${range.said({ ...span, days: { from: days.from, to: days.to } }, view.zone)}` : "";
    grow(of(".history-whole"), [whole]);
    grow(of(".history-made"), [whole || "What the net is made of"]);
    grow(of(".history-note"), span && !span.days && days ? ["The days that the range touches, whole"] : ["A day opens into its fills, costs and revenue"]);
  }

  /** @param {HTMLElement} root @param {any} view */
  function chart(root, view) {
    const { el, grow, set } = northstar.dom;
    const place = /** @type {HTMLElement} */ (root.querySelector(".history-chart"));
    const message = /** @type {HTMLElement} */ (root.querySelector(".history-chart-said"));
    const { found, wrong } = page.loader;
    const { history } = found;
    for (const button of root.querySelectorAll("[data-chart]")) set(button, "aria-pressed", String(button.getAttribute("data-chart") === page.state.chart));
    const empty = history && !history.series.bars.some((/** @type {any} */ bar) => bar.close !== null);
    grow(message, wrong.history || !history ? part("history", () => []) : empty ? [el("p.empty", null, history.series.bars.length ? "No snapshot of this range knows the net: no source had told anything." : "No snapshots are kept in this range.")] : []);
    place.toggleAttribute("hidden", !history || empty);
    if (!history || empty || place.clientWidth === 0) return;
    const drawn = [page.key, page.loader.at, page.state.chart, Boolean(found.before), Boolean(found.days), place.clientWidth, place.clientHeight, northstar.theme.look()].join(" ");
    if (drawn === page.drawn && place.childElementCount) return;
    page.drawn = drawn;
    historyLegend(root, found);
    northstar.historyChart.draw(place, found, view, { zoom, wider: () => northstar.actions["history-zoom"](place) });
  }

  /** @param {HTMLElement} root @param {any} found */
  function historyLegend(root, { history, before, days }) {
    const { el, grow } = northstar.dom;
    const missed = history.series.gaps.length;
    grow(/** @type {Element} */ (root.querySelector(".history-legend")), [
      ...northstar.historyChart.parts(days, history).map((/** @type {{name: string, hue: string}} */ { name, hue }) => el("span.history-key", { "data-key": name }, el(`span.square.hue-${hue}`, { "aria-hidden": "true" }), name)),
      ...(before ? [el("span.legend.legend-dots", { "data-key": "before" }, "Previous period")] : []),
      ...(missed ? [el("span.history-key", { "data-key": "gaps", title: "Ticks that should have been and were not" }, `${missed} gap${missed === 1 ? "" : "s"}`)] : []),
    ]);
  }

  (northstar.panels ??= []).push({
    id: "history",
    /** @param {HTMLElement} root @param {any} view */
    draw(root, view) {
      page.view = view;
      if (!here()) return;
      if (page.root !== root) return begin(root, view);
      const { span, step } = page.loader.found.history ?? {};
      const due = span?.moving && !page.state.asOf && !view.paused && Date.now() - page.loader.at > Math.min(SLOWEST_MS, Math.max(view.everySeconds * 1000, northstar.address.length(step, view.everySeconds) / 4));
      if (due && page.loader.asked.size === 0 && view.connection.kind !== "offline") load(false);
      else draw(root, view);
    },
  });

  Object.assign((northstar.actions ??= {}), {
    "history-preset": (/** @type {HTMLElement} */ button) => {
      /** @type {HTMLElement | null} */ (document.getElementById("popover"))?.hidePopover?.();
      change({ range: button.dataset.range, from: "", to: "" });
    },
    "history-range": (/** @type {HTMLElement} */ button) => northstar.historyFilters.picker(button, page.state, spanOf(page.view), page.view, change),
    "history-chart": (/** @type {HTMLElement} */ button) => change({ chart: button.dataset.chart }),
    "history-zoom": (/** @type {HTMLElement} */ button) => {
      const span = spanOf(page.view);
      if (span) scale(button.dataset.way === "in" ? -1 : 1, span);
    },
    "history-turn": (/** @type {HTMLElement} */ button) => turn(button.dataset.way === "before" ? -1 : 1),
    "history-more": (/** @type {HTMLElement} */ button) => {
      northstar.historyTables.more(button.dataset.of);
      redraw();
    },
    "history-usual": () => change({ ...northstar.address.USUAL }),
    "history-retry": () => load(true, Object.keys(page.loader.wrong)),
    "history-right": () => {
      page.state = { ...page.state, wrong: [] };
      history.replaceState(history.state, "", `${location.pathname}${written(page.state)}`);
      redraw();
    },
    "history-now": () => change({ asOf: "" }),
    "history-copy": async (/** @type {HTMLElement} */ button) => {
      const said = button.querySelector("span:last-child");
      if (!(await northstar.panelMenu.copied(link().href))) return;
      if (said) said.textContent = "Copied";
      setTimeout(() => said && (said.textContent = "Copy link"), 2000);
    },
  });

  if (typeof document !== "undefined") {
    document.addEventListener("change", (event) => {
      const select = /** @type {HTMLSelectElement} */ (event.target);
      if (select.dataset?.history) change({ [select.dataset.history]: select.value });
    });
    document.addEventListener("keydown", (event) => northstar.dayKeys.move(event));
    document.addEventListener("pnl:period", (event) => void (page.root?.isConnected && page.view && here() && turn(/** @type {CustomEvent} */ (event).detail)));
    addEventListener("popstate", (event) => {
      if (northstar.explain.isOwn(event) || !page.root?.isConnected || !here()) return;
      readAddress();
      load(true);
    });
  }

  northstar.historyPage = { page, link };
}
