// Stencils erf and erfInv in f32. erf: minimax fits of erf(x)/x to 0.8 and of log erfc beyond. erfInv: Giles,
// "Approximating the erfinv function" (2011), single precision, evaluated as JAX does, so that normal random
// numbers agree with JAX's.
import { F, I, fma, sel, signOf } from "./support";
import { expPolynomial, exponentOf, reducedBy } from "./exponential";
import { logNormal } from "./logarithm";

export function erf_f32(x: v128): v128 {
  const a = f32x4.abs(x);
  const z = f32x4.mul(x, x);
  const w = f32x4.mul(z, z);
  let pOdd = fma(F(9.20326165752e-5), w, F(5.21428845601e-3));
  pOdd = fma(pOdd, w, F(1.12837717029e-1));
  let p = fma(F(-8.31422008e-4), w, F(-2.68641236479e-2));
  p = fma(p, w, F(-3.76126382535e-1));
  p = fma(pOdd, z, p);
  // 2/√π less 1: the whole constant would round by half a unit.
  const small = fma(fma(p, z, F(0.128379167095512574)), a, a);
  const t = f32x4.pmin(a, F(4.0));
  const square = f32x4.mul(t, t);
  let qOdd = fma(F(-7.07885287067e-6), square, F(-7.76451618114e-5));
  qOdd = fma(qOdd, square, F(2.21324130484e-2));
  qOdd = fma(qOdd, square, F(-6.35875835604e-1));
  let q = fma(F(7.11175237107e-5), square, F(-2.5869000286e-3));
  q = fma(q, square, F(-1.04762359381e-1));
  q = fma(q, square, F(-1.12849922398));
  q = fma(qOdd, t, q);
  q = f32x4.mul(q, t);
  const n = exponentOf(q);
  const e = f32x4.mul(expPolynomial(reducedBy(n, q)), i32x4.shl(i32x4.add(n, I(127)), 23));
  return v128.or(sel(f32x4.lt(a, F(0.8)), small, f32x4.sub(F(1.0), e)), signOf(x));
}

// JAX rounds x·x before it takes log1p of its negative; 1 − x·x is then exact wherever it matters, because
// the polynomials depend on w smoothly. Horner's order is JAX's: other orders differ from it in more last digits.
export function erfInv_f32(x: v128): v128 {
  const u = f32x4.sub(F(1.0), f32x4.mul(x, x));
  const w = f32x4.neg(logNormal(u, F(0.0)));
  const t = f32x4.sub(w, F(2.5));
  let p = fma(F(2.81022636e-8), t, F(3.43273939e-7));
  p = fma(p, t, F(-3.5233877e-6));
  p = fma(p, t, F(-4.39150654e-6));
  p = fma(p, t, F(2.1858087e-4));
  p = fma(p, t, F(-1.25372503e-3));
  p = fma(p, t, F(-4.17768164e-3));
  p = fma(p, t, F(2.46640727e-1));
  p = fma(p, t, F(1.50140941));
  // e^−5; not greater finds NaN and |x| ≥ 1 as well.
  if (!i32x4.all_true(f32x4.gt(u, F(0.006737947)))) {
    const s = f32x4.sub(f32x4.sqrt(w), F(3.0));
    let r = fma(F(-2.00214257e-4), s, F(1.00950558e-4));
    r = fma(r, s, F(1.34934322e-3));
    r = fma(r, s, F(-3.67342844e-3));
    r = fma(r, s, F(5.73950773e-3));
    r = fma(r, s, F(-7.6224613e-3));
    r = fma(r, s, F(9.43887047e-3));
    r = fma(r, s, F(1.00167406));
    r = fma(r, s, F(2.83297682));
    p = sel(f32x4.gt(u, F(0.006737947)), p, r);
    p = sel(f32x4.gt(u, F(0.0)), p, sel(f32x4.eq(u, F(0.0)), F(Infinity), F(NaN)));
  }
  return f32x4.mul(p, x);
}
