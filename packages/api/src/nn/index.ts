// jax.nn: activations and functions along axes.
export * from "./activation.ts";
export * from "./normalisation.ts";
export * from "./attention.ts";
export * as initializers from "./initializers.ts";
