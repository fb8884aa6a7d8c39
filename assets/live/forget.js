/** Leaves no figures behind in this browser: what pages keep is forgotten, but for how it looks. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});
  const LOOKS = ["pnl.theme", "pnl.palette"];
  const OURS = /^(pnl|northstar)\./;

  /** @param {() => Storage} open */
  function empty(open) {
    try {
      const memory = open();
      for (const key of Object.keys(memory)) if (OURS.test(key) && !LOOKS.includes(key)) memory.removeItem(key);
    } catch {
      // A browser that keeps nothing has nothing to forget.
    }
  }

  /** Forget it now; the pages that the service worker keeps go as soon as the browser gets to it. */
  northstar.forget = async () => {
    empty(() => localStorage);
    empty(() => sessionStorage);
    if (!globalThis.caches) return;
    for (const name of await caches.keys()) if (name.startsWith("pnl ")) await caches.delete(name);
  };

  // The page to sign in at: nobody is signed in who sees it.
  if (globalThis.document?.currentScript?.hasAttribute("data-now")) void northstar.forget();
}
