// From hashed counters to random bits, and from bits to uniform floats and integers, by JAX's algorithms.
import type { Node } from "@weft/ir";
import { DTypeError, expectFits, INTEGER_RANGES } from "@weft/ir";
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
import type { Arithmetic } from "./arithmetic.ts";
import { arithmeticOf, floatName } from "./arithmetic.ts";
import { hashCounters, keyParts, splitParts, u32 } from "./keys.ts";

export type Shape = number | readonly number[];

// what draws take, under JAX's names; null is the default dtype, and for a draw with parameters their own shape
export const KEY = randomKey("key");
export const SHAPE = shape("shape", []);
export const SHAPE_OF = shape("shape", null);
export const DTYPE = dtype("dtype", null);
export const SHARDING = sharding("outSharding");
/** A draw without parameters of its own. */
export const DRAW = [KEY, SHAPE, DTYPE, SHARDING] as const;

const shiftRight = (x: Node, n: number): Node => shift(x, n, false);

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

/** Uniform floats in [0, 1): the mantissa's bits under the exponent of 1, minus 1. All of them exact. */
export function unitFloats({ dtype }: Arithmetic, parts: readonly [Node, Node], shape: readonly number[]): Node {
  if (dtype === "float32") {
    const mantissa = or(shiftRight(bits32(parts, shape), 9), u32(0x3f800000));
    return sub(bitcast(mantissa, "float32"), lit("float32", 1));
  }
  // ten of the low 16 bits
  if (dtype === "float16")
    return mul(convert(shiftRight(and(bits32(parts, shape), 0xffff), 6), "float32"), lit("float32", 2 ** -10));
  // 52 bits: all of the high word and the upper 20 of the low one
  const [high, low] = hashCounters(parts, shape);
  const upper = mul(convert(high, "float64"), lit("float64", 2 ** -32));
  const lower = mul(convert(shiftRight(low, 12), "float64"), lit("float64", 2 ** -52));
  return add(upper, lower);
}

/** Uniform floats in [minval, maxval), bounds of rank 0 or of the draw's shape. */
export function uniformNode(
  a: Arithmetic,
  parts: readonly [Node, Node],
  shape: readonly number[],
  minval: Node,
  maxval: Node,
): Node {
  return max(minval, a.add(a.mul(unitFloats(a, parts, shape), a.sub(maxval, minval)), minval));
}

/**
 * Uniform floats in [minval, maxval), JAX's; in [0, 1) bit for bit on every device.
 * @example random.uniform(random.key(0), [3]) // 0.947667, 0.9785799, 0.33229148
 */
export const uniform = define(
  "random.uniform",
  [KEY, SHAPE, DTYPE, array("minval", 0), array("maxval", 1), SHARDING],
  (key, shape, dtype, minval, maxval) => {
    const a = arithmeticOf(floatName("random.uniform", dtype));
    const dims = checkShape("random.uniform", shape);
    const [low, high] = [minval, maxval].map((x) =>
      spread("random.uniform", a.enter(toNode("random.uniform", x, a.dtype)), dims),
    );
    return wrap(a.leave(uniformNode(a, keyParts("random.uniform", key), dims, low, high)));
  },
);

type IntegerName = "int32" | "uint32";

/** A bound of an integer draw; of arrays, cut to what its dtype holds. The end, which is not drawn, may be one past that. */
function integerBound(op: string, x: ArrayLike, dtype: IntegerName, isEnd: boolean): Node {
  const [, largest] = INTEGER_RANGES[dtype];
  if (typeof x === "number") {
    if (!(isEnd && x === largest + 1))
      expectFits(op, x, dtype, dtype === "int32" && x > 0 ? 'take dtype "uint32"' : "take other bounds");
    return toNode(op, Math.min(x, largest), dtype);
  }
  const own = x instanceof NDArray ? x.dtype : null;
  if (own === "uint32" && dtype === "int32") return convert(min(toNode(op, x), largest), dtype);
  if (own === "int32" && dtype === "uint32") return convert(max(toNode(op, x), 0), dtype);
  return toNode(op, x, dtype);
}
/** Whether a maxval is beyond what its dtype holds: then the dtype's largest value is drawn too. */
function isPast(op: string, x: ArrayLike, dtype: IntegerName): Node | boolean {
  const [, largest] = INTEGER_RANGES[dtype];
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
    const [low, high] = [from, to].map((x, i) => spread(op, integerBound(op, x, name, i === 1), dims));
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
