// dtypes, introspection and constants: nothing here records an operation but astype and the closeness tests.
import type { DType, DTypeKind, Node } from "@weft/ir";
import { ArgumentError, DTypeError, DTYPES, isFloat, promote, sameShape, sizeOf } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { broadcastNodes, checkAxes, promoteOperands, resultTypeOf, toMovable, toNode, wrap } from "../core/convert.ts";
import { define } from "../core/define.ts";
import {
  anything,
  array,
  axes,
  choice,
  device,
  dtype as dtypeKind,
  flag,
  named,
  nullable,
  rest,
} from "../core/kinds.ts";
import { inWords } from "../core/words.ts";
import { createOn } from "../device/devices.ts";
import * as n from "../lax/nodes.ts";

export const { PI: pi, E: e } = Math;
export const inf = Infinity;
export const nan = NaN;
export const newaxis = null;
export const eulerGamma = 0.5772156649015329;

// a dtype is its name, of type DType, so that a variable can hold one and then another
export const bool: DType = "bool";
export const bool_: DType = "bool";
export const int8: DType = "int8";
export const uint8: DType = "uint8";
export const int16: DType = "int16";
export const uint16: DType = "uint16";
export const int32: DType = "int32";
export const uint32: DType = "uint32";
export const int_: DType = "int32";
export const uint: DType = "uint32";
export const float16: DType = "float16";
export const bfloat16: DType = "bfloat16";
export const float32: DType = "float32";
export const single: DType = "float32";
export const float64: DType = "float64";
export const double: DType = "float64";
export const float_: DType = "float32";
export const complex64: DType = "complex64";
export const complex128: DType = "complex128";
// names that no array here can have, so that their use is refused by name
export const int64 = "int64";
export const uint64 = "uint64";

// a class of dtypes is its name as well
export const generic = "generic";
export const number = "number";
export const integer = "integer";
export const signedinteger = "signedinteger";
export const unsignedinteger = "unsignedinteger";
export const inexact = "inexact";
export const floating = "floating";
export const complexfloating = "complexfloating";

/**
 * x in another dtype, float32 for null: floats are cut to integers towards zero, out-of-range ones saturate, NaN becomes
 * 0. With `device` it is made there.
 * @example np.astype(x, np.int32)
 */
export const astype = define(
  "np.astype",
  [
    array("x"),
    nullable(dtypeKind("dtype")),
    named(flag("copy", false)), // arrays are immutable: nobody can tell a copy
    named(device("device", null)),
  ],
  (x, dtype, _copy, device) => {
    const make = (): Node => toNode("np.astype", x, dtype ?? "float32");
    return wrap(device === null ? make() : createOn("np.astype", device, make));
  },
);

const shapeOf = (op: string, x: ArrayLike): readonly number[] =>
  x instanceof NDArray ? x.shape : toMovable(op, x).aval.shape;
/** The shape of an array. */
export const shape = define("np.shape", [array("a")], (a) => shapeOf("np.shape", a));
/** The number of axes. */
export const ndim = define("np.ndim", [array("a")], (a) => shapeOf("np.ndim", a).length);
/** The number of elements, or of those along axes. */
export const size = define("np.size", [array("a"), axes("axis", null)], (a, axis) => {
  const own = shapeOf("np.size", a);
  return sizeOf(checkAxes("np.size", axis, own.length).map((at) => own[at]));
});
/** Whether it is a number, a boolean, a string, or an array without axes. */
export const isscalar = define("np.isscalar", [anything(true)("element")], (element) =>
  element instanceof NDArray
    ? element.ndim === 0
    : typeof element === "number" ||
      typeof element === "boolean" ||
      typeof element === "string" ||
      typeof element === "bigint",
);
/** Whether it can be iterated over: arrays with axes, strings, and objects that say so. */
export const iterable = define("np.iterable", [anything(true)("y")], (y) =>
  y instanceof NDArray ? y.ndim > 0 : typeof y === "string" || (typeof y === "object" && y !== null && isIterable(y)),
);
function isIterable(x: object): boolean {
  try {
    return typeof (x as Partial<Iterable<unknown>>)[Symbol.iterator] === "function";
  } catch {
    return false; // a getter or a proxy of the user's that throws
  }
}

// dtypes ------------------------------------------------------------------------------------------------------------

const isDType = (name: unknown): name is DType => typeof name === "string" && Object.hasOwn(DTYPES, name);
/** A dtype by its name, whether arrays can have it here or not. */
function known(op: string, name: string, value: unknown): DType {
  if (isDType(value)) return value;
  const hint = value instanceof NDArray ? "; write x.dtype" : "";
  throw new DTypeError(`${op}: ${name}: expected a dtype, got ${inWords(value)}${hint}`);
}

/** The dtype two dtypes promote to. */
export const promoteTypes = define(
  "np.promoteTypes",
  [anything<DType>()("a"), anything<DType>()("b")],
  (a, b) =>
    promote(
      { dtype: known("np.promoteTypes", "a", a), weak: false },
      { dtype: known("np.promoteTypes", "b", b), weak: false },
    ).dtype,
);
/** The dtype that operands promote to: arrays, numbers, and dtypes by their names. @example np.resultType(x, 1, "float16") */
export const resultType = define("np.resultType", [rest(anything<ArrayLike | DType>()("args"))], (args) => {
  if (args.length === 0) throw new ArgumentError("np.resultType: expected at least one array or dtype");
  return resultTypeOf(args).dtype;
});

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
/** The kinds of dtypes that a name stands for. */
function kindsOf(op: string, name: string, value: unknown): readonly DTypeKind[] {
  if (typeof value === "string" && Object.hasOwn(KINDS, value)) return KINDS[value];
  throw new DTypeError(
    `${op}: ${name}: expected a dtype, or one of ${Object.keys(KINDS).join(", ")}, got ${inWords(value)}`,
  );
}
/** Whether a dtype is of a kind ("bool", "signed integer", "integral", "real floating", …), is a dtype, or one of a list. */
export const isdtype = define(
  "np.isdtype",
  [anything<DType>()("dtype"), anything<string | readonly string[]>()("kind")],
  (dtype, kind) => {
    const own = known("np.isdtype", "dtype", dtype);
    return (Array.isArray(kind) ? Array.from(kind as readonly string[]) : [kind as string])
      .map((one) => (isDType(one) ? one === own : kindsOf("np.isdtype", "kind", one).includes(DTYPES[own].kind)))
      .some(Boolean);
  },
);
/** Whether a dtype, or a class of them, is a dtype or belongs to a class. @example np.issubdtype(x.dtype, np.floating) */
export const issubdtype = define(
  "np.issubdtype",
  [anything<string>()("arg1"), anything<string>()("arg2")],
  (arg1, arg2) => {
    const own = isDType(arg1) ? [DTYPES[arg1].kind] : kindsOf("np.issubdtype", "arg1", arg1);
    if (isDType(arg2)) return arg1 === arg2;
    const kinds = kindsOf("np.issubdtype", "arg2", arg2);
    return own.every((kind) => kinds.includes(kind));
  },
);

const RANK: { readonly [K in DTypeKind]?: number } = { bool: 0, unsigned: 1, signed: 2, float: 3, complex: 4 };
/** Whether NumPy casts a dtype into another: "safe" loses nothing, "same_kind" may lose digits, "unsafe" is always true. */
export const canCast = define(
  "np.canCast",
  [
    anything<DType | NDArray>()("from_"),
    anything<DType>()("to"),
    choice("no", "equiv", "safe", "same_kind", "unsafe")("casting", "safe"),
  ],
  (from_, to, casting) =>
    casts(
      known("np.canCast", "from_", from_ instanceof NDArray ? from_.dtype : from_),
      known("np.canCast", "to", to),
      casting,
    ),
);
function casts(dtype: DType, to: DType, casting: "no" | "equiv" | "safe" | "same_kind" | "unsafe"): boolean {
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
const dtypeOf = (op: string, name: string, x: DType | ArrayLike): DType =>
  typeof x === "string" ? known(op, name, x) : resultTypeOf([x]).dtype;
/** The limits of a float dtype or of an array's. Throws DTypeError for others. */
export const finfo = define("np.finfo", [anything<DType | ArrayLike>()("dtype")], (dtype) =>
  floatInfo(dtypeOf("np.finfo", "dtype", dtype)),
);
function floatInfo(dtype: DType): FloatInfo {
  if (!Object.hasOwn(MANTISSA, dtype)) throw new DTypeError(`np.finfo: ${dtype} is no float; use np.iinfo`);
  const row = MANTISSA[dtype];
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
/** The limits of an integer dtype. */
export interface IntegerInfo {
  readonly dtype: DType;
  readonly bits: number;
  readonly min: number;
  readonly max: number;
}
/** The limits of an integer dtype or of an array's. Throws DTypeError for others. */
export const iinfo = define("np.iinfo", [anything<DType | ArrayLike>()("intType")], (intType): IntegerInfo => {
  const dtype = dtypeOf("np.iinfo", "intType", intType);
  const { kind, bytes } = DTYPES[dtype];
  if (kind !== "signed" && kind !== "unsigned") throw new DTypeError(`np.iinfo: ${dtype} is no integer; use np.finfo`);
  const bits = 8 * bytes;
  return {
    dtype,
    bits,
    min: kind === "signed" ? -(2 ** (bits - 1)) : 0,
    max: 2 ** (kind === "signed" ? bits - 1 : bits) - 1,
  };
});

// Equality ----------------------------------------------------------------------------------------------------------

const CLOSE = [array("a"), array("b"), array("rtol", 1e-5), array("atol", 1e-8), flag("equalNan", false)] as const;
function closeNode(op: string, x: ArrayLike, y: ArrayLike, rtol: ArrayLike, atol: ArrayLike, equalNan: boolean): Node {
  const given = promoteOperands(op, [x, y], "float");
  const { dtype } = given[0].aval;
  const [a, b, relative, absolute] = broadcastNodes(op, [...given, toNode(op, rtol, dtype), toNode(op, atol, dtype)]);
  const near = n.compare("le", n.abs(n.sub(a, b)), n.add(absolute, n.mul(relative, n.abs(b))));
  const same = n.or(n.compare("eq", a, b), n.and(near, n.isFinite(b)));
  return equalNan ? n.or(same, n.and(n.isNan(a), n.isNan(b))) : same;
}
const everywhere = (x: Node): NDArray =>
  wrap(
    n.reduce(
      "reduceAnd",
      n.strong(x),
      x.aval.shape.map((_, axis) => axis),
    ),
  );
/** Whether |a − b| ≤ atol + rtol·|b|, elementwise; infinities are close to themselves. */
export const isclose = define("np.isclose", CLOSE, (a, b, rtol, atol, equalNan) =>
  wrap(closeNode("np.isclose", a, b, rtol, atol, equalNan)),
);
/** Whether all elements are close: a bool array of rank 0. Read it with .item(). */
export const allclose = define("np.allclose", CLOSE, (a, b, rtol, atol, equalNan) =>
  everywhere(closeNode("np.allclose", a, b, rtol, atol, equalNan)),
);
/** Whether shapes and all elements are equal: a bool array of rank 0. */
export const arrayEqual = define(
  "np.arrayEqual",
  [array("a1"), array("a2"), flag("equalNan", false)],
  (a1, a2, equalNan) => {
    const op = "np.arrayEqual";
    if (!sameShape(shapeOf(op, a1), shapeOf(op, a2))) return wrap(n.lit("bool", 0));
    const [a, b] = promoteOperands(op, [a1, a2]);
    const equal = n.compare("eq", a, b);
    return everywhere(equalNan && isFloat(a.aval.dtype) ? n.or(equal, n.and(n.isNan(a), n.isNan(b))) : equal);
  },
);
/** Whether the shapes broadcast and all elements are then equal: a bool array of rank 0. */
export const arrayEquiv = define("np.arrayEquiv", [array("a1"), array("a2")], (a1, a2) => {
  const [s, t] = [shapeOf("np.arrayEquiv", a1), shapeOf("np.arrayEquiv", a2)];
  const rank = Math.min(s.length, t.length);
  for (let i = 1; i <= rank; i++) {
    const [m, k] = [s[s.length - i], t[t.length - i]];
    if (m !== k && m !== 1 && k !== 1) return wrap(n.lit("bool", 0));
  }
  const [a, b] = promoteOperands("np.arrayEquiv", [a1, a2]);
  return everywhere(n.compare("eq", a, b));
});
