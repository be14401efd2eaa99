// Softmax and its kin on graph nodes: what nn's functions along axes compute. Masked elements are −∞ before anything is
// computed of them, so that neither their values nor their derivatives can overflow; rows without any element stay finite.
import type { Node } from "@weft/ir";
import * as n from "../lax/nodes.ts";
import { countNode, largestNode, masked } from "../numpy/moments.ts";

/** Whether a row has any element; null where none is masked. */
const anyOf = (mask: Node | null, axes: readonly number[]): Node | null =>
  mask === null ? null : n.reduce("reduceOr", mask, axes, true);
/** eˣ and its sum along axes, of x less the largest element there, which derivatives take for a constant. */
function shiftedPowers(given: Node, axes: readonly number[], mask: Node | null) {
  const x = masked(given, mask, -Infinity);
  const some = anyOf(mask, axes);
  const largest = n.stopGradient(largestNode(x, axes));
  const shifted = n.sub(x, n.respread(some === null ? largest : n.select(some, largest, 0), x.aval.shape, axes));
  const powers = n.exp(shifted);
  const total = n.reduce("reduceSum", powers, axes, true);
  return { shifted, powers, total: some === null ? total : n.select(some, total, 1) };
}

/** eˣ / Σ eˣ; 0 for masked elements. */
export function softmaxNode(x: Node, axes: readonly number[], mask: Node | null): Node {
  const { powers, total } = shiftedPowers(x, axes, mask);
  return masked(n.div(powers, n.respread(total, x.aval.shape, axes)), mask, 0);
}

/** The logarithm of softmax; −∞ for masked elements. */
export function logSoftmaxNode(x: Node, axes: readonly number[], mask: Node | null): Node {
  const { shifted, total } = shiftedPowers(x, axes, mask);
  return masked(n.sub(shifted, n.respread(n.log(total), x.aval.shape, axes)), mask, -Infinity);
}

/** Σ b·eˣ with kept axes, as the logarithm of its size and as a number of its sign. Where b is 0 nothing counts. */
export function signedLogsumexp(given: Node, axes: readonly number[], b: Node | null, mask: Node | null) {
  const counts = b === null ? null : n.compare("ne", b, 0);
  const x = masked(masked(given, counts, -Infinity), mask, -Infinity);
  const largest = largestNode(x, axes);
  // infinite ones are not taken away: nothing is ∞ − ∞
  const shift = n.stopGradient(n.select(n.isFinite(largest), largest, 0));
  const powers = n.exp(n.sub(x, n.respread(shift, x.aval.shape, axes)));
  const total = n.reduce("reduceSum", b === null ? powers : masked(n.mul(powers, b), mask, 0), axes, true);
  return { log: n.add(n.log(b === null ? total : n.abs(total)), shift), total };
}
/** log Σ b·eˣ, with kept axes; NaN where the sum is negative. */
export function logsumexpNode(x: Node, axes: readonly number[], b: Node | null, mask: Node | null): Node {
  const { log, total } = signedLogsumexp(x, axes, b, mask);
  return b === null ? log : n.select(n.compare("lt", total, 0), NaN, log);
}

/** {@link logsumexpNode} less the logarithm of the number of elements. */
export function logmeanexpNode(x: Node, axes: readonly number[], mask: Node | null): Node {
  const sum = logsumexpNode(x, axes, null, mask);
  const count = countNode(x, axes, mask, true);
  return n.sub(sum, n.log(typeof count === "number" ? n.like(x, count) : count));
}
