// jax.lax: the strict layer below numpy, in camelCase.
export * from "./contraction.ts";
export * from "./operators.ts";
export * from "./slicing.ts";
export * from "./structure.ts";
export * from "./trees.ts";
