// jax.lax: the strict layer below numpy, in camelCase.
export * from "./operators.ts";
export * from "./structure.ts";
export * from "./trees.ts";
