/**
 * The export menu: fills every `data-export-menu` with a button. `data-table`, `data-step`, `data-from` and
 * `data-to` say what is chosen first, `data-range` names a range; an export goes on while pages change.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const SOON = 250;
  const SHOWN_AFTER = 200;
  const AGAIN = 300;

  const state = {
    /** @type {HTMLElement | null} the button whose menu is open */
    button: null,
    choice: /** @type {any} */ (null),
    page: { from: "", to: "" },
    /** What HEAD said of the choice. @type {{query: string, rows: number | null, trouble: string} | null} */
    counted: null,
    counting: "",
    copied: false,
    /** The snapshot of the instant that the page is as known at. @type {{asOf: string, seq: number | null, day: string, trouble: string} | null} */
    then: null,
    job: /** @type {any} */ (null),
    drawn: 0,
    late: false,
    left: /** @type {HTMLElement | null} */ (null),
    leftAt: 0,
  };

  const meta = (/** @type {string} */ name) => document.querySelector(`meta[name="pnl:${name}"]`)?.getAttribute("content") ?? "";
  const root = () => meta("root") || "/";
  const zone = () => meta("zone") || "UTC";
  const box = () => document.getElementById("export-box");
  const today = () => (then()?.day || northstar.store?.snapshot?.day) ?? new Date(northstar.zone.wall(Date.now(), zone())).toISOString().slice(0, 10);
  const busy = () => ["counting", "reading", "checking"].includes(state.job?.state);

  const asOf = () => new URL(location.href).searchParams.get("as_of") ?? "";
  /** What is known of the snapshot that was shown at the instant of the page; null where the page is as known now. */
  const then = () => (asOf() ? (state.then?.asOf === asOf() ? state.then : { asOf: asOf(), seq: null, day: "", trouble: "" }) : null);
  /** The snapshot whose knowledge counts; null for the newest. */
  const known = () => then()?.seq ?? null;

  /** Look up the snapshot of the instant of the page. */
  async function learn() {
    const at = asOf();
    if (!at || then()?.seq) return;
    try {
      const { seq, day } = await northstar.explainApi.snapshotAt(at);
      state.then = { asOf: at, seq, day, trouble: "" };
    } catch (error) {
      state.then = { asOf: at, seq: null, day: "", trouble: `as_of names no snapshot: ${error instanceof Error ? error.message : String(error)}` };
    }
    draw();
    void count();
  }

  const query = () => northstar.exportChoice.query(state.choice, { today: today(), zone: zone(), last: known() });
  const address = () => `${root()}api/pnl/export.${northstar.exportChoice.fitting(state.choice).format}?${query()}`;

  /** @param {HTMLElement} place what the page says should be chosen first */
  function first({ dataset }) {
    const { table = "days", step = "raw", from = "", to = "", range = "", format = "csv" } = dataset;
    state.page = { from, to };
    return { table, step, format, range: range || (from || to ? "page" : "all"), from, to, excel: false, local: false };
  }

  /** What the form is drawn from. */
  const view = () => ({ ...state, today: today(), zone: zone(), then: then(), address: address(), busy: busy() });

  function draw() {
    buttons();
    const place = box();
    if (!place) return;
    northstar.dom.grow(place, [northstar.dom.el("h2", { "data-key": "title" }, "Export"), ...northstar.exportForm.form(view()), northstar.exportForm.progress(view())].filter((part) => part !== null));
    // A field that somebody touched shows what its property says, not its attribute.
    for (const field of /** @type {NodeListOf<any>} */ (place.querySelectorAll("[data-export-field]"))) {
      const wanted = northstar.exportChoice.fitting(state.choice)[field.dataset.exportField];
      if (field.type === "radio") field.checked = field.value === wanted;
      else if (field.type === "checkbox") field.checked = wanted;
      else if (field.value !== wanted) field.value = wanted;
    }
  }

  /** A download tells of each chunk: the page is drawn a few times a second. */
  function soon() {
    if (!busy()) return draw();
    if (state.late) return;
    state.late = true;
    setTimeout(() => {
      state.late = false;
      draw();
    }, Math.max(0, state.drawn + SHOWN_AFTER - Date.now()));
    state.drawn = Date.now();
  }

  /** What the buttons of all menus say. */
  function buttons() {
    const { el, icon, grow } = northstar.dom;
    const { job } = state;
    const text = busy() ? (job.part === null ? "Exporting…" : `Exporting ${Math.floor(job.part * 100)} %`) : "Export";
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("button.export-button"))) {
      grow(button, [icon(job?.state === "failed" ? "triangle-alert" : "download"), el("span", null, text), icon("chevron-down")]);
      northstar.dom.set(button, "aria-expanded", String(button === state.button));
      button.toggleAttribute("data-busy", busy());
    }
  }

  /** Ask how many rows the choice has. */
  async function count() {
    const asked = address();
    if (then() && !known()) return;
    if (northstar.exportChoice.trouble(state.choice) || state.counted?.query === asked || state.counting === asked) return;
    state.counting = asked;
    await new Promise((go) => setTimeout(go, SOON));
    if (!box() || address() !== asked) {
      if (state.counting === asked) state.counting = "";
      return;
    }
    /** @type {{query: string, rows: number | null, trouble: string}} */
    let found = { query: asked, rows: null, trouble: "" };
    try {
      const answer = await fetch(asked, { method: "HEAD" });
      const told = answer.headers.get("x-northstar-rows");
      if (answer.ok) found.rows = told === null ? null : Number(told);
      else found.trouble = (await northstar.exportRefusal(await fetch(`${root()}api/pnl/export.manifest?${query()}&format=${northstar.exportChoice.fitting(state.choice).format}`))).message;
    } catch {
      found.trouble = "The server cannot be reached at the moment.";
    }
    state.counting = "";
    if (address() !== asked) return void count();
    state.counted = found;
    draw();
  }

  /** @param {HTMLElement} button */
  function open(button) {
    const place = /** @type {HTMLElement} */ (button.closest("[data-export-menu]"));
    if (state.button === button) return close();
    state.choice = { ...first(place), ...(state.choice && sameMenu(place) ? { format: state.choice.format, excel: state.choice.excel, local: state.choice.local } : {}) };
    const content = northstar.dom.el("div.export", { id: "export-box", role: "dialog", "aria-label": "Export" });
    northstar.overlay.popover(button, [content]);
    state.button = button;
    state.counted = null;
    draw();
    northstar.overlay.put(button);
    const popover = /** @type {HTMLElement} */ (document.getElementById("popover"));
    popover.addEventListener("beforetoggle", () => {
      Object.assign(state, { button: null, left: button, leftAt: Date.now() });
      buttons();
    }, { once: true });
    /** @type {HTMLElement | null} */ (content.querySelector("select"))?.focus();
    void learn();
    void count();
  }

  let menu = "";

  /** Whether it is the menu that was open last: its format is remembered. @param {HTMLElement} place */
  function sameMenu(place) {
    const name = `${location.pathname} ${place.dataset.table ?? ""}`;
    const same = name === menu;
    menu = name;
    return same;
  }

  function close() {
    const popover = document.getElementById("popover");
    if (popover?.matches(":popover-open")) popover.hidePopover();
  }

  /** @param {HTMLInputElement | HTMLSelectElement} field */
  function changed(field) {
    const name = field.dataset.exportField ?? "";
    const value = field instanceof HTMLInputElement && field.type === "checkbox" ? field.checked : field.value;
    const next = { ...state.choice, [name]: value };
    if (name === "range" && value === "days") {
      // What was chosen so far is where the choice of days begins.
      const { from, to } = northstar.exportChoice.edges(state.choice, today());
      const day = (/** @type {string} */ edge) => (/^\d{4}-\d{2}-\d{2}$/.test(edge) ? edge : "");
      next.from = day(from);
      next.to = day(to) && northstar.zone.dayAfter(to, -1);
    } else if (name === "range" && value === "page") Object.assign(next, state.page);
    state.choice = northstar.exportChoice.fitting(next);
    draw();
    void count();
  }

  /** Give the browser a file to keep. @param {Blob} blob @param {string} name */
  function save(blob, name) {
    const url = URL.createObjectURL(blob);
    const link = /** @type {HTMLAnchorElement} */ (northstar.dom.el("a.hidden-text", { href: url, download: name, tabindex: "-1" }));
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }

  function download() {
    if (busy()) return;
    const { fitting } = northstar.exportChoice;
    state.job = new northstar.ExportJob({
      root: root(), format: fitting(state.choice).format, query: query(), fetch: (/** @type {[any, any]} */ ...args) => fetch(...args), later: (/** @type {() => void} */ act, /** @type {number} */ ms) => setTimeout(act, ms), now: Date.now,
      blob: (/** @type {any[]} */ parts) => new Blob(parts), save, changed: soon,
    });
    void state.job.run();
    draw();
    box()?.querySelector("[data-key=job]")?.scrollIntoView({ block: "nearest" });
  }

  async function copy() {
    await northstar.copyText(new URL(address(), location.href).toString());
    state.copied = true;
    draw();
    setTimeout(() => {
      state.copied = false;
      draw();
    }, 2000);
  }

  /** @type {Record<string, () => unknown>} */
  const ACTS = { download, copy, cancel: () => state.job.cancel(), again: () => state.job.run() };

  /** Put a button into every menu that the page has. */
  function fill() {
    for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-export-menu]:not([data-filled])"))) {
      place.setAttribute("data-filled", "");
      const look = place.dataset.look;
      const style = look === "small" || look === "primary" ? `button.button.${look}.export-button` : "button.button.export-button";
      fill.count += 1;
      place.append(northstar.dom.el(style, { type: "button", id: `export-button-${fill.count}`, "aria-haspopup": "dialog", "aria-expanded": "false" }));
      buttons();
    }
  }
  fill.count = 0;

  function watch() {
    document.addEventListener("click", (event) => {
      const target = /** @type {Element} */ (event.target);
      const button = /** @type {HTMLElement | null} */ (target.closest("button.export-button"));
      // The press of a pointer that just closed it is no wish to have it again.
      if (button && event.detail && state.left === button && Date.now() - state.leftAt < AGAIN) return;
      if (button) return open(button);
      const act = /** @type {HTMLElement | null} */ (target.closest("[data-export-do]"));
      if (act) void ACTS[act.dataset.exportDo ?? ""]?.();
    });
    document.addEventListener("change", (event) => {
      const field = /** @type {any} */ (event.target);
      if (field.dataset?.exportField) changed(field);
    });
    new MutationObserver(fill).observe(document.body, { childList: true, subtree: true });
    fill();
    addEventListener("beforeunload", (event) => {
      if (busy()) event.preventDefault();
    });
  }

  northstar.exportMenu = {
    /** Open the first menu of the page, as the key does. */
    first() {
      const button = /** @type {HTMLElement | null} */ (document.querySelector("button.export-button"));
      if (button) open(button);
    },
  };
  if (typeof document !== "undefined") document.addEventListener("DOMContentLoaded", watch);
}
