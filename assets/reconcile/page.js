/** The reconcile page: every check, what failed first, each with how it came out over the last day. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const SLOTS = 40;
  const PAGE = 60;
  /** Of so many checks of a row the history is read: those that matter most come first. */
  const HISTORIES = 12;
  const HUES = { ok: "var(--tick-ok)", waiting: "var(--tick-waiting)", failed: "var(--tick-failed)", "": "var(--s3)" };
  /** The figure of our own that a check holds against its source; all other sides are figures of the check. @type {Record<string, (scope: string) => string>} */
  const OURS = {
    identity: () => "net",
    I1_position: (ticker) => `position.${ticker}.position`, I2_total_traded: (ticker) => `position.${ticker}.total_traded`, I2_fees: (ticker) => `position.${ticker}.fees`,
    I3_realised: (ticker) => `position.${ticker}.realised`, I3_exposure: (ticker) => `position.${ticker}.exposure`,
  };

  const state = {
    log: /** @type {any} */ (null), filter: "all", words: "", open: /** @type {string | null} */ (null), shown: PAGE, titles: /** @type {Map<string, string>} */ (new Map()), named: false,
    histories: /** @type {Map<string, {state: string, changes: any[], text: string}>} */ (new Map()), followed: 0,
  };

  const root = () => document.querySelector('meta[name="pnl:root"]')?.getAttribute("content") ?? "/";
  const asOf = () => northstar.then.asked(location, root());
  const titleOf = (/** @type {string} */ ticker) => state.titles.get(ticker) ?? ticker;

  function log() {
    state.log ??= new northstar.CheckLog({
      read: northstar.explainApi.read, root: root(), random: Math.random, later: (/** @type {() => void} */ act, /** @type {number} */ ms) => setTimeout(act, ms), now: Date.now, changed: () => northstar.redraw?.(), asOf: asOf(),
    });
    return state.log;
  }

  /** Ask once for the names of all markets that were ever traded. */
  async function learnTitles() {
    if (state.named) return;
    state.named = true;
    try {
      for (const row of (await northstar.explainApi.read(`${root()}api/pnl/positions?all=1`)).positions) if (row.title) state.titles.set(row.ticker, row.title);
      northstar.redraw?.();
    } catch {
      // Tickers name the markets then.
      state.named = false;
    }
  }

  /** A moment: the time today, else with the day. @param {number} at @param {View} view */
  function moment(at, { zone, now }) {
    const day = (/** @type {number} */ ms) => Math.floor(northstar.zone.wall(ms, zone) / 86_400_000);
    return day(at) === day(now) ? northstar.zone.clock(at, zone) : northstar.explainDraw.moment(new Date(at).toISOString(), zone, true).split(" ").slice(1).join(" ").slice(0, -3);
  }

  /** The last day of a row, in ticks of which each is the worst of its time. @param {string[]} ticks */
  function strip(ticks) {
    const { el } = northstar.dom;
    const stops = [];
    for (let i = 0; i < ticks.length; i += 1) if (i === 0 || ticks[i] !== ticks[i - 1]) stops.push({ from: i, state: ticks[i] });
    const parts = stops.map(({ from, state: held }, i) => `${HUES[/** @type {keyof typeof HUES} */ (held)] ?? HUES[""]} ${(from / ticks.length) * 100}% ${((stops[i + 1]?.from ?? ticks.length) / ticks.length) * 100}%`);
    const count = (/** @type {string} */ held) => ticks.filter((tick) => tick === held).length;
    const known = ticks.filter(Boolean).length;
    const hours = (/** @type {number} */ slots) => `${Math.round((slots * 24 * 10) / ticks.length) / 10} h`;
    const said = !known ? "not checked in the last 24 hours" : count("ok") === known ? `matched all the time, ${hours(known)}` : [["failed", "differed"], ["waiting", "waited"], ["ok", "matched"]].filter(([name]) => count(name)).map(([name, word]) => `${word} in ${hours(count(name))}`).join(", ");
    return el("span.ticks", { role: "img", "aria-label": `Last 24 hours: ${said}`, title: said, style: { "background-image": `linear-gradient(90deg, ${parts.join(", ")})` } });
  }

  /** @param {any[]} checks @param {View} view */
  function ticksOf(checks, view) {
    const { ticks, together } = northstar.checkGroups;
    return together(checks.map((check) => ticks(log().course(check), view.now - northstar.checkWindow, view.now, SLOTS)));
  }

  /** The check that stands for a row. @param {any} group */
  const lead = (group) => group.checks.find((/** @type {any} */ check) => check.state === group.state && check.state !== "ok") ?? group.checks.find((/** @type {any} */ check) => ["I3_realised", "I4_settlement"].includes(check.name)) ?? group.checks[0];

  /** The figure of a side of a check. @param {any} check @param {"expected" | "actual"} which */
  const figureOf = (check, which) => (which === "expected" || check.name === "identity" ? OURS[check.name]?.(check.scope) : null) ?? `check.${check.name}.${which}.${check.scope}`;

  /** A side of a check, which opens what is behind it. @param {any} check @param {"expected" | "actual"} which @param {(string | Node)[]} content */
  function side(check, which, ...content) {
    const { el } = northstar.dom;
    if (check.scope === null || check.state === "gone") return el("span", null, ...content);
    return el("button.why", { type: "button", "data-explain": figureOf(check, which), "aria-haspopup": "dialog" }, ...content);
  }

  /** What the source says less what we hold. @param {any} check @param {string} [before] what is said before it */
  function difference(check, before = "") {
    const { figure, called, none } = northstar.checkWords;
    if (check.difference === null) return null;
    const shown = `${before}${figure(check.name, check.difference, { plus: true })}`;
    const tone = check.state === "failed" && !none(check.difference) ? "loss" : none(check.difference) ? "quiet" : "flat";
    if (check.scope === null || check.state === "gone" || check.actual === null || check.expected === null) return northstar.dom.el(`span.${tone}`, null, shown);
    const term = (/** @type {"expected" | "actual"} */ which, /** @type {string} */ name, sign = "") => ({ name, sign, value: figure(check.name, check[which]), figure: figureOf(check, which) });
    return northstar.worked.button({ title: `Difference, ${called(check, titleOf)}`, text: "What the source says, less what our own records make.", total: shown, terms: [term("actual", "The source"), term("expected", "Ours", "−")] }, `button.why.${tone}`);
  }

  /** @param {any} group @param {View} view */
  function row(group, view) {
    const { el, icon } = northstar.dom;
    const { figure, status, words, place, stateOf } = northstar.checkWords;
    const { amount } = northstar.explainDraw;
    const check = lead(group);
    const open = state.open === group.key;
    const since = log().since(check);
    const many = group.checks.length > 1;
    const failing = group.checks.filter((/** @type {any} */ one) => one.state === group.state).length;
    return el(`tr.state-${group.state}`, { "data-key": group.key },
      el("th.k-what", { scope: "row" },
        el("button.e-open", { type: "button", "data-action": "check-open", "data-check": group.key, "aria-expanded": String(open) }, icon("chevron-down"),
          el("span.k-name", null, el("span.k-title", null, group.title), el("span.sub", null, many ? `${group.sub} · ${group.checks.length} checks` : group.sub)))),
      el("td.num.k-ours", { "data-label": "Ours" }, side(check, "expected", ...amount(figure(check.name, check.expected))), group.market && many ? el("span.sub", null, words(check.name).title.toLowerCase()) : words(check.name).days ? el("span.sub", null, place(check.scope ?? "", titleOf)) : null),
      el("td.num.k-source", { "data-label": "Source" }, check.actual === null ? el("span.quiet", null, "not yet") : side(check, "actual", ...amount(figure(check.name, check.actual)))),
      el("td.num.k-difference", { "data-label": "Difference" }, difference(check)),
      el("td.num.k-since", { "data-label": "Since" }, since === null ? "over a day" : el("time", { datetime: new Date(since).toISOString() }, moment(since, view))),
      el("td.num.k-ticks", null, strip(ticksOf(group.checks, view))),
      el("td.k-state", null, el("span.state", null, icon(stateOf(group.state).icon), many && group.state === "failed" && failing > 1 ? `${failing} differ` : status(check))));
  }

  /** How the checks of a row came out over time. @param {any} group @param {View} view */
  function opened(group, view) {
    const { el, icon } = northstar.dom;
    const { figure, words, stateOf, meaning, none } = northstar.checkWords;
    const found = state.histories.get(group.key);
    const rows = group.checks.map((/** @type {any} */ check) => el(`li.state-${check.state}`, { "data-key": northstar.checkGroups.keyOf(check) },
      el("div.h-check", null, el("span.state", null, icon(stateOf(check.state).icon), words(check.name).days ? northstar.checkWords.called(check, titleOf) : words(check.name).title), el("span.quiet", null, `We hold ${words(check.name).what}.`)),
      el("div.h-sides", null, el("span", null, "ours ", side(check, "expected", figure(check.name, check.expected))), el("span", null, "source ", check.actual === null ? "not yet" : side(check, "actual", figure(check.name, check.actual))),
        difference(check, "difference "), check.tolerance && !none(check.tolerance) ? el("span.quiet", null, `± ${figure(check.name, check.tolerance)} allowed`) : null),
      check.state === "ok" ? null : el("p.h-why", null, meaning(check))));
    const changes = found?.changes ?? [];
    return el("tr.trail", { "data-key": `open ${group.key}` }, el("td", { colspan: "7" }, el("div.history", null,
      el("ul.h-checks", { "data-key": "checks" }, ...rows),
      el("h3", { "data-key": "heading" }, "How it came out over time"),
      !found || found.state === "reading" ? el("p.quiet", { "data-key": "wait", role: "status" }, "Reading its history…")
        : found.state === "failed" ? el("p", { "data-key": "failed", role: "alert" }, `The history could not be read. ${found.text} `, el("button.button.small", { type: "button", "data-action": "check-again", "data-check": group.key }, "Try again"))
          : !changes.length ? el("p.quiet", { "data-key": "none" }, "Nothing of it is kept yet.")
            : el("ol.h-changes", { "data-key": "changes" }, ...changes.slice(0, 100).map((change) => el(`li.state-${change.state}`, { "data-key": `${change.key} ${change.seq}` },
              el("time", { datetime: change.at }, northstar.explainDraw.moment(change.at, view.zone, true)),
              el("span.state", null, icon(stateOf(change.state).icon), stateOf(change.state).word),
              el("span.h-text", null, [group.checks.length > 1 ? words(change.name).title : null, none(change.difference) || change.state === "gone" ? null : figure(change.name, change.difference, { plus: true }), change.reason].filter(Boolean).join(" · ")),
              el("span.quiet.h-seq", null, `snapshot ${change.seq.toLocaleString("en-US")}`)))))));
  }

  /** @param {any} group */
  async function readHistory(group) {
    const known = state.histories.get(group.key);
    state.histories.set(group.key, { state: known?.state === "read" ? "read" : "reading", changes: known?.changes ?? [], text: "" });
    try {
      const lists = await Promise.all(group.checks.slice(0, HISTORIES).map(async (/** @type {any} */ check) => {
        const query = new URLSearchParams({ name: check.name, scope: check.scope ?? "", ...(asOf() ? { to: new Date(Date.parse(asOf()) + 1).toISOString() } : {}) });
        const found = await northstar.explainApi.read(`${root()}api/pnl/checks/history?${query}`);
        return found.changes.map((/** @type {any} */ change) => ({ ...change, name: check.name, key: northstar.checkGroups.keyOf(check) }));
      }));
      state.histories.set(group.key, { state: "read", text: "", changes: lists.flat().sort((a, b) => b.seq - a.seq || (a.name < b.name ? -1 : 1)) });
    } catch (error) {
      state.histories.set(group.key, { state: "failed", changes: [], text: error instanceof Error ? error.message : String(error) });
    }
    northstar.redraw?.();
  }

  /** The field that finds a check; it is made once, and not drawn over. @param {HTMLElement} place */
  function search(place) {
    if (place.firstChild) return;
    const { el, icon } = northstar.dom;
    const input = /** @type {HTMLInputElement} */ (el("input.input", { type: "search", id: "check-search", placeholder: "Find a check or market", "aria-label": "Find a check or market", autocomplete: "off" }));
    input.addEventListener("input", () => {
      state.words = input.value;
      state.shown = PAGE;
      northstar.redraw?.();
    });
    place.append(icon("search"), input);
  }

  const groups = () => northstar.checkGroups.grouped(log().checks ?? [], titleOf);

  (northstar.panels ??= []).push({
    id: "reconcile",
    /** @param {HTMLElement} page @param {View} view */
    draw(page, view) {
      const body = page.querySelector(".reconcile-body");
      if (!body) return;
      const { el, grow, set } = northstar.dom;
      if (!view.snapshot) return view.connection.broken && asOf() ? grow(body, [el("p.empty", { "data-key": "none" }, "There is nothing to show of this instant.")]) : undefined;
      for (const position of view.snapshot.positions) if (position.title) state.titles.set(position.ticker, position.title);
      void learnTitles();
      search(/** @type {HTMLElement} */ (page.querySelector(".reconcile-search")));
      if (!view.restored) log().follow(view.snapshot);
      for (const button of page.querySelectorAll("[data-state]")) set(button, "aria-pressed", String(button.getAttribute("data-state") === state.filter));
      const { ok, failed, waiting, behind } = log().counts(view.snapshot);
      const count = (/** @type {number} */ checks) => checks.toLocaleString("en-US");
      grow(/** @type {Element} */ (page.querySelector(".panel-note")), [`${count(ok)} match · ${count(failed)} differ · ${count(waiting)} wait${behind && (log().waiting || log().busy) ? " · reading newer ones" : ""}`]);
      const { checks, trouble } = log();
      if (!checks) return grow(body, trouble ? [northstar.dom.el("div.explain-trouble.reconcile-trouble", { "data-key": "trouble", role: "alert" }, northstar.dom.icon("circle-alert"), el("p", null, `The checks could not be read. ${trouble}`), el("button.button.small", { type: "button", "data-action": "checks-again" }, "Try again"))] : [el("p.empty", { "data-key": "empty" }, "Reading the checks…")]);
      if (!checks.length) return grow(body, [el("p.empty", { "data-key": "none" }, "Nothing has been checked yet: the first checks come with the first reading of a source.")]);
      const all = groups();
      const asked = new URL(location.href).searchParams.get("check") ?? "";
      const named = all.find((/** @type {any} */ group) => group.key === asked);
      state.open ??= named ? named.key : null;
      const found = northstar.checkGroups.filtered(all, { state: state.filter, words: state.words });
      const opened_ = state.open && found.find((/** @type {any} */ group) => group.key === state.open);
      if (opened_ && !state.histories.has(opened_.key)) void readHistory(opened_);
      grow(body, [
        asked && !named ? el("p.reconcile-note.loss", { "data-key": "wrong", role: "alert" }, `check “${asked.slice(0, 40)}” is none of the checks: press a row to open one, and the address names it.`) : null,
        trouble ? el("p.reconcile-note", { "data-key": "old", role: "status" }, `These are the checks of snapshot ${state.log.seq.toLocaleString("en-US")}; newer ones could not be read. ${trouble}`) : null,
        found.length ? el("div.scroll", { "data-key": "table", tabindex: "0", role: "region", "aria-label": "Checks table" },
          el("table.table.reconcile-table", null,
            el("thead", null, el("tr", null, ...["What", "Ours", "Source", "Difference", "Since", "Last 24 hours", "Status"].map((name, i) => el(i && i < 6 ? "th.num" : i === 6 ? "th.k-state" : "th", { scope: "col" }, name)))),
            el("tbody", null, ...found.slice(0, state.shown).flatMap((/** @type {any} */ group) => (group.key === state.open ? [row(group, view), opened(group, view)] : [row(group, view)])))))
          : el("p.empty", { "data-key": "nothing" }, state.words ? `No check is called “${state.words}”.` : state.filter === "failed" ? "Nothing differs." : state.filter === "waiting" ? "Nothing waits." : "Nothing matches."),
        found.length > state.shown ? el("button.button.small.reconcile-more", { type: "button", "data-action": "checks-more", "data-key": "more", "data-rest": `and ${(found.length - state.shown).toLocaleString("en-US")} more` }, `Show ${Math.min(PAGE, found.length - state.shown)} more of ${found.length.toLocaleString("en-US")}`) : null,
      ].filter((part) => part !== null));
    },
  });

  northstar.panels.push({
    id: "breaks",
    /** @param {HTMLElement} place @param {View} _view */
    draw(place, _view) {
      const { el, icon, grow } = northstar.dom;
      const broken = (log().checks ?? []).filter((/** @type {any} */ check) => check.state === "failed");
      if (!log().checks) return;
      grow(place, broken.length
        ? broken.slice(0, 20).map((/** @type {any} */ check) => el("p.break", { "data-key": northstar.checkGroups.keyOf(check) }, icon("triangle-alert"), el("span", null, el("strong", null, "Open break: "), northstar.checkWords.sentence(check, titleOf))))
          .concat(broken.length > 20 ? [el("p.break", { "data-key": "more" }, `and ${broken.length - 20} more`)] : [])
        : [log().checks.some((/** @type {any} */ check) => check.state === "ok" && check.name !== "identity")
          ? el("p.break.break-none", { "data-key": "none" }, icon("circle-check"), el("span", null, "No open breaks: our ledger and the sources agree."))
          : el("p.break", { "data-key": "none" }, icon("circle-dashed"), el("span", null, "No open breaks, and nothing has been held against a source yet."))]);
    },
  });

  Object.assign((northstar.actions ??= {}), {
    "checks-state": (/** @type {HTMLElement} */ element) => {
      state.filter = element.dataset.state ?? "all";
      state.shown = PAGE;
    },
    "checks-more": () => { state.shown += PAGE; },
    "checks-again": () => { log().trouble = ""; void log().look(); },
    "check-again": (/** @type {HTMLElement} */ element) => { state.histories.delete(element.dataset.check ?? ""); },
    "check-open": (/** @type {HTMLElement} */ element) => {
      const key = element.dataset.check ?? "";
      state.open = state.open === key ? "" : key;
      const url = new URL(location.href);
      if (state.open) url.searchParams.set("check", state.open);
      else url.searchParams.delete("check");
      history.replaceState(history.state, "", url);
      const group = groups().find((/** @type {any} */ one) => one.key === key);
      if (state.open && group) void readHistory(group);
    },
  });

  if (typeof document !== "undefined") document.addEventListener("keydown", (event) => {
    const input = document.getElementById("check-search");
    if (event.key !== "/" || !input || /^(INPUT|SELECT|TEXTAREA)$/.test(/** @type {Element} */ (event.target).tagName) || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    input.focus();
  });
}
