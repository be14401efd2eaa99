// Reductions and statistics. Sums of bool widen to int32; means of integers are float32. Empty maxima throw.
import type { DType, Node } from "@weft/ir";
import {
  ArgumentError,
  DTypeError,
  extremeOf,
  formatAval,
  isFloat,
  isInteger,
  record,
  sameShape,
  ShapeError,
} from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import type { Values } from "../core/call-types.ts";
import type { ArrayLike } from "../core/convert.ts";
import { broadcastTo, checkAxes, checkAxis, convertNode, promoteAll, toNode, wrap } from "../core/convert.ts";
import { alias, define, defineAs } from "../core/define.ts";
import { array, axes, axis, dtype, flag, named, number, out } from "../core/kinds.ts";
import type { Axis } from "../core/methods.ts";
import * as n from "../lax/nodes.ts";
import { truth } from "./arithmetic.ts";
import { countOf, initialNode, maskNode, masked, meanNode, varianceNode } from "./moments.ts";
import { float, isBool, widened as wide } from "./operands.ts";

// what reductions take, in JAX's order
const A = array("a");
const AXIS = axes("axis", null);
const DTYPE = dtype("dtype", null);
const KEEPDIMS = flag("keepdims", false);
const INITIAL = array("initial", null);
const WHERE = array("where", null);
const PROMOTE = flag("promoteIntegers", true);
const SUM = [A, AXIS, DTYPE, out, KEEPDIMS, INITIAL, WHERE] as const;
const MAX = [A, AXIS, out, KEEPDIMS, INITIAL, WHERE] as const;
const ANY = [A, AXIS, out, KEEPDIMS, named(WHERE)] as const;
const ARG = [A, axis("axis", null), out, flag("keepdims", null)] as const;
const MEAN = [A, AXIS, DTYPE, out, KEEPDIMS] as const;
const MOMENT = [A, AXIS, DTYPE, out, number("ddof", 0), KEEPDIMS] as const;

const axesOf = (op: string, x: Node, axis: number | readonly number[] | null | undefined): number[] =>
  checkAxes(op, axis, x.aval.shape.length);
const maskOf = (op: string, x: Node, where: ArrayLike | null): Node | null => maskNode(op, where, x.aval.shape);
/** Operands of one dtype as floats, float32 unless they are some. */
const inexact = (nodes: readonly Node[]): readonly Node[] =>
  isFloat(nodes[0].aval.dtype) ? nodes : nodes.map((x) => n.convert(x, "float32"));
/** A result of a reduction: never weak. */
const done = (x: Node): NDArray => wrap(n.strong(x));
const widened = (x: Node): Node => (isBool(x) ? n.convert(x, "int32") : x);

// Sums and products -------------------------------------------------------------------------------------------------

type Sums = Values<typeof SUM>;
const accumulate = (
  name: string,
  prim: "reduceSum" | "reduceProd",
  ...[a, axis, dtype, , keepdims, initial, where]: Sums
): NDArray => {
  const own = toNode(name, a);
  const node = dtype === null ? widened(own) : n.convert(own, dtype);
  const total = n.reduce(
    prim,
    masked(isBool(node) ? n.convert(node, "int32") : node, maskOf(name, node, where), prim === "reduceSum" ? 0 : 1),
    axesOf(name, node, axis),
    keepdims,
  );
  const result = isBool(node) ? n.compare("ne", total, 0) : total;
  if (initial === null) return done(result);
  const first = initialNode(name, initial, result.aval.dtype);
  if (isBool(result)) return done(prim === "reduceSum" ? n.or(result, first) : n.and(result, first));
  return done(prim === "reduceSum" ? n.add(result, first) : n.mul(result, first));
};

/**
 * The sum over axes (all by default). bool widens to int32; promoteIntegers has no integers to widen that arrays have here.
 * @example np.sum(x, 0, { keepdims: true })
 */
export const sum = define("np.sum", [...SUM, PROMOTE], (a, axis, dtype, out, keepdims, initial, where) =>
  accumulate("np.sum", "reduceSum", a, axis, dtype, out, keepdims, initial, where),
);
/** The product over axes. */
export const prod = define("np.prod", [...SUM, PROMOTE], (a, axis, dtype, out, keepdims, initial, where) =>
  accumulate("np.prod", "reduceProd", a, axis, dtype, out, keepdims, initial, where),
);

// Extremes ----------------------------------------------------------------------------------------------------------

type Maxima = Values<typeof MAX>;
const extreme = (
  name: string,
  prim: "reduceMax" | "reduceMin",
  ...[a, axis, , keepdims, initial, where]: Maxima
): NDArray => {
  let node = toNode(name, a);
  if (where !== null && initial === null)
    throw new ArgumentError(`${name}: ${formatAval(node.aval)}: where needs initial, the result where nothing is left`);
  const largest = prim === "reduceMin";
  node = masked(node, maskOf(name, node, where), extremeOf(node.aval.dtype, largest));
  const axes = axesOf(name, node, axis);
  if (initial === null) {
    if (node.aval.size === 0 && axes.some((at) => node.aval.shape[at] === 0)) {
      throw new ShapeError(
        `${name}: ${formatAval(node.aval)}: an empty axis has no ${largest ? "smallest" : "largest"} element; give initial, or reduce another axis`,
      );
    }
    return done(n.reduce(prim, node, axes, keepdims));
  }
  const first = initialNode(name, initial, node.aval.dtype);
  const shape = node.aval.shape;
  const result =
    countOf(node, axes) === 0
      ? n.fill(
          n.like(node, extremeOf(node.aval.dtype, largest)),
          keepdims ? shape.map((d, i) => (axes.includes(i) ? 1 : d)) : shape.filter((_, i) => !axes.includes(i)),
        )
      : n.reduce(prim, node, axes, keepdims);
  if (isBool(result)) return done(largest ? n.and(result, first) : n.or(result, first));
  return done(largest ? n.min(result, first) : n.max(result, first));
};
/** The largest element over axes; NaN if one is NaN. Throws ShapeError for empty axes without `initial`. */
export const max = define("np.max", MAX, (a, axis, out, keepdims, initial, where) =>
  extreme("np.max", "reduceMax", a, axis, out, keepdims, initial, where),
);
export const amax = alias("np.amax", max);
/** The smallest element over axes. */
export const min = define("np.min", MAX, (a, axis, out, keepdims, initial, where) =>
  extreme("np.min", "reduceMin", a, axis, out, keepdims, initial, where),
);
export const amin = alias("np.amin", min);

const argExtreme = (
  name: string,
  prim: "argmax" | "argmin",
  x: Node,
  axis: number | null,
  keepdims: boolean | null,
): Node => {
  const { shape } = x.aval;
  if (x.aval.size === 0 && axis === null)
    throw new ShapeError(`${name}: ${formatAval(x.aval)} is empty and has no extreme element`);
  const flat = axis === null ? n.reshape(x, [x.aval.size]) : x;
  const at = axis === null ? 0 : checkAxis(name, axis, shape.length);
  const node = argReduce(prim, flat, at);
  return keepdims === true ? n.reshape(node, axis === null ? shape.map(() => 1) : shape.with(at, 1)) : node;
};
const argReduce = (prim: "argmax" | "argmin", x: Node, axis: number): Node => record(prim, { axis }, [x]);
/** The index of the first largest element, int32; of the flat array without an axis. */
export const argmax = define("np.argmax", ARG, (a, axis, _out, keepdims) =>
  wrap(argExtreme("np.argmax", "argmax", toNode("np.argmax", a), axis, keepdims)),
);
/** The index of the first smallest element, int32. */
export const argmin = define("np.argmin", ARG, (a, axis, _out, keepdims) =>
  wrap(argExtreme("np.argmin", "argmin", toNode("np.argmin", a), axis, keepdims)),
);

/** Largest minus smallest element over axes. */
export const ptp = define("np.ptp", [A, AXIS, out, KEEPDIMS], (a, axis, _out, keepdims) => {
  const node = toNode("np.ptp", a);
  const axes = axesOf("np.ptp", node, axis);
  return done(n.sub(n.reduce("reduceMax", node, axes, keepdims), n.reduce("reduceMin", node, axes, keepdims)));
});

// Truth -------------------------------------------------------------------------------------------------------------

const truths = (
  name: string,
  prim: "reduceAnd" | "reduceOr",
  ...[a, axis, , keepdims, where]: Values<typeof ANY>
): NDArray => {
  const node = truth(toNode(name, a));
  const counted = masked(node, maskOf(name, node, where), prim === "reduceAnd" ? 1 : 0);
  return done(n.reduce(prim, counted, axesOf(name, node, axis), keepdims));
};
/** Whether an element is true (not 0), over axes. */
export const any = define("np.any", ANY, (a, axis, out, keepdims, where) =>
  truths("np.any", "reduceOr", a, axis, out, keepdims, where),
);
/** Whether all elements are true, over axes. */
export const all = define("np.all", ANY, (a, axis, out, keepdims, where) =>
  truths("np.all", "reduceAnd", a, axis, out, keepdims, where),
);
/** How many elements are not 0, int32. */
export const countNonzero = define("np.countNonzero", [A, AXIS, KEEPDIMS], (a, axis, keepdims) => {
  const node = truth(toNode("np.countNonzero", a));
  return wrap(n.reduce("reduceSum", n.convert(node, "int32"), axesOf("np.countNonzero", node, axis), keepdims));
});

// Means and deviations ------------------------------------------------------------------------------------------------

/** x in the dtype that was asked for, or as floats. Throws DTypeError for dtypes that have no means, or no deviations. */
function inDType(op: string, x: ArrayLike, dtype: DType | null, integers: boolean): Node {
  if (dtype === null) return float(op, x);
  if (!isFloat(dtype) && !(integers && isInteger(dtype)))
    throw new DTypeError(`${op}: dtype ${dtype}: expected a float${integers ? " or integers" : ""}`);
  return convertNode(toNode(op, x), dtype);
}
const backTo = (x: Node, dtype: DType | null): Node =>
  dtype === null || x.aval.dtype === dtype ? x : n.convert(x, dtype);
/** The dtype of a result that was asked for, or that of float16 operands, which are computed in float32. */
const asked = (dtype: DType | null, own: Node): DType | null =>
  dtype === null && own.aval.dtype === "float16" ? "float16" : dtype;

const meanOf = (
  name: string,
  ...[a, axis, dtype, , keepdims, where]: [...Values<typeof MEAN>, where: ArrayLike | null]
): NDArray => {
  const own = inDType(name, a, dtype, true);
  const node = wide(own);
  return done(backTo(meanNode(node, axesOf(name, node, axis), maskOf(name, node, where), keepdims), asked(dtype, own)));
};
/** The arithmetic mean over axes, float32 for integers. @example np.mean(x, -1) */
export const mean = define("np.mean", [...MEAN, named(WHERE)], (a, axis, dtype, out, keepdims, where) =>
  meanOf("np.mean", a, axis, dtype, out, keepdims, where),
);

/** `correction` is the array API's name for ddof. */
function degrees(name: string, ddof: number, correction: number | null): number {
  if (correction === null) return ddof;
  if (ddof !== 0) throw new ArgumentError(`${name}: ddof and correction are one thing; give one of them`);
  return correction;
}
const deviation = (
  name: string,
  root: boolean,
  ...[a, axis, dtype, , given, keepdims, where, centre, correction]: [
    ...Values<typeof MOMENT>,
    where: ArrayLike | null,
    mean: ArrayLike | null,
    correction: number | null,
  ]
): NDArray => {
  const own = inDType(name, a, dtype, false);
  const node = wide(own);
  const ddof = degrees(name, given, correction);
  const mask = maskOf(name, node, where);
  const result = varianceNode(node, axesOf(name, node, axis), mask, {
    ddof,
    keepdims,
    centre: known(name, node, centre),
  });
  return done(backTo(root ? n.sqrt(result) : result, asked(dtype, own)));
};
/** A mean that the caller knows, of x's shape. */
const known = (name: string, x: Node, centre: ArrayLike | null): Node | null =>
  centre === null ? null : broadcastTo(name, toNode(name, centre, x.aval.dtype), x.aval.shape);
const VAR = [...MOMENT, named(WHERE), named(array("mean", null)), named(number("correction", null))] as const;
/** The variance over axes, with divisor count − ddof. */
const variance = define("np.var", VAR, (a, axis, dtype, out, ddof, keepdims, where, mean, correction) =>
  deviation("np.var", false, a, axis, dtype, out, ddof, keepdims, where, mean, correction),
);
export { variance as var };
/** The standard deviation over axes: the root of the variance. */
export const std = define("np.std", VAR, (a, axis, dtype, out, ddof, keepdims, where, mean, correction) =>
  deviation("np.std", true, a, axis, dtype, out, ddof, keepdims, where, mean, correction),
);

export interface AverageOptions {
  axis?: Axis;
  weights?: ArrayLike | null;
  keepdims?: boolean;
}
/** The type of average: two arrays if `returned`. */
export interface Average {
  (a: ArrayLike, axis?: Axis, weights?: ArrayLike | null, returned?: false, keepdims?: boolean): NDArray;
  (
    a: ArrayLike,
    axis: Axis | undefined,
    weights: ArrayLike | null | undefined,
    returned: true,
    keepdims?: boolean,
  ): [NDArray, NDArray];
  (a: ArrayLike, options: AverageOptions & { returned: true }): [NDArray, NDArray];
  (a: ArrayLike, axis: Axis | undefined, options: AverageOptions & { returned: true }): [NDArray, NDArray];
  (a: ArrayLike, options: AverageOptions & { returned?: false }): NDArray;
  (a: ArrayLike, axis: Axis | undefined, options: AverageOptions & { returned?: false }): NDArray;
}
/** The mean weighted by `weights` (of a's shape, or of one axis); with `returned`, [average, sum of weights]. */
export const average = defineAs<Average>()(
  "np.average",
  [A, AXIS, array("weights", null), flag("returned", false), KEEPDIMS],
  (x, axis, weights, returned, keepdims) => {
    const op = "np.average";
    if (weights === null) {
      const own = float(op, x);
      const node = wide(own);
      const axes = axesOf(op, node, axis);
      const result = backTo(meanNode(node, axes, null, keepdims), asked(null, own));
      return returned
        ? [done(result), done(n.fill(n.like(result, countOf(node, axes)), result.aval.shape))]
        : done(result);
    }
    const [a, w] = inexact(promoteAll(op, [x, weights]));
    const { shape } = a.aval;
    const axes = axesOf(op, a, axis);
    let spread = w;
    if (!sameShape(w.aval.shape, shape)) {
      // in the order in which the axes are named
      const named =
        axis === null ? [] : (typeof axis === "number" ? [axis] : axis).map((at) => checkAxis(op, at, shape.length));
      if (
        axis === null ||
        !sameShape(
          w.aval.shape,
          named.map((at) => shape[at]),
        )
      )
        throw new ShapeError(
          `${op}: ${formatAval(a.aval)}, ${formatAval(w.aval)}: weights must have the array's shape, or that of axes that are named`,
        );
      const sorted = n.transpose(
        w,
        axes.map((at) => named.indexOf(at)),
      );
      spread = broadcastTo(
        op,
        n.reshape(
          sorted,
          shape.map((size, at) => (axes.includes(at) ? size : 1)),
        ),
        shape,
      );
    }
    const total = n.reduce("reduceSum", spread, axes, keepdims);
    const result = n.div(n.reduce("reduceSum", n.mul(a, spread), axes, keepdims), total);
    return returned ? [done(result), done(total)] : done(result);
  },
);

// Without NaNs --------------------------------------------------------------------------------------------------------

const present = (x: Node): Node => n.not(n.isNan(x));
/** What counts of x: what is not NaN, and where the mask holds. */
function counted(name: string, x: Node, where: ArrayLike | null): ArrayLike | null {
  if (!isFloat(x.aval.dtype)) return where;
  const seen = present(x);
  return wrap(where === null ? seen : n.and(seen, broadcastTo(name, truth(toNode(name, where)), x.aval.shape)));
}
const nanAccumulate = (
  name: string,
  prim: "reduceSum" | "reduceProd",
  ...[a, axis, dtype, out, keepdims, initial, where]: Sums
): NDArray => {
  const node = toNode(name, a);
  return accumulate(name, prim, wrap(node), axis, dtype, out, keepdims, initial, counted(name, node, where));
};
/** The sum of what is not NaN. */
export const nansum = define("np.nansum", SUM, (a, axis, dtype, out, keepdims, initial, where) =>
  nanAccumulate("np.nansum", "reduceSum", a, axis, dtype, out, keepdims, initial, where),
);
/** The product of what is not NaN. */
export const nanprod = define("np.nanprod", SUM, (a, axis, dtype, out, keepdims, initial, where) =>
  nanAccumulate("np.nanprod", "reduceProd", a, axis, dtype, out, keepdims, initial, where),
);
/** The mean of what is not NaN. */
export const nanmean = define("np.nanmean", [...MEAN, WHERE], (a, axis, dtype, out, keepdims, where) => {
  const node = toNode("np.nanmean", a);
  return meanOf("np.nanmean", wrap(node), axis, dtype, out, keepdims, counted("np.nanmean", node, where));
});
const nanDeviation = (
  name: string,
  root: boolean,
  ...[a, axis, dtype, , ddof, keepdims, given, centre]: [
    ...Values<typeof MOMENT>,
    where: ArrayLike | null,
    mean: ArrayLike | null,
  ]
): NDArray => {
  const own = float(name, a);
  const node = wide(own);
  const mask = maskOf(name, node, counted(name, node, given));
  const clean = n.select(present(node), node, 0);
  const result = varianceNode(clean, axesOf(name, node, axis), mask, {
    ddof,
    keepdims,
    centre: known(name, node, centre),
  });
  return done(backTo(root ? n.sqrt(result) : result, asked(dtype, own)));
};
const NANVAR = [...MOMENT, WHERE, array("mean", null)] as const;
/** The variance of what is not NaN. */
export const nanvar = define("np.nanvar", NANVAR, (a, axis, dtype, out, ddof, keepdims, where, mean) =>
  nanDeviation("np.nanvar", false, a, axis, dtype, out, ddof, keepdims, where, mean),
);
/** The standard deviation of what is not NaN. */
export const nanstd = define("np.nanstd", NANVAR, (a, axis, dtype, out, ddof, keepdims, where, mean) =>
  nanDeviation("np.nanstd", true, a, axis, dtype, out, ddof, keepdims, where, mean),
);

const nanExtreme = (
  name: string,
  prim: "reduceMax" | "reduceMin",
  ...[a, axis, out, keepdims, initial, where]: Maxima
): NDArray => {
  const node = toNode(name, a);
  if (!isFloat(node.aval.dtype)) return extreme(name, prim, wrap(node), axis, out, keepdims, initial, where);
  const clean = wrap(n.select(n.isNan(node), extremeOf(node.aval.dtype, prim === "reduceMin"), node));
  const result = extreme(name, prim, clean, axis, out, keepdims, initial, where);
  if (initial !== null) return result;
  const none = n.reduce("reduceAnd", n.isNan(node), axesOf(name, node, axis), keepdims);
  return done(n.select(none, NaN, result.node));
};
/** The largest element that is not NaN; NaN where there is none. */
export const nanmax = define("np.nanmax", MAX, (a, axis, out, keepdims, initial, where) =>
  nanExtreme("np.nanmax", "reduceMax", a, axis, out, keepdims, initial, where),
);
/** The smallest element that is not NaN. */
export const nanmin = define("np.nanmin", MAX, (a, axis, out, keepdims, initial, where) =>
  nanExtreme("np.nanmin", "reduceMin", a, axis, out, keepdims, initial, where),
);
const nanArg = (name: string, prim: "argmax" | "argmin", ...[a, axis, , keepdims]: Values<typeof ARG>): NDArray => {
  const node = toNode(name, a);
  if (!isFloat(node.aval.dtype)) return wrap(argExtreme(name, prim, node, axis, keepdims));
  const clean = n.select(n.isNan(node), extremeOf(node.aval.dtype, prim === "argmin"), node);
  const found = argExtreme(name, prim, clean, axis, keepdims);
  const none = n.reduce("reduceAnd", n.isNan(node), axesOf(name, node, axis), keepdims === true);
  return wrap(n.select(none, -1, found));
};
/** The index of the first largest element that is not NaN; −1 where there is none. */
export const nanargmax = define("np.nanargmax", ARG, (a, axis, out, keepdims) =>
  nanArg("np.nanargmax", "argmax", a, axis, out, keepdims),
);
/** The index of the first smallest element that is not NaN; −1 where there is none. */
export const nanargmin = define("np.nanargmin", ARG, (a, axis, out, keepdims) =>
  nanArg("np.nanargmin", "argmin", a, axis, out, keepdims),
);
