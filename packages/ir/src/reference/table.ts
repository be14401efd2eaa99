// The form of a reference rule.
import type { Aval } from "../aval.ts";
import type { ParamsOf, PrimName } from "../params.ts";
import type { RefArray } from "./array.ts";

/** A primitive's values in plain loops. `outs` are the inferred avals. */
export type Reference<P extends PrimName> = (
  params: ParamsOf[P],
  operands: readonly RefArray[],
  outs: readonly Aval[],
  slots: readonly number[] | null,
) => RefArray | readonly RefArray[];
