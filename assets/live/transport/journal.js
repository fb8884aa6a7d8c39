/** The last changes of the connection: what carried the figures, since when, and why not something better. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  class Journal {
    /** @param {Clock} clock @param {number} most entries that are kept */
    constructor(clock, most) {
      this.clock = clock;
      this.most = most;
      /** @type {{at: number, kind: Kind, reason: string | null}[]} the newest last */
      this.entries = [];
    }

    /** Note how it is; tell whether that is news. @param {Kind} kind @param {string | null} reason */
    note(kind, reason) {
      const last = this.entries.at(-1);
      if (last?.kind === kind) {
        const told = last.reason === reason;
        last.reason = reason;
        return !told;
      }
      this.entries.push({ at: this.clock.now(), kind, reason });
      if (this.entries.length > this.most) this.entries.shift();
      return true;
    }
  }

  (northstar.transport ??= {}).Journal = Journal;
}
