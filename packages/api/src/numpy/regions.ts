// What the indices of x.slice(…) and x.at(…) name: basic indexing (SEMANTICS 6.2) as starts, sizes and strides, and places
// that are computed. Arrays of integers and masks wait for gather: they throw.
import { aval as avalOf, formatAval, IndexError, isNumberKind, Node } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import { convertNode, expectReach, numberNode } from "../core/convert.ts";
import type { Index } from "../core/methods.ts";
import * as n from "../lax/nodes.ts";

/** What a single place means that lies outside of its axis: a JS integer throws, a computed one is the function's. */
export interface Places {
  readonly mode: "clip" | "drop" | "fill" | "promise_in_bounds" | null;
  /** Whether negative places count from the end. */
  readonly wrapNegativeIndices: boolean;
}
export const STRICT: Places = { mode: null, wrapNegativeIndices: true };

/** What one axis of the operand is read by. */
export interface AxisIndex {
  /** The lowest place that is read. */
  readonly start: number;
  readonly size: number;
  readonly stride: number;
  /** Read from the highest place down. */
  readonly reversed: boolean;
  /** A computed place, counted from the front, perhaps outside; then size is 1. */
  readonly dynamic: Node | null;
  /** Whether the axis is dropped. */
  readonly dropped: boolean;
}
export interface Region {
  /** One an axis of the operand. */
  readonly axes: readonly AxisIndex[];
  /** The result's shape, without the words of keys. */
  readonly shape: readonly number[];
}

const whole = (size: number): AxisIndex => ({
  start: 0,
  size,
  stride: 1,
  reversed: false,
  dynamic: null,
  dropped: false,
});

function expectWhole(op: string, part: number | null): void {
  if (part !== null && !Number.isInteger(part))
    throw new IndexError(`${op}: a slice takes integers or null, got ${String(part)}`);
}
function clamped(at: number, size: number, by: number): number {
  const place = at < 0 ? at + size : at;
  return by > 0 ? Math.min(Math.max(place, 0), size) : Math.min(Math.max(place, -1), size - 1);
}
function sliceIndex(
  op: string,
  size: number,
  start: number | null,
  stop: number | null,
  step: number | null,
): AxisIndex {
  const by = step ?? 1;
  if (by === 0) throw new IndexError(`${op}: a slice step must not be 0`);
  expectWhole(op, start);
  expectWhole(op, stop);
  expectWhole(op, step);
  const from = start === null ? (by > 0 ? 0 : size - 1) : clamped(start, size, by);
  const to = stop === null ? (by > 0 ? size : -1) : clamped(stop, size, by);
  const count = Math.max(0, Math.ceil((to - from) / by));
  if (count === 0) return { ...whole(0), start: 0 };
  return {
    start: by > 0 ? from : from + (count - 1) * by,
    size: count,
    stride: Math.abs(by),
    reversed: by < 0,
    dynamic: null,
    dropped: false,
  };
}

/** A place of one axis that is computed, or that may lie outside of it. */
function placeIndex(op: string, place: Node, axis: number, size: number, { mode }: Places): AxisIndex {
  expectReach(op, axis, size);
  return { ...whole(1), dynamic: mode === "clip" ? n.max(n.min(place, size - 1), 0) : place, dropped: true };
}

export function numberIndex(
  op: string,
  index: number,
  x: Node,
  axis: number,
  size: number,
  places: Places = STRICT,
): AxisIndex {
  if (!Number.isInteger(index)) throw new IndexError(`${op}: an index must be an integer, got ${index}`);
  const place = index < 0 && places.wrapNegativeIndices ? index + size : index;
  if (place >= 0 && place < size) return { ...whole(1), start: place, dropped: true };
  if (size === 0) throw new IndexError(`${op}: ${formatAval(x.aval)}: axis ${axis} has no element to index`);
  if (places.mode === null || places.mode === "promise_in_bounds")
    throw new IndexError(
      `${op}: ${formatAval(x.aval)}: index ${index} is out of range for axis ${axis} with ${size} elements`,
    );
  const near = Math.min(Math.max(place, -1), size); // outside as before, and an int32
  return placeIndex(op, numberNode(avalOf("int32", []), near), axis, size, places);
}

const advice = "for advanced indexing pass np.array([…])";
function listIndex(op: string, list: readonly (number | null)[], size: number): AxisIndex {
  const bound = list.find((part) => (part as unknown) instanceof NDArray);
  if (bound !== undefined)
    throw new IndexError(
      `${op}: the bounds of a slice are JS integers, because they decide its shape; for a start that is computed use lax.dynamicSlice(x, [start], [size]), or read it with item()`,
    );
  const text = (): string => `[${list.join(", ")}]`;
  if (list.length > 3) throw new IndexError(`${op}: ${text()} is no slice [start, stop, step]; ${advice}`);
  for (const part of list)
    if (part !== null && (typeof part !== "number" || !Number.isInteger(part)))
      throw new IndexError(`${op}: ${text()}: a slice takes integers or null; ${advice}`);
  const [start = null, stop = null, step = null] = list;
  if (list.length === 2 && start !== null && stop !== null && stop < start && start < 0 === stop < 0) {
    throw new IndexError(
      `${op}: ${text()} stops before it starts; ${advice}, or say [${start}, ${stop}, 1] for an empty slice`,
    );
  }
  return sliceIndex(op, size, start, stop, step);
}

function textIndex(op: string, text: string, size: number): AxisIndex {
  const parts = text.split(":");
  if (parts.length < 2 || parts.length > 3 || parts.some((part) => !/^\s*(-?\d+)?\s*$/.test(part))) {
    throw new IndexError(
      `${op}: "${text}" is no index; write "start:stop:step" with integers that may be left out, or "..."`,
    );
  }
  const [start = null, stop = null, step = null] = parts.map((part) => (part.trim() === "" ? null : Number(part)));
  return sliceIndex(op, size, start, stop, step);
}

/** A computed index: counted from the end if negative. */
function nodeIndex(op: string, index: Node, axis: number, size: number, places: Places): AxisIndex {
  const { aval } = index;
  const scalar =
    aval.shape.length === 0 &&
    (aval.dtype === "int32" || aval.dtype === "uint32" || (isNumberKind(aval) && aval.weakness === "integer"));
  if (!scalar) {
    const integers = aval.dtype === "int32" || aval.dtype === "uint32" || aval.dtype === "bool";
    throw new IndexError(
      `${op}: ${formatAval(aval)} as an index: ${integers ? "indexing by arrays of integers or masks is not available yet; an int32 array of rank 0 is" : 'expected integers (astype("int32"))'}`,
    );
  }
  if (size === 0) throw new IndexError(`${op}: an axis of 0 elements has no place to read`);
  const place = convertNode(index, "int32");
  const counted = places.wrapNegativeIndices ? n.select(n.compare("lt", place, 0), n.add(place, size), place) : place;
  return placeIndex(op, counted, axis, size, places);
}

function axisIndex(
  op: string,
  index: Exclude<Index, null> | Node,
  x: Node,
  axis: number,
  size: number,
  places: Places,
): AxisIndex {
  if (typeof index === "number") return numberIndex(op, index, x, axis, size, places);
  if (typeof index === "string") return textIndex(op, index, size);
  if (Array.isArray(index)) return listIndex(op, index as readonly (number | null)[], size);
  if (index instanceof NDArray) return nodeIndex(op, index.node, axis, size, places);
  if (index instanceof Node) return nodeIndex(op, index, axis, size, places);
  if (ArrayBuffer.isView(index))
    throw new IndexError(`${op}: indexing by arrays of integers is not available yet; an int32 array of rank 0 is`);
  throw new IndexError(
    `${op}: ${typeof index === "object" ? "an object" : String(index)} is no index; expected an integer, [start, stop, step], "1:5:2", "...", null or an array`,
  );
}

const isEllipsis = (index: Index | Node): boolean => typeof index === "string" && index.trim() === "...";

/** What the indices name of an operand of this shape. */
export function regionOf(
  op: string,
  x: Node,
  shape: readonly number[],
  indices: readonly (Index | Node)[],
  places: Places = STRICT,
): Region {
  let ellipses = 0;
  let named = 0;
  for (const index of indices) {
    if (isEllipsis(index)) ellipses++;
    else if (index !== null) named++;
  }
  if (ellipses > 1) throw new IndexError(`${op}: "..." may stand once, got ${ellipses}`);
  if (named > shape.length)
    throw new IndexError(
      `${op}: ${formatAval(x.aval)}: ${named} indices for ${shape.length} ${shape.length === 1 ? "axis" : "axes"}`,
    );
  const axes: AxisIndex[] = [];
  const result: number[] = [];
  for (const index of indices) {
    if (index === null) result.push(1);
    else if (isEllipsis(index))
      for (let i = named; i < shape.length; i++) take(whole(shape[axes.length]), axes, result);
    else take(axisIndex(op, index, x, axes.length, shape[axes.length], places), axes, result);
  }
  while (axes.length < shape.length) take(whole(shape[axes.length]), axes, result);
  return { axes, shape: result };
}

function take(index: AxisIndex, axes: AxisIndex[], result: number[]): void {
  axes.push(index);
  if (!index.dropped) result.push(index.size);
}

/** The elements of a region, before axes are dropped or added; the nearest ones where a computed place lies outside. */
export function readRegion(x: Node, { axes }: Region, tail: readonly number[]): Node {
  const rank = axes.length + tail.length;
  const starts = new Array<number>(rank).fill(0);
  const sizes = new Array<number>(rank);
  let strides: number[] | undefined;
  let computed = false;
  let reversed = false;
  for (let axis = 0; axis < axes.length; axis++) {
    const { start, size, stride, dynamic, reversed: turned } = axes[axis];
    starts[axis] = start;
    sizes[axis] = dynamic === null ? size : x.aval.shape[axis];
    if (stride !== 1) (strides ??= new Array<number>(rank).fill(1))[axis] = stride;
    computed ||= dynamic !== null;
    reversed ||= turned;
  }
  for (let i = 0; i < tail.length; i++) sizes[axes.length + i] = tail[i];
  const part = n.slice(x, starts, sizes, strides);
  const turned = reversed
    ? n.flip(
        part,
        axes.flatMap((axis, i) => (axis.reversed ? [i] : [])),
      )
    : part;
  if (!computed) return turned;
  const zero = n.lit("int32", 0);
  return n.dynamicSlice(
    turned,
    [...axes.map(({ dynamic }) => dynamic ?? zero), ...tail.map(() => zero)],
    [...axes.map(({ size }) => size), ...tail],
  );
}

/** Whether all computed places of a region lie inside, of rank 0; null where none is computed. */
export const isInside = ({ axes }: Region, shape: readonly number[]): Node | null =>
  axes.reduce<Node | null>((all, { dynamic }, axis) => {
    if (dynamic === null) return all;
    const own = n.and(n.compare("ge", dynamic, 0), n.compare("lt", dynamic, shape[axis]));
    return all === null ? own : n.and(all, own);
  }, null);
