// The reference of reductions and contractions. Sums are compensated (Neumaier 1974), so that the reference errs
// by about one float64 rounding whatever the length.
import { freeAxes } from "../prims/contraction.ts";
import type { MonoidName } from "../kernel.ts";
import type { ContractionParams, ReductionParams, ReductionPrim } from "../params.ts";
import { isFloat } from "../dtype.ts";
import { wrap } from "../prims/scalar-reference.ts";
import type { RefArray } from "./array.ts";
import { build, forEachIndex, stridesOf } from "./array.ts";
import type { Reference } from "./table.ts";

type PlainMonoid = Exclude<MonoidName, "argmax" | "argmin">;

const COMBINE = {
  sum: (a, b) => a + b,
  prod: (a, b) => a * b,
  max: (a, b) => Math.max(a, b),
  min: (a, b) => Math.min(a, b),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
} as const satisfies Record<PlainMonoid, (a: number, b: number) => number>;

const identity = (monoid: PlainMonoid, x: RefArray): number => {
  switch (monoid) {
    case "prod":
      return 1;
    case "and":
      return x.dtype === "bool" ? 1 : -1;
    case "max":
      return -Infinity;
    case "min":
      return Infinity;
    default:
      return 0;
  }
};

/** Splits the elements of x by the index of the result: kept axes in order, flat. */
function groups(
  x: RefArray,
  axes: readonly number[],
  size: number,
  visit: (group: number, value: number, index: readonly number[]) => void,
): number {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const strides = stridesOf(kept.map((axis) => x.shape[axis]));
  forEachIndex(x.shape, (index, flat) => {
    let group = 0;
    kept.forEach((axis, i) => (group += index[axis] * strides[i]));
    visit(group, x.data[flat], index);
  });
  return size;
}

const fold =
  (monoid: PlainMonoid): Reference<Exclude<ReductionPrim, "argmax" | "argmin">> =>
  ({ axes }, [x], [out]) => {
    const data = new Float64Array(out.size).fill(identity(monoid, x));
    const lost = new Float64Array(out.size);
    const floats = isFloat(x.dtype);
    groups(x, axes, out.size, (group, value) => {
      const before = data[group];
      if (monoid === "sum" && floats) {
        const sum = before + value;
        // the branch keeps infinities out of the compensation
        if (Number.isFinite(sum))
          lost[group] += Math.abs(before) >= Math.abs(value) ? before - sum + value : value - sum + before;
        data[group] = sum;
      } else if (monoid === "prod" && !floats) data[group] = Math.imul(before, value);
      else data[group] = COMBINE[monoid](before, value);
    });
    for (let i = 0; i < data.length; i++)
      data[i] = wrap(x.dtype, monoid === "sum" && Number.isFinite(data[i]) ? data[i] + lost[i] : data[i]);
    return { dtype: out.dtype, shape: out.shape, data };
  };

const argFold =
  (beats: (value: number, best: number) => boolean): Reference<"argmax" | "argmin"> =>
  ({ axis }, [x], [out]) => {
    const best = new Float64Array(out.size).fill(NaN);
    const found = new Float64Array(out.size).fill(-1);
    groups(x, [axis], out.size, (group, value, index) => {
      const wins =
        found[group] < 0 || (!Number.isNaN(best[group]) && (Number.isNaN(value) || beats(value, best[group])));
      if (!wins) return;
      best[group] = value;
      found[group] = index[axis];
    });
    return { dtype: out.dtype, shape: out.shape, data: found };
  };

export const REDUCTION_REFERENCE = {
  reduceSum: fold("sum"),
  reduceProd: fold("prod"),
  reduceMax: fold("max"),
  reduceMin: fold("min"),
  reduceAnd: fold("and"),
  reduceOr: fold("or"),
  reduceXor: fold("xor"),
  argmax: argFold((value, best) => value > best),
  argmin: argFold((value, best) => value < best),
} satisfies { readonly [P in keyof ReductionParams]: Reference<P> };

export const CONTRACTION_REFERENCE = {
  dotGeneral: ({ contract, batch }, [lhs, rhs], [out]) => {
    const freeLhs = freeAxes(lhs.shape.length, contract[0], batch[0]);
    const freeRhs = freeAxes(rhs.shape.length, contract[1], batch[1]);
    const strides = [stridesOf(lhs.shape), stridesOf(rhs.shape)];
    const shared = contract[0].map((axis) => lhs.shape[axis]);
    const exact = !isFloat(lhs.dtype);
    return build(out, (index) => {
      let left = 0;
      let right = 0;
      let at = 0;
      batch[0].forEach((axis, i) => {
        left += index[at] * strides[0][axis];
        right += index[at++] * strides[1][batch[1][i]];
      });
      for (const axis of freeLhs) left += index[at++] * strides[0][axis];
      for (const axis of freeRhs) right += index[at++] * strides[1][axis];
      let sum = 0;
      forEachIndex(shared, (k) => {
        let l = left;
        let r = right;
        contract[0].forEach((axis, i) => {
          l += k[i] * strides[0][axis];
          r += k[i] * strides[1][contract[1][i]];
        });
        sum = exact ? (sum + Math.imul(lhs.data[l], rhs.data[r])) | 0 : sum + lhs.data[l] * rhs.data[r];
      });
      return wrap(out.dtype, sum);
    });
  },
} satisfies { readonly [P in keyof ContractionParams]: Reference<P> };
