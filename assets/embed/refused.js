/** The page that says why there is no panel: tells the page around it, and goes on with a newer token. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});
  const main = /** @type {HTMLElement} */ (document.getElementById("embed"));
  const parent = northstar.embed.parent();

  parent.measure(main);
  parent.say("expired", { reason: document.getElementById("embed-reason")?.textContent ?? "" });
  parent.hear({
    token: ({ token }) => {
      if (typeof token !== "string" || !token || token === northstar.embed.token) return;
      const query = new URLSearchParams(location.search);
      query.set("token", token);
      location.replace(`${location.pathname}?${query}`);
    },
  });
}
