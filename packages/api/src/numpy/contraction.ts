// Products of arrays. All become dotGeneral; batch axes of size 1 or missing stay free axes, so that a matrix times a
// stack of matrices is one product and not a broadcast.
import type { DType, Node } from "@weft/ir";
import { formatAval, IndexError, ShapeError } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { broadcastNodes, broadcastTo, checkAxis, options, promoteAll, toNode, wrap } from "../core/convert.ts";
import type { Trailing } from "../core/options.ts";
import * as n from "../lax/nodes.ts";
import { dotNode } from "../lax/products.ts";
import { diagonalNode } from "./diagonal.ts";

type Binary = (x: ArrayLike, y: ArrayLike) => NDArray;

const product = (x: Node, y: Node): Node => (x.aval.dtype === "bool" ? n.and(x, y) : n.mul(x, y));
/** Two operands of one dtype, not broadcast. */
const operands = (op: string, x: ArrayLike, y: ArrayLike): readonly Node[] => promoteAll(op, [x, y]);
const mismatch = (op: string, x: Node, y: Node, m: number, k: number): ShapeError =>
  new ShapeError(
    `${op}: ${formatAval(x.aval)}, ${formatAval(y.aval)}: the contracted axes must have equal sizes, got ${m} and ${k}`,
  );
const NONE: readonly number[] = [];

/**
 * x [..., m, k] × y [..., k, n] → [..., m, n]; leading axes broadcast. Also [k] × [..., k, n] and [..., m, k] × [k].
 * Throws ShapeError for rank 0 and for sizes that do not fit.
 * @example np.matmul(weights, inputs)
 */
export function matmul(x: ArrayLike, y: ArrayLike): NDArray {
  const [a, b] = operands("matmul", x, y);
  return wrap(matmulNode("matmul", a, b));
}
function matmulNode(op: string, a: Node, b: Node): Node {
  const [s, t] = [a.aval.shape, b.aval.shape];
  if (s.length === 0 || t.length === 0)
    throw new ShapeError(
      `${op}: ${formatAval(a.aval)}, ${formatAval(b.aval)}: expected arrays with 1 axis or more; use np.multiply for numbers`,
    );
  const [ka, kb] = [s.length - 1, Math.max(t.length - 2, 0)];
  if (s[ka] !== t[kb]) throw mismatch(op, a, b, s[ka], t[kb]);
  if (s.length <= 2 && t.length <= 2) return dotNode({ contract: [[ka], [kb]], batch: [NONE, NONE] }, a, b);
  return batchedMatmul(op, a, b);
}

/** matmul with leading axes: what both have is batch, what one has (the other has none or 1) is a free axis. */
function batchedMatmul(op: string, a: Node, b: Node): Node {
  const [s, t] = [a.aval.shape, b.aval.shape];
  const lead = [Math.max(s.length - 2, 0), Math.max(t.length - 2, 0)];
  const count = Math.max(...lead);
  const sizes = Array.from({ length: count }, (_, i) =>
    [0, 1].map((side) => (i - (count - lead[side]) >= 0 ? [s, t][side][i - (count - lead[side])] : 1)),
  );
  const outer = sizes.map(([p, q]) => {
    if (p !== q && p !== 1 && q !== 1)
      throw new ShapeError(`${op}: ${formatAval(a.aval)}, ${formatAval(b.aval)}: the leading axes do not broadcast`);
    return p === 1 ? q : p;
  });
  const kinds = sizes.map(([p, q]) => (p === 1 && q === 1 ? "one" : p === q ? "both" : q === 1 ? "a" : "b"));
  const of = (kind: string): number[] => kinds.flatMap((own, i) => (own === kind ? [i] : []));
  const strip = (x: Node, side: 0 | 1): Node => {
    const own = x.aval.shape;
    const kept = own.filter((_, axis) => {
      if (axis >= lead[side]) return true;
      const kind = kinds[axis + count - lead[side]];
      return kind === "both" || kind === (side === 0 ? "a" : "b");
    });
    return n.reshape(x, kept);
  };
  const [p, q] = [strip(a, 0), strip(b, 1)];
  const places = (side: 0 | 1): readonly number[] =>
    kinds.flatMap((kind, i) => (kind === "both" || kind === (side === 0 ? "a" : "b") ? [i] : []));
  const batch = [0, 1].map((side) => places(side as 0 | 1).flatMap((i, axis) => (kinds[i] === "both" ? [axis] : [])));
  const [ka, kb] = [p.aval.shape.length - 1, t.length === 1 ? q.aval.shape.length - 1 : q.aval.shape.length - 2];
  const result = dotNode({ contract: [[ka], [kb]], batch: [batch[0], batch[1]] }, p, q);
  // result axes: both, a's own, m?, b's own, n?
  const m = s.length > 1 ? ["m"] : [];
  const columns = t.length > 1 ? ["n"] : [];
  const order: (number | string)[] = [...of("both"), ...of("a"), ...m, ...of("b"), ...columns];
  const wanted: (number | string)[] = [...kinds.flatMap((kind, i) => (kind === "one" ? [] : [i])), ...m, ...columns];
  const moved = n.transpose(
    result,
    wanted.map((axis) => order.indexOf(axis)),
  );
  return n.reshape(moved, [
    ...outer,
    ...(s.length > 1 ? [s[s.length - 2]] : []),
    ...(t.length > 1 ? [t[t.length - 1]] : []),
  ]);
}

/** The product of NumPy's dot: of numbers, of vectors, of matrices; else over x's last and y's second-to-last axis. */
export function dot(x: ArrayLike, y: ArrayLike): NDArray {
  const [a, b] = operands("dot", x, y);
  const [s, t] = [a.aval.shape, b.aval.shape];
  if (s.length === 0 || t.length === 0) return wrap(product(a, b));
  const [ka, kb] = [s.length - 1, Math.max(t.length - 2, 0)];
  if (s[ka] !== t[kb]) throw mismatch("dot", a, b, s[ka], t[kb]);
  return wrap(dotNode({ contract: [[ka], [kb]], batch: [NONE, NONE] }, a, b));
}

export type TensordotAxes = number | readonly [number | readonly number[], number | readonly number[]];
/** The product summed over axes: the last n of x with the first n of y, or the lists [axes of x, axes of y]. */
export function tensordot(
  x: ArrayLike,
  y: ArrayLike,
  ...rest: Trailing<[axes: TensordotAxes], { axes?: TensordotAxes }>
): NDArray {
  const { axes = 2 } = options<{ axes?: TensordotAxes }>("tensordot", ["axes"], rest);
  const [a, b] = operands("tensordot", x, y);
  const [s, t] = [a.aval.shape, b.aval.shape];
  let contract: [number[], number[]];
  if (typeof axes === "number") {
    if (!Number.isInteger(axes) || axes < 0 || axes > Math.min(s.length, t.length))
      throw new IndexError(
        `tensordot: ${formatAval(a.aval)}, ${formatAval(b.aval)}: ${axes} axes cannot be contracted`,
      );
    contract = [Array.from({ length: axes }, (_, i) => s.length - axes + i), Array.from({ length: axes }, (_, i) => i)];
  } else {
    const list = (own: number | readonly number[], rank: number): number[] =>
      (typeof own === "number" ? [own] : [...own]).map((axis) => checkAxis("tensordot", axis, rank));
    contract = [list(axes[0], s.length), list(axes[1], t.length)];
    if (contract[0].length !== contract[1].length)
      throw new IndexError(
        `tensordot: ${contract[0].length} axes of the first for ${contract[1].length} of the second`,
      );
  }
  contract[0].forEach((axis, i) => {
    if (s[axis] !== t[contract[1][i]]) throw mismatch("tensordot", a, b, s[axis], t[contract[1][i]]);
  });
  return wrap(dotNode({ contract, batch: [NONE, NONE] }, a, b));
}

/** The product over the last axes of both. */
export function inner(x: ArrayLike, y: ArrayLike): NDArray {
  const [a, b] = operands("inner", x, y);
  const [s, t] = [a.aval.shape, b.aval.shape];
  if (s.length === 0 || t.length === 0) return wrap(product(a, b));
  if (s[s.length - 1] !== t[t.length - 1]) throw mismatch("inner", a, b, s[s.length - 1], t[t.length - 1]);
  return wrap(dotNode({ contract: [[s.length - 1], [t.length - 1]], batch: [NONE, NONE] }, a, b));
}
/** All products of an element of x with one of y, both flat: [m, n]. */
export function outer(x: ArrayLike, y: ArrayLike): NDArray {
  const [a, b] = operands("outer", x, y);
  const shape = [a.aval.size, b.aval.size];
  const rows = n.broadcastInDim(n.reshape(a, [shape[0]]), shape, [0]);
  return wrap(product(rows, n.broadcastInDim(n.reshape(b, [shape[1]]), shape, [1])));
}
/** The product of both arrays, flat. Throws ShapeError for different sizes. */
export function vdot(x: ArrayLike, y: ArrayLike): NDArray {
  const [a, b] = operands("vdot", x, y);
  if (a.aval.size !== b.aval.size) throw mismatch("vdot", a, b, a.aval.size, b.aval.size);
  return wrap(
    dotNode({ contract: [[0], [0]], batch: [NONE, NONE] }, n.reshape(a, [a.aval.size]), n.reshape(b, [b.aval.size])),
  );
}
const lastAxis = (op: string, x: Node, axis: number): Node => {
  const rank = x.aval.shape.length;
  const at = checkAxis(op, axis, rank);
  const rest = Array.from({ length: rank }, (_, i) => i).filter((i) => i !== at);
  return n.transpose(x, [...rest, at]);
};
/** Products of vectors along an axis; the other axes broadcast. */
export function vecdot(x: ArrayLike, y: ArrayLike, ...rest: Trailing<[axis: number], { axis?: number }>): NDArray {
  const { axis = -1 } = options<{ axis?: number }>("vecdot", ["axis"], rest);
  const [a, b] = operands("vecdot", x, y).map((node) => lastAxis("vecdot", node, axis));
  const row = n.reshape(a, [...a.aval.shape.slice(0, -1), 1, a.aval.shape[a.aval.shape.length - 1]]);
  const column = n.reshape(b, [...b.aval.shape, 1]);
  const result = matmulNode("vecdot", row, column);
  return wrap(n.reshape(result, result.aval.shape.slice(0, -2)));
}
/** Matrices [..., m, k] times vectors [..., k]. */
export const matvec: Binary = (x, y) => {
  const [a, b] = operands("matvec", x, y);
  const result = matmulNode("matvec", a, n.reshape(b, [...b.aval.shape, 1]));
  return wrap(n.reshape(result, result.aval.shape.slice(0, -1)));
};
/** Vectors [..., k] times matrices [..., k, n]. */
export const vecmat: Binary = (x, y) => {
  const [a, b] = operands("vecmat", x, y);
  const { shape } = a.aval;
  const result = matmulNode("vecmat", n.reshape(a, [...shape.slice(0, -1), 1, ...shape.slice(-1)]), b);
  return wrap(n.reshape(result, result.aval.shape.toSpliced(-2, 1)));
};
/** Every element of x times all of y, laid out as blocks. */
export const kron: Binary = (x, y) => {
  const [a, b] = operands("kron", x, y);
  const rank = Math.max(a.aval.shape.length, b.aval.shape.length);
  const full = (node: Node): number[] => [
    ...new Array<number>(rank - node.aval.shape.length).fill(1),
    ...node.aval.shape,
  ];
  const [s, t] = [full(a), full(b)];
  const wide = s.flatMap((size, axis) => [size, t[axis]]);
  const left = n.broadcastInDim(
    n.reshape(a, s),
    wide,
    s.map((_, axis) => 2 * axis),
  );
  const right = n.broadcastInDim(
    n.reshape(b, t),
    wide,
    t.map((_, axis) => 2 * axis + 1),
  );
  return wrap(
    n.reshape(
      product(left, right),
      s.map((size, axis) => size * t[axis]),
    ),
  );
};

interface DiagonalOptions {
  offset?: number;
  axis1?: number;
  axis2?: number;
}
/** The diagonal of two axes, as a last axis. */
export function diagonal(
  x: ArrayLike,
  ...rest: Trailing<[offset: number, axis1: number, axis2: number], DiagonalOptions>
): NDArray {
  const { offset = 0, axis1 = 0, axis2 = 1 } = options<DiagonalOptions>("diagonal", ["offset", "axis1", "axis2"], rest);
  return wrap(diagonalNode("diagonal", toNode("diagonal", x), offset, axis1, axis2));
}
/** The sum of the diagonal; bool widens to int32. */
export function trace(
  x: ArrayLike,
  ...rest: Trailing<
    [offset: number, axis1: number, axis2: number, dtype: DType | null],
    DiagonalOptions & { dtype?: DType | null }
  >
): NDArray {
  const {
    offset = 0,
    axis1 = 0,
    axis2 = 1,
    dtype = null,
  } = options<DiagonalOptions & { dtype?: DType | null }>("trace", ["offset", "axis1", "axis2", "dtype"], rest);
  const node = toNode("trace", x, dtype ?? undefined);
  const line = diagonalNode(
    "trace",
    node.aval.dtype === "bool" ? n.convert(node, "int32") : node,
    offset,
    axis1,
    axis2,
  );
  return wrap(n.reduce("reduceSum", line, [line.aval.shape.length - 1]));
}

export interface CrossOptions {
  axisa?: number;
  axisb?: number;
  axisc?: number;
  axis?: number | null;
}
/** The cross product of vectors of 2 or 3 elements along an axis; of two 2-vectors, its third element. */
export function cross(
  x: ArrayLike,
  y: ArrayLike,
  ...rest: Trailing<[axisa: number, axisb: number, axisc: number, axis: number | null], CrossOptions>
): NDArray {
  const {
    axisa = -1,
    axisb = -1,
    axisc = -1,
    axis = null,
  } = options<CrossOptions>("cross", ["axisa", "axisb", "axisc", "axis"], rest);
  const [a, b] = operands("cross", x, y).map((node, i) => lastAxis("cross", node, axis ?? [axisa, axisb][i]));
  const sizes = [a, b].map((node) => node.aval.shape[node.aval.shape.length - 1]);
  if (sizes.some((size) => size !== 2 && size !== 3))
    throw new ShapeError(`cross: ${formatAval(a.aval)}, ${formatAval(b.aval)}: expected vectors of 2 or 3 elements`);
  const part = (node: Node, i: number): Node => {
    const last = node.aval.shape.length - 1;
    return n.reshape(n.sliceAxis(node, last, i, 1), node.aval.shape.slice(0, -1));
  };
  const [[a0, a1, a2], [b0, b1, b2]] = [a, b].map((node, side) =>
    [0, 1, 2].map((i) => (i < sizes[side] ? part(node, i) : n.fill(n.like(node, 0), node.aval.shape.slice(0, -1)))),
  );
  const minor = (p: Node, q: Node, r: Node, s: Node): Node => {
    const [u, v, w, z] = broadcastNodes("cross", [p, q, r, s]);
    return n.sub(n.mul(u, v), n.mul(w, z));
  };
  const third = minor(a0, b1, a1, b0);
  if (sizes[0] === 2 && sizes[1] === 2) return wrap(third);
  const parts = [minor(a1, b2, a2, b1), minor(a2, b0, a0, b2), third];
  const { shape } = third.aval;
  const at = checkAxis("cross", axis ?? axisc, shape.length + 1);
  return wrap(
    n.concatenate(
      parts.map((node) => n.reshape(broadcastTo("cross", node, shape), shape.toSpliced(at, 0, 1))),
      at,
    ),
  );
}
