/** Reads the checks and how they came out: often enough to be right, never all browsers at once. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const SOON = 4000;
  const EVERY = 30_000;
  const HISTORY_EVERY = 300_000;
  const SPREAD = 2000;
  const WINDOW = 86_400_000;

  /** What is known of the checks. A tick asks for them only when it says that something is otherwise, or after a while. */
  class CheckLog {
    /** @param {{read: (url: string) => Promise<any>, root: string, random: () => number, later: (act: () => void, ms: number) => unknown, now: () => number, changed: () => void, asOf?: string | null}} parts `asOf` is the instant of a screen of the past */
    constructor({ read, root, random, later, now, changed, asOf = null }) {
      Object.assign(this, { read, root, random, later, now, changed, asOf });
      /** @type {any[] | null} */
      this.checks = null;
      this.seq = 0;
      this.trouble = "";
      /** @type {Map<string, {at: number, state: string}[]>} */
      this.changes = new Map();
      this.whole = false;
      this.from = 0;
      this.mark = "";
      this.readAt = -Infinity;
      this.historyAt = -Infinity;
      this.waiting = false;
      this.busy = false;
    }

    /** A snapshot has come: read again if its checks are others, or the last reading is old. @param {any} snapshot */
    follow(snapshot) {
      if (this.waiting || this.busy) return;
      const { ok, failed, waiting } = snapshot.checks;
      const mark = `${ok} ${failed} ${waiting}`;
      const age = this.now() - this.readAt;
      if (mark === this.mark && age < EVERY) return;
      this.waiting = true;
      const first = this.checks === null && !this.trouble;
      // Many open pages see the same tick: each asks at its own moment.
      const wait = first ? 0 : Math.max(0, SOON - age) + this.random() * SPREAD;
      this.later(() => {
        this.waiting = false;
        this.mark = mark;
        void this.look();
      }, wait);
    }

    async look() {
      if (this.busy) return;
      this.busy = true;
      this.readAt = this.now();
      try {
        const { checks, seq } = await this.read(`${this.root}api/pnl/checks${this.asOf ? `?${new URLSearchParams({ as_of: this.asOf })}` : ""}`);
        this.note(checks);
        this.checks = checks;
        this.seq = seq;
        this.trouble = "";
        if (this.now() - this.historyAt > HISTORY_EVERY) await this.lookBack();
      } catch (error) {
        this.trouble = error instanceof Error ? error.message : String(error);
      } finally {
        this.busy = false;
        this.changed();
      }
    }

    /** Read how the checks came out over the last day. */
    async lookBack() {
      const until = this.asOf ? Date.parse(this.asOf) : Infinity;
      const found = await this.read(`${this.root}api/pnl/checks/history${this.asOf ? `?${new URLSearchParams({ from: new Date(until - WINDOW).toISOString() })}` : ""}`);
      this.historyAt = this.now();
      this.whole = found.whole !== false;
      this.from = Date.parse(found.from) || this.now() - WINDOW;
      this.changes = new Map(found.checks.map((/** @type {any} */ one) => [northstar.checkGroups.keyOf(one), one.changes.map((/** @type {any} */ { at, state }) => ({ at: Date.parse(at), state })).filter((/** @type {{at: number}} */ { at }) => at <= until)]).filter((/** @type {[string, any[]]} */ [, changes]) => changes.length));
    }

    /**
     * How many checks match, differ and wait: of the rows that are held, so that both are of one snapshot; of the
     * newest snapshot until there are any. `behind` is that the newest counts otherwise, and is still to be read.
     * @param {{checks: {ok: number, failed: number, waiting: number}}} snapshot
     */
    counts({ checks: newest }) {
      if (!this.checks) return { ...newest, behind: false };
      const of = (/** @type {string} */ state) => /** @type {any[]} */ (this.checks).filter((check) => check.state === state).length;
      const { ok, failed, waiting } = { ok: of("ok"), failed: of("failed"), waiting: of("waiting") };
      return { ok, failed, waiting, behind: ok !== newest.ok || failed !== newest.failed || waiting !== newest.waiting };
    }

    /** Add what differs from the last reading to the history that is held. @param {any[]} checks */
    note(checks) {
      const before = new Map((this.checks ?? []).map((check) => [northstar.checkGroups.keyOf(check), check.state]));
      if (!this.checks) return;
      for (const check of checks) {
        const key = northstar.checkGroups.keyOf(check);
        if (before.get(key) === check.state) continue;
        const held = this.changes.get(key) ?? (before.has(key) ? [{ at: this.from, state: /** @type {string} */ (before.get(key)) }] : []);
        this.changes.set(key, [...held, { at: Date.parse(check.since ?? "") || this.now(), state: check.state }]);
      }
    }

    /** How a check was over the last day, oldest first. @param {any} check @returns {{at: number, state: string}[]} */
    course(check) {
      const known = this.changes.get(northstar.checkGroups.keyOf(check));
      if (known) return known;
      // What did not change is as it was all along; where the log was cut off, only since it says so itself.
      return [{ at: this.whole ? this.from : Date.parse(check.since ?? "") || this.now(), state: check.state }];
    }

    /** Since when a check is as it is, in epoch ms; null for longer than what is held. @param {any} check */
    since(check) {
      const course = this.course(check);
      let at = null;
      for (let i = course.length - 1; i >= 0 && course[i].state === check.state; i -= 1) at = i ? course[i].at : null;
      const first = course[0];
      if (at === null && first && first.at > this.from + 1000) at = first.at;
      const told = Date.parse(check.since ?? "");
      return at ?? (told && told < this.from ? told : null);
    }
  }

  northstar.CheckLog = CheckLog;
  northstar.checkWindow = WINDOW;
}
