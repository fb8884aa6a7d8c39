/** Whether what is shown adds up, checked here on every snapshot. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const ACCOUNT = [["cash", "Cash"], ["positions_value", "Positions"], ["equity", "Equity"]];

  /**
   * By how much the rows of positions differ from the value that was shown, where prices of then were thinned since: null
   * where all are kept, or it is the same. @param {Snapshot} snapshot
   */
  function apart({ flags, positions, account }) {
    if (!(flags ?? []).includes("marks_thinned")) return null;
    const { nano, cents, dollars } = northstar.money;
    const [told, shown] = [northstar.positions.total(positions, "value"), nano(account?.positions_value ?? null)];
    if (shown === null || told === shown) return null;
    return told === null ? "the price of some is not kept" : `${dollars(cents(told - shown), { plus: true })} against what was shown`;
  }

  northstar.panels.push({
    id: "footer",
    /** @param {HTMLElement} root @param {View} view */
    draw(root, { snapshot }) {
      if (!snapshot) return;
      const { el, icon, grow } = northstar.dom;
      const { ok, difference } = northstar.statement.tiesOut(snapshot);
      const marks = [...new Set(snapshot.positions.map((/** @type {any} */ row) => row.mark_source).filter((/** @type {string} */ source) => source === "bid" || source === "mid"))];
      const { failed } = snapshot.checks;
      const differs = apart(snapshot);
      // What cannot be known adds up to nothing that could be wrong.
      const { net, parts } = northstar.statement.read(snapshot);
      const unknown = net === null;
      const rounds = northstar.ties.apart(net, parts.map((/** @type {any} */ part) => part.shown));
      grow(root, [
        unknown ? el("span.ties", { "data-key": "unknown" }, icon("circle-dashed"), el("span", null, "Nothing to add up yet: no source has told anything"))
          : ok ? el("span.ties.gain", { "data-key": "ties" }, icon("circle-check"), el("span", null, `Ties out: ${northstar.statement.identity(parts)}${rounds ? `. ${northstar.ties.ROUNDED}` : ""}`))
          : el("span.ties.loss", { "data-key": "breaks" }, icon("triangle-alert"), el("span", null, `Does not tie out: the net differs from its parts by ${northstar.money.dollars(northstar.money.cents(difference), { plus: true })}`)),
        failed ? el("a.ties.loss", { "data-key": "failed", href: `${northstar.root ?? "/"}reconcile`, "data-page": "" }, icon("triangle-alert"), `${failed.toLocaleString("en-US")} ${failed === 1 ? "check differs" : "checks differ"}`) : null,
        ...ACCOUNT.filter(([name]) => /** @type {any} */ (snapshot).account?.[name] !== null && /** @type {any} */ (snapshot).account).map(([name, title]) => el("span", { "data-key": name }, `${title} `,
          el("button.why", { type: "button", "data-explain": name, "aria-haspopup": "dialog" }, northstar.money.dollars(northstar.money.cents(northstar.money.nano(/** @type {any} */ (snapshot).account[name])))))),
        differs === null ? null : el("span.ties", { "data-key": "thinned" }, icon("info"), el("span", null, `Positions do not tie out, as prices were thinned: ${differs}`)),
        el("span", { "data-key": "seq" }, `Snapshot ${snapshot.seq.toLocaleString("en-US")} · ${snapshot.finality}`),
        el("span", { "data-key": "marks" }, `Marks: ${marks.length ? marks.map((source) => (source === "bid" ? "best bid" : "mid")).join(", ") : "none needed"}`),
      ].filter((part) => part !== null));
    },
  });
}
