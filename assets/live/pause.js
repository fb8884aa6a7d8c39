/** The page stands still for who reads it, while the figures go on coming; afterwards it says what was missed. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  class Pause {
    constructor() {
      /** @type {any} the snapshot that is shown while the page stands still; null while it moves */
      this.snapshot = null;
      /** @type {string | null} the series that it is of */
      this.stream = null;
      /** When it began to stand still, epoch ms. */
      this.at = 0;
    }

    get on() {
      return this.snapshot !== null;
    }

    /** Stand still at what is held, or go on; without figures there is nothing to hold. @param {{snapshot: any, stream: string | null}} store @param {number} now epoch ms @returns {any} where it stood, once it goes on */
    turn(store, now) {
      const { snapshot: stood, stream } = this;
      Object.assign(this, stood ? { snapshot: null } : { snapshot: store.snapshot, stream: store.stream, at: now });
      return stood ? northstar.since.look(stood, stream) : null;
    }

    /** How many snapshots came meanwhile. @param {{seq: number | null, stream: string | null}} store */
    missed(store) {
      return this.on && store.stream === this.stream ? Math.max(0, (store.seq ?? 0) - this.snapshot.seq) : 0;
    }
  }

  (northstar.panels ??= []).push({
    id: "pause-button",
    /** @param {HTMLElement} root @param {View} view */
    draw(root, { paused }) {
      const name = paused ? "Resume live" : "Pause live";
      for (const [attribute, value] of [["aria-label", name], ["title", `${name} (p)`]]) northstar.dom.set(root, attribute, value);
    },
  });

  northstar.Pause = Pause;
}
