/** What a chart shows as rows: for who does not see it, and for who wants the figures. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const MINUTE = 60_000;
  /** The longest stretch of a day that its rows are so many minutes apart for. */
  const STEPS = [[60, 5], [360, 15], [Infinity, 60]];

  /**
   * The course of a stretch of a day, in rows of some minutes: the last net of each, the least and the most of it, and
   * the fall from the highest before. A row in which nothing is known says so.
   * @param {{points: any[]}} day @param {number} from @param {number} to epoch ms @param {bigint | null} [now] the net at `to`, as the page shows it
   * @returns {{at: number, until: number, last: bigint | null, low: bigint | null, high: bigint | null, fall: bigint | null}[]}
   */
  function course({ points }, from, to, now = null) {
    const minutes = /** @type {number[]} */ (STEPS.find(([longest]) => to - from <= longest * MINUTE))[1];
    const width = minutes * MINUTE;
    const rows = [];
    /** @type {bigint | null} */
    let peak = null;
    let next = 0;
    const top = (/** @type {any} */ point) => void (point.high !== null && (peak === null || point.high > peak) && (peak = point.high));
    const known = now === null ? points : [...points.filter(({ at }) => at < to), { at: to, low: now, high: now, values: { net: now } }];
    while (next < known.length && known[next].at <= from) top(known[next++]);
    for (let at = Math.floor(from / width) * width; at < to; at += width) {
      const own = [];
      while (next < known.length && known[next].at <= at + width) own.push(known[next++]);
      own.forEach(top);
      const told = own.filter((point) => point.low !== null && point.high !== null);
      const last = told.length ? told[told.length - 1].values.net ?? null : null;
      rows.push({
        at, until: Math.min(at + width, to), last,
        low: told.reduce((/** @type {bigint | null} */ low, point) => (low === null || point.low < low ? point.low : low), null),
        high: told.reduce((/** @type {bigint | null} */ high, point) => (high === null || point.high > high ? point.high : high), null),
        fall: last === null || peak === null ? null : last - peak,
      });
    }
    return rows;
  }

  /** The parts of the net with the level that each leads to, in cents. @param {{id: string, name: string, amount: bigint | null, to: bigint, total: boolean}[]} steps */
  const levels = (steps) => steps.map(({ name, amount, to, total }) => ({ name, amount, level: amount === null ? null : to, total }));

  /**
   * The bars of the history, and a row wherever some are missing.
   * @param {{bars: any[], step: number}} series
   */
  function bars({ bars: all, step }) {
    return all.flatMap((bar, i) => {
      const before = all[i - 1];
      const missing = before && bar.at - before.until > step / 2 ? [{ at: before.until, until: bar.at, last: null, low: null, high: null }] : [];
      return [...missing, { at: bar.at, until: bar.until, last: bar.close, low: bar.low, high: bar.high }];
    });
  }

  /** @param {bigint | null} nano */
  const shown = (nano) => (nano === null ? "—" : northstar.money.dollars(northstar.money.cents(nano), { plus: true }));

  /** @param {string[]} head @param {(Node | string)[][]} rows @param {string} name */
  function table(head, rows, name) {
    const { el } = northstar.dom;
    return el("div.scroll", { tabindex: "0", role: "region", "aria-label": name },
      el("table.table.as-table", null,
        el("thead", null, el("tr", null, ...head.map((title, i) => el(i ? "th.num" : "th", { scope: "col" }, title)))),
        el("tbody", null, ...rows.map((cells) => el("tr", null, ...cells.map((cell, i) => el(i ? "td.num" : "th", i ? null : { scope: "row" }, cell)))))));
  }

  /** A row of a course; where nothing is known, that is what it says. @param {string} when @param {any} row @param {(bigint | null)[]} amounts */
  const courseRow = (when, row, amounts) => [when, ...(row.last === null && row.low === null ? [northstar.dom.el("span.quiet", null, "no data"), ...amounts.slice(1).map(() => "")] : amounts.map(shown))];

  /** @type {Record<string, (view: View) => {title: string, note: string, table: Node} | null>} */
  const charts = {
    curve(view) {
      const { snapshot, past, zone } = view;
      if (!snapshot || past.today?.day !== snapshot.day) return null;
      const { hourMinute } = northstar.zone;
      const rows = course(past.today, northstar.curve.since(view), Date.parse(snapshot.as_of), northstar.money.nano(snapshot.net));
      return {
        title: "Net P&L and drawdown", note: `${northstar.zone.dayName(snapshot.day)}, times in ${northstar.zone.name(Date.parse(snapshot.as_of), zone)}; the net at the end of each row, and its lowest and highest within.`,
        table: table(["Until", "Net", "Lowest", "Highest", "Below the peak"], rows.map((row, i) => courseRow(i === rows.length - 1 ? northstar.zone.clock(row.until, zone) : hourMinute(row.until, zone), row, [row.last, row.low, row.high, row.fall])), "Net P&L and drawdown"),
      };
    },
    waterfall({ snapshot }) {
      if (!snapshot) return null;
      const { dollars } = northstar.money;
      const read = northstar.statement.read(snapshot);
      const rows = levels(northstar.waterfall.steps(read));
      const rounds = northstar.ties.apart(read.net, read.parts.map((/** @type {any} */ part) => part.shown));
      const text = (/** @type {bigint | null} */ cents) => (cents === null ? "—" : dollars(cents, { plus: true }));
      return { title: "How today adds up", note: `Each part, and what it leads to.${rounds ? ` ${northstar.ties.ROUNDED}` : ""}`, table: table(["Part", "Amount", "So far"], rows.map(({ name, amount, level }) => [name, text(amount), text(level)]), "How today adds up") };
    },
    history({ zone }) {
      const history = northstar.historyPage.page.loader?.found.history;
      if (!history) return null;
      const { series, span, step } = history;
      const wall = (/** @type {number} */ at) => northstar.then.wallOf(at, zone).replace("T", " ").slice(0, step === "1d" || step === "1w" ? 10 : 16);
      return {
        title: "Cumulative net P&L", note: `${northstar.range.said(span, zone)}, counted from its beginning; times in ${northstar.zone.name(span.until - 1, zone)}.`,
        table: table(["From", "Net at the end", "Lowest", "Highest"], bars(series).map((row) => courseRow(wall(row.at), row, [row.last, row.low, row.high])), "Cumulative net P&L"),
      };
    },
  };

  (northstar.actions ??= {})["as-table"] = (/** @type {HTMLElement} */ button, /** @type {View} */ view) => {
    const { el } = northstar.dom;
    const made = charts[button.dataset.of ?? ""]?.(view);
    northstar.overlay.dialog(made?.title ?? "As a table", made ? [el("p.quiet", null, made.note), made.table] : [el("p", null, "The chart has nothing to show yet.")]);
  };

  northstar.asTable = { course, levels, bars };
}
