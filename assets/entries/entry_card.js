/** The form of an entry: a new one, or the next version of one that is there. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** The id of a new entry is made with the form, so that a second try is the same entry. */
  const state = {
    id: "", editing: /** @type {any} */ (null), wrong: /** @type {Record<string, string>} */ ({}), said: "", tone: "", busy: false,
    fields: /** @type {any} */ (null),
  };

  /** @param {number} now @param {string} zone */
  const blank = (now, zone) => ({ date: new Date(northstar.zone.wall(now, zone)).toISOString().slice(0, 10), kind: "sale", amount: "", currency: "USD", description: "", recurs: "" });

  /** @param {string} name @param {string} label @param {HTMLElement} control @param {string} [hint] */
  function field(name, label, control, hint) {
    const { el } = northstar.dom;
    const wrong = state.wrong[name];
    control.id = `entry-${name}`;
    control.setAttribute("name", name);
    if (wrong || hint) control.setAttribute("aria-describedby", `entry-${name}-note`);
    if (wrong) control.setAttribute("aria-invalid", "true");
    return el(`div.field.field-${name}`, { "data-key": name }, el("label", { for: `entry-${name}` }, label), control,
      el(wrong ? "p.field-note.loss" : "p.field-note", { id: `entry-${name}-note` }, wrong ?? hint ?? ""));
  }

  /** @param {Record<string, string>} options @param {string} chosen */
  const select = (options, chosen) =>
    northstar.dom.el("select.input", { "data-chosen": chosen }, ...Object.entries(options).map(([value, name]) => northstar.dom.el("option", { value }, name)));

  /** What the amount will count as, in words. */
  function hint() {
    const { nano, cents, dollars } = northstar.money;
    const sum = northstar.entryForm.amount(state.fields.amount, state.fields.kind);
    if (sum === null || state.fields.currency !== "USD" || /\.\d{3,}/.test(sum)) return "";
    return `Counts as ${dollars(cents(nano(sum)), { plus: true })}${state.fields.recurs ? " a period, spread over its days" : ""}.`;
  }

  /** @param {HTMLElement} root @param {View} view */
  function draw(root, view) {
    const { el, grow } = northstar.dom;
    const { KINDS, RECURRENCES } = northstar.entryForm;
    if (northstar.pastNotice.asked()) return grow(root, [el("div.panel-head", { "data-key": "head" }, el("h2", null, "New entry")), el("p.empty", { "data-key": "shut" }, "This is what was known then: entries are made on the page as it is now.")]);
    state.fields ??= blank(view.now, view.zone);
    state.id ||= crypto.randomUUID();
    grow(root, [
      el("div.panel-head", { "data-key": "head" }, el("h2", null, state.editing ? "Change an entry" : "New entry"),
        state.editing ? el("span.panel-note", null, `replaces version ${state.editing.version}`) : null),
      el("form.entry-fields", { "data-key": "form", novalidate: true, autocomplete: "off" },
        field("date", "Date", el("input.input", { type: "date" })),
        field("kind", "Kind", select(KINDS, state.fields.kind)),
        field("amount", "Amount", el("input.input", { type: "text", inputmode: "decimal", placeholder: "0.00" }), hint()),
        field("currency", "Currency", el("input.input", { type: "text", maxlength: "3" })),
        field("description", "Description", el("input.input", { type: "text", maxlength: "500" })),
        field("recurs", "Recurs", select(RECURRENCES, state.fields.recurs)),
        el("div.entry-buttons", { "data-key": "buttons" },
          el("button.button.primary", { type: "submit", "aria-disabled": state.busy ? "true" : null }, state.busy ? "Saving…" : state.editing ? "Save as a new version" : "Add entry"),
          state.editing ? el("button.button", { type: "button", "data-action": "entry-cancel" }, "Cancel") : null,
          el(`p.entry-said.${state.tone || "quiet"}`, { role: "status", id: "entry-said" }, state.said))),
    ]);
    const form = /** @type {HTMLFormElement} */ (root.querySelector("form"));
    for (const [name, value] of Object.entries(state.fields)) {
      const control = /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
      if (control.value !== value) control.value = /** @type {string} */ (value);
    }
    /** @type {HTMLSelectElement} */ (form.elements.namedItem("recurs")).disabled = state.fields.kind !== "operating_cost";
  }

  /** @param {HTMLFormElement} form */
  async function submit(form) {
    if (state.busy) return;
    state.wrong = northstar.entryForm.wrong(state.fields);
    state.said = "";
    if (Object.keys(state.wrong).length) return refuse(form);
    state.busy = true;
    northstar.redraw();
    try {
      const editing = state.editing;
      if (editing) await northstar.entriesApi.replace(editing.id, northstar.entryForm.body(state.fields, { version: editing.version, status: editing.status }));
      else await northstar.entriesApi.add(northstar.entryForm.body(state.fields, { id: state.id }));
      Object.assign(state, { id: "", editing: null, fields: null, said: editing ? "Saved as a new version." : "Added. The next snapshot counts it.", tone: "gain" });
      await northstar.entryList.read();
    } catch (error) {
      const refused = /** @type {any} */ (error);
      if (refused.field && refused.field in state.fields) state.wrong = { [refused.field]: refused.message };
      else Object.assign(state, { said: refused.message, tone: "loss" });
      if (refused.status === 409) await northstar.entryList.read();
    } finally {
      state.busy = false;
    }
    refuse(form);
  }

  /** Draw again, and lead to the first field that is wrong. @param {HTMLFormElement} form */
  function refuse(form) {
    northstar.redraw();
    const first = Object.keys(state.wrong)[0];
    if (first) /** @type {HTMLElement} */ (form.elements.namedItem(first)).focus();
  }

  (northstar.panels ??= []).push({ id: "entry-form", draw });

  Object.assign((northstar.actions ??= {}), {
    "entry-cancel": () => Object.assign(state, { id: "", editing: null, fields: null, wrong: {}, said: "" }),
  });

  if (typeof document !== "undefined") {
    document.addEventListener("input", (event) => {
      const control = /** @type {HTMLInputElement} */ (event.target);
      if (!control.closest("#entry-form")) return;
      state.fields[control.name] = control.name === "currency" ? control.value.toUpperCase() : control.value;
      if (control.name === "kind" && control.value !== "operating_cost") state.fields.recurs = "";
      delete state.wrong[control.name];
      northstar.redraw();
    });
    document.addEventListener("submit", (event) => {
      const form = /** @type {HTMLFormElement} */ (event.target);
      if (!form.closest("#entry-form")) return;
      event.preventDefault();
      void submit(form);
    });
  }

  /** Put an entry into the form, to be replaced by its next version. @param {any} entry */
  function edit(entry) {
    Object.assign(state, { editing: entry, wrong: {}, said: "", fields: { date: entry.date, kind: entry.kind, amount: entry.amount, currency: entry.currency, description: northstar.unmarked(entry.description), recurs: entry.recurs ?? "" } });
    northstar.redraw();
    document.getElementById("entry-amount")?.focus();
  }

  /** @param {string} text @param {string} tone */
  const say = (text, tone) => Object.assign(state, { said: text, tone });

  northstar.entryCard = { edit, say };
}
