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

  /**
   * An amount of a record to its last digit, in its own currency: `+$19.00`, `19.00 EUR`.
   * @param {string} text as the API tells it @param {string | null | undefined} currency dollars where none is named @param {{plus?: boolean}} [how]
   */
  const said = (text, currency, how = {}) => (currency && currency !== "USD" ? `${text} ${currency}` : exact(nearestNano(text), how));

  /**
   * A part of a whole in percent, to one decimal, or to as many as it takes that what is not all does not read as all,
   * nor what is something as nothing: `95.6%`, `99.97%`, `0.04%`.
   * @param {bigint} amount @param {bigint} whole above zero
   */
  function percent(amount, whole) {
    let all = 1000n;
    const near = () => rounded(amount * all, whole);
    while (near() * whole !== amount * all && [0n, all].includes(near())) all *= 10n;
    const [one, size] = [all / 100n, near() < 0n ? -near() : near()];
    return `${near() < 0n ? "−" : ""}${grouped(size / one)}.${(size % one).toString().padStart(one.toString().length - 1, "0")}%`;
  }

  /** A float of nano-dollars, for the height of a chart's point and nothing else. @param {bigint} amount */
  const height = (amount) => Number(amount) / 1e9;

  northstar.money = { nano, nearestNano, rounded, cents, dollars, wholeDollars, price, count, decimal, exact, said, percent, height, CENT };
}
