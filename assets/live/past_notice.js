/** Where an address asks for the past: that the page is of then, or that it shows now, for its past is not kept. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const DAY = /^\d{4}-\d{2}-\d{2}$/;

  /** The instant that the address asks for, as it is written there; empty for now. */
  const asked = () => new URLSearchParams(location.search).get("as_of") ?? "";

  /** An instant as the API takes it, a company day as the one at which it begins; NaN for none. @param {string} text @param {string} zone */
  const instantOf = (text, zone) => (DAY.test(text) && !Number.isNaN(Date.parse(text)) ? northstar.zone.dayStart(text, zone) : Date.parse(text));

  /** An instant that is asked for as the page says times; as it is written where it is none. @param {string} text @param {string} zone */
  const said = (text, zone) => (Number.isNaN(instantOf(text, zone)) ? text : northstar.zone.instant(instantOf(text, zone), zone));

  (northstar.panels ??= []).push({
    id: "past-notice",
    /** @param {HTMLElement} root @param {{zone: string}} view */
    draw(root, { zone }) {
      const { el, icon, grow } = northstar.dom;
      const asOf = asked();
      const now = (/** @type {string} */ text) => el("a.button.small", { href: location.pathname }, text);
      if (!asOf) return grow(root, []);
      grow(root, [root.dataset.held === "yes"
        ? el("div.banner.banner-quiet", { "data-key": "past" }, icon("history"), el("p", null, el("strong", { title: asOf }, `As known at ${said(asOf, zone)}. `), "What became known later is left out, and nothing can be entered here."), now("As known now"))
        : el("div.banner.banner-quiet", { "data-key": "now", role: "status" }, icon("info"), el("p", null, el("strong", null, "This page shows now. "), `as_of “${asOf.slice(0, 40)}” was not taken: of this page no past is kept.`), now("Leave it out"))]);
    },
  });

  northstar.pastNotice = { asked, instantOf, said };
}
