// Discrete distributions, by the transforms JAX uses.
import type { DType } from "@weft/ir";
import { DTypeError, formatAval, NO_PARAMS, record, ShapeError } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { broadcastTo, checkAxis, checkShape, options, toNode, wrap } from "../core/convert.ts";
import type { Trailing } from "../core/options.ts";
import { add, compare, convert, div, lit, mul, sub } from "../lax/nodes.ts";
import type { Shape } from "./bits.ts";
import { drawShape, parameter, uniformHalves, uniformNode } from "./bits.ts";
import { gumbelNode } from "./continuous.ts";
import { keyParts } from "./keys.ts";

export interface ShapeOptions {
  shape?: Shape | null;
}

export interface BernoulliOptions extends ShapeOptions {
  p?: ArrayLike;
}

/**
 * Booleans that are true with probability p.
 * @example random.bernoulli(random.key(0), 0.3, [10])
 */
export function bernoulli(
  key: NDArray,
  ...rest: Trailing<[p: ArrayLike, shape: Shape | null], BernoulliOptions>
): NDArray {
  const { p = 0.5, shape } = options<BernoulliOptions>("random.bernoulli", ["p", "shape"], rest);
  const probability = toNode("random.bernoulli", p);
  const own = probability.aval.dtype;
  const dtype = own === "float64" || own === "float16" ? own : "float32";
  const dims = drawShape("random.bernoulli", shape, [probability]);
  const parts = keyParts("random.bernoulli", key);
  const [low, high] = [lit(dtype, 0), lit(dtype, 1)];
  const u = dtype === "float16" ? uniformHalves(parts, dims, low, high) : uniformNode(parts, dims, dtype, low, high);
  return wrap(compare("lt", u, parameter("random.bernoulli", p, dtype, dims)));
}

export interface RademacherOptions {
  shape?: Shape;
  dtype?: DType;
}

/** −1 or 1, each with probability ½. */
export function rademacher(key: NDArray, ...rest: Trailing<[shape: Shape, dtype: DType], RademacherOptions>): NDArray {
  const { shape = [], dtype = "int32" } = options<RademacherOptions>("random.rademacher", ["shape", "dtype"], rest);
  if (dtype === "bool" || dtype === "uint32")
    throw new DTypeError(`random.rademacher: dtype ${dtype} has no −1; expected int32 or a float`);
  const drawn = convert(bernoulli(key, 0.5, checkShape("random.rademacher", shape)).node, dtype);
  return wrap(sub(mul(drawn, lit(dtype, 2)), lit(dtype, 1)));
}

export interface CategoricalOptions extends ShapeOptions {
  axis?: number;
}

/**
 * Indices drawn with probabilities softmax(logits) along `axis`, by the Gumbel-max trick; int32. `shape` is that of
 * the result and must end in the logits' shape without the axis.
 * @example random.categorical(random.key(0), np.log(np.array([0.2, 0.8])))
 */
export function categorical(
  key: NDArray,
  logits: ArrayLike,
  ...rest: Trailing<[axis: number, shape: Shape | null], CategoricalOptions>
): NDArray {
  const op = "random.categorical";
  const { axis: asked = -1, shape } = options<CategoricalOptions>(op, ["axis", "shape"], rest);
  const raw = toNode(op, logits);
  const node = raw.aval.dtype === "float64" ? raw : convert(raw, "float32");
  const axis = checkAxis(op, asked, node.aval.shape.length);
  const batch = node.aval.shape.toSpliced(axis, 1);
  const result = shape === undefined || shape === null ? batch : checkShape(op, shape);
  const extra = result.length - batch.length;
  if (extra < 0 || batch.some((n, i) => n !== result[extra + i]))
    throw new ShapeError(
      `${op}: ${formatAval(node.aval)}: shape [${result.join(",")}] must end in [${batch.join(",")}]`,
    );
  const full = result.toSpliced(extra + axis, 0, node.aval.shape[axis]);
  const dtype = node.aval.dtype === "float64" ? "float64" : "float32";
  const noise = gumbelNode({ parts: keyParts(op, key), shape: full, dtype });
  return wrap(record("argmax", { axis: extra + axis }, [add(noise, broadcastTo(op, node, full))]));
}

/** The number of trials until the first success of probability p, at least 1; int32. */
export function geometric(
  key: NDArray,
  p: ArrayLike,
  ...rest: Trailing<[shape: Shape | null, dtype: DType], RademacherOptions & ShapeOptions>
): NDArray {
  const op = "random.geometric";
  const { shape, dtype = "int32" } = options<RademacherOptions & ShapeOptions>(op, ["shape", "dtype"], rest);
  const dims = drawShape(op, shape, [toNode(op, p)]);
  const probability = parameter(op, p, "float32", dims);
  const u = uniformNode(keyParts(op, key), dims, "float32", lit("float32", 0), lit("float32", 1));
  const failure = record("log1p", NO_PARAMS, [record("neg", NO_PARAMS, [probability])]);
  const trials = add(record("floor", NO_PARAMS, [div(record("log", NO_PARAMS, [u]), failure)]), lit("float32", 1));
  return wrap(convert(trials, dtype));
}
