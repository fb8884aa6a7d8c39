/** "Check now": every source is read as soon as it allows, and the checks come anew with what it tells. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  class CheckNow {
    /** @param {any} list the sources, a `SourceList` of its own */
    constructor(list) {
      this.list = list;
      list.historyAt = Infinity; // what went wrong in the past is no matter here
      this.busy = false;
      /** What came of it, source by source. @type {{well: boolean, text: string}[]} */
      this.said = [];
    }

    /** Wish for every source that is connected. */
    async start() {
      if (this.busy) return;
      this.busy = true;
      this.said = [];
      this.list.results.clear();
      this.list.changed();
      await this.list.look();
      const names = (this.list.rows ?? []).filter((/** @type {any} */ row) => row.status !== "off").map((/** @type {any} */ row) => row.name);
      if (this.list.trouble || !names.length) return this.end([{ well: false, text: this.list.trouble ? `The sources could not be asked. ${this.list.trouble}` : "No source is connected: there is nothing to check against." }]);
      await Promise.all(names.map((/** @type {string} */ name) => this.list.retry(name)));
      this.list.changed();
    }

    /** Say what has come of the wishes by now. @param {{now: number, zone: string}} view */
    follow(view) {
      const { list } = this;
      if (!this.busy || (!list.wishes.size && !list.results.size)) return;
      list.conclude(view, false);
      if (list.wishes.size) return;
      const results = [...list.results];
      const read = results.filter(([, { well, later }]) => well && !later).map(([name]) => northstar.sourceWords.words(name).title);
      this.end([
        ...(read.length ? [{ well: true, text: `${read.join(", ")}: read anew, and checked.` }] : []),
        ...results.filter(([, { well, later }]) => !well || later).map(([name, { well, text }]) => ({ well, text: `${northstar.sourceWords.words(name).title}: ${text}` })),
      ]);
    }

    /** @param {{well: boolean, text: string}[]} said */
    end(said) {
      this.busy = false;
      this.said = said;
      this.list.changed();
    }
  }

  let one = /** @type {any} */ (null);
  const check = () => (one ??= new CheckNow(northstar.newSourceList()));

  (northstar.panels ??= []).push({
    id: "check-now",
    everySecond: true,
    /** @param {HTMLElement} place @param {View} view */
    draw(place, view) {
      if (view.asOf) return; // the past is not read anew
      const { el, icon, grow } = northstar.dom;
      const now = check();
      now.follow(view);
      grow(place, [el("button.button.small", { type: "button", "data-key": "button", "data-action": "check-now", disabled: now.busy || view.troubled ? "" : null, "aria-describedby": "check-said" }, icon("refresh-cw"), "Check now")]);
    },
  });

  northstar.panels.push({
    id: "check-said",
    /** @param {HTMLElement} place @param {View} _view */
    draw(place, _view) {
      const { el, icon, grow } = northstar.dom;
      const { busy, said } = check();
      grow(place, busy ? [el("p.quiet", { "data-key": "busy" }, "Every source is read as soon as it allows…")] : said.map((/** @type {any} */ { well, text }, /** @type {number} */ i) => el(`p${well ? ".quiet" : ".warn"}`, { "data-key": `${i}` }, icon(well ? "circle-check" : "triangle-alert"), text)));
    },
  });

  (northstar.actions ??= {})["check-now"] = () => void check().start();
  northstar.CheckNow = CheckNow;
}
