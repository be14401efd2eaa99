// Movement primitives: views that compute nothing. Sizes are checked here; slice starts are already clamped.
import type { Aval } from "../aval.ts";
import { aval, formatAval, sameShape, sizeOf, withShape } from "../aval.ts";
import { DTYPES } from "../dtype.ts";
import { IndexError } from "../errors.ts";
import type { MovementParams, ParamsOf } from "../params.ts";
import type { PrimRow } from "./row.ts";
import { dtypeError, expectArity, expectAxes, expectAxis, expectSize, shapeError } from "./row.ts";

const view = { family: "movement", linear: [0], derivative: "rule" } as const;

function inferSlice(
  { sizes, strides }: ParamsOf["slice"],
  operands: readonly Aval[],
  slots: readonly number[] | null,
): Aval {
  expectArity("slice", operands, 1);
  const [x] = operands;
  const starts = slots ?? [];
  if (sizes.length !== x.shape.length || strides.length !== x.shape.length || starts.length !== x.shape.length) {
    throw shapeError(
      "slice",
      operands,
      `expected one start, size and stride for each of ${x.shape.length} axes, got ${starts.length}, ${sizes.length} and ${strides.length}`,
    );
  }
  for (let axis = 0; axis < sizes.length; axis++) {
    const n = x.shape[axis];
    expectSize("slice", operands, sizes[axis]);
    const last = starts[axis] + (sizes[axis] - 1) * strides[axis];
    if (!(Number.isInteger(strides[axis]) && strides[axis] >= 1))
      throw shapeError("slice", operands, `strides must be positive integers, got [${strides.join(",")}]`);
    if (!Number.isInteger(starts[axis]) || (sizes[axis] > 0 && (starts[axis] < 0 || last >= n))) {
      throw new IndexError(
        `slice: ${formatAval(x)}: elements ${starts[axis]} to ${last} of axis ${axis} are out of range for size ${n}`,
      );
    }
  }
  return withShape(x, sizes);
}

function inferConcatenate({ axis }: ParamsOf["concatenate"], operands: readonly Aval[]): Aval {
  if (operands.length === 0) throw shapeError("concatenate", operands, "expected at least one array");
  const [first] = operands;
  if (operands.some(({ shape }) => shape.length !== first.shape.length))
    throw shapeError("concatenate", operands, "expected as many axes of all");
  expectAxis("concatenate", first, axis);
  let total = 0;
  let weak = true;
  for (const operand of operands) {
    if (operand.dtype !== first.dtype)
      throw dtypeError("concatenate", operands, "expected one dtype; convert with astype first");
    if (operand.shape.some((n, i) => i !== axis && n !== first.shape[i]))
      throw shapeError("concatenate", operands, `expected equal sizes on every axis but ${axis}`);
    total += operand.shape[axis];
    weak &&= operand.weakness === "weak";
  }
  return aval(first.dtype, first.shape.with(axis, total), weak ? "weak" : "strong");
}

function inferPad({ lo, hi, interior }: ParamsOf["pad"], operands: readonly Aval[]): Aval {
  expectArity("pad", operands, 2);
  const [x, value] = operands;
  if (value.shape.length !== 0) throw shapeError("pad", operands, "the padding value must have rank 0");
  if (value.dtype !== x.dtype) throw dtypeError("pad", operands, "the padding value must have the array's dtype");
  const rank = x.shape.length;
  if (lo.length !== rank || hi.length !== rank || interior.length !== rank)
    throw shapeError("pad", operands, `expected ${rank} entries in lo, hi and interior`);
  const shape = x.shape.map((n, i) => {
    if (!(interior[i] >= 0))
      throw shapeError("pad", operands, `interior padding must not be negative, got ${interior[i]}`);
    const size = lo[i] + hi[i] + n + Math.max(n - 1, 0) * interior[i];
    if (!(size >= 0)) throw shapeError("pad", operands, `axis ${i} would have ${size} elements`);
    return size;
  });
  return withShape(x, shape);
}

/** The movement rows. */
export const MOVEMENT = {
  bitcast: {
    family: "movement",
    linear: [],
    // bits are no function of the reals; JAX gives zero, so that copysign and friends differentiate
    derivative: "zero",
    infer: ({ dtype }, operands) => {
      expectArity("bitcast", operands, 1);
      const [x] = operands;
      if (DTYPES[x.dtype].bytes !== DTYPES[dtype].bytes || x.dtype === "key" || dtype === "key") {
        throw dtypeError(
          "bitcast",
          operands,
          `${dtype} has another width; expected ${DTYPES[x.dtype].bytes} bytes an element`,
        );
      }
      return aval(dtype, x.shape);
    },
  },
  reshape: {
    ...view,
    infer: ({ shape }, operands) => {
      expectArity("reshape", operands, 1);
      for (const n of shape) expectSize("reshape", operands, n);
      if (sizeOf(shape) !== operands[0].size)
        throw shapeError(
          "reshape",
          operands,
          `${operands[0].size} elements do not fill shape [${shape.join(",")}], which has ${sizeOf(shape)}`,
        );
      return withShape(operands[0], shape);
    },
  },
  transpose: {
    ...view,
    infer: ({ perm }, operands) => {
      expectArity("transpose", operands, 1);
      const [x] = operands;
      if (perm.length !== x.shape.length)
        throw shapeError("transpose", operands, `[${perm.join(",")}] is no permutation of ${x.shape.length} axes`);
      expectAxes("transpose", x, perm);
      return withShape(
        x,
        perm.map((axis) => x.shape[axis]),
      );
    },
  },
  broadcastInDim: {
    ...view,
    infer: ({ shape, axes }, operands) => {
      expectArity("broadcastInDim", operands, 1);
      const [x] = operands;
      for (const n of shape) expectSize("broadcastInDim", operands, n);
      const fits =
        axes.length === x.shape.length &&
        axes.every(
          (axis, i) =>
            axis >= 0 && axis < shape.length && (i === 0 || axis > axes[i - 1]) && shape[axis] === x.shape[i],
        );
      if (!fits)
        throw shapeError(
          "broadcastInDim",
          operands,
          `its axes [${axes.join(",")}] do not fit shape [${shape.join(",")}]`,
        );
      return sameShape(shape, x.shape) ? x : withShape(x, shape);
    },
  },
  flip: {
    ...view,
    infer: ({ axes }, operands) => {
      expectArity("flip", operands, 1);
      expectAxes("flip", operands[0], axes);
      return operands[0];
    },
  },
  slice: { ...view, infer: inferSlice },
  pad: { ...view, linear: [0, 1], infer: inferPad },
  concatenate: { ...view, linear: "all", infer: inferConcatenate },
} satisfies { readonly [P in keyof MovementParams]: PrimRow<P> };
