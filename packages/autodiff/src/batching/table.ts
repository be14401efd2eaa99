// The form of a batching rule.
import type { Node, ParamsOf, PrimName } from "@weft/ir";

/** A node and the axis that is the batch axis, or null where it is the same for every element of the batch. */
export interface Batched {
  readonly node: Node;
  readonly axis: number | null;
}

/** The batched form of a node, some of whose operands are batched. One entry a result. */
export type BatchRule<P extends PrimName> = (
  node: Node & { readonly params: ParamsOf[P] },
  operands: readonly Batched[],
  size: number,
) => readonly Batched[];
