/**
 * How snapshots reach the browser. A transport does two things: it hands messages
 * `{t: "snapshot", data}` to `deliver`, and it tells `report` how it is doing. Nothing else on the
 * page knows which transport is in use.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** @type {Connection} */
  const START = { kind: "connecting", attempt: 0, nextAt: null, heardAt: null, roundTrip: null, ahead: 0, reason: null };

  class Polling {
    /**
     * @param {{url: string, everySeconds: number, fetch: Fetch, now: () => number,
     *   deliver: (message: Message) => unknown, report: (state: Connection) => void}} parts
     */
    constructor({ url, everySeconds, fetch, now, deliver, report }) {
      this.url = url;
      this.everySeconds = everySeconds;
      this.fetch = fetch;
      this.now = now;
      this.deliver = deliver;
      this.report = report;
      /** @type {Connection} */
      this.state = START;
      /** @type {string | null} */
      this.etag = null;
      this.busy = false;
    }

    /** Ask once; a question that is still open is not asked again. */
    async poll() {
      if (this.busy) return;
      this.busy = true;
      const asked = this.now();
      try {
        const answer = await this.fetch(this.url, {
          headers: this.etag ? { "If-None-Match": this.etag } : {},
          cache: "no-store",
          signal: AbortSignal.timeout(Math.max(3000, this.everySeconds * 900)),
        });
        await this.take(answer, asked);
      } catch (error) {
        this.fail(error instanceof Error ? error.message : String(error));
      } finally {
        this.busy = false;
      }
    }

    /** @param {Response} answer @param {number} asked */
    async take(answer, asked) {
      if (answer.status === 404 || answer.status === 503) {
        const problem = await answer.json().catch(() => null);
        if (problem?.detail && this.etag === null) return this.heard(answer, asked, "waiting", problem.detail);
      }
      if (answer.status !== 304 && !answer.ok) throw new Error(`the server answered ${answer.status}`);
      const data = answer.status === 304 ? null : await answer.json();
      this.heard(answer, asked, "polling", null);
      if (data) {
        this.etag = answer.headers.get("ETag");
        this.deliver({ t: "snapshot", data });
      }
    }

    /** @param {Response} answer @param {number} asked @param {Connection["kind"]} kind @param {string | null} reason */
    heard(answer, asked, kind, reason) {
      const now = this.now();
      const roundTrip = now - asked;
      this.set({ kind, reason, roundTrip, heardAt: now, attempt: 0, nextAt: asked + this.everySeconds * 1000, ahead: ahead(answer, asked, now) });
    }

    /** @param {string} reason */
    fail(reason) {
      const nextAt = this.now() + this.everySeconds * 1000;
      this.set({ ...this.state, kind: "offline", reason, nextAt, attempt: this.state.attempt + 1 });
    }

    /** @param {Connection} state */
    set(state) {
      this.state = state;
      this.report(state);
    }
  }

  /**
   * How far the server's clock is ahead, from its Date header. The header has whole seconds, so what
   * is within two of them counts as no difference.
   * @param {Response} answer @param {number} asked @param {number} now
   */
  function ahead(answer, asked, now) {
    const stamp = Date.parse(answer.headers.get("Date") ?? "");
    if (Number.isNaN(stamp)) return 0;
    const difference = stamp + 500 - (asked + now) / 2;
    return Math.abs(difference) < 2000 ? 0 : Math.round(difference);
  }

  northstar.transport = { Polling, START };
}
