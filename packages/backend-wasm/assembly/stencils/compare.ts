// Stencils of comparison and selection. Comparisons answer with masks as wide as their operands' lanes (f64:
// 64 bits); select takes such masks. eq, ne and select of u32, mask and f32 are those of i32 where bits decide.
import { D, F, sel, seld } from "./support";

export function eq_f32(a: v128, b: v128): v128 {
  return f32x4.eq(a, b);
}

export function ne_f32(a: v128, b: v128): v128 {
  return f32x4.ne(a, b);
}

export function lt_f32(a: v128, b: v128): v128 {
  return f32x4.lt(a, b);
}

export function le_f32(a: v128, b: v128): v128 {
  return f32x4.le(a, b);
}

export function gt_f32(a: v128, b: v128): v128 {
  return f32x4.gt(a, b);
}

export function ge_f32(a: v128, b: v128): v128 {
  return f32x4.ge(a, b);
}

export function eq_f64(a: v128, b: v128): v128 {
  return f64x2.eq(a, b);
}

export function ne_f64(a: v128, b: v128): v128 {
  return f64x2.ne(a, b);
}

export function lt_f64(a: v128, b: v128): v128 {
  return f64x2.lt(a, b);
}

export function le_f64(a: v128, b: v128): v128 {
  return f64x2.le(a, b);
}

export function gt_f64(a: v128, b: v128): v128 {
  return f64x2.gt(a, b);
}

export function ge_f64(a: v128, b: v128): v128 {
  return f64x2.ge(a, b);
}

export function eq_i32(a: v128, b: v128): v128 {
  return i32x4.eq(a, b);
}

export function ne_i32(a: v128, b: v128): v128 {
  return i32x4.ne(a, b);
}

export function lt_i32(a: v128, b: v128): v128 {
  return i32x4.lt_s(a, b);
}

export function le_i32(a: v128, b: v128): v128 {
  return i32x4.le_s(a, b);
}

export function gt_i32(a: v128, b: v128): v128 {
  return i32x4.gt_s(a, b);
}

export function ge_i32(a: v128, b: v128): v128 {
  return i32x4.ge_s(a, b);
}

export function lt_u32(a: v128, b: v128): v128 {
  return i32x4.lt_u(a, b);
}

export function le_u32(a: v128, b: v128): v128 {
  return i32x4.le_u(a, b);
}

export function gt_u32(a: v128, b: v128): v128 {
  return i32x4.gt_u(a, b);
}

export function ge_u32(a: v128, b: v128): v128 {
  return i32x4.ge_u(a, b);
}

export function select_i32(mask: v128, a: v128, b: v128): v128 {
  return sel(mask, a, b);
}

export function select_f64(mask: v128, a: v128, b: v128): v128 {
  return seld(mask, a, b);
}

export function isNan_f32(x: v128): v128 {
  return f32x4.ne(x, x);
}

export function isNan_f64(x: v128): v128 {
  return f64x2.ne(x, x);
}

export function isFinite_f32(x: v128): v128 {
  return f32x4.lt(f32x4.abs(x), F(Infinity));
}

export function isFinite_f64(x: v128): v128 {
  return f64x2.lt(f64x2.abs(x), D(Infinity));
}
