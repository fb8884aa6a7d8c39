/** Has the service worker keep this page, so that it can be opened while the server is away. Only a secure context has one. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** Whether this page is one that was kept: it came without a figure, and the server may be away. */
  const isKept = () => document.querySelector('meta[name="pnl:kept"]') !== null;

  /** The files that this page has loaded, by their addresses. */
  const used = () => performance.getEntriesByType("resource").map(({ name }) => name).filter((name) => name.startsWith(location.origin));

  /** First come the figures; what a page loads to be drawn, it has loaded by then. */
  const AFTER_MS = 3000;

  /** @param {string} root */
  function begin(root) {
    const workers = navigator.serviceWorker;
    if (!workers) return;
    workers.addEventListener("message", ({ data }) => {
      if (data?.pnl !== "refused") return;
      void northstar.signedOut();
      // It was shown while the server took long to say that nobody is signed in.
      if (isKept()) location.reload();
    });
    const keep = () => setTimeout(() => void ask(workers, root), AFTER_MS);
    if (document.readyState === "complete") keep();
    else addEventListener("load", keep, { once: true });
  }

  /** @param {ServiceWorkerContainer} workers @param {string} root */
  async function ask(workers, root) {
    try {
      await workers.register(`${root}sw.js`, { scope: root });
      (await workers.ready).active?.postMessage({ keep: used() });
    } catch {
      // A browser that takes none, or a server that is away: this page is as it would be without.
    }
  }

  northstar.keep = { begin, isKept };
}
