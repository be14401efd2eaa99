// Inlining: the bodies of calls take the place of the calls, at any depth, with an explicit stack. Slots of a closed
// graph are constants of that graph; they are appended to the plan's slot table.
import type { Graph, Substitution } from "../graph.ts";
import { bindGraph, lookup } from "../graph.ts";
import type { Node } from "../node.ts";
import { isPrim } from "../node.ts";
import type { Parts } from "../parts.ts";
import { finishParts } from "../parts.ts";
import { SWEPT_AT_ONCE, withOperands, withOutputs } from "./rewrite.ts";

/** Gives numbers a place in the plan's slot table and returns the index of the first. */
export type AppendSlots = (values: readonly number[]) => number;

interface Frame {
  readonly nodes: readonly Node[];
  readonly env: Substitution;
  /** Results of the calls of this frame. */
  readonly tuples: Map<Node, readonly Node[]>;
  /** The call whose body this is; null for the outermost frame. */
  readonly call: { readonly node: Node; readonly graph: Graph } | null;
  next: number;
}

const frameOf = (nodes: readonly Node[], env: Substitution, call: Frame["call"]): Frame => ({
  nodes,
  env,
  tuples: new Map(),
  call,
  next: 0,
});

/**
 * Replaces every call by the body of its graph. Returns the graph itself if it has none.
 * `append` is told of the slots that come with the bodies; without it they keep no place in a table.
 */
export const inlineCalls = (graph: Graph, append?: AppendSlots): Graph => finishParts(inlineInParts(graph, append));

export function* inlineInParts(graph: Graph, append?: AppendSlots): Parts<Graph> {
  if (!graph.nodes.some((node) => node.prim === "call")) return graph;
  const outermost: Substitution = new Map();
  for (const node of [...graph.inputs, ...graph.captures]) outermost.set(node, node);
  const frames: Frame[] = [frameOf(graph.nodes, outermost, null)];
  let copied = 0;
  for (;;) {
    const frame = frames[frames.length - 1];
    const { env, tuples } = frame;
    let entered = false;
    while (frame.next < frame.nodes.length) {
      const node = frame.nodes[frame.next++];
      if (isPrim(node, "proj")) {
        const tuple = tuples.get(node.operands[0]);
        if (tuple !== undefined) {
          env.set(node, tuple[node.params.index]);
          continue;
        }
      }
      const operands = node.operands.map((operand) => lookup(env, operand));
      if (isPrim(node, "call")) {
        const inner = node.params.graph;
        frames.push(frameOf(inner.nodes, bindGraph(inner, operands), { node, graph: inner }));
        entered = true;
        break;
      }
      const copy = withOperands(node, operands);
      if (node.slots !== null && node.slotBase < 0 && append !== undefined) copy.slotBase = append(node.slots);
      env.set(node, copy);
      if (++copied % SWEPT_AT_ONCE === 0) yield;
    }
    if (entered) continue;
    frames.pop();
    if (frame.call === null) break;
    const { node, graph: inner } = frame.call;
    frames[frames.length - 1].tuples.set(
      node,
      inner.outputs.map((output) => lookup(env, output)),
    );
  }
  return withOutputs(
    graph,
    graph.outputs.map((output) => lookup(outermost, output)),
  );
}
