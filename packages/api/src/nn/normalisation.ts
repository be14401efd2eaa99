// Functions along axes: softmax and its kin, standardisation, one-hot encoding.
import type { DType, Node } from "@weft/ir";
import { isFloat, NO_PARAMS, record, ShapeError } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import {
  broadcastTo,
  checkAxes,
  checkAxis,
  checkSize,
  options,
  promoteOperands,
  toNode,
  wrap,
} from "../core/convert.ts";
import type { Axis } from "../core/methods.ts";
import type { Trailing } from "../core/options.ts";
import * as n from "../lax/nodes.ts";
import * as np from "../numpy/index.ts";
import { maskNode, varianceNode } from "../numpy/moments.ts";
import { float as floatNode, widened } from "../numpy/operands.ts";
import { sigmoid } from "./activation.ts";
import { logmeanexpNode, logSoftmaxNode, logsumexpNode, softmaxNode } from "./along.ts";

const float = (op: string, x: ArrayLike): NDArray => wrap(floatNode(op, x));
export interface SoftmaxOptions {
  axis?: Axis;
  where?: ArrayLike | null;
}
export type SoftmaxArgs = Trailing<[axis: Axis, where: ArrayLike | null], SoftmaxOptions>;

function prepare(op: string, x: ArrayLike, rest: SoftmaxArgs): [x: Node, axes: number[], mask: Node | null] {
  const { axis = -1, where = null } = options<SoftmaxOptions>(op, ["axis", "where"], rest);
  const a = floatNode(op, x);
  return [a, checkAxes(op, axis, a.aval.shape.length), maskNode(op, where, a.aval.shape)];
}

/**
 * eˣ / Σ eˣ along axes (default the last). `where` masks elements out: they get 0.
 * @example nn.softmax(np.array([1, 2, 3]))
 */
export function softmax(x: ArrayLike, ...rest: SoftmaxArgs): NDArray {
  return wrap(softmaxNode(...prepare("nn.softmax", x, rest)));
}

/** log(softmax(x)) along axes (default the last), without leaving the logarithms. */
export function logSoftmax(x: ArrayLike, ...rest: SoftmaxArgs): NDArray {
  return wrap(logSoftmaxNode(...prepare("nn.logSoftmax", x, rest)));
}

export interface LogsumexpOptions {
  axis?: Axis;
  b?: ArrayLike | null;
  keepdims?: boolean;
  where?: ArrayLike | null;
}
/** Elementwise operands, rank 0 ones spread as well. */
const spread = (op: string, [x, y]: readonly Node[]): [Node, Node] => {
  const shape = x.aval.shape.length === 0 ? y.aval.shape : x.aval.shape;
  return [broadcastTo(op, x, shape), broadcastTo(op, y, shape)];
};
/** Axes of size 1 taken away. */
const without = (x: Node, axes: readonly number[]): NDArray =>
  wrap(
    n.reshape(
      x,
      x.aval.shape.filter((_, axis) => !axes.includes(axis)),
    ),
  );
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
  const [a, scale] =
    b === null
      ? [floatNode("nn.logsumexp", x), null]
      : spread("nn.logsumexp", promoteOperands("nn.logsumexp", [x, b], "float"));
  const axes = checkAxes("nn.logsumexp", axis, a.aval.shape.length);
  return without(logsumexpNode(a, axes, scale, maskNode("nn.logsumexp", where, a.aval.shape)), keepdims ? [] : axes);
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
  const a = floatNode("nn.logmeanexp", x);
  const axes = checkAxes("nn.logmeanexp", axis, a.aval.shape.length);
  return without(logmeanexpNode(a, axes, maskNode("nn.logmeanexp", where, a.aval.shape)), keepdims ? [] : axes);
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
  const along = { axis: axes, keepdims: true, ...(where === null ? {} : { where }) };
  const own = mean !== null && variance !== null ? null : np.mean(a, along);
  const spread = variance ?? spreadAround(a, axes, own as NDArray, mean, where);
  const root = record("rsqrt", NO_PARAMS, [float("nn.standardize", np.add(spread, epsilon)).node]);
  const distance = np.subtract(a, mean ?? (own as NDArray));
  // the mean of values far from 0 has lost digits: what it missed is taken away as well
  return (mean === null ? distance.sub(np.mean(distance, along)) : distance).mul(wrap(root));
}
/** The variance; around a mean that the caller knows it is E[x²] − mean² and at least 0, as in JAX. */
function spreadAround(
  x: NDArray,
  axes: number[],
  own: NDArray,
  mean: ArrayLike | null,
  where: ArrayLike | null,
): NDArray {
  const mask = maskNode("nn.standardize", where, x.shape);
  const variance = wrap(n.convertSame(varianceNode(widened(x.node), axes, mask, { keepdims: true }), x.dtype));
  return mean === null ? variance : np.maximum(variance.add(np.subtract(own, mean).mul(np.add(own, mean))), 0);
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
