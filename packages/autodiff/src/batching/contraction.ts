// Batching of contractions. One batched operand: its batch axis is one more free axis, so that a vmapped matrix·vector
// product is one matrix product. Both: a new batch dimension.
import { freeAxes, record } from "@weft/ir";
import type { BatchRule } from "./table.ts";

const after = (axes: readonly number[], inserted: number): number[] =>
  axes.map((axis) => (axis >= inserted ? axis + 1 : axis));

export const CONTRACTION_BATCHING = {
  dotGeneral: (node, [lhs, rhs]) => {
    const { contract, batch } = node.params;
    const l = lhs.axis;
    const r = rhs.axis;
    const contractLhs = l === null ? contract[0] : after(contract[0], l);
    const contractRhs = r === null ? contract[1] : after(contract[1], r);
    const batchLhs = l === null ? batch[0] : after(batch[0], l);
    const batchRhs = r === null ? batch[1] : after(batch[1], r);
    if (l !== null && r !== null) {
      const params = {
        contract: [contractLhs, contractRhs],
        batch: [
          [l, ...batchLhs],
          [r, ...batchRhs],
        ],
      } as const;
      return [{ node: record("dotGeneral", params, [lhs.node, rhs.node]), axis: 0 }];
    }
    const params = { contract: [contractLhs, contractRhs], batch: [batchLhs, batchRhs] } as const;
    const result = record("dotGeneral", params, [lhs.node, rhs.node]);
    const freeLhs = freeAxes(lhs.node.aval.shape.length, contractLhs, batchLhs);
    if (l !== null) return [{ node: result, axis: batchLhs.length + freeLhs.indexOf(l) }];
    const freeRhs = freeAxes(rhs.node.aval.shape.length, contractRhs, batchRhs);
    return [{ node: result, axis: batchLhs.length + freeLhs.length + freeRhs.indexOf(r as number) }];
  },
} satisfies { readonly dotGeneral: BatchRule<"dotGeneral"> };
