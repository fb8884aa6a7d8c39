/** What happened lately: fills, settlements, costs, revenue and alerts in one list, newest first. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const SHOWN = 20;
  const FILTERS = { all: null, fills: ["fill", "settlement"], costs: ["cost"], revenue: ["revenue", "entry", "credit"] };
  const state = { filter: "all", rows: /** @type {any[]} */ ([]), lists: /** @type {Record<string, any[]>} */ ({}), titles: /** @type {Map<string, string>} */ (new Map()), asking: /** @type {any} */ (null), busy: false, timer: /** @type {any} */ (null), read: false, failed: false };

  /** @param {string} kind */
  const single = (kind) => (kind === "entries" ? "entry" : kind.replace(/s$/, ""));

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
    if (kind === "cost") return { icon: "cpu", title: [detail.model ?? northstar.isolated(detail.description ?? "API usage"), row.rows > 1 ? null : detail.token_type?.replace(/[_.]/g, " ")].filter(Boolean).join(" · "),
      meta: ["Anthropic", detail.start ? northstar.zone.dayName(String(detail.start).slice(0, 10)) : null, row.rows > 1 ? `${row.rows} rows` : null].filter(Boolean).join(" · "), amount: amount(row) };
    const words = String(detail.kind ?? kind).replace(/_/g, " ");
    return { icon: kind === "credit" ? "wallet" : detail.kind === "refund" || detail.kind === "chargeback" ? "undo-2" : detail.kind === "operating_cost" ? "receipt-text" : "banknote",
      title: northstar.isolated(detail.description ?? "") || words.charAt(0).toUpperCase() + words.slice(1), meta: [sourceName(row.source), words].filter(Boolean).join(" · "), amount: amount(row) };
  }

  /** @param {string} source */
  const sourceName = (source) => ({ "revenue.stripe": "Stripe", "revenue.feed": "Feed", "revenue.csv": "CSV", manual: "Entered by hand", "revenue.manual": "Entered by hand" })[source] ?? northstar.chips.nameOf(source);

  /** Draw again then, and so come back. @param {number} ms */
  function later(ms) {
    clearTimeout(state.timer);
    state.timer = setTimeout(() => northstar.redraw?.(), ms);
  }

  /** @param {View} view */
  async function read(view) {
    if (state.busy || !["websocket", "sse", "polling", "past"].includes(view.connection.kind)) return;
    if (state.read && view.paused) return;
    const now = northstar.asking.marks(view.snapshot);
    const asking = (state.asking ??= new northstar.asking.Asking(Math.random));
    const wanted = asking.wanted(now, view.now);
    if (!wanted.length) return;
    const wait = state.read ? asking.wait(wanted, view.now) : 0;
    if (wait > 0) return later(wait);
    state.busy = true;
    asking.begin(view.now);
    const known = view.asOf ? { as_of: view.asOf } : {};
    try {
      const lists = await Promise.all(wanted.map((name) => (name === "alerts" ? alertsOf(view) : recordsOf(name, known))));
      if (!("alerts" in now)) delete state.lists.alerts; // there is no rule any more
      wanted.forEach((name, place) => void (state.lists[name] = lists[place]));
      state.rows = Object.values(state.lists).flat().sort((a, b) => (a.effective_at < b.effective_at ? 1 : a.effective_at > b.effective_at ? -1 : 0));
      await learnTitles(state.rows, known);
      asking.took(wanted, now, view.now);
      state.failed = false;
    } catch {
      state.failed = true;
    } finally {
      state.busy = false;
      state.read = true;
      northstar.redraw?.();
    }
  }

  /** @param {string} kind @param {Record<string, string>} known */
  async function recordsOf(kind, known) {
    const answer = await fetch(`${northstar.root}api/pnl/records?${new URLSearchParams({ kind, limit: String(kind === "costs" ? 100 : SHOWN), ...known })}`);
    if (!answer.ok) throw new Error(`the records answered ${answer.status}`);
    state.asking.heard(answer.headers.get("X-NorthStar-Spread"));
    return (await answer.json()).records;
  }

  /** What fired and what was over, in the form of records. @param {View} view */
  async function alertsOf({ asOf }) {
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
        el("time.event-age", { datetime: row.effective_at, "data-age-of": row.effective_at }, northstar.zone.since(view.now - Date.parse(row.effective_at)))));
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
        el("time.event-age", { datetime: row.effective_at, "data-age-of": row.effective_at }, northstar.zone.since(view.now - Date.parse(row.effective_at)))));
  }

  northstar.panels.push({
    id: "activity",
    /** @param {HTMLElement} root @param {View} view */
    draw(root, view) {
      const body = root.querySelector(".activity-body");
      const { el, grow, set } = northstar.dom;
      if (body && view.drawn && view.troubled && !state.read) grow(body, [el("p.empty", { "data-key": "empty" }, "The activity could not be read.")]);
      if (!body || !view.snapshot) return;
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

  northstar.activity = { told, gathered };
}
