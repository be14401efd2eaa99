// Batching of reductions: the axes that are folded move one place back.
import type { AxesParams, ReductionPrim } from "@weft/ir";
import { shifted, unaryAt0 } from "./common.ts";
import type { BatchRule } from "./table.ts";

const axes = ({ axes: folded }: AxesParams): AxesParams => ({ axes: shifted(folded) });
const axis = ({ axis: folded }: { readonly axis: number }): { readonly axis: number } => ({ axis: folded + 1 });

export const REDUCTION_BATCHING = {
  reduceSum: unaryAt0("reduceSum", axes),
  reduceProd: unaryAt0("reduceProd", axes),
  reduceMax: unaryAt0("reduceMax", axes),
  reduceMin: unaryAt0("reduceMin", axes),
  reduceAnd: unaryAt0("reduceAnd", axes),
  reduceOr: unaryAt0("reduceOr", axes),
  reduceXor: unaryAt0("reduceXor", axes),
  argmax: unaryAt0("argmax", axis),
  argmin: unaryAt0("argmin", axis),
} satisfies { readonly [P in ReductionPrim]: BatchRule<P> };
