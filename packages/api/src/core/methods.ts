// The table of NDArray's methods, and what they take. Types only: numpy/methods.ts installs them once at load, so that core
// imports nothing above itself; the compiler sees to it that every method is there.
import type { DType } from "@weft/ir";
import type { NDArray } from "./array.ts";
import type { ArrayLike } from "./convert.ts";
import type { HostArray, TypedArray } from "./host.ts";
import type { Trailing } from "./call-types.ts";

/** A list of integers, as JS numbers or as an array that is not traced. */
export type Integers = readonly (number | NDArray)[] | NDArray | TypedArray;
/** One axis, several, or all (`null`). */
export type Axis = number | Integers | null;

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
  axis?: number | NDArray | null;
  out?: null;
  keepdims?: boolean | null;
}
export type ArgArgs = Trailing<[axis: number | NDArray | null, out: null, keepdims: boolean | null], ArgOptions>;

/** Options of reshape. */
export interface ReshapeOptions {
  order?: "C" | "F" | "A";
  copy?: boolean | null;
  outSharding?: null;
}
/** Sizes one by one or as one array. */
export type ReshapeArgs =
  | (number | NDArray)[]
  | [...sizes: (number | NDArray)[], options: ReshapeOptions]
  | [shape: Integers, options?: ReshapeOptions];

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
  axis?: number | NDArray | null;
  out?: null;
  mode?: "fill" | "clip" | "wrap" | "raise" | null;
  uniqueIndices?: boolean;
  indicesAreSorted?: boolean;
  fillValue?: ArrayLike | null;
}
export type TakeArgs = Trailing<
  [
    axis: number | NDArray | null,
    out: null,
    mode: TakeOptions["mode"],
    uniqueIndices: boolean,
    indicesAreSorted: boolean,
    fillValue: ArrayLike | null,
  ],
  TakeOptions
>;

/** Nested JS arrays of numbers or booleans, or one of them for rank 0. */
export type Nested = number | boolean | Nested[];

/** Methods of NDArray: numpy's functions with the array as the first argument, and what reads and frees it. */
export interface ArrayMethods {
  /** The transpose: all axes reversed. */
  readonly T: NDArray;
  /** The matrix transpose: the last two axes exchanged. */
  readonly mT: NDArray;

  /**
   * The elements as a flat typed array, a copy (bool as bytes). Evaluates what is pending. Its class follows from the
   * dtype: say so where it matters.
   * @example const pixels: Float32Array = await x.data();
   */
  data<T extends TypedArray = HostArray>(): Promise<T>;
  /** Resolves, with the array, when it is computed: JAX's block_until_ready. */
  ready(): Promise<this>;
  /** As {@link data}, at once. Throws SyncReadError where the device cannot block. */
  dataSync<T extends TypedArray = HostArray>(): T;
  /**
   * The one element of an array of size 1: a number, or a boolean where the dtype is bool; say so there. Throws ShapeError
   * for other sizes.
   * @example const loss: number = lossOf(params).item();
   * @example const done: boolean = np.all(x.greater(0)).item();
   */
  item<T extends number | boolean = number>(): T;
  /** Nested JS arrays of its numbers or booleans. @example const rows: number[][] = x.tolist(); */
  tolist<T extends Nested = Nested>(): T;
  /** As {@link tolist}, for JSON.stringify, which says under which key it stands. */
  toJSON(key?: unknown): Nested;
  /**
   * As NumPy prints it, where the device can block; `NDArray(float32[3,4] webgpu, pending)` where it cannot, and for
   * traced arrays a word on what traces them. Never throws.
   */
  toString(): string;
  /** Ends this handle; its memory is given back as soon as nothing else needs it. Harmless when repeated. */
  dispose(): void;

  add(y: ArrayLike): NDArray;
  sub(y: ArrayLike): NDArray;
  mul(y: ArrayLike): NDArray;
  div(y: ArrayLike): NDArray;
  floorDivide(y: ArrayLike): NDArray;
  mod(y: ArrayLike): NDArray;
  pow(y: ArrayLike): NDArray;
  neg(): NDArray;
  abs(): NDArray;
  dot(y: ArrayLike): NDArray;
  matmul(y: ArrayLike): NDArray;
  equal(y: ArrayLike): NDArray;
  notEqual(y: ArrayLike): NDArray;
  less(y: ArrayLike): NDArray;
  lessEqual(y: ArrayLike): NDArray;
  greater(y: ArrayLike): NDArray;
  greaterEqual(y: ArrayLike): NDArray;
  sum(...rest: SumArgs): NDArray;
  prod(...rest: SumArgs): NDArray;
  mean(...rest: MeanArgs): NDArray;
  max(...rest: MaxArgs): NDArray;
  min(...rest: MaxArgs): NDArray;
  argmax(...rest: ArgArgs): NDArray;
  argmin(...rest: ArgArgs): NDArray;
  any(...rest: AnyArgs): NDArray;
  all(...rest: AnyArgs): NDArray;
  std(...rest: VarArgs): NDArray;
  var(...rest: VarArgs): NDArray;
  /** Sizes as one array or one by one; one of them may be −1. @example x.reshape(2, -1); x.reshape([2, 3], { order: "F" }) */
  reshape(...args: ReshapeArgs): NDArray;
  /** The axes in their new order, as one array or one by one; reversed if there are none. */
  transpose(...axes: (number | NDArray)[] | [axes: Integers | null]): NDArray;
  ravel(...rest: RavelArgs): NDArray;
  flatten(...rest: RavelArgs): NDArray;
  squeeze(axis?: Axis): NDArray;
  expandDims(axis: number | Integers): NDArray;
  swapaxes(axis1: number | NDArray, axis2: number | NDArray): NDArray;
  astype(dtype: DType | null, options?: AstypeOptions): NDArray;
  clip(...rest: ClipArgs): NDArray;
  round(decimals?: number | NDArray): NDArray;
  /**
   * Basic indexing: an integer drops its axis, `[start, stop, step?]`, `[start]`, `[]` or "1:5:2" is a slice, `null` adds
   * an axis, "..." stands for the axes left out.
   * @example x.slice(2, [1, 5], "...")
   */
  slice(...indices: Index[]): NDArray;
  /** The elements at an index along an axis; of the flat array without one. */
  take(indices: ArrayLike, ...rest: TakeArgs): NDArray;
  /**
   * A region, by the indices of {@link slice}, that a new array is to change.
   * @example x.at(0, [1, 3]).set(0); x.at(-1).add(y)
   */
  at(...indices: Index[]): Updates;
}
