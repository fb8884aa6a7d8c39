/** A rule as a person types it, turned into what the API takes; what is wrong is said by field. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /**
   * @typedef {{name: string, figure: string, when: string, amount: string, for: string, severity: string, receivers: string[]}} Fields
   */

  /** @returns {Fields} */
  const blank = () => ({ name: "", figure: "net", when: "below", amount: "", for: "0s", severity: "warning", receivers: [] });

  /** A plain decimal of what was typed: `−$1,234.50` is `-1234.50`; null if it is no number. @param {string} typed */
  function amount(typed) {
    const match = /^([+\-−])?\$?(\d{1,3}(?:,\d{3})+|\d{1,10})(?:\.(\d{1,9}))?\s*%?$/.exec(typed.trim().replace(/^\$([+\-−])/, "$1$"));
    if (!match) return null;
    const size = match[2].replace(/,/g, "").replace(/^0+(?=\d)/, "") + (match[3] ? `.${match[3]}` : "");
    return (match[1] === "-" || match[1] === "−") && !/^[0.]+$/.test(size) ? `-${size}` : size;
  }

  /** What is wrong with the fields, by name; nothing when all is well. @param {Fields} fields @param {string} unit @returns {Record<string, string>} */
  function wrong(fields, unit) {
    /** @type {Record<string, string>} */
    const out = {};
    if (!fields.name.trim()) out.name = "Say what it is, such as Loss of the day.";
    else if (fields.name.trim().length > 80) out.name = "At most 80 characters.";
    if (unit === "flag") return out;
    const sum = amount(fields.amount);
    if (sum === null) out.amount = "Write a plain amount, such as -500 or 1250.50.";
    else if (unit !== "dollars" && sum.startsWith("-")) out.amount = "This is never below zero.";
    else if ((unit === "seconds" || unit === "count") && /\./.test(sum)) out.amount = "This is always whole.";
    return out;
  }

  /** The body of a POST or, with a version, of a PUT. @param {Fields} fields @param {string} unit @param {{version?: number}} about */
  const body = (fields, unit, about = {}) => ({
    ...about,
    name: fields.name.trim(),
    figure: fields.figure,
    ...(unit === "flag" ? {} : { when: fields.when, amount: amount(fields.amount) }),
    for: fields.for,
    severity: fields.severity,
    receivers: fields.receivers,
  });

  /** The fields of a rule that is there. @param {any} rule @returns {Fields} */
  const fieldsOf = (rule) => ({
    name: rule.name, figure: rule.figure, when: rule.when, amount: rule.unit === "flag" ? "" : rule.amount,
    for: northstar.alertWords.lasting(rule.for_seconds), severity: rule.severity, receivers: [...rule.receivers],
  });

  northstar.ruleForm = { blank, amount, wrong, body, fieldsOf };
}
