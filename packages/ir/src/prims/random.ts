// Random bits: the threefry block cipher as an elementwise function of keys and counters.
import { aval } from "../aval.ts";
import type { RandomParams } from "../params.ts";
import { elementwiseShape } from "./elementwise.ts";
import type { PrimRow } from "./row.ts";
import { dtypeError, expectArity } from "./row.ts";

/** The random rows. */
export const RANDOM = {
  threefry2x32: {
    family: "random",
    linear: [],
    derivative: "zero",
    infer: (_params, operands) => {
      expectArity("threefry2x32", operands, 4);
      if (operands.some((operand) => operand.dtype !== "uint32"))
        throw dtypeError("threefry2x32", operands, "expected uint32 key words and counters");
      const result = aval("uint32", elementwiseShape("threefry2x32", operands));
      return [result, result];
    },
  },
} satisfies { readonly [P in keyof RandomParams]: PrimRow<P> };
