// Movement of elements: reshape, transposition, repetition, flips and rolls. Nothing is computed; random keys move as
// arrays do, their two words being an axis that stays last and is not counted.
import type { Node } from "@weft/ir";
import { formatAval, IndexError, ShapeError, sizeOf } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import {
  broadcastShapes as broadcastAll,
  broadcastTo as broadcastNode,
  checkAxes,
  checkAxis,
  checkShape,
  checkSize,
  indexNode,
  options,
  rewrap,
  shapeList,
  toMovable,
  toNode,
  wrap,
} from "../core/convert.ts";
import type { Axis } from "../core/methods.ts";
import type { Trailing } from "../core/options.ts";
import * as n from "../lax/nodes.ts";

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

/** The same elements in row-major order in another shape; one size may be −1. */
export function reshape(x: ArrayLike, shape: number | readonly number[]): NDArray {
  const { node, shape: from, tail } = seen("reshape", x);
  return rewrap(x, n.reshape(node, [...resolveShape("reshape", node, from, shape), ...tail]));
}
/** All elements along one axis. */
export const ravel = (x: ArrayLike): NDArray => reshape(x, -1);
/** Options of functions of axes. */
export interface AxesOptions {
  axes?: readonly number[] | null;
}
/** Its axes in another order; reversed without one. */
export function transpose(x: ArrayLike, ...rest: Trailing<[axes: readonly number[] | null], AxesOptions>): NDArray {
  const { axes = null } = options<AxesOptions>("transpose", ["axes"], rest);
  const { node, shape } = seen("transpose", x);
  const rank = shape.length;
  const perm = axes === null ? range(rank).reverse() : axes.map((axis) => checkAxis("transpose", axis, rank));
  if (perm.length !== rank || new Set(perm).size !== rank)
    throw new ShapeError(
      `transpose: ${formatAval(node.aval)}: [${(axes ?? []).join(",")}] is no permutation of ${rank} axes`,
    );
  return rewrap(x, n.transpose(node, [...perm, ...range(node.aval.shape.length).slice(rank)]));
}
export const permuteDims: (x: ArrayLike, axes: readonly number[]) => NDArray = transpose;
/** The last two axes exchanged. */
export const matrixTranspose = (x: ArrayLike): NDArray => swapaxes(x, -1, -2);
/** Two axes exchanged. */
export function swapaxes(x: ArrayLike, axis1: number, axis2: number): NDArray {
  const { shape } = seen("swapaxes", x);
  const perm = range(shape.length);
  const [a, b] = [checkAxis("swapaxes", axis1, shape.length), checkAxis("swapaxes", axis2, shape.length)];
  [perm[a], perm[b]] = [b, a];
  return transpose(x, perm);
}
/** Axes `source` put at the places `destination`; the others keep their order. */
export function moveaxis(
  x: ArrayLike,
  source: number | readonly number[],
  destination: number | readonly number[],
): NDArray {
  const { node, shape } = seen("moveaxis", x);
  const list = (axes: number | readonly number[]): number[] =>
    (typeof axes === "number" ? [axes] : [...axes]).map((axis) => checkAxis("moveaxis", axis, shape.length));
  const [from, to] = [list(source), list(destination)];
  if (from.length !== to.length)
    throw new ShapeError(`moveaxis: ${formatAval(node.aval)}: ${from.length} axes for ${to.length} places`);
  const perm = range(shape.length).filter((axis) => !from.includes(axis));
  for (const [place, axis] of to.map((at, i) => [at, from[i]] as const).sort((a, b) => a[0] - b[0]))
    perm.splice(place, 0, axis);
  return transpose(x, perm);
}
/** Axis `axis` moved in front of axis `start`. */
export function rollaxis(x: ArrayLike, axis: number, ...rest: Trailing<[start: number], { start?: number }>): NDArray {
  const { start = 0 } = options<{ start?: number }>("rollaxis", ["start"], rest);
  const rank = seen("rollaxis", x).shape.length;
  const from = checkAxis("rollaxis", axis, rank);
  const to = start === rank ? rank : checkAxis("rollaxis", start, rank);
  return moveaxis(x, from, to > from ? to - 1 : to);
}
/** Options of functions of an axis, or several. */
export interface AxisOptions {
  axis?: Axis;
}
type AxisArgs = Trailing<[axis: Axis], AxisOptions>;

/** Axes of size 1 taken away: all of them, or those named. Throws ShapeError for a named axis of another size. */
export function squeeze(x: ArrayLike, ...rest: AxisArgs): NDArray {
  const { axis = null } = options<AxisOptions>("squeeze", ["axis"], rest);
  const { node, shape, tail } = seen("squeeze", x);
  const axes =
    axis === null ? range(shape.length).filter((i) => shape[i] === 1) : checkAxes("squeeze", axis, shape.length);
  for (const i of axes)
    if (shape[i] !== 1)
      throw new ShapeError(`squeeze: ${formatAval(node.aval)}: axis ${i} has ${shape[i]} elements, not 1`);
  return rewrap(x, n.reshape(node, [...shape.filter((_, i) => !axes.includes(i)), ...tail]));
}
/** New axes of size 1 at these places of the result. */
export function expandDims(x: ArrayLike, axis: number | readonly number[]): NDArray {
  const { node, shape, tail } = seen("expandDims", x);
  const count = typeof axis === "number" ? 1 : axis.length;
  const places = checkAxes("expandDims", axis, shape.length + count);
  const result = [...shape];
  for (const place of places) result.splice(place, 0, 1);
  return rewrap(x, n.reshape(node, [...result, ...tail]));
}

/** x repeated to a shape it broadcasts to. */
export function broadcastTo(x: ArrayLike, shape: number | readonly number[]): NDArray {
  const { node, tail } = seen("broadcastTo", x);
  return rewrap(x, broadcastNode("broadcastTo", node, [...checkShape("broadcastTo", shape), ...tail]));
}
/** All arrays in the shape they broadcast to. */
export function broadcastArrays(...arrays: readonly ArrayLike[]): NDArray[] {
  const nodes = arrays.map((x) => toNode("broadcastArrays", x));
  const shape = broadcastAll(
    "broadcastArrays",
    nodes.map((node) => node.aval.shape),
  );
  return nodes.map((node) => wrap(broadcastNode("broadcastArrays", node, shape)));
}
/** The shape that shapes broadcast to. Throws ShapeError. */
export const broadcastShapes = (...shapes: readonly (number | readonly number[])[]): number[] =>
  broadcastAll(
    "broadcastShapes",
    shapes.map((shape) => checkShape("broadcastShapes", shape)),
  );

const atLeast = (op: string, reshaped: (shape: readonly number[]) => readonly number[]) => {
  function each(x: ArrayLike): NDArray;
  function each(...xs: readonly ArrayLike[]): NDArray | NDArray[];
  function each(...xs: readonly ArrayLike[]): NDArray | NDArray[] {
    const result = xs.map((x) => {
      const { node, shape, tail } = seen(op, x);
      return rewrap(x, n.reshape(node, [...reshaped(shape), ...tail]));
    });
    return result.length === 1 ? result[0] : result;
  }
  return each;
};
type AtLeast = ReturnType<typeof atLeast>;
/** With 1 axis or more. */
export const atleast1d: AtLeast = atLeast("atleast1d", (shape) => (shape.length === 0 ? [1] : shape));
/** With 2 axes or more: new ones in front. */
export const atleast2d: AtLeast = atLeast("atleast2d", (shape) =>
  shape.length === 0 ? [1, 1] : shape.length === 1 ? [1, shape[0]] : shape,
);
/** With 3 axes or more, as NumPy places them. */
export const atleast3d: AtLeast = atLeast("atleast3d", (shape) =>
  shape.length === 0 ? [1, 1, 1] : shape.length === 1 ? [1, shape[0], 1] : shape.length === 2 ? [...shape, 1] : shape,
);

/** Elements in reverse order along axes (all by default). */
export function flip(x: ArrayLike, ...rest: AxisArgs): NDArray {
  const { axis = null } = options<AxisOptions>("flip", ["axis"], rest);
  const { node, shape } = seen("flip", x);
  return rewrap(x, n.flip(node, checkAxes("flip", axis, shape.length)));
}
/** Columns reversed: axis 1. */
export const fliplr = (x: ArrayLike): NDArray => flip(x, 1);
/** Rows reversed: axis 0. */
export const flipud = (x: ArrayLike): NDArray => flip(x, 0);
export interface Rot90Options {
  k?: number;
  axes?: readonly [number, number];
}
/** Rotated by k quarter turns from the first axis towards the second. */
export function rot90(
  x: ArrayLike,
  ...rest: Trailing<[k: number, axes: readonly [number, number]], Rot90Options>
): NDArray {
  const { k = 1, axes = [0, 1] } = options<Rot90Options>("rot90", ["k", "axes"], rest);
  const { node, shape } = seen("rot90", x);
  const [a, b] = axes.map((axis) => checkAxis("rot90", axis, shape.length));
  if (a === b) throw new IndexError(`rot90: ${formatAval(node.aval)}: axis ${axes[0]} is named twice`);
  switch (((k % 4) + 4) % 4) {
    case 0:
      return rewrap(x, node);
    case 1:
      return swapaxes(flip(x, b), a, b);
    case 2:
      return flip(x, [a, b]);
    default:
      return flip(swapaxes(x, a, b), b);
  }
}

/** One axis rolled: the array twice in a row, from which n elements are read at a slotted or computed start. */
function rollAxis(node: Node, shift: number | Node, axis: number): Node {
  const { shape } = node.aval;
  const size = shape[axis];
  if (size === 0) return node;
  const twice = n.concatenate([node, node], axis);
  if (typeof shift === "number")
    return n.sliceAxis(twice, axis, (size - (((shift % size) + size) % size)) % size, size);
  const remainder = n.rem(shift, size);
  const back = n.select(n.compare("lt", remainder, 0), n.add(remainder, size), remainder);
  const start = n.sub(n.like(back, size), back);
  return n.dynamicSlice(
    twice,
    shape.map((_, i) => (i === axis ? start : n.lit("int32", 0))),
    shape,
  );
}
/**
 * Elements moved on by `shift` places, those that fall off brought back at the other end. Of the flat array without
 * an axis; several shifts and axes are applied one after the other.
 * @example np.roll(np.arange(5), 2) // [3 4 0 1 2]
 */
export function roll(x: ArrayLike, shift: ArrayLike, ...rest: AxisArgs): NDArray {
  const { axis = null } = options<AxisOptions>("roll", ["axis"], rest);
  const { node, shape, tail } = seen("roll", x);
  const shifts = (Array.isArray(shift) ? (shift as readonly ArrayLike[]) : [shift]).map((s) => {
    if (typeof s === "number" && Number.isInteger(s)) return s;
    const asked = indexNode("roll", s);
    if (asked.aval.size !== 1)
      throw new ShapeError(`roll: ${formatAval(asked.aval)}: give several shifts as a JS array, one an axis`);
    return n.reshape(asked, []);
  });
  if (axis === null) {
    const flat = shifts.reduce<Node>((line, s) => rollAxis(line, s, 0), n.reshape(node, [sizeOf(shape), ...tail]));
    return rewrap(x, n.reshape(flat, node.aval.shape));
  }
  const axes = (typeof axis === "number" ? [axis] : axis).map((a) => checkAxis("roll", a, shape.length));
  if (shifts.length !== axes.length && shifts.length !== 1 && axes.length !== 1)
    throw new ShapeError(`roll: ${shifts.length} shifts for ${axes.length} axes`);
  const count = axes.length === 0 ? 0 : Math.max(shifts.length, axes.length);
  let rolled = node;
  for (let i = 0; i < count; i++)
    rolled = rollAxis(rolled, shifts[shifts.length === 1 ? 0 : i], axes[axes.length === 1 ? 0 : i]);
  return rewrap(x, rolled);
}

/** The array laid side by side, `reps` times an axis; axes that are missing are added in front. */
export function tile(x: ArrayLike, reps: number | readonly number[]): NDArray {
  const { node, shape, tail } = seen("tile", x);
  const times = checkShape("tile", reps);
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
  return rewrap(x, n.reshape(spread, [...own.map((size, axis) => size * count[axis]), ...tail]));
}
export interface RepeatOptions {
  axis?: number | null;
  totalRepeatLength?: number | null;
}
/** Every element `repeats` times in a row, along an axis or of the flat array. `repeats` is a JS integer. */
export function repeat(
  x: ArrayLike,
  repeats: ArrayLike,
  ...rest: Trailing<[axis: number | null, totalRepeatLength: number | null], RepeatOptions>
): NDArray {
  const { axis = null, totalRepeatLength = null } = options<RepeatOptions>(
    "repeat",
    ["axis", "totalRepeatLength"],
    rest,
  );
  if (typeof repeats !== "number" || totalRepeatLength !== null)
    throw new IndexError("repeat: an array of counts, or totalRepeatLength, is not available yet; give one JS integer");
  const count = checkSize("repeat", repeats);
  const { node, shape, tail } = seen("repeat", x);
  const base = axis === null ? [sizeOf(shape)] : [...shape];
  const at = axis === null ? 0 : checkAxis("repeat", axis, shape.length);
  const wide = [...base.toSpliced(at + 1, 0, count), ...tail];
  const spread = n.broadcastInDim(
    n.reshape(node, [...base, ...tail]),
    wide,
    range(wide.length).filter((i) => i !== at + 1),
  );
  return rewrap(x, n.reshape(spread, [...base.with(at, base[at] * count), ...tail]));
}
/** The elements of x, repeated or cut, in a new shape. */
export function resize(x: ArrayLike, newShape: number | readonly number[]): NDArray {
  const { node, shape, tail } = seen("resize", x);
  const to = checkShape("resize", newShape);
  const [have, want] = [sizeOf(shape), sizeOf(to)];
  if (have === 0 && want > 0) throw new ShapeError(`resize: ${formatAval(node.aval)} has no elements to repeat`);
  const flat = ravel(x);
  const enough = want <= have ? flat : tile(flat, Math.ceil(want / have));
  return rewrap(x, n.reshape(n.sliceAxis(enough.node, 0, 0, want), [...to, ...tail]));
}
