// From hashed counters to random bits, and from bits to uniform floats and integers, by JAX's algorithms.
import type { DType, Node } from "@weft/ir";
import { DTypeError, isFloat } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { broadcastShapes, broadcastTo, checkShape, toNode, wrap } from "../core/convert.ts";
import { define } from "../core/define.ts";
import { isTypedArray } from "../core/host.ts";
import { array, dtype, randomKey, shape, sharding } from "../core/kinds.ts";
import {
  add,
  and,
  bitcast,
  compare,
  convert,
  lit,
  max,
  min,
  mul,
  or,
  rem,
  reshape,
  select,
  shiftRight as shift,
  sliceAxis,
  sub,
  xor,
} from "../lax/nodes.ts";
import { hashCounters, keyParts, splitParts, u32 } from "./keys.ts";

export type Shape = number | readonly number[];
export type FloatName = "float32" | "float64";

// what draws take, under JAX's names; null is the default dtype, and for a draw with parameters their own shape
export const KEY = randomKey("key");
export const SHAPE = shape("shape", []);
export const SHAPE_OF = shape("shape", null);
export const DTYPE = dtype("dtype", null);
export const SHARDING = sharding("outSharding");
/** A draw without parameters of its own. */
export const DRAW = [KEY, SHAPE, DTYPE, SHARDING] as const;

const shiftRight = (x: Node, n: number): Node => shift(x, n, false);

/** The dtype of a float draw. Throws DTypeError for others. */
export function floatName(op: string, dtype: DType | null): FloatName {
  if (dtype === null || dtype === "float32") return "float32";
  if (dtype === "float64") return dtype;
  throw new DTypeError(`${op}: dtype ${dtype}: expected float32 or float64`);
}

/** The dtype of a draw that JAX's halves are known for as well. */
export const halfOrFloatName = (op: string, dtype: DType | null): FloatName | "float16" => {
  if (dtype !== null && !isFloat(dtype))
    throw new DTypeError(`${op}: dtype ${dtype}: expected float16, float32 or float64`);
  return dtype === "float16" ? dtype : floatName(op, dtype);
};

/** The shape a draw has: the one asked for, to which its parameters must broadcast, or theirs. */
export const drawShape = (op: string, shape: Shape | null, parameters: readonly Node[]): number[] =>
  shape === null
    ? broadcastShapes(
        op,
        parameters.map((parameter) => parameter.aval.shape),
      )
    : checkShape(op, shape);

/** A parameter of a draw broadcast to its shape, unless of rank 0. */
export const spread = (op: string, parameter: Node, shape: readonly number[]): Node =>
  parameter.aval.shape.length === 0 ? parameter : broadcastTo(op, parameter, shape);

/** 32 random bits an element. */
export function bits32(parts: readonly [Node, Node], shape: readonly number[]): Node {
  const [high, low] = hashCounters(parts, shape);
  return xor(high, low);
}

/** The two parts of a draw of shape [2, …]. */
export function twoOf(both: Node): readonly [Node, Node] {
  const part = (i: number): Node => reshape(sliceAxis(both, 0, i, 1), both.aval.shape.slice(1));
  return [part(0), part(1)];
}

/**
 * Uniformly random bits: uint32.
 * @example random.bits(random.key(0), [4])
 */
export const bits = define("random.bits", DRAW, (key, shape, dtype) => {
  if (dtype !== null && dtype !== "uint32")
    throw new DTypeError(`random.bits: dtype ${dtype} is not available; expected uint32`);
  return wrap(bits32(keyParts("random.bits", key), checkShape("random.bits", shape)));
});

/** Uniform floats in [0, 1): the mantissa's bits under the exponent of 1, minus 1. */
export function unitFloats(parts: readonly [Node, Node], shape: readonly number[], dtype: FloatName): Node {
  if (dtype === "float32") {
    const mantissa = or(shiftRight(bits32(parts, shape), 9), u32(0x3f800000));
    return sub(bitcast(mantissa, "float32"), lit("float32", 1));
  }
  // 52 bits: all of the high word and the upper 20 of the low one; both products are exact
  const [high, low] = hashCounters(parts, shape);
  const upper = mul(convert(high, "float64"), lit("float64", 2 ** -32));
  const lower = mul(convert(shiftRight(low, 12), "float64"), lit("float64", 2 ** -52));
  return add(upper, lower);
}

/** Uniform floats in [minval, maxval), parameters of rank 0 or of the draw's shape. */
export function uniformNode(
  parts: readonly [Node, Node],
  shape: readonly number[],
  dtype: FloatName,
  minval: Node,
  maxval: Node,
): Node {
  const scaled = add(mul(unitFloats(parts, shape, dtype), sub(maxval, minval)), minval);
  return max(minval, scaled);
}

/** A float32 value with the digits of float16. */
export const halfDigits = (x: Node): Node => convert(convert(x, "float16"), "float32");
/**
 * Uniform halves in [minval, maxval), both of float16: ten of the low 16 bits are the mantissa under the exponent of 1.
 * JAX rounds after every operation, and kernels after none: so each is rounded by itself, in float32.
 */
export function uniformHalves(
  parts: readonly [Node, Node],
  shape: readonly number[],
  minval: Node,
  maxval: Node,
): Node {
  const mantissa = shiftRight(and(bits32(parts, shape), 0xffff), 6);
  const units = mul(convert(mantissa, "float32"), 2 ** -10);
  const [low, high] = [convert(minval, "float32"), convert(maxval, "float32")];
  const scaled = halfDigits(add(halfDigits(mul(units, halfDigits(sub(high, low)))), low));
  return convert(max(low, scaled), "float16");
}

/**
 * Uniform floats in [minval, maxval), bit for bit JAX's.
 * @example random.uniform(random.key(0), [3]) // 0.947667, 0.9785799, 0.33229148
 */
export const uniform = define(
  "random.uniform",
  [KEY, SHAPE, DTYPE, array("minval", 0), array("maxval", 1), SHARDING],
  (key, shape, dtype, minval, maxval) => {
    const name = halfOrFloatName("random.uniform", dtype);
    const dims = checkShape("random.uniform", shape);
    const [low, high] = [minval, maxval].map((x) => spread("random.uniform", toNode("random.uniform", x, name), dims));
    const parts = keyParts("random.uniform", key);
    return wrap(name === "float16" ? uniformHalves(parts, dims, low, high) : uniformNode(parts, dims, name, low, high));
  },
);

const LIMITS = { int32: [-(2 ** 31), 2 ** 31 - 1], uint32: [0, 2 ** 32 - 1] } as const;
type IntegerName = keyof typeof LIMITS;

/** A bound of an integer draw, cut to what its dtype holds. */
function integerBound(op: string, x: ArrayLike, dtype: IntegerName): Node {
  const [least, largest] = LIMITS[dtype];
  if (typeof x === "number") return toNode(op, Math.min(Math.max(x, least), largest), dtype);
  const own = x instanceof NDArray ? x.dtype : null;
  if (own === "uint32" && dtype === "int32") return convert(min(toNode(op, x), largest), dtype);
  if (own === "int32" && dtype === "uint32") return convert(max(toNode(op, x), 0), dtype);
  return toNode(op, x, dtype);
}
/** Whether a maxval is beyond what its dtype holds: then the dtype's largest value is drawn too. */
function isPast(op: string, x: ArrayLike, dtype: IntegerName): Node | boolean {
  const [, largest] = LIMITS[dtype];
  if (typeof x === "number") return x > largest;
  return dtype === "int32" && x instanceof NDArray && x.dtype === "uint32" && compare("gt", toNode(op, x), largest);
}

/**
 * Integers in [minval, maxval), int32 or uint32: two words of bits an element reduced modulo the span, as JAX does.
 * @example random.randint(random.key(0), [5], 0, 10)
 */
export const randint = define(
  "random.randint",
  [KEY, shape("shape"), array("minval"), array("maxval"), DTYPE, SHARDING],
  (key, shape, minval, maxval, dtype) => {
    const op = "random.randint";
    const name = dtype ?? "int32";
    if (name !== "int32" && name !== "uint32") throw new DTypeError(`${op}: dtype ${name}: expected int32 or uint32`);
    const dims = checkShape(op, shape);
    const [from, to] = [minval, maxval].map((x) => (isTypedArray(x) ? wrap(toNode(op, x)) : x));
    const [low, high] = [from, to].map((x) => spread(op, integerBound(op, x, name), dims));
    const past = isPast(op, to, name);
    const [first, second] = splitParts(keyParts(op, key), 2);
    const higher = bits32(first, dims);
    const lower = bits32(second, dims);
    const empty = compare("le", high, low);
    let span = convert(sub(high, low), "uint32");
    if (past !== false)
      span = past === true ? add(span, u32(1)) : select(spread(op, past, dims), add(span, u32(1)), span);
    span = select(empty, u32(1), span);
    let multiplier = rem(u32(2 ** 16), span);
    multiplier = rem(mul(multiplier, multiplier), span);
    const offset = rem(add(mul(rem(higher, span), multiplier), rem(lower, span)), span);
    return wrap(add(low, convert(offset, name)));
  },
);
