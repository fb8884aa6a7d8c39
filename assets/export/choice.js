/** What can be exported, and how a choice of it is asked for. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /**
   * @typedef {{table: string, format: string, step: string, range: string, from: string, to: string, excel: boolean, local: boolean}} Choice
   * `range` names one of `RANGES`; `from` and `to` are of the page or chosen: company days, of which `to` is the last one, or instants.
   */

  const TABLES = [
    ["days", "Days", "one row a company day, as known now and as it was shown"],
    ["snapshots", "Snapshots", "the whole statement, as it was shown"],
    ["fills", "Fills", "every execution on Kalshi, with its ids"],
    ["settlements", "Settlements", "every settled market"],
    ["costs", "API costs", "every row of the cost reports"],
    ["revenue", "Revenue", "every sale, refund, fee and adjustment"],
    ["entries", "Entries", "what was entered by hand"],
  ];
  const FORMATS = [["csv", "CSV"], ["csv.gz", "CSV, gzip"], ["parquet", "Parquet"], ["xlsx", "XLSX"], ["beancount", "Beancount"]];
  const STEPS = [["raw", "Every snapshot"], ["1m", "A minute"], ["5m", "5 minutes"], ["15m", "15 minutes"], ["1h", "An hour"], ["4h", "4 hours"], ["1d", "A day (UTC)"], ["1w", "A week (UTC)"]];
  const RANGES = [["page", "As on this page"], ["today", "Today"], ["7", "Last 7 days"], ["30", "Last 30 days"], ["90", "Last 90 days"], ["year", "This year"], ["all", "Everything"], ["days", "From day to day"]];
  const DAY = /^\d{4}-\d{2}-\d{2}$/;
  const SHEETS = ["days", "fills"];

  /** Why a format does not fit a table; empty where it does. @param {string} format @param {string} table */
  function lacks(format, table) {
    if (format === "xlsx" && !SHEETS.includes(table)) return "XLSX is for days and fills";
    if (format === "beancount" && table !== "days") return "A journal is made of days";
    return "";
  }

  /** The choice made possible: a format that fits, a step for snapshots alone. @param {Choice} choice @returns {Choice} */
  function fitting(choice) {
    const format = lacks(choice.format, choice.table) ? "csv" : choice.format;
    return { ...choice, format, step: choice.table === "snapshots" ? choice.step : "raw" };
  }

  const isText = (/** @type {string} */ format) => format === "csv" || format === "csv.gz";

  /** From when to when, half-open; an empty text where there is no edge. @param {Choice} choice @param {string} today a company day */
  function edges({ range, from, to }, today) {
    const { dayAfter } = northstar.zone;
    const next = today ? dayAfter(today) : "";
    if (range === "all" || (!today && range !== "days" && range !== "page")) return { from: "", to: "" };
    if (range === "today") return { from: today, to: next };
    if (range === "year") return { from: `${today.slice(0, 4)}-01-01`, to: next };
    if (range === "days") return { from, to: DAY.test(to) ? dayAfter(to) : to };
    if (range === "page") return { from, to };
    return { from: dayAfter(today, 1 - Number(range)), to: next };
  }

  /**
   * The query of a choice.
   * @param {Choice} choice @param {{today: string, zone: string, last?: number | null}} of `last` is the snapshot whose knowledge counts
   */
  function query(choice, { today, zone, last = null }) {
    const fit = fitting(choice);
    const { from, to } = edges(fit, today);
    const out = new URLSearchParams({ table: fit.table });
    if (fit.step !== "raw") out.set("step", fit.step);
    if (from) out.set("from", from);
    if (to) out.set("to", to);
    if (last) out.set("last", String(last));
    if (isText(fit.format) && fit.excel) out.set("dialect", "excel");
    if (isText(fit.format) && fit.local) out.set("tz", zone);
    return out;
  }

  /** What is wrong with the days that were typed; empty when nothing. @param {Choice} choice */
  function trouble({ range, from, to }) {
    if (range !== "days") return "";
    if (!from && !to) return "Choose a first or a last day.";
    return from && to && from > to ? "The first day is after the last one." : "";
  }

  /** A day or an instant in words. @param {string} edge @param {string} zone */
  function spoken(edge, zone) {
    if (DAY.test(edge)) return `${northstar.zone.dayName(edge)} ${edge.slice(0, 4)}`;
    return Number.isNaN(Date.parse(edge)) ? edge : `${northstar.explainDraw.moment(new Date(edge).toISOString(), zone, true)}`;
  }

  /** The range in words. @param {Choice} choice @param {string} today @param {string} zone */
  function said(choice, today, zone) {
    const { from, to } = edges(choice, today);
    if (!from && !to) return "Everything that is kept";
    const last = DAY.test(to) ? northstar.zone.dayAfter(to, -1) : to;
    if (from && from === last) return spoken(from, zone);
    if (!to) return `From ${spoken(from, zone)}`;
    return from ? `${spoken(from, zone)} to ${spoken(last, zone)}` : `Up to ${spoken(last, zone)}`;
  }

  /** Bytes as a reader says them. @param {number} bytes */
  function size(bytes) {
    if (bytes < 1000) return `${bytes} bytes`;
    const [scaled, unit] = bytes < 1e6 ? [bytes / 1e3, "kB"] : bytes < 1e9 ? [bytes / 1e6, "MB"] : [bytes / 1e9, "GB"];
    return `${scaled < 10 ? scaled.toFixed(1) : Math.round(scaled)} ${unit}`;
  }

  /** @param {number} count */
  const rows = (count) => `${count.toLocaleString("en-US")} ${count === 1 ? "row" : "rows"}`;

  northstar.exportChoice = { TABLES, FORMATS, STEPS, RANGES, lacks, fitting, isText, edges, query, trouble, said, size, rows };
}
