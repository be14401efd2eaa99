// Bit tests, NaN-safe comparisons, rounding, and the total integer operations of SEMANTICS 5.2 in WGSL. Nothing here
// trusts an implementation with NaN: WGSL may assume that there is none, so every NaN is found by its bits.
import type { Helpers } from "./registry.ts";
import { helper } from "./registry.ts";

export const BASIC = {
  isNan: helper(`fn isNan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }`),
  // the compiler cannot know that P.zero is 0, so it cannot reassociate through this
  opaque: helper(`fn opaque(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) ^ P.zero); }`),
  signOf: helper(`fn signOf(x: f32) -> u32 { return bitcast<u32>(x) & 0x80000000u; }`),
  withSign: helper(
    `fn withSign(magnitude: f32, x: f32) -> f32 { return bitcast<f32>((bitcast<u32>(magnitude) & 0x7fffffffu) | signOf(x)); }`,
    "signOf",
  ),
  // the leading 12 bits: products of two such numbers are exact
  leading: helper(`fn leading(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & 0xfffff000u); }`),
  abs_f32: helper(`fn abs_f32(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & 0x7fffffffu); }`),
  // of kernels, with masks that the compiler cannot know: it would see x + −x
  neg_f32: helper(`fn neg_f32(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) ^ (0x80000000u ^ P.zero)); }`),
  magnitude_f32: helper(
    `fn magnitude_f32(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & (0x7fffffffu ^ P.zero)); }`,
  ),
  ordered: helper(
    `fn ordered(a: f32, b: f32) -> bool { return max(bitcast<u32>(a) & 0x7fffffffu, bitcast<u32>(b) & 0x7fffffffu) <= 0x7f800000u; }`,
  ),
  eq_f32: helper(`fn eq_f32(a: f32, b: f32) -> bool { return ordered(a, b) & (a == b); }`, "ordered"),
  ne_f32: helper(`fn ne_f32(a: f32, b: f32) -> bool { return !ordered(a, b) | (a != b); }`, "ordered"),
  lt_f32: helper(`fn lt_f32(a: f32, b: f32) -> bool { return ordered(a, b) & (a < b); }`, "ordered"),
  le_f32: helper(`fn le_f32(a: f32, b: f32) -> bool { return ordered(a, b) & (a <= b); }`, "ordered"),
  gt_f32: helper(`fn gt_f32(a: f32, b: f32) -> bool { return ordered(a, b) & (a > b); }`, "ordered"),
  ge_f32: helper(`fn ge_f32(a: f32, b: f32) -> bool { return ordered(a, b) & (a >= b); }`, "ordered"),
  // x > 0 in one comparison of bits, which no NaN passes
  positive_f32: helper(`fn positive_f32(x: f32) -> bool { return bitcast<u32>(x) - 1u < 0x7f800000u; }`),
  max_f32: helper(
    `fn max_f32(a: f32, b: f32) -> f32 { return select(select(b, a, a > b), select(b, a, isNan(a)), !ordered(a, b)); }`,
    "ordered",
    "isNan",
  ),
  min_f32: helper(
    `fn min_f32(a: f32, b: f32) -> f32 { return select(select(b, a, a < b), select(b, a, isNan(a)), !ordered(a, b)); }`,
    "ordered",
    "isNan",
  ),
  sign_f32: helper(
    `
fn sign_f32(x: f32) -> f32 {
  let magnitude = bitcast<u32>(x) & 0x7fffffffu;
  return select(bitcast<f32>(signOf(x) | 0x3f800000u), x, magnitude == 0u || magnitude > 0x7f800000u);
}`,
    "signOf",
  ),
  isFinite_f32: helper(`fn isFinite_f32(x: f32) -> bool { return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u; }`),
  // at 2^23 and above (infinities and NaN as well) every number is its own rounding
  isWhole: helper(`fn isWhole(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) >= 0x4b000000u; }`),
  floor_f32: helper(`fn floor_f32(x: f32) -> f32 { return select(floor(x), x, isWhole(x)); }`, "isWhole"),
  ceil_f32: helper(
    `fn ceil_f32(x: f32) -> f32 { return select(withSign(ceil(x), x), x, isWhole(x)); }`,
    "isWhole",
    "withSign",
  ),
  trunc_f32: helper(
    `fn trunc_f32(x: f32) -> f32 { return select(withSign(trunc(x), x), x, isWhole(x)); }`,
    "isWhole",
    "withSign",
  ),
  roundEven_f32: helper(
    `fn roundEven_f32(x: f32) -> f32 { return select(withSign(round(x), x), x, isWhole(x)); }`,
    "isWhole",
    "withSign",
  ),
  roundAway_f32: helper(
    `
fn roundAway_f32(x: f32) -> f32 {
  let a = abs(x);
  let t = trunc(a);
  return select(withSign(select(t, t + 1.0, opaque(a - t) >= 0.5), x), x, isWhole(x));
}`,
    "isWhole",
    "withSign",
    "opaque",
  ),
  // fmod by long division of the mantissas, eight bits a step: exact
  rem_f32: helper(
    `
fn rem_f32(x: f32, y: f32) -> f32 {
  let ax = bitcast<u32>(x) & 0x7fffffffu;
  let ay = bitcast<u32>(y) & 0x7fffffffu;
  if (ay == 0u || ax >= 0x7f800000u || ay > 0x7f800000u) { return P.nan; }
  if (ax < ay) { return x; }
  let ex = max(ax >> 23u, 1u);
  let ey = max(ay >> 23u, 1u);
  let my = (ay & 0x7fffffu) | select(0u, 0x800000u, ay >= 0x800000u);
  var m = ((ax & 0x7fffffu) | select(0u, 0x800000u, ax >= 0x800000u)) % my;
  var d = ex - ey;
  while (d > 0u && m != 0u) {
    let k = min(d, 8u);
    m = (m << k) % my;
    d -= k;
  }
  var bits = m;
  if (m != 0u) {
    let shift = countLeadingZeros(m) - 8u;
    if (shift < ey) { bits = ((m << shift) & 0x7fffffu) | ((ey - shift) << 23u); }
    else { bits = m << (ey - 1u); }
  }
  return bitcast<f32>(bits | signOf(x));
}`,
    "signOf",
  ),
  div_i32: helper(`fn div_i32(a: i32, b: i32) -> i32 { return select(a / b, -1, b == 0); }`),
  div_u32: helper(`fn div_u32(a: u32, b: u32) -> u32 { return select(a / b, 0xffffffffu, b == 0u); }`),
  rem_i32: helper(`fn rem_i32(a: i32, b: i32) -> i32 { return select(a % b, a, b == 0); }`),
  rem_u32: helper(`fn rem_u32(a: u32, b: u32) -> u32 { return select(a % b, a, b == 0u); }`),
  shiftLeft_u32: helper(`fn shiftLeft_u32(a: u32, b: u32) -> u32 { return select(a << (b & 31u), 0u, b > 31u); }`),
  shiftRightLogical_u32: helper(
    `fn shiftRightLogical_u32(a: u32, b: u32) -> u32 { return select(a >> (b & 31u), 0u, b > 31u); }`,
  ),
  shiftRightArithmetic_i32: helper(`fn shiftRightArithmetic_i32(a: i32, b: u32) -> i32 { return a >> min(b, 31u); }`),
  i32_f32: helper(
    `
fn i32_f32(x: f32) -> i32 {
  if (isNan(x)) { return 0; }
  if (x >= 2147483648.0) { return 2147483647; }
  if (x <= -2147483648.0) { return i32(-2147483648); }
  return i32(x);
}`,
    "isNan",
  ),
  u32_f32: helper(
    `
fn u32_f32(x: f32) -> u32 {
  if (isNan(x) || x <= 0.0) { return 0u; }
  if (x >= 4294967296.0) { return 4294967295u; }
  return u32(x);
}`,
    "isNan",
  ),
  // round to nearest, ties to even, whatever the implementation's own conversion does
  f32_u32: helper(
    `
fn f32_u32(x: u32) -> f32 {
  if (x < 0x1000000u) { return f32(x); }
  let shift = 8u - countLeadingZeros(x);
  let rest = x & ((1u << shift) - 1u);
  let half = 1u << (shift - 1u);
  var m = x >> shift;
  m += select(0u, 1u, rest > half || (rest == half && (m & 1u) == 1u));
  return f32(m) * f32(1u << shift);
}`,
  ),
  f32_i32: helper(
    `fn f32_i32(x: i32) -> f32 { return withSign(f32_u32(select(u32(x), 0u - u32(x), x < 0)), bitcast<f32>(x)); }`,
    "f32_u32",
    "withSign",
  ),
  // float16 by its bits, of normal numbers below the exponent 112 less; in integers, because builtins need not round to
  // even, may give anything beyond the largest half, and may flush those that are subnormal
  halfValue: helper(
    `
fn halfValue(half: u32) -> f32 {
  let magnitude = half & 0x7fffu;
  let number = select(magnitude << 13u, (magnitude << 13u) + 0x38000000u, magnitude < 0x7c00u);
  let unending = select(number, number | 0x7f800000u, magnitude >= 0x7c00u);
  let bits = select(unending, bitcast<u32>(f32(magnitude) * 5.9604644775390625e-08), magnitude < 0x400u);
  return bitcast<f32>(bits | ((half & 0x8000u) << 16u));
}`,
  ),
  halfBits: helper(
    `
fn halfBits(x: f32) -> u32 {
  let a = bitcast<u32>(x) & 0x7fffffffu;
  var half = min((a + ((a >> 13u) & 1u) + 0xfffu - 0x38000000u) >> 13u, 0x7c00u);
  if (a < 0x38800000u) {
    let shift = min(126u - (a >> 23u), 25u);
    let m = (a & 0x7fffffu) | 0x800000u;
    let rest = m & ((1u << shift) - 1u);
    let middle = 1u << (shift - 1u);
    half = m >> shift;
    half += select(0u, 1u, rest > middle || (rest == middle && (half & 1u) == 1u));
  }
  if (a > 0x7f800000u) { half = 0x7e00u; }
  return half | ((bitcast<u32>(x) >> 16u) & 0x8000u);
}`,
  ),
  mulHigh: helper(
    `
fn mulHigh(x: u32, y: u32) -> u32 {
  let a = x >> 16u; let b = x & 0xffffu;
  let c = y >> 16u; let d = y & 0xffffu;
  let ad = a * d;
  let bc = b * c;
  let middle = ((b * d) >> 16u) + (ad & 0xffffu) + (bc & 0xffffu);
  return a * c + (ad >> 16u) + (bc >> 16u) + (middle >> 16u);
}`,
  ),
  // Threefry-2x32 with 20 rounds (Salmon et al., 2011)
  threefry: helper(`
fn threefryMix(x: vec2<u32>, r: u32) -> vec2<u32> {
  let a = x.x + x.y;
  return vec2<u32>(a, ((x.y << r) | (x.y >> (32u - r))) ^ a);
}
fn threefry(k0: u32, k1: u32, c0: u32, c1: u32) -> vec2<u32> {
  let k2 = k0 ^ k1 ^ 0x1bd11bdau;
  var x = vec2<u32>(c0 + k0, c1 + k1);
  x = threefryMix(threefryMix(threefryMix(threefryMix(x, 13u), 15u), 26u), 6u) + vec2<u32>(k1, k2 + 1u);
  x = threefryMix(threefryMix(threefryMix(threefryMix(x, 17u), 29u), 16u), 24u) + vec2<u32>(k2, k0 + 2u);
  x = threefryMix(threefryMix(threefryMix(threefryMix(x, 13u), 15u), 26u), 6u) + vec2<u32>(k0, k1 + 3u);
  x = threefryMix(threefryMix(threefryMix(threefryMix(x, 17u), 29u), 16u), 24u) + vec2<u32>(k1, k2 + 4u);
  return threefryMix(threefryMix(threefryMix(threefryMix(x, 13u), 15u), 26u), 6u) + vec2<u32>(k2, k0 + 5u);
}`),
} as const satisfies Helpers;
