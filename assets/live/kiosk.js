/** A wall screen: the page without its frame, its figures large, for people who stand some way off. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const root = () => document.documentElement;
  const on = () => root().hasAttribute("data-kiosk");
  /** @type {any} the lock that keeps the screen from going dark; null where it is not held */
  let lock = null;

  /** The address says it, so that a reload, or a link, shows the same. */
  function write() {
    const address = new URL(location.href);
    if (on() === (address.searchParams.get("kiosk") === "1")) return;
    if (on()) address.searchParams.set("kiosk", "1");
    else address.searchParams.delete("kiosk");
    history.replaceState(history.state, "", address);
  }

  /** Keep the screen lit while it is a wall's; a browser that cannot, or does not want to, lets it go dark. */
  async function light() {
    if (!on() || document.hidden || lock) return;
    lock = await navigator.wakeLock?.request("screen").catch(() => null);
    lock?.addEventListener("release", () => void (lock = null));
  }

  /** @param {boolean} wanted */
  function show(wanted) {
    root().toggleAttribute("data-kiosk", wanted);
    write();
    if (wanted) void light();
    else void lock?.release();
    document.dispatchEvent(new CustomEvent("pnl:theme"));
  }

  function turn() {
    const wanted = !on();
    if (/** @type {any} */ (document.getElementById("popover"))?.matches(":popover-open")) document.getElementById("popover")?.hidePopover();
    show(wanted);
    // A browser that keeps its window's frame shows the page large within it.
    if (wanted) void root().requestFullscreen?.().catch(() => null);
    else if (document.fullscreenElement) void document.exitFullscreen();
  }

  function watch() {
    document.addEventListener("fullscreenchange", () => {
      if (!document.fullscreenElement && on()) show(false);
    });
    document.addEventListener("visibilitychange", () => void light());
    void light();
  }

  (northstar.actions ??= {}).kiosk = turn;
  northstar.kiosk = { watch, turn, on, moved: write };
}
