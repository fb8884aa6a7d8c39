/**
 * Ranges of time: presets, and what is typed (`now-6h`, `2026-08-23`, `2026-08-23 14:30`), as instants of
 * the company's zone. A range of more than a week is of whole company days.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const HOUR = 3_600_000;
  const DAY = 24 * HOUR;
  const LONGEST_FREE = 7 * DAY;
  /** No company day is before it. */
  const FIRST_DAY = "1970-01-01";
  const UNITS = { m: HOUR / 60, h: HOUR, d: DAY, w: 7 * DAY };
  const WALL = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2})(?::(\d{2}))?)?$/;
  /** As the API takes it, and as it tells it. */
  const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:\d{2})$/i;
  const BACK = /^now(?:\s*-\s*(\d{1,5})\s*([mhdw]))?$/;

  /** @typedef {{since: number, until: number, days: {from: string, to: string} | null, moving: boolean, snapped?: boolean}} Span
   *   epoch ms, half-open; `days` where it is of whole company days; `moving` where it ends now; `snapped` where times were asked for, of which these are the whole days */

  /** @type {[string, string, string][]} key, whole name, short name of those that are always in sight */
  const PRESETS = [
    ["1h", "Last hour", "1H"], ["24h", "Last 24 hours", "24H"], ["today", "Today", ""], ["yesterday", "Yesterday", ""], ["7d", "Last 7 days", "7D"], ["30d", "Last 30 days", "30D"],
    ["90d", "Last 90 days", "90D"], ["month", "Month to date", ""], ["last_month", "Last month", ""], ["quarter", "Quarter to date", ""], ["ytd", "Year to date", "YTD"], ["1y", "Last 365 days", "1Y"], ["all", "All time", "All"],
  ];

  /** The company day of an instant. @param {number} at @param {string} zone */
  const dayOf = (at, zone) => new Date(northstar.zone.wall(at, zone)).toISOString().slice(0, 10);

  /** A company day, or the first of all where it is before that. @param {string} day */
  const known = (day) => (day < FIRST_DAY ? FIRST_DAY : day);

  /** @param {string} from @param {string} to the first day that is out again @param {string} zone @param {number} now @returns {Span} */
  function ofDays(from, to, zone, now) {
    const until = northstar.zone.dayStart(to, zone);
    return { since: northstar.zone.dayStart(from, zone), until: Math.min(until, Math.max(now, northstar.zone.dayStart(from, zone) + 1)), days: { from, to }, moving: until > now };
  }

  /**
   * A preset's range.
   * @param {string} key @param {number} now epoch ms @param {string} zone @param {string | null} first the first company day that is kept
   * @returns {Span | null} null for a key that is none
   */
  function preset(key, now, zone, first) {
    const { dayAfter } = northstar.zone;
    const today = dayOf(now, zone);
    const tomorrow = dayAfter(today, 1);
    const month = `${today.slice(0, 8)}01`;
    const quarter = `${today.slice(0, 5)}${String(Math.floor((Number(today.slice(5, 7)) - 1) / 3) * 3 + 1).padStart(2, "0")}-01`;
    if (key === "1h" || key === "24h") return { since: now - (key === "1h" ? HOUR : DAY), until: now, days: null, moving: true };
    const begins = { today, yesterday: dayAfter(today, -1), "7d": dayAfter(today, -6), "30d": dayAfter(today, -29), "90d": dayAfter(today, -89), month,
      last_month: `${dayAfter(month, -1).slice(0, 8)}01`, quarter, ytd: `${today.slice(0, 5)}01-01`, "1y": dayAfter(today, -364), all: first ?? today }[key];
    if (!begins) return null;
    return ofDays(begins, key === "yesterday" ? today : key === "last_month" ? month : tomorrow, zone, now);
  }

  /** The instant that a text means; null when it means none. @param {string} text @param {boolean} end whether a day alone means its end @param {number} now @param {string} zone */
  function instant(text, end, now, zone) {
    const said = text.trim().toLowerCase();
    const back = BACK.exec(said);
    if (back) return { at: now - (back[1] ? Number(back[1]) * UNITS[/** @type {keyof typeof UNITS} */ (back[2])] : 0), now: !back[1], day: null, clock: false };
    if (RFC_3339.test(said)) {
      const at = Date.parse(text.trim());
      const real = new Date(`${said.slice(0, 10)}T00:00:00Z`);
      return Number.isNaN(at) || Number.isNaN(real.getTime()) || real.toISOString().slice(0, 10) !== said.slice(0, 10) ? null : { at, now: false, day: null, clock: true };
    }
    const wall = WALL.exec(text.trim());
    if (!wall || Number.isNaN(Date.parse(`${wall[1]}T00:00:00Z`)) || new Date(`${wall[1]}T00:00:00Z`).toISOString().slice(0, 10) !== wall[1]) return null;
    if (!wall[2]) return { at: northstar.zone.dayStart(end ? northstar.zone.dayAfter(wall[1]) : wall[1], zone), now: false, day: wall[1], clock: false };
    const at = Date.parse(`${wall[1]}T${wall[2]}:${wall[3] ?? "00"}Z`);
    if (Number.isNaN(at)) return null;
    return { at: Date.parse(northstar.then.instantOf(`${wall[1]}T${wall[2]}:${wall[3] ?? "00"}`, zone)), now: false, day: null, clock: true };
  }

  /**
   * The range between two texts; the last day counts whole.
   * @param {string} from @param {string} to @param {number} now @param {string} zone
   * @returns {{span: Span} | {field: "from" | "to", wrong: string}}
   */
  function typed(from, to, now, zone) {
    const cure = "write a day such as 2026-08-23, a time such as 2026-08-23 14:30, or now-6h";
    const [begin, end] = [instant(from, false, now, zone), instant(to, true, now, zone)];
    if (!begin) return { field: "from", wrong: `From ${from ? `“${from}” is no time` : "is empty"}: ${cure}.` };
    if (!end) return { field: "to", wrong: `To ${to ? `“${to}” is no time` : "is empty"}: ${cure}.` };
    if (begin.at >= now) return { field: "from", wrong: "From lies in the future: choose an earlier time." };
    if (end.at <= begin.at) return { field: "to", wrong: "To is not after From: choose a later time." };
    const whole = (begin.day && (end.day || end.now)) || end.at - begin.at > LONGEST_FREE;
    if (!whole) return { span: { since: begin.at, until: Math.min(end.at, now), days: null, moving: end.at >= now } };
    const last = Math.min(end.at, now);
    const span = ofDays(dayOf(begin.at, zone), northstar.zone.dayAfter(dayOf(last - 1, zone)), zone, now);
    const times = [begin, end].some(({ clock }) => clock) && (span.since !== begin.at || (end.at < now && span.until !== end.at));
    return { span: times ? { ...span, snapped: true } : span };
  }

  /** The range of the same length just before; null where it begins before all days there are. @param {Span} span @param {string} zone @returns {Span | null} */
  function before(span, zone) {
    if (!span.days) return { since: span.since - (span.until - span.since), until: span.since, days: null, moving: false };
    const { from, to } = span.days;
    const length = Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY);
    const start = northstar.zone.dayAfter(from, -length);
    if (start < FIRST_DAY) return null;
    return { since: northstar.zone.dayStart(start, zone), until: northstar.zone.dayStart(from, zone), days: { from: start, to: from }, moving: false };
  }

  /** The range of the same length just after; null when it has not begun. @param {Span} span @param {string} zone @param {number} now @returns {Span | null} */
  function after(span, zone, now) {
    if (span.until >= now) return null;
    if (!span.days) return { since: span.until, until: Math.min(now, span.until + (span.until - span.since)), days: null, moving: span.until + (span.until - span.since) >= now };
    const { from, to } = span.days;
    const length = Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY);
    return ofDays(to, northstar.zone.dayAfter(to, length), zone, now);
  }

  /** How a range is typed: the last day counts whole, and what is not over ends now. @param {Span} span @param {string} zone @param {number} now @returns {{from: string, to: string}} */
  function text(span, zone, now) {
    const wall = (/** @type {number} */ at) => northstar.then.wallOf(at, zone).replace("T", " ");
    if (!span.days) return { from: wall(span.since), to: span.until >= now ? "now" : wall(span.until) };
    const last = northstar.zone.dayAfter(span.days.to, -1);
    return { from: span.days.from, to: last >= dayOf(now, zone) ? "now" : last };
  }

  /**
   * How the stretch of a range is typed so that it stays the same: it ends with its last day, or at an instant. Of parts
   * of seconds the next whole one counts, at both ends, which leaves the same snapshots between them.
   * @param {Span} span @param {string} zone @returns {{from: string, to: string}}
   */
  function pinned({ since, until, days }, zone) {
    if (days) return { from: days.from, to: northstar.zone.dayAfter(days.to, -1) };
    /** @param {number} at */
    const told = (at) => {
      const second = Math.ceil(at / 1000) * 1000;
      const wall = northstar.then.wallOf(second, zone);
      const instant_ = new Date(second).toISOString().replace(".000Z", "Z");
      // Of an hour that the clocks tell twice only the instant says which.
      return northstar.then.instantOf(wall, zone) === instant_ ? wall.replace("T", " ") : instant_;
    };
    return { from: told(since), to: told(until) };
  }

  /** `23 Aug to 20 Nov 2026`, `20 Nov 2026, 08:30 to 14:32`. @param {Span} span @param {string} zone */
  function said(span, zone) {
    const { hourMinute } = northstar.zone;
    const named = (/** @type {string} */ day, year = true) => `${Number(day.slice(8))} ${MONTHS[Number(day.slice(5, 7)) - 1]}${year ? ` ${day.slice(0, 4)}` : ""}`;
    const first = span.days?.from ?? dayOf(span.since, zone);
    const last = span.days ? northstar.zone.dayAfter(span.days.to, -1) : dayOf(span.until, zone);
    const sameYear = first.slice(0, 4) === last.slice(0, 4);
    if (span.days) return first === last ? named(first) : `${named(first, !sameYear)} to ${named(last)}`;
    if (first === last) return `${named(first)}, ${hourMinute(span.since, zone)} to ${hourMinute(span.until, zone)}`;
    return `${named(first, !sameYear)}, ${hourMinute(span.since, zone)} to ${named(last)}, ${hourMinute(span.until, zone)}`;
  }
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

  northstar.range = { PRESETS, MONTHS, LONGEST_FREE, ofDays, preset, typed, before, after, text, pinned, said, dayOf, known };
}
