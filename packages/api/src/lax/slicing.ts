// jax.lax's slices: at places that are known now, and at computed ones, which are clamped so that the part lies inside.
import type { Node } from "@weft/ir";
import { ArgumentError, DTypeError, formatAval, IndexError, ShapeError } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { checkAxis, checkSize, expectReach, indexNode, rewrap, toNode, wrap } from "../core/convert.ts";
import { define } from "../core/define.ts";
import { array, axis, flag, flags, integer, integers, named, nullable, size } from "../core/kinds.ts";
import { seen } from "../numpy/movement.ts";
import * as n from "./nodes.ts";

type Shape = readonly number[];
const OPERAND = array("operand");
const AXIS = axis("axis", 0);
const KEEPDIMS = flag("keepdims", true);

// At places known now -------------------------------------------------------------------------------------------------

function sliced(op: string, x: ArrayLike, starts: Shape, limits: Shape, strides: Shape | null): NDArray {
  const { node, shape, tail } = seen(op, x);
  const steps = strides ?? shape.map(() => 1);
  if (starts.length !== shape.length || limits.length !== shape.length || steps.length !== shape.length) {
    throw new ShapeError(
      `${op}: ${formatAval(node.aval)}: expected a start, limit and stride for each of ${shape.length} axes`,
    );
  }
  const sizes = shape.map((length, i) => {
    const [start, limit, step] = [starts[i], limits[i], steps[i]];
    if (start < 0 || limit < start || limit > length || step < 1)
      throw new IndexError(`${op}: ${formatAval(node.aval)}: [${start}, ${limit}, ${step}] is no slice of axis ${i}`);
    return Math.ceil((limit - start) / step);
  });
  return rewrap(
    x,
    n.slice(node, [...starts, ...tail.map(() => 0)], [...sizes, ...tail], [...steps, ...tail.map(() => 1)]),
  );
}
/** Elements from startIndices up to limitIndices, of every axis; all must lie in the operand. */
export const slice = define(
  "lax.slice",
  [OPERAND, integers("startIndices"), integers("limitIndices"), integers("strides", null)],
  (operand, startIndices, limitIndices, strides) => sliced("lax.slice", operand, startIndices, limitIndices, strides),
);
/** Elements of one axis; null and negative numbers as in Python. */
export const sliceInDim = define(
  "lax.sliceInDim",
  [OPERAND, nullable(integer("startIndex")), nullable(integer("limitIndex")), integer("stride", 1), AXIS],
  (operand, startIndex, limitIndex, stride, axis) => {
    const op = "lax.sliceInDim";
    const { shape } = seen(op, operand);
    const at = checkAxis(op, axis, shape.length);
    const place = (index: number | null, fallback: number): number =>
      index === null ? fallback : index < 0 ? index + shape[at] : index;
    return sliced(
      op,
      operand,
      shape.map((_, i) => (i === at ? place(startIndex, 0) : 0)),
      shape.map((length, i) => (i === at ? place(limitIndex, length) : length)),
      shape.map((_, i) => (i === at ? stride : 1)),
    );
  },
);
/** One element of an axis; the axis stays with size 1 unless keepdims is false. */
export const indexInDim = define(
  "lax.indexInDim",
  [OPERAND, integer("index"), AXIS, KEEPDIMS],
  (operand, index, axis, keepdims) => {
    const op = "lax.indexInDim";
    const { node, shape, tail } = seen(op, operand);
    const at = checkAxis(op, axis, shape.length);
    if (index < -shape[at] || index >= shape[at])
      throw new IndexError(
        `${op}: ${formatAval(node.aval)}: index ${index} is out of range for axis ${at} with ${shape[at]} elements`,
      );
    const part = n.sliceAxis(node, at, index < 0 ? index + shape[at] : index, 1);
    return rewrap(operand, keepdims ? part : n.reshape(part, [...shape.toSpliced(at, 1), ...tail]));
  },
);

// At computed places ----------------------------------------------------------------------------------------------------

type Flags = boolean | readonly boolean[];
/** Whether negative starts count from the end, for all axes or each. */
const NEGATIVE = named(flags("allowNegativeIndices", true));
const NEGATIVE_IN_DIM = named(flag("allowNegativeIndices", true));
const negativeOf = (op: string, given: Flags, rank: number): readonly boolean[] => {
  if (typeof given === "boolean") return new Array<boolean>(rank).fill(given);
  if (given.length === rank) return given;
  throw new ArgumentError(`${op}: allowNegativeIndices: expected true or false, or ${rank} of them`);
};

/** A start as a node; a negative one counts from the end where that is allowed. */
function placeNode(op: string, start: ArrayLike, axis: number, length: number, negative: boolean): Node {
  if (typeof start === "number") return indexNode(op, placeNumber(op, start, length, negative));
  expectReach(op, axis, length);
  if (start instanceof NDArray && start.dtype === "uint32")
    return placeNode(op, wrap(n.convert(n.min(toNode(op, start), 2 ** 31 - 1), "int32")), axis, length, false);
  const place = indexNode(op, start);
  if (place.aval.shape.length !== 0) throw new ShapeError(`${op}: ${formatAval(place.aval)}: a start must have rank 0`);
  return negative ? n.select(n.compare("lt", place, 0), n.add(place, length), place) : place;
}
/** A start that is known now. */
function placeNumber(op: string, start: number, length: number, negative: boolean): number {
  if (!Number.isInteger(start)) throw new IndexError(`${op}: an index must be an integer, got ${String(start)}`);
  if (start >= 0) return start;
  if (!negative) throw new IndexError(`${op}: index ${start} is out of range, because allowNegativeIndices is false`);
  return start + length;
}
/** Starts as a list: an array of shape [rank] is taken apart. */
const startList = (op: string, starts: ArrayLike): readonly ArrayLike[] => {
  if (Array.isArray(starts)) return starts as readonly ArrayLike[];
  const node = indexNode(op, starts);
  if (node.aval.shape.length !== 1)
    throw new ShapeError(`${op}: ${formatAval(node.aval)}: expected a list of starts or an array with 1 axis`);
  return Array.from({ length: node.aval.size }, (_, i) => wrap(n.reshape(n.sliceAxis(node, 0, i, 1), [])));
};
const numbersAlone = (starts: readonly ArrayLike[]): starts is readonly number[] =>
  starts.every((start) => typeof start === "number");
const clamped = (place: number, room: number): number => Math.min(Math.max(place, 0), room);

function dynamicSliced(op: string, x: ArrayLike, starts: readonly ArrayLike[], sizes: Shape, allow: Flags): NDArray {
  const { node, shape, tail } = seen(op, x);
  const rank = shape.length;
  if (starts.length !== rank || sizes.length !== rank)
    throw new ShapeError(
      `${op}: ${formatAval(node.aval)}: expected a start and a size for each of ${rank} axes, got ${starts.length} and ${sizes.length}`,
    );
  sizes.forEach((length, i) => {
    if (checkSize(op, length) > shape[i])
      throw new ShapeError(`${op}: ${formatAval(node.aval)}: a slice of ${length} elements does not fit axis ${i}`);
  });
  const all = [...sizes, ...tail];
  const negative = negativeOf(op, allow, rank);
  if (numbersAlone(starts)) {
    const places = starts.map((start, i) =>
      clamped(placeNumber(op, start, shape[i], negative[i]), shape[i] - sizes[i]),
    );
    return rewrap(x, n.slice(node, [...places, ...tail.map(() => 0)], all));
  }
  const places = starts.map((start, i) => placeNode(op, start, i, shape[i], negative[i]));
  return rewrap(x, n.dynamicSlice(node, [...places, ...tail.map(() => n.lit("int32", 0))], all));
}
/**
 * The part of the operand of these sizes that begins at startIndices, which may be computed; starts are clamped so that
 * it lies inside. JS numbers cost no new plan when they change.
 * @example lax.dynamicSlice(image, [i, j], [8, 8])
 */
export const dynamicSlice = define(
  "lax.dynamicSlice",
  [OPERAND, array("startIndices"), integers("sliceSizes"), NEGATIVE],
  (operand, startIndices, sliceSizes, allowNegativeIndices) => {
    const op = "lax.dynamicSlice";
    return dynamicSliced(op, operand, startList(op, startIndices), sliceSizes, allowNegativeIndices);
  },
);
function slicedInDim(
  op: string,
  x: ArrayLike,
  start: ArrayLike,
  length: number,
  axis: number,
  allow: boolean,
): NDArray {
  const { shape } = seen(op, x);
  const at = checkAxis(op, axis, shape.length);
  return dynamicSliced(
    op,
    x,
    shape.map((_, i): ArrayLike => (i === at ? start : 0)),
    shape.with(at, length),
    allow,
  );
}
/** dynamicSlice of one axis. */
export const dynamicSliceInDim = define(
  "lax.dynamicSliceInDim",
  [OPERAND, array("startIndex"), size("sliceSize"), AXIS, NEGATIVE_IN_DIM],
  (operand, startIndex, sliceSize, axis, allowNegativeIndices) =>
    slicedInDim("lax.dynamicSliceInDim", operand, startIndex, sliceSize, axis, allowNegativeIndices),
);
/** One element of an axis at a computed place; the axis stays with size 1 unless keepdims is false. */
export const dynamicIndexInDim = define(
  "lax.dynamicIndexInDim",
  [OPERAND, array("index"), AXIS, KEEPDIMS, NEGATIVE_IN_DIM],
  (operand, index, axis, keepdims, allowNegativeIndices) => {
    const op = "lax.dynamicIndexInDim";
    const part = slicedInDim(op, operand, index, 1, axis, allowNegativeIndices);
    if (keepdims) return part;
    const { node, shape } = seen(op, part);
    return rewrap(operand, n.reshape(node, node.aval.shape.toSpliced(checkAxis(op, axis, shape.length), 1)));
  },
);

/** Where an axis of a shape lies inside the part of `length` elements from `start` on. */
const inside = (shape: Shape, axis: number, start: Node, length: number): Node => {
  const place = n.iota("int32", shape, axis);
  return n.and(n.compare("ge", place, start), n.compare("lt", place, n.add(start, length)));
};
/** Built on dynamicSlice: the update is padded so wide that the slice from −start has it in its place. */
function updated(op: string, x: ArrayLike, update: ArrayLike, starts: readonly ArrayLike[], allow: Flags): NDArray {
  const [node, piece] = [toNode(op, x), toNode(op, update)].map(n.strong);
  const { shape } = node.aval;
  const sizes = piece.aval.shape;
  if (piece.aval.dtype !== node.aval.dtype)
    throw new DTypeError(
      `${op}: ${formatAval(node.aval)}, ${formatAval(piece.aval)}: expected one dtype; convert with astype first`,
    );
  if (sizes.length !== shape.length || sizes.some((length, i) => length > shape[i]) || starts.length !== shape.length) {
    throw new ShapeError(
      `${op}: ${formatAval(node.aval)}, ${formatAval(piece.aval)}: the update must have as many axes and fit in it, with one start an axis`,
    );
  }
  const negative = negativeOf(op, allow, shape.length);
  const room = shape.map((length, i) => length - sizes[i]);
  const places = starts.map((start, i) => n.min(n.max(placeNode(op, start, i, shape[i], negative[i]), 0), room[i]));
  if (piece.aval.size === 0) return wrap(node);
  if (shape.length === 0) return wrap(piece);
  const wide = n.pad(piece, 0, room, room);
  const moved = n.dynamicSlice(
    wide,
    places.map((place, i) => n.sub(n.like(place, room[i]), place)),
    shape,
  );
  const mask = places.map((place, i) => inside(shape, i, place, sizes[i])).reduce((a, b) => n.and(a, b));
  return wrap(n.select(mask, moved, node));
}
/** The operand with a part replaced: update is written from startIndices on, which are clamped so that it lies inside. */
export const dynamicUpdateSlice = define(
  "lax.dynamicUpdateSlice",
  [OPERAND, array("update"), array("startIndices"), NEGATIVE],
  (operand, update, startIndices, allowNegativeIndices) => {
    const op = "lax.dynamicUpdateSlice";
    return updated(op, operand, update, startList(op, startIndices), allowNegativeIndices);
  },
);
function updatedInDim(op: string, x: NDArray, update: ArrayLike, start: ArrayLike, axis: number, allow: boolean) {
  const at = checkAxis(op, axis, x.ndim);
  return updated(
    op,
    x,
    update,
    x.shape.map((_, i): ArrayLike => (i === at ? start : 0)),
    allow,
  );
}
/** dynamicUpdateSlice of one axis. */
export const dynamicUpdateSliceInDim = define(
  "lax.dynamicUpdateSliceInDim",
  [OPERAND, array("update"), array("startIndex"), axis("axis"), NEGATIVE_IN_DIM],
  (operand, update, startIndex, axis, allowNegativeIndices) => {
    const op = "lax.dynamicUpdateSliceInDim";
    return updatedInDim(op, wrap(toNode(op, operand)), update, startIndex, axis, allowNegativeIndices);
  },
);
/** One element of an axis replaced; the update may lack the axis. */
export const dynamicUpdateIndexInDim = define(
  "lax.dynamicUpdateIndexInDim",
  [OPERAND, array("update"), array("index"), axis("axis"), NEGATIVE_IN_DIM],
  (operand, update, index, axis, allowNegativeIndices) => {
    const op = "lax.dynamicUpdateIndexInDim";
    const whole = wrap(toNode(op, operand));
    const at = checkAxis(op, axis, whole.ndim);
    const piece = toNode(op, update);
    const fits = piece.aval.shape.length === whole.ndim;
    const full = fits ? piece : n.reshape(piece, piece.aval.shape.toSpliced(at, 0, 1));
    return updatedInDim(op, whole, wrap(full), index, at, allowNegativeIndices);
  },
);
