/** What is known of the alerts: read with each snapshot, each second while a test is on its way, and changed by hand. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const POLL = 1000;

  class AlertList {
    /** @param {{api: any, random: () => number, later: (act: () => void, ms: number) => unknown, changed: () => void}} parts */
    constructor(parts) {
      Object.assign(this, parts);
      this.ticks = new northstar.EachTick(() => void this.look(), parts);
      /** @type {any} what `/api/pnl/alerts` answered */
      this.found = null;
      this.trouble = "";
      this.watching = false;
      /** @type {{rule: string, what: "silence" | "remove"} | null} what was asked about a rule, and not answered yet */
      this.asking = null;
      /** @type {string} the rule whose trail is open */
      this.open = "";
      /** @type {any[] | null} */
      this.trail = null;
      /** @type {Map<string, string>} what went wrong, by rule or receiver */
      this.said = new Map();
    }

    /** A snapshot has come. @param {{seq: number}} snapshot */
    follow(snapshot) {
      this.ticks.follow(snapshot);
    }

    async look() {
      try {
        this.found = await this.api.all();
        if (this.open) this.trail = await this.api.trail(this.open);
        this.trouble = "";
      } catch (error) {
        this.trouble = error instanceof Error ? error.message : String(error);
      }
      this.changed();
      if (this.found?.receivers.some((/** @type {any} */ one) => one.test === "waiting")) this.watch();
    }

    /** Look again soon: a test is on its way. */
    watch() {
      if (this.watching) return;
      this.watching = true;
      this.later(() => {
        this.watching = false;
        void this.look();
      }, POLL);
    }

    /** Do something about a rule or a receiver, and look at what became of it. @param {string} key @param {() => Promise<any>} act */
    async act(key, act) {
      this.said.delete(key);
      this.asking = null;
      try {
        await act();
      } catch (error) {
        this.said.set(key, error instanceof Error ? error.message : String(error));
      }
      await this.look();
    }

    /** Open or close who did what to a rule. @param {string} rule */
    async history(rule) {
      this.open = this.open === rule ? "" : rule;
      this.trail = null;
      this.changed();
      if (!this.open) return;
      const trail = await this.api.trail(rule).catch(() => []);
      if (this.open === rule) this.trail = trail;
      this.changed();
    }
  }

  northstar.AlertList = AlertList;
}
