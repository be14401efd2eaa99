// Attention: softmax(q · kᵀ · scale + bias) · v, as jax.nn.dot_product_attention computes it without a fused kernel.
import type { DType, Node } from "@weft/ir";
import { ArgumentError, DTypeError, formatAval, isFloat, ShapeError } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import type { Trailing } from "../core/call-types.ts";
import type { ArrayLike } from "../core/convert.ts";
import { broadcastNodes, broadcastTo, indexNode, promoteAll, toNode, wrap } from "../core/convert.ts";
import { defineAs } from "../core/define.ts";
import { array, axes, choice, flag, named } from "../core/kinds.ts";
import * as n from "../lax/nodes.ts";
import * as np from "../numpy/index.ts";
import { logsumexpNode, softmaxNode } from "./along.ts";

export interface AttentionOptions {
  /** Added to the products; broadcasts to [batch, heads, t, s]. */
  bias?: ArrayLike | null;
  /** Where attention is allowed: bool, broadcasts to [batch, heads, t, s]. */
  mask?: ArrayLike | null;
  /** 1 / √(head size) by default. */
  scale?: ArrayLike | null;
  /** Lets no place attend to later ones. */
  isCausal?: boolean;
  /** How many queries of each batch count: the others get 0. */
  querySeqLengths?: ArrayLike | null;
  /** How many keys and values of each batch count. */
  keyValueSeqLengths?: ArrayLike | null;
  /** How many places before and after its own a query attends to: one number, or both. */
  localWindowSize?: number | readonly number[] | null;
  implementation?: "xla" | null;
}
type Plain = AttentionOptions & { returnResidual?: false };
type Residual = AttentionOptions & { returnResidual: true };
type Maybe = ArrayLike | null | undefined;
/** The type of dotProductAttention: two arrays if `returnResidual`. */
export interface DotProductAttention {
  (query: ArrayLike, key: ArrayLike, value: ArrayLike, options: Residual): [NDArray, NDArray];
  (query: ArrayLike, key: ArrayLike, value: ArrayLike, bias: Maybe, options: Residual): [NDArray, NDArray];
  (query: ArrayLike, key: ArrayLike, value: ArrayLike, bias: Maybe, mask: Maybe, options: Residual): [NDArray, NDArray];
  (
    query: ArrayLike,
    key: ArrayLike,
    value: ArrayLike,
    ...rest: Trailing<[bias: ArrayLike | null, mask: ArrayLike | null], Plain>
  ): NDArray;
}

/** What products of queries and keys are computed in: float32 at least, since float16 is left before they are scaled. */
const logits = (x: Node): Node => (x.aval.dtype === "float64" ? x : n.convert(x, "float32"));
/** What masked products become: so low that nothing is left of them, and finite. */
const LOWEST = -0.7 * (2 - 2 ** -23) * 2 ** 127;

const within = (op: "lt" | "le" | "ge", x: Node, y: Node): Node => {
  const [a, b] = broadcastNodes("nn.dotProductAttention", [x, y]);
  return n.compare(op, a, b);
};

/** Lengths of the sequences of a batch, as [batch, 1, 1]. */
function lengthsNode(op: string, name: string, lengths: ArrayLike, batch: number): Node {
  const node = indexNode(op, lengths);
  if (node.aval.shape.length !== 1 || node.aval.shape[0] !== batch)
    throw new ShapeError(`${op}: ${name}: ${formatAval(node.aval)}: expected one length a batch, int32[${batch}]`);
  return n.reshape(node, [batch, 1, 1]);
}
/** The factor of products, if it is no number. */
function scaleNode(op: string, scale: ArrayLike | null, dtype: DType, size: number): Node | number {
  if (scale === null) return 1 / Math.sqrt(size);
  const node = toNode(op, scale, dtype);
  if (node.aval.shape.length === 0) return node;
  throw new ShapeError(`${op}: scale: ${formatAval(node.aval)}: expected a number, or an array of rank 0`);
}
/** How far a query sees back and ahead. */
function windowOf(op: string, size: number | readonly number[]): readonly [number, number] {
  const [left, right, ...more] = typeof size === "number" ? [size, size] : size;
  if (left === undefined || right === undefined || more.length > 0)
    throw new ArgumentError(`${op}: localWindowSize: expected one size, or [before, after]`);
  return [left, right];
}

/**
 * Attention of queries [batch?, t, heads, size] over keys and values [batch?, s, keyHeads, size]; heads is a multiple
 * of keyHeads. The result has the queries' shape; with `returnResidual` it is [result, logsumexp of the products,
 * [batch?, t, heads], without derivative]. Throws ShapeError for shapes that do not fit.
 * @example nn.dotProductAttention(q, k, v, { isCausal: true })
 */
export const dotProductAttention = defineAs<DotProductAttention>()(
  "nn.dotProductAttention",
  [
    array("query"),
    array("key"),
    array("value"),
    array("bias", null),
    array("mask", null),
    named(array("scale", null)),
    named(flag("isCausal", false)),
    named(array("querySeqLengths", null)),
    named(array("keyValueSeqLengths", null)),
    named(axes("localWindowSize", null)),
    named(choice("xla")("implementation", null)),
    named(flag("returnResidual", false)),
  ],
  (
    query,
    key,
    value,
    bias,
    mask,
    scale,
    isCausal,
    queryLengths,
    keyLengths,
    window,
    _implementation,
    returnResidual,
  ) => {
    const op = "nn.dotProductAttention";
    const given = promoteAll(op, [query, key, value]);
    const rank = given[0].aval.shape.length;
    const operands = given.map((x) => formatAval(x.aval)).join(", ");
    if (given.some((x) => x.aval.shape.length !== rank) || (rank !== 3 && rank !== 4))
      throw new ShapeError(`${op}: ${operands}: expected [batch, length, heads, size], with or without the batch`);
    const [q, k, v] = given.map((x) => (rank === 3 ? n.reshape(x, [1, ...x.aval.shape]) : x));
    const [batch, t, heads, size] = q.aval.shape;
    const [, s, keyHeads] = k.aval.shape;
    if (keyHeads === 0 || heads % keyHeads !== 0 || v.aval.shape[1] !== s)
      throw new ShapeError(
        `${op}: ${operands}: the queries' heads must be a multiple of the keys', which must be as many as the values`,
      );
    const spread = (x: Node): NDArray => (keyHeads === heads ? wrap(x) : np.repeat(wrap(x), heads / keyHeads, 2));
    let products = np.einsum("btnh,bsnh->bnts", wrap(logits(q)), spread(logits(k))).node;
    const { dtype, shape } = products.aval;
    products = n.mul(products, typeof scale === "number" ? scale : scaleNode(op, scale, dtype, size));
    if (bias !== null) {
      const added = wrap(broadcastTo(op, toNode(op, bias), shape));
      products = n.convert(np.add(wrap(products), added).node, dtype);
    }

    const masks: Node[] = [];
    if (mask !== null) {
      const allowed = toNode(op, mask);
      if (allowed.aval.dtype !== "bool")
        throw new DTypeError(`${op}: mask: ${formatAval(allowed.aval)}: expected bool; compare first`);
      masks.push(allowed);
    }
    // places of queries and of keys, along the last axes of products
    const [from, to] = [n.reshape(n.iota("int32", [t], 0), [t, 1]), n.iota("int32", [s], 0)];
    if (isCausal) masks.push(within("ge", from, to));
    if (window !== null) {
      const [left, right] = windowOf(op, window);
      masks.push(within("le", from, n.add(to, left)), within("ge", from, n.sub(to, right)));
    }
    const lengths = queryLengths === null ? null : lengthsNode(op, "querySeqLengths", queryLengths, batch);
    const counted = lengths === null ? null : within("lt", from, lengths); // [batch, t, 1]
    if (counted !== null) masks.push(n.reshape(counted, [batch, 1, t, 1]));
    if (keyLengths !== null) {
      const own = lengthsNode(op, "keyValueSeqLengths", keyLengths, batch);
      masks.push(n.reshape(within("lt", to, own), [batch, 1, 1, s]));
    }
    for (const allowed of masks) products = n.select(broadcastTo(op, allowed, shape), products, LOWEST);

    const weights = n.convert(softmaxNode(products, [3], null), isFloat(k.aval.dtype) ? k.aval.dtype : dtype);
    let result = np.einsum("bnts,bsnh->btnh", wrap(weights), spread(v)).node;
    if (counted !== null) {
      const kept = broadcastTo(op, n.reshape(counted, [batch, t, 1, 1]), result.aval.shape);
      result = n.mul(result, n.convert(kept, result.aval.dtype));
    }
    const whole = wrap(n.reshape(result, given[0].aval.shape.with(rank - 1, v.aval.shape[3])));
    if (!returnResidual) return whole;
    const sums = n.stopGradient(n.convert(logsumexpNode(products, [3], null, null), weights.aval.dtype));
    const residual = n.transpose(n.reshape(sums, [batch, heads, t]), [0, 2, 1]);
    return [whole, wrap(n.reshape(residual, given[0].aval.shape.slice(0, -1)))];
  },
);
