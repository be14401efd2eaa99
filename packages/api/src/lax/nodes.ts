// Expressions on graph nodes: what numpy, lax and nn are composed of. Shapes and dtypes are right by the time they
// come here; refuses ArrayLike. Constants written here are literals of the library (BUILD item 3), never slots; numbers
// that a caller gave are slots outside closed graphs (`given`), so that a loop over them has one plan.
import type { Aval, CompareOp, DType, ElementwisePrim, Node, RoundMode } from "@weft/ir";
import { aval, expectFits, literal, literalsNow, NO_PARAMS, record, sameShape, scalar } from "@weft/ir";

type PlainUnary =
  | "neg"
  | "abs"
  | "sign"
  | "floor"
  | "ceil"
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
  | "sinh"
  | "cosh"
  | "tanh"
  | "acosh"
  | "atanh"
  | "erf"
  | "erfInv";
type PlainBinary =
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
  | "shiftLeft";
export type PlainPrim = (PlainUnary | PlainBinary) & ElementwisePrim;

const unary =
  (prim: PlainUnary) =>
  (x: Node): Node =>
    record(prim, NO_PARAMS, [x]);
/** The second operand may be a number: a literal of the first one's dtype. */
const binary =
  (prim: PlainBinary) =>
  (x: Node, y: Node | number): Node =>
    record(prim, NO_PARAMS, [x, typeof y === "number" ? like(x, y) : y]);

const SCALARS = new Map<DType, Aval>();
/** The aval of rank 0 of x's dtype and weakness. */
function scalarOf({ dtype, weakness, shape }: Aval): Aval {
  if (weakness !== "strong") return aval(dtype, [], weakness);
  let found = SCALARS.get(dtype);
  if (found === undefined) SCALARS.set(dtype, (found = shape.length === 0 ? aval(dtype, shape) : aval(dtype, [])));
  return found;
}
/** A constant of rank 0 with x's dtype and weakness. */
export const like = (x: Node, value: number): Node => literal(scalarOf(x.aval), value);
/** A number that the caller of a function gave, of rank 0 with x's dtype and weakness: a slot, except in closed graphs. */
export const given = (x: Node, value: number): Node => {
  const of = scalarOf(x.aval);
  return literalsNow() ? literal(of, value) : scalar(of, value);
};
/** A constant of rank 0. */
export const lit = (dtype: DType, value: number): Node => literal(aval(dtype, []), value);

export const neg = unary("neg");
export const abs = unary("abs");
export const sign = unary("sign");
export const floor = unary("floor");
export const ceil = unary("ceil");
export const isFinite = unary("isFinite");
export const not = unary("not");
export const exp = unary("exp");
export const expm1 = unary("expm1");
export const log = unary("log");
export const log1p = unary("log1p");
export const logistic = unary("logistic");
export const sqrt = unary("sqrt");
export const rsqrt = unary("rsqrt");
export const sin = unary("sin");
export const cos = unary("cos");
export const sinh = unary("sinh");
export const cosh = unary("cosh");
export const tanh = unary("tanh");
export const acosh = unary("acosh");
export const atanh = unary("atanh");
export const erf = unary("erf");
export const erfInv = unary("erfInv");
export const add = binary("add");
export const sub = binary("sub");
export const mul = binary("mul");
export const div = binary("div");
export const rem = binary("rem");
export const max = binary("max");
export const min = binary("min");
export const pow = binary("pow");
export const atan2 = binary("atan2");
export const and = binary("and");
export const or = binary("or");
export const xor = binary("xor");
export const shiftLeft = binary("shiftLeft");
export const shiftRight = (x: Node, y: Node | number, arithmetic: boolean): Node =>
  record("shiftRight", { arithmetic }, [x, typeof y === "number" ? like(x, y) : y]);

// one parameter object an operator: parameters are compared by identity first
const COMPARES = {
  eq: { op: "eq" },
  ne: { op: "ne" },
  lt: { op: "lt" },
  le: { op: "le" },
  gt: { op: "gt" },
  ge: { op: "ge" },
} as const satisfies Record<CompareOp, { op: CompareOp }>;
export const compare = (op: CompareOp, x: Node, y: Node | number): Node =>
  record("compare", COMPARES[op], [x, typeof y === "number" ? like(x, y) : y]);
const ROUNDS = { away: { mode: "away" }, even: { mode: "even" }, zero: { mode: "zero" } } as const satisfies Record<
  RoundMode,
  { mode: RoundMode }
>;
export const round = (x: Node, mode: RoundMode): Node => record("round", ROUNDS[mode], [x]);
/** Branches may be numbers: literals of the other branch's dtype. */
export const select = (pred: Node, onTrue: Node | number, onFalse: Node | number): Node => {
  const a = typeof onTrue === "number" ? like(onFalse as Node, onTrue) : onTrue;
  return record("select", NO_PARAMS, [pred, a, typeof onFalse === "number" ? like(a, onFalse) : onFalse]);
};
export const square = (x: Node): Node => record("integerPow", { n: 2 }, [x]);
/** x⁰ is 1 whatever x is, without derivative. */
export const integerPow = (x: Node, n: number): Node =>
  n === 0 ? fill(like(x, 1), x.aval.shape) : n === 1 ? x : record("integerPow", { n }, [x]);
export const bitcast = (x: Node, dtype: DType): Node =>
  x.aval.dtype === dtype ? x : record("bitcast", { dtype }, [x]);
export const isNan = (x: Node): Node => compare("ne", x, x);
/** A value whose derivatives of all orders are those of another expression; that one must be finite. */
export const withDerivative = (value: Node, other: Node): Node =>
  add(stopGradient(value), sub(other, stopGradient(other)));
export const stopGradient = (x: Node): Node => record("stopGradient", NO_PARAMS, [x]);

export const reshape = (x: Node, shape: readonly number[]): Node =>
  sameShape(x.aval.shape, shape) ? x : record("reshape", { shape }, [x]);
export const transpose = (x: Node, perm: readonly number[]): Node =>
  perm.every((axis, i) => axis === i) ? x : record("transpose", { perm }, [x]);
export const flip = (x: Node, axes: readonly number[]): Node => (axes.length === 0 ? x : record("flip", { axes }, [x]));
export const broadcastInDim = (x: Node, shape: readonly number[], axes: readonly number[]): Node =>
  sameShape(x.aval.shape, shape) ? x : record("broadcastInDim", { shape, axes }, [x]);
/** A value of rank 0 repeated over a shape. */
export const fill = (x: Node, shape: readonly number[]): Node => broadcastInDim(x, shape, []);
export const concatenate = (nodes: readonly Node[], axis: number): Node =>
  nodes.length === 1 ? nodes[0] : record("concatenate", { axis }, nodes);

/** Elements start, start + stride, … of every axis. Starts are slots. */
export function slice(x: Node, starts: readonly number[], sizes: readonly number[], strides?: readonly number[]): Node {
  const { shape } = x.aval;
  let whole = true;
  for (let axis = 0; axis < shape.length && whole; axis++)
    whole = sizes[axis] === shape[axis] && (strides === undefined || strides[axis] === 1);
  return whole ? x : record("slice", { sizes, strides: strides ?? ones(shape.length) }, [x], starts);
}
/** Steps of 1 an axis: one list for all slices of a rank. */
const ONES: (readonly number[])[] = [];
const ones = (rank: number): readonly number[] => (ONES[rank] ??= Object.freeze(new Array<number>(rank).fill(1)));

/** `size` elements of one axis from `start` on. */
export function sliceAxis(x: Node, axis: number, start: number, size: number, stride = 1): Node {
  const { shape } = x.aval;
  return slice(
    x,
    shape.map((_, i) => (i === axis ? start : 0)),
    shape.with(axis, size),
    stride === 1 ? undefined : shape.map((_, i) => (i === axis ? stride : 1)),
  );
}

/** `sizes` elements an axis from computed int32 starts, which are clamped so that the part lies inside. */
export const dynamicSlice = (x: Node, starts: readonly Node[], sizes: readonly number[]): Node =>
  record("dynamicSlice", { sizes, batch: 0 }, [x, ...starts]);

/** lax.pad: lo, hi and interior an axis. */
export const pad = (
  x: Node,
  value: Node | number,
  lo: readonly number[],
  hi: readonly number[],
  interior?: readonly number[],
): Node =>
  lo.every((n, i) => n === 0 && hi[i] === 0 && (interior === undefined || interior[i] === 0))
    ? x
    : record("pad", { lo, hi, interior: interior ?? lo.map(() => 0) }, [
        x,
        typeof value === "number" ? like(x, value) : value,
      ]);

type Reduction = "reduceSum" | "reduceProd" | "reduceMax" | "reduceMin" | "reduceAnd" | "reduceOr" | "reduceXor";
/** Reduces axes; with `keepdims` they stay with size 1. */
export function reduce(prim: Reduction, x: Node, axes: readonly number[], keepdims = false): Node {
  const reduced = axes.length === 0 ? x : record(prim, { axes }, [x]);
  return keepdims
    ? reshape(
        reduced,
        x.aval.shape.map((n, axis) => (axes.includes(axis) ? 1 : n)),
      )
    : reduced;
}

/** A reduced array, kept axes or not, spread over the shape it was reduced from. */
export const respread = (reduced: Node, shape: readonly number[], axes: readonly number[]): Node => {
  const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  return broadcastInDim(
    reshape(
      reduced,
      kept.map((axis) => shape[axis]),
    ),
    shape,
    kept,
  );
};

/** 0, 1, … n − 1 (times step, plus start) along `axis` of a shape. */
export const iota = (dtype: DType, shape: readonly number[], axis: number, start = 0, step = 1): Node => {
  const last = start + (shape[axis] - 1) * step;
  // more than can be counted are refused by their shape
  if (shape[axis] > 0 && last > 2 ** 31 - 1 && last <= Number.MAX_SAFE_INTEGER)
    expectFits("iota", last, dtype, "so its places have no numbers; make the axis shorter");
  const line = record("iota", { n: shape[axis], dtype }, [], [start, step]);
  return broadcastInDim(line, shape, [axis]);
};

/** Converts to a dtype, strongly unless told otherwise. */
export function convert(x: Node, dtype: DType, weakness: Aval["weakness"] = "strong"): Node {
  return x.aval.dtype === dtype && x.aval.weakness === weakness ? x : record("convert", { dtype, weakness }, [x]);
}
/** The value with its dtype for good: JAX's sums are not weak, whatever their operand was. */
export const strong = (x: Node): Node => convert(x, x.aval.dtype);
/**
 * What JAX computes of x with constants of x's dtype (its `_const`): it takes a weak scalar for a Python one, so that the
 * result is weak, and arrays for what they are, so that their weakness ends here. Constants that JAX writes as Python
 * literals are like x at any rank ({@link like}).
 */
export const firm = (x: Node): Node => (x.aval.shape.length === 0 ? x : strong(x));
/** Converts to a dtype and keeps whether it is weak. */
export const convertSame = (x: Node, dtype: DType): Node =>
  convert(x, dtype, dtype === "bool" ? "strong" : x.aval.weakness);
