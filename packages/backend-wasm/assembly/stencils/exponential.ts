// Stencils of the exponential family in f32. Polynomials: Cephes expf and logf (S. Moshier); each rare case
// (overflow, denormal, infinity, NaN) lies in one branch.
import { F, I, fma, nfma } from "./support";

/** e^r for |r| ≤ ln 2 / 2. */
/** @inline */
export function expPolynomial(r: v128): v128 {
  let p = fma(F(1.9875691500e-4), r, F(1.3981999507e-3));
  p = fma(p, r, F(8.3334519073e-3));
  p = fma(p, r, F(4.1665795894e-2));
  p = fma(p, r, F(1.6666665459e-1));
  p = fma(p, r, F(5.0000001201e-1));
  return f32x4.add(fma(p, f32x4.mul(r, r), r), F(1.0));
}

export function exp_f32(x: v128): v128 {
  const t = fma(x, F(1.44269504088896341), F(12582912.0)); // the nearest integer, in the low mantissa bits
  const n = f32x4.sub(t, F(12582912.0));
  let r = nfma(n, F(0.693359375), x);
  r = nfma(n, F(-2.12194440e-4), r);
  let y = i32x4.add(expPolynomial(r), i32x4.shl(t, 23));
  if (v128.any_true(i32x4.gt_s(v128.and(x, I(0x7fffffff)), I(0x42ae0000)))) {
    const c = f32x4.pmax(f32x4.pmin(x, F(89.0)), F(-104.0)); // NaN passes through
    const u = fma(c, F(1.44269504088896341), F(12582912.0));
    const m = f32x4.sub(u, F(12582912.0));
    r = nfma(m, F(0.693359375), c);
    r = nfma(m, F(-2.12194440e-4), r);
    const half = i32x4.shr_s(u, 1); // 2^n in two factors, so that denormals and infinity come out exact
    const a = f32x4.mul(expPolynomial(r), i32x4.shl(i32x4.add(half, I(127)), 23));
    y = f32x4.mul(a, i32x4.shl(i32x4.add(i32x4.sub(u, half), I(127)), 23));
  }
  return y;
}
