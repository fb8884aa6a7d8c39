/**
 * Figures that are worked out of others on the page itself, such as a difference or so much a day: any
 * element with `data-worked` opens the sum in the drawer, and each part of it that is a figure opens in turn.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /**
   * @typedef {{name: string, value: string, sign?: string, figure?: string, at?: string}} Term `sign` is what is done with it; `figure` and `at` open it
   * @typedef {{title: string, text: string, terms: Term[], total: string}} Worked `text` is one sentence of what it is; `total` is the figure as it is shown
   */

  /** What opens a sum: its figure, where nothing else stands for it. @param {Worked} worked @param {string} [name] its element, with classes @param {string} [text] what is shown @param {Record<string, string>} [given] its other attributes */
  const button = (worked, name = "button.why", text = worked.total, given = {}) => northstar.dom.el(name, { type: "button", "data-worked": JSON.stringify(worked), "aria-haspopup": "dialog", ...given }, text);

  /** @param {Term} term @param {number} place */
  function line({ name, value, sign = "", figure, at = "" }, place) {
    const { el } = northstar.dom;
    return el("li.term", { "data-key": `${place} ${name}` }, el("div.term-line", null,
      el("span.term-sign", null, sign), el("span.term-name", null, name),
      figure
        ? el("button.why.term-amount", { type: "button", "data-explain": figure, "data-explain-at": at, "aria-haspopup": "dialog" }, value || "Open")
        : el("span.term-amount", null, value)));
  }

  /** What the drawer says of it. @param {Worked} worked */
  function body({ title, text, terms, total }) {
    const { el } = northstar.dom;
    return [
      el("p.explain-text.explain-alone", { "data-key": "text" }, text),
      el("section.explain-box", { "data-key": "box", "aria-label": "The sum" },
        el("ul.terms", null, ...terms.map(line)),
        el("div.term-line.term-total", null, el("span.term-sign", null, "="), el("span.term-name", null, title), el("strong.term-amount", { id: "explain-total" }, total))),
    ];
  }

  northstar.worked = { button, body };
}
