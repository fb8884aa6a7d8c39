/** The strip of figures of a range, each with a line of context. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** @param {bigint} part @param {bigint} whole */
  const percent = (part, whole) => (whole === 0n ? null : `${(Number((part * 10_000n) / whole) / 100).toFixed(1)}%`);

  /** @param {bigint} amount @param {boolean} [plus] */
  const dollars = (amount, plus = false) => northstar.money.wholeDollars(northstar.money.cents(amount), { plus });

  /** A note with one figure in it, which opens its sum and what is said after it. @typedef {string | {worked: any, after?: string}} Note */

  /** @param {bigint} amount */
  const exact = (amount) => northstar.money.exact(amount, { plus: true });

  /** So much a part of another. @param {bigint | null} part @param {bigint | null} of @param {string} name @param {[string, string, string, string]} figures names and figures of both @param {string} at @returns {Note} */
  function share(part, of, name, [one, figure, other, whole], at) {
    if (part === null || of === null || of <= 0n) return "";
    const total = northstar.money.percent(-part, of);
    return { worked: { title: `${one} in percent of ${name}`, text: `${one}, divided by ${name}.`, total, terms: [{ name: one, value: northstar.money.exact(-part), figure, at }, { name: other, sign: "÷", value: northstar.money.exact(of), figure: whole, at }] }, after: ` of ${name}` };
  }

  /** How many fills some days have, day by day. @param {any[]} days */
  function fillsOf(days) {
    const count = (/** @type {number} */ many) => many.toLocaleString("en-US");
    const all = days.reduce((sum, day) => sum + day.fills, 0);
    const terms = [...days].reverse().filter((day) => day.fills).map((day, i) => ({ name: northstar.zone.dayName(day.day), sign: i ? "+" : "", value: count(day.fills) }));
    return { title: "Fills", text: "The fills of each company day, added up; a day's page lists them.", total: count(all), terms };
  }

  /** @param {any[]} days */
  const fills = (days) => northstar.worked.button(fillsOf(days));

  /** The figures that are held against the time before: what they are called, and what explains them. */
  const NET = { name: "Net P&L", figure: "net" };
  const OTHER = { name: "Other", figure: "other_total" };

  /** @param {typeof NET} what @param {bigint | null} now @param {bigint | null} then @param {string} period @param {string} [at] of when this is @param {string} [atThen] of when that was @returns {Note} */
  function against({ name, figure }, now, then, period, at = "", atThen = "") {
    if (now === null || then === null) return "nothing to compare with";
    const change = now - then;
    const share = then === 0n ? null : percent(change < 0n ? -change : change, then < 0n ? -then : then);
    const much = share && share.length < 7 ? share : dollars(change, true);
    const opens = (/** @type {string} */ when) => (when ? { figure, at: when } : {});
    return {
      worked: {
        title: `${name} against the ${period.replace(/^the /, "")}`, text: "What it is in the range, less what it was in the time before it; in percent, of the size of that.", total: `${change < 0n ? "▼" : change > 0n ? "▲" : "="} ${much}`,
        terms: [{ name: `${name} of the range`, value: exact(now), ...opens(at) }, { name: `${name} of the ${period.replace(/^the /, "")}`, sign: "−", value: exact(then), ...opens(atThen) }, { name: "Change", sign: "=", value: exact(change) }, ...(share && much === share ? [{ name: "Size of the time before", sign: "÷", value: northstar.money.exact(then < 0n ? -then : then) }] : [])],
      },
      after: ` vs ${period}`,
    };
  }

  /**
   * What the strip says.
   * @param {any} found what the loader has @param {string} [at] what the figures are explained at @param {string} [atThen] the same of the time before
   * @returns {{name: string, figure: string, amount: bigint | null, text: string | null, tone: string, note: Note, also?: {figure: string, amount: bigint}}[] | null} null until enough is read; `also` is a second figure, in the note
   */
  function stats({ history, before, days }, at = "", atThen = "") {
    if (!history || !days) return null;
    const { nano } = northstar.money;
    const whole = history.span.days !== null;
    const sum = (/** @type {string} */ figure) => (whole ? northstar.statement.sumOf(days.total.lines, northstar.series.FIGURES[figure]) : history.grown[figure] ?? null);
    const net = whole ? nano(days.total.net) : history.series.end;
    const then = before ? (whole ? nano(before.total?.net ?? null) : before.series.end) : null;
    const [revenue, trading, fees, api, other] = Object.keys(northstar.series.FIGURES).map(sum);
    const otherThen = before ? (whole ? northstar.statement.sumOf(before.total?.lines ?? {}, northstar.series.FIGURES.other_total) : before.grown?.other_total ?? null) : null;
    const nets = days.days.map((/** @type {any} */ day) => nano(day.net)).filter((/** @type {bigint | null} */ one) => one !== null);
    const good = nets.filter((/** @type {bigint} */ one) => one > 0n).length;
    const length = days.days.length;
    const { course } = history;
    const fall = course?.fall ?? null;
    const tone = (/** @type {bigint | null} */ amount) => (amount === null || amount === 0n ? "flat" : amount > 0n ? "gain" : "loss");
    const restated = days.days.filter((/** @type {any} */ day) => day.restated_by).length;
    const since = whole ? null : late(history);
    const told = since !== null ? `snapshots only since ${moment(`${northstar.range.dayOf(since, history.zone)} ${northstar.zone.hourMinute(since, history.zone)}:00`, history)}` : history.state.compare === "previous" ? compared(NET, net, then, history, before, days, at, atThen) : `${length === 1 ? "one day" : `${length} days`}${restated ? `, ${restated} restated` : ""}`;
    const aDay = revenue === null || !whole ? "net of refunds and fees" : {
      worked: { title: "Revenue a day", text: "Revenue of the range, divided by its company days.", total: dollars(revenue / BigInt(length || 1)), terms: [{ name: "Revenue", value: exact(revenue), figure: "revenue_total", at }, { name: "Company days", sign: "÷", value: String(length || 1) }] }, after: " a day",
    };
    return [
      { name: "Net P&L", figure: "net", amount: net, text: null, tone: tone(net), note: told },
      { name: "Revenue", figure: "revenue_total", amount: revenue, text: null, tone: "flat", note: aDay },
      { name: "Trading", figure: "trading_total", amount: trading, text: null, tone: tone(trading), note: whole ? { worked: fillsOf(days.days), after: " fills" } : "realised and unrealised" },
      { name: "Fees", figure: "trading_fees", amount: fees, text: null, tone: "flat", note: share(fees, trading, "trading", ["Fees", "trading_fees", "Trading", "trading_total"], at) },
      { name: "API cost", figure: "api_cost", amount: api, text: null, tone: "flat", note: share(api, revenue, "revenue", ["API cost", "api_cost", "Revenue", "revenue_total"], at) },
      ...(other || otherThen ? [{ name: OTHER.name, figure: OTHER.figure, amount: other, text: null, tone: tone(other), note: since === null && history.state.compare === "previous" ? compared(OTHER, other, otherThen, history, before, days, at, atThen) : "costs and income" }] : []),
      whole
        ? { name: "Profitable days", figure: "profitable_days", amount: null, text: nets.length ? `${Math.round((good / nets.length) * 100)}%` : "—", tone: "flat", note: `${good} of ${nets.length} days` }
        : { name: "Highest, lowest", figure: "highest_net", amount: course?.high ?? null, text: course ? dollars(course.high, true) : "—", tone: "flat", note: course ? "lowest " : "", ...(course ? { also: { figure: "lowest_net", amount: course.low } } : {}) },
      { name: "Max drawdown", figure: "max_drawdown", amount: fall?.amount ?? null, text: null, tone: fall?.amount ? "loss" : "flat", note: fall ? (fall.amount ? `at ${moment(fall.when, history)}` : "never fell") : "nothing is known" },
    ];
  }

  /** When the first snapshot of a range of hours was made, where that is later than the range begins; null where they cover its beginning. @param {any} history */
  function late({ span, series, first }) {
    const known = (series.bars ?? []).find((/** @type {any} */ bar) => bar.close !== null);
    return known && known.at > span.since ? first : null;
  }

  /** The change against the time before, where all of that is known. @param {typeof NET} what @param {bigint | null} now @param {bigint | null} then @param {any} history @param {any} before @param {any} days those of the range @param {string} at @param {string} atThen @returns {Note} */
  function compared(what, now, then, { span }, before, { days }, at, atThen) {
    if (!span.days) return before && late(before) !== null ? "the time before is not known whole" : against(what, now, then, "the time before", at, atThen);
    const length = Math.round((Date.parse(span.days.to) - Date.parse(span.days.from)) / 86_400_000);
    const known = before?.days?.filter((/** @type {any} */ day) => northstar.statement.comparable(day, days)).length ?? length;
    const prior = length === 1 ? "prior day" : `prior ${length} d`;
    return known < length ? `not compared: ${known || "none"} of the ${prior} ${known === 1 ? "is" : "are"} known` : against(what, now, then, prior, at, atThen);
  }

  /** When it was lowest, shortly: `2026-11-20 14:00:10`, `the end of 2026-11-20`. @param {string} when as the server says it @param {any} history */
  const moment = (when, { span }) =>
    when.replace(/\d{4}-(\d{2})-(\d{2})(?: (\d{2}:\d{2}):\d{2})?/, (_, month, day, time) => `${Number(day)} ${northstar.range.MONTHS[Number(month) - 1]}${time && span.until - span.since <= 172_800_000 ? ` ${time}` : ""}`);

  /** A note as it is shown, and in plain words. @param {Note} note */
  function read(note) {
    if (typeof note === "string") return { parts: [note], words: note };
    return { parts: [northstar.worked.button(note.worked), note.after ?? ""], words: `${note.worked.total}${note.after ?? ""}` };
  }

  /** @param {any} found @param {string} at what the figures are explained at; empty where they are not a statement of days @param {string} zone @param {string} [atThen] the same of the time before */
  function strip(found, at, zone, atThen = "") {
    const { el } = northstar.dom;
    const told = stats({ ...found, history: found.history && { ...found.history, zone } }, at, atThen);
    if (!told) return [el("div.stat.stat-waiting", { "data-key": "waiting", role: "status" }, el("span.stat-name", null, "Reading the days…"))];
    const exactly = (/** @type {bigint | null} */ amount) => (amount === null ? null : northstar.money.exact(amount, { plus: true }));
    return told.map(({ name, figure, amount, text, tone, note, also }) => {
      const shown = text ?? (amount === null ? "—" : dollars(amount, tone !== "flat"));
      const exact = exactly(amount);
      const { parts, words } = read(note);
      return el("div.stat", { "data-key": name },
        el("span.stat-name", null, name),
        at && shown !== "—"
          ? el(`button.why.stat-value.${tone}`, { type: "button", "data-explain": figure, "data-explain-at": at, "aria-haspopup": "dialog", title: exact, "data-exact": exact }, shown)
          : el(`span.stat-value.${tone}`, { title: exact, "data-exact": exact }, shown),
        el("span.stat-note", { title: words }, ...parts,
          also ? el("button.why", { type: "button", "data-explain": also.figure, "data-explain-at": at, "aria-haspopup": "dialog", title: exactly(also.amount), "data-exact": exactly(also.amount) }, dollars(also.amount, true)) : null));
    });
  }

  northstar.historyStats = { stats, strip, fills };
}
