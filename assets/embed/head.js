/** The line on top, name and figure, and the one below: whether it is live, and of when. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const TITLES = { net: "Net P&L", equity: "Net P&L", drawdown: "Largest drawdown", waterfall: "How it adds up", positions: "Open positions", activity: "Activity", costs: "Costs", revenue: "Revenue", calendar: "Net by day", kpis: "Net P&L and its parts" };
  /** Panels whose name needs no range beside it. */
  const ALWAYS_NOW = ["positions", "activity", "kpis"];

  /** @param {bigint | null} amount nano-dollars @param {boolean} [plus] */
  const shown = (amount, plus = true) => (amount === null ? "—" : northstar.money.dollars(northstar.money.cents(amount), { plus }));
  /** @param {bigint | null} amount */
  const tone = (amount) => (amount === null || amount === 0n ? "flat" : amount > 0n ? "gain" : "loss");

  /** @type {Record<string, (view: any) => {amount: bigint | null, tone?: string, plus?: boolean} | null>} what stands beside the name */
  const FIGURES = {
    net: ({ snapshot }) => ({ amount: northstar.money.nano(snapshot.net) }),
    equity: ({ snapshot }) => ({ amount: northstar.money.nano(snapshot.net) }),
    drawdown: ({ past, range, long }) => ({ amount: northstar.embed.lasting(range) ? fallen(long) : northstar.embed.deepest(past) }),
    waterfall: ({ snapshot }) => ({ amount: northstar.money.nano(snapshot.net) }),
    calendar: ({ snapshot }) => ({ amount: northstar.money.nano(snapshot.net) }),
    costs: ({ snapshot }) => {
      const sum = counted(snapshot.lines, ["api_cost", "trading_fees", "operating_cost"]);
      return { amount: sum === null ? null : -sum, plus: false, tone: "flat" };
    },
    revenue: ({ snapshot }) => ({ amount: counted(snapshot.lines, ["revenue", "refunds", "processor_fees", "adjustments"]), tone: "flat" }),
  };

  /**
   * What lines come to as far as they are known; null where what is known is nothing, for that says nothing of the rest.
   * @param {Record<string, string | null>} lines @param {string[]} names
   */
  function counted(lines, names) {
    const sum = northstar.statement.sumOf(lines, names);
    return sum === 0n && names.some((name) => (lines[name] ?? null) === null) ? null : sum;
  }

  /** The largest fall of a course of days; null where nothing of it is known. @param {any} long */
  const fallen = (long) => (!long || long.end === null ? null : (long.fall?.amount ?? 0n));

  /** The largest fall of today; null where nothing of it is known. @param {any} past */
  function deepest(past) {
    if (!past.today) return null;
    const descent = new northstar.course.Descent();
    for (const point of past.today.points) descent.take(point);
    return descent.peak === null ? null : (descent.deepest?.amount ?? 0n);
  }

  /** How far the net is from the day before at this time of day, or from the days before where that is asked for. @param {any} view */
  function against(view) {
    const { panel, range, snapshot, past, live, asked } = view;
    if (!["net", "equity"].includes(panel) || asked.compare === "none") return null;
    const before = range === "1d" ? past.sameTimeBefore(Date.parse((live ?? snapshot).as_of)) : null;
    const wanted = asked.compare === "prev" && view.days && northstar.embed.lasting(range);
    const then = before ? before.values.net : wanted ? northstar.embed.sumBefore(view.days, view.before, view.from) : null;
    const now = northstar.money.nano(snapshot.net);
    if (now !== null && then === null && wanted) return { tone: "flat", text: "", said: "the period before is not known whole" };
    if (now === null || then === null) return null;
    const moved = northstar.money.cents(now - then);
    const size = northstar.money.dollars(moved < 0n ? -moved : moved);
    return { tone: moved === 0n ? "flat" : moved > 0n ? "gain" : "loss", text: `${moved === 0n ? "=" : moved > 0n ? "▲" : "▼"} ${size}`, day: before?.name ?? "the period before" };
  }

  /** The name of the range that is shown. @param {any} view */
  const named = ({ range, span, dayZone }) => (range === "span" ? (span ? northstar.range.said(span, dayZone) : "") : northstar.embed.NAMES[range]);

  /** @param {any} view */
  function draw(view) {
    const { el, grow, set } = northstar.dom;
    const { panel, snapshot } = view;
    const what = TITLES[/** @type {keyof typeof TITLES} */ (panel)];
    const title = ALWAYS_NOW.includes(panel) ? what : `${what} ${named(view)}`.trim();
    grow(/** @type {Element} */ (document.getElementById("embed-title")), [title]);
    const figure = snapshot ? FIGURES[panel]?.(view) : null;
    const strong = /** @type {Element} */ (document.getElementById("embed-figure"));
    set(strong, "class", `embed-figure ${figure ? (figure.tone ?? tone(figure.amount)) : ""}`.trim());
    const partial = snapshot && !snapshot.complete && figure && figure.amount !== null;
    grow(strong, figure ? [shown(figure.amount, figure.plus ?? true), ...(partial ? [el("span.pill.pill-warn", { "data-key": "partial", title: `Not known: ${northstar.statement.unknown(snapshot)}` }, "incomplete")] : [])] : []);
    const delta = snapshot ? against(view) : null;
    grow(/** @type {Element} */ (document.getElementById("embed-delta")), delta ? (delta.said ? [delta.said] : [el(`span.${delta.tone}`, null, delta.text), ` vs ${delta.day}`]) : []);
  }

  /** @type {Record<string, [string, string]>} by what carries the figures: tone and word */
  const WORDS = { websocket: ["gain", "Live"], sse: ["accent", "Live"], polling: ["warn", "Polling"], waiting: ["quiet", "Waiting"], offline: ["loss", "Offline"], connecting: ["quiet", "Connecting"], still: ["accent", "Read"] };

  /**
   * What the line below says.
   * @param {any} view @returns {{tone: string, text: string}}
   */
  function state({ snapshot, live, zone, troubled, failed, asked, connection: { kind, broken, reason, nextAt }, now }) {
    if (kind === "ended") return failed ? { tone: "loss", text: "The days could not be read, and are asked for again." } : { tone: "quiet", text: snapshot ? "These days are over" : "Reading the days…" };
    const [hue, word] = broken && kind !== "polling" ? ["warn", "Reconnecting"] : WORDS[kind];
    const at = (live ?? snapshot)?.as_of;
    if (!at) return { tone: hue, text: reason ?? `${word}…` };
    const when = `${northstar.zone.clock(at, zone)} ${northstar.zone.name(Date.parse(at), zone)}`;
    if (kind === "still" && !troubled) return { tone: hue, text: asked.refresh ? `Every ${asked.refresh} s · updated ${when}` : `As of ${when}` };
    if (!troubled) return { tone: hue, text: `${word} · updated ${when}` };
    const seconds = nextAt === null ? 0 : Math.ceil((nextAt - now) / 1000);
    return { tone: "loss", text: `Not live: last good figures of ${when}${seconds > 0 ? `, retry in ${seconds} s` : ""}` };
  }

  /** @param {any} view */
  function foot(view) {
    const { grow, set } = northstar.dom;
    const { tone: hue, text } = state(view);
    set(/** @type {Element} */ (document.getElementById("embed-dot")), "class", `embed-dot embed-dot-${hue}`);
    grow(/** @type {Element} */ (document.getElementById("embed-state")), [text]);
  }

  Object.assign((northstar.embed ??= {}), { draw, foot, state, against, deepest, fallen, counted, shown });
}
