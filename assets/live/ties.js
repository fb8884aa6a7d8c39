/** Whether figures add up as they are laid out, checked here to the last digit, and a line that says so. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /**
   * By how much statements do not tie out: each net is the sum of its lines, and the total that of the days.
   * @param {{lines: Record<string, string | null>, net: string | null}[]} statements
   * @param {{lines: Record<string, string | null>, net: string | null} | null} [total]
   * @returns {bigint | null} nano-dollars, the largest difference of either sign; null where no net is known and no line is more than nothing
   */
  function off(statements, total = null) {
    const { nano } = northstar.money;
    const all = [...statements, ...(total ? [total] : [])];
    if (all.every(({ net, lines }) => net === null && Object.values(lines).every((amount) => (nano(amount) ?? 0n) === 0n))) return null;
    const found = all.map((one) => northstar.statement.tiesOut(one)).map(({ ok, difference }) => (ok ? 0n : difference));
    if (total) {
      const sum = (/** @type {(one: any) => string | null} */ of) => statements.reduce((all, one) => all + (nano(of(one)) ?? 0n), 0n);
      found.push((nano(total.net) ?? 0n) - sum(({ net }) => net), ...Object.keys(total.lines).map((line) => (nano(total.lines[line]) ?? 0n) - sum(({ lines }) => lines[line] ?? null)));
    }
    const size = (/** @type {bigint} */ amount) => (amount < 0n ? -amount : amount);
    return found.reduce((worst, one) => (size(one) > size(worst) ? one : worst), 0n);
  }

  const ROUNDED = "Each figure is rounded by itself; unrounded they add up exactly.";

  /** Whether shown figures do not add up to the shown total, because each is rounded by itself. @param {bigint | null} total cents @param {(bigint | null)[]} parts cents */
  const apart = (total, parts) => total !== null && parts.reduce((/** @type {bigint} */ sum, part) => sum + (part ?? 0n), 0n) !== total;

  /**
   * Whether that is so of statements as they are laid out, line by line or by sums of lines, or of their total.
   * @param {{lines: Record<string, string | null>, net: string | null}[]} statements @param {string[][]} columns the lines of each figure
   * @param {{lines: Record<string, string | null>, net: string | null} | null} [total]
   */
  function rounded(statements, columns, total = null) {
    const cents = (/** @type {bigint | null} */ amount) => (amount === null ? null : northstar.money.cents(amount));
    const net = (/** @type {any} */ one) => cents(northstar.money.nano(one.net));
    const cell = (/** @type {any} */ { lines }, /** @type {string[]} */ names) => cents(northstar.statement.sumOf(lines, names));
    const all = [...statements, ...(total ? [total] : [])];
    return all.some((one) => apart(net(one), columns.map((names) => cell(one, names))))
      || total !== null && (apart(net(total), statements.map(net)) || columns.some((names) => apart(cell(total, names), statements.map((one) => cell(one, names)))));
  }

  /**
   * @param {bigint | null} difference nano-dollars; null where there is nothing to add up
   * @param {string} what
   * @param {boolean} [rounds] whether the shown cents do not add up, though the figures do
   */
  function line(difference, what, rounds = false) {
    const { el, icon } = northstar.dom;
    if (difference === null) return el("p.ties", { "data-key": "ties" }, icon("circle-dashed"), el("span", null, "Nothing to add up yet: no source has told anything"));
    return difference === 0n ? el("p.ties.gain", { "data-key": "ties" }, icon("circle-check"), el("span", null, `Ties out: ${what}${rounds ? `. ${ROUNDED}` : ""}`))
      : el("p.ties.loss", { "data-key": "ties", role: "alert" }, icon("triangle-alert"), el("span", null, `Does not tie out: ${northstar.money.exact(difference, { plus: true })} is between what should be the same`));
  }

  northstar.ties = { ROUNDED, off, apart, rounded, line };
}
