// Forward mode: pushes tangents through recorded nodes. Zero tangents are symbolic (null) and cost no node.
import type { Node, ParamsOf } from "@weft/ir";
import { collect, proj, record } from "@weft/ir";
import { zeros } from "./builder.ts";
import { linearizeGraph } from "./linearize.ts";
import { hasTangent, jvpOf } from "./rules/index.ts";

/** Tangents of the results of a call: its graph's forward part for residuals, then its linear part on the tangents. */
function callTangents(node: Node, tangents: readonly (Node | null)[]): readonly (Node | null)[] {
  const { graph, name } = node.params as ParamsOf["call"];
  const mask = tangents.map((t) => t !== null);
  const { forward, linear, residuals, outMask } = linearizeGraph(graph, mask);
  if (!outMask.includes(true)) return node.outs.map(() => null);
  const primal = record("call", { graph: forward, name }, [...node.operands, ...forward.captures]);
  const kept = Array.from({ length: residuals }, (_, i) => proj(primal, graph.outputs.length + i));
  const tangent = record("call", { graph: linear, name: `${name}.tangent` }, [
    ...tangents.filter((t) => t !== null),
    ...kept,
  ]);
  let next = 0;
  return outMask.map((has) => (has ? proj(tangent, next++) : null));
}

/** The tangents of `nodes` (in id order), given those of some of their operands. */
export function pushTangents(nodes: readonly Node[], seeds: ReadonlyMap<Node, Node>): ReadonlyMap<Node, Node> {
  const single = new Map<Node, Node>(seeds);
  const several = new Map<Node, readonly (Node | null)[]>();
  for (const node of nodes) {
    if (node.prim === "proj") {
      const t = several.get(node.operands[0])?.[(node.params as ParamsOf["proj"]).index] ?? null;
      if (t !== null) single.set(node, t);
      continue;
    }
    const { operands } = node;
    let any = false;
    for (let i = 0; i < operands.length && !any; i++) any = single.has(operands[i]);
    if (!any) continue;
    const tangents = operands.map((operand) => single.get(operand) ?? null);
    const results = node.prim === "call" ? callTangents(node, tangents) : jvpOf(node, tangents);
    if (node.outs.length > 1 || node.prim === "call" || node.prim === "optimizationBarrier") several.set(node, results);
    else if (results[0] !== null) single.set(node, results[0]);
  }
  return single;
}

/**
 * The tangents of `outputs` with respect to the nodes in `seeds`, which are mapped to their tangents. Only nodes with
 * id ≥ startId can depend on a seed. null = zero.
 */
export function jvpNodes(outputs: readonly Node[], seeds: ReadonlyMap<Node, Node>, startId: number): (Node | null)[] {
  const { nodes } = collect(outputs, new Set(seeds.keys()), startId);
  const tangents = pushTangents(nodes, seeds);
  return outputs.map((output) => (hasTangent(output.aval) ? (tangents.get(output) ?? null) : null));
}

/** A tangent made real. */
export const instantiate = (t: Node | null, of: Node): Node => t ?? zeros(of.aval);
