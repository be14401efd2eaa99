// Control primitives: identities pass tangents on; calls recurse into the derivative of their graph (in linearize.ts,
// which owns the recursion).
import type { ControlPrim } from "@weft/ir";
import { record } from "@weft/ir";
import { zeros } from "../builder.ts";
import type { JvpRule, TransposeRule } from "./table.ts";

export const CONTROL_JVPS = {
  marker: (_node, [t]) => [t],
  stopGradient: "zero",
  // tangents go through a barrier of their own: what follows the barrier may not be moved before it
  optimizationBarrier: (node, tangents) => {
    const present = tangents.map((t, i) => t ?? zeros(node.operands[i].aval));
    const barrier = record("optimizationBarrier", node.params, present);
    return tangents.map((t, i) => t && record("proj", { index: i }, [barrier]));
  },
  proj: "structural",
  call: "structural",
} satisfies { readonly [P in ControlPrim]: JvpRule<P> | "zero" | "structural" };

export const CONTROL_TRANSPOSES = {
  marker: (_node, [ct]) => [ct],
  optimizationBarrier: (node, cts) => {
    const present = cts.map((ct, i) => ct ?? zeros(node.operands[i].aval));
    const barrier = record("optimizationBarrier", node.params, present);
    return cts.map((ct, i) => ct && record("proj", { index: i }, [barrier]));
  },
} satisfies {
  readonly marker: TransposeRule<"marker">;
  readonly optimizationBarrier: TransposeRule<"optimizationBarrier">;
};
