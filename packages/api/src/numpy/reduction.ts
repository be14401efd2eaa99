// Reductions and statistics. Sums of bool widen to int32; means of integers are float32. Empty maxima throw.
import type { DType, Node } from "@weft/ir";
import { checkDType, formatAval, isFloat, record, ShapeError } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import {
  broadcastTo,
  checkAxes,
  checkAxis,
  convertNode,
  floatDType,
  options,
  promoteAll,
  toNode,
  wrap,
} from "../core/convert.ts";
import type {
  AnyArgs,
  AnyOptions,
  ArgArgs,
  ArgOptions,
  Axis,
  MaxArgs,
  MaxOptions,
  MeanArgs,
  MeanOptions,
  SumArgs,
  SumOptions,
  VarArgs,
  VarOptions,
} from "../core/methods.ts";
import type { Trailing } from "../core/options.ts";
import * as n from "../lax/nodes.ts";
import { truth } from "./arithmetic.ts";
import { float, isBool, widened as wide } from "./operands.ts";

const NO_OPTIONS = Object.freeze({});
const axesOf = (op: string, x: Node, axis: Axis | undefined): number[] => checkAxes(op, axis, x.aval.shape.length);
const countOf = (x: Node, axes: readonly number[]): number =>
  axes.reduce((count, axis) => count * x.aval.shape[axis], 1);

/** `where` as a predicate of x's shape; x itself where there is none. */
function masked(op: string, x: Node, where: ArrayLike | null | undefined, other: number): Node {
  if (where === null || where === undefined) return x;
  const pred = broadcastTo(op, truth(toNode(op, where)), x.aval.shape);
  return n.select(pred, x, other);
}
const widened = (x: Node): Node => (isBool(x) ? n.convert(x, "int32") : x);

// Sums and products -------------------------------------------------------------------------------------------------

function accumulate(op: string, prim: "reduceSum" | "reduceProd", x: ArrayLike, rest: SumArgs): NDArray {
  const {
    axis,
    dtype = null,
    keepdims = false,
    initial = null,
    where,
  } = rest.length === 0
    ? (NO_OPTIONS as SumOptions)
    : options<SumOptions>(op, ["axis", "dtype", "keepdims", "initial", "where"], rest);
  const own = toNode(op, x);
  const node = dtype === null ? widened(own) : n.convert(own, checkDType(op, dtype));
  const identity = prim === "reduceSum" ? 0 : 1;
  const total = n.reduce(
    prim,
    isBool(node) ? n.convert(node, "int32") : masked(op, node, where, identity),
    axesOf(op, node, axis),
    keepdims,
  );
  const result = isBool(node) ? n.compare("ne", total, 0) : total;
  if (initial === null) return wrap(result);
  const first = toNode(op, initial, result.aval.dtype);
  return wrap(prim === "reduceSum" ? n.add(result, first) : n.mul(result, first));
}

/**
 * The sum over axes (all by default). bool and small integers widen to int32 or uint32.
 * @example np.sum(x, 0, { keepdims: true })
 */
export const sum = (x: ArrayLike, ...rest: SumArgs): NDArray => accumulate("sum", "reduceSum", x, rest);
/** The product over axes. */
export const prod = (x: ArrayLike, ...rest: SumArgs): NDArray => accumulate("prod", "reduceProd", x, rest);

// Extremes ----------------------------------------------------------------------------------------------------------

/** The largest or smallest value of a dtype: what masked elements become. */
const bound = (dtype: DType, largest: boolean): number => {
  if (isFloat(dtype)) return largest ? Infinity : -Infinity;
  if (dtype === "uint32") return largest ? 4294967295 : 0;
  if (dtype === "bool") return largest ? 1 : 0;
  return largest ? 2147483647 : -2147483648;
};

function extreme(op: string, prim: "reduceMax" | "reduceMin", x: ArrayLike, rest: MaxArgs): NDArray {
  const {
    axis,
    keepdims = false,
    initial = null,
    where = null,
  } = rest.length === 0
    ? (NO_OPTIONS as MaxOptions)
    : options<MaxOptions>(op, ["axis", "keepdims", "initial", "where"], rest);
  let node = toNode(op, x);
  if (where !== null && initial === null)
    throw new TypeError(`${op}: ${formatAval(node.aval)}: where needs initial, the result where nothing is left`);
  const largest = prim === "reduceMin";
  node = masked(op, node, where, bound(node.aval.dtype, largest));
  const axes = axesOf(op, node, axis);
  if (initial === null) {
    if (node.aval.size === 0 && axes.some((at) => node.aval.shape[at] === 0)) {
      throw new ShapeError(
        `${op}: ${formatAval(node.aval)}: an empty axis has no ${largest ? "smallest" : "largest"} element; give initial, or reduce another axis`,
      );
    }
    return wrap(n.reduce(prim, node, axes, keepdims));
  }
  const first = toNode(op, initial, node.aval.dtype);
  const shape = node.aval.shape;
  const result =
    countOf(node, axes) === 0
      ? n.fill(
          n.like(node, bound(node.aval.dtype, largest)),
          keepdims ? shape.map((d, i) => (axes.includes(i) ? 1 : d)) : shape.filter((_, i) => !axes.includes(i)),
        )
      : n.reduce(prim, node, axes, keepdims);
  if (isBool(result)) return wrap(largest ? n.and(result, first) : n.or(result, first));
  return wrap(largest ? n.min(result, first) : n.max(result, first));
}
/** The largest element over axes; NaN if one is NaN. Throws ShapeError for empty axes without `initial`. */
export const max = (x: ArrayLike, ...rest: MaxArgs): NDArray => extreme("max", "reduceMax", x, rest);
export const amax: typeof max = max;
/** The smallest element over axes. */
export const min = (x: ArrayLike, ...rest: MaxArgs): NDArray => extreme("min", "reduceMin", x, rest);
export const amin: typeof min = min;

function argExtreme(op: string, prim: "argmax" | "argmin", x: Node, rest: ArgArgs): Node {
  const { axis = null, keepdims = false } =
    rest.length === 0 ? (NO_OPTIONS as ArgOptions) : options<ArgOptions>(op, ["axis", "keepdims"], rest);
  const { shape } = x.aval;
  if (x.aval.size === 0 && axis === null)
    throw new ShapeError(`${op}: ${formatAval(x.aval)} is empty and has no extreme element`);
  const flat = axis === null ? n.reshape(x, [x.aval.size]) : x;
  const at = axis === null ? 0 : checkAxis(op, axis, shape.length);
  const node = argReduce(prim, flat, at);
  return keepdims ? n.reshape(node, axis === null ? shape.map(() => 1) : shape.with(at, 1)) : node;
}
const argReduce = (prim: "argmax" | "argmin", x: Node, axis: number): Node => record(prim, { axis }, [x]);
/** The index of the first largest element, int32; of the flat array without an axis. */
export const argmax = (x: ArrayLike, ...rest: ArgArgs): NDArray =>
  wrap(argExtreme("argmax", "argmax", toNode("argmax", x), rest));
/** The index of the first smallest element, int32. */
export const argmin = (x: ArrayLike, ...rest: ArgArgs): NDArray =>
  wrap(argExtreme("argmin", "argmin", toNode("argmin", x), rest));

/** Largest minus smallest element over axes. */
export function ptp(
  x: ArrayLike,
  ...rest: Trailing<[axis: Axis, keepdims: boolean], { axis?: Axis; keepdims?: boolean }>
): NDArray {
  const { axis, keepdims = false } = options<{ axis?: Axis; keepdims?: boolean }>("ptp", ["axis", "keepdims"], rest);
  const node = toNode("ptp", x);
  const axes = axesOf("ptp", node, axis);
  return wrap(n.sub(n.reduce("reduceMax", node, axes, keepdims), n.reduce("reduceMin", node, axes, keepdims)));
}

// Truth -------------------------------------------------------------------------------------------------------------

function truths(op: string, prim: "reduceAnd" | "reduceOr", x: ArrayLike, rest: AnyArgs): NDArray {
  const {
    axis,
    keepdims = false,
    where,
  } = rest.length === 0 ? (NO_OPTIONS as AnyOptions) : options<AnyOptions>(op, ["axis", "keepdims", "where"], rest);
  const node = truth(toNode(op, x));
  return wrap(n.reduce(prim, masked(op, node, where, prim === "reduceAnd" ? 1 : 0), axesOf(op, node, axis), keepdims));
}
/** Whether an element is true (not 0), over axes. */
export const any = (x: ArrayLike, ...rest: AnyArgs): NDArray => truths("any", "reduceOr", x, rest);
/** Whether all elements are true, over axes. */
export const all = (x: ArrayLike, ...rest: AnyArgs): NDArray => truths("all", "reduceAnd", x, rest);
/** How many elements are not 0, int32. */
export function countNonzero(
  x: ArrayLike,
  ...rest: Trailing<[axis: Axis, keepdims: boolean], { axis?: Axis; keepdims?: boolean }>
): NDArray {
  const { axis, keepdims = false } = options<{ axis?: Axis; keepdims?: boolean }>(
    "countNonzero",
    ["axis", "keepdims"],
    rest,
  );
  const node = truth(toNode("countNonzero", x));
  return wrap(n.reduce("reduceSum", n.convert(node, "int32"), axesOf("countNonzero", node, axis), keepdims));
}

// Means and deviations ------------------------------------------------------------------------------------------------

const asFloats = (op: string, x: ArrayLike, dtype: DType | null): Node => {
  if (dtype === null) return float(op, x);
  const to = checkDType(op, dtype);
  return convertNode(toNode(op, x), floatDType(to));
};
/** Elements that count, as a number or, with a mask, as a node. */
function countNode(
  op: string,
  x: Node,
  axes: readonly number[],
  where: ArrayLike | null | undefined,
  keepdims: boolean,
): Node | number {
  if (where === null || where === undefined) return countOf(x, axes);
  const pred = broadcastTo(op, truth(toNode(op, where)), x.aval.shape);
  return n.reduce("reduceSum", n.convert(pred, x.aval.dtype), axes, keepdims);
}
const meanNode = (
  op: string,
  x: Node,
  axes: readonly number[],
  where: ArrayLike | null | undefined,
  keepdims: boolean,
): Node =>
  n.div(n.reduce("reduceSum", masked(op, x, where, 0), axes, keepdims), countNode(op, x, axes, where, keepdims));
const backTo = (x: Node, dtype: DType | null): Node =>
  dtype === null || x.aval.dtype === dtype ? x : n.convert(x, dtype);
/** The dtype of a result that was asked for, or that of float16 operands, which are computed in float32. */
const asked = (dtype: DType | null, own: Node): DType | null =>
  dtype === null && own.aval.dtype === "float16" ? "float16" : dtype;

/** The arithmetic mean over axes, float32 for integers. @example np.mean(x, -1) */
export function mean(x: ArrayLike, ...rest: MeanArgs): NDArray {
  const {
    axis,
    dtype = null,
    keepdims = false,
    where,
  } = rest.length === 0
    ? (NO_OPTIONS as MeanOptions)
    : options<MeanOptions>("mean", ["axis", "dtype", "keepdims", "where"], rest);
  const own = asFloats("mean", x, dtype);
  const node = wide(own);
  return wrap(backTo(meanNode("mean", node, axesOf("mean", node, axis), where, keepdims), asked(dtype, own)));
}

/** Σ(x − mean)² / (count − ddof) over axes, by the centred sum. */
function varianceNode(
  op: string,
  node: Node,
  axes: readonly number[],
  ddof: number,
  where: ArrayLike | null | undefined,
  keepdims: boolean,
): Node {
  const centre = meanNode(op, node, axes, where, false);
  const squares = n.square(n.sub(node, n.respread(centre, node.aval.shape, axes)));
  const count = countNode(op, node, axes, where, keepdims);
  const divisor = typeof count === "number" ? count - ddof : n.sub(count, ddof);
  return n.div(
    n.reduce("reduceSum", masked(op, squares, where, 0), axes, keepdims),
    typeof divisor === "number" && divisor <= 0 ? NaN : divisor,
  );
}
function deviation(op: "var" | "std", x: ArrayLike, rest: VarArgs): NDArray {
  const {
    axis,
    dtype = null,
    ddof = 0,
    keepdims = false,
    where,
  } = rest.length === 0
    ? (NO_OPTIONS as VarOptions)
    : options<VarOptions>(op, ["axis", "dtype", "ddof", "keepdims", "where"], rest);
  const own = asFloats(op, x, dtype);
  const node = wide(own);
  const result = varianceNode(op, node, axesOf(op, node, axis), ddof, where, keepdims);
  return wrap(backTo(op === "std" ? n.sqrt(result) : result, asked(dtype, own)));
}
/** The variance over axes, with divisor count − ddof. */
const variance = (x: ArrayLike, ...rest: VarArgs): NDArray => deviation("var", x, rest);
export { variance as var };
/** The standard deviation over axes: the root of the variance. */
export const std = (x: ArrayLike, ...rest: VarArgs): NDArray => deviation("std", x, rest);

export interface AverageOptions {
  axis?: Axis;
  weights?: ArrayLike | null;
  returned?: boolean;
  keepdims?: boolean;
}
/** The mean weighted by `weights` (of x's shape, or of one axis); with `returned`, [average, sum of weights]. */
export function average(
  x: ArrayLike,
  axis?: Axis,
  weights?: ArrayLike | null,
  returned?: false,
  keepdims?: boolean,
): NDArray;
export function average(
  x: ArrayLike,
  axis: Axis | undefined,
  weights: ArrayLike | null | undefined,
  returned: true,
  keepdims?: boolean,
): [NDArray, NDArray];
export function average(x: ArrayLike, options: AverageOptions & { returned: true }): [NDArray, NDArray];
export function average(x: ArrayLike, options: AverageOptions): NDArray;
export function average(x: ArrayLike, axis: Axis | undefined, options: AverageOptions): NDArray;
export function average(x: ArrayLike, ...rest: readonly unknown[]): NDArray | [NDArray, NDArray] {
  const {
    axis = null,
    weights = null,
    returned = false,
    keepdims = false,
  } = options<AverageOptions>("average", ["axis", "weights", "returned", "keepdims"], rest);
  if (weights === null) {
    const own = float("average", x);
    const node = wide(own);
    const axes = axesOf("average", node, axis);
    const result = backTo(meanNode("average", node, axes, null, keepdims), asked(null, own));
    return returned
      ? [wrap(result), wrap(n.fill(n.like(result, countOf(node, axes)), result.aval.shape))]
      : wrap(result);
  }
  const [a, w] = promoteAll("average", [wrap(float("average", x)), weights]);
  const { shape } = a.aval;
  const axes = axesOf("average", a, axis);
  let spread = w;
  if (w.aval.shape.length !== shape.length) {
    if (axis === null || w.aval.shape.length !== 1 || axes.length !== 1)
      throw new ShapeError(
        `average: ${formatAval(a.aval)}, ${formatAval(w.aval)}: weights must have the array's shape, or one axis that is named`,
      );
    spread = broadcastTo(
      "average",
      n.reshape(
        w,
        shape.map((_, i) => (i === axes[0] ? w.aval.size : 1)),
      ),
      shape,
    );
  }
  const total = n.reduce("reduceSum", spread, axes, keepdims);
  const result = n.div(n.reduce("reduceSum", n.mul(a, broadcastTo("average", spread, shape)), axes, keepdims), total);
  return returned ? [wrap(result), wrap(total)] : wrap(result);
}

// Without NaNs --------------------------------------------------------------------------------------------------------

const present = (x: Node): Node => n.not(n.isNan(x));
const withMask = <O extends { where?: ArrayLike | null }>(op: string, x: Node, given: O): O => {
  if (!isFloat(x.aval.dtype)) return given;
  const { where = null } = given;
  const seen = present(x);
  return {
    ...given,
    where: wrap(where === null ? seen : n.and(seen, broadcastTo(op, truth(toNode(op, where)), x.aval.shape))),
  };
};
/** The sum of what is not NaN. */
export function nansum(x: ArrayLike, ...rest: SumArgs): NDArray {
  const node = toNode("nansum", x);
  return sum(
    wrap(node),
    withMask("nansum", node, options<SumOptions>("nansum", ["axis", "dtype", "keepdims", "initial", "where"], rest)),
  );
}
/** The product of what is not NaN. */
export function nanprod(x: ArrayLike, ...rest: SumArgs): NDArray {
  const node = toNode("nanprod", x);
  return prod(
    wrap(node),
    withMask("nanprod", node, options<SumOptions>("nanprod", ["axis", "dtype", "keepdims", "initial", "where"], rest)),
  );
}
/** The mean of what is not NaN. */
export function nanmean(x: ArrayLike, ...rest: MeanArgs): NDArray {
  const node = toNode("nanmean", x);
  return mean(
    wrap(node),
    withMask("nanmean", node, options<MeanOptions>("nanmean", ["axis", "dtype", "keepdims", "where"], rest)),
  );
}
function nanDeviation(op: "nanvar" | "nanstd", x: ArrayLike, rest: VarArgs): NDArray {
  const own = float(op, x);
  const node = wide(own);
  const given = withMask(op, node, options<VarOptions>(op, ["axis", "dtype", "ddof", "keepdims", "where"], rest));
  const { axis, dtype = null, ddof = 0, keepdims = false, where } = given;
  const axes = axesOf(op, node, axis);
  const clean = n.select(present(node), node, 0);
  const count = countNode(op, clean, axes, where, keepdims);
  const divisor = typeof count === "number" ? n.like(clean, count - ddof) : n.sub(count, ddof);
  const centre = meanNode(op, clean, axes, where, false);
  const squares = n.square(n.sub(clean, n.respread(centre, clean.aval.shape, axes)));
  const total = n.div(n.reduce("reduceSum", masked(op, squares, where, 0), axes, keepdims), divisor);
  const result = n.select(n.compare("le", divisor, 0), NaN, total);
  return wrap(backTo(op === "nanstd" ? n.sqrt(result) : result, asked(dtype, own)));
}
/** The variance of what is not NaN. */
export const nanvar = (x: ArrayLike, ...rest: VarArgs): NDArray => nanDeviation("nanvar", x, rest);
/** The standard deviation of what is not NaN. */
export const nanstd = (x: ArrayLike, ...rest: VarArgs): NDArray => nanDeviation("nanstd", x, rest);

function nanExtreme(op: string, prim: "reduceMax" | "reduceMin", x: ArrayLike, rest: MaxArgs): NDArray {
  const given = options<MaxOptions>(op, ["axis", "keepdims", "initial", "where"], rest);
  const node = toNode(op, x);
  if (!isFloat(node.aval.dtype)) return extreme(op, prim, wrap(node), [given]);
  const clean = wrap(n.select(n.isNan(node), bound(node.aval.dtype, prim === "reduceMin"), node));
  const result = extreme(op, prim, clean, [given]);
  if (given.initial !== undefined && given.initial !== null) return result;
  const none = n.reduce("reduceAnd", n.isNan(node), axesOf(op, node, given.axis), given.keepdims);
  return wrap(n.select(none, NaN, result.node));
}
/** The largest element that is not NaN; NaN where there is none. */
export const nanmax = (x: ArrayLike, ...rest: MaxArgs): NDArray => nanExtreme("nanmax", "reduceMax", x, rest);
/** The smallest element that is not NaN. */
export const nanmin = (x: ArrayLike, ...rest: MaxArgs): NDArray => nanExtreme("nanmin", "reduceMin", x, rest);
function nanArg(op: string, prim: "argmax" | "argmin", x: ArrayLike, rest: ArgArgs): NDArray {
  const node = toNode(op, x);
  if (!isFloat(node.aval.dtype)) return wrap(argExtreme(op, prim, node, rest));
  const { axis = null, keepdims = false } = options<ArgOptions>(op, ["axis", "keepdims"], rest);
  const found = argExtreme(op, prim, n.select(n.isNan(node), bound(node.aval.dtype, prim === "argmin"), node), rest);
  const none = n.reduce("reduceAnd", n.isNan(node), axesOf(op, node, axis), keepdims);
  return wrap(n.select(none, -1, found));
}
/** The index of the first largest element that is not NaN; −1 where there is none. */
export const nanargmax = (x: ArrayLike, ...rest: ArgArgs): NDArray => nanArg("nanargmax", "argmax", x, rest);
/** The index of the first smallest element that is not NaN; −1 where there is none. */
export const nanargmin = (x: ArrayLike, ...rest: ArgArgs): NDArray => nanArg("nanargmin", "argmin", x, rest);
