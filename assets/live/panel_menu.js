/** The menu of a chart: as a table, as a file, as a picture, in another site's page, and as a link. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const NAMES = { curve: "Net P&L and drawdown", waterfall: "How today adds up", history: "Cumulative net P&L" };
  /** What of a chart is drawn, and the panel that other sites show of it. */
  const DRAWN = { curve: ".curve-chart", waterfall: ".waterfall-body", history: ".history-chart" };
  const SHARED = { curve: "equity", waterfall: "waterfall", history: "equity" };
  /** @typedef {keyof typeof NAMES} Chart */

  /** From when to when a chart is, half-open, and by which step. @param {Chart} chart @param {View} view @returns {{from: number, to: number, step: string} | null} */
  function stretch(chart, view) {
    if (chart === "history") {
      const found = northstar.historyPage.page.loader?.found.history;
      return found ? { from: found.span.since, to: found.span.until, step: found.step } : null;
    }
    if (!view.snapshot) return null;
    const at = Date.parse(view.snapshot.as_of);
    if (chart === "waterfall") return { from: at, to: at + 1, step: "raw" };
    return view.past.today ? { from: northstar.curve.since(view), to: at + 1, step: "1m" } : null;
  }

  /** Where the figures of a chart are had as CSV; null where it shows none yet. @param {Chart} chart @param {View} view */
  function csv(chart, view) {
    const found = stretch(chart, view);
    if (!found) return null;
    const query = new URLSearchParams({ table: "snapshots", from: new Date(found.from).toISOString(), to: new Date(found.to).toISOString() });
    if (found.step !== "raw") query.set("step", found.step);
    if (view.asOf && view.snapshot) query.set("last", String(view.snapshot.seq));
    return `${northstar.root}api/pnl/export.csv?${query}`;
  }

  /** Of when a picture of the chart is. @param {Chart} chart @param {View} view */
  function when(chart, view) {
    const demo = document.getElementById("demo") ? "DEMO DATA · " : "";
    const found = stretch(chart, view);
    const at = found ? `${northstar.then.wallOf(found.to - 1, view.zone).replace("T", " ")} ${northstar.zone.name(found.to - 1, view.zone)}` : "";
    return `${demo}NorthStar P&L · ${chart === "history" ? "until" : "as of"} ${at}`;
  }

  /** @param {string} text */
  const tell = (text) => northstar.overlay.dialog("Not done", [northstar.dom.el("p", { role: "alert" }, text)]);

  /** @param {Chart} chart @param {View} view */
  async function png(chart, view) {
    const drawn = /** @type {HTMLElement | null} */ (document.querySelector(DRAWN[chart]));
    const held = /** @type {HTMLElement | null} */ (drawn?.querySelector(".js-plotly-plot") ?? drawn);
    try {
      if (!held || !stretch(chart, view)) throw new Error("the chart has nothing to show yet");
      const blob = await northstar.picture.picture(held, NAMES[chart], when(chart, view));
      northstar.picture.save(blob, `northstar_${chart}_${new Date(/** @type {any} */ (stretch(chart, view)).to).toISOString().slice(0, 19).replace(/[-:]/g, "")}Z.png`);
    } catch (error) {
      tell(`There is no picture: ${error instanceof Error ? error.message : String(error)}.`);
    }
  }

  /** Copy a link, or show it where this browser does not let a page copy. Whether it is copied. @param {string} href */
  async function copied(href) {
    try {
      await navigator.clipboard.writeText(href);
      northstar.announce("The link is copied.");
      return true;
    } catch {
      northstar.overlay.dialog("Copy link", [northstar.dom.el("p", null, "This browser does not let a page copy: copy the link by hand."), northstar.dom.el("p", null, northstar.dom.el("code", null, href))]);
      return false;
    }
  }

  /** A link to the chart: on Live as it is when the link is opened, on History of the stretch that is shown. @param {Chart} chart */
  function link(chart) {
    const address = chart === "history" ? northstar.historyPage.link() : new URL(location.href);
    address.hash = chart;
    return copied(address.href);
  }

  /** @param {HTMLElement} button @param {View} view */
  function items(button, view) {
    const chart = /** @type {Chart} */ (button.dataset.of);
    const file = csv(chart, view);
    return [
      { label: "View as table", icon: "table", act: () => northstar.actions["as-table"](button, view) },
      ...(file ? [{ label: "Download CSV", icon: "download", href: file }] : []),
      { label: "Download PNG", icon: "file-text", act: () => void png(chart, view) },
      ...(document.getElementById("share-button") ? [{ label: "Embed", icon: "share", act: () => northstar.shareDialog.open(SHARED[chart]) }] : []),
      { label: "Copy link", icon: "link", act: () => void link(chart) },
    ];
  }

  /** A link to a chart leads to it, once it is there. */
  let wanted = typeof location === "undefined" ? "" : location.hash.slice(1);
  for (const chart of Object.keys(NAMES))
    (northstar.panels ??= []).push({
      id: `${chart}-menu`,
      /** @param {HTMLElement} root */
      draw(root) {
        if (wanted !== chart) return;
        wanted = "";
        root.closest("section")?.scrollIntoView({ block: "center" });
      },
    });

  (northstar.actions ??= {})["panel-menu"] = (/** @type {HTMLElement} */ button, /** @type {View} */ view) => northstar.menu.open(button, items(button, view));
  northstar.panelMenu = { items, csv, when, copied };
}
