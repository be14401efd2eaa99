// Products of arrays. All become dotGeneral; batch axes of size 1 or missing stay free axes, so that a matrix times a
// stack of matrices is one product and not a broadcast.
import type { DType, Node } from "@weft/ir";
import { ArgumentError, formatAval, IndexError, ShapeError } from "@weft/ir";
import type { ArrayLike } from "../core/convert.ts";
import { broadcastNodes, broadcastTo, checkAxis, promoteAll, toNode, wrap } from "../core/convert.ts";
import { define } from "../core/define.ts";
import { anything, array, axis, dtype, hint, integer, named, out, sharding } from "../core/kinds.ts";
import * as n from "../lax/nodes.ts";
import { dotIn, inType } from "../lax/products.ts";
import { diagonalNode } from "./diagonal.ts";

const A = array("a");
const B = array("b");
const PRECISION = named(hint("precision", null));
const PREFERRED = named(dtype("preferredElementType", null));
const SHARDING = sharding("outSharding");
/** What products take: NumPy's `out` is by name, because JAX has nothing in its place. */
const PRODUCT = [A, B, PRECISION, PREFERRED] as const;
const VECTORS = [array("x1"), array("x2")] as const;

const product = (x: Node, y: Node): Node => (x.aval.dtype === "bool" ? n.and(x, y) : n.mul(x, y));
/** Two operands of one dtype, not broadcast. */
const operands = (op: string, x: ArrayLike, y: ArrayLike): readonly Node[] => promoteAll(op, [x, y]);
const mismatch = (op: string, x: Node, y: Node, m: number, k: number): ShapeError =>
  new ShapeError(
    `${op}: ${formatAval(x.aval)}, ${formatAval(y.aval)}: the contracted axes must have equal sizes, got ${m} and ${k}`,
  );
const NONE: readonly number[] = [];

/**
 * a [..., m, k] × b [..., k, n] → [..., m, n]; leading axes broadcast. Also [k] × [..., k, n] and [..., m, k] × [k]. With
 * `preferredElementType` it is computed in a wider dtype, or rounded to a narrower one; so in all products.
 * Throws ShapeError for rank 0 and for sizes that do not fit.
 * @example np.matmul(weights, inputs)
 */
export const matmul = define(
  "np.matmul",
  [...PRODUCT, SHARDING, named(out)],
  (a, b, _precision, preferredElementType) => {
    const [x, y] = operands("np.matmul", a, b);
    return wrap(matmulNode("np.matmul", x, y, preferredElementType));
  },
);
function matmulNode(op: string, a: Node, b: Node, preferred: DType | null): Node {
  const [s, t] = [a.aval.shape, b.aval.shape];
  if (s.length === 0 || t.length === 0)
    throw new ShapeError(
      `${op}: ${formatAval(a.aval)}, ${formatAval(b.aval)}: expected arrays with 1 axis or more; use np.multiply for numbers`,
    );
  const [ka, kb] = [s.length - 1, Math.max(t.length - 2, 0)];
  if (s[ka] !== t[kb]) throw mismatch(op, a, b, s[ka], t[kb]);
  if (s.length <= 2 && t.length <= 2)
    return dotIn(op, { contract: [[ka], [kb]], batch: [NONE, NONE] }, a, b, preferred);
  return batchedMatmul(op, a, b, preferred);
}

/** matmul with leading axes: what both have is batch, what one has (the other has none or 1) is a free axis. */
function batchedMatmul(op: string, a: Node, b: Node, preferred: DType | null): Node {
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
  const result = dotIn(op, { contract: [[ka], [kb]], batch: [batch[0], batch[1]] }, p, q, preferred);
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

/** The product of NumPy's dot: of numbers, of vectors, of matrices; else over a's last and b's second-to-last axis. */
export const dot = define("np.dot", [...PRODUCT, SHARDING, named(out)], (a, b, _precision, preferredElementType) => {
  const [x, y] = operands("np.dot", a, b);
  return wrap(dotted("np.dot", x, y, y.aval.shape.length - 2, preferredElementType));
});
/** The product over x's last axis and one of y's, which is the first where there is no such axis; of numbers elementwise. */
function dotted(op: string, x: Node, y: Node, axis: number, preferred: DType | null): Node {
  const [s, t] = [x.aval.shape, y.aval.shape];
  if (s.length === 0 || t.length === 0) return inType(op, [x, y], preferred, product);
  const [ka, kb] = [s.length - 1, Math.max(axis, 0)];
  if (s[ka] !== t[kb]) throw mismatch(op, x, y, s[ka], t[kb]);
  return dotIn(op, { contract: [[ka], [kb]], batch: [NONE, NONE] }, x, y, preferred);
}

export type TensordotAxes = number | readonly [number | readonly number[], number | readonly number[]];
const isInt = (x: unknown): x is number => Number.isInteger(x);
const isAxes = (x: unknown): x is number | readonly number[] => isInt(x) || (Array.isArray(x) && x.every(isInt));
/** The axes of both operands that are summed over. */
function contracted(op: string, axes: unknown, x: Node, y: Node): readonly [readonly number[], readonly number[]] {
  const [s, t] = [x.aval.shape, y.aval.shape];
  if (isInt(axes)) {
    if (axes < 0 || axes > Math.min(s.length, t.length))
      throw new IndexError(`${op}: ${formatAval(x.aval)}, ${formatAval(y.aval)}: ${axes} axes cannot be contracted`);
    return [Array.from({ length: axes }, (_, i) => s.length - axes + i), Array.from({ length: axes }, (_, i) => i)];
  }
  if (!Array.isArray(axes) || axes.length !== 2 || !axes.every(isAxes))
    throw new ArgumentError(`${op}: axes: expected a number of axes, or [axes of a, axes of b]`);
  const [first, second] = [s, t].map((shape, side) => {
    const own = axes[side] as number | readonly number[];
    return (isInt(own) ? [own] : own).map((at) => checkAxis(op, at, shape.length));
  });
  if (first.length !== second.length)
    throw new IndexError(`${op}: ${first.length} axes of the first for ${second.length} of the second`);
  for (const list of [first, second])
    if (new Set(list).size < list.length) throw new IndexError(`${op}: axes ${list.join(", ")}: one is named twice`);
  return [first, second];
}
/** The product summed over axes: the last n of a with the first n of b, or the lists [axes of a, axes of b]. */
export const tensordot = define(
  "np.tensordot",
  [A, B, anything<TensordotAxes>()("axes", 2), PRECISION, PREFERRED, SHARDING],
  (a, b, axes, _precision, preferredElementType) => {
    const [x, y] = operands("np.tensordot", a, b);
    const contract = contracted("np.tensordot", axes, x, y);
    contract[0].forEach((axis, i) => {
      const [m, k] = [x.aval.shape[axis], y.aval.shape[contract[1][i]]];
      if (m !== k) throw mismatch("np.tensordot", x, y, m, k);
    });
    return wrap(dotIn("np.tensordot", { contract, batch: [NONE, NONE] }, x, y, preferredElementType));
  },
);

/** The product over the last axes of both. */
export const inner = define("np.inner", PRODUCT, (a, b, _precision, preferredElementType) => {
  const [x, y] = operands("np.inner", a, b);
  return wrap(dotted("np.inner", x, y, y.aval.shape.length - 1, preferredElementType));
});
/** All products of an element of a with one of b, both flat: [m, n]. */
export const outer = define("np.outer", [A, B, out], (a, b) => {
  const [x, y] = operands("np.outer", a, b);
  const shape = [x.aval.size, y.aval.size];
  const rows = n.broadcastInDim(n.reshape(x, [shape[0]]), shape, [0]);
  return wrap(product(rows, n.broadcastInDim(n.reshape(y, [shape[1]]), shape, [1])));
});
/** The product of both arrays, flat. Throws ShapeError for different sizes. */
export const vdot = define("np.vdot", PRODUCT, (a, b, _precision, preferredElementType) => {
  const [x, y] = operands("np.vdot", a, b);
  if (x.aval.size !== y.aval.size) throw mismatch("np.vdot", x, y, x.aval.size, y.aval.size);
  const [p, q] = [x, y].map((node) => n.reshape(node, [node.aval.size]));
  return wrap(dotted("np.vdot", p, q, 0, preferredElementType));
});
const lastAxis = (op: string, x: Node, axis: number): Node => {
  const rank = x.aval.shape.length;
  const at = checkAxis(op, axis, rank);
  const rest = Array.from({ length: rank }, (_, i) => i).filter((i) => i !== at);
  return n.transpose(x, [...rest, at]);
};
/** Products of vectors along an axis; the other axes broadcast. */
export const vecdot = define(
  "np.vecdot",
  [...VECTORS, named(axis("axis", -1)), PRECISION, PREFERRED, named(out)],
  (x1, x2, axis, _precision, preferredElementType) => {
    const [x, y] = operands("np.vecdot", x1, x2).map((node) => lastAxis("np.vecdot", node, axis));
    const [m, k] = [x, y].map((node) => node.aval.shape[node.aval.shape.length - 1]);
    if (m !== k) throw mismatch("np.vecdot", x, y, m, k);
    const row = n.reshape(x, [...x.aval.shape.slice(0, -1), 1, m]);
    const column = n.reshape(y, [...y.aval.shape, 1]);
    const result = matmulNode("np.vecdot", row, column, preferredElementType);
    return wrap(n.reshape(result, result.aval.shape.slice(0, -2)));
  },
);
/** Operands of a product of matrices and vectors, which have so many axes at least. */
function atLeast(op: string, ranks: readonly [number, number], x1: ArrayLike, x2: ArrayLike): readonly Node[] {
  const nodes = operands(op, x1, x2);
  if (nodes.some(({ aval }, i) => aval.shape.length < ranks[i]))
    throw new ShapeError(
      `${op}: ${nodes.map(({ aval }) => formatAval(aval)).join(", ")}: expected at least ${ranks[0]} and ${ranks[1]} axes`,
    );
  return nodes;
}
/** Matrices [..., m, k] times vectors [..., k]. */
export const matvec = define("np.matvec", [...VECTORS, named(out)], (x1, x2) => {
  const [a, b] = atLeast("np.matvec", [2, 1], x1, x2);
  const result = matmulNode("np.matvec", a, n.reshape(b, [...b.aval.shape, 1]), null);
  return wrap(n.reshape(result, result.aval.shape.slice(0, -1)));
});
/** Vectors [..., k] times matrices [..., k, n]. */
export const vecmat = define("np.vecmat", [...VECTORS, named(out)], (x1, x2) => {
  const [a, b] = atLeast("np.vecmat", [1, 2], x1, x2);
  const { shape } = a.aval;
  const row = n.reshape(a, [...shape.slice(0, -1), 1, ...shape.slice(-1)]);
  const result = matmulNode("np.vecmat", row, b, null);
  return wrap(n.reshape(result, result.aval.shape.toSpliced(-2, 1)));
});
/** Every element of a times all of b, laid out as blocks. */
export const kron = define("np.kron", [A, B], (x1, x2) => {
  const [a, b] = operands("np.kron", x1, x2);
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
});

const DIAGONAL = [A, integer("offset", 0), axis("axis1", 0), axis("axis2", 1)] as const;
/** The diagonal of two axes, as a last axis. */
export const diagonal = define("np.diagonal", DIAGONAL, (a, offset, axis1, axis2) =>
  wrap(diagonalNode("np.diagonal", toNode("np.diagonal", a), offset, axis1, axis2)),
);
/** The sum of the diagonal, in `dtype` if it is given; bool widens to int32. */
export const trace = define("np.trace", [...DIAGONAL, dtype("dtype", null), out], (a, offset, axis1, axis2, dtype) => {
  const node = toNode("np.trace", a, dtype ?? undefined);
  const numbers = node.aval.dtype === "bool" ? n.convert(node, "int32") : node;
  const line = diagonalNode("np.trace", numbers, offset, axis1, axis2);
  const total = n.reduce("reduceSum", line, [line.aval.shape.length - 1]);
  return wrap(dtype === "bool" ? n.compare("ne", total, 0) : total);
});

/** The cross product of vectors of 2 or 3 elements along an axis; of two 2-vectors, its third element. */
export const cross = define(
  "np.cross",
  [A, B, axis("axisa", -1), axis("axisb", -1), axis("axisc", -1), axis("axis", null)],
  (a, b, axisa, axisb, axisc, axis) =>
    wrap(crossNode(operands("np.cross", a, b), axis === null ? [axisa, axisb, axisc] : [axis, axis, axis])),
);
function crossNode(vectors: readonly Node[], axes: readonly number[]): Node {
  const op = "np.cross";
  const [a, b] = vectors.map((node, i) => lastAxis(op, n.strong(node), axes[i]));
  const sizes = [a, b].map((node) => node.aval.shape[node.aval.shape.length - 1]);
  if (sizes.some((size) => size !== 2 && size !== 3))
    throw new ShapeError(`${op}: ${formatAval(a.aval)}, ${formatAval(b.aval)}: expected vectors of 2 or 3 elements`);
  const part = (node: Node, i: number): Node => {
    const last = node.aval.shape.length - 1;
    return n.reshape(n.sliceAxis(node, last, i, 1), node.aval.shape.slice(0, -1));
  };
  const [[a0, a1, a2], [b0, b1, b2]] = [a, b].map((node, side) =>
    [0, 1, 2].map((i) => (i < sizes[side] ? part(node, i) : n.fill(n.like(node, 0), node.aval.shape.slice(0, -1)))),
  );
  const minor = (p: Node, q: Node, r: Node, s: Node): Node => {
    const [u, v, w, z] = broadcastNodes(op, [p, q, r, s]);
    return n.sub(n.mul(u, v), n.mul(w, z));
  };
  const third = minor(a0, b1, a1, b0);
  if (sizes[0] === 2 && sizes[1] === 2) return third;
  const parts = [minor(a1, b2, a2, b1), minor(a2, b0, a0, b2), third];
  const { shape } = third.aval;
  const at = checkAxis(op, axes[2], shape.length + 1);
  return n.concatenate(
    parts.map((node) => n.reshape(broadcastTo(op, node, shape), shape.toSpliced(at, 0, 1))),
    at,
  );
}
