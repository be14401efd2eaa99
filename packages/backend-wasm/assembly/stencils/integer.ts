// Stencils of the lanes i32, u32 and mask. Everything is total, with XLA's values: x / 0 is -1 (all ones),
// x rem 0 is x, MIN / -1 is MIN, shifts by 32 or more give 0 or the sign. What does not depend on the sign
// exists for i32 only; src/stencils.ts lists the aliases.
import { I, high, joinLow, sel } from "./support";

export function add_i32(a: v128, b: v128): v128 {
  return i32x4.add(a, b);
}

export function sub_i32(a: v128, b: v128): v128 {
  return i32x4.sub(a, b);
}

export function mul_i32(a: v128, b: v128): v128 {
  return i32x4.mul(a, b);
}

export function muladd_i32(a: v128, b: v128, c: v128): v128 {
  return i32x4.add(i32x4.mul(a, b), c);
}

export function neg_i32(x: v128): v128 {
  return i32x4.neg(x);
}

export function abs_i32(x: v128): v128 {
  return i32x4.abs(x);
}

export function abs_u32(x: v128): v128 {
  return x;
}

export function sign_i32(x: v128): v128 {
  return i32x4.sub(i32x4.shr_s(x, 31), i32x4.gt_s(x, I(0)));
}

export function sign_u32(x: v128): v128 {
  return i32x4.min_u(x, I(1));
}

export function max_i32(a: v128, b: v128): v128 {
  return i32x4.max_s(a, b);
}

export function min_i32(a: v128, b: v128): v128 {
  return i32x4.min_s(a, b);
}

export function max_u32(a: v128, b: v128): v128 {
  return i32x4.max_u(a, b);
}

export function min_u32(a: v128, b: v128): v128 {
  return i32x4.min_u(a, b);
}

export function not_i32(x: v128): v128 {
  return v128.not(x);
}

export function and_i32(a: v128, b: v128): v128 {
  return v128.and(a, b);
}

export function or_i32(a: v128, b: v128): v128 {
  return v128.or(a, b);
}

export function xor_i32(a: v128, b: v128): v128 {
  return v128.xor(a, b);
}

// Quotients of 32-bit integers are exact after truncation in float64: the distance of a true quotient to
// the next integer is at least 2^-32 of it.
/** @inline */
function quotient_i32(a: v128, b: v128): v128 {
  const low = f64x2.div(f64x2.convert_low_i32x4_s(a), f64x2.convert_low_i32x4_s(b));
  const upper = f64x2.div(f64x2.convert_low_i32x4_s(high(a)), f64x2.convert_low_i32x4_s(high(b)));
  const quotient = joinLow(i32x4.trunc_sat_f64x2_s_zero(low), i32x4.trunc_sat_f64x2_s_zero(upper));
  const wrapped = sel(i32x4.eq(b, I(-1)), i32x4.neg(a), quotient);
  return v128.or(wrapped, i32x4.eq(b, I(0)));
}

/** @inline */
function quotient_u32(a: v128, b: v128): v128 {
  const low = f64x2.div(f64x2.convert_low_i32x4_u(a), f64x2.convert_low_i32x4_u(b));
  const upper = f64x2.div(f64x2.convert_low_i32x4_u(high(a)), f64x2.convert_low_i32x4_u(high(b)));
  const quotient = joinLow(i32x4.trunc_sat_f64x2_u_zero(low), i32x4.trunc_sat_f64x2_u_zero(upper));
  return v128.or(quotient, i32x4.eq(b, I(0)));
}

export function div_i32(a: v128, b: v128): v128 {
  return quotient_i32(a, b);
}

export function div_u32(a: v128, b: v128): v128 {
  return quotient_u32(a, b);
}

export function rem_i32(a: v128, b: v128): v128 {
  return i32x4.sub(a, i32x4.mul(quotient_i32(a, b), b));
}

export function rem_u32(a: v128, b: v128): v128 {
  return i32x4.sub(a, i32x4.mul(quotient_u32(a, b), b));
}

// Counts differ by lane, which SIMD's shifts cannot do: the count's bits select among five fixed shifts.
export function shiftLeft_i32(x: v128, count: v128): v128 {
  let r = x;
  r = sel(i32x4.shr_s(i32x4.shl(count, 31), 31), i32x4.shl(r, 1), r);
  r = sel(i32x4.shr_s(i32x4.shl(count, 30), 31), i32x4.shl(r, 2), r);
  r = sel(i32x4.shr_s(i32x4.shl(count, 29), 31), i32x4.shl(r, 4), r);
  r = sel(i32x4.shr_s(i32x4.shl(count, 28), 31), i32x4.shl(r, 8), r);
  r = sel(i32x4.shr_s(i32x4.shl(count, 27), 31), i32x4.shl(r, 16), r);
  return v128.and(r, i32x4.lt_u(count, I(32)));
}

export function shiftRightLogical_i32(x: v128, count: v128): v128 {
  let r = x;
  r = sel(i32x4.shr_s(i32x4.shl(count, 31), 31), i32x4.shr_u(r, 1), r);
  r = sel(i32x4.shr_s(i32x4.shl(count, 30), 31), i32x4.shr_u(r, 2), r);
  r = sel(i32x4.shr_s(i32x4.shl(count, 29), 31), i32x4.shr_u(r, 4), r);
  r = sel(i32x4.shr_s(i32x4.shl(count, 28), 31), i32x4.shr_u(r, 8), r);
  r = sel(i32x4.shr_s(i32x4.shl(count, 27), 31), i32x4.shr_u(r, 16), r);
  return v128.and(r, i32x4.lt_u(count, I(32)));
}

export function shiftRightArithmetic_i32(x: v128, count: v128): v128 {
  const bounded = i32x4.min_u(count, I(31));
  let r = x;
  r = sel(i32x4.shr_s(i32x4.shl(bounded, 31), 31), i32x4.shr_s(r, 1), r);
  r = sel(i32x4.shr_s(i32x4.shl(bounded, 30), 31), i32x4.shr_s(r, 2), r);
  r = sel(i32x4.shr_s(i32x4.shl(bounded, 29), 31), i32x4.shr_s(r, 4), r);
  r = sel(i32x4.shr_s(i32x4.shl(bounded, 28), 31), i32x4.shr_s(r, 8), r);
  r = sel(i32x4.shr_s(i32x4.shl(bounded, 27), 31), i32x4.shr_s(r, 16), r);
  return r;
}
