/** The sources page: a card a source, and what went wrong in the last seven days. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const MOST = 50;
  let list = /** @type {any} */ (null);

  const root = () => document.querySelector('meta[name="pnl:root"]')?.getAttribute("content") ?? "/";

  /** @param {string} url */
  async function send(url) {
    let answer;
    try {
      answer = await fetch(url, { method: "POST" });
    } catch {
      throw new Error("The server cannot be reached. Try again.");
    }
    const found = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(found.detail ?? `The server answered ${answer.status}.`);
    return found;
  }

  northstar.newSourceList = () =>
    new northstar.SourceList({
      read: northstar.explainApi.read, send, root: root(), random: Math.random, later: (/** @type {() => void} */ act, /** @type {number} */ ms) => setTimeout(act, ms), now: Date.now, changed: () => northstar.redraw?.(),
    });

  const sources = () => (list ??= northstar.newSourceList());

  /** @param {any} episode @param {number} i @param {View} view */
  function line(episode, i, view) {
    const { el, icon } = northstar.dom;
    const { age } = northstar.zone;
    const name = northstar.chips.nameOf(episode.group);
    const lasted = age((episode.to ?? view.now) - episode.from);
    return el(`li${episode.to === null ? ".s-now" : ""}`, { "data-key": `${episode.group} ${episode.from} ${i}` },
      el("time", { datetime: new Date(episode.from).toISOString() }, northstar.sourceCard.when(new Date(episode.from).toISOString(), view)),
      el("span.s-who", null, icon(episode.to === null ? "triangle-alert" : "circle-check"), name),
      el("span.s-lasted", null, episode.to === null ? `for ${lasted} now` : `for ${lasted}`),
      el("span.s-error", null, episode.error));
  }

  (northstar.panels ??= []).push({
    id: "sources",
    everySecond: true,
    /** @param {HTMLElement} place @param {View} view */
    draw(place, view) {
      if (!view.snapshot) return;
      const { el, icon, grow } = northstar.dom;
      const found = sources();
      if (!view.restored) found.follow(view.snapshot);
      if (!found.rows) {
        return grow(place, found.trouble
          ? [el("div.explain-trouble", { "data-key": "trouble", role: "alert" }, icon("circle-alert"), el("p", null, `The sources could not be read. ${found.trouble}`), el("button.button.small", { type: "button", "data-action": "sources-again" }, "Try again"))]
          : [el("p.empty", { "data-key": "empty" }, "Reading how the sources do…")]);
      }
      found.conclude(view);
      grow(place, [
        found.trouble ? el("p.reconcile-note", { "data-key": "old", role: "status" }, `How the sources do could not be read anew: this is how they did. ${found.trouble}`) : null,
        ...found.rows.map((/** @type {any} */ row) => northstar.sourceCard.card(row, { wish: found.wishes.get(row.name), result: found.results.get(row.name) }, view)),
      ].filter((part) => part !== null));
    },
  });

  northstar.panels.push({
    id: "source-past",
    everySecond: true,
    /** @param {HTMLElement} place @param {View} view */
    draw(place, view) {
      const { el, grow } = northstar.dom;
      const { episodes, pastTrouble } = sources();
      const body = /** @type {Element} */ (place.querySelector(".s-past"));
      if (!episodes) return grow(body, [el("p.empty", { "data-key": "empty" }, pastTrouble ? `What went wrong could not be read. ${pastTrouble}` : "Reading the last seven days…")]);
      if (!episodes.length) return grow(body, [el("p.empty", { "data-key": "none" }, "Nothing went wrong in the last seven days.")]);
      grow(body, [
        el("ol.s-episodes", { "data-key": "episodes" }, ...episodes.slice(0, MOST).map((/** @type {any} */ one, /** @type {number} */ i) => line(one, i, view))),
        episodes.length > MOST ? el("p.quiet.s-more", { "data-key": "more" }, `and ${(episodes.length - MOST).toLocaleString("en-US")} more`) : null,
      ].filter((part) => part !== null));
    },
  });

  northstar.actions["source-retry"] = (/** @type {HTMLElement} */ element) => void sources().retry(element.dataset.source ?? "");
  northstar.actions["sources-again"] = () => void sources().look();
}
