/** One popover and one dialog for the whole page, both the browser's own: Escape and focus come with them. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});
  const MARGIN = 8;

  /** @param {string} id @param {() => HTMLElement} make */
  function only(id, make) {
    const known = document.getElementById(id);
    if (known) return known;
    const made = make();
    made.id = id;
    (document.getElementById("overlays") ?? document.body).append(made);
    return made;
  }

  /** Show `content` under `anchor`; again on the same anchor closes it. @param {HTMLElement} anchor @param {(Node | string)[]} content */
  function popover(anchor, content) {
    const box = only("popover", () => northstar.dom.el("div.popover", { popover: "auto", role: "dialog" }));
    const again = box.matches(":popover-open") && box.dataset.anchor === anchor.id;
    if (box.matches(":popover-open")) box.hidePopover();
    if (again) return;
    box.dataset.anchor = anchor.id;
    box.replaceChildren(...content);
    northstar.dom.set(box, "aria-label", box.querySelector("h2")?.textContent ?? anchor.getAttribute("aria-label") ?? anchor.textContent);
    box.showPopover();
    put(anchor);
  }

  /** Put the popover where its anchor is: above it where there is no room below. @param {HTMLElement} anchor */
  function put(anchor) {
    const box = /** @type {HTMLElement} */ (document.getElementById("popover"));
    const place = anchor.getBoundingClientRect();
    const left = Math.min(Math.max(MARGIN, place.right - box.offsetWidth), innerWidth - box.offsetWidth - MARGIN);
    const below = place.bottom + 6 + box.offsetHeight < innerHeight;
    box.style.left = `${Math.max(MARGIN, left)}px`;
    box.style.top = `${below ? place.bottom + 6 : Math.max(MARGIN, place.top - box.offsetHeight - 6)}px`;
  }

  /** Show what is new in the popover of an anchor, if that is the one that is open. @param {string} anchor its id @param {() => (Node | string)[]} content */
  function refresh(anchor, content) {
    const box = document.getElementById("popover");
    if (box?.dataset.anchor !== anchor || !box.matches(":popover-open")) return;
    const [width, height] = [box.offsetWidth, box.offsetHeight];
    northstar.dom.grow(box, content());
    const place = document.getElementById(anchor);
    if (place && (box.offsetWidth !== width || box.offsetHeight !== height)) put(place);
  }

  /** @param {string} title @param {(Node | string)[]} content */
  function dialog(title, content) {
    const { el, icon } = northstar.dom;
    const box = /** @type {HTMLDialogElement} */ (only("dialog", () => el("dialog.dialog", { "aria-labelledby": "dialog-title" })));
    box.replaceChildren(
      el("div.dialog-head", null, el("h2", { id: "dialog-title" }, title), el("button.icon-button", { type: "button", "aria-label": "Close", "data-action": "close-dialog" }, icon("x"))),
      el("div.dialog-body", null, ...content),
    );
    if (!box.open) box.showModal();
    return box;
  }

  const close = () => /** @type {HTMLDialogElement | null} */ (document.getElementById("dialog"))?.close();

  northstar.overlay = { popover, put, refresh, dialog, close };
}
