// Activations: compositions of primitives in the forms whose values and gradients are right at edges. Their constants
// are literals, so a call adds no run-time input to a plan.
import type { Node } from "@weft/ir";
import { isFloat } from "@weft/ir";
import type { ArrayLike } from "../core/convert.ts";
import { promoteOperands, toNode, wrap } from "../core/convert.ts";
import { alias, define } from "../core/define.ts";
import { array, flag } from "../core/kinds.ts";
import * as n from "../lax/nodes.ts";
import { erfcNode } from "../numpy/functions.ts";
import { float, floatOf, isBool } from "../numpy/operands.ts";

const X = array("x");
/** x as floats. Integers that meet a constant with a fraction become weak ones, as JS numbers would; bool always. */
const met = (name: string, x: ArrayLike, constant: "whole" | "fraction"): Node => {
  const node = toNode(name, x);
  const weak = node.aval.weakness === "weak" || isBool(node) || constant === "fraction";
  return isFloat(node.aval.dtype) ? node : n.convert(node, "float32", weak ? "weak" : "strong");
};
/** An activation from one on nodes, of arrays of floats or of numbers that are taken for such: JAX refuses others. */
// @__NO_SIDE_EFFECTS__
const activation = (name: string, kind: "floats" | "numbers", f: (x: Node) => Node) =>
  define(name, [X], (x) => wrap(f(floatOf(name, x, kind))));
/** {@link activation} that JAX writes with constants. */
// @__NO_SIDE_EFFECTS__
const written = (name: string, constant: "whole" | "fraction", f: (x: Node) => Node) =>
  define(name, [X], (x) => wrap(f(met(name, x, constant))));
/** {@link activation} that keeps integers, and takes bool for a weak one. */
// @__NO_SIDE_EFFECTS__
const exact = (name: string, f: (x: Node) => Node) =>
  define(name, [X], (x) => {
    const node = toNode(name, x);
    return wrap(f(isBool(node) ? n.convert(node, "int32", "weak") : node));
  });

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

/** x where it is positive, else 0; NaN stays. The gradient at 0 and NaN is 0. @example nn.relu(np.array([-1, 2])) */
export const relu = exact("nn.relu", (x) => n.select(n.compare("gt", x, 0), x, n.stopGradient(n.max(x, 0))));
/** min(relu(x), 6); the gradient at 0 and 6 is 0. */
export const relu6 = written("nn.relu6", "fraction", (x) => cut(x, 0, 6));
/** 1 / (1 + e⁻ˣ) */
export const sigmoid = activation("nn.sigmoid", "floats", n.logistic);
/** x · sigmoid(x) */
export const silu = activation("nn.silu", "floats", (x) => n.mul(x, n.logistic(x)));
export const swish = alias("nn.swish", silu);
/** log(1 + eˣ) */
export const softplus = written("nn.softplus", "whole", softplusNode);
/** log(sigmoid(x)) */
export const logSigmoid = activation("nn.logSigmoid", "numbers", (x) => n.neg(softplusNode(n.neg(x))));
/** tanh(x) */
export const tanh = define("nn.tanh", [X], (x) => wrap(n.tanh(float("nn.tanh", x))));
/** x */
export const identity = define("nn.identity", [X], (x) => wrap(toNode("nn.identity", x)));
/** x / (1 + |x|) */
export const softSign = written("nn.softSign", "whole", (x) => n.div(x, n.add(n.abs(x), 1)));
/** x cut to [−1, 1] */
export const hardTanh = exact("nn.hardTanh", (x) =>
  n.select(n.compare("gt", x, 1), 1, n.select(n.compare("lt", x, -1), -1, x)),
);
const hardSigmoidNode = (x: Node): Node => n.div(cut(n.add(x, 3), 0, 6), 6);
/** relu6(x + 3) / 6 */
export const hardSigmoid = written("nn.hardSigmoid", "fraction", hardSigmoidNode);
/** x · hardSigmoid(x) */
export const hardSilu = written("nn.hardSilu", "fraction", (x) => n.mul(x, hardSigmoidNode(x)));
export const hardSwish = alias("nn.hardSwish", hardSilu);
/** x · tanh(softplus(x)) */
export const mish = written("nn.mish", "whole", (x) => n.mul(x, n.tanh(softplusNode(x))));
/** 0 below −1, x above 1, (x + 1)² / 4 between: a softplus that reaches 0. */
export const sparsePlus = written("nn.sparsePlus", "fraction", (x) =>
  n.select(n.compare("le", x, -1), 0, n.select(n.compare("ge", x, 1), x, n.mul(n.square(n.add(x, 1)), 0.25))),
);
/** ½ (x + 1) cut to [0, 1]: the derivative of sparsePlus. */
export const sparseSigmoid = written("nn.sparseSigmoid", "fraction", (x) =>
  n.mul(n.min(n.max(n.add(x, 1), 0), 2), 0.5),
);
/** log(1 − e⁻ˣ) for x > 0: by expm1 up to log 2, by log1p beyond (Mächler 2012). */
export const log1mexp = activation("nn.log1mexp", "numbers", (x) => {
  const small = n.compare("lt", x, Math.LN2);
  const near = n.log(n.neg(n.expm1(n.neg(n.select(small, x, 1)))));
  return n.select(small, near, n.log1p(n.neg(n.exp(n.neg(n.select(small, 1, x))))));
});

// With a parameter ------------------------------------------------------------------------------------------------

/** The array and a parameter that promotes with it; the parameter's default becomes a literal of floats. */
function withParameter(
  op: string,
  x: ArrayLike,
  given: ArrayLike,
  fallback: number,
  atLeast?: "float" | "weak",
): readonly Node[] {
  if (given !== fallback) return promoteOperands(op, [x, given], atLeast);
  const node = atLeast === "float" ? float(op, x) : met(op, x, "fraction");
  return [node, n.like(node, fallback)];
}
// @__NO_SIDE_EFFECTS__
const withAlpha = (name: string, f: (x: Node, alpha: Node) => Node) =>
  define(name, [X, array("alpha", 1)], (x, alpha) => {
    const [a, b] = withParameter(name, x, alpha, 1, "weak");
    return wrap(f(a, b));
  });
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
export const selu = written("nn.selu", "fraction", (x) =>
  n.mul(
    whereNegative(x, (y) => n.mul(n.expm1(y), SELU_ALPHA)),
    SELU_SCALE,
  ),
);

/** x where it is ≥ 0, else negativeSlope · x. */
export const leakyRelu = define("nn.leakyRelu", [X, array("negativeSlope", 0.01)], (x, negativeSlope) => {
  const [a, slope] = withParameter("nn.leakyRelu", x, negativeSlope, 0.01);
  if (isBool(a)) return wrap(a); // no truth value is below 0
  return wrap(n.select(n.compare("ge", a, 0), a, n.mul(a, slope)));
});

/** x · Φ(x); with `approximate` (the default, as in JAX) by tanh (Hendrycks & Gimpel 2016). */
export const gelu = define("nn.gelu", [X, flag("approximate", true)], (x, approximate) => {
  const a = n.strong(float("nn.gelu", x));
  if (!approximate) return wrap(n.mul(n.mul(a, 0.5), erfcNode(n.mul(a, -Math.SQRT1_2))));
  // ½ (1 + tanh u) = logistic(2u), which keeps its digits where tanh is almost −1
  const u = n.mul(n.add(a, n.mul(n.integerPow(a, 3), 0.044715)), Math.sqrt(8 / Math.PI));
  return wrap(n.mul(a, n.logistic(u)));
});

/** (x + √(x² + b)) / 2 */
export const squareplus = define("nn.squareplus", [X, array("b", 4)], (x, b) => {
  const node = toNode("nn.squareplus", x);
  const [a, c] = withParameter("nn.squareplus", isBool(node) ? wrap(n.convert(node, "int32")) : x, b, 4, "float");
  return wrap(n.mul(n.add(a, n.sqrt(n.add(n.square(a), c))), 0.5));
});
