// np.pad: constant values through the pad primitive; the other modes join slices, flips and repeated edges. Each mode takes
// its own keywords and no other's; "median" waits for sorting.
import type { Node } from "@weft/ir";
import { ArgumentError, formatAval, IndexError, ShapeError } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { broadcastTo, toNode, wrap } from "../core/convert.ts";
import { define } from "../core/define.ts";
import type { TypedArray } from "../core/host.ts";
import { isTypedArray } from "../core/host.ts";
import { anything, array, choice, named } from "../core/kinds.ts";
import { inWords } from "../core/words.ts";
import * as n from "../lax/nodes.ts";
import { widened } from "./operands.ts";

/** One width for all sides, [before, after] for all axes, or such a pair an axis. */
export type PadWidth = number | readonly number[] | readonly (readonly number[])[] | TypedArray | NDArray;

type Pair = readonly [number, number];
type Pairs = readonly Pair[];

/** Numbers as the host has them: concrete arrays are read. */
function plain(x: unknown): unknown {
  if (x instanceof NDArray) return x.tolist();
  if (isTypedArray(x)) return Array.from(x as TypedArray as ArrayLike as readonly number[]);
  return Array.isArray(x) ? x.map(plain) : x;
}
/** What is given for both sides of every axis, by NumPy's rules: one for all, a pair, or a pair an axis. */
function pairsOf<T>(name: string, x: Node, given: unknown, one: (value: unknown) => T): readonly (readonly [T, T])[] {
  const { shape } = x.aval;
  const bad = (): ShapeError =>
    new ShapeError(
      `np.pad: ${formatAval(x.aval)}: ${name} must be one number, [before, after], or such a pair for each of ${shape.length} axes`,
    );
  const pair = (value: unknown): readonly [T, T] => {
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (list.length === 0 || list.length > 2) throw bad();
    const before = one(list[0]);
    return [before, list.length === 1 ? before : one(list[1])];
  };
  const rows: readonly unknown[] = Array.isArray(given) && given.some(Array.isArray) ? given : [given];
  if (rows.length !== 1 && (rows.length !== shape.length || !rows.every(Array.isArray))) throw bad();
  const pairs = rows.map(pair);
  return shape.map((_, axis) => pairs[pairs.length === 1 ? 0 : axis]);
}
/** Integers of the host, `least` being the smallest that may be. */
const integersOf = (name: string, x: Node, given: unknown, least: 0 | 1): Pairs =>
  pairsOf(name, x, plain(given), (value) => {
    if (typeof value === "number" && Number.isInteger(value) && value >= least) return value;
    throw new IndexError(
      `np.pad: ${name}: expected integers that are ${least === 0 ? "not negative" : "positive"}, got ${inWords(value)}`,
    );
  });
/** Values of x's dtype; equal ones are one node. */
function valuesOf(name: string, x: Node, given: ArrayLike): readonly (readonly [Node, Node])[] {
  const { shape, dtype } = x.aval;
  const scalar = (node: Node): Node => {
    if (node.aval.size === 1) return n.reshape(node, []);
    throw new ShapeError(`np.pad: ${name}: ${formatAval(node.aval)}: expected one value for a side`);
  };
  if (!(given instanceof NDArray || isTypedArray(given)))
    return pairsOf(name, x, given, (value) => scalar(toNode("np.pad", value as ArrayLike, dtype)));
  const own = toNode("np.pad", given, dtype);
  if (own.aval.size === 1) return pairsOf(name, x, 0, () => scalar(own));
  const spread = broadcastTo("np.pad", own, [shape.length, 2]);
  const at = (axis: number, side: number): Node => scalar(n.slice(spread, [axis, side], [1, 1]));
  return shape.map((_, axis) => [at(axis, 0), at(axis, 1)]);
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

function edge(x: Node, axis: number, [before, after]: Pair): Node {
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
function mirror(x: Node, axis: number, [before, after]: Pair, offset: 0 | 1, odd: boolean): Node {
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

/** More copies than this are one broadcast and a slice of it, not a join. */
const FEW_COPIES = 16;
function wrapAround(x: Node, axis: number, [before, after]: Pair): Node {
  const { shape } = x.aval;
  const size = shape[axis];
  const copies = Math.floor(before / size) + 1 + Math.floor(after / size);
  const [head, tail] = [before % size, after % size];
  if (copies > FEW_COPIES) {
    const wide = shape.toSpliced(axis, 0, copies + 2);
    const places = shape.map((_, i) => (i < axis ? i : i + 1));
    const all = n.reshape(n.broadcastInDim(x, wide, places), shape.with(axis, (copies + 2) * size));
    return n.sliceAxis(all, axis, size - head, before + size + after);
  }
  const parts: Node[] = [];
  if (head > 0) parts.push(n.sliceAxis(x, axis, size - head, head));
  for (let i = 0; i < copies; i++) parts.push(x);
  if (tail > 0) parts.push(n.sliceAxis(x, axis, 0, tail));
  return n.concatenate(parts, axis);
}

function ramp(x: Node, axis: number, [before, after]: Pair, ends: readonly [Node, Node]): Node {
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
  [before, after]: Pair,
  lengths: Pair,
): Node {
  const side = (count: number, last: boolean): Node | null => {
    if (count === 0) return null;
    const size = x.aval.shape[axis];
    const length = Math.min(lengths[last ? 1 : 0], size);
    const part = n.sliceAxis(x, axis, last ? size - length : 0, length);
    const exact = x.aval.dtype === "int32" || x.aval.dtype === "uint32";
    const reduced =
      mode === "mean"
        ? n.div(
            n.reduce(
              "reduceSum",
              exact || x.aval.dtype === "bool" ? n.convert(part, "float32") : widened(part),
              [axis],
              true,
            ),
            length,
          )
        : n.reduce(mode === "maximum" ? "reduceMax" : "reduceMin", part, [axis], true);
    const rounded = exact && mode === "mean" ? n.round(reduced, "even") : reduced;
    return repeated(n.convert(rounded, x.aval.dtype, x.aval.weakness), axis, count);
  };
  return join([side(before, false), x, side(after, true)], axis);
}

const MODES = [
  "constant",
  "edge",
  "empty",
  "linear_ramp",
  "maximum",
  "mean",
  "median",
  "minimum",
  "reflect",
  "symmetric",
  "wrap",
] as const;
type Mode = (typeof MODES)[number];
/** The keyword that a mode takes. */
const KEYWORD: { readonly [M in Mode]?: "constantValues" | "endValues" | "reflectType" | "statLength" } = {
  constant: "constantValues",
  linear_ramp: "endValues",
  maximum: "statLength",
  mean: "statLength",
  minimum: "statLength",
  reflect: "reflectType",
  symmetric: "reflectType",
};

function constant(x: Node, widths: Pairs, given: ArrayLike): Node {
  const lows = widths.map(([low]) => low);
  const highs = widths.map(([, high]) => high);
  const values = valuesOf("constantValues", x, given);
  const single = values.every(([low, high]) => low === values[0][0] && high === low);
  if (values.length === 0) return x;
  if (single) return n.pad(x, values[0][0], lows, highs);
  const zeros = widths.map(() => 0);
  return values.reduce<Node>((padded, [low, high], axis) => {
    const before = n.pad(padded, low, zeros.with(axis, lows[axis]), zeros);
    return n.pad(before, high, zeros, zeros.with(axis, highs[axis]));
  }, x);
}

/**
 * The array with elements put around it, `padWidth` on each side of each axis. Modes are NumPy's; "constant" takes
 * `constantValues`, "linear_ramp" `endValues`, "reflect" and "symmetric" `reflectType`, and "maximum", "mean" and
 * "minimum" `statLength`.
 * Throws ShapeError for widths that do not fit the array or empty axes in modes that read them, IndexError for negative
 * widths, ArgumentError for another mode's keyword.
 * @example np.pad(image, 4, { mode: "edge" }); np.pad(x, [[0, 1], [2, 0]], { constantValues: [[0, 1], [2, 3]] })
 */
export const pad = define(
  "np.pad",
  [
    array("array"),
    anything<PadWidth>()("padWidth"),
    choice(...MODES)("mode", "constant"),
    named(anything<PadWidth | null>()("statLength", null)),
    named(array("constantValues", null)),
    named(array("endValues", null)),
    named(choice("even", "odd")("reflectType", null)),
  ],
  (array, padWidth, mode, statLength, constantValues, endValues, reflectType) => {
    if (mode === "median")
      throw new ArgumentError('np.pad: mode: "median" needs sorting, which does not exist yet; "mean" does');
    for (const [name, value] of Object.entries({ statLength, constantValues, endValues, reflectType }))
      if (value !== null && KEYWORD[mode] !== name)
        throw new ArgumentError(
          `np.pad: ${name}: mode "${mode}" takes ${KEYWORD[mode] === undefined ? "no keywords" : KEYWORD[mode]}`,
        );
    const node = toNode("np.pad", array);
    const { shape } = node.aval;
    const widths = integersOf("padWidth", node, padWidth, 0);
    if (mode === "constant" || mode === "empty") return wrap(constant(node, widths, constantValues ?? 0));
    const limits = mode === "linear_ramp" ? valuesOf("endValues", node, endValues ?? 0) : [];
    const lengths = statLength === null ? null : integersOf("statLength", node, statLength, 1);
    let result = node;
    widths.forEach((width, axis) => {
      if (width[0] === 0 && width[1] === 0) return;
      if (shape[axis] === 0)
        throw new ShapeError(
          `np.pad: ${formatAval(node.aval)}: axis ${axis} is empty, and mode ${mode} has nothing to repeat; use mode "constant"`,
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
          result = ramp(result, axis, width, limits[axis]);
          break;
        default:
          result = statistic(mode, result, axis, width, lengths?.[axis] ?? [shape[axis], shape[axis]]);
      }
    });
    return wrap(result);
  },
);
