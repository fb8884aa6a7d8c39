/** Whoever signs out leaves no figures behind in this browser: what pages keep is forgotten, but for how it looks. */
"use strict";
{
  const KEEP = ["pnl.theme", "pnl.palette"];
  const OURS = /^(pnl|northstar)\./;

  /** @param {Storage} memory */
  function forget(memory) {
    for (const key of Object.keys(memory)) if (OURS.test(key) && !KEEP.includes(key)) memory.removeItem(key);
  }

  globalThis.document?.addEventListener("submit", (event) => {
    if (!(event.target instanceof HTMLFormElement) || event.target.id !== "sign-out") return;
    document.dispatchEvent(new CustomEvent("pnl:sign-out"));
    try {
      forget(localStorage);
      forget(sessionStorage);
    } catch {
      // A browser that keeps nothing has nothing to forget.
    }
  });
}
