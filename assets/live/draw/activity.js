/** What happened lately: fills, settlements, costs, revenue and alerts in one list, newest first. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const KINDS = ["fills", "settlements", "costs", "revenue"];
  const SHOWN = 20;
  const EVERY_MS = 30_000;
  /** All open pages hear of a snapshot at once; each asks for its records at a moment of its own. */
  const SPREAD_MS = 2000;
  const FILTERS = { all: null, fills: ["fill", "settlement"], costs: ["cost"], revenue: ["revenue", "entry", "credit"] };
  const state = { filter: "all", rows: /** @type {any[]} */ ([]), titles: /** @type {Map<string, string>} */ (new Map()), mark: "", readAt: 0, busy: false, waits: false, ready: false, read: false, failed: false };

  /** @param {string} kind */
  const single = (kind) => (kind === "entries" ? "entry" : kind.replace(/s$/, ""));

  /** What in a snapshot tells that something happened. @param {any} snapshot */
  const fingerprint = ({ lines, positions, alerts }) =>
    [alerts?.changed ?? "", lines.revenue, lines.refunds, lines.adjustments, lines.operating_cost, lines.trading_realised, lines.trading_fees, lines.api_cost, ...positions.map((/** @type {any} */ row) => row.ticker + row.position)].join(" ");

  /**
   * The rows with the costs of one model and one bucket of time as one: a bucket comes in a dozen rows.
   * @param {any[]} rows
   */
  function gathered(rows) {
    const costs = new Map();
    return rows.flatMap((row) => {
      if (single(row.kind) !== "cost") return [row];
      const key = `${row.effective_at} ${row.detail?.model ?? row.detail?.description}`;
      const first = costs.get(key);
      if (!first) {
        costs.set(key, { ...row, total: amount(row), rows: 1, members: [row] });
        return [costs.get(key)];
      }
      first.total = (first.total ?? 0n) + (amount(row) ?? 0n);
      first.rows += 1;
      first.members.push(row);
      return [];
    });
  }

  /** @param {any} row */
  function amount(row) {
    if (row.total !== undefined) return row.total;
    const { nearestNano: nano } = northstar.money;
    if (row.amount !== null && row.amount !== undefined) return nano(row.amount);
    return row.posts?.length ? row.posts.reduce((/** @type {bigint} */ sum, /** @type {any} */ post) => sum + nano(post.amount), 0n) : null;
  }

  /**
   * A record in a reader's words.
   * @param {any} row @param {(ticker: string) => string} titleOf
   * @returns {{icon: string, title: string, meta: string, amount: bigint | null}}
   */
  function told(row, titleOf) {
    const { count, price } = northstar.money;
    const detail = row.detail ?? {};
    const kind = single(row.kind);
    if (kind === "fill") {
      const sold = detail.action === "sell";
      const side = String(detail.side ?? "").toUpperCase();
      return { icon: sold ? "arrow-up-right" : "arrow-down-right", title: `${sold ? "Sold" : "Bought"} ${count(String(detail.count ?? "0"))} ${side} @ ${price(detail.price ?? null)}`, meta: titleOf(detail.ticker ?? ""), amount: amount(row) };
    }
    if (kind === "settlement") return { icon: "flag", title: `Settled ${String(detail.result ?? "").toUpperCase()}`.trim(), meta: titleOf(detail.ticker ?? ""), amount: amount(row) };
    if (kind === "cost") return { icon: "cpu", title: [detail.model ?? detail.description ?? "API usage", row.rows > 1 ? null : detail.token_type?.replace(/[_.]/g, " ")].filter(Boolean).join(" · "),
      meta: ["Anthropic", detail.start ? northstar.zone.dayName(String(detail.start).slice(0, 10)) : null, row.rows > 1 ? `${row.rows} rows` : null].filter(Boolean).join(" · "), amount: amount(row) };
    const words = String(detail.kind ?? kind).replace(/_/g, " ");
    return { icon: kind === "credit" ? "wallet" : detail.kind === "refund" || detail.kind === "chargeback" ? "undo-2" : detail.kind === "operating_cost" ? "receipt-text" : "banknote",
      title: detail.description || words.charAt(0).toUpperCase() + words.slice(1), meta: [sourceName(row.source), words].filter(Boolean).join(" · "), amount: amount(row) };
  }

  /** @param {string} source */
  const sourceName = (source) => ({ "revenue.stripe": "Stripe", "revenue.feed": "Feed", "revenue.csv": "CSV", manual: "Entered by hand", "revenue.manual": "Entered by hand" })[source] ?? northstar.chips.nameOf(source);

  /** Come back at a moment of this page's own. */
  function later() {
    state.waits = true;
    setTimeout(() => {
      Object.assign(state, { waits: false, ready: true });
      northstar.redraw?.();
    }, Math.random() * SPREAD_MS);
  }

  /** @param {View} view */
  async function read(view) {
    const snapshot = /** @type {any} */ (view.snapshot);
    const mark = fingerprint(snapshot);
    if (state.busy || !["websocket", "sse", "polling", "past"].includes(view.connection.kind)) return;
    if (state.read && view.paused) return;
    if (state.read && (mark === state.mark || (view.now - state.readAt < 3000)) && view.now - state.readAt < EVERY_MS) return;
    if (state.read && !state.ready) return void (state.waits || later());
    state.ready = false;
    state.busy = true;
    state.readAt = view.now;
    const known = view.asOf ? { as_of: view.asOf } : {};
    try {
      const lists = await Promise.all(KINDS.map(async (kind) => {
        const answer = await fetch(`${northstar.root}api/pnl/records?${new URLSearchParams({ kind, limit: String(kind === "costs" ? 100 : SHOWN), ...known })}`);
        if (!answer.ok) throw new Error(`the records answered ${answer.status}`);
        const body = await answer.json();
        return body.records;
      }));
      state.rows = [...lists.flat(), ...(await alertsOf(view))].sort((a, b) => (a.effective_at < b.effective_at ? 1 : a.effective_at > b.effective_at ? -1 : 0));
      await learnTitles(state.rows, known);
      state.mark = mark;
      state.failed = false;
    } catch {
      state.failed = true;
    } finally {
      state.busy = false;
      state.read = true;
      northstar.redraw?.();
    }
  }

  /** What fired and what was over, in the form of records; nothing is asked where there is no rule. @param {View} view */
  async function alertsOf({ snapshot, asOf }) {
    if (!snapshot?.alerts) return [];
    const answer = await fetch(`${northstar.root}api/pnl/alerts/events?${new URLSearchParams({ limit: String(SHOWN), ...(asOf ? { to: asOf } : {}) })}`);
    if (!answer.ok) throw new Error(`the alerts answered ${answer.status}`);
    return (await answer.json()).events.map((/** @type {any} */ one) => ({ kind: "alert", source: "alerts", id: one.number, version: 1, effective_at: one.at, ...one }));
  }

  /** @param {any} row @param {View} view */
  function alert(row, view) {
    const { el, icon } = northstar.dom;
    const fired = row.action === "fired";
    return el("li.event", { "data-key": keyOf(row) },
      el("span.tile", null, icon(fired ? "bell" : "circle-check")),
      el("span.event-what", null, el("span.event-title", { title: row.rule.name }, row.rule.name), el("span.event-meta", { title: row.what }, row.what)),
      el("span.event-when", null, el(`span.event-amount.${!fired ? "gain" : row.severity === "critical" ? "loss" : "event-warn"}`, null, fired ? "Fired" : "Resolved"),
        el("time.event-age", { datetime: row.effective_at, "data-age-of": row.effective_at }, northstar.zone.age(view.now - Date.parse(row.effective_at)))));
  }

  /** Ask once for the names of markets that are no longer open. @param {any[]} rows @param {Record<string, string>} known */
  async function learnTitles(rows, known) {
    const unknown = rows.map((row) => row.detail?.ticker).filter((ticker) => ticker && !state.titles.has(ticker));
    if (!unknown.length) return;
    for (const ticker of unknown) state.titles.set(ticker, ticker);
    const answer = await fetch(`${northstar.root}api/pnl/positions?${new URLSearchParams({ all: "1", ...known })}`);
    if (!answer.ok) return;
    for (const row of (await answer.json()).positions) if (row.title) state.titles.set(row.ticker, row.title);
  }

  /** @param {any} row */
  const keyOf = ({ kind, source, id, version }) => `${kind} ${source} ${id} ${version}`;

  /** The line of the statement that a kind of record belongs to, most of all. */
  const FIGURES = { fill: "trading_fees", settlement: "trading_realised", cost: "api_cost", credit: "other_income" };

  /** @param {any} row @returns {any} the record as the drawer shows one */
  function leaf(row) {
    const total = amount(row);
    const brought = total === null ? null : northstar.money.decimal(total);
    const { source, id, version, effective_at: at, detail, raw, currency } = row;
    const kind = single(row.kind);
    return { node: keyOf(row), title: [detail?.token_type?.replace(/[_.]/g, " "), detail?.workspace_id].filter(Boolean).join(" · ") || id, amount: brought, rule: "record", unit: "usd", count: 0, record: { source, kind, id, version, at, amount: brought, currency, detail, raw } };
  }

  northstar.actions.record = (/** @type {HTMLElement} */ element) => {
    const row = gathered(state.rows).find((one) => keyOf(one) === element.dataset.record);
    if (!row) return;
    const what = told(row, (ticker) => state.titles.get(ticker) ?? ticker);
    const members = row.members ?? [row];
    northstar.explain.records(members.map(leaf), {
      title: what.title, text: what.meta, figure: FIGURES[/** @type {keyof typeof FIGURES} */ (single(row.kind))] ?? (row.detail?.kind === "operating_cost" ? "operating_cost" : "revenue"),
      amount: what.amount === null ? null : northstar.money.decimal(what.amount), from: element,
    });
  };

  /** @param {any} row @param {View} view */
  function item(row, view) {
    if (row.kind === "alert") return alert(row, view);
    const { el, icon } = northstar.dom;
    const what = told(row, (ticker) => state.titles.get(ticker) ?? row.detail?.title ?? ticker);
    const tone = what.amount === null || what.amount === 0n ? "flat" : what.amount > 0n ? "gain" : "loss";
    const neutral = single(row.kind) === "fill" && what.amount !== null && what.amount < 0n;
    return el("li.event", { "data-key": keyOf(row) },
      el("span.tile", null, icon(what.icon)),
      el("span.event-what", null, el("span.event-title", { title: what.title }, what.title), el("span.event-meta", { title: what.meta }, what.meta)),
      el("span.event-when", null, el(`button.event-amount.why.${neutral ? "flat" : tone}`, { type: "button", "data-action": "record", "data-record": keyOf(row), "aria-haspopup": "dialog" }, what.amount === null ? "—" : northstar.money.dollars(northstar.money.cents(what.amount), { plus: true })),
        el("time.event-age", { datetime: row.effective_at, "data-age-of": row.effective_at }, northstar.zone.age(view.now - Date.parse(row.effective_at)))));
  }

  northstar.panels.push({
    id: "activity",
    /** @param {HTMLElement} root @param {View} view */
    draw(root, view) {
      const body = root.querySelector(".activity-body");
      if (!body || !view.snapshot) return;
      const { el, grow, set } = northstar.dom;
      for (const row of view.snapshot.positions) state.titles.set(row.ticker, row.title);
      for (const button of root.querySelectorAll("[data-filter]")) set(button, "aria-pressed", String(button.getAttribute("data-filter") === state.filter));
      void read(view);
      const kinds = FILTERS[/** @type {keyof typeof FILTERS} */ (state.filter)];
      const rows = gathered(state.rows).filter((row) => !kinds || kinds.includes(single(row.kind))).slice(0, SHOWN);
      if (!rows.length) {
        const text = state.failed || (!state.read && view.troubled) ? "The activity could not be read." : state.read ? "Nothing yet." : "Reading the records…";
        return grow(body, [el("p.empty", { "data-key": "empty" }, text)]);
      }
      grow(body, [el("ul.events", { "data-key": "events", tabindex: "0", "aria-label": "Recent activity" }, ...rows.map((row) => item(row, view)))]);
    },
  });

  northstar.actions.filter = (/** @type {HTMLElement} */ element) => {
    state.filter = element.dataset.filter ?? "all";
  };

  northstar.activity = { told, gathered, fingerprint };
}
