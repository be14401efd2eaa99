// np.pad: constant values through the pad primitive; the other modes join slices, flips and repeated edges.
import type { Node } from "@weft/ir";
import { formatAval, IndexError, ShapeError } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { options, toNode, wrap } from "../core/convert.ts";
import type { Trailing } from "../core/options.ts";
import * as n from "../lax/nodes.ts";
import { widened } from "./operands.ts";

export type PadMode =
  | "constant"
  | "edge"
  | "empty"
  | "linear_ramp"
  | "maximum"
  | "mean"
  | "minimum"
  | "reflect"
  | "symmetric"
  | "wrap";
/** One width for all sides, [before, after] for all axes, or such a pair an axis. */
export type PadWidth = number | readonly number[] | readonly (readonly number[])[];
export interface PadOptions {
  mode?: PadMode;
  constantValues?: ArrayLike;
  endValues?: ArrayLike;
  reflectType?: "even" | "odd";
  statLength?: PadWidth | null;
}

type Pairs = readonly (readonly [number, number])[];
function pairsOf(op: string, what: string, x: Node, given: PadWidth): Pairs {
  const rank = x.aval.shape.length;
  const bad = (): ShapeError =>
    new ShapeError(
      `${op}: ${formatAval(x.aval)}: ${what} must be one number, [before, after], or such a pair for each of ${rank} axes`,
    );
  const pair = (value: unknown): readonly [number, number] => {
    const [before, after] =
      typeof value === "number"
        ? [value, value]
        : Array.isArray(value) && value.length === 2
          ? (value as number[])
          : Array.isArray(value) && value.length === 1
            ? [value[0] as number, value[0] as number]
            : [NaN, NaN];
    if (typeof before !== "number" || typeof after !== "number" || Number.isNaN(before) || Number.isNaN(after))
      throw bad();
    return [before, after];
  };
  if (typeof given === "number") return x.aval.shape.map(() => pair(given));
  if (!Array.isArray(given)) throw bad();
  if (given.every((item) => typeof item === "number")) return x.aval.shape.map(() => pair(given));
  if (given.length === 1) return x.aval.shape.map(() => pair(given[0]));
  if (given.length !== rank) throw bad();
  return given.map(pair);
}

const edgeOf = (x: Node, axis: number, last: boolean): Node =>
  n.sliceAxis(x, axis, last ? x.aval.shape[axis] - 1 : 0, 1);
const repeated = (x: Node, axis: number, count: number): Node => {
  const squeezed = n.reshape(x, x.aval.shape.toSpliced(axis, 1));
  const shape = x.aval.shape.with(axis, count);
  return n.broadcastInDim(
    squeezed,
    shape,
    shape.map((_, i) => i).filter((i) => i !== axis),
  );
};
const join = (parts: readonly (Node | null)[], axis: number): Node =>
  n.concatenate(
    parts.filter((part) => part !== null),
    axis,
  );

function edge(x: Node, axis: number, [before, after]: readonly [number, number]): Node {
  return join(
    [
      before > 0 ? repeated(edgeOf(x, axis, false), axis, before) : null,
      x,
      after > 0 ? repeated(edgeOf(x, axis, true), axis, after) : null,
    ],
    axis,
  );
}

/** Mirrors at both ends, as often as the widths ask. `offset` 1 leaves the edge itself out (reflect). */
function mirror(x: Node, axis: number, [before, after]: readonly [number, number], offset: 0 | 1, odd: boolean): Node {
  const size = x.aval.shape[axis];
  if (size === 1 && offset === 1) return edge(x, axis, [before, after]);
  const piece = (of: Node, count: number, last: boolean): Node => {
    const own = of.aval.shape[axis];
    const part = n.flip(n.sliceAxis(of, axis, last ? own - count - offset : offset, count), [axis]);
    if (!odd) return part;
    return n.sub(n.mul(repeated(edgeOf(of, axis, last), axis, count), 2), part);
  };
  let result = x;
  let [left, right] = [before, after];
  while (left > 0 || right > 0) {
    const room = result.aval.shape[axis] - offset;
    const [low, high] = [Math.min(left, room), Math.min(right, room)];
    result = join(
      [low > 0 ? piece(result, low, false) : null, result, high > 0 ? piece(result, high, true) : null],
      axis,
    );
    left -= low;
    right -= high;
  }
  return result;
}

function wrapAround(x: Node, axis: number, [before, after]: readonly [number, number]): Node {
  const size = x.aval.shape[axis];
  const parts: Node[] = [];
  const head = before % size;
  if (head > 0) parts.push(n.sliceAxis(x, axis, size - head, head));
  for (let i = 0; i < Math.floor(before / size) + 1 + Math.floor(after / size); i++) parts.push(x);
  const tail = after % size;
  if (tail > 0) parts.push(n.sliceAxis(x, axis, 0, tail));
  return n.concatenate(parts, axis);
}

function ramp(x: Node, axis: number, [before, after]: readonly [number, number], ends: readonly [Node, Node]): Node {
  const side = (count: number, last: boolean): Node | null => {
    if (count === 0) return null;
    const shape = x.aval.shape.with(axis, count);
    const rise = n.div(n.iota("float32", shape, axis), count);
    const t = n.convert(rise, x.aval.dtype === "float64" ? "float64" : "float32");
    const from = n.convert(n.fill(ends[last ? 1 : 0], shape), t.aval.dtype);
    const to = n.convert(repeated(edgeOf(x, axis, last), axis, count), t.aval.dtype);
    const line = n.add(from, n.mul(n.sub(to, from), t));
    const values = n.convert(line, x.aval.dtype, x.aval.weakness);
    return last ? n.flip(values, [axis]) : values;
  };
  return join([side(before, false), x, side(after, true)], axis);
}

function statistic(
  mode: "maximum" | "mean" | "minimum",
  x: Node,
  axis: number,
  [before, after]: readonly [number, number],
  lengths: readonly [number, number],
): Node {
  const side = (count: number, last: boolean): Node | null => {
    if (count === 0) return null;
    const size = x.aval.shape[axis];
    const length = Math.min(lengths[last ? 1 : 0], size);
    const part = n.sliceAxis(x, axis, last ? size - length : 0, length);
    const exact = x.aval.dtype === "int32" || x.aval.dtype === "uint32";
    const reduced =
      mode === "mean"
        ? n.div(n.reduce("reduceSum", exact ? n.convert(part, "float32") : widened(part), [axis], true), length)
        : n.reduce(mode === "maximum" ? "reduceMax" : "reduceMin", part, [axis], true);
    const rounded = exact && mode === "mean" ? n.round(reduced, "even") : reduced;
    return repeated(n.convert(rounded, x.aval.dtype, x.aval.weakness), axis, count);
  };
  return join([side(before, false), x, side(after, true)], axis);
}

/**
 * The array with elements put around it, `padWidth` on each side of each axis.
 * Throws ShapeError for widths that do not fit the array or empty axes in modes that read them, IndexError for negative widths.
 * @example np.pad(image, 4, { mode: "edge" })
 */
export function pad(x: ArrayLike, padWidth: PadWidth, ...rest: Trailing<[mode: PadMode], PadOptions>): NDArray {
  const given = options<PadOptions>("pad", ["mode"], rest, [
    "constantValues",
    "endValues",
    "reflectType",
    "statLength",
  ]);
  const { mode = "constant", constantValues = 0, endValues = 0, reflectType = "even", statLength = null } = given;
  const node = toNode("pad", x);
  const { shape, dtype } = node.aval;
  const widths = pairsOf("pad", "padWidth", node, padWidth);
  for (const width of widths.flat())
    if (!Number.isInteger(width) || width < 0)
      throw new IndexError(`pad: a width must be a non-negative integer, got ${width}`);
  const values = (value: ArrayLike): readonly (readonly [Node, Node])[] => {
    if (Array.isArray(value) && value.every((item) => typeof item === "number" || Array.isArray(item))) {
      return pairsOf("pad", "values", node, value as PadWidth).map(([a, b]) => [
        toNode("pad", a, dtype),
        toNode("pad", b, dtype),
      ]);
    }
    const one = toNode("pad", value, dtype);
    if (one.aval.shape.length !== 0)
      throw new ShapeError(`pad: ${formatAval(one.aval)}: give values as one number, a pair, or a pair an axis`);
    return shape.map(() => [one, one]);
  };
  if (mode === "constant" || mode === "empty") {
    const fills = values(mode === "empty" ? 0 : constantValues);
    if (fills.every(([low, high]) => low === fills[0][0] && high === low))
      return wrap(
        fills.length === 0
          ? node
          : n.pad(
              node,
              fills[0][0],
              widths.map(([low]) => low),
              widths.map(([, high]) => high),
            ),
      );
    const zeros = shape.map(() => 0);
    return wrap(
      widths.reduce(
        (padded, [low, high], axis) =>
          n.pad(
            n.pad(padded, fills[axis][0], zeros.with(axis, low), zeros),
            fills[axis][1],
            zeros,
            zeros.with(axis, high),
          ),
        node,
      ),
    );
  }
  const ends = mode === "linear_ramp" ? values(endValues) : [];
  const lengths =
    statLength === null ? shape.map((size) => [size, size] as const) : pairsOf("pad", "statLength", node, statLength);
  let result = node;
  widths.forEach((width, axis) => {
    if (width[0] === 0 && width[1] === 0) return;
    if (shape[axis] === 0)
      throw new ShapeError(
        `pad: ${formatAval(node.aval)}: axis ${axis} is empty, and mode ${mode} has nothing to repeat; use mode "constant"`,
      );
    switch (mode) {
      case "edge":
        result = edge(result, axis, width);
        break;
      case "reflect":
      case "symmetric":
        result = mirror(result, axis, width, mode === "reflect" ? 1 : 0, reflectType === "odd");
        break;
      case "wrap":
        result = wrapAround(result, axis, width);
        break;
      case "linear_ramp":
        result = ramp(result, axis, width, ends[axis]);
        break;
      case "maximum":
      case "mean":
      case "minimum":
        result = statistic(mode, result, axis, width, lengths[axis]);
        break;
      default:
        throw new TypeError(`pad: there is no mode ${String(mode)}`);
    }
  });
  return wrap(result);
}
