// Scalar functions of the float64 reference that Math lacks, and the integer edges as XLA has them (SEMANTICS 5.2).
import type { DType } from "../dtype.ts";
import { INTEGER_RANGES, isFloat } from "../dtype.ts";
import { roundHalf } from "../half.ts";

export const roundEven = (x: number): number => {
  if (!Number.isFinite(x) || Math.abs(x) >= 4503599627370496) return x;
  const floor = Math.floor(x);
  const rest = x - floor;
  const rounded = rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
  return rounded === 0 && (x < 0 || Object.is(x, -0)) ? -0 : rounded;
};
export const roundAway = (x: number): number => {
  const truncated = Math.trunc(x);
  if (!Number.isFinite(x)) return x;
  return Math.abs(x - truncated) >= 0.5 ? truncated + Math.sign(x) : truncated;
};
export const logistic = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));

/** IEEE pow: Math.pow gives NaN for (±1)^±∞ and 1^NaN, C gives 1. */
export const power = (x: number, y: number): number => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y);

/**
 * erf in float64: Maclaurin series for |x| < 1, continued fraction of erfc beyond (Abramowitz & Stegun 7.1.5, 7.1.14).
 * Within 5 units in the last place of Python's math.erf on 4000 points; beyond the series within 1.
 */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (Number.isNaN(x)) return x;
  if (a > 6) return Math.sign(x);
  if (a < 1) {
    // erf(x) = 2/√π · e^(−x²) · Σ 2^n x^(2n+1) / (1·3·…·(2n+1)): all terms positive, no cancellation
    let term = x;
    let sum = x;
    for (let n = 1; n < 200; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
      if (Math.abs(term) < 1e-18 * Math.abs(sum)) break;
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  let fraction = 0;
  for (let n = 200; n > 0; n--) fraction = n / 2 / (a + fraction);
  const tail = Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction);
  return Math.sign(x) * (1 - tail);
}

/** erfc for a ≥ 0 with small relative error, for the tails of erfInv. */
function erfc(a: number): number {
  if (a < 3) return 1 - erf(a);
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (a + fraction);
  return Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction);
}

/** Inverse of erf by Halley steps on a rational start (Winitzki 2008). */
export function erfInv(y: number): number {
  if (Number.isNaN(y) || Math.abs(y) > 1) return NaN;
  if (Math.abs(y) === 1) return y * Infinity;
  if (y === 0) return y;
  const a = Math.abs(y);
  const log = Math.log1p(-a * a);
  const b = 2 / (Math.PI * 0.147) + log / 2;
  let x = Math.sqrt(Math.sqrt(b * b - log / 0.147) - b);
  for (let i = 0; i < 6; i++) {
    // near 1 the difference of complements keeps its digits: (1 − a) is exact
    const error = a < 0.5 ? erf(x) - a : 1 - a - erfc(x);
    const step = error / ((2 / Math.sqrt(Math.PI)) * Math.exp(-x * x));
    x -= step / (1 + x * step);
  }
  return Math.sign(y) * x;
}

/**
 * erfInv in float32 as JAX defines it: x times a function of 1 − x², where x² is rounded. Near ±1 that is up to 90 units
 * from the true value, and draws of normals depend on it.
 */
export function erfInvOfFloats(y: number): number {
  const x = Math.fround(y);
  const root = Math.sqrt(Math.fround(x * x));
  return Math.abs(x) < 0.5 || Math.abs(x) >= 1 ? erfInv(x) : (erfInv(root) / root) * x;
}

/** x/0 = −1 (unsigned: all ones), MIN/−1 = MIN. */
export function integerDivide(dtype: DType, a: number, b: number): number {
  if (b === 0) return -1;
  return dtype === "uint32" ? Math.floor((a >>> 0) / (b >>> 0)) : Math.trunc(a / b);
}
/** x rem 0 = x, MIN rem −1 = 0; the sign follows the dividend. */
export function integerRemainder(dtype: DType, a: number, b: number): number {
  if (b === 0) return a;
  return dtype === "uint32" ? (a >>> 0) % (b >>> 0) : a % b;
}
/** Wrapping xⁿ; a negative n is 1 divided by the positive power. */
export function integerPower(dtype: DType, x: number, n: number): number {
  let result = 1;
  for (let i = 0; i < Math.abs(n); i++) result = Math.imul(result, x);
  return n < 0 ? integerDivide(dtype, 1, wrap(dtype, result)) : result;
}

/** An integer result brought into its dtype by wrapping; floats unchanged. */
export function wrap(dtype: DType, x: number): number {
  switch (dtype) {
    case "int32":
      return x | 0;
    case "uint32":
      return x >>> 0;
    case "int16":
      return (x << 16) >> 16;
    case "int8":
      return (x << 24) >> 24;
    case "uint16":
      return x & 0xffff;
    case "uint8":
      return x & 0xff;
    default:
      return x;
  }
}

/**
 * convert: float → integer truncates and saturates, NaN → 0; integer → integer wraps; anything → bool is ≠ 0; what
 * becomes float16 is rounded (the wider floats keep their digits here).
 * `x` is the source value; integers arrive as integers, so only fractional or huge values saturate.
 */
export function convert(dtype: DType, x: number, from: DType): number {
  if (dtype === "bool") return Number(x !== 0);
  if (dtype === "float16") return roundHalf(x);
  if (isFloat(dtype)) return x;
  if (!isFloat(from)) return wrap(dtype, x);
  if (Number.isNaN(x)) return 0;
  const range = INTEGER_RANGES[dtype];
  const truncated = Math.trunc(x);
  return range === undefined ? wrap(dtype, truncated) : Math.min(Math.max(truncated, range[0]), range[1]) + 0;
}
