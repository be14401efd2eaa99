// Joining and splitting: concatenation, stacks, sections, differences of neighbours. Dtypes are promoted.
import type { DType, Node } from "@weft/ir";
import { checkDType, formatAval, IndexError, ShapeError } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import {
  broadcastTo,
  checkAxis,
  checkSize,
  floatDType,
  options,
  promoteAll,
  rewrap,
  stackNodes,
  toNode,
  wrap,
} from "../core/convert.ts";
import type { Trailing } from "../core/options.ts";
import * as n from "../lax/nodes.ts";
import { truth } from "./arithmetic.ts";
import { atleast1d, atleast2d, atleast3d, seen } from "./movement.ts";

type Arrays = NDArray | readonly ArrayLike[];
export interface JoinOptions {
  axis?: number | null;
  dtype?: DType | null;
}
type JoinArgs = Trailing<[axis: number | null, dtype: DType | null], JoinOptions>;

export interface OneAxisOptions {
  axis?: number | null;
}
type AxisArgs = Trailing<[axis: number | null], OneAxisOptions>;
const axisOption = <T extends number | null>(op: string, rest: AxisArgs, fallback: T): number | T => {
  const { axis } = options<OneAxisOptions>(op, ["axis"], rest);
  return axis === undefined || axis === null ? fallback : axis;
};

const rowsOf = (op: string, arrays: Arrays): readonly ArrayLike[] => {
  const list = arrays instanceof NDArray ? [...arrays] : arrays;
  if (!Array.isArray(list) || list.length === 0) throw new ShapeError(`${op}: expected a list of at least one array`);
  return list;
};
const areKeys = (list: readonly ArrayLike[]): boolean => list.every((x) => x instanceof NDArray && x.isKey);
/** Nodes of one dtype; keys among themselves. */
const joinable = (op: string, list: readonly ArrayLike[], dtype?: DType | null): readonly Node[] =>
  areKeys(list)
    ? list.map((x) => (x as NDArray).node)
    : promoteAll(op, list, dtype === null || dtype === undefined ? undefined : checkDType(op, dtype));

/** Arrays one after the other along an axis; null flattens them first. @example np.concatenate([x, y], 1) */
export function concatenate(arrays: Arrays, ...rest: JoinArgs): NDArray {
  const { axis = 0, dtype } = options<JoinOptions>("concatenate", ["axis", "dtype"], rest);
  const list = rowsOf("concatenate", arrays);
  const tail = areKeys(list) ? 1 : 0;
  const nodes = joinable("concatenate", list, dtype);
  if (axis === null)
    return rewrap(
      list[0],
      n.concatenate(
        nodes.map((node) => n.reshape(node, [node.aval.size / (tail === 0 ? 1 : 2), ...(tail === 0 ? [] : [2])])),
        0,
      ),
    );
  const rank = nodes[0].aval.shape.length - tail;
  if (rank === 0)
    throw new ShapeError(
      `concatenate: ${nodes.map((node) => formatAval(node.aval)).join(", ")}: arrays without axes are joined by np.stack`,
    );
  return rewrap(list[0], n.concatenate(nodes, checkAxis("concatenate", axis, rank)));
}
export const concat: typeof concatenate = concatenate;

/** Arrays of one shape along a new axis. */
export function stack(arrays: Arrays, ...rest: JoinArgs): NDArray {
  const { axis = 0, dtype } = options<JoinOptions>("stack", ["axis", "dtype"], rest);
  if (arrays instanceof NDArray && (axis ?? 0) === 0 && dtype === undefined) return arrays;
  const list = rowsOf("stack", arrays);
  const nodes = joinable("stack", list, dtype);
  const tail = areKeys(list) ? 1 : 0;
  const { shape } = nodes[0].aval;
  const at = checkAxis("stack", axis ?? 0, shape.length - tail + 1);
  if (at === 0) return rewrap(list[0], stackNodes("stack", nodes));
  for (const node of nodes) {
    if (node.aval.shape.length !== shape.length || node.aval.shape.some((size, i) => size !== shape[i])) {
      throw new ShapeError(
        `stack: ${nodes.map((one) => formatAval(one.aval)).join(", ")}: expected arrays of equal shape to stack`,
      );
    }
  }
  return rewrap(
    list[0],
    n.concatenate(
      nodes.map((node) => n.reshape(node, shape.toSpliced(at, 0, 1))),
      at,
    ),
  );
}
/** Arrays on top of each other: along axis 0, of rows at least. */
export const vstack = (arrays: Arrays): NDArray =>
  concatenate(
    rowsOf("vstack", arrays).map((x) => atleast2d(x)),
    0,
  );
/** Arrays side by side: along axis 1, or 0 for lines. */
export const hstack = (arrays: Arrays): NDArray => {
  const list = rowsOf("hstack", arrays).map((x) => atleast1d(x));
  return concatenate(list, list[0].ndim === 1 ? 0 : 1);
};
/** Arrays along axis 2. */
export const dstack = (arrays: Arrays): NDArray =>
  concatenate(
    rowsOf("dstack", arrays).map((x) => atleast3d(x)),
    2,
  );
/** Lines as the columns of a matrix. */
export const columnStack = (arrays: Arrays): NDArray =>
  concatenate(
    rowsOf("columnStack", arrays).map((x) => {
      const node = toNode("columnStack", x);
      return node.aval.shape.length < 2 ? wrap(n.reshape(node, [node.aval.size, 1])) : wrap(node);
    }),
    1,
  );
/** x with values joined to its end, along an axis or both flat. */
export const append = (x: ArrayLike, values: ArrayLike, ...rest: AxisArgs): NDArray =>
  concatenate([x, values], axisOption("append", rest, null));
/** Nested lists of arrays joined to one: the innermost along the last axis, the next along the one before. */
export function block(arrays: ArrayLike): NDArray {
  const depth = (x: ArrayLike): number =>
    Array.isArray(x) ? 1 + Math.max(0, ...(x as readonly ArrayLike[]).map(depth)) : 0;
  const levels = depth(arrays);
  const rank = (x: ArrayLike): number =>
    Array.isArray(x) ? Math.max(0, ...(x as readonly ArrayLike[]).map(rank)) : toNode("block", x).aval.shape.length;
  const axes = Math.max(levels, rank(arrays));
  const join = (x: ArrayLike, level: number): NDArray => {
    if (Array.isArray(x))
      return concatenate(
        (x as readonly ArrayLike[]).map((item) => join(item, level - 1)),
        axes - level,
      );
    const node = toNode("block", x);
    return wrap(n.reshape(node, [...new Array<number>(axes - node.aval.shape.length).fill(1), ...node.aval.shape]));
  };
  return join(arrays, levels);
}

// Splitting ---------------------------------------------------------------------------------------------------------

function cut(op: string, x: ArrayLike, bounds: readonly number[], axis: number): NDArray[] {
  const { node } = seen(op, x);
  const size = node.aval.shape[axis];
  const clamp = (at: number): number => Math.min(Math.max(at < 0 ? at + size : at, 0), size);
  const starts = [0, ...bounds.map(clamp)];
  return starts.map((start, i) =>
    rewrap(x, n.sliceAxis(node, axis, start, Math.max(0, (i + 1 < starts.length ? starts[i + 1] : size) - start))),
  );
}
function sections(
  op: string,
  x: ArrayLike,
  indices: number | readonly number[],
  axis: number,
  uneven: boolean,
): NDArray[] {
  const { node, shape } = seen(op, x);
  const at = checkAxis(op, axis, shape.length);
  if (typeof indices !== "number") {
    for (const i of indices)
      if (!Number.isInteger(i)) throw new IndexError(`${op}: an index must be an integer, got ${i}`);
    return cut(op, x, indices, at);
  }
  const count = checkSize(op, indices);
  if (count === 0 || (!uneven && shape[at] % count !== 0)) {
    throw new ShapeError(
      `${op}: ${formatAval(node.aval)}: axis ${at} has ${shape[at]} elements, which do not divide into ${count} equal parts${uneven ? "" : "; np.arraySplit makes unequal ones"}`,
    );
  }
  const [each, extra] = [Math.floor(shape[at] / count), shape[at] % count];
  return cut(
    op,
    x,
    Array.from({ length: count - 1 }, (_, i) => (i + 1) * each + Math.min(i + 1, extra)),
    at,
  );
}
/** Parts of an axis: so many equal ones, or cut before these indices. */
export const split = (x: ArrayLike, indicesOrSections: number | readonly number[], ...rest: AxisArgs): NDArray[] =>
  sections("split", x, indicesOrSections, axisOption("split", rest, 0), false);
/** As split; a number of parts need not divide the axis. */
export const arraySplit = (x: ArrayLike, indicesOrSections: number | readonly number[], ...rest: AxisArgs): NDArray[] =>
  sections("arraySplit", x, indicesOrSections, axisOption("arraySplit", rest, 0), true);
export const vsplit = (x: ArrayLike, indicesOrSections: number | readonly number[]): NDArray[] =>
  sections("vsplit", x, indicesOrSections, 0, false);
export const hsplit = (x: ArrayLike, indicesOrSections: number | readonly number[]): NDArray[] =>
  sections("hsplit", x, indicesOrSections, seen("hsplit", x).shape.length > 1 ? 1 : 0, false);
export const dsplit = (x: ArrayLike, indicesOrSections: number | readonly number[]): NDArray[] =>
  sections("dsplit", x, indicesOrSections, 2, false);
/** The parts along an axis, without it. */
export function unstack(x: ArrayLike, ...rest: AxisArgs): NDArray[] {
  const axis = axisOption("unstack", rest, 0);
  const { node, shape } = seen("unstack", x);
  const at = checkAxis("unstack", axis, shape.length);
  const without = node.aval.shape.toSpliced(at, 1);
  return Array.from({ length: shape[at] }, (_, i) => rewrap(x, n.reshape(n.sliceAxis(node, at, i, 1), without)));
}

// Insertion and removal at places known now ---------------------------------------------------------------------------

/** x without the elements at one JS integer index, or at several, along an axis or of the flat array. */
export function remove(x: ArrayLike, index: number | readonly number[], ...rest: AxisArgs): NDArray {
  const axis = axisOption("delete", rest, null);
  const { node, shape, tail } = seen("delete", x);
  const flat = axis === null ? n.reshape(node, [node.aval.size / (tail[0] ?? 1), ...tail]) : node;
  const at = axis === null ? 0 : checkAxis("delete", axis, shape.length);
  const size = flat.aval.shape[at];
  const gone = new Set((typeof index === "number" ? [index] : index).map((i) => place("delete", i, size)));
  const kept = runs(size, (i) => !gone.has(i));
  if (kept.length === 0) return rewrap(x, n.sliceAxis(flat, at, 0, 0));
  return rewrap(
    x,
    n.concatenate(
      kept.map(([start, end]) => n.sliceAxis(flat, at, start, end - start)),
      at,
    ),
  );
}
export { remove as delete };
function place(op: string, i: number, size: number, past = 0): number {
  if (!Number.isInteger(i) || i < -size || i >= size + past)
    throw new IndexError(`${op}: index ${i} is out of range for ${size} elements`);
  return i < 0 ? i + size : i;
}
function runs(size: number, keep: (i: number) => boolean): [number, number][] {
  const found: [number, number][] = [];
  for (let i = 0; i < size; i++) {
    if (!keep(i)) continue;
    const last = found.at(-1);
    if (last !== undefined && last[1] === i) last[1] = i + 1;
    else found.push([i, i + 1]);
  }
  return found;
}
/** x with values put before one JS integer index, along an axis or of the flat array. */
export function insert(x: ArrayLike, index: number, values: ArrayLike, ...rest: AxisArgs): NDArray {
  const axis = axisOption("insert", rest, null);
  const own = toNode("insert", x);
  const node = axis === null ? n.reshape(own, [own.aval.size]) : own;
  const { shape } = node.aval;
  const at = axis === null ? 0 : checkAxis("insert", axis, shape.length);
  const where = place("insert", index, shape[at], 1);
  let piece = toNode("insert", values, node.aval.dtype);
  // a scalar index puts the values' first axis along the axis, as NumPy does
  if (axis === null) piece = n.reshape(piece, [piece.aval.size]);
  else if (piece.aval.shape.length < shape.length)
    piece = n.reshape(broadcastTo("insert", piece, shape.toSpliced(at, 1)), shape.with(at, 1));
  piece = broadcastTo("insert", piece, shape.with(at, axis === null ? piece.aval.size : piece.aval.shape[at]));
  const parts = [n.sliceAxis(node, at, 0, where), piece, n.sliceAxis(node, at, where, shape[at] - where)].filter(
    (part) => part.aval.shape[at] > 0,
  );
  return wrap(n.concatenate(parts.length === 0 ? [piece] : parts, at));
}

// Differences ---------------------------------------------------------------------------------------------------------

export interface DiffOptions {
  n?: number;
  axis?: number;
  prepend?: ArrayLike | null;
  append?: ArrayLike | null;
}
const neighbours = (x: Node, axis: number, by: (high: Node, low: Node) => Node): Node => {
  const size = x.aval.shape[axis];
  return by(n.sliceAxis(x, axis, 1, size - 1), n.sliceAxis(x, axis, 0, size - 1));
};
/** Differences of neighbours along an axis, n times; exclusive or of bools. */
export function diff(
  x: ArrayLike,
  ...rest: Trailing<[n: number, axis: number, prepend: ArrayLike | null, append: ArrayLike | null], DiffOptions>
): NDArray {
  const {
    n: times = 1,
    axis = -1,
    prepend = null,
    append: after = null,
  } = options<DiffOptions>("diff", ["n", "axis", "prepend", "append"], rest);
  let node = toNode("diff", x);
  const at = checkAxis("diff", axis, node.aval.shape.length);
  const edge = (value: ArrayLike): ArrayLike => {
    const own = toNode("diff", value);
    return wrap(own.aval.shape.length === 0 ? n.fill(own, node.aval.shape.with(at, 1)) : own);
  };
  const parts: ArrayLike[] = [
    ...(prepend === null ? [] : [edge(prepend)]),
    wrap(node),
    ...(after === null ? [] : [edge(after)]),
  ];
  if (parts.length > 1) node = n.concatenate(promoteAll("diff", parts), at);
  for (let i = 0; i < times; i++) {
    if (node.aval.shape[at] === 0) return wrap(node);
    node = neighbours(node, at, node.aval.dtype === "bool" ? n.xor : n.sub);
  }
  return wrap(node);
}
/** Differences of the flat array's neighbours, with `toBegin` and `toEnd` put around. */
export function ediff1d(
  x: ArrayLike,
  ...rest: Trailing<
    [toEnd: ArrayLike | null, toBegin: ArrayLike | null],
    { toEnd?: ArrayLike | null; toBegin?: ArrayLike | null }
  >
): NDArray {
  const { toEnd = null, toBegin = null } = options<{ toEnd?: ArrayLike | null; toBegin?: ArrayLike | null }>(
    "ediff1d",
    ["toEnd", "toBegin"],
    rest,
  );
  const own = toNode("ediff1d", x);
  const inner = diff(wrap(n.reshape(own, [own.aval.size])));
  const flat = (y: ArrayLike): NDArray => {
    const node = toNode("ediff1d", y, inner.dtype);
    return wrap(n.reshape(node, [node.aval.size]));
  };
  return concatenate([...(toBegin === null ? [] : [flat(toBegin)]), inner, ...(toEnd === null ? [] : [flat(toEnd)])]);
}
/** ∫ y by the trapezoidal rule along an axis, at points x or with spacing dx. */
export function trapezoid(
  y: ArrayLike,
  ...rest: Trailing<
    [x: ArrayLike | null, dx: ArrayLike, axis: number],
    { x?: ArrayLike | null; dx?: ArrayLike; axis?: number }
  >
): NDArray {
  const {
    x = null,
    dx = 1,
    axis = -1,
  } = options<{ x?: ArrayLike | null; dx?: ArrayLike; axis?: number }>("trapezoid", ["x", "dx", "axis"], rest);
  const [values, points] = promoteAll("trapezoid", [y, x ?? dx], floatDType(toNode("trapezoid", y).aval.dtype));
  const at = checkAxis("trapezoid", axis, values.aval.shape.length);
  const sums = neighbours(values, at, n.add);
  let width = points;
  if (x !== null) {
    width = neighbours(points, points.aval.shape.length === 1 ? 0 : at, n.sub);
    if (width.aval.shape.length === 1) width = n.broadcastInDim(width, sums.aval.shape, [at]);
  }
  const areas = n.mul(sums, width.aval.shape.length === 0 ? width : broadcastTo("trapezoid", width, sums.aval.shape));
  return wrap(n.mul(n.reduce("reduceSum", areas, [at]), 0.5));
}

/** Elements of x where one boolean JS list says so, along an axis or of the flat array. */
export function compress(condition: readonly boolean[], x: ArrayLike, ...rest: AxisArgs): NDArray {
  const axis = axisOption("compress", rest, null);
  const { node, shape } = seen("compress", x);
  const flat = axis === null ? n.reshape(node, [node.aval.size]) : node;
  const at = axis === null ? 0 : checkAxis("compress", axis, shape.length);
  if (condition.length > flat.aval.shape[at])
    throw new IndexError(`compress: ${condition.length} conditions for ${flat.aval.shape[at]} elements`);
  const kept = runs(condition.length, (i) => condition[i]);
  return rewrap(
    x,
    kept.length === 0
      ? n.sliceAxis(flat, at, 0, 0)
      : n.concatenate(
          kept.map(([start, end]) => n.sliceAxis(flat, at, start, end - start)),
          at,
        ),
  );
}
/** The choice of the first condition that holds, elementwise; else the default. */
export function selectFirst(
  conditions: readonly ArrayLike[],
  choices: readonly ArrayLike[],
  otherwise: ArrayLike = 0,
): NDArray {
  if (conditions.length !== choices.length || choices.length === 0)
    throw new ShapeError(`select: ${conditions.length} conditions for ${choices.length} choices`);
  const nodes = promoteAll("select", [...choices, otherwise]);
  const all = [...conditions.map((c) => truth(toNode("select", c))), ...nodes];
  let shape: readonly number[] = [];
  for (const node of all) shape = node.aval.shape.length >= shape.length ? node.aval.shape : shape;
  const spread = (node: Node): Node => (node.aval.shape.length === 0 ? node : broadcastTo("select", node, shape));
  return wrap(
    conditions.reduceRight<Node>(
      (rest, _, i) => n.select(spread(all[i]), spread(nodes[i]), rest),
      spread(nodes[choices.length]),
    ),
  );
}
export { selectFirst as select };
