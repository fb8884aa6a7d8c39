/**
 * The tree behind a figure as it is known so far: nodes that are read when they are opened, each amount
 * what its rule makes of its children, down to the records. Nothing here touches the page.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /**
   * A node as the API tells it. `children` are there once it was opened, or when they are few.
   * @typedef {{node: string, title: string, amount: string | null, rule: string, unit?: string, note?: string | null,
   *   count?: number | null, children?: Node[], factors?: Node[], record?: any, mark?: any, group?: boolean,
   *   next?: string | null, state?: "reading" | "failed", trouble?: string}} Node
   * @typedef {{operator: string, node: Node, amount: string}} Term one line of an equation
   * @typedef {{key: string, at: string | null, title: string, amount: bigint, running: bigint, node: Node}} Row
   */

  const LEAVES = ["record", "mark", "constant", "remainder"];

  /** @param {Node} node */
  const isLeaf = (node) => LEAVES.includes(node.rule) || (node.count === 0 && !node.children?.length);

  /** @param {Node} node @returns {Node[] | undefined} */
  const partsOf = (node) => (node.children?.length ? node.children : node.factors?.length ? node.factors : node.children);

  /** The money of a node, null where it is not known or is no money. @param {Node} node @returns {bigint | null} */
  const money = (node) => (node.unit && node.unit !== "usd" ? null : northstar.money.nano(node.amount));

  /** An amount as it is printed: all its digits. @param {Node} node @param {{plus?: boolean, size?: boolean}} [how] `size` leaves the sign away */
  function printed(node, { plus = false, size = false } = {}) {
    if (node.amount === null) return "—";
    if (node.unit === "days") return `${Number(node.amount).toLocaleString("en-US")} ${node.amount === "1" ? "day" : "days"}`;
    if (node.unit === "contracts") return northstar.money.count(size ? node.amount.replace(/^-/, "") : node.amount);
    const amount = northstar.money.nearestNano(node.amount);
    return northstar.money.exact(size && amount < 0n ? -amount : amount, { plus });
  }

  /**
   * The lines of an equation: a sum carries the sign of each part in its operator, all else prints it; what a
   * count counts has a tick.
   * @param {string} rule @param {Node[]} parts @returns {Term[]}
   */
  function terms(rule, parts) {
    const sign = { difference: "−", product: "×", quotient: "÷" }[rule];
    return parts.map((node, i) => {
      if (rule === "count") return { operator: (money(node) ?? 0n) > 0n ? "✓" : "", node, amount: printed(node, { plus: true }) };
      if (sign) return { operator: i ? sign : "", node, amount: printed(node) };
      const below = (node.amount ?? "").startsWith("-");
      return { operator: below ? "−" : i ? "+" : "", node, amount: printed(node, { size: true }) };
    });
  }

  /** What a rule makes of parts, in nano-dollars; null where it cannot be told from money alone. @param {string} rule @param {Node[]} parts */
  function made(rule, parts) {
    const amounts = parts.map(money);
    const known = /** @type {bigint[]} */ (amounts.filter((amount) => amount !== null));
    if (rule === "sum") return known.reduce((sum, amount) => sum + amount, 0n);
    if (rule === "difference" && known.length === parts.length && known.length) return known.slice(1).reduce((left, amount) => left - amount, known[0]);
    return null;
  }

  /** Whether the parts that are shown make the amount; true where money alone cannot tell. @param {Node} node */
  function tiesOut(node) {
    const parts = partsOf(node);
    if (node.unit === "days" && parts?.length) {
      const days = node.rule === "count" ? parts.filter((part) => (money(part) ?? 0n) > 0n).length : parts.reduce((all, part) => all + Number(part.amount), 0);
      return days === Number(node.amount) || Boolean(node.next);
    }
    const amount = money(node);
    if (!parts?.length || amount === null || node.next) return true;
    const found = made(node.rule, parts);
    return found === null || found === amount;
  }

  /** The node at a path, however deep. @param {Node} root @param {string} path @returns {Node | null} */
  function find(root, path) {
    if (root.node === path) return root;
    for (const part of [...(root.children ?? []), ...(root.factors ?? [])]) {
      const found = find(part, path);
      if (found) return found;
    }
    return null;
  }

  /** The nodes from the root down to a path, the root first; as far as they are read. @param {Node} root @param {string} path @returns {Node[]} */
  function way(root, path) {
    if (root.node === path) return [root];
    for (const part of partsOf(root) ?? []) {
      const found = way(part, path);
      if (found.length) return [root, ...found];
    }
    return [];
  }

  /** Whether the parts of a node add up with one sign each, so that its records do, too. @param {Node} node */
  const additive = (node) => (!node.unit || node.unit === "usd") && (node.rule === "sum" || node.rule === "difference");

  /**
   * What a figure comes down to, as far as it is read: leaves with the sign that they count with, and
   * the nodes that have to be opened before it is whole.
   * @param {Node} root
   * @returns {{leaves: {node: Node, amount: bigint}[], closed: Node[]}}
   */
  function leaves(root) {
    /** @type {{node: Node, amount: bigint}[]} */
    const found = [];
    /** @type {Node[]} */
    const closed = [];
    /** @param {Node} node @param {bigint} sign */
    const walk = (node, sign) => {
      const amount = money(node);
      if (amount === null) return;
      if (isLeaf(node) || !additive(node)) return void found.push({ node, amount: sign * amount });
      const parts = partsOf(node);
      if (!parts) return void closed.push(node);
      parts.forEach((part, i) => walk(part, node.rule === "difference" && i ? -sign : sign));
      if (node.next) closed.push(node);
    };
    walk(root, 1n);
    return { leaves: found, closed };
  }

  /**
   * The contributions newest first, each with the total up to it: that of the first is the whole. What
   * has no time, such as a value at the mark, comes last.
   * @param {{node: Node, amount: bigint}[]} leaves @returns {Row[]}
   */
  function running(leaves) {
    const at = (/** @type {Node} */ node) => node.record?.at ?? null;
    const ordered = [...leaves].sort((a, b) => {
      const [x, y] = [at(a.node), at(b.node)];
      if (x === y) return a.node.node < b.node.node ? 1 : a.node.node > b.node.node ? -1 : 0;
      return x === null ? 1 : y === null ? -1 : x < y ? 1 : -1;
    });
    let total = 0n;
    const rows = ordered.reverse().map(({ node, amount }, i) => {
      total += amount;
      return { key: `${node.node} ${i}`, at: at(node), title: node.title, amount, running: total, node };
    });
    return rows.reverse();
  }

  northstar.tree = { isLeaf, partsOf, money, printed, terms, made, tiesOut, find, way, additive, leaves, running };
}
