// Arrays of the float64 reference: floats unrounded, integers and booleans exact, row-major.
import type { Aval } from "../aval.ts";
import { sizeOf } from "../aval.ts";
import type { DType } from "../dtype.ts";

/** A host array of the reference interpreter. */
export interface RefArray {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export const refArray = (dtype: DType, shape: readonly number[], data: ArrayLike<number>): RefArray => ({
  dtype,
  shape,
  data: data instanceof Float64Array ? data : Float64Array.from(data),
});

/** Row-major strides, in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/** Calls `visit` with every index of `shape` in row-major order; the index array is reused. */
export function forEachIndex(shape: readonly number[], visit: (index: readonly number[], flat: number) => void): void {
  const size = sizeOf(shape);
  const index = new Array<number>(shape.length).fill(0);
  for (let flat = 0; flat < size; flat++) {
    visit(index, flat);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
}

/** A new array of `of` whose element at each index comes from `value`. */
export function build(of: Aval, value: (index: readonly number[]) => number): RefArray {
  const data = new Float64Array(of.size);
  forEachIndex(of.shape, (index, flat) => {
    data[flat] = value(index);
  });
  return { dtype: of.dtype, shape: of.shape, data };
}

/** The element at an index. */
export const at = (x: RefArray, index: readonly number[]): number => {
  let flat = 0;
  for (let axis = 0; axis < index.length; axis++) flat = flat * x.shape[axis] + index[axis];
  return x.data[flat];
};
