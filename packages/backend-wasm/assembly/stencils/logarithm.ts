// Stencils of logarithms and powers in f32: log, log1p, pow. The polynomial is Cephes logf's (S. Moshier);
// pow works in float64, where a polynomial of a few terms suffices.
import { D, F, I, L, fma, fmad, high, joinLow, nfma, sel, signOf } from "./support";

/** log(1 + f) + e·ln 2 for a mantissa 1 + f in [√½, √2). */
/** @inline */
export function logOf(f: v128, e: v128): v128 {
  const z = f32x4.mul(f, f);
  let pOdd = fma(F(-1.151461031e-1), z, F(-1.2420140846e-1));
  pOdd = fma(pOdd, z, F(-1.6668057665e-1));
  pOdd = fma(pOdd, z, F(-2.4999993993e-1));
  let p = fma(F(7.0376836292e-2), z, F(1.167699874e-1));
  p = fma(p, z, F(1.4249322787e-1));
  p = fma(p, z, F(2.0000714765e-1));
  p = fma(p, z, F(3.3333331174e-1));
  p = fma(pOdd, f, p);
  let y = f32x4.mul(f32x4.mul(p, f), z);
  y = fma(e, F(-2.1219444e-4), y);
  y = nfma(z, F(0.5), y);
  return fma(e, F(0.693359375), f32x4.add(f, y));
}

/** The exponent of a positive normal number whose mantissa is to lie in [√½, √2). */
/** @inline */
export function exponentBits(x: v128): v128 {
  return i32x4.shr_s(i32x4.sub(x, I(0x3f3504f3)), 23);
}

/** log of a positive normal number; `adjust` is subtracted from the exponent. */
/** @inline */
export function logNormal(x: v128, adjust: v128): v128 {
  const e = exponentBits(x);
  const f = f32x4.sub(i32x4.sub(x, i32x4.shl(e, 23)), F(1.0));
  return logOf(f, f32x4.sub(f32x4.convert_i32x4_s(e), adjust));
}

export function log_f32(x: v128): v128 {
  let r = logNormal(x, F(0.0));
  // One comparison finds all that is not a positive normal number.
  if (v128.any_true(i32x4.gt_s(i32x4.add(x, I(0x7f800000)), I(-0x1000001)))) {
    const denormal = f32x4.lt(x, F(1.17549435e-38));
    r = logNormal(sel(denormal, f32x4.mul(x, F(8388608.0)), x), v128.and(denormal, F(23.0)));
    r = sel(f32x4.gt(x, F(0.0)), r, sel(f32x4.eq(x, F(0.0)), F(-Infinity), F(NaN)));
    r = sel(f32x4.lt(x, F(Infinity)), r, sel(f32x4.ne(x, x), x, f32x4.abs(x)));
  }
  return r;
}

// The rounding error of 1 + x, scaled as the mantissa, is put back into f.
export function log1p_f32(x: v128): v128 {
  const u = f32x4.add(F(1.0), x);
  const v = f32x4.sub(u, F(1.0));
  const c = f32x4.add(f32x4.sub(F(1.0), f32x4.sub(u, v)), f32x4.sub(x, v));
  const e = exponentBits(u);
  const m = f32x4.sub(i32x4.sub(u, i32x4.shl(e, 23)), F(1.0));
  const f = fma(c, i32x4.shl(i32x4.sub(I(127), e), 23), m);
  let r = logOf(f, f32x4.convert_i32x4_s(e));
  if (!i32x4.all_true(v128.and(f32x4.gt(x, F(-1.0)), f32x4.lt(x, F(1e30))))) {
    r = sel(f32x4.lt(x, F(1e30)), r, logNormal(u, F(0.0)));
    r = sel(f32x4.gt(x, F(-1.0)), r, sel(f32x4.eq(x, F(-1.0)), F(-Infinity), F(NaN)));
    r = sel(f32x4.lt(x, F(Infinity)), r, sel(f32x4.ne(x, x), x, F(Infinity)));
    r = sel(f32x4.eq(x, F(-Infinity)), F(NaN), r);
  }
  return v128.or(r, signOf(x));
}

/** x^y for positive normal float64 x, to 33 bits. */
/** @inline */
function powerHalf(x: v128, y: v128): v128 {
  const bits = i64x2.add(x, L(0x3ff0000000000000 - 0x3fe6a09e00000000));
  // The exponent as a float: put it below the hidden bit of 2^52.
  const k = f64x2.sub(v128.or(i64x2.shr_u(bits, 52), D(4503599627370496.0)), D(4503599627371519.0));
  const m = i64x2.add(v128.and(bits, L(0x000fffffffffffff)), L(0x3fe6a09e00000000));
  const s = f64x2.div(f64x2.sub(m, D(1.0)), f64x2.add(m, D(1.0)));
  const z = f64x2.mul(s, s);
  let p = fmad(D(0.282940251072431632), z, D(0.319902973561628783));
  p = fmad(p, z, D(0.41220931667115381));
  p = fmad(p, z, D(0.577077941750473952));
  p = fmad(p, z, D(0.961796694115376801));
  p = fmad(p, z, D(2.88539008177784893));
  const bounded = f64x2.pmax(f64x2.pmin(y, D(1e30)), D(-1e30));
  let t = f64x2.mul(bounded, fmad(s, p, k));
  t = f64x2.pmax(f64x2.pmin(t, D(200.0)), D(-200.0));
  const u = f64x2.add(t, D(6755399441055744.0));
  const g = f64x2.sub(t, f64x2.sub(u, D(6755399441055744.0)));
  let q = fmad(D(0.0000153164871145331081), g, D(0.000154697612760690611));
  q = fmad(q, g, D(0.00133334225385225928));
  q = fmad(q, g, D(0.00961802550964891008));
  q = fmad(q, g, D(0.0555041097623676777));
  q = fmad(q, g, D(0.240226512143146437));
  q = fmad(q, g, D(0.693147180534988625));
  q = fmad(q, g, D(0.999999999959469927));
  return f64x2.mul(q, i64x2.shl(i64x2.add(u, L(1023)), 52));
}

// C's pow: x^0 = 1^y = 1 even for NaN; a negative x needs an integral y, whose parity gives the sign.
export function pow_f32(x: v128, y: v128): v128 {
  const a = f32x4.abs(x);
  const low = powerHalf(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(y));
  const upper = powerHalf(f64x2.promote_low_f32x4(high(a)), f64x2.promote_low_f32x4(high(y)));
  let r = joinLow(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(upper));
  const plain = v128.and(f32x4.gt(x, F(0.0)), f32x4.lt(x, F(Infinity)));
  if (!i32x4.all_true(v128.and(plain, f32x4.eq(y, y)))) {
    const zero = f32x4.eq(a, F(0.0));
    const extreme = v128.or(zero, f32x4.eq(a, F(Infinity)));
    const grows = v128.not(v128.xor(zero, f32x4.lt(y, F(0.0))));
    r = sel(extreme, v128.and(grows, F(Infinity)), r);
    const half = f32x4.mul(y, F(0.5));
    const whole = f32x4.eq(f32x4.trunc(y), y);
    // A denormal y is no integer, so that its half may round.
    const odd = v128.and(whole, f32x4.ne(f32x4.trunc(half), half));
    r = v128.or(r, v128.and(odd, signOf(x)));
    const invalid = v128.andnot(v128.and(f32x4.lt(x, F(0.0)), f32x4.gt(x, F(-Infinity))), whole);
    r = v128.or(r, v128.and(invalid, F(NaN)));
    r = sel(v128.or(f32x4.ne(x, x), f32x4.ne(y, y)), F(NaN), r);
    r = sel(v128.or(f32x4.eq(y, F(0.0)), f32x4.eq(x, F(1.0))), F(1.0), r);
  }
  return r;
}
