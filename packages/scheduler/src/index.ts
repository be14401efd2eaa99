// The public face of the scheduler: evaluation, jitted graphs, data, explain and counters.
export { compileGraph } from "./compiled-graph.ts";
export type { CompiledGraph } from "./compiled-graph.ts";
export { readValue, readValueSync, uploadValue } from "./data.ts";
export { evaluate } from "./evaluate.ts";
export { explain, explainCompiled, explainGraph, formatBytes } from "./explain.ts";
export { flush, FlushWindow } from "./flush.ts";
export type { FlushLimits } from "./flush.ts";
export { createInterpreter } from "./interpreter/index.ts";
export * from "./limits.ts";
export { lowerGraph } from "./lower/index.ts";
export type { GroupInfo, LoweredPlan, OutputSource } from "./lower/index.ts";
export { onWarning } from "./plan-cache.ts";
export { clearPlans, evictCached, liveArrays, stats } from "./stats.ts";
export type { LiveArray, Stats } from "./stats.ts";
export { onShortage, Storage } from "./storage.ts";
export { shippedProfile } from "./profile.ts";
export type { DeviceProfile, WorkClass } from "./profile.ts";
