// The compile unit of the stencils: every exported function becomes a row of the table, named
// `${function}_${lane}`. Rules: v128 in, v128 out; no calls, globals or memory; helpers are inlined; a rare
// case sits in one branch.
export * from "./stencils/arithmetic";
export * from "./stencils/compare";
export * from "./stencils/convert";
export * from "./stencils/integer";
export { exp_f32, expm1_f32, logistic_f32, tanh_f32 } from "./stencils/exponential";
export { log_f32, log1p_f32, pow_f32 } from "./stencils/logarithm";
export { sin_f32, cos_f32, atan2_f32 } from "./stencils/trigonometric";
export { erf_f32, erfInv_f32 } from "./stencils/special";
export { exp_f64, expm1_f64, log_f64, log1p_f64, logistic_f64, tanh_f64 } from "./stencils/double-exponential";
export { pow_f64 } from "./stencils/double-power";
export { erf_f64, erfInv_f64 } from "./stencils/double-special";
export { sin_f64, cos_f64, atan2_f64 } from "./stencils/double-trigonometric";
