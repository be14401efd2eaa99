// exp, expm1, logistic and tanh in WGSL. The polynomial of tanh is that of Cephes tanhf (S. Moshier), that of e^r − 1 a
// minimax fit (0.05 units in the last place). The nearest integer comes from floor(), which software adapters are quicker
// at than round(); powers of two are put together from bits; what may not be reassociated passes through opaque().
import type { Helpers } from "./registry.ts";
import { helper } from "./registry.ts";

export const EXPONENTIAL = {
  // x − n·ln 2 with ln 2 in two parts, the first of nine bits: n·part is exact
  reduced: helper(
    `fn reduced(x: f32, n: f32) -> f32 { return opaque(x - n * 0.693359375) - n * -2.1219444e-4; }`,
    "opaque",
  ),
  // e^r − 1 for |r| ≤ ln 2 / 2
  expPolynomial: helper(`
fn expPolynomial(r: f32) -> f32 {
  var p = 1.3814320e-3;
  p = p * r + 8.3688507e-3;
  p = p * r + 4.1668400e-2;
  p = p * r + 1.6666520e-1;
  p = p * r + 4.9999994e-1;
  return p * (r * r) + r;
}`),
  // y·2^n for y in [½, 2); a result below the normal numbers is rounded or flushed by the last product
  scaled: helper(`
fn scaled(y: f32, n: i32) -> f32 {
  let low = n < -124;
  let bits = bitcast<u32>(y) + (bitcast<u32>(select(n, n + 64, low)) << 23u);
  return bitcast<f32>(bits) * select(1.0, 5.421010862427522e-20, low);
}`),
  // 2^n is added to the exponent's bits; where that leaves the normal numbers, the result is ∞ or flushed
  exp_f32: helper(
    `
fn exp_f32(x: f32) -> f32 {
  let n = floor(x * 1.44269504 + 0.5);
  let y = 1.0 + expPolynomial(reduced(x, n));
  let z = bitcast<f32>(bitcast<u32>(y) + (bitcast<u32>(n + 12582912.0) << 23u));
  return select(select(select(z, P.inf, x > 88.722832), 0.0, x < -87.336544), x, isNan(x));
}`,
    "reduced",
    "expPolynomial",
    "isNan",
  ),
  // 2^n·(e^r − 1) + (2^n − 1): nothing cancels
  expm1_f32: helper(
    `
fn expm1_f32(x: f32) -> f32 {
  let magnitude = bitcast<u32>(x) & 0x7fffffffu;
  if (magnitude < 0x33000000u || magnitude > 0x7f800000u) { return x; }
  if (x > 88.0) { return exp_f32(x); }
  let c = max(x, -20.0);
  let n = floor(c * 1.44269504 + 0.5);
  let scale = bitcast<f32>(bitcast<u32>(i32(n) + 127) << 23u);
  let rest = opaque(scale - 1.0);
  return opaque(scale * expPolynomial(reduced(c, n))) + rest;
}`,
    "exp_f32",
    "expPolynomial",
    "reduced",
    "opaque",
  ),
  // e^−|x| never overflows; e / (1 + e) keeps the small results of negative x; what 1 + e lost is put back
  logistic_f32: helper(
    `
fn logistic_f32(x: f32) -> f32 {
  let e = exp_f32(-abs(x));
  let sum = opaque(1.0 + e);
  let lost = e - opaque(sum - 1.0);
  let quotient = quotient_f32(select(1.0, e, x < 0.0), sum);
  return select(quotient - quotient * lost, x, isNan(x));
}`,
    "exp_f32",
    "opaque",
    "quotient_f32",
    "isNan",
  ),
  tanh_f32: helper(
    `
fn tanh_f32(x: f32) -> f32 {
  let a = abs_f32(x);
  if (isNan(x) || a < 3e-4) { return x; }
  if (a < 0.625) {
    let z = x * x;
    var q = -5.70498872745e-3;
    q = q * z + 2.06390887954e-2;
    q = q * z + -5.37397155531e-2;
    q = q * z + 1.33314422036e-1;
    q = q * z + -3.33332819422e-1;
    return (q * z) * x + x;
  }
  let e = exp_f32(2.0 * min(a, 10.0));
  return withSign(1.0 - quotient_f32(2.0, e + 1.0), x);
}`,
    "abs_f32",
    "isNan",
    "exp_f32",
    "quotient_f32",
    "withSign",
  ),
} as const satisfies Helpers;
