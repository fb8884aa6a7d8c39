/** Puts a panel together: live figures → store → the one panel; and speaks with the page around it. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});
  const { meta } = northstar.embed;

  const THEMES = ["auto", "light", "dark"];
  const AGAIN_MS = 5_000;
  /** What brings figures. */
  const CARRIERS = ["websocket", "sse", "polling", "still"];

  function start() {
    const panel = meta("panel");
    const asked = northstar.embed.asked(meta);
    const { zone, dayZone } = asked;
    const everySeconds = Number(meta("interval")) || 10;
    const ranges = meta("ranges").split(" ");
    const locked = meta("locked").split(" ");
    const reads = meta("reads").split(" ");
    const base = `${location.pathname.slice(0, location.pathname.lastIndexOf("/embed/"))}/embed/`;
    const origin = new URL(document.baseURI);
    let range = meta("range");
    /** @type {{why: string, expired: boolean} | null} why nothing more is to be had */
    let refused = null;
    /** @type {string | null} */
    let told = null;
    let ready = false;
    let asking = false;

    const parent = northstar.embed.parent();
    const store = new northstar.Store(null);
    const frame = new northstar.Frame(drawAll, () => document.hidden, globalThis);
    const mark = () => frame.mark();
    const main = () => /** @type {HTMLElement} */ (document.getElementById("embed"));
    const ended = new northstar.embed.Ended(main());
    const door = new northstar.embed.Door({
      base, panel, token: () => northstar.embed.token, fetch: (/** @type {any[]} */ ...given) => fetch(.../** @type {[any]} */ (given)),
      WebSocket: globalThis.WebSocket, EventSource: globalThis.EventSource,
      refused: (/** @type {string} */ why, /** @type {boolean} */ expired) => {
        const first = refused === null;
        refused = { why, expired };
        if (first) parent.say("expired", { reason: why });
        mark();
      },
    });
    Object.assign(northstar.embed, { base, fetch: door.fetch });

    const applied = (/** @type {number} */ seq, /** @type {string} */ tier) => document.dispatchEvent(new CustomEvent("pnl:applied", { detail: { seq, tier } }));
    const still = asked.over || asked.refresh !== null;
    /** @type {any} */
    const live = still ? new northstar.embed.Still({
      url: asked.over ? null : `${base}${panel}/data`, seconds: asked.refresh ?? 0, store, fetch: door.fetch, now: Date.now, changed: mark, applied,
    }) : new northstar.transport.Live({
      store,
      paths: { websocket: `${origin.protocol === "https:" ? "wss:" : "ws:"}//${origin.host}${base}ws`, sse: `${base}stream`, polling: `${base}${panel}/data` },
      open: door.open, EventSource: door.EventSource, fetch: door.fetch,
      clock: { now: Date.now, setTimeout: (/** @type {() => void} */ act, /** @type {number} */ ms) => setTimeout(act, ms), clearTimeout: (/** @type {any} */ timer) => clearTimeout(timer) },
      random: Math.random, visible: () => !document.hidden, changed, applied,
    });
    const past = new northstar.past.Past({ url: `${base}${panel}/history`, zone: dayZone, everySeconds, fetch: door.fetch, changed: mark });
    const days = new northstar.embed.Days({ url: `${base}${panel}/days`, fetch: door.fetch, changed: mark, refresh: asked.refresh });

    /** The connection is another one. Where it was ended for good, the server says why, or lets a newer token in. */
    function changed() {
      if (live.halted && !refused && !asking) {
        asking = true;
        void door.ticket().then((/** @type {string | null | undefined} */ ticket) => {
          asking = false;
          if (ticket) live.retry();
          else if (ticket === null) setTimeout(changed, AGAIN_MS);
        });
      }
      mark();
    }

    /** What is drawn: of a longer range, its days before today count into the statement. */
    function view() {
      const { connection } = live;
      const now = Date.now() + connection.ahead;
      const snapshot = asked.over && northstar.range ? northstar.embed.after(asked, meta("lines").split(" ").filter(Boolean), now) : store.snapshot;
      const askedEvery = asked.refresh ? asked.refresh * 1000 : northstar.transport.askedEvery(connection.kind);
      const late = snapshot && !asked.over && asked.refresh !== 0 ? now - Date.parse(snapshot.as_of) > northstar.transport.oldAfter(everySeconds) + askedEvery : false;
      const lasting = northstar.embed.lasting(range);
      const span = lasting && snapshot && northstar.range ? northstar.embed.span(range, asked.over ? now : Date.parse(snapshot.as_of), asked) : null;
      const from = span ? span.days.from : (snapshot?.day ?? "");
      const before = span && asked.compare === "prev" ? northstar.range.before(span, dayZone)?.days.from ?? from : from;
      const summed = lasting && reads.includes("days") && snapshot ? (days.days ? northstar.embed.together(days.days, snapshot, from) : null) : snapshot;
      return {
        asked, panel, range, span, from, before, snapshot: summed, live: snapshot, days: days.days, failed: days.failed, long: northstar.embed.long, past, connection, zone, dayZone, everySeconds, askedEvery, staleSeconds: {}, now, asOf: null,
        restored: false, troubled: refused !== null || northstar.transport.isTroubled(connection, late),
      };
    }

    function drawAll() {
      const seen = view();
      document.documentElement.toggleAttribute("data-troubled", seen.troubled);
      main().dataset.tier = seen.connection.kind;
      if (refused) {
        ended.show(refused.why, refused.expired);
        return announce(seen);
      }
      // A newer token shows nothing by itself: the figures are back when it has brought some.
      if (ended.kept && (live.halted || seen.connection.broken || !CARRIERS.includes(seen.connection.kind))) return announce(seen);
      ended.over();
      if (seen.live && reads.includes("days") && northstar.embed.lasting(range) && northstar.range) void days.need(seen.before, seen.live, seen.now);
      northstar.embed.draw(seen);
      northstar.embed.foot(seen);
      for (const known of northstar.panels) {
        const element = document.getElementById(known.id);
        if (!element) continue;
        try {
          known.draw(element, seen);
        } catch (error) {
          // What cannot be drawn must not take the connection with it.
          console.error(`the panel ${known.id} could not be drawn`, error);
        }
      }
      if (seen.live?.seq) main().dataset.seq = String(seen.live.seq);
      announce(seen);
    }

    /** Tell the page around us what is new: that we are there and how high, and how the figures do. @param {any} seen */
    function announce({ live: snapshot, snapshot: shown, troubled, connection }) {
      if (!ready && (asked.over ? shown : snapshot)) {
        ready = true;
        parent.measure(main());
        parent.say("ready", { panel });
      }
      const state = { asof: snapshot?.as_of ?? null, stale: troubled, transport: connection.kind };
      const text = JSON.stringify(state);
      if (text !== told) parent.say("state", state);
      told = text;
    }

    store.subscribe((/** @type {Snapshot} */ snapshot) => {
      mark();
      if (reads.includes("history") && !northstar.embed.lasting(range)) void past.follow(snapshot).then(mark);
    });

    /** Load what only the other kind of range is drawn with, once. @param {string} other */
    function more(other) {
      const src = meta("more");
      if (!src || document.querySelector("script[data-more]")) return;
      const script = document.createElement("script");
      Object.assign(script, { src, onload: () => frame.now() });
      script.dataset.more = other;
      document.head.append(script);
    }

    /** @param {Record<string, any>} wanted */
    function set({ theme, range: other }) {
      if (THEMES.includes(theme) && !locked.includes("theme")) northstar.embed.wear(theme);
      if (range !== "span" && ranges.includes(other) && !locked.includes("range") && other !== range) {
        if (northstar.embed.lasting(other) !== northstar.embed.lasting(range)) more(other);
        range = other;
        northstar.embed.long = undefined;
        if (store.snapshot && reads.includes("history") && !northstar.embed.lasting(range)) void past.follow(store.snapshot).then(mark);
        frame.now();
      }
    }

    parent.hear({
      token: ({ token }) => {
        if (typeof token !== "string" || !token || token === northstar.embed.token) return;
        northstar.embed.token = token;
        if (!refused && !live.halted) return;
        refused = null;
        // Days that are over come by no connection that could be taken up again.
        if (asked.over) return location.replace(`${location.pathname}?${new URLSearchParams({ ...Object.fromEntries(new URLSearchParams(location.search)), token })}`);
        live.retry();
        frame.now();
      },
      set,
    });
    document.addEventListener("click", (event) => {
      const target = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-action]"));
      const action = target && northstar.actions[target.dataset.action ?? ""];
      if (!target || !action) return;
      action(target, view());
      frame.now();
    });
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      live.seen();
      frame.now();
    });
    addEventListener("pageshow", (event) => {
      if (event.persisted) live.wake("the page was put away");
    });
    addEventListener("online", () => live.wake("the network is back"));
    addEventListener("offline", () => live.doubt());
    document.addEventListener("pnl:theme", () => frame.now());
    addEventListener("resize", mark);
    setInterval(() => {
      live.tick();
      if (document.hidden) return;
      const seen = view();
      if (!ended.kept) northstar.embed.foot(seen);
      for (const element of document.querySelectorAll("[data-age-of]"))
        northstar.dom.say(element.firstChild ?? element.appendChild(document.createTextNode("")), northstar.zone.since(seen.now - Date.parse(element.getAttribute("data-age-of") ?? "")));
      if (seen.troubled !== document.documentElement.hasAttribute("data-troubled")) mark();
    }, 1000);

    northstar.redraw = () => frame.now();
    northstar.live = live;
    live.start();
    frame.now();
  }

  if (typeof document !== "undefined") document.addEventListener("DOMContentLoaded", start);
}
