/** What the open positions bring once they settle: worst, expected and best, of everything and event by event. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const NAMES = { worst_case: "Worst case", expected: "Expected", best_case: "Best case" };
  const PLACES = { worst_case: "worst", expected: "expected", best_case: "best" };
  const SHOWN = 6;
  let every = false;

  /** @param {bigint | null} amount */
  const shown = (amount) => (amount === null ? "—" : northstar.money.dollars(northstar.money.cents(amount), { plus: true }));

  /** @param {bigint | null} amount */
  const tone = (amount) => (amount === null || amount === 0n ? "flat" : amount > 0n ? "gain" : "loss");

  /** @param {string} figure @param {bigint | null} amount @param {string} name what it is, for who does not see where it stands */
  const why = (figure, amount, name) =>
    northstar.dom.el(`button.why.${tone(amount)}`, { type: "button", "data-explain": figure, "aria-haspopup": "dialog", "aria-label": `${name} ${shown(amount)}`, "data-cents": amount === null ? null : String(northstar.money.cents(amount)) }, shown(amount));

  /**
   * What an event is called: what the titles of its markets begin with, as Kalshi's "Event: outcome" does,
   * or the title of its only market.
   * @param {any} one
   */
  function titleOf(one) {
    const titles = one.stakes.map((/** @type {any} */ stake) => stake.title || stake.ticker);
    if (titles.length === 1) return titles[0];
    const [head] = titles[0].split(": ");
    return titles.every((/** @type {string} */ title) => title.startsWith(`${head}: `)) ? head : one.event;
  }

  /** How many markets, and how they may end. @param {any} one */
  function aside(one) {
    const count = one.stakes.length;
    if (one.stakes.every((/** @type {any} */ stake) => stake.decided)) return "decided, not paid yet";
    if (count === 1) return "1 market";
    return `${count} markets, ${one.exclusive ? "at most one resolves YES" : "each for itself"}`;
  }

  /** Where amounts lie on the scale of all events, in percent. @param {any[]} events */
  function scale(events) {
    const least = events.reduce((low, one) => (one.worst_case < low ? one.worst_case : low), 0n);
    const most = events.reduce((high, one) => (one.best_case > high ? one.best_case : high), 0n);
    const span = most - least || 1n;
    return (/** @type {bigint} */ amount) => Number(((amount - least) * 10_000n) / span) / 100;
  }

  /** @param {any} one @param {(amount: bigint) => number} place */
  function bar(one, place) {
    const { el } = northstar.dom;
    const zero = place(0n);
    const piece = (/** @type {string} */ hue, /** @type {number} */ from, /** @type {number} */ to) => (to > from ? el(`span.outcome-bar.outcome-${hue}`, { style: { left: `${from}%`, width: `${to - from}%` } }) : null);
    const [worst, best] = [place(one.worst_case), place(one.best_case)];
    return el("span.outcome-track", { "aria-hidden": "true" },
      piece("loss", worst, Math.min(best, zero)), piece("gain", Math.max(worst, zero), best),
      el("span.outcome-zero", { style: { left: `${zero}%` } }),
      one.expected === null ? null : el("span.outcome-expected", { style: { left: `${Math.min(100, Math.max(0, place(one.expected)))}%` } }));
  }

  /** @param {any} one @param {(amount: bigint) => number} place */
  function row(one, place) {
    const { el } = northstar.dom;
    const of = (/** @type {keyof typeof NAMES} */ name) => el(`td.num.o-${PLACES[name]}`, null, why(`event.${one.event}.${name}`, one[name], NAMES[name]));
    const title = titleOf(one);
    return el("tr", { "data-key": one.event },
      el("th.c-market", { scope: "row" }, el("span.market-title", { title }, title), el("span.ticker", { title: one.event }, `${one.event} · ${aside(one)}`)),
      of("worst_case"), el("td.o-bar", null, bar(one, place)), of("best_case"), of("expected"));
  }

  /** The widest first: where most is at stake. @param {any[]} events */
  const ordered = (events) => [...events].sort((a, b) => {
    const [x, y] = [a.best_case - a.worst_case, b.best_case - b.worst_case];
    return x < y ? 1 : x > y ? -1 : a.event < b.event ? -1 : 1;
  });

  northstar.panels.push({
    id: "outcome",
    /** @param {HTMLElement} root @param {View} view */
    draw(root, { snapshot }) {
      const body = root.querySelector(".outcome-body");
      if (!body || !snapshot) return;
      const { el, grow } = northstar.dom;
      const all = northstar.outcome.outcome(snapshot.positions);
      const events = ordered(all.events);
      grow(/** @type {Element} */ (root.querySelector(".panel-note")), [events.length ? `${events.length} ${events.length === 1 ? "event" : "events"}, gross of fees` : ""]);
      if (!events.length) return grow(body, [el("p.empty", { "data-key": "empty" }, northstar.positions.none(snapshot, "Nothing is open, so nothing is at stake."))]);
      const place = scale(events);
      const rest = events.length - SHOWN;
      grow(body, [
        el("dl.outcome-totals", { "data-key": "totals" }, ...Object.entries(NAMES).map(([name, title]) =>
          el("div", { "data-key": name }, el("dt", null, title), el("dd", { "data-outcome": name }, why(`outcome.${name}`, all[/** @type {keyof typeof NAMES} */ (name)], title))))),
        el("div.scroll", { "data-key": "table", tabindex: "0", role: "region", "aria-label": "Outcome of each event" },
          el("table.table.outcomes", { "data-explain-grid": "" },
            el("thead", null, el("tr", null, el("th.c-market", { scope: "col" }, "Event"), el("th.num.o-worst", { scope: "col" }, "Worst"), el("th.o-bar", { scope: "col" }, el("span.hidden-text", null, "From worst to best")), el("th.num.o-best", { scope: "col" }, "Best"), el("th.num.o-expected", { scope: "col" }, "Expected"))),
            el("tbody", null, ...events.slice(0, every ? events.length : SHOWN).map((one) => row(one, place))))),
        ...(rest > 0 ? [el("button.button.small.more", { "data-key": "more", type: "button", "data-action": "outcome-more", "aria-expanded": String(every), "data-rest": every ? null : `and ${rest} more` }, every ? "Show fewer" : `Show ${rest} more`)] : []),
      ]);
    },
  });

  northstar.actions["outcome-more"] = () => void (every = !every);

  northstar.outcomePanel = { titleOf, ordered };
}
