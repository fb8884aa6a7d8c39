/** Says in a sentence when what is shown may not be what is, and since when. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  northstar.panels.push({
    id: "banner",
    everySecond: true,
    /** @param {HTMLElement} root @param {View} view */
    draw(root, view) {
      const { el, icon, grow } = northstar.dom;
      const { connection, snapshot, troubled, zone } = view;
      if (!troubled && connection.kind === "waiting" && !snapshot)
        return grow(root, [el("div.banner.banner-quiet", { "data-key": "waiting" }, icon("clock"), el("p", null, el("strong", null, "No figures yet. "), connection.reason ?? ""))]);
      if (!troubled) return grow(root, []);
      const last = snapshot ? `Showing the last good snapshot from ${northstar.zone.clock(snapshot.as_of, zone)}.` : "There is no snapshot to show yet.";
      const offline = connection.kind === "offline";
      const why = offline ? ` Reconnecting, attempt ${connection.attempt}.` : " The server answers, but has made no new snapshot.";
      grow(root, [
        el("div.banner", { "data-key": "trouble" }, icon(offline ? "wifi-off" : "triangle-alert"),
          el("p", null, el("strong", null, offline ? "Not receiving updates. " : "The figures stand still. "), last + why),
          el("button.button", { type: "button", "data-action": "retry" }, "Retry now")),
      ]);
    },
  });
}
