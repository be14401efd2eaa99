// Derivatives of reductions. A sum spreads its cotangent over the axes it removed; extremes share theirs evenly among
// ties; products multiply by what is left out, without a division.
import type { Node, ReductionPrim } from "@weft/ir";
import { record } from "@weft/ir";
import { b, constant, range } from "../builder.ts";
import { padZero, sliceOf } from "./movement.ts";
import type { JvpRule, TransposeRule } from "./table.ts";

const kept = (rank: number, axes: readonly number[]): number[] => range(rank).filter((axis) => !axes.includes(axis));

/** A reduced array spread over the shape it was reduced from. */
const expand = (reduced: Node, shape: readonly number[], axes: readonly number[]): Node =>
  b.broadcast(reduced, shape, kept(shape.length, axes));

const extreme: JvpRule<"reduceMax" | "reduceMin"> = (node, [t]) => {
  const [x] = node.operands;
  const { axes } = node.params;
  if (t === null) return [null];
  const ties = b.choose(b.compare("eq", x, expand(node, x.aval.shape, axes)), x, 1, 0);
  return [b.div(b.sum(b.mul(t, ties), axes), b.sum(ties, axes))];
};

/**
 * ∂Πx = Σᵢ tᵢ·Π_{j≠i} xⱼ, by a tree of pairs (p, t)·(q, s) = (p·q, t·q + p·s): right also where factors are 0.
 * The reduced axes are flattened into one last axis first.
 */
const product: JvpRule<"reduceProd"> = (node, [tangent]) => {
  if (tangent === null) return [null];
  const [x] = node.operands;
  const { shape } = x.aval;
  const { axes } = node.params;
  const keep = kept(shape.length, axes);
  const outer = keep.map((axis) => shape[axis]);
  let count = axes.reduce((n, axis) => n * shape[axis], 1);
  const flatten = (a: Node): Node => b.reshape(b.transpose(a, [...keep, ...axes]), [...outer, count]);
  let p = flatten(x);
  let t = flatten(tangent);
  if (count === 0) return [null];
  const last = outer.length;
  const part = (a: Node, start: number, size: number): Node =>
    sliceOf(a, [...outer.map(() => 0), start], [...outer, size], [...outer.map(() => 1), 1]);
  while (count > 1) {
    const half = Math.ceil(count / 2);
    const odd = 2 * half - count;
    const hi = [...outer.map(() => 0), odd];
    const none = hi.map(() => 0);
    // an odd length is filled up with the pair (1, 0)
    const q =
      odd === 0
        ? part(p, half, half)
        : record("pad", { lo: none, hi, interior: none }, [part(p, half, count - half), constant(p.aval, 1)]);
    const s = padZero(part(t, half, count - half), none, hi, none);
    const front = part(p, 0, half);
    t = b.add(b.mul(part(t, 0, half), q), b.mul(front, s));
    p = b.mul(front, q);
    count = half;
  }
  return [b.sum(t, [last])];
};

export const REDUCTION_JVPS = {
  reduceSum: "linear",
  reduceProd: product,
  reduceMax: extreme,
  reduceMin: extreme,
  reduceAnd: "zero",
  reduceOr: "zero",
  reduceXor: "zero",
  argmax: "zero",
  argmin: "zero",
} satisfies { readonly [P in ReductionPrim]: JvpRule<P> | "linear" | "zero" };

export const REDUCTION_TRANSPOSES = {
  reduceSum: (node, [ct]) => [ct && expand(ct, node.operands[0].aval.shape, node.params.axes)],
} satisfies { readonly reduceSum: TransposeRule<"reduceSum"> };
