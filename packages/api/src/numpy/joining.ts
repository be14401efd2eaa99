// Joining: concatenation, stacks, blocks. Dtypes are promoted; keys join keys. The rows of one array are joined as they lie,
// without being cut apart.
import type { DType, Node } from "@weft/ir";
import { formatAval, sameShape, ShapeError } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { checkAxis, promoteAll, rewrap, toMovable, toNode, wrap } from "../core/convert.ts";
import { define } from "../core/define.ts";
import { array, axis, dtype, named, nullable, out, rows } from "../core/kinds.ts";
import * as n from "../lax/nodes.ts";
import { shape1d, shape2d, shape3d, tailOf } from "./movement.ts";

const TUP = rows("tup");
const ARRAYS = rows("arrays");
const DTYPE = dtype("dtype", null);
const AXIS = nullable(axis("axis", 0));

type Arrays = NDArray | readonly ArrayLike[];
type Shape = readonly number[];

/** What is joined: nodes of one dtype, and the axes of keys' words. */
interface Parts {
  readonly nodes: readonly Node[];
  readonly tail: Shape;
}
const isKeys = (x: ArrayLike): x is NDArray => x instanceof NDArray && x.isKey;
function partsOf(op: string, list: readonly ArrayLike[], dtype: DType | null): Parts {
  const nodes = list.every(isKeys) ? list.map((x) => x.node) : promoteAll(op, list, dtype ?? undefined);
  return { nodes, tail: tailOf(list[0]) };
}

/** The rows of one array along an axis of theirs, each in the shape that `to` gives it. */
function joinRows(
  op: string,
  x: NDArray,
  axis: number | null,
  dtype: DType | null,
  to: (shape: Shape) => Shape,
): NDArray {
  const node = dtype === null ? toMovable(op, x) : toNode(op, x, dtype);
  const tail = tailOf(x);
  const [count, ...own] = x.shape;
  if (axis === null) return rewrap(x, n.reshape(node, [x.size, ...tail]));
  const row = to(own);
  if (row.length === 0) throw withoutAxes(op, formatAval(node.aval));
  const at = checkAxis(op, axis, row.length);
  const places = row.map((_, i) => i + 1);
  const perm = [...places.slice(0, at), 0, ...places.slice(at), ...tail.map(() => row.length + 1)];
  const moved = n.transpose(n.reshape(node, [count, ...row, ...tail]), perm);
  return rewrap(x, n.reshape(moved, [...row.with(at, count * row[at]), ...tail]));
}
const withoutAxes = (op: string, what: string): ShapeError =>
  new ShapeError(`${op}: ${what}: arrays without axes are joined by np.stack`);
const same = (shape: Shape): Shape => shape;

/** Arrays one after the other along an axis, each in the shape that `to` gives it; flat without an axis. */
function join(
  op: string,
  arrays: Arrays,
  axis: number | null,
  dtype: DType | null,
  to: (shape: Shape) => Shape = same,
): NDArray {
  if (arrays instanceof NDArray) return joinRows(op, arrays, axis, dtype, to);
  const { nodes, tail } = partsOf(op, arrays, dtype);
  return rewrap(arrays[0], joinNodes(op, nodes, tail, axis, to));
}
function joinNodes(
  op: string,
  nodes: readonly Node[],
  tail: Shape,
  axis: number | null,
  to: (shape: Shape) => Shape = same,
): Node {
  const shaped = nodes.map((node) => {
    const own = tail.length === 0 ? node.aval.shape : node.aval.shape.slice(0, -1);
    const flat = [node.aval.size / (tail.length === 0 ? 1 : tail[0])];
    return n.reshape(node, [...(axis === null ? flat : to(own)), ...tail]);
  });
  const rank = shaped[0].aval.shape.length - tail.length;
  if (rank === 0) throw withoutAxes(op, nodes.map((node) => formatAval(node.aval)).join(", "));
  return n.concatenate(shaped, checkAxis(op, axis ?? 0, rank));
}

/** Arrays one after the other along an axis; null flattens them first. @example np.concatenate([x, y], 1) */
export const concatenate = define("np.concatenate", [ARRAYS, AXIS, DTYPE], (arrays, axis, dtype) =>
  join("np.concatenate", arrays, axis, dtype),
);
/** Arrays one after the other along an axis, which is given by name; null flattens them first. */
export const concat = define("np.concat", [ARRAYS, named(AXIS)], (arrays, axis) =>
  join("np.concat", arrays, axis, null),
);

/** Arrays of one shape along a new axis. @example np.stack([x, y], { axis: -1 }) */
export const stack = define("np.stack", [ARRAYS, axis("axis", 0), out, DTYPE], (arrays, axis, _out, dtype) =>
  stacked("np.stack", arrays, axis, dtype),
);
/** Arrays of one shape along a new axis. */
export function stacked(op: string, arrays: Arrays, axis: number, dtype: DType | null): NDArray {
  const inserted = (at: number) => (shape: Shape) => shape.toSpliced(at, 0, 1);
  if (arrays instanceof NDArray) {
    const at = checkAxis(op, axis, arrays.ndim);
    return joinRows(op, arrays, at, dtype, inserted(at));
  }
  const { nodes, tail } = partsOf(op, arrays, dtype);
  const [{ aval }] = nodes;
  const other = nodes.find((node) => !sameShape(node.aval.shape, aval.shape));
  if (other !== undefined)
    throw new ShapeError(
      `${op}: ${formatAval(aval)}, ${formatAval(other.aval)}: expected arrays of equal shape to stack`,
    );
  const at = checkAxis(op, axis, aval.shape.length - tail.length + 1);
  return rewrap(arrays[0], joinNodes(op, nodes, tail, at, inserted(at)));
}
/** Arrays on top of each other: along axis 0, of rows at least. */
export const vstack = define("np.vstack", [TUP, DTYPE], (tup, dtype) => join("np.vstack", tup, 0, dtype, shape2d));
/** Arrays side by side: along axis 1, or 0 for lines. */
export const hstack = define("np.hstack", [TUP, DTYPE], (tup, dtype) => {
  const rank =
    tup instanceof NDArray ? tup.ndim - 1 : toMovable("np.hstack", tup[0]).aval.shape.length - tailOf(tup[0]).length;
  return join("np.hstack", tup, rank <= 1 ? 0 : 1, dtype, shape1d);
});
/** Arrays along axis 2. */
export const dstack = define("np.dstack", [TUP, DTYPE], (tup, dtype) => join("np.dstack", tup, 2, dtype, shape3d));
/** Lines as the columns of a matrix. */
export const columnStack = define("np.columnStack", [TUP], (tup) =>
  join("np.columnStack", tup, 1, null, (shape) => (shape.length < 2 ? [...shape1d(shape), 1] : shape)),
);
/** `arr` with values joined to its end, along an axis or both flat. */
export const append = define("np.append", [array("arr"), array("values"), axis("axis", null)], (arr, values, axis) =>
  join("np.append", [arr, values], axis, null),
);

/** More levels than any array has axes: only a list that contains itself is nested deeper. */
const DEEPEST = 64;
/** How deep lists are nested, which must be the same everywhere, and the most axes of what they hold. */
function nesting(x: ArrayLike, level = 0): { readonly depth: number; readonly rank: number } {
  if (level > DEEPEST) throw new ShapeError(`np.block: lists are nested more than ${DEEPEST} levels deep`);
  if (!Array.isArray(x)) return { depth: 0, rank: toNode("np.block", x).aval.shape.length };
  if (x.length === 0) throw new ShapeError("np.block: a list is empty");
  const items = Array.from(x as readonly ArrayLike[], (item) => nesting(item, level + 1));
  const [{ depth }] = items;
  const other = items.find((item) => item.depth !== depth);
  if (other !== undefined)
    throw new ShapeError(
      `np.block: lists are nested ${depth + level + 1} and ${other.depth + level + 1} levels deep: expected one depth`,
    );
  return { depth: depth + 1, rank: items.reduce((most, { rank }) => Math.max(most, rank), 0) };
}
/**
 * Nested lists of arrays joined to one: the innermost along the last axis, the next along the one before.
 * @example np.block([[a, b], [c, d]])
 */
export const block = define("np.block", [array("arrays")], (arrays) => {
  const { depth, rank } = nesting(arrays);
  const axes = Math.max(depth, rank);
  const level = (x: ArrayLike, left: number): Node => {
    if (Array.isArray(x)) {
      const parts = Array.from(x as readonly ArrayLike[], (item) => level(item, left - 1));
      return joinNodes("np.block", promoteAll("np.block", parts), [], axes - left);
    }
    const node = toNode("np.block", x);
    return n.reshape(node, [...new Array<number>(axes - node.aval.shape.length).fill(1), ...node.aval.shape]);
  };
  return wrap(level(arrays, depth));
});
