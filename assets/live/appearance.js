/** The popover in which the reader says how it is to look. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const THEMES = [["system", "System", "monitor"], ["light", "Light", "sun"], ["dark", "Dark", "moon"]];
  const COLOURS = [["teal", "Teal and vermilion"], ["blue", "Blue and orange"], ["green", "Green and red"]];

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
