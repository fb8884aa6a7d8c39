/**
 * Money in the browser: decimal strings in, exact BigInt nano-dollars inside, text out.
 * No amount that is shown as text ever passes through a float.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const DOLLAR = 1_000_000_000n;
  const CENT = 10_000_000n;
  const PLAIN = /^([+-])?(\d+)(?:\.(\d*))?$/;

  /**
   * Exact nano-dollars of a decimal string; null stays null.
   * @param {string | null | undefined} text such as "-12.3400"
   * @returns {bigint | null}
   * @throws {RangeError} it is no plain decimal, or finer than a nano-dollar
   */
  function nano(text) {
    if (text === null || text === undefined) return null;
    const match = PLAIN.exec(text);
    if (!match) throw new RangeError(`${JSON.stringify(text)} is not a decimal amount`);
    const decimals = (match[3] ?? "").replace(/0+$/, "");
    if (decimals.length > 9) throw new RangeError(`${text} is finer than 0.000000001`);
    const size = BigInt(match[2]) * DOLLAR + BigInt(decimals.padEnd(9, "0"));
    return match[1] === "-" ? -size : size;
  }

  /**
   * The largest integer not above a / b; b is above zero.
   * @param {bigint} a
   * @param {bigint} b
   */
  function floorDiv(a, b) {
    const quotient = a / b;
    return a % b < 0n ? quotient - 1n : quotient;
  }

  /**
   * The nearest multiple of `unit`, counted in units, half to even.
   * @param {bigint} amount
   * @param {bigint} unit
   */
  function rounded(amount, unit) {
    const down = floorDiv(amount, unit);
    const twice = (amount - down * unit) * 2n;
    if (twice > unit || (twice === unit && down % 2n !== 0n)) return down + 1n;
    return down;
  }

  /**
   * Nano-dollars of an amount that its source sent finer than that, half to even.
   * @param {string} text
   */
  function nearestNano(text) {
    const match = PLAIN.exec(text);
    if (!match) throw new RangeError(`${JSON.stringify(text)} is not a decimal amount`);
    const decimals = (match[3] ?? "").padEnd(9, "0");
    const size = rounded(BigInt(match[2] + decimals), 10n ** BigInt(decimals.length - 9));
    return match[1] === "-" ? -size : size;
  }

  /** @param {bigint} amount nano-dollars @returns {bigint} cents, half to even */
  const cents = (amount) => rounded(amount, CENT);

  /**
   * Cents of a total and of its parts that add up to it on the screen.
   *
   * The total is the exact sum, rounded half to even. Each part is cut down to a whole cent, and the
   * cents then missing go to the parts with the largest remainder, the earlier first. A part that is
   * a whole number of cents is never touched, and no part moves by a cent or more. A part that is
   * not known (null) stays so and counts for nothing.
   * @param {(bigint | null)[]} parts nano-dollars, signed
   * @param {bigint} [wanted] the cents that they are to add up to, less than a cent from their sum
   * @returns {{total: bigint, parts: (bigint | null)[]}} cents
   */
  function addingUp(parts, wanted) {
    const sum = parts.reduce((/** @type {bigint} */ total, part) => total + (part ?? 0n), 0n);
    const total = wanted ?? cents(sum);
    const floors = parts.map((part) => (part === null ? null : floorDiv(part, CENT)));
    const rests = parts.map((part, i) => (part === null ? -1n : part - /** @type {bigint} */ (floors[i]) * CENT));
    const floored = floors.reduce((/** @type {bigint} */ all, part) => all + (part ?? 0n), 0n);
    const order = parts.map((_, i) => i).sort((a, b) => (rests[a] === rests[b] ? a - b : rests[a] > rests[b] ? -1 : 1));
    const raised = new Set(order.slice(0, Number(total - floored)));
    return { total, parts: floors.map((part, i) => (part === null ? null : raised.has(i) ? part + 1n : part)) };
  }

  /** @param {bigint} whole not negative */
  const grouped = (whole) => whole.toString().replace(/\B(?=(\d{3})+$)/g, ",");

  /**
   * `+$1,008.14`, `−$120.42`, `$0.00`; without `plus`, `$84.00`.
   * @param {bigint} amount cents
   * @param {{plus?: boolean}} [how]
   */
  function dollars(amount, { plus = false } = {}) {
    const size = amount < 0n ? -amount : amount;
    const sign = amount < 0n ? "−" : plus && amount > 0n ? "+" : "";
    return `${sign}$${grouped(size / 100n)}.${(size % 100n).toString().padStart(2, "0")}`;
  }

  /** Whole dollars of cents, half to even: `+$1,008`. @param {bigint} amount cents @param {{plus?: boolean}} [how] */
  const wholeDollars = (amount, how) => dollars(rounded(amount, 100n) * 100n, how).slice(0, -3);

  /**
   * A contract price in cents: `61¢`, `61.5¢`, at most `places` decimals.
   * @param {string | null} text dollars per contract
   */
  function price(text, places = 1) {
    const amount = nano(text);
    if (amount === null) return "—";
    const scale = 10n ** BigInt(places);
    const ticks = rounded(amount, CENT / scale);
    const size = ticks < 0n ? -ticks : ticks;
    const decimals = places ? (size % scale).toString().padStart(places, "0").replace(/0+$/, "") : "";
    return `${ticks < 0n ? "−" : ""}${size / scale}${decimals && `.${decimals}`}¢`;
  }

  /** A contract count: `850`, `1,200.5`. @param {string} text */
  function count(text) {
    const [whole, decimals = ""] = text.replace(/^-/, "").split(".");
    const rest = decimals.replace(/0+$/, "");
    return `${text.startsWith("-") ? "−" : ""}${grouped(BigInt(whole))}${rest && `.${rest}`}`;
  }

  /** The exact decimal string of nano-dollars, at least two decimals: `-12.34`, `0.000000001`. @param {bigint} amount */
  function decimal(amount) {
    const size = amount < 0n ? -amount : amount;
    const rest = (size % DOLLAR).toString().padStart(9, "0").replace(/0+$/, "").padEnd(2, "0");
    return `${amount < 0n ? "-" : ""}${size / DOLLAR}.${rest}`;
  }

  /**
   * All of an amount, to its last digit: `+$1,008.14`, `−$0.003333333`.
   * @param {bigint} amount nano-dollars
   * @param {{plus?: boolean}} [how]
   */
  function exact(amount, { plus = false } = {}) {
    const [whole, rest] = decimal(amount < 0n ? -amount : amount).split(".");
    const sign = amount < 0n ? "−" : plus && amount > 0n ? "+" : "";
    return `${sign}$${grouped(BigInt(whole))}.${rest}`;
  }

  /** A float of nano-dollars, for the height of a chart's point and nothing else. @param {bigint} amount */
  const height = (amount) => Number(amount) / 1e9;

  northstar.money = { nano, nearestNano, rounded, cents, addingUp, dollars, wholeDollars, price, count, decimal, exact, height, CENT };
}
