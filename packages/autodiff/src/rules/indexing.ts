// Indexing primitives: linear in the array that is read, without derivative in the place.
import type { IndexingParams } from "@weft/ir";
import { NO_PARAMS, record } from "@weft/ir";
import { constant } from "../builder.ts";
import { padZero } from "./movement.ts";
import type { TransposeRule } from "./table.ts";

export const INDEXING_TRANSPOSES = {
  // With room P = n − size an axis, ct padded by P on both sides and read from P − start puts ct[i] at start + i.
  dynamicSlice: ({ operands: [x, ...starts], params: { sizes, batch } }, [ct]) => {
    const rest = starts.map(() => null);
    if (ct === null) return [null, ...rest];
    const dims = x.aval.shape.slice(batch);
    const room = dims.map((n, axis) => n - sizes[axis]);
    const outer = new Array<number>(batch).fill(0);
    const padded = padZero(ct, [...outer, ...room], [...outer, ...room], [...outer, ...room.map(() => 0)]);
    const back = starts.map((start, axis) => {
      const limit = constant(start.aval, room[axis]);
      const clamped = record("min", NO_PARAMS, [record("max", NO_PARAMS, [start, constant(start.aval, 0)]), limit]);
      return record("sub", NO_PARAMS, [limit, clamped]);
    });
    return [record("dynamicSlice", { sizes: dims, batch }, [padded, ...back]), ...rest];
  },
} satisfies { readonly [P in keyof IndexingParams]: TransposeRule<P> };
