// Batching of the elementwise family (and of threefry2x32, which is elementwise with two results): a batch axis all
// operands share stays where it is; otherwise it goes first. Rank 0 is handled here, once.
import type { Node, ParamsOf, PrimName } from "@weft/ir";
import { proj, record } from "@weft/ir";
import { b, range } from "../builder.ts";
import { front } from "./common.ts";
import type { Batched } from "./table.ts";

/** Operands aligned for an elementwise primitive whose unbatched result has `shape`, and the batch axis. */
function align(operands: readonly Batched[], shape: readonly number[], size: number): { nodes: Node[]; axis: number } {
  const batched = operands.filter((operand) => operand.axis !== null);
  const rank = shape.length + 1;
  const [{ axis: first }] = batched;
  const common = batched.every(({ node, axis }) => axis === first && node.aval.shape.length === rank);
  const axis = common ? (first as number) : 0;
  const full = shape.toSpliced(axis, 0, size);
  const others = range(rank).filter((a) => a !== axis);
  const nodes = operands.map((operand) => {
    const { node } = operand;
    // rank 0 serves every element as it is
    if (operand.axis === null) return node.aval.shape.length === 0 ? node : b.broadcast(node, full, others);
    if (node.aval.shape.length === rank) return common ? node : front(operand);
    // a batched scalar beside arrays
    return b.broadcast(node, full, [axis]);
  });
  return { nodes, axis };
}

/** The rule of every elementwise primitive. */
export function batchElementwise(node: Node, operands: readonly Batched[], size: number): readonly Batched[] {
  const { nodes, axis } = align(operands, node.aval.shape, size);
  const result = record(node.prim, node.params as ParamsOf[PrimName], nodes);
  if (node.outs.length === 1) return [{ node: result, axis }];
  return node.outs.map((_, i) => ({ node: proj(result, i), axis }));
}
