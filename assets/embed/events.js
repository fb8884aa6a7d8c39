/** What happened lately, as the activity of the live page tells it; asked for now and then. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const EVERY_MS = 30_000;
  const SHOWN = 20;
  const state = { rows: /** @type {any[]} */ ([]), titles: /** @type {Record<string, string>} */ ({}), readAt: -Infinity, busy: false, read: false, failed: false };

  /** @param {any} view */
  async function read(view) {
    if (state.busy || view.now - state.readAt < EVERY_MS || !["websocket", "sse", "polling"].includes(view.connection.kind)) return;
    state.busy = true;
    state.readAt = view.now;
    try {
      const answer = await northstar.embed.fetch(`${northstar.embed.base}activity/activity`);
      if (!answer.ok) throw new Error(`the activity answered ${answer.status}`);
      const { records, titles } = await answer.json();
      Object.assign(state, { rows: records, titles, failed: false });
    } catch {
      state.failed = true;
    } finally {
      state.busy = false;
      state.read = true;
      northstar.redraw?.();
    }
  }

  /** @param {any} row @param {any} view */
  function item(row, view) {
    const { el, icon } = northstar.dom;
    const what = northstar.activity.told(row, (/** @type {string} */ ticker) => state.titles[ticker] || ticker);
    const neutral = row.kind === "fill" && what.amount !== null && what.amount < 0n;
    const tone = neutral || what.amount === null || what.amount === 0n ? "flat" : what.amount > 0n ? "gain" : "loss";
    return el("li.event", { "data-key": `${row.kind} ${row.id} ${row.version}` }, el("span.tile", null, icon(what.icon)),
      el("span.event-what", null, el("span.event-title", { title: what.title }, what.title), el("span.event-meta", { title: what.meta }, what.meta)),
      el("span.event-when", null, el(`span.event-amount.${tone}`, null, what.amount === null ? "—" : northstar.money.dollars(northstar.money.cents(what.amount), { plus: true })),
        el("time.event-age", { datetime: row.effective_at, "data-age-of": row.effective_at }, northstar.zone.since(view.now - Date.parse(row.effective_at)))));
  }

  northstar.panels.push({
    id: "embed-events",
    /** @param {HTMLElement} root @param {any} view */
    draw(root, view) {
      void read(view);
      const { el, grow } = northstar.dom;
      const rows = northstar.activity.gathered(state.rows).slice(0, SHOWN);
      if (!rows.length) return grow(root, [el("p.empty", { "data-key": "empty" }, state.failed ? "The activity could not be read." : state.read ? "Nothing yet." : "Reading…")]);
      grow(root, [el("ul.embed-events", { "data-key": "events", tabindex: "0", "aria-label": "Recent activity" }, ...rows.map((/** @type {any} */ row) => item(row, view)))]);
    },
  });
}
