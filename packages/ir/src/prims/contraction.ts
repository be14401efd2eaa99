// Contractions: products of arrays summed over shared axes.
import { aval } from "../aval.ts";
import type { ContractionParams } from "../params.ts";
import type { PrimRow } from "./row.ts";
import { dtypeError, expectArity, expectAxes, shapeError } from "./row.ts";

/** The axes of an operand that are neither contracted nor batch, in order. */
export const freeAxes = (rank: number, contract: readonly number[], batch: readonly number[]): readonly number[] =>
  Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !contract.includes(axis) && !batch.includes(axis));

/** The contraction rows. */
export const CONTRACTION = {
  dotGeneral: {
    family: "contraction",
    linear: "bilinear",
    derivative: "rule",
    infer: ({ contract, batch }, operands) => {
      expectArity("dotGeneral", operands, 2);
      const [lhs, rhs] = operands;
      if (lhs.dtype !== rhs.dtype)
        throw dtypeError("dotGeneral", operands, "expected one dtype; convert with astype first");
      if (lhs.dtype === "bool" || lhs.dtype === "key")
        throw dtypeError("dotGeneral", operands, "expected numbers; convert with astype first");
      expectAxes("dotGeneral", lhs, [...contract[0], ...batch[0]]);
      expectAxes("dotGeneral", rhs, [...contract[1], ...batch[1]]);
      const pairs = [
        ...contract[0].map((axis, i) => [axis, contract[1][i]]),
        ...batch[0].map((axis, i) => [axis, batch[1][i]]),
      ];
      if (contract[0].length !== contract[1].length || batch[0].length !== batch[1].length)
        throw shapeError("dotGeneral", operands, "both operands need as many contracted and batch axes");
      for (const [l, r] of pairs) {
        if (lhs.shape[l] !== rhs.shape[r])
          throw shapeError(
            "dotGeneral",
            operands,
            `axis ${l} of the first and axis ${r} of the second must have equal sizes, got ${lhs.shape[l]} and ${rhs.shape[r]}`,
          );
      }
      const shape = [
        ...batch[0].map((axis) => lhs.shape[axis]),
        ...freeAxes(lhs.shape.length, contract[0], batch[0]).map((axis) => lhs.shape[axis]),
        ...freeAxes(rhs.shape.length, contract[1], batch[1]).map((axis) => rhs.shape[axis]),
      ];
      return aval(lhs.dtype, shape, lhs.weakness === "weak" && rhs.weakness === "weak" ? "weak" : "strong");
    },
  },
} satisfies { readonly [P in keyof ContractionParams]: PrimRow<P> };
