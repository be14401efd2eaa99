// x.slice(…) and x.at(…): basic indexing by slices, flips and reshapes (SEMANTICS 6.2). An int32 array of rank 0 reads
// at a place that is computed. Arrays of integers and masks wait for gather: they throw.
import type { Node } from "@weft/ir";
import { aval as avalOf, formatAval, IndexError, isNumberKind, sizeOf } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { broadcastTo, checkAxis, convertNode, numberNode, options, rewrap, toNode, wrap } from "../core/convert.ts";
import type { Index, Updates } from "../core/methods.ts";
import type { Trailing } from "../core/options.ts";
import * as n from "../lax/nodes.ts";
import { seen } from "./movement.ts";

/** What one axis of the operand is read by. */
interface AxisIndex {
  /** The lowest place that is read. */
  readonly start: number;
  readonly size: number;
  readonly stride: number;
  /** Read from the highest place down. */
  readonly reversed: boolean;
  /** A computed place, in range or wrapped from the end; then size is 1. */
  readonly dynamic: Node | null;
  /** Whether the axis is dropped. */
  readonly dropped: boolean;
}
interface Region {
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

function sliceIndex(
  op: string,
  size: number,
  start: number | null,
  stop: number | null,
  step: number | null,
): AxisIndex {
  const by = step ?? 1;
  if (by === 0) throw new IndexError(`${op}: a slice step must not be 0`);
  for (const part of [start, stop, step])
    if (part !== null && !Number.isInteger(part))
      throw new IndexError(`${op}: a slice takes integers or null, got ${String(part)}`);
  const clamp = (at: number): number => {
    const place = at < 0 ? at + size : at;
    return by > 0 ? Math.min(Math.max(place, 0), size) : Math.min(Math.max(place, -1), size - 1);
  };
  const from = start === null ? (by > 0 ? 0 : size - 1) : clamp(start);
  const to = stop === null ? (by > 0 ? size : -1) : clamp(stop);
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

function numberIndex(op: string, index: number, x: Node, axis: number, size: number): AxisIndex {
  if (!Number.isInteger(index)) throw new IndexError(`${op}: an index must be an integer, got ${index}`);
  if (index < -size || index >= size)
    throw new IndexError(
      `${op}: ${formatAval(x.aval)}: index ${index} is out of range for axis ${axis} with ${size} elements`,
    );
  return { ...whole(1), start: index < 0 ? index + size : index, dropped: true };
}

const advice = "for advanced indexing pass np.array([…])";
function listIndex(op: string, list: readonly (number | null)[], size: number): AxisIndex {
  const bound = list.find((part) => (part as unknown) instanceof NDArray);
  if (bound !== undefined)
    throw new IndexError(
      `${op}: the bounds of a slice are JS integers, because they decide its shape; for a start that is computed use lax.dynamicSlice(x, [start], [size]), or read it with item()`,
    );
  const text = `[${list.join(", ")}]`;
  if (list.length > 3) throw new IndexError(`${op}: ${text} is no slice [start, stop, step]; ${advice}`);
  for (const part of list)
    if (part !== null && (typeof part !== "number" || !Number.isInteger(part)))
      throw new IndexError(`${op}: ${text}: a slice takes integers or null; ${advice}`);
  const [start = null, stop = null, step = null] = list;
  if (list.length === 2 && start !== null && stop !== null && stop < start && start < 0 === stop < 0) {
    throw new IndexError(
      `${op}: ${text} stops before it starts; ${advice}, or say [${start}, ${stop}, 1] for an empty slice`,
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

/** A computed index: counted from the end if negative, then clamped by dynamicSlice. */
function arrayIndex(op: string, index: NDArray, size: number): AxisIndex {
  const { aval } = index.node;
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
  const place = convertNode(index.node, "int32");
  return { ...whole(1), dynamic: n.select(n.compare("lt", place, 0), n.add(place, size), place), dropped: true };
}

function axisIndex(op: string, index: Exclude<Index, null>, x: Node, axis: number, size: number): AxisIndex {
  if (typeof index === "number") return numberIndex(op, index, x, axis, size);
  if (typeof index === "string") return textIndex(op, index, size);
  if (Array.isArray(index)) return listIndex(op, index as readonly (number | null)[], size);
  if (index instanceof NDArray) return arrayIndex(op, index, size);
  if (ArrayBuffer.isView(index))
    throw new IndexError(`${op}: indexing by arrays of integers is not available yet; an int32 array of rank 0 is`);
  throw new IndexError(
    `${op}: ${typeof index === "object" ? "an object" : String(index)} is no index; expected an integer, [start, stop, step], "1:5:2", "...", null or an array`,
  );
}

/** What the indices name of an operand of this shape. */
function regionOf(op: string, x: Node, shape: readonly number[], indices: readonly Index[]): Region {
  const isEllipsis = (index: Index): boolean => typeof index === "string" && index.trim() === "...";
  const ellipses = indices.filter(isEllipsis).length;
  if (ellipses > 1) throw new IndexError(`${op}: "..." may stand once, got ${ellipses}`);
  const named = indices.filter((index) => index !== null && !isEllipsis(index)).length;
  if (named > shape.length)
    throw new IndexError(
      `${op}: ${formatAval(x.aval)}: ${named} indices for ${shape.length} ${shape.length === 1 ? "axis" : "axes"}`,
    );
  const axes: AxisIndex[] = [];
  const result: number[] = [];
  const take = (index: AxisIndex): void => {
    axes.push(index);
    if (!index.dropped) result.push(index.size);
  };
  for (const index of indices) {
    if (index === null) result.push(1);
    else if (isEllipsis(index)) for (let i = named; i < shape.length; i++) take(whole(shape[axes.length]));
    else take(axisIndex(op, index, x, axes.length, shape[axes.length]));
  }
  while (axes.length < shape.length) take(whole(shape[axes.length]));
  return { axes, shape: result };
}

/** The elements of a region, before axes are dropped or added. */
function readRegion(x: Node, { axes }: Region, tail: readonly number[]): Node {
  const sizes = axes.map(({ size, dynamic }, axis) => (dynamic === null ? size : x.aval.shape[axis]));
  const part = n.slice(
    x,
    [...axes.map(({ start }) => start), ...tail.map(() => 0)],
    [...sizes, ...tail],
    [...axes.map(({ stride }) => stride), ...tail.map(() => 1)],
  );
  const turned = n.flip(
    part,
    axes.flatMap(({ reversed }, axis) => (reversed ? [axis] : [])),
  );
  if (axes.every(({ dynamic }) => dynamic === null)) return turned;
  const zero = n.lit("int32", 0);
  return n.dynamicSlice(
    turned,
    [...axes.map(({ dynamic }) => dynamic ?? zero), ...tail.map(() => zero)],
    [...axes.map(({ size }) => size), ...tail],
  );
}

/** x.slice(…indices); see {@link NDArray.slice}. */
export function slice(x: ArrayLike, ...indices: readonly Index[]): NDArray {
  const { node, shape, tail } = seen("slice", x);
  if (indices.length === 1 && typeof indices[0] === "number" && tail.length === 0 && shape.length > 0) {
    const { start } = numberIndex("slice", indices[0], node, 0, shape[0]);
    return new NDArray(n.reshape(n.sliceAxis(node, 0, start, 1), shape.slice(1)));
  }
  const region = regionOf("slice", node, shape, indices);
  return rewrap(x, n.reshape(readRegion(node, region, tail), [...region.shape, ...tail]));
}

export interface TakeOptions {
  axis?: number | null;
  mode?: "fill" | "clip" | "wrap" | null;
}
type TakeArgs = Trailing<[axis: number | null, mode: TakeOptions["mode"]], TakeOptions>;

/**
 * The element or slice of one axis at a JS integer, or at a computed place; arrays of places wait for gather. Out of
 * range, a JS integer throws unless mode is "clip" or "wrap"; a computed place is clamped.
 */
export function take(x: ArrayLike, index: ArrayLike, ...rest: TakeArgs): NDArray {
  const { axis = null, mode = null } = options<TakeOptions>("take", ["axis", "mode"], rest);
  const { node, shape, tail } = seen("take", x);
  const flat = axis === null ? rewrap(x, n.reshape(node, [sizeOf(shape), ...tail])) : rewrap(x, node);
  const at = axis === null ? 0 : checkAxis("take", axis, shape.length);
  const size = flat.shape[at];
  let place: Index =
    typeof index === "number" || index instanceof NDArray ? index : wrap(toNode("take", index, "int32"));
  if (mode === "clip")
    place =
      typeof place === "number"
        ? Math.min(Math.max(place, 0), size - 1)
        : wrap(n.max(convertNode(place.node, "int32"), 0));
  if (mode === "wrap")
    place =
      typeof place === "number" ? ((place % size) + size) % size : wrap(n.rem(convertNode(place.node, "int32"), size));
  return slice(flat, ...new Array<Index>(at).fill([]), place);
}

// Updates ---------------------------------------------------------------------------------------------------------

/** How the written value meets what was there. */
type Combine = (old: Node, written: Node) => Node;

/** What `x.at(…)` gives: new arrays that differ from x in the indexed region. */
export class At implements Updates {
  private readonly array: NDArray;
  private readonly indices: readonly Index[];

  constructor(array: NDArray, indices: readonly Index[]) {
    this.array = array;
    this.indices = indices;
  }

  /** The region itself. */
  get(): NDArray {
    return slice(this.array, ...this.indices);
  }
  /** The array with the region replaced; values broadcast to it. @example x.at(0, [1, 3]).set(0) */
  set(values: ArrayLike): NDArray {
    return this.write("at.set", values, (_old, written) => written);
  }
  add(values: ArrayLike): NDArray {
    return this.write("at.add", values, (old, written) =>
      old.aval.dtype === "bool" ? n.or(old, written) : n.add(old, written),
    );
  }
  subtract(values: ArrayLike): NDArray {
    return this.write("at.subtract", values, n.sub);
  }
  sub(values: ArrayLike): NDArray {
    return this.subtract(values);
  }
  mul(values: ArrayLike): NDArray {
    return this.write("at.mul", values, (old, written) =>
      old.aval.dtype === "bool" ? n.and(old, written) : n.mul(old, written),
    );
  }
  multiply(values: ArrayLike): NDArray {
    return this.mul(values);
  }
  div(values: ArrayLike): NDArray {
    return this.write("at.div", values, n.div);
  }
  divide(values: ArrayLike): NDArray {
    return this.div(values);
  }
  pow(values: ArrayLike): NDArray {
    return this.write("at.pow", values, n.pow);
  }
  power(values: ArrayLike): NDArray {
    return this.pow(values);
  }
  min(values: ArrayLike): NDArray {
    return this.write("at.min", values, (old, written) =>
      old.aval.dtype === "bool" ? n.and(old, written) : n.min(old, written),
    );
  }
  max(values: ArrayLike): NDArray {
    return this.write("at.max", values, (old, written) =>
      old.aval.dtype === "bool" ? n.or(old, written) : n.max(old, written),
    );
  }
  /** The array with a function applied to the region. */
  apply(f: (region: NDArray) => ArrayLike): NDArray {
    return this.set(f(this.get()));
  }

  private write(op: string, values: ArrayLike, combine: Combine): NDArray {
    const { node, shape, tail } = seen(op, this.array);
    const region = regionOf(op, node, shape, this.indices);
    const own =
      values instanceof NDArray && values.isKey && this.array.isKey ? values.node : toNode(op, values, node.aval.dtype);
    const spread = broadcastTo(op, own, [...region.shape, ...tail]);
    if (spread.aval.size === 0) return rewrap(this.array, node);
    // a single place is a slot, so that a loop over places makes one plan
    const axes = region.axes.map((axis, i) =>
      axis.dynamic === null && axis.size === 1 && shape[i] > 1
        ? { ...axis, dynamic: numberNode(avalOf("int32", []), axis.start), start: 0, stride: 1 }
        : axis,
    );
    const turned = n.flip(
      n.reshape(spread, [...axes.map(({ size }) => size), ...tail]),
      axes.flatMap(({ reversed }, axis) => (reversed ? [axis] : [])),
    );
    const lo = [...axes.map(({ start }) => start), ...tail.map(() => 0)];
    const interior = [...axes.map(({ stride }) => stride - 1), ...tail.map(() => 0)];
    const hi = [
      ...axes.map(({ start, size, stride, dynamic }, axis) =>
        dynamic === null ? shape[axis] - start - ((size - 1) * stride + 1) : 0,
      ),
      ...tail.map(() => 0),
    ];
    const full = node.aval.shape;
    // along axes with a computed place the value has one element, which is repeated and masked
    const place = (part: Node): Node => broadcastTo(op, n.pad(part, 0, lo, hi, interior), full);
    let mask: Node | null = axes.every(
      ({ start, size, stride }, axis) =>
        start === 0 && stride === 1 && (size === shape[axis] || axes[axis].dynamic !== null),
    )
      ? null
      : place(n.fill(n.lit("bool", 1), turned.aval.shape));
    axes.forEach(({ dynamic }, axis) => {
      if (dynamic === null) return;
      const here = n.compare("eq", n.iota("int32", full, axis), dynamic);
      mask = mask === null ? here : n.and(mask, here);
    });
    const written = combine(node, n.convert(place(turned), node.aval.dtype));
    return rewrap(this.array, mask === null ? written : n.select(mask, written, node));
  }
}

/** x.at(…indices): the region that set, add, mul and the others change in a new array. */
export const at = (x: NDArray, ...indices: readonly Index[]): At => new At(x, indices);
