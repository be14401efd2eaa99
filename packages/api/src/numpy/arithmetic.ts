// Elementwise arithmetic, rounding, comparison and logic. One recorded node an operation wherever JAX has one
// primitive; bool operands follow NumPy (add is or, multiply is and).
import type { CompareOp, Node } from "@weft/ir";
import { DTypeError, expectFits, formatAval, isFloat, isNumberKind, NO_PARAMS, record } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { bitOperands, broadcastNodes, promoteOperands, toNode, wrap } from "../core/convert.ts";
import { alias, define } from "../core/define.ts";
import { array, integer, named, out, refused } from "../core/kinds.ts";
import { dtypeOfTypedArray, isTypedArray } from "../core/host.ts";
import * as n from "../lax/nodes.ts";
import type { Binary, Unary } from "./operands.ts";
import {
  binary,
  float,
  floatBinary,
  floating,
  floatPair,
  isBool,
  isExact,
  pair,
  unary,
  X,
  X1X2,
  XY,
} from "./operands.ts";

const refuseBool = (op: string, x: Node, instead: string): void => {
  if (isBool(x)) throw new DTypeError(`${op}: ${formatAval(x.aval)}: bool has no ${op}; use ${instead}`);
};

/** x + y; or of bools. Shapes broadcast. */
export const add = define("np.add", XY, (x, y) => {
  const operands = pair("np.add", x, y);
  return wrap(record(operands[0].aval.dtype === "bool" ? "or" : "add", NO_PARAMS, operands));
}) as unknown as Binary;
/** x − y. Throws DTypeError for bools. */
export const subtract = define("np.subtract", XY, (x, y) => {
  const operands = pair("np.subtract", x, y);
  if (operands[0].aval.dtype === "bool") refuseBool("subtract", operands[0], "np.logicalXor");
  return wrap(record("sub", NO_PARAMS, operands));
}) as unknown as Binary;
/** x · y, elementwise; and of bools. */
export const multiply = define("np.multiply", XY, (x, y) => {
  const operands = pair("np.multiply", x, y);
  return wrap(record(operands[0].aval.dtype === "bool" ? "and" : "mul", NO_PARAMS, operands));
}) as unknown as Binary;
/** x / y in floats: integers become float32. */
export const divide = define("np.divide", X1X2, (x, y) =>
  wrap(record("div", NO_PARAMS, floatPair("np.divide", x, y))),
) as unknown as Binary<"x1", "x2">;
export const trueDivide = alias("np.trueDivide", divide);

// Division with remainder: the quotient rounds down, the remainder has the divisor's sign ---------------------------

const unsigned = (x: Node): boolean => x.aval.dtype === "uint32";
const differentSigns = (x: Node, y: Node): Node => n.compare("ne", n.compare("lt", x, 0), n.compare("lt", y, 0));

export function remainderNode(x: Node, y: Node): Node {
  const r = n.rem(x, y);
  if (unsigned(x)) return r;
  return n.select(n.and(n.compare("ne", r, 0), differentSigns(r, y)), n.add(r, y), r);
}
export function floorDivideNode(x: Node, y: Node): Node {
  if (!isExact(x)) {
    const r = n.rem(x, y);
    const quotient = n.div(n.select(n.compare("eq", y, 0), x, n.sub(x, r)), y);
    const below = n.and(n.compare("ne", r, 0), n.compare("ne", n.sign(y), n.sign(r)));
    return n.round(n.select(below, n.sub(quotient, 1), quotient), "away");
  }
  const quotient = n.div(x, y);
  if (unsigned(x)) return quotient;
  return n.select(
    n.and(n.compare("ne", n.sign(x), n.sign(y)), n.compare("ne", n.rem(x, y), 0)),
    n.sub(quotient, 1),
    quotient,
  );
}
/** JAX takes integer remainders by 0 as those by 1. */
const nonzero = (y: Node): Node => (isExact(y) ? n.select(n.compare("eq", y, 0), 1, y) : y);
const numbers = (name: string, f: (x: Node, y: Node) => Node): Binary<"x1", "x2"> =>
  binary(name, X1X2, (x, y) => (isBool(x) ? f(n.convert(x, "int32"), n.convert(y, "int32")) : f(x, y)));

/** ⌊x / y⌋; integers stay integers. */
export const floorDivide = numbers("np.floorDivide", floorDivideNode);
/** x − y·⌊x / y⌋: has the sign of y. */
export const mod = numbers("np.mod", (x, y) => remainderNode(x, nonzero(y)));
export const remainder = alias("np.remainder", mod);
/** x − y·trunc(x / y): has the sign of x, as C's fmod. */
export const fmod = numbers("np.fmod", (x, y) => n.rem(x, nonzero(y)));
/** [floorDivide(x, y), mod(x, y)] */
export const divmod = define("np.divmod", [array("x1"), array("x2")], (x, y): [NDArray, NDArray] => {
  const given = pair("np.divmod", x, y);
  const [a, b] = isBool(given[0]) ? given.map((node) => n.convert(node, "int32")) : given;
  return [wrap(floorDivideNode(a, b)), wrap(remainderNode(a, nonzero(b)))];
});
/** [fractional part, integral part], both with the sign of x. */
export const modf = define("np.modf", [array("x"), out], (x): [NDArray, NDArray] => {
  const a = float("np.modf", x);
  const whole = n.round(a, "zero");
  const infinite = n.compare("eq", n.abs(a), Infinity);
  return [wrap(n.select(infinite, 0, n.sub(a, whole))), wrap(whole)];
});

// Powers ----------------------------------------------------------------------------------------------------------

/** xʸ of integers by repeated squaring, for exponents below 2⁶ as in JAX; negative exponents give 0 except for ±1. */
function integerPowerNode(x: Node, y: Node): Node {
  let result: Node | null = null;
  let base = x;
  for (let bit = 0; bit < 32; bit++) {
    const odd = n.compare("ne", n.and(y, (2 ** bit) | 0), 0);
    const factor: Node = n.select(odd, base, 1);
    result = result === null ? factor : n.mul(result, factor);
    if (bit === 5) break;
    base = n.mul(base, base);
  }
  return result as Node;
}

/** Whether exponents are integers by their dtype, not by what they happen to be. */
export const isWhole = (y: ArrayLike): boolean => {
  if (typeof y === "number") return false; // the power itself says what it is
  if (!(y instanceof NDArray)) return isTypedArray(y) && !isFloat(dtypeOfTypedArray("power", y));
  const { aval } = y.node;
  return isNumberKind(aval) ? aval.weakness === "integer" : !isFloat(aval.dtype);
};
/** xʸ of floats by integers, given as floats: x⁰ is 1 whatever x is, and does not depend on it. */
export const wholePowerNode = (x: Node, y: Node): Node => n.pow(n.select(n.compare("eq", y, 0), 1, x), y);

/** xʸ of one dtype, `whole` if y has integers: bools become int32, integers stay integers. */
export function powerNode(x: Node, y: Node, whole: boolean): Node {
  if (isFloat(x.aval.dtype)) return whole ? wholePowerNode(x, y) : record("pow", NO_PARAMS, [x, y]);
  return isBool(x) ? integerPowerNode(n.convert(x, "int32"), n.convert(y, "int32")) : integerPowerNode(x, y);
}

/**
 * xʸ. An integer-valued number y from −2 to 4 becomes a product; integer arrays stay integers.
 * @example np.power(x, 3)
 */
export const power = define("np.power", X1X2, (x, y) => {
  if (typeof y === "number" && typeof x !== "number" && Number.isInteger(y)) {
    const node = toNode("power", x);
    if (isFloat(node.aval.dtype)) {
      if (y >= -2 && y <= 4) return wrap(n.integerPow(node, y));
    } else {
      if (y < 0)
        throw new DTypeError(
          `power: ${formatAval(node.aval)}: integers have no negative powers; convert with astype("float32") first`,
        );
      expectFits("power", y, isBool(node) ? "int32" : node.aval.dtype, 'convert with astype("float32") first');
      return wrap(n.integerPow(isBool(node) ? n.convert(node, "int32") : node, y));
    }
  }
  const [a, b] = pair("power", x, y);
  const whole = isWhole(y);
  const node = powerNode(a, b, whole);
  // a weak base takes its type from strong integers too
  const strong = isFloat(node.aval.dtype)
    ? whole && y instanceof NDArray && !y.weakType && y.dtype !== "bool"
    : typeof y !== "boolean" || isBool(a);
  return wrap(strong ? n.strong(node) : node);
}) as unknown as Binary<"x1", "x2">;
export const pow = alias("np.pow", power);
/** xʸ in floats. */
export const floatPower = floatBinary("np.floatPower", XY, (x, y) => n.pow(x, y));

// One operand -----------------------------------------------------------------------------------------------------

/** −x. Throws DTypeError for bools. */
export const negative = unary("np.negative", (x) => {
  refuseBool("negative", x, "np.logicalNot");
  return n.neg(x);
});
/** +x: x itself. */
export const positive = unary("np.positive", (x) => x);
const absNode = (x: Node): Node => (isBool(x) || unsigned(x) ? x : n.abs(x));
/** |x| */
export const abs = unary("np.abs", absNode);
export const absolute = alias("np.absolute", abs);
/** |x| in floats. */
export const fabs = floating("np.fabs", n.abs);
/** −1, 0 or 1; NaN for NaN. */
export const sign = unary("np.sign", (x) => {
  refuseBool("sign", x, "astype");
  return unsigned(x) ? n.convertSame(n.compare("ne", x, 0), x.aval.dtype) : n.sign(x);
});
/** x², one product. */
export const square = unary("np.square", (x) => n.square(isBool(x) ? n.convert(x, "int32") : x));
/** 1 / x in floats. */
export const reciprocal = floating("np.reciprocal", (x) => n.div(n.like(x, 1), x));

const rounding = (name: string, f: (x: Node) => Node): Unary => unary(name, (x) => (isFloat(x.aval.dtype) ? f(x) : x));
/** Rounds down; integers stay as they are. */
export const floor = rounding("np.floor", n.floor);
/** Rounds up. */
export const ceil = rounding("np.ceil", n.ceil);
/** Rounds towards zero. */
export const trunc = rounding("np.trunc", (x) => n.round(x, "zero"));
export const fix = define("np.fix", [array("x"), out], (x) => trunc(x));
/** Rounds to the nearest integer, halves to even. */
export const rint = unary("np.rint", (x) => (isFloat(x.aval.dtype) ? n.round(x, "even") : n.convert(x, "float32")));
/** Rounds to so many decimals, halves to even. */
export const round = define("np.round", [array("a"), integer("decimals", 0), out], (a, decimals) => {
  const node = toNode("np.round", a);
  refuseBool("np.round", node, "astype");
  if (!isFloat(node.aval.dtype)) {
    if (decimals < 0)
      throw new DTypeError(
        `round: ${formatAval(node.aval)}: negative decimals are for floats; convert with astype("float32") first`,
      );
    return wrap(node);
  }
  if (decimals === 0) return wrap(n.round(node, "even"));
  const factor = n.given(node, 10 ** decimals);
  return wrap(n.firm(n.div(n.round(n.mul(node, factor), "even"), factor)));
});
export const around = alias("np.around", round);

// Choosing --------------------------------------------------------------------------------------------------------

const larger = (x: Node, y: Node): Node => (isBool(x) ? n.or(x, y) : n.max(x, y));
const smaller = (x: Node, y: Node): Node => (isBool(x) ? n.and(x, y) : n.min(x, y));
/** The larger of two; NaN if one is NaN. */
export const maximum = binary("np.maximum", XY, larger);
/** The smaller of two; NaN if one is NaN. */
export const minimum = binary("np.minimum", XY, smaller);
const unlessNan =
  (op: "gt" | "lt", choose: (x: Node, y: Node) => Node) =>
  (x: Node, y: Node): Node =>
    isFloat(x.aval.dtype) ? n.select(n.or(n.compare(op, x, y), n.isNan(y)), x, y) : choose(x, y);
/** The larger of two; a NaN only if both are. */
export const fmax = binary("np.fmax", X1X2, unlessNan("gt", larger));
/** The smaller of two; a NaN only if both are. */
export const fmin = binary("np.fmin", X1X2, unlessNan("lt", smaller));

/** min(max(arr, min), max); null leaves a side open. @example np.clip(x, 0, 1) */
export const clip = define("np.clip", [array("arr"), array("min", null), array("max", null)], (arr, min, max) => {
  if (min === null && max === null) return wrap(toNode("np.clip", arr));
  if (min === null || max === null) {
    const [a, b] = pair("np.clip", arr, (min ?? max) as ArrayLike);
    return wrap(min === null ? smaller(b, a) : larger(b, a));
  }
  const [a, low, high] = promoteOperands("np.clip", [arr, min, max]);
  return wrap(smaller(high, larger(low, a)));
});

/** Operand as a predicate: not 0. */
export const truth = (x: Node): Node => (isBool(x) ? x : n.firm(n.compare("ne", x, 0)));
/** Elements of x where the condition holds, of y elsewhere; all three broadcast. */
export const where = define(
  "np.where",
  [
    array("condition"),
    array("x"),
    array("y"),
    named(refused("size", null, "it belongs to np.where(condition) alone, which is not available yet")),
    named(refused("fillValue", null, "it belongs to np.where(condition) alone, which is not available yet")),
  ],
  (condition, x, y) => {
    const [a, b] = pair("np.where", x, y);
    const pred = truth(toNode("np.where", condition));
    return wrap(record("select", NO_PARAMS, broadcastNodes("np.where", [pred, a, b])));
  },
);

// Comparison and logic --------------------------------------------------------------------------------------------

const OPS = {
  eq: { op: "eq" },
  ne: { op: "ne" },
  lt: { op: "lt" },
  le: { op: "le" },
  gt: { op: "gt" },
  ge: { op: "ge" },
} as const;
const comparison = (name: string, compare: CompareOp): Binary =>
  define(name, XY, (x, y) => wrap(record("compare", OPS[compare], pair(name, x, y)))) as unknown as Binary;
/** x = y, bool. */
export const equal = comparison("np.equal", "eq");
/** x ≠ y, bool. */
export const notEqual = comparison("np.notEqual", "ne");
/** x < y, bool. */
export const less = comparison("np.less", "lt");
/** x ≤ y, bool. */
export const lessEqual = comparison("np.lessEqual", "le");
/** x > y, bool. */
export const greater = comparison("np.greater", "gt");
/** x ≥ y, bool. */
export const greaterEqual = comparison("np.greaterEqual", "ge");

const logical = (name: string, prim: "and" | "or" | "xor"): Binary =>
  define(name, XY, (x, y) => {
    const [a, b] = pair(name, x, y);
    return wrap(record(prim, NO_PARAMS, [truth(a), truth(b)]));
  }) as unknown as Binary;
/** Both are true (not 0). */
export const logicalAnd = logical("np.logicalAnd", "and");
/** One is true. */
export const logicalOr = logical("np.logicalOr", "or");
/** Exactly one is true. */
export const logicalXor = logical("np.logicalXor", "xor");
/** It is false (0). */
export const logicalNot = unary("np.logicalNot", (x) => n.not(truth(x)));

const bits = (op: string, x: Node): Node => {
  if (isFloat(x.aval.dtype))
    throw new DTypeError(`${op}: ${formatAval(x.aval)}: expected bool or integers; convert with astype first`);
  return x;
};
const bitwise = (name: string, f: (x: Node, y: Node) => Node): Binary =>
  define(name, XY, (x, y) => {
    const [a, b] = bitOperands(name, [x, y]);
    return wrap(f(bits(name, a), bits(name, b)));
  }) as unknown as Binary;
/** Bits set in both. */
export const bitwiseAnd = bitwise("np.bitwiseAnd", n.and);
/** Bits set in one. */
export const bitwiseOr = bitwise("np.bitwiseOr", n.or);
/** Bits set in exactly one. */
export const bitwiseXor = bitwise("np.bitwiseXor", n.xor);
/** All bits turned over; not, for bools. */
export const bitwiseNot = define("np.bitwiseNot", X, (x) =>
  wrap(n.not(bits("np.bitwiseNot", bitOperands("np.bitwiseNot", [x])[0]))),
) as Unary;
export const bitwiseInvert = alias("np.bitwiseInvert", bitwiseNot);
export const invert = alias("np.invert", bitwiseNot);
const shifted =
  (name: string, f: (x: Node, y: Node) => Node) =>
  (x: ArrayLike, y: ArrayLike): NDArray => {
    const [a, b] = bitOperands(name, [x, y]);
    return wrap(isBool(a) ? f(n.convert(a, "int32"), n.convert(b, "int32")) : f(bits(name, a), bits(name, b)));
  };
/** x shifted left by y bits; 0 from the dtype's width on. */
export const leftShift = define("np.leftShift", XY, shifted("np.leftShift", n.shiftLeft)) as unknown as Binary;
export const bitwiseLeftShift = alias("np.bitwiseLeftShift", leftShift);
/** x shifted right by y bits: signed dtypes keep their sign. */
export const rightShift = define(
  "np.rightShift",
  X1X2,
  shifted("np.rightShift", (x, y) => n.shiftRight(x, y, !unsigned(x))),
) as unknown as Binary<"x1", "x2">;
export const bitwiseRightShift = alias("np.bitwiseRightShift", rightShift);
