// dtypes, introspection and constants: nothing here records an operation but astype and the closeness tests.
import type { DType, DTypeKind } from "@weft/ir";
import { checkDType, DTypeError, DTYPES, isFloat, promote, sameShape } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { checkAxis, convertNode, options, resultTypeOf, toNode, wrap } from "../core/convert.ts";
import type { Trailing } from "../core/options.ts";
import * as n from "../lax/nodes.ts";
import { all } from "./reduction.ts";
import { pair, floatPair } from "./operands.ts";

export { resultType } from "../core/convert.ts";

export const { PI: pi, E: e } = Math;
export const inf = Infinity;
export const nan = NaN;
export const newaxis = null;
export const eulerGamma = 0.5772156649015329;

// a dtype is its name
export const bool = "bool";
export const bool_ = "bool";
export const int8 = "int8";
export const uint8 = "uint8";
export const int16 = "int16";
export const uint16 = "uint16";
export const int32 = "int32";
export const uint32 = "uint32";
export const int_ = "int32";
export const uint = "uint32";
export const float16 = "float16";
export const bfloat16 = "bfloat16";
export const float32 = "float32";
export const single = "float32";
export const float64 = "float64";
export const double = "float64";
export const float_ = "float32";
export const complex64 = "complex64";
export const complex128 = "complex128";

/** x in another dtype: floats are cut to integers towards zero, out-of-range ones saturate, NaN becomes 0. */
export function astype(x: ArrayLike, dtype: DType): NDArray {
  const to = checkDType("astype", dtype);
  const node = toNode("astype", x);
  return wrap(convertNode(node, to));
}
/** The shape of an array. */
export const shape = (x: ArrayLike): readonly number[] =>
  x instanceof NDArray ? x.shape : toNode("shape", x).aval.shape;
/** The number of axes. */
export const ndim = (x: ArrayLike): number => shape(x).length;
/** The number of elements, or of those along an axis. */
export function size(x: ArrayLike, axis: number | null = null): number {
  const own = shape(x);
  return axis === null
    ? own.reduce((product, length) => product * length, 1)
    : own[checkAxis("size", axis, own.length)];
}
/** Whether x is a number, boolean, or array without axes. */
export const isscalar = (x: unknown): boolean =>
  typeof x === "number" || typeof x === "boolean" || (x instanceof NDArray && x.ndim === 0);
/** Whether x can be iterated over. */
export const iterable = (x: unknown): boolean =>
  x instanceof NDArray ? x.ndim > 0 : typeof x === "object" && x !== null && Symbol.iterator in x;

// dtypes ------------------------------------------------------------------------------------------------------------

/** The dtype two dtypes promote to. */
export const promoteTypes = (a: DType, b: DType): DType =>
  promote({ dtype: a, weak: false }, { dtype: b, weak: false }).dtype;

const KINDS: { readonly [name: string]: readonly DTypeKind[] } = {
  bool: ["bool"],
  "signed integer": ["signed"],
  "unsigned integer": ["unsigned"],
  integral: ["signed", "unsigned"],
  "real floating": ["float"],
  "complex floating": ["complex"],
  numeric: ["signed", "unsigned", "float", "complex"],
  signedinteger: ["signed"],
  unsignedinteger: ["unsigned"],
  integer: ["signed", "unsigned"],
  floating: ["float"],
  complexfloating: ["complex"],
  inexact: ["float", "complex"],
  number: ["signed", "unsigned", "float", "complex"],
  generic: ["bool", "signed", "unsigned", "float", "complex"],
};
const isDType = (name: string): name is DType => name in DTYPES;
/** Whether a dtype is of a kind ("bool", "signed integer", "integral", "real floating", …), is a dtype, or one of a list. */
export function isdtype(dtype: DType, kind: string | readonly string[]): boolean {
  if (typeof kind !== "string") return kind.some((one) => isdtype(dtype, one));
  if (isDType(kind)) return dtype === kind;
  const kinds = KINDS[kind] as readonly DTypeKind[] | undefined;
  if (kinds === undefined) throw new DTypeError(`isdtype: there is no dtype or kind "${kind}"`);
  return kinds.includes(DTYPES[dtype].kind);
}
/** Whether a dtype is a dtype or belongs to a class ("floating", "integer", "number", "inexact", …). */
export const issubdtype = (dtype: DType, of: string): boolean => isdtype(dtype, of);

const RANK: { readonly [K in DTypeKind]?: number } = { bool: 0, unsigned: 1, signed: 2, float: 3, complex: 4 };
/** Whether NumPy casts a dtype into another: "safe" loses nothing, "same_kind" may lose digits, "unsafe" is always true. */
export function canCast(
  from: DType | NDArray,
  to: DType,
  casting: "no" | "equiv" | "safe" | "same_kind" | "unsafe" = "safe",
): boolean {
  const dtype = from instanceof NDArray ? from.dtype : from;
  if (casting === "unsafe" || dtype === to) return true;
  if (casting === "no" || casting === "equiv") return false;
  const [a, b] = [DTYPES[dtype], DTYPES[to]];
  const [p, q] = [RANK[a.kind] ?? -1, RANK[b.kind] ?? -1];
  if (p < 0 || q < 0) return false;
  if (casting === "same_kind") return p <= q;
  if (a.kind === "bool") return true;
  if (a.kind === b.kind) return a.bytes <= b.bytes && !(dtype === "float16" && to === "bfloat16");
  if (a.kind === "unsigned" && b.kind === "signed") return a.bytes < b.bytes;
  if (b.kind === "float") return p < 3 && b.bytes >= 2 * Math.min(a.bytes, 4);
  return b.kind === "complex" && (a.kind === "float" ? 2 * a.bytes <= b.bytes : b.bytes >= 4 * Math.min(a.bytes, 4));
}

/** The limits of a float dtype, with NumPy's names in camelCase. */
export interface FloatInfo {
  readonly dtype: DType;
  readonly bits: number;
  readonly eps: number;
  readonly epsneg: number;
  readonly max: number;
  readonly min: number;
  readonly tiny: number;
  readonly smallestNormal: number;
  readonly smallestSubnormal: number;
  readonly precision: number;
  readonly resolution: number;
  readonly nmant: number;
  readonly nexp: number;
  readonly maxexp: number;
  readonly minexp: number;
}
const MANTISSA: { readonly [name: string]: readonly [bits: number, mantissa: number, exponent: number] } = {
  float16: [16, 10, 5],
  bfloat16: [16, 7, 8],
  float32: [32, 23, 8],
  float64: [64, 52, 11],
  complex64: [32, 23, 8],
  complex128: [64, 52, 11],
};
const dtypeOf = (x: DType | ArrayLike): DType => (typeof x === "string" ? x : resultTypeOf([x]).dtype);
/** The limits of a float dtype or of an array's. Throws DTypeError for others. */
export function finfo(x: DType | ArrayLike): FloatInfo {
  const dtype = dtypeOf(x);
  const row = MANTISSA[dtype] as (typeof MANTISSA)[string] | undefined;
  if (row === undefined) throw new DTypeError(`finfo: ${dtype} is no float; use iinfo`);
  const [bits, mantissa, exponent] = row;
  const top = 2 ** (exponent - 1);
  const max = (2 - 2 ** -mantissa) * 2 ** (top - 1);
  const precision = Math.floor(mantissa * Math.log10(2));
  const normal = 2 ** (2 - top);
  return {
    dtype: isFloat(dtype) ? dtype : dtype === "complex64" ? "float32" : "float64",
    bits,
    eps: 2 ** -mantissa,
    epsneg: 2 ** (-mantissa - 1),
    max,
    min: -max,
    tiny: normal,
    smallestNormal: normal,
    smallestSubnormal: normal * 2 ** -mantissa,
    precision,
    resolution: 10 ** -precision,
    nmant: mantissa,
    nexp: exponent,
    maxexp: top,
    minexp: 2 - top,
  };
}
/** The limits of an integer dtype or of an array's. Throws DTypeError for others. */
export function iinfo(x: DType | ArrayLike): {
  readonly dtype: DType;
  readonly bits: number;
  readonly min: number;
  readonly max: number;
} {
  const dtype = dtypeOf(x);
  const { kind, bytes } = DTYPES[dtype];
  if (kind !== "signed" && kind !== "unsigned") throw new DTypeError(`iinfo: ${dtype} is no integer; use finfo`);
  const bits = 8 * bytes;
  return {
    dtype,
    bits,
    min: kind === "signed" ? -(2 ** (bits - 1)) : 0,
    max: 2 ** (kind === "signed" ? bits - 1 : bits) - 1,
  };
}

// Equality ----------------------------------------------------------------------------------------------------------

export interface CloseOptions {
  rtol?: number;
  atol?: number;
  equalNan?: boolean;
}
type CloseArgs = Trailing<[rtol: number, atol: number, equalNan: boolean], CloseOptions>;
/** Whether |x − y| ≤ atol + rtol·|y|, elementwise; infinities are close to themselves. */
export function isclose(x: ArrayLike, y: ArrayLike, ...rest: CloseArgs): NDArray {
  const {
    rtol = 1e-5,
    atol = 1e-8,
    equalNan = false,
  } = options<CloseOptions>("isclose", ["rtol", "atol", "equalNan"], rest);
  const [p, q] = pair("isclose", x, y);
  const [a, b] = isFloat(p.aval.dtype) ? [p, q] : floatPair("isclose", wrap(p), wrap(q));
  const near = n.compare("le", n.abs(n.sub(a, b)), n.add(n.mul(n.abs(b), rtol), atol));
  const finite = n.and(n.isFinite(a), n.isFinite(b));
  const same = n.or(n.and(near, finite), n.compare("eq", a, b));
  return wrap(equalNan ? n.or(same, n.and(n.isNan(a), n.isNan(b))) : same);
}
/** Whether all elements are close: a bool array of rank 0. Read it with .item(). */
export const allclose = (x: ArrayLike, y: ArrayLike, ...rest: CloseArgs): NDArray => all(isclose(x, y, ...rest));
/** Whether shapes and all elements are equal: a bool array of rank 0. */
export function arrayEqual(
  x: ArrayLike,
  y: ArrayLike,
  ...rest: Trailing<[equalNan: boolean], { equalNan?: boolean }>
): NDArray {
  const { equalNan = false } = options<{ equalNan?: boolean }>("arrayEqual", ["equalNan"], rest);
  if (!sameShape(shape(x), shape(y))) return wrap(n.lit("bool", 0));
  const [a, b] = pair("arrayEqual", x, y);
  const equal = n.compare("eq", a, b);
  return all(wrap(equalNan && isFloat(a.aval.dtype) ? n.or(equal, n.and(n.isNan(a), n.isNan(b))) : equal));
}
/** Whether the shapes broadcast and all elements are then equal: a bool array of rank 0. */
export function arrayEquiv(x: ArrayLike, y: ArrayLike): NDArray {
  const [s, t] = [shape(x), shape(y)];
  const rank = Math.min(s.length, t.length);
  for (let i = 1; i <= rank; i++) {
    const [a, b] = [s[s.length - i], t[t.length - i]];
    if (a !== b && a !== 1 && b !== 1) return wrap(n.lit("bool", 0));
  }
  const [a, b] = pair("arrayEquiv", x, y);
  return all(wrap(n.compare("eq", a, b)));
}
