// sin, cos and atan2 in WGSL. Reduction by π/2 in four parts to |x| = 4096, beyond that with the bits of 2/π in u32
// (Payne and Hanek 1983), so that every finite argument is served. Polynomials: Cephes sinf, cosf and atanf.
import type { Helpers } from "./registry.ts";
import { helper } from "./registry.ts";

export const TRIGONOMETRIC = {
  // x = quadrant·π/2 + angle + rest
  Reduction: helper(`struct Reduction { angle: f32, rest: f32, quadrant: u32 }`),
  reduceNear: helper(
    `
fn reduceNear(x: f32) -> Reduction {
  let n = round(x * 0.63661977);
  let a = opaque(x - opaque(n * 1.5703125));
  let b = opaque(a - opaque(n * 0.0004837512969970703125));
  let w = opaque(n * 7.549533620476723e-8);
  let r = opaque(b - w);
  return Reduction(r, (opaque(b - r) - w) - n * 2.5633440682570896e-12, bitcast<u32>(i32(n)) & 3u);
}`,
    "Reduction",
    "opaque",
  ),
  reduceFar: helper(
    `
fn reduceFar(x: f32) -> Reduction {
  var table = array<u32, 9>(0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu, 0xdebbc561u);
  let bits = bitcast<u32>(x);
  let m = (bits & 0x7fffffu) | 0x800000u;
  // the window of 2/π whose first bit weighs two quadrants: bits before it make multiples of four
  let start = ((bits >> 23u) & 255u) - 120u;
  let k = start >> 5u;
  let left = start & 31u;
  let right = 31u - left;
  let w0 = (table[k] << left) | ((table[k + 1u] >> 1u) >> right);
  let w1 = (table[k + 1u] << left) | ((table[k + 2u] >> 1u) >> right);
  let w2 = (table[k + 2u] << left) | ((table[k + 3u] >> 1u) >> right);
  let h2 = mulHigh(m, w2);
  var p2 = m * w2;
  var p1 = m * w1 + h2;
  var p0 = m * w0 + mulHigh(m, w1) + select(0u, 1u, p1 < h2);
  let quadrant = (p0 + 0x20000000u) >> 30u;
  p0 -= quadrant << 30u;
  // the rest as sign and magnitude, its leading one moved to the top
  let below = p0 >> 31u == 1u;
  if (below) { p0 = ~p0; p1 = ~p1; p2 = ~p2; }
  var exponent = 97u;
  if (p0 == 0u) { p0 = p1; p1 = p2; p2 = 0u; exponent -= 32u; }
  let shift = min(countLeadingZeros(p0), 31u);
  let top = (p0 << shift) | ((p1 >> 1u) >> (31u - shift));
  let next = (p1 << shift) | ((p2 >> 1u) >> (31u - shift));
  exponent -= shift;
  // times π/2 in parts of twelve bits
  let a = f32(top >> 20u) * 1048576.0;
  let b = f32(top & 0xfffffu) + f32(next >> 8u) * 5.9604645e-8;
  let high = opaque(a * 1.5703125);
  let low = a * 4.8382679e-4 + b * 1.57079637;
  let angle = opaque(high + low);
  let scale = bitcast<f32>(exponent << 23u);
  let negative = below != (bits >> 31u == 1u);
  let sign = select(1.0, -1.0, negative);
  return Reduction(
    angle * scale * sign,
    (low - opaque(angle - high)) * scale * sign,
    select(quadrant, 0u - quadrant, bits >> 31u == 1u) & 3u
  );
}`,
    "Reduction",
    "mulHigh",
    "opaque",
  ),
  sineOf: helper(
    `
fn sineOf(x: f32, turn: u32) -> f32 {
  var r = Reduction(x, 0.0, 0u);
  let magnitude = bitcast<u32>(x) & 0x7fffffffu;
  if (magnitude >= 0x7f800000u) { return P.nan; }
  if (magnitude > 0x45800000u) { r = reduceFar(x); }
  else if (magnitude > 0x3f490fdau) { r = reduceNear(x); }
  let q = r.quadrant + turn;
  let z = r.angle * r.angle;
  var y = 0.0;
  if ((q & 1u) == 0u) {
    var s = -1.9515295891e-4;
    s = s * z + 8.3321608736e-3;
    s = s * z + -1.6666654611e-1;
    y = r.angle + (s * z * r.angle + r.rest);
  } else {
    var c = 2.443315711809948e-5;
    c = c * z + -1.388731625493765e-3;
    c = c * z + 4.166664568298827e-2;
    y = 1.0 - (0.5 * z - (c * z * z - r.angle * r.rest));
  }
  return bitcast<f32>(bitcast<u32>(y) ^ ((q & 2u) << 30u));
}`,
    "Reduction",
    "reduceFar",
    "reduceNear",
  ),
  sin_f32: helper(
    `
fn sin_f32(x: f32) -> f32 {
  if (abs_f32(x) < 1e-4) { return x; }
  return sineOf(x, 0u);
}`,
    "sineOf",
    "abs_f32",
  ),
  cos_f32: helper(`fn cos_f32(x: f32) -> f32 { return sineOf(x, 1u); }`, "sineOf"),
  // the angle is base + σ·arctan t, where base is a multiple of π/4 in two parts
  atan2_f32: helper(
    `
fn atan2_f32(y: f32, x: f32) -> f32 {
  if (isNan(x) || isNan(y)) { return P.nan; }
  var ax = abs_f32(x);
  var ay = abs_f32(y);
  let infinite = bitcast<u32>(min(ax, ay)) == 0x7f800000u;
  let swapped = bitcast<u32>(ay) > bitcast<u32>(ax);
  var large = select(ax, ay, swapped);
  var small = select(ay, ax, swapped);
  let top = bitcast<u32>(large);
  if (top > 0x71800000u) { large *= 5.421010862427522e-20; small *= 5.421010862427522e-20; }
  else if (top < 0x0d800000u) { large *= 1.8446744073709552e19; small *= 1.8446744073709552e19; }
  let far = infinite || small > large * 0.41421356;
  var t = 0.0;
  if (!infinite && top >= 0x800000u && top != 0x7f800000u) {
    t = div_f32(select(small, small - large, far), select(large, small + large, far));
  }
  let z = t * t;
  var p = 8.05374449538e-2;
  p = p * z + -1.38776856032e-1;
  p = p * z + 1.99777106478e-1;
  p = p * z + -3.33329491539e-1;
  let angle = p * z * t + t;
  let left = bitcast<u32>(x) >> 31u == 1u;
  // in eighths of a turn
  let octant = select(select(0u, 2u, swapped), 1u, far);
  let eighths = select(octant, 4u - octant, left);
  let against = swapped != left;
  let base = f32(eighths) * 0.785398185;
  let rest = f32(eighths) * -2.1855694e-8;
  let result = base + (select(angle, -angle, against) + rest);
  return withSign(select(result, angle, eighths == 0u), y);
}`,
    "isNan",
    "abs_f32",
    "div_f32",
    "withSign",
  ),
} as const satisfies Helpers;
