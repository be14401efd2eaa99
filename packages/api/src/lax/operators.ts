// jax.lax's elementwise functions: one primitive each where there is one. Strict as in JAX: operands have one dtype
// and one shape, or rank 0; JS numbers take the dtype of the array they meet. Use np for promotion and broadcasting.
import type { CompareOp, Node } from "@weft/ir";
import { DTypeError, DTYPES, formatAval, isFloat, isInteger, sameShape, ShapeError } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import { bitOperands, toNode, wrap } from "../core/convert.ts";
import { define } from "../core/define.ts";
import { array, choice, dtype as dtypeKind, hint, integer, isNumber, named, rest } from "../core/kinds.ts";
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
import { expectKind, expectShapes, strict } from "./strict.ts";

const X = array("x");
const Y = array("y");
const ACCURACY = named(hint("accuracy", null));

/** Whether JS integers alone are integers to it. */
const isOfBits = (kind: Kind): boolean => kind === "bits" || kind === "integer";

/** An elementwise function of one array. */
// @__NO_SIDE_EFFECTS__
const unary = (name: string, kind: Kind, f: (x: Node) => Node) =>
  define(name, [X], (x) =>
    wrap(f(expectKind(name, isOfBits(kind) ? bitOperands(name, [x])[0] : toNode(name, x), kind))),
  );
/** {@link unary} of floats that has an accuracy in JAX. */
// @__NO_SIDE_EFFECTS__
const float = (name: string, f: (x: Node) => Node) =>
  define(name, [X, ACCURACY], (x) => wrap(f(expectKind(name, toNode(name, x), "float"))));
/** An elementwise function of two arrays. */
// @__NO_SIDE_EFFECTS__
const binary = (name: string, kind: Kind, f: (x: Node, y: Node) => Node) =>
  define(name, [X, Y], (x, y) => {
    const given = [x, y];
    const numbers = isOfBits(kind) && given.every((one) => !(one instanceof NDArray) || isNumber(one));
    const [a, b] = numbers ? bitOperands(name, given) : strict(name, given);
    return wrap(f(expectKind(name, a, kind), b));
  });
// @__NO_SIDE_EFFECTS__
const comparison = (op: CompareOp) => binary(`lax.${op}`, "any", (x, y) => n.compare(op, x, y));

export const neg = unary("lax.neg", "number", n.neg);
export const abs = unary("lax.abs", "signed", n.abs);
export const sign = unary("lax.sign", "number", (x) =>
  x.aval.dtype === "uint32" ? n.convertSame(n.compare("ne", x, 0), "uint32") : n.sign(x),
);
export const floor = unary("lax.floor", "float", n.floor);
export const ceil = unary("lax.ceil", "float", n.ceil);
/** How lax.round rounds halves: away from zero (0) or to even (1). */
export const RoundingMethod = { AWAY_FROM_ZERO: 0, TO_NEAREST_EVEN: 1 } as const;
/** Rounds to the nearest integer; halves away from zero unless told otherwise. */
export const round = define("lax.round", [X, choice(0, 1)("roundingMethod", 0)], (x, roundingMethod) =>
  wrap(n.round(expectKind("lax.round", toNode("lax.round", x), "float"), roundingMethod === 0 ? "away" : "even")),
);
export const isFinite = unary("lax.isFinite", "float", n.isFinite);
export const exp = float("lax.exp", n.exp);
export const exp2 = float("lax.exp2", exp2Node);
export const expm1 = float("lax.expm1", n.expm1);
export const log = float("lax.log", n.log);
export const log1p = float("lax.log1p", n.log1p);
/** 1 / (1 + e⁻ˣ) */
export const logistic = float("lax.logistic", n.logistic);
export const sqrt = float("lax.sqrt", n.sqrt);
/** 1 / √x */
export const rsqrt = float("lax.rsqrt", n.rsqrt);
export const cbrt = float("lax.cbrt", cbrtNode);
export const sin = float("lax.sin", n.sin);
export const cos = float("lax.cos", n.cos);
export const tan = float("lax.tan", tanNode);
export const asin = unary("lax.asin", "float", asinNode);
export const acos = unary("lax.acos", "float", acosNode);
export const atan = unary("lax.atan", "float", atanNode);
export const sinh = unary("lax.sinh", "float", n.sinh);
export const cosh = unary("lax.cosh", "float", n.cosh);
export const tanh = float("lax.tanh", n.tanh);
export const asinh = unary("lax.asinh", "float", asinhNode);
export const acosh = unary("lax.acosh", "float", n.acosh);
export const atanh = unary("lax.atanh", "float", n.atanh);
/** The error function. */
export const erf = unary("lax.erf", "float", n.erf);
/** 1 − erf(x), with its digits also where erf is almost 1. */
export const erfc = unary("lax.erfc", "float", erfcNode);
/** The inverse of erf, on (−1, 1). */
export const erfInv = unary("lax.erfInv", "float", n.erfInv);
export const square = unary("lax.square", "number", n.square);
export const reciprocal = unary("lax.reciprocal", "float", (x) => n.div(n.like(x, 1), x));
/** xʸ for a JS integer y, by repeated squaring. */
export const integerPow = define("lax.integerPow", [X, integer("y")], (x, y) => {
  const node = expectKind("lax.integerPow", toNode("lax.integerPow", x), "number");
  if (y < 0 && isInteger(node.aval.dtype))
    throw new DTypeError(`lax.integerPow: ${formatAval(node.aval)}: integers have no negative powers`);
  return wrap(n.integerPow(node, y));
});
export const bitwiseNot = unary("lax.bitwiseNot", "bits", n.not);
/** The number of set bits. */
export const populationCount = unary("lax.populationCount", "integer", (x) =>
  n.convert(populationCountNode(x), x.aval.dtype, x.aval.weakness),
);
/** The number of leading zero bits. */
export const clz = unary("lax.clz", "integer", (x) => n.convert(leadingZerosNode(x), x.aval.dtype, x.aval.weakness));

export const add = binary("lax.add", "number", n.add);
export const sub = binary("lax.sub", "number", n.sub);
/** x · y. With `outDtype` the operands may differ in dtype: they are converted first. */
export const mul = define("lax.mul", [X, Y, named(dtypeKind("outDtype", null))], (x, y, outDtype) => {
  if (outDtype === null) {
    const [a, b] = strict("lax.mul", [x, y]);
    return wrap(n.mul(expectKind("lax.mul", a, "number"), b));
  }
  const [a, b] = strict(
    "lax.mul",
    [x, y].map((operand) => wrap(toNode("lax.mul", operand, outDtype))),
  );
  return wrap(outDtype === "bool" ? n.and(a, b) : n.mul(a, b));
});
/** x / y; integers are cut towards zero. */
export const div = binary("lax.div", "number", n.div);
/** The remainder with the sign of x. */
export const rem = binary("lax.rem", "number", n.rem);
export const max = binary("lax.max", "any", (x, y) => (x.aval.dtype === "bool" ? n.or(x, y) : n.max(x, y)));
export const min = binary("lax.min", "any", (x, y) => (x.aval.dtype === "bool" ? n.and(x, y) : n.min(x, y)));
/** xʸ of floats, by floats of the same dtype or by integers. */
export const pow = define("lax.pow", [X, Y], (x, y) => {
  if (!isWhole(y)) {
    const [a, b] = strict("lax.pow", [x, y]);
    return wrap(n.pow(expectKind("lax.pow", a, "float"), b));
  }
  const base = expectKind("lax.pow", toNode("lax.pow", x), "float");
  const exponent = expectKind("lax.pow", toNode("lax.pow", y), "number");
  const [a, b] = strict("lax.pow", [wrap(base), wrap(n.convertSame(exponent, base.aval.dtype))]);
  return wrap(wholePowerNode(a, b));
});
export const atan2 = binary("lax.atan2", "float", n.atan2);
export const bitwiseAnd = binary("lax.bitwiseAnd", "bits", n.and);
export const bitwiseOr = binary("lax.bitwiseOr", "bits", n.or);
export const bitwiseXor = binary("lax.bitwiseXor", "bits", n.xor);
export const shiftLeft = binary("lax.shiftLeft", "integer", n.shiftLeft);
export const shiftRightLogical = binary("lax.shiftRightLogical", "integer", (x, y) => n.shiftRight(x, y, false));
export const shiftRightArithmetic = binary("lax.shiftRightArithmetic", "integer", (x, y) => n.shiftRight(x, y, true));
export const eq = comparison("eq");
export const ne = comparison("ne");
export const lt = comparison("lt");
export const le = comparison("le");
export const gt = comparison("gt");
export const ge = comparison("ge");

/** The case that a node names: a bool, or an integer that is clamped. */
function chosen(op: string, which: Node, cases: readonly Node[]): Node {
  expectShapes(op, cases);
  const { dtype: own, shape } = which.aval;
  if (shape.length > 0 && !sameShape(shape, cases[0].aval.shape))
    throw new ShapeError(
      `${op}: ${[which, ...cases].map((x) => formatAval(x.aval)).join(", ")}: what chooses has rank 0, or the cases' shape`,
    );
  if (own !== "bool") {
    expectKind(op, which, "integer");
    return cases.reduceRight((rest, one, i) => n.select(n.compare("le", which, i), one, rest));
  }
  if (cases.length > 2)
    throw new DTypeError(
      `${op}: ${formatAval(which.aval)}: a bool chooses between at most 2 cases, got ${cases.length}`,
    );
  return cases.length === 1 ? cases[0] : n.select(which, cases[1], cases[0]);
}
/** Elements of onTrue where pred holds (or is an integer above 0), of onFalse elsewhere; pred has their shape or rank 0. */
export const select = define(
  "lax.select",
  [array("pred"), array("onTrue"), array("onFalse")],
  (pred, onTrue, onFalse) => {
    const [a, b] = strict("lax.select", [onTrue, onFalse]);
    return wrap(chosen("lax.select", toNode("lax.select", pred), [b, a]));
  },
);
/** The case whose number `which` names: 0 or 1 for bool, from 0 on for integers; out-of-range numbers are clamped. */
export const selectN = define("lax.selectN", [array("which"), rest(array("cases"))], (which, cases) => {
  if (cases.length === 0) throw new ShapeError("lax.selectN: expected at least one case");
  return wrap(chosen("lax.selectN", toNode("lax.selectN", which), strict("lax.selectN", cases)));
});
/** min ≤ x ≤ max by cutting; the bounds have x's shape or rank 0. Its derivative is 0 outside and at the bounds. */
export const clamp = define("lax.clamp", [array("min"), X, array("max")], (min, x, max) => {
  const [low, node, high] = strict("lax.clamp", [min, x, max]);
  if (node.aval.shape.length === 0) expectShapes("lax.clamp", [low, node, high]);
  if (node.aval.dtype === "bool") return wrap(n.and(n.or(node, low), high));
  if (!isFloat(node.aval.dtype)) return wrap(n.min(n.max(node, low), high));
  // each operand has the derivative where it alone is the result, strictly between the others; at ties nothing has
  const cut = n.stopGradient(n.min(n.max(node, low), high));
  const inside = n.and(n.compare("lt", low, node), n.compare("lt", node, high));
  const below = n.and(n.compare("lt", node, low), n.compare("lt", low, high));
  const above = n.and(n.compare("lt", high, node), n.compare("eq", low, low)); // not where low is NaN
  return wrap(n.select(inside, node, n.select(below, low, n.select(above, high, cut))));
});

const NEW_DTYPE = dtypeKind("newDtype");
/** x in another dtype. */
export const convertElementType = define("lax.convertElementType", [array("operand"), NEW_DTYPE], (operand, newDtype) =>
  wrap(toNode("lax.convertElementType", operand, newDtype)),
);
/** The same bits as another dtype of equal width. Throws DTypeError for other widths. */
export const bitcastConvertType = define(
  "lax.bitcastConvertType",
  [array("operand"), NEW_DTYPE],
  (operand, newDtype) => {
    const node = toNode("lax.bitcastConvertType", operand);
    if (DTYPES[newDtype].bytes !== DTYPES[node.aval.dtype].bytes)
      throw new DTypeError(`lax.bitcastConvertType: ${formatAval(node.aval)}: ${newDtype} has another width`);
    // bits have no derivative, not even those of the same dtype
    return wrap(n.bitcast(n.stopGradient(n.convert(node, node.aval.dtype)), newDtype));
  },
);
/** The dtype of an array. */
export const dtype = define("lax.dtype", [X], (x) =>
  x instanceof NDArray ? x.dtype : toNode("lax.dtype", x).aval.dtype,
);
