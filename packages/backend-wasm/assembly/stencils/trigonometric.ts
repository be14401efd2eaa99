// Stencils sin, cos and atan2 in f32. Reduction by π/2: in f32 to 1e4, in float64 to 2^31, beyond that with
// the bits of 2/π (Payne and Hanek 1983), so every finite argument is served. Polynomials: Cephes sinf.
import { D, F, I, L, fma, fmad, high, joinLow, nfma, sel, seld, signOf, signOfD } from "./support";

/** @inline */
function quadrantOf(x: v128): v128 {
  return f64x2.nearest(f64x2.mul(x, D(0.63661977236758134308)));
}

/** x − n·π/2 with π/2 in parts of 24 bits and less, exact products for |n| < 2^31. */
/** @inline */
function reduceHalf(x: v128, n: v128): v128 {
  let r = f64x2.sub(x, f64x2.mul(n, D(1.5707964897155762)));
  r = f64x2.sub(r, f64x2.mul(n, D(-1.6292068494294654e-7)));
  r = f64x2.sub(r, f64x2.mul(n, D(5.390302529957765e-15)));
  return f64x2.sub(r, f64x2.mul(n, D(3.2820035428735005e-22)));
}

/** Bits 64·i … 64·i + 63 of 2/π after the binary point. */
/** @inline */
function twoOverPi(i: i32): i64 {
  if (i == 0) return 0xa2f9836e4e441529;
  if (i == 1) return 0xfc2757d1f534ddc0;
  if (i == 2) return 0xdb6295993c439041;
  return 0xfe5163abdebbc561;
}

/** The fraction of a quadrant, as a signed 64-bit fraction, and the quadrant, for a mantissa times 2^exponent. */
/** @inline */
function quadrants(mantissa: i64, exponent: i32): i64 {
  // Higher bits of 2/π make multiples of 4 quadrants, lower ones do not matter.
  const start = exponent - 2;
  const shift = <i64>(start & 63);
  const w0 = twoOverPi(start >> 6);
  const w1 = twoOverPi((start >> 6) + 1);
  const w2 = twoOverPi((start >> 6) + 2);
  const first = (w0 << shift) | ((w1 >>> 1) >>> (63 - shift));
  const second = (w1 << shift) | ((w2 >>> 1) >>> (63 - shift));
  return mantissa * first + ((mantissa * (second >>> 32)) >>> 32);
}

/** @inline */
function sinCos(x: v128, offset: i32): v128 {
  const t = fma(x, F(0.63661977236758134308), F(12582912.0));
  const n = f32x4.sub(t, F(12582912.0));
  let q = t;
  let r = nfma(n, F(1.5703125), x);
  r = nfma(n, F(0.0004837512969970703), r);
  const w = f32x4.mul(n, F(7.549533620476723e-8));
  const r2 = r;
  r = f32x4.sub(r2, w);
  let low = nfma(n, F(2.5633440682570896e-12), f32x4.sub(f32x4.sub(r2, r), w));
  if (v128.any_true(f32x4.gt(f32x4.abs(x), F(10000.0)))) {
    const xl = f64x2.promote_low_f32x4(x);
    const xh = f64x2.promote_low_f32x4(high(x));
    const nl = quadrantOf(xl);
    const nh = quadrantOf(xh);
    let rl = reduceHalf(xl, nl);
    let rh = reduceHalf(xh, nh);
    q = joinLow(i32x4.trunc_sat_f64x2_s_zero(nl), i32x4.trunc_sat_f64x2_s_zero(nh));
    if (v128.any_true(f32x4.gt(f32x4.abs(x), F(2147483648.0)))) {
      let rest = x;
      for (let lane = 0; lane < 4; lane++) {
        const bits = i32x4.extract_lane(rest, 0);
        const exponent = ((bits >>> 23) & 255) - 150;
        let reduced = rl;
        let quadrant = q;
        if (exponent > 7 && exponent < 105) {
          const product = quadrants(<i64>((bits & 0x7fffff) | 0x800000), exponent);
          // Round to the nearest quadrant: the remaining bits are a signed fraction.
          let count = <i32>((product + 0x2000000000000000) >>> 62);
          let angle = <f64>(product << 2) * 8.515303950216386e-20; // π/2 · 2^−64
          if (bits < 0) {
            count = -count;
            angle = -angle;
          }
          reduced = f64x2.replace_lane(reduced, 0, angle);
          quadrant = i32x4.replace_lane(quadrant, 0, count);
        }
        // Every lane gets its turn at position 0.
        rest = i32x4.shuffle(rest, rest, 1, 2, 3, 0);
        q = i32x4.shuffle(quadrant, quadrant, 1, 2, 3, 0);
        const swapped = i64x2.shuffle(reduced, rh, 1, 2);
        rh = i64x2.shuffle(rh, reduced, 1, 2);
        rl = swapped;
      }
    }
    r = sel(f32x4.eq(x, F(0.0)), x, joinLow(f32x4.demote_f64x2_zero(rl), f32x4.demote_f64x2_zero(rh)));
    const back = f64x2.sub(rl, f64x2.promote_low_f32x4(r));
    const backHigh = f64x2.sub(rh, f64x2.promote_low_f32x4(high(r)));
    low = joinLow(f32x4.demote_f64x2_zero(back), f32x4.demote_f64x2_zero(backHigh));
  }
  if (offset) q = i32x4.add(q, I(offset));
  const z = f32x4.mul(r, r);
  let s = fma(F(-1.9515295891e-4), z, F(8.3321608736e-3));
  s = fma(s, z, F(-1.6666654611e-1));
  s = f32x4.add(fma(f32x4.mul(s, z), r, low), r);
  s = v128.or(s, signOf(r)); // sin(−0) = −0
  let c = fma(F(2.443315711809948e-5), z, F(-1.388731625493765e-3));
  c = fma(c, z, F(4.166664568298827e-2));
  c = nfma(r, low, fma(f32x4.mul(c, z), z, f32x4.mul(z, F(-0.5))));
  c = f32x4.add(c, F(1.0));
  const odd = i32x4.shr_s(i32x4.shl(q, 31), 31);
  const sign = v128.and(i32x4.shl(q, 30), I(0x80000000));
  return v128.xor(sel(odd, c, s), sign);
}

export function sin_f32(x: v128): v128 {
  return sinCos(x, 0);
}

export function cos_f32(x: v128): v128 {
  return sinCos(x, 1);
}

/** The angle of (x, y) for one pair of float64 lanes, to 30 bits. */
/** @inline */
function angleHalf(y: v128, x: v128): v128 {
  const ax = f64x2.abs(x);
  const ay = f64x2.abs(y);
  const large = f64x2.pmax(ax, ay);
  const small = f64x2.pmin(ay, ax);
  // Above tan(π/8) the angle is taken from π/4 on.
  const infinite = f64x2.eq(small, D(Infinity));
  const far = v128.or(infinite, f64x2.gt(small, f64x2.mul(large, D(0.41421356237309503))));
  const numerator = f64x2.sub(small, v128.and(far, large));
  let t = f64x2.div(numerator, f64x2.add(large, v128.and(far, small)));
  t = seld(v128.or(infinite, f64x2.eq(large, D(0.0))), D(0.0), t);
  const z = f64x2.mul(t, t);
  let p = fmad(D(0.0474814812782652678), z, D(-0.084783485445199333));
  p = fmad(p, z, D(0.11045084157254612));
  p = fmad(p, z, D(-0.142820414309960395));
  p = fmad(p, z, D(0.199999051713027013));
  p = fmad(p, z, D(-0.333333325146024588));
  let a = f64x2.add(fmad(f64x2.mul(p, z), t, t), v128.and(far, D(0.78539816339744831)));
  a = seld(f64x2.gt(ay, ax), f64x2.sub(D(1.5707963267948966), a), a);
  a = seld(i64x2.lt_s(x, L(0)), f64x2.sub(D(3.141592653589793), a), a);
  a = v128.or(a, signOfD(y));
  return v128.or(a, v128.or(f64x2.ne(x, x), f64x2.ne(y, y)));
}

export function atan2_f32(y: v128, x: v128): v128 {
  const low = angleHalf(f64x2.promote_low_f32x4(y), f64x2.promote_low_f32x4(x));
  const upper = angleHalf(f64x2.promote_low_f32x4(high(y)), f64x2.promote_low_f32x4(high(x)));
  return joinLow(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(upper));
}
