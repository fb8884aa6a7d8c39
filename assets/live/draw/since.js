/** A quiet line for who comes back: what moved since the page was looked at last, until it is put away. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** Who was away for less has missed nothing worth a line. */
  const AWAY_MS = 60_000;
  const ASK_MS = 15_000;
  const MOST = 1000;

  /** @type {{left: any, leftAt: number, then: any, days: any[] | null, counts: {name: string, count: number}[] | null, more: boolean, askedAt: number, busy: boolean}} */
  const state = { left: null, leftAt: 0, then: null, days: null, counts: null, more: false, askedAt: -Infinity, busy: false };

  /** Begin a line from an earlier look. @param {any} then */
  const begin = (then) => void Object.assign(state, { then, days: null, counts: null, more: false, askedAt: -Infinity });

  /** The page is no longer looked at. @param {any} snapshot @param {string | null} stream @param {number} now epoch ms */
  function leave(snapshot, stream, now) {
    if (snapshot) Object.assign(state, { left: northstar.since.look(snapshot, stream), leftAt: now });
  }

  /** The page is looked at again. @param {number} now epoch ms */
  function back(now) {
    if (state.left && now - state.leftAt >= AWAY_MS) begin(state.left);
    state.left = null;
  }

  /** The page is opened again, with what the last visit ended with. @param {any} snapshot @param {string | null} stream @param {number} now epoch ms */
  function again(snapshot, stream, now) {
    if (snapshot && now - Date.parse(snapshot.as_of) >= AWAY_MS) begin(northstar.since.look(snapshot, stream));
  }

  /** @param {string} url */
  async function read(url) {
    const answer = await fetch(`${northstar.root}api/pnl/${url}`, { signal: AbortSignal.timeout(30_000) });
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    return answer.json();
  }

  /** Read the days between, once, and what came, now and then. @param {any} snapshot @param {string} zone */
  async function ask(snapshot, zone) {
    const { then } = state;
    if (state.busy || Date.now() - state.askedAt < ASK_MS) return;
    Object.assign(state, { busy: true, askedAt: Date.now() });
    try {
      const from = new Date(northstar.zone.dayStart(then.day, zone)).toISOString();
      const several = then.day !== snapshot.day && state.days === null;
      const [found, days] = await Promise.all([
        read(`records?${new URLSearchParams({ kind: "fills,settlements,revenue", from, limit: String(MOST) })}`),
        several ? read(`days?${new URLSearchParams({ from: then.day, to: snapshot.day })}`) : null,
      ]);
      if (state.then !== then) return;
      Object.assign(state, { counts: northstar.since.came(found.records, then.as_of), more: found.next !== null, ...(days ? { days: days.days } : {}) });
    } catch {
      // The amounts are known without it; the next look asks again.
    } finally {
      state.busy = false;
    }
    northstar.redraw();
  }

  /** @param {{name: string, count: number}[]} counts @param {boolean} more */
  const told = (counts, more) => counts.map(({ name, count }) => `${count.toLocaleString("en-US")}${more ? " or more" : ""} ${name}${count === 1 ? "" : "s"}`).join(", ");

  /** @param {bigint} amount cents */
  const tone = (amount) => (amount > 0n ? "gain" : amount < 0n ? "loss" : "flat");

  /** @param {any} snapshot @param {string} zone */
  function line(snapshot, zone) {
    const { el, icon } = northstar.dom;
    const { dollars } = northstar.money;
    const { then, counts } = state;
    const single = then.day === snapshot.day;
    if (!single && state.days === null) return null;
    const found = northstar.since.moved(then, snapshot, single ? [] : state.days);
    if (!found.moves.length && !counts?.length) return null;
    const rounds = northstar.ties.apart(found.total, found.moves.map((/** @type {any} */ { shown }) => shown)) || (single && found.then !== null && found.now !== null && northstar.ties.apart(found.now, [found.then, found.total]));
    const at = `${single ? "" : `${northstar.zone.dayName(then.day)}, `}${northstar.zone.hourMinute(then.as_of, zone)}`;
    return el("div.since", { "data-key": "since", role: "status" }, icon("history"),
      el("p", null,
        el("strong", null, `Since ${at}: `),
        el(`span.${tone(found.total)}`, { "data-since": "total" }, dollars(found.total, { plus: true })),
        single && found.then !== null && found.now !== null ? el("span", null, `, from ${dollars(found.then)} to ${dollars(found.now)}`) : single ? "" : el("span", null, ", with the days between"),
        // The spaces between the parts are where the line may break.
        ...found.moves.flatMap((/** @type {any} */ { id, name, shown }) => [" ", el("span.since-part", { "data-since": id }, `${name} `, el(`span.${tone(shown)}`, null, dollars(shown, { plus: true })))]),
        rounds ? [" ", el("span.since-part.quiet", { "data-since": "rounded" }, northstar.ties.ROUNDED)] : null,
        counts?.length ? " " : null, counts?.length ? el("span.since-part", { "data-since": "came" }, told(counts, state.more)) : null),
      el("button.icon-button", { type: "button", "data-action": "since-dismiss", "aria-label": "Put away what moved since the last look", title: "Put away" }, icon("x")));
  }

  northstar.panels.push({
    id: "since",
    /** @param {HTMLElement} root @param {View} view */
    draw(root, { snapshot, restored, zone, asOf }) {
      const { then } = state;
      const other = then && snapshot && (then.stream !== northstar.store.stream || then.seq > snapshot.seq);
      if (other && !restored) state.then = null;
      if (!state.then || !snapshot || restored || asOf || then.seq === snapshot.seq) return northstar.dom.grow(root, []);
      void ask(snapshot, zone);
      const made = line(snapshot, zone);
      northstar.dom.grow(root, made ? [made] : []);
    },
  });

  northstar.actions["since-dismiss"] = () => void (state.then = null);

  northstar.sinceLine = { leave, back, again, begin };
}
