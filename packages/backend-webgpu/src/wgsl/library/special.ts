// erf, erfInv, square roots and quotients in WGSL. erf: minimax fits of erf(x)/x to 0.8 and of log erfc beyond (those
// of the WASM stencils). erfInv: Giles, "Approximating the erfinv function" (2011), single precision.
import type { Helpers } from "./registry.ts";
import { helper } from "./registry.ts";

/** What `sqrt` and `/` mean on an adapter whose own are within a unit. */
export const PLAIN = {
  sqrt_f32: helper(
    `
fn sqrt_f32(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  if ((bits & 0x7fffffffu) == 0u || bits == 0x7f800000u) { return x; }
  return select(sqrt(x), P.nan, bits > 0x7f800000u);
}`,
  ),
  quotient_f32: helper(`fn quotient_f32(a: f32, b: f32) -> f32 { return a / b; }`),
  div_f32: helper(`fn div_f32(a: f32, b: f32) -> f32 { return a / b; }`),
} as const satisfies Helpers;

/** The same with the exact remainder of a first guess divided once more. */
export const CORRECTED = {
  // a − q·b, exact products of halves
  remainder: helper(
    `
fn remainder(a: f32, q: f32, b: f32) -> f32 {
  let qh = leading(q);
  let ql = q - qh;
  let bh = leading(b);
  let bl = b - bh;
  return opaque(opaque(opaque(a - opaque(qh * bh)) - opaque(qh * bl)) - opaque(ql * bh)) - ql * bl;
}`,
    "leading",
    "opaque",
  ),
  quotient_f32: helper(
    `fn quotient_f32(a: f32, b: f32) -> f32 { let q = opaque(a / b); return q + remainder(a, q, b) / b; }`,
    "remainder",
    "opaque",
  ),
  // mantissas are divided in [1, 2) and the exponents put back, so that nothing on the way over- or underflows
  div_f32: helper(
    `
fn div_f32(a: f32, b: f32) -> f32 {
  let ea = (bitcast<u32>(a) >> 23u) & 255u;
  let eb = (bitcast<u32>(b) >> 23u) & 255u;
  if (ea == 0u || ea == 255u || eb == 0u || eb == 255u) { return a / b; }
  let q = quotient_f32(
    bitcast<f32>((bitcast<u32>(a) & 0x7fffffu) | 0x3f800000u),
    bitcast<f32>((bitcast<u32>(b) & 0x7fffffu) | 0x3f800000u)
  );
  let n = i32(ea) - i32(eb);
  let sign = (bitcast<u32>(a) ^ bitcast<u32>(b)) & 0x80000000u;
  let e = i32(bitcast<u32>(q) >> 23u) + n;
  if (e >= 255) { return bitcast<f32>(sign | bitcast<u32>(P.inf)); }
  if (e < -24) { return bitcast<f32>(sign); }
  let low = e < 1;
  let scaled = bitcast<f32>(bitcast<u32>(q) + (bitcast<u32>(select(n, n + 64, low)) << 23u));
  return bitcast<f32>(bitcast<u32>(scaled * select(1.0, 5.421010862427522e-20, low)) | sign);
}`,
    "quotient_f32",
  ),
  sqrt_f32: helper(
    `
fn sqrt_f32(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  if ((bits & 0x7fffffffu) == 0u || bits == 0x7f800000u) { return x; }
  if (bits > 0x7f800000u) { return P.nan; }
  let n = normalized(bits);
  // m in [1, 4), x = m·4^e
  let exponent = i32(n.x >> 23u) - i32(n.y) - 127;
  let m = bitcast<f32>((n.x & 0x7fffffu) | select(0x3f800000u, 0x40000000u, (exponent & 1) != 0));
  let s = opaque(sqrt(m));
  let y = s + remainder(m, s, s) / (2.0 * s);
  return y * bitcast<f32>(bitcast<u32>((exponent >> 1u) + 127) << 23u);
}`,
    "normalized",
    "opaque",
    "remainder",
  ),
} as const satisfies Helpers;

export const SPECIAL = {
  rsqrt_f32: helper(
    `
fn rsqrt_f32(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  if ((bits & 0x7fffffffu) == 0u) { return bitcast<f32>(bitcast<u32>(P.inf) | bits); }
  if (bits >= 0x7f800000u) { return select(P.nan, 0.0, bits == 0x7f800000u); }
  return quotient_f32(1.0, sqrt_f32(x));
}`,
    "sqrt_f32",
    "quotient_f32",
  ),
  erf_f32: helper(
    `
fn erf_f32(x: f32) -> f32 {
  let a = abs_f32(x);
  if (isNan(x)) { return x; }
  // .128·x would be flushed
  if (a < 1e-20) { return x * 1.1283792; }
  if (a < 0.8) {
    let z = x * x;
    var p = 9.20326165752e-5;
    p = p * z + -8.31422008e-4;
    p = p * z + 5.21428845601e-3;
    p = p * z + -2.68641236479e-2;
    p = p * z + 1.12837717029e-1;
    p = p * z + -3.76126382535e-1;
    // 2/√π less 1: the whole constant would round by half a unit
    return (p * z + 0.128379167095512574) * x + x;
  }
  let t = min(a, 4.0);
  var q = -7.07885287067e-6;
  q = q * t + 7.11175237107e-5;
  q = q * t + -7.76451618114e-5;
  q = q * t + -2.5869000286e-3;
  q = q * t + 2.21324130484e-2;
  q = q * t + -1.04762359381e-1;
  q = q * t + -6.35875835604e-1;
  q = q * t + -1.12849922398;
  return withSign(1.0 - exp_f32(q * t), x);
}`,
    "abs_f32",
    "isNan",
    "exp_f32",
    "withSign",
  ),
  erfInv_f32: helper(
    `
fn erfInv_f32(x: f32) -> f32 {
  let a = abs_f32(x);
  if (isNan(x) || a > 1.0) { return P.nan; }
  if (a == 1.0) { return withSign(P.inf, x); }
  // with x² rounded, as JAX and the WASM stencils have it: draws of normals are theirs
  let w = -log1p_f32(-opaque(a * a));
  var p = 0.0;
  if (w < 5.0) {
    let t = w - 2.5;
    p = 2.81022636e-8;
    p = p * t + 3.43273939e-7;
    p = p * t + -3.5233877e-6;
    p = p * t + -4.39150654e-6;
    p = p * t + 2.1858087e-4;
    p = p * t + -1.25372503e-3;
    p = p * t + -4.17768164e-3;
    p = p * t + 2.46640727e-1;
    p = p * t + 1.50140941;
  } else {
    let t = sqrt_f32(w) - 3.0;
    p = -2.00214257e-4;
    p = p * t + 1.00950558e-4;
    p = p * t + 1.34934322e-3;
    p = p * t + -3.67342844e-3;
    p = p * t + 5.73950773e-3;
    p = p * t + -7.6224613e-3;
    p = p * t + 9.43887047e-3;
    p = p * t + 1.00167406;
    p = p * t + 2.83297682;
  }
  return p * x;
}`,
    "abs_f32",
    "isNan",
    "withSign",
    "log1p_f32",
    "opaque",
    "sqrt_f32",
  ),
} as const satisfies Helpers;
