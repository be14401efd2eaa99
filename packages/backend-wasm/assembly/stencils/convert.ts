// Stencils between lanes. What goes to f64 comes in a low and a high form (two results of two lanes); what
// comes from f64 takes both halves. Floats saturate to integers and NaN becomes 0, as XLA converts.
import { D, F, I, high, joinLow, sel, signOf } from "./support";

export function toF64Low_f32(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}

export function toF64High_f32(x: v128): v128 {
  return f64x2.promote_low_f32x4(high(x));
}

export function toF64Low_i32(x: v128): v128 {
  return f64x2.convert_low_i32x4_s(x);
}

export function toF64High_i32(x: v128): v128 {
  return f64x2.convert_low_i32x4_s(high(x));
}

export function toF64Low_u32(x: v128): v128 {
  return f64x2.convert_low_i32x4_u(x);
}

export function toF64High_u32(x: v128): v128 {
  return f64x2.convert_low_i32x4_u(high(x));
}

export function toF64Low_mask(x: v128): v128 {
  return v128.and(i64x2.extend_low_i32x4_s(x), D(1.0));
}

export function toF64High_mask(x: v128): v128 {
  return v128.and(i64x2.extend_high_i32x4_s(x), D(1.0));
}

export function toF32_f64(low: v128, upper: v128): v128 {
  return joinLow(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(upper));
}

export function toF32_i32(x: v128): v128 {
  return f32x4.convert_i32x4_s(x);
}

export function toF32_u32(x: v128): v128 {
  return f32x4.convert_i32x4_u(x);
}

export function toF32_mask(x: v128): v128 {
  return v128.and(x, F(1.0));
}

export function toI32_f32(x: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(x);
}

export function toI32_f64(low: v128, upper: v128): v128 {
  return joinLow(i32x4.trunc_sat_f64x2_s_zero(low), i32x4.trunc_sat_f64x2_s_zero(upper));
}

export function toI32_mask(x: v128): v128 {
  return v128.and(x, I(1));
}

export function toU32_f32(x: v128): v128 {
  return i32x4.trunc_sat_f32x4_u(x);
}

export function toU32_f64(low: v128, upper: v128): v128 {
  return joinLow(i32x4.trunc_sat_f64x2_u_zero(low), i32x4.trunc_sat_f64x2_u_zero(upper));
}

export function toMask_f32(x: v128): v128 {
  return f32x4.ne(x, F(0.0));
}

export function toMask_f64(x: v128): v128 {
  return f64x2.ne(x, D(0.0));
}

export function toMask_i32(x: v128): v128 {
  return i32x4.ne(x, I(0));
}

// float16 is memory only: four halves widen to f32 where they are loaded and narrow where they are stored.

/** Four halves in the low 16 bits of their lanes, the rest zero, as f32. */
export function widen_f16(x: v128): v128 {
  const magnitude = v128.and(x, I(0x7fff));
  // under the exponent that is 112 too small: the product moves it, subnormal numbers included, exactly
  const number = f32x4.mul(i32x4.shl(magnitude, 13), F(5.192296858534828e33));
  const unending = v128.and(i32x4.gt_s(magnitude, I(0x7bff)), I(0x7f800000));
  return v128.or(v128.or(number, unending), i32x4.shl(v128.xor(x, magnitude), 16));
}

/** The nearest half of each lane, ties to even, side by side in the low 8 bytes. Every NaN becomes the quiet one. */
export function narrow_f16(x: v128): v128 {
  const sign = signOf(x);
  const a = v128.xor(x, sign);
  const odd = v128.and(i32x4.shr_u(a, 13), I(1));
  // exponent 112 less; a carry out of the mantissa is the next exponent, up to that of infinity
  const normal = i32x4.min_s(i32x4.shr_s(i32x4.add(i32x4.add(a, odd), I(0xfff - 0x38000000)), 13), I(0x7c00));
  // the spacing of numbers around 0.5 is that of the subnormal halves
  const subnormal = i32x4.sub(f32x4.add(a, F(0.5)), F(0.5));
  const half = sel(i32x4.lt_s(a, I(0x38800000)), subnormal, normal);
  const nan = v128.and(i32x4.gt_s(a, I(0x7f800000)), I(0x7e00));
  const bits = v128.or(v128.or(half, nan), i32x4.shr_u(sign, 16));
  return i16x8.narrow_i32x4_u(bits, bits);
}

/** The nearest float16 of each lane, still f32: what narrow_f16 and widen_f16 give together. */
export function roundHalf_f32(x: v128): v128 {
  const sign = signOf(x);
  const a = v128.xor(x, sign);
  const odd = v128.and(i32x4.shr_u(a, 13), I(1));
  const normal = v128.and(i32x4.add(i32x4.add(a, odd), I(0xfff)), I(-0x2000));
  const subnormal = f32x4.sub(f32x4.add(a, F(0.5)), F(0.5));
  const near = sel(i32x4.lt_s(a, I(0x38800000)), subnormal, normal);
  // from half way past the largest number on; a NaN stays as it is
  const far = i32x4.gt_s(a, I(0x477fefff));
  return v128.or(sel(far, i32x4.max_s(a, I(0x7f800000)), near), sign);
}
