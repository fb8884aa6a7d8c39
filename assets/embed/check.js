/** Looks around from inside: whether we are framed, by whom, what is kept from us, and what a proxy added on the way. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /**
   * What was found, in words with a cure.
   * @param {{framed: boolean, ancestor: string | null, parents: string[], opaque: boolean, cookies: string, storage: boolean,
   *   headers: Headers | null, referrer: string}} seen
   * @returns {{good: boolean, title: string, text: string}[]}
   */
  function findings({ framed, ancestor, parents, opaque, cookies, storage, headers, referrer }) {
    const out = [];
    const add = (/** @type {boolean} */ good, /** @type {string} */ title, /** @type {string} */ text) => void out.push({ good, title, text });
    if (!framed) add(true, "This page is not in a frame.", "To see what a site allows, put its address into an iframe there.");
    else {
      const by = ancestor ?? (referrer ? new URL(referrer).origin : null);
      if (by) add(parents.includes(by), `It is in a frame of ${by}.`, parents.includes(by) ? "That site may frame panels." : "Add that site to PNL_EMBED_PARENTS.");
      else add(true, "It is in a frame.", "Of which site, this browser does not tell.");
    }
    if (framed) add(true, opaque ? "The frame is sandboxed." : "The frame is not sandboxed.", opaque ? "That is fine: a panel needs nothing but allow-scripts." : 'sandbox="allow-scripts allow-popups" would do, and is safer.');
    add(true, cookies ? "Cookies are within reach." : "No cookie is within reach.", "None is needed, and none is read.");
    add(true, storage ? "Storage is within reach." : "Storage is kept from this frame.", "None is needed: the token is held in memory.");
    if (!headers) {
      add(false, "This page could not ask for itself again.", "Look whether something between here and the server refuses it.");
      return out;
    }
    const options = headers.get("X-Frame-Options");
    if (options) add(false, `A proxy adds X-Frame-Options: ${options}.`, "It would stop every frame: have the proxy leave that header off below /embed/.");
    else add(true, "No X-Frame-Options on the way.", "");
    const policy = headers.get("Content-Security-Policy") ?? "";
    const framing = policy.split(";").map((part) => part.trim()).filter((part) => part.startsWith("frame-ancestors"));
    if (policy.includes(",") || framing.length > 1) add(false, "A proxy adds a Content-Security-Policy of its own.", "Both count together: have the proxy leave the one of /embed/ as it is.");
    else if (framing.length) add(!framing[0].includes("'none'"), `In force: ${framing[0]}.`, framing[0].includes("'none'") ? "No site may frame anything: set PNL_EMBED_PARENTS." : "");
    else add(false, "No frame-ancestors arrived.", "A proxy takes the Content-Security-Policy away: have it pass that header.");
    return out;
  }

  async function look() {
    const reached = (/** @type {() => any} */ ask) => {
      try {
        return ask();
      } catch {
        return null;
      }
    };
    const answer = await fetch(location.href, { credentials: "omit", cache: "no-store" }).catch(() => null);
    const found = findings({
      framed: parent !== window, ancestor: location.ancestorOrigins?.[0] ?? null, parents: northstar.embed.meta("parents").split(" "), opaque: self.origin === "null",
      cookies: reached(() => document.cookie) ?? "", storage: reached(() => localStorage) !== null, headers: answer?.headers ?? null, referrer: document.referrer,
    });
    document.getElementById("embed-inside")?.replaceChildren(...found.map(({ good, title, text }) => {
      const item = document.createElement("li");
      item.className = good ? "embed-good" : "embed-bad";
      const strong = document.createElement("strong");
      strong.textContent = title;
      item.append(strong, ` ${text}`);
      return item;
    }));
  }

  (northstar.embed ??= {}).findings = findings;
  if (typeof document !== "undefined") {
    northstar.embed.parent().measure(/** @type {HTMLElement} */ (document.getElementById("embed")));
    void look();
  }
}
