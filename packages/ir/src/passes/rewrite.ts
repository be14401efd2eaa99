// The one driver of graph passes: a forward sweep that rebuilds a graph while local rules look at each node whose
// operands are already rewritten. Linear in the nodes, no recursion. It decides nothing itself.
import type { Graph } from "../graph.ts";
import { makeGraph } from "../graph.ts";
import { Node } from "../node.ts";
import type { Parts } from "../parts.ts";
import { finishParts } from "../parts.ts";
import type { Scope } from "../scope.ts";
import { peekId } from "../scope.ts";

/** What a node becomes: an existing or a new node on final operands, or null if the rule does not apply. */
export type Rule = (node: Node) => Node | null;

/** A copy of `node` on operands of the same shapes and dtypes. Keeps the place in the plan's slot table. */
export function withOperands(node: Node, operands: readonly Node[]): Node {
  // the body of a call leaves the scope it was traced in
  let scope: Scope | null = null;
  for (const operand of operands)
    if (operand.scope !== null && (scope === null || operand.scope.depth > scope.depth)) scope = operand.scope;
  const copy = new Node(node.prim, node.params, operands, node.slots, node.outs, scope);
  copy.slotBase = node.slotBase;
  return copy;
}

/** The nodes with id ≥ floor that `root` is made of, in id order. */
function createdSince(floor: number, root: Node): Node[] {
  const found = new Set<Node>([root]);
  for (const node of found) for (const operand of node.operands) if (operand.id >= floor) found.add(operand);
  return [...found].sort((a, b) => a.id - b.id);
}

/** Applies `rules` to a node until none has anything to say. */
function settle(node: Node, rules: readonly Rule[]): Node {
  let current = node;
  for (let i = 0; i < rules.length; i++) {
    const floor = peekId();
    const next = rules[i](current);
    if (next === null) continue;
    // what existed before is settled already
    if (next.id < floor) return next;
    current = next.operands.some((operand) => operand.id >= floor) ? settleBelow(next, floor, rules) : next;
    i = -1;
  }
  return current;
}

/** Settles everything new below `root`, and hands `root` back on it. */
function settleBelow(root: Node, floor: number, rules: readonly Rule[]): Node {
  const env = new Map<Node, Node>();
  for (const node of createdSince(floor, root)) {
    if (node !== root) env.set(node, settle(rebuild(node, env), rules));
  }
  return rebuild(root, env);
}

function rebuild(node: Node, env: ReadonlyMap<Node, Node>): Node {
  let operands: Node[] | null = null;
  for (let i = 0; i < node.operands.length; i++) {
    const mapped = env.get(node.operands[i]) ?? node.operands[i];
    if (mapped !== node.operands[i]) operands ??= [...node.operands];
    if (operands !== null) operands[i] = mapped;
  }
  return operands === null ? node : withOperands(node, operands);
}

/** Nodes a part. */
export const SWEPT_AT_ONCE = 32;

/** Rebuilds `graph` with `rules` applied, first rule first, to every node; what no output reads is left out. */
export const rewriteGraph = (graph: Graph, rules: readonly Rule[]): Graph => finishParts(rewriteInParts(graph, rules));

export function* rewriteInParts(graph: Graph, rules: readonly Rule[]): Parts<Graph> {
  const env = new Map<Node, Node>();
  let swept = 0;
  for (const node of graph.nodes) {
    const now = settle(rebuild(node, env), rules);
    if (now !== node) env.set(node, now);
    if (++swept % SWEPT_AT_ONCE === 0) yield;
  }
  return withOutputs(
    graph,
    graph.outputs.map((output) => env.get(output) ?? output),
  );
}

/** The same inputs (captures among them) with other outputs: what they do not need is left out, which is dead code elimination. */
export function withOutputs(graph: Graph, outputs: readonly Node[]): Graph {
  return makeGraph(graph.name, [...graph.inputs, ...graph.captures], outputs, 0);
}
