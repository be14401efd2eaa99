// Batching of control primitives: identities keep the axis; calls recurse (in batch.ts, which owns the recursion).
import type { ControlPrim } from "@weft/ir";
import { proj, record } from "@weft/ir";
import type { BatchRule } from "./table.ts";

export const CONTROL_BATCHING = {
  marker: (node, [x]) => [{ node: record("marker", node.params, [x.node]), axis: x.axis }],
  stopGradient: (node, [x]) => [{ node: record("stopGradient", node.params, [x.node]), axis: x.axis }],
  optimizationBarrier: (node, operands) => {
    const barrier = record(
      "optimizationBarrier",
      node.params,
      operands.map((operand) => operand.node),
    );
    return operands.map(({ axis }, i) => ({ node: proj(barrier, i), axis }));
  },
  proj: "structural",
  call: "structural",
} satisfies { readonly [P in ControlPrim]: BatchRule<P> | "structural" };
