/** The statement of a snapshot as the page shows it: groups of lines that add up to the net, each rounded by itself. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /**
   * @typedef {{id: string, name: string, lines: string[], operator: "+" | "−", source: string,
   *   optional?: boolean, hue: string}} Group
   * @typedef {Group & {exact: bigint | null, shown: bigint | null, partial: boolean}} Part
   */

  /** @type {Group[]} */
  const GROUPS = [
    { id: "revenue", name: "Revenue", lines: ["revenue", "refunds", "processor_fees", "adjustments"], operator: "+", source: "revenue", hue: "rev" },
    { id: "realised", name: "Realised", lines: ["trading_realised"], operator: "+", source: "kalshi", hue: "trd" },
    { id: "unrealised", name: "Unrealised", lines: ["trading_unrealised"], operator: "+", source: "kalshi", hue: "trd" },
    { id: "fees", name: "Fees", lines: ["trading_fees"], operator: "−", source: "kalshi", hue: "fee" },
    { id: "api_cost", name: "API cost", lines: ["api_cost"], operator: "−", source: "anthropic", hue: "api" },
    { id: "other_costs", name: "Other costs", lines: ["operating_cost"], operator: "−", source: "revenue", hue: "oth", optional: true },
    { id: "other_income", name: "Other income", lines: ["other_income"], operator: "+", source: "kalshi", hue: "inc", optional: true },
  ];

  const LINE_NAMES = { revenue: "Revenue", refunds: "Refunds", processor_fees: "Processor fees", adjustments: "Adjustments", api_cost: "API cost", operating_cost: "Other costs", trading_realised: "Realised", trading_unrealised: "Unrealised", trading_fees: "Trading fees", other_income: "Other income" };

  const lineName = (/** @type {string} */ line) => LINE_NAMES[/** @type {keyof typeof LINE_NAMES} */ (line)] ?? line;

  /** What is not known of a day, or now, in words. @param {{missing: string[]}} told */
  const unknown = ({ missing }) => missing.map(lineName).join(", ");

  /**
   * The exact sum of some lines; null when none of them is known.
   * @param {Record<string, string | null | undefined>} lines
   * @param {string[]} names
   */
  function sumOf(lines, names) {
    /** @type {bigint[]} */
    const known = names.map((name) => northstar.money.nano(lines[name])).filter((amount) => amount !== null);
    return known.length ? known.reduce((sum, amount) => sum + amount, 0n) : null;
  }

  /**
   * The parts of the net in the order of the page, signed. `net` and each `shown` are cents, rounded by
   * themselves: together the shown ones may be a cent or two off. Optional groups are left out when they are nothing.
   * @param {{lines: Record<string, string | null>, net: string | null}} snapshot
   * @returns {{net: bigint | null, parts: Part[]}} cents
   */
  function read(snapshot) {
    const groups = GROUPS.map((group) => ({
      ...group,
      exact: sumOf(snapshot.lines, group.lines),
      partial: group.lines.some((name) => (snapshot.lines[name] ?? null) === null),
    })).filter((group) => !group.optional || (group.exact !== null && group.exact !== 0n));
    /** @param {bigint | null} amount */
    const shown = (amount) => (amount === null ? null : northstar.money.cents(amount));
    return { net: shown(sumOf(snapshot.lines, groups.flatMap(({ lines }) => lines))), parts: groups.map((group) => ({ ...group, shown: shown(group.exact) })) };
  }

  /**
   * Whether a day may be held against a range: its net is known, with every line that is known of any day of that.
   * @param {{net: string | null, missing: string[]}} day @param {{missing: string[]}[]} range the days of the range
   */
  const comparable = ({ net, missing }, range) => net !== null && missing.every((line) => range.every((one) => one.missing.includes(line)));

  const FINALITIES = ["estimated", "provisional", "final"];

  /**
   * How sure the server is of some lines together: as of the least sure; null where it says nothing.
   * @param {{line_finality?: Record<string, string | null>}} snapshot @param {string[]} lines
   */
  function worst({ line_finality: told = {} }, lines) {
    return FINALITIES.find((how) => lines.some((name) => told[name] === how)) ?? null;
  }

  /** The names of the groups that may still change. @param {{line_finality?: Record<string, string | null>}} told a snapshot, or a day */
  const open = (told) => GROUPS.filter((group) => !["final", null].includes(worst(told, group.lines))).map((group) => group.name);

  /**
   * Whether the server's net is exactly the sum of the lines that it sent, and by how much it is not.
   * @param {{lines: Record<string, string | null>, net: string | null}} snapshot
   * @returns {{ok: boolean, difference: bigint}} nano-dollars
   */
  function tiesOut(snapshot) {
    const sum = sumOf(snapshot.lines, Object.keys(snapshot.lines));
    const net = northstar.money.nano(snapshot.net);
    // A net that is not known beside lines of zero is no difference: a source that never told anything has none.
    const difference = (net ?? 0n) - (sum ?? 0n);
    return { ok: difference === 0n, difference };
  }

  /** What a cell prints: costs without their sign, for the operator carries it. @param {Part} part */
  const printed = (part) =>
    part.shown === null
      ? "—"
      : part.operator === "−"
        ? northstar.money.dollars(-part.shown)
        : northstar.money.dollars(part.shown, { plus: true });

  /** The identity in words, of the parts that a statement has: `revenue + realised − fees = net`. @param {Part[]} parts */
  const identity = (parts) => `${parts.map(({ name, operator }, i) => `${i ? ` ${operator} ` : ""}${name.startsWith("API") ? name : name.toLowerCase()}`).join("")} = net`;

  /** The name under which the API explains a group of the page. @param {string} id */
  function figureOf(id) {
    const group = GROUPS.find((known) => known.id === id);
    return group ? (group.lines.length > 1 ? `${group.id}_total` : group.lines[0]) : id;
  }

  northstar.statement = { GROUPS, lineName, unknown, sumOf, comparable, read, tiesOut, worst, open, printed, identity, figureOf };
}
