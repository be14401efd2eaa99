// Functions that cases pass to transformations ("@fn.squares"), as passed.py defines them, and views of what in our API
// has another form than in JAX's: structures of trees.
import { numpy as np, ShapeDtypeStruct, tree } from "@weft/api";
import type { NDArray } from "@weft/api";
import type { Anything } from "./surface.ts";

interface Bundle {
  readonly w: NDArray;
  readonly b: NDArray;
}

const FORMS = {
  squares: (x: NDArray) => np.sum(np.multiply(x, x)),
  cubes: (x: NDArray) => np.multiply(np.multiply(x, x), x),
  waves: (x: NDArray) => np.multiply(np.sin(x), np.exp(np.negative(x))),
  product: (a: NDArray, b: NDArray) => np.sum(np.multiply(a, b)),
  ratio: (a: NDArray, b: NDArray) => np.divide(a, np.add(1, np.multiply(b, b))),
  both: (a: NDArray, b: NDArray) => [np.add(a, b), np.multiply(a, b)],
  bundle: ({ w, b }: Bundle) => np.sum(np.multiply(np.sin(w), b)),
  splitUp: (x: NDArray) => ({ first: np.sin(x), second: [np.multiply(x, 2), np.sum(x)] }),
  withAux: (x: NDArray) => [np.sum(np.multiply(x, x)), { double: np.multiply(x, 2) }],
  softened: (x: NDArray) => np.log1p(np.exp(x)),
  linear: (x: NDArray) => np.subtract(np.multiply(x, 3), np.flip(x)),
  dense: (w: NDArray, x: NDArray) => np.sin(np.matmul(w, x)),
  clipped: (x: NDArray) => np.where(np.greater(x, 0), np.multiply(x, x), np.negative(x)),
  power: (x: NDArray, n: number) => np.power(x, n),
  total: (x: NDArray) => np.sum(x, { axis: -1 }),
  add: (a: NDArray | number, b: NDArray | number) =>
    typeof a === "number" && typeof b === "number" ? a + b : np.add(a, b),
  double: (x: NDArray | number) => (typeof x === "number" ? x * 2 : np.multiply(x, 2)),
  negated: (x: NDArray) => np.negative(x),
  difference: (a: NDArray | number, b: NDArray | number) =>
    typeof a === "number" && typeof b === "number" ? a - b : np.subtract(a, b),
  mean: (x: NDArray) => np.mean(x),
};

/** The functions by their names. */
export const FUNCTIONS = FORMS as unknown as { readonly [name: string]: Anything };

const { structure } = tree as unknown as { structure: (like: unknown) => { readonly leaves: number } };
const entriesOf = ([entries]: readonly [unknown, unknown]): unknown => entries;

/** Calls whose arguments or results are structures, with trees in their place, by name. */
export const ADAPTED: { readonly [name: string]: (fn: Anything) => Anything } = {
  // NumPy's resolution is a float32 power of ten, ours a number
  "np.finfo":
    (fn) =>
    (...args) =>
      Object.fromEntries(Object.entries(fn(...args) as object).filter(([name]) => name !== "resolution")),
  // the path and what the function that the case passes makes of the leaf
  "tree.mapWithPath": (fn) => (of, like) => fn((path: unknown, leaf: unknown) => [path, (of as Anything)(leaf)], like),
  "jax.evalShape":
    (fn) =>
    (...args) => {
      const described = (found: unknown): unknown => {
        if (found instanceof ShapeDtypeStruct) return { shape: found.shape, dtype: found.dtype };
        if (Array.isArray(found)) return found.map(described);
        return Object.fromEntries(Object.entries(found as object).map(([name, part]) => [name, described(part)]));
      };
      return described(fn(...args));
    },
  "tree.flatten":
    (fn) =>
    (...args) =>
      entriesOf(fn(...args) as readonly [unknown, unknown]),
  "tree.flattenWithPath":
    (fn) =>
    (...args) =>
      entriesOf(fn(...args) as readonly [unknown, unknown]),
  "tree.structure":
    (fn) =>
    (...args) =>
      (fn(...args) as { readonly leaves: number }).leaves,
  "tree.unflatten": (fn) => (like, leaves) => fn(structure(like), leaves),
  "tree.transpose": (fn) => (outer, inner, of) => fn(structure(outer), structure(inner), of),
};
