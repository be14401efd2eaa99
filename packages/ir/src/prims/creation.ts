// Creation primitives: leaves of the graph and values made from nothing.
import { aval } from "../aval.ts";
import { InternalError } from "../errors.ts";
import type { CreationParams } from "../params.ts";
import type { PrimRow } from "./row.ts";
import { expectSize } from "./row.ts";

const created = { family: "creation", linear: [], derivative: "zero" } as const;
const leaf = (prim: string) => (): never => {
  throw new InternalError(`${prim} nodes carry their aval and are not inferred`);
};

/** The creation rows. */
export const CREATION = {
  input: { ...created, infer: leaf("input") },
  literal: { ...created, infer: leaf("literal") },
  scalar: { ...created, infer: leaf("scalar") },
  iota: {
    ...created,
    infer: ({ n, dtype }, operands) => {
      expectSize("iota", operands, n);
      return aval(dtype, [n]);
    },
  },
} satisfies { readonly [P in keyof CreationParams]: PrimRow<P> };
