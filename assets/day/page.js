/** The page of one company day, down to its single records; its address says all of it. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const PATH = /history\/day\/([^/]+)$/;
  const MINUTES = { "1m": 60_000, "5m": 300_000 };
  const REREAD_MS = 30_000;
  /** Of what restated the day so much is shown at first: of API cost there may be a change a minute. */
  const CHANGES = 30;
  /** @type {any} what is shown: `day` of the address, `found` and `wrong` by part */
  const page = { root: null, view: null, day: "", before: null, asOf: "", by: "market", tab: "fills", filter: "", from: "", to: "", found: {}, wrong: {}, records: null, most: 0, changes: 0, record: "", opened: "", pushed: false, abort: null, at: 0, drawn: "", missing: "", refused: [] };

  const here = () => PATH.exec(location.pathname)?.[1] ?? null;
  const address = (/** @type {string} */ day) => `${northstar.root}history/day/${day}${northstar.dayAddress.written({ asOf: page.asOf, by: page.by, tab: page.tab })}`;

  function readAddress() {
    const { wrong, ...state } = northstar.dayAddress.read(location.search, Object.keys(northstar.dayRecords.TABS), page.view.now, page.view.zone);
    Object.assign(page, { day: here(), pushed: false, refused: wrong, ...state });
    if (state.asOf !== northstar.pastNotice.asked()) replace();
  }

  const written = () => `${location.pathname}${northstar.dayAddress.written(page, location.search)}`;
  const replace = () => history.replaceState(history.state, "", written());

  /** @param {object} change @param {boolean} [instead] */
  function change(change, instead = false) {
    Object.assign(page, change);
    if (instead) replace();
    else history.pushState(history.state, "", written());
  }

  /** @param {string} name @param {(signal: AbortSignal) => Promise<any>} ask */
  async function take(name, ask) {
    const mine = page.abort;
    try {
      const found = await ask(mine.signal);
      if (mine !== page.abort) return;
      page.found[name] = found;
      delete page.wrong[name];
    } catch (error) {
      if (mine !== page.abort || mine.signal.aborted) return;
      page.wrong[name] = error instanceof Error ? error.message : String(error);
    }
    redraw();
  }

  const url = (/** @type {string} */ path, /** @type {Record<string, string>} */ query) => `${northstar.root}api/pnl/${path}?${new URLSearchParams({ ...query, ...(page.asOf ? { as_of: page.asOf } : {}) })}`;

  /** Read the day. @param {boolean} anew whether it is another one */
  function load(anew) {
    page.abort?.abort();
    page.abort = new AbortController();
    page.at = Date.now();
    if (anew) Object.assign(page, { found: {}, wrong: {}, records: null, missing: "", most: northstar.dayRecords.SHOWN, changes: CHANGES, drawn: "" });
    page.missing = !northstar.dayAddress.isDay(page.day) ? "A day is written as in 2026-11-20." : page.asOf && Number.isNaN(Date.parse(page.asOf)) ? `as_of “${page.asOf}” is no instant: write one such as 2026-11-20T19:32:10Z.` : "";
    if (page.missing) return redraw();
    const [before, next] = [northstar.zone.dayAfter(page.day, -1), northstar.zone.dayAfter(page.day)];
    const { read } = northstar.explainApi;
    const reading = take("day", async (signal) => {
      const body = await read(url("days", { from: before, to: next, limit: "2" }), signal);
      const day = body.days.find((/** @type {any} */ one) => one.day === page.day) ?? null;
      page.before = body.days.find((/** @type {any} */ one) => one.day === before) ?? null;
      page.missing = day ? "" : page.day > northstar.range.dayOf(page.view.now, page.view.zone) ? "It lies in the future. Choose another day." : "Nothing is kept of it. Choose another day.";
      if (day && (!page.records || page.records.day.end !== day.end)) page.records = new northstar.dayRecords.Records({ root: northstar.root, read, changed: redraw, day, asOf: page.asOf });
      else page.records?.renew();
      return day;
    });
    breakdown(reading);
    curve(reading);
    parts();
  }

  /** How the parts of the net went over the day, for the sparklines. */
  const parts = () => void take("parts", (signal) => {
    const { dayStart, dayAfter } = northstar.zone;
    const [from, to] = [page.day, dayAfter(page.day)].map((day) => new Date(dayStart(day, page.view.zone)).toISOString());
    const { FIELDS, STEP } = northstar.dayIdentity;
    return northstar.explainApi.read(url("history", { from, to, step: STEP, fields: FIELDS.join(), limit: "200" }), signal);
  });

  /** As known when the day's figures are opened: the instant of the page, or, of today, that of the snapshot that they were read with. */
  function known() {
    const day = page.found.day;
    const today = northstar.range.dayOf(page.view.now, page.view.zone) === page.day;
    return page.asOf || (today && day?.as_seen ? new Date(Date.parse(day.as_seen.as_of) + 1).toISOString() : "");
  }

  const explainedAt = () => `day=${page.day}${known() ? `&as_of=${encodeURIComponent(known())}` : ""}`;

  /** The breakdown of the very net that the day has: where a tick came between, it is asked for as known then. @param {Promise<void>} [day] that is being read */
  const breakdown = (day) => void take("breakdown", async (signal) => {
    const to = northstar.zone.dayAfter(page.day);
    const ask = (/** @type {Record<string, string>} */ more) => northstar.explainApi.read(url("breakdown", { from: page.day, to, by: page.by, ...more }), signal);
    const [answer] = await Promise.all([ask({}), day]);
    const same = !known() || page.asOf || answer.net === page.found.day?.net;
    return { from: page.day, to, ...(same ? answer : await ask({ as_of: known() })) };
  });

  /** The stretch of the day that is shown. */
  function span() {
    const { zone, now } = page.view;
    const { dayStart, dayAfter } = northstar.zone;
    const whole = { since: dayStart(page.day, zone), until: Math.max(dayStart(page.day, zone) + 60_000, Math.min(dayStart(dayAfter(page.day), zone), now)), days: null, moving: false };
    const at = (/** @type {string} */ text) => (/^\d{2}:\d{2}:\d{2}$/.test(text) ? Date.parse(northstar.then.instantOf(`${page.day}T${text}`, zone)) : NaN);
    const [from, to] = [at(page.from), at(page.to)];
    return from < to && from >= whole.since && from < whole.until ? { ...whole, since: from, until: Math.min(to, whole.until) } : whole;
  }

  /** The course of the net over the day, as its complete snapshots showed it. @param {Promise<void>} [day] that is being read */
  const curve = (day) => void take("curve", async (signal) => {
    const shown = span();
    const length = shown.until - shown.since;
    const step = length > 8 * 3_600_000 ? "5m" : length > 1_800_000 ? "1m" : "raw";
    const ms = MINUTES[/** @type {keyof typeof MINUTES} */ (step)] ?? page.view.everySeconds * 1000;
    const read = northstar.explainApi.read(url("history", { from: new Date(shown.since).toISOString(), to: new Date(shown.until).toISOString(), step, fields: "net", limit: "3000" }), signal);
    const [answer] = await Promise.all([read, day]);
    // The net of the day itself, not what it grew by: it begins at nothing at midnight.
    const series = northstar.series.series(answer, "net", ms, 0n, northstar.series.complete(page.found.day?.as_seen));
    return { history: { series, span: shown, step, state: { chart: "area" } } };
  });

  function redraw() {
    if (page.root?.isConnected && page.view && here()) draw(page.root, page.view);
  }

  let waiting = /** @type {any} */ (0);
  /** @param {number} from @param {number} to epoch ms */
  function zoom(from, to) {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const { zone } = page.view;
      const { dayStart, dayAfter, clock } = northstar.zone;
      const [start, end] = [dayStart(page.day, zone), dayStart(dayAfter(page.day), zone)];
      const [begin, last] = [Math.max(from, start), Math.min(to, end - 1000)];
      change(begin <= start && last >= end - 2000 ? { from: "", to: "" } : { from: clock(begin, zone), to: clock(Math.max(last, begin + 300_000), zone) });
      curve();
    }, 250);
  }

  function whole() {
    change({ from: "", to: "" });
    curve();
  }

  /** @param {string} name @param {(found: any) => (Node | string)[]} content */
  function part(name, content) {
    const { el } = northstar.dom;
    if (page.found[name]) return content(page.found[name]);
    if (page.wrong[name]) return [el("div.empty", { "data-key": "wrong", role: "alert" }, `This could not be read: ${page.wrong[name]} `, el("button.button.small", { type: "button", "data-action": "day-retry" }, "Try again"))];
    return [el("p.empty", { "data-key": "reading" }, page.missing || "Reading…")];
  }

  /** The identity of the day; what is still going on is held against no whole day. @param {any} day @param {string} today */
  function identity(day, today) {
    const bar = /** @type {HTMLElement} */ (page.root.querySelector(".day-identity"));
    const drawn = northstar.dayIdentity.bar(day, page.day < today ? page.before : null, page.found.parts, explainedAt());
    bar.style.setProperty("--cells", String(drawn.length - 1));
    return drawn;
  }

  /** @param {HTMLElement} root @param {any} view */
  function draw(root, view) {
    const { el, grow, set, icon } = northstar.dom;
    const { dayAfter, dayName } = northstar.zone;
    const of = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (root.querySelector(selector));
    const day = page.found.day;
    const today = northstar.range.dayOf(view.now, view.zone);
    grow(of("h1"), [northstar.dayAddress.isDay(page.day) ? `${dayName(page.day)} ${page.day.slice(0, 4)}` : "No day"]);
    if (page.missing) {
      grow(of(".history-banner"), [el("div.banner", { "data-key": "missing" }, icon("triangle-alert"), el("p", null, el("strong", null, `There is nothing to show of ${page.day}. `), page.missing), el("a.button", { href: `${northstar.root}history` }, "All days"))]);
      root.toggleAttribute("data-missing", true);
      if (!northstar.dayAddress.isDay(page.day)) return;
    } else root.toggleAttribute("data-missing", false);
    const [before, after] = [dayAfter(page.day, -1), dayAfter(page.day, 1)];
    grow(of(".day-ways"), [
      el("a.icon-button", { "data-key": "before", href: address(before), "aria-label": `The day before, ${dayName(before)}`, title: dayName(before) }, icon("chevron-left")),
      ...(after <= today ? [el("a.icon-button", { "data-key": "after", href: address(after), "aria-label": `The day after, ${dayName(after)}`, title: dayName(after) }, icon("chevron-right"))] : []),
      el("a.button.small", { "data-key": "history", href: `${northstar.root}history${northstar.address.back(page.asOf)}` }, "All days"),
    ]);
    if (!page.missing) grow(of(".history-banner"), [
      ...(page.refused.length ? [northstar.address.notTaken(page.refused, "day-right")] : []),
      ...(page.asOf ? [el("div.banner.banner-quiet", { "data-key": "past" }, icon("history"), el("p", null, el("strong", { title: page.asOf }, `As known at ${northstar.pastNotice.said(page.asOf, view.zone)}. `), "What became known later is left out."), el("a.button.small", { href: `${northstar.root}history/day/${page.day}` }, "As known now"))] : []),
    ]);
    const menu = of("[data-export-menu]");
    for (const [name, value] of [["data-from", page.day], ["data-to", after]]) set(menu, name, value);
    grow(of(".day-identity"), part("day", (found) => identity(found, today)));
    grow(of(".day-facts"), day ? [northstar.dayStatement.facts(day, view.zone).join(" · ")] : []);
    grow(of(".day-statement"), part("day", (found) => [northstar.dayStatement.table(found, page.asOf, explainedAt()), northstar.dayStatement.ties(found)]));
    grow(of(".day-restatements"), part("day", (found) => northstar.dayStatement.restatements(found, view.zone, page.changes)));
    for (const button of root.querySelectorAll("[data-by]")) set(button, "aria-pressed", String(button.getAttribute("data-by") === page.by));
    const at = explainedAt();
    grow(of(".day-breakdown"), part("breakdown", (answer) => (answer.rows.length ? northstar.historyTables.breakdown(answer, at, "day-filter") : [el("p.empty", null, "Nothing on this day.")])));
    chart(root, view);
    for (const button of root.querySelectorAll("[data-tab]")) set(button, "aria-pressed", String(button.getAttribute("data-tab") === page.tab));
    if (!of("#day-filter")) of(".day-search").append(el("input.input", { id: "day-filter", type: "search", "aria-label": "Filter the records", placeholder: "Market, model, customer, id", autocomplete: "off" }));
    const filter = /** @type {HTMLInputElement} */ (of("#day-filter"));
    if (document.activeElement !== filter && filter.value !== page.filter) filter.value = page.filter;
    grow(of(".day-records"), page.records ? northstar.dayRecords.table(page.records.list(page.tab, page.filter), page.tab, page.filter, view.zone, page.most) : part("day", () => []));
    record();
  }

  /** Open the record that the address names, as soon as it is found, or close the one that it names no more. */
  function record() {
    const { record: key, opened, records, view } = page;
    if (key === opened || (key && !records)) return;
    if (!key) {
      page.opened = "";
      return northstar.overlay.close();
    }
    const row = northstar.dayRecords.named(records, key);
    if (row === null) return;
    page.opened = key;
    const missing = () => northstar.overlay.dialog("No such record", [northstar.dom.el("p", null, `“${key}” is not among what was kept of this day. The records below are all there are.`)]);
    const dialog = row ? northstar.dayRecords.open(row, view.zone) : missing();
    dialog.addEventListener("close", left, { once: true });
  }

  /** The record was closed: the address names it no more, and the way back leads to where it did not. */
  function left() {
    if (!page.opened || page.opened !== page.record) return;
    const { pushed } = page;
    Object.assign(page, { opened: "", pushed: false });
    if (!pushed) return change({ record: "" }, true);
    page.record = "";
    history.back();
  }

  /** @param {HTMLElement} root @param {any} view */
  function chart(root, view) {
    const { el, grow } = northstar.dom;
    const place = /** @type {HTMLElement} */ (root.querySelector(".history-chart"));
    const said = /** @type {HTMLElement} */ (root.querySelector(".history-chart-said"));
    const known = page.found.curve?.history.series.bars.some((/** @type {any} */ bar) => bar.close !== null);
    grow(said, page.found.curve ? (known ? [] : [el("p.empty", null, "No snapshots were kept in this time.")]) : part("curve", () => []));
    place.toggleAttribute("hidden", !known);
    const day = page.found.day;
    const { cents, dollars, nano } = northstar.money;
    const extreme = (/** @type {string} */ name, /** @type {string | null | undefined} */ value) => {
      if (value === null || value === undefined || !day) return [];
      const said = dollars(cents(/** @type {bigint} */ (nano(value))), { plus: true });
      return [el("span", { "data-key": `${name} net` }, `${name} `, el("button.why", { type: "button", "data-key": name, "data-explain": "net", "data-explain-at": `at=${name === "highest" ? "high" : "low"}&${explainedAt()}`, "data-explain-title": `Net P&L, ${name}`, "aria-haspopup": "dialog", "data-exact": northstar.money.exact(/** @type {bigint} */ (nano(value)), { plus: true }) }, said))];
    };
    grow(/** @type {Element} */ (root.querySelector(".history-legend")), [
      ...(day?.as_seen ? [...extreme("highest", day.as_seen.high), ...extreme("lowest", day.as_seen.low), ...(day.as_seen.partial ? [el("span", { "data-key": "partial" }, "no snapshot was complete")] : [])] : []), ...(page.from ? [el("button.button.small", { "data-key": "whole", type: "button", "data-action": "day-whole" }, "The whole day")] : []),
    ]);
    if (!known || place.clientWidth === 0) return;
    const drawn = [page.found.curve.history.span.since, page.found.curve.history.span.until, page.at, place.clientWidth, place.clientHeight, northstar.theme.look()].join(" ");
    if (drawn === page.drawn && place.childElementCount) return;
    page.drawn = drawn;
    northstar.historyChart.draw(place, page.found.curve, view, { zoom, wider: whole });
  }

  (northstar.panels ??= []).push({
    id: "day",
    /** @param {HTMLElement} root @param {any} view */
    draw(root, view) {
      page.view = view;
      const day = here();
      if (!day) return;
      if (page.root !== root || page.day !== day) {
        page.root = root;
        readAddress();
        return load(true);
      }
      const moving = !page.asOf && !view.paused && page.day >= northstar.range.dayOf(view.now, view.zone);
      if (moving && Date.now() - page.at > REREAD_MS && view.connection.kind !== "offline") load(false);
      draw(root, view);
    },
  });

  Object.assign((northstar.actions ??= {}), {
    "day-by": (/** @type {HTMLElement} */ button) => {
      change({ by: button.dataset.by });
      delete page.found.breakdown;
      breakdown();
      redraw();
    },
    "day-tab": (/** @type {HTMLElement} */ button) => {
      change({ tab: button.dataset.tab });
      page.most = northstar.dayRecords.SHOWN;
      redraw();
    },
    "day-filter": (/** @type {HTMLElement} */ button) => {
      const key = button.dataset.filterOf ?? "";
      const ofSource = key === "kalshi" ? "fills" : key === "anthropic" ? "costs" : "revenue";
      const tab = button.dataset.tabOf ?? { model: "costs", workspace: "costs", customer: "revenue", source: ofSource }[page.by] ?? "fills";
      change({ filter: key, tab });
      redraw();
      document.getElementById("day-filter")?.scrollIntoView({ block: "center" });
    },
    "day-records": () => {
      const list = page.records.list(page.tab, page.filter);
      page.most += northstar.dayRecords.SHOWN;
      if (list.wrong || (list.next && northstar.dayRecords.filtered(list.rows, page.filter).length < page.most)) void page.records.more(page.tab);
      redraw();
    },
    "day-changes": () => {
      page.changes = Infinity;
      redraw();
    },
    "day-record": (/** @type {HTMLElement} */ button) => {
      // A row opens by a press anywhere on it; who marks some of its text does not press.
      if (button.matches("tr") && document.getSelection()?.toString()) return;
      const row = page.records.lists[page.tab].rows.find((/** @type {any} */ one) => `${one.kind} ${one.source} ${one.id} ${one.version}` === button.dataset.record);
      if (!row) return;
      change({ record: northstar.dayRecords.keyOf(row), pushed: true });
      record();
    },
    "day-whole": whole,
    "day-retry": () => load(true),
    "day-right": () => {
      change({ refused: [] }, true);
      redraw();
    },
  });

  if (typeof document !== "undefined") {
    document.addEventListener("input", (event) => {
      const input = /** @type {HTMLInputElement} */ (event.target);
      if (input.id !== "day-filter") return;
      change({ filter: input.value.trim() }, true);
      redraw();
    });
    document.addEventListener("pnl:period", (event) => {
      const way = /** @type {CustomEvent} */ (event).detail < 0 ? "before" : "after";
      if (here() && page.root?.isConnected) /** @type {HTMLElement | null} */ (page.root.querySelector(`a.icon-button[data-key="${way}"]`))?.click();
    });
    addEventListener("popstate", (event) => {
      if (northstar.explain.isOwn(event) || !page.root?.isConnected || !here()) return;
      const shown = () => [page.by, page.tab, page.filter, page.from, page.to].join();
      const before = [[page.day, page.asOf].join(), shown()];
      readAddress();
      if ([page.day, page.asOf].join() !== before[0]) return load(true);
      if (shown() === before[1]) return record();
      breakdown();
      curve();
      redraw();
    });
  }

  northstar.dayPage = { page };
}
