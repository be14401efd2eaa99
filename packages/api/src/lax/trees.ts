// jax.lax's functions of trees: every array of a tree through one operation.
import type { Node } from "@weft/ir";
import { NO_PARAMS, record } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import { defineAs } from "../core/define.ts";
import { treeOf } from "../core/kinds.ts";
import { isKeyLeaf, leafNode, leavesOf, wrapTree } from "../transform/leaves.ts";
import type { Arrays } from "../transform/types.ts";
import * as n from "./nodes.ts";

/** A tree of arrays from nodes of another one's. */
function mapNodes(name: string, tree: unknown, f: (nodes: readonly Node[]) => readonly Node[]): unknown {
  const { leaves, structure } = leavesOf(`${name}: the argument`, tree);
  const nodes = leaves.map((leaf) => leafNode(name, leaf));
  return wrapTree(structure, f(nodes), leaves.map(isKeyLeaf));
}

/** The tree with the values of x, none of which has a derivative. @example lax.stopGradient(target) */
export const stopGradient = defineAs<<const T>(x: T) => Arrays<T>>()("lax.stopGradient", [treeOf("x")], (x) =>
  x instanceof NDArray && !x.isKey
    ? new NDArray(n.stopGradient(x.node))
    : mapNodes("lax.stopGradient", x, (nodes) => nodes.map(n.stopGradient)),
);

/** The tree itself: nothing is computed, merged or moved across the barrier. */
export const optimizationBarrier = defineAs<<const T>(operand: T) => Arrays<T>>()(
  "lax.optimizationBarrier",
  [treeOf("operand")],
  (operand) =>
    mapNodes("lax.optimizationBarrier", operand, (nodes) => {
      if (nodes.length === 0) return nodes;
      const barrier = record("optimizationBarrier", NO_PARAMS, nodes);
      return nodes.map((_, index) => record("proj", { index }, [barrier]));
    }),
);
