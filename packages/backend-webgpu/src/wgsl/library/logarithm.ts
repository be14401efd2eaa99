// log, log1p and pow in WGSL. The polynomial of log is Cephes logf's (S. Moshier). pow carries log₂|x| in two floats,
// the first of twelve bits, so that every product that must be exact is (after Sun's e_powf.c; series of artanh).
import type { Helpers } from "./registry.ts";
import { helper } from "./registry.ts";

export const LOGARITHM = {
  // log(1 + f) + e·ln 2 for a mantissa 1 + f in [√½, √2)
  logOf: helper(`
fn logOf(f: f32, e: f32) -> f32 {
  let z = f * f;
  var p = 7.0376836292e-2;
  p = p * f + -1.1514610310e-1;
  p = p * f + 1.1676998740e-1;
  p = p * f + -1.2420140846e-1;
  p = p * f + 1.4249322787e-1;
  p = p * f + -1.6668057665e-1;
  p = p * f + 2.0000714765e-1;
  p = p * f + -2.4999993993e-1;
  p = p * f + 3.3333331174e-1;
  var y = p * f * z;
  y = e * -2.1219444e-4 + y;
  y = y - 0.5 * z;
  return (f + y) + e * 0.693359375;
}`),
  // bits of a positive number with an exponent, and how many powers of two were put in
  normalized: helper(`
fn normalized(bits: u32) -> vec2<u32> {
  let shift = select(0u, countLeadingZeros(bits) - 8u, bits < 0x800000u);
  return vec2<u32>(bits << shift, shift);
}`),
  exponentOf: helper(`fn exponentOf(bits: u32) -> i32 { return bitcast<i32>(bits - 0x3f3504f3u) >> 23u; }`),
  logPositive: helper(
    `
fn logPositive(x: f32) -> f32 {
  let n = normalized(bitcast<u32>(x));
  let e = exponentOf(n.x);
  let m = bitcast<f32>(n.x - (bitcast<u32>(e) << 23u));
  return logOf(m - 1.0, f32(e) - f32(n.y));
}`,
    "normalized",
    "exponentOf",
    "logOf",
  ),
  log_f32: helper(
    `
fn log_f32(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  if ((bits & 0x7fffffffu) == 0u) { return -P.inf; }
  if (bits >= 0x7f800000u) { return select(P.nan, x, bits == 0x7f800000u); }
  return logPositive(x);
}`,
    "logPositive",
  ),
  // what 1 + x lost is put back into the mantissa
  log1p_f32: helper(
    `
fn log1p_f32(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  if ((bits & 0x7fffffffu) < 0x33000000u || bits == 0x7f800000u) { return x; }
  if (bits == 0xbf800000u) { return -P.inf; }
  if (isNan(x) || bits > 0xbf800000u) { return P.nan; }
  let u = opaque(1.0 + x);
  let whole = opaque(u - select(1.0, x, x >= 1.0));
  let lost = select(select(x, 1.0, x >= 1.0) - whole, 0.0, x > 3e7);
  let e = exponentOf(bitcast<u32>(u));
  let m = bitcast<f32>(bitcast<u32>(u) - (bitcast<u32>(e) << 23u));
  let f = (m - 1.0) + lost * bitcast<f32>(bitcast<u32>(127 - min(e, 126)) << 23u);
  return logOf(f, f32(e));
}`,
    "isNan",
    "opaque",
    "exponentOf",
    "logOf",
  ),
  // log₂ of a positive number as (leading, rest)
  log2Pair: helper(
    `
fn log2Pair(x: f32) -> vec2<f32> {
  let n = normalized(bitcast<u32>(x));
  let e = exponentOf(n.x);
  let m = bitcast<f32>(n.x - (bitcast<u32>(e) << 23u));
  let k = f32(e) - f32(n.y);
  let f = opaque(m - 1.0);
  // s = f / (m + 1): its leading bits, and the rest from the exact remainder
  let g = opaque(m + 1.0);
  let gh = leading(g);
  let gl = m - opaque(gh - 1.0);
  let s = f / g;
  let sh = leading(s);
  let sl = (opaque(f - sh * gh) - sh * gl) / g;
  let z = s * s;
  // log m = ⅔·s·(3 + s² + r)
  var r = 0.2307692308;
  r = r * z + 0.2727272727;
  r = r * z + 0.3333333333;
  r = r * z + 0.4285714286;
  r = r * z + 0.6;
  r = r * z * z + sl * (sh + s);
  let sh2 = opaque(sh * sh);
  let th = leading(opaque(3.0 + sh2) + r);
  let tl = r - opaque(opaque(th - 3.0) - sh2);
  let u = opaque(sh * th);
  let v = sl * th + tl * s;
  let ph = leading(u + v);
  let pl = v - opaque(ph - u);
  // times 2 / (3·ln 2)
  let zh = opaque(0.961669921875 * ph);
  let zl = 1.2677205086220056e-4 * ph + pl * 0.9617967;
  let high = leading(opaque(zh + zl) + k);
  return vec2<f32>(high, zl - opaque(opaque(high - k) - zh));
}`,
    "normalized",
    "exponentOf",
    "leading",
    "opaque",
  ),
  // |x|^y for positive finite x and finite y
  powPositive: helper(
    `
fn powPositive(x: f32, y: f32) -> f32 {
  let l = log2Pair(x);
  let yh = leading(y);
  let rest = (y - yh) * l.x + y * l.y;
  let high = opaque(yh * l.x);
  let z = high + rest;
  if (z >= 128.0) { return P.inf; }
  if (z < -151.0) { return 0.0; }
  let n = round(z);
  let f = opaque(high - n) + rest;
  return scaled(1.0 + expPolynomial(f * 0.69314718), i32(n));
}`,
    "log2Pair",
    "leading",
    "opaque",
    "scaled",
    "expPolynomial",
  ),
  // C's pow: x^0 = 1^y = 1 even for NaN; a negative x needs a whole y, whose parity gives the sign
  pow_f32: helper(
    `
fn pow_f32(x: f32, y: f32) -> f32 {
  let bx = bitcast<u32>(x);
  let ax = bx & 0x7fffffffu;
  let by = bitcast<u32>(y);
  let ay = by & 0x7fffffffu;
  if (ay == 0u || bx == 0x3f800000u) { return 1.0; }
  if (ax > 0x7f800000u || ay > 0x7f800000u) { return P.nan; }
  let negative = by != ay;
  // bits of y below its point, and the one at it
  let exponent = i32(ay >> 23u) - 127;
  let mantissa = (ay & 0x7fffffu) | 0x800000u;
  let point = u32(clamp(23 - exponent, 0, 24));
  let whole = exponent >= 24 || (exponent >= 0 && (mantissa & ((1u << point) - 1u)) == 0u);
  let odd = whole && exponent < 24 && ((mantissa >> point) & 1u) == 1u;
  let sign = select(0u, bx & 0x80000000u, odd);
  if (ay == 0x7f800000u) {
    if (ax == 0x3f800000u) { return 1.0; }
    return select(0.0, P.inf, (ax > 0x3f800000u) != negative);
  }
  if (ax == 0u || ax == 0x7f800000u)  {
    return bitcast<f32>(sign | select(0u, bitcast<u32>(P.inf), (ax != 0u) != negative));
  }
  if (bx != ax && !whole) { return P.nan; }
  if (ax == 0x3f800000u) { return bitcast<f32>(sign | 0x3f800000u); }
  // far beyond these every result over- or underflows, and products stay finite
  let bounded = clamp(y, -4.0e9, 4.0e9);
  return bitcast<f32>(sign | bitcast<u32>(powPositive(bitcast<f32>(ax), bounded)));
}`,
    "powPositive",
  ),
} as const satisfies Helpers;
