// Sums over axes that statistics are made of, on graph nodes: masks, counts, means and variances. Shared by numpy's
// reductions and nn's normalisations; knows no options.
import type { Node } from "@weft/ir";
import { ShapeError } from "@weft/ir";
import type { ArrayLike } from "../core/convert.ts";
import { broadcastTo, toNode } from "../core/convert.ts";
import * as n from "../lax/nodes.ts";
import { truth } from "./arithmetic.ts";

/** A mask as a predicate of a shape; null where there is none. */
export function maskNode(op: string, where: ArrayLike | null | undefined, shape: readonly number[]): Node | null {
  return where === null || where === undefined ? null : broadcastTo(op, truth(toNode(op, where)), shape);
}
/** x where the mask holds, else a number. */
export const masked = (x: Node, mask: Node | null, other: number): Node =>
  mask === null ? x : n.select(mask, x, other);

export const countOf = (x: Node, axes: readonly number[]): number =>
  axes.reduce((count, axis) => count * x.aval.shape[axis], 1);
/** Elements that count, as a number or, with a mask, as a node of x's dtype. */
export const countNode = (x: Node, axes: readonly number[], mask: Node | null, keepdims: boolean): Node | number =>
  mask === null ? countOf(x, axes) : n.reduce("reduceSum", n.convert(mask, x.aval.dtype), axes, keepdims);

export const meanNode = (x: Node, axes: readonly number[], mask: Node | null, keepdims: boolean): Node =>
  n.div(n.reduce("reduceSum", masked(x, mask, 0), axes, keepdims), countNode(x, axes, mask, keepdims));

/**
 * Σ(x − c)² / (count − ddof) over axes; NaN where nothing is left to divide by. Around the mean, c is only near it: what
 * the first sum lost is taken back as (Σ(x − c))² / count, in the same pass over the data. So values far from 0 keep
 * their digits, and c may be a constant for derivatives.
 */
export function varianceNode(
  x: Node,
  axes: readonly number[],
  mask: Node | null,
  { ddof = 0, keepdims = false, centre = null }: { ddof?: number; keepdims?: boolean; centre?: Node | null } = {},
): Node {
  const { shape } = x.aval;
  const from = centre ?? n.respread(n.stopGradient(meanNode(x, axes, mask, false)), shape, axes);
  const distance = masked(n.sub(x, from), mask, 0);
  let total = n.reduce("reduceSum", n.square(distance), axes, keepdims);
  const count = countNode(x, axes, mask, keepdims);
  if (centre === null) {
    const left = n.reduce("reduceSum", distance, axes, keepdims);
    const rest = n.sub(total, n.div(n.square(left), count));
    // rounding must not make it negative, and an infinite sum stays infinite
    total = n.select(n.compare("ge", rest, 0), rest, n.select(n.compare("lt", rest, 0), 0, total));
  }
  if (typeof count === "number") return n.div(total, n.given(total, count > ddof ? count - ddof : NaN));
  const divisor = n.sub(count, n.given(count, ddof));
  return n.div(total, n.select(n.compare("gt", divisor, 0), divisor, NaN));
}

/** The largest element along axes, which stay with size 1; −∞ where there is none. */
export function largestNode(x: Node, axes: readonly number[]): Node {
  const shape = x.aval.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  return countOf(x, axes) === 0 ? n.fill(n.like(x, -Infinity), shape) : n.reduce("reduceMax", x, axes, true);
}

/** A start of a reduction: one number. Throws ShapeError for arrays. */
export function initialNode(op: string, initial: ArrayLike, dtype: Node["aval"]["dtype"]): Node {
  const node = toNode(op, initial, dtype);
  if (node.aval.shape.length > 0)
    throw new ShapeError(`${op}: initial must be a scalar, got shape [${node.aval.shape.join(",")}]`);
  return node;
}
