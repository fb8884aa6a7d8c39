/**
 * The drawer that answers "why this number?": any element with `data-explain` opens it, and so does an
 * address that ends in `?explain=…`. It explains what was shown when it was opened, and says when that
 * is another amount by now.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** @type {any} what is explained now; null while the drawer is shut */
  let shown = null;
  /** @type {HTMLElement | null} */
  let opener = null;
  /** How long after it was asked whether a figure of days has changed it is asked again. */
  const AGAIN_MS = 30_000;
  /** Whether closing goes back in the history of the browser, to before the drawer was opened. */
  let pushed = false;
  let listening = false;
  /** Whether the step back that comes next is our own. */
  let returning = false;
  /** @type {(() => void) | null} what is explained once the browser is back */
  let waiting = null;

  const { AUTO, MOST, nodeOf, told, open, openWay, gather } = northstar.explainReading;
  const { question, when, csv, knownAt, rounded, marketOf, isPlain } = northstar.explainWords;

  const zoneName = () => document.querySelector('meta[name="pnl:zone"]')?.getAttribute("content") || "UTC";

  /** @returns {HTMLDialogElement} */
  function dialog() {
    const known = /** @type {HTMLDialogElement | null} */ (document.getElementById("explain"));
    if (known) return known;
    const { el, icon } = northstar.dom;
    const made = /** @type {HTMLDialogElement} */ (el("dialog.drawer", { id: "explain", "aria-labelledby": "explain-title" },
      el("div.drawer-head", null, el("h2", { id: "explain-title", tabindex: "-1" }), el("button.icon-button", { type: "button", "aria-label": "Close", title: "Close (Esc)", "data-explain-close": "" }, icon("x"))),
      el("div.drawer-body", { id: "explain-body" })));
    made.addEventListener("close", closed);
    made.addEventListener("click", (event) => {
      if (event.target === made) made.close();
    });
    (document.getElementById("overlays") ?? document.body).append(made);
    return made;
  }

  function draw() {
    if (!shown) return;
    const { el, icon, grow } = northstar.dom;
    const body = /** @type {HTMLElement} */ (document.getElementById("explain-body"));
    grow(/** @type {Element} */ (document.getElementById("explain-title")), [question(shown)]);
    const { root: tree, answer } = shown;
    if (shown.worked) return grow(body, northstar.worked.body(shown.worked));
    if (shown.trouble) return grow(body, [northstar.explainDraw.trouble(shown.trouble, "~root")]);
    if (!tree) {
      return grow(body, [el("div.explain-wait", { "data-key": "wait", role: "status" }, el("p.quiet", null, "Reading the sum behind it…"), ...[70, 100, 86, 92].map((width) => el("span.explain-line", { "aria-hidden": "true", style: { width: `${width}%` } })))]);
    }
    const sheet = csv(shown);
    const market = marketOf(shown);
    grow(body, [
      shown.newer ? el("div.explain-newer", { "data-key": "newer", role: "status" }, el("span", null, "It has changed since: ", el("strong", null, shown.newer.text), "."), el("button.button.small", { type: "button", "data-explain-newer": "" }, "Show the newer")) : null,
      market ? el("p.explain-market", { "data-key": "market" }, shown.titles.get(market) ?? null, el("span.ticker", null, market)) : null,
      el(shown.local ? "p.explain-text.explain-alone" : "p.explain-text", { "data-key": "text" }, answer.text),
      shown.local ? null : el("p.explain-when", { "data-key": "when" }, when(shown)),
      tree.note ? el("p.explain-note", { "data-key": "note" }, icon("info"), `${tree.note.charAt(0).toUpperCase()}${tree.note.slice(1)}.`) : null,
      northstar.explainDraw.box(tree, shown),
      shown.local ? null : northstar.explainDraw.contributions(tree, shown),
      northstar.explainDraw.checks(answer.checks, shown),
      el("div.explain-buttons", { "data-key": "buttons" },
        sheet ? el("a.button", { href: sheet.url, download: "", "data-export": "" }, icon("download"), `${sheet.title} as CSV`) : shown.known?.trouble ? el("p.quiet", { role: "alert" }, `There is no CSV: ${shown.known.trouble}`) : null,
        shown.local ? null : el("button.button", { type: "button", "data-explain-link": "" }, icon(shown.copied ? "check" : "link"), shown.copied ? "Copied" : "Copy link")),
    ].filter((part) => part !== null));
  }

  /** Read the root, and open the way down to the node that the place names. @param {any} state */
  async function begin(state) {
    state.trouble = "";
    try {
      const answer = await northstar.explainApi.explain(state.place, "", state.stop.signal);
      if (shown !== state) return;
      state.answer = answer;
      state.root = nodeOf(answer);
      state.title = answer.title;
      // A figure is pinned to what it was when it was opened, so that a link tells the same.
      if ((!state.place.at || state.place.day) && answer.at?.seq) {
        const { figure, node } = state.place;
        state.fixed = Boolean(state.place.day);
        state.asNow = northstar.place.asNow({ ...state.place, at: String(answer.at.seq) });
        state.place = { figure, at: String(answer.at.seq), ...(node ? { node } : {}) };
      }
      remember();
      draw();
      void learnSnapshot(state);
      compare();
      void compareDays();
      if (state.place.node) await openWay(state, state.place.node);
      await gather(state, AUTO);
    } catch (error) {
      if (shown !== state || state.stop.signal.aborted) return;
      state.trouble = told(error);
      draw();
    }
  }

  /** Look up the snapshot that an explanation is as known at: what is exported is no more than that. @param {any} state */
  async function learnSnapshot(state) {
    const at = knownAt(state);
    if (!at) return;
    try {
      const { seq } = await northstar.explainApi.snapshotAt(at, state.stop.signal);
      state.known = { seq };
    } catch (error) {
      if (state.stop.signal.aborted) return;
      state.known = { seq: null, trouble: told(error) };
    }
    if (shown === state) draw();
  }

  /** Say so when the page shows another amount by now. */
  function compare() {
    const snapshot = northstar.store?.snapshot;
    if (!shown?.root || !snapshot || northstar.store.restored || shown.place.asOf || !shown.place.at || shown.fixed) return;
    const amount = northstar.place.shownIn(snapshot, shown.place.figure);
    const news = amount !== undefined && amount !== null && snapshot.seq > Number(shown.place.at) && (shown.root.unit ?? "usd") === "usd"
      && (shown.root.amount === null || northstar.money.nearestNano(amount) !== northstar.money.nearestNano(shown.root.amount));
    const text = news ? rounded(amount, !isPlain(shown.title)) : "";
    if ((shown.newer?.text ?? "") === text) return;
    shown.newer = news ? { text, seq: snapshot.seq } : null;
    draw();
  }

  /** Say so when a figure of days that is told as it was known before is another one as known now. */
  async function compareDays() {
    const state = shown;
    const now = state && (state.asNow ?? northstar.place.asNow(state.place));
    if (!now || !state.root || Date.now() - state.asked < AGAIN_MS || new URL(location.href).searchParams.has("as_of")) return;
    state.asked = Date.now();
    try {
      const { amount, unit } = await northstar.explainApi.explain(now, "", state.stop.signal);
      if (shown !== state || amount === null || unit !== state.root.unit) return;
      const text = amount === state.root.amount ? "" : unit === "days" ? `${amount} days` : rounded(amount, !isPlain(state.title));
      if ((state.newer?.text ?? "") === text) return;
      state.newer = text ? { text, place: now } : null;
      draw();
    } catch {
      // What is shown is right as of its time; whether it has changed is asked again with a later snapshot.
      state.asked = -Infinity;
    }
  }

  function remember() {
    if (shown && !shown.local) history.replaceState(history.state, "", northstar.place.addressed(location.href, shown.place));
  }

  /**
   * What is kept of an explanation that is open.
   * @param {any} place @param {{title?: string, text?: string}} how
   */
  function begun(place, { title = "", text = "" }) {
    const positions = northstar.store?.snapshot?.positions ?? [];
    return {
      place, text, title: title || place.figure.split(".").at(-1).replace(/^trading_/, "").replace(/_/g, " "), zone: zoneName(), now: Date.now(), answer: null, root: null, trouble: "", local: false,
      hue: northstar.explainDraw.hueOf(place.figure), open: new Set(), openRows: new Set(), bodies: new Map(), rows: northstar.explainDraw.SHOWN, gathering: false, gatherTrouble: "", newer: null, fixed: false, asNow: null, known: null, asked: -Infinity, copied: false,
      titles: new Map(positions.map((/** @type {any} */ row) => [row.ticker, row.title || row.ticker])), stop: new AbortController(), draw,
      isShown() {
        return shown === this;
      },
    };
  }

  function show() {
    const box = dialog();
    draw();
    if (!box.open) box.showModal();
    /** @type {HTMLElement} */ (document.getElementById("explain-body")).scrollTop = 0;
    document.getElementById("explain-title")?.focus();
  }

  /**
   * Show records as they are: one whole, several with their sum.
   * @param {any[]} nodes of rule `record` @param {{title: string, text: string, figure: string, amount: string | null, from?: HTMLElement | null}} how
   */
  function records(nodes, { title, text, figure, amount, from = null }) {
    shown?.stop.abort();
    opener = from;
    const day = nodes[0].record.at ? new Date(northstar.zone.wall(Date.parse(nodes[0].record.at), zoneName())).toISOString().slice(0, 10) : undefined;
    const root = nodes.length === 1 ? nodes[0] : { node: "", title, amount, rule: "sum", unit: "usd", count: nodes.length, children: nodes };
    shown = { ...begun({ figure, day }, { title }), local: true, root, answer: { text, at: {} } };
    show();
  }

  /** Show how a figure of the page is worked out of others. @param {any} told see worked.js @param {HTMLElement} from */
  function worked(told, from) {
    shown?.stop.abort();
    opener = from;
    shown = { ...begun({ figure: "worked" }, { title: told.title }), local: true, worked: told };
    show();
  }

  /**
   * Explain a figure.
   * @param {any} place see place.js @param {{title?: string, text?: string, push?: boolean, from?: HTMLElement | null}} [how]
   */
  function explain(place, { title = "", text = "", push = true, from = null } = {}) {
    // The browser is still on its way back from the last one: what is pushed now would be taken away again.
    if (push && returning) return void (waiting = () => explain(place, { title, text, push, from }));
    shown?.stop.abort();
    // What is opened from within the drawer gives the focus back to the figure that the drawer was opened from.
    opener = from && !from.closest("#explain") ? from : opener;
    shown = begun(place, { title, text });
    if (!listening && northstar.store) {
      northstar.store.subscribe(() => {
        compare();
        void compareDays();
      });
      listening = true;
    }
    if (push) {
      history.pushState({ ...history.state, explained: true }, "", northstar.place.addressed(location.href, place));
      pushed = true;
    }
    show();
    void begin(shown);
  }

  /** The figure that the drawer was opened from; where the page was drawn anew meanwhile, the one in its place. @param {string} figure @returns {HTMLElement | undefined} */
  function returnTo(figure) {
    if (opener?.isConnected) return opener;
    const name = opener?.dataset.explain ?? figure;
    const same = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(`button[data-explain="${CSS.escape(name)}"]`)]);
    return same.find((one) => one.dataset.explainAt === opener?.dataset.explainAt) ?? same[0];
  }

  /** Give the page back its address and its focus. */
  function closed() {
    if (!shown) return;
    shown.stop.abort();
    const { local, place: { figure } } = shown;
    shown = null;
    if (pushed) {
      returning = true;
      history.back();
    } else if (!local) history.replaceState(history.state, "", northstar.place.addressed(location.href, null));
    pushed = false;
    returnTo(figure)?.focus();
    opener = null;
  }

  /** Explain what an element shows. @param {HTMLElement} element @param {HTMLElement} [focus] what takes the focus back */
  function explainElement(element, focus = element) {
    const figure = element.dataset.explain ?? "";
    const place = northstar.place.placed(figure, element.dataset.explainAt ?? "");
    const seq = /** @type {HTMLElement | null} */ (element.closest("[data-seq]"))?.dataset.seq;
    const asOf = new URL(location.href).searchParams.get("as_of");
    // A snapshot is what it was; of all else, a page that shows what was known then explains what was known then.
    if (asOf && !place.at && !northstar.place.ofInstants(place)) place.asOf ??= asOf;
    // A check is told as it stands: of a snapshot that has been overtaken only what changed of it is kept.
    if (!place.at && !place.day && !place.from && !place.asOf && seq && !figure.startsWith("check.")) place.at = seq;
    explain(place, { title: element.dataset.explainTitle ?? "", text: element.dataset.explainText ?? "", from: focus });
  }

  /** @param {string} path */
  async function toggle(path) {
    const state = shown;
    const node = northstar.tree.find(state.root, path);
    if (!node) return;
    const closing = state.open.delete(path);
    if (!closing) state.open.add(path);
    const { node: _gone, ...place } = state.place;
    state.place = closing ? place : { ...place, node: path };
    remember();
    draw();
    if (closing) return;
    await open(state, node).catch(() => undefined);
    if (shown === state) draw();
  }

  /** @param {string} path */
  async function body(path) {
    const state = shown;
    const node = northstar.tree.find(state.root, path);
    if (!node?.record) return;
    state.bodies.set(path, { state: "reading", text: "" });
    draw();
    try {
      const raw = node.record.raw ?? (await northstar.explainApi.body(node.record, state.stop.signal));
      state.bodies.set(path, raw === null ? { state: "failed", text: "Its source's own body is not kept." } : { state: "read", text: typeof raw === "string" ? raw : JSON.stringify(raw, null, 2) });
    } catch (error) {
      if (state.stop.signal.aborted) return;
      state.bodies.set(path, { state: "failed", text: told(error) });
    }
    if (shown === state) draw();
  }

  async function copy() {
    const state = shown;
    await northstar.copyText(northstar.historyPage.link().href);
    if (shown !== state) return;
    state.copied = true;
    draw();
    setTimeout(() => {
      state.copied = false;
      if (shown === state) draw();
    }, 2000);
  }

  /** Copy a text, also where the page is not served over a secure connection. @param {string} text */
  northstar.copyText = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = northstar.dom.el("textarea.hidden-text", { readonly: true });
      area.value = text;
      (document.querySelector("dialog[open]") ?? document.body).append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    northstar.announce("Copied.");
  };

  /** @param {HTMLElement} pressed */
  async function act(pressed) {
    const { explainNode, explainRow, explainBody, explainAgain, explainMore } = pressed.dataset;
    if (explainNode !== undefined) return toggle(explainNode);
    if (explainBody !== undefined) return body(explainBody);
    if (explainMore !== undefined || (explainAgain !== undefined && explainAgain !== "~root" && explainAgain !== "")) {
      const node = northstar.tree.find(shown.root, explainMore ?? explainAgain ?? "");
      const state = shown;
      if (!node) return;
      node.state = undefined;
      draw();
      await open(state, node, explainMore === undefined ? undefined : node.next).catch(() => undefined);
      return draw();
    }
    if (explainAgain === "~root") {
      shown.trouble = "";
      draw();
      return begin(shown);
    }
    if (pressed.dataset.explainGather !== undefined || explainAgain === "") {
      shown.gathering = true;
      draw();
      return gather(shown, MOST);
    }
    if (explainRow !== undefined && !shown.openRows.delete(explainRow)) shown.openRows.add(explainRow);
    if (pressed.dataset.explainRows !== undefined) shown.rows += northstar.explainDraw.SHOWN;
    if (pressed.dataset.explainLink !== undefined) return copy();
    if (pressed.dataset.explainClose !== undefined) return dialog().close();
    if (pressed.dataset.explainNewer !== undefined) {
      const { node: _gone, ...place } = shown.place;
      return explain(shown.newer.place ?? { ...place, at: String(northstar.store.snapshot.seq) }, { title: shown.title, text: shown.newer.text, push: false });
    }
    draw();
  }

  const PRESSED = ["node", "row", "body", "again", "more", "gather", "rows", "link", "close", "newer"].map((name) => `[data-explain-${name}]`).join(",");
  const BUSY = "a, button, input, select, textarea, label, [data-action]";

  /** The element whose figure was meant; nothing when something else inside it was pressed. @param {Element} target */
  function meant(target) {
    const found = /** @type {HTMLElement | null} */ (target.closest("[data-explain]"));
    const busy = target.closest(BUSY);
    return found && (!busy || busy === found || busy.contains(found)) ? found : null;
  }

  function watch() {
    document.addEventListener("click", (event) => {
      const target = /** @type {Element} */ (event.target);
      const pressed = /** @type {HTMLElement | null} */ (target.closest(PRESSED));
      if (pressed && shown) return void act(pressed);
      const sum = /** @type {HTMLElement | null} */ (target.closest("[data-worked]"));
      if (sum) return worked(JSON.parse(sum.dataset.worked ?? ""), sum);
      // Who marks a text means to copy it.
      if (document.getSelection()?.toString() && !target.closest("button")) return;
      const found = meant(target);
      if (found) explainElement(found, found.matches("button, [tabindex]") ? found : found.querySelector("[data-explain]") ?? found);
    });
    document.addEventListener("keydown", (event) => {
      const target = /** @type {HTMLElement} */ (event.target);
      if (target.matches?.("[data-explain]:not(button, a)") && (event.key === "Enter" || event.key === " ")) {
        event.preventDefault();
        explainElement(target);
      }
    });
    // The drawer is one step back in the browser's history: that step is ours, and no news to the page.
    addEventListener("popstate", (event) => {
      const place = northstar.place.asked(location.href);
      if (shown) {
        event.stopImmediatePropagation();
        pushed = false;
        dialog().close();
      } else if (event.state?.explained && place) {
        event.stopImmediatePropagation();
        explain(place, { push: false });
        pushed = true;
      } else if (returning) event.stopImmediatePropagation();
      returning = false;
      const next = waiting;
      waiting = null;
      next?.();
    }, true);
    const place = northstar.place.asked(location.href);
    if (place) explain(place, { push: false });
  }

  /** Whether a step of the browser's history only opens or closes the drawer, and is no news to the page. @param {PopStateEvent} event */
  const isOwn = (event) => Boolean(shown || returning || (event.state?.explained && northstar.place.asked(location.href)));

  northstar.explain = { explain, records, isOwn };
  if (typeof document !== "undefined") document.addEventListener("DOMContentLoaded", watch);
}
