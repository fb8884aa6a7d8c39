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

  /** Light up an amount that moved by a cent or more, in the colour of its direction. @param {Element} node @param {string} from @param {string} to */
  function flash(node, from, to) {
    const moved = BigInt(to) - BigInt(from);
    if (moved === 0n || still() || document.hidden) return;
    const style = getComputedStyle(document.documentElement);
    const way = (moved > 0n) === (node.getAttribute("data-good") !== "down") ? "gain" : "loss";
    node.animate(
      [
        { color: style.getPropertyValue(`--${way}`), backgroundColor: style.getPropertyValue(`--${way}-tint`), borderRadius: "6px" },
        { borderRadius: "6px" },
      ],
      { duration: FLASH_MS, easing: "ease-out" },
    );
  }

  /** @param {Element} held @param {Element} wanted */
  function attributes(held, wanted) {
    const [before, after] = [held.getAttribute("data-cents"), wanted.getAttribute("data-cents")];
    for (const { name } of [...held.attributes]) if (!wanted.hasAttribute(name)) held.removeAttribute(name);
    for (const { name, value } of [...wanted.attributes]) if (held.getAttribute(name) !== value) held.setAttribute(name, value);
    return before && after && before !== after ? () => flash(held, before, after) : null;
  }

  /** @param {Node} node */
  const key = (node) => (node instanceof Element ? node.getAttribute("data-key") : null);

  /** @param {Node} held @param {Node} wanted */
  const alike = (held, wanted) => held.nodeName === wanted.nodeName && key(held) === key(wanted);

  /**
   * Make the children of `root` look like `wanted`, keeping every node that can be kept. Nodes with
   * a `data-key` are known by it; an element marked `data-own` is looked after by somebody else.
   * @param {Element} root
   * @param {(Node | string)[]} wanted
   */
  function grow(root, wanted) {
    const keyed = new Map([...root.children].filter(key).map((child) => [key(child), child]));
    let place = root.firstChild;
    for (const item of wanted) {
      const next = typeof item === "string" ? document.createTextNode(item) : item;
      const known = key(next) ? keyed.get(key(next)) : null;
      if (known && known !== place) root.insertBefore(known, place);
      else if (!known && (!place || !alike(place, next))) {
        root.insertBefore(next, place);
        continue;
      }
      const held = /** @type {ChildNode} */ (known ?? place);
      place = held.nextSibling;
      if (held instanceof Element && next instanceof Element) {
        if (!held.hasAttribute("data-own")) {
          const light = attributes(held, next);
          grow(held, [...next.childNodes]);
          light?.();
        }
      } else if (held.nodeValue !== next.nodeValue) held.nodeValue = next.nodeValue;
    }
    while (place) {
      const gone = place;
      place = place.nextSibling;
      gone.remove();
    }
  }

  northstar.dom = { el, icon, grow, still };
}
