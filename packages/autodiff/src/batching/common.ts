// Moves that batching rules share.
import type { Node, ParamsOf, PrimName } from "@weft/ir";
import { record } from "@weft/ir";
import { b, moveAxis, range } from "../builder.ts";
import type { Batched, BatchRule } from "./table.ts";

/** The operand with its batch axis first; unbatched operands are left alone. */
export const front = ({ node, axis }: Batched): Node => (axis === null ? node : moveAxis(node, axis, 0));

/** The operand with its batch axis first, repeated over the batch where it has none. */
export const repeated = (operand: Batched, size: number): Node =>
  operand.axis === null
    ? b.broadcast(operand.node, [size, ...operand.node.aval.shape], range(operand.node.aval.shape.length, 1))
    : front(operand);

export const shifted = (axes: readonly number[]): number[] => axes.map((axis) => axis + 1);

/** A rule for primitives of one operand: batch axis first, parameters adapted to the extra axis. */
export const unaryAt0 =
  <P extends PrimName>(
    prim: P,
    adapt: (params: ParamsOf[P], size: number, node: Node) => ParamsOf[P],
    slots: (slots: readonly number[]) => readonly number[] = (s) => s,
  ): BatchRule<P> =>
  (node, [x], size) => [
    { node: record(prim, adapt(node.params, size, node), [front(x)], node.slots && slots(node.slots)), axis: 0 },
  ];
