/** The single records of a company day: fills, settlements, API costs and revenue, each to what its source sent. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const PAGE = 100;
  const MOST = 5000;
  const SHOWN = 100;
  /** A cost is of a UTC day, which may have begun before the company's. */
  const LONGEST_COST = 86_400_000;
  /** @type {Record<string, {name: string, kinds: string, none: string}>} */
  const TABS = {
    fills: { name: "Fills", kinds: "fills", none: "No fills on this day." },
    settlements: { name: "Settlements", kinds: "settlements", none: "No market settled on this day." },
    costs: { name: "API costs", kinds: "costs", none: "No cost rows touch this day." },
    revenue: { name: "Revenue", kinds: "revenue", none: "No revenue entries on this day." },
  };

  /** @param {any} row */
  const words = ({ id, source, detail, kind }) => [id, source, kind, detail?.ticker, detail?.event_ticker, detail?.model, detail?.workspace_id, detail?.customer, detail?.description, detail?.token_type, detail?.order_id].filter(Boolean).join(" ").toLowerCase();

  /** Rows that hold every word of a filter. @param {any[]} rows @param {string} filter */
  function filtered(rows, filter) {
    const wanted = filter.toLowerCase().split(/\s+/).filter(Boolean);
    return wanted.length ? rows.filter((row) => wanted.every((word) => words(row).includes(word))) : rows;
  }

  class Records {
    /** @param {{root: string, read: (url: string) => Promise<any>, changed: () => void, day: {start: string, end: string}, asOf: string}} parts */
    constructor({ root, read, changed, day, asOf }) {
      Object.assign(this, { root, read, changed, day, asOf });
      /** @type {Record<string, {rows: any[], next: string | null, busy: boolean, wrong: string, stale: boolean}>} */
      this.lists = {};
      /** @type {any} */ this.root; /** @type {any} */ this.read; /** @type {any} */ this.changed; /** @type {any} */ this.day; /** @type {any} */ this.asOf;
    }

    /** The list of a tab; it is read when it is asked for first, and all of it where a filter is to be answered. @param {string} tab @param {string} filter */
    list(tab, filter) {
      const known = (this.lists[tab] ??= { rows: [], next: "", busy: false, wrong: "", stale: false });
      if (known.stale && !known.busy) void this.anew(tab);
      else if (known.next === "" && !known.busy && !known.wrong) void this.more(tab);
      else if (filter && known.next && known.rows.length < MOST && !known.busy && !known.wrong) void this.more(tab);
      return known;
    }

    /** What is listed may have grown: it is read again when it is looked at next, and shown until then. */
    renew() {
      for (const list of Object.values(this.lists)) list.stale = true;
    }

    /** @param {string} tab */
    async anew(tab) {
      const old = this.lists[tab];
      old.busy = true;
      const list = { rows: [], next: "", busy: false, wrong: "", stale: false };
      await this.more(tab, list);
      // A list that cannot be read again stands as it is, and is tried at the next time.
      if (list.wrong) Object.assign(old, { busy: false, stale: false });
      else this.lists[tab] = list;
      this.changed();
    }

    /** Read the next rows of a tab. @param {string} tab @param {any} [list] */
    async more(tab, list = this.lists[tab]) {
      if (list.busy) return;
      list.busy = true;
      list.wrong = "";
      try {
        const from = tab === "costs" ? new Date(Date.parse(this.day.start) - LONGEST_COST).toISOString() : this.day.start;
        const query = new URLSearchParams({ kind: TABS[tab].kinds, from, to: this.day.end, limit: String(PAGE), ...(list.next ? { cursor: list.next } : {}), ...(this.asOf ? { as_of: this.asOf } : {}) });
        const body = await this.read(`${this.root}api/pnl/records?${query}`);
        list.rows.push(...body.records.filter((/** @type {any} */ row) => !row.detail?.end || row.kind !== "cost" || Date.parse(row.detail.end) > Date.parse(this.day.start)));
        list.next = body.next;
      } catch (error) {
        list.wrong = error instanceof Error ? error.message : String(error);
      }
      list.busy = false;
      this.changed();
    }
  }

  /** A fee to its last digit, as the venue charged it. @param {string | null | undefined} told */
  const fee = (told) => (told === null || told === undefined ? "—" : northstar.money.exact(northstar.money.nearestNano(told)));

  /** @param {any} row @param {string} zone @returns {[string, (Node | string)[], string?][]} name and content of each cell, and `num` where it is an amount */
  function cells(row, zone) {
    const { price, count } = northstar.money;
    const detail = row.detail ?? {};
    const at = northstar.zone.clock(row.effective_at, zone);
    const side = String(detail.side ?? "").toUpperCase();
    if (row.kind === "fill") return [["Time", [at]], ["Market", [detail.ticker]], ["Trade", [`${side} ${count(String(detail.count ?? "0"))} @ ${price(detail.price ?? null, 2)}`]], ["Fee", [fee(detail.fee)], "num"]];
    if (row.kind === "settlement") return [["Time", [at]], ["Market", [detail.ticker]], ["Result", [String(detail.result ?? "").toUpperCase()]], ["Fee", [fee(detail.fee)], "num"]];
    if (row.kind === "cost") return [["UTC day", [String(detail.start ?? "").slice(0, 10)]], ["Model", [detail.model ?? northstar.isolated(detail.description ?? "—")]], ["For", [String(detail.token_type ?? detail.cost_type ?? "").replace(/[_.]/g, " ")]], ["Workspace", [detail.workspace_id ?? "default"]]];
    return [["Time", [detail.occurred_at ? at : "—"]], ["Entry", [northstar.isolated(detail.description ?? "") || String(detail.kind ?? row.kind).replace(/_/g, " ")]], ["Kind", [String(detail.kind ?? row.kind).replace(/_/g, " ")]], ["Customer", [detail.customer ?? "—"]]];
  }

  /** How an address names a record. @param {any} row */
  const keyOf = ({ kind, source, id }) => `${kind}:${source}:${id}`;

  /** @type {Record<string, string>} the tab of each kind */
  const TAB_OF = { fill: "fills", settlement: "settlements", cost: "costs", revenue: "revenue" };

  /**
   * The record that an address names; null while it is looked for, undefined where there is none.
   * @param {Records} records @param {string} key @returns {any}
   */
  function named(records, key) {
    const [kind, , ...id] = key.split(":");
    if (!TAB_OF[kind]) return undefined;
    const list = records.list(TAB_OF[kind], id.join(":"));
    return list.rows.find((/** @type {any} */ row) => keyOf(row) === key) ?? (list.busy ? null : undefined);
  }

  /** What a record is and what its source sent of it. @param {any} row @param {string} zone @returns {HTMLDialogElement} */
  function open(row, zone) {
    const { el } = northstar.dom;
    const facts = [["Source", northstar.chips.nameOf(row.source)], ["Its id there", row.id], ["Version", row.version === null ? null : String(row.version)], ["Effective", row.effective_at], ["Known since", row.recorded_at], ["Amount", row.amount === null ? null : northstar.money.said(row.amount, row.currency, { plus: true })],
      ...(row.posts ?? []).map((/** @type {any} */ post) => [northstar.statement.lineName(post.line), northstar.money.said(post.amount, "USD", { plus: true })]), ["Marks", (row.flags ?? []).join(", ") || null]].filter(([, value]) => value);
    return northstar.overlay.dialog(cells(row, zone)[1][1].join(""), [
      el("dl.facts", null, ...facts.flatMap(([name, value]) => [el("dt", null, name), el("dd", null, value)])),
      el("h3", null, "As the source sent it"), el("pre.raw", { tabindex: "0", "aria-label": "As the source sent it" }, JSON.stringify(row.raw, null, 2)),
    ]);
  }

  /** @param {{rows: any[], next: string | null, busy: boolean, wrong: string}} list @param {string} tab @param {string} filter @param {string} zone @param {number} most */
  function table(list, tab, filter, zone, most) {
    const { el } = northstar.dom;
    const rows = filtered(list.rows, filter);
    const again = (/** @type {string} */ text, /** @type {string | null} */ rest = null) => el("button.button.small.more", { "data-key": "more", type: "button", "data-action": "day-records", "data-rest": rest }, text);
    if (list.wrong) return [el("div.empty", { "data-key": "wrong", role: "alert" }, `These could not be read: ${list.wrong} `, again("Try again"))];
    if (!rows.length && (list.busy || list.next === "")) return [el("p.empty", { "data-key": "reading" }, "Reading…")];
    if (!rows.length) return [el("p.empty", { "data-key": "none" }, filter && list.rows.length ? `None of ${list.next ? "the newest " : ""}${list.rows.length.toLocaleString("en-US")} holds “${filter}”.${list.next ? " Older ones were not looked at: export the day to see them all." : ""}` : TABS[tab].none)];
    const heads = cells(rows[0], zone).map(([name, , kind]) => ({ name, kind }));
    const body = rows.slice(0, most).map((row) => {
      const told = cells(row, zone);
      const amount = row.amount === null ? null : northstar.money.nearestNano(row.amount);
      const key = `${row.kind} ${row.source} ${row.id} ${row.version}`;
      return el("tr.opens", { "data-key": key, "data-action": "day-record", "data-record": key },
        ...told.map(([name, content, kind], i) => el(i === 1 ? "th" : kind ? `td.${kind}` : "td", i === 1 ? { scope: "row" } : { "data-name": name }, i === 1 ? el("button.record-open", { type: "button", "data-action": "day-record", "data-record": key, "aria-haspopup": "dialog" }, ...content) : content[0], i === 1 ? el("span.sub", null, row.id) : null)),
        el("td.num.lead", null, northstar.historyTables.money(amount, null, "", true)));
    });
    const rest = rows.length - body.length;
    return [
      el("div.scroll", { "data-key": "table", tabindex: "0", role: "region", "aria-label": TABS[tab].name }, el("table.table.stacked", null,
        el("thead", null, el("tr", null, ...heads.map(({ name, kind }) => el(kind ? `th.${kind}` : "th", { scope: "col" }, name)), el("th.num", { scope: "col" }, "Cash"))), el("tbody", null, ...body))),
      ...(rest > 0 || list.next ? [again(list.busy ? "Reading…" : "Show more", list.next ? "and more" : `and ${rest.toLocaleString("en-US")} more`)] : []),
    ];
  }

  northstar.dayRecords = { Records, TABS, SHOWN, filtered, keyOf, named, open, table };
}
