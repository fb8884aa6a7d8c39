/** What is explained, and of when: read from an element, from the page's address, and written into it. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /**
   * Which figure, of when: a snapshot (`at`), a company day, or several (`from`, `to`, half-open); with
   * none of them the newest. `asOf` is the instant whose knowledge counts; `step` is what older links
   * name, and changes nothing.
   * @typedef {{figure: string, at?: string, day?: string, from?: string, to?: string, by?: string, key?: string, step?: string, asOf?: string, node?: string}} Place
   */

  const DAY = /^\d{4}-\d{2}-\d{2}$/;

  /** Whether it is what a figure grew by between two instants: as shown, whatever became known later. @param {Place} place */
  const ofInstants = ({ from, to }) => [from, to].some((text) => text && !DAY.test(text));

  /**
   * Read `data-explain` and `data-explain-at`.
   * @param {string} figure @param {string} when `at=18204`, `day=2026-11-20`, `from=2026-11-01&to=2026-11-21`, each with `as_of=…`
   * @returns {Place}
   */
  function placed(figure, when) {
    const query = new URLSearchParams(when);
    /** @type {Place} */
    const place = { figure };
    for (const name of /** @type {const} */ (["at", "day", "from", "to", "by", "key", "step", "node"])) if (query.get(name)) place[name] = /** @type {string} */ (query.get(name));
    if (query.get("as_of")) place.asOf = /** @type {string} */ (query.get("as_of"));
    return place;
  }

  /** The query of the API. @param {Place} place @param {string} [node] */
  function query(place, node = "") {
    const out = new URLSearchParams({ figure: place.figure });
    for (const name of /** @type {const} */ (["at", "day", "from", "to", "by", "key", "step"])) if (place[name]) out.set(name, place[name]);
    // What was shown is what it was, whatever became known later.
    if (place.asOf && (!place.at || place.day) && !ofInstants(place)) out.set("as_of", place.asOf);
    if (node) out.set("node", node);
    return out.toString();
  }

  /** `18204`, `2026-11-20`, `high@2026-11-20`, `2026-11-01..2026-11-21`: of when, in one word for an address. @param {Place} place */
  const word = ({ at, day, from, to }) => (at && day ? `${at}@${day}` : at ?? day ?? (from && to ? `${from}..${to}` : ""));

  /** @param {string} told @returns {object} */
  function when(told) {
    const [text, asOf] = told.split("~");
    if (asOf) return { ...when(text), asOf };
    const [from, to] = text.split("..");
    if (to) return { from, to };
    const [at, day] = text.split("@");
    if (day) return { at, day };
    if (DAY.test(text)) return { day: text };
    return text ? { at: text } : {};
  }

  /** The address that opens an explanation again. @param {string} address the page's @param {Place | null} place null closes it */
  function addressed(address, place) {
    const url = new URL(address);
    for (const name of ["explain", "at", "of", "node"]) url.searchParams.delete(name);
    if (place) {
      url.searchParams.set("explain", place.figure);
      if (word(place)) url.searchParams.set("at", word(place));
      if (place.by && place.key) url.searchParams.set("of", `${place.by}:${place.key}`);
      else if (place.step) url.searchParams.set("of", `step:${place.step}`);
      if (place.node) url.searchParams.set("node", place.node);
      // An instant alone becomes its snapshot; on the live page it would turn the whole page into that of then.
      // Nor does the page become one of the past because of a figure of today: that one alone is as known then.
      if (place.asOf && (place.day || place.from) && !ofInstants(place) && url.searchParams.get("as_of") !== place.asOf) url.searchParams.set("at", `${word(place)}~${place.asOf}`);
    }
    return url.toString();
  }

  /** What an address asks to explain; null when nothing. @param {string} address @returns {Place | null} */
  function asked(address) {
    const query = new URL(address).searchParams;
    const figure = query.get("explain");
    if (!figure) return null;
    /** @type {Place} */
    const place = { figure, ...when(query.get("at") ?? "") };
    const [by, ...key] = (query.get("of") ?? "").split(":");
    if (by && key.length) Object.assign(place, by === "step" ? { step: key.join(":") } : { by, key: key.join(":") });
    if (query.get("node")) place.node = /** @type {string} */ (query.get("node"));
    if (query.get("as_of") && (!place.at || place.day)) place.asOf ??= /** @type {string} */ (query.get("as_of"));
    return place;
  }

  /** The same figure of the same days as known now; null where a place is of no days, or as known now already. @param {Place} place @returns {Place | null} */
  function asNow({ figure, day, from, to, by, key, at, asOf }) {
    if (!(asOf || at) || !(day || (from && to)) || ofInstants({ figure, from, to })) return null;
    return { figure, ...(day ? { day } : { from, to }), ...(by && key ? { by, key } : {}) };
  }

  const REVENUE = ["revenue", "refunds", "processor_fees", "adjustments"];
  /** Sums of lines of the statement. @type {Record<string, string[]>} */
  const SUMS = { revenue_total: REVENUE, trading_total: ["trading_realised", "trading_unrealised"], other_total: ["other_income", "operating_cost"] };

  /** What a snapshot shows for a figure: a decimal string, null when it is not known, undefined when a snapshot does not hold it. @param {any} snapshot @param {string} figure */
  function shownIn(snapshot, figure) {
    if (figure === "net" || figure === "net_realised") return snapshot[figure];
    if (snapshot.lines && figure in snapshot.lines) return snapshot.lines[figure];
    if (snapshot.account && figure in snapshot.account) return snapshot.account[figure];
    if (SUMS[figure]) return sum(SUMS[figure].map((name) => snapshot.lines?.[name] ?? null), true);
    const [head, ...rest] = figure.split(".");
    const field = rest.pop() ?? "";
    if (head === "positions") return sum(snapshot.positions.map((/** @type {any} */ row) => row[field] ?? null), false);
    if (head === "position") return snapshot.positions.find((/** @type {any} */ row) => row.ticker === rest.join("."))?.[field];
    return undefined;
  }

  /** @param {(string | null)[]} amounts @param {boolean} partly whether those that are known are worth a sum */
  function sum(amounts, partly) {
    const known = amounts.filter((amount) => amount !== null);
    if (!known.length || (!partly && known.length < amounts.length)) return null;
    return northstar.money.decimal(known.reduce((/** @type {bigint} */ total, amount) => total + northstar.money.nano(amount), 0n));
  }

  /** The table of an export that holds the records of a figure, and what they are called. @param {string} figure */
  function table(figure) {
    if (figure.startsWith("trading_") || figure.startsWith("position") || /^(outcome|event|check\.I)/.test(figure) || figure === "exposure" || figure === "unrealised_total") return { name: "fills", title: "Fills" };
    if (figure === "api_cost" || figure.startsWith("check.api_cost")) return { name: "costs", title: "Costs" };
    if (figure === "operating_cost") return { name: "entries", title: "Entries" };
    if (REVENUE.includes(figure) || figure === "revenue_total") return { name: "revenue", title: "Revenue" };
    if (figure === "cash" || figure === "equity") return { name: "fills", title: "Fills" };
    return { name: "days", title: "Days" };
  }

  northstar.place = { placed, query, ofInstants, asNow, word, addressed, asked, shownIn, table };
}
