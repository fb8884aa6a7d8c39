/** What the server measures of itself, in words: what each measure is, how it is told, and what its limits are. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** @type {Record<string, {title: string, what: string, none: string}>} */
  const MEASURES = {
    api: { title: "API answers", what: "or less for 99 in 100 requests", none: "no request in the last five minutes" },
    aggregation: { title: "Making a snapshot", what: "or less for 95 in 100 snapshots", none: "no snapshot was made here in the last five minutes" },
    delivery: { title: "Live delivery", what: "or less for 99 in 100 ticks, to all pages", none: "no tick had a page to go to in the last five minutes" },
    cache: { title: "Cache hits", what: "of questions about the past, without the database", none: "no question about the past yet" },
    database: { title: "Database", what: "or less for 99 in 100 statements", none: "no statement in the last five minutes" },
    clients: { title: "Open pages", what: "pages and panels, by WebSocket or events", none: "" },
    errors: { title: "Failed requests", what: "of all requests, by the server's fault", none: "no request in the last five minutes" },
    memory: { title: "Memory", what: "held by this process", none: "" },
    disk: { title: "Free disk", what: "left where the database is", none: "" },
  };

  /** @type {Record<string, {word: string, icon: string}>} */
  const STATES = {
    ok: { word: "Good", icon: "circle-check" },
    warning: { word: "Look into it", icon: "triangle-alert" },
    critical: { word: "Act now", icon: "circle-alert" },
    idle: { word: "Not measured", icon: "circle-dashed" },
    few: { word: "Too few to judge", icon: "circle-dashed" },
    unknown: { word: "Unknown", icon: "circle-dashed" },
  };

  /** A time, to three figures. @param {number} us */
  function time(us) {
    if (us < 1000) return `${us} µs`;
    const ms = us / 1000;
    if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
    return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  }

  /** Parts in a million as per cent; never rounded up to a whole that it is not. @param {number} ppm */
  function part(ppm) {
    const percent = ppm / 10_000;
    if (percent === 0 || percent === 100) return `${percent}%`;
    const shown = percent < 1 ? percent.toFixed(2) : percent.toFixed(1);
    if (Number(shown) === 100) return "99.9%";
    return Number(shown) === 0 ? "under 0.01%" : `${Number(shown)}%`;
  }

  /** A value in its unit. @param {number | null} value @param {string} unit */
  function told(value, unit) {
    if (value === null) return "—";
    if (unit === "microseconds") return time(value);
    if (unit === "ppm") return part(value);
    return unit === "bytes" ? northstar.exportChoice.size(value) : value.toLocaleString("en-US");
  }

  /** What else is to be known of a measure. @param {any} measure */
  function beside({ name, beside: more }) {
    const count = (/** @type {number} */ n, /** @type {string} */ one, /** @type {string} */ many) => `${n.toLocaleString("en-US")} ${n === 1 ? one : many}`;
    if (name === "cache") return more.reads ? `${count(more.reads, "question", "questions")}, judged from ${more.few.toLocaleString("en-US")} on` : "";
    if (name === "clients") return `at most ${more.most.toLocaleString("en-US")} in the last quarter of an hour`;
    if (name === "errors") return more.requests ? `${more.failed.toLocaleString("en-US")} of ${count(more.requests, "request", "requests")}` : "";
    if (name === "disk") return `${told(more.free, "bytes")} of ${told(more.size, "bytes")}`;
    return "";
  }

  /** From where on somebody should look, and must. @param {any} measure */
  function limits({ name, unit, warning, critical, more, beside: { most } }) {
    if (name === "clients") return most < 10 ? "A sudden loss is told once ten are open." : "Warns when a tenth of them goes at once, alarms at half.";
    const [w, c] = [told(warning, unit), told(critical, unit)];
    return name === "disk" ? `Warns below ${w}, alarms below ${c} or 500 MB.` : `Warns ${more ? "below" : "above"} ${w}, alarms ${more ? "below" : "above"} ${c}.`;
  }

  /** How far a value is on its way to the critical limit, in per cent; null where there is no such way. @param {any} measure */
  function way({ name, value, critical, more }) {
    if (value === null || name === "clients") return null;
    const on = more ? value / 10_000 : (value / critical) * 100;
    return Math.min(100, Math.max(0, on));
  }

  /** The state that a card shows: of what is idle with a value there was too little. @param {any} measure @param {boolean} heard whether the server still answers */
  const stateOf = ({ state, value }, heard) => (!heard ? "unknown" : state === "idle" && value !== null ? "few" : state);

  /** All of them in a few words, the worst first. @param {any[]} measures */
  function summed(measures) {
    const of = (/** @type {string} */ state) => measures.filter((measure) => measure.state === state).length;
    const [critical, warning, good] = ["critical", "warning", "ok"].map(of);
    const worst = critical ? "critical" : warning ? "warning" : "ok";
    const parts = [critical ? `${critical} to act on` : "", warning ? `${warning} to look into` : "", `${good} of ${measures.length} good`].filter(Boolean);
    return { worst, text: parts.join(" · ") };
  }

  northstar.statusWords = { MEASURES, STATES, time, part, told, beside, limits, way, stateOf, summed };
}
