// Functions along axes: softmax and its kin, standardisation, one-hot encoding.
import type { Node } from "@weft/ir";
import { NO_PARAMS, record, ShapeError } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import type { Trailing } from "../core/call-types.ts";
import type { ArrayLike } from "../core/convert.ts";
import {
  broadcastNodes,
  broadcastTo,
  checkAxes,
  checkAxis,
  checkShape,
  promoteOperands,
  toNode,
  wrap,
} from "../core/convert.ts";
import { define, defineAs } from "../core/define.ts";
import { array, axes, axis, choice, dtype, flag, named, nullable, size } from "../core/kinds.ts";
import type { Axis } from "../core/methods.ts";
import * as n from "../lax/nodes.ts";
import * as np from "../numpy/index.ts";
import { maskNode, varianceNode } from "../numpy/moments.ts";
import { float as floatNode, floatOf, widened } from "../numpy/operands.ts";
import { logmeanexpNode, logSoftmaxNode, logsumexpNode, signedLogsumexp, softmaxNode } from "./along.ts";

const X = array("x");
const LAST = nullable(axes("axis", -1));
const WHERE = array("where", null);
const KEEPDIMS = flag("keepdims", false);
const float = (op: string, x: ArrayLike): NDArray => wrap(floatNode(op, x));

/** What functions along axes are computed of: floats, their axes and a mask of their shape. */
function along(
  op: string,
  given: Node,
  axis: number | readonly number[] | null,
  where: ArrayLike | null,
): [Node, number[], Node | null] {
  const a = n.strong(given);
  return [a, checkAxes(op, axis, a.aval.shape.length), maskNode(op, where, a.aval.shape)];
}
/**
 * eˣ / Σ eˣ along axes (default the last). `where` masks elements out: they get 0.
 * @example nn.softmax(np.array([1, 2, 3]))
 */
export const softmax = define("nn.softmax", [X, LAST, WHERE], (x, axis, where) =>
  wrap(softmaxNode(...along("nn.softmax", floatOf("nn.softmax", x, "numbers"), axis, where))),
);
/** log(softmax(x)) along axes (default the last), without leaving the logarithms. */
export const logSoftmax = define("nn.logSoftmax", [X, LAST, WHERE], (x, axis, where) =>
  wrap(logSoftmaxNode(...along("nn.logSoftmax", floatOf("nn.logSoftmax", x, "numbers"), axis, where))),
);

/** Elementwise operands, rank 0 ones spread as well. */
const spread = (op: string, [x, y]: readonly Node[]): [Node, Node] => {
  const shape = x.aval.shape.length === 0 ? y.aval.shape : x.aval.shape;
  return [broadcastTo(op, x, shape), broadcastTo(op, y, shape)];
};
/** Axes of size 1 taken away. */
const without = (x: Node, axes: readonly number[]): NDArray =>
  wrap(
    n.reshape(
      n.strong(x),
      x.aval.shape.filter((_, axis) => !axes.includes(axis)),
    ),
  );

export interface LogsumexpOptions {
  axis?: Axis;
  b?: ArrayLike | null;
  keepdims?: boolean;
  where?: ArrayLike | null;
}
type Signed = LogsumexpOptions & { returnSign: true };
/** The type of logsumexp: two arrays if `returnSign`. */
export interface Logsumexp {
  (a: ArrayLike, options: Signed): [NDArray, NDArray];
  (a: ArrayLike, axis: Axis | undefined, options: Signed): [NDArray, NDArray];
  (a: ArrayLike, axis: Axis | undefined, b: ArrayLike | null | undefined, options: Signed): [NDArray, NDArray];
  (
    a: ArrayLike,
    axis: Axis | undefined,
    b: ArrayLike | null | undefined,
    keepdims: boolean | undefined,
    returnSign: true,
    where?: ArrayLike | null,
  ): [NDArray, NDArray];
  (
    a: ArrayLike,
    ...rest: Trailing<
      [axis: Axis, b: ArrayLike | null, keepdims: boolean, returnSign: false, where: ArrayLike | null],
      LogsumexpOptions & { returnSign?: false }
    >
  ): NDArray;
}
/**
 * log Σ b·eᵃ along axes (default all), stable for large and infinite elements. With `returnSign` [log |Σ b·eᵃ|, the sum's
 * sign].
 * @example nn.logsumexp(np.array([1000, 1000])) // 1000.6931
 */
export const logsumexp = defineAs<Logsumexp>()(
  "nn.logsumexp",
  [array("a"), axes("axis", null), array("b", null), KEEPDIMS, flag("returnSign", false), WHERE],
  (a, axis, b, keepdims, returnSign, where) => {
    const op = "nn.logsumexp";
    const [x, scale] = b === null ? [floatNode(op, a), null] : spread(op, promoteOperands(op, [a, b], "float"));
    const { shape } = x.aval;
    const own = checkAxes(op, axis, shape.length);
    const mask = maskNode(op, where, shape);
    const dropped = keepdims ? [] : own;
    if (!returnSign) return without(logsumexpNode(x, own, scale, mask), dropped);
    const { log, total } = signedLogsumexp(x, own, scale, mask);
    return [without(log, dropped), without(n.sign(total), dropped)];
  },
);
/** log of the mean of eˣ along axes (default all). */
export const logmeanexp = define(
  "nn.logmeanexp",
  [X, axes("axis", null), WHERE, KEEPDIMS],
  (x, axis, where, keepdims) => {
    const [a, own, mask] = along("nn.logmeanexp", floatNode("nn.logmeanexp", x), axis, where);
    return without(logmeanexpNode(a, own, mask), keepdims ? [] : own);
  },
);

/**
 * (x − mean) / √(variance + epsilon) along axes (default the last). The variance around a mean that is given is
 * E[x²] − mean², or E[(x − mean)²] with `algorithm: "stable"`.
 */
export const standardize = define(
  "nn.standardize",
  [
    X,
    LAST,
    array("mean", null),
    array("variance", null),
    array("epsilon", 1e-5),
    WHERE,
    named(choice("fast", "stable")("algorithm", "fast")),
  ],
  (x, axis, mean, variance, epsilon, where, algorithm) => {
    const op = "nn.standardize";
    const a = float(op, x);
    const own = checkAxes(op, axis, a.ndim);
    const options = { axis: own, keepdims: true, ...(where === null ? {} : { where }) };
    const centre = mean !== null && (variance !== null || algorithm === "stable") ? null : np.mean(a, options);
    const spread =
      variance ??
      (centre === null
        ? varianceAround(op, a, own, mean as ArrayLike, where)
        : varianceOf(op, a, own, centre, mean, where));
    const root = record("rsqrt", NO_PARAMS, [float(op, np.add(spread, epsilon)).node]);
    const distance = np.subtract(a, mean ?? (centre as NDArray));
    // the mean of values far from 0 has lost digits: what it missed is taken away as well
    return (mean === null ? distance.sub(np.mean(distance, options)) : distance).mul(wrap(root));
  },
);
/** The variance; around a mean that the caller knows it is E[x²] − mean² and at least 0, as in JAX. */
function varianceOf(
  op: string,
  x: NDArray,
  axes: number[],
  own: NDArray,
  mean: ArrayLike | null,
  where: ArrayLike | null,
): NDArray {
  const mask = maskNode(op, where, x.shape);
  const variance = wrap(n.convertSame(varianceNode(widened(x.node), axes, mask, { keepdims: true }), x.dtype));
  return mean === null ? variance : np.maximum(variance.add(np.subtract(own, mean).mul(np.add(own, mean))), 0);
}
/** E[(x − mean)²] for a mean that the caller knows. */
function varianceAround(op: string, x: NDArray, axes: number[], mean: ArrayLike, where: ArrayLike | null): NDArray {
  const node = widened(x.node);
  const centre = broadcastTo(op, toNode(op, mean, node.aval.dtype), x.shape);
  const around = varianceNode(node, axes, maskNode(op, where, x.shape), { keepdims: true, centre });
  return wrap(n.convertSame(around, x.dtype));
}

/**
 * 1 at the place each integer names along a new axis (default the last), 0 elsewhere; all 0 for those out of range.
 * @example nn.oneHot(np.array([0, 2], { dtype: "int32" }), 3)
 */
export const oneHot = define(
  "nn.oneHot",
  [X, size("numClasses"), named(dtype("dtype", null)), named(axis("axis", -1))],
  (x, numClasses, dtype, axis) => {
    const op = "nn.oneHot";
    const given = toNode(op, x);
    const own = given.aval.dtype === "bool" ? "int32" : given.aval.dtype;
    const { shape } = given.aval;
    const at = checkAxis(op, axis, shape.length + 1);
    const places = n.reshape(n.convert(given, own), shape.toSpliced(at, 0, 1));
    const classes = n.iota(own, checkShape(op, shape.map(() => 1).toSpliced(at, 0, numClasses)), at);
    const [a, b] = broadcastNodes(op, [places, classes]);
    return wrap(n.convert(n.compare("eq", a, b), dtype ?? "float32"));
  },
);

/** The first half along an axis (default the last) times the sigmoid of the second. Throws ShapeError for odd sizes. */
export const glu = define("nn.glu", [X, axis("axis", -1)], (x, axis) => {
  const node = floatOf("nn.glu", x, "floats");
  const { shape, dtype } = node.aval;
  const at = checkAxis("nn.glu", axis, shape.length);
  if (shape[at] % 2 !== 0)
    throw new ShapeError(`nn.glu: ${dtype}[${shape.join(",")}]: axis ${at} must have an even size to be halved`);
  const half = shape[at] / 2;
  return wrap(n.mul(n.sliceAxis(node, at, 0, half), n.logistic(n.sliceAxis(node, at, half, half))));
});
