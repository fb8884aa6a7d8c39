/** The rules with how each does, and who did what to one; and the receivers with how messages to them do. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** @param {string} action @param {string} glyph @param {string} label @param {any} rule */
  const button = (action, glyph, label, rule) =>
    northstar.dom.el("button.icon-button", { type: "button", "data-action": action, "data-rule": rule.id, "aria-label": `${label}: ${rule.name}`, title: label }, northstar.dom.icon(glyph));

  /** Words that stay in one line, as an amount must. @param {string} text */
  const whole = (text) => (text ? northstar.dom.el("span.a-whole", null, text) : "");

  /** @param {string} action @param {string} text @param {Record<string, string>} data */
  const small = (action, text, data) => northstar.dom.el("button.button.small", { type: "button", "data-action": action, ...data }, text);

  /** What can be done about a rule, or what is asked before it is done. @param {any} rule @param {any} list @param {View} view */
  function doable(rule, list, view) {
    const { SILENCES } = northstar.alertWords;
    const asked = list.asking?.rule === rule.id ? list.asking.what : null;
    const of = { "data-rule": rule.id };
    if (asked === "silence") return [...Object.entries(SILENCES).map(([span, name]) => small("rule-silence", /** @type {string} */ (name), { ...of, "data-span": span })), small("rule-keep", "Cancel", of)];
    if (asked === "remove") return [small("rule-remove", "Remove it", of), small("rule-keep", "Keep", of)];
    const quiet = rule.silenced_until && Date.parse(rule.silenced_until) > view.now;
    return [
      quiet ? button("rule-hear", "bell", "Let it be heard", rule) : button("rule-ask-silence", "bell-off", "Silence for a time", rule),
      ...(rule.origin === "page" ? [button("rule-edit", "pencil", "Change", rule), button("rule-ask-remove", "trash-2", "Remove", rule)] : []),
    ];
  }

  /** @param {any} rule @param {any} list @param {View} view */
  function row(rule, list, view) {
    const { el, icon } = northstar.dom;
    const { PHASES, watches, standing, lasting } = northstar.alertWords;
    const phase = PHASES[rule.state];
    const [watched, limit] = watches(rule);
    const quiet = rule.silenced_until && Date.parse(rule.silenced_until) > view.now;
    const tone = rule.state === "firing" && rule.severity === "warning" ? "warn" : phase.tone;
    return el(`tr${rule.state === "firing" ? ".a-firing" : ""}`, { "data-key": rule.id, "data-alert-rule": rule.id },
      el("td.a-state", null, el(`span.pill${tone ? `.pill-${tone}` : ""}`, null, icon(phase.icon), phase.word), quiet ? el("span.sub", null, `silenced until ${northstar.sourceCard.when(rule.silenced_until, view)}`) : null),
      el("th.a-rule", { scope: "row" },
        el("button.e-open", { type: "button", "data-action": "rule-trail", "data-rule": rule.id, "aria-expanded": String(list.open === rule.id) }, icon("chevron-down"), el("span", null, rule.name)),
        el("span.sub", null, watched, limit && " ", whole(limit), rule.for_seconds ? ` for ${lasting(rule.for_seconds)}` : ""),
        list.said.has(rule.id) ? el("span.sub.loss", { role: "alert" }, list.said.get(rule.id)) : null),
      el("td.num.a-value", null, el("span", null, standing(rule)), el("span.sub", null, rule.missing ?? whole(limit && `limit ${limit}`))),
      el("td.a-since", null, rule.since ? el("time", { datetime: rule.since, "data-age-of": rule.since }, northstar.zone.since(view.now - Date.parse(rule.since))) : "—", rule.since ? el("span.sub", null, `since ${northstar.sourceCard.when(rule.since, view)}`) : null),
      el("td.a-who", null, el(`span.pill${rule.severity === "critical" ? ".pill-loss" : ""}`, null, rule.severity), el("span.sub", null, rule.receivers.join(", ") || "shown on the pages")),
      el("td.a-origin", null, rule.origin === "file" ? el("span.pill", { title: "It stands in the file of PNL_ALERTS_FILE: change it there" }, "file") : [el("span.pill", { title: "It was made on this page, and is changed here" }, "this page"), el("span.e-version", null, `v${rule.version}`)]),
      el("td.e-actions", null, ...doable(rule, list, view)));
  }

  /** @param {any} line */
  function did(line) {
    const { el } = northstar.dom;
    const words = { added: "Added", changed: "Changed", removed: "Removed", silenced: "Silenced", unsilenced: "Let it be heard" };
    const { figure, when, amount, until } = line.body;
    const what = until ? ` until ${String(until).slice(0, 16).replace("T", " ")} UTC` : figure ? ` · ${figure} ${String(when).replace("_", " ")} ` : "";
    return [el("strong", null, words[/** @type {keyof typeof words} */ (line.action)] ?? line.action), " by ", el("bdi", null, line.actor), el("span.quiet", null, what, figure && !until ? whole(String(amount)) : "")];
  }

  /** @param {any} list @param {View} view */
  function trail(list, { zone }) {
    const { el } = northstar.dom;
    const said = list.trail === null ? [el("p.quiet", null, "Reading who did what…")] : list.trail.length
      ? [el("ol.trail-lines", null, ...list.trail.map((/** @type {any} */ line) => el("li", null, el("time", { datetime: line.at }, `${String(line.at).slice(0, 10)} ${northstar.zone.clock(line.at, zone)}`), ...did(line))))]
      : [el("p.quiet", null, "It stands in the file, and nobody has silenced it here.")];
    return el("tr.trail", { "data-key": `trail ${list.open}` }, el("td", { colspan: "7" }, ...said));
  }

  /** @param {any} list @param {View} view */
  function rules(list, view) {
    const { el } = northstar.dom;
    const rows = northstar.alertWords.sorted(list.found.rules).flatMap((/** @type {any} */ rule) => (list.open === rule.id ? [row(rule, list, view), trail(list, view)] : [row(rule, list, view)]));
    const heads = [["State"], ["Rule"], ["Now", "num"], ["Since"], ["Tells"], ["From"]];
    return el("div.scroll", { "data-key": "table" }, el("table.table.alert-table", null,
      el("thead", null, el("tr", null, ...heads.map(([name, kind]) => el(kind ? `th.${kind}` : "th", { scope: "col" }, name)), el("th", { scope: "col" }, el("span.hidden-text", null, "What can be done")))),
      el("tbody", null, ...rows)));
  }

  /** How the messages to a receiver do. @param {any} one @param {View} view */
  function delivery(one, view) {
    const { when } = northstar.sourceCard;
    if (one.error) return { tone: "loss", text: `${one.error}${one.waiting ? `; ${one.waiting} on the way, tried again` : ""}` };
    if (one.waiting) return { tone: "quiet", text: `${one.waiting} on the way…` };
    if (one.test === "sent" && one.test_at && one.sent_at && one.sent_at >= one.test_at) return { tone: "quiet", text: `Took the test of ${when(one.test_at, view)}` };
    return { tone: "quiet", text: one.sent_at ? `Last message ${when(one.sent_at, view)}` : "Nothing was sent yet" };
  }

  /** @param {any} one @param {any} list @param {View} view */
  function receiver(one, list, view) {
    const { el, icon } = northstar.dom;
    const { tone, text } = list.said.has(one.name) ? { tone: "loss", text: list.said.get(one.name) } : delivery(one, view);
    return el("li.a-receiver", { "data-key": one.name, "data-receiver-row": one.name },
      el("span.a-name", null, el("strong", null, one.name), el("span.sub", null, northstar.alertWords.KINDS[one.kind])),
      el(`span.a-said.${tone}`, { role: "status" }, text),
      el("button.button.small", { type: "button", "data-action": "alert-test", "data-receiver": one.name, disabled: one.test === "waiting" ? "" : null, "aria-label": `Send a test to ${one.name}` }, icon("bell"), "Send a test"));
  }

  northstar.alertTable = { rules, receiver };
}
