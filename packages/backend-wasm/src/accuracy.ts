/**
 * The accuracy of the stencils that round more than once: bounds on the error in units in the last place of
 * the true value. Each is the largest error found over millions of arguments with some margin; no proof.
 * stencils-accuracy.test.ts measures again and fails where a bound does not hold. What is missing here is
 * exact or rounded once, as IEEE 754 defines it. sin and cos hold for every finite argument.
 */

/** Bounds by stencil, valid in both builds. */
export const ULP: Readonly<Record<string, number>> = {
  exp_f32: 1.1,
  expm1_f32: 1.8,
  log_f32: 0.9,
  log1p_f32: 1.5,
  logistic_f32: 2.0,
  sqrt_f32: 0.5,
  rsqrt_f32: 1.5,
  sin_f32: 1.4,
  cos_f32: 1.4,
  tanh_f32: 1.4,
  erf_f32: 1.5,
  /** Against Giles' polynomials with x·x rounded to float32, as JAX evaluates them; 65 against the true inverse. */
  erfInv_f32: 2.5,
  pow_f32: 0.51,
  atan2_f32: 0.51,
  exp_f64: 1.1,
  expm1_f64: 2.0,
  log_f64: 0.9,
  log1p_f64: 1.4,
  logistic_f64: 1.8,
  sqrt_f64: 0.5,
  rsqrt_f64: 1.5,
  sin_f64: 0.9,
  cos_f64: 0.9,
  tanh_f64: 2.9,
  erf_f64: 1.9,
  erfInv_f64: 3.6,
  pow_f64: 1.3,
  atan2_f64: 2.0,
};
