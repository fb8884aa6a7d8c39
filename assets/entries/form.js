/** A manual entry as a person types it, turned into what the API takes; what is wrong is said by field. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const KINDS = { sale: "Sale", refund: "Refund", fee: "Fee", adjustment: "Adjustment", operating_cost: "Operating cost" };
  const RECURRENCES = { "": "Once", daily: "Daily", weekly: "Weekly", monthly: "Monthly", yearly: "Yearly" };
  const BELOW_ZERO = ["refund", "fee", "operating_cost"];

  /**
   * @typedef {{date: string, kind: string, amount: string, currency: string, description: string, recurs: string}} Fields
   */

  /**
   * A plain decimal of what was typed: `$1,234.50` is `1234.50`, `−3` is `-3`; null if it is no number.
   * A refund, a fee or a cost is below zero, whether its sign was typed or not.
   * @param {string} typed @param {string} kind
   */
  function amount(typed, kind) {
    const match = /^([+\-−])?\$?(\d{1,3}(?:,\d{3})+|\d{1,10})(?:\.(\d{1,9}))?$/.exec(typed.trim().replace(/^\$([+\-−])/, "$1$"));
    if (!match) return null;
    const size = match[2].replace(/,/g, "").replace(/^0+(?=\d)/, "") + (match[3] ? `.${match[3]}` : "");
    const nothing = /^[0.]+$/.test(size);
    const below = match[1] === "-" || match[1] === "−" || BELOW_ZERO.includes(kind);
    return below && !nothing ? `-${size}` : size;
  }

  /**
   * What is wrong with the fields, by name; nothing when all is well.
   * @param {Fields} fields
   * @returns {Record<string, string>}
   */
  function wrong(fields) {
    /** @type {Record<string, string>} */
    const out = {};
    if (!/^\d{4}-\d{2}-\d{2}$/.test(fields.date)) out.date = "Choose a day.";
    if (!(fields.kind in KINDS)) out.kind = "Choose what it is.";
    const sum = amount(fields.amount, fields.kind);
    if (sum === null) out.amount = "Write a plain amount, such as 1234.56.";
    else if (fields.kind === "sale" && sum.startsWith("-")) out.amount = "A sale is zero or above; call it a refund.";
    else if (fields.currency === "USD" && /\.\d{3,}$/.test(sum)) out.amount = "US dollars have two decimals.";
    if (!/^[A-Z]{3}$/.test(fields.currency)) out.currency = "Three capital letters, such as USD.";
    if (fields.description.length > 500) out.description = "At most 500 characters.";
    if (fields.recurs && fields.kind !== "operating_cost") out.recurs = "Only an operating cost recurs.";
    return out;
  }

  /** The body of a POST or, with a version, of a PUT. @param {Fields} fields @param {{id?: string, version?: number, status?: string}} about */
  const body = (fields, about) => ({
    ...about,
    date: fields.date,
    kind: fields.kind,
    amount: amount(fields.amount, fields.kind),
    currency: fields.currency,
    description: fields.description.trim(),
    status: about.status ?? "settled",
    recurs: fields.recurs || null,
  });

  northstar.entryForm = { KINDS, RECURRENCES, amount, wrong, body };
}
