/**
 * A server of the live feed and a network in front of it, on a clock that is turned by hand. What goes
 * to the page takes time, and may be blocked, swallowed or broken tier by tier.
 */
"use strict";

/** A seeded generator, so that a failure can be met again. */
function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

class HandClock {
  constructor(at = Date.parse("2026-11-20T12:00:00.000Z")) {
    this.at = at;
    this.offset = 0;
    this.timers = new Map();
    this.last = 0;
    /** Set while a question is open, whose answer is a promise. */
    this.promised = 0;
  }

  now = () => this.at + this.offset;

  setTimeout = (act, ms) => {
    this.last += 1;
    this.timers.set(this.last, { at: this.at + Math.max(0, ms), act, order: this.last });
    return this.last;
  };

  clearTimeout = (timer) => void this.timers.delete(timer);

  next() {
    let found = null;
    for (const [id, timer] of this.timers) if (!found || timer.at < found.at || (timer.at === found.at && timer.order < found.order)) found = { ...timer, id };
    return found;
  }

  /** Let time pass, and all that is due in it happen in order. */
  async pass(ms) {
    const end = this.at + ms;
    for (;;) {
      const next = this.next();
      if (!next || next.at > end) break;
      this.timers.delete(next.id);
      this.at = Math.max(this.at, next.at);
      next.act();
      if (this.promised) await settled();
    }
    this.at = end;
  }

  /** The computer sleeps: time passes, nothing happens, and after it all that was due comes late. */
  sleep(ms) {
    this.at += ms;
    for (const timer of this.timers.values()) timer.at = Math.max(timer.at, this.at);
  }
}

/** Let promises that are kept be acted on: a question and its answer take fewer turns than this. */
async function settled() {
  for (let turn = 0; turn < 12; turn += 1) await null;
}

const OPEN = { websocket: true, sse: true, polling: true };

class World {
  constructor({ seed = 1, latency = 20, everyMs = 10_000, depth = 360 } = {}) {
    this.random = seeded(seed);
    this.clock = new HandClock();
    this.latency = latency;
    this.everyMs = everyMs;
    this.depth = depth;
    this.stream = "s1";
    this.seq = 0;
    this.ring = [];
    this.sockets = new Set();
    this.sources = new Set();
    /** By tier: true passes, false refuses, "hole" swallows. */
    this.way = { ...OPEN };
    this.refusal = { websocket: 1006, polling: null };
    /** Why there is no place for a live connection, as polling is told. */
    this.full = null;
    this.asked = [];
    this.opened = 0;
    this.serverAhead = 0;
    this.ticking = null;
  }

  document() {
    return {
      schema: "pnl-snapshot/1", seq: this.seq, as_of: new Date(this.clock.at).toISOString(), day: "2026-11-20",
      lines: { revenue: `${this.seq}.10` }, net: `${this.seq}.10`, sources: {}, positions: {},
    };
  }

  /** Make the next snapshot and send it to all. */
  tick() {
    const base = this.seq;
    this.seq += 1;
    const now = this.document();
    const delta = { t: "delta", seq: this.seq, base, set: { seq: this.seq, as_of: now.as_of, net: now.net, lines: now.lines } };
    if (base === 0) return this.toAll(this.snapshot());
    this.ring.push(delta);
    if (this.ring.length > this.depth) this.ring.shift();
    this.toAll(delta);
  }

  /** Tick for ever. */
  run() {
    this.ticking = this.clock.setTimeout(() => {
      this.tick();
      this.run();
    }, this.everyMs);
  }

  /** Another store takes the place of this one. */
  another(seq = 0) {
    this.stream = `s${Number(this.stream.slice(1)) + 1}`;
    this.seq = seq;
    this.ring = [];
  }

  snapshot() {
    return { t: "snapshot", stream: this.stream, data: this.document() };
  }

  beat() {
    return { t: "beat", seq: this.seq, at: new Date(this.clock.at + this.serverAhead).toISOString() };
  }

  since(query) {
    const after = query.has("after") ? Number(query.get("after")) : null;
    const known = after !== null && [null, this.stream].includes(query.get("stream"));
    if (this.seq === 0 || (known && after === this.seq)) return [this.beat()];
    const missed = known ? this.ring.filter((delta) => delta.base >= after) : [];
    return missed.length && missed[0].base === after ? missed : [this.snapshot()];
  }

  toAll(message) {
    for (const one of [...this.sockets, ...this.sources]) one.say(message);
  }

  /** A beat for those who heard nothing for ten seconds. */
  beats() {
    this.toAll(this.beat());
  }

  shut(tier, how = false) {
    this.way[tier] = how;
    if (how === "hole") return;
    if (tier === "websocket") for (const socket of [...this.sockets]) socket.end(1006);
    if (tier === "sse") for (const source of [...this.sources]) source.fail();
  }

  open(...tiers) {
    for (const tier of tiers.length ? tiers : Object.keys(OPEN)) this.way[tier] = true;
  }

  /** What the page opens its sockets with. */
  openSocket = (url, heard) => {
    this.opened += 1;
    this.asked.push(["websocket", this.clock.at, url]);
    const world = this;
    let closed = false;
    const later = (act) => this.clock.setTimeout(() => !closed && act(), this.latency);
    const socket = {
      say: (message) => world.way.websocket === true && later(() => heard.message(typeof message === "string" ? message : JSON.stringify(message))),
      end: (code, reason = "") => {
        world.sockets.delete(socket);
        later(() => {
          closed = true;
          heard.closed(code, reason);
        });
      },
      pings: 0,
    };
    if (this.way.websocket === true) {
      later(() => {
        if (world.way.websocket !== true) return;
        world.sockets.add(socket);
        for (const message of this.since(new URL(url).searchParams)) socket.say(message);
      });
    } else if (this.way.websocket === false) socket.end(this.refusal.websocket);
    return {
      send: (text) => {
        const message = JSON.parse(text);
        socket.pings += 1;
        this.clock.setTimeout(() => world.sockets.has(socket) && socket.say({ t: "pong", at: message.at, now: new Date(this.clock.at + this.serverAhead).toISOString() }), this.latency);
      },
      close: () => {
        closed = true;
        this.sockets.delete(socket);
      },
    };
  };

  get EventSource() {
    const world = this;
    return class {
      constructor(url) {
        world.asked.push(["sse", world.clock.at, url]);
        this.closed = false;
        if (world.way.sse === true) {
          this.later(() => {
            if (world.way.sse !== true) return;
            world.sources.add(this);
            for (const message of world.since(new URL(url, "http://world").searchParams)) this.say(message);
          });
        } else if (world.way.sse === false) this.fail();
      }
      later(act) {
        world.clock.setTimeout(() => !this.closed && act(), world.latency);
      }
      say(message) {
        if (world.way.sse === true) this.later(() => this.onmessage({ data: typeof message === "string" ? message : JSON.stringify(message) }));
      }
      fail() {
        world.sources.delete(this);
        this.later(() => this.onerror({}));
      }
      close() {
        this.closed = true;
        world.sources.delete(this);
      }
    };
  }

  fetch = (url, { signal }) => {
    this.asked.push(["polling", this.clock.at, url]);
    this.clock.promised += 1;
    const answer = new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
      const later = (act) => this.clock.setTimeout(act, this.latency);
      if (this.way.polling === "hole") return;
      if (this.way.polling === false) return void later(() => reject(new TypeError("refused")));
      later(() => {
        const refused = this.refusal.polling;
        const headers = { Date: new Date(this.clock.at + this.serverAhead).toUTCString(), ...refused?.headers };
        const messages = this.since(new URL(url, "http://world").searchParams);
        const status = refused?.status ?? 200;
        const body = structuredClone(refused ? refused.body : { messages, ...(this.full ? { full: this.full } : {}) });
        later(() => resolve({ ok: status < 300, status, headers: new Headers(headers), json: async () => body }));
      });
    });
    const done = () => settled().then(() => (this.clock.promised -= 1));
    answer.then(done, done);
    return answer;
  };
}

/** A page of that world: a store, a live feed, and what came of it. */
class Page {
  constructor(world, { memory = null, times = {}, ahead = null } = {}) {
    const { Store, transport } = globalThis.northstar;
    this.world = world;
    this.applied = [];
    this.tiers = [];
    this.visible = true;
    this.store = new Store(memory, world.clock.setTimeout);
    this.live = new transport.Live({
      store: this.store,
      paths: { websocket: "ws://world/api/pnl/ws", sse: "/api/pnl/stream", polling: "/api/pnl/deltas" },
      open: world.openSocket, EventSource: world.EventSource, fetch: world.fetch,
      clock: { now: world.clock.now, setTimeout: world.clock.setTimeout, clearTimeout: world.clock.clearTimeout },
      random: world.random, visible: () => this.visible,
      changed: () => {}, applied: (seq, tier) => {
        this.applied.push(seq);
        this.tiers.push(tier);
      },
      ahead, times: { ...transport.TIMES, ...times },
    });
  }

  get kind() {
    return this.live.connection.kind;
  }

  get kinds() {
    return this.live.log.map((entry) => entry.kind);
  }

  start() {
    this.store.restore();
    this.live.start();
    return this;
  }
}

function load() {
  globalThis.northstar ??= {};
  for (const file of ["store", "transport/timing", "transport/deadlines", "transport/measure", "transport/component", "transport/socket", "transport/events", "transport/polling", "transport/pace", "transport/gaps", "transport/way", "transport/vigil", "transport/journal", "transport/live"])
    require(`../../assets/live/${file}.js`);
  return globalThis.northstar;
}

module.exports = { seeded, HandClock, World, Page, load, settled };
