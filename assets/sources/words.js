/** The sources in words: their names, what each gives, how it does, and what becomes of a wish to read it. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** @type {Record<string, {title: string, gives: string, group: string}>} */
  const KNOWN = {
    kalshi: { title: "Kalshi", gives: "Fills, settlements, fees, cash, positions and prices", group: "kalshi" },
    anthropic: { title: "Anthropic", gives: "What the API was used for, and what it cost", group: "anthropic" },
    "revenue.feed": { title: "Revenue feed", gives: "Sales, refunds and fees from your own service", group: "revenue" },
    "revenue.stripe": { title: "Stripe", gives: "Sales, refunds and fees from the Stripe balance", group: "revenue" },
    "revenue.csv": { title: "Revenue file", gives: "Sales, refunds and fees from a CSV file", group: "revenue" },
  };

  const STATES = {
    fresh: { word: "Live", icon: "circle-check", says: "read in time" },
    late: { word: "Late", icon: "clock", says: "older than it should be" },
    stale: { word: "Stale", icon: "triangle-alert", says: "older than its limit" },
    down: { word: "Down", icon: "circle-alert", says: "it has never answered" },
    off: { word: "Not connected", icon: "circle-dashed", says: "" },
    unknown: { word: "Unknown", icon: "circle-dashed", says: "the server is not heard from" },
    history: { word: "Reading in", icon: "refresh-cw", says: "its past is being read; figures are not whole yet" },
  };

  /** @param {string} name */
  const words = (name) => KNOWN[name] ?? { title: name, gives: "", group: name.split(".")[0] };

  /**
   * How a source does now: its own word, or else its age, as the chips of the live page tell it.
   * @param {any} source a row of `/api/pnl/sources` @param {{now: number, troubled: boolean, everySeconds?: number, askedEvery?: number}} view
   * @returns {keyof typeof STATES}
   */
  function stateOf(source, view) {
    if (source.status === "off") return "off";
    if (view.troubled) return "unknown";
    if (source.status === "down") return "down";
    const state = northstar.chips.aged(source, source.stale_seconds * 1000, view);
    return state === "stale" || source.caught_up ? state : "history";
  }

  /** How often it is read. @param {any} source @param {number} everySeconds the length of a tick */
  function cadence({ every_seconds: every }, everySeconds) {
    const seconds = Math.max(every, everySeconds);
    return seconds < 120 ? `every ${seconds} s` : `every ${Math.round(seconds / 60)} min`;
  }

  /** Milliseconds as a reader takes them in. @param {number | null} ms */
  const took = (ms) => (ms === null ? "—" : ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`);

  /** How far our clock is off. @param {number | null} ms */
  function clockSaid(ms) {
    if (ms === null) return "it does not tell its time";
    // A Date header has whole seconds: less than that is not known.
    if (Math.abs(ms) < 1000) return "in step, within a second";
    return `ours is ${took(Math.abs(ms))} ${ms > 0 ? "ahead" : "behind"}`;
  }

  /** A fact of an adapter as a label. @param {string} name */
  function label(name) {
    const said = name.replace(/_/g, " ");
    return said.charAt(0).toUpperCase() + said.slice(1);
  }

  /**
   * The stretches in which something was wrong, newest first.
   * @param {string} group @param {{at: string, error: string | null}[]} changes oldest first
   * @returns {{group: string, error: string, from: number, to: number | null}[]} `to` is null while it lasts
   */
  function episodes(group, changes) {
    /** @type {{group: string, error: string, from: number, to: number | null}[]} */
    const found = [];
    for (const { at, error } of changes) {
      const last = found.at(-1);
      if (last && last.to === null) {
        if (last.error === error) continue;
        last.to = Date.parse(at);
      }
      if (error) found.push({ group, error, from: Date.parse(at), to: null });
    }
    return found.reverse();
  }

  /**
   * What became of a wish to read a source now.
   * @param {{wish: number, at: number}} wish when it was made @param {any} source its row @param {{now: number, zone: string}} view
   * @returns {{done: boolean, well: boolean, text: string, later?: boolean}} `later` where the source may not be asked yet
   */
  function outcome(wish, source, { now, zone }) {
    const { clock } = northstar.zone;
    if (source.served >= wish.wish) {
      const at = source.last_attempt ? clock(source.last_attempt, zone) : "";
      if (source.error) return { done: true, well: false, text: `Tried at ${at}, and it failed: ${source.error}` };
      return { done: true, well: true, text: `Read at ${at}. All is well.` };
    }
    const next = source.next_attempt ? Date.parse(source.next_attempt) : now;
    if (next - now > 15_000) return { done: false, later: true, well: true, text: `It may be asked again at ${clock(source.next_attempt, zone)}, and is read then.` };
    if (now - wish.at > 60_000) return { done: true, well: false, text: "It was not read within a minute: no tick is made. See the status page." };
    return { done: false, well: true, text: "It is read with the next tick…" };
  }

  northstar.sourceWords = { words, stateOf, STATES, cadence, took, clockSaid, label, episodes, outcome };
}
