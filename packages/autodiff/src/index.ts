// The public face of autodiff: graph rewrites for derivatives and batching. It never runs anything.
export type { Batched } from "./batch.ts";
export { batchGraph, batchNodes } from "./batch.ts";
export { instantiate, jvpNodes } from "./jvp.ts";
export type { LinearMap } from "./linearize.ts";
export { linearizeGraph, linearizeNodes, pullback, pushforward, vjpNodes } from "./linearize.ts";
export { hasTangent } from "./rules/index.ts";
export { transposeGraph } from "./transpose.ts";
