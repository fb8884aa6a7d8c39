/** What is known of the sources: read with each snapshot, and each second while somebody waits for one to be read. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const POLL = 1000;
  const HISTORY_EVERY = 300_000;

  class SourceList {
    /**
     * @param {{read: (url: string) => Promise<any>, send: (url: string) => Promise<any>, root: string, random: () => number,
     *   later: (act: () => void, ms: number) => unknown, now: () => number, changed: () => void}} parts
     */
    constructor(parts) {
      Object.assign(this, parts);
      this.ticks = new northstar.EachTick(() => void this.look(), parts);
      /** @type {any[] | null} */
      this.rows = null;
      this.trouble = "";
      /** @type {any[] | null} what went wrong, newest first */
      this.episodes = null;
      this.pastTrouble = "";
      this.historyAt = -Infinity;
      this.busy = false;
      /** @type {Map<string, {wish: number, at: number}>} */
      this.wishes = new Map();
      /** @type {Map<string, {well: boolean, text: string, later?: boolean}>} */
      this.results = new Map();
    }

    /** A snapshot has come. @param {{seq: number}} snapshot */
    follow(snapshot) {
      this.ticks.follow(snapshot);
    }

    async look() {
      if (this.busy) return;
      this.busy = true;
      try {
        this.rows = (await this.read(`${this.root}api/pnl/sources`)).sources;
        this.trouble = "";
      } catch (error) {
        this.trouble = error instanceof Error ? error.message : String(error);
      } finally {
        this.busy = false;
      }
      this.changed();
      if (this.now() - this.historyAt > HISTORY_EVERY) await this.lookBack();
    }

    /** Read what went wrong of late. */
    async lookBack() {
      this.historyAt = this.now();
      try {
        const lists = await Promise.all(["kalshi", "anthropic", "revenue"].map(async (group) => {
          const { changes } = await this.read(`${this.root}api/pnl/sources/history?name=${group}`);
          return northstar.sourceWords.episodes(group, changes);
        }));
        this.episodes = lists.flat().sort((a, b) => b.from - a.from);
        this.pastTrouble = "";
      } catch (error) {
        this.pastTrouble = error instanceof Error ? error.message : String(error);
        this.historyAt = -Infinity;
      }
      this.changed();
    }

    /** Wish for a source to be read now. @param {string} name */
    async retry(name) {
      this.results.delete(name);
      const at = this.now();
      this.wishes.set(name, { wish: Infinity, at });
      this.changed();
      try {
        const { wish } = await this.send(`${this.root}api/pnl/sources/${encodeURIComponent(name)}/retry`);
        this.wishes.set(name, { wish, at });
      } catch (error) {
        this.wishes.delete(name);
        this.results.set(name, { well: false, text: error instanceof Error ? error.message : String(error) });
      }
      this.changed();
      if (this.wishes.has(name)) this.wait(name);
    }

    /** Look until the wish for a source was served. @param {string} name */
    wait(name) {
      this.later(async () => {
        await this.look();
        if (this.wishes.has(name)) this.wait(name);
      }, POLL);
    }

    /** Settle the wishes that came to their end; where nobody waits so long, also those that must be served later. @param {{now: number, zone: string}} view @param {boolean} waits */
    conclude(view, waits = true) {
      for (const [name, wish] of this.wishes) {
        const row = this.rows?.find((/** @type {any} */ one) => one.name === name);
        if (!row || wish.wish === Infinity) continue;
        const came = northstar.sourceWords.outcome(wish, row, view);
        if (came.done || (came.later && !waits)) this.settle(name, came);
      }
    }

    /** Say that a wish came to its end. @param {string} name @param {{well: boolean, text: string, later?: boolean}} result */
    settle(name, result) {
      this.wishes.delete(name);
      this.results.set(name, result);
      this.historyAt = -Infinity;
    }
  }

  northstar.SourceList = SourceList;
}
