/**
 * The one place that holds the newest snapshot. Everything on the page is drawn from it, at once.
 * It is held twice: in the live form that the messages patch, and expanded for those who draw.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const KEY = "pnl.snapshot";
  const HEARD = "pnl.heard";
  const SCHEMA = "pnl-snapshot/1";
  const SAVE_EVERY = 1000;

  // A merge patch cannot carry a null: a figure that became unknown is absent, and is null again for readers.
  const LINES = ["revenue", "refunds", "processor_fees", "adjustments", "api_cost", "operating_cost", "trading_realised", "trading_unrealised", "trading_fees", "other_income"];
  const TOTALS = ["net", "net_realised"];
  const ACCOUNT = ["cash", "positions_value", "exposure", "equity"];
  const SOURCE = ["as_of", "complete_through", "next_attempt", "error"];
  const ROW = [
    "title", "side", "average_price", "mark", "last_price", "value", "exposure", "unrealised", "realised", "fees", "total_traded", "close_time",
    "best_case", "worst_case", "expected", "event",
  ];

  /** @param {any} value @returns {value is Record<string, any>} */
  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

  /**
   * A document with an RFC 7396 merge patch applied. What is given stays as it is, and what the patch
   * does not touch is shared.
   * @param {any} document @param {Record<string, any>} patch
   * @returns {Record<string, any>}
   */
  function patched(document, patch) {
    const made = isObject(document) ? { ...document } : {};
    for (const [name, value] of Object.entries(patch)) {
      if (value === null) delete made[name];
      else made[name] = isObject(value) ? patched(made[name], value) : value;
    }
    return made;
  }

  /** @param {Record<string, any> | undefined} given @param {string[]} names */
  const filled = (given, names) => ({ ...Object.fromEntries(names.map((name) => [name, null])), ...given });

  /** @type {WeakMap<object, object>} */
  const rows = new WeakMap();

  /** A row of the live form with all its fields; the same row is the same object every time. @param {any} row */
  function wholeRow(row) {
    let made = rows.get(row);
    if (!made) rows.set(row, (made = filled(row, ROW)));
    return made;
  }

  /** @param {any} state @param {number} at the snapshot's own time, epoch ms of a whole second */
  function wholeSource(state, at) {
    const made = filled(state, SOURCE);
    for (const name of ["as_of", "next_attempt"])
      if (typeof made[name] === "number") made[name] = new Date(at + made[name] * 1000).toISOString().replace(".000Z", "Z");
    return made;
  }

  /**
   * The snapshot of which `document` is the live form: positions as a list, times in RFC 3339, and
   * null for what is absent.
   * @param {any} document
   * @returns {Snapshot}
   */
  function expanded(document) {
    const at = Math.floor(Date.parse(document.as_of) / 1000) * 1000;
    const sources = Object.entries(document.sources ?? {}).map(([name, state]) => [name, wholeSource(state, at)]);
    return /** @type {any} */ ({
      ...filled(document, TOTALS),
      lines: filled(document.lines, LINES),
      account: filled(document.account, ACCOUNT),
      sources: Object.fromEntries(sources),
      positions: Object.values(document.positions ?? {}).map(wholeRow),
    });
  }

  /** @param {any} document */
  const isDocument = (document) =>
    isObject(document) && document.schema === SCHEMA && Number.isSafeInteger(document.seq) && !Number.isNaN(Date.parse(document.as_of)) && isObject(document.positions);

  class Store {
    /**
     * @param {Pick<Storage, "getItem" | "setItem"> | null} memory where the last snapshot outlives a reload
     * @param {(act: () => void, ms: number) => unknown} [later]
     */
    constructor(memory, later = (act, ms) => setTimeout(act, ms)) {
      this.memory = memory;
      this.later = later;
      /** @type {Snapshot | null} */
      this.snapshot = null;
      /** @type {any} the live form of the same */
      this.document = null;
      /** @type {string | null} the series that its sequence is from */
      this.stream = null;
      /** True while the snapshot is one that this browser kept, not yet confirmed by the server. */
      this.restored = false;
      /** @type {number | null} when the server was heard from last, epoch ms of its own clock: kept for the next visit, too */
      this.heardAt = null;
      /** @type {Set<(snapshot: Snapshot) => void>} */
      this.listeners = new Set();
      this.unsaved = false;
      this.saving = false;
    }

    /** @returns {number | null} the sequence that is held */
    get seq() {
      return this.snapshot?.seq ?? null;
    }

    /** @param {(snapshot: Snapshot) => void} listener @returns {() => void} what ends it */
    subscribe(listener) {
      this.listeners.add(listener);
      return () => this.listeners.delete(listener);
    }

    /** Take up the snapshot that the last visit ended with. A memory that cannot be read is as good as none. */
    restore() {
      try {
        this.heardAt = Number(this.memory?.getItem(HEARD)) || null;
        const kept = JSON.parse(this.memory?.getItem(KEY) ?? "null");
        if (!isObject(kept) || typeof kept.stream !== "string" || !isDocument(kept.data)) return;
        this.hold(kept.data, kept.stream);
        this.restored = true;
      } catch {
        return;
      }
      this.notify();
    }

    /**
     * Take a message, and tell what became of it. "applied": it is news. "old": what it says is held, or
     * something newer is. "beat": the server holds no more than we do. "gap": something is missing before
     * it, or it makes no sense; nothing is changed, and the sender has to be asked again.
     * @param {Message} message
     * @returns {Verdict}
     */
    offer(message) {
      if (message.t === "snapshot") return this.replace(message);
      if (message.t === "delta") return this.patch(message);
      if (message.t === "beat") return this.confirm(message);
      return "old";
    }

    /** @param {Message} message @returns {Verdict} */
    replace({ data, stream }) {
      if (!isDocument(data) || typeof stream !== "string") return "gap";
      const held = this.document;
      if (held && stream === this.stream && !this.isNews(data)) return "old";
      this.hold(data, stream);
      this.restored = false;
      this.changed();
      return "applied";
    }

    /**
     * Whether a snapshot of the held series is to replace the held one. A lower sequence that was made
     * later is a store that was put back from a copy: it would never be caught up with.
     * @param {any} next
     */
    isNews(next) {
      const held = this.document;
      if (next.seq === held.seq) return this.restored;
      return next.seq > held.seq || Date.parse(next.as_of) > Date.parse(held.as_of);
    }

    /** @param {Message} message @returns {Verdict} */
    patch({ seq, base, set }) {
      if (typeof seq !== "number" || typeof base !== "number" || !isObject(set)) return "gap";
      if (!this.document) return "gap";
      if (seq <= this.document.seq) return "old";
      if (base !== this.document.seq) return "gap";
      const next = patched(this.document, set);
      if (next.seq !== seq || !isDocument(next)) return "gap";
      this.hold(next, this.stream);
      this.restored = false;
      this.changed();
      return "applied";
    }

    /** @param {Message} message @returns {Verdict} */
    confirm({ seq }) {
      if (typeof seq !== "number" || seq > (this.seq ?? 0)) return "gap";
      if (this.restored && seq === this.seq) {
        this.restored = false;
        this.notify();
      }
      return "beat";
    }

    /** Show a snapshot of the past: it is not kept for the next visit. @param {Snapshot} snapshot as `GET /api/pnl/current` answers */
    show(snapshot) {
      this.snapshot = snapshot;
      this.notify();
    }

    /** @param {any} document @param {string | null} stream */
    hold(document, stream) {
      this.snapshot = expanded(document);
      this.document = document;
      this.stream = stream;
    }

    changed() {
      this.unsaved = true;
      if (!this.saving && this.memory) {
        this.saving = true;
        this.later(() => {
          this.saving = false;
          this.save();
        }, SAVE_EVERY);
      }
      this.notify();
    }

    /** Keep for the next visit when the server was heard from, and what is held, if that is not done yet. */
    save() {
      const { unsaved } = this;
      this.unsaved = false;
      try {
        if (this.heardAt !== null) this.memory?.setItem(HEARD, String(this.heardAt));
        if (unsaved) this.memory?.setItem(KEY, JSON.stringify({ stream: this.stream, data: this.document }));
      } catch {
        // A full or forbidden storage costs the reload in an outage, nothing else.
      }
    }

    notify() {
      for (const listener of this.listeners) listener(/** @type {Snapshot} */ (this.snapshot));
    }
  }

  northstar.Store = Store;
}
