/** What the page of a day shows, which is all in its address; what of that is not taken is told. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const DIMENSIONS = ["market", "series", "model", "workspace", "customer", "source"];
  const OWN = ["as_of", "by", "records", "filter", "record", "from", "to"];
  const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$/;

  /** @typedef {{asOf: string, by: string, tab: string, filter: string, record: string, from: string, to: string}} State `from` and `to` are times of the day, both or none */

  /** Whether a text is a day. @param {string} day */
  function isDay(day) {
    const at = new Date(`${day}T00:00:00Z`);
    return !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 10) === day;
  }

  /**
   * The state of an address; what makes no sense in it is as usual, and told in `wrong`.
   * @param {string} search @param {string[]} tabs the kinds of records that can be listed @param {number} now epoch ms @param {string} zone
   * @returns {State & {wrong: string[]}}
   */
  function read(search, tabs, now, zone) {
    const { refused, strange, short, ahead } = northstar.address;
    const query = new URLSearchParams(search);
    const given = (/** @type {string} */ name) => query.get(name) ?? "";
    const wrong = strange(query, OWN);
    const choice = (/** @type {string} */ name, /** @type {string[]} */ known) => {
      if (known.includes(given(name))) return given(name);
      if (query.has(name)) wrong.push(refused(name, given(name), known, known[0]));
      return known[0];
    };
    const [by, tab] = [choice("by", DIMENSIONS), choice("records", tabs)];
    const times = [given("from"), given("to")];
    const part = times.every((time) => TIME.test(time)) && times[0] < times[1];
    if (!part && (query.has("from") || query.has("to"))) wrong.push(`from “${short(times[0])}” and to “${short(times[1])}” are no part of the day: write two times such as 09:30:00 and 16:00:00; the whole day is shown.`);
    const late = ahead({ asOf: given("as_of") }, now, zone);
    if (late) wrong.push(late);
    return { asOf: late ? "" : given("as_of"), by, tab, filter: given("filter"), record: given("record"), from: part ? times[0] : "", to: part ? times[1] : "", wrong };
  }

  /** The query that says a state, without what is as usual. @param {Partial<State>} state @param {string} [kept] others' parts of the address */
  function written({ asOf = "", by = DIMENSIONS[0], tab = "fills", filter = "", record = "", from = "", to = "" }, kept = "") {
    const parts = [["as_of", asOf, ""], ["by", by, DIMENSIONS[0]], ["records", tab, "fills"], ["filter", filter, ""], ["record", record, ""], ["from", from, ""], ["to", to, ""]];
    const query = new URLSearchParams(parts.filter(([, value, usual]) => value !== usual).map(([name, value]) => [name, value]));
    northstar.address.keep(query, kept);
    return query.size ? `?${query}` : "";
  }

  northstar.dayAddress = { isDay, read, written };
}
