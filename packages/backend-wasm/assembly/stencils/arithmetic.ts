// Stencils of floating arithmetic that map to one or a few instructions, and the remainder. They own the
// lanes f32 and f64; integers are in integer.ts. Nothing here has a rounding error beyond IEEE's, except
// rsqrt (two roundings).
import { D, F, fma, fmad, high, joinLow, sel, seld, signOf, signOfD } from "./support";

export function add_f32(a: v128, b: v128): v128 {
  return f32x4.add(a, b);
}

export function sub_f32(a: v128, b: v128): v128 {
  return f32x4.sub(a, b);
}

export function mul_f32(a: v128, b: v128): v128 {
  return f32x4.mul(a, b);
}

export function div_f32(a: v128, b: v128): v128 {
  return f32x4.div(a, b);
}

export function muladd_f32(a: v128, b: v128, c: v128): v128 {
  return fma(a, b, c);
}

export function neg_f32(x: v128): v128 {
  return f32x4.neg(x);
}

export function abs_f32(x: v128): v128 {
  return f32x4.abs(x);
}

export function floor_f32(x: v128): v128 {
  return f32x4.floor(x);
}

export function ceil_f32(x: v128): v128 {
  return f32x4.ceil(x);
}

export function trunc_f32(x: v128): v128 {
  return f32x4.trunc(x);
}

export function roundEven_f32(x: v128): v128 {
  return f32x4.nearest(x);
}

export function sqrt_f32(x: v128): v128 {
  return f32x4.sqrt(x);
}

// Adding the number below a half carries exactly from the half on.
export function roundAway_f32(x: v128): v128 {
  return f32x4.trunc(f32x4.add(x, v128.or(signOf(x), F(0.49999997))));
}

export function sign_f32(x: v128): v128 {
  return sel(f32x4.gt(f32x4.abs(x), F(0.0)), v128.or(signOf(x), F(1.0)), x);
}

export function rsqrt_f32(x: v128): v128 {
  return f32x4.div(F(1.0), f32x4.sqrt(x));
}

// NaN of either operand is kept: pmax returns its first operand when the comparison fails.
export function max_f32(a: v128, b: v128): v128 {
  return sel(f32x4.ne(b, b), b, f32x4.pmax(a, b));
}

export function min_f32(a: v128, b: v128): v128 {
  return sel(f32x4.ne(b, b), b, f32x4.pmin(a, b));
}

export function add_f64(a: v128, b: v128): v128 {
  return f64x2.add(a, b);
}

export function sub_f64(a: v128, b: v128): v128 {
  return f64x2.sub(a, b);
}

export function mul_f64(a: v128, b: v128): v128 {
  return f64x2.mul(a, b);
}

export function div_f64(a: v128, b: v128): v128 {
  return f64x2.div(a, b);
}

export function muladd_f64(a: v128, b: v128, c: v128): v128 {
  return fmad(a, b, c);
}

export function neg_f64(x: v128): v128 {
  return f64x2.neg(x);
}

export function abs_f64(x: v128): v128 {
  return f64x2.abs(x);
}

export function floor_f64(x: v128): v128 {
  return f64x2.floor(x);
}

export function ceil_f64(x: v128): v128 {
  return f64x2.ceil(x);
}

export function trunc_f64(x: v128): v128 {
  return f64x2.trunc(x);
}

export function roundEven_f64(x: v128): v128 {
  return f64x2.nearest(x);
}

export function sqrt_f64(x: v128): v128 {
  return f64x2.sqrt(x);
}

// Adding the number below a half carries exactly from the half on.
export function roundAway_f64(x: v128): v128 {
  return f64x2.trunc(f64x2.add(x, v128.or(signOfD(x), D(0.49999999999999994))));
}

export function sign_f64(x: v128): v128 {
  return seld(f64x2.gt(f64x2.abs(x), D(0.0)), v128.or(signOfD(x), D(1.0)), x);
}

export function rsqrt_f64(x: v128): v128 {
  return f64x2.div(D(1.0), f64x2.sqrt(x));
}

// NaN of either operand is kept: pmax returns its first operand when the comparison fails.
export function max_f64(a: v128, b: v128): v128 {
  return seld(f64x2.ne(b, b), b, f64x2.pmax(a, b));
}

export function min_f64(a: v128, b: v128): v128 {
  return seld(f64x2.ne(b, b), b, f64x2.pmin(a, b));
}

// The rare case of a remainder: subtracts multiples b·2^k, largest first, each subtraction exact.
/** @inline */
function slowRemainder_f32(a: v128, b: v128): v128 {
  // Lanes with a NaN, an infinite a or b = 0 are answered apart; here they must not keep the loops going.
  const proper = v128.and(f32x4.lt(a, F(Infinity)), f32x4.gt(b, F(0.0)));
  let rest = v128.and(a, proper);
  const unit = sel(proper, b, F(1.0));
  let step = unit;
  let more = f32x4.ge(f32x4.sub(rest, step), step);
  while (v128.any_true(more)) {
    step = sel(more, f32x4.add(step, step), step);
    more = f32x4.ge(f32x4.sub(rest, step), step);
  }
  let again: bool = true;
  while (again) {
    rest = sel(f32x4.ge(rest, step), f32x4.sub(rest, step), rest);
    const larger = f32x4.gt(step, unit);
    step = sel(larger, f32x4.mul(step, F(0.5)), step);
    again = v128.any_true(larger);
  }
  const undefinedLane = v128.or(v128.or(f32x4.ne(b, b), f32x4.eq(b, F(0.0))), v128.not(f32x4.lt(a, F(Infinity))));
  return v128.or(rest, v128.and(undefinedLane, F(NaN)));
}

/** @inline */
function halfRemainder_f32(a: v128, b: v128): v128 {
  const rest = f64x2.sub(a, f64x2.mul(f64x2.trunc(f64x2.div(a, b)), b));
  return f64x2.add(rest, v128.and(f64x2.lt(rest, D(0.0)), b));
}

// C's fmod, exact. In float64 quotient times divisor is exact below 2^28.
export function rem_f32(x: v128, y: v128): v128 {
  const a = f32x4.abs(x);
  const b = f32x4.abs(y);
  const low = halfRemainder_f32(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(b));
  const upper = halfRemainder_f32(f64x2.promote_low_f32x4(high(a)), f64x2.promote_low_f32x4(high(b)));
  let rest = joinLow(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(upper));
  const easy = v128.and(f32x4.lt(f32x4.mul(a, F(3.7252903e-9)), b), f32x4.lt(b, F(Infinity)));
  if (!i32x4.all_true(easy)) rest = slowRemainder_f32(a, b);
  return v128.or(rest, signOf(x));
}

/** @inline */
function slowRemainder_f64(a: v128, b: v128): v128 {
  const proper = v128.and(f64x2.lt(a, D(Infinity)), f64x2.gt(b, D(0.0)));
  let rest = v128.and(a, proper);
  const unit = seld(proper, b, D(1.0));
  let step = unit;
  let more = f64x2.ge(f64x2.sub(rest, step), step);
  while (v128.any_true(more)) {
    step = seld(more, f64x2.add(step, step), step);
    more = f64x2.ge(f64x2.sub(rest, step), step);
  }
  let again: bool = true;
  while (again) {
    rest = seld(f64x2.ge(rest, step), f64x2.sub(rest, step), rest);
    const larger = f64x2.gt(step, unit);
    step = seld(larger, f64x2.mul(step, D(0.5)), step);
    again = v128.any_true(larger);
  }
  const undefinedLane = v128.or(v128.or(f64x2.ne(b, b), f64x2.eq(b, D(0.0))), v128.not(f64x2.lt(a, D(Infinity))));
  return v128.or(rest, v128.and(undefinedLane, D(NaN)));
}

// C's fmod, exact: quotient times divisor is split into two numbers without error (Dekker 1971).
export function rem_f64(x: v128, y: v128): v128 {
  const a = f64x2.abs(x);
  const b = f64x2.abs(y);
  const quotient = f64x2.trunc(f64x2.div(a, b));
  const c = f64x2.mul(quotient, D(134217729.0));
  const quotientHigh = f64x2.sub(c, f64x2.sub(c, quotient));
  const quotientLow = f64x2.sub(quotient, quotientHigh);
  const d = f64x2.mul(b, D(134217729.0));
  const bHigh = f64x2.sub(d, f64x2.sub(d, b));
  const bLow = f64x2.sub(b, bHigh);
  const product = f64x2.mul(quotient, b);
  let error = f64x2.sub(f64x2.mul(quotientHigh, bHigh), product);
  error = f64x2.add(error, f64x2.mul(quotientHigh, bLow));
  error = f64x2.add(error, f64x2.mul(quotientLow, bHigh));
  error = f64x2.add(error, f64x2.mul(quotientLow, bLow));
  let rest = f64x2.sub(f64x2.sub(a, product), error);
  rest = f64x2.add(rest, v128.and(f64x2.lt(rest, D(0.0)), b));
  rest = f64x2.sub(rest, v128.and(f64x2.ge(rest, b), b));
  const easy = v128.and(
    v128.and(f64x2.lt(quotient, D(2251799813685248.0)), f64x2.lt(a, D(1e290))),
    v128.and(f64x2.gt(b, D(1e-280)), f64x2.lt(b, D(1e290))),
  );
  if (!i64x2.all_true(easy)) rest = slowRemainder_f64(a, b);
  return v128.or(rest, signOfD(x));
}
