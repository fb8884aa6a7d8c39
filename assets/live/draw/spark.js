/** A sparkline: one path and its fading ground, in the colour of the text around it. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const WIDE = 200;
  const HIGH = 40;

  /**
   * @param {(bigint | null)[]} values nano-dollars, oldest first; null breaks the line
   * @returns {{line: string, ground: string} | null} SVG paths in a box of 200 × 40
   */
  function paths(values) {
    const step = Math.max(1, Math.ceil(values.length / WIDE));
    const thin = values.filter((_, i) => i % step === 0 || i === values.length - 1).map((value) => (value === null ? null : northstar.money.height(value)));
    const known = /** @type {number[]} */ (thin.filter((value) => value !== null));
    if (known.length < 2) return null;
    const low = Math.min(...known);
    const span = Math.max(...known) - low;
    const x = (/** @type {number} */ i) => ((i / (thin.length - 1)) * WIDE).toFixed(1);
    const y = (/** @type {number} */ value) => (span === 0 ? HIGH / 2 : HIGH - 4 - ((value - low) / span) * (HIGH - 8)).toFixed(1);
    let line = "";
    let ground = "";
    /** @type {string[]} */
    let run = [];
    const close = () => {
      if (run.length > 1) {
        line += `M${run.join("L")}`;
        ground += `M${run[0].split(",")[0]},${HIGH}L${run.join("L")}L${run[run.length - 1].split(",")[0]},${HIGH}Z`;
      }
      run = [];
    };
    thin.forEach((value, i) => (value === null ? close() : run.push(`${x(i)},${y(value)}`)));
    close();
    return { line, ground };
  }

  /** @param {string} id for its gradient @param {(bigint | null)[]} values */
  function spark(id, values) {
    const { el } = northstar.dom;
    const drawn = paths(values);
    if (!drawn) return el("div.spark", { "aria-hidden": "true" });
    return el("div.spark", { "aria-hidden": "true" },
      el("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", focusable: "false" },
        el("defs", null, el("linearGradient", { id: `spark-${id}`, x1: "0", y1: "0", x2: "0", y2: "1" },
          el("stop", { offset: "0", "stop-color": "currentColor", "stop-opacity": "0.32" }), el("stop", { offset: "1", "stop-color": "currentColor", "stop-opacity": "0" }))),
        el("path", { d: drawn.ground, fill: `url(#spark-${id})` }),
        el("path", { d: drawn.line, fill: "none", stroke: "currentColor", "stroke-width": "1.6", "stroke-linejoin": "round", "vector-effect": "non-scaling-stroke" })));
  }

  northstar.spark = { paths, spark };
}
