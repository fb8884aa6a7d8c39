/** The open positions: a sortable table with its totals, cards on a phone. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const KEY = "pnl.first-marks";
  const COLUMNS = [
    { id: "title", name: "Market", number: false },
    { id: "side", name: "Side", number: false },
    { id: "position", name: "Qty", number: true },
    { id: "average_price", name: "Avg", number: true },
    { id: "mark", name: "Mark", number: true },
    { id: "value", name: "Value", number: true },
    { id: "unrealised", name: "Unrealised", number: true },
    { id: "realised", name: "Realised", number: true },
    { id: "fees", name: "Fees", number: true },
    { id: "close_time", name: "Closes", number: true },
  ];
  let sort = { by: "unrealised", down: true };
  /** @type {{day: string, marks: Record<string, string>} | null} */
  let firsts = null;

  /**
   * The first mark of the day that this browser saw of each market; kept over reloads.
   * @param {Snapshot} snapshot
   */
  function firstMarks(snapshot) {
    try {
      firsts ??= JSON.parse(localStorage.getItem(KEY) ?? "null");
    } catch {
      firsts = null;
    }
    if (firsts?.day !== snapshot.day) firsts = { day: snapshot.day, marks: {} };
    let fresh = false;
    for (const row of snapshot.positions) {
      if (row.mark === null || firsts.marks[row.ticker] !== undefined) continue;
      firsts.marks[row.ticker] = row.mark;
      fresh = true;
    }
    try {
      if (fresh) localStorage.setItem(KEY, JSON.stringify(firsts));
    } catch {
      // Then a reload forgets where the marks began.
    }
    return firsts.marks;
  }

  /**
   * The rows in order; what is not known comes last either way.
   * @param {any[]} rows @param {{by: string, down: boolean}} order
   */
  function sorted(rows, { by, down }) {
    const column = COLUMNS.find((known) => known.id === by);
    const value = (/** @type {any} */ row) => (row[by] === null || row[by] === undefined ? null : column?.number && by !== "close_time" ? northstar.money.nano(row[by]) : row[by]);
    return [...rows].sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
      const way = x < y ? -1 : x > y ? 1 : a.ticker < b.ticker ? -1 : 1;
      return down && x !== y ? -way : way;
    });
  }

  /** Exact sum of a column, null when any row does not know it. @param {any[]} rows @param {string} column */
  function total(rows, column) {
    const amounts = rows.map((row) => northstar.money.nano(row[column]));
    return amounts.some((amount) => amount === null) ? null : amounts.reduce((/** @type {bigint} */ sum, amount) => sum + amount, 0n);
  }

  /** @param {bigint | null} amount nano-dollars @param {boolean} [plus] */
  const shown = (amount, plus = false) => (amount === null ? "—" : northstar.money.dollars(northstar.money.cents(amount), { plus }));

  /** @param {bigint | null} amount */
  const tone = (amount) => (amount === null || amount === 0n ? "flat" : amount > 0n ? "gain" : "loss");

  /**
   * An amount that opens its explanation. A row is one stop of the Tab key; arrows go on from it.
   * @param {string} figure @param {string} text @param {{stop?: boolean, cents?: bigint | null, tone?: string}} [how]
   */
  const why = (figure, text, { stop = false, cents, tone: hue } = {}) =>
    northstar.dom.el(hue ? `button.why.${hue}` : "button.why", { type: "button", "data-explain": figure, tabindex: stop ? null : "-1", "aria-haspopup": "dialog", "data-cents": cents === undefined || cents === null ? null : String(cents) }, text);

  /** The mark as it is written: a dash where the market has no price at all. @param {any} row */
  const quoted = (row) => (row.value === null ? "—" : row.mark_source === "none" ? "no bid" : northstar.money.price(row.mark));

  /** @param {any} row @param {Record<string, string>} marks */
  function mark(row, marks) {
    const { el } = northstar.dom;
    const { nano, price } = northstar.money;
    const moved = row.mark === null || marks[row.ticker] === undefined ? 0n : /** @type {bigint} */ (nano(row.mark)) - /** @type {bigint} */ (nano(marks[row.ticker]));
    const size = northstar.money.price(`0.${(moved < 0n ? -moved : moved).toString().padStart(9, "0")}`).replace("¢", "");
    const title = row.value === null ? "The price of then is not known" : row.mark_source === "none" ? "No bid: valued at nothing" : row.mark_source === "settlement" ? "Settlement value" : `Best ${row.mark_source}`;
    return el("td.num.c-mark", { title }, why(`position.${row.ticker}.mark`, quoted(row)), " ",
      moved === 0n || size === "0" ? el("span.moved", null) : el(`span.moved.${moved > 0n ? "gain" : "loss"}`, null, `${moved > 0n ? "▲" : "▼"}${size}`));
  }

  /** @param {any} row @param {Record<string, string>} marks @param {bigint} largest @param {number} now */
  function line(row, marks, largest, now) {
    const { el } = northstar.dom;
    const { nano, cents, price, count } = northstar.money;
    const unrealised = nano(row.unrealised);
    const size = unrealised === null ? 0n : unrealised < 0n ? -unrealised : unrealised;
    const of = (/** @type {string} */ field) => `position.${row.ticker}.${field}`;
    const side = row.side === "yes" ? "Yes" : row.side === "no" ? "No" : "—";
    return el("tr", { "data-key": row.ticker },
      el("th.c-market", { scope: "row" }, el("span.market-title", { title: row.title }, row.title || row.ticker), el("span.ticker", { title: row.ticker }, row.ticker)),
      el("td.c-side", null, el(`span.side.side-${row.side ?? "flat"}`, null, side), el("span.trade", { "aria-hidden": "true" }, `${count(row.position).replace("−", "")} @ ${price(row.average_price)} → ${quoted(row)}`)),
      el("td.num.c-qty", null, why(of("position"), count(row.position).replace("−", ""))),
      el("td.num.c-avg", null, why(of("average_price"), price(row.average_price))),
      mark(row, marks),
      el("td.num.c-value", null, why(of("value"), shown(nano(row.value)))),
      el("td.num.c-unrealised", null,
        why(of("unrealised"), shown(unrealised, true), { stop: true, tone: tone(unrealised), cents: unrealised === null ? null : cents(unrealised) }),
        el(`span.size.${tone(unrealised)}`, { "aria-hidden": "true", style: { width: `${largest ? Number((size * 48n) / largest) + (size ? 3 : 0) : 0}px` } })),
      el("td.num.c-realised", null, why(of("realised"), shown(nano(row.realised), true))),
      el("td.num.c-fees", null, why(of("fees"), shown(nano(row.fees)))),
      el("td.num.c-closes", null, row.close_time ? northstar.zone.until(Date.parse(row.close_time) - now) : "—"));
  }

  /**
   * What stands in the place of rows: `nothing` where there are none, or that it is not known.
   * @param {Snapshot} snapshot @param {string} nothing
   */
  function none({ missing, sources }, nothing) {
    if (!missing.includes("trading_realised")) return nothing;
    return sources.kalshi?.status === "off" ? "No trading account is connected." : "Not known yet: the trading history has not been read.";
  }

  /** Whether what the rows show does not add up to what their totals show, because each is rounded by itself. @param {any[]} rows */
  function rounded(rows) {
    const cents = (/** @type {bigint | null} */ amount) => (amount === null ? null : northstar.money.cents(amount));
    return ["value", "unrealised", "realised", "fees"].some((column) => northstar.ties.apart(cents(total(rows, column)), rows.map((row) => cents(northstar.money.nano(row[column])))));
  }

  /** @param {any[]} rows */
  function totals(rows) {
    const { el } = northstar.dom;
    const unrealised = total(rows, "unrealised");
    return el("tr", null,
      el("th.c-market", { scope: "row", colspan: "5" }, `${rows.length} ${rows.length === 1 ? "position" : "positions"}`),
      el("td.num.c-value", null, why("positions.value", shown(total(rows, "value")))),
      el("td.num.c-unrealised", null, why("positions.unrealised", shown(unrealised, true), { stop: true, tone: tone(unrealised), cents: unrealised === null ? null : northstar.money.cents(unrealised) })),
      el("td.num.c-realised", null, why("positions.realised", shown(total(rows, "realised"), true))),
      el("td.num.c-fees", null, why("positions.fees", shown(total(rows, "fees")))),
      el("td.c-closes", null));
  }

  northstar.panels.push({
    id: "positions",
    /** @param {HTMLElement} root @param {View} view */
    draw(root, { snapshot, now }) {
      const body = root.querySelector(".positions-body");
      if (!body || !snapshot) return;
      const { el, icon, grow } = northstar.dom;
      const rows = sorted(snapshot.positions, sort);
      const marks = firstMarks(snapshot);
      const sizes = rows.map((row) => northstar.money.nano(row.unrealised) ?? 0n).map((amount) => (amount < 0n ? -amount : amount));
      const largest = sizes.reduce((/** @type {bigint} */ a, /** @type {bigint} */ b) => (b > a ? b : a), 0n);
      const value = shown(total(rows, "value"));
      grow(/** @type {Element} */ (root.querySelector(".panel-note")), rows.length ? [`${rows.length} ${rows.length === 1 ? "market" : "markets"} · `, el("button.why", { type: "button", "data-explain": "positions.value", "aria-haspopup": "dialog" }, value), " at market"] : [""]);
      if (!rows.length) return grow(body, [el("p.empty", { "data-key": "empty" }, none(snapshot, "No open positions."))]);
      grow(body, [
        el("div.scroll", { "data-key": "table", tabindex: "0", role: "region", "aria-label": "Open positions table" },
          el("table.table.positions", { "data-explain-grid": "" },
            el("thead", null, el("tr", null, ...COLUMNS.map((column) =>
              el(column.number ? `th.num.c-${cls(column.id)}` : `th.c-${cls(column.id)}`, { scope: "col", "aria-sort": sort.by === column.id ? (sort.down ? "descending" : "ascending") : null },
                el("button.sort", { type: "button", "data-action": "sort", "data-column": column.id },
                  sort.by === column.id ? icon(sort.down ? "arrow-down" : "arrow-up") : null, column.name))))),
            el("tbody", null, ...rows.map((row) => line(row, marks, largest, now))),
            el("tfoot", null, totals(rows)))),
        ...(rounded(rows) ? [el("p.ties", { "data-key": "rounded" }, northstar.ties.ROUNDED)] : []),
      ]);
    },
  });

  /** @param {string} id */
  const cls = (id) => ({ title: "market", position: "qty", average_price: "avg", close_time: "closes" })[id] ?? id;

  northstar.actions.sort = (/** @type {HTMLElement} */ element) => {
    const by = element.dataset.column ?? "unrealised";
    const number = COLUMNS.find((column) => column.id === by)?.number ?? false;
    sort = sort.by === by ? { by, down: !sort.down } : { by, down: number && by !== "close_time" };
  };

  northstar.positions = { sorted, total, rounded, none };
}
