// Random keys: explicit state, as in JAX. A key is two uint32 words; typed keys (dtype "key") hide them. Everything
// random goes through keyParts.
import type { Node } from "@weft/ir";
import { aval, DTypeError, formatAval, literal, NO_PARAMS, proj, record, ShapeError } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { checkShape, stackNodes, toNode, wrap, wrapKey } from "../core/convert.ts";

export const u32 = (value: number): Node => literal(aval("uint32", []), value >>> 0);

/** The low 32 bits of a seed: JAX without 64-bit types keeps no more. */
function seedWord(op: string, seed: ArrayLike): Node {
  if (typeof seed === "number") {
    if (!Number.isSafeInteger(seed)) throw new DTypeError(`${op}: a seed is an integer, got ${seed}`);
    return literal(aval("uint32", []), ((seed % 2 ** 32) + 2 ** 32) % 2 ** 32);
  }
  const node = toNode(op, seed);
  const { dtype, shape } = node.aval;
  if (shape.length !== 0 || (dtype !== "int32" && dtype !== "uint32"))
    throw new DTypeError(`${op}: ${formatAval(node.aval)}: a seed is an integer of rank 0`);
  return dtype === "uint32" ? node : record("convert", { dtype: "uint32", weakness: "strong" }, [node]);
}

const seedKey = (op: string, seed: ArrayLike): Node => stackNodes(op, [u32(0), seedWord(op, seed)]);

/**
 * A typed random key from a seed. The same seed gives the same numbers as JAX.
 * @example random.normal(random.key(0), [3])
 */
export const key = (seed: ArrayLike): NDArray => wrapKey(seedKey("random.key", seed));

/** A key as a plain uint32[2] array, JAX's older form; serves wherever a key does. */
export const PRNGKey = (seed: ArrayLike): NDArray => wrap(seedKey("random.PRNGKey", seed));

/** The two uint32 words of a key, or of each key of an array: uint32[..., 2]. */
export const keyData = (keys: NDArray): NDArray => wrap(keys.node);

/** The inverse of {@link keyData}: typed keys from uint32[..., 2]. */
export function wrapKeyData(data: ArrayLike): NDArray {
  const node = toNode("random.wrapKeyData", data);
  const { dtype, shape } = node.aval;
  if (dtype !== "uint32" || shape.at(-1) !== 2)
    throw new ShapeError(`random.wrapKeyData: ${formatAval(node.aval)}: expected uint32[..., 2]`);
  return wrapKey(node);
}

/** The words of one key, each of rank 0. Throws for what is no key, and for several keys at once (use vmap). */
export function keyParts(op: string, keyLike: NDArray): readonly [Node, Node] {
  if (!(keyLike instanceof NDArray))
    throw new DTypeError(`${op}: expected a random key as the first argument; make one with random.key(seed)`);
  const { node } = keyLike;
  const { dtype, shape } = node.aval;
  if (dtype !== "uint32" || shape.at(-1) !== 2)
    throw new DTypeError(`${op}: ${formatAval(node.aval)} is no random key; make one with random.key(seed)`);
  if (shape.length !== 1)
    throw new ShapeError(
      `${op}: got an array of keys of shape [${shape.slice(0, -1).join(",")}]; map over them with vmap`,
    );
  const word = (i: number): Node =>
    record("reshape", { shape: [] }, [record("slice", { sizes: [1], strides: [1] }, [node], [i])]);
  return [word(0), word(1)];
}

/** The block cipher on a 64-bit counter an element: the row-major index of `shape` (JAX's partitionable layout). */
export function hashCounters(parts: readonly [Node, Node], shape: readonly number[]): readonly [Node, Node] {
  const size = shape.reduce((n, d) => n * d, 1);
  const low =
    shape.length === 0
      ? u32(0)
      : record("reshape", { shape }, [record("iota", { n: size, dtype: "uint32" }, [], [0, 1])]);
  // arrays have fewer than 2^32 elements, so the counter's high word is 0
  const hashed = record("threefry2x32", NO_PARAMS, [...parts, u32(0), low]);
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
export function split(keyLike: NDArray, num: number | readonly number[] = 2): NDArray {
  const shape = checkShape("random.split", num);
  const [a, b] = hashCounters(keyParts("random.split", keyLike), shape);
  const words = [a, b].map((word) => record("reshape", { shape: [...shape, 1] }, [word]));
  return sameKind(keyLike, record("concatenate", { axis: shape.length }, words));
}

/** A key from a key and an integer (a step or worker number). */
export function foldIn(keyLike: NDArray, data: ArrayLike): NDArray {
  const parts = keyParts("random.foldIn", keyLike);
  const hashed = record("threefry2x32", NO_PARAMS, [...parts, u32(0), seedWord("random.foldIn", data)]);
  return sameKind(keyLike, stackNodes("random.foldIn", [proj(hashed, 0), proj(hashed, 1)]));
}

/** A copy of a key. */
export const clone = (keyLike: NDArray): NDArray => sameKind(keyLike, keyLike.node);
