/**
 * Puts the parts together: transport → store → every panel, in one go. Panels come and go with the
 * page; each is drawn when it appears and whenever the store has news.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** @type {Panel[]} */
  northstar.panels ??= [];
  /** @type {Record<string, (element: HTMLElement, view: View) => void>} */
  northstar.actions ??= {};

  /** @param {string} name */
  const meta = (name) => document.querySelector(`meta[name="pnl:${name}"]`)?.getAttribute("content") ?? "";

  function memory() {
    try {
      return localStorage;
    } catch {
      return null;
    }
  }

  function start() {
    const zone = meta("zone") || "UTC";
    const everySeconds = Number(meta("interval")) || 10;
    const root = meta("root") || "/";
    const staleSeconds = Object.fromEntries(meta("stale").split(" ").filter(Boolean).map((limit) => limit.split("=")).map(([name, seconds]) => [name, Number(seconds)]));
    const fetching = /** @type {typeof fetch} */ ((...args) => fetch(...args));
    const store = new northstar.Store(memory());
    /** @type {Connection} */
    let connection = northstar.transport.START;
    const say = (/** @type {string} */ text) => {
      const region = document.getElementById("announcements");
      if (region) region.textContent = text;
    };
    const announcer = new northstar.Announcer(say, Date.now);

    const past = new northstar.past.Past({ url: `${root}api/pnl/history`, zone, everySeconds, fetch: fetching, changed: () => drawAll() });

    /** @returns {View} */
    function view() {
      const now = Date.now() + connection.ahead;
      const late = store.snapshot ? now - Date.parse(store.snapshot.as_of) > Math.max(30, 3 * everySeconds) * 1000 : false;
      return {
        snapshot: store.snapshot, restored: store.restored, past, connection, zone, everySeconds, staleSeconds, now,
        troubled: connection.kind === "offline" || (late && connection.kind !== "connecting"),
      };
    }

    /** @param {Panel} panel @param {HTMLElement} element */
    function draw(panel, element) {
      const seen = view();
      try {
        panel.draw(element, seen);
      } catch (error) {
        // One panel that cannot be drawn must not take the others, or the connection, with it.
        console.error(`the panel ${panel.id} could not be drawn`, error);
        return;
      }
      if (seen.snapshot) element.dataset.seq = String(seen.snapshot.seq);
      document.documentElement.toggleAttribute("data-troubled", seen.troubled);
    }

    function drawAll() {
      if (document.hidden) return;
      for (const panel of northstar.panels) {
        const element = document.getElementById(panel.id);
        if (element) draw(panel, element);
      }
    }

    const polling = new northstar.transport.Polling({
      url: `${root}api/pnl/current`,
      everySeconds,
      fetch: fetching,
      now: Date.now,
      deliver: (/** @type {any} */ message) => store.offer(message),
      report: (/** @type {any} */ state) => {
        const before = view().troubled;
        connection = state;
        announcer.connection(state);
        if (view().troubled !== before || !store.snapshot) drawAll();
        else tickAges();
      },
    });

    /** Ages and countdowns move each second, between snapshots too. */
    function tickAges() {
      if (document.hidden) return;
      const seen = view();
      for (const element of document.querySelectorAll("[data-age-of]"))
        element.textContent = northstar.zone.age(seen.now - Date.parse(element.getAttribute("data-age-of") ?? ""));
      for (const panel of northstar.panels.filter((/** @type {any} */ known) => known.everySecond)) {
        const element = document.getElementById(panel.id);
        if (element) draw(panel, element);
      }
      if (seen.troubled !== document.documentElement.hasAttribute("data-troubled")) drawAll();
    }

    store.subscribe((snapshot) => {
      announcer.figures(snapshot);
      drawAll();
      if (!store.restored) void past.follow(snapshot).then(drawAll);
    });

    const known = new WeakSet();
    new MutationObserver(() => {
      for (const panel of northstar.panels) {
        const element = document.getElementById(panel.id);
        if (!element || known.has(element)) continue;
        known.add(element);
        draw(panel, element);
      }
    }).observe(document.body, { childList: true, subtree: true });

    document.addEventListener("click", (event) => {
      const target = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-action]"));
      const action = target && northstar.actions[target.dataset.action ?? ""];
      if (target && action) {
        action(target, view());
        drawAll();
      }
    });
    document.addEventListener("visibilitychange", drawAll);
    document.addEventListener("pnl:theme", drawAll);
    addEventListener("resize", () => requestAnimationFrame(drawAll));

    Object.assign(northstar.actions, {
      theme: () => northstar.theme.turn(),
      help: () => northstar.keys.help(),
      "close-dialog": () => northstar.overlay.close(),
      retry: () => void polling.poll(),
    });
    northstar.tick = () => void polling.poll();
    northstar.redraw = drawAll;
    northstar.theme.watch();
    northstar.keys.watch();
    store.restore();
    void polling.poll();
    setInterval(tickAges, 1000);
  }

  /** What Dash calls: the interval's tick, and the page that was moved to. */
  (globalThis.dash_clientside ??= {}).pnl = {
    tick: () => {
      northstar.tick?.();
      return globalThis.dash_clientside.no_update;
    },
    moved: (/** @type {string} */ path) => {
      for (const tab of document.querySelectorAll(".page-tab"))
        if (tab.getAttribute("href") === path) tab.setAttribute("aria-current", "page");
        else tab.removeAttribute("aria-current");
      return globalThis.dash_clientside.no_update;
    },
  };

  if (typeof document !== "undefined") document.addEventListener("DOMContentLoaded", start);
}
