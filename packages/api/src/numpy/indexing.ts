// x.slice(…), x.at(…) and np.take: basic indexing by slices, flips and reshapes (regions.ts). An int32 array of rank 0
// reads and writes at a place that is computed.
import type { DType, Node } from "@weft/ir";
import { ArgumentError, aval as avalOf, formatAval, IndexError, isFloat, sizeOf } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { broadcastTo, checkAxis, expectReach, indexNode, numberNode, rewrap, toNode } from "../core/convert.ts";
import { define } from "../core/define.ts";
import {
  anything,
  array as operand,
  axis,
  callback,
  choice,
  flag,
  hint,
  named,
  out,
  rest,
  sharding,
} from "../core/kinds.ts";
import type { Index, Updates } from "../core/methods.ts";
import * as n from "../lax/nodes.ts";
import { seen } from "./movement.ts";
import type { Places } from "./regions.ts";
import { isInside, numberIndex, readRegion, regionOf } from "./regions.ts";

/** What stands for elements that do not exist, as JAX has it: NaN, the integer farthest from all others, or true. */
const missing = (dtype: DType): number =>
  isFloat(dtype) ? NaN : dtype === "int32" ? -2147483648 : dtype === "uint32" ? 4294967295 : 1;

/** What is read of: a node, its shape without the axes of the words of keys, and those. */
interface Source {
  readonly node: Node;
  readonly shape: readonly number[];
  readonly tail: readonly number[];
}
/** A region of an array; `fillValue` for places outside, where the mode asks for it. */
function read(
  op: string,
  { node, shape, tail }: Source,
  indices: readonly (Index | Node)[],
  places: Places,
  fillValue: ArrayLike | null,
): Node {
  const region = regionOf(op, node, shape, indices, places);
  const found = n.reshape(readRegion(node, region, tail), [...region.shape, ...tail]);
  const inside = places.mode === "fill" || places.mode === "drop" ? isInside(region, shape) : null;
  if (inside === null) return found;
  const { dtype } = node.aval;
  const other = fillValue === null ? n.like(found, missing(dtype)) : toNode(op, fillValue, dtype);
  if (other.aval.shape.length > 0)
    throw new ArgumentError(`${op}: fillValue: ${formatAval(other.aval)}: expected one number`);
  return n.select(inside, found, n.convert(other, dtype, found.aval.weakness));
}

/** x.slice(…indices); see {@link NDArray.slice}. */
export const slice = define("x.slice", [operand("x"), rest(anything<Index>()("indices"))], (x, indices): NDArray => {
  const { node, shape, tail } = seen("x.slice", x);
  if (indices.length === 1 && typeof indices[0] === "number" && tail.length === 0 && shape.length > 0) {
    const { start } = numberIndex("x.slice", indices[0], node, 0, shape[0]);
    return new NDArray(n.reshape(n.sliceAxis(node, 0, start, 1), shape.slice(1)));
  }
  const region = regionOf("x.slice", node, shape, indices);
  return rewrap(x, n.reshape(readRegion(node, region, tail), [...region.shape, ...tail]));
});

/** A place counted round and round an axis. */
const around = (op: string, place: number | Node, axis: number, size: number): number | Node => {
  if (typeof place === "number") return ((place % size) + size) % size;
  expectReach(op, axis, size);
  const remainder = n.rem(place, size);
  return n.select(n.compare("lt", remainder, 0), n.add(remainder, size), remainder);
};
/**
 * The element or slice of one axis at a JS integer, or at a computed place; arrays of places wait for gather. Negative
 * places count from the end. What lies outside is NaN (or the least integer, the greatest unsigned one, true), or
 * `fillValue`; with mode "clip" it is the nearest element, with "wrap" one counted round and round, and with "raise" an
 * IndexError, for JS integers.
 * @example np.take(x, 2, 0); np.take(x, 10, { mode: "fill", fillValue: 0 })
 */
export const take = define(
  "np.take",
  [
    operand("a"),
    operand("indices"),
    axis("axis", null),
    out,
    choice("fill", "clip", "wrap", "raise")("mode", null),
    hint("uniqueIndices", false),
    hint("indicesAreSorted", false),
    operand("fillValue", null),
  ],
  (a, indices, axis, _out, mode, _unique, _sorted, fillValue) => {
    const { node, shape, tail } = seen("np.take", a);
    const flat = axis === null ? [sizeOf(shape)] : shape;
    const from = { node: n.reshape(node, [...flat, ...tail]), shape: flat, tail };
    const at = axis === null ? 0 : checkAxis("np.take", axis, shape.length);
    const size = flat[at];
    if (size === 0) throw new IndexError(`np.take: ${formatAval(node.aval)}: axis ${at} has no element to take`);
    const place = typeof indices === "number" ? indices : indexNode("np.take", indices);
    if (typeof place === "number" && !Number.isInteger(place))
      throw new IndexError(`np.take: an index must be an integer, got ${place}`);
    if (mode === "raise" && typeof place !== "number")
      throw new ArgumentError('np.take: mode: "raise" is for JS integers; a computed place cannot throw, use "fill"');
    const places: Places = {
      mode: mode === "wrap" || mode === "raise" ? null : (mode ?? "fill"),
      wrapNegativeIndices: mode !== "clip", // as NumPy and JAX have it
    };
    const whole = new Array<Index>(at).fill([]);
    const counted = mode === "wrap" ? around("np.take", place, at, size) : place;
    return rewrap(a, read("np.take", from, [...whole, counted], places, fillValue));
  },
);

// Updates ---------------------------------------------------------------------------------------------------------

/** How the written value meets what was there. */
type Combine = (old: Node, written: Node) => Node;

function write(op: string, { array, indices }: At, values: ArrayLike, places: Places, combine: Combine): NDArray {
  const { node, shape, tail } = seen(op, array);
  const region = regionOf(op, node, shape, indices, places);
  const own =
    values instanceof NDArray && values.isKey && array.isKey ? values.node : toNode(op, values, node.aval.dtype);
  const spread = broadcastTo(op, own, [...region.shape, ...tail]);
  if (spread.aval.size === 0) return rewrap(array, node);
  // a single place that an int32 names is a slot, so that a loop over places makes one plan
  const axes = region.axes.map((axis, i) =>
    axis.dynamic === null && axis.size === 1 && shape[i] > 1 && shape[i] < 2 ** 31
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
  return rewrap(array, mask === null ? written : n.select(mask, written, node));
}

const SORTED = named(hint("indicesAreSorted", false));
const UNIQUE = named(hint("uniqueIndices", false));
const MODE = named(choice("clip", "drop", "fill", "promise_in_bounds")("mode", null));
const SHARDING = sharding("outSharding");
const WRAP = named(flag("wrapNegativeIndices", true));
const REGION = anything<At>()("region");

// @__NO_SIDE_EFFECTS__
const update = (name: string, combine: Combine) => {
  const op = `x.at(…).${name}`;
  return define(
    op,
    [REGION, operand("values"), SORTED, UNIQUE, MODE, SHARDING, WRAP],
    (region, values, _sorted, _unique, mode, _sharding, wrapNegativeIndices) =>
      write(op, region, values, { mode, wrapNegativeIndices }, combine),
  );
};
const isBool = (x: Node): boolean => x.aval.dtype === "bool";
const plus: Combine = (old, written) => (isBool(old) ? n.or(old, written) : n.add(old, written));
const times: Combine = (old, written) => (isBool(old) ? n.and(old, written) : n.mul(old, written));
const replaced: Combine = (_old, written) => written;
const least: Combine = (old, written) => (isBool(old) ? n.and(old, written) : n.min(old, written));
const greatest: Combine = (old, written) => (isBool(old) ? n.or(old, written) : n.max(old, written));
/** What `x.at(…)` can do, as functions of the region. */
export const REGIONS = {
  get: define(
    "x.at(…).get",
    [REGION, SORTED, UNIQUE, MODE, named(operand("fillValue", null)), SHARDING, WRAP],
    ({ array, indices }, _sorted, _unique, mode, fillValue, _sharding, wrapNegativeIndices) =>
      rewrap(array, read("x.at(…).get", seen("x.at(…).get", array), indices, { mode, wrapNegativeIndices }, fillValue)),
  ),
  set: update("set", replaced),
  add: update("add", plus),
  subtract: update("subtract", n.sub),
  sub: update("sub", n.sub),
  multiply: update("multiply", times),
  mul: update("mul", times),
  divide: update("divide", n.div),
  div: update("div", n.div),
  power: update("power", n.pow),
  pow: update("pow", n.pow),
  min: update("min", least),
  max: update("max", greatest),
  apply: define(
    "x.at(…).apply",
    [REGION, callback<(region: NDArray) => ArrayLike>()("func"), SORTED, UNIQUE, MODE, WRAP],
    (region, func, _sorted, _unique, mode, wrapNegativeIndices) => {
      const places = { mode, wrapNegativeIndices };
      const { array, indices } = region;
      const part = read("x.at(…).apply", seen("x.at(…).apply", array), indices, places, null);
      return write("x.at(…).apply", region, func(rewrap(array, part)), places, replaced);
    },
  ),
};

/** A region of an array. Its methods are {@link REGIONS}, installed by methods.ts. */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- as for NDArray
export interface At extends Updates {}
/** What `x.at(…)` gives: new arrays that differ from x in the indexed region. */
export class At {
  readonly array: NDArray;
  readonly indices: readonly Index[];

  constructor(array: NDArray, indices: readonly Index[]) {
    this.array = array;
    this.indices = indices;
  }
}

/** x.at(…indices): the region that set, add, mul and the others change in a new array. */
export const at = define(
  "x.at",
  [anything<NDArray>()("x"), rest(anything<Index>()("indices"))],
  (x, indices) => new At(x, indices),
);
