/** What the history page is asked with: its range, granularity, breakdown and comparison. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const STEP_NAMES = { auto: "Automatic", raw: "Every tick", "1m": "1 minute", "5m": "5 minutes", "15m": "15 minutes", "1h": "1 hour", "4h": "4 hours", "1d": "1 day", "1w": "1 week" };

  const ROOM = 12;
  let lastChosen = /** @type {Element | null} */ (null);

  /** @param {string} id @param {string} name @param {string} action @param {[string, string, string?][]} options value, text, why it is not to be had @param {string} chosen */
  function choice(id, name, action, options, chosen) {
    const { el } = northstar.dom;
    return el("label.filter", { "data-key": id }, el("span", null, name),
      el("select.input", { id, "data-history": action }, ...options.map(([value, text, why]) => el("option", { value, selected: value === chosen, disabled: Boolean(why), title: why ?? null }, why ? `${text} (${why})` : text))));
  }

  /** @param {any} state @param {any} span @param {string} step the one in use @param {number} everySeconds */
  function row(state, span, step, everySeconds) {
    const { el, icon } = northstar.dom;
    const { PRESETS } = northstar.range;
    const name = state.range ? PRESETS.find((/** @type {string[]} */ [key]) => key === state.range)[1] : "Chosen range";
    const all = span ? northstar.address.steps(span, everySeconds, state.chart) : [];
    const shownStep = STEP_NAMES[/** @type {keyof typeof STEP_NAMES} */ (step)] ?? "";
    return [
      el("button.button", { id: "range-button", "data-key": "range", type: "button", "data-action": "history-range", "aria-haspopup": "dialog" }, icon("calendar-days"), name, icon("chevron-down")),
      el("span.range-turn", { "data-key": "turn" }, ...[["before", "chevron-left", "The period before", false], ["after", "chevron-right", "The period after", !span || span.moving]].map(([way, glyph, title, off]) =>
        el("button.icon-button", { "data-key": way, type: "button", "data-action": "history-turn", "data-way": way, "aria-label": title, title: `${title} (${way === "before" ? "[" : "]"})`, disabled: Boolean(off) }, icon(glyph)))),
      el("div.segments", { "data-key": "presets", role: "group", "aria-label": "Range" }, ...PRESETS.filter((/** @type {string[]} */ [, , short]) => short).map((/** @type {string[]} */ [key, long, short]) =>
        el("button", { "data-key": key, type: "button", "data-action": "history-preset", "data-range": key, "aria-label": `${short}, ${long.toLowerCase()}`, title: long, "aria-pressed": String(state.range === key) }, short))),
      choice("history-step", "Granularity", "step", [["auto", shownStep ? `Automatic, ${shownStep.toLowerCase()}` : "Automatic"], ...all.map((/** @type {any} */ { step: one, why }) => /** @type {[string, string, string?]} */ ([one, STEP_NAMES[/** @type {keyof typeof STEP_NAMES} */ (one)], why || undefined]))], state.step === "auto" ? "auto" : step),
      choice("history-by", "Break down by", "by", northstar.address.DIMENSIONS.map((/** @type {string} */ key) => [key, northstar.historyTables.NAMES[key]]), state.by),
      choice("history-compare", "Compare", "compare", [["previous", "Previous period"], ["none", "Nothing"]], state.compare),
    ];
  }

  /** The form of a free range. @param {HTMLElement} anchor @param {any} state @param {any} span @param {{zone: string, now: number}} view @param {(change: object) => void} apply */
  function picker(anchor, state, span, view, apply) {
    const { el } = northstar.dom;
    const { PRESETS, dayOf, typed } = northstar.range;
    const days = span?.days;
    const [from, to] = state.range === "" ? [state.from, state.to] : days ? [days.from, span.moving ? "now" : northstar.zone.dayAfter(days.to, -1)] : ["now-24h", "now"];
    const field = (/** @type {string} */ id, /** @type {string} */ name, /** @type {string} */ value) => el("label.filter", null, el("span", null, name), el("input.input", { id, value, autocomplete: "off", spellcheck: "false", "aria-describedby": "range-wrong" }));
    const calendar = (/** @type {string} */ id, /** @type {string} */ name, /** @type {string} */ value) => el("input.input.range-date", { id, type: "date", "aria-label": name, value, max: dayOf(view.now, view.zone) });
    const wrong = el("p.wrong", { id: "range-wrong", role: "alert" });
    const form = /** @type {HTMLFormElement} */ (el("form.range-form", null,
      field("range-from", "From", from), calendar("range-from-day", "First day", days?.from ?? ""), field("range-to", "To", to), calendar("range-to-day", "Last day", days ? northstar.zone.dayAfter(days.to, -1) : ""),
      wrong, el("p.quiet", null, `Times in ${view.zone}. A day, a time, or now-6h; more than a week is of whole days.`),
      el("div.range-buttons", null, el("button.button.primary", { type: "submit" }, "Apply"))));
    const input = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (form.querySelector(`#${id}`));
    for (const end of ["from", "to"]) form.addEventListener("change", (event) => {
      if (/** @type {HTMLElement} */ (event.target).id === `range-${end}-day`) input(`range-${end}`).value = input(`range-${end}-day`).value;
    });
    form.addEventListener("keydown", northstar.dayKeys.pressed);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const [begin, end] = [input("range-from").value.trim(), input("range-to").value.trim()];
      const told = typed(begin, end, view.now, view.zone);
      for (const name of ["from", "to"]) input(`range-${name}`).setAttribute("aria-invalid", String(told.field === name));
      if (told.wrong) {
        wrong.textContent = told.wrong;
        return input(`range-${told.field}`).focus();
      }
      /** @type {HTMLElement | null} */ (document.getElementById("popover"))?.hidePopover();
      apply({ range: "", from: begin, to: end });
    });
    const list = el("ul.range-presets", { "aria-label": "Ranges" }, ...PRESETS.map((/** @type {string[]} */ [key, name]) => el("li", null, el("button", { type: "button", "data-action": "history-preset", "data-range": key, "aria-pressed": String(state.range === key) }, name))));
    northstar.overlay.popover(anchor, [el("div.range-picker", null, list, form)]);
    input("range-from").focus();
  }

  /** On a phone the row is wider than the page: move it so far that the range in use is seen. @param {HTMLElement} place */
  function bringIntoView(place) {
    const chosen = place.querySelector(".segments [aria-pressed=true]");
    if (!chosen || chosen === lastChosen) return;
    lastChosen = chosen;
    const [row, button] = [place.getBoundingClientRect(), chosen.getBoundingClientRect()];
    if (button.right > row.right) place.scrollLeft += button.right - row.right + ROOM;
    if (button.left < row.left) place.scrollLeft -= row.left - button.left + ROOM;
  }

  northstar.historyFilters = { row, bringIntoView, picker, STEP_NAMES };
}
