// The public face of ir for the other packages.
export * from "./aval.ts";
export * from "./backend.ts";
export * from "./dtype.ts";
export * from "./errors.ts";
export * from "./graph.ts";
export * from "./kernel.ts";
export * from "./node.ts";
export * from "./params.ts";
export * from "./print.ts";
export { freeAxes } from "./prims/contraction.ts";
export { elementwiseRow, inferAvals, isElementwise, PRIM_NAMES, PRIMS, rowOf } from "./prims/index.ts";
export { REDUCTION } from "./prims/reduction.ts";
export type { Derivative, ElementwiseRow, Linear, PrimRow } from "./prims/row.ts";
export * from "./reference/index.ts";
export * from "./runtime.ts";
export * from "./scope.ts";
export * from "./value.ts";
