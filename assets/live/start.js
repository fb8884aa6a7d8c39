/**
 * Puts the parts together: live feed → store → every panel. Panels come and go with the page; each is
 * drawn when it appears, and all of them in one frame when the store has news.
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
    const asOf = northstar.then.asked(location, root);
    const kept = northstar.keep.isKept();
    const staleSeconds = Object.fromEntries(meta("stale").split(" ").filter(Boolean).map((limit) => limit.split("=")).map(([name, seconds]) => [name, Number(seconds)]));
    const fetching = /** @type {typeof fetch} */ ((...args) => fetch(...args));
    const store = new northstar.Store(memory());
    const pause = new northstar.Pause();
    const lateness = new northstar.Lateness(everySeconds, Date.now);
    const speech = new northstar.Speech((/** @type {string} */ text) => {
      const region = document.getElementById("announcements");
      if (region) region.textContent = text;
    }, (/** @type {() => void} */ act, /** @type {number} */ ms) => setTimeout(act, ms));
    const say = (northstar.announce = (/** @type {string} */ text, last = false) => speech.say(text, last));
    document.addEventListener("pnl:sign-out", () => void (store.memory = null));
    const announcer = new northstar.Announcer(say, Date.now);
    const frame = new northstar.Frame(drawAll, () => document.hidden, globalThis);
    const mark = () => frame.mark();
    const { Live, Component } = northstar.transport;
    const component = new Component(globalThis, `${root}api/pnl/ws`, (/** @type {string} */ id, /** @type {object} */ props) => globalThis.dash_clientside.set_props(id, props));
    /** @type {any} */
    const live = asOf ? new northstar.then.Then({ asOf, url: `${root}api/pnl/current`, store, fetch: fetching, changed: mark, now: Date.now }) : new Live({
      store,
      paths: { websocket: `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}${root}api/pnl/ws`, sse: `${root}api/pnl/stream`, polling: `${root}api/pnl/deltas` },
      open: (/** @type {string} */ url, /** @type {SocketListener} */ heard) => component.open(url, heard),
      EventSource: globalThis.EventSource,
      fetch: fetching,
      clock: { now: Date.now, setTimeout: (/** @type {() => void} */ act, /** @type {number} */ ms) => setTimeout(act, ms), clearTimeout: (/** @type {any} */ timer) => clearTimeout(timer) },
      random: Math.random,
      visible: () => !document.hidden,
      changed: () => {
        announcer.connection(live.connection);
        lateness.note(newest()?.as_of ?? null, live.connection);
        mark();
      },
      refused: () => void northstar.signedOut(),
      ahead: kept ? null : northstar.serverTime.ahead(document, performance, Date.now),
      applied: (/** @type {number} */ seq, /** @type {string} */ tier) => document.dispatchEvent(new CustomEvent("pnl:applied", { detail: { seq, tier } })),
    });

    const past = new northstar.past.Past({ url: `${root}api/pnl/history`, zone, everySeconds, asOf, fetch: fetching, changed: mark });

    /** What is newest of what was drawn into the page and what is held. @returns {{as_of: string} | null} */
    const newest = () => drawnNewer() ?? store.snapshot;

    /** @param {boolean} [moving] whether it goes on with the connection while the figures stand still @returns {View} */
    function view(moving = false) {
      const drawn = drawnNewer();
      const last = newest();
      const held = drawn ? null : (pause.snapshot ?? store.snapshot);
      const unheard = kept && live.connection.heardAt === null;
      const untimed = !asOf && !unheard && lateness.untimed(live.connection);
      const connection = untimed && last ? { ...live.connection, ahead: Date.parse(last.as_of) - Date.now() } : live.connection;
      // Ages on a screen of the past are those that it showed. Figures that stand still grow old all the same.
      const now = asOf && held ? Date.parse(held.as_of) : Date.now() + connection.ahead;
      lateness.note(last?.as_of ?? null, connection);
      const late = last && !untimed && !(pause.on && !moving) ? lateness.is(now - Date.parse(last.as_of), connection.kind) : false;
      return {
        snapshot: held, drawn, paused: pause.on ? { at: pause.at, missed: pause.missed(store) } : null, restored: store.restored && !drawn, unheard, elsewhere: document.getElementById("kpis") === null, past, connection, zone, everySeconds, askedEvery: northstar.transport.askedEvery(connection.kind), staleSeconds, now, asOf, untimed,
        troubled: unheard || northstar.transport.isTroubled(connection, late),
      };
    }

    /** What the server drew into this page, where we hold nothing that is as new; nothing while it stands still for who reads it. */
    function drawnNewer() {
      const drawn = pause.on || asOf ? null : northstar.drawn.read(document);
      return northstar.drawn.isNewer(drawn, store) ? drawn : null;
    }

    /** @param {Panel} panel @param {HTMLElement} element */
    function draw(panel, element) {
      const seen = view(panel.moving);
      try {
        panel.draw(element, seen);
      } catch (error) {
        // One panel that cannot be drawn must not take the others, or the connection, with it.
        console.error(`the panel ${panel.id} could not be drawn`, error);
        return;
      }
      if (seen.snapshot) element.dataset.seq = String(seen.snapshot.seq);
      document.documentElement.toggleAttribute("data-troubled", seen.troubled);
      document.documentElement.toggleAttribute("data-paused", pause.on);
    }

    /** Whether all panels were last drawn as those of a page in trouble. */
    let wasTroubled = false;

    function drawAll() {
      wasTroubled = view().troubled;
      for (const panel of northstar.panels) {
        const element = document.getElementById(panel.id);
        if (element && !isUnconfirmed(element)) draw(panel, element);
      }
    }

    /**
     * Whether a panel came from the server with figures while we still hold only those of the last visit.
     * @param {HTMLElement} element
     */
    function isUnconfirmed(element) {
      return !kept && store.restored && live.connection.kind === "connecting" && element.childElementCount > 0 && element.dataset.seq === undefined;
    }

    /** Ages and countdowns move each second, between snapshots too. */
    function tickAges() {
      if (document.hidden) return;
      const seen = view();
      if (!asOf && !pause.on) announcer.standing(seen.troubled, seen.connection);
      for (const element of document.querySelectorAll("[data-age-of]"))
        northstar.dom.say(element.firstChild ?? element.appendChild(document.createTextNode("")), northstar.zone.since(seen.now - Date.parse(element.getAttribute("data-age-of") ?? "")));
      for (const panel of northstar.panels.filter((/** @type {any} */ known) => known.everySecond)) {
        const element = document.getElementById(panel.id);
        if (element) draw(panel, element);
      }
      if (seen.troubled !== wasTroubled) mark();
    }

    /** Stand still, or go on with a line of what was missed. */
    function turn() {
      if (asOf || !store.snapshot || store.restored) return;
      const stood = pause.turn(store, Date.now());
      if (stood) {
        northstar.sinceLine.begin(stood);
        void past.follow(store.snapshot).then(mark);
      }
      say(stood ? "Live again." : "Paused. The figures stand still.");
      frame.now();
    }

    store.subscribe((/** @type {Snapshot} */ snapshot) => {
      if (pause.on) return mark();
      if (!drawnNewer()) announcer.figures(snapshot);
      mark();
      if (!store.restored) void past.follow(snapshot).then(mark);
    });

    const known = new WeakSet();
    let asked = "";
    new MutationObserver(() => {
      const drawn = drawnNewer();
      if (drawn && drawn.as_of !== asked) {
        asked = drawn.as_of;
        live.behind?.();
      }
      for (const panel of northstar.panels) {
        const element = document.getElementById(panel.id);
        if (!element || known.has(element)) continue;
        known.add(element);
        if (!isUnconfirmed(element)) draw(panel, element);
      }
    }).observe(document.body, { childList: true, subtree: true });

    document.addEventListener("click", (event) => {
      const target = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-action]"));
      const action = target && northstar.actions[target.dataset.action ?? ""];
      if (target && action) {
        action(target, view());
        frame.now();
      }
    });
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) {
        northstar.sinceLine.leave(pause.snapshot ?? store.snapshot, store.stream, Date.now());
        return store.save();
      }
      northstar.sinceLine.back(Date.now());
      live.seen();
      frame.now();
    });
    // The page as it is now is another one: it is loaded, so that nothing of the past stays in it.
    if (asOf) document.addEventListener("click", (event) => void (/** @type {Element} */ (event.target).closest("a[href]") && event.stopPropagation()), true);
    northstar.moved = () => {
      if (northstar.then.asked(location, root) !== asOf) location.reload();
    };
    addEventListener("pageshow", (event) => {
      if (event.persisted) live.wake("the page was put away");
    });
    addEventListener("pagehide", () => store.save());
    addEventListener("online", () => live.wake("the network is back"));
    addEventListener("offline", () => live.doubt());
    document.addEventListener("pnl:theme", () => frame.now());
    addEventListener("resize", mark);

    Object.assign(northstar.actions, {
      help: () => northstar.keys.help(),
      "close-dialog": () => northstar.overlay.close(),
      retry: () => live.retry(),
      pause: turn,
    });
    northstar.tick = () => {
      component.ready();
      live.tick();
    };
    northstar.root = root;
    northstar.store = store;
    northstar.live = live;
    northstar.redraw = () => frame.now();
    northstar.pause = turn;
    northstar.theme.watch();
    northstar.kiosk.watch();
    northstar.keys.watch();
    if (!asOf) {
      store.restore();
      // A page that the server sent is something that was heard of it; one that was kept does not say of when it is.
      const sent = Date.parse(meta("now"));
      if (sent > (store.heardAt ?? 0)) store.heardAt = sent;
      northstar.sinceLine.again(store.snapshot, store.stream, Date.now());
    }
    live.start();
    northstar.keep.begin(root);
    setInterval(tickAges, 1000);
  }

  /** Mark the tab of the page; where the bar is longer than the screen, it is moved into sight. @param {Element} tab */
  function mark(tab) {
    tab.setAttribute("aria-current", "page");
    tab.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** What Dash calls: the interval's tick, and the page that was moved to. */
  (globalThis.dash_clientside ??= {}).pnl = {
    tick: () => {
      northstar.tick?.();
      return globalThis.dash_clientside.no_update;
    },
    moved: (/** @type {string} */ path) => {
      northstar.moved?.();
      northstar.kiosk.moved();
      for (const tab of document.querySelectorAll(".page-tab"))
        if (tab.getAttribute("href") === path || (tab.id !== "tab-live" && path.startsWith(`${tab.getAttribute("href")}/`))) mark(tab);
        else tab.removeAttribute("aria-current");
      return globalThis.dash_clientside.no_update;
    },
  };

  if (typeof document !== "undefined") document.addEventListener("DOMContentLoaded", start);
}
