/** Times of the company day, in the company's zone, whatever zone the browser is in. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** @type {Map<string, Intl.DateTimeFormat>} */
  const formats = new Map();

  /** @param {string} zone @param {Intl.DateTimeFormatOptions} options */
  function format(zone, options) {
    const key = zone + JSON.stringify(options);
    const known = formats.get(key);
    if (known) return known;
    const made = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone });
    formats.set(key, made);
    return made;
  }

  /** @type {Map<string, number>} */
  const offsets = new Map();

  /**
   * Milliseconds that the zone's wall clock is ahead of UTC at an instant.
   * Zones change on quarter hours, so one answer serves a quarter of an hour.
   * @param {number} at epoch ms @param {string} zone
   */
  function offset(at, zone) {
    const quarter = Math.floor(at / 900_000);
    const key = `${zone} ${quarter}`;
    const known = offsets.get(key);
    if (known !== undefined) return known;
    const start = quarter * 900_000;
    const parts = format(zone, {
      year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
    }).formatToParts(start);
    const part = (/** @type {string} */ type) => Number(parts.find((p) => p.type === type)?.value);
    const wall = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
    offsets.set(key, wall - start);
    return wall - start;
  }

  /** The wall clock of an instant, as if it were UTC: what a chart without zones needs. @param {number} at @param {string} zone */
  const wall = (at, zone) => at + offset(at, zone);

  /**
   * The instant at which the zone's clock shows a wall time; where it skips that time, the instant at which it jumps.
   * @param {number} told the wall time, as if it were UTC @param {string} zone
   */
  function ofWall(told, zone) {
    const guess = told - offset(told, zone);
    const at = told - offset(guess, zone);
    if (wall(at, zone) === told) return at;
    let jump = Math.floor(Math.min(at, guess) / 900_000) * 900_000;
    while (wall(jump, zone) < told) jump += 900_000;
    return jump;
  }

  /** The instant at which a company day begins. @param {string} day YYYY-MM-DD @param {string} zone */
  const dayStart = (day, zone) => ofWall(Date.parse(`${day}T00:00:00Z`), zone);

  /** The day some days later; negative for earlier. @param {string} day YYYY-MM-DD @param {number} days */
  const dayAfter = (day, days = 1) => new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

  /** `14:32:10` @param {number | string} at @param {string} zone */
  const clock = (at, zone) =>
    format(zone, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(new Date(at));

  /** `14:32` @param {number | string} at @param {string} zone */
  const hourMinute = (at, zone) => clock(at, zone).slice(0, 5);

  /** Who calls zones by letters: each English knows those of its own part of the world. @type {["shortGeneric" | "short", string[]][]} */
  const NAMED = [["shortGeneric", ["en-US"]], ["short", ["en-US", "en-GB", "en-AU", "en-NZ", "en-ZA", "en-IN"]]];
  /** @type {Map<string, Intl.DateTimeFormat[]>} */
  const named = new Map();

  /** The short name of the zone at an instant: `ET`, `CET`; where it has none, `GMT+4`. @param {number} at @param {string} zone */
  function name(at, zone) {
    let known = named.get(zone);
    if (!known) named.set(zone, (known = NAMED.flatMap(([timeZoneName, places]) => places.map((place) => new Intl.DateTimeFormat(place, { timeZone: zone, timeZoneName })))));
    const names = known.map((one) => one.formatToParts(at).find((part) => part.type === "timeZoneName")?.value ?? zone);
    return names.find((one) => /^[A-Z]{2,5}$/.test(one)) ?? names[1];
  }

  /** `Fri 20 Nov` @param {string} day YYYY-MM-DD */
  const dayName = (day) =>
    format("UTC", { weekday: "short", day: "numeric", month: "short" }).format(Date.parse(`${day}T00:00:00Z`)).replace(",", "");

  /** `Fri 20 Nov 2026, 14:32:10 ET` @param {number} at epoch ms @param {string} zone */
  const instant = (at, zone) => {
    const day = new Date(wall(at, zone)).toISOString().slice(0, 10);
    return `${dayName(day)} ${day.slice(0, 4)}, ${clock(at, zone)} ${name(at, zone)}`;
  };

  /** `Fri` @param {string} day YYYY-MM-DD */
  const weekday = (day) => format("UTC", { weekday: "short" }).format(Date.parse(`${day}T00:00:00Z`));

  /** `0 s`, `42 s`, `4 m`, `2 h`, `3 d`: how long, in one unit. @param {number} ms */
  function age(ms) {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    if (seconds < 60) return `${seconds} s`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)} m`;
    if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
    return `${Math.floor(seconds / 86_400)} d`;
  }

  /** How long ago something is, or, of what lies ahead by more than clocks differ, how long until then. @param {number} ms since then */
  const since = (ms) => (ms < -60_000 ? `in ${age(-ms)}` : age(ms));

  /** `19 d`, `9 h`, `2 h 28 m`, `12 m`: how long until; `closed` when it has passed. @param {number} ms */
  function until(ms) {
    if (ms <= 0) return "closed";
    const minutes = Math.floor(ms / 60_000);
    if (minutes < 1) return "< 1 m";
    if (minutes < 60) return `${minutes} m`;
    const hours = Math.floor(minutes / 60);
    if (hours < 6) return `${hours} h ${minutes % 60} m`;
    return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
  }

  northstar.zone = { wall, ofWall, dayStart, dayAfter, clock, hourMinute, name, instant, dayName, weekday, age, since, until };
}
