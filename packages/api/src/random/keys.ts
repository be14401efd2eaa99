// Random keys: explicit state, as in JAX. A key is two uint32 words; typed keys (dtype "key") hide them. Everything
// random goes through keyParts.
import type { DType, Node } from "@weft/ir";
import {
  ArgumentError,
  aval,
  DTypeError,
  expectFits,
  formatAval,
  isNumberKind,
  literal,
  NO_PARAMS,
  proj,
  record,
  ShapeError,
} from "@weft/ir";
import { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { checkShape, numberNode, stackNodes, toNode, wrap, wrapKey } from "../core/convert.ts";
import { define } from "../core/define.ts";
import { array, choice, named, randomKey, shape } from "../core/kinds.ts";
import { convert, div, floor, mul, sub } from "../lax/nodes.ts";

export const u32 = (value: number): Node => literal(aval("uint32", []), value >>> 0);

/** The low 32 bits of a seed: JAX without 64-bit types keeps no more. */
function seedWord(op: string, seed: ArrayLike, signed = true): Node {
  if (typeof seed === "number") {
    if (!Number.isSafeInteger(seed)) throw new DTypeError(`${op}: a seed is an integer, got ${seed}`);
    return numberNode(aval("uint32", []), ((seed % 2 ** 32) + 2 ** 32) % 2 ** 32);
  }
  if (seed instanceof NDArray && isNumberKind(seed.node.aval))
    return seed.plainNumber === null ? numberWord(op, seed.node, signed) : seedWord(op, seed.plainNumber);
  const node = toNode(op, seed);
  const { dtype, shape } = node.aval;
  if (shape.length !== 0 || (dtype !== "int32" && dtype !== "uint32"))
    throw new DTypeError(`${op}: ${formatAval(node.aval)}: a seed is an integer of rank 0`);
  return dtype === "uint32" ? node : record("convert", { dtype: "uint32", weakness: "strong" }, [node]);
}

/** The word of an integer that was traced, which has the range of an int32, as in JAX, or of a uint32. */
function numberWord(op: string, seed: Node, signed: boolean): Node {
  if (seed.aval.weakness !== "integer")
    throw new DTypeError(`${op}: a seed is an integer, got a traced number that is none`);
  const whole = signed ? record("convert", { dtype: "int32", weakness: "strong" }, [seed]) : seed;
  return record("convert", { dtype: "uint32", weakness: "strong" }, [whole]);
}

const seedKey = (op: string, seed: ArrayLike): Node => stackNodes(op, [u32(0), seedWord(op, seed)]);

// how a key is made and hashed: one way, which has two names as in JAX
const IMPL = named(choice("threefry2x32")("impl", null));
const KEY_DTYPE = named(choice("threefry2x32")("dtype", null));
function checkOneName(op: string, impl: string | null, dtype: string | null): void {
  if (impl !== null && dtype !== null)
    throw new ArgumentError(`${op}: impl and dtype are two names of one thing; give one of them`);
}

/**
 * A typed random key from a seed. The same seed gives the same numbers as JAX.
 * @example random.normal(random.key(0), [3])
 */
export const key = define("random.key", [array("seed"), IMPL, KEY_DTYPE], (seed, impl, dtype) => {
  checkOneName("random.key", impl, dtype);
  return wrapKey(seedKey("random.key", seed));
});

/** A key as a plain uint32[2] array, JAX's older form; serves wherever a key does. */
export const PRNGKey = define("random.PRNGKey", [array("seed"), IMPL], (seed) => wrap(seedKey("random.PRNGKey", seed)));

/** A node that holds keys: two words each. */
function keysNode(op: string, node: Node): Node {
  const { dtype, shape } = node.aval;
  if (dtype !== "uint32")
    throw new DTypeError(`${op}: ${formatAval(node.aval)} is no random key; make one with random.key(seed)`);
  if (shape.at(-1) !== 2)
    throw new ShapeError(`${op}: ${formatAval(node.aval)}: expected two words a key, uint32[..., 2]`);
  return node;
}

/** The two uint32 words of a key, or of each key of an array: uint32[..., 2]. */
export const keyData = define("random.keyData", [randomKey("keys")], (keys) =>
  wrap(keysNode("random.keyData", keys.node)),
);

/** The inverse of {@link keyData}: typed keys from uint32[..., 2]. */
export const wrapKeyData = define(
  "random.wrapKeyData",
  [array("keyBitsArray"), IMPL, KEY_DTYPE],
  (keyBitsArray, impl, dtype) => {
    checkOneName("random.wrapKeyData", impl, dtype);
    return wrapKey(keysNode("random.wrapKeyData", toNode("random.wrapKeyData", keyBitsArray)));
  },
);

/** The words of one key, each of rank 0. Throws for what is no key, and for several keys at once (use vmap). */
export function keyParts(op: string, key: NDArray): readonly [Node, Node] {
  const node = keysNode(op, key.node);
  const { shape } = node.aval;
  if (shape.length !== 1)
    throw new ShapeError(
      `${op}: got an array of keys of shape [${shape.slice(0, -1).join(",")}]; map over them with vmap`,
    );
  const word = (i: number): Node =>
    record("reshape", { shape: [] }, [record("slice", { sizes: [1], strides: [1] }, [node], [i])]);
  return [word(0), word(1)];
}

/** The two words of each element's number. */
function counters(shape: readonly number[]): readonly [Node, Node] {
  if (shape.length === 0) return [u32(0), u32(0)];
  const size = shape.reduce((n, d) => n * d, 1);
  const count = (dtype: DType): Node => record("reshape", { shape }, [record("iota", { n: size, dtype }, [], [0, 1])]);
  if (size <= WORD) return [u32(0), count("uint32")];
  // no memory holds so many, but parts of them can be asked for; float64 is exact there
  const place = count("float64");
  const word = literal(aval("float64", []), WORD);
  const high = floor(div(place, word));
  return [convert(high, "uint32"), convert(sub(place, mul(high, word)), "uint32")];
}
const WORD = 2 ** 32;

/** The block cipher on a 64-bit counter an element: the row-major index of `shape` (JAX's partitionable layout). */
export function hashCounters(parts: readonly [Node, Node], shape: readonly number[]): readonly [Node, Node] {
  const [high, low] = counters(shape);
  const hashed = record("threefry2x32", NO_PARAMS, [...parts, high, low]);
  return [proj(hashed, 0), proj(hashed, 1)];
}

/** The words of new keys, as {@link split} gives them. */
export function splitParts(parts: readonly [Node, Node], num: number): readonly (readonly [Node, Node])[] {
  const [a, b] = hashCounters(parts, [num]);
  const word = (x: Node, i: number): Node =>
    record("reshape", { shape: [] }, [record("slice", { sizes: [1], strides: [1] }, [x], [i])]);
  return Array.from({ length: num }, (_, i) => [word(a, i), word(b, i)] as const);
}

const sameKind = (like: NDArray, node: Node): NDArray => (like.isKey ? wrapKey(node) : wrap(node));

/**
 * New keys, independent of each other and of the old one, which must not be used again.
 * `num` is their number or shape. @example const [a, b] = random.split(key)
 */
export const split = define("random.split", [randomKey("key"), shape("num", 2)], (key, num) => {
  const dims = checkShape("random.split", num);
  const [a, b] = hashCounters(keyParts("random.split", key), dims);
  const words = [a, b].map((word) => record("reshape", { shape: [...dims, 1] }, [word]));
  return sameKind(key, record("concatenate", { axis: dims.length }, words));
});

/** A key from a key and an integer (a step or worker number). */
export const foldIn = define("random.foldIn", [randomKey("key"), array("data")], (key, data) => {
  const parts = keyParts("random.foldIn", key);
  const number = data instanceof NDArray ? data.plainNumber : data;
  if (typeof number === "number") expectFits("random.foldIn", number, "uint32", "take the numbers from 0 on");
  const hashed = record("threefry2x32", NO_PARAMS, [...parts, u32(0), seedWord("random.foldIn", data, false)]);
  return sameKind(key, stackNodes("random.foldIn", [proj(hashed, 0), proj(hashed, 1)]));
});

/** A copy of a key. */
export const clone = define("random.clone", [randomKey("key")], (key) => sameKind(key, key.node));
