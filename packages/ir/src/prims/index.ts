// The table of primitives: one row each, completed by the compiler.
import type { Aval } from "../aval.ts";
import type { Node } from "../node.ts";
import type { ElementwisePrim, ParamsOf, PrimName } from "../params.ts";
import { CONTRACTION } from "./contraction.ts";
import { CONTROL } from "./control.ts";
import { CREATION } from "./creation.ts";
import { ELEMENTWISE } from "./elementwise.ts";
import { INDEXING } from "./indexing.ts";
import { MOVEMENT } from "./movement.ts";
import { RANDOM } from "./random.ts";
import { REDUCTION } from "./reduction.ts";
import type { ElementwiseRow, PrimRow } from "./row.ts";

/** Every primitive's row. */
export const PRIMS = {
  ...ELEMENTWISE,
  ...MOVEMENT,
  ...CREATION,
  ...INDEXING,
  ...REDUCTION,
  ...CONTRACTION,
  ...RANDOM,
  ...CONTROL,
} satisfies { readonly [P in PrimName]: PrimRow<P> };

// far quicker than a property of an object with as many
const ROWS: ReadonlyMap<PrimName, unknown> = new Map(Object.entries(PRIMS) as [PrimName, unknown][]);

export const PRIM_NAMES = Object.keys(PRIMS) as readonly PrimName[];

/** The row of a primitive, with its parameter type erased to the table's own. */
export const rowOf = <P extends PrimName>(prim: P): PrimRow<P> => ROWS.get(prim) as PrimRow<P>;

export const isElementwise = (prim: PrimName): prim is ElementwisePrim => rowOf(prim).family === "elementwise";
export const elementwiseRow = <P extends ElementwisePrim>(prim: P): ElementwiseRow<P> =>
  ROWS.get(prim) as ElementwiseRow<P>;

/** The avals of a node's results. */
export function inferAvals<P extends PrimName>(
  prim: P,
  params: ParamsOf[P],
  operands: readonly Node[],
  slots: readonly number[] | null,
): readonly Aval[] {
  const avals = prim === "proj" ? operands[0].outs : operands.map((operand) => operand.aval);
  const inferred = rowOf(prim).infer(params, avals, slots);
  return Array.isArray(inferred) ? (inferred as readonly Aval[]) : [inferred as Aval];
}
