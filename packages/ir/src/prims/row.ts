// What one typed row says of a primitive, and the checks that rules share.
import type { Aval } from "../aval.ts";
import { formatAval } from "../aval.ts";
import type { DType } from "../dtype.ts";
import { DTypeError, IndexError, ShapeError } from "../errors.ts";
import type { Lane, ScalarFn } from "../kernel.ts";
import type { ElementwisePrim, Family, ParamsOf, PrimName } from "../params.ts";
import type { Node } from "../node.ts";

/** In which operands a primitive is linear: indices, all of them jointly, or each of two alone. */
export type Linear = readonly number[] | "all" | "bilinear";

/** How it differentiates. zero: its derivative is zero (or its results are not floats). none: refused. */
export type Derivative = "rule" | "zero" | "none";

export interface PrimRow<P extends PrimName> {
  readonly family: Family;
  readonly linear: Linear;
  readonly derivative: Derivative;
  /** Shape-and-dtype rule. Throws the error users see. */
  infer(params: ParamsOf[P], operands: readonly Aval[], slots: readonly number[] | null): Aval | readonly Aval[];
}

/** An elementwise row: everything about it but its derivative (autodiff) and its code (backends). */
export interface ElementwiseRow<P extends ElementwisePrim> extends PrimRow<P> {
  readonly family: "elementwise";
  readonly arity: number;
  readonly dtypes: readonly DType[];
  /** The scalar function it becomes in kernels, or how it is written with other primitives. */
  readonly lower:
    | ((params: ParamsOf[P], lane: Lane) => ScalarFn)
    | { readonly decompose: (params: ParamsOf[P], operands: readonly Node[]) => Node };
  /** Its value in float64 (integers exactly, before wrapping to the dtype). `dtype` is that of the last operand. */
  reference(params: ParamsOf[P], dtype: DType, ...args: number[]): number;
  /** Error bound in units in the last place, by dtype. */
  readonly ulp: { readonly float32: number; readonly float64: number };
}

const list = (operands: readonly Aval[]): string => operands.map(formatAval).join(", ");

export const shapeError = (op: string, operands: readonly Aval[], problem: string): ShapeError =>
  new ShapeError(`${op}: ${list(operands)}: ${problem}`);
export const dtypeError = (op: string, operands: readonly Aval[], problem: string): DTypeError =>
  new DTypeError(`${op}: ${list(operands)}: ${problem}`);

export function expectArity(op: string, operands: readonly Aval[], arity: number): void {
  if (operands.length !== arity)
    throw new ShapeError(`${op}: expected ${arity} operand${arity === 1 ? "" : "s"}, got ${operands.length}`);
}

/** Checks an axis that is already non-negative. */
export function expectAxis(op: string, operand: Aval, axis: number): void {
  if (!Number.isInteger(axis) || axis < 0 || axis >= operand.shape.length) {
    throw new IndexError(
      `${op}: axis ${axis} is out of range for ${formatAval(operand)}, which has ${operand.shape.length} axes`,
    );
  }
}

export function expectAxes(op: string, operand: Aval, axes: readonly number[]): void {
  for (let i = 0; i < axes.length; i++) {
    expectAxis(op, operand, axes[i]);
    if (axes.indexOf(axes[i]) !== i)
      throw new IndexError(`${op}: axis ${axes[i]} is named twice for ${formatAval(operand)}`);
  }
}

export function expectSize(op: string, operands: readonly Aval[], n: number): void {
  if (!Number.isInteger(n) || n < 0) throw shapeError(op, operands, `a size must be a non-negative integer, got ${n}`);
}
