/** The connection, always in sight: what carries the figures, since when, and when it is tried again. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const CARRIERS = {
    websocket: "WebSocket",
    sse: "Server-Sent Events",
    polling: "Polling over HTTP",
    offline: "Nothing",
    waiting: "Waiting for the first figures",
    connecting: "Connecting",
    past: "Nothing: this is how it was",
  };

  const pollSeconds = () => northstar.transport.TIMES.pollEvery / 1000;

  /** Whole seconds until the next try or question; 0 when it is under way. @param {View} view */
  const left = ({ connection, now }) => (connection.nextAt === null ? 0 : Math.max(0, Math.ceil((connection.nextAt - (now - connection.ahead)) / 1000)));

  /** @param {View} view */
  function words(view) {
    const seconds = left(view);
    if (view.connection.halted) return { tone: "loss", word: "Stopped", small: "load again" };
    if (view.paused && ["websocket", "sse", "polling"].includes(view.connection.kind) && !view.connection.broken) return { tone: "quiet", word: "Paused", small: view.paused.missed ? `${view.paused.missed.toLocaleString("en-US")} missed` : "" };
    switch (view.connection.kind) {
      case "websocket":
        if (view.connection.broken) return { tone: "warn", word: "Reconnecting", small: "WebSocket" };
        return view.troubled ? { tone: "warn", word: "Late", small: "WebSocket" } : { tone: "gain", word: "Live", small: "WebSocket" };
      case "sse":
        if (view.connection.broken) return { tone: "warn", word: "Reconnecting", small: "SSE" };
        return view.troubled ? { tone: "warn", word: "Late", small: "SSE" } : { tone: "accent", word: "Live", small: "SSE" };
      case "polling":
        if (view.connection.broken) return { tone: "loss", word: "No answer", small: seconds ? `retry in ${seconds} s` : "retrying" };
        return { tone: "warn", word: "Polling", small: `every ${pollSeconds()} s` };
      case "offline":
        return { tone: "loss", word: "Offline", small: seconds ? `retry in ${seconds} s` : "retrying" };
      case "waiting":
        return { tone: "quiet", word: "Waiting", small: "first figures" };
      case "past":
        return view.connection.broken ? { tone: "loss", word: "Past", small: "not read" } : { tone: "warn", word: "Past", small: "" };
      default:
        return { tone: "quiet", word: "Connecting", small: "" };
    }
  }

  /** How old the figures are, as far as that can be said and tells something. @param {View} view */
  function aged({ snapshot, drawn, connection, untimed, now }) {
    const shown = snapshot ?? drawn;
    return shown && !untimed && connection.kind !== "past" ? northstar.zone.age(now - Date.parse(shown.as_of)) : null;
  }

  /** What it is called: all that it shows. @param {View} view @param {string | null} [age] */
  const spoken = (view, age = aged(view)) => `Connection: ${[words(view).word, words(view).small, age].filter(Boolean).join(" ")}. Show details`;

  /** How it is, without what moves by itself. @param {View} view */
  function steady(view) {
    const { word, small } = words(view);
    const { kind, broken, halted } = view.connection;
    const counts = !halted && (kind === "offline" || (kind === "polling" && broken) || word === "Paused");
    return small && !counts ? `${word}, ${small}` : word;
  }

  /**
   * What it is called now: who has it in focus is told when it is another way, and not each second: without
   * the age, which would stand still.
   * @param {View} view @param {{name: string, steady: string | null, focused: boolean} | null} before
   */
  const called = (view, before) => (!before?.focused ? spoken(view) : before.steady === steady(view) ? before.name : spoken(view, null));

  /** When it is tried again, in words; null where it is not. @param {View} view */
  function nextTry(view) {
    const seconds = left(view);
    return view.connection.trying || (view.connection.nextAt !== null && !seconds) ? "now" : seconds ? `in ${seconds} s` : null;
  }

  /** When the server was heard from last, in this visit or the one before. @param {Connection} connection */
  const lastReceived = ({ heardAt, receivedAt }) => heardAt ?? receivedAt ?? null;

  /** @param {View} view */
  function lastHeard({ connection: { heardAt, ahead }, zone }) {
    return heardAt === null ? "" : `, last heard from at ${northstar.zone.clock(heardAt + ahead, zone)}`;
  }

  /** What carries while it does not, in a line. @param {View} view */
  function whyNot(view) {
    const { kind, reason } = view.connection;
    if (kind !== "polling") return `${CARRIERS[kind]} is opened again${lastHeard(view)}`;
    return `No answer${lastHeard(view)}${reason ? `: ${reason}` : ""}${tried(view)}`;
  }

  /** @param {View} view */
  function tried(view) {
    const next = nextTry(view);
    return next ? `; next try ${next}` : "";
  }

  /** Since when nothing is received, and why, in a line. @param {View} view */
  function received(view) {
    const { connection: { ahead, reason }, zone } = view;
    const last = lastReceived(view.connection);
    const since = last === null ? "Nothing received yet" : `Nothing received since ${northstar.zone.clock(last + ahead, zone)}`;
    return `${since}${reason ? `: ${asClause(reason)}` : ""}${tried(view)}`;
  }

  /** Since when it is so, and how old the figures are, in a line. @param {View} view */
  function sinceWhen(view) {
    const { connection, now } = view;
    const shown = view.snapshot ?? view.drawn;
    const carried = ["websocket", "sse", "polling"].includes(connection.kind);
    const said = carried && connection.broken ? whyNot(view) : sinceThen(view);
    return shown && !view.untimed ? `${said}; figures ${northstar.zone.age(now - Date.parse(shown.as_of))} old` : said;
  }

  /** Sentences as parts of one: `You are signed out. Load again.` is `you are signed out; load again`. @param {string | null} text */
  const asClause = (text) => (text ?? "Load the page again.").replace(/\.$/, "").split(". ").map((one) => one[0].toLowerCase() + one.slice(1)).join("; ");

  /** @param {View} view */
  function sinceThen(view) {
    const { connection, zone, troubled } = view;
    const at = northstar.zone.clock(connection.since + connection.ahead, zone);
    if (connection.halted) return `Stopped since ${at}: ${asClause(connection.reason)}`;
    if (connection.kind === "offline") return received(view);
    const since = `${CARRIERS[connection.kind]} since ${at}`;
    if (troubled && ["websocket", "sse"].includes(connection.kind)) return `Late: ${since}${lastHeard(view)}`;
    const why = connection.kind === "polling" && connection.reason ? `: ${connection.reason}; figures come every ${pollSeconds()} s` : "";
    return since + why;
  }

  /**
   * What there is to know of the connection, by name.
   * @param {View} view
   * @returns {[string, string][]}
   */
  function facts(view) {
    const { connection, now, zone, restored } = view;
    const shown = view.snapshot ?? view.drawn;
    const { kind, attempt, halted, ahead } = connection;
    const carried = ["websocket", "sse", "polling"].includes(kind);
    const broken = carried && connection.broken;
    const { age, clock } = northstar.zone;
    const since = connection.since + ahead;
    const next = nextTry(view);
    const offline = kind === "offline" && !halted;
    const last = lastReceived(connection);
    /** @type {[string, string | null][]} */
    const rows = [
      ["Carried by", halted ? "Nothing, the updates have stopped" : broken ? (kind === "polling" ? `${CARRIERS[kind]}, without an answer` : `${CARRIERS[kind]}, which is opened again`) : CARRIERS[kind]],
      ["Since", broken || offline ? null : `${clock(since, zone)}, ${age(now - since)}`],
      ["Nothing since", (offline || broken) && last !== null ? `${clock(last + ahead, zone)}, ${age(now - ahead - last)}` : null],
      ["Figures", shown ? `${view.untimed ? "not known yet how" : age(now - Date.parse(shown.as_of))} old${restored ? ", kept by this browser" : view.snapshot ? "" : ", as they came with the page"}` : "none yet"],
      ["Snapshot", shown ? shown.seq.toLocaleString("en-US") : null],
      ["Last heard", last === null ? "nothing yet" : `${age(now - ahead - last)} ago`],
      ["Round trip", halted ? null : connection.roundTrip === null ? "not measured yet" : `${Math.round(connection.roundTrip)} ms`],
      ["Asks", kind === "polling" && !broken ? `every ${pollSeconds()} s, next ${next ?? "soon"}` : null],
      ["Next try", carried && !broken ? null : next],
      ["Failed tries", attempt && !halted ? String(attempt) : null],
      ["Trouble", connection.reason],
    ];
    return /** @type {[string, string][]} */ (rows.filter(([, value]) => value));
  }

  /** @param {View} view */
  function details(view) {
    const { el, icon } = northstar.dom;
    return [
      el("h2", null, "Connection"),
      el("dl.facts", null, ...facts(view).flatMap(([name, value]) => [el("dt", { "data-key": `${name}?` }, name), el("dd", { "data-key": name }, value)])),
      view.connection.halted ? el("a.button", { href: location.href }, icon("rotate-cw"), "Load again") : el("button.button", { type: "button", "data-action": "retry" }, icon("rotate-cw"), view.connection.kind === "polling" ? "Ask now" : view.connection.kind === "past" ? "Read again" : "Reconnect"),
    ];
  }

  northstar.panels.push({
    id: "connection",
    everySecond: true,
    moving: true,
    /** @param {HTMLElement} root @param {View} view */
    draw(root, view) {
      const { el, grow } = northstar.dom;
      const { tone, word, small } = words(view);
      const old = aged(view);
      const known = document.getElementById("connection-button");
      const name = called(view, known && { name: known.getAttribute("aria-label") ?? "", steady: known.getAttribute("data-steady"), focused: known === document.activeElement });
      grow(root, [
        el(`button.badge.badge-${tone}`, { id: "connection-button", type: "button", "data-action": "connection", "aria-label": name, "data-steady": steady(view), title: sinceWhen(view), ...(word === "Live" ? { "data-live": "" } : {}) },
          el(word === "Live" ? "span.badge-dot.badge-ping" : "span.badge-dot", { "aria-hidden": "true" }), el("span.badge-word", null, word), small ? el("span.badge-small", null, small) : null, old ? el("span.badge-age", { "aria-hidden": "true" }, old) : null),
      ]);
      northstar.overlay.refresh("connection-button", () => details(view));
    },
  });

  northstar.actions.connection = (/** @type {HTMLElement} */ element, /** @type {View} */ view) => northstar.overlay.popover(element, details(view));

  northstar.panels.push({
    id: "clock",
    everySecond: true,
    moving: true,
    /** @param {HTMLElement} root @param {View} view */
    draw(root, { now, zone }) {
      northstar.dom.grow(root, [`${northstar.zone.clock(now, zone)} ${northstar.zone.name(now, zone)}`]);
    },
  });

  northstar.badge = { words, spoken, called, steady, facts, sinceWhen, pollSeconds };
}
