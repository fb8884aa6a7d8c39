/** A menu under its button, walked by the arrow keys; Escape and Tab close it, and the focus goes back to the button. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});
  const MARGIN = 8;

  /**
   * @typedef {{label: string, icon: string, href?: string, act?: () => void}} Item
   * One with `href` is a link that downloads; any other does what `act` does.
   */

  /** @type {HTMLElement | null} the button whose menu is open */
  let button = null;
  /** @type {HTMLElement | null} the one that is pressed while its menu is open, which the press itself closes */
  let pressedAgain = null;

  /** @returns {HTMLElement} */
  function box() {
    const known = document.getElementById("menu");
    if (known) return known;
    const made = northstar.dom.el("div.menu", { id: "menu", popover: "auto", role: "menu" });
    made.addEventListener("keydown", pressed);
    made.addEventListener("toggle", (/** @type {any} */ { newState }) => {
      if (newState === "closed") closed();
    });
    (document.getElementById("content") ?? document.body).append(made);
    return made;
  }

  const items = () => /** @type {HTMLElement[]} */ ([...box().querySelectorAll("[role=menuitem]")]);

  /** @param {HTMLElement} anchor @param {Item[]} wanted */
  function open(anchor, wanted) {
    const { el, icon, set } = northstar.dom;
    const again = button === anchor || pressedAgain === anchor;
    pressedAgain = null;
    close();
    if (again) return;
    const menu = box();
    button = anchor;
    set(menu, "aria-labelledby", anchor.id);
    menu.replaceChildren(...wanted.map(({ label, icon: name, href, act }) => {
      const made = el(href ? "a.menu-item" : "button.menu-item", { role: "menuitem", tabindex: "-1", ...(href ? { href, download: "" } : { type: "button" }) }, icon(name), label);
      made.addEventListener("click", () => {
        close();
        act?.();
      });
      return made;
    }));
    menu.showPopover();
    set(anchor, "aria-expanded", "true");
    put(menu, anchor);
    items()[0]?.focus();
  }

  /** @param {HTMLElement} menu @param {HTMLElement} anchor */
  function put(menu, anchor) {
    const place = anchor.getBoundingClientRect();
    const below = place.bottom + 4 + menu.offsetHeight < innerHeight;
    menu.style.left = `${Math.max(MARGIN, Math.min(place.right - menu.offsetWidth, innerWidth - menu.offsetWidth - MARGIN))}px`;
    menu.style.top = `${below ? place.bottom + 4 : Math.max(MARGIN, place.top - menu.offsetHeight - 4)}px`;
  }

  /** Close the menu; the focus that was in it goes back to its button. */
  function close() {
    const menu = document.getElementById("menu");
    const back = button;
    const inside = menu?.contains(document.activeElement);
    if (menu?.matches(":popover-open")) menu.hidePopover();
    closed();
    if (inside) back?.focus();
  }

  function closed() {
    if (button) northstar.dom.set(button, "aria-expanded", "false");
    button = null;
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // Single keys are shortcuts of the page; in a menu they are the first letter of an item.
    event.stopPropagation();
    if (event.key === "Tab") return close();
    const all = items();
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const letter = event.key.length === 1 && event.key !== " " ? event.key.toLowerCase() : "";
    const next = letter ? [...all.slice(at + 1), ...all.slice(0, at + 1)].find((one) => (one.textContent ?? "").trim().toLowerCase().startsWith(letter))
      : { ArrowDown: all[(at + 1) % all.length], ArrowUp: all[(at - 1 + all.length) % all.length], Home: all[0], End: all[all.length - 1] }[event.key];
    if (event.key === "Escape") close();
    else if (event.key === " ") all[at]?.click();
    else if (!next) return;
    else next.focus();
    event.preventDefault();
  }

  if (typeof document !== "undefined") {
    document.addEventListener("pointerdown", (event) => void (pressedAgain = button?.contains(/** @type {Node} */ (event.target)) ? button : null), true);
    document.addEventListener("keydown", (event) => {
      const anchor = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest?.("[aria-haspopup=menu]"));
      if (!anchor || !["ArrowDown", "ArrowUp"].includes(event.key) || button === anchor) return;
      event.preventDefault();
      anchor.click();
      if (event.key === "ArrowUp") items().at(-1)?.focus();
    });
  }

  northstar.menu = { open, close };
}
