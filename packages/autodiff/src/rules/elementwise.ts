// Derivatives of elementwise primitives: for each operand, what its tangent t contributes to the tangent of y = f(x…).
// Linear operands need no line here: a primitive linear in all of them is applied to the tangents themselves.
import type { ElementwisePrim, Node, ParamsOf } from "@weft/ir";
import { b } from "../builder.ts";

/** The contribution of one operand's tangent. */
export type Partial<P extends ElementwisePrim> = (
  t: Node,
  operands: readonly Node[],
  y: Node,
  params: ParamsOf[P],
) => Node;

/** One entry an operand; null where the derivative is zero. `linear` marks rows whose prim maps tangents itself. */
export type ElementwiseRule<P extends ElementwisePrim> = readonly (Partial<P> | null)[] | "linear" | "zero";

const SQRT_PI = Math.sqrt(Math.PI);

/** Weight of operand x in z = max(x, y) or min(x, y): 1 where it alone is z, ½ in a tie (as lax has it). */
const balanced = (x: Node, z: Node, y: Node): Node =>
  b.div(b.choose(b.compare("eq", x, z), z, 1, 0), b.choose(b.compare("eq", y, z), z, 2, 1));
const extreme: ElementwiseRule<"max" | "min"> = [
  (t, [x, y], z) => b.mul(t, balanced(x, z, y)), //
  (t, [x, y], z) => b.mul(t, balanced(y, z, x)),
];

export const ELEMENTWISE_RULES = {
  neg: "linear",
  add: "linear",
  sub: "linear",
  select: "linear",
  convert: "linear",

  abs: [(t, [x]) => b.select(b.compare("ge", x, 0), t, b.neg(t))], // 1 at ±0, as JAX 0.10 has it (docs/decisions.md)
  exp: [(t, _x, y) => b.mul(t, y)],
  expm1: [(t, _x, y) => b.mul(t, b.add(y, 1))],
  log: [(t, [x]) => b.div(t, x)],
  log1p: [(t, [x]) => b.div(t, b.add(x, 1))],
  logistic: [(t, _x, y) => b.mul(t, b.mul(y, b.sub(1, y)))],
  sqrt: [(t, _x, y) => b.div(t, b.mul(y, 2))], // 1 / (2√x)
  rsqrt: [(t, [x], y) => b.mul(t, b.mul(b.div(y, x), -0.5))], // −½ x^(−3/2)
  sin: [(t, [x]) => b.mul(t, b.cos(x))],
  cos: [(t, [x]) => b.neg(b.mul(t, b.sin(x)))],
  sinh: [(t, [x]) => b.mul(t, b.cosh(x))],
  cosh: [(t, [x]) => b.mul(t, b.sinh(x))],
  tanh: [(t, _x, y) => b.mul(b.add(t, b.mul(t, y)), b.sub(1, y))], // (1 + y)(1 − y) keeps digits near ±1
  acosh: [(t, [x]) => b.mul(t, b.rsqrt(b.sub(b.mul(x, x), 1)))],
  // 1 / (1 − x²), which keeps its digits near ±1
  atanh: [(t, [x]) => b.div(b.div(t, b.sub(1, x)), b.add(x, 1))],
  erf: [(t, [x]) => b.mul(t, b.mul(b.exp(b.neg(b.mul(x, x))), 2 / SQRT_PI))],
  erfInv: [(t, _x, y) => b.mul(t, b.mul(b.exp(b.mul(y, y)), SQRT_PI / 2))],
  integerPow: [
    (t, [x], _y, { n }) => (n === 1 ? t : n === 0 ? b.mul(t, 0) : b.mul(t, b.mul(b.integerPow(x, n - 1), n))),
  ],

  mul: [(t, [, y]) => b.mul(t, y), (t, [x]) => b.mul(x, t)],
  div: [(t, [, y]) => b.div(t, y), (t, [, y], z) => b.neg(b.mul(t, b.div(z, y)))],
  // x rem y = x − y·trunc(x / y)
  rem: [(t) => t, (t, [x, y]) => b.neg(b.mul(t, b.mul(b.sign(b.div(x, y)), b.floor(b.abs(b.div(x, y))))))],
  max: extreme,
  min: extreme,
  // at x = 0 the logarithm is replaced by 0 (as lax has it)
  pow: [
    (t, [x, y]) => b.mul(t, b.mul(y, b.pow(x, b.sub(y, 1)))),
    (t, [x], z) => b.mul(t, b.mul(b.log(b.select(b.compare("eq", x, 0), 1, x)), z)),
  ],
  atan2: [
    (t, [y, x]) => b.mul(t, b.div(x, b.add(b.mul(x, x), b.mul(y, y)))), //
    (t, [y, x]) => b.mul(t, b.div(b.neg(y), b.add(b.mul(x, x), b.mul(y, y)))),
  ],

  sign: "zero",
  floor: "zero",
  ceil: "zero",
  round: "zero",
  isFinite: "zero",
  not: "zero",
  and: "zero",
  or: "zero",
  xor: "zero",
  shiftLeft: "zero",
  shiftRight: "zero",
  compare: "zero",
} satisfies { readonly [P in ElementwisePrim]: ElementwiseRule<P> };
