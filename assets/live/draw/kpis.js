/** The identity bar: net = revenue + realised + unrealised − fees − API cost, and other costs and income where there are some; each rounded by itself. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** An amount with quieter cents. @param {string} text @param {bigint | null} cents @param {string} name @param {boolean} cost @param {string} [at] of when it is explained */
  function figure(text, cents, name, cost, at) {
    const { el } = northstar.dom;
    const dot = text.lastIndexOf(".");
    return el("button.figure", { type: "button", "data-cents": cents === null ? null : String(cents), "data-figure": name, "data-good": cost ? "down" : "up", ...explained(name, at), "aria-haspopup": "dialog", title: "Why this number?" },
      ...(dot < 0 ? [text] : [text.slice(0, dot), el("span.cents", null, text.slice(dot))]));
  }

  /** What makes an element open the explanation of a figure of the bar. @param {string} id of its group @param {string} [at] of when; now where not given */
  const explained = (id, at) => ({ "data-explain": northstar.statement.figureOf(id), ...(at ? { "data-explain-at": at } : {}) });

  /**
   * How far an amount is from the day before at this time, as words; null when it is not known.
   * @param {bigint | null} now nano-dollars, signed @param {bigint | null} before @param {boolean} cost an amount that is better small
   */
  function change(now, before, cost) {
    if (now === null || before === null || before === undefined) return null;
    const moved = northstar.money.cents(now - before);
    const printed = cost ? -moved : moved;
    const size = printed < 0n ? -printed : printed;
    return { up: printed > 0n, none: printed === 0n, good: moved >= 0n, text: northstar.money.dollars(size), moved };
  }

  /** @param {ReturnType<typeof change>} moved @param {string} day */
  function delta(moved, day) {
    const { el } = northstar.dom;
    if (!moved) return el("span.delta", null, "");
    const tone = moved.none ? "flat" : moved.good ? "gain" : "loss";
    const arrow = moved.none ? "=" : moved.up ? "▲" : "▼";
    return el("span.delta", null, el(`span.${tone}`, null, `${arrow} ${moved.text}`), ` vs ${day}`);
  }

  /** The change in percent of the day before, one decimal. @param {bigint} moved cents @param {bigint} before nano */
  function percent(moved, before) {
    if (before <= 0n) return "";
    const tenths = (moved < 0n ? -moved : moved) * northstar.money.CENT * 1000n / before;
    return tenths > 99_999n ? "" : ` · ${tenths / 10n}.${tenths % 10n}%`;
  }

  /** @param {View} view @param {any} read @param {{x: number, point: any}[]} past what the sparkline shows */
  function hero(view, read, past) {
    const { el } = northstar.dom;
    const { money, zone } = northstar;
    const snapshot = /** @type {any} */ (view.snapshot);
    const before = view.past.sameTimeBefore(Date.parse(snapshot.as_of));
    const net = money.nano(snapshot.net);
    const moved = change(net, before?.values.net ?? null, false);
    const values = past.map(({ x, point }) => ({ x, value: point.values.net ?? null }));
    const text = read.net === null ? "—" : money.dollars(read.net, { plus: true });
    return el(`div.kpi.kpi-hero.${net !== null && net < 0n ? "hue-loss" : "hue-gain"}`, { role: "group", "aria-label": "Net P&L", "data-key": "net", ...explained("net") },
      el("div.kpi-label", null, el("span", null, "Net P&L today"),
        snapshot.complete
          ? el("span.kpi-meta", null, `as of ${zone.clock(snapshot.as_of, view.zone)}`)
          : el("span.pill.pill-warn", { id: "incomplete", title: `Not in the net: ${missing(snapshot)}` }, `incomplete: ${missing(snapshot)}`)),
      figure(text, read.net, "net", false),
      moved && before
        ? el("div.kpi-delta", null, el(`span.pill.pill-${moved.none ? "flat" : moved.good ? "gain" : "loss"}`, null, `${moved.none ? "=" : moved.up ? "▲" : "▼"} ${moved.text}${percent(moved.moved, before.values.net ?? 0n)}`),
          ` vs ${before.name} at ${zone.hourMinute(snapshot.as_of, view.zone)}`)
        : el("div.kpi-delta", null, snapshot.finality === "final" ? "final" : `${snapshot.finality} so far`),
      northstar.spark.spark("net", values));
  }

  /** What is missing, in the page's words. @param {{missing: string[]}} snapshot */
  function missing(snapshot) {
    const groups = northstar.statement.GROUPS.filter((/** @type {any} */ group) => group.lines.some((/** @type {string} */ line) => snapshot.missing.includes(line)));
    const known = new Set(groups.flatMap((/** @type {any} */ group) => group.lines));
    return [...groups.map((/** @type {any} */ group) => group.name), ...snapshot.missing.filter((name) => !known.has(name)).map(northstar.chips.nameOf)].join(", ") || "a source";
  }

  /** A cost grows upwards, as it is printed. @param {bigint | null} amount @param {boolean} cost */
  const upward = (amount, cost) => (amount === null || !cost ? amount : -amount);

  /**
   * Whether a part may still change, and why: what is final says nothing.
   * @param {{id: string, source: string, lines: string[], exact: bigint | null}} part @param {any} snapshot
   * @returns {[string, string?] | []}
   */
  function standing({ id, source, lines, exact }, snapshot) {
    const { status, complete_through: through } = snapshot.sources[source] ?? {};
    const flags = snapshot.flags ?? [];
    const how = northstar.statement.worst(snapshot, lines);
    if (exact === null) return [status === "off" ? "not connected" : "no answer yet"];
    if (id === "revenue" && status !== "off") {
      if (!through) return ["live today, day not closed", "Estimated: the day is not closed"];
      return [`complete through ${northstar.zone.dayName(through)}`, how === "final" ? "Final: complete for the day" : "Estimated: sales of the days after it may still come"];
    }
    if (!how || how === "final") return [];
    if (!["live", "off"].includes(status ?? "live")) return [how, `${northstar.chips.nameOf(source)} is ${status}: this is its last good value`];
    if (id === "unrealised" && flags.includes("opening_estimated")) return ["opening estimated", "Nothing was read at midnight: the first prices after it stand for the opening"];
    if (id === "api_cost") return [how, how === "estimated" ? "Worked out from usage: Anthropic has not reported all of it" : "Anthropic may still add to it or correct it"];
    return [how, "It may still change"];
  }

  /** @param {any} part @param {View} view @param {boolean} first @param {{x: number, point: any}[]} past */
  function cell(part, view, first, past) {
    const { el } = northstar.dom;
    const { zone } = northstar;
    const snapshot = /** @type {any} */ (view.snapshot);
    const source = snapshot.sources[part.source];
    const before = view.past.sameTimeBefore(Date.parse(snapshot.as_of));
    const line = part.lines[0];
    const cost = part.operator === "−";
    const values = past.map(({ x, point }) => ({ x, value: upward(point.values[line] ?? null, cost) }));
    const moved = part.lines.length === 1 || before === null ? change(part.exact, before?.values[line] ?? null, cost)
      : change(northstar.money.nano(snapshot.lines[line]), before.values[line] ?? null, cost);
    const [caption, meaning] = standing(part, snapshot);
    return el(`div.kpi.hue-${part.hue}`, { role: "group", "aria-label": part.name, "data-key": part.id, ...explained(part.id) },
      el("span.operator", null, first ? "=" : part.operator),
      el("div.kpi-label", null, el("span.square", { "aria-hidden": "true" }), el("span", null, part.name),
        source?.as_of ? el("span.kpi-meta", { "data-age-of": source.as_of }, zone.since(view.now - Date.parse(source.as_of))) : null),
      figure(northstar.statement.printed(part), part.shown, part.id, cost),
      el("div.kpi-delta", null, moved && before ? delta(moved, before.name) : null),
      caption ? el("div.kpi-note", { title: meaning ?? null }, caption) : null,
      northstar.spark.spark(part.id, values));
  }

  northstar.panels.push({
    id: "kpis",
    /** @param {HTMLElement} root @param {View} view */
    draw(root, view) {
      if (!view.snapshot) return;
      const read = northstar.statement.read(view.snapshot);
      const cells = String(read.parts.length);
      if (root.style.getPropertyValue("--cells") !== cells) root.style.setProperty("--cells", cells);
      const past = northstar.spark.chosen(view.past.today?.points ?? []);
      northstar.dom.grow(root, [hero(view, read, past), ...read.parts.map((/** @type {any} */ part, /** @type {number} */ i) => cell(part, view, i === 0, past))]);
    },
  });

  northstar.panels.push({
    id: "live-day",
    /** @param {HTMLElement} root @param {View} view */
    draw(root, { snapshot, zone }) {
      if (!snapshot) return;
      northstar.dom.grow(root, [`${northstar.zone.dayName(snapshot.day)} · since 00:00 ${northstar.zone.name(Date.parse(snapshot.as_of), zone)}`]);
    },
  });

  northstar.kpis = { change, percent, delta, figure, explained, standing };
}
