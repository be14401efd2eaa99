// Attention: softmax(q · kᵀ · scale + bias) · v, as jax.nn.dot_product_attention computes it without a fused kernel.
import type { Node } from "@weft/ir";
import { formatAval, isFloat, ShapeError } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { options, promoteAll, toNode, wrap } from "../core/convert.ts";
import type { Trailing } from "../core/options.ts";
import * as n from "../lax/nodes.ts";
import * as np from "../numpy/index.ts";
import { softmax } from "./normalisation.ts";

export interface AttentionOptions {
  /** Added to the products; broadcasts to [batch, heads, t, s]. */
  bias?: ArrayLike | null;
  /** Where attention is allowed; broadcasts to [batch, heads, t, s]. */
  mask?: ArrayLike | null;
  /** 1 / √(head size) by default. */
  scale?: number | null;
  /** Lets no place attend to later ones. */
  isCausal?: boolean;
}
/** What products of queries and keys are computed in: float32 at least, since float16 is left before they are scaled. */
const logits = (x: Node): Node => (x.aval.dtype === "float64" ? x : n.convert(x, "float32"));
type AttentionArgs = Trailing<[bias: ArrayLike | null, mask: ArrayLike | null], AttentionOptions>;

/**
 * Attention of queries [batch?, t, heads, size] over keys and values [batch?, s, keyHeads, size]; heads is a multiple
 * of keyHeads. The result has the queries' shape. Throws ShapeError for shapes that do not fit.
 * @example nn.dotProductAttention(q, k, v, { isCausal: true })
 */
export function dotProductAttention(
  query: ArrayLike,
  key: ArrayLike,
  value: ArrayLike,
  ...rest: AttentionArgs
): NDArray {
  const op = "nn.dotProductAttention";
  const {
    bias = null,
    mask = null,
    scale = null,
    isCausal = false,
  } = options<AttentionOptions>(op, ["bias", "mask"], rest, ["scale", "isCausal"]);
  const given = promoteAll(op, [query, key, value]);
  const rank = given[0].aval.shape.length;
  if (given.some((x) => x.aval.shape.length !== rank) || (rank !== 3 && rank !== 4))
    throw new ShapeError(
      `${op}: ${given.map((x) => formatAval(x.aval)).join(", ")}: expected [batch, length, heads, size], with or without the batch`,
    );
  const [q, k, v] = given.map((x) => (rank === 3 ? n.reshape(x, [1, ...x.aval.shape]) : x));
  const [, t, heads, size] = q.aval.shape;
  const [, s, keyHeads] = k.aval.shape;
  if (keyHeads === 0 || heads % keyHeads !== 0 || v.aval.shape[1] !== s)
    throw new ShapeError(
      `${op}: ${given.map((x) => formatAval(x.aval)).join(", ")}: the queries' heads must be a multiple of the keys', which must be as many as the values`,
    );
  const spread = (x: Node): NDArray => (keyHeads === heads ? wrap(x) : np.repeat(wrap(x), heads / keyHeads, 2));
  let products = n.mul(
    np.einsum("btnh,bsnh->bnts", wrap(logits(q)), spread(logits(k))).node,
    scale ?? 1 / Math.sqrt(size),
  );
  const { dtype } = products.aval;
  if (bias !== null) products = n.convert(np.add(wrap(products), wrap(toNode(op, bias))).node, dtype);
  const lowest = -0.7 * np.finfo("float32").max;
  const masked = (allowed: ArrayLike): Node => np.where(allowed, wrap(products), lowest).node;
  if (mask !== null) products = masked(mask);
  if (isCausal) products = masked(np.tril(np.ones([t, s], "bool")));
  const weights = wrap(n.convert(softmax(wrap(products), -1).node, isFloat(k.aval.dtype) ? k.aval.dtype : dtype));
  const result = np.einsum("bnts,bsnh->btnh", weights, spread(v)).node;
  return wrap(n.reshape(result, given[0].aval.shape.with(rank - 1, v.aval.shape[3])));
}
