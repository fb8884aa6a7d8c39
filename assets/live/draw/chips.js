/** A chip a source: shape, colour and age say how fresh it is; the reason is one press away. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const NAMES = { kalshi: "Kalshi", anthropic: "Anthropic", revenue: "Revenue", "revenue.stripe": "Stripe", "revenue.feed": "Revenue feed", "revenue.csv": "Revenue file", manual: "Entered by hand" };
  /** @type {Record<string, number>} */
  const LIMITS = { kalshi: 30, anthropic: 900, revenue: 108_000 };
  /** @param {string} id @param {View} view */
  const limitOf = (id, view) => view.staleSeconds?.[id] ?? LIMITS[id] ?? 900;
  const SETTINGS = {
    kalshi: "PNL_KALSHI_KEY_ID and PNL_KALSHI_PRIVATE_KEY",
    anthropic: "PNL_ANTHROPIC_ADMIN_KEY",
    revenue: "PNL_REVENUE_URL, PNL_REVENUE_CSV or PNL_STRIPE_KEY",
  };
  const STATES = {
    fresh: "Live: the last reading is in time.",
    late: "Late: the last reading is older than it should be.",
    stale: "Stale: older than its limit.",
    unknown: "Unknown.",
    paused: "Paused: how old the figure on the page is, not how the source does.",
    down: "Down: it has never answered.",
    off: "Off: not configured.",
  };

  /** @param {string} id */
  const nameOf = (id) => NAMES[/** @type {keyof typeof NAMES} */ (id)] ?? id.charAt(0).toUpperCase() + id.slice(1).replace(/[._]/g, " ");

  /**
   * How often a source is read, in ms, by when it is asked next; null where that is not told, or not as usual.
   * @param {{status: string, as_of: string | null, next_attempt?: string | null}} source @param {number} everySeconds
   */
  function cadence({ status, as_of: read, next_attempt: next }, everySeconds) {
    if (status !== "live" || !read || !next) return null;
    return Math.max(everySeconds * 1000, Date.parse(next) - Date.parse(read));
  }

  /**
   * How fresh a source is that answered once, from its own status and its age: late from twice its cadence on, or from
   * half of its limit where that is not known; stale from its limit on. While the page asks only now and then, its
   * figures are older by that.
   * @param {{status: string, as_of: string | null, next_attempt?: string | null}} source @param {number} limit in ms
   * @param {{now: number, everySeconds?: number, askedEvery?: number}} view
   * @returns {"fresh" | "late" | "stale"}
   */
  function aged(source, limit, { now, everySeconds = 10, askedEvery = 0 }) {
    const age = now - Date.parse(source.as_of ?? "") - askedEvery;
    if (source.status === "stale" || age > limit) return "stale";
    return source.status === "cached" || age > late(cadence(source, everySeconds), limit) ? "late" : "fresh";
  }

  /**
   * How a source does, from its own word, or else its age. While the page is paused its figures grow old by
   * themselves, which says nothing of the source.
   * @param {string} id @param {{status: string, as_of: string | null, next_attempt?: string | null}} source @param {View} view
   * @returns {keyof typeof STATES}
   */
  function freshness(id, source, view) {
    if (source.status === "off" || source.status === "down") return source.status;
    if (view.troubled || source.as_of === null) return "unknown";
    return view.paused ? "paused" : aged(source, limitOf(id, view) * 1000, view);
  }

  /** From what age on a source is late: twice its cadence, where that is known and before its limit. @param {number | null} cadence_ ms @param {number} limit ms */
  const late = (cadence_, limit) => (cadence_ === null || 2 * cadence_ >= limit ? limit / 2 : 2 * cadence_);

  /** From what age on it is called stale, in words. @param {number} ms its limit @param {View} view */
  const staleAfter = (ms, { askedEvery }) => `${northstar.zone.age(ms)}${askedEvery ? `, and ${northstar.zone.age(askedEvery)} more while this page polls` : ""}`;

  /**
   * When a source is read next, in words. What is due is read with the next tick; where the page asks only now and
   * then, that tick was made meanwhile, and the page does not know yet what came of it.
   * @param {string | null} next @param {View} view @param {(at: string, view: View) => string} when
   */
  function nextTry(next, view, when) {
    const { now, zone, everySeconds, askedEvery, paused, connection } = view;
    const overdue = next ? now - Date.parse(next) : 0;
    if (next && overdue < 0) return when(next, view);
    if (!askedEvery || paused || overdue > askedEvery + everySeconds * 1000) return "with the next tick";
    const at = connection.nextAt === null ? now : connection.nextAt + connection.ahead;
    return `with a tick meanwhile; this page asks ${at > now ? `at ${northstar.zone.clock(at, zone)}` : "now"}`;
  }

  /** @param {string} id @param {any} source @param {View} view */
  function chip(id, source, view) {
    const { el } = northstar.dom;
    const state = freshness(id, source, view);
    const aged = source.as_of && ["fresh", "late", "stale", "paused"].includes(state);
    return el(`button.chip.chip-${state}`, { type: "button", id: `chip-${id}`, "data-key": id, "data-action": "source", "data-source": id, title: source.error ?? STATES[state] },
      el("span.chip-shape", { "aria-hidden": "true" }),
      el("span.chip-name", null, nameOf(id)),
      state === "stale" ? el("span.chip-word", null, "stale") : null,
      aged ? el("span.chip-age", { "data-age-of": source.as_of }, northstar.zone.since(view.now - Date.parse(source.as_of)))
        : el("span.chip-age", null, state));
  }

  /** @param {{ok: number, failed: number, waiting: number}} checks @param {boolean} troubled */
  function verdict(checks, troubled) {
    if (troubled) return { state: "unknown", word: "Reconciled", count: "unknown" };
    if (checks.failed) return { state: "stale", word: "Reconcile", count: `${checks.failed} failed` };
    if (checks.ok === 0) return { state: "unknown", word: "Reconcile", count: checks.waiting ? `${checks.waiting} waiting` : "no checks yet" };
    return { state: "fresh", word: "Reconciled", count: checks.waiting ? `${checks.ok} ok · ${checks.waiting} waiting` : `${checks.ok} of ${checks.ok}` };
  }

  northstar.panels.push({
    id: "chips",
    everySecond: true,
    /** @param {HTMLElement} root @param {View} view */
    draw(root, view) {
      if (!view.snapshot) return;
      const { el, grow } = northstar.dom;
      const { state, word, count } = verdict(view.snapshot.checks, view.troubled);
      grow(root, [
        ...Object.entries(view.snapshot.sources).map(([id, source]) => chip(id, source, view)),
        el(`button.chip.chip-${state}`, { type: "button", id: "chip-checks", "data-key": "checks", "data-action": "checks", title: "Show every check" },
          el("span.chip-shape", { "aria-hidden": "true" }), el("span.chip-name", null, word), el("span.chip-age", null, count)),
      ]);
    },
  });

  /**
   * What there is to know of a source, by name.
   * @param {string} id @param {Source} source @param {View} view
   * @returns {[string, string][]}
   */
  function facts(id, source, view) {
    const { age, clock } = northstar.zone;
    /** @type {[string, string | null][]} */
    const rows = [
      ["State", STATES[freshness(id, source, view)]],
      ["Last good", source.as_of ? `${clock(source.as_of, view.zone)}, ${age(view.now - Date.parse(source.as_of))} ago` : "never"],
      ["Read", cadence(source, view.everySeconds) ? `every ${age(cadence(source, view.everySeconds))}` : null],
      ["Next try", source.next_attempt ? nextTry(source.next_attempt, view, (at) => clock(at, view.zone)) : null],
      ["Stale after", staleAfter(limitOf(id, view) * 1000, view)],
      ["Complete through", source.complete_through ? northstar.zone.dayName(source.complete_through) : null],
      ["To connect it", source.status === "off" ? `set ${SETTINGS[/** @type {keyof typeof SETTINGS} */ (id)] ?? "it up"}` : null],
      ["Last error", source.error],
    ];
    return /** @type {[string, string][]} */ (rows.filter(([, value]) => value));
  }

  northstar.actions.source = (/** @type {HTMLElement} */ element, /** @type {View} */ view) => {
    const { el } = northstar.dom;
    const id = element.dataset.source ?? "";
    const source = view.snapshot?.sources[id];
    if (!source) return;
    northstar.overlay.popover(element, [el("h2", null, nameOf(id)), el("dl.facts", null, ...facts(id, source, view).flatMap(([name, value]) => [el("dt", null, name), el("dd", null, value)]))]);
  };

  northstar.chips = { freshness, aged, verdict, nameOf, cadence, facts, staleAfter, nextTry };
}
