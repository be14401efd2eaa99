// Common subexpressions: nodes of the same operation on the same operands become one. Slots are equal only if they
// are the same entry of the plan's slot table, whatever their values. Barriers and calls are opaque.
import type { Graph } from "../graph.ts";
import { HashTable } from "../hash-table.ts";
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

function write(node: Node, key: KeyWriter): void {
  key.length = 0;
  writeOperation(node, key);
  key.word(node.slotBase);
  for (const operand of node.operands) key.word(operand.id);
}

/** A rule with a memory: use a new one for each graph. */
export function makeCseRule(): Rule {
  const known = new HashTable<Node>();
  const key = new KeyWriter();
  const other = new KeyWriter();
  return (node) => {
    if (isOpaque(node)) return null;
    write(node, key);
    const hash = key.hash();
    for (let at = known.first(hash); at >= 0; at = known.next(at)) {
      const candidate = known.values[at];
      if (candidate === node) return null;
      write(candidate, other);
      if (key.holds(other)) return candidate;
    }
    known.add(hash, node);
    return null;
  };
}

/** Merges nodes that compute the same. */
export const cse = (graph: Graph): Graph => rewriteGraph(graph, [makeCseRule()]);
