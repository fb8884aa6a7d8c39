/** The checks in words: what each holds against what, whose figure that is, and what a break means. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /**
   * @typedef {{name: string, scope: string | null, expected: string | null, actual: string | null, difference: string | null,
   *   tolerance: string | null, state: string, since: string | null, reason?: string | null}} Check
   * @typedef {{title: string, what: string, against: string, source: string, counts?: boolean, market?: boolean, days?: boolean, effect: string}} Words
   */

  /** @type {Record<string, Words>} */
  const KNOWN = {
    identity: { title: "The statement adds up", what: "the net against the sum of its lines", against: "Our own lines, added up", source: "itself", effect: "The net that is shown is not the sum of its lines." },
    I5_cash: { title: "Cash balance", what: "the cash balance against every record since the first balance", against: "Kalshi GET /portfolio/balance", source: "Kalshi", effect: "Money moved that no record tells of; once confirmed, it is posted as other income." },
    I6_equity: { title: "Cash and cost of positions", what: "cash and cost of positions against our lines since the first balance", against: "Kalshi balance and positions", source: "Kalshi", effect: "The lines of trading do not explain how the account changed." },
    I5_credit: { title: "Cash that no record explains", what: "a change of the cash that no record explains, once confirmed", against: "Kalshi GET /portfolio/balance", source: "Kalshi", effect: "It is posted as other income, and counts in the net." },
    I5_netting: { title: "Pairs paid back", what: "pairs of YES and NO that the account did not pay back at once", against: "Kalshi GET /portfolio/balance", source: "Kalshi", effect: "The cash comes back at settlement; realised and unrealised are not touched." },
    I1_position: { title: "Contracts held", what: "contracts held by our fills", against: "Kalshi GET /portfolio/positions", source: "Kalshi", counts: true, market: true, effect: "Fills are missing or not told yet: result and value of this market may be off." },
    I2_total_traded: { title: "Total traded", what: "everything paid for contracts", against: "Kalshi GET /portfolio/positions", source: "Kalshi", market: true, effect: "Fills are missing or differ: this market's realised result may be off." },
    I2_fees: { title: "Fees", what: "the fees of our fills", against: "Kalshi GET /portfolio/positions", source: "Kalshi", market: true, effect: "The trading fees of this market may be off by the difference." },
    I2_identity: { title: "Kalshi's own row", what: "realised + traded − exposure of the source's own row against pairs closed", against: "Kalshi GET /portfolio/positions", source: "Kalshi", market: true, effect: "Kalshi's own sums of this market do not fit together." },
    I3_realised: { title: "Realised", what: "the realised result at average cost", against: "Kalshi GET /portfolio/positions", source: "Kalshi", market: true, effect: "The realised result of this market may be off by the difference." },
    I3_exposure: { title: "Exposure", what: "the cost of what is held", against: "Kalshi GET /portfolio/positions", source: "Kalshi", market: true, effect: "The unrealised result of this market may be off by the difference." },
    I4_settlement: { title: "Settlement", what: "the settlement's row against the fills of its market", against: "Kalshi GET /portfolio/settlements", source: "Kalshi", market: true, effect: "Fills of this market are missing or differ; the settlement's own row may stand in for them." },
    api_cost_rows: { title: "API cost, row by row", what: "the rows of cost that are kept of a day against the report of that day, as it was read last", against: "Anthropic cost report", source: "Anthropic", days: true, effect: "The net goes by the report; the breakdown by model and workspace is off by the difference." },
    api_cost_usage: { title: "API cost by usage", what: "an ended day's usage, at list and at what the week before cost against list, against what was billed for it", against: "Anthropic usage report × prices, against its cost report", source: "Anthropic's bill for it", days: true, effect: "Prices or discounts have changed, or usage is missing; the reported cost is what counts." },
    api_cost: { title: "API cost", what: "our estimate from usage against the cost that was reported", against: "Anthropic cost report", source: "Anthropic", effect: "The estimate used other prices than the bill; the reported cost is what counts." },
    api_cost_restated: { title: "API cost, restated", what: "a day's cost as first reported against what it is now", against: "Anthropic cost report", source: "Anthropic", effect: "The day was restated: its net changed by the difference." },
    revenue_read: { title: "Revenue", what: "every entry that is kept against all that the source told when it was last read whole", against: "The source, read whole again", source: "the source", effect: "The source has changed or taken out entries and did not say so: the net may be off by the difference." },
    revenue_clash: { title: "Revenue told twice", what: "two sources that may report the same money", against: "The sources of revenue", source: "the sources of revenue", counts: true, effect: "The same money may be counted twice until one of them is told to leave it out." },
    record_conflict: { title: "A record that came twice", what: "a record that came again with other content and the same version", against: "The source's own records", source: "its source", counts: true, effect: "The first one counts; the other is kept aside." },
  };

  const SOURCES = { "revenue.feed": "the feed", "revenue.csv": "the CSV file", "revenue.stripe": "Stripe" };
  const STATES = {
    ok: { icon: "circle-check", word: "Matches" },
    failed: { icon: "triangle-alert", word: "Differs" },
    waiting: { icon: "clock", word: "Waiting" },
    gone: { icon: "circle-dashed", word: "No longer checked" },
  };

  /** @param {string} name @returns {Words} */
  function words(name) {
    const known = KNOWN[name];
    if (known) return known;
    const spoken = name.replace(/^I\d+_/, "").replace(/_/g, " ");
    return { title: spoken.charAt(0).toUpperCase() + spoken.slice(1), what: spoken, against: "", source: "its source", effect: "The figure may be off by the difference." };
  }

  /** @param {string} state */
  const stateOf = (state) => STATES[/** @type {keyof typeof STATES} */ (state)] ?? STATES.waiting;

  /** A figure of a check as text: dollars to their last digit, or contracts. @param {string} name @param {string | null} value @param {{plus?: boolean}} [how] */
  function figure(name, value, { plus = false } = {}) {
    if (value === null) return "—";
    if (words(name).counts) return `${plus && !value.startsWith("-") && Number(value) ? "+" : ""}${northstar.money.count(value)}`;
    return northstar.money.exact(northstar.money.nearestNano(value), { plus });
  }

  /** Whether a difference is none at all. @param {string | null} value */
  const none = (value) => value === null || /^-?0*(\.0*)?$/.test(value);

  /** The difference in percent of what the source says, one decimal at least; empty when that tells nothing. @param {Check} check */
  function percent(check) {
    if (check.difference === null || check.actual === null || none(check.actual) || none(check.difference)) return "";
    const size = (/** @type {string} */ text) => { const amount = northstar.money.nearestNano(text); return amount < 0n ? -amount : amount; };
    const tenths = (size(check.difference) * 1000n) / size(check.actual);
    if (tenths > 9_999n) return "";
    return tenths === 0n ? "< 0.1%" : `${tenths / 10n}.${tenths % 10n}%`;
  }

  /** The status as the table says it. @param {Check} check */
  function status(check) {
    if (check.state !== "failed") return stateOf(check.state).word;
    const part = percent(check);
    return part ? `Off by ${part}` : words(check.name).counts || none(check.difference) ? "Look at it" : `Off by ${figure(check.name, (check.difference ?? "").replace(/^-/, ""))}`;
  }

  /** Whether there is but one of the check: it is of all that there is. @param {string | null} scope */
  const general = (scope) => !scope || ["account", "statement", "net"].includes(scope);

  /** Where it is held, in words: a market's title, a day. @param {string} scope @param {(ticker: string) => string} titleOf @param {boolean} [market] */
  const place = (scope, titleOf, market = false) => (market ? northstar.isolated(titleOf(scope)) : SOURCES[/** @type {keyof typeof SOURCES} */ (scope)] ?? scope.replace(/\b\d{4}-\d{2}-\d{2}\b/g, (day) => northstar.zone.dayName(day)));

  /** What a reader calls it: the check, and where it is held. @param {Check} check @param {(ticker: string) => string} titleOf */
  function called(check, titleOf) {
    const { title, market } = words(check.name);
    if (general(check.scope)) return title;
    return `${title}, ${place(check.scope ?? "", titleOf, market)}`;
  }

  /** Why it is as it is, as far as it is told, and what follows. @param {Check} check */
  function meaning({ name, reason }) {
    const why = reason ? `${reason.charAt(0).toUpperCase()}${reason.slice(1)}`.replace(/\.$/, "") : "";
    return `${why ? `${why}. ` : ""}${words(name).effect}`;
  }

  /** An open break in one sentence: what, why, and what follows. @param {Check} check @param {(ticker: string) => string} titleOf */
  function sentence(check, titleOf) {
    const { what, effect, counts } = words(check.name);
    const why = check.reason ? `${check.reason.charAt(0).toUpperCase()}${check.reason.slice(1)}` : `We hold ${what}`;
    const off = none(check.difference) ? "" : counts ? ` The difference is ${figure(check.name, check.difference, { plus: true })} contracts.` : ` The difference is ${figure(check.name, check.difference, { plus: true })}.`;
    return `${called(check, titleOf)}. ${why.replace(/\.$/, "")}.${off.replace(" contracts", check.name === "I1_position" ? " contracts" : "")} ${effect}`;
  }

  northstar.checkWords = { words, general, place, meaning, stateOf, figure, none, percent, status, called, sentence };
}
