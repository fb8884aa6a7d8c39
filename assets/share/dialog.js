/** The Share dialog: choose a panel and see it, make a link for another site's page, and revoke links. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});
  const REVOKED_SHOWN = 5;

  /** @type {any} what the dialog knows and what is chosen; null while it was never opened */
  let state = null;

  const zone = () => document.querySelector('meta[name="pnl:zone"]')?.getAttribute("content") ?? "UTC";
  const body = () => document.querySelector("#dialog .share");
  const panel = () => state.told.panels.find((/** @type {any} */ one) => one.name === state.panel);

  /** @param {string} path */
  const url = (path) => new URL(path.replace(/^\//, northstar.root), location.href).href;

  /** What is chosen, as the server takes it. */
  const wanted = () => ({ panels: [state.panel], range: state.range, theme: state.theme });

  /** @param {string} text @param {boolean} [wrong] */
  function tell(text, wrong = false) {
    Object.assign(state, { said: text, wrong });
    draw();
  }

  /** Read the links, and draw all of it. */
  async function read() {
    try {
      state.told = await northstar.shareApi.links();
      state.parents ??= new Set(state.told.parents);
      if (state.told.on) fit();
    } catch (error) {
      return tell(/** @type {Error} */ (error).message, true);
    }
    draw();
  }

  /** Show the panel as it is chosen: an older answer does not replace a newer one. */
  async function preview() {
    const mine = (state.asked = (state.asked ?? 0) + 1);
    state.made = null;
    try {
      const { path } = await northstar.shareApi.make({ ...wanted(), preview: true });
      if (mine === state.asked) state.preview = path;
    } catch (error) {
      if (mine === state.asked) Object.assign(state, { said: /** @type {Error} */ (error).message, wrong: true });
    }
    draw();
  }

  /** Choose a range that the panel has. */
  function fit() {
    const { ranges } = panel();
    if (!ranges.includes(state.range)) state.range = ranges.includes("1d") ? "1d" : ranges[0];
  }

  /** @param {string} name @param {string} value */
  function choose(name, value) {
    state[name] = value;
    fit();
    state.said = "";
    draw();
    void preview();
  }

  async function copy() {
    if (!state.parents.size) return tell("Choose at least one site.", true);
    try {
      if (!state.made) {
        const made = await northstar.shareApi.make({ ...wanted(), days: Number(state.days), parents: [...state.parents] });
        state.made = made.path;
        await read();
      }
      draw();
      await navigator.clipboard.writeText(snippet());
      tell("Copied. The link is in the list below, and can be revoked there.");
    } catch (error) {
      const box = /** @type {HTMLTextAreaElement | null} */ (document.getElementById("share-code"));
      if (!state.made) return tell(/** @type {Error} */ (error).message, true);
      box?.focus();
      box?.select();
      tell("The link is made. This browser does not let a page copy: copy the code by hand.");
    }
  }

  /** @param {() => Promise<{ended: number}>} end */
  async function revoke(end) {
    try {
      const { ended } = await end();
      state.made = null;
      state.said = ended === 1 ? "One link is revoked." : `${ended} links are revoked.`;
      state.wrong = false;
      await read();
    } catch (error) {
      tell(/** @type {Error} */ (error).message, true);
    }
  }

  const snippet = () => (state.made ? northstar.share.snippet({ url: url(state.made), panel: state.panel, title: panel().title }) : "");

  /** @param {string} name @param {string} label @param {[string, string][]} choices @param {string} chosen */
  function segments(name, label, choices, chosen) {
    const { el } = northstar.dom;
    return el("div.field", { "data-key": name }, el("span.share-label", { id: `share-${name}` }, label),
      el("div.segments", { role: "group", "aria-labelledby": `share-${name}` }, ...choices.map(([value, text]) =>
        el("button", { type: "button", "data-key": value, "data-action": "share-choose", "data-name": name, "data-value": value, "aria-pressed": String(value === chosen) }, text))));
  }

  function form() {
    const { el, icon } = northstar.dom;
    const { RANGES, THEMES, EXPIRIES } = northstar.share;
    const { panels, parents } = state.told;
    return el("div.share-form", { "data-key": "form" },
      el("div.field", { "data-key": "panel" }, el("label", { for: "share-panel" }, "Panel"),
        el("select.input", { id: "share-panel" }, ...panels.map((/** @type {any} */ { name, title }) => el("option", { value: name, selected: name === state.panel }, title)))),
      segments("range", "Range", panel().ranges.map((/** @type {keyof typeof RANGES} */ name) => [name, RANGES[name]]), state.range),
      segments("theme", "Theme", Object.entries(THEMES), state.theme),
      segments("days", "Link expires in", Object.entries(EXPIRIES), state.days),
      el("fieldset.share-sites", { "data-key": "sites" }, el("legend", null, "Allowed sites"), ...parents.map((/** @type {string} */ origin) =>
        el("label", { "data-key": origin }, el("input", { type: "checkbox", value: origin, checked: state.parents.has(origin) }), el("span", null, origin)))),
      el("div.share-buttons", { "data-key": "buttons" }, el("button.button.primary", { type: "button", id: "share-copy", "data-action": "share-copy" }, icon("link"), "Copy code"),
        el("button.button", { type: "button", "data-action": "share-end-all" }, "Revoke all")),
      el(state.wrong ? "p.share-said.loss" : "p.share-said", { "data-key": "said", role: "status" }, state.said));
  }

  function shown() {
    const { el } = northstar.dom;
    return el("div.share-shown", { "data-key": "shown" },
      state.preview ? el("iframe.share-preview", { "data-key": state.preview, src: state.preview.replace(/^\//, northstar.root), title: `Preview: ${panel().title}`, height: String(northstar.share.height(state.panel)), "data-own": "" })
        : el("div.share-preview", { "data-key": "none" }),
      el("label.share-label", { "data-key": "code-label", for: "share-code" }, "Code for the page"),
      el("textarea.input.share-code", { "data-key": "code", id: "share-code", rows: "5", readonly: true, spellcheck: "false", placeholder: "The code stands here once it is copied: only then is its link made." }, snippet()));
  }

  function links() {
    const { el } = northstar.dom;
    const all = state.told.links;
    const open = all.filter((/** @type {any} */ { state: how }) => how === "open");
    const gone = all.filter((/** @type {any} */ { state: how }) => how !== "open").slice(0, REVOKED_SHOWN);
    if (!all.length) return el("p.quiet.share-none", { "data-key": "links" }, "There is no link yet.");
    const titles = Object.fromEntries(state.told.panels.map((/** @type {any} */ { name, title }) => [name, title]));
    return el("div.scroll.share-links", { "data-key": "links", tabindex: "0", role: "region", "aria-label": "Links" }, el("table.table", null,
      el("thead", null, el("tr", null, ...["Panel", "Sites", "Made by", "Valid", ""].map((name) => el("th", { scope: "col" }, name || el("span.hidden-text", null, "Revoke"))))),
      el("tbody", null, ...[...open, ...gone].map((/** @type {any} */ link) => el(link.state === "open" ? "tr" : "tr.share-gone", { "data-key": link.number },
        el("th", { scope: "row" }, link.panels.map((/** @type {string} */ name) => titles[name] ?? name).join(", "), link.locked.range ? ` · ${northstar.share.RANGES[link.locked.range]}` : "", link.locked.from ? ` · ${link.locked.from} to ${link.locked.to ?? "now"}` : ""),
        el("td", null, link.parents.join(", ")), el("td", null, link.made_by), el("td", null, northstar.share.said(link, zone())),
        el("td.num", null, link.state === "open" ? el("button.button.small", { type: "button", "data-action": "share-end", "data-number": link.number, "aria-label": `Revoke the link to ${titles[link.panels[0]]}, ${northstar.share.said(link, zone())}` }, "Revoke") : null))))));
  }

  function draw() {
    const { el, grow } = northstar.dom;
    const root = body();
    if (!root) return;
    if (!state.told) return grow(root, [el(state.wrong ? "p.loss" : "p.quiet", { "data-key": "wait" }, state.said || "Reading the links…")]);
    if (!state.told.on)
      return grow(root, [el("div.share-off", { "data-key": "off" }, el("p", null, "No other site may show a panel yet."),
        el("p.quiet", null, "Set ", el("code", null, "PNL_EMBED_PARENTS"), " to the sites that may, such as ", el("code", null, "https://wiki.example.com"), ", and restart. docs/how-to/embed-a-panel.md tells the rest."))]);
    grow(root, [form(), shown(), el("h3.share-title", { "data-key": "title" }, "Links"), links()]);
    const code = /** @type {HTMLTextAreaElement | null} */ (document.getElementById("share-code"));
    if (code) code.value = snippet();
  }

  /** @param {string} [chosen] the panel to begin with; the one of the last time where not given */
  function open(chosen) {
    const { el } = northstar.dom;
    if (!document.getElementById("share-button")) return;
    const before = state;
    state = { panel: chosen ?? before?.panel ?? "equity", range: before?.range ?? "1d", theme: before?.theme ?? "auto", days: before?.days ?? "30", parents: null, told: null, made: null, preview: null, said: "", wrong: false };
    northstar.overlay.dialog("Share a panel", [el("div.share", null)]);
    draw();
    void read().then(() => state.told?.on && preview());
  }

  /** @param {Event} event */
  function changed(event) {
    const target = /** @type {HTMLInputElement} */ (event.target);
    if (target.id === "share-panel") choose("panel", target.value);
    else if (target.closest(".share-sites")) {
      state.parents[target.checked ? "add" : "delete"](target.value);
      state.made = null;
      draw();
    }
  }

  /** The preview is as high as its panel. @param {MessageEvent} event */
  function sized({ source, origin, data }) {
    const frame = /** @type {HTMLIFrameElement | null} */ (document.querySelector(".share-preview[src]"));
    if (frame && source === frame.contentWindow && origin === location.origin && data?.type === "northstar:size") frame.style.height = `${Number(data.height) + 2}px`;
  }

  Object.assign((northstar.actions ??= {}), {
    share: () => open(),
    "share-choose": (/** @type {HTMLElement} */ { dataset }) => choose(/** @type {string} */ (dataset.name), /** @type {string} */ (dataset.value)),
    "share-copy": () => void copy(),
    "share-end": (/** @type {HTMLElement} */ { dataset }) => void revoke(() => northstar.shareApi.end(dataset.number)),
    "share-end-all": () => void revoke(() => northstar.shareApi.endAll()),
  });
  northstar.shareDialog = { open };
  if (typeof document !== "undefined") {
    document.addEventListener("change", (event) => void (body()?.contains(/** @type {Node} */ (event.target)) && changed(event)));
    addEventListener("message", sized);
  }
}
