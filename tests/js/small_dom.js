/** As much of a document as `grow` needs, in Node; every change to it is kept in `changes`. */
"use strict";

const changes = [];

class Node {
  constructor(nodeName) {
    this.nodeName = nodeName;
    this.childNodes = [];
    this.parentNode = null;
  }

  get firstChild() {
    return this.childNodes[0] ?? null;
  }

  get nextSibling() {
    const all = this.parentNode?.childNodes ?? [];
    return all[all.indexOf(this) + 1] ?? null;
  }

  remove() {
    if (!this.parentNode) return;
    changes.push({ what: "remove", node: this, place: this.parentNode });
    this.parentNode.childNodes.splice(this.parentNode.childNodes.indexOf(this), 1);
    this.parentNode = null;
  }

  get textContent() {
    return this.childNodes.map((child) => child.textContent).join("");
  }
}

class Text extends Node {
  constructor(text) {
    super("#text");
    this.text = text;
  }

  get nodeValue() {
    return this.text;
  }

  set nodeValue(text) {
    changes.push({ what: "text", node: this, place: this });
    this.text = text;
  }

  get textContent() {
    return this.text;
  }
}

class Element extends Node {
  constructor(name) {
    super(name.toUpperCase());
    this.set = new Map();
    this.animations = 0;
    const properties = {};
    this.style = { setProperty: (name, value) => {
      properties[name] = value;
      this.set.set("style", JSON.stringify(properties));
    } };
  }

  get attributes() {
    return [...this.set].map(([name, value]) => ({ name, value }));
  }

  get children() {
    return this.childNodes.filter((child) => child instanceof Element);
  }

  get nodeValue() {
    return null;
  }

  getAttribute(name) {
    return this.set.get(name) ?? null;
  }

  hasAttribute(name) {
    return this.set.has(name);
  }

  setAttribute(name, value) {
    changes.push({ what: "attribute", node: this, place: this, name });
    this.set.set(name, String(value));
  }

  removeAttribute(name) {
    changes.push({ what: "attribute", node: this, place: this, name });
    this.set.delete(name);
  }

  insertBefore(child, place) {
    if (child.parentNode) child.parentNode.childNodes.splice(child.parentNode.childNodes.indexOf(child), 1);
    changes.push({ what: "insert", node: child, place: this });
    const all = this.childNodes;
    all.splice(place ? all.indexOf(place) : all.length, 0, child);
    child.parentNode = this;
    return child;
  }

  append(...children) {
    for (const child of children) this.insertBefore(typeof child === "string" ? new Text(child) : child, null);
  }

  animate() {
    this.animations += 1;
  }
}

const document = {
  hidden: false,
  selection: null,
  createElement: (name) => new Element(name),
  createElementNS: (_, name) => new Element(name),
  createTextNode: (text) => new Text(text),
  getSelection: () => document.selection,
};

Object.assign(globalThis, { Element, Text, document });

/** @returns {object[]} a tree's nodes, the root first */
const all = (root) => [root, ...root.childNodes.flatMap(all)];

/** What `act` changes in the tree as it was before; what it makes beside it is no change. */
function changed(root, act) {
  const before = new Set(all(root));
  changes.length = 0;
  act();
  return changes.filter(({ place }) => before.has(place));
}

module.exports = { Element, changed };
