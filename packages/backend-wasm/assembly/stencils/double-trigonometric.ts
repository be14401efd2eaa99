// Stencils sin, cos and atan2 in f64. Reduction by π/2 in three steps to 2^20 (FreeBSD msun's
// e_rem_pio2.c), beyond that with the bits of 2/π (Payne and Hanek 1983), so every finite argument is
// served. Polynomials of sin and cos: msun's k_sin.c and k_cos.c (Sun Microsystems, 1993).
import { D, L, fmad, seld, signOfD } from "./support";

/** Bits 64·(i − 1) … 64·i − 1 of 2/π after the binary point; i = 0 gives the bits before it. */
/** @inline */
function twoOverPi(i: i32): i64 {
  switch (i) {
    case 0:
      return 0;
    case 1:
      return 0xa2f9836e4e441529;
    case 2:
      return 0xfc2757d1f534ddc0;
    case 3:
      return 0xdb6295993c439041;
    case 4:
      return 0xfe5163abdebbc561;
    case 5:
      return 0xb7246e3a424dd2e0;
    case 6:
      return 0x06492eea09d1921c;
    case 7:
      return 0xfe1deb1cb129a73e;
    case 8:
      return 0xe88235f52ebb4484;
    case 9:
      return 0xe99c7026b45f7e41;
    case 10:
      return 0x3991d639835339f4;
    case 11:
      return 0x9c845f8bbdf9283b;
    case 12:
      return 0x1ff897ffde05980f;
    case 13:
      return 0xef2f118b5a0a6d1f;
    case 14:
      return 0x6d367ecf27cb09b7;
    case 15:
      return 0x4f463f669e5fea2d;
    case 16:
      return 0x7527bac7ebe5f17b;
    case 17:
      return 0x3d0739f78a5292ea;
    case 18:
      return 0x6bfb5fb11f8d5d08;
    case 19:
      return 0x56033046fc7b6bab;
    default:
      return 0xf0cfbc209af4361d;
  }
}

/** The high 64 bits of the product of unsigned numbers. */
/** @inline */
function productHigh(a: i64, b: i64): i64 {
  const aLow = a & 0xffffffff;
  const aHigh = a >>> 32;
  const bLow = b & 0xffffffff;
  const bHigh = b >>> 32;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 32);
  const other = aLow * bHigh + (middle & 0xffffffff);
  return aHigh * bHigh + (middle >>> 32) + (other >>> 32);
}

/** sin or cos of the reduced argument y + low, chosen by quadrant (msun's kernels). */
/** @inline */
function kernel(y: v128, low: v128, quadrant: v128): v128 {
  const z = f64x2.mul(y, y);
  let s = fmad(D(1.58969099521155010221e-10), z, D(-2.50507602534068634195e-8));
  s = fmad(s, z, D(2.75573137070700676789e-6));
  s = fmad(s, z, D(-1.98412698298579493134e-4));
  s = fmad(s, z, D(8.33333333332248946124e-3));
  const v = f64x2.mul(z, y);
  // y − ((z·(low/2 − v·s) − low) + v/6)
  s = f64x2.sub(f64x2.mul(z, f64x2.sub(f64x2.mul(low, D(0.5)), f64x2.mul(v, s))), low);
  s = f64x2.sub(y, fmad(v, D(1.66666666666666324348e-1), s));
  s = v128.or(s, signOfD(y)); // sin(−0) = −0
  let c = fmad(D(-1.13596475577881948265e-11), z, D(2.0875723212981748279e-9));
  c = fmad(c, z, D(-2.75573143513906633035e-7));
  c = fmad(c, z, D(2.48015872894767294178e-5));
  c = fmad(c, z, D(-1.38888888888741095749e-3));
  c = fmad(c, z, D(4.16666666666666019037e-2));
  const half = f64x2.mul(z, D(0.5));
  const w = f64x2.sub(D(1.0), half);
  const lost = f64x2.sub(f64x2.sub(D(1.0), w), half);
  c = f64x2.sub(f64x2.mul(f64x2.mul(c, z), z), f64x2.mul(y, low));
  c = f64x2.add(w, f64x2.add(lost, c));
  const odd = i64x2.ne(v128.and(quadrant, L(1)), L(0));
  return v128.xor(seld(odd, c, s), v128.and(i64x2.shl(quadrant, 62), L(0x8000000000000000)));
}

/** @inline */
function sinCosD(x: v128, offset: i64): v128 {
  const t = f64x2.add(f64x2.mul(x, D(0.63661977236758138)), D(6755399441055744.0));
  const n = f64x2.sub(t, D(6755399441055744.0));
  let quadrant = t;
  // Products of n and the parts of π/2 (33 bits each) are exact; the sums carry their errors along.
  const a = f64x2.sub(x, f64x2.mul(n, D(1.57079632673412561417)));
  const b = f64x2.mul(n, D(6.0771005063039659766e-11));
  const r = f64x2.sub(a, b);
  const br = f64x2.sub(a, r);
  const error1 = f64x2.add(f64x2.sub(a, f64x2.add(r, br)), f64x2.sub(br, b));
  const c = f64x2.mul(n, D(2.0222662487111664558e-21));
  let y = f64x2.sub(r, c);
  const bc = f64x2.sub(r, y);
  const error2 = f64x2.add(f64x2.sub(r, f64x2.add(y, bc)), f64x2.sub(bc, c));
  let low = f64x2.add(error1, f64x2.sub(error2, f64x2.mul(n, D(8.47842766036889956997e-32))));
  const sum = f64x2.add(y, low);
  low = f64x2.add(f64x2.sub(y, sum), low);
  y = v128.or(sum, signOfD(y)); // the sum of −0 and 0 has lost its sign
  if (v128.any_true(f64x2.gt(f64x2.abs(x), D(1048576.0)))) {
    let rest = x;
    for (let lane = 0; lane < 2; lane++) {
      const bits = i64x2.extract_lane(rest, 0);
      const exponent = (<i32>(bits >>> 52) & 2047) - 1075;
      let reduced = f64x2.extract_lane(y, 0);
      let reducedLow = f64x2.extract_lane(low, 0);
      let count = i64x2.extract_lane(quadrant, 0);
      if (exponent > -33 && exponent < 972) {
        const mantissa = (bits & 0xfffffffffffff) | 0x10000000000000;
        // 192 bits of 2/π from the first that can matter: higher ones make multiples of 4 quadrants.
        const start = exponent + 62;
        const shift = <i64>(start & 63);
        let word = start >> 6;
        let previous: i64 = 0;
        let first: i64 = 0;
        let second: i64 = 0;
        let third: i64 = 0;
        for (const end = word + 4; word < end; word++) {
          const next = twoOverPi(word);
          first = second;
          second = third;
          third = (previous << shift) | ((next >>> 1) >>> (63 - shift));
          previous = next;
        }
        const carried = productHigh(mantissa, third);
        let lowWord = mantissa * second + carried;
        let highWord = mantissa * first + productHigh(mantissa, second) + i64(<u64>lowWord < <u64>carried);
        // The nearest quadrant; what remains is a signed fraction of 128 bits.
        count = (highWord + 0x2000000000000000) >>> 62;
        highWord = (highWord << 2) | (lowWord >>> 62);
        lowWord <<= 2;
        let sign = bits & 0x8000000000000000;
        if (sign != 0) count = -count;
        if (highWord < 0) {
          highWord = ~highWord + i64(lowWord == 0);
          lowWord = -lowWord;
          sign ^= 0x8000000000000000;
        }
        const zeros = clz(highWord | 1);
        const top = (highWord << zeros) | ((lowWord >>> 1) >>> (63 - zeros));
        const tail = (top << 53) | (((lowWord << zeros) >>> 1) >>> 10);
        // Two floats of the fraction, scaled by 2^−zeros in their exponents, times π/2 (Dekker's product).
        const scale = reinterpret<f64>((1023 - zeros) << 52);
        const f = <f64>(top >>> 11) * 1.1102230246251565e-16 * scale;
        const g = <f64>(tail >>> 1) * 1.2037062152420224e-35 * scale;
        const p = f * 1.5707963267948966;
        const split = f * 134217729.0;
        const fHigh = split - (split - f);
        const fLow = f - fHigh;
        let error = fHigh * 1.5707963407039642 - p;
        error += fHigh * -1.3909067675399456e-8;
        error += fLow * 1.5707963407039642;
        error += fLow * -1.3909067675399456e-8;
        const l = error + (f * 6.123233995736766e-17 + g * 1.5707963267948966);
        reduced = p + l;
        reducedLow = p - reduced + l;
        reduced = reinterpret<f64>(reinterpret<i64>(reduced) ^ sign);
        reducedLow = reinterpret<f64>(reinterpret<i64>(reducedLow) ^ sign);
      }
      // Both lanes get their turn at position 0.
      rest = i64x2.shuffle(rest, rest, 1, 0);
      const newY = f64x2.replace_lane(y, 0, reduced);
      y = i64x2.shuffle(newY, newY, 1, 0);
      const newLow = f64x2.replace_lane(low, 0, reducedLow);
      low = i64x2.shuffle(newLow, newLow, 1, 0);
      const newQuadrant = i64x2.replace_lane(quadrant, 0, count);
      quadrant = i64x2.shuffle(newQuadrant, newQuadrant, 1, 0);
    }
  }
  if (offset) quadrant = i64x2.add(quadrant, L(offset));
  return kernel(y, low, quadrant);
}

export function sin_f64(x: v128): v128 {
  return sinCosD(x, 0);
}

export function cos_f64(x: v128): v128 {
  return sinCosD(x, 1);
}

export function atan2_f64(y: v128, x: v128): v128 {
  const ax = f64x2.abs(x);
  const ay = f64x2.abs(y);
  const large = f64x2.pmax(ax, ay);
  const small = f64x2.pmin(ay, ax);
  // Above tan(π/8) the angle is taken from π/4 on. Scaled, so that the sum does not overflow and denormals
  // lose no digits.
  const infinite = f64x2.eq(small, D(Infinity));
  const far = v128.or(infinite, f64x2.gt(small, f64x2.mul(large, D(0.41421356237309503))));
  const scale = seld(f64x2.gt(large, D(1.0)), D(0.5), D(18014398509481984.0));
  const scaledLarge = f64x2.mul(large, scale);
  const scaledSmall = f64x2.mul(small, scale);
  const numerator = seld(far, f64x2.sub(scaledSmall, scaledLarge), small);
  let t = f64x2.div(numerator, seld(far, f64x2.add(scaledLarge, scaledSmall), large));
  t = seld(v128.or(infinite, f64x2.eq(large, D(0.0))), D(0.0), t);
  const z = f64x2.mul(t, t);
  let p = fmad(D(0.0152086536966371287), z, D(-0.0334877299858658834));
  p = fmad(p, z, D(0.0450411873692107364));
  p = fmad(p, z, D(-0.0521854420936333629));
  p = fmad(p, z, D(0.0587704349179636525));
  p = fmad(p, z, D(-0.0666622897041789364));
  p = fmad(p, z, D(0.0769228290841848925));
  p = fmad(p, z, D(-0.0909090815115121458));
  p = fmad(p, z, D(0.111111110883615643));
  p = fmad(p, z, D(-0.142857142853909674));
  p = fmad(p, z, D(0.199999999999976929));
  p = fmad(p, z, D(-0.333333333333333276));
  // Each constant's low part joins the small terms first.
  const rest = fmad(f64x2.mul(p, z), t, v128.and(far, D(3.061616997868383e-17)));
  const swap = f64x2.gt(ay, ax);
  const base = v128.and(far, D(0.78539816339744831));
  const turned = f64x2.sub(seld(swap, D(6.123233995736766e-17), D(0.0)), f64x2.add(rest, t));
  // π/2 − π/4 is exact.
  let a = seld(swap, f64x2.add(f64x2.sub(D(1.5707963267948966), base), turned), f64x2.add(base, f64x2.add(t, rest)));
  a = seld(i64x2.lt_s(x, L(0)), f64x2.sub(D(3.141592653589793), f64x2.sub(a, D(1.2246467991473532e-16))), a);
  a = v128.or(a, signOfD(y));
  return v128.or(a, v128.or(f64x2.ne(x, x), f64x2.ne(y, y)));
}
