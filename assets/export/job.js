/**
 * One export that is fetched: counted and digested while it comes, gone on with where it was cut off, and
 * held against its manifest before it is called whole.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** So many bytes are made one piece of the file, which the browser may put on its disk. */
  const PIECE = 8 * 2 ** 20;
  const TRIES = 3;
  const PAUSE = 1000;

  class ExportTrouble extends Error {}

  /** What the server says is wrong. @param {Response} answer */
  async function refusal(answer) {
    const told = await answer.json().catch(() => null);
    return new ExportTrouble(told?.detail ?? `The server answered ${answer.status}.`);
  }

  /** The name that an answer gives its file. @param {Response} answer @param {string} other */
  const named = (answer, other) => /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") ?? "")?.[1] ?? other;

  /**
   * The states: `counting` rows, `reading` them, `checking` the file, then `done`, `failed` or `cancelled`.
   */
  class Job {
    /**
     * @param {{root: string, format: string, query: URLSearchParams, fetch: Fetch, later: (act: () => void, ms: number) => unknown, now: () => number,
     *   blob: (parts: any[]) => any, save: (blob: any, name: string) => void, changed: () => void}} parts
     */
    constructor(parts) {
      Object.assign(this, parts);
      this.state = "counting";
      this.trouble = "";
      this.name = "";
      /** @type {number | null} rows that are to come, as far as they are known */
      this.rows = null;
      this.last = "";
      this.key = "";
      this.sum = "";
      this.checked = false;
      this.resumed = 0;
      this.startedAt = this.now();
      this.clear();
    }

    clear() {
      this.stop = new AbortController();
      this.counted = new northstar.Rows({ headed: true });
      /** @type {any[]} */
      this.pieces = [];
      /** @type {Uint8Array[]} */
      this.held = [];
      this.heldSize = 0;
      this.digest = new northstar.Digest();
      this.digested = 0;
      this.got = 0;
    }

    get url() {
      const query = new URLSearchParams(this.query);
      if (this.last) query.set("last", this.last);
      return `${this.root}api/pnl/export.${this.format}?${query}`;
    }

    get resumable() {
      return this.format === "csv";
    }

    /** Rows that are here; null where the format does not let them be counted. */
    get here() {
      return this.resumable ? this.counted.count : null;
    }

    /** Whether every row is here. */
    get whole() {
      return this.here !== null && this.counted.whole > 0 && this.here === this.rows;
    }

    /** How much of it is here, from 0 to 1; null where that cannot be told. */
    get part() {
      if (this.state === "done" || this.state === "checking") return 1;
      return this.rows && this.here !== null ? Math.min(1, this.here / this.rows) : null;
    }

    /** Milliseconds until it is here, at the pace so far; null where that cannot be told. */
    get left() {
      const { part } = this;
      const past = this.now() - this.startedAt;
      return part && part > 0.02 && past > 1000 ? (past * (1 - part)) / part : null;
    }

    cancel() {
      if (!["counting", "reading", "checking"].includes(this.state)) return;
      this.state = "cancelled";
      this.stop.abort();
      this.clear();
      this.changed();
    }

    /** Fetch it, from the start or from where it was cut off. */
    async run() {
      if (this.resumable && this.counted.whole) this.stop = new AbortController();
      else this.clear();
      this.trouble = "";
      try {
        await this.count();
        await this.read();
        await this.check();
        this.finish();
      } catch (error) {
        if (this.state === "cancelled") return;
        this.state = "failed";
        if (!(error instanceof ExportTrouble)) console.error("an export failed", error);
        this.trouble = error instanceof ExportTrouble ? error.message : "The file could not be made.";
      }
      this.changed();
    }

    /** Ask how many rows it has, of which snapshot. */
    async count() {
      if (this.last) return;
      this.move("counting");
      const answer = await this.ask(this.url, "HEAD");
      // A refusal to HEAD has no body: the same question by GET tells why.
      if (!answer.ok) throw await refusal(await this.ask(`${this.root}api/pnl/export.manifest?${this.query}&format=${this.format}`));
      this.rows = Number(answer.headers.get("x-northstar-rows") ?? NaN);
      if (Number.isNaN(this.rows)) this.rows = null;
      this.last = answer.headers.get("x-northstar-last") ?? "";
      this.name = named(answer, `northstar.${this.format}`);
    }

    async read() {
      this.move("reading");
      if (this.whole) return;
      for (let tries = 0; ; ) {
        const before = this.counted.count;
        const why = await this.stream();
        if (!why) return;
        if (!this.resumable) throw new ExportTrouble(why);
        if (this.counted.whole) this.cut();
        else this.clear();
        tries = this.counted.count > before ? 1 : tries + 1;
        if (tries >= TRIES) throw new ExportTrouble(`${why} ${northstar.exportChoice.rows(this.counted.count)} of it are here.`);
        this.resumed += 1;
        this.changed();
        await new Promise((go) => this.later(() => go(null), PAUSE * tries));
        if (this.state === "cancelled") throw new ExportTrouble("cancelled");
      }
    }

    /** Read what is there of the rest. @returns {Promise<string>} why it ended too early; empty when it did not */
    async stream() {
      const { stop } = this;
      const going = this.resumable && this.counted.whole > 0;
      const rest = going ? `&header=absent${this.counted.key ? `&after=${encodeURIComponent(this.counted.key)}` : ""}` : "";
      let answer;
      try {
        answer = await this.ask(this.url + rest);
      } catch (error) {
        if (going && error instanceof ExportTrouble) return error.message;
        throw error;
      }
      if (!answer.ok) {
        const trouble = await refusal(answer);
        if (going && answer.status >= 500) return trouble.message;
        throw trouble;
      }
      this.name = going ? this.name : named(answer, this.name);
      const reader = /** @type {ReadableStream<Uint8Array>} */ (answer.body).getReader();
      try {
        for (;;) {
          const { done, value } = await reader.read();
          if (done) break;
          this.take(value);
        }
      } catch {
        if (stop.signal.aborted) throw new ExportTrouble("cancelled");
        return "The connection was cut off.";
      }
      // A body that just ends is no proof that it was all of it.
      return this.here !== null && this.rows !== null && this.here < this.rows ? "The connection ended early." : "";
    }

    /** @param {Uint8Array} bytes */
    take(bytes) {
      this.got += bytes.length;
      if (this.resumable) this.counted.add(bytes);
      this.held.push(bytes);
      this.heldSize += bytes.length;
      if (this.heldSize >= PIECE) this.put(this.resumable ? this.heldSize - (this.got - this.counted.whole) : this.heldSize);
      this.changed();
    }

    /** Make the first bytes that are held a piece of the file; what follows may still be cut away. @param {number} length */
    put(length) {
      if (length <= 0) return;
      const all = this.joined();
      const sure = all.subarray(0, length);
      this.digest.add(sure);
      this.pieces.push(this.blob([sure]));
      this.held = length < all.length ? [all.slice(length)] : [];
      this.heldSize = all.length - length;
    }

    joined() {
      if (this.held.length === 1) return this.held[0];
      const all = new Uint8Array(this.heldSize);
      let at = 0;
      for (const part of this.held) {
        all.set(part, at);
        at += part.length;
      }
      return all;
    }

    /** Drop the row that is not whole. */
    cut() {
      const over = this.got - this.counted.whole;
      const all = this.joined();
      this.held = [all.slice(0, all.length - over)];
      this.heldSize = all.length - over;
      this.got -= over;
      this.counted.cut();
    }

    /** Hold it against its manifest: every byte of it. */
    async check() {
      this.move("checking");
      this.put(this.heldSize);
      this.sum = this.digest.hex();
      const query = new URLSearchParams(this.query);
      query.set("format", this.format);
      if (this.last) query.set("last", this.last);
      const answer = await this.ask(`${this.root}api/pnl/export.manifest?${query}`);
      if (!answer.ok) throw new ExportTrouble(`It came whole, but could not be checked: ${(await refusal(answer)).message}`);
      const told = await answer.json();
      if (told.bytes !== this.got || told.sha256 !== this.sum) {
        const { got } = this;
        this.clear();
        throw new ExportTrouble(`The file that came is not the one that was announced: ${northstar.exportChoice.size(got)} came, of ${northstar.exportChoice.size(told.bytes)}. It was not saved.`);
      }
      this.rows = told.rows;
      this.name = told.file_name;
      this.checked = true;
    }

    finish() {
      this.save(this.blob(this.pieces), this.name);
      this.pieces = [];
      this.state = "done";
    }

    /** @param {string} state */
    move(state) {
      this.state = state;
      this.changed();
    }

    /** @param {string} url @param {string} [method] */
    async ask(url, method = "GET") {
      try {
        return await this.fetch(url, { method, signal: this.stop.signal });
      } catch {
        throw new ExportTrouble(this.stop.signal.aborted ? "cancelled" : "The server cannot be reached at the moment.");
      }
    }
  }

  northstar.ExportJob = Job;
  northstar.exportRefusal = refusal;
}
