/** Where an axis has its labels, and what they say. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /**
   * Round values for an axis, about `wanted` of them.
   * @param {number} low @param {number} high @param {number} wanted
   */
  function ticks(low, high, wanted) {
    const rough = (high - low) / wanted || 1;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = /** @type {number} */ ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough)) * power;
    const out = [];
    for (let value = Math.ceil(low / step) * step; value <= high + step / 1e6; value += step) out.push(Math.abs(value) < step / 1e6 ? 0 : value);
    return out;
  }

  /** `$1,250`, `−$200`, and with cents where the axis is fine. @param {number} value @param {number} step */
  const axisText = (value, step) =>
    `${value < 0 ? "−" : ""}$${Math.abs(value).toLocaleString("en-US", { minimumFractionDigits: step < 1 ? 2 : 0, maximumFractionDigits: step < 1 ? 2 : 0 })}`;

  northstar.axis = { ticks, axisText };
}
