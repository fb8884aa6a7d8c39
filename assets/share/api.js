/** What the Share dialog asks of the server: the links that there are, a preview, a new link, an end. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** @param {string} path @param {string} method @param {object} [body] */
  async function ask(path, method, body) {
    const sent = body ? { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } } : {};
    const answer = await fetch(`${northstar.root}api/pnl/embeds${path}`, { method, cache: "no-store", ...sent });
    const found = await answer.json().catch(() => null);
    if (!answer.ok) throw new Error(found?.detail ?? `The server answered ${answer.status}.`);
    return found;
  }

  northstar.shareApi = {
    links: () => ask("", "GET"),
    /** @param {object} wanted */
    make: (wanted) => ask("", "POST", wanted),
    /** @param {string} number */
    end: (number) => ask(`/${encodeURIComponent(number)}`, "DELETE"),
    endAll: () => ask("", "DELETE"),
  };
}
