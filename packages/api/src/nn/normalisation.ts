// Functions along axes: softmax and its kin, standardisation, one-hot encoding.
import type { DType } from "@weft/ir";
import { isFloat, NO_PARAMS, record, ShapeError } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { checkAxes, checkAxis, checkSize, options, toNode, wrap } from "../core/convert.ts";
import type { Axis } from "../core/methods.ts";
import type { Trailing } from "../core/options.ts";
import * as np from "../numpy/index.ts";
import { float as floatNode } from "../numpy/operands.ts";
import { sigmoid } from "./activation.ts";

const float = (op: string, x: ArrayLike): NDArray => wrap(floatNode(op, x));
const stopGradient = (x: NDArray): NDArray => wrap(record("stopGradient", NO_PARAMS, [x.node]));

/** The largest element along axes, held constant in derivatives; where it is infinite, 0, so that nothing is ∞ − ∞. */
function shift(x: NDArray, axis: readonly number[], where: ArrayLike | null): NDArray {
  const largest = np.max(x, { axis, keepdims: true, ...(where === null ? {} : { where, initial: -Infinity }) });
  return stopGradient(np.where(np.isfinite(largest), largest, 0));
}

export interface SoftmaxOptions {
  axis?: Axis;
  where?: ArrayLike | null;
}
export type SoftmaxArgs = Trailing<[axis: Axis, where: ArrayLike | null], SoftmaxOptions>;

function prepare(op: string, x: ArrayLike, rest: SoftmaxArgs): { a: NDArray; axis: number[]; where: ArrayLike | null } {
  const { axis = -1, where = null } = options<SoftmaxOptions>(op, ["axis", "where"], rest);
  const a = float(op, x);
  return { a, axis: checkAxes(op, axis, a.ndim), where };
}

/**
 * eˣ / Σ eˣ along axes (default the last). `where` masks elements out: they get 0.
 * @example nn.softmax(np.array([1, 2, 3]))
 */
export function softmax(x: ArrayLike, ...rest: SoftmaxArgs): NDArray {
  const { a, axis, where } = prepare("nn.softmax", x, rest);
  const largest = stopGradient(
    np.max(a, { axis, keepdims: true, ...(where === null ? {} : { where, initial: -Infinity }) }),
  );
  const powers = np.exp(a.sub(largest));
  const kept = where === null ? powers : np.where(where, powers, 0);
  return kept.div(np.sum(kept, { axis, keepdims: true }));
}

/** log(softmax(x)) along axes (default the last), without leaving the logarithms. */
export function logSoftmax(x: ArrayLike, ...rest: SoftmaxArgs): NDArray {
  const { a, axis, where } = prepare("nn.logSoftmax", x, rest);
  const largest = stopGradient(
    np.max(a, { axis, keepdims: true, ...(where === null ? {} : { where, initial: -Infinity }) }),
  );
  const shifted = a.sub(largest);
  const total = np.sum(np.exp(shifted), { axis, keepdims: true, ...(where === null ? {} : { where }) });
  const result = shifted.sub(np.log(total));
  return where === null ? result : np.where(where, result, -Infinity);
}

export interface LogsumexpOptions {
  axis?: Axis;
  b?: ArrayLike | null;
  keepdims?: boolean;
  where?: ArrayLike | null;
}
/**
 * log Σ b·eˣ along axes (default all), stable for large and infinite elements.
 * @example nn.logsumexp(np.array([1000, 1000])) // 1000.6931
 */
export function logsumexp(
  x: ArrayLike,
  ...rest: Trailing<[axis: Axis, b: ArrayLike | null, keepdims: boolean], LogsumexpOptions>
): NDArray {
  const {
    axis = null,
    b = null,
    keepdims = false,
    where = null,
  } = options<LogsumexpOptions>("nn.logsumexp", ["axis", "b", "keepdims"], rest, ["where"]);
  const a = float("nn.logsumexp", x);
  const axes = checkAxes("nn.logsumexp", axis, a.ndim);
  const largest = shift(a, axes, where);
  let powers = np.exp(a.sub(largest));
  if (b !== null) powers = np.multiply(powers, b);
  const total = np.sum(powers, { axis: axes, keepdims: true, ...(where === null ? {} : { where }) });
  const result = np.log(total).add(largest);
  return keepdims ? result : np.squeeze(result, axes);
}

/** log of the mean of eˣ along axes (default all). */
export function logmeanexp(
  x: ArrayLike,
  ...rest: Trailing<[axis: Axis, where: ArrayLike | null, keepdims: boolean], LogsumexpOptions>
): NDArray {
  const {
    axis = null,
    where = null,
    keepdims = false,
  } = options<LogsumexpOptions>("nn.logmeanexp", ["axis", "where", "keepdims"], rest);
  const a = float("nn.logmeanexp", x);
  const axes = checkAxes("nn.logmeanexp", axis, a.ndim);
  const count =
    where === null
      ? axes.reduce((n, i) => n * a.shape[i], 1)
      : np.sum(np.broadcastTo(where, a.shape), { axis: axes, keepdims });
  return logsumexp(a, { axis: axes, keepdims, where }).sub(np.log(count));
}

export interface StandardizeOptions {
  axis?: Axis;
  mean?: ArrayLike | null;
  variance?: ArrayLike | null;
  epsilon?: ArrayLike;
  where?: ArrayLike | null;
}
/** (x − mean) / √(variance + epsilon) along axes (default the last). */
export function standardize(
  x: ArrayLike,
  ...rest: Trailing<
    [axis: Axis, mean: ArrayLike | null, variance: ArrayLike | null, epsilon: ArrayLike, where: ArrayLike | null],
    StandardizeOptions
  >
): NDArray {
  const {
    axis = -1,
    mean = null,
    variance = null,
    epsilon = 1e-5,
    where = null,
  } = options<StandardizeOptions>("nn.standardize", ["axis", "mean", "variance", "epsilon", "where"], rest);
  const a = float("nn.standardize", x);
  const axes = checkAxes("nn.standardize", axis, a.ndim);
  const masked = where === null ? {} : { where };
  const centre = mean ?? np.mean(a, { axis: axes, keepdims: true, ...masked });
  const spread = variance ?? np.mean(np.square(a), { axis: axes, keepdims: true, ...masked }).sub(np.square(centre));
  const root = wrap(record("rsqrt", NO_PARAMS, [float("nn.standardize", np.add(spread, epsilon)).node]));
  return np.subtract(a, centre).mul(root);
}

export interface OneHotOptions {
  dtype?: DType;
  axis?: number;
}
/**
 * 1 at the place each integer names along a new axis (default the last), 0 elsewhere; all 0 for those out of range.
 * @example nn.oneHot(np.array([0, 2], { dtype: "int32" }), 3)
 */
export function oneHot(x: ArrayLike, numClasses: number, ...rest: Trailing<[], OneHotOptions>): NDArray {
  const { dtype = "float32", axis = -1 } = options<OneHotOptions>("nn.oneHot", [], rest, ["dtype", "axis"]);
  const a = x instanceof NDArray ? x : wrap(toNode("nn.oneHot", x));
  const at = checkAxis("nn.oneHot", axis, a.ndim + 1);
  const classes = np.arange(checkSize("nn.oneHot", numClasses), { dtype: isFloat(a.dtype) ? a.dtype : "int32" });
  const shape = Array.from({ length: a.ndim + 1 }, (_, i) => (i === at ? numClasses : 1));
  return np.equal(np.expandDims(a, at), np.reshape(classes, shape)).astype(dtype);
}

export interface GluOptions {
  axis?: number;
}
/** The first half along an axis (default the last) times the sigmoid of the second. Throws ShapeError for odd sizes. */
export function glu(x: ArrayLike, ...rest: Trailing<[axis: number], GluOptions>): NDArray {
  const { axis = -1 } = options<GluOptions>("nn.glu", ["axis"], rest);
  const a = float("nn.glu", x);
  const at = checkAxis("nn.glu", axis, a.ndim);
  if (a.shape[at] % 2 !== 0)
    throw new ShapeError(`nn.glu: ${a.dtype}[${a.shape.join(",")}]: axis ${at} must have an even size to be halved`);
  const [left, right] = np.split(a, 2, at);
  return left.mul(sigmoid(right));
}
