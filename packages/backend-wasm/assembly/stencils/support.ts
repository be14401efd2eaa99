// Inlined helpers of the stencils: splats, multiply-add with and without relaxed SIMD, selection, and the
// moves between one f32x4 and two f64x2. Nothing here is exported by the compiled module.

/** @inline */
export function F(value: f32): v128 {
  return f32x4.splat(value);
}

/** @inline */
export function I(value: i32): v128 {
  return i32x4.splat(value);
}

/** @inline */
export function D(value: f64): v128 {
  return f64x2.splat(value);
}

/** @inline */
export function L(value: i64): v128 {
  return i64x2.splat(value);
}

/** a·b + c, f32. */
/** @inline */
export function fma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** c − a·b, f32. */
/** @inline */
export function nfma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, c);
  return f32x4.sub(c, f32x4.mul(a, b));
}

/** a·b + c, f64. */
/** @inline */
export function fmad(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_madd(a, b, c);
  return f64x2.add(f64x2.mul(a, b), c);
}

/** c − a·b, f64. */
/** @inline */
export function nfmad(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_nmadd(a, b, c);
  return f64x2.sub(c, f64x2.mul(a, b));
}

/** Where the mask is set a, else b; masks are all ones or zero in 32-bit lanes. */
/** @inline */
export function sel(mask: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_laneselect(a, b, mask);
  return v128.bitselect(a, b, mask);
}

/** As `sel` with masks of 64-bit lanes. */
/** @inline */
export function seld(mask: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i64x2.relaxed_laneselect(a, b, mask);
  return v128.bitselect(a, b, mask);
}

/** The two high 32-bit lanes, moved low. */
/** @inline */
export function high(a: v128): v128 {
  return i64x2.shuffle(a, a, 1, 0);
}

/** The low halves of two vectors side by side. */
/** @inline */
export function joinLow(low: v128, highHalf: v128): v128 {
  return i64x2.shuffle(low, highHalf, 0, 2);
}

/** @inline */
export function signOf(x: v128): v128 {
  return v128.and(x, I(0x80000000));
}

/** @inline */
export function signOfD(x: v128): v128 {
  return v128.and(x, L(0x8000000000000000));
}
