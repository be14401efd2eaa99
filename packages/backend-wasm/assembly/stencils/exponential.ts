// Stencils of the exponential family in f32: exp, expm1, logistic, tanh. Polynomials: Cephes expf and tanhf
// (S. Moshier) and a minimax fit for expm1; each rare case (overflow, denormal, infinity, NaN) lies in one
// branch. Refuses integer exponent tricks where a NaN could pass through them.
import { F, I, fma, nfma, sel, signOf } from "./support";

/** The nearest integer to x / ln 2, held in the low mantissa bits. */
/** @inline */
export function exponentOf(x: v128): v128 {
  return fma(x, F(1.44269504088896341), F(12582912.0));
}

/** x minus that integer times ln 2, which is split into two parts. */
/** @inline */
export function reducedBy(t: v128, x: v128): v128 {
  const n = f32x4.sub(t, F(12582912.0));
  return nfma(n, F(-2.1219444e-4), nfma(n, F(0.693359375), x));
}

/** e^r for |r| ≤ ln 2 / 2. */
/** @inline */
export function expPolynomial(r: v128): v128 {
  const square = f32x4.mul(r, r);
  let pOdd = fma(F(1.98756915e-4), square, F(8.3334519073e-3));
  pOdd = fma(pOdd, square, F(1.6666665459e-1));
  let p = fma(F(1.3981999507e-3), square, F(4.1665795894e-2));
  p = fma(p, square, F(5.0000001201e-1));
  p = fma(pOdd, r, p);
  return f32x4.add(fma(p, square, r), F(1.0));
}

/** e^x everywhere. */
/** @inline */
function exponential(x: v128): v128 {
  const t = exponentOf(x);
  let y = i32x4.add(expPolynomial(reducedBy(t, x)), i32x4.shl(t, 23));
  if (v128.any_true(i32x4.gt_s(v128.and(x, I(0x7fffffff)), I(0x42ae0000)))) {
    const c = f32x4.pmax(f32x4.pmin(x, F(89.0)), F(-104.0)); // NaN passes through
    const u = exponentOf(c);
    const half = i32x4.shr_s(u, 1); // 2^n in two factors, so that denormals and infinity come out exact
    const a = f32x4.mul(expPolynomial(reducedBy(u, c)), i32x4.shl(i32x4.add(half, I(127)), 23));
    y = f32x4.mul(a, i32x4.shl(i32x4.add(i32x4.sub(u, half), I(127)), 23));
  }
  return y;
}

export function exp_f32(x: v128): v128 {
  return exponential(x);
}

// 2^n·(e^r − 1) + (2^n − 1): nothing cancels, and n = 0 leaves the polynomial alone.
export function expm1_f32(x: v128): v128 {
  const c = f32x4.pmax(x, F(-20.0));
  const t = exponentOf(c);
  const r = reducedBy(t, c);
  const square = f32x4.mul(r, r);
  let pOdd = fma(F(1.98824860357e-4), square, F(8.33331886732e-3));
  pOdd = fma(pOdd, square, F(1.66666666731e-1));
  let p = fma(F(1.39417211117e-3), square, F(4.1666345397e-2));
  p = fma(p, square, F(5.00000004884e-1));
  p = fma(pOdd, r, p);
  p = fma(p, square, r);
  const scale = i32x4.shl(i32x4.add(t, I(127)), 23);
  let y = fma(scale, p, f32x4.sub(scale, F(1.0)));
  if (v128.any_true(f32x4.gt(x, F(88.0)))) {
    // Half of 2^n, and doubled last: the result may be infinite, the scale may not.
    const d = f32x4.pmin(x, F(89.0));
    const u = exponentOf(d);
    const half = i32x4.shl(i32x4.add(u, I(126)), 23);
    const e = f32x4.mul(expPolynomial(reducedBy(u, d)), half);
    y = sel(f32x4.gt(x, F(88.0)), f32x4.add(e, e), y);
  }
  return v128.or(y, signOf(x));
}

// e^−|x| never overflows; e / (1 + e) keeps the small results of negative x. What 1 + e lost is put back.
export function logistic_f32(x: v128): v128 {
  const e = exponential(f32x4.neg(f32x4.abs(x)));
  const numerator = sel(f32x4.lt(x, F(0.0)), e, F(1.0));
  const sum = f32x4.add(F(1.0), e);
  const quotient = f32x4.div(numerator, sum);
  return nfma(quotient, f32x4.sub(e, f32x4.sub(sum, F(1.0))), quotient);
}

export function tanh_f32(x: v128): v128 {
  const ax = f32x4.abs(x);
  const z = f32x4.mul(x, x);
  let q = fma(F(-5.70498872745e-3), z, F(2.06390887954e-2));
  q = fma(q, z, F(-5.37397155531e-2));
  q = fma(q, z, F(1.33314422036e-1));
  q = fma(q, z, F(-3.33332819422e-1));
  const small = fma(f32x4.mul(q, z), x, x);
  const y = f32x4.pmin(f32x4.add(ax, ax), F(20.0));
  const t = exponentOf(y);
  const e = f32x4.mul(expPolynomial(reducedBy(t, y)), i32x4.shl(i32x4.add(t, I(127)), 23));
  const big = f32x4.sub(F(1.0), f32x4.div(F(2.0), f32x4.add(e, F(1.0))));
  return v128.or(sel(f32x4.lt(ax, F(0.625)), small, big), signOf(x)); // the sign also keeps tanh(−0) = −0
}
