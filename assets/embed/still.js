/** Figures that are read now and then, or once, where the page asked for no live ones. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const ANSWER_MS = 30_000;
  const AGAIN_MS = 15_000;

  /** Stands where the live connection would, and is asked the same things. */
  class Still {
    /**
     * @param {{url: string | null, seconds: number, store: any, fetch: typeof fetch, now: () => number, changed: () => void,
     *   applied: (seq: number, tier: string) => void}} parts `url` is null where all days are over, and nothing is read; `seconds` 0 reads once
     */
    constructor(parts) {
      this.parts = parts;
      this.halted = false;
      this.busy = false;
      this.ahead = new northstar.transport.Ahead(1);
      this.connection = { kind: parts.url ? "connecting" : "ended", ahead: 0, broken: false, reason: /** @type {string | null} */ (null), nextAt: /** @type {number | null} */ (null) };
    }

    start() {
      if (this.parts.url) void this.read();
    }

    /** Look at the clock; called once a second. */
    tick() {
      const { nextAt } = this.connection;
      if (nextAt !== null && nextAt <= this.parts.now()) void this.read();
    }

    /** The page is looked at again, or the network is back. */
    seen() {
      this.tick();
    }

    retry() {
      this.start();
    }

    wake() {
      if (this.connection.broken) this.start();
    }

    /** The network is gone: the next reading will tell. */
    doubt() {
      this.tick();
    }

    async read() {
      const { url, seconds, store, fetch, now, changed, applied } = this.parts;
      if (this.busy || !url) return;
      this.busy = true;
      this.connection.nextAt = null;
      const asked = now();
      let wait = seconds ? seconds * 1000 : null;
      try {
        const answer = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS) });
        if (!answer.ok) {
          wait = Math.max(AGAIN_MS, 1000 * Number(answer.headers.get("Retry-After") ?? 0), wait ?? 0);
          throw new Error(`the server answered ${answer.status}`);
        }
        this.ahead.coarse(answer.headers.get("Date"), asked, now());
        this.connection.ahead = this.ahead.ms;
        for (const message of (await answer.json()).messages) if (store.offer(message) === "applied") applied(store.seq, "still");
        Object.assign(this.connection, { kind: store.snapshot ? "still" : "waiting", broken: false, reason: null });
        if (!store.snapshot) wait = Math.min(wait ?? AGAIN_MS, AGAIN_MS);
      } catch (error) {
        Object.assign(this.connection, { kind: "offline", broken: true, reason: /** @type {Error} */ (error).message });
        wait = Math.max(wait ?? 0, AGAIN_MS);
      } finally {
        this.busy = false;
        this.connection.nextAt = wait === null ? null : now() + wait;
      }
      changed();
    }
  }

  (northstar.embed ??= {}).Still = Still;
}
