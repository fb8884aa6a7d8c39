/** The status page: read with each snapshot, and again when somebody asks. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const NAMES = { northstar: "NorthStar P&L", python: "Python", dash: "Dash", plotly: "Plotly", flask: "Flask", gunicorn: "Gunicorn", sqlalchemy: "SQLAlchemy", httpx: "HTTPX", redis: "Redis client" };
  const BREAKERS = { closed: "circle-check", open: "triangle-alert" };
  const ENDS = { adopted: "Came since the start", closed: "Left by themselves", refused: "Refused", stalled: "Took nothing, cut off", failed: "Broke off", lagged: "Fell behind, given a whole snapshot" };
  let found = /** @type {any} */ (null);
  let trouble = "";
  let busy = false;

  const root = () => document.querySelector('meta[name="pnl:root"]')?.getAttribute("content") ?? "/";

  async function look() {
    if (busy) return;
    busy = true;
    try {
      found = await northstar.explainApi.read(`${root()}api/pnl/status`);
      trouble = "";
    } catch (error) {
      trouble = error instanceof Error ? error.message : String(error);
    } finally {
      busy = false;
    }
    northstar.redraw?.();
  }

  const ticks = new northstar.EachTick(() => void look(), { random: Math.random, later: (/** @type {() => void} */ act, /** @type {number} */ ms) => setTimeout(act, ms) });

  /** @param {any} measure @param {boolean} heard whether the server still answers */
  function card(measure, heard) {
    const { el, icon } = northstar.dom;
    const { MEASURES, STATES, told, beside, limits, way, stateOf } = northstar.statusWords;
    const { title, what, none } = MEASURES[measure.name] ?? { title: measure.name, what: "", none: "" };
    const state = stateOf(measure, heard);
    const { word, icon: sign } = STATES[state];
    const on = way(measure);
    return el(`article.card.m-card.m-${state}`, { "data-key": measure.name, "data-measure": measure.name },
      el("div.m-head", null, el("h2", null, title), el("span.m-state", null, icon(sign), word)),
      el("p.m-value", null, el("strong", null, told(measure.value, measure.unit)), el("span", null, measure.value === null ? none : what)),
      on === null ? el("div.m-none") : el("div.m-way", { "aria-hidden": "true" }, el("span", { style: { width: `${on.toFixed(1)}%` } })),
      el("p.m-limits", null, limits(measure)),
      el("p.m-beside", null, beside(measure)));
  }

  /** @param {string} key @param {string} title @param {[string, any][]} rows @param {string} [note] */
  function part(key, title, rows, note = "") {
    const { el } = northstar.dom;
    return el("section.card.status-part", { "data-key": key, "data-part": key, "aria-label": title },
      el("h2", null, title),
      el("dl.facts", null, ...rows.flatMap(([name, value]) => [el("dt", null, name), el("dd", null, value)])),
      note ? el("p.status-note", null, note) : null);
  }

  /** @param {any} one */
  function breaker({ state, failures }) {
    const { el, icon } = northstar.dom;
    return el(`span.m-breaker${state === "open" ? ".loss" : ""}`, null, icon(BREAKERS[/** @type {"open"} */ (state)]), state === "open" ? `Open after ${failures === 1 ? "a failure" : `${failures.toLocaleString("en-US")} failures`}` : "Closed");
  }

  /**
   * What is known of the backups: a row a place, and one where the archive was put back from one.
   * @param {any[]} backups @param {any} restored @param {(at: string) => string} age @returns {[string, string][]}
   */
  function backedUp(backups, restored, age) {
    /** @type {[string, string][]} */
    const rows = backups.map(({ place, verified_at, sent_at, trouble }) => {
      const copy = verified_at ? `Whole copy proved ${age(verified_at)} ago` : "No whole copy yet";
      const sent = sent_at ? `, sent all ${age(sent_at)} ago` : "";
      return [place.startsWith("s3://") ? "Backups, bucket" : "Backups, folder", `${copy}${sent}. In ${place}${trouble ? `. ${trouble}` : ""}`];
    });
    if (!rows.length) rows.push(["Backups", "None are made: set PNL_BACKUP_FOLDER or PNL_BACKUP_BUCKET"]);
    if (restored) rows.push(["Restored", `${age(restored.at)} ago, from a backup that ended with snapshot ${restored.seq.toLocaleString("en-US")}${restored.trouble ? `. ${restored.trouble}` : ""}`]);
    return rows;
  }

  /** @param {any} status @param {View} view */
  function parts({ cache, breakers, store, backups, restored, clients, process, versions }, view) {
    const { age } = northstar.zone;
    const { size } = northstar.exportChoice;
    const count = (/** @type {number} */ n) => n.toLocaleString("en-US");
    const answers = (/** @type {number} */ n) => `${count(n)} ${n === 1 ? "answer" : "answers"}`;
    const redis = { ok: "Answers", down: "Does not answer; this process keeps answers alone", off: "Not used" }[/** @type {"ok"} */ (cache.redis)];
    return [
      part("caches", "Caches", [["This process", answers(cache.layers.l1)], ["Redis", answers(cache.layers.l2)], ["Made anew", answers(cache.layers.l3)], ["Redis itself", redis]]),
      part("breakers", "Breakers", breakers.length ? breakers.map((/** @type {any} */ one) => [northstar.sourceWords.words(one.name).title, breaker(one)]) : [["Sources", "None is read"]], "One that is open rests between attempts, the longer the more often it failed."),
      part("store", "Archive", [["Database", store.database], ["Size", size(store.bytes)], ["Snapshots", count(store.snapshots)], ["Records", count(store.records)], ...backedUp(backups, restored, (/** @type {string} */ at) => age(Math.max(0, view.now - Date.parse(at))))]),
      part("clients", "Connections", [["Open now", count(clients.clients)], ["Of these, in panels", count(clients.embedded)], ...Object.entries(ENDS).filter(([name]) => name in clients).map(([name, said]) => /** @type {[string, string]} */ ([said, count(clients[name])]))]),
      part("process", "Process", [["Part", process.role === "all" ? "Ticks and serves pages" : "Serves pages"], ["Makes the ticks", process.leads ? "Yes" : "No, another process does"], ["Began", `${age(Math.max(0, view.now - Date.parse(process.began)))} ago`], ["Memory", size(process.memory)]]),
      part("versions", "Versions", Object.entries(versions).map(([name, version]) => [NAMES[/** @type {"dash"} */ (name)] ?? name, version])),
    ];
  }

  (northstar.panels ??= []).push({
    id: "status-measures",
    everySecond: true,
    /** @param {HTMLElement} place @param {View} view */
    draw(place, view) {
      if (!view.snapshot) return;
      const { el, icon, grow } = northstar.dom;
      if (!view.restored) ticks.follow(view.snapshot);
      if (!found) {
        return grow(place, trouble
          ? [el("div.explain-trouble", { "data-key": "trouble", role: "alert" }, icon("circle-alert"), el("p", null, `How the server does could not be read. ${trouble}`), el("button.button.small", { type: "button", "data-action": "status-again" }, "Try again"))]
          : [el("p.empty", { "data-key": "empty" }, "Measuring…")]);
      }
      const old = view.troubled || trouble;
      grow(place, [
        old ? el("p.reconcile-note", { "data-key": "old", role: "status" }, `This is how the server did ${northstar.zone.age(Math.max(0, view.now - Date.parse(found.at)))} ago. ${trouble}`) : null,
        ...found.measures.map((/** @type {any} */ measure) => card(measure, !old)),
      ].filter((each) => each !== null));
    },
  });

  northstar.panels.push({
    id: "status-parts",
    everySecond: true,
    /** @param {HTMLElement} place @param {View} view */
    draw(place, view) {
      if (found) northstar.dom.grow(place, parts(found, view));
    },
  });

  northstar.panels.push({
    id: "status-said",
    everySecond: true,
    /** @param {HTMLElement} place @param {View} view */
    draw(place, view) {
      if (!found || view.troubled || trouble) return northstar.dom.grow(place, []);
      const { el, icon } = northstar.dom;
      const { worst, text } = northstar.statusWords.summed(found.measures);
      northstar.dom.grow(place, [el(`span.status-said.s-${worst}`, { "data-key": "said" }, icon(northstar.statusWords.STATES[worst].icon), text)]);
    },
  });

  northstar.actions["status-again"] = () => void look();
}
