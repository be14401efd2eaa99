// The closed set of primitives that exist so far, by the parameters each one carries. PRIMITIVES.md is the target;
// a name enters this type together with all of its rules, because every rule table is completed by the compiler.
import type { Weakness } from "./aval.ts";
import type { DType } from "./dtype.ts";
import type { Graph } from "./graph.ts";

export interface NoParams {
  readonly [key: string]: never;
}
export interface AxesParams {
  readonly axes: readonly number[];
}
export type CompareOp = "eq" | "ne" | "lt" | "le" | "gt" | "ge";
/** away: halves away from zero; even: halves to even; zero: towards zero. */
export type RoundMode = "away" | "even" | "zero";

export interface ElementwiseParams {
  neg: NoParams;
  abs: NoParams;
  sign: NoParams;
  floor: NoParams;
  ceil: NoParams;
  round: { readonly mode: RoundMode };
  isFinite: NoParams;
  not: NoParams;
  exp: NoParams;
  expm1: NoParams;
  log: NoParams;
  log1p: NoParams;
  logistic: NoParams;
  sqrt: NoParams;
  rsqrt: NoParams;
  sin: NoParams;
  cos: NoParams;
  sinh: NoParams;
  cosh: NoParams;
  tanh: NoParams;
  acosh: NoParams;
  atanh: NoParams;
  erf: NoParams;
  erfInv: NoParams;
  integerPow: { readonly n: number };
  add: NoParams;
  sub: NoParams;
  mul: NoParams;
  div: NoParams;
  rem: NoParams;
  max: NoParams;
  min: NoParams;
  pow: NoParams;
  atan2: NoParams;
  and: NoParams;
  or: NoParams;
  xor: NoParams;
  shiftLeft: NoParams;
  shiftRight: { readonly arithmetic: boolean };
  compare: { readonly op: CompareOp };
  /** (pred, onTrue, onFalse) */
  select: NoParams;
  convert: { readonly dtype: DType; readonly weakness: Weakness };
}
export interface MovementParams {
  /** Same bits, another dtype of equal width. */
  bitcast: { readonly dtype: DType };
  reshape: { readonly shape: readonly number[] };
  transpose: { readonly perm: readonly number[] };
  /** Operand axis i becomes axis axes[i] of shape; the other axes are new. Operand sizes equal the result's. */
  broadcastInDim: { readonly shape: readonly number[]; readonly axes: readonly number[] };
  flip: AxesParams;
  /** Slots: one start an axis, already clamped. */
  slice: { readonly sizes: readonly number[]; readonly strides: readonly number[] };
  /** (x, value): value has rank 0. lo and hi may be negative, interior may not. */
  pad: { readonly lo: readonly number[]; readonly hi: readonly number[]; readonly interior: readonly number[] };
  concatenate: { readonly axis: number };
}
export interface CreationParams {
  /** A graph input or an array that has data. The label names the argument in messages; it is in no key. */
  input: { readonly label: string };
  /** A structural constant: written while a closed sub-graph was traced, or by the library itself. */
  literal: { readonly value: number };
  /** A JS number of the user. Slot: its value. */
  scalar: NoParams;
  /** start + i·step for i < n. Slots: start, step. */
  iota: { readonly n: number; readonly dtype: DType };
}
export interface IndexingParams {
  /**
   * (x, …starts): one int32 start for each axis after the first `batch` axes, clamped so that the slice is in range.
   * x is [...B, ...dims], every start has shape B (rank 0 without batch axes), the result is [...B, ...sizes].
   */
  dynamicSlice: { readonly sizes: readonly number[]; readonly batch: number };
}
export interface ReductionParams {
  reduceSum: AxesParams;
  reduceProd: AxesParams;
  reduceMax: AxesParams;
  reduceMin: AxesParams;
  reduceAnd: AxesParams;
  reduceOr: AxesParams;
  reduceXor: AxesParams;
  argmax: { readonly axis: number };
  argmin: { readonly axis: number };
}
export interface ContractionParams {
  /** Result axes: batch, then lhs's free, then rhs's free axes. */
  dotGeneral: {
    readonly contract: readonly [lhs: readonly number[], rhs: readonly number[]];
    readonly batch: readonly [lhs: readonly number[], rhs: readonly number[]];
  };
}
export interface RandomParams {
  /** (k0, k1, c0, c1) → 2 results; equal shapes or rank 0. */
  threefry2x32: NoParams;
}
export interface ControlParams {
  /** Identity that stands for "this leaf is differentiated here". Never merged. */
  marker: NoParams;
  stopGradient: NoParams;
  /** Identity on several operands, opaque to every pass. */
  optimizationBarrier: NoParams;
  /** Result `index` of a node with several results. */
  proj: { readonly index: number };
  /** Operands: the graph's inputs, then its captures. */
  call: { readonly graph: Graph; readonly name: string };
}

export interface ParamsOf
  extends
    ElementwiseParams,
    MovementParams,
    CreationParams,
    IndexingParams,
    ReductionParams,
    ContractionParams,
    RandomParams,
    ControlParams {}

export type PrimName = keyof ParamsOf;
export type ElementwisePrim = keyof ElementwiseParams;
export type MovementPrim = keyof MovementParams;
export type ReductionPrim = keyof ReductionParams;
export type ControlPrim = keyof ControlParams;
export type Family =
  | "elementwise"
  | "movement"
  | "creation"
  | "indexing"
  | "reduction"
  | "contraction"
  | "random"
  | "control";
export type Params = ParamsOf[PrimName];

export const NO_PARAMS: NoParams = Object.freeze({});
