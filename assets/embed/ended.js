/** The calm panel in the place of figures that may be shown no longer, until they may again. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  class Ended {
    /** @param {HTMLElement} main what the panel is in */
    constructor(main) {
      this.main = main;
      /** @type {ChildNode[] | null} what was there, while the calm panel is */
      this.kept = null;
    }

    /** Say why there are no figures, as the page that has none from the beginning does. @param {string} why @param {boolean} expired */
    show(why, expired) {
      const { el, grow } = northstar.dom;
      this.kept ??= [...this.main.childNodes];
      this.main.classList.add("embed-refused");
      grow(this.main, [el("h1", { id: "embed-title", "data-key": "ended" }, expired ? "This panel has expired" : "This panel cannot be shown"), el("p", { id: "embed-reason", "data-key": "why" }, why)]);
    }

    /** Bring back what was there. */
    over() {
      if (!this.kept) return;
      this.main.classList.remove("embed-refused");
      this.main.replaceChildren(...this.kept);
      this.kept = null;
    }
  }

  (northstar.embed ??= {}).Ended = Ended;
}
