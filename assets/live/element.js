/** Small trees of DOM, made whole and then grown into the page without losing focus or scroll. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const SVG = "http://www.w3.org/2000/svg";
  const DRAWN_IN_SVG = new Set(["svg", "path", "line", "circle", "rect", "defs", "linearGradient", "stop", "g"]);
  const FLASH_MS = 900;

  /**
   * An element. Attributes that are null or false are left out; `style` is an object of properties.
   * @param {string} name tag, with classes: `span.age.late`
   * @param {Record<string, any> | null} attributes
   * @param {...(Node | string | null | undefined | false | (Node | string)[])} children
   * @returns {HTMLElement}
   */
  function el(name, attributes, ...children) {
    const [tag, ...classes] = name.split(".");
    const node = /** @type {HTMLElement} */ (DRAWN_IN_SVG.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag));
    if (classes.length) node.setAttribute("class", classes.join(" "));
    for (const [key, value] of Object.entries(attributes ?? {})) {
      if (value === null || value === undefined || value === false) continue;
      if (key === "style") for (const [property, setting] of Object.entries(value)) node.style.setProperty(property, String(setting));
      else node.setAttribute(key, value === true ? "" : String(value));
    }
    for (const child of children.flat()) if (child !== null && child !== undefined && child !== false) node.append(child);
    return node;
  }

  /** @param {string} name */
  const icon = (name) => el(`span.icon.icon-${name}`, { "aria-hidden": "true" });

  const still = () => globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;

  /** Set an attribute that is not so yet; null takes it away. @param {Element} node @param {string} name @param {string | null} value */
  function set(node, name, value) {
    if (node.getAttribute(name) === value) return;
    if (value === null) node.removeAttribute(name);
    else node.setAttribute(name, value);
  }

  /** Change a text, and keep what of it is selected. @param {Text | Node} node @param {string} text */
  function say(node, text) {
    const before = node.nodeValue ?? "";
    if (before === text) return;
    const selection = document.getSelection();
    const { anchorNode, anchorOffset, focusNode, focusOffset } = selection ?? {};
    const mine = selection && !selection.isCollapsed && (anchorNode === node || focusNode === node);
    node.nodeValue = text;
    if (!mine || !anchorNode || !focusNode) return;
    const place = (/** @type {Node} */ at, /** @type {number} */ offset) => (at !== node ? offset : offset === before.length ? text.length : Math.min(offset, text.length));
    selection.setBaseAndExtent(anchorNode, place(anchorNode, anchorOffset ?? 0), focusNode, place(focusNode, focusOffset ?? 0));
  }

  /** Light up an amount that moved by a cent or more, in the colour of its direction. @param {Element} node @param {string} from @param {string} to */
  function flash(node, from, to) {
    const moved = BigInt(to) - BigInt(from);
    if (moved === 0n || still() || document.hidden) return;
    const way = (moved > 0n) === (node.getAttribute("data-good") !== "down") ? "gain" : "loss";
    node.animate([{ color: `var(--${way})`, backgroundColor: `var(--${way}-tint)`, borderRadius: "6px" }, { borderRadius: "6px" }], { duration: FLASH_MS, easing: "ease-out" });
  }

  /** @param {Element} held @param {Element} wanted */
  function attributes(held, wanted) {
    const [before, after] = [held.getAttribute("data-cents"), wanted.getAttribute("data-cents")];
    for (const { name } of [...held.attributes]) if (!wanted.hasAttribute(name)) held.removeAttribute(name);
    for (const { name, value } of wanted.attributes) set(held, name, value);
    return before && after && before !== after ? () => flash(held, before, after) : null;
  }

  /** @param {Node | null} node */
  const key = (node) => (node instanceof Element ? node.getAttribute("data-key") : null);

  /** @param {Node} held @param {Node} wanted */
  const alike = (held, wanted) => held.nodeName === wanted.nodeName && key(held) === key(wanted);

  /** Move a child without taking its focus or starting its animation anew, where the browser can. @param {any} root @param {Node} child @param {Node | null} place */
  const move = (root, child, place) => (root.moveBefore && root.isConnected ? root.moveBefore(child, place) : root.insertBefore(child, place));

  /**
   * Make the children of `root` look like `wanted`, keeping every node that can be kept: what is
   * already so is not touched. Nodes with a `data-key` are known by it; an element marked `data-own`
   * is looked after by somebody else.
   * @param {Element} root
   * @param {(Node | string)[]} wanted
   */
  function grow(root, wanted) {
    const kept = new Set(wanted.map((item) => (typeof item === "string" ? null : key(item))));
    const keyed = new Map();
    for (const child of [...root.children]) {
      const name = key(child);
      if (name === null) continue;
      if (kept.has(name)) keyed.set(name, child);
      else child.remove();
    }
    let place = root.firstChild;
    for (const item of wanted) {
      const next = typeof item === "string" ? document.createTextNode(item) : item;
      const known = key(next) === null ? null : keyed.get(key(next));
      // What comes later than it did is passed over here, and moved once its turn comes.
      if (known && place && key(place) !== null && place.nextSibling === known) place = known;
      if (known && known !== place) move(root, known, place);
      else if (!known && (!place || !alike(place, next))) {
        root.insertBefore(next, place);
        continue;
      }
      const held = /** @type {ChildNode} */ (known ?? place);
      if (held === place) place = held.nextSibling;
      if (held instanceof Element && next instanceof Element) {
        if (held.hasAttribute("data-own")) continue;
        const light = attributes(held, next);
        grow(held, [...next.childNodes]);
        light?.();
      } else say(held, next.nodeValue ?? "");
    }
    while (place) {
      const gone = place;
      place = place.nextSibling;
      gone.remove();
    }
  }

  northstar.dom = { el, icon, grow, set, say, still };
}
