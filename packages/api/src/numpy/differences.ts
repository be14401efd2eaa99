// Differences of neighbours: diff, gradients along axes, the trapezoidal rule.
import type { Node } from "@weft/ir";
import { DTypeError, formatAval, IndexError, ShapeError } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import { broadcastNodes, checkAxis, floatDType, promoteAll, toNode, wrap } from "../core/convert.ts";
import { define } from "../core/define.ts";
import { array, axes, axis, choice, MANY, named, rest, size } from "../core/kinds.ts";
import * as n from "../lax/nodes.ts";
import { isBool, widened } from "./operands.ts";

const neighbours = (x: Node, axis: number, by: (high: Node, low: Node) => Node): Node => {
  const size = x.aval.shape[axis];
  return by(n.sliceAxis(x, axis, 1, size - 1), n.sliceAxis(x, axis, 0, size - 1));
};
/** The last axis is where `axis` was. */
const movedLast = (x: Node, axis: number): Node =>
  n.transpose(x, [...x.aval.shape.map((_, i) => i).filter((i) => i !== axis), axis]);

/** Differences of the neighbours of an axis, `times` times. */
function differences(x: Node, axis: number, times: number): Node {
  const length = x.aval.shape[axis];
  if (times >= length) return n.sliceAxis(x, axis, 0, 0);
  if (times > MANY) throw new ShapeError(`np.diff: n: expected at most ${MANY} differences, got ${times}`);
  let node = x;
  for (let i = 0; i < times; i++) node = neighbours(node, axis, isBool(node) ? n.xor : n.sub);
  return node;
}
/**
 * Differences of neighbours along an axis, n times; exclusive or of bools.
 * @example np.diff([1, 4, 9], { prepend: 0 }) // [1 3 5]
 */
export const diff = define(
  "np.diff",
  [array("a"), size("n", 1), axis("axis", -1), array("prepend", null), array("append", null)],
  (a, times, axis, prepend, append) => {
    const own = toNode("np.diff", a);
    if (times === 0) return wrap(own);
    const { shape } = own.aval;
    const at = checkAxis("np.diff", axis, shape.length);
    if (prepend === null && append === null) return wrap(differences(isBool(own) ? n.strong(own) : own, at, times));
    const parts = [prepend, own, append].filter((part) => part !== null);
    const whole = promoteAll("np.diff", parts).map((part) =>
      part.aval.shape.length === 0 ? n.fill(part, shape.with(at, 1)) : part,
    );
    return wrap(differences(n.concatenate(whole, at), at, times));
  },
);
/** Differences of the flat array's neighbours, with `toBegin` and `toEnd` put around. */
export const ediff1d = define(
  "np.ediff1d",
  [array("ary"), array("toEnd", null), array("toBegin", null)],
  (ary, toEnd, toBegin) => {
    const given = toNode("np.ediff1d", ary);
    const own = toEnd === null && toBegin === null ? given : n.strong(given);
    if (own.aval.dtype === "bool")
      throw new DTypeError(`np.ediff1d: ${formatAval(own.aval)}: bool has no differences; convert with astype first`);
    const inner = differences(n.reshape(own, [own.aval.size]), 0, 1);
    const { dtype, weakness } = inner.aval;
    const parts = [toBegin, null, toEnd].flatMap((part, i) => {
      if (i === 1) return [inner];
      if (part === null) return [];
      const node = n.convert(toNode("np.ediff1d", part, dtype), dtype, weakness);
      return [n.reshape(node, [node.aval.size])];
    });
    return wrap(n.concatenate(parts, 0));
  },
);

/**
 * ∫ y by the trapezoidal rule along an axis, at points x or with spacing dx.
 * @example np.trapezoid(np.sin(x), x)
 */
export const trapezoid = define(
  "np.trapezoid",
  [array("y"), array("x", null), array("dx", 1), axis("axis", -1)],
  (y, x, dx, axis) => {
    const promoted = promoteAll("np.trapezoid", x === null ? [y] : [y, x]);
    const dtype = floatDType(promoted[0].aval.dtype);
    const [values, points] = promoted.map((node) => n.convert(node, dtype));
    const last = (node: Node): Node => movedLast(node, checkAxis("np.trapezoid", axis, node.aval.shape.length));
    if (x !== null) {
      const line = points.aval.shape.length === 1 ? points : last(points);
      return wrap(integral(last(values), neighbours(line, line.aval.shape.length - 1, n.sub)));
    }
    const [own, width] = promoteAll("np.trapezoid", [values, dx]);
    const { shape } = width.aval;
    if (shape.length === 0) return wrap(integral(last(own), width));
    const missing = Math.max(0, own.aval.shape.length - shape.length);
    return wrap(integral(last(own), last(n.reshape(width, [...new Array<number>(missing).fill(1), ...shape]))));
  },
);
const product = (x: Node, y: Node): Node => {
  const [a, b] = broadcastNodes("np.trapezoid", [x, y]);
  return n.mul(a, b);
};
const sumLast = (x: Node): Node =>
  n.convert(n.reduce("reduceSum", widened(x), [x.aval.shape.length - 1]), x.aval.dtype, x.aval.weakness);
/** ∫ along the last axis, by one width for all gaps or one each. */
function integral(values: Node, widths: Node): Node {
  const { shape } = values.aval;
  const last = shape.length - 1;
  const own = widths.aval.shape;
  if (own.length > 0 && own[own.length - 1] !== 1)
    return n.mul(sumLast(product(widths, neighbours(values, last, n.add))), 0.5);
  // as JAX does: the sum of all but for half of the ends
  const width = own.length === 0 ? widths : n.reshape(widths, own.slice(0, -1));
  const total = sumLast(values);
  if (shape[last] === 0) return product(total, width);
  const end = (i: number): Node => n.reshape(n.sliceAxis(values, last, i, 1), shape.slice(0, -1));
  return product(n.sub(total, n.mul(n.add(end(0), end(shape[last] - 1)), 0.5)), width);
}

// Gradients -------------------------------------------------------------------------------------------------------------

/** The derivative along an axis whose elements are a number apart, or lie at coordinates. */
function gradientOf(x: Node, axis: number, spacing: Node, order: 1 | 2): Node {
  const { shape } = x.aval;
  const size = shape[axis];
  if (size < order + 1)
    throw new ShapeError(`np.gradient: ${formatAval(x.aval)}: axis ${axis} needs at least ${order + 1} elements`);
  const part = (start: number, count: number): Node => n.sliceAxis(x, axis, start, count);
  const even = spacing.aval.shape.length === 0;
  if (!even && (spacing.aval.shape.length > 1 || spacing.aval.size !== size))
    throw new ShapeError(
      `np.gradient: ${formatAval(x.aval)}, ${formatAval(spacing.aval)}: expected a number for axis ${axis}, or its ${size} coordinates`,
    );
  /** Distances from element `start` on to the next ones, beside each other along the axis. */
  const gaps = (start: number, count: number): Node =>
    even
      ? spacing
      : n.broadcastInDim(
          n.sub(n.sliceAxis(spacing, 0, start + 1, count), n.sliceAxis(spacing, 0, start, count)),
          shape.with(axis, count),
          [axis],
        );
  const slope = (start: number): Node => n.div(n.sub(part(start + 1, 1), part(start, 1)), gaps(start, 1));
  /** The derivative at `count` elements from `start` + `at` on, of parabolas through three neighbours each. */
  const parabola = (start: number, count: number, at: 0 | 1 | 2): Node => {
    const [p, q] = [gaps(start, count), gaps(start + 1, count)];
    const both = n.add(p, q);
    const [a, b, c] = [
      n.div(n.neg([n.add(n.mul(p, 2), q), q, n.neg(q)][at]), n.mul(p, both)),
      n.div([both, n.sub(q, p), n.neg(both)][at], n.mul(p, q)),
      n.div([n.neg(p), p, n.add(n.mul(q, 2), p)][at], n.mul(q, both)),
    ];
    return n.add(
      n.add(n.mul(a, part(start, count)), n.mul(b, part(start + 1, count))),
      n.mul(c, part(start + 2, count)),
    );
  };
  const ends = order === 1 ? [slope(0), slope(size - 2)] : [parabola(0, 1, 0), parabola(size - 3, 1, 2)];
  if (size === 2) return n.concatenate(ends, axis);
  const inner = even
    ? n.div(n.mul(n.sub(part(2, size - 2), part(0, size - 2)), 0.5), spacing)
    : parabola(0, size - 2, 1);
  return n.concatenate([ends[0], inner, ends[1]], axis);
}
/**
 * The derivative along each axis by differences of second order inside and of order `edgeOrder` at the ends; an array for
 * one axis, a list for several, in the order of `axis`. Spacings follow the array: none (1), one number for all axes, or
 * one for each: a number, or the coordinates of the axis.
 * @example np.gradient(y, x); np.gradient(f, 0.1, 0.2, { axis: [1, 0] })
 */
export const gradient = define(
  "np.gradient",
  [array("f"), rest(array("varargs")), named(axes("axis", null)), named(choice(1, 2)("edgeOrder", null))],
  (f, varargs, axis, edgeOrder): NDArray | NDArray[] => {
    const promoted = promoteAll("np.gradient", [f, ...varargs]);
    const dtype = floatDType(promoted[0].aval.dtype);
    const [node, ...spacings] = promoted.map((x) =>
      n.convert(x, dtype, x.aval.weakness === "weak" ? "weak" : "strong"),
    );
    const rank = node.aval.shape.length;
    const asked = axis === null ? node.aval.shape.map((_, i) => i) : typeof axis === "number" ? [axis] : axis;
    const places = asked.map((one) => checkAxis("np.gradient", one, rank));
    if (new Set(places).size < places.length)
      throw new IndexError(`np.gradient: axis: [${places.join(",")}] names an axis twice`);
    if (spacings.length > 1 && spacings.length !== places.length)
      throw new ShapeError(`np.gradient: ${spacings.length} spacings for ${places.length} axes`);
    const one = n.like(node, 1);
    const result = places.map((at, i) =>
      wrap(gradientOf(node, at, spacings.length === 0 ? one : spacings[spacings.length === 1 ? 0 : i], edgeOrder ?? 1)),
    );
    return result.length === 1 ? result[0] : result;
  },
);
