// Common subexpressions: nodes of the same operation on the same operands become one. Slots are equal only if they
// are the same entry of the plan's slot table, whatever their values. Barriers and calls are opaque.
import type { Graph } from "../graph.ts";
import { KeyWriter, writeOperation } from "../key.ts";
import type { Node } from "../node.ts";
import type { Rule } from "./rewrite.ts";
import { rewriteGraph } from "./rewrite.ts";

const isOpaque = (node: Node): boolean =>
  node.prim === "optimizationBarrier" ||
  node.prim === "marker" ||
  node.prim === "input" ||
  node.prim === "call" ||
  (node.slots !== null && node.slotBase < 0);

/** A rule with a memory: use a new one for each graph. */
export function makeCseRule(): Rule {
  const first = new Map<number, Node[]>();
  const keys = new Map<Node, Int32Array>();
  const key = new KeyWriter();
  return (node) => {
    if (isOpaque(node) || keys.has(node)) return null;
    key.length = 0;
    writeOperation(node, key);
    key.word(node.slotBase);
    for (const operand of node.operands) key.word(operand.id);
    const hash = key.hash();
    const bucket = first.get(hash);
    for (const other of bucket ?? []) if (key.equals(keys.get(other) as Int32Array)) return other;
    keys.set(node, key.copy());
    if (bucket === undefined) first.set(hash, [node]);
    else bucket.push(node);
    return null;
  };
}

/** Merges nodes that compute the same. */
export const cse = (graph: Graph): Graph => rewriteGraph(graph, [makeCseRule()]);
