/**
 * The live feed: one state machine for all its tiers. A WebSocket carries the figures where it can;
 * below it come Server-Sent Events, then polling, then the last figures with a warning. While a lower
 * tier carries, the socket is tried again and again, and takes over with its first message.
 * Which tier brings a message does not matter: the store takes each number once, in order.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});
  const transport = (northstar.transport ??= {});

  const NOT_ALLOWED = [4401, 4403];
  const RESTART = 1012;
  const CROWDED = 1013;
  const FULL = {
    all: "the server has as many live connections as it allows",
    address: "as many live connections come from this network address as the server allows",
  };

  class Live {
    /** @param {LiveParts} parts */
    constructor({ store, paths, open, EventSource, fetch, clock, random, visible, changed, applied, refused = () => undefined, ahead = null, times = transport.TIMES }) {
      this.store = store;
      this.paths = paths;
      this.clock = clock;
      this.visible = visible;
      this.changed = changed;
      this.applied = applied;
      this.refused = refused;
      /** @type {Times} */
      this.times = times;
      this.counts = transport.COUNTS;

      this.pace = new transport.Pace(random, times, this.counts.quick);
      this.way = new transport.Way(times, this.counts);
      if (ahead !== null) this.way.ahead.told(ahead);
      this.vigil = new transport.Vigil(clock, times);
      this.gaps = new transport.Gaps(this.counts.vain);
      this.deadlines = new transport.Deadlines(clock, () => this.stamp());
      const shared = { clock, deadlines: this.deadlines, times };
      this.socket = new transport.SocketTier({
        ...shared, open, url: (/** @type {number} */ n) => this.url("websocket", { n: String(n) }),
        message: (/** @type {string} */ text) => this.read("websocket", text),
        lost: (/** @type {number} */ code, /** @type {string} */ why, /** @type {Bye | null} */ bye) => this.socketLost(code, why, bye),
      });
      this.events = new transport.EventsTier({
        EventSource, url: () => this.url("sse"), message: (/** @type {string} */ text) => this.read("sse", text),
        lost: (/** @type {Bye | null} */ bye) => this.eventsLost(bye),
      });
      this.polling = new transport.PollingTier({
        ...shared, fetch, url: () => this.url("polling"),
        answered: (/** @type {Message[]} */ messages, /** @type {Answer} */ facts) => this.answered(messages, facts),
        failed: (/** @type {string} */ why, /** @type {Answer | null} */ facts) => this.failed(why, facts),
      });

      /** @type {Tier} the tier that carries, or that is to */
      this.tier = "websocket";
      /** @type {Record<Tier, string | null>} the series that each tier speaks of */
      this.streams = { websocket: null, sse: null, polling: null };
      /** When what is open began to carry. */
      this.upAt = { websocket: -Infinity, sse: -Infinity };
      this.offline = false;
      this.halted = false;
      this.haltedAt = -Infinity;
      /** @type {string | null} what the server is waiting for before it has figures */
      this.waitingFor = null;
      /** @type {string | null} */
      this.reason = null;
      this.journal = new transport.Journal(clock, this.counts.log);
      this.journal.note("connecting", null);

      /** Tries of the socket that failed since it carried last. */
      this.failures = 0;
      this.eventsFailures = 0;
      /** `well` tells whether the last question was answered, `why` in words that and how it failed. */
      this.polled = { since: 0, well: false, why: /** @type {string | null} */ (null) };
      /** @type {"all" | "address" | null} why there is no place for a live connection, as far as the server said so */
      this.full = null;
      /** @type {number | null} */
      this.heardAt = null;
      /** What was told last: whether it is broken, and whether it carries. */
      this.state = "false false";
    }

    start() {
      this.vigil.look();
      this.watch();
      this.socket.start();
    }

    /** Do what is overdue: whoever wakes the page calls this. */
    tick() {
      this.deadlines.run();
    }

    /** Somebody asks to connect now. */
    retry() {
      if (this.halted) {
        this.halted = false;
        this.heardAt = null;
        this.watch();
      }
      this.vigil.forgetWake();
      this.wake("asked to");
    }

    /** @returns {Connection} */
    get connection() {
      const { at, kind, reason } = this.log[this.log.length - 1];
      // What was opened again carries since then, though it is of the same kind as what broke off.
      const since = this.halted ? this.haltedAt : kind === "websocket" || kind === "sse" ? Math.max(at, this.upAt[kind]) : at;
      const { broken } = this;
      // While answers come, what is told is when the next one does; else what is tried first, whatever it is.
      const polls = (kind === "polling" && !broken) || (kind === "waiting" && this.tier === "polling");
      const trying = this.trying;
      const next = trying ? [] : [this.deadlines.at("poll"), ...(polls ? [] : [this.deadlines.at("climb"), this.deadlines.at("eventsAgain")])].filter((at) => at !== null);
      const trips = this.tier === "polling" ? this.way.polls : this.way.pings;
      return {
        kind, broken, carrying: this.carrying, since, reason, attempt: this.failures, nextAt: next.length ? Math.round(Math.min(...next)) : null, heardAt: this.heardAt, trying,
        receivedAt: this.store.heardAt === null ? null : Math.min(this.store.heardAt - this.way.ahead.ms, this.clock.now()),
        roundTrip: trips.median, ahead: this.way.ahead.ms, timed: this.way.ahead.known, halted: this.halted,
      };
    }

    /** The last changes, the newest last. @returns {{at: number, kind: Kind, reason: string | null}[]} */
    get log() {
      return this.journal.entries;
    }

    // What is heard

    /** @param {Tier} tier @param {string} text */
    read(tier, text) {
      if (this.stamp()) return; // what is opened anew brings it again
      /** @type {any} */
      let message;
      try {
        message = JSON.parse(text);
      } catch {
        message = null;
      }
      this.hear(tier, message);
    }

    /**
     * Take a message, or what should be one; tell whether those after it still make sense.
     * @param {Tier} tier @param {Message | null} message
     */
    hear(tier, message) {
      if (typeof message?.t !== "string") return this.again(tier);
      const now = this.clock.now();
      this.heard(now);
      if (tier === "websocket") this.socket.heard(false);
      if (message.t === "bye") {
        if (tier !== "polling") this[tier === "sse" ? "events" : "socket"].bye = { reason: String(message.reason), retry_ms: Number(message.retry_ms) || this.times.restart };
        return true;
      }
      if (message.t === "pong") this.measured(message, now);
      if (!["snapshot", "delta", "beat"].includes(message.t)) return true;
      if (message.t === "snapshot") this.streams[tier] = message.stream ?? null;
      if (message.t === "beat" && tier === "sse") this.way.ahead.precise(message.at, now, now);
      const verdict = this.streams[tier] === this.store.stream || message.t === "snapshot" ? this.store.offer(message) : "gap";
      if (verdict === "gap") return this.again(tier);
      this.gaps.closed();
      if (verdict === "applied") this.waitingFor = null;
      else if (message.t === "beat" && this.store.seq === null) this.waitingFor ??= "The first figures are being made.";
      this.carries(tier);
      if (verdict === "applied") this.applied(/** @type {number} */ (this.store.seq), tier);
      return true;
    }

    /** The server said something. @param {number} at epoch ms of our clock */
    heard(at) {
      this.heardAt = at;
      this.store.heardAt = at + this.way.ahead.ms;
    }

    /** A tier brought something of use. @param {Tier} tier */
    carries(tier) {
      if (tier === "websocket") {
        const first = !this.socket.up;
        if (first) this.upAt.websocket = this.clock.now();
        this.socket.heard(true);
        if (first) this.risen();
      }
      if (tier === "sse") {
        if (!this.events.up) this.upAt.sse = this.clock.now();
        this.events.up = true;
        this.eventsFailures = 0;
        if (this.tier === "polling") this.eventsRisen();
        if (this.tier === "sse") this.deadlines.set("eventsSilence", this.times.eventsSilence, () => this.poll("the events are silent"));
      }
      this.settle();
    }

    /** The socket is there: what stood in for it ends. */
    risen() {
      this.tier = "websocket";
      this.offline = false;
      this.reason = null;
      this.failures = 0;
      this.full = null;
      this.way.slowSince = null;
      this.way.pings.clear();
      this.events.stop();
      this.polling.stop();
      this.deadlines.clear("climb", "comeback", "eventsSilence", "eventsAgain", "eventsProbe", "poll");
      this.ping();
    }

    /** Events pass again, which is better than to ask. */
    eventsRisen() {
      this.tier = "sse";
      this.offline = false;
      this.polling.stop();
      this.deadlines.clear("poll", "eventsProbe");
    }

    /** Ask once more for what follows what is held. @param {Tier} tier */
    again(tier) {
      const row = this.gaps.found(this.clock.now());
      const wait = row === 1 ? 0 : this.pace.jitter(row);
      if (tier === "websocket") {
        if (this.tier === "websocket") this.expectBack(wait, "the WebSocket left something out");
        this.socket.stop();
        this.deadlines.set("climb", wait, () => this.climb());
      } else if (tier === "polling") this.deadlines.set("poll", wait, () => this.ask());
      else {
        this.events.stop();
        if (this.tier === "sse") this.deadlines.set("eventsAgain", wait, () => this.events.start());
      }
      return false;
    }

    // The WebSocket

    /** @param {number} code @param {string} why @param {Bye | null} bye */
    socketLost(code, why, bye) {
      if (this.stamp()) return;
      if (NOT_ALLOWED.includes(code) || bye?.reason === "not allowed") return this.halt("This page is not allowed to receive figures any more. Load it again.");
      if (code === RESTART || bye) {
        const within = bye?.retry_ms ?? this.times.restart;
        if (this.tier === "websocket") this.expectBack(within, why);
        this.deadlines.set("climb", this.pace.comeback(within), () => this.climb());
        return this.settle();
      }
      this.failures += 1;
      if (code === CROWDED) {
        this.deadlines.set("climb", this.pace.crowded(), () => this.climb());
        if (this.tier !== "polling") this.poll(why);
        return;
      }
      this.climbLater();
      if (this.tier === "websocket" && this.deadlines.at("comeback") === null) this.fall(why);
      else if (this.tier === "polling") this.probeEvents();
      this.settle();
    }

    /** Let the tier stand while the socket is on its way back. @param {number} ms @param {string} why */
    expectBack(ms, why) {
      if (this.deadlines.at("comeback") === null) this.deadlines.set("comeback", ms + this.times.comeback, () => this.fall(why));
    }

    climb() {
      if (!this.way.isOpen(this.clock.now())) return this.deadlines.set("climb", this.times.climbFirst, () => this.climb());
      this.socket.start();
      this.settle();
    }

    /** Try the socket again, sooner or later. */
    climbLater() {
      if (this.full) return this.deadlines.set("climb", this.pace.crowded(), () => this.climb());
      const works = (this.tier === "sse" && this.events.up) || (this.tier === "polling" && this.polled.well);
      this.deadlines.set("climb", this.pace.climb(this.failures, works), () => this.climb());
    }

    ping() {
      if (this.socket.up && this.visible()) this.socket.ping();
      this.deadlines.set("ping", this.times.pingEvery, () => this.ping());
    }

    /** @param {Message} pong @param {number} now */
    measured(pong, now) {
      this.way.pinged(pong, now);
      const slow = this.way.tooSlow;
      if (!this.socket.up || slow === null) return;
      this.socket.stop();
      this.way.slowSince = now;
      this.poll(`a round trip takes ${slow} ms`);
      this.deadlines.set("climb", this.times.climbLast, () => this.climb());
    }

    // Events

    /** The socket is gone for now. @param {string} why */
    fall(why) {
      if (!this.events.possible) return this.poll(why);
      this.tier = "sse";
      this.reason = why;
      this.eventsFailures = 0;
      this.deadlines.clear("comeback", "ping");
      this.deadlines.set("eventsSilence", this.times.eventsSilence, () => this.poll("the events are silent"));
      this.events.start();
      this.settle();
    }

    /** @param {Bye | null} bye */
    eventsLost(bye) {
      if (this.stamp()) return;
      if (bye?.reason === "not allowed") return this.halt("This page is not allowed to receive figures any more. Load it again.");
      if (this.tier !== "sse") return;
      if (!bye) this.eventsFailures += 1;
      if (this.eventsFailures >= this.counts.events) return this.poll("no live connection can be opened, or it breaks off");
      const wait = bye ? this.pace.comeback(bye.retry_ms) : this.pace.jitter(this.eventsFailures);
      this.deadlines.set("eventsAgain", wait, () => this.events.start());
      this.settle();
    }

    /** See whether events pass again, while polling goes on. */
    probeEvents() {
      if (!this.events.possible) return;
      this.events.start();
      this.deadlines.set("eventsProbe", this.times.opening, () => this.events.stop());
    }

    // Polling

    /** Ask from now on. @param {string} why */
    poll(why) {
      this.tier = "polling";
      this.reason = why;
      this.polled = { since: this.clock.now(), well: false, why: null };
      this.way.polls.clear();
      this.events.stop();
      this.deadlines.clear("comeback", "ping", "eventsSilence", "eventsAgain", "eventsProbe");
      this.settle();
      this.ask();
    }

    ask() {
      this.deadlines.set("poll", this.times.pollEvery, () => this.ask());
      void this.polling.ask();
    }

    /** @param {Message[]} messages @param {Answer} facts */
    answered(messages, facts) {
      if (this.stamp()) return;
      this.heard(facts.answered);
      this.polled = { since: facts.answered, well: true, why: null };
      this.offline = false;
      this.way.polled(facts);
      this.crowded(facts.full);
      for (const message of messages) {
        if (message?.t === "beat") this.way.ahead.precise(message.at, facts.asked, facts.answered);
        if (!this.hear("polling", message)) break;
      }
      if (this.store.snapshot === null && this.waitingFor) this.deadlines.set("poll", this.times.pollFirst, () => this.ask());
      this.settle();
    }

    /** What an answer says of places for live connections: the browser is not told why a WebSocket was refused. @param {"all" | "address" | null} full */
    crowded(full) {
      const before = this.full;
      this.full = full;
      if (full) this.reason = FULL[full];
      if (full && !before) this.climbLater();
      if (!before || full) return;
      this.reason = null;
      this.deadlines.set("climb", this.pace.jitter(1), () => this.climb());
    }

    /** @param {string} why @param {Answer | null} facts */
    failed(why, facts) {
      if (this.stamp()) return;
      if (facts?.status === 401) return this.halt("You are signed out. Load the page again to sign in.");
      if (facts?.status === 503 && facts.detail && !this.store.snapshot) {
        this.heard(facts.answered);
        this.waitingFor = facts.detail;
        this.deadlines.set("poll", facts.retryMs ?? this.times.pollFirst, () => this.ask());
        return this.settle();
      }
      Object.assign(this.polled, { well: false, why });
      if (facts?.retryMs) this.deadlines.set("poll", Math.max(facts.retryMs, this.times.pollEvery), () => this.ask());
      if (this.way.slowSince !== null) {
        // It is more than slow now: the way back is the usual one.
        this.way.slowSince = null;
        this.climbLater();
      }
      if (this.heardAt === null || this.clock.now() - this.polled.since >= this.times.pollPatience) this.offline = true;
      this.settle();
    }

    // Doubts

    /** Look at the clock. Tells whether all was opened anew, because the computer slept. */
    stamp() {
      const jump = this.vigil.look();
      if (jump > 0) return this.wake("the computer slept");
      if (jump < 0) {
        this.deadlines.shift(jump);
        const now = this.clock.now();
        this.polled.since = Math.min(this.polled.since, now);
        this.heardAt = this.heardAt === null ? null : Math.min(this.heardAt, now);
      }
      return false;
    }

    watch() {
      this.deadlines.set("watch", this.vigil.every, () => this.watch());
    }

    /** Trust no connection any more: open all anew, from what is held. @param {string} why */
    wake(why) {
      if (this.halted || !this.vigil.mayWake()) return false;
      this.way.clear();
      this.failures = 0;
      this.deadlines.clear("climb", "comeback");
      if (this.tier === "websocket") this.expectBack(0, why);
      this.socket.start();
      if (this.tier === "sse") {
        this.deadlines.clear("eventsAgain");
        this.deadlines.set("eventsSilence", this.times.eventsSilence, () => this.poll("the events are silent"));
        this.events.start();
      }
      if (this.tier === "polling") {
        this.polling.stop();
        this.ask();
      }
      this.settle();
      return true;
    }

    /** The page is looked at again: what was heard from lately is believed, the rest is opened anew. */
    seen() {
      this.tick();
      if (this.halted || this.heardAt === null || this.tier === "polling") return;
      if (this.clock.now() - this.heardAt > this.times.fresh) this.wake("the page was not looked at");
      else if (this.socket.up) this.socket.ping();
    }

    /** The server has shown newer figures than are held: who asks now and then asks now. */
    behind() {
      if (this.tier === "polling" && !this.halted) this.ask();
    }

    /** The browser says that the network is gone, which is not always so. */
    doubt() {
      this.stamp();
      if (this.socket.up) this.socket.doubt();
    }

    /** Stop for good: this page is not let in any more. @param {string} why */
    halt(why) {
      this.halted = true;
      this.haltedAt = this.clock.now();
      this.reason = why;
      this.socket.stop();
      this.events.stop();
      this.polling.stop();
      this.deadlines.clearAll();
      this.refused();
      this.settle();
    }

    // What others see

    /** @returns {Kind} */
    get kind() {
      if (this.halted || this.offline) return "offline";
      if (this.heardAt === null) return "connecting";
      if (this.waitingFor !== null && !this.store.snapshot) return "waiting";
      return this.tier;
    }

    /** Whether it carries nothing at this moment. */
    get broken() {
      const { kind } = this;
      return (kind === "websocket" && !this.socket.up) || (kind === "sse" && !this.events.up) || (kind === "polling" && this.polled.why !== null);
    }

    /** Whether what is to carry has brought something, and goes on to. */
    get carrying() {
      const { kind } = this;
      return (kind === "websocket" && this.socket.up) || (kind === "sse" && this.events.up) || (kind === "polling" && this.polled.well);
    }

    /** Whether it is tried at this moment, by whichever tier, while nothing carries. */
    get trying() {
      if (this.halted || !(this.broken || this.kind === "offline")) return false;
      return (this.socket.open && !this.socket.up) || (this.events.open && !this.events.up) || this.polling.busy;
    }

    /** Why it is not better. @param {Kind} kind @returns {string | null} */
    why(kind) {
      if (kind === "waiting") return this.waitingFor;
      if (kind === "websocket") return null;
      return (!this.halted && this.tier === "polling" && this.polled.why) || this.reason;
    }

    /** See how it is now, and tell it where that is another. */
    settle() {
      const { kind } = this;
      const state = `${this.broken} ${this.carrying}`;
      const turned = state !== this.state;
      this.state = state;
      if (this.journal.note(kind, this.why(kind)) || turned) this.changed();
    }

    /**
     * Where a tier asks, with what is held.
     * @param {Tier} tier @param {Record<string, string>} [more]
     */
    url(tier, more = {}) {
      const { seq, stream } = this.store;
      const known = !this.gaps.hopeless && seq !== null && stream !== null;
      this.streams[tier] = known ? stream : null;
      const query = new URLSearchParams({ ...(known ? { after: String(seq), stream } : {}), ...more });
      return `${this.paths[tier]}?${query}`;
    }
  }

  transport.Live = Live;
}
