/**
 * A screen of the past: with `?as_of=` in its address the live page, or the reconcile page, shows what it showed at that instant,
 * and nothing on it moves. It stands where the live feed otherwise does.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const ANSWER_MS = 30_000;

  /**
   * The instant that an address asks for; null when it is the page as it is now.
   * @param {{pathname: string, search: string}} address @param {string} root
   */
  const asked = ({ pathname, search }, root) => ([root, `${root}reconcile`].includes(pathname) ? new URLSearchParams(search).get("as_of") || null : null);

  class Then {
    /** @param {{asOf: string, url: string, store: any, fetch: Fetch, changed: () => void, now: () => number}} parts */
    constructor({ asOf, url, store, fetch, changed, now }) {
      this.asOf = asOf;
      this.url = url;
      this.store = store;
      this.fetch = fetch;
      this.changed = changed;
      this.now = now;
      this.since = now();
      /** @type {number | null} */
      this.heardAt = null;
      /** @type {string | null} why there is nothing to show */
      this.trouble = null;
      this.busy = false;
    }

    /** @returns {Connection} */
    get connection() {
      return { kind: "past", broken: this.trouble !== null, since: this.since, attempt: 0, nextAt: null, heardAt: this.heardAt, roundTrip: null, ahead: 0, reason: this.trouble };
    }

    start() {
      void this.read();
    }

    retry() {
      void this.read();
    }

    /** The past does not move: nothing wakes it, and nothing is overdue. */
    tick() {}
    seen() {}
    wake() {}
    doubt() {}

    async read() {
      if (this.busy) return;
      this.busy = true;
      try {
        const answer = await this.fetch(`${this.url}?${new URLSearchParams({ as_of: this.asOf })}`, { signal: AbortSignal.timeout(ANSWER_MS) });
        const body = await answer.json().catch(() => null);
        if (!answer.ok) throw new Error(body?.detail ?? `the server answered ${answer.status}`);
        this.trouble = null;
        this.heardAt = this.now();
        this.store.show(body);
      } catch (error) {
        this.trouble = error instanceof Error ? error.message : String(error);
      } finally {
        this.busy = false;
      }
      this.changed();
    }
  }

  /**
   * The instant of a wall clock in a zone, RFC 3339 in UTC; of two, the first.
   * @param {string} wall `2026-11-20T14:32:10`, seconds may be left out @param {string} zone
   */
  const instantOf = (wall, zone) => new Date(northstar.zone.ofWall(Date.parse(`${wall}Z`), zone)).toISOString().replace(".000Z", "Z");

  /** What a form's `datetime-local` shows of an instant. @param {number} at epoch ms @param {string} zone */
  const wallOf = (at, zone) => new Date(Math.floor(northstar.zone.wall(at, zone) / 1000) * 1000).toISOString().slice(0, 19);

  /** @param {HTMLElement} anchor @param {View} view */
  function ask(anchor, view) {
    const { el } = northstar.dom;
    const shown = view.snapshot ? Date.parse(view.snapshot.as_of) : view.now;
    const input = /** @type {HTMLInputElement} */ (el("input.input", { id: "as-of-at", type: "datetime-local", step: "1", required: "", value: wallOf(shown, view.zone), max: wallOf(Date.now(), view.zone) }));
    const form = el("form.as-of", { id: "as-of-form" },
      el("h2", null, "As it was"), el("p.quiet", null, "The page as it was shown at an instant, from what was known then."),
      el("label", { for: "as-of-at" }, `Instant, ${northstar.zone.name(shown, view.zone)}`), input,
      el("button.button", { type: "submit" }, "Show"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      location.assign(`${northstar.root}?${new URLSearchParams({ as_of: instantOf(input.value, view.zone) })}`);
    });
    northstar.overlay.popover(anchor, [form]);
  }

  (northstar.actions ??= {})["as-of"] = ask;

  northstar.then = { Then, asked, instantOf, wallOf };
}
