/** Draws the export menu: the form, how many rows it stands for, and how an export goes or went. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** @param {string} name @param {string} label @param {string[][]} options @param {string} value @param {boolean} [off] */
  function select(name, label, options, value, off = false) {
    const { el } = northstar.dom;
    return el("label.x-field", { "data-key": name }, el("span", null, label),
      el("select.input", { "data-export-field": name, disabled: off }, ...options.map(([key, text]) => el("option", { value: key, selected: key === value }, text))));
  }

  /** @param {string} name @param {string} label @param {any} view */
  const date = (name, label, view) => northstar.dom.el("label.x-field", { "data-key": name }, northstar.dom.el("span", null, label), northstar.dom.el("input.input", { type: "date", "data-export-field": name, value: view.choice[name], max: view.today }));

  /** @param {string} name @param {string} label @param {any} view */
  const tick = (name, label, view) => northstar.dom.el("label.x-tick", { "data-key": name }, northstar.dom.el("input", { type: "checkbox", "data-export-field": name, checked: view.choice[name] }), northstar.dom.el("span", null, label));

  /** The form. @param {any} view */
  function form(view) {
    const { el, icon } = northstar.dom;
    const { TABLES, FORMATS, STEPS, RANGES, lacks, fitting, isText, trouble, said } = northstar.exportChoice;
    const fit = fitting(view.choice);
    const { then } = view;
    const wrong = trouble(view.choice) || (then?.trouble ?? "");
    const waits = Boolean(wrong) || (then !== null && then.seq === null);
    const ranges = RANGES.filter(([key]) => key !== "page" || view.page.from || view.page.to);
    const about = (TABLES.find(([key]) => key === fit.table)?.[2] ?? "").replace("known now", then ? "known then" : "known now");
    return [
      el("p.x-range", { "data-key": "range-said" }, said(view.choice, view.today, view.zone), then?.seq ? ` · as known at snapshot ${then.seq.toLocaleString("en-US")}` : ""),
      el("div.x-fields", { "data-key": "fields" },
        select("table", "Table", TABLES, fit.table),
        select("range", "Range", ranges, view.choice.range),
        view.choice.range === "days" ? date("from", "First day", view) : null,
        view.choice.range === "days" ? date("to", "Last day", view) : null,
        fit.table === "snapshots" ? select("step", "One row for", STEPS, fit.step) : null),
      el("p.x-about", { "data-key": "about" }, `${about.charAt(0).toUpperCase()}${about.slice(1)}.`),
      el("div.x-formats", { "data-key": "formats", role: "radiogroup", "aria-label": "Format" }, ...FORMATS.map(([key, name]) => {
        const why = lacks(key, fit.table);
        return el("label.x-format", { "data-key": key, title: why || null }, el("input", { type: "radio", name: "export-format", value: key, "data-export-field": "format", checked: key === fit.format, disabled: Boolean(why) }), el("span", null, name));
      })),
      isText(fit.format) ? el("div.x-ticks", { "data-key": "ticks" }, tick("excel", "For Excel", view), tick("local", `With the time in ${view.zone}`, view)) : null,
      el("p.x-count", { "data-key": "count", role: "status" }, ...counted(wrong, view)),
      el("div.x-buttons", { "data-key": "buttons" },
        el("button.button.primary", { type: "button", "data-export-do": "download", disabled: waits || view.busy }, icon("download"), "Download"),
        el("button.button", { type: "button", "data-export-do": "copy", disabled: waits }, icon(view.copied ? "check" : "link"), view.copied ? "Copied" : "Copy address")),
    ];
  }

  /** @param {string} wrong @param {any} view */
  function counted(wrong, view) {
    const { el } = northstar.dom;
    if (wrong) return [el("span.loss", null, wrong)];
    const found = view.counted;
    if (!found || found.query !== view.address) return [el("span.quiet", null, "Counting the rows…")];
    if (found.trouble) return [el("span.loss", null, found.trouble)];
    return [el("strong", null, found.rows === null ? "" : northstar.exportChoice.rows(found.rows)), found.rows === 0 ? " in this range" : ""];
  }

  /** How the export goes that is on its way, or how it ended. @param {any} view */
  function progress(view) {
    const { el, icon } = northstar.dom;
    const { rows, size } = northstar.exportChoice;
    const { job } = view;
    if (!job) return null;
    const percent = job.part === null ? null : Math.floor(job.part * 100);
    const button = (/** @type {string} */ act, /** @type {string} */ text) => el("button.button.small", { type: "button", "data-export-do": act }, text);
    if (view.busy) {
      const known = job.here === null ? "" : `${job.here.toLocaleString("en-US")} of ${job.rows === null ? "…" : rows(job.rows)}`;
      const left = job.left === null ? "" : `${Math.max(1, Math.round(job.left / 1000)).toLocaleString("en-US")} s left`;
      const doing = { counting: "Counting the rows…", checking: "Checking every byte…", reading: [known, size(job.got), left].filter(Boolean).join(" · ") }[/** @type {"counting" | "reading" | "checking"} */ (job.state)];
      return el("div.x-job", { "data-key": "job" },
        el("div.x-job-head", null, el("strong", null, job.name || "Export"), button("cancel", "Cancel")),
        el("progress.x-bar", { "aria-label": "Export", max: "100", value: percent === null ? null : String(percent) }),
        el("p.quiet", null, doing, job.resumed ? ` · went on ${job.resumed === 1 ? "once" : `${job.resumed} times`} after a cut` : ""));
    }
    if (job.state === "done") {
      return el("div.x-job.x-done", { "data-key": "job", role: "status" }, icon("circle-check"),
        el("div", null, el("strong", null, job.name), el("p.quiet", null, `${rows(job.rows)} · ${size(job.got)} · every byte checked`), el("code.x-sum", { title: "SHA-256, as the manifest says" }, job.sum)));
    }
    if (job.state === "cancelled") return el("div.x-job", { "data-key": "job", role: "status" }, el("p.quiet", null, "Cancelled. Nothing was saved."));
    return el("div.x-job.x-failed", { "data-key": "job", role: "alert" }, icon("triangle-alert"),
      el("div", null, el("p", null, job.trouble), button("again", job.resumable && job.counted.count ? `Go on after ${rows(job.counted.count)}` : "Try again")));
  }

  northstar.exportForm = { form, progress };
}
