/** The alerts page: the rules, who is told, and what the file has wrong. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  let known = /** @type {any} */ (null);

  const list = () =>
    (known ??= new northstar.AlertList({ api: northstar.alertsApi, random: Math.random, later: (/** @type {() => void} */ act, /** @type {number} */ ms) => setTimeout(act, ms), changed: () => northstar.redraw?.() }));

  /** What is to be said above the rules. @param {any} found */
  function notes({ found, trouble }) {
    const { el, icon } = northstar.dom;
    return [
      trouble && found ? el("p.reconcile-note", { "data-key": "old", role: "status" }, `How the rules do could not be read anew: this is how they did. ${trouble}`) : null,
      found?.file.trouble ? el("div.a-trouble", { "data-key": "file", role: "alert" }, icon("triangle-alert"), el("p", null, el("strong", null, "The file of rules could not be taken; the rules before stay in force. "), found.file.trouble)) : null,
    ];
  }

  /** @param {HTMLElement} root @param {View} view @param {(found: any) => (Node | null)[]} make @param {string} note */
  function fill(root, view, make, note) {
    const { el, icon, grow } = northstar.dom;
    const all = list();
    if (view.snapshot && !view.restored) all.follow(view.snapshot);
    const body = /** @type {Element} */ (root.querySelector(".a-body"));
    grow(/** @type {Element} */ (root.querySelector(".panel-note")), [note]);
    if (!all.found) {
      return grow(body, all.trouble
        ? [el("div.explain-trouble", { "data-key": "trouble", role: "alert" }, icon("circle-alert"), el("p", null, `The alerts could not be read. ${all.trouble}`), el("button.button.small", { type: "button", "data-action": "alerts-again" }, "Try again"))]
        : [el("p.empty", { "data-key": "empty" }, "Reading…")]);
    }
    grow(body, make(all.found).filter((part) => part !== null));
  }

  /** @param {any} found */
  function counted(found) {
    if (!found) return "";
    const firing = found.rules.filter((/** @type {any} */ one) => one.state === "firing").length;
    return `${found.rules.length} ${found.rules.length === 1 ? "rule" : "rules"}, ${firing ? `${firing} firing` : "none firing"}`;
  }

  (northstar.panels ??= []).push({
    id: "alert-rules",
    /** @param {HTMLElement} root @param {View} view */
    draw(root, view) {
      const { el } = northstar.dom;
      const all = list();
      fill(root, view, (found) => [...notes(all), found.rules.length ? northstar.alertTable.rules(all, view) : el("p.empty", { "data-key": "none" }, "No rule yet. Add the first one, or name a file of rules in PNL_ALERTS_FILE.")], counted(all.found));
    },
  });

  northstar.panels.push({
    id: "alert-receivers",
    /** @param {HTMLElement} root @param {View} view */
    draw(root, view) {
      const { el } = northstar.dom;
      const all = list();
      fill(root, view, (found) => [found.receivers.length
        ? el("ul.a-receivers", { "data-key": "receivers" }, ...found.receivers.map((/** @type {any} */ one) => northstar.alertTable.receiver(one, all, view)))
        : el("p.empty", { "data-key": "none" }, found.file.configured ? "The file names nobody." : "Nobody: receivers hold secrets, and stand in the file of PNL_ALERTS_FILE; docs/how-to/alert-somebody.md says how.")], "named in the file");
    },
  });

  /** @param {HTMLElement} element */
  const ruleOf = (element) => list().found?.rules.find((/** @type {any} */ one) => one.id === element.dataset.rule);
  /** @param {HTMLElement} element @param {(id: string, rule: any) => Promise<any>} act */
  const about = (element, act) => {
    const rule = ruleOf(element);
    if (rule) void list().act(rule.id, () => act(rule.id, rule));
  };

  Object.assign((northstar.actions ??= {}), {
    "alerts-again": () => void list().look(),
    "rule-edit": (/** @type {HTMLElement} */ element) => northstar.ruleCard.edit(ruleOf(element)),
    "rule-ask-silence": (/** @type {HTMLElement} */ element) => (list().asking = { rule: element.dataset.rule ?? "", what: "silence" }),
    "rule-ask-remove": (/** @type {HTMLElement} */ element) => (list().asking = { rule: element.dataset.rule ?? "", what: "remove" }),
    "rule-keep": () => (list().asking = null),
    "rule-silence": (/** @type {HTMLElement} */ element) => about(element, (id) => northstar.alertsApi.silence(id, element.dataset.span ?? "1h")),
    "rule-hear": (/** @type {HTMLElement} */ element) => about(element, (id) => northstar.alertsApi.silence(id, null)),
    "rule-remove": (/** @type {HTMLElement} */ element) => about(element, (id, rule) => northstar.alertsApi.remove(id, rule.version)),
    "rule-trail": (/** @type {HTMLElement} */ element) => void list().history(element.dataset.rule ?? ""),
    "alert-test": (/** @type {HTMLElement} */ element) => void list().act(element.dataset.receiver ?? "", () => northstar.alertsApi.test(element.dataset.receiver ?? "")),
  });

  northstar.alertPage = { list };
}
