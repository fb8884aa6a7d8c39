/** How today adds up: a bar a part, each beginning where the one above it ended. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /**
   * @typedef {{name: string, hue: string, from: bigint, to: bigint, amount: bigint | null, total: boolean, id: string}} Step
   */

  /**
   * The bars in cents, from the first part to the net; levels are of the unrounded parts, so that the last is the net.
   * @param {{net: bigint | null, parts: any[]}} read
   * @returns {Step[]}
   */
  function steps({ net, parts }) {
    const { cents } = northstar.money;
    let level = 0n;
    const out = parts.map((part) => {
      const from = level;
      level += part.exact ?? 0n;
      return { id: part.id, name: part.name, hue: part.id === "unrealised" ? "trd-soft" : part.hue, from: cents(from), to: cents(level), amount: part.shown, total: false };
    });
    return [...out, { id: "net", name: "Net", hue: (net ?? 0n) < 0n ? "loss" : "gain", from: 0n, to: net ?? 0n, amount: net, total: true }];
  }

  /**
   * Where the axis begins and ends, in cents. It begins at zero, unless the first part dwarfs all
   * that moves after it: then the axis is cut, so that the moves fill two thirds of it.
   * @param {Step[]} bars
   * @returns {{low: bigint, high: bigint, cut: boolean}}
   */
  function extent(bars) {
    const levels = bars.flatMap((bar) => [bar.from, bar.to]);
    const least = levels.reduce((a, b) => (b < a ? b : a), 0n);
    const most = levels.reduce((a, b) => (b > a ? b : a), 0n);
    const later = bars.slice(0, -1).map((bar) => bar.to);
    const low = later.reduce((a, b) => (b < a ? b : a), later[0] ?? 0n);
    const high = later.reduce((a, b) => (b > a ? b : a), later[0] ?? 0n);
    if (least === 0n && low > 0n && high - low < (high * 45n) / 100n && high > low) {
      const start = low - (high - low) / 2n;
      if (start > 0n) return { low: start, high, cut: true };
    }
    return { low: least, high: most === least ? least + 1n : most, cut: false };
  }

  /** @param {Step[]} bars */
  function spoken(bars) {
    const { dollars } = northstar.money;
    const levels = bars.slice(0, -1).map((bar) => bar.to);
    const [first, last] = [bars[0], bars[bars.length - 1]];
    if (last.amount === null || !levels.length) return "How today adds up; no figures yet";
    const least = levels.reduce((a, b) => (b < a ? b : a));
    const most = levels.reduce((a, b) => (b > a ? b : a));
    return `How today adds up: first ${first.name} ${dollars(levels[0], { plus: true })}, at the end ${dollars(last.amount, { plus: true })}, lowest ${dollars(least, { plus: true })}, highest ${dollars(most, { plus: true })} on the way`;
  }

  northstar.panels.push({
    id: "waterfall",
    /** @param {HTMLElement} root @param {View} view */
    draw(root, { snapshot }) {
      const body = root.querySelector(".waterfall-body");
      if (!body || !snapshot) return;
      const { el, grow } = northstar.dom;
      const { dollars } = northstar.money;
      const bars = steps(northstar.statement.read(snapshot));
      const { low, high, cut } = extent(bars);
      // A hundredth of a percent is finer than a pixel.
      const place = (/** @type {bigint} */ level) => Number(((level < low ? low : level) - low) * 10_000n / (high - low)) / 100;
      grow(body, [
        el(low < 0n ? "div.waterfall-rows.waterfall-signed" : "div.waterfall-rows", { role: "list", "aria-label": spoken(bars), "data-key": "rows" }, ...bars.map((bar) => {
          const [a, b] = bar.from < bar.to ? [bar.from, bar.to] : [bar.to, bar.from];
          const [left, right] = [place(a), place(b)];
          const text = bar.amount === null ? "—" : dollars(bar.amount, { plus: !bar.total });
          const explained = { "data-explain": northstar.statement.figureOf(bar.id) };
          return el(bar.total ? "div.waterfall-row.waterfall-total" : "div.waterfall-row", { role: "listitem", "data-key": bar.id, ...explained },
            el("span.waterfall-name", null, bar.name),
            el("span.waterfall-track", { "aria-hidden": "true" },
              low < 0n ? el("span.waterfall-zero", { style: { left: `${place(0n)}%` } }) : null,
              bar.amount === null ? null : el("span.waterfall-bar", { style: { left: `${left}%`, width: `${right - left}%`, background: `var(--${bar.hue})` } }, cut && a === 0n ? el("span.waterfall-cut", null) : null),
              bar.total || bar.amount === null ? null : el("span.waterfall-link", { style: { left: `${place(bar.to)}%` } })),
            el("button.waterfall-amount", { type: "button", "data-cents": bar.amount === null ? null : String(bar.amount), "data-waterfall": bar.id, ...explained, "aria-label": `${bar.name} ${text}`, "aria-haspopup": "dialog" }, text));
        })),
        el("p.waterfall-note", { "data-key": "note" }, cut ? "The axis is cut: it begins at " + northstar.money.wholeDollars(low) + "." : "Each bar begins where the one above it ended."),
      ]);
    },
  });

  northstar.waterfall = { steps, extent };
}
