// Elementwise functions of floats: exponentials, logarithms, trigonometry, tests for special values. What is no
// primitive is written so that value and derivative hold over the whole range of the dtype; no branch that is not
// taken may produce a NaN, because its derivative would.
import type { Node } from "@weft/ir";
import { DTypeError, formatAval, isFloat } from "@weft/ir";
import type { ArrayLike } from "../core/convert.ts";
import { bitOperands, broadcastNodes, toNode, wrap } from "../core/convert.ts";
import { alias, define } from "../core/define.ts";
import { array, flag, out } from "../core/kinds.ts";
import * as n from "../lax/nodes.ts";
import { isWhole } from "./arithmetic.ts";
import type { Unary } from "./operands.ts";
import { composed, float, floatBinary, floating, isBool, scaling, unary, widened, X, X1X2 } from "./operands.ts";

const { LN2, LN10, PI } = Math;

const isDouble = (x: Node): boolean => x.aval.dtype === "float64";
/** The value of `positive` at |x|, with x's sign: for odd functions. */
const odd = (x: Node, positive: (a: Node) => Node): Node => {
  const y = positive(n.abs(x));
  return n.select(n.compare("lt", x, 0), n.neg(y), y);
};
// Expressions -----------------------------------------------------------------------------------------------------

/** tan x = sin x / cos x */
export const tanNode = composed((x) => n.div(n.sin(x), n.cos(x)));
/** √(1 − x²): the value by (1 − x)(1 + x), which keeps its digits near ±1, the derivative by −x², which is finite there. */
const complement = (x: Node): Node =>
  n.sqrt(n.withDerivative(n.mul(n.sub(n.like(x, 1), x), n.add(x, 1)), n.neg(n.mul(x, x))));
/** arcsin x = atan2(x, √(1 − x²)) */
export const asinNode = composed((x) => n.atan2(x, complement(x)));
/** arccos x = atan2(√(1 − x²), x) */
export const acosNode = composed((x) => n.atan2(complement(x), x));
export const atanNode = (x: Node): Node => n.atan2(x, 1);
/** Beyond these squares overflow, and √(x² ± 1) is |x|. */
const large = (a: Node): Node => n.compare("gt", a, isDouble(a) ? 1e150 : 1e18);
/** arsinh a = log1p(a + a² / (1 + √(a² + 1))), log 2a for large a */
export const asinhNode = composed((x) =>
  odd(x, (a) => {
    const big = large(a);
    const s = n.select(big, 1, a);
    const s2 = n.mul(s, s);
    const small = n.log1p(n.add(s, n.div(s2, n.add(n.sqrt(n.add(s2, 1)), 1))));
    return n.select(big, n.add(n.log(n.select(big, a, 1)), LN2), small);
  }),
);
/** ∛a by a power and one Newton step y − (y − a / y²) / 3, which takes away the error of ⅓ in the exponent. */
export const cbrtNode = composed((x) =>
  odd(x, (a) => {
    const start = n.pow(a, 1 / 3);
    const special = n.or(n.compare("eq", a, 0), n.compare("eq", a, Infinity));
    const y = n.select(special, 1, start);
    const refined = n.sub(y, n.div(n.sub(y, n.div(n.select(special, 1, a), n.mul(y, y))), 3));
    return n.select(special, start, refined);
  }),
);
/** 2ˣ by the power, which errs less than exp(x · ln 2) */
export const exp2Node = composed((x) => n.pow(n.like(x, 2), x));
/** sin u / u for u = πx; near 0 by its power series Σ (−u²)ᵏ / (2k + 1)!, whose derivative does not cancel. */
const sincNode = composed((x) => {
  const u = n.mul(x, PI);
  const near = n.compare("lt", n.abs(u), 1);
  const square = n.square(n.select(near, u, 0));
  let series: Node = n.like(u, 1);
  for (let k = isDouble(x) ? 9 : 6; k > 0; k--)
    series = n.sub(n.like(u, 1), n.mul(n.div(square, 2 * k * (2 * k + 1)), series));
  const far = n.select(near, 1, u);
  return n.select(near, series, n.div(n.sin(far), far));
});
const isInfinite = (x: Node): Node => n.compare("eq", n.abs(x), Infinity);
/** max(x, y) + log1p(base^−|x − y|) / unit, by selects: the derivative is ½ each where x = y. */
const logAddNode = (x: Node, y: Node, exponential: (x: Node) => Node, unit: number): Node => {
  const alike = n.and(n.compare("eq", x, y), isInfinite(x)); // infinities of one sign have no difference
  const d = n.select(alike, 0, n.sub(x, y));
  const first = n.compare("gt", x, y);
  const tail = n.log1p(exponential(n.select(first, n.neg(d), d)));
  return n.add(n.select(first, x, y), unit === 1 ? tail : n.div(tail, unit));
};
/** log(eˣ + eʸ) */
export const logaddexpNode = composed((x, y) => logAddNode(x, y, n.exp, 1));
const polynomial = (x: Node, coefficients: readonly number[]): Node =>
  coefficients.slice(1).reduce<Node>((sum, c) => n.add(n.mul(sum, x), c), n.like(x, coefficients[0]));
// erfc(a) = exp(−a²) · p(a): coefficients of Cephes' ndtrf.c (float32) and ndtr.c (float64), highest power first
const ERFC_NEAR = [
  0.02326819970068386, -0.1387039388740657, 0.3687424674597105, -0.5824733027278666, 0.6210004621745983,
  -0.4944515323274145, 0.3404879937665872, -0.2741127028184656, 0.5638259427386472,
];
const ERFC_FAR = [
  -10.47766399936249, 12.97719955372516, -7.495518717768503, 2.921019019210786, -1.0152652792027, 0.4218463358204948,
  -0.2820767439740514, 0.5641895067754075,
];
const ERFC64_NEAR = [
  [
    2.461969814735305e-10, 0.5641895648310689, 7.463210564422699, 48.63719709856814, 196.5208329560771,
    526.4451949954773, 934.5285271719576, 1027.5518868951572, 557.5353353693994,
  ],
  [
    1, 13.228195115474499, 86.70721408859897, 354.9377788878199, 975.7085017432055, 1823.9091668790973,
    2246.3376081871097, 1656.6630919416134, 557.5353408177277,
  ],
] as const;
const ERFC64_FAR = [
  [0.5641895835477551, 1.275366707599781, 5.019050422511805, 6.160210979930536, 7.4097426995044895, 2.9788666537210022],
  [
    1, 2.2605286322011726, 9.396035249380015, 12.048953980809666, 17.08144507475659, 9.608968090632859,
    3.369076451000815,
  ],
] as const;
/** exp(−a²) with the rounding error of a² put back: a² = h² + (a − h)(a + h) for h with half the digits. */
const expMinusSquare = (a: Node): Node => {
  const h = n.div(n.floor(n.mul(a, isDouble(a) ? 2 ** 16 : 2 ** 6)), isDouble(a) ? 2 ** 16 : 2 ** 6);
  return n.mul(n.exp(n.neg(n.mul(h, h))), n.exp(n.neg(n.mul(n.sub(a, h), n.add(a, h)))));
};
/** erfc(x) = 1 − erf(x), with its digits where erf is almost 1; derivative −2/√π · exp(−x²). */
export const erfcNode = composed((x) => {
  const v = n.stopGradient(x);
  const tail = n.compare("gt", n.abs(v), 1);
  const a = n.min(n.max(n.abs(v), 1), isDouble(x) ? 28 : 16);
  const far = n.compare("ge", a, isDouble(x) ? 8 : 2);
  const inverse = n.div(n.like(a, 1), a);
  const scaled = isDouble(x)
    ? n.select(
        far,
        n.div(polynomial(a, ERFC64_FAR[0]), polynomial(a, ERFC64_FAR[1])),
        n.div(polynomial(a, ERFC64_NEAR[0]), polynomial(a, ERFC64_NEAR[1])),
      )
    : n.mul(
        inverse,
        n.select(far, polynomial(n.mul(inverse, inverse), ERFC_FAR), polynomial(n.mul(inverse, inverse), ERFC_NEAR)),
      );
  const positive = n.mul(expMinusSquare(a), scaled);
  const minusErf = n.neg(n.erf(x));
  const value = n.select(
    tail,
    n.select(n.compare("lt", v, 0), n.sub(n.like(v, 2), positive), positive),
    n.add(minusErf, 1),
  );
  return n.withDerivative(value, minusErf);
});
const signbitNode = (given: Node): Node => {
  const x = widened(given);
  if (x.aval.dtype === "float32")
    return n.compare("lt", n.bitcast(n.stopGradient(n.convert(x, "float32")), "int32"), 0);
  if (!isFloat(x.aval.dtype)) return x.aval.dtype === "bool" ? n.compare("ne", x, x) : n.compare("lt", x, 0);
  // float64: the sign of a NaN is not seen
  return n.or(n.compare("lt", x, 0), n.and(n.compare("eq", x, 0), n.compare("lt", n.div(n.like(x, 1), x), 0)));
};
/** √(x² + y²) without overflow: m √(1 + (s / m)²) for the larger m and the smaller s */
const hypotNode = composed((x, y) => {
  const [a, b] = [n.abs(x), n.abs(y)];
  const m = n.max(a, b);
  const zero = n.or(n.compare("eq", m, 0), n.compare("eq", m, Infinity));
  const ratio = n.div(n.select(zero, 0, n.min(a, b)), n.select(zero, 1, m));
  return n.select(
    n.or(n.compare("eq", a, Infinity), n.compare("eq", b, Infinity)),
    Infinity,
    n.select(zero, m, n.mul(m, n.sqrt(n.add(n.mul(ratio, ratio), 1)))),
  );
});

// Exponentials and logarithms ---------------------------------------------------------------------------------------

/** eˣ. @example np.exp(np.array([0, 1])) */
export const exp = floating("np.exp", n.exp);
/** 2ˣ */
export const exp2 = floating("np.exp2", exp2Node);
/** eˣ − 1, exact near 0. */
export const expm1 = floating("np.expm1", n.expm1);
/** The natural logarithm. */
export const log = floating("np.log", n.log);
/** log(1 + x), exact near 0. */
export const log1p = floating("np.log1p", n.log1p);
/** The logarithm to a base, whose own logarithm is given. */
const logTo = (base: number) => composed((x) => n.strong(n.div(n.log(x), base)));
export const log2 = floating("np.log2", logTo(LN2));
export const log10 = floating("np.log10", logTo(LN10));
/** log(eˣ + eʸ), without overflow. */
export const logaddexp = floatBinary("np.logaddexp", X1X2, logaddexpNode);
/** log₂(2ˣ + 2ʸ), without overflow. */
export const logaddexp2 = floatBinary(
  "np.logaddexp2",
  X1X2,
  composed((x, y) => n.firm(logAddNode(x, y, exp2Node, LN2))),
);
export const sqrt = floating("np.sqrt", n.sqrt);
/** The real cube root. */
export const cbrt = floating("np.cbrt", cbrtNode);

// Trigonometry ----------------------------------------------------------------------------------------------------

export const sin = floating("np.sin", n.sin);
export const cos = floating("np.cos", n.cos);
export const tan = floating("np.tan", tanNode);
export const arcsin = floating("np.arcsin", asinNode);
export const asin = alias("np.asin", arcsin);
export const arccos = floating("np.arccos", acosNode);
export const acos = alias("np.acos", arccos);
export const arctan = floating("np.arctan", atanNode);
export const atan = alias("np.atan", arctan);
/** The angle of the point (x, y), of y first. */
export const arctan2 = floatBinary("np.arctan2", X1X2, n.atan2);
export const atan2 = alias("np.atan2", arctan2);
export const sinh = floating("np.sinh", n.sinh);
export const cosh = floating("np.cosh", n.cosh);
export const tanh = floating("np.tanh", n.tanh);
export const arcsinh = floating("np.arcsinh", asinhNode);
export const asinh = alias("np.asinh", arcsinh);
export const arccosh = floating("np.arccosh", n.acosh);
export const acosh = alias("np.acosh", arccosh);
export const arctanh = floating("np.arctanh", n.atanh);
export const atanh = alias("np.atanh", arctanh);
/** Degrees as radians. */
export const deg2rad = scaling(
  "np.deg2rad",
  composed((x) => n.mul(x, PI / 180)),
);
export const radians = alias("np.radians", deg2rad);
/** Radians as degrees. */
export const rad2deg = scaling(
  "np.rad2deg",
  composed((x) => n.mul(x, 180 / PI)),
);
export const degrees = alias("np.degrees", rad2deg);
/** √(x² + y²), without overflow. */
export const hypot = floatBinary("np.hypot", X1X2, (x, y) => n.firm(hypotNode(x, y)));
/** sin(πx) / (πx), 1 at 0. */
export const sinc = scaling("np.sinc", sincNode);

// Special values --------------------------------------------------------------------------------------------------

export const isnan = unary("np.isnan", n.isNan);
export const isinf = unary("np.isinf", (x) => n.strong(isFloat(x.aval.dtype) ? isInfinite(x) : n.isNan(x)));
const infinity = (name: string, which: number) =>
  define(name, [array("x"), out], (x) => {
    const node = toNode(name, x);
    return wrap(n.strong(isFloat(node.aval.dtype) ? n.compare("eq", node, which) : n.isNan(node)));
  });
export const isposinf = infinity("np.isposinf", Infinity);
export const isneginf = infinity("np.isneginf", -Infinity);
export const isfinite = unary("np.isfinite", (x) =>
  isFloat(x.aval.dtype) ? n.isFinite(x) : n.strong(n.compare("eq", x, x)),
);
/** Whether the sign bit is set: true for −0. */
export const signbit = unary("np.signbit", (x) => n.strong(signbitNode(x)));
/** |x| with the sign of y. */
export const copysign = floatBinary("np.copysign", X1X2, (x, y) => {
  const a = n.abs(x);
  // of both operands' type, though y gives nothing but its sign
  return n.convert(
    n.select(signbitNode(y), n.neg(a), a),
    a.aval.dtype,
    y.aval.weakness === "weak" ? x.aval.weakness : "strong",
  );
});
/** 0 below 0, 1 above, h at 0; NaN stays. */
export const heaviside = floatBinary("np.heaviside", X1X2, (x, h) =>
  n.firm(n.select(n.compare("lt", x, 0), 0, n.select(n.compare("gt", x, 0), 1, n.select(n.isNan(x), x, h)))),
);

const LARGEST = { float16: 65504, float32: (2 - 2 ** -23) * 2 ** 127, float64: Number.MAX_VALUE } as const;
/** NaN replaced by 0 (or `nan`), infinities by the dtype's largest numbers (or `posinf`, `neginf`). */
export const nanToNum = define(
  "np.nanToNum",
  [array("x"), flag("copy", true), array("nan", 0), array("posinf", null), array("neginf", null)],
  (x, _copy, nan, posinf, neginf) => {
    const node = toNode("np.nanToNum", x);
    const { dtype } = node.aval;
    if (dtype !== "float16" && dtype !== "float32" && dtype !== "float64") return wrap(node);
    const replacement = (value: ArrayLike | null, fallback: number): Node =>
      value === null ? n.like(node, fallback) : toNode("np.nanToNum", value, dtype);
    const finite = n.select(n.isNan(node), replacement(nan, 0), node);
    const below = n.select(n.compare("eq", finite, Infinity), replacement(posinf, LARGEST[dtype]), finite);
    return wrap(n.select(n.compare("eq", below, -Infinity), replacement(neginf, -LARGEST[dtype]), below));
  },
);

// Bits ------------------------------------------------------------------------------------------------------------

/** Set bits of 32: sums of neighbours in fields of 2, 4 and 8 bits, then one product adds the bytes. */
export function populationCountNode(x: Node): Node {
  let v = n.bitcast(n.convert(x, x.aval.dtype), "uint32");
  v = n.sub(v, n.and(n.shiftRight(v, 1, false), 0x55555555));
  v = n.add(n.and(v, 0x33333333), n.and(n.shiftRight(v, 2, false), 0x33333333));
  v = n.and(n.add(v, n.shiftRight(v, 4, false)), 0x0f0f0f0f);
  v = n.shiftRight(n.mul(v, 0x01010101), 24, false);
  return n.bitcast(v, x.aval.dtype);
}
/** Leading zero bits of 32: the highest set bit is spread to the right, then zeros are counted. */
export function leadingZerosNode(x: Node): Node {
  let v = n.bitcast(n.convert(x, x.aval.dtype), "uint32");
  for (const shift of [1, 2, 4, 8, 16]) v = n.or(v, n.shiftRight(v, shift, false));
  return n.bitcast(populationCountNode(n.not(v)), x.aval.dtype);
}
/** The number of set bits of |x|. */
export const bitwiseCount = define("np.bitwiseCount", X, (operand) => {
  const [x] = bitOperands("np.bitwiseCount", [operand]);
  if (isFloat(x.aval.dtype))
    throw new DTypeError(`bitwiseCount: ${formatAval(x.aval)}: expected bool or integers; convert with astype first`);
  return wrap(
    x.aval.dtype === "bool" ? n.convert(x, "int32") : populationCountNode(x.aval.dtype === "uint32" ? x : n.abs(x)),
  );
}) as Unary;

// Real numbers as complex ones ----------------------------------------------------------------------------------------

const VAL = [array("val")] as const;
/** The real part: x itself. */
export const real = define("np.real", VAL, (val) => wrap(toNode("np.real", val)));
const zerosOf = (x: Node): Node => n.fill(n.like(x, 0), x.aval.shape);
/** The imaginary part of real numbers: zeros. */
export const imag = define("np.imag", VAL, (val) => wrap(zerosOf(toNode("np.imag", val))));
export const conj = unary("np.conj", (x) => x);
export const conjugate = alias("np.conjugate", conj);
/** 0 for numbers from 0 on, π (180 if `deg`) below. */
export const angle = define("np.angle", [array("z"), flag("deg", false)], (z, deg) => {
  const own = toNode("np.angle", z);
  const { dtype, shape } = own.aval;
  // as in JAX, scalars have the dtype of numbers
  const x = isFloat(dtype) && shape.length > 0 ? own : n.convert(own, dtype === "float64" ? dtype : "float32");
  const radians = n.atan2(zerosOf(x), x);
  return wrap(deg ? n.firm(n.mul(radians, 180 / PI)) : radians);
});
const imaginary = (x: Node): Node => n.firm(zerosOf(isBool(x) ? n.strong(x) : x));
export const isreal = unary("np.isreal", (x) => n.compare("eq", imaginary(x), 0));
export const iscomplex = unary("np.iscomplex", (x) => n.compare("ne", imaginary(x), 0));
const isComplex = (op: string, x: ArrayLike): boolean => toNode(op, x).aval.dtype.startsWith("complex");
export const isrealobj = define("np.isrealobj", [array("x")], (x) => !isComplex("np.isrealobj", x));
export const iscomplexobj = define("np.iscomplexobj", [array("x")], (x) => isComplex("np.iscomplexobj", x));

/** x1 · 2ᵉ for integers e = x2, in two steps, so that results below the smallest normal number are right. */
export const ldexp = define("np.ldexp", X1X2, (x1, x2) => {
  const x = float("np.ldexp", x1);
  const exponents = toNode("np.ldexp", x2);
  const whole = typeof x2 === "number" ? Number.isInteger(x2) : Array.isArray(x2) || isWhole(x2);
  if (isFloat(exponents.aval.dtype) && !whole)
    throw new DTypeError(
      `np.ldexp: ${formatAval(exponents.aval)}: exponents of 2 are integers; multiply by np.exp2(x2)`,
    );
  const [a, e] = broadcastNodes("np.ldexp", [x, n.convert(exponents, x.aval.dtype)]);
  const half = n.round(n.mul(e, 0.5), "zero");
  return wrap(n.mul(n.mul(a, exp2Node(half)), exp2Node(n.sub(e, half))));
});
