/** The form of a rule: a new one, or the next version of one that is there. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const state = { editing: /** @type {any} */ (null), wrong: /** @type {Record<string, string>} */ ({}), said: "", tone: "", busy: false, fields: /** @type {any} */ (null) };
  /** @type {Record<string, string>} */
  const UNITS = { dollars: "dollars; a loss is below zero", percent: "in percent of PNL_BUDGET_API_MONTHLY", seconds: "in seconds", count: "how many" };

  /** @param {string} name @param {string} label @param {HTMLElement} control @param {string} [hint] */
  function field(name, label, control, hint) {
    const { el } = northstar.dom;
    const wrong = state.wrong[name];
    control.id = `rule-${name}`;
    control.setAttribute("name", name);
    if (wrong || hint) control.setAttribute("aria-describedby", `rule-${name}-note`);
    if (wrong) control.setAttribute("aria-invalid", "true");
    return el(`div.field.field-${name}`, { "data-key": name }, el("label", { for: `rule-${name}` }, label), control,
      el(wrong ? "p.field-note.loss" : "p.field-note", { id: `rule-${name}-note` }, wrong ?? hint ?? ""));
  }

  /** @param {Record<string, string>} options @param {string} chosen */
  const select = (options, chosen) =>
    northstar.dom.el("select.input", { "data-chosen": chosen }, ...Object.entries(options).map(([value, name]) => northstar.dom.el("option", { value }, name)));

  /** Who can be told, and those who are and whom the file no longer names. @param {any} found */
  function receivers(found) {
    const { el } = northstar.dom;
    const names = [...new Set([...(found?.receivers ?? []).map((/** @type {any} */ one) => one.name), ...state.fields.receivers])];
    const note = state.wrong.receivers ?? (names.length ? "" : "Nobody yet: the file of PNL_ALERTS_FILE names them. The pages show the alert anyway.");
    return el("fieldset.field.field-receivers", { "data-key": "receivers" }, el("legend", null, "Tell"),
      el("div.a-checks", { "data-key": "checks" }, ...names.map((name) => el("label.a-check", { "data-key": name }, el("input", { type: "checkbox", name: "receivers", value: name }), name))),
      el(state.wrong.receivers ? "p.field-note.loss" : "p.field-note", { id: "rule-receivers-note" }, note));
  }

  const unit = () => northstar.alertPage.list().found?.figures.find((/** @type {any} */ one) => one.name === state.fields.figure)?.unit ?? "dollars";

  /** @param {any} found */
  function figures(found) {
    const known = found?.figures ?? [{ name: "net", title: "Net of the day", unit: "dollars" }];
    return Object.fromEntries(known.map((/** @type {any} */ one) => [one.name, one.unit === "flag" ? `${one.title} is stale` : one.title]));
  }

  /** @param {HTMLElement} root */
  function draw(root) {
    const { el, grow } = northstar.dom;
    const { COMPARISONS, SPANS } = northstar.alertWords;
    const { found } = northstar.alertPage.list();
    state.fields ??= northstar.ruleForm.blank();
    const { fields } = state;
    const flag = unit() === "flag";
    grow(root, [
      el("div.panel-head", { "data-key": "head" }, el("h2", null, state.editing ? "Change a rule" : "New rule"), state.editing ? el("span.panel-note", null, `replaces version ${state.editing.version}`) : null),
      el("form.entry-fields.rule-fields", { "data-key": "form", novalidate: true, autocomplete: "off" },
        field("name", "Name", el("input.input", { type: "text", maxlength: "80", placeholder: "Loss of the day" })),
        field("figure", "Figure", select(figures(found), fields.figure)),
        ...(flag ? [] : [field("when", "Is", select(COMPARISONS, fields.when)), field("amount", "Amount", el("input.input", { type: "text", inputmode: "decimal", placeholder: "-500" }), UNITS[unit()])]),
        field("for", "For at least", select(fields.for in SPANS ? SPANS : { ...SPANS, [fields.for]: fields.for }, fields.for)),
        field("severity", "Severity", select({ warning: "Warning", critical: "Critical" }, fields.severity)),
        receivers(found),
        el("div.entry-buttons", { "data-key": "buttons" },
          el("button.button.primary", { type: "submit", "aria-disabled": state.busy ? "true" : null }, state.busy ? "Saving…" : state.editing ? "Save the rule" : "Add rule"),
          state.editing ? el("button.button", { type: "button", "data-action": "rule-cancel" }, "Cancel") : null,
          el(`p.entry-said.${state.tone || "quiet"}`, { role: "status", id: "rule-said" }, state.said))),
    ]);
    const form = /** @type {HTMLFormElement} */ (root.querySelector("form"));
    for (const name of ["name", "figure", "when", "amount", "for", "severity"]) {
      const control = /** @type {HTMLInputElement | null} */ (form.elements.namedItem(name));
      if (control && control.value !== fields[name]) control.value = fields[name];
    }
    for (const box of form.querySelectorAll('input[name="receivers"]')) {
      const check = /** @type {HTMLInputElement} */ (box);
      check.checked = fields.receivers.includes(check.value);
    }
  }

  /** @param {HTMLFormElement} form */
  async function submit(form) {
    if (state.busy) return;
    const { api } = northstar.alertPage.list();
    state.wrong = northstar.ruleForm.wrong(state.fields, unit());
    state.said = "";
    if (Object.keys(state.wrong).length) return refuse(form);
    state.busy = true;
    northstar.redraw();
    try {
      const { editing } = state;
      if (editing) await api.replace(editing.id, northstar.ruleForm.body(state.fields, unit(), { version: editing.version }));
      else await api.add(northstar.ruleForm.body(state.fields, unit()));
      Object.assign(state, { editing: null, fields: null, said: editing ? "Saved. It is looked at so from the next snapshots on." : "Added. It is looked at with the next snapshots.", tone: "gain" });
    } catch (error) {
      const refused = /** @type {any} */ (error);
      if (refused.field && refused.field in state.fields) state.wrong = { [refused.field]: refused.message };
      else Object.assign(state, { said: refused.message, tone: "loss" });
    } finally {
      state.busy = false;
    }
    await northstar.alertPage.list().look();
    refuse(form);
  }

  /** Draw again, and lead to the first field that is wrong. @param {HTMLFormElement} form */
  function refuse(form) {
    northstar.redraw();
    const first = Object.keys(state.wrong)[0];
    if (first) /** @type {HTMLElement | null} */ (form.querySelector(`[name="${first}"]`))?.focus();
  }

  (northstar.panels ??= []).push({ id: "alert-form", draw });

  (northstar.actions ??= {})["rule-cancel"] = () => Object.assign(state, { editing: null, fields: null, wrong: {}, said: "" });

  if (typeof document !== "undefined") {
    document.addEventListener("input", (event) => {
      const control = /** @type {HTMLInputElement} */ (event.target);
      if (!control.closest("#alert-form")) return;
      if (control.name === "receivers") {
        const others = state.fields.receivers.filter((/** @type {string} */ name) => name !== control.value);
        state.fields.receivers = control.checked ? [...others, control.value] : others;
      } else state.fields[control.name] = control.value;
      delete state.wrong[control.name];
      northstar.redraw();
    });
    document.addEventListener("submit", (event) => {
      const form = /** @type {HTMLFormElement} */ (event.target);
      if (!form.closest("#alert-form")) return;
      event.preventDefault();
      void submit(form);
    });
  }

  /** Put a rule into the form, to be replaced by its next version. @param {any} rule */
  function edit(rule) {
    Object.assign(state, { editing: rule, wrong: {}, said: "", fields: northstar.ruleForm.fieldsOf(rule) });
    northstar.redraw();
    document.getElementById("rule-name")?.focus();
  }

  northstar.ruleCard = { edit };
}
