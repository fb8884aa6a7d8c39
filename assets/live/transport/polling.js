/** The tier of plain requests: what was missed is asked for, one question at a time. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  class PollingTier {
    /**
     * @param {{fetch: Fetch, url: () => string, clock: Clock, deadlines: any, times: Times,
     *   answered: (messages: Message[], facts: Answer) => void, failed: (why: string, facts: Answer | null) => void}} parts
     */
    constructor(parts) {
      this.parts = parts;
      /** @type {AbortController | null} of the question that is open */
      this.asking = null;
    }

    get busy() {
      return this.asking !== null;
    }

    /** Ask once; a question that is still open is not asked again. */
    async ask() {
      if (this.asking) return;
      const { fetch, url, clock, deadlines, times, answered, failed } = this.parts;
      const asking = (this.asking = new AbortController());
      deadlines.set("answer", times.pollAnswer, () => asking.abort());
      const asked = clock.now();
      /** @type {Answer | null} */
      let facts = null;
      /** @type {Message[] | string} */
      let found;
      try {
        const answer = await fetch(url(), { cache: "no-store", headers: { Accept: "application/json" }, signal: asking.signal });
        facts = { status: answer.status, asked, answered: clock.now(), date: answer.headers.get("Date"), retryMs: retryMs(answer), detail: null, full: null };
        found = await read(answer, facts);
      } catch {
        // What the browser says of it is in words of its own, and each has others.
        found = asking.signal.aborted ? "the server does not answer" : "the server is not reached";
      }
      // Whoever stopped the question wants no answer any more.
      if (this.asking !== asking) return;
      this.asking = null;
      deadlines.clear("answer");
      if (typeof found === "string") failed(found, facts);
      else answered(found, /** @type {Answer} */ (facts));
    }

    stop() {
      const asking = this.asking;
      this.asking = null;
      this.parts.deadlines.clear("answer");
      asking?.abort();
    }
  }

  /** @param {Response} answer */
  function retryMs(answer) {
    const seconds = Number(answer.headers.get("Retry-After") ?? "");
    return seconds > 0 ? seconds * 1000 : null;
  }

  /**
   * The messages of an answer, or in words why there are none.
   * @param {Response} answer @param {Answer} facts whose `detail` and `full` are told where the server tells them
   * @returns {Promise<Message[] | string>}
   */
  async function read(answer, facts) {
    const body = await answer.json().catch(() => null);
    if (typeof body?.full === "string") facts.full = body.full;
    if (answer.ok) return Array.isArray(body?.messages) ? body.messages : "the answer could not be read";
    if (typeof body?.detail === "string") facts.detail = body.detail;
    return facts.detail ?? `the server answered ${answer.status}`;
  }

  (northstar.transport ??= {}).PollingTier = PollingTier;
}
