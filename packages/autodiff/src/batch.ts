// vmap as a rewrite: records again, in batched form, the nodes that depend on batched ones; everything else stays as
// it is. Calls recurse into their graph, once for each set of batched operands.
import type { ElementwisePrim, Graph, Node, ParamsOf, PrimName } from "@weft/ir";
import {
  bindGraph,
  collect,
  InternalError,
  isElementwise,
  lookup,
  proj,
  record,
  rerecord,
  traceGraph,
  withShape,
} from "@weft/ir";
import { CONTRACTION_BATCHING } from "./batching/contraction.ts";
import { CONTROL_BATCHING } from "./batching/control.ts";
import { batchElementwise } from "./batching/elementwise.ts";
import { INDEXING_BATCHING, MOVEMENT_BATCHING } from "./batching/movement.ts";
import { REDUCTION_BATCHING } from "./batching/reduction.ts";
import { front } from "./batching/common.ts";
import type { Batched, BatchRule } from "./batching/table.ts";

export type { Batched } from "./batching/table.ts";

type StructuralPrim = Exclude<PrimName, ElementwisePrim>;

const leaf = "leaf";
/** One rule a primitive. Leaves never depend on anything, `structural` ones are walked here. */
const RULES = {
  ...MOVEMENT_BATCHING,
  ...INDEXING_BATCHING,
  ...REDUCTION_BATCHING,
  ...CONTRACTION_BATCHING,
  ...CONTROL_BATCHING,
  threefry2x32: batchElementwise,
  input: leaf,
  literal: leaf,
  scalar: leaf,
  iota: leaf,
} satisfies { readonly [P in StructuralPrim]: BatchRule<P> | "structural" | "leaf" };

function batchNode(node: Node, operands: readonly Batched[], size: number): readonly Batched[] {
  const { prim } = node;
  if (isElementwise(prim)) return batchElementwise(node, operands, size);
  if (prim === "call") return batchCall(node, operands, size);
  const rule = RULES[prim];
  if (typeof rule === "string") throw new InternalError(`vmap: ${node.toString()} cannot depend on a batched value`);
  return (rule as BatchRule<PrimName>)(node as never, operands, size);
}

function batchCall(node: Node, operands: readonly Batched[], size: number): readonly Batched[] {
  const { graph, name } = node.params as ParamsOf["call"];
  const { graph: batched, axes } = batchGraph(
    graph,
    operands.map((operand) => operand.axis),
    size,
  );
  const call = record("call", { graph: batched, name }, [
    ...operands.map((operand) => operand.node),
    ...batched.captures,
  ]);
  return axes.map((axis, i) => ({ node: proj(call, i), axis }));
}

/**
 * Records `nodes` (in id order) again where they read something that was recorded again: batched, or as they are where
 * all they read came out the same for every element (a call's results that do not depend on its batched operands).
 * `single` holds what stands for what so far; `stay` gives the other nodes.
 */
function walk(nodes: readonly Node[], single: Map<Node, Batched>, size: number, stay: (node: Node) => Node): void {
  const several = new Map<Node, readonly Batched[]>();
  for (const node of nodes) {
    if (node.prim === "proj") {
      const result = several.get(node.operands[0])?.[(node.params as ParamsOf["proj"]).index];
      if (result !== undefined) {
        single.set(node, result);
        continue;
      }
    }
    if (!node.operands.some((operand) => single.has(operand))) continue;
    const operands = node.operands.map((operand) => single.get(operand) ?? { node: stay(operand), axis: null });
    if (operands.every(({ axis }) => axis === null)) {
      single.set(node, {
        node: rerecord(
          node,
          operands.map((operand) => operand.node),
        ),
        axis: null,
      });
      continue;
    }
    const results = batchNode(node, operands, size);
    if (node.outs.length > 1 || node.prim === "call" || node.prim === "optimizationBarrier") several.set(node, results);
    else single.set(node, results[0]);
  }
}

/**
 * The batched outputs of recorded nodes. `inputs` maps placeholders to their batched stand-ins; nodes that do not
 * depend on them stay as they are (axis null).
 */
export function batchNodes(
  outputs: readonly Node[],
  inputs: ReadonlyMap<Node, Batched>,
  size: number,
  startId: number,
): Batched[] {
  const { nodes } = collect(outputs, new Set(inputs.keys()), startId);
  const env = new Map<Node, Batched>(inputs);
  walk(nodes, env, size, (node) => node);
  return outputs.map((output) => env.get(output) ?? { node: output, axis: null });
}

/** A graph batched in some operands. */
export interface BatchedGraph {
  readonly graph: Graph;
  /** Batch axis of each output (always 0), or null where it has none. */
  readonly axes: readonly (number | null)[];
}

const memo = new WeakMap<Graph, Map<string, BatchedGraph>>();

/**
 * Batches a closed graph. `axes` has an entry for each input, then each capture; the batched graph takes the operands
 * with their batch axis there. Memoised on the immutable graph.
 */
export function batchGraph(graph: Graph, axes: readonly (number | null)[], size: number): BatchedGraph {
  const key = `${size}:${axes.map((axis) => axis ?? "-").join(",")}`;
  let entries = memo.get(graph);
  if (entries === undefined) memo.set(graph, (entries = new Map()));
  const found = entries.get(key);
  if (found !== undefined) return found;
  const operands = [...graph.inputs, ...graph.captures];
  let outAxes: (number | null)[] = [];
  const avals = operands.map(({ aval: of }, i) => ({ of, axis: axes[i] }));
  const batched = traceGraph(
    graph.name,
    avals.map(({ of, axis }) => (axis === null ? of : withShape(of, of.shape.toSpliced(axis, 0, size)))),
    (formal) => {
      const plain = bindGraph(graph, formal);
      const single = new Map<Node, Batched>(
        operands.map((operand, i) => [operand, { node: formal[i], axis: axes[i] }]),
      );
      // nodes that depend on no batched operand are recorded again as they are, in order, before their readers
      const depends = new Set<Node>(operands.filter((_, i) => axes[i] !== null));
      for (const node of graph.nodes) {
        if (node.operands.some((operand) => depends.has(operand))) depends.add(node);
        else
          plain.set(
            node,
            rerecord(
              node,
              node.operands.map((operand) => lookup(plain, operand)),
            ),
          );
      }
      for (const [i, operand] of operands.entries()) if (axes[i] === null) single.delete(operand);
      walk(
        graph.nodes.filter((node) => depends.has(node)),
        single,
        size,
        (node) => lookup(plain, node),
      );
      const outputs = graph.outputs.map((output) => single.get(output) ?? { node: lookup(plain, output), axis: null });
      outAxes = outputs.map(({ axis }) => (axis === null ? null : 0));
      return outputs.map(front);
    },
  );
  const made = { graph: batched, axes: outAxes };
  entries.set(key, made);
  return made;
}
