/** Whoever signs out, or is not let in any more, leaves no figures behind in this browser. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** What is kept is forgotten, and what is shown is not kept again. */
  northstar.signedOut = () => {
    document.dispatchEvent(new CustomEvent("pnl:sign-out"));
    return northstar.forget();
  };

  globalThis.document?.addEventListener("submit", (event) => {
    if (event.target instanceof HTMLFormElement && event.target.id === "sign-out") void northstar.signedOut();
  });
}
