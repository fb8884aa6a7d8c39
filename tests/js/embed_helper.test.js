"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");

/** The frame that the helper puts into a page. */
function framed(options) {
  const attributes = {};
  const frame = { style: {}, setAttribute: (name, value) => (attributes[name] = value) };
  const page = { currentScript: { src: "https://pnl.example.com/embed.js" }, createElement: () => frame };
  Object.assign(globalThis, { document: page, window: globalThis, location: { href: "https://wiki.example.com/", origin: "https://wiki.example.com" }, addEventListener: () => undefined });
  delete require.cache[require.resolve("../../assets/embed/helper.js")];
  require("../../assets/embed/helper.js");
  globalThis.northstarEmbed({ appendChild: () => undefined }, { panel: "net", token: "nsl_a.b", ...options });
  return { frame, attributes };
}

test("the sandbox is that of a panel unless another one, or none, is asked for", () => {
  const sandbox = (given) => framed({ sandbox: given }).attributes.sandbox;

  assert.deepEqual([undefined, true, "allow-scripts", "", false].map(sandbox), ["allow-scripts allow-popups", "allow-scripts allow-popups", "allow-scripts", "", undefined]);
});
