/** The connection, always in sight: what carries the figures, and when it is tried again. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** @param {View} view */
  function words({ connection, everySeconds, now }) {
    const left = connection.nextAt === null ? 0 : Math.max(0, Math.ceil((connection.nextAt - (now - connection.ahead)) / 1000));
    if (connection.kind === "offline") return { tone: "loss", word: "Offline", small: left ? `retry in ${left} s` : "retrying" };
    if (connection.kind === "polling") return { tone: "warn", word: "Polling", small: `every ${everySeconds} s` };
    if (connection.kind === "waiting") return { tone: "quiet", word: "Waiting", small: "first figures" };
    return { tone: "quiet", word: "Connecting", small: "" };
  }

  northstar.panels.push({
    id: "connection",
    everySecond: true,
    /** @param {HTMLElement} root @param {View} view */
    draw(root, view) {
      const { el, grow } = northstar.dom;
      const { tone, word, small } = words(view);
      grow(root, [
        el(`button.badge.badge-${tone}`, { id: "connection-button", type: "button", "data-action": "connection", "aria-label": `Connection: ${word}. Show details` },
          el("span.badge-dot", { "aria-hidden": "true" }), el("span", null, word), small ? el("span.badge-small", null, small) : null),
      ]);
    },
  });

  northstar.actions.connection = (/** @type {HTMLElement} */ element, /** @type {View} */ view) => {
    const { el } = northstar.dom;
    const { connection, snapshot, now } = view;
    const rows = [
      ["Transport", "Polling over HTTP"],
      ["Last answer", connection.heardAt === null ? "none yet" : `${northstar.zone.age(now - connection.ahead - connection.heardAt)} ago`],
      ["Round trip", connection.roundTrip === null ? "—" : `${connection.roundTrip} ms`],
      ["Snapshot", snapshot ? snapshot.seq.toLocaleString("en-US") : "none yet"],
      ["Trouble", connection.reason],
    ].filter(([, value]) => value);
    northstar.overlay.popover(element, [
      el("h2", null, "Connection"),
      el("dl.facts", null, ...rows.flatMap(([name, value]) => [el("dt", null, name), el("dd", null, value)])),
      el("button.button", { type: "button", "data-action": "retry" }, northstar.dom.icon("rotate-cw"), "Ask now"),
    ]);
  };

  northstar.panels.push({
    id: "clock",
    everySecond: true,
    /** @param {HTMLElement} root @param {View} view */
    draw(root, { now, zone }) {
      northstar.dom.grow(root, [`${northstar.zone.clock(now, zone)} ${northstar.zone.name(now, zone)}`]);
    },
  });

  northstar.badge = { words };
}
