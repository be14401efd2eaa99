// Stencil pow in f64: y·log x as a sum of two floats (Dekker 1971), then exp. The products are split by hand
// also in the relaxed build, whose multiply-add need not be fused.
import { D, fmad, seld, signOfD } from "./support";
import { exponentFloatD, exponentOfD, expm1PolynomialD, mantissaD, powerOfTwo, reducedByD } from "./double-exponential";

/** The upper half of a float's digits. */
/** @inline */
function upperDigits(a: v128): v128 {
  const c = f64x2.mul(a, D(134217729.0));
  return f64x2.sub(c, f64x2.sub(c, a));
}

/** What a·b lost by rounding to `product`. */
/** @inline */
function productError(a: v128, b: v128, product: v128): v128 {
  const ah = upperDigits(a);
  const al = f64x2.sub(a, ah);
  const bh = upperDigits(b);
  const bl = f64x2.sub(b, bh);
  let error = f64x2.sub(f64x2.mul(ah, bh), product);
  error = f64x2.add(error, f64x2.mul(ah, bl));
  error = f64x2.add(error, f64x2.mul(al, bh));
  return f64x2.add(error, f64x2.mul(al, bl));
}

// C's pow: x^0 = 1^y = 1 even for NaN; a negative x needs an integral y, whose parity gives the sign.
export function pow_f64(x: v128, y: v128): v128 {
  const a = f64x2.abs(x);
  const denormal = f64x2.lt(a, D(2.2250738585072014e-308));
  const normal = seld(denormal, f64x2.mul(a, D(18014398509481984.0)), a);
  const k = f64x2.sub(exponentFloatD(normal), v128.and(denormal, D(54.0)));
  const f = f64x2.sub(mantissaD(normal), D(1.0));
  // s = f / (2 + f) and what its rounding lost.
  const d = f64x2.add(f, D(2.0));
  const dLow = f64x2.sub(f, f64x2.sub(d, D(2.0)));
  const s = f64x2.div(f, d);
  const sd = f64x2.mul(s, d);
  const remainder = f64x2.sub(f64x2.sub(f64x2.sub(f, sd), productError(s, d, sd)), f64x2.mul(s, dLow));
  const sLow = f64x2.div(remainder, d);
  // log(1 + f) = 2·s + s·(z·(2/3 + z·R)), z = s².
  const z = f64x2.mul(s, s);
  const zLow = f64x2.add(productError(s, s, z), f64x2.mul(f64x2.add(s, s), sLow));
  let r = fmad(D(0.11990998537820277), z, D(0.11674583756163297));
  r = fmad(r, z, D(0.13336328759974478));
  r = fmad(r, z, D(0.15384556583526127));
  r = fmad(r, z, D(0.1818181887439352));
  r = fmad(r, z, D(0.22222222217504586));
  r = fmad(r, z, D(0.28571428571445234));
  r = fmad(r, z, D(0.3999999999999998));
  r = f64x2.mul(r, z);
  const c = f64x2.add(r, D(0.6666666666666666));
  const cLow = f64x2.add(f64x2.sub(r, f64x2.sub(c, D(0.6666666666666666))), D(3.7007434154171885e-17));
  const zc = f64x2.mul(z, c);
  const zcLow = f64x2.add(productError(z, c, zc), fmad(z, cLow, f64x2.mul(zLow, c)));
  const m = f64x2.mul(s, zc);
  const mLow = f64x2.add(productError(s, zc, m), fmad(s, zcLow, f64x2.mul(sLow, zc)));
  // k·ln 2 + 2·s + m; the high part of ln 2 has 33 digits, so that its product is exact.
  const twice = f64x2.add(s, s);
  const kl = f64x2.mul(k, D(6.9314718036912381649e-1));
  const sum1 = f64x2.add(kl, twice);
  const b1 = f64x2.sub(sum1, kl);
  const lost1 = f64x2.add(f64x2.sub(kl, f64x2.sub(sum1, b1)), f64x2.sub(twice, b1));
  const sum2 = f64x2.add(sum1, m);
  const lost2 = f64x2.add(f64x2.sub(sum1, sum2), m);
  const kLow = f64x2.mul(k, D(1.90821492927058781614e-10));
  const kLowError = productError(k, D(1.90821492927058781614e-10), kLow);
  const small = f64x2.add(f64x2.add(f64x2.add(sLow, sLow), mLow), f64x2.add(lost1, f64x2.add(lost2, kLowError)));
  const sum3 = f64x2.add(sum2, kLow);
  const b3 = f64x2.sub(sum3, sum2);
  const lost3 = f64x2.add(f64x2.sub(sum2, f64x2.sub(sum3, b3)), f64x2.sub(kLow, b3));
  const rest = f64x2.add(small, lost3);
  const log = f64x2.add(sum3, rest);
  const logLow = f64x2.add(f64x2.sub(sum3, log), rest);
  // Larger exponents overflow in any case, unless x = 1.
  const bounded = f64x2.pmax(f64x2.pmin(y, D(1e250)), D(-1e250));
  const p = f64x2.mul(bounded, log);
  const pLow = fmad(bounded, logLow, productError(bounded, log, p));
  const q = f64x2.pmax(f64x2.pmin(p, D(710.0)), D(-746.0));
  const t = exponentOfD(q);
  const n = f64x2.sub(t, D(6755399441055744.0));
  const u = f64x2.add(f64x2.floor(f64x2.mul(n, D(0.5))), D(6755399441055744.0));
  const v = f64x2.add(f64x2.sub(n, f64x2.sub(u, D(6755399441055744.0))), D(6755399441055744.0));
  const g = f64x2.add(reducedByD(t, q), v128.and(f64x2.eq(p, q), pLow));
  const e = f64x2.add(expm1PolynomialD(g), D(1.0));
  let result = f64x2.mul(f64x2.mul(e, powerOfTwo(u, 0)), powerOfTwo(v, 0));
  const plain = v128.and(f64x2.gt(x, D(0.0)), f64x2.lt(x, D(Infinity)));
  if (!i64x2.all_true(v128.and(plain, f64x2.eq(y, y)))) {
    const zero = f64x2.eq(a, D(0.0));
    const extreme = v128.or(zero, f64x2.eq(a, D(Infinity)));
    const grows = v128.not(v128.xor(zero, f64x2.lt(y, D(0.0))));
    result = seld(extreme, v128.and(grows, D(Infinity)), result);
    const half = f64x2.mul(y, D(0.5));
    const whole = f64x2.eq(f64x2.trunc(y), y);
    const odd = v128.and(whole, f64x2.ne(f64x2.trunc(half), half));
    result = v128.or(result, v128.and(odd, signOfD(x)));
    const invalid = v128.andnot(v128.and(f64x2.lt(x, D(0.0)), f64x2.gt(x, D(-Infinity))), whole);
    result = v128.or(result, v128.and(invalid, D(NaN)));
    result = seld(v128.or(f64x2.ne(x, x), f64x2.ne(y, y)), D(NaN), result);
    result = seld(v128.or(f64x2.eq(y, D(0.0)), f64x2.eq(x, D(1.0))), D(1.0), result);
  }
  return result;
}
