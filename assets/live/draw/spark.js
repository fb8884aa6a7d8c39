/** A sparkline: one path and its fading ground, in the colour of the text around it. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const WIDE = 200;
  const HIGH = 40;

  /**
   * The points that a sparkline shows: the last of each of 100 to 200 stretches of time, however
   * closely some points lie. Nothing moves until the newest stretch is over or a figure does.
   * @template {{at: number}} Point
   * @param {Point[]} points oldest first
   * @returns {{x: number, point: Point}[]} `x` from 0 to 200
   */
  function chosen(points) {
    if (!points.length) return [];
    const span = points[points.length - 1].at - points[0].at;
    const width = 2 ** Math.ceil(Math.log2(Math.max(1, span / WIDE)));
    const slot = (/** @type {Point} */ point) => Math.floor(point.at / width);
    const first = slot(points[0]);
    const all = slot(points[points.length - 1]) - first || 1;
    return points.filter((point, i) => i === points.length - 1 || slot(points[i + 1]) !== slot(point)).map((point) => ({ x: ((slot(point) - first) / all) * WIDE, point }));
  }

  /**
   * @param {{x: number, value: bigint | null}[]} values nano-dollars, oldest first; null breaks the line
   * @returns {{line: string, ground: string} | null} SVG paths in a box of 200 × 40
   */
  function paths(values) {
    const thin = values.map(({ x, value }) => ({ x, value: value === null ? null : northstar.money.height(value) }));
    const known = /** @type {number[]} */ (thin.map(({ value }) => value).filter((value) => value !== null));
    if (known.length < 2) return null;
    const low = Math.min(...known);
    const span = Math.max(...known) - low;
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
    for (const { x, value } of thin) value === null ? close() : run.push(`${x.toFixed(1)},${y(value)}`);
    close();
    return { line, ground };
  }

  /** @param {string} id for its gradient @param {{x: number, value: bigint | null}[]} values */
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

  northstar.spark = { chosen, paths, spark };
}
