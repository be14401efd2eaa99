// Splitting, and insertion and removal at places that the host knows: they decide on shapes. Arrays of places are read,
// where they have a value.
import type { Node } from "@weft/ir";
import { formatAval, IndexError, ShapeError } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { broadcastTo, checkAxis, rewrap, toNode, wrap } from "../core/convert.ts";
import { define } from "../core/define.ts";
import type { TypedArray } from "../core/host.ts";
import { isTypedArray } from "../core/host.ts";
import { anything, array, axis, hint, MANY, named, out, size } from "../core/kinds.ts";
import { inWords } from "../core/words.ts";
import * as n from "../lax/nodes.ts";
import { seen } from "./movement.ts";
import { isBool } from "./operands.ts";

/** A place or several; concrete arrays of them are read. */
type Places = number | readonly number[] | TypedArray | NDArray;
const SECTIONS = anything<Places>()("indicesOrSections");
const ARY = array("ary");
const AXIS = axis("axis", null);

/** Numbers and booleans as the host has them, in one list or alone. Throws ConcretizationError for what is traced. */
function known(op: string, name: string, x: unknown): unknown {
  if (!(x instanceof NDArray))
    return isTypedArray(x) ? Array.from(x as TypedArray as ArrayLike as readonly number[]) : x;
  x.evaluable(`${op}: ${name}`);
  if (x.ndim > 1) throw new IndexError(`${op}: ${name}: ${inWords(x)}: expected at most 1 axis`);
  return x.tolist();
}
/** One integer, or a list of them. */
function integers(op: string, name: string, x: unknown): number | readonly number[] {
  const value = known(op, name, x);
  if (typeof value === "number" && Number.isInteger(value)) return value;
  if (Array.isArray(value) && value.every((item) => Number.isInteger(item))) return value as readonly number[];
  throw new IndexError(`${op}: ${name}: expected an integer or a list of integers, got ${inWords(x)}`);
}

// Parts -----------------------------------------------------------------------------------------------------------------

function cut(x: ArrayLike, node: Node, bounds: readonly number[], axis: number): NDArray[] {
  const size = node.aval.shape[axis];
  const clamp = (at: number): number => Math.min(Math.max(at < 0 ? at + size : at, 0), size);
  const starts = [0, ...bounds.map(clamp)];
  return starts.map((start, i) =>
    rewrap(x, n.sliceAxis(node, axis, start, Math.max(0, (i + 1 < starts.length ? starts[i + 1] : size) - start))),
  );
}
function sections(op: string, x: ArrayLike, places: Places, axis: number, uneven: boolean): NDArray[] {
  const { node, shape } = seen(op, x);
  const at = checkAxis(op, axis, shape.length);
  const asked = integers(op, "indicesOrSections", places);
  if (typeof asked !== "number") return cut(x, node, asked, at);
  if (asked < 1 || asked > MANY)
    throw new ShapeError(`${op}: ${formatAval(node.aval)}: expected from 1 to ${MANY} parts, got ${asked}`);
  if (!uneven && shape[at] % asked !== 0)
    throw new ShapeError(
      `${op}: ${formatAval(node.aval)}: axis ${at} has ${shape[at]} elements, which do not divide into ${asked} equal parts; np.arraySplit makes unequal ones`,
    );
  const [each, extra] = [Math.floor(shape[at] / asked), shape[at] % asked];
  const bounds = Array.from({ length: asked - 1 }, (_, i) => (i + 1) * each + Math.min(i + 1, extra));
  return cut(x, node, bounds, at);
}
/** Parts of an axis: so many equal ones, or cut before these indices. @example const [a, b] = np.split(x, 2); */
export const split = define("np.split", [ARY, SECTIONS, axis("axis", 0)], (ary, indicesOrSections, axis) =>
  sections("np.split", ary, indicesOrSections, axis, false),
);
/** As split; a number of parts need not divide the axis. */
export const arraySplit = define("np.arraySplit", [ARY, SECTIONS, axis("axis", 0)], (ary, indicesOrSections, axis) =>
  sections("np.arraySplit", ary, indicesOrSections, axis, true),
);
/** Parts of axis 0. */
export const vsplit = define("np.vsplit", [ARY, SECTIONS], (ary, indicesOrSections) =>
  sections("np.vsplit", ary, indicesOrSections, 0, false),
);
/** Parts of axis 1, or of the only one. */
export const hsplit = define("np.hsplit", [ARY, SECTIONS], (ary, indicesOrSections) =>
  sections("np.hsplit", ary, indicesOrSections, seen("np.hsplit", ary).shape.length > 1 ? 1 : 0, false),
);
/** Parts of axis 2. */
export const dsplit = define("np.dsplit", [ARY, SECTIONS], (ary, indicesOrSections) =>
  sections("np.dsplit", ary, indicesOrSections, 2, false),
);
/** The parts along an axis, without it. */
export function unstacked(op: string, x: ArrayLike, axis: number): NDArray[] {
  const { node, shape } = seen(op, x);
  const at = checkAxis(op, axis, shape.length);
  if (shape[at] > MANY)
    throw new ShapeError(`${op}: ${formatAval(node.aval)}: ${shape[at]} arrays are too many; at most ${MANY}`);
  const without = node.aval.shape.toSpliced(at, 1);
  return Array.from({ length: shape[at] }, (_, i) => rewrap(x, n.reshape(n.sliceAxis(node, at, i, 1), without)));
}
/** The parts along an axis, without it. @example const [x, y] = np.unstack(points, { axis: 1 }); */
export const unstack = define("np.unstack", [array("x"), named(axis("axis", 0))], (x, axis) =>
  unstacked("np.unstack", x, axis),
);

// Insertion and removal ---------------------------------------------------------------------------------------------------

function place(op: string, i: number, size: number, past = 0): number {
  if (i < -size || i >= size + past) throw new IndexError(`${op}: index ${i} is out of range for ${size} elements`);
  return i < 0 ? i + size : i;
}
/** An array of one axis at least, flat without an axis. */
function along(op: string, x: ArrayLike, axis: number | null): { readonly node: Node; readonly at: number } {
  const { node, shape, tail } = seen(op, x);
  if (axis !== null) return { node, at: checkAxis(op, axis, shape.length) };
  return { node: n.reshape(node, [node.aval.size / (tail[0] ?? 1), ...tail]), at: 0 };
}
type Run = readonly [start: number, end: number];
/** Runs of an axis one after the other. */
function joined(node: Node, at: number, runs: readonly Run[]): Node {
  const parts = runs.flatMap(([start, end]) => (end > start ? [n.sliceAxis(node, at, start, end - start)] : []));
  return parts.length === 0 ? n.sliceAxis(node, at, 0, 0) : n.concatenate(parts, at);
}
const isMask = (x: unknown): x is readonly boolean[] =>
  Array.isArray(x) && x.length > 0 && x.every((item) => typeof item === "boolean");

/** `arr` without the elements at one index, at several, or where a list of booleans says so, along an axis or of the flat array. */
export const remove = define(
  "np.delete",
  [array("arr"), anything<Places | readonly boolean[]>()("obj"), AXIS, named(hint("assumeUniqueIndices", false))],
  (arr, obj, axis) => {
    const { node, at } = along("np.delete", arr, axis);
    const size = node.aval.shape[at];
    const value = known("np.delete", "obj", obj);
    let gone: readonly number[];
    if (isMask(value)) {
      if (value.length !== size) throw new IndexError(`np.delete: obj: ${value.length} booleans for ${size} elements`);
      gone = value.flatMap((one, i) => (one ? [i] : []));
    } else {
      const places = integers("np.delete", "obj", value);
      gone = (typeof places === "number" ? [places] : places).map((i) => place("np.delete", i, size));
    }
    const sorted = [...new Set(gone)].sort((a, b) => a - b);
    const starts = [0, ...sorted.map((i) => i + 1)];
    const runs = starts.map((start, i): Run => [start, i < sorted.length ? sorted[i] : size]);
    return rewrap(arr, joined(isBool(node) ? n.strong(node) : node, at, runs));
  },
);
export { remove as delete };

/**
 * `arr` with values put before one index, or before each of several (places of the array as it was), along an axis or of
 * the flat array. The values of one index have that axis first.
 * @example np.insert([1, 2, 3], 1, 9) // [1 9 2 3]
 */
export const insert = define(
  "np.insert",
  [array("arr"), anything<Places>()("obj"), array("values"), AXIS],
  (arr, obj, values, axis) => {
    const own = toNode("np.insert", arr);
    const node = axis === null ? n.reshape(own, [own.aval.size]) : own;
    const at = axis === null ? 0 : checkAxis("np.insert", axis, node.aval.shape.length);
    const { shape, dtype } = node.aval;
    const asked = integers("np.insert", "obj", obj);
    const places = (typeof asked === "number" ? [asked] : asked).map((i) => place("np.insert", i, shape[at], 1));
    const given = n.convert(toNode("np.insert", values, dtype), dtype, node.aval.weakness);
    const missing = Math.max(0, shape.length - given.aval.shape.length);
    let piece = n.reshape(given, [...new Array<number>(missing).fill(1), ...given.aval.shape]);
    if (typeof asked === "number" && piece.aval.shape.length === shape.length) {
      const rest = shape.map((_, i) => i).slice(1);
      piece = n.transpose(piece, [...rest.slice(0, at), 0, ...rest.slice(at)]);
    }
    const alone = places.length === 1;
    const count = alone ? piece.aval.shape[at] : places.length;
    piece = broadcastTo("np.insert", piece, shape.with(at, count));
    if (alone) {
      const [where] = places;
      const around = [n.sliceAxis(node, at, 0, where), piece, n.sliceAxis(node, at, where, shape[at] - where)];
      return wrap(filled(around, at));
    }
    const order = places.map((_, i) => i).sort((a, b) => places[a] - places[b] || a - b);
    const parts: Node[] = [];
    let done = 0;
    for (const i of order) {
      parts.push(n.sliceAxis(node, at, done, places[i] - done), n.sliceAxis(piece, at, i, 1));
      done = places[i];
    }
    parts.push(n.sliceAxis(node, at, done, shape[at] - done));
    return wrap(filled(parts, at));
  },
);
/** Parts one after the other, without those that are empty. */
function filled(parts: readonly Node[], at: number): Node {
  const some = parts.filter(({ aval }) => aval.shape[at] > 0);
  return some.length === 0 ? parts[0] : n.concatenate(some, at);
}

/**
 * The elements of an array where a list says so, along an axis or of the flat array. With `size` there are so many, filled
 * up with `fillValue`.
 * @example np.compress([true, false, true], x, 0)
 */
export const compress = define(
  "np.compress",
  [
    anything<NDArray | readonly (boolean | number)[] | TypedArray>()("condition"),
    array("a"),
    AXIS,
    named(size("size", null)),
    named(array("fillValue", 0)),
    named(out),
  ],
  (condition, a, axis, size, fillValue) => {
    const { node, at } = along("np.compress", a, axis);
    const value = known("np.compress", "condition", condition);
    if (!Array.isArray(value) || !value.every((one) => typeof one === "boolean" || typeof one === "number"))
      throw new IndexError(`np.compress: condition: expected a list of booleans, got ${inWords(condition)}`);
    const length = node.aval.shape[at];
    const wanted = (value as readonly (boolean | number)[]).flatMap((one, i) => (one ? [i] : []));
    if (wanted.some((i) => i >= length))
      throw new IndexError(`np.compress: condition: place ${wanted.at(-1)} is out of range for ${length} elements`);
    const runs: [number, number][] = [];
    for (const i of wanted) {
      const last = runs.at(-1);
      if (last !== undefined && last[1] === i) last[1] = i + 1;
      else runs.push([i, i + 1]);
    }
    const found = joined(node, at, runs);
    if (size === null) return rewrap(a, found);
    const room = Math.min(length, value.length);
    if (size > room)
      throw new ShapeError(`np.compress: size: expected at most ${room}, the elements there are, got ${size}`);
    const count = wanted.length;
    if (size <= count) return rewrap(a, n.sliceAxis(found, at, 0, size));
    const { shape, dtype } = found.aval;
    const one = toNode("np.compress", fillValue, dtype);
    const rest = broadcastTo("np.compress", one, shape.with(at, size - count));
    return rewrap(a, filled([found, n.convert(rest, dtype, found.aval.weakness)], at));
  },
);
