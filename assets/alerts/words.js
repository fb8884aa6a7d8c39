/** Alerts in words: phases, values in their unit, lengths of time, and what a rule watches for. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** @type {Record<string, {word: string, icon: string, tone: string}>} */
  const PHASES = {
    firing: { word: "Firing", icon: "bell", tone: "loss" },
    pending: { word: "Pending", icon: "clock", tone: "warn" },
    resolved: { word: "Resolved", icon: "circle-check", tone: "gain" },
    inactive: { word: "Quiet", icon: "circle-check", tone: "" },
  };
  const ORDER = ["firing", "pending", "resolved", "inactive"];
  /** @type {Record<string, string>} */
  const COMPARISONS = { above: "above", below: "below", at_least: "at or above", at_most: "at or below" };
  /** @type {Record<string, string>} */
  const SPANS = { "0s": "at once", "30s": "30 seconds", "1m": "1 minute", "2m": "2 minutes", "5m": "5 minutes", "15m": "15 minutes", "1h": "1 hour" };
  /** @type {Record<string, string>} */
  const SILENCES = { "1h": "1 h", "8h": "8 h", "1d": "1 day", "7d": "7 days" };
  /** @type {Record<string, string>} */
  const KINDS = { pagerduty: "PagerDuty", slack: "Slack", webhook: "Webhook" };

  /** @param {number} seconds */
  function spelled(seconds) {
    const parts = [[Math.floor(seconds / 3600), "h"], [Math.floor(seconds / 60) % 60, "min"], [seconds % 60, "s"]];
    return parts.filter(([size]) => size).map(([size, name]) => `${size} ${name}`).join(" ") || "0 s";
  }

  /** A value in its unit. @param {string | null} value a decimal string @param {string} unit */
  function shown(value, unit) {
    if (value === null) return "—";
    if (unit === "dollars") return northstar.money.dollars(northstar.money.cents(northstar.money.nano(value)));
    if (unit === "percent") return `${Number(value).toLocaleString("en-US", { maximumFractionDigits: 2 })} %`;
    if (unit === "seconds") return spelled(Number(value));
    if (unit === "flag") return value === "0" ? "no" : "yes";
    return Number(value).toLocaleString("en-US");
  }

  /** A value to its last digit, as limits are told: they are what somebody gave. @param {string} value @param {string} unit */
  function exactly(value, unit) {
    if (unit === "dollars") return northstar.money.exact(northstar.money.nano(value));
    return unit === "percent" ? `${northstar.money.count(value)} %` : shown(value, unit);
  }

  /** The value of a rule: exactly where the hundredth does not tell it from the limit. @param {any} rule */
  function standing({ value, amount, unit }) {
    if (value === null || amount === null) return shown(value, unit);
    const nano = northstar.money.nano(amount);
    const same = northstar.money.nano(value) !== nano && shown(value, unit) === exactly(amount, unit);
    return same || nano % northstar.money.CENT ? exactly(value, unit) : shown(value, unit);
  }

  /** What the rule watches, in a few words, and the limit; no limit of a yes or no. @param {any} rule @returns {[string, string]} */
  const watches = (rule) => (rule.unit === "flag" ? [`${rule.figure_name} is stale`, ""] : [`${rule.figure_name} ${COMPARISONS[rule.when]}`, exactly(rule.amount, rule.unit)]);

  /** @param {number} seconds */
  function lasting(seconds) {
    const [size, unit] = seconds % 86_400 === 0 ? [86_400, "d"] : seconds % 3600 === 0 ? [3600, "h"] : seconds % 60 === 0 ? [60, "m"] : [1, "s"];
    return seconds === 0 ? "0s" : `${seconds / size}${unit}`;
  }

  /** Those that fire first, then by name. @param {any[]} rules */
  const sorted = (rules) => [...rules].sort((one, two) => ORDER.indexOf(one.state) - ORDER.indexOf(two.state) || one.name.localeCompare(two.name));

  northstar.alertWords = { PHASES, COMPARISONS, SPANS, SILENCES, KINDS, shown, standing, watches, lasting, sorted };
}
