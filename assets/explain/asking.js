/** What the drawer says of a figure: its question, of when it is, and where its records are to be had. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const MANY = /(fees|costs|refunds|adjustments|contracts|positions)$/i;
  /** Figures that are printed without a plus. */
  const PLAIN = /fees|cost|value|price|mark|cash|equity|exposure|traded|positions$/i;

  /** @param {string} title */
  const inside = (title) => (/^[A-Z][a-z]/.test(title) ? title.charAt(0).toLowerCase() + title.slice(1) : title);

  /** The figure as a question. @param {any} state */
  function question({ title, text, root, local, place: { figure } }) {
    if (local) return title;
    if (figure.startsWith("check.")) return sideOf(figure);
    if (root?.unit === "days") return `Why ${root.amount === "1" ? "is" : "are"} ${northstar.tree.printed(root)} profitable?`;
    const what = `Why ${MANY.test(title) ? "are" : "is"} ${inside(title)}`;
    if (text) return `${what} ${text}?`;
    if (!root) return `${what} what ${MANY.test(title) ? "they are" : "it is"}?`;
    if (root.amount === null) return `${what} not known?`;
    return `${what} ${root.unit === "contracts" ? northstar.money.count(root.amount) : rounded(root.amount, !PLAIN.test(title))}?`;
  }

  /** Which side of which check it is. @param {string} figure */
  function sideOf(figure) {
    const [, name, side] = figure.split(".");
    const { title, source } = northstar.checkWords.words(name);
    return `${title}: what ${side === "expected" ? "our own records make" : `${source} says`}`;
  }

  /** @param {string} amount @param {boolean} plus */
  const rounded = (amount, plus) => northstar.money.dollars(northstar.money.cents(northstar.money.nearestNano(amount)), { plus });

  /** Of when it is, in words. @param {any} state */
  function when({ answer, place, zone }) {
    const { zone: zones } = northstar;
    const at = answer?.at;
    const known = place.asOf ? ` · as known ${northstar.explainDraw.moment(place.asOf, zone, true)}` : "";
    if (at?.seq) return `${answer.as_seen ? "As shown at" : "At"} ${zones.clock(at.as_of, zone)} ${zones.name(Date.parse(at.as_of), zone)} on ${zones.dayName(at.day)} · snapshot ${Number(at.seq).toLocaleString("en-US")}`;
    if (at?.from && at?.to && northstar.place.ofInstants(at)) return `From ${moment(at.from, zone)} to ${moment(at.to, zone)} · as it was shown`;
    if (at?.from && at?.to) return `${zones.dayName(at.from.slice(0, 10))} to ${zones.dayName(zones.dayAfter(at.to.slice(0, 10), -1))}${known || " · as known now"}`;
    if (at?.day) return `${zones.dayName(at.day)}${answer.as_seen ? " · as it was shown" : known || " · as known now"}`;
    return "";
  }

  const moment = (/** @type {string} */ text, /** @type {string} */ zone) => northstar.explainDraw.moment(text, zone, true);

  /** The market of a figure of one position; empty for all other figures. @param {any} state */
  const marketOf = ({ place: { figure } }) => (figure.startsWith("position.") ? figure.split(".").slice(1, -1).join(".") : "");

  /** The instant whose knowledge counts, where an explanation is held by one, and by no snapshot's number. @param {any} state @returns {string | null} */
  const knownAt = ({ answer, place }) => (/^\d+$/.test(place.at ?? "") ? null : answer?.at && northstar.place.ofInstants(answer.at) ? answer.at.as_of : place.asOf ?? null);

  /** The records of the figure as an address of the export, as the explanation knows them; null while their snapshot is looked up. @param {any} state */
  function csv({ answer, place, known = null }) {
    const last = /^\d+$/.test(place.at ?? "") ? place.at : known?.seq ?? null;
    if (last === null && knownAt({ answer, place })) return null;
    const table = northstar.place.table(place.figure);
    const query = new URLSearchParams({ table: table.name });
    const day = answer?.at?.day ?? place.day;
    const from = answer?.at?.from ?? place.from ?? day;
    const to = answer?.at?.to ?? place.to ?? (day ? northstar.zone.dayAfter(day) : null);
    // What recurs stands in its table under its first date, which may lie long before.
    if (from && table.name !== "entries") query.set("from", from);
    if (to) query.set("to", to);
    if (last !== null) query.set("last", String(last));
    return { title: table.title, url: `${base()}api/pnl/export.csv?${query}` };
  }

  const base = () => document.querySelector('meta[name="pnl:root"]')?.getAttribute("content") ?? "/";

  /** @param {string} title */
  const isPlain = (title) => PLAIN.test(title);

  northstar.explainWords = { question, when, csv, knownAt, rounded, marketOf, isPlain };
}
