// What is internal is no part of the declarations, and so of no editor's completion.
import { type NDArray, numpy as np } from "@weft/api";

const x = np.ones([3]);
type Names = keyof NDArray;
export const names: readonly Exclude<
  Names,
  "node" | "isKey" | "end" | "abandon" | "evaluable" | "plainNumber" | "text"
>[] = [] as Names[];
// @ts-expect-error arrays are made by np.array and its like
export const made = new (x.constructor as typeof NDArray)(null);
// @ts-expect-error internal
export const { node } = x;
