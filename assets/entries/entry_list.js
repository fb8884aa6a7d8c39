/** Everything that was entered by hand, newest date first; each opens into who did what to it, and when. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const state = { rows: /** @type {any[]} */ ([]), read: false, trouble: "", open: "", audit: /** @type {any[] | null} */ (null), voiding: "", /** The instant that the list is as known at; empty for now. */ asOf: "" };
  /** What a line of the trail holds of the entry, whether it came as an object or as text. @param {unknown} body */
  function held(body) {
    try {
      return (typeof body === "string" ? JSON.parse(body) : body) ?? {};
    } catch {
      return {};
    }
  }

  async function read() {
    const { asOf } = state;
    try {
      const rows = await northstar.entriesApi.all(asOf);
      if (asOf !== state.asOf) return;
      state.rows = rows;
      state.trouble = "";
      if (state.open) state.audit = await northstar.entriesApi.audit(state.open);
    } catch (error) {
      state.trouble = `The entries could not be read. ${/** @type {Error} */ (error).message}`;
    }
    state.read = true;
    northstar.redraw();
  }

  /** @param {{amount: string, currency: string}} entry */
  function sum({ amount, currency }) {
    const { nano, cents, dollars } = northstar.money;
    return currency === "USD" ? dollars(cents(nano(amount)), { plus: true }) : `${amount.replace("-", "−")} ${currency}`;
  }

  /** @param {any} entry */
  function row(entry) {
    const { el, icon } = northstar.dom;
    const gone = entry.status === "void";
    const open = state.open === entry.id;
    const name = northstar.isolated(entry.description) || northstar.entryForm.KINDS[entry.kind] || entry.kind;
    const button = (/** @type {string} */ action, /** @type {string} */ glyph, /** @type {string} */ label) =>
      el("button.icon-button", { type: "button", "data-action": action, "data-entry": entry.id, "aria-label": `${label}: ${name}`, title: label }, icon(glyph));
    return el(gone ? "tr.gone" : "tr", { "data-key": entry.id },
      el("td.e-date", null, entry.date),
      el("th.e-what", { scope: "row" },
        el("button.e-open", { type: "button", "data-action": "entry-audit", "data-entry": entry.id, "aria-expanded": String(open) }, icon("chevron-down"), el("span", null, name))),
      el("td.e-kind", null, northstar.entryForm.KINDS[entry.kind] ?? entry.kind, entry.recurs ? el("span.sub", null, entry.recurs) : null),
      el("td.num.e-amount", null, el(`span.${gone || entry.amount === "0.00" ? "flat" : entry.amount.startsWith("-") ? "loss" : "gain"}`, null, sum(entry))),
      el("td.e-status", null, el("span.pill", null, entry.status), el("span.e-version", null, `v${entry.version}`)),
      el("td.e-actions", null, ...(gone || state.asOf ? [] : state.voiding === entry.id
        ? [el("button.button.small", { type: "button", "data-action": "entry-void", "data-entry": entry.id }, "Void it"), el("button.button.small", { type: "button", "data-action": "entry-keep" }, "Keep")]
        : [button("entry-edit", "pencil", "Edit"), button("entry-ask", "ban", "Void")])));
  }

  /** @param {string} zone */
  function trail(zone) {
    const { el } = northstar.dom;
    const until = state.asOf ? northstar.pastNotice.instantOf(state.asOf, zone) : Infinity;
    const lines = (state.audit ?? []).filter((line) => Date.parse(line.at) <= until);
    return el("tr.trail", { "data-key": `trail ${state.open}` }, el("td", { colspan: "6" },
      state.audit === null ? el("p.quiet", null, "Reading who did what…") : el("ol.trail-lines", null, ...lines.map((line) => {
        const body = held(line.body);
        const what = body.status === "void" ? "Voided" : line.action.charAt(0).toUpperCase() + line.action.slice(1);
        return el("li", null, el("time", { datetime: line.at }, `${String(line.at).slice(0, 10)} ${northstar.zone.clock(line.at, zone)}`), el("strong", null, what), " by ", el("bdi", null, line.actor),
          body.amount ? el("span.quiet", null, ` · ${String(body.amount).replace("-", "−")} ${body.currency ?? ""} · ${body.date ?? ""}`) : null);
      }))));
  }

  (northstar.panels ??= []).push({
    id: "entries",
    /** @param {HTMLElement} root @param {View} view */
    draw(root, view) {
      const body = root.querySelector(".entries-body");
      if (!body) return;
      const { el, grow } = northstar.dom;
      const asOf = northstar.pastNotice.asked();
      if (!root.dataset.asked || asOf !== state.asOf) {
        root.dataset.asked = "yes";
        Object.assign(state, { asOf, rows: [], read: false, open: "", audit: null, voiding: "" });
        void read();
      }
      if (!state.read) return;
      grow(/** @type {Element} */ (root.querySelector(".panel-note")), [state.rows.length ? `${state.rows.length} ${state.rows.length === 1 ? "entry" : "entries"}` : ""]);
      if (state.trouble) return grow(body, [el("p.empty", { "data-key": "trouble", role: "alert" }, state.trouble)]);
      if (!state.rows.length) return grow(body, [el("p.empty", { "data-key": "empty" }, state.asOf ? "Nothing had been entered by then." : "Nothing entered yet. What you add here counts from the next snapshot on.")]);
      grow(body, [
        el("div.scroll", { "data-key": "table", tabindex: "0", role: "region", "aria-label": "Entries table" },
          el("table.table.entry-table", null,
            el("thead", null, el("tr", null, ...["Date", "Description", "Kind", "Amount", "Status"].map((name) => el(name === "Amount" ? "th.num" : "th", { scope: "col" }, name)), el("th", { scope: "col" }, el("span.hidden-text", null, "Actions")))),
            el("tbody", null, ...state.rows.flatMap((entry) => (state.open === entry.id ? [row(entry), trail(view.zone)] : [row(entry)]))))),
      ]);
    },
  });

  /** @param {HTMLElement} element */
  const entryOf = (element) => state.rows.find((entry) => entry.id === element.dataset.entry);

  Object.assign((northstar.actions ??= {}), {
    "entry-edit": (/** @type {HTMLElement} */ element) => northstar.entryCard.edit(entryOf(element)),
    "entry-ask": (/** @type {HTMLElement} */ element) => { state.voiding = element.dataset.entry ?? ""; },
    "entry-keep": () => { state.voiding = ""; },
    "entry-void": async (/** @type {HTMLElement} */ element) => {
      const { id, version, date, kind, amount, currency, description, recurs } = entryOf(element);
      state.voiding = "";
      try {
        await northstar.entriesApi.replace(id, { version, date, kind, amount, currency, description: northstar.unmarked(description), recurs, status: "void" });
        northstar.entryCard.say("Voided. It stays in the list, and counts no more.", "gain");
      } catch (error) {
        northstar.entryCard.say(/** @type {Error} */ (error).message, "loss");
      }
      await read();
    },
    "entry-audit": async (/** @type {HTMLElement} */ element) => {
      const id = element.dataset.entry ?? "";
      state.open = state.open === id ? "" : id;
      state.audit = null;
      if (!state.open) return;
      const audit = await northstar.entriesApi.audit(id).catch(() => []);
      if (state.open === id) state.audit = audit;
      northstar.redraw();
    },
  });

  northstar.entryList = { read };
}
