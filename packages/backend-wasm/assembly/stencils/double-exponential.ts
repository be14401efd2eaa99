// Stencils of exponentials and logarithms in f64: exp, expm1, log, log1p, logistic, tanh. Polynomials:
// minimax fits for the exponentials, FreeBSD msun's e_log.c (Sun Microsystems, 1993) for the logarithms.
// Refuses integer exponent tricks where a NaN could pass through them.
import { D, L, fmad, nfmad, seld, signOfD } from "./support";

/** The nearest integer to x / ln 2, held in the low mantissa bits. */
/** @inline */
export function exponentOfD(x: v128): v128 {
  return fmad(x, D(1.4426950408889634), D(6755399441055744.0));
}

/** x minus that integer times ln 2, which is split into two parts. */
/** @inline */
export function reducedByD(t: v128, x: v128): v128 {
  const n = f64x2.sub(t, D(6755399441055744.0));
  return nfmad(n, D(1.90821492927058770002e-10), nfmad(n, D(6.9314718036912381649e-1), x));
}

/** 2^n for an exponent as `exponentOfD` gives it, plus `more`. */
/** @inline */
export function powerOfTwo(t: v128, more: i64): v128 {
  return i64x2.shl(i64x2.add(t, L(1023 + more)), 52);
}

/** e^r − 1 for |r| ≤ ln 2 / 2. */
/** @inline */
export function expm1PolynomialD(r: v128): v128 {
  const square = f64x2.mul(r, r);
  let pOdd = fmad(D(2.5109179064460603e-8), square, D(2.7557243844089765e-6));
  pOdd = fmad(pOdd, square, D(1.98412698864433038e-4));
  pOdd = fmad(pOdd, square, D(8.33333333332152498e-3));
  pOdd = fmad(pOdd, square, D(0.166666666666666767));
  let p = fmad(D(2.09351763688159341e-9), square, D(2.75572107142369189e-7));
  p = fmad(p, square, D(2.48015873947939262e-5));
  p = fmad(p, square, D(1.38888888888512329e-3));
  p = fmad(p, square, D(4.1666666666666729e-2));
  p = fmad(p, square, D(0.5));
  p = fmad(pOdd, r, p);
  return fmad(p, square, r);
}

/** e^x where neither it nor the scale leaves the normal numbers. */
/** @inline */
export function expNormalD(x: v128): v128 {
  const t = exponentOfD(x);
  const p = f64x2.add(expm1PolynomialD(reducedByD(t, x)), D(1.0));
  return f64x2.mul(p, powerOfTwo(t, 0));
}

/** @inline */
function exponentialD(x: v128): v128 {
  let y = expNormalD(x);
  if (!i64x2.all_true(f64x2.lt(f64x2.abs(x), D(708.0)))) {
    const c = f64x2.pmax(f64x2.pmin(x, D(710.0)), D(-746.0)); // NaN passes through
    const t = exponentOfD(c);
    const n = f64x2.sub(t, D(6755399441055744.0));
    const u = f64x2.add(f64x2.floor(f64x2.mul(n, D(0.5))), D(6755399441055744.0));
    const v = f64x2.add(f64x2.sub(n, f64x2.sub(u, D(6755399441055744.0))), D(6755399441055744.0));
    const p = f64x2.add(expm1PolynomialD(reducedByD(t, c)), D(1.0));
    y = f64x2.mul(f64x2.mul(p, powerOfTwo(u, 0)), powerOfTwo(v, 0));
  }
  return y;
}

export function exp_f64(x: v128): v128 {
  return exponentialD(x);
}

// 2^n·(e^r − 1) + (2^n − 1): nothing cancels, and n = 0 leaves the polynomial alone.
/** @inline */
function expm1D(c: v128): v128 {
  const t = exponentOfD(c);
  const p = expm1PolynomialD(reducedByD(t, c));
  const scale = powerOfTwo(t, 0);
  return fmad(scale, p, f64x2.sub(scale, D(1.0)));
}

export function expm1_f64(x: v128): v128 {
  let y = expm1D(f64x2.pmax(x, D(-40.0)));
  const large = f64x2.gt(x, D(709.0));
  if (v128.any_true(large)) {
    const d = f64x2.pmin(x, D(710.0));
    const t = exponentOfD(d);
    const p = f64x2.add(expm1PolynomialD(reducedByD(t, d)), D(1.0));
    const e = f64x2.mul(p, powerOfTwo(t, -1));
    y = seld(large, f64x2.add(e, e), y);
  }
  return v128.or(y, signOfD(x));
}

export function logistic_f64(x: v128): v128 {
  const e = exponentialD(f64x2.neg(f64x2.abs(x)));
  const numerator = seld(f64x2.lt(x, D(0.0)), e, D(1.0));
  const sum = f64x2.add(D(1.0), e);
  const quotient = f64x2.div(numerator, sum);
  return nfmad(quotient, f64x2.sub(e, f64x2.sub(sum, D(1.0))), quotient); // what the sum lost is put back
}

export function tanh_f64(x: v128): v128 {
  const a = f64x2.abs(x);
  const t = expm1D(f64x2.pmin(f64x2.add(a, a), D(44.0)));
  const small = f64x2.lt(a, D(1.0));
  const q = f64x2.div(seld(small, t, D(2.0)), f64x2.add(t, D(2.0)));
  return v128.or(seld(small, q, f64x2.sub(D(1.0), q)), signOfD(x));
}

/** Exponent, as a float, of a positive normal number whose mantissa is to lie in [√½, √2). */
/** @inline */
export function exponentFloatD(x: v128): v128 {
  const bits = i64x2.add(x, L(0x3ff0000000000000 - 0x3fe6a09e00000000));
  return f64x2.sub(v128.or(i64x2.shr_u(bits, 52), D(4503599627370496.0)), D(4503599627371519.0));
}

/** That mantissa. */
/** @inline */
export function mantissaD(x: v128): v128 {
  const bits = i64x2.add(x, L(0x3ff0000000000000 - 0x3fe6a09e00000000));
  return i64x2.add(v128.and(bits, L(0x000fffffffffffff)), L(0x3fe6a09e00000000));
}

/** log(1 + f) + k·ln 2 for a mantissa 1 + f in [√½, √2). */
/** @inline */
export function logOfD(f: v128, k: v128): v128 {
  const s = f64x2.div(f, f64x2.add(f, D(2.0)));
  const z = f64x2.mul(s, s);
  const w = f64x2.mul(z, z);
  let rOdd = fmad(D(1.531383769920937332e-1), w, D(2.222219843214978396e-1));
  rOdd = fmad(rOdd, w, D(3.999999999940941908e-1));
  let r = fmad(D(1.479819860511658591e-1), w, D(1.818357216161805012e-1));
  r = fmad(r, w, D(2.857142874366239149e-1));
  r = fmad(r, w, D(6.66666666666673513e-1));
  r = fmad(rOdd, z, r);
  r = f64x2.mul(r, z);
  const half = f64x2.mul(f64x2.mul(f, f), D(0.5));
  const tail = fmad(s, f64x2.add(half, r), f64x2.mul(k, D(1.90821492927058770002e-10)));
  return fmad(k, D(6.9314718036912381649e-1), f64x2.sub(f, f64x2.sub(half, tail)));
}

/** log of a positive normal number; `adjust` is subtracted from the exponent. */
/** @inline */
export function logNormalD(x: v128, adjust: v128): v128 {
  return logOfD(f64x2.sub(mantissaD(x), D(1.0)), f64x2.sub(exponentFloatD(x), adjust));
}

export function log_f64(x: v128): v128 {
  let r = logNormalD(x, D(0.0));
  if (!i64x2.all_true(v128.and(f64x2.ge(x, D(2.2250738585072014e-308)), f64x2.lt(x, D(Infinity))))) {
    const denormal = f64x2.lt(x, D(2.2250738585072014e-308));
    r = logNormalD(seld(denormal, f64x2.mul(x, D(18014398509481984.0)), x), v128.and(denormal, D(54.0)));
    r = seld(f64x2.gt(x, D(0.0)), r, seld(f64x2.eq(x, D(0.0)), D(-Infinity), D(NaN)));
    r = seld(f64x2.eq(x, D(Infinity)), x, r);
  }
  return r;
}

// The rounding error of 1 + x, scaled as the mantissa, is put back into f.
export function log1p_f64(x: v128): v128 {
  const u = f64x2.add(D(1.0), x);
  const v = f64x2.sub(u, D(1.0));
  const c = f64x2.add(f64x2.sub(D(1.0), f64x2.sub(u, v)), f64x2.sub(x, v));
  const m = mantissaD(u);
  // m·2^−k·u: their quotient as bits is the scale.
  const scale = i64x2.add(i64x2.sub(m, u), L(0x3ff0000000000000));
  let r = logOfD(fmad(c, scale, f64x2.sub(m, D(1.0))), exponentFloatD(u));
  if (!i64x2.all_true(v128.and(f64x2.gt(x, D(-1.0)), f64x2.lt(x, D(1e300))))) {
    r = seld(f64x2.lt(x, D(1e300)), r, logNormalD(u, D(0.0)));
    r = seld(f64x2.gt(x, D(-1.0)), r, seld(f64x2.eq(x, D(-1.0)), D(-Infinity), D(NaN)));
    r = seld(f64x2.eq(x, D(Infinity)), x, r);
  }
  return seld(f64x2.eq(x, D(0.0)), x, r);
}
