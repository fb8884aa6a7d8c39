/** The first run: nothing is connected, so there are no figures; a card a source says what connects it. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** @type {any[]} rows of `/api/pnl/sources`; empty until they are read */
  let rows = [];
  let asked = false;
  let trouble = "";

  /** Whether nothing at all is connected. @param {{sources: Record<string, {status: string}>} | null} snapshot */
  function nothing(snapshot) {
    const states = Object.values(snapshot?.sources ?? {}).map(({ status }) => status);
    return states.length > 0 && states.every((status) => status === "off");
  }

  async function read() {
    asked = true;
    try {
      rows = (await northstar.explainApi.read(`${northstar.root ?? "/"}api/pnl/sources`)).sources;
      trouble = "";
    } catch (error) {
      trouble = error instanceof Error ? error.message : String(error);
    }
    northstar.redraw?.();
  }

  /** @param {any} source */
  function card({ name, settings, guide }) {
    const { el, icon } = northstar.dom;
    const { title, gives } = northstar.sourceWords.words(name);
    return el("section.card.connect-card", { "data-key": name, "data-connect": name, "aria-label": `Connect ${title}` },
      el("span.tile", { "aria-hidden": "true" }, icon("plug")),
      el("h2", null, `Connect ${title}`), el("p", null, `${gives}.`),
      el("ul.connect-settings", { "aria-label": "Settings" }, ...settings.map((/** @type {string} */ setting) => el("li", null, el("code", null, setting)))),
      el("p.connect-guide", null, "How: ", el("code", null, guide)));
  }

  northstar.panels.push({
    id: "first-run",
    /** @param {HTMLElement} root @param {View} view */
    draw(root, { snapshot }) {
      const { el, icon, grow } = northstar.dom;
      if (!nothing(snapshot)) return grow(root, []);
      if (!asked) void read();
      grow(root, [
        el("div.connect-head", { "data-key": "head" }, el("h2", null, "Nothing is connected yet"),
          el("p", null, "Set what you have in .env and start again. One source is enough to begin with; what is not connected is shown as unknown, never as zero.")),
        el("div.connect-cards", { "data-key": "cards" }, ...rows.map(card)),
        ...(trouble ? [el("div.explain-trouble", { "data-key": "trouble", role: "alert" }, icon("circle-alert"), el("p", null, `What can be connected could not be read. ${trouble}`), el("button.button.small", { type: "button", "data-action": "first-run-again" }, "Try again"))] : []),
      ]);
    },
  });

  (northstar.actions ??= {})["first-run-again"] = () => void read();
  northstar.firstRun = { nothing };
}
