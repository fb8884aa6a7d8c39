/** Says in a sentence when what is shown may not be what is, and since when. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** A lower tier that lasts no longer than this is not worth a line that moves the page. */
  const WORTH_MS = 10_000;
  /** What was heard no later than so after the time of the figures was the figures themselves. */
  const THEMSELVES_MS = 5000;
  /** A snapshot that is older than this is named with its day. */
  const HALF_A_DAY = 43_200_000;

  const THINNED = "Prices of this time were thinned to one each quarter of an hour: positions may differ from what was shown; the sums above are as shown.";

  /** What it says on a screen of the past. @param {View} view */
  function past({ connection, snapshot, zone, asOf }) {
    if (connection.broken) return { key: "trouble", quiet: false, icon: "triangle-alert", strong: "This instant could not be shown. ", text: `As of ${asOf}: ${connection.reason}`, retry: true, now: true };
    if (!snapshot) return null;
    const at = northstar.zone.instant(Date.parse(snapshot.as_of), zone);
    return { key: "past", quiet: true, icon: "history", strong: `As it was on ${at}. `, text: `Nothing on this page moves.${(snapshot.flags ?? []).includes("marks_thinned") ? ` ${THINNED}` : ""}`, retry: false, now: true };
  }

  /** For how long nothing was heard of the server; null while it keeps on answering. @param {View} view */
  function silence({ connection, snapshot, now }) {
    if (connection.heardAt === null) return null;
    const quiet = now - connection.ahead - connection.heardAt;
    if (connection.kind !== "polling" && quiet > THEMSELVES_MS && snapshot && connection.heardAt + connection.ahead - Date.parse(snapshot.as_of) < THEMSELVES_MS) return quiet;
    const usual = northstar.transport.SILENT_MS + (connection.kind === "polling" ? northstar.badge.pollSeconds() * 1000 : 0);
    return quiet > usual ? quiet : null;
  }

  /** What it says while the page is paused: of when its figures are, and what came since. @param {any} view */
  function stopped({ paused: { missed }, snapshot: { as_of: of }, now, zone }) {
    const came = missed ? `; ${missed.toLocaleString("en-US")} ${missed === 1 ? "snapshot" : "snapshots"} came since` : ", while newer ones go on coming";
    return { key: "paused", quiet: true, icon: "pause", strong: `Paused at ${northstar.zone.clock(of, zone)}. `, text: `The figures are ${northstar.zone.age(now - Date.parse(of))} old${came}.`, retry: false, resume: true };
  }

  /** What a page that shows no snapshot says of what it shows. @param {string} from of when the last snapshot is @param {boolean} offline @param {boolean} unheard */
  function apart(from, offline, unheard) {
    if (!offline) return from ? `The last snapshot is from ${from}.` : "There is no snapshot yet.";
    return unheard ? "This page is read when the server answers." : "What this page has read stays as it was.";
  }

  /**
   * What the banner says, if anything.
   * @param {View} view
   * @returns {{key: string, quiet: boolean, icon: string, strong: string, text: string, retry: boolean, now?: boolean, again?: boolean, resume?: boolean} | null}
   */
  function sentence(view) {
    const { connection, snapshot, drawn, troubled, restored, unheard, elsewhere, zone, now } = view;
    const { kind, reason, broken } = connection;
    if (kind === "past") return past(view);
    if (connection.halted) return { key: "halted", quiet: false, icon: "wifi-off", strong: "Not receiving updates. ", text: reason ?? "", retry: false, again: true };
    if (troubled || (kind === "polling" && broken) || (restored && (kind !== "connecting" || connection.attempt > 0))) {
      const offline = kind === "offline" || broken || restored || Boolean(unheard);
      const shown = snapshot ?? drawn;
      const old = shown && now - Date.parse(shown.as_of) > HALF_A_DAY;
      const from = shown ? `${old ? `${northstar.zone.dayName(shown.day)}, ` : ""}${northstar.zone.clock(shown.as_of, zone)}` : "";
      const whence = restored ? ", kept by this browser" : drawn ? ", which came with the page" : "";
      const last = elsewhere ? apart(from, offline, Boolean(unheard)) : shown ? `Showing the last good snapshot from ${from}${whence}.` : "There is no snapshot to show yet.";
      const quiet = silence(view);
      const still = quiet === null ? " The server answers, but has made no new snapshot." : ` Nothing was heard of the server for ${northstar.zone.age(quiet)}.`;
      const why = offline ? ` Reconnecting${connection.attempt ? `, attempt ${connection.attempt}` : ""}.` : still;
      return { key: "trouble", quiet: false, icon: offline ? "wifi-off" : "triangle-alert", strong: offline ? "Not receiving updates. " : "The figures stand still. ", text: last + why, retry: true };
    }
    if (view.paused) return stopped(view);
    if (kind === "waiting" && !snapshot) return { key: "waiting", quiet: true, icon: "clock", strong: "No figures yet. ", text: reason ?? "", retry: false };
    if (kind === "polling" && now - connection.ahead - connection.since > WORTH_MS)
      return { key: "polling", quiet: true, icon: "clock", strong: `Updates every ${northstar.badge.pollSeconds()} s. `, text: `Live updates are not to be had now${reason ? `: ${reason}` : ""}.`, retry: true };
    return null;
  }

  northstar.panels.push({
    id: "banner",
    everySecond: true,
    moving: true,
    /** @param {HTMLElement} root @param {View} view */
    draw(root, view) {
      const { el, icon, grow } = northstar.dom;
      const says = sentence(view);
      grow(root, says ? [
        el(says.quiet ? "div.banner.banner-quiet" : "div.banner", { "data-key": says.key }, icon(says.icon), el("p", null, el("strong", null, says.strong), says.text),
          says.retry ? el(says.quiet ? "button.button.small" : "button.button", { type: "button", "data-action": "retry" }, "Retry now") : null,
          says.resume ? el("button.button.small", { type: "button", "data-action": "pause" }, "Resume") : null,
          says.again ? el("a.button", { href: location.href }, "Load again") : null,
          says.now ? el("a.button.small", { href: location.pathname }, "Back to now") : null),
      ] : []);
    },
  });

  northstar.banner = { sentence };
}
