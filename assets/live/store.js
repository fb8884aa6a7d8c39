/** The one place that holds the newest snapshot. Everything on the page is drawn from it, at once. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const KEY = "pnl.snapshot";

  class Store {
    /** @param {Pick<Storage, "getItem" | "setItem"> | null} memory where the last snapshot outlives a reload */
    constructor(memory) {
      this.memory = memory;
      /** @type {Snapshot | null} */
      this.snapshot = null;
      /** True while the snapshot is one from before the reload, not yet confirmed by the server. */
      this.restored = false;
      /** @type {Set<(snapshot: Snapshot) => void>} */
      this.listeners = new Set();
    }

    /** @param {(snapshot: Snapshot) => void} listener @returns {() => void} what ends it */
    subscribe(listener) {
      this.listeners.add(listener);
      return () => this.listeners.delete(listener);
    }

    /** Take up the snapshot that the last visit ended with. A memory that cannot be read is as good as none. */
    restore() {
      try {
        const kept = JSON.parse(this.memory?.getItem(KEY) ?? "null");
        if (!kept || kept.schema !== "pnl-snapshot/1" || typeof kept.seq !== "number") return;
        this.snapshot = kept;
        this.restored = true;
      } catch {
        return;
      }
      this.notify();
    }

    /**
     * Take a message; tell whether it was news. A snapshot counts when its sequence is higher, or when
     * it is lower and yet made later: then the server was started over with an empty store.
     * @param {Message} message
     */
    offer(message) {
      if (message.t !== "snapshot" || !message.data) return false;
      const held = this.snapshot;
      const next = message.data;
      const confirmed = this.restored && held?.seq === next.seq;
      if (held && next.seq <= held.seq && !(next.seq < held.seq && next.as_of > held.as_of) && !confirmed) return false;
      this.snapshot = next;
      this.restored = false;
      try {
        this.memory?.setItem(KEY, JSON.stringify(next));
      } catch {
        // A full or forbidden storage costs the reload in an outage, nothing else.
      }
      this.notify();
      return true;
    }

    notify() {
      for (const listener of this.listeners) listener(/** @type {Snapshot} */ (this.snapshot));
    }
  }

  northstar.Store = Store;
}
