// The table of NDArray's methods. NDArray delegates to it and numpy/methods.ts fills it once at load, so that core
// imports nothing above itself; the compiler sees to it that every method is filled.
import type { DType } from "@weft/ir";
import { InternalError } from "@weft/ir";
import type { NDArray } from "./array.ts";
import type { ArrayLike } from "./convert.ts";
import type { Trailing } from "./call-types.ts";

/** One axis, several, or all (`null`). */
export type Axis = number | readonly number[] | null;

/** Options of sum and prod. */
export interface SumOptions {
  axis?: Axis;
  dtype?: DType | null;
  out?: null;
  keepdims?: boolean;
  initial?: ArrayLike | null;
  where?: ArrayLike | null;
  promoteIntegers?: boolean;
}
export type SumArgs = Trailing<
  [
    axis: Axis,
    dtype: DType | null,
    out: null,
    keepdims: boolean,
    initial: ArrayLike | null,
    where: ArrayLike | null,
    promoteIntegers: boolean,
  ],
  SumOptions
>;

/** Options of max and min. */
export interface MaxOptions {
  axis?: Axis;
  out?: null;
  keepdims?: boolean;
  initial?: ArrayLike | null;
  where?: ArrayLike | null;
}
export type MaxArgs = Trailing<
  [axis: Axis, out: null, keepdims: boolean, initial: ArrayLike | null, where: ArrayLike | null],
  MaxOptions
>;

/** Options of any and all. */
export interface AnyOptions {
  axis?: Axis;
  out?: null;
  keepdims?: boolean;
  where?: ArrayLike | null;
}
export type AnyArgs = Trailing<[axis: Axis, out: null, keepdims: boolean], AnyOptions>;

/** Options of mean. */
export interface MeanOptions {
  axis?: Axis;
  dtype?: DType | null;
  out?: null;
  keepdims?: boolean;
  where?: ArrayLike | null;
}
export type MeanArgs = Trailing<[axis: Axis, dtype: DType | null, out: null, keepdims: boolean], MeanOptions>;

/** Options of std and var. */
export interface VarOptions extends MeanOptions {
  ddof?: number;
  mean?: ArrayLike | null;
  correction?: number | null;
}
export type VarArgs = Trailing<
  [axis: Axis, dtype: DType | null, out: null, ddof: number, keepdims: boolean],
  VarOptions
>;

/** Options of argmax and argmin. */
export interface ArgOptions {
  axis?: number | null;
  out?: null;
  keepdims?: boolean | null;
}
export type ArgArgs = Trailing<[axis: number | null, out: null, keepdims: boolean | null], ArgOptions>;

/** Options of reshape. */
export interface ReshapeOptions {
  order?: "C" | "F" | "A";
  copy?: boolean | null;
  outSharding?: null;
}
/** Sizes one by one or as one array. */
export type ReshapeArgs =
  | number[]
  | [...sizes: number[], options: ReshapeOptions]
  | [shape: readonly number[], options?: ReshapeOptions];

/** Options of ravel and flatten. */
export interface RavelOptions {
  order?: "C" | "F" | "A" | "K";
  outSharding?: null;
}
export type RavelArgs = Trailing<[order: "C" | "F" | "A" | "K"], RavelOptions>;

/** Options of astype. */
export interface AstypeOptions {
  copy?: boolean;
  device?: string | null;
}

export interface ClipOptions {
  min?: ArrayLike | null;
  max?: ArrayLike | null;
}
export type ClipArgs = Trailing<[min: ArrayLike | null, max: ArrayLike | null], ClipOptions>;

/** What may stand in `x.slice(…)`; see {@link NDArray.slice}. */
export type Index =
  | number
  | null
  | string
  | readonly (number | null)[]
  | NDArray
  | Int32Array
  | Uint32Array
  | Uint8Array;

/** What a place outside of its axis means, and hints that change no value. */
export interface PlaceOptions {
  /**
   * "drop" and "fill": nothing is written there. "clip": the nearest element is. A JS integer throws without a mode, a
   * computed place is dropped.
   */
  mode?: "clip" | "drop" | "fill" | "promise_in_bounds" | null;
  /** Whether negative places count from the end, which they do unless this is false. */
  wrapNegativeIndices?: boolean;
  indicesAreSorted?: boolean;
  uniqueIndices?: boolean;
  outSharding?: null;
}
/** {@link PlaceOptions} of reading: "fill" and "drop" give `fillValue`, NaN without one; else the nearest element is read. */
export interface GetOptions extends PlaceOptions {
  fillValue?: ArrayLike | null;
}
/** What `x.at(…)` gives: new arrays that differ from x in the indexed region. */
export interface Updates {
  /** The region itself. */
  get(...rest: [] | [options: GetOptions]): NDArray;
  /** The region replaced; values broadcast to it. */
  set(values: ArrayLike, ...rest: [] | [options: PlaceOptions]): NDArray;
  add(values: ArrayLike, ...rest: [] | [options: PlaceOptions]): NDArray;
  subtract(values: ArrayLike, ...rest: [] | [options: PlaceOptions]): NDArray;
  sub(values: ArrayLike, ...rest: [] | [options: PlaceOptions]): NDArray;
  multiply(values: ArrayLike, ...rest: [] | [options: PlaceOptions]): NDArray;
  mul(values: ArrayLike, ...rest: [] | [options: PlaceOptions]): NDArray;
  divide(values: ArrayLike, ...rest: [] | [options: PlaceOptions]): NDArray;
  div(values: ArrayLike, ...rest: [] | [options: PlaceOptions]): NDArray;
  power(values: ArrayLike, ...rest: [] | [options: PlaceOptions]): NDArray;
  pow(values: ArrayLike, ...rest: [] | [options: PlaceOptions]): NDArray;
  min(values: ArrayLike, ...rest: [] | [options: PlaceOptions]): NDArray;
  max(values: ArrayLike, ...rest: [] | [options: PlaceOptions]): NDArray;
  /** A function applied to the region. */
  apply(func: (region: NDArray) => ArrayLike, ...rest: [] | [options: PlaceOptions]): NDArray;
}

/** Options of take. */
export interface TakeOptions {
  axis?: number | null;
  out?: null;
  mode?: "fill" | "clip" | "wrap" | "raise" | null;
  uniqueIndices?: boolean;
  indicesAreSorted?: boolean;
  fillValue?: ArrayLike | null;
}
export type TakeArgs = Trailing<
  [
    axis: number | null,
    out: null,
    mode: TakeOptions["mode"],
    uniqueIndices: boolean,
    indicesAreSorted: boolean,
    fillValue: ArrayLike | null,
  ],
  TakeOptions
>;

type Binary = (x: ArrayLike, y: ArrayLike) => NDArray;
type Unary = (x: ArrayLike) => NDArray;

/** Every method of NDArray that numpy implements; `x` is the array itself. */
export interface ArrayMethods {
  add: Binary;
  subtract: Binary;
  multiply: Binary;
  divide: Binary;
  floorDivide: Binary;
  mod: Binary;
  power: Binary;
  negative: Unary;
  abs: Unary;
  dot: Binary;
  matmul: Binary;
  equal: Binary;
  notEqual: Binary;
  less: Binary;
  lessEqual: Binary;
  greater: Binary;
  greaterEqual: Binary;
  sum(x: ArrayLike, ...rest: SumArgs): NDArray;
  prod(x: ArrayLike, ...rest: SumArgs): NDArray;
  mean(x: ArrayLike, ...rest: MeanArgs): NDArray;
  max(x: ArrayLike, ...rest: MaxArgs): NDArray;
  min(x: ArrayLike, ...rest: MaxArgs): NDArray;
  argmax(x: ArrayLike, ...rest: ArgArgs): NDArray;
  argmin(x: ArrayLike, ...rest: ArgArgs): NDArray;
  any(x: ArrayLike, ...rest: AnyArgs): NDArray;
  all(x: ArrayLike, ...rest: AnyArgs): NDArray;
  std(x: ArrayLike, ...rest: VarArgs): NDArray;
  var(x: ArrayLike, ...rest: VarArgs): NDArray;
  /** One size may be −1. Accepts keys. */
  reshape(x: ArrayLike, shape: number | readonly number[], ...rest: [] | [options: ReshapeOptions]): NDArray;
  /** Accepts keys. */
  transpose(x: ArrayLike, axes?: readonly number[] | null): NDArray;
  /** Accepts keys. */
  ravel(x: ArrayLike, ...rest: RavelArgs): NDArray;
  /** Accepts keys. */
  squeeze(x: ArrayLike, axis?: Axis): NDArray;
  /** Accepts keys. */
  expandDims(x: ArrayLike, axis: number | readonly number[]): NDArray;
  /** Accepts keys. */
  swapaxes(x: ArrayLike, axis1: number, axis2: number): NDArray;
  astype(x: ArrayLike, dtype: DType | null, options?: AstypeOptions): NDArray;
  clip(x: ArrayLike, ...rest: ClipArgs): NDArray;
  round(x: ArrayLike, decimals?: number): NDArray;
  /** Basic indexing (SEMANTICS 6.2); advanced indices where they are served. Accepts keys. */
  slice(x: ArrayLike, ...indices: Index[]): NDArray;
  take(x: ArrayLike, indices: ArrayLike, ...rest: TakeArgs): NDArray;
  at(x: NDArray, ...indices: Index[]): Updates;
}

let installed: ArrayMethods | null = null;

/** Fills the table; called once by numpy/index.ts. */
export const installMethods = (table: ArrayMethods): void => {
  installed = table;
};

/** The filled table. */
export const methods = (): ArrayMethods => {
  if (installed === null)
    throw new InternalError("NDArray's methods are not installed; import @weft/api, not a file inside it");
  return installed;
};
