// The Kernel IR (RUNTIME.md section 1, in BUILD.md's first form): what a fused group computes for each point of
// its grid. Both code generators and the Kernel interpreter consume exactly this; nothing here knows a device.
// Sizes, strides and offsets are run-time dims, so that one kernel serves all batch sizes; only 0 (a missing
// term) and 1 (a literal coefficient) are structural.

/** How an element lies in memory. bool is one byte, 0 or 1; f16 is two, widened by loads and rounded by stores. */
export type StorageType = "bool" | "i32" | "u32" | "f16" | "f32" | "f64";
/** What scalars compute in. A mask is a truth value. */
export type Lane = "mask" | "i32" | "u32" | "f32" | "f64";

export const LANE_OF = {
  bool: "mask",
  i32: "i32",
  u32: "u32",
  f16: "f32",
  f32: "f32",
  f64: "f64",
} as const satisfies Record<StorageType, Lane>;
export const STORAGE_BYTES = { bool: 1, i32: 4, u32: 4, f16: 2, f32: 4, f64: 8 } as const satisfies Record<
  StorageType,
  number
>;

export type AxisId = number;
export type NodeId = number;
export type BufferId = number;
export type DimId = number;

/** A size, stride or offset in elements (32 bits): a run-time dim, or a literal that is part of the kernel's key. */
export type Dim = { readonly lit: number } | { readonly dim: DimId };

/** A loop axis. */
export interface Axis {
  readonly size: Dim;
}

/** base + Σ coef·of, in elements, modulo 2³². */
export interface Affine {
  readonly base: Dim;
  readonly terms: readonly { readonly coef: Dim; readonly of: Term }[];
}

export type Term =
  | { readonly axis: AxisId }
  /** floor(of / div) mod m, without a sign: reshapes that do not compose. `of` is never negative. */
  | { readonly digit: Affine; readonly div: Dim; readonly mod: Dim | null }
  /** A computed i32 index, already clamped so that the access is in range. */
  | { readonly value: NodeId };

/** True where lo ≤ of < hi for every entry: of − lo < hi − lo without a sign, where lo ≤ hi. */
export interface Guard {
  readonly all: readonly { readonly of: Affine; readonly lo: Dim; readonly hi: Dim }[];
}

/**
 * The scalar functions of kernels: the elementwise rows that are not decomposed. One union serves the WASM
 * stencils, WGSL and the interpreter. Lanes of arguments equal the lane of the result, except: compares and tests
 * give a mask; `select` takes (mask, a, b); `convert` goes from its argument's lane to its own (float → integer
 * saturates, NaN → 0; anything → mask is ≠ 0; mask → number is 0 or 1); `bitcast` keeps the 32 bits; `roundHalf`, of
 * f32 alone, gives the nearest float16 (ties to even, overflow to ±∞). Values of float16 arrays are held in f32 and
 * rounded where they are stored and where `roundHalf` says so: in between they may keep more digits than their dtype.
 */
export type ScalarFn =
  | "neg"
  | "abs"
  | "sign"
  | "floor"
  | "ceil"
  | "roundEven"
  | "roundAway"
  | "trunc"
  | "isFinite"
  | "not"
  | "exp"
  | "expm1"
  | "log"
  | "log1p"
  | "logistic"
  | "sqrt"
  | "rsqrt"
  | "sin"
  | "cos"
  | "tanh"
  | "erf"
  | "erfInv"
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "rem"
  | "max"
  | "min"
  | "pow"
  | "atan2"
  | "and"
  | "or"
  | "xor"
  | "shiftLeft"
  | "shiftRightArithmetic"
  | "shiftRightLogical"
  | "eq"
  | "ne"
  | "lt"
  | "le"
  | "gt"
  | "ge"
  | "select"
  | "convert"
  | "bitcast"
  | "roundHalf"
  | "threefry2x32";

/** One scalar of a kernel. SSA, in topological order, hash-consed by the builder. */
export type Scalar =
  /** A structural constant (0, 1, −inf …). `value` is the number itself; for mask 0 or 1. */
  | { readonly op: "const"; readonly lane: Lane; readonly value: number }
  /** A run-time scalar: an entry of the kernel's params. Never in the key. */
  | { readonly op: "param"; readonly lane: Lane; readonly slot: number }
  /** The value of an affine index (iota, masks by position). */
  | { readonly op: "index"; readonly lane: "i32"; readonly of: Affine }
  /** A guarded load gives `other` where the guard is false, and touches no memory there. */
  | {
      readonly op: "load";
      readonly lane: Lane;
      readonly buffer: BufferId;
      readonly at: Affine;
      readonly guard: Guard | null;
      readonly other: NodeId | null;
    }
  /** The truth of a guard (for padding and concatenation of computed values). */
  | { readonly op: "inside"; readonly lane: "mask"; readonly guard: Guard }
  | { readonly op: "apply"; readonly lane: Lane; readonly fn: ScalarFn; readonly args: readonly NodeId[] }
  /** Result `index` of a several-valued fn (threefry2x32: (k0, k1, c0, c1) → 2). */
  | { readonly op: "part"; readonly lane: Lane; readonly of: NodeId; readonly index: number }
  /** A reduction result of an earlier phase. `part` 1 is the index of argmax and argmin. */
  | { readonly op: "result"; readonly lane: Lane; readonly phase: number; readonly fold: number; readonly part: 0 | 1 };

/**
 * Built-in monoids. argmax and argmin carry (value, i32 index): the lowest index wins a tie, a NaN beats every
 * number and the first NaN wins. max and min propagate NaN. Identities: sum 0, prod 1, max −inf or MIN or false,
 * min +inf or MAX or true, and all-ones, or/xor 0; argmax (−inf…, 0).
 */
export type MonoidName = "sum" | "prod" | "min" | "max" | "and" | "or" | "xor" | "argmax" | "argmin";

export interface Fold {
  readonly monoid: MonoidName;
  /** The lane of the accumulated value. */
  readonly lane: Lane;
  /** One node; for argmax and argmin two: the value and its i32 index. */
  readonly inputs: readonly NodeId[];
}

export interface Store {
  readonly buffer: BufferId;
  readonly at: Affine;
  readonly value: NodeId;
}

/**
 * A loop nest inside one grid point. `map` runs its stores for every point of `axes` ([] = once a grid point);
 * `reduce` folds over `axes` and leaves results for later phases (it may store as well).
 */
export interface Phase {
  readonly kind: "map" | "reduce";
  /** Inner axes, fastest last. */
  readonly axes: readonly AxisId[];
  readonly folds: readonly Fold[];
  readonly stores: readonly Store[];
}

/**
 * A fused loop nest. Grid points are independent and unordered; the phases of one grid point run in order.
 * A node that uses no inner axis is computed once a grid point, one that uses none at all once a call.
 * There is no access out of bounds: every load is provably in range, guarded, or has clamped `value` terms.
 */
export interface Kernel {
  readonly buffers: readonly { readonly storage: StorageType; readonly access: "read" | "write" | "readwrite" }[];
  /** Number of run-time dims. */
  readonly dims: number;
  /** Lanes of the run-time scalars. */
  readonly params: readonly Lane[];
  readonly axes: readonly Axis[];
  /** Grid axes, fastest last; [] is a single point. */
  readonly grid: readonly AxisId[];
  readonly nodes: readonly Scalar[];
  readonly phases: readonly Phase[];
}
