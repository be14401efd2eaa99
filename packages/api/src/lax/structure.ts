// jax.lax's creation, movement, slicing, reduction and contraction functions, with lax's explicit parameters.
import type { DType, Node } from "@weft/ir";
import { checkDType, DTypeError, formatAval, IndexError, record, sameShape, ShapeError } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import {
  checkAxes,
  checkAxis,
  checkShape,
  checkSize,
  indexNode,
  options,
  promoteAll,
  rewrap,
  stackNodes,
  toNode,
  wrap,
} from "../core/convert.ts";
import { alias, define } from "../core/define.ts";
import { array, axis } from "../core/kinds.ts";
import type { Trailing } from "../core/options.ts";
import { dotNode, matmul } from "../numpy/contraction.ts";
import { broadcastShapes as broadcastedShape, seen, resolveShape } from "../numpy/movement.ts";
import { unstacked } from "../numpy/splitting.ts";
import * as n from "./nodes.ts";

type Shape = readonly number[];

// Creation ----------------------------------------------------------------------------------------------------------

/** A value of rank 0 repeated over a shape. */
export const full = (
  shape: Shape,
  fillValue: ArrayLike,
  ...rest: Trailing<[dtype: DType | null], { dtype?: DType | null }>
): NDArray => {
  const { dtype } = options<{ dtype?: DType | null }>("lax.full", ["dtype"], rest);
  const node = toNode("lax.full", fillValue, dtype ?? undefined);
  if (node.aval.shape.length !== 0)
    throw new ShapeError(`lax.full: ${formatAval(node.aval)}: the value must have rank 0`);
  return wrap(n.fill(n.convert(node, node.aval.dtype), checkShape("lax.full", shape)));
};
interface LikeOptions {
  dtype?: DType | null;
  shape?: Shape | null;
}
/** A value of rank 0 in the shape and dtype of x. */
export const fullLike = (
  x: ArrayLike,
  fillValue: ArrayLike,
  ...rest: Trailing<[dtype: DType | null, shape: Shape | null], LikeOptions>
): NDArray => {
  const { dtype, shape } = options<LikeOptions>("lax.fullLike", ["dtype", "shape"], rest);
  const own = toNode("lax.fullLike", x).aval;
  return full(shape ?? own.shape, fillValue, dtype ?? own.dtype);
};
/** Zeros. */
export const empty = (shape: Shape, dtype: DType): NDArray => full(shape, 0, dtype);
/** 0, 1, … size − 1. */
export const iota = (dtype: DType, size: number): NDArray =>
  wrap(n.iota(checkDType("lax.iota", dtype), [checkSize("lax.iota", size)], 0));
/** 0, 1, … along one axis of a shape. */
export const broadcastedIota = (dtype: DType, shape: Shape, dimension: number): NDArray => {
  const dims = checkShape("lax.broadcastedIota", shape);
  return wrap(
    n.iota(checkDType("lax.broadcastedIota", dtype), dims, checkAxis("lax.broadcastedIota", dimension, dims.length)),
  );
};

// Movement ----------------------------------------------------------------------------------------------------------

/** New axes of these sizes in front, over which x repeats. */
export function broadcast(x: ArrayLike, sizes: Shape): NDArray {
  const { node } = seen("lax.broadcast", x);
  const lead = checkShape("lax.broadcast", sizes);
  return rewrap(
    x,
    n.broadcastInDim(
      node,
      [...lead, ...node.aval.shape],
      node.aval.shape.map((_, axis) => axis + lead.length),
    ),
  );
}
/** Axis i of x becomes axis broadcastDimensions[i] of the shape; sizes of 1 repeat, the other axes are new. */
export function broadcastInDim(x: ArrayLike, shape: Shape, broadcastDimensions: readonly number[]): NDArray {
  const op = "lax.broadcastInDim";
  const { node, shape: own, tail } = seen(op, x);
  const dims = checkShape(op, shape);
  const axes = broadcastDimensions.map((axis) => checkAxis(op, axis, dims.length));
  if (
    axes.length !== own.length ||
    axes.some((axis, i) => (i > 0 && axis <= axes[i - 1]) || (own[i] !== 1 && own[i] !== dims[axis]))
  ) {
    throw new ShapeError(
      `${op}: ${formatAval(node.aval)}: its axes [${broadcastDimensions.join(",")}] do not fit shape [${dims.join(",")}]`,
    );
  }
  const kept = own.flatMap((size, i) => (size === dims[axes[i]] ? [i] : []));
  const squeezed = n.reshape(node, [...kept.map((i) => own[i]), ...tail]);
  return rewrap(
    x,
    n.broadcastInDim(squeezed, [...dims, ...tail], [...kept.map((i) => axes[i]), ...tail.map(() => dims.length)]),
  );
}
/** x with axes of size 1 put in front until it has `rank` axes. */
export const broadcastToRank = (x: ArrayLike, rank: number): NDArray => {
  const { node, shape, tail } = seen("lax.broadcastToRank", x);
  if (rank < shape.length)
    throw new ShapeError(`lax.broadcastToRank: ${formatAval(node.aval)} has more than ${rank} axes`);
  return rewrap(x, n.reshape(node, [...new Array<number>(rank - shape.length).fill(1), ...shape, ...tail]));
};
/** The same elements in another shape; `dimensions` transposes first. */
export function reshape(
  x: ArrayLike,
  newSizes: Shape,
  ...rest: Trailing<[dimensions: Shape | null], { dimensions?: Shape | null }>
): NDArray {
  const { dimensions = null } = options<{ dimensions?: Shape | null }>("lax.reshape", ["dimensions"], rest);
  const from = dimensions === null ? x : transpose(x, dimensions);
  const { node, shape, tail } = seen("lax.reshape", from);
  return rewrap(x, n.reshape(node, [...resolveShape("lax.reshape", node, shape, newSizes), ...tail]));
}
/** The axes in the order of a permutation. */
export function transpose(x: ArrayLike, permutation: readonly number[]): NDArray {
  const { node, shape, tail } = seen("lax.transpose", x);
  const perm = permutation.map((axis) => checkAxis("lax.transpose", axis, shape.length));
  if (new Set(perm).size !== shape.length)
    throw new ShapeError(
      `lax.transpose: ${formatAval(node.aval)}: [${permutation.join(",")}] is no permutation of ${shape.length} axes`,
    );
  return rewrap(x, n.transpose(node, [...perm, ...tail.map(() => shape.length)]));
}
/** Elements in reverse order along axes. */
export function rev(x: ArrayLike, dimensions: readonly number[]): NDArray {
  const { node, shape } = seen("lax.rev", x);
  return rewrap(x, n.flip(node, checkAxes("lax.rev", dimensions, shape.length)));
}
/** New axes of size 1 at these places of the result. */
export function expandDims(x: ArrayLike, dimensions: readonly number[]): NDArray {
  const { node, shape, tail } = seen("lax.expandDims", x);
  const result = [...shape];
  for (const place of checkAxes("lax.expandDims", dimensions, shape.length + dimensions.length))
    result.splice(place, 0, 1);
  return rewrap(x, n.reshape(node, [...result, ...tail]));
}
/** Axes of size 1 taken away. Throws ShapeError for others. */
export function squeeze(x: ArrayLike, dimensions: readonly number[]): NDArray {
  const { node, shape, tail } = seen("lax.squeeze", x);
  const axes = checkAxes("lax.squeeze", dimensions, shape.length);
  for (const axis of axes)
    if (shape[axis] !== 1)
      throw new ShapeError(`lax.squeeze: ${formatAval(node.aval)}: axis ${axis} has ${shape[axis]} elements, not 1`);
  return rewrap(x, n.reshape(node, [...shape.filter((_, axis) => !axes.includes(axis)), ...tail]));
}
/** Axes from `start` up to `stop` (excluded) made one. */
export function collapse(x: ArrayLike, startDimension: number, stopDimension: number | null = null): NDArray {
  const { node, shape, tail } = seen("lax.collapse", x);
  const start = checkAxis("lax.collapse", startDimension, shape.length);
  const stop =
    stopDimension === null || stopDimension === shape.length
      ? shape.length
      : checkAxis("lax.collapse", stopDimension, shape.length);
  const size = shape.slice(start, stop).reduce((product, length) => product * length, 1);
  return rewrap(x, n.reshape(node, [...shape.slice(0, start), size, ...shape.slice(stop), ...tail]));
}
/** Arrays one after the other along an axis. */
export function concatenate(operands: readonly ArrayLike[], dimension: number): NDArray {
  const nodes = operands.map((x) => toNode("lax.concatenate", x));
  if (nodes.length === 0) throw new ShapeError("lax.concatenate: expected at least one array");
  return wrap(n.concatenate(nodes, checkAxis("lax.concatenate", dimension, nodes[0].aval.shape.length)));
}
/** An axis cut into parts of these sizes. */
export function split(
  x: ArrayLike,
  sizes: readonly number[],
  ...rest: Trailing<[axis: number], { axis?: number }>
): NDArray[] {
  const { axis = 0 } = options<{ axis?: number }>("lax.split", ["axis"], rest);
  const { node, shape } = seen("lax.split", x);
  const at = checkAxis("lax.split", axis, shape.length);
  const total = checkShape("lax.split", sizes).reduce((sum, size) => sum + size, 0);
  if (total !== shape[at])
    throw new ShapeError(
      `lax.split: ${formatAval(node.aval)}: sizes [${sizes.join(",")}] have ${total} elements, axis ${at} has ${shape[at]}`,
    );
  let start = 0;
  return sizes.map((size) => {
    start += size;
    return rewrap(x, n.sliceAxis(node, at, start - size, size));
  });
}
/** Arrays of one shape and dtype along a new axis. */
export const stack = (
  operands: readonly ArrayLike[],
  ...rest: Trailing<[axis: number], { axis?: number }>
): NDArray => {
  const { axis = 0 } = options<{ axis?: number }>("lax.stack", ["axis"], rest);
  const stacked = stackNodes("lax.stack", promoteAll("lax.stack", operands));
  const rank = stacked.aval.shape.length;
  const at = checkAxis("lax.stack", axis, rank);
  return wrap(
    n.transpose(
      stacked,
      Array.from({ length: rank }, (_, i) => (i === at ? 0 : i < at ? i + 1 : i)),
    ),
  );
};
/** x laid side by side, reps[i] times along axis i. */
export function tile(x: ArrayLike, reps: readonly number[]): NDArray {
  const node = toNode("lax.tile", x);
  const { shape } = node.aval;
  if (reps.length !== shape.length)
    throw new ShapeError(
      `lax.tile: ${formatAval(node.aval)}: expected ${shape.length} repetitions, got ${reps.length}`,
    );
  const wide = shape.flatMap((size, axis) => [checkSize("lax.tile", reps[axis]), size]);
  return wrap(
    n.reshape(
      n.broadcastInDim(
        node,
        wide,
        shape.map((_, axis) => 2 * axis + 1),
      ),
      shape.map((size, axis) => size * reps[axis]),
    ),
  );
}
/** x with elements put around (lo, hi; cut off if negative) and between (interior), an entry an axis. */
export function pad(
  x: ArrayLike,
  paddingValue: ArrayLike,
  paddingConfig: readonly (readonly [lo: number, hi: number, interior: number])[],
): NDArray {
  const node = toNode("lax.pad", x);
  const value = toNode("lax.pad", paddingValue, typeof paddingValue === "number" ? node.aval.dtype : undefined);
  for (const config of paddingConfig)
    if (config.length !== 3 || !config.every((part) => Number.isInteger(part)))
      throw new IndexError("lax.pad: expected [lo, hi, interior] of integers an axis");
  if (paddingConfig.length !== node.aval.shape.length)
    throw new ShapeError(
      `lax.pad: ${formatAval(node.aval)}: expected a [lo, hi, interior] for each of ${node.aval.shape.length} axes, got ${paddingConfig.length}`,
    );
  const column = (i: 0 | 1 | 2): number[] => paddingConfig.map((config) => config[i]);
  return wrap(
    record("pad", { lo: column(0), hi: column(1), interior: column(2) }, [
      node,
      n.convert(value, value.aval.dtype, value.aval.dtype === node.aval.dtype ? node.aval.weakness : "strong"),
    ]),
  );
}
/** The shape that shapes broadcast to. */
export const broadcastShapes = alias("lax.broadcastShapes", broadcastedShape);
/** The parts along an axis, without it. */
export const unstack = define("lax.unstack", [array("x"), axis("axis", 0)], (x, axis) =>
  unstacked("lax.unstack", x, axis),
);

// Slices ------------------------------------------------------------------------------------------------------------

/** Elements from startIndices up to limitIndices, of every axis; all must lie in x. */
export function slice(
  x: ArrayLike,
  startIndices: Shape,
  limitIndices: Shape,
  ...rest: Trailing<[strides: Shape | null], { strides?: Shape | null }>
): NDArray {
  const { strides = null } = options<{ strides?: Shape | null }>("lax.slice", ["strides"], rest);
  const { node, shape, tail } = seen("lax.slice", x);
  const steps = strides ?? shape.map(() => 1);
  if (startIndices.length !== shape.length || limitIndices.length !== shape.length || steps.length !== shape.length) {
    throw new ShapeError(
      `lax.slice: ${formatAval(node.aval)}: expected a start, limit and stride for each of ${shape.length} axes`,
    );
  }
  const sizes = shape.map((size, axis) => {
    const [start, limit, step] = [startIndices[axis], limitIndices[axis], steps[axis]];
    if (
      ![start, limit, step].every((part) => Number.isInteger(part)) ||
      start < 0 ||
      limit < start ||
      limit > size ||
      step < 1
    ) {
      throw new IndexError(
        `lax.slice: ${formatAval(node.aval)}: [${start}, ${limit}, ${step}] is no slice of axis ${axis}`,
      );
    }
    return Math.ceil((limit - start) / step);
  });
  return rewrap(
    x,
    n.slice(node, [...startIndices, ...tail.map(() => 0)], [...sizes, ...tail], [...steps, ...tail.map(() => 1)]),
  );
}
/** Elements of one axis; null and negative numbers as in Python. */
export function sliceInDim(
  x: ArrayLike,
  startIndex: number | null,
  limitIndex: number | null,
  ...rest: Trailing<[stride: number, axis: number], { stride?: number; axis?: number }>
): NDArray {
  const { stride = 1, axis = 0 } = options<{ stride?: number; axis?: number }>(
    "lax.sliceInDim",
    ["stride", "axis"],
    rest,
  );
  const { shape } = seen("lax.sliceInDim", x);
  const at = checkAxis("lax.sliceInDim", axis, shape.length);
  const place = (index: number | null, fallback: number): number =>
    index === null ? fallback : index < 0 ? index + shape[at] : index;
  return slice(
    x,
    shape.map((_, i) => (i === at ? place(startIndex, 0) : 0)),
    shape.map((size, i) => (i === at ? place(limitIndex, size) : size)),
    shape.map((_, i) => (i === at ? stride : 1)),
  );
}
interface IndexOptions {
  axis?: number;
  keepdims?: boolean;
}
type IndexArgs = Trailing<[axis: number, keepdims: boolean], IndexOptions>;
/** One element of an axis; the axis stays with size 1 unless keepdims is false. */
export function indexInDim(x: ArrayLike, index: number, ...rest: IndexArgs): NDArray {
  const { axis = 0, keepdims = true } = options<IndexOptions>("lax.indexInDim", ["axis", "keepdims"], rest);
  const { node, shape, tail } = seen("lax.indexInDim", x);
  const at = checkAxis("lax.indexInDim", axis, shape.length);
  if (!Number.isInteger(index) || index < -shape[at] || index >= shape[at])
    throw new IndexError(
      `lax.indexInDim: ${formatAval(node.aval)}: index ${index} is out of range for axis ${at} with ${shape[at]} elements`,
    );
  const part = n.sliceAxis(node, at, index < 0 ? index + shape[at] : index, 1);
  return rewrap(x, keepdims ? part : n.reshape(part, [...shape.toSpliced(at, 1), ...tail]));
}

/** The part of a node that begins at numbers or computed places; starts are clamped so that it lies inside. */
function dynamicSliceNode(op: string, node: Node, starts: readonly ArrayLike[], sizes: Shape, tail: Shape): Node {
  const { shape } = node.aval;
  const rank = shape.length - tail.length;
  if (starts.length !== rank || sizes.length !== rank)
    throw new ShapeError(
      `${op}: ${formatAval(node.aval)}: expected a start and a size for each of ${rank} axes, got ${starts.length} and ${sizes.length}`,
    );
  sizes.forEach((size, axis) => {
    if (checkSize(op, size) > shape[axis])
      throw new ShapeError(`${op}: ${formatAval(node.aval)}: a slice of ${size} elements does not fit axis ${axis}`);
  });
  const all = [...sizes, ...tail];
  if (starts.every((start) => typeof start === "number")) {
    for (const start of starts)
      if (!Number.isInteger(start)) throw new IndexError(`${op}: an index must be an integer, got ${String(start)}`);
    // a negative start counts from the end before it is clamped, as in JAX
    const clamped = starts.map((start, axis) =>
      Math.min(Math.max(start < 0 ? start + shape[axis] : start, 0), shape[axis] - sizes[axis]),
    );
    return n.slice(node, [...clamped, ...tail.map(() => 0)], all);
  }
  const places = starts.map((start, axis) => {
    const place = indexNode(op, start);
    if (place.aval.shape.length !== 0)
      throw new ShapeError(`${op}: ${formatAval(place.aval)}: a start must have rank 0`);
    if (typeof start === "number" && start >= 0) return place;
    return n.select(n.compare("lt", place, 0), n.add(place, shape[axis]), place);
  });
  return n.dynamicSlice(node, [...places, ...tail.map(() => n.lit("int32", 0))], all);
}
/** Starts as a list: an array of shape [rank] is taken apart. */
const startList = (op: string, starts: ArrayLike): readonly ArrayLike[] => {
  if (Array.isArray(starts)) return starts as readonly ArrayLike[];
  const node = indexNode(op, starts);
  if (node.aval.shape.length !== 1)
    throw new ShapeError(`${op}: ${formatAval(node.aval)}: expected a list of starts or an array with 1 axis`);
  return Array.from({ length: node.aval.size }, (_, i) => wrap(n.reshape(n.sliceAxis(node, 0, i, 1), [])));
};

/**
 * The part of x of these sizes that begins at startIndices, which may be computed; starts are clamped so that it lies
 * inside. JS numbers cost no new plan when they change.
 * @example lax.dynamicSlice(image, [i, j], [8, 8])
 */
export function dynamicSlice(x: ArrayLike, startIndices: ArrayLike, sliceSizes: Shape): NDArray {
  const { node, tail } = seen("lax.dynamicSlice", x);
  return rewrap(
    x,
    dynamicSliceNode("lax.dynamicSlice", node, startList("lax.dynamicSlice", startIndices), sliceSizes, tail),
  );
}
/** dynamicSlice of one axis. */
export function dynamicSliceInDim(
  x: ArrayLike,
  startIndex: ArrayLike,
  sliceSize: number,
  ...rest: Trailing<[axis: number], { axis?: number }>
): NDArray {
  const { axis = 0 } = options<{ axis?: number }>("lax.dynamicSliceInDim", ["axis"], rest);
  const { node, shape, tail } = seen("lax.dynamicSliceInDim", x);
  const at = checkAxis("lax.dynamicSliceInDim", axis, shape.length);
  const starts = shape.map((_, i): ArrayLike => (i === at ? startIndex : 0));
  return rewrap(x, dynamicSliceNode("lax.dynamicSliceInDim", node, starts, shape.with(at, sliceSize), tail));
}
/** One element of an axis at a computed place; the axis stays with size 1 unless keepdims is false. */
export function dynamicIndexInDim(x: ArrayLike, index: ArrayLike, ...rest: IndexArgs): NDArray {
  const { axis = 0, keepdims = true } = options<IndexOptions>("lax.dynamicIndexInDim", ["axis", "keepdims"], rest);
  const part = dynamicSliceInDim(x, index, 1, axis);
  const { shape } = part;
  return keepdims ? part : squeeze(part, [checkAxis("lax.dynamicIndexInDim", axis, shape.length)]);
}

/** Where an axis of a shape lies inside the part of `size` elements from `start` on. */
const inside = (shape: Shape, axis: number, start: Node, size: number): Node => {
  const place = n.iota("int32", shape, axis);
  return n.and(n.compare("ge", place, start), n.compare("lt", place, n.add(start, size)));
};
/**
 * x with a part replaced: update is written from startIndices on, which are clamped so that it lies inside.
 * Built on dynamicSlice: the update is padded so wide that the slice from −start has it in its place.
 */
export function dynamicUpdateSlice(x: ArrayLike, update: ArrayLike, startIndices: ArrayLike): NDArray {
  const op = "lax.dynamicUpdateSlice";
  const [node, piece] = [toNode(op, x), toNode(op, update)];
  const { shape } = node.aval;
  const sizes = piece.aval.shape;
  if (piece.aval.dtype !== node.aval.dtype)
    throw new DTypeError(
      `${op}: ${formatAval(node.aval)}, ${formatAval(piece.aval)}: expected one dtype; convert with astype first`,
    );
  const starts = startList(op, startIndices);
  if (
    sizes.length !== shape.length ||
    sizes.some((size, axis) => size > shape[axis]) ||
    starts.length !== shape.length
  ) {
    throw new ShapeError(
      `${op}: ${formatAval(node.aval)}, ${formatAval(piece.aval)}: the update must have as many axes and fit in it, with one start an axis`,
    );
  }
  if (piece.aval.size === 0 || shape.length === 0) return wrap(shape.length === 0 ? piece : node);
  const room = shape.map((size, axis) => size - sizes[axis]);
  const places = starts.map((start, axis) => {
    const place = indexNode(op, start);
    const wrapped = n.select(n.compare("lt", place, 0), n.add(place, shape[axis]), place);
    return n.min(n.max(wrapped, 0), room[axis]);
  });
  const wide = n.pad(piece, 0, room, room);
  const moved = n.dynamicSlice(
    wide,
    places.map((place, axis) => n.sub(n.like(place, room[axis]), place)),
    shape,
  );
  const mask = places.map((place, axis) => inside(shape, axis, place, sizes[axis])).reduce((a, b) => n.and(a, b));
  return wrap(n.select(mask, moved, node));
}
/** dynamicUpdateSlice of one axis. */
export function dynamicUpdateSliceInDim(x: ArrayLike, update: ArrayLike, startIndex: ArrayLike, axis: number): NDArray {
  const rank = toNode("lax.dynamicUpdateSliceInDim", x).aval.shape.length;
  const at = checkAxis("lax.dynamicUpdateSliceInDim", axis, rank);
  return dynamicUpdateSlice(
    x,
    update,
    Array.from({ length: rank }, (_, i): ArrayLike => (i === at ? startIndex : 0)),
  );
}
/** One element of an axis replaced; the update may lack the axis. */
export function dynamicUpdateIndexInDim(x: ArrayLike, update: ArrayLike, index: ArrayLike, axis: number): NDArray {
  const rank = toNode("lax.dynamicUpdateIndexInDim", x).aval.shape.length;
  const at = checkAxis("lax.dynamicUpdateIndexInDim", axis, rank);
  const piece = toNode("lax.dynamicUpdateIndexInDim", update);
  const full = piece.aval.shape.length === rank ? piece : n.reshape(piece, piece.aval.shape.toSpliced(at, 0, 1));
  return dynamicUpdateSliceInDim(x, wrap(full), index, at);
}

// Reductions --------------------------------------------------------------------------------------------------------

const reduction =
  (name: string, prim: Parameters<typeof n.reduce>[0]) =>
  (x: ArrayLike, axes: readonly number[]): NDArray => {
    const node = toNode(`lax.${name}`, x);
    return wrap(n.reduce(prim, node, checkAxes(`lax.${name}`, axes, node.aval.shape.length)));
  };
type Reduction = (x: ArrayLike, axes: readonly number[]) => NDArray;
export const reduceSum: Reduction = reduction("reduceSum", "reduceSum");
export const reduceProd: Reduction = reduction("reduceProd", "reduceProd");
export const reduceMax: Reduction = reduction("reduceMax", "reduceMax");
export const reduceMin: Reduction = reduction("reduceMin", "reduceMin");
export const reduceAnd: Reduction = reduction("reduceAnd", "reduceAnd");
export const reduceOr: Reduction = reduction("reduceOr", "reduceOr");
export const reduceXor: Reduction = reduction("reduceXor", "reduceXor");
const argReduction =
  (prim: "argmax" | "argmin") =>
  (x: ArrayLike, axis: number, indexDtype: DType = "int32"): NDArray => {
    const node = toNode(`lax.${prim}`, x);
    const found = record(prim, { axis: checkAxis(`lax.${prim}`, axis, node.aval.shape.length) }, [node]);
    return wrap(n.convert(found, checkDType(`lax.${prim}`, indexDtype)));
  };
/** The index of the first largest element along an axis. */
export const argmax: (x: ArrayLike, axis: number, indexDtype?: DType) => NDArray = argReduction("argmax");
/** The index of the first smallest element along an axis. */
export const argmin: (x: ArrayLike, axis: number, indexDtype?: DType) => NDArray = argReduction("argmin");

// Contractions ------------------------------------------------------------------------------------------------------

/** [[contracted axes of x, of y], [batch axes of x, of y]] */
export type DotDimensionNumbers = readonly [
  contract: readonly [readonly number[], readonly number[]],
  batch: readonly [readonly number[], readonly number[]],
];
export interface DotOptions {
  precision?: unknown;
  preferredElementType?: DType | null;
}
/** The product summed over contracted axes; the result has batch axes, then x's, then y's free axes. */
export function dotGeneral(
  x: ArrayLike,
  y: ArrayLike,
  dimensionNumbers: DotDimensionNumbers,
  ...rest: Trailing<[precision: unknown, preferredElementType: DType | null], DotOptions>
): NDArray {
  const { preferredElementType: preferred = null } = options<DotOptions>(
    "lax.dotGeneral",
    ["precision", "preferredElementType"],
    rest,
  );
  let [a, b] = [toNode("lax.dotGeneral", x), toNode("lax.dotGeneral", y)];
  if (preferred !== null) [a, b] = [a, b].map((node) => n.convert(node, checkDType("lax.dotGeneral", preferred)));
  const axes = (list: readonly number[], node: Node): number[] =>
    list.map((axis) => checkAxis("lax.dotGeneral", axis, node.aval.shape.length));
  const [contract, batch] = dimensionNumbers;
  return wrap(
    dotNode(
      { contract: [axes(contract[0], a), axes(contract[1], b)], batch: [axes(batch[0], a), axes(batch[1], b)] },
      a,
      b,
    ),
  );
}
/** The product of vectors and matrices: x's last axis with y's first. */
export function dot(x: ArrayLike, y: ArrayLike): NDArray {
  const [a, b] = [toNode("lax.dot", x), toNode("lax.dot", y)];
  const [s, t] = [a.aval.shape, b.aval.shape];
  if (s.length < 1 || s.length > 2 || t.length < 1 || t.length > 2)
    throw new ShapeError(`lax.dot: ${formatAval(a.aval)}, ${formatAval(b.aval)}: expected 1 or 2 axes each`);
  return wrap(dotNode({ contract: [[s.length - 1], [0]], batch: [[], []] }, a, b));
}
/** Stacks of matrices multiplied: [...batch, m, k] × [...batch, k, n] with equal batch axes. */
export function batchMatmul(x: ArrayLike, y: ArrayLike): NDArray {
  const [a, b] = [toNode("lax.batchMatmul", x), toNode("lax.batchMatmul", y)];
  const [s, t] = [a.aval.shape, b.aval.shape];
  if (s.length < 2 || s.length !== t.length || !sameShape(s.slice(0, -2), t.slice(0, -2)))
    throw new ShapeError(
      `lax.batchMatmul: ${formatAval(a.aval)}, ${formatAval(b.aval)}: expected as many axes, with equal batch axes`,
    );
  return matmul(x, y);
}
