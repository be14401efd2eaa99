// Movement primitives are linear: their jvp is themselves, and here is what undoes each of them.
import type { MovementPrim, Node } from "@weft/ir";
import { aval, literal, record } from "@weft/ir";
import { b, constant, range } from "../builder.ts";
import type { TransposeRule } from "./table.ts";

/** lax.pad with a zero. */
export const padZero = (x: Node, lo: readonly number[], hi: readonly number[], interior: readonly number[]): Node =>
  [...lo, ...hi, ...interior].every((n) => n === 0) ? x : record("pad", { lo, hi, interior }, [x, constant(x.aval, 0)]);

export const sliceOf = (
  x: Node,
  starts: readonly number[],
  sizes: readonly number[],
  strides: readonly number[],
): Node =>
  starts.every((start, axis) => start === 0 && strides[axis] === 1 && sizes[axis] === x.aval.shape[axis])
    ? x
    : record("slice", { sizes, strides }, [x], starts);

/** The part of ct that lies where pad put x: pad's transpose in x. Negative padding cut elements off: those are 0. */
function unpad(ct: Node, shape: readonly number[], lo: readonly number[], interior: readonly number[]): Node {
  // negative lo and hi first: bring back what the pad dropped
  const full = shape.map((n, axis) => n + Math.max(n - 1, 0) * interior[axis]);
  const before = lo.map((n) => Math.max(-n, 0));
  const after = full.map((n, axis) => Math.max(n + lo[axis] - ct.aval.shape[axis], 0));
  const whole = padZero(
    ct,
    before,
    after,
    shape.map(() => 0),
  );
  const starts = lo.map((n) => Math.max(n, 0));
  return sliceOf(
    whole,
    shape.map((n, axis) => (n === 0 ? 0 : starts[axis])),
    shape,
    interior.map((n) => n + 1),
  );
}

export const MOVEMENT_TRANSPOSES = {
  bitcast: "none",
  reshape: ({ operands: [x] }, [ct]) => [ct && b.reshape(ct, x.aval.shape)],
  transpose: ({ params: { perm } }, [ct]) => {
    const inverse = new Array<number>(perm.length);
    perm.forEach((axis, i) => (inverse[axis] = i));
    return [ct && b.transpose(ct, inverse)];
  },
  broadcastInDim: ({ params: { shape, axes } }, [ct]) => [
    ct &&
      b.sum(
        ct,
        range(shape.length).filter((axis) => !axes.includes(axis)),
      ),
  ],
  flip: ({ params }, [ct]) => [ct && record("flip", params, [ct])],
  // a strided slice leaves interior gaps: slice[start + i·stride] ← pad by start, with stride − 1 between
  slice: ({ operands: [x], params: { sizes, strides }, slots }, [ct]) => {
    if (ct === null) return [null];
    const starts = slots ?? [];
    const reach = sizes.map((n, axis) => (n === 0 ? 0 : (n - 1) * strides[axis] + 1));
    const lo = sizes.map((n, axis) => (n === 0 ? 0 : starts[axis]));
    return [
      padZero(
        ct,
        lo,
        x.aval.shape.map((n, axis) => n - lo[axis] - reach[axis]),
        strides.map((stride) => stride - 1),
      ),
    ];
  },
  pad: ({ operands: [x, value], params: { lo, interior } }, [ct], linear) => {
    if (ct === null) return [null, null];
    const inner = unpad(ct, x.aval.shape, lo, interior);
    const all = (node: Node): Node => b.sum(node, range(node.aval.shape.length));
    // the value's cotangent is what the array's own places do not take
    return [linear[0] ? inner : null, linear[1] ? b.sub(all(ct), all(inner)) : null].map(
      (part, i) => part && b.convert(part, [x, value][i].aval),
    );
  },
  concatenate: ({ operands, params: { axis } }, [ct], linear) => {
    let start = 0;
    return operands.map((operand, i) => {
      const from = start;
      start += operand.aval.shape[axis];
      if (ct === null || !linear[i]) return null;
      const { shape } = operand.aval;
      return sliceOf(
        ct,
        shape.map((_, a) => (a === axis ? from : 0)),
        shape,
        shape.map(() => 1),
      );
    });
  },
} satisfies { readonly [P in MovementPrim]: TransposeRule<P> | "none" };

/** A bool array that is true where pad keeps its operand. */
export const padMask = (
  shape: readonly number[],
  lo: readonly number[],
  hi: readonly number[],
  interior: readonly number[],
): Node => {
  const bool = aval("bool", []);
  return record("pad", { lo, hi, interior }, [b.broadcast(literal(bool, 1), shape, []), literal(bool, 0)]);
};
