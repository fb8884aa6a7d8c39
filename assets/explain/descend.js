/** Reads what is behind a figure: node by node, down a path, or all of it. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** So many nodes are read unasked to list the records of a figure; when asked for, so many more. */
  const AUTO = 12;
  const MOST = 2000;
  const AT_ONCE = 4;

  /** Where a list goes on; null where its rest is a node of its own. @param {any} answer */
  const restOf = ({ next, children }) => (next && !children?.some((/** @type {any} */ child) => child.node === next) ? next : null);

  /** A node of an answer: what the API tells of the node that was asked for. @param {any} answer */
  const nodeOf = (answer) => ({ node: answer.node ?? "", title: answer.title, amount: answer.amount, rule: answer.rule, unit: answer.unit, note: answer.note, count: answer.count, children: answer.children, factors: answer.factors, record: answer.record, mark: answer.mark, next: restOf(answer) });

  /** @param {any} error */
  function told(error) {
    if (error instanceof northstar.explainApi.Unanswered) return error.message;
    console.error("an explanation could not be read", error);
    return "This explanation could not be shown. The figure itself is not touched by that.";
  }

  /** Read the parts of a node that has been opened. @param {any} state @param {any} node @param {string} [from] where its list goes on */
  async function open(state, node, from) {
    if (!from && (northstar.tree.partsOf(node) || northstar.tree.isLeaf(node))) return;
    try {
      const answer = await northstar.explainApi.explain(state.place, from ?? node.node, state.stop.signal);
      node.children = from ? [...(node.children ?? []), ...(answer.children ?? [])] : answer.children ?? answer.factors ?? [];
      node.factors = from ? node.factors : answer.factors;
      node.next = restOf(answer);
      node.record ??= answer.record;
      node.mark ??= answer.mark;
      node.state = undefined;
    } catch (error) {
      if (state.stop.signal.aborted) throw error;
      Object.assign(node, { state: "failed", trouble: told(error) });
      throw error;
    }
  }

  /** Open every node from the root down to a path. @param {any} state @param {string} path */
  async function openWay(state, path) {
    const parts = path.split("/");
    for (let i = 1; i <= parts.length; i += 1) {
      const node = northstar.tree.find(state.root, parts.slice(0, i).join("/"));
      // A path may leave out a node that only holds many together.
      if (!node) continue;
      state.open.add(node.node);
      state.draw();
      await open(state, node);
    }
    if (state.isShown()) state.draw();
    document.querySelector(`#explain [data-explain-node="${CSS.escape(path)}"]`)?.scrollIntoView({ block: "center" });
  }

  /** Open nodes until every record of the figure is known, or `budget` of them were read. @param {any} state @param {number} budget */
  async function gather(state, budget) {
    const { leaves, additive } = northstar.tree;
    if (!additive(state.root) || state.root.amount === null) return;
    const many = () => leaves(state.root).closed.length;
    if (many() === 0 || many() > budget) return;
    state.gathering = true;
    state.gatherTrouble = "";
    let left = budget;
    try {
      for (let closed = leaves(state.root).closed; closed.length && closed.length <= left; closed = leaves(state.root).closed) {
        for (let i = 0; i < closed.length; i += AT_ONCE) {
          if (!state.isShown()) return;
          await Promise.all(closed.slice(i, i + AT_ONCE).map((/** @type {any} */ node) => open(state, node, node.next ?? undefined)));
          state.draw();
        }
        left -= closed.length;
      }
    } catch (error) {
      if (state.stop.signal.aborted) return;
      state.gatherTrouble = `The records could not be gathered. ${told(error)}`;
    } finally {
      state.gathering = false;
    }
    if (state.isShown()) state.draw();
  }

  northstar.explainReading = { AUTO, MOST, nodeOf, told, open, openWay, gather };
}
