// jax.random: explicit keys, threefry2x32 with the partitionable layout, JAX's draws bit for bit.
export { bits, randint, uniform } from "./bits.ts";
export {
  cauchy,
  doubleSidedMaxwell,
  exponential,
  gumbel,
  laplace,
  logistic,
  lognormal,
  maxwell,
  normal,
  pareto,
  rayleigh,
  triangular,
  truncatedNormal,
  weibullMin,
} from "./continuous.ts";
export { bernoulli, categorical, geometric, rademacher } from "./discrete.ts";
export { clone, foldIn, key, keyData, PRNGKey, split, wrapKeyData } from "./keys.ts";
