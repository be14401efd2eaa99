// Stencils between lanes. What goes to f64 comes in a low and a high form (two results of two lanes); what
// comes from f64 takes both halves. Floats saturate to integers and NaN becomes 0, as XLA converts.
import { D, F, I, high, joinLow } from "./support";

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
