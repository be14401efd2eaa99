// Reduction primitives: folds over axes with a built-in monoid.
import type { Aval } from "../aval.ts";
import { aval, formatAval, withShape } from "../aval.ts";
import { isFloat, isInteger } from "../dtype.ts";
import { IndexError, ShapeError } from "../errors.ts";
import type { MonoidName } from "../kernel.ts";
import type { AxesParams, ReductionParams, ReductionPrim } from "../params.ts";
import type { Linear, PrimRow } from "./row.ts";
import { dtypeError, expectArity, expectAxes, expectAxis } from "./row.ts";

/** A reduction row: its monoid says what it computes. */
export interface ReductionRow<P extends ReductionPrim> extends PrimRow<P> {
  readonly family: "reduction";
  readonly monoid: MonoidName;
}

type Accepts = "numbers" | "any" | "bits";

const accepts = (kind: Accepts, { dtype }: Aval): boolean =>
  kind === "any"
    ? dtype !== "key"
    : kind === "numbers"
      ? isFloat(dtype) || isInteger(dtype)
      : dtype === "bool" || isInteger(dtype);

const without = (x: Aval, axes: readonly number[]): readonly number[] =>
  x.shape.filter((_, axis) => !axes.includes(axis));

function reduction<P extends Exclude<ReductionPrim, "argmax" | "argmin">>(
  prim: P,
  monoid: MonoidName,
  kind: Accepts,
  linear: Linear,
  zero: boolean,
): ReductionRow<P> {
  return {
    family: "reduction",
    monoid,
    linear,
    derivative: zero ? "zero" : "rule",
    infer: (params, operands) => {
      const { axes } = params as AxesParams;
      expectArity(prim, operands, 1);
      const [x] = operands;
      expectAxes(prim, x, axes);
      if (!accepts(kind, x))
        throw dtypeError(
          prim,
          operands,
          kind === "bits" ? "expected bool or integers" : "expected numbers; convert with astype first",
        );
      if ((monoid === "max" || monoid === "min") && axes.some((axis) => x.shape[axis] === 0)) {
        throw new ShapeError(
          `${prim}: ${x.dtype}[${x.shape.join(",")}]: an empty axis has no ${monoid === "max" ? "largest" : "smallest"} element; give initial, or reduce another axis`,
        );
      }
      return withShape(x, without(x, axes));
    },
  };
}

/** How many places int32 tells apart. */
const PLACES = 2 ** 31;

function argReduction<P extends "argmax" | "argmin">(prim: P): ReductionRow<P> {
  return {
    family: "reduction",
    monoid: prim,
    linear: [],
    derivative: "zero",
    infer: ({ axis }, operands) => {
      expectArity(prim, operands, 1);
      const [x] = operands;
      expectAxis(prim, x, axis);
      if (x.dtype === "key") throw dtypeError(prim, operands, "expected numbers or bool");
      if (x.shape[axis] === 0)
        throw new ShapeError(
          `${prim}: ${x.dtype}[${x.shape.join(",")}]: axis ${axis} is empty and has no extreme element`,
        );
      if (x.shape[axis] > PLACES)
        throw new IndexError(
          `${prim}: ${formatAval(x)}: axis ${axis} has ${x.shape[axis]} places, and int32, the dtype of places, ends at ${PLACES - 1}; ` +
            "reshape it into rows and look in each",
        );
      return aval("int32", without(x, [axis]));
    },
  };
}

/** The reduction rows. */
export const REDUCTION = {
  reduceSum: reduction("reduceSum", "sum", "numbers", [0], false),
  reduceProd: reduction("reduceProd", "prod", "numbers", [], false),
  reduceMax: reduction("reduceMax", "max", "any", [], false),
  reduceMin: reduction("reduceMin", "min", "any", [], false),
  reduceAnd: reduction("reduceAnd", "and", "bits", [], true),
  reduceOr: reduction("reduceOr", "or", "bits", [], true),
  reduceXor: reduction("reduceXor", "xor", "bits", [], true),
  argmax: argReduction("argmax"),
  argmin: argReduction("argmin"),
} satisfies { readonly [P in keyof ReductionParams]: ReductionRow<P> };
