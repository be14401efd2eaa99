// Activations: compositions of primitives in the forms whose values and gradients are right at edges. Their constants
// are literals, so a call adds no run-time input to a plan.
import type { Node } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { options, promoteOperands, toNode, wrap } from "../core/convert.ts";
import type { Trailing } from "../core/options.ts";
import * as n from "../lax/nodes.ts";
import { erfcNode } from "../numpy/functions.ts";
import { float } from "../numpy/operands.ts";

type Unary = (x: ArrayLike) => NDArray;
const activation =
  (op: string, f: (x: Node) => Node): Unary =>
  (x) =>
    wrap(f(float(op, x)));

/** Cut to [low, high]; the gradient at the bounds is 0, and so is that of NaN, which stays. */
const cut = (x: Node, low: number, high: number): Node => {
  const inside = n.and(n.compare("gt", x, low), n.compare("lt", x, high));
  return n.select(inside, x, n.stopGradient(n.min(n.max(x, low), high)));
};
/** max(x, 0) + log1p(e^−|x|): the derivative is the logistic function, without cancellation. */
const softplusNode = (x: Node): Node => {
  const positive = n.compare("gt", x, 0);
  return n.add(n.select(positive, x, 0), n.log1p(n.exp(n.select(positive, n.neg(x), x))));
};
const exact = (x: ArrayLike, op: string): Node => {
  const node = toNode(op, x);
  return node.aval.dtype === "bool" ? n.convert(node, "int32") : node;
};

/** x where it is positive, else 0; NaN stays. The gradient at 0 and NaN is 0. @example nn.relu(np.array([-1, 2])) */
export const relu: Unary = (x) => {
  const node = exact(x, "nn.relu");
  return wrap(n.select(n.compare("gt", node, 0), node, n.stopGradient(n.max(node, 0))));
};
/** min(relu(x), 6); the gradient at 0 and 6 is 0. */
export const relu6: Unary = (x) => wrap(cut(exact(x, "nn.relu6"), 0, 6));
/** 1 / (1 + e⁻ˣ) */
export const sigmoid: Unary = activation("nn.sigmoid", n.logistic);
/** x · sigmoid(x) */
export const silu: Unary = activation("nn.silu", (x) => n.mul(x, n.logistic(x)));
export const swish: Unary = silu;
/** log(1 + eˣ) */
export const softplus: Unary = activation("nn.softplus", softplusNode);
/** log(sigmoid(x)) */
export const logSigmoid: Unary = activation("nn.logSigmoid", (x) => n.neg(softplusNode(n.neg(x))));
/** tanh(x) */
export const tanh: Unary = activation("nn.tanh", n.tanh);
/** x */
export const identity: Unary = (x) => wrap(toNode("nn.identity", x));
/** x / (1 + |x|) */
export const softSign: Unary = activation("nn.softSign", (x) => n.div(x, n.add(n.abs(x), 1)));
/** x cut to [−1, 1] */
export const hardTanh: Unary = activation("nn.hardTanh", (x) =>
  n.select(n.compare("gt", x, 1), 1, n.select(n.compare("lt", x, -1), -1, x)),
);
const hardSigmoidNode = (x: Node): Node => n.div(cut(n.add(x, 3), 0, 6), 6);
/** relu6(x + 3) / 6 */
export const hardSigmoid: Unary = activation("nn.hardSigmoid", hardSigmoidNode);
/** x · hardSigmoid(x) */
export const hardSilu: Unary = activation("nn.hardSilu", (x) => n.mul(x, hardSigmoidNode(x)));
export const hardSwish: Unary = hardSilu;
/** x · tanh(softplus(x)) */
export const mish: Unary = activation("nn.mish", (x) => n.mul(x, n.tanh(softplusNode(x))));
/** 0 below −1, x above 1, (x + 1)² / 4 between: a softplus that reaches 0. */
export const sparsePlus: Unary = activation("nn.sparsePlus", (x) =>
  n.select(n.compare("le", x, -1), 0, n.select(n.compare("ge", x, 1), x, n.mul(n.square(n.add(x, 1)), 0.25))),
);
/** ½ (x + 1) cut to [0, 1]: the derivative of sparsePlus. */
export const sparseSigmoid: Unary = activation("nn.sparseSigmoid", (x) => n.mul(n.min(n.max(n.add(x, 1), 0), 2), 0.5));
/** log(1 − e⁻ˣ) for x > 0: by expm1 up to log 2, by log1p beyond (Mächler 2012). */
export const log1mexp: Unary = activation("nn.log1mexp", (x) => {
  const small = n.compare("lt", x, Math.LN2);
  const near = n.log(n.neg(n.expm1(n.neg(n.select(small, x, 1)))));
  return n.select(small, near, n.log1p(n.neg(n.exp(n.neg(n.select(small, 1, x))))));
});

// With a parameter ------------------------------------------------------------------------------------------------

export interface AlphaOptions {
  alpha?: ArrayLike;
}
/** The array and a parameter that promotes with it; a default becomes a literal. */
function withParameter(
  op: string,
  x: ArrayLike,
  given: ArrayLike | undefined,
  fallback: number,
): readonly [Node, Node] {
  const node = float(op, x);
  if (given === undefined) return [node, n.like(node, fallback)];
  const [a, p] = promoteOperands(op, [wrap(node), given], "float");
  return [a, p];
}
const withAlpha =
  (op: string, f: (x: Node, alpha: Node) => Node) =>
  (x: ArrayLike, ...rest: Trailing<[alpha: ArrayLike], AlphaOptions>): NDArray => {
    const [a, alpha] = withParameter(
      op,
      x,
      rest.length === 0 ? undefined : options<AlphaOptions>(op, ["alpha"], rest).alpha,
      1,
    );
    return wrap(f(a, alpha));
  };
/** x where positive, else f of what is not; f sees 0 where its branch is not taken, so that its gradient stays finite. */
const whereNegative = (x: Node, f: (negative: Node) => Node): Node => {
  const positive = n.compare("gt", x, 0);
  return n.select(positive, x, f(n.select(positive, 0, x)));
};
/** x where positive, else alpha · (eˣ − 1). */
export const elu = withAlpha("nn.elu", (x, alpha) => whereNegative(x, (y) => n.mul(alpha, n.expm1(y))));
/** x where positive, else alpha · (e^(x / alpha) − 1). */
export const celu = withAlpha("nn.celu", (x, alpha) =>
  n.add(n.max(x, 0), n.mul(alpha, n.expm1(n.div(n.min(x, 0), alpha)))),
);

const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;
/** scale · elu(x, alpha) with the constants of Klambauer et al. 2017. */
export const selu: Unary = activation("nn.selu", (x) =>
  n.mul(
    whereNegative(x, (y) => n.mul(n.expm1(y), SELU_ALPHA)),
    SELU_SCALE,
  ),
);

export interface LeakyReluOptions {
  negativeSlope?: ArrayLike;
}
/** x where it is ≥ 0, else negativeSlope · x. */
export function leakyRelu(x: ArrayLike, ...rest: Trailing<[negativeSlope: ArrayLike], LeakyReluOptions>): NDArray {
  const [a, slope] = withParameter(
    "nn.leakyRelu",
    x,
    options<LeakyReluOptions>("nn.leakyRelu", ["negativeSlope"], rest).negativeSlope,
    0.01,
  );
  return wrap(n.select(n.compare("ge", a, 0), a, n.mul(a, slope)));
}

export interface GeluOptions {
  approximate?: boolean;
}
/** x · Φ(x); with `approximate` (the default, as in JAX) by tanh (Hendrycks & Gimpel 2016). */
export function gelu(x: ArrayLike, ...rest: Trailing<[approximate: boolean], GeluOptions>): NDArray {
  const { approximate = true } = options<GeluOptions>("nn.gelu", ["approximate"], rest);
  const a = float("nn.gelu", x);
  if (!approximate) return wrap(n.mul(n.mul(a, 0.5), erfcNode(n.mul(a, -Math.SQRT1_2))));
  // ½ (1 + tanh u) = logistic(2u), which keeps its digits where tanh is almost −1
  const u = n.mul(n.add(a, n.mul(n.integerPow(a, 3), 0.044715)), Math.sqrt(8 / Math.PI));
  return wrap(n.mul(a, n.logistic(u)));
}

export interface SquareplusOptions {
  b?: ArrayLike;
}
/** (x + √(x² + b)) / 2 */
export function squareplus(x: ArrayLike, ...rest: Trailing<[b: ArrayLike], SquareplusOptions>): NDArray {
  const [a, b] = withParameter("nn.squareplus", x, options<SquareplusOptions>("nn.squareplus", ["b"], rest).b, 4);
  return wrap(n.mul(n.add(a, n.sqrt(n.add(n.square(a), b))), 0.5));
}
