/**
 * The first paint: the server sends the page with its newest figures inside the entry point. It is moved
 * beside it before React clears that, and taken away in the very frame in which the app has the page.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});
  /** A page that has not started by then says so: what it shows is getting old. */
  const PATIENCE_MS = 15_000;

  /** @param {Element} first */
  function late(first) {
    const { el, icon } = northstar.dom;
    if (!first.isConnected || first.querySelector(".banner")) return;
    first.querySelector("main")?.prepend(el("div.banner", { role: "alert" }, icon("triangle-alert"),
      el("p", null, el("strong", null, "This page has not started. "), "The figures are those of when it was opened, and do not move."),
      el("a.button", { href: location.href }, "Load again")));
    document.documentElement.toggleAttribute("data-troubled", true);
  }

  /** @param {Document} page */
  function keep(page) {
    const entry = page.getElementById("react-entry-point");
    const first = entry?.querySelector(":scope > .first");
    if (!entry || !first) return;
    entry.after(first);
    const timer = setTimeout(late, PATIENCE_MS, first);
    const watch = new MutationObserver(() => {
      if (!page.getElementById("_pages_content")?.hasChildNodes()) return;
      watch.disconnect();
      clearTimeout(timer);
      first.remove();
    });
    watch.observe(entry, { childList: true, subtree: true });
  }

  if (typeof document !== "undefined") keep(document);
}
