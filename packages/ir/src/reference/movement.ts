// The reference of movement and indexing primitives: element by element, as their definitions read.
import type { IndexingParams, MovementParams } from "../params.ts";
import { isFloat } from "../dtype.ts";
import { DTypeError } from "../errors.ts";
import { at, build } from "./array.ts";
import type { Reference } from "./table.ts";

const scratch = new DataView(new ArrayBuffer(8));

function bitcastOne(from: string, to: string, x: number): number {
  if (from === to) return x;
  if (from === "float64" || to === "float64" || from === "bool" || to === "bool")
    throw new DTypeError(`bitcast: ${from} to ${to} has no reference`);
  if (isFloat(from as "float32")) scratch.setFloat32(0, x);
  else scratch.setUint32(0, x >>> 0);
  return to === "float32" ? scratch.getFloat32(0) : to === "int32" ? scratch.getInt32(0) : scratch.getUint32(0);
}

export const MOVEMENT_REFERENCE = {
  bitcast: ({ dtype }, [x], [out]) => ({
    dtype,
    shape: out.shape,
    data: x.data.map((value) => bitcastOne(x.dtype, dtype, value)),
  }),
  reshape: ({ shape }, [x]) => ({ ...x, shape }),
  transpose: ({ perm }, [x], [out]) =>
    build(out, (index) => {
      const from = new Array<number>(perm.length);
      perm.forEach((axis, i) => (from[axis] = index[i]));
      return at(x, from);
    }),
  broadcastInDim: ({ axes }, [x], [out]) =>
    build(out, (index) =>
      at(
        x,
        axes.map((axis) => index[axis]),
      ),
    ),
  flip: ({ axes }, [x], [out]) =>
    build(out, (index) =>
      at(
        x,
        index.map((i, axis) => (axes.includes(axis) ? x.shape[axis] - 1 - i : i)),
      ),
    ),
  slice: ({ strides }, [x], [out], slots) =>
    build(out, (index) =>
      at(
        x,
        index.map((i, axis) => (slots?.[axis] ?? 0) + i * strides[axis]),
      ),
    ),
  pad: ({ lo, interior }, [x, value], [out]) =>
    build(out, (index) => {
      const from: number[] = [];
      for (let axis = 0; axis < index.length; axis++) {
        const place = index[axis] - lo[axis];
        const i = place / (interior[axis] + 1);
        if (place < 0 || !Number.isInteger(i) || i >= x.shape[axis]) return value.data[0];
        from.push(i);
      }
      return at(x, from);
    }),
  concatenate: ({ axis }, operands, [out]) =>
    build(out, (index) => {
      let place = index[axis];
      for (const operand of operands) {
        if (place < operand.shape[axis]) return at(operand, index.with(axis, place));
        place -= operand.shape[axis];
      }
      return NaN;
    }),
} satisfies { readonly [P in keyof MovementParams]: Reference<P> };

export const INDEXING_REFERENCE = {
  dynamicSlice: ({ sizes, batch }, [x, ...starts], [out]) =>
    build(out, (index) => {
      const outer = index.slice(0, batch);
      const from = index
        .slice(batch)
        .map((i, axis) => i + Math.min(Math.max(at(starts[axis], outer), 0), x.shape[batch + axis] - sizes[axis]));
      return at(x, [...outer, ...from]);
    }),
} satisfies { readonly [P in keyof IndexingParams]: Reference<P> };
