// Indexing primitives: reads whose place is itself an array.
import { withShape } from "../aval.ts";
import type { IndexingParams } from "../params.ts";
import type { PrimRow } from "./row.ts";
import { dtypeError, expectArity, shapeError } from "./row.ts";

/** The indexing rows. */
export const INDEXING = {
  dynamicSlice: {
    family: "indexing",
    linear: [0],
    derivative: "rule",
    infer: ({ sizes }, operands) => {
      const [x, ...starts] = operands;
      expectArity("dynamicSlice", operands, 1 + x.shape.length);
      if (sizes.length !== x.shape.length || sizes.some((n, i) => !(n >= 0 && n <= x.shape[i]))) {
        throw shapeError("dynamicSlice", [x], `sizes [${sizes.join(",")}] do not fit in it`);
      }
      for (const start of starts) {
        if (start.shape.length !== 0) throw shapeError("dynamicSlice", operands, "every start must have rank 0");
        if (start.dtype !== "int32") throw dtypeError("dynamicSlice", operands, "starts must be int32; convert with astype first");
      }
      return withShape(x, sizes);
    },
  },
} satisfies { readonly [P in keyof IndexingParams]: PrimRow<P> };
