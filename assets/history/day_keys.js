/** The keys that go from day to day in a calendar: arrows, to an end of the week, and a month on or back. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** Days since Monday. @param {string} day */
  const sinceMonday = (day) => (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;

  /** The same day of another month, or the last one of a shorter month. @param {string} day @param {-1 | 1} months */
  function monthOn(day, months) {
    const [year, month, date] = day.split("-").map(Number);
    const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
    return new Date(Date.UTC(year, month - 1 + months, Math.min(date, last))).toISOString().slice(0, 10);
  }

  /** Where a key leads from a day; null for other keys. @param {string} key @param {string} day */
  function target(key, day) {
    if (key === "Home") return northstar.zone.dayAfter(day, -sinceMonday(day));
    if (key === "End") return northstar.zone.dayAfter(day, 6 - sinceMonday(day));
    return key === "PageUp" ? monthOn(day, -1) : key === "PageDown" ? monthOn(day, 1) : null;
  }

  /** In a field of a day: no further than it allows. @param {KeyboardEvent} event */
  function pressed(event) {
    const field = /** @type {HTMLInputElement} */ (event.target);
    if (field.type !== "date" || !field.value || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const day = target(event.key, field.value);
    if (!day) return;
    event.preventDefault();
    field.value = field.max && day > field.max ? field.max : day;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /** On the calendar of results: arrow keys move between days, Home and End within the week, PageUp and PageDown by a month. @param {KeyboardEvent} event */
  function move(event) {
    const from = /** @type {HTMLElement} */ (event.target).closest?.(".heat-day[href]");
    const days = { ArrowLeft: -7, ArrowRight: 7, ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!from || event.ctrlKey || event.metaKey || event.altKey) return;
    const begin = /** @type {string} */ (from.getAttribute("data-key"));
    const aim = days ? northstar.zone.dayAfter(begin, days) : target(event.key, begin);
    if (!aim) return;
    event.preventDefault();
    // Days without figures are passed over: the arrows go on, the others come back towards where they began.
    const step = days ?? (aim < begin ? 1 : -1);
    for (let day = aim, i = 0; i < 31 && day !== begin; i += 1, day = northstar.zone.dayAfter(day, step)) {
      const to = /** @type {HTMLElement | null} */ (document.querySelector(`.heat-day[href][data-key="${day}"]`));
      if (!to) continue;
      from.setAttribute("tabindex", "-1");
      to.setAttribute("tabindex", "0");
      return to.focus();
    }
  }

  northstar.dayKeys = { target, pressed, move };
}
