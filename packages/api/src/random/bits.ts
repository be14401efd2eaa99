// From hashed counters to random bits, and from bits to uniform floats and integers, by JAX's algorithms.
import type { DType, Node } from "@weft/ir";
import { DTypeError, isFloat } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { broadcastTo, checkShape, options, toNode, wrap } from "../core/convert.ts";
import type { Trailing } from "../core/options.ts";
import {
  add,
  and,
  bitcast,
  compare,
  convert,
  lit,
  max,
  mul,
  or,
  rem,
  select,
  shiftRight as shift,
  sub,
  xor,
} from "../lax/nodes.ts";
import { hashCounters, keyParts, splitParts, u32 } from "./keys.ts";

export type Shape = number | readonly number[];
export type FloatName = "float32" | "float64";

/** Options of draws that have nothing but a shape and a dtype. */
export interface DrawOptions {
  shape?: Shape;
  dtype?: DType;
}
export type DrawArgs = Trailing<[shape: Shape, dtype: DType], DrawOptions>;

const shiftRight = (x: Node, n: number): Node => shift(x, n, false);

/** The dtype of a float draw. Throws DTypeError for others. */
export function floatName(op: string, dtype: DType | undefined): FloatName {
  if (dtype === undefined || dtype === "float32") return "float32";
  if (dtype === "float64") return dtype;
  throw new DTypeError(`${op}: dtype ${dtype}: expected float32 or float64`);
}

/** The dtype of a draw that JAX's halves are known for as well. */
export const halfOrFloatName = (op: string, dtype: DType | undefined): FloatName | "float16" => {
  if (dtype !== undefined && !isFloat(dtype))
    throw new DTypeError(`${op}: dtype ${dtype}: expected float16, float32 or float64`);
  return dtype === "float16" ? dtype : floatName(op, dtype);
};

/** The shape a draw has: the one asked for, or that of its parameters, which must broadcast to it. */
export function drawShape(op: string, shape: Shape | null | undefined, parameters: readonly Node[] = []): number[] {
  if (shape !== undefined && shape !== null) return checkShape(op, shape);
  const shapes = parameters.map((parameter) => parameter.aval.shape);
  return shapes.reduce<number[]>((longest, own) => (own.length > longest.length ? Array.from(own) : longest), []);
}

/** 32 random bits an element. */
export function bits32(parts: readonly [Node, Node], shape: readonly number[]): Node {
  const [high, low] = hashCounters(parts, shape);
  return xor(high, low);
}

/**
 * Uniformly random bits: uint32.
 * @example random.bits(random.key(0), [4])
 */
export function bits(key: NDArray, ...rest: DrawArgs): NDArray {
  const { shape = [], dtype = "uint32" } = options<DrawOptions>("random.bits", ["shape", "dtype"], rest);
  if (dtype !== "uint32") throw new DTypeError(`random.bits: dtype ${dtype} is not available; expected uint32`);
  return wrap(bits32(keyParts("random.bits", key), checkShape("random.bits", shape)));
}

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

/** A parameter of a draw as a node of its dtype, broadcast to its shape unless of rank 0. */
export function parameter(op: string, x: ArrayLike, dtype: DType, shape: readonly number[]): Node {
  const node = toNode(op, x, dtype);
  return node.aval.shape.length === 0 ? node : broadcastTo(op, node, shape);
}

export interface UniformOptions extends DrawOptions {
  minval?: ArrayLike;
  maxval?: ArrayLike;
}

/**
 * Uniform floats in [minval, maxval), bit for bit JAX's.
 * @example random.uniform(random.key(0), [3]) // 0.947667, 0.9785799, 0.33229148
 */
export function uniform(
  key: NDArray,
  ...rest: Trailing<[shape: Shape, dtype: DType, minval: ArrayLike, maxval: ArrayLike], UniformOptions>
): NDArray {
  const {
    shape: asked = [],
    dtype: name,
    minval = 0,
    maxval = 1,
  } = options<UniformOptions>("random.uniform", ["shape", "dtype", "minval", "maxval"], rest);
  const dtype = halfOrFloatName("random.uniform", name);
  const shape = checkShape("random.uniform", asked);
  const [low, high] = [minval, maxval].map((x) => parameter("random.uniform", x, dtype, shape));
  const parts = keyParts("random.uniform", key);
  return wrap(
    dtype === "float16" ? uniformHalves(parts, shape, low, high) : uniformNode(parts, shape, dtype, low, high),
  );
}

export interface RandintOptions {
  dtype?: DType;
}

/**
 * Integers in [minval, maxval), int32 or uint32: two words of bits an element reduced modulo the span, as JAX does.
 * @example random.randint(random.key(0), [5], 0, 10)
 */
export function randint(
  key: NDArray,
  shape: Shape,
  minval: ArrayLike,
  maxval: ArrayLike,
  ...rest: Trailing<[dtype: DType], RandintOptions>
): NDArray {
  const { dtype = "int32" } = options<RandintOptions>("random.randint", ["dtype"], rest);
  if (dtype !== "int32" && dtype !== "uint32")
    throw new DTypeError(`random.randint: dtype ${dtype}: expected int32 or uint32`);
  const dims = checkShape("random.randint", shape);
  const limits = { int32: [-(2 ** 31), 2 ** 31 - 1], uint32: [0, 2 ** 32 - 1] }[dtype];
  const clampNumber = (x: ArrayLike): ArrayLike =>
    typeof x === "number" ? Math.min(Math.max(x, limits[0]), limits[1]) : x;
  // a maxval one past the dtype's largest value still includes that value
  const past = typeof maxval === "number" && maxval > limits[1];
  const low = parameter("random.randint", clampNumber(minval), dtype, dims);
  const high = parameter("random.randint", clampNumber(maxval), dtype, dims);
  const [first, second] = splitParts(keyParts("random.randint", key), 2);
  const higher = bits32(first, dims);
  const lower = bits32(second, dims);
  const empty = compare("le", high, low);
  let span = convert(sub(high, low), "uint32");
  if (past) span = add(span, select(compare("gt", high, low), u32(1), u32(0)));
  span = select(empty, u32(1), span);
  let multiplier = rem(u32(2 ** 16), span);
  multiplier = rem(mul(multiplier, multiplier), span);
  const offset = rem(add(mul(rem(higher, span), multiplier), rem(lower, span)), span);
  return wrap(add(low, convert(offset, dtype)));
}
