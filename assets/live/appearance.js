/** The popover in which the reader says how it is to look; it also holds what the bar above has no room for. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const THEMES = [["system", "System", "monitor"], ["light", "Light", "sun"], ["dark", "Dark", "moon"]];
  const COLOURS = [["teal", "Teal and vermilion"], ["blue", "Blue and orange"], ["green", "Green and red"]];

  /** Buttons of the bar that have no place there on a narrow screen, in the popover's own words. */
  const BESIDE = [["share-button", "share", "share", "Share a panel"], ["help-button", "help", "keyboard", "Keyboard shortcuts"]];

  /** The buttons of the bar that there are, and that are not shown. */
  const hidden = () => BESIDE.filter(([id]) => document.getElementById(id)?.getClientRects().length === 0);

  function content() {
    const { el, icon } = northstar.dom;
    const { wish, palette } = northstar.theme;
    return [
      el("h2", { id: "appearance-theme" }, "Theme"),
      el("div.segments.appearance-themes", { role: "group", "aria-labelledby": "appearance-theme" },
        ...THEMES.map(([key, name, sign]) => el("button", { type: "button", "data-action": "theme", "data-theme-is": key, "aria-pressed": String(wish() === key) }, icon(sign), name))),
      el("h2", { id: "appearance-colours" }, "Gain and loss"),
      el("div.appearance-colours", { role: "group", "aria-labelledby": "appearance-colours" },
        ...COLOURS.map(([key, name]) => el("button.appearance-colour", { type: "button", "data-action": "palette", "data-palette-is": key, "aria-pressed": String(palette() === key) },
          el("span.appearance-sample", { "aria-hidden": "true", "data-palette": key }, el("span.gain", null, "▲"), el("span.loss", null, "▼")), name))),
      el("button.button.small.appearance-kiosk", { type: "button", "data-action": "kiosk" }, icon("monitor"), "Wall screen", el("kbd", { "aria-hidden": "true" }, "f")),
      ...hidden().map(([, action, sign, name]) => el("button.button.small.appearance-more", { type: "button", "data-action": action }, icon(sign), name)),
    ];
  }

  const again = () => northstar.overlay.refresh("theme-button", content);

  Object.assign((northstar.actions ??= {}), {
    appearance: (/** @type {HTMLElement} */ anchor) => northstar.overlay.popover(anchor, content()),
    theme: (/** @type {HTMLElement} */ button) => {
      northstar.theme.choose(button.dataset.themeIs ?? "system");
      again();
    },
    palette: (/** @type {HTMLElement} */ button) => {
      northstar.theme.colour(button.dataset.paletteIs ?? "teal");
      again();
    },
  });
}
