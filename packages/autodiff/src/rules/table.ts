// The forms of the rules of structural primitives.
import type { Node, ParamsOf, PrimName } from "@weft/ir";

/** Tangents of a node's results from tangents of its operands (null = zero). */
export type JvpRule<P extends PrimName> = (
  node: Node & { readonly params: ParamsOf[P] },
  tangents: readonly (Node | null)[],
) => readonly (Node | null)[];

/**
 * Cotangents of a linear node's operands from those of its results. `linear[i]` says which operands are linear here;
 * the others get null.
 */
export type TransposeRule<P extends PrimName> = (
  node: Node & { readonly params: ParamsOf[P] },
  cts: readonly (Node | null)[],
  linear: readonly boolean[],
) => readonly (Node | null)[];
