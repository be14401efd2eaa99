// Movement of elements: reshape, transposition, repetition, flips and rolls. Nothing is computed; random keys move as
// arrays do, their two words being an axis that stays last and is not counted.
import type { Node } from "@weft/ir";
import { ArgumentError, formatAval, IndexError, ShapeError, sizeOf } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import {
  broadcastShapes as broadcastAll,
  broadcastTo as broadcastNode,
  checkAxes,
  checkAxis,
  checkShape,
  checkSize,
  expectReach,
  indexNode,
  rewrap,
  shapeList,
  toMovable,
  toNode,
  wrap,
} from "../core/convert.ts";
import { define, defineAs } from "../core/define.ts";
import { isTypedArray } from "../core/host.ts";
import {
  array,
  axes,
  axis,
  choice,
  flag,
  integer,
  integers,
  named,
  rest,
  shape,
  sharding,
  size,
} from "../core/kinds.ts";
import * as n from "../lax/nodes.ts";

// what these functions take, in JAX's order
const A = array("a");
const AXES = axes("axis", null);
const SHARDING = sharding("outSharding");

/** The axes of the words of keys: none for other arrays. */
export const tailOf = (x: ArrayLike): readonly number[] => (x instanceof NDArray && x.isKey ? [2] : []);
/** A node with its shape as the user sees it. */
export const seen = (
  op: string,
  x: ArrayLike,
): { readonly node: Node; readonly shape: readonly number[]; readonly tail: readonly number[] } => {
  const node = toMovable(op, x);
  const tail = tailOf(x);
  return { node, shape: tail.length === 0 ? node.aval.shape : node.aval.shape.slice(0, -1), tail };
};
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
/** The first axes of a node in this order; those that are not named stay where they are. */
const permuted = (node: Node, perm: readonly number[]): Node =>
  n.transpose(node, [...perm, ...range(node.aval.shape.length).slice(perm.length)]);
const reversed = (node: Node, rank: number): Node => permuted(node, range(rank).reverse());

// Shapes --------------------------------------------------------------------------------------------------------------

/** Resolves one −1. Throws ShapeError if the sizes do not fit. */
export function resolveShape(
  op: string,
  node: Node,
  from: readonly number[],
  asked: number | readonly number[],
): number[] {
  const shape = shapeList(op, asked);
  const free = shape.indexOf(-1);
  if (free >= 0) {
    const rest = sizeOf(shape.filter((_, axis) => axis !== free));
    const size = sizeOf(from);
    if (shape.lastIndexOf(-1) !== free)
      throw new ShapeError(`${op}: ${formatAval(node.aval)}: only one size may be −1, got [${shape.join(",")}]`);
    if (rest === 0 ? size !== 0 : size % rest !== 0)
      throw new ShapeError(`${op}: ${formatAval(node.aval)}: ${size} elements do not fill shape [${shape.join(",")}]`);
    shape[free] = rest === 0 ? 0 : size / rest;
  }
  return checkShape(op, shape);
}

/** The order in which elements are read and written; arrays lie row by row here, so that A and K are C. */
type Order = "C" | "F" | "A" | "K";
function reshaped(op: string, x: ArrayLike, asked: number | readonly number[], order: Order, copy: boolean | null) {
  const { node, shape: from, tail } = seen(op, x);
  const to = resolveShape(op, node, from, asked);
  if (order !== "F" || (from.length < 2 && to.length < 2)) return rewrap(x, n.reshape(node, [...to, ...tail]));
  if (copy === false)
    throw new ArgumentError(`${op}: ${formatAval(node.aval)}: copy is false, but order "F" moves elements`);
  const line = n.reshape(reversed(node, from.length), [...to.toReversed(), ...tail]);
  return rewrap(x, reversed(line, to.length));
}
/**
 * The same elements in another shape, one size of which may be −1. They are read and written row by row, or column by
 * column with order "F".
 * @example np.reshape(x, [2, -1], { order: "F" })
 */
export const reshape = define(
  "np.reshape",
  [A, shape("shape"), choice("C", "F", "A")("order", "C"), named(flag("copy", null)), SHARDING],
  (a, shape, order, copy): NDArray => reshaped("np.reshape", a, shape, order, copy),
);
/** All elements along one axis, row by row, or column by column with order "F". */
export const ravel = define("np.ravel", [A, choice("C", "F", "A", "K")("order", "C"), SHARDING], (a, order): NDArray =>
  reshaped("np.ravel", a, -1, order, null),
);
/** Axes of size 1 taken away: all of them, or those named. Throws ShapeError for a named axis of another size. */
export const squeeze = define("np.squeeze", [A, AXES], (a, axis) => {
  const { node, shape, tail } = seen("np.squeeze", a);
  const axes =
    axis === null ? range(shape.length).filter((i) => shape[i] === 1) : checkAxes("np.squeeze", axis, shape.length);
  for (const i of axes)
    if (shape[i] !== 1)
      throw new ShapeError(`np.squeeze: ${formatAval(node.aval)}: axis ${i} has ${shape[i]} elements, not 1`);
  return rewrap(a, n.reshape(node, [...shape.filter((_, i) => !axes.includes(i)), ...tail]));
});
/** New axes of size 1 at these places of the result. */
export const expandDims = define("np.expandDims", [A, axes("axis")], (a, axis) => {
  const { node, shape, tail } = seen("np.expandDims", a);
  const count = typeof axis === "number" ? 1 : axis.length;
  const places = checkAxes("np.expandDims", axis, shape.length + count);
  const result = [...shape];
  for (const place of places) result.splice(place, 0, 1);
  return rewrap(a, n.reshape(node, [...result, ...tail]));
});

/** The type of atleast1d and its kin: a list for several arrays. */
export interface AtLeast {
  (x: ArrayLike): NDArray;
  (...arys: readonly ArrayLike[]): NDArray | NDArray[];
}
// @__NO_SIDE_EFFECTS__
const atLeast = (op: string, to: (shape: readonly number[]) => readonly number[]): AtLeast =>
  defineAs<AtLeast>()(op, [rest(array("arys"))], (arys) => {
    const result = arys.map((x) => {
      const { node, shape, tail } = seen(op, x);
      return rewrap(x, n.reshape(node, [...to(shape), ...tail]));
    });
    return result.length === 1 ? result[0] : result;
  });
export const shape1d = (shape: readonly number[]): readonly number[] => (shape.length === 0 ? [1] : shape);
export const shape2d = (shape: readonly number[]): readonly number[] =>
  shape.length < 2 ? [1, ...shape1d(shape)] : shape;
export const shape3d = (shape: readonly number[]): readonly number[] =>
  shape.length < 3 ? [...shape2d(shape), 1] : shape;
/** With 1 axis or more. */
export const atleast1d = atLeast("np.atleast1d", shape1d);
/** With 2 axes or more: new ones in front. */
export const atleast2d = atLeast("np.atleast2d", shape2d);
/** With 3 axes or more, as NumPy places them. */
export const atleast3d = atLeast("np.atleast3d", shape3d);

// Axes in another order -------------------------------------------------------------------------------------------------

function transposed(op: string, x: ArrayLike, axes: readonly number[] | null): NDArray {
  const { node, shape } = seen(op, x);
  const rank = shape.length;
  if (axes === null) return rewrap(x, reversed(node, rank));
  const perm = axes.map((axis) => checkAxis(op, axis, rank));
  if (perm.length !== rank || new Set(perm).size !== rank)
    throw new ShapeError(`${op}: ${formatAval(node.aval)}: [${axes.join(",")}] is no permutation of ${rank} axes`);
  return rewrap(x, permuted(node, perm));
}
/** Its axes in another order; reversed without one. @example np.transpose(x, [1, 0, 2]) */
export const transpose = define("np.transpose", [A, integers("axes", null)], (a, axes) =>
  transposed("np.transpose", a, axes),
);
/** Its axes in another order. */
export const permuteDims = define("np.permuteDims", [A, integers("axes")], (a, axes) =>
  transposed("np.permuteDims", a, axes),
);
/** Two axes of a node exchanged. */
const exchanged = (node: Node, a: number, b: number): Node => {
  const perm = range(node.aval.shape.length);
  [perm[a], perm[b]] = [b, a];
  return n.transpose(node, perm);
};
/** The last two axes exchanged. */
export const matrixTranspose = define("np.matrixTranspose", [array("x")], (x) => {
  const { node, shape } = seen("np.matrixTranspose", x);
  if (shape.length < 2) throw new ShapeError(`np.matrixTranspose: ${formatAval(node.aval)}: expected at least 2 axes`);
  return rewrap(x, exchanged(node, shape.length - 1, shape.length - 2));
});
/** Two axes exchanged. */
export const swapaxes = define("np.swapaxes", [A, axis("axis1"), axis("axis2")], (a, axis1, axis2) => {
  const { node, shape } = seen("np.swapaxes", a);
  const [from, to] = [axis1, axis2].map((axis) => checkAxis("np.swapaxes", axis, shape.length));
  return rewrap(a, exchanged(node, from, to));
});
/** Axes moved to places of the result; the others keep their order. */
function moved(op: string, x: ArrayLike, from: readonly number[], to: readonly number[]): NDArray {
  const { node, shape } = seen(op, x);
  const perm = range(shape.length).filter((axis) => !from.includes(axis));
  for (const [place, axis] of to.map((at, i) => [at, from[i]] as const).sort((a, b) => a[0] - b[0]))
    perm.splice(place, 0, axis);
  return rewrap(x, permuted(node, perm));
}
/** Axes `source` put at the places `destination`; the others keep their order. */
export const moveaxis = define("np.moveaxis", [A, axes("source"), axes("destination")], (a, source, destination) => {
  const { node, shape } = seen("np.moveaxis", a);
  const [from, to] = [source, destination].map((axes) => {
    const list = (typeof axes === "number" ? [axes] : axes).map((axis) => checkAxis("np.moveaxis", axis, shape.length));
    if (new Set(list).size < list.length)
      throw new IndexError(`np.moveaxis: ${formatAval(node.aval)}: [${list.join(",")}] names an axis twice`);
    return list;
  });
  if (from.length !== to.length)
    throw new ShapeError(`np.moveaxis: ${formatAval(node.aval)}: ${from.length} axes for ${to.length} places`);
  return moved("np.moveaxis", a, from, to);
});
/** Axis `axis` moved in front of axis `start`. */
export const rollaxis = define("np.rollaxis", [A, axis("axis"), axis("start", 0)], (a, axis, start) => {
  const rank = seen("np.rollaxis", a).shape.length;
  const from = checkAxis("np.rollaxis", axis, rank);
  const to = start === rank ? rank : checkAxis("np.rollaxis", start, rank);
  return moved("np.rollaxis", a, [from], [to > from ? to - 1 : to]);
});

// Broadcasting ----------------------------------------------------------------------------------------------------------

/** An array repeated to a shape it broadcasts to. */
export const broadcastTo = define("np.broadcastTo", [array("array"), shape("shape"), SHARDING], (array, shape) => {
  const { node, tail } = seen("np.broadcastTo", array);
  return rewrap(array, broadcastNode("np.broadcastTo", node, [...checkShape("np.broadcastTo", shape), ...tail]));
});
/** All arrays in the shape they broadcast to. */
export const broadcastArrays = define("np.broadcastArrays", [rest(array("args"))], (args): NDArray[] => {
  const nodes = args.map((x) => toNode("np.broadcastArrays", x));
  const shape = broadcastAll(
    "np.broadcastArrays",
    nodes.map((node) => node.aval.shape),
  );
  return nodes.map((node) => wrap(broadcastNode("np.broadcastArrays", node, shape)));
});
/** The shape that shapes broadcast to. Throws ShapeError. @example np.broadcastShapes([3, 1], [4]) // [3, 4] */
export const broadcastShapes = define("np.broadcastShapes", [rest(shape("shapes"))], (shapes) =>
  broadcastAll(
    "np.broadcastShapes",
    shapes.map((shape) => checkShape("np.broadcastShapes", shape)),
  ),
);

// Flips and rolls -------------------------------------------------------------------------------------------------------

/** Elements in reverse order along axes (all by default). */
export const flip = define("np.flip", [array("m"), AXES], (m, axis) => {
  const { node, shape } = seen("np.flip", m);
  return rewrap(m, n.flip(node, checkAxes("np.flip", axis, shape.length)));
});
const flipOne = (op: string, x: ArrayLike, axis: number): NDArray => {
  const { node, shape } = seen(op, x);
  if (shape.length <= axis)
    throw new ShapeError(
      `${op}: ${formatAval(node.aval)}: expected at least ${axis + 1} ${axis === 0 ? "axis" : "axes"}`,
    );
  return rewrap(x, n.flip(node, [axis]));
};
/** Columns reversed: axis 1. */
export const fliplr = define("np.fliplr", [array("m")], (m) => flipOne("np.fliplr", m, 1));
/** Rows reversed: axis 0. */
export const flipud = define("np.flipud", [array("m")], (m) => flipOne("np.flipud", m, 0));
/** Rotated by k quarter turns from the first axis towards the second. */
export const rot90 = define("np.rot90", [array("m"), integer("k", 1), integers("axes", [0, 1])], (m, k, axes) => {
  const { node, shape } = seen("np.rot90", m);
  if (axes.length !== 2) throw new IndexError(`np.rot90: axes: expected two axes, got [${axes.join(", ")}]`);
  const [a, b] = axes.map((axis) => checkAxis("np.rot90", axis, shape.length));
  if (a === b) throw new IndexError(`np.rot90: ${formatAval(node.aval)}: axis ${axes[0]} is named twice`);
  switch (((k % 4) + 4) % 4) {
    case 0:
      return rewrap(m, node);
    case 1:
      return rewrap(m, exchanged(n.flip(node, [b]), a, b));
    case 2:
      return rewrap(m, n.flip(node, [a, b]));
    default:
      return rewrap(m, n.flip(exchanged(node, a, b), [b]));
  }
});

/** One axis rolled: the array twice in a row, from which n elements are read at a slotted or computed start. */
function rollAxis(node: Node, shift: number | Node, axis: number): Node {
  const { shape } = node.aval;
  const size = shape[axis];
  if (size === 0) return node;
  if (typeof shift === "number") {
    const start = (size - (((shift % size) + size) % size)) % size;
    // too long to stand twice in a row (kernels number 2³² places): its two parts, at the price of a plan a shift
    if (2 * size >= 2 ** 32 && start > 0)
      return n.concatenate([n.sliceAxis(node, axis, start, size - start), n.sliceAxis(node, axis, 0, start)], axis);
    return n.sliceAxis(n.concatenate([node, node], axis), axis, start, size);
  }
  expectReach("np.roll", axis, size);
  const twice = n.concatenate([node, node], axis);
  const remainder = n.rem(shift, size);
  const back = n.select(n.compare("lt", remainder, 0), n.add(remainder, size), remainder);
  const start = n.sub(n.like(back, size), back);
  return n.dynamicSlice(
    twice,
    shape.map((_, i) => (i === axis ? start : n.lit("int32", 0))),
    shape,
  );
}
/** Shifts one by one: JS integers, or computed ones. */
function shiftsOf(op: string, shift: ArrayLike): readonly (number | Node)[] {
  if (typeof shift === "number" && Number.isInteger(shift)) return [shift];
  if (Array.isArray(shift) || isTypedArray(shift))
    return Array.from(shift as readonly ArrayLike[]).flatMap((one) => {
      if (Array.isArray(one)) throw new ShapeError(`${op}: shift: expected one shift or a list of them`);
      return shiftsOf(op, one);
    });
  const asked = indexNode(op, shift);
  if (asked.aval.shape.length > 1)
    throw new ShapeError(`${op}: shift: ${formatAval(asked.aval)}: expected one shift or a list of them`);
  if (asked.aval.shape.length === 0) return [asked];
  return range(asked.aval.size).map((i) => n.reshape(n.sliceAxis(asked, 0, i, 1), []));
}
/**
 * Elements moved on by `shift` places, those that fall off brought back at the other end. Of the flat array without
 * an axis; several shifts and axes are applied one after the other.
 * @example np.roll(np.arange(5), 2) // [3 4 0 1 2]
 */
export const roll = define("np.roll", [A, array("shift"), AXES], (a, shift, axis) => {
  const { node, shape, tail } = seen("np.roll", a);
  const shifts = shiftsOf("np.roll", shift);
  if (axis === null) {
    const flat = shifts.reduce<Node>((line, s) => rollAxis(line, s, 0), n.reshape(node, [sizeOf(shape), ...tail]));
    return rewrap(a, n.reshape(flat, node.aval.shape));
  }
  const axes = (typeof axis === "number" ? [axis] : axis).map((one) => checkAxis("np.roll", one, shape.length));
  if (shifts.length !== axes.length && shifts.length !== 1 && axes.length !== 1)
    throw new ShapeError(`np.roll: ${shifts.length} shifts for ${axes.length} axes`);
  const count = Math.min(shifts.length, axes.length) === 0 ? 0 : Math.max(shifts.length, axes.length);
  let rolled = node;
  for (let i = 0; i < count; i++)
    rolled = rollAxis(rolled, shifts[shifts.length === 1 ? 0 : i], axes[axes.length === 1 ? 0 : i]);
  return rewrap(a, rolled);
});

// Repetition ------------------------------------------------------------------------------------------------------------

function tiled(node: Node, shape: readonly number[], tail: readonly number[], times: readonly number[]): Node {
  const rank = Math.max(shape.length, times.length);
  const own = [...new Array<number>(rank - shape.length).fill(1), ...shape];
  const count = [...new Array<number>(rank - times.length).fill(1), ...times];
  // [c0, s0, c1, s1, …]: each axis is preceded by its repetition
  const wide = own.flatMap((size, axis) => [count[axis], size]);
  const places = range(own.length).map((axis) => 2 * axis + 1);
  const spread = n.broadcastInDim(
    n.reshape(node, [...own, ...tail]),
    [...wide, ...tail],
    [...places, ...tail.map(() => wide.length)],
  );
  return n.reshape(spread, [...own.map((size, axis) => size * count[axis]), ...tail]);
}
/** The array laid side by side, `reps` times an axis; axes that are missing are added in front. */
export const tile = define("np.tile", [array("A"), shape("reps")], (A, reps) => {
  const { node, shape, tail } = seen("np.tile", A);
  return rewrap(A, tiled(node, shape, tail, checkShape("np.tile", reps)));
});
/** The elements of an axis, each `count` times in a row. */
function spread(node: Node, at: number, count: number): Node {
  const { shape } = node.aval;
  const wide = shape.toSpliced(at + 1, 0, count);
  const places = range(wide.length).filter((i) => i !== at + 1);
  return n.reshape(n.broadcastInDim(node, wide, places), shape.with(at, shape[at] * count));
}
/** How often each element of an axis is repeated: one JS integer for all, or a list of one or of all. */
function countsOf(op: string, repeats: ArrayLike, size: number): number | readonly number[] {
  if (typeof repeats === "number") return checkSize(op, repeats);
  if (repeats instanceof NDArray || !(Array.isArray(repeats) || isTypedArray(repeats))) {
    if (repeats instanceof NDArray && repeats.node.scope === null)
      throw new IndexError(
        `${op}: repeats: counts decide on the shape; read them with ${repeats.ndim === 0 ? "item()" : "tolist()"} first`,
      );
    throw new IndexError(`${op}: repeats: expected JS integers: counts that are computed are not available yet`);
  }
  const list = Array.from(repeats as readonly number[], (count) => checkSize(op, count));
  if (list.length === 1) return list[0];
  if (list.length !== size) throw new ShapeError(`${op}: ${list.length} counts for ${size} elements`);
  return list;
}
/**
 * Every element `repeats` times in a row, along an axis or of the flat array; a list has a count an element.
 * `totalRepeatLength` cuts the result, or fills it up with the last element.
 * @example np.repeat([1, 2, 3], [2, 0, 1]) // [1 1 3]
 */
export const repeat = define(
  "np.repeat",
  [A, array("repeats"), axis("axis", null), named(size("totalRepeatLength", null)), SHARDING],
  (a, repeats, axis, totalRepeatLength) => {
    const { node: own, shape, tail } = seen("np.repeat", a);
    const node = axis === null ? n.reshape(own, [sizeOf(shape), ...tail]) : own;
    const at = axis === null ? 0 : checkAxis("np.repeat", axis, shape.length);
    const length = node.aval.shape[at];
    const counts = countsOf("np.repeat", repeats, length);
    const parts =
      typeof counts === "number"
        ? [spread(node, at, counts)]
        : counts.flatMap((count, i) => (count === 0 ? [] : [spread(n.sliceAxis(node, at, i, 1), at, count)]));
    const full = parts.length === 0 ? n.sliceAxis(node, at, 0, 0) : n.concatenate(parts, at);
    const total = full.aval.shape[at];
    if (totalRepeatLength === null || totalRepeatLength === total) return rewrap(a, full);
    if (totalRepeatLength < total) return rewrap(a, n.sliceAxis(full, at, 0, totalRepeatLength));
    if (length === 0)
      throw new ShapeError(
        `np.repeat: ${formatAval(own.aval)} has no element to fill ${totalRepeatLength} places with`,
      );
    const last = spread(n.sliceAxis(node, at, length - 1, 1), at, totalRepeatLength - total);
    return rewrap(a, n.concatenate([full, last], at));
  },
);
/** The elements of an array, repeated or cut, in a new shape; zeros if there are none. */
export const resize = define("np.resize", [A, shape("newShape")], (a, newShape) => {
  const { node, shape, tail } = seen("np.resize", a);
  const to = checkShape("np.resize", newShape);
  const [have, want] = [sizeOf(shape), sizeOf(to)];
  if (have === 0 || want === 0) return rewrap(a, n.fill(n.like(node, 0), [...to, ...tail]));
  const flat = n.reshape(node, [have, ...tail]);
  const enough = want <= have ? flat : tiled(flat, [have], tail, [Math.ceil(want / have)]);
  return rewrap(a, n.reshape(n.sliceAxis(enough, 0, 0, want), [...to, ...tail]));
});
