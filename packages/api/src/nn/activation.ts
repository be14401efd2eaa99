// Activations: compositions of numpy's functions, in the forms whose gradients are right at edges.
import type { Node } from "@weft/ir";
import { isFloat, NO_PARAMS, record } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { convertNode, options, toNode, wrap } from "../core/convert.ts";
import type { Trailing } from "../core/options.ts";
import * as n from "../lax/nodes.ts";
import { erfcNode } from "../numpy/functions.ts";
import * as np from "../numpy/index.ts";

/** An array of floats: integers and booleans become float32. */
const float = (op: string, x: ArrayLike): NDArray => {
  const node = toNode(op, x);
  return wrap(isFloat(node.aval.dtype) ? node : convertNode(node, "float32"));
};
const logistic = (x: NDArray): NDArray => wrap(record("logistic", NO_PARAMS, [x.node]));

const reluNode = (x: Node): Node => n.select(n.compare("le", x, 0), 0, x);
/** x where it is positive, else 0; NaN stays. The gradient at 0 is 0. */
export const relu = (x: ArrayLike): NDArray => {
  const node = toNode("nn.relu", x);
  return wrap(node.aval.dtype === "bool" ? node : reluNode(node));
};
const relu6Node = (x: Node): Node => n.select(n.compare("ge", x, 6), 6, reluNode(x));
/** min(relu(x), 6); the gradient at 0 and 6 is 0. */
export const relu6 = (x: ArrayLike): NDArray => {
  const node = toNode("nn.relu6", x);
  return wrap(relu6Node(node.aval.dtype === "bool" ? n.convert(node, "int32") : node));
};
/** 1 / (1 + e^−x). */
export const sigmoid = (x: ArrayLike): NDArray => logistic(float("nn.sigmoid", x));
/** x · sigmoid(x). */
export const silu = (x: ArrayLike): NDArray => {
  const a = float("nn.silu", x);
  return a.mul(logistic(a));
};
export const swish = silu;
/** log(1 + eˣ), as max(x, 0) + log1p(e^−|x|). */
export const softplus = (x: ArrayLike): NDArray => np.logaddexp(float("nn.softplus", x), 0);
/** log(sigmoid(x)). */
export const logSigmoid = (x: ArrayLike): NDArray => softplus(np.negative(x)).neg();
/** tanh(x). */
export const tanh = (x: ArrayLike): NDArray => np.tanh(x);
/** x. */
export const identity = (x: ArrayLike): NDArray => wrap(toNode("nn.identity", x));
/** x / (1 + |x|). */
export const softSign = (x: ArrayLike): NDArray => {
  const a = float("nn.softSign", x);
  return a.div(np.abs(a).add(1));
};
/** min(max(x, −1), 1). */
export const hardTanh = (x: ArrayLike): NDArray => {
  const a = float("nn.hardTanh", x);
  return np.where(np.greater(a, 1), 1, np.where(np.less(a, -1), -1, a));
};
/** relu6(x + 3) / 6. */
export const hardSigmoid = (x: ArrayLike): NDArray => relu6(float("nn.hardSigmoid", x).add(3)).div(6);
/** x · hardSigmoid(x). */
export const hardSilu = (x: ArrayLike): NDArray => {
  const a = float("nn.hardSilu", x);
  return a.mul(hardSigmoid(a));
};
export const hardSwish = hardSilu;
/** x · tanh(softplus(x)). */
export const mish = (x: ArrayLike): NDArray => {
  const a = float("nn.mish", x);
  return a.mul(np.tanh(softplus(a)));
};

/** One parameter by position or by name. */
export interface AlphaOptions {
  alpha?: ArrayLike;
}
const withAlpha =
  (op: string, fallback: number, f: (x: NDArray, alpha: ArrayLike) => NDArray) =>
  (x: ArrayLike, ...rest: Trailing<[alpha: ArrayLike], AlphaOptions>): NDArray => {
    const { alpha = fallback } = options<AlphaOptions>(op, ["alpha"], rest);
    return f(float(op, x), alpha);
  };

/** x where positive, else alpha · (eˣ − 1). The untaken branch sees 0, so that its gradient stays finite. */
export const elu = withAlpha("nn.elu", 1, (x, alpha) => {
  const positive = np.greater(x, 0);
  return np.where(positive, x, np.multiply(alpha, np.expm1(np.where(positive, 0, x))));
});
/** x where positive, else alpha · (e^(x/alpha) − 1). */
export const celu = withAlpha("nn.celu", 1, (x, alpha) => {
  const positive = np.greater(x, 0);
  return np.where(positive, x, np.multiply(alpha, np.expm1(np.divide(np.where(positive, 0, x), alpha))));
});

const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;
/** scale · elu(x, alpha) with the constants of Klambauer et al. 2017. */
export const selu = (x: ArrayLike): NDArray => np.multiply(SELU_SCALE, elu(x, SELU_ALPHA));

export interface LeakyReluOptions {
  negativeSlope?: ArrayLike;
}
/** x where it is ≥ 0, else negativeSlope · x. */
export function leakyRelu(x: ArrayLike, ...rest: Trailing<[negativeSlope: ArrayLike], LeakyReluOptions>): NDArray {
  const { negativeSlope = 0.01 } = options<LeakyReluOptions>("nn.leakyRelu", ["negativeSlope"], rest);
  const a = float("nn.leakyRelu", x);
  return np.where(np.greaterEqual(a, 0), a, np.multiply(negativeSlope, a));
}

export interface GeluOptions {
  approximate?: boolean;
}
/** x · Φ(x); with `approximate` (the default, as in JAX) by tanh (Hendrycks & Gimpel 2016). */
export function gelu(x: ArrayLike, ...rest: Trailing<[approximate: boolean], GeluOptions>): NDArray {
  const { approximate = true } = rest.length === 0 ? {} : options<GeluOptions>("nn.gelu", ["approximate"], rest);
  const a = float("nn.gelu", x).node;
  if (!approximate) return wrap(n.mul(n.mul(a, 0.5), erfcNode(n.mul(a, -Math.SQRT1_2))));
  // ½ (1 + tanh u) = logistic(2u), which keeps its digits where tanh is almost −1
  const u = n.mul(n.add(a, n.mul(n.integerPow(a, 3), 0.044715)), Math.sqrt(8 / Math.PI));
  return wrap(n.mul(a, n.logistic(u)));
}

export interface SquareplusOptions {
  b?: ArrayLike;
}
/** (x + √(x² + b)) / 2. */
export function squareplus(x: ArrayLike, ...rest: Trailing<[b: ArrayLike], SquareplusOptions>): NDArray {
  const { b = 4 } = options<SquareplusOptions>("nn.squareplus", ["b"], rest);
  const a = float("nn.squareplus", x);
  return a.add(np.sqrt(np.square(a).add(b))).div(2);
}

/** 0 below −1, x above 1, (x + 1)² / 4 between: a softplus that reaches 0. */
export const sparsePlus = (x: ArrayLike): NDArray => {
  const a = float("nn.sparsePlus", x).node;
  const inner = n.mul(n.square(n.add(a, 1)), 0.25);
  return wrap(n.select(n.compare("le", a, -1), 0, n.select(n.compare("ge", a, 1), a, inner)));
};
/** ½ (x + 1) cut to [0, 1]: the derivative of sparsePlus. */
export const sparseSigmoid = (x: ArrayLike): NDArray => {
  const a = float("nn.sparseSigmoid", x).node;
  return wrap(n.mul(n.min(n.max(n.add(a, 1), 0), 2), 0.5));
};
/** log(1 − e⁻ˣ) for x > 0: by expm1 up to log 2, by log1p beyond (Mächler 2012). */
export const log1mexp = (x: ArrayLike): NDArray => {
  const a = float("nn.log1mexp", x).node;
  const small = n.compare("lt", a, Math.LN2);
  const near = n.log(n.neg(n.expm1(n.neg(n.select(small, a, 1)))));
  return wrap(n.select(small, near, n.log1p(n.neg(n.exp(n.neg(n.select(small, 1, a)))))));
};
