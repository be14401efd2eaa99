// Elementwise arithmetic, rounding, comparison and logic. One recorded node an operation wherever JAX has one
// primitive; bool operands follow NumPy (add is or, multiply is and).
import type { CompareOp, Node } from "@weft/ir";
import { DTypeError, formatAval, isFloat, NO_PARAMS, record } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { broadcastNodes, options, promoteOperands, toNode, wrap } from "../core/convert.ts";
import type { ClipArgs, ClipOptions } from "../core/methods.ts";
import type { Trailing } from "../core/options.ts";
import * as n from "../lax/nodes.ts";
import { binary, float, floatBinary, floating, floatPair, isBool, isExact, pair, unary } from "./operands.ts";

const refuseBool = (op: string, x: Node, instead: string): void => {
  if (isBool(x)) throw new DTypeError(`${op}: ${formatAval(x.aval)}: bool has no ${op}; use ${instead}`);
};

/** x + y; or of bools. Shapes broadcast. */
export function add(x: ArrayLike, y: ArrayLike): NDArray {
  const operands = pair("add", x, y);
  return wrap(record(operands[0].aval.dtype === "bool" ? "or" : "add", NO_PARAMS, operands));
}
/** x − y. Throws DTypeError for bools. */
export function subtract(x: ArrayLike, y: ArrayLike): NDArray {
  const operands = pair("subtract", x, y);
  if (operands[0].aval.dtype === "bool") refuseBool("subtract", operands[0], "np.logicalXor");
  return wrap(record("sub", NO_PARAMS, operands));
}
/** x · y, elementwise; and of bools. */
export function multiply(x: ArrayLike, y: ArrayLike): NDArray {
  const operands = pair("multiply", x, y);
  return wrap(record(operands[0].aval.dtype === "bool" ? "and" : "mul", NO_PARAMS, operands));
}
/** x / y in floats: integers become float32. */
export function divide(x: ArrayLike, y: ArrayLike): NDArray {
  return wrap(record("div", NO_PARAMS, floatPair("divide", x, y)));
}
export const trueDivide: typeof divide = divide;

// Division with remainder: the quotient rounds down, the remainder has the divisor's sign ---------------------------

const unsigned = (x: Node): boolean => x.aval.dtype === "uint32";
const differentSigns = (x: Node, y: Node): Node => n.compare("ne", n.compare("lt", x, 0), n.compare("lt", y, 0));

function remainderNode(x: Node, y: Node): Node {
  const r = n.rem(x, y);
  if (unsigned(x)) return r;
  return n.select(n.and(n.compare("ne", r, 0), differentSigns(r, y)), n.add(r, y), r);
}
function floorDivideNode(x: Node, y: Node): Node {
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
const numbers = (op: string, f: (x: Node, y: Node) => Node): ((x: ArrayLike, y: ArrayLike) => NDArray) => {
  return (x, y) => {
    let [a, b] = pair(op, x, y);
    if (isBool(a)) [a, b] = [n.convert(a, "int32"), n.convert(b, "int32")];
    return wrap(f(a, b));
  };
};

/** ⌊x / y⌋; integers stay integers. */
export const floorDivide: (x: ArrayLike, y: ArrayLike) => NDArray = numbers("floorDivide", floorDivideNode);
/** x − y·⌊x / y⌋: has the sign of y. */
export const mod: (x: ArrayLike, y: ArrayLike) => NDArray = numbers("mod", (x, y) => remainderNode(x, nonzero(y)));
export const remainder: typeof mod = mod;
/** x − y·trunc(x / y): has the sign of x, as C's fmod. */
export const fmod: (x: ArrayLike, y: ArrayLike) => NDArray = numbers("fmod", (x, y) => n.rem(x, nonzero(y)));
/** [floorDivide(x, y), mod(x, y)] */
export function divmod(x: ArrayLike, y: ArrayLike): [NDArray, NDArray] {
  const [a, b] = pair("divmod", x, y);
  return [wrap(floorDivideNode(a, b)), wrap(remainderNode(a, nonzero(b)))];
}
/** [fractional part, integral part], both with the sign of x. */
export function modf(x: ArrayLike): [NDArray, NDArray] {
  const a = float("modf", x);
  const whole = n.round(a, "zero");
  const infinite = n.compare("eq", n.abs(a), Infinity);
  return [wrap(n.select(infinite, 0, n.sub(a, whole))), wrap(whole)];
}

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

/**
 * xʸ. An integer-valued number y from −2 to 4 becomes a product; integer arrays stay integers.
 * @example np.power(x, 3)
 */
export function power(x: ArrayLike, y: ArrayLike): NDArray {
  if (typeof y === "number" && typeof x !== "number" && Number.isInteger(y)) {
    const node = toNode("power", x);
    if (isFloat(node.aval.dtype)) {
      if (y >= -2 && y <= 4) return wrap(n.integerPow(node, y));
    } else {
      if (y < 0)
        throw new DTypeError(
          `power: ${formatAval(node.aval)}: integers have no negative powers; convert with astype("float32") first`,
        );
      return wrap(n.integerPow(isBool(node) ? n.convert(node, "int32") : node, y));
    }
  }
  const [a, b] = pair("power", x, y);
  if (isFloat(a.aval.dtype)) return wrap(record("pow", NO_PARAMS, [a, b]));
  if (isBool(a)) return wrap(n.or(a, n.not(b)));
  return wrap(integerPowerNode(a, b));
}
export const pow: typeof power = power;
/** xʸ in floats. */
export const floatPower: (x: ArrayLike, y: ArrayLike) => NDArray = floatBinary("floatPower", (x, y) => n.pow(x, y));

// One operand -----------------------------------------------------------------------------------------------------

/** −x. Throws DTypeError for bools. */
export const negative = (x: ArrayLike): NDArray => {
  const node = toNode("negative", x);
  refuseBool("negative", node, "np.logicalNot");
  return wrap(n.neg(node));
};
/** +x: x itself. */
export const positive: (x: ArrayLike) => NDArray = unary("positive", (x) => x);
const absNode = (x: Node): Node => (isBool(x) || unsigned(x) ? x : n.abs(x));
/** |x| */
export const abs: (x: ArrayLike) => NDArray = unary("abs", absNode);
export const absolute: typeof abs = abs;
/** |x| in floats. */
export const fabs: (x: ArrayLike) => NDArray = floating("fabs", n.abs);
/** −1, 0 or 1; NaN for NaN. */
export const sign: (x: ArrayLike) => NDArray = unary("sign", (x) => {
  refuseBool("sign", x, "astype");
  return unsigned(x) ? n.convertSame(n.compare("ne", x, 0), x.aval.dtype) : n.sign(x);
});
/** x², one product. */
export const square = (x: ArrayLike): NDArray => {
  const node = toNode("square", x);
  return wrap(isBool(node) ? node : n.square(node));
};
/** 1 / x in floats. */
export const reciprocal: (x: ArrayLike) => NDArray = floating("reciprocal", (x) => n.div(n.like(x, 1), x));

const rounding = (op: string, f: (x: Node) => Node): ((x: ArrayLike) => NDArray) =>
  unary(op, (x) => (isFloat(x.aval.dtype) ? f(x) : x));
/** Rounds down; integers stay as they are. */
export const floor: (x: ArrayLike) => NDArray = rounding("floor", n.floor);
/** Rounds up. */
export const ceil: (x: ArrayLike) => NDArray = rounding("ceil", n.ceil);
/** Rounds towards zero. */
export const trunc: (x: ArrayLike) => NDArray = rounding("trunc", (x) => n.round(x, "zero"));
export const fix: typeof trunc = trunc;
/** Rounds to the nearest integer, halves to even. */
export const rint: (x: ArrayLike) => NDArray = floating("rint", (x) => n.round(x, "even"));
/** Rounds to so many decimals, halves to even. */
export function round(x: ArrayLike, ...rest: Trailing<[decimals: number], { decimals?: number }>): NDArray {
  const { decimals = 0 } = options<{ decimals?: number }>("round", ["decimals"], rest);
  const node = toNode("round", x);
  if (!isFloat(node.aval.dtype)) {
    if (decimals < 0)
      throw new DTypeError(
        `round: ${formatAval(node.aval)}: negative decimals are for floats; convert with astype("float32") first`,
      );
    return wrap(node);
  }
  if (decimals === 0) return wrap(n.round(node, "even"));
  const factor = 10 ** decimals;
  return wrap(n.div(n.round(n.mul(node, factor), "even"), factor));
}
export const around: typeof round = round;

// Choosing --------------------------------------------------------------------------------------------------------

const larger = (x: Node, y: Node): Node => (isBool(x) ? n.or(x, y) : n.max(x, y));
const smaller = (x: Node, y: Node): Node => (isBool(x) ? n.and(x, y) : n.min(x, y));
/** The larger of two; NaN if one is NaN. */
export const maximum: (x: ArrayLike, y: ArrayLike) => NDArray = binary("maximum", larger);
/** The smaller of two; NaN if one is NaN. */
export const minimum: (x: ArrayLike, y: ArrayLike) => NDArray = binary("minimum", smaller);
const unlessNan =
  (op: "gt" | "lt", choose: (x: Node, y: Node) => Node) =>
  (x: Node, y: Node): Node =>
    isFloat(x.aval.dtype) ? n.select(n.or(n.compare(op, x, y), n.isNan(y)), x, y) : choose(x, y);
/** The larger of two; a NaN only if both are. */
export const fmax: (x: ArrayLike, y: ArrayLike) => NDArray = binary("fmax", unlessNan("gt", larger));
/** The smaller of two; a NaN only if both are. */
export const fmin: (x: ArrayLike, y: ArrayLike) => NDArray = binary("fmin", unlessNan("lt", smaller));

/** min(max(x, lower), upper); null leaves a side open. @example np.clip(x, 0, 1) */
export function clip(x: ArrayLike, ...rest: ClipArgs): NDArray {
  const { min: lower = null, max: upper = null } = options<ClipOptions>("clip", ["min", "max"], rest);
  if (lower === null && upper === null) return wrap(toNode("clip", x));
  if (lower === null || upper === null) {
    const [a, b] = pair("clip", x, (lower ?? upper) as ArrayLike);
    return wrap(lower === null ? smaller(b, a) : larger(b, a));
  }
  const [a, low, high] = promoteOperands("clip", [x, lower, upper]);
  return wrap(smaller(high, larger(low, a)));
}

/** Operand as a predicate: not 0. */
export const truth = (x: Node): Node => (isBool(x) ? x : n.compare("ne", x, 0));
/** Elements of x where the condition holds, of y elsewhere; all three broadcast. */
export function where(condition: ArrayLike, x: ArrayLike, y: ArrayLike): NDArray {
  const [a, b] = pair("where", x, y);
  const pred = truth(toNode("where", condition));
  return wrap(record("select", NO_PARAMS, broadcastNodes("where", [pred, a, b])));
}

// Comparison and logic --------------------------------------------------------------------------------------------

const OPS = {
  eq: { op: "eq" },
  ne: { op: "ne" },
  lt: { op: "lt" },
  le: { op: "le" },
  gt: { op: "gt" },
  ge: { op: "ge" },
} as const;
const comparison =
  (op: string, compare: CompareOp) =>
  (x: ArrayLike, y: ArrayLike): NDArray =>
    wrap(record("compare", OPS[compare], pair(op, x, y)));
/** x = y, bool. */
export const equal: (x: ArrayLike, y: ArrayLike) => NDArray = comparison("equal", "eq");
/** x ≠ y, bool. */
export const notEqual: (x: ArrayLike, y: ArrayLike) => NDArray = comparison("notEqual", "ne");
/** x < y, bool. */
export const less: (x: ArrayLike, y: ArrayLike) => NDArray = comparison("less", "lt");
/** x ≤ y, bool. */
export const lessEqual: (x: ArrayLike, y: ArrayLike) => NDArray = comparison("lessEqual", "le");
/** x > y, bool. */
export const greater: (x: ArrayLike, y: ArrayLike) => NDArray = comparison("greater", "gt");
/** x ≥ y, bool. */
export const greaterEqual: (x: ArrayLike, y: ArrayLike) => NDArray = comparison("greaterEqual", "ge");

const logical =
  (op: string, prim: "and" | "or" | "xor") =>
  (x: ArrayLike, y: ArrayLike): NDArray => {
    const operands = [truth(toNode(op, x)), truth(toNode(op, y))];
    return wrap(record(prim, NO_PARAMS, broadcastNodes(op, operands)));
  };
/** Both are true (not 0). */
export const logicalAnd: (x: ArrayLike, y: ArrayLike) => NDArray = logical("logicalAnd", "and");
/** One is true. */
export const logicalOr: (x: ArrayLike, y: ArrayLike) => NDArray = logical("logicalOr", "or");
/** Exactly one is true. */
export const logicalXor: (x: ArrayLike, y: ArrayLike) => NDArray = logical("logicalXor", "xor");
/** It is false (0). */
export const logicalNot: (x: ArrayLike) => NDArray = unary("logicalNot", (x) => n.not(truth(x)));

const bits = (op: string, x: Node): Node => {
  if (isFloat(x.aval.dtype))
    throw new DTypeError(`${op}: ${formatAval(x.aval)}: expected bool or integers; convert with astype first`);
  return x;
};
const bitwise = (op: string, f: (x: Node, y: Node) => Node) => binary(op, (x, y) => f(bits(op, x), bits(op, y)));
/** Bits set in both. */
export const bitwiseAnd: (x: ArrayLike, y: ArrayLike) => NDArray = bitwise("bitwiseAnd", n.and);
/** Bits set in one. */
export const bitwiseOr: (x: ArrayLike, y: ArrayLike) => NDArray = bitwise("bitwiseOr", n.or);
/** Bits set in exactly one. */
export const bitwiseXor: (x: ArrayLike, y: ArrayLike) => NDArray = bitwise("bitwiseXor", n.xor);
/** All bits turned over; not, for bools. */
export const bitwiseNot: (x: ArrayLike) => NDArray = unary("bitwiseNot", (x) => n.not(bits("bitwiseNot", x)));
export const bitwiseInvert: typeof bitwiseNot = bitwiseNot;
export const invert: typeof bitwiseNot = bitwiseNot;
/** x shifted left by y bits; 0 from the dtype's width on. */
export const leftShift: (x: ArrayLike, y: ArrayLike) => NDArray = bitwise("leftShift", n.shiftLeft);
export const bitwiseLeftShift: typeof leftShift = leftShift;
/** x shifted right by y bits: signed dtypes keep their sign. */
export const rightShift: (x: ArrayLike, y: ArrayLike) => NDArray = bitwise("rightShift", (x, y) =>
  n.shiftRight(x, y, !unsigned(x)),
);
export const bitwiseRightShift: typeof rightShift = rightShift;
