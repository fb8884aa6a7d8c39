/** The state of the history page, which is all in its address: opened again it shows the same; a preset in it moves on with the time. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const SECOND = 1000;
  const STEPS = { raw: 10 * SECOND, "1m": 60 * SECOND, "5m": 300 * SECOND, "15m": 900 * SECOND, "1h": 3600 * SECOND, "4h": 14_400 * SECOND, "1d": 86_400 * SECOND, "1w": 604_800 * SECOND };
  const MOST_POINTS = 1500;
  /** How many snapshots a candle holds at least: of one alone it would be a dot. */
  const CANDLE = 4;
  const FINE = "too fine for candles";
  const DIMENSIONS = ["source", "market", "series", "model", "workspace", "customer"];
  const CHOICES = { step: ["auto", ...Object.keys(STEPS)], by: DIMENSIONS, compare: ["previous", "none"], chart: ["area", "candles"] };

  /** @typedef {{range: string, from: string, to: string, step: string, by: string, compare: string, chart: string, asOf: string, wrong: string[]}} State
   *   `range` is a preset's key, or empty for `from` and `to` as they were typed; `wrong` tells what of the address was not taken, and the cure */

  /** @type {State} */
  const USUAL = { range: "30d", from: "", to: "", step: "auto", by: "source", compare: "previous", chart: "area", asOf: "", wrong: [] };

  /** @param {string} text */
  const short = (text) => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

  /** What of an address is not taken, with what may be given and what is shown in its place. @param {string} field @param {string} value @param {string[]} known @param {string} usual */
  const refused = (field, value, known, usual) => `${field} “${short(value)}” is not one of ${known.join(", ")}: ${usual} is shown.`;

  /** The rest of what an address of the page may hold: a look, and an explanation that is open. */
  const LOOKS = ["theme", "palette", "kiosk"];
  const OTHERS = [...LOOKS, "explain", "at", "of", "node"];
  const OWN = ["range", "from", "to", ...Object.keys(CHOICES), "as_of"];

  /** The names in an address that a page does not know. @param {URLSearchParams} query @param {string[]} own those that it does @returns {string[]} */
  const strange = (query, own) => [...new Set(query.keys())].filter((name) => ![...own, ...OTHERS].includes(name)).map((name) => `“${short(name)}” is not one of ${own.join(", ")}: it is left out.`);

  /** The state of an address; what makes no sense in it is as usual, and told in `wrong`. @param {string} search @returns {State} */
  function read(search) {
    const query = new URLSearchParams(search);
    const state = { ...USUAL, asOf: query.get("as_of") ?? "", wrong: /** @type {string[]} */ ([]) };
    for (const [name, known] of Object.entries(CHOICES)) {
      const given = query.get(name);
      if (given && known.includes(given)) state[/** @type {"step"} */ (name)] = given;
      else if (given !== null) state.wrong.push(refused(name, given, known, USUAL[/** @type {"step"} */ (name)]));
    }
    state.wrong.push(...strange(query, OWN));
    const [from, to] = [query.get("from") ?? "", query.get("to") ?? ""];
    const range = query.get("range");
    const presets = northstar.range.PRESETS.map((/** @type {string[]} */ [key]) => key);
    if (from || to) {
      if (range !== null) state.wrong.push(`range “${range.slice(0, 40)}” does not go with from and to: leave it out; from and to are shown.`);
      return { ...state, range: "", from, to: to || "now" };
    }
    if (range !== null && presets.includes(range)) state.range = range;
    else if (range !== null) state.wrong.push(refused("range", range, presets, USUAL.range));
    return state;
  }

  /** Put into a query how an address wants its page to look. @param {URLSearchParams} query @param {string} search */
  function keep(query, search) {
    for (const [name, value] of new URLSearchParams(search)) if (LOOKS.includes(name)) query.set(name, value);
  }

  /** The query that says a state, without what is as usual; `kept` are others' parts of the address. @param {State} state @param {string} [kept] */
  function written(state, kept = "") {
    const query = new URLSearchParams();
    if (state.range === "") {
      query.set("from", state.from);
      query.set("to", state.to);
    } else if (state.range !== USUAL.range) query.set("range", state.range);
    for (const name of /** @type {const} */ (["step", "by", "compare", "chart"])) if (state[name] !== USUAL[name]) query.set(name, state[name]);
    if (state.asOf) query.set("as_of", state.asOf);
    keep(query, kept);
    const text = query.toString();
    return text ? `?${text}` : "";
  }

  /** What says that not all of an address was taken. @param {string[]} wrong @param {string} action what leaves it out */
  function notTaken(wrong, action) {
    const { el, icon } = northstar.dom;
    return el("div.banner", { "data-key": "wrong", role: "alert" }, icon("triangle-alert"), el("p", null, el("strong", null, "Not all of the address was taken. "), wrong.join(" ")), el("button.button.small", { type: "button", "data-action": action }, "Leave it out"));
  }

  const LAST = "northstar.history";
  /** Remember, for as long as the tab is open, what was looked at: a day leads back to it. @param {State} state */
  function remember(state) {
    try {
      sessionStorage.setItem(LAST, written(state));
    } catch {
      // Without storage a day leads back to the usual range.
    }
  }

  /** The query of what was looked at last, as known at an instant. @param {string} asOf */
  function back(asOf) {
    try {
      return written({ ...read(sessionStorage.getItem(LAST) ?? ""), asOf });
    } catch {
      return written({ ...USUAL, asOf });
    }
  }

  /** How long a step is. @param {string} step @param {number} everySeconds */
  const length = (step, everySeconds) => (step === "raw" ? everySeconds * SECOND : STEPS[/** @type {keyof typeof STEPS} */ (step)]);

  /** @typedef {{since: number, until: number, days: {from: string, to: string} | null}} Span */

  /**
   * The steps with how many points each makes of a range; those that make too many, those that are longer than the
   * range, and those that are too short for candles, are not to be had, and `why` says which. A day that goes on is as
   * long as any other for steps of days.
   * @param {Span} span @param {number} everySeconds @param {string} [chart]
   */
  function steps({ since, until, days }, everySeconds, chart = USUAL.chart) {
    const ms = until - since;
    const whole = days ? Date.parse(`${days.to}T00:00:00Z`) - Date.parse(`${days.from}T00:00:00Z`) : ms;
    return Object.entries(STEPS).map(([step, least]) => {
      const points = Math.ceil(ms / length(step, everySeconds));
      const longer = step !== "raw" && least > (least >= STEPS["1d"] ? whole : ms);
      const fine = chart === "candles" && length(step, everySeconds) < CANDLE * everySeconds * SECOND;
      const why = points > MOST_POINTS ? "too many points" : longer ? "too few points" : fine ? FINE : "";
      return { step, points, why, fits: !why };
    });
  }

  /** The finest step that fits, where none is chosen or the chosen one does not fit. @param {string} wanted @param {Span} span @param {number} everySeconds @param {string} [chart] */
  function step(wanted, span, everySeconds, chart) {
    const all = steps(span, everySeconds, chart);
    const chosen = all.find((one) => one.step === wanted);
    return chosen?.fits ? chosen.step : (all.find((one) => one.points <= 500 && one.why !== FINE) ?? all[all.length - 1]).step;
  }

  /** Why a chosen step is not shown of a range, with what is shown in its place; empty where it is shown. @param {string} wanted @param {Span} span @param {number} everySeconds @param {string} [chart] */
  function unfit(wanted, span, everySeconds, chart) {
    const why = steps(span, everySeconds, chart).find((one) => one.step === wanted)?.why;
    if (why === FINE) return `step “${wanted}” is ${FINE}, each of which would hold too few snapshots to be seen: choose a longer one, or the area; automatic is shown.`;
    return why ? `step “${wanted}” makes ${why} of this range: choose another one; automatic is shown.` : "";
  }

  /** That times more than a week apart are not shown as such, with the days that are; empty where the range is as it was asked for. @param {State} state @param {Span & {snapped?: boolean}} span @param {string} zone */
  const snapped = ({ from, to }, span, zone) => (span.snapped ? `from “${from}” and to “${to}” are more than a week apart, and that is of whole company days: ${northstar.range.said(span, zone)} is shown.` : "");

  /** That an instant as known at which the page is asked for is still to come; empty where it is not. @param {State} state @param {number} now @param {string} zone */
  const ahead = ({ asOf }, now, zone) => (northstar.pastNotice.instantOf(asOf, zone) > now ? `as_of “${short(asOf)}” lies in the future: what is known now is shown.` : "");

  northstar.address = { USUAL, DIMENSIONS, STEPS, read, written, refused, strange, keep, short, notTaken, remember, back, steps, step, unfit, snapped, ahead, length };
}
