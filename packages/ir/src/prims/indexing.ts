// Indexing primitives: reads whose place is itself an array.
import { sameShape, withShape } from "../aval.ts";
import type { IndexingParams } from "../params.ts";
import type { PrimRow } from "./row.ts";
import { dtypeError, expectArity, shapeError } from "./row.ts";

/** The indexing rows. */
export const INDEXING = {
  dynamicSlice: {
    family: "indexing",
    linear: [0],
    derivative: "rule",
    infer: ({ sizes, batch }, operands) => {
      const [x, ...starts] = operands;
      const outer = x.shape.slice(0, batch);
      const dims = x.shape.slice(batch);
      expectArity("dynamicSlice", operands, 1 + dims.length);
      if (sizes.length !== dims.length || sizes.some((n, i) => !(n >= 0 && n <= dims[i]))) {
        throw shapeError("dynamicSlice", [x], `sizes [${sizes.join(",")}] do not fit in it`);
      }
      for (const start of starts) {
        if (!sameShape(start.shape, outer))
          throw shapeError("dynamicSlice", operands, `every start must have shape [${outer.join(",")}]`);
        if (start.dtype !== "int32")
          throw dtypeError("dynamicSlice", operands, "starts must be int32; convert with astype first");
      }
      return withShape(x, [...outer, ...sizes]);
    },
  },
} satisfies { readonly [P in keyof IndexingParams]: PrimRow<P> };
