/** The card of one source: how it does, how it is read, what was measured, what went wrong and the cure. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

  /** @param {string | null} at @param {View} view */
  function when(at, { zone, now }) {
    if (at === null) return "never";
    const { clock, dayName, wall } = northstar.zone;
    const day = (/** @type {number} */ ms) => Math.floor(wall(ms, zone) / 86_400_000);
    const ms = Date.parse(at);
    return day(ms) === day(now) ? clock(at, zone) : `${dayName(new Date(wall(ms, zone)).toISOString().slice(0, 10))}, ${clock(at, zone)}`;
  }

  /** How old the last good reading is, against the age at which it is called stale. @param {any} source @param {string} state @param {View} view */
  function gauge(source, state, view) {
    const { el } = northstar.dom;
    const age = Math.max(0, view.now - Date.parse(source.as_of));
    const limit = source.stale_seconds * 1000;
    const part = Math.min(1, age / (limit + (view.askedEvery ?? 0)));
    const said = `${northstar.zone.age(age)} old; stale after ${northstar.chips.staleAfter(limit, view)}`;
    return el(`div.s-gauge.s-gauge-${state}`, { role: "img", "aria-label": said, title: said }, el("span", { style: { width: `${(part * 100).toFixed(1)}%` } }));
  }

  /** @param {any} source @param {View} view */
  function facts(source, view) {
    const { cadence, took, clockSaid, label } = northstar.sourceWords;
    const { age, dayName } = northstar.zone;
    const { traffic } = source;
    const hidden = new Set(["mode", "clock_skew_seconds", "calls"]);
    return [
      ["Last good reading", source.as_of ? `${when(source.as_of, view)}, ${age(Math.max(0, view.now - Date.parse(source.as_of)))} ago` : "never"],
      ["Read", `${cadence(source, view.everySeconds)}; stale after ${northstar.chips.staleAfter(source.stale_seconds * 1000, view)}`],
      ["Last attempt", when(source.last_attempt, view)],
      ["Next attempt", northstar.chips.nextTry(source.next_attempt, view, when)],
      ["Mode", source.facts.mode ?? null],
      ["Complete through", source.complete_through ? dayName(source.complete_through) : null],
      ["Calls", !traffic ? null : !traffic.calls ? `none since ${when(traffic.since, view)}` : `${traffic.calls.toLocaleString("en-US")}, ${traffic.failed ? `${traffic.failed.toLocaleString("en-US")} failed` : "none failed"}, since ${when(traffic.since, view)}`],
      ["An answer takes", traffic && traffic.p50_ms !== null ? `${took(traffic.p50_ms)}; 95 in 100 within ${took(traffic.p95_ms)}; the longest ${took(traffic.longest_ms)}` : null],
      ["Its clock", traffic?.calls ? clockSaid(traffic.skew_ms) : null],
      ...Object.entries(source.facts).filter(([name]) => !hidden.has(name)).map(([name, text]) => [label(name), INSTANT.test(text) ? when(text, view) : text]),
    ].filter(([, value]) => value !== null);
  }

  /** What went wrong, and what can be done. @param {any} source @param {View} view */
  function trouble(source, view) {
    const { el, icon } = northstar.dom;
    const { trouble: last, error, failures } = source;
    if (!last) return null;
    const now = error !== null;
    return el(`div.s-trouble${now ? ".s-now" : ""}`, { "data-key": "trouble", role: now ? "alert" : null },
      icon(now ? "triangle-alert" : "history"),
      el("div", null,
        el("p", null, el("strong", null, now ? (failures > 1 ? `Failed ${failures.toLocaleString("en-US")} times in a row. ` : "The last reading failed. ") : `Last trouble, ${when(last.at, view)}. `), el("span.s-error", null, last.text)),
        el("p.s-cure", null, now ? last.cure : "All is well since.")));
  }

  /** What is to be set to connect it. @param {any} source */
  function connect(source) {
    const { el } = northstar.dom;
    const names = source.settings.flatMap((/** @type {string} */ name, /** @type {number} */ i) => [i ? " and " : "", el("code", null, name)]);
    return el("p.s-connect", { "data-key": "connect" }, "To connect it, set ", ...names, " and start again; ", el("code", null, source.guide), " says how.");
  }

  /** @param {any} source @param {{wish: any, result: any}} asked @param {View} view */
  function button(source, { wish, result }, view) {
    const { el, icon } = northstar.dom;
    const { outcome } = northstar.sourceWords;
    const said = wish ? (wish.wish === Infinity ? { well: true, text: "Asking…" } : outcome(wish, source, view)) : result;
    return el("div.s-foot", { "data-key": "foot" },
      el("button.button.small", { type: "button", "data-action": "source-retry", "data-source": source.name, disabled: wish || view.troubled ? "" : null, "aria-describedby": `said-${source.name}` }, icon("refresh-cw"), source.error ? "Try again" : "Read now"),
      el(`span.s-said${said && !said.well ? ".loss" : ""}`, { id: `said-${source.name}`, role: "status" }, said?.text ?? ""));
  }

  /** @param {any} source a row of `/api/pnl/sources` @param {{wish: any, result: any}} asked @param {View} view */
  function card(source, asked, view) {
    const { el, icon } = northstar.dom;
    const { words, stateOf, STATES } = northstar.sourceWords;
    const state = stateOf(source, view);
    const { title, gives } = words(source.name);
    return el(`section.card.s-card.s-${state}`, { "data-key": source.name, "data-source-card": source.name, "aria-labelledby": `source-${source.name}` },
      el("div.s-head", { "data-key": "head" },
        el("h2", { id: `source-${source.name}` }, title),
        el("span.s-state", null, icon(STATES[state].icon), STATES[state].word),
        el("p.s-gives", null, [gives, STATES[state].says].filter(Boolean).join(" · "))),
      ...(state === "off"
        ? [connect(source)]
        : [
          source.as_of ? gauge(source, state, view) : null,
          el("dl.facts.s-facts", { "data-key": "facts" }, ...facts(source, view).flatMap(([name, value]) => [el("dt", null, name), el("dd", null, value)])),
          trouble(source, view),
          button(source, asked, view),
        ]));
  }

  northstar.sourceCard = { card, when };
}
