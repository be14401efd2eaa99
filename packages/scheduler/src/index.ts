// The public face of the scheduler: evaluation, jitted graphs, storage, explain and counters.
export { compileGraph } from "./compiled-graph.ts";
export type { CompiledGraph } from "./compiled-graph.ts";
export { evaluate } from "./evaluate.ts";
export { flush, FlushWindow } from "./flush.ts";
export type { FlushLimits } from "./flush.ts";
export { createInterpreter } from "./interpreter/index.ts";
export * from "./limits.ts";
export { onWarning } from "./plan-cache.ts";
export { Storage } from "./storage.ts";
