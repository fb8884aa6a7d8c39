/** Every reconciliation check: what was expected, what is, and the difference between them. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const WORDS = { ok: ["circle-check", "Matches"], failed: ["triangle-alert", "Differs"], waiting: ["clock", "Waiting"] };

  /** @param {string | null} amount */
  const text = (amount) => amount ?? "—";

  /** `I2_total_traded` as a reader says it: `Total traded`. @param {string} name */
  function spoken(name) {
    const words = name.replace(/^I\d+_/, "").replace(/_/g, " ");
    return words.charAt(0).toUpperCase() + words.slice(1);
  }

  /** Those that ask for a person come first. @param {any[]} checks */
  const urgent = (checks) => {
    const order = { failed: 0, waiting: 1, ok: 2 };
    const place = (/** @type {any} */ check) => order[/** @type {keyof typeof order} */ (check.state)] ?? 1;
    return [...checks].sort((a, b) => place(a) - place(b));
  };

  /** @param {any} check @param {string} zone */
  function row(check, zone) {
    const { el, icon } = northstar.dom;
    const [glyph, word] = WORDS[/** @type {keyof typeof WORDS} */ (check.state)] ?? WORDS.waiting;
    return el("tr", null,
      el("th", { scope: "row", title: check.name }, spoken(check.name), check.scope ? el("span.sub", null, check.scope) : null),
      el("td.num", null, text(check.expected)), el("td.num", null, text(check.actual)),
      el("td.num", null, text(check.difference), check.tolerance && Number(check.tolerance) !== 0 ? el("span.sub", null, `± ${check.tolerance}`) : null),
      el(`td.state-${check.state}`, null, el("span.state", null, icon(glyph), word),
        check.reason ? el("span.sub", null, check.reason) : check.since ? el("span.sub", null, `since ${northstar.zone.hourMinute(check.since, zone)}`) : null));
  }

  northstar.checks = { spoken, urgent };

  northstar.actions.checks = async (/** @type {HTMLElement} */ _element, /** @type {View} */ view) => {
    const { el } = northstar.dom;
    const title = "Does it agree with the sources?";
    northstar.overlay.dialog(title, [el("p.quiet", null, "Reading the checks…")]);
    try {
      const answer = await fetch(`${northstar.root}api/pnl/checks${view.asOf ? `?${new URLSearchParams({ as_of: view.asOf })}` : ""}`);
      if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
      const { checks, seq } = await answer.json();
      if (!document.querySelector("#dialog[open]")) return;
      northstar.overlay.dialog(title, [
        el("p.quiet", null, `${checks.length} checks of snapshot ${Number(seq).toLocaleString("en-US")}. `, el("a", { href: `${northstar.root}reconcile`, "data-page": "" }, "Since when, and how they have been")),
        el("div.scroll", { tabindex: "0", role: "region", "aria-label": "Checks" },
          el("table.table.checks", null,
            el("thead", null, el("tr", null, ...["Check", "Expected", "Actual", "Difference", "State"].map((name, i) => el(i && i < 4 ? "th.num" : "th", { scope: "col" }, name)))),
            el("tbody", null, ...urgent(checks).map((check) => row(check, view.zone))))),
      ]);
    } catch (error) {
      northstar.overlay.dialog(title, [el("p", null, `The checks could not be read: ${error instanceof Error ? error.message : error}.`)]);
    }
  };
}
