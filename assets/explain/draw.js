/** Draws an explanation: the equation, what nests in it, the records with their running total, the checks. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** The hue of a line of the statement; what is below a line has the line's. */
  const HUES = {
    revenue: "rev", refunds: "rev", processor_fees: "rev", adjustments: "rev", revenue_total: "rev", trading_realised: "trd", trading_unrealised: "trd", trading_total: "trd", other_total: "oth", unrealised_total: "trd",
    trading_fees: "fee", api_cost: "api", operating_cost: "oth", other_income: "inc", cash: "trd", exposure: "trd", positions_value: "trd",
  };
  const RULES = { count: "those above zero", product: "multiplied", quotient: "the first by the second", difference: "the first less the others", sum: "added up" };
  const SHOWN = 50;
  const FACTS = {
    is_taker: "taker", order_id: "order", event_ticker: "event", token_type: "tokens", cost_type: "cost", service_tier: "tier", context_window: "context", inference_geo: "region", workspace_id: "workspace",
    parent_id: "belongs to", occurred_at: "occurred", updated_at: "updated", portfolio_value: "portfolio value", list_values: "at list prices",
  };

  /** The fields of a record that are amounts of money, in its currency. */
  const MONEY = new Set(["fee", "price", "yes_cost", "no_cost", "revenue", "value", "portfolio_value", "reported"]);

  /** @param {string} name */
  const hueOf = (name) => HUES[/** @type {keyof typeof HUES} */ (name)] ?? (name.startsWith("position") ? (name.endsWith("fees") ? "fee" : "trd") : null);

  /** @param {string} path @param {string | null} above the hue of the figure */
  const hue = (path, above) => hueOf(path.split("/")[0]) ?? above ?? "fee";

  /** An amount whose digits beyond the cent are quieter. @param {string} text */
  function amount(text) {
    const dot = text.lastIndexOf(".");
    if (!text.includes("$") || dot < 0 || text.length - dot <= 3) return [text];
    return [text.slice(0, dot + 3), northstar.dom.el("span.finer", null, text.slice(dot + 3))];
  }

  /** @param {string} at @param {string} zone @param {boolean} [long] with the day */
  function moment(at, zone, long = false) {
    const time = northstar.zone.clock(at, zone);
    return long ? `${northstar.zone.dayName(northstar.range.dayOf(Date.parse(at), zone))} ${time}` : time;
  }

  /** Whether days must be told with their year: one of them lies in another year than today. @param {Set<string>} days */
  const years = (days) => [...days].some((day) => day.slice(0, 4) !== new Date().toISOString().slice(0, 4));

  /** `29 Feb`, `29 Feb 2024`. @param {string} at @param {string} zone @param {boolean} long */
  function onDay(at, zone, long) {
    const day = northstar.range.dayOf(Date.parse(at), zone);
    return `${northstar.zone.dayName(day).split(" ").slice(1).join(" ")}${long ? ` ${day.slice(0, 4)}` : ""}`;
  }

  /**
   * One line of an equation, with what is open below it.
   * @param {any} term @param {any} view @param {number} depth
   */
  function line(term, view, depth) {
    const { el, icon } = northstar.dom;
    const { node, operator } = term;
    const open = view.open.has(node.node);
    const opens = node.rule === "record" || node.mark || !northstar.tree.isLeaf(node);
    const label = [el(`span.square.hue-${hue(node.node, view.hue)}`, { "aria-hidden": "true" }), el("span.term-name", null, node.title, node.note ? el("span.sub", null, node.note) : null)];
    return el("li.term", { "data-key": node.node },
      el("div.term-line", null,
        el("span.term-sign", { "aria-hidden": operator ? null : "true" }, operator),
        opens
          ? el("button.term-open", { type: "button", "aria-expanded": String(open), "data-explain-node": node.node }, icon("chevron-down"), ...label)
          : el("span.term-open.term-still", null, el("span.icon", { "aria-hidden": "true" }), ...label),
        el("span.term-amount", null, ...amount(term.amount))),
      open && opens ? el("div.term-below", null, ...below(node, view, depth + 1)) : null);
  }

  /** What is below a node that is open. @param {any} node @param {any} view @param {number} depth */
  function below(node, view, depth) {
    const { el } = northstar.dom;
    if (node.rule === "record") return [record(node, view)];
    if (node.mark && !northstar.tree.partsOf(node)?.length) return [quote(node, view)];
    if (node.state === "failed") return [trouble(node.trouble ?? "It could not be read.", node.node)];
    if (!northstar.tree.partsOf(node)) return [el("p.quiet.term-wait", { role: "status" }, "Reading…")];
    return equation(node, view, depth);
  }

  /** The equation of a node. @param {any} node @param {any} view @param {number} depth */
  function equation(node, view, depth) {
    const { el } = northstar.dom;
    const parts = northstar.tree.partsOf(node) ?? [];
    if (!parts.length && node.record) return [record(node, view)];
    if (!parts.length && node.mark) return [quote(node, view)];
    if (!parts.length) return [el("p.quiet.term-wait", { "data-key": "nothing" }, depth || node.note ? "Nothing further below it." : node.amount === null ? "As long as it is not known, there is nothing to add up." : "Nothing has been recorded for it yet, so there is nothing to add up.")];
    return [
      el("ul.terms", { "data-key": "terms" }, ...northstar.tree.terms(node.rule, parts).map((/** @type {any} */ term) => line(term, view, depth)),
        node.next ? el("li.term", { "data-key": "next" }, el("button.button.small", { type: "button", "data-explain-more": node.node }, "Show more")) : null),
      northstar.tree.tiesOut(node) ? null : el("p.term-breaks.loss", { "data-key": "breaks", role: "alert" }, northstar.dom.icon("triangle-alert"), " The parts that are shown do not make this amount."),
    ].filter((part) => part !== null);
  }

  /** @param {string} text @param {string} node */
  function trouble(text, node) {
    const { el, icon } = northstar.dom;
    return el("div.explain-trouble", { "data-key": "trouble", role: "alert" }, icon("circle-alert"), el("p", null, text), el("button.button.small", { type: "button", "data-explain-again": node }, "Try again"));
  }

  /** A value of a record in words. @param {any} value @param {string} zone @returns {string} */
  function told(value, zone) {
    if (value === null || value === undefined || value === "") return "—";
    if (typeof value === "boolean") return value ? "yes" : "no";
    if (typeof value === "object") return Object.entries(value).map(([name, one]) => `${name.replace(/_/g, " ")} ${told(one, zone)}`).join(" · ");
    if (/^\d{4}-\d{2}-\d{2}T/.test(String(value))) return moment(String(value), zone, true);
    return String(value);
  }

  /** @param {string} name */
  const field = (name) => { const text = FACTS[/** @type {keyof typeof FACTS} */ (name)] ?? name.replace(/_/g, " "); return text.charAt(0).toUpperCase() + text.slice(1); };

  /** One record: its parsed fields, the source's own id and, when asked for, its body. @param {any} node @param {any} view */
  function record(node, view) {
    const { el, icon } = northstar.dom;
    const { record: one } = node;
    if (!one) return el("p.quiet.term-wait", { "data-key": "record" }, "The record is not kept any more.");
    const facts = Object.entries(one.detail ?? {}).filter(([, value]) => value !== null && value !== "" && value !== undefined);
    const body = view.bodies.get(node.node);
    return el("div.record", { "data-key": "record" },
      el("dl.facts", null,
        el("dt", null, "Source's id"), el("dd", null, el("code", null, one.id)),
        el("dt", null, "Source"), el("dd", null, `${northstar.chips.nameOf(one.source)} · ${one.kind}${one.version ? ` · version ${one.version}` : ""}`),
        el("dt", null, "At"), el("dd", null, one.at ? el("time", { datetime: one.at }, `${moment(one.at, view.zone, true)} ${northstar.zone.name(Date.parse(one.at), view.zone)}`) : "—"),
        one.amount === null || one.amount === undefined ? null : [el("dt", null, "Brings"), el("dd", null, northstar.money.said(one.amount, one.currency, { plus: true }))],
        ...facts.flatMap(([name, value]) => [el("dt", null, field(name)), el("dd", null, MONEY.has(name) ? northstar.money.said(String(value), one.currency) : told(value, view.zone))])),
      body === undefined
        ? el("button.button.small", { type: "button", "data-explain-body": node.node }, icon("file-text"), "As the source sent it")
        : body.state === "reading" ? el("p.quiet", { role: "status" }, "Reading the source's own words…")
          : body.state === "failed" ? el("p.quiet", { role: "alert" }, body.text)
            : el("pre.raw", { tabindex: "0", role: "region", "aria-label": "The record as its source sent it" }, body.text));
  }

  /** A quote. @param {any} node @param {any} view */
  function quote(node, view) {
    const { el } = northstar.dom;
    const { mark } = node;
    const words = { bid: "best bid of the side that is held", mid: "middle of bid and ask", settlement: "what a contract settles at", none: "no bid: worth nothing until somebody bids" };
    return el("div.record", { "data-key": "mark" }, el("dl.facts", null,
      el("dt", null, "Market"), el("dd", null, el("code", null, mark.ticker)),
      el("dt", null, "Side"), el("dd", null, String(mark.side ?? "—").toUpperCase()),
      el("dt", null, "Price"), el("dd", null, mark.price === null ? "—" : northstar.money.price(mark.price, 4)),
      el("dt", null, "Taken from"), el("dd", null, words[/** @type {keyof typeof words} */ (mark.source)] ?? mark.source),
      el("dt", null, "Quoted"), el("dd", null, mark.at ? moment(mark.at, view.zone, true) : "never")));
  }

  /** The box with the equation and its total. @param {any} root @param {any} view */
  function box(root, view) {
    const { el } = northstar.dom;
    const parts = northstar.tree.partsOf(root) ?? [];
    return el("section.explain-box", { "data-key": "box", "aria-label": "The sum" },
      ...equation(root, view, 0),
      el("div.term-line.term-total", { "data-key": "total" },
        el("span.term-sign", null, "="), el("span.term-name", null, view.title, parts.length > 1 ? el("span.sub", null, `${parts.length} parts, ${RULES[/** @type {keyof typeof RULES} */ (root.rule)] ?? "added up"}`) : null),
        el("strong.term-amount", { id: "explain-total" }, ...amount(northstar.tree.printed(root, { plus: false })))));
  }

  /** The records that make the figure, newest first, with the total up to each. @param {any} root @param {any} view */
  function contributions(root, view) {
    const { el, icon } = northstar.dom;
    if (!northstar.tree.additive(root) || root.amount === null || northstar.tree.isLeaf(root)) return null;
    const { leaves, closed } = northstar.tree.leaves(root);
    const heading = (/** @type {string} */ count) => el("h3", { "data-key": "heading" }, `Contributing records${count}`);
    if (view.gathering || closed.length) {
      return el("section.explain-part", { "data-key": "records", "aria-label": "Contributing records" }, heading(""),
        view.gathering ? el("p.quiet", { role: "status", "data-key": "wait" }, `Gathering them, ${leaves.length.toLocaleString("en-US")} so far…`)
          : view.gatherTrouble ? trouble(view.gatherTrouble, "")
            : el("button.button.small", { type: "button", "data-explain-gather": "", "data-key": "gather" }, icon("table"), "List them, newest first"));
    }
    if (!leaves.length) return null;
    const rows = northstar.tree.running(leaves);
    const shown = rows.slice(0, view.rows);
    const dated = rows.filter((/** @type {any} */ row) => row.at);
    const days = new Set(dated.map((/** @type {any} */ row) => northstar.range.dayOf(Date.parse(row.at), view.zone)));
    const long = years(days);
    return el("section.explain-part", { "data-key": "records", "aria-label": "Contributing records" }, heading(` · ${rows.length.toLocaleString("en-US")}`),
      rows[0].running === northstar.tree.money(root) ? null : trouble("The figure changed while its records were read: together they make another amount.", "~root"),
      el("table.table.explain-table", { "data-key": "table" },
        el("thead", null, el("tr", null, ...["Time", "Record", "Amount", "Running"].map((name, i) => el(i > 1 ? "th.num" : "th", { scope: "col" }, name)))),
        el("tbody", null, ...shown.flatMap((/** @type {any} */ row) => {
          const open = view.openRows.has(row.key);
          return [el("tr", { "data-key": row.key },
            el("td.r-time", null, row.at ? el("time", { datetime: row.at }, days.size > 1 || long ? el("span.r-day", null, `${onDay(row.at, view.zone, long)} `) : null, moment(row.at, view.zone)) : "—"),
            el("th.r-what", { scope: "row" }, row.node.record || row.node.mark
              ? el("button.e-open", { type: "button", "aria-expanded": String(open), "data-explain-row": row.key }, el("span.r-name", null, row.title, row.node.record ? el("code.ticker", null, row.node.record.id) : null))
              : el("span.r-name", null, row.title)),
            el("td.num", null, el(`span.${row.amount > 0n ? "gain" : row.amount < 0n ? "loss" : "flat"}`, null, ...amount(northstar.money.exact(row.amount, { plus: true })))),
            el("td.num.r-running", null, ...amount(northstar.money.exact(row.running)))),
          ...(open ? [el("tr.trail", { "data-key": `open ${row.key}` }, el("td", { colspan: "4" }, row.node.record ? record(row.node, view) : quote(row.node, view)))] : [])];
        }))),
      shown.length < rows.length ? el("button.button.small", { type: "button", "data-explain-rows": "", "data-key": "more" }, `Show ${Math.min(SHOWN, rows.length - shown.length)} more of ${rows.length.toLocaleString("en-US")}`) : null);
  }

  /** The checks that cover the figure: what agrees, or the break. @param {any[] | undefined} checks @param {any} view */
  function checks(checks, view) {
    const { el, icon } = northstar.dom;
    const { words, sentence, called, stateOf } = northstar.checkWords;
    if (!checks) return null;
    const titleOf = (/** @type {string} */ ticker) => view.titles.get(ticker) ?? ticker;
    const failed = checks.filter(({ state }) => state === "failed");
    const waiting = checks.filter(({ state }) => state === "waiting");
    const ok = checks.filter(({ state }) => state === "ok");
    const boxes = [];
    for (const check of failed.slice(0, 5)) {
      boxes.push(el("div.verdict.verdict-loss", { "data-key": `failed ${check.name} ${check.scope}` }, icon("triangle-alert"),
        el("div", null, el("strong", null, `Does not match ${words(check.name).source}`), el("p", null, sentence(check, titleOf)))));
    }
    if (failed.length > 5) boxes.push(el("p.quiet", { "data-key": "failed more" }, `and ${failed.length - 5} more that differ`));
    if (waiting.length) {
      boxes.push(el("div.verdict.verdict-warn", { "data-key": "waiting" }, icon("clock"),
        el("div", null, el("strong", null, waiting.length === 1 ? "Waits for the next reading" : `${waiting.length} checks wait for the next reading`),
          el("p", null, waiting.slice(0, 3).map((check) => `${called(check, titleOf)}: ${check.reason ?? stateOf("waiting").word.toLowerCase()}`).join(". "), "."))));
    }
    const sources = [...new Set(ok.map((check) => words(check.name).source))];
    for (const source of sources) {
      const mine = ok.filter((check) => words(check.name).source === source);
      const against = [...new Set(mine.map((check) => words(check.name).against.replace(/^(Our|The) /, (word) => word.toLowerCase())).filter(Boolean))];
      const loose = mine.some((check) => !northstar.checkWords.none(check.difference));
      const since = mine.map((check) => check.since).filter((at) => at).sort().at(-1);
      boxes.push(el("div.verdict.verdict-gain", { "data-key": `ok ${source}` }, icon("circle-check"),
        el("div", null, el("strong", null, source === "itself" ? "Adds up, to the last digit" : `Matches ${source} ${loose ? "within tolerance" : "to the cent"}`),
          el("p", null, `${mine.length === 1 ? called(mine[0], titleOf) : `${mine.length} checks`}${against.length ? `, held against ${against.join(", ")}` : ""}${since ? `, so since ${moment(since, view.zone, northstar.zone.dayName(since.slice(0, 10)) !== northstar.zone.dayName(new Date(view.now).toISOString().slice(0, 10))).slice(0, -3)}` : ""}.`))));
    }
    if (!boxes.length) boxes.push(el("p.quiet", { "data-key": "none" }, "No source reports this figure, so there is nothing to hold it against; its records are each the source's own."));
    return el("section.explain-part", { "data-key": "checks", "aria-label": "Checks" }, el("h3", null, "Checks"), ...boxes);
  }

  northstar.explainDraw = { amount, moment, box, record, contributions, checks, trouble, hueOf, SHOWN, years, onDay };
}
