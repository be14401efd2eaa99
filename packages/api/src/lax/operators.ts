// jax.lax's elementwise functions: one primitive each where there is one. Strict as in JAX: operands have one dtype
// and one shape, or rank 0; JS numbers take the dtype of the array they meet. Use np for promotion and broadcasting.
import type { CompareOp, DType, Node, RoundMode } from "@weft/ir";
import { checkDType, DTypeError, DTYPES, formatAval, isFloat, isInteger, record, ShapeError } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { toNode, wrap } from "../core/convert.ts";
import { isWhole, wholePowerNode } from "../numpy/arithmetic.ts";
import {
  acosNode,
  asinhNode,
  asinNode,
  atanNode,
  cbrtNode,
  erfcNode,
  exp2Node,
  leadingZerosNode,
  populationCountNode,
  tanNode,
} from "../numpy/functions.ts";
import * as n from "./nodes.ts";
import type { Kind } from "./strict.ts";
import { expectKind, strict } from "./strict.ts";

type Unary = (x: ArrayLike) => NDArray;
type Binary = (x: ArrayLike, y: ArrayLike) => NDArray;
const unary = (name: string, kind: Kind, f: (x: Node) => Node): Unary => {
  const op = `lax.${name}`;
  return (x) => wrap(f(expectKind(op, toNode(op, x), kind)));
};
const binary = (name: string, kind: Kind, f: (x: Node, y: Node) => Node): Binary => {
  const op = `lax.${name}`;
  return (x, y) => {
    const [a, b] = strict(op, [x, y]);
    return wrap(f(expectKind(op, a, kind), b));
  };
};
const comparison = (op: CompareOp): Binary => binary(op, "any", (x, y) => n.compare(op, x, y));

export const neg: Unary = unary("neg", "number", n.neg);
export const abs: Unary = unary("abs", "number", (x) => (x.aval.dtype === "uint32" ? x : n.abs(x)));
export const sign: Unary = unary("sign", "number", (x) =>
  x.aval.dtype === "uint32" ? n.convertSame(n.compare("ne", x, 0), "uint32") : n.sign(x),
);
export const floor: Unary = unary("floor", "float", n.floor);
export const ceil: Unary = unary("ceil", "float", n.ceil);
/** How lax.round rounds halves: away from zero (0) or to even (1). */
export const RoundingMethod = { AWAY_FROM_ZERO: 0, TO_NEAREST_EVEN: 1 } as const;
/** Rounds to the nearest integer; halves away from zero unless told otherwise. */
export function round(x: ArrayLike, roundingMethod: 0 | 1 = RoundingMethod.AWAY_FROM_ZERO): NDArray {
  const mode: RoundMode = roundingMethod === 0 ? "away" : "even";
  return wrap(n.round(expectKind("lax.round", toNode("lax.round", x), "float"), mode));
}
export const isFinite: Unary = unary("isFinite", "float", n.isFinite);
export const exp: Unary = unary("exp", "float", n.exp);
export const exp2: Unary = unary("exp2", "float", exp2Node);
export const expm1: Unary = unary("expm1", "float", n.expm1);
export const log: Unary = unary("log", "float", n.log);
export const log1p: Unary = unary("log1p", "float", n.log1p);
/** 1 / (1 + e⁻ˣ) */
export const logistic: Unary = unary("logistic", "float", n.logistic);
export const sqrt: Unary = unary("sqrt", "float", n.sqrt);
/** 1 / √x */
export const rsqrt: Unary = unary("rsqrt", "float", n.rsqrt);
export const cbrt: Unary = unary("cbrt", "float", cbrtNode);
export const sin: Unary = unary("sin", "float", n.sin);
export const cos: Unary = unary("cos", "float", n.cos);
export const tan: Unary = unary("tan", "float", tanNode);
export const asin: Unary = unary("asin", "float", asinNode);
export const acos: Unary = unary("acos", "float", acosNode);
export const atan: Unary = unary("atan", "float", atanNode);
export const sinh: Unary = unary("sinh", "float", n.sinh);
export const cosh: Unary = unary("cosh", "float", n.cosh);
export const tanh: Unary = unary("tanh", "float", n.tanh);
export const asinh: Unary = unary("asinh", "float", asinhNode);
export const acosh: Unary = unary("acosh", "float", n.acosh);
export const atanh: Unary = unary("atanh", "float", n.atanh);
/** The error function. */
export const erf: Unary = unary("erf", "float", n.erf);
/** 1 − erf(x), with its digits also where erf is almost 1. */
export const erfc: Unary = unary("erfc", "float", erfcNode);
/** The inverse of erf, on (−1, 1). */
export const erfInv: Unary = unary("erfInv", "float", n.erfInv);
export const square: Unary = unary("square", "number", n.square);
export const reciprocal: Unary = unary("reciprocal", "float", (x) => n.div(n.like(x, 1), x));
/** xⁿ for a JS integer n, by repeated squaring. */
export function integerPow(x: ArrayLike, y: number): NDArray {
  const node = expectKind("lax.integerPow", toNode("lax.integerPow", x), "number");
  if (!Number.isInteger(y))
    throw new DTypeError(
      `lax.integerPow: ${formatAval(node.aval)}: the exponent must be an integer, got ${y}; use lax.pow`,
    );
  if (y < 0 && isInteger(node.aval.dtype))
    throw new DTypeError(`lax.integerPow: ${formatAval(node.aval)}: integers have no negative powers`);
  return wrap(n.integerPow(node, y));
}
export const bitwiseNot: Unary = unary("bitwiseNot", "bits", n.not);
/** The number of set bits. */
export const populationCount: Unary = unary("populationCount", "bits", populationCountNode);
/** The number of leading zero bits. */
export const clz: Unary = unary("clz", "bits", leadingZerosNode);

export const add: Binary = binary("add", "number", n.add);
export const sub: Binary = binary("sub", "number", n.sub);
export const mul: Binary = binary("mul", "number", n.mul);
/** x / y; integers are cut towards zero. */
export const div: Binary = binary("div", "number", n.div);
/** The remainder with the sign of x. */
export const rem: Binary = binary("rem", "number", n.rem);
export const max: Binary = binary("max", "any", (x, y) => (x.aval.dtype === "bool" ? n.or(x, y) : n.max(x, y)));
export const min: Binary = binary("min", "any", (x, y) => (x.aval.dtype === "bool" ? n.and(x, y) : n.min(x, y)));
const powOfFloats: Binary = binary("pow", "float", n.pow);
/** xʸ of floats, by floats of the same dtype or by integers. */
export const pow: Binary = (x, y) => {
  if (!isWhole(y)) return powOfFloats(x, y);
  const base = expectKind("lax.pow", toNode("lax.pow", x), "float");
  const [a, b] = strict("lax.pow", [wrap(base), wrap(n.convertSame(toNode("lax.pow", y), base.aval.dtype))]);
  return wrap(wholePowerNode(a, b));
};
export const atan2: Binary = binary("atan2", "float", n.atan2);
export const bitwiseAnd: Binary = binary("bitwiseAnd", "bits", n.and);
export const bitwiseOr: Binary = binary("bitwiseOr", "bits", n.or);
export const bitwiseXor: Binary = binary("bitwiseXor", "bits", n.xor);
export const shiftLeft: Binary = binary("shiftLeft", "bits", n.shiftLeft);
export const shiftRightLogical: Binary = binary("shiftRightLogical", "bits", (x, y) => n.shiftRight(x, y, false));
export const shiftRightArithmetic: Binary = binary("shiftRightArithmetic", "bits", (x, y) => n.shiftRight(x, y, true));
export const eq: Binary = comparison("eq");
export const ne: Binary = comparison("ne");
export const lt: Binary = comparison("lt");
export const le: Binary = comparison("le");
export const gt: Binary = comparison("gt");
export const ge: Binary = comparison("ge");

/** Elements of onTrue where pred holds, of onFalse elsewhere; pred has their shape or rank 0. */
export function select(pred: ArrayLike, onTrue: ArrayLike, onFalse: ArrayLike): NDArray {
  const [a, b] = strict("lax.select", [onTrue, onFalse]);
  const condition = toNode("lax.select", pred);
  if (condition.aval.dtype !== "bool")
    throw new DTypeError(`lax.select: ${formatAval(condition.aval)}: expected a bool predicate; compare first`);
  return wrap(n.select(condition, a, b));
}
/** The case whose number `which` names: 0 or 1 for bool, from 0 on for int32; out-of-range numbers are clamped. */
export function selectN(which: ArrayLike, ...cases: readonly ArrayLike[]): NDArray {
  const nodes = strict("lax.selectN", cases);
  if (nodes.length === 0) throw new ShapeError("lax.selectN: expected at least one case");
  const index = toNode("lax.selectN", which);
  if (index.aval.dtype === "bool") {
    if (nodes.length > 2)
      throw new DTypeError(
        `lax.selectN: ${formatAval(index.aval)}: a bool chooses between at most 2 cases, got ${nodes.length}`,
      );
    return wrap(nodes.length === 1 ? nodes[0] : n.select(index, nodes[1], nodes[0]));
  }
  if (index.aval.dtype !== "int32")
    throw new DTypeError(`lax.selectN: ${formatAval(index.aval)}: expected bool or int32`);
  return wrap(
    nodes.reduceRight<Node | null>(
      (rest, own, i) => (rest === null ? own : n.select(n.compare("le", index, i), own, rest)),
      null,
    ) as Node,
  );
}
/** lower ≤ x ≤ upper by cutting; the bounds have x's shape or rank 0. Its derivative is 0 outside and at the bounds. */
export function clamp(lower: ArrayLike, x: ArrayLike, upper: ArrayLike): NDArray {
  const [low, node, high] = strict("lax.clamp", [lower, x, upper]);
  if (!isFloat(node.aval.dtype)) return wrap(n.min(n.max(node, low), high));
  // each operand has the derivative where it alone is the result, strictly between the others; at ties nothing has
  const cut = n.stopGradient(n.min(n.max(node, low), high));
  const inside = n.and(n.compare("lt", low, node), n.compare("lt", node, high));
  const below = n.and(n.compare("lt", node, low), n.compare("lt", low, high));
  const above = n.and(n.compare("lt", high, node), n.compare("eq", low, low)); // not where low is NaN
  return wrap(n.select(inside, node, n.select(below, low, n.select(above, high, cut))));
}

/** x in another dtype. */
export function convertElementType(x: ArrayLike, dtype: DType): NDArray {
  return wrap(n.convert(toNode("lax.convertElementType", x), checkDType("lax.convertElementType", dtype)));
}
/** The same bits as another dtype of equal width. Throws DTypeError for other widths. */
export function bitcastConvertType(x: ArrayLike, dtype: DType): NDArray {
  const node = toNode("lax.bitcastConvertType", x);
  const to = checkDType("lax.bitcastConvertType", dtype);
  if (DTYPES[to].bytes !== DTYPES[node.aval.dtype].bytes)
    throw new DTypeError(`lax.bitcastConvertType: ${formatAval(node.aval)}: ${to} has another width`);
  return wrap(n.bitcast(n.convert(node, node.aval.dtype), to));
}
/** The dtype of an array. */
export const dtype = (x: ArrayLike): DType => (x instanceof NDArray ? x.dtype : toNode("lax.dtype", x).aval.dtype);

/** x itself, without derivative. */
export const stopGradient: Unary = (x) => wrap(n.stopGradient(toNode("lax.stopGradient", x)));
/** The arrays themselves; nothing is computed, merged or moved across the barrier. */
export function optimizationBarrier(...xs: readonly ArrayLike[]): NDArray | NDArray[] {
  const nodes = xs.map((x) => toNode("lax.optimizationBarrier", x));
  const barrier = record("optimizationBarrier", {}, nodes);
  const parts = nodes.map((_, index) => wrap(record("proj", { index }, [barrier])));
  return parts.length === 1 ? parts[0] : parts;
}
