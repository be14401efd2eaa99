// Abstract values: dtype, shape and weakness of an array, interned so that equality is `===`.
import type { DType } from "./dtype.ts";
import { bytesOf } from "./dtype.ts";
import { ShapeError } from "./errors.ts";

/**
 * How firmly a dtype is meant. `weak` dtypes yield to others in promotion, as Python scalars do in JAX.
 * `integer` and `real` are placeholders of kind *number* (a JS number argument of a traced function):
 * a float64 scalar that takes its dtype from the array it meets.
 */
export type Weakness = "strong" | "weak" | "integer" | "real";

/** What is known of an array without its data. Interned by {@link aval}: compare with `===`. */
export interface Aval {
  readonly id: number;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly weakness: Weakness;
  /** Number of elements. */
  readonly size: number;
}

const interned = new Map<string, Aval>();

/** The one Aval of this dtype, shape and weakness. Throws ShapeError for more elements than can be counted. */
export function aval(dtype: DType, shape: readonly number[], weakness: Weakness = "strong"): Aval {
  const key = `${dtype}${weakness === "strong" ? "" : weakness}[${shape.join(",")}]`;
  let found = interned.get(key);
  if (found === undefined) {
    let size = 1;
    for (const n of shape) size *= n;
    if (size > Number.MAX_SAFE_INTEGER)
      throw new ShapeError(`shape [${shape.join(",")}] has more elements than an array can have`);
    found = Object.freeze({ id: interned.size + 1, dtype, shape: Object.freeze([...shape]), weakness, size });
    interned.set(key, found);
  }
  return found;
}

export const isNumberKind = (a: Aval): boolean => a.weakness === "integer" || a.weakness === "real";
export const withShape = (a: Aval, shape: readonly number[]): Aval => aval(a.dtype, shape, a.weakness);
export const nbytes = (a: Aval): number => a.size * bytesOf(a.dtype);

/** `float32[3,4]`, with `*` after a weak dtype: how every message names an operand. */
export const formatAval = (a: Aval): string =>
  `${isNumberKind(a) ? "number" : a.dtype}${a.weakness === "weak" ? "*" : ""}[${a.shape.join(",")}]`;

export const sameShape = (a: readonly number[], b: readonly number[]): boolean => {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};

export const sizeOf = (shape: readonly number[]): number => {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
};
