// Random differentiable functions over trees of arrays, from lists of numbers: every list gives a valid function of the
// public API, so that fast-check can shrink it. All floats are float64. Results stay bounded: what could grow is put
// through a sine.
import type { NDArray } from "@weft/api";
import { grad, jit, jvp, lax, nn, numpy as np, vmap } from "@weft/api";

/** Three numbers an operation: which one, and its two choices. */
export type Code = readonly (readonly [operation: number, first: number, second: number])[];

/** The arguments of every random function: a tree and a vector. All leaves are float64. */
export interface Params {
  m: NDArray;
  list: [NDArray, NDArray];
}
export interface Out {
  s: NDArray;
  v: NDArray[];
}
export type Func = (p: Params, x: NDArray) => Out;

/** Shapes of m, list[0], list[1] and x. */
export const SHAPES: readonly (readonly number[])[] = [[2, 3], [3], [], [3]];
const MOST = 24;
export const OPERATION_COUNT = 30;

const random = (seed: number) => {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
};

/** An array of float64 in [−1.2, 1.2], without zeros and ties. */
export function draw(seed: number, shape: readonly number[]): NDArray {
  const next = random(seed);
  for (let i = 0; i < 5; i++) next();
  const size = shape.reduce((n, k) => n * k, 1);
  return np.array(Float64Array.from({ length: size }, () => (next() - 0.5) * 2.4)).reshape(shape);
}

/** The leaves of an argument list, in order. */
export const leavesOf = (p: Params, x: NDArray): NDArray[] => [p.m, p.list[0], p.list[1], x];
export const fromLeaves = ([m, a, b, x]: readonly NDArray[]): [Params, NDArray] => [{ m, list: [a, b] }, x];
export const drawLeaves = (seed: number, lead: readonly number[] = []): NDArray[] =>
  SHAPES.map((shape, i) => draw(seed * 7 + i, [...lead, ...shape]));

const UNARY: readonly ((x: NDArray) => NDArray)[] = [
  np.sin,
  np.cos,
  np.tanh,
  nn.sigmoid,
  np.arctan,
  lax.erf,
  nn.softplus,
  nn.gelu,
  nn.silu,
  nn.relu,
  np.abs,
  (x) => np.exp(np.sin(x)),
  (x) => np.log(np.add(1.5, np.sin(x))),
  (x) => np.log1p(np.square(x)),
  (x) => np.sqrt(x.mul(x).add(1)),
  (x) => lax.rsqrt(np.add(np.square(x), 0.5)),
  (x) => np.expm1(np.tanh(x)),
  (x) => np.arcsinh(x),
  (x) => np.sinh(np.sin(x)),
  (x) => np.power(np.add(2, np.cos(x)), -1.5),
  (x) => np.reciprocal(x.mul(x).add(1)),
  (x) => np.sin(x.pow(3)),
  (x) => x.neg(),
  (x) => np.clip(x, -0.7, 0.9),
  (x) => nn.elu(x),
];
const BINARY: readonly ((x: NDArray, y: NDArray) => NDArray)[] = [
  np.add,
  np.subtract,
  (x, y) => np.sin(x.mul(y)),
  np.multiply,
  (x, y) => x.div(y.mul(y).add(1.5)),
  np.maximum,
  np.minimum,
  np.logaddexp,
  (x, y) => np.arctan2(x, y.mul(y).add(1)),
  (x, y) => np.power(np.sin(x).add(1.5), np.cos(y)),
  (x, y) => np.hypot(x, y.add(3)),
  (x, y) => np.where(x.greater(y), np.sin(x), y),
  (x, y) => np.where(x.less(0.1), y, x.mul(2)),
];
type Reduction = (x: NDArray, axis: number | null, keepdims: boolean) => NDArray;
const REDUCTIONS: readonly Reduction[] = [
  (x, axis, keepdims) => x.sum({ axis, keepdims }),
  (x, axis, keepdims) => x.mean({ axis, keepdims }),
  (x, axis, keepdims) => x.max({ axis, keepdims }),
  (x, axis, keepdims) => x.min({ axis, keepdims }),
  (x, axis, keepdims) => np.sin(x.prod({ axis, keepdims })),
  (x, axis, keepdims) => x.var({ axis, keepdims }),
  (x, axis, keepdims) => nn.logsumexp(x, { axis, keepdims }),
];

const broadcasts = (a: readonly number[], b: readonly number[]): boolean => {
  for (let i = 1; i <= Math.min(a.length, b.length); i++) {
    const [m, n] = [a[a.length - i], b[b.length - i]];
    if (m !== n && m !== 1 && n !== 1) return false;
  }
  return true;
};

/** Products of x and y, whichever fit. */
function product(x: NDArray, y: NDArray, second: number): NDArray | null {
  const [k, n] = [x.shape.at(-1), y.shape.at(-1)];
  if (x.ndim === 0 || y.ndim === 0) return null;
  if (x.ndim === 1 && y.ndim === 1 && k === n && second % 2 === 0) return np.dot(x, y);
  if (x.ndim === 1 && y.ndim === 1) return np.outer(x, y);
  if (x.ndim === 2 && y.ndim === 2 && k === n)
    return second % 2 === 0 ? np.matmul(x, y.T) : np.einsum("ij,kj->ki", x, y);
  if (x.ndim === 2 && y.ndim === 2 && x.shape[0] === y.shape[0]) return np.matmul(x.T, y);
  if (k === n && y.ndim === 1) return np.matmul(x, y);
  if (k === n && x.ndim === 1) return np.matmul(y, x);
  return k === n ? np.tensordot(x, y, [[x.ndim - 1], [y.ndim - 1]]) : null;
}

function move(x: NDArray, second: number): NDArray {
  const axis = second % x.ndim;
  const n = x.shape[axis];
  switch (second % 13) {
    case 0:
      return x.ravel();
    case 1:
      return x.T;
    case 2:
      return np.flip(x, axis);
    case 3:
      return x.reshape(-1, 1);
    case 4:
      return np.moveaxis(x, axis, 0);
    case 5:
      return np.pad(x, 1, { constantValues: 0.3 });
    case 6:
      return np.pad(
        x,
        x.shape.map(() => [1, 0]),
        { mode: "edge" },
      );
    case 7:
      return np.roll(x, 1, axis);
    case 8:
      return np.repeat(x, 2, axis);
    case 9:
      return x.expandDims(axis);
    case 10:
      return lax.pad(
        x,
        0.5,
        x.shape.map((size) => [size > 1 ? -1 : 0, 1, 1] as const),
      );
    case 11:
      return np.tile(x, 2);
    default:
      return n > 1 ? np.diff(x, 1, axis) : x.squeeze(axis);
  }
}

function index(x: NDArray, y: NDArray, second: number): NDArray {
  const axis = second % x.ndim;
  const n = x.shape[axis];
  const place = np.argmax(y);
  switch (second % 9) {
    case 0:
      return x.slice(second % x.shape[0]);
    case 1:
      return x.slice([0, x.shape[0], 2]);
    case 2:
      return x.slice([-1, null, -1]);
    case 3:
      return lax.dynamicSliceInDim(x, place, Math.max(1, n - 1), axis);
    case 4:
      return lax.dynamicIndexInDim(x, place, axis, false);
    case 5:
      return np.take(x, place, axis);
    case 6:
      return lax.dynamicUpdateIndexInDim(x, lax.dynamicIndexInDim(x, 0, axis, false).mul(2), place, axis);
    case 7:
      return x.at(0).set(0.25);
    default:
      return x.at(-1).add(y.max());
  }
}

/** Transformations inside the function, with values of all levels outside as captures. */
function nested(x: NDArray, y: NDArray, outer: NDArray, second: number): NDArray {
  const c = y.sum();
  switch (second % 9) {
    case 0:
      return jit((z: NDArray) => np.sin(z).mul(c))(x);
    case 1:
      return jit((z: NDArray) => [z.mul(outer), jit((w: NDArray) => np.sin(w.mul(z)))(c)] as const)(x).reduce((p, q) =>
        p.add(q),
      );
    case 2:
      return grad((z: NDArray) => np.sum(np.sin(z).mul(c).mul(x)))(x);
    case 3:
      return jvp((z: NDArray) => np.sin(z.mul(c)), [x], [np.cos(x)])[1];
    case 4:
      return x.ndim === 0 ? x : vmap((row: NDArray) => np.sin(row.mul(c)).add(outer))(x);
    case 5:
      return x.ndim === 0 ? x : vmap((row: NDArray) => np.sum(row.mul(row)).mul(c), x.ndim - 1)(x);
    case 6:
      return x.ndim === 0
        ? x
        : vmap((row: NDArray) => grad((z: NDArray) => np.sum(np.cos(z.mul(c)).mul(row)))(row.mul(outer)), -1, -1)(x);
    case 7:
      return jit(grad((z: NDArray) => np.sum(jit((w: NDArray) => np.sin(w).mul(z).mul(c))(z))))(x);
    default:
      return x.ndim === 0
        ? x
        : vmap(
            jit((row: NDArray, k: NDArray) => np.tanh(row.sum().mul(k))),
            [0, null],
          )(x, c);
  }
}

/** The function of a code; `outer` is an array it closes over, `note` sees every value that an operation gave. */
export function makeFunction(code: Code, outer: NDArray, note?: (value: NDArray) => void): Func {
  return (p, x) => {
    const pool: NDArray[] = leavesOf(p, x);
    const choose = (at: number): NDArray => pool[pool.length - 1 - (at % pool.length)];
    const push = (made: NDArray | null): void => {
      if (made === null || made.size > MOST || made.size === 0) return;
      if (made.dtype !== "float64") throw new Error(`a function of float64 made ${made.dtype}`);
      pool.push(made);
      note?.(made);
    };
    for (const [operation, first, second] of code) {
      const a = choose(first);
      const b = choose(second);
      switch (operation % OPERATION_COUNT) {
        case 0:
        case 1:
        case 2:
        case 3:
          push(UNARY[second % UNARY.length](a));
          break;
        case 4:
        case 5:
        case 6:
        case 7:
        case 8:
          if (broadcasts(a.shape, b.shape)) push(BINARY[(first + second) % BINARY.length](a, b));
          break;
        case 9:
          push([a.mul(0.7), np.subtract(1.5, a), a.div(3), np.power(a, 2), a.add(-2)][second % 5]);
          break;
        case 10:
        case 11:
        case 12:
          push(
            REDUCTIONS[first % REDUCTIONS.length](a, a.ndim === 0 ? null : [null, 0, -1][second % 3], second % 2 === 0),
          );
          break;
        case 13:
        case 14: {
          const made = product(a, b, second);
          if (made !== null) push(np.sin(made));
          break;
        }
        case 15:
        case 16:
        case 17:
          if (a.ndim > 0) push(move(a, second));
          break;
        case 18:
        case 19:
          if (a.ndim > 0) push(index(a, b, second));
          break;
        case 20:
          if (a.ndim > 0 && a.shape.join() === b.shape.join())
            push(second % 2 === 0 ? np.concatenate([a, b], second % a.ndim) : np.stack([a, b, a], 0));
          break;
        case 21:
        case 22:
          if (a.ndim > 0) push([nn.softmax(a, -1), nn.logSoftmax(a, 0), nn.standardize(a, { axis: 0 })][second % 3]);
          break;
        case 23:
        case 24:
        case 25:
        case 26:
          push(nested(a, b, outer, second));
          break;
        case 27:
          push(np.sin(a.mul(outer).add(np.array([0.5], "float64").sum())));
          break;
        case 28:
          push(
            np
              .add(a, np.where(a.greater(0), 1, 0))
              .mul(np.argmin(b).astype("float64").add(1))
              .mul(0.3),
          );
          break;
        default:
          push(a.ndim === 2 ? (second % 2 === 0 ? np.tril(a) : np.trace(a)) : np.sum([np.sin(a), np.cos(a)], 0));
      }
    }
    const last = pool.slice(-3);
    // fixed but different weights, so that errors of sign and place do not cancel
    const s = pool
      .slice(-5)
      .reduce(
        (sum, y, i) =>
          sum.add(np.sum(np.sin(y.ravel().mul(np.linspace(0.7, 1.3, y.size, { dtype: "float64" })))).mul(1 + i / 3)),
        p.list[1].mul(0.1),
      );
    return { s, v: last };
  };
}
