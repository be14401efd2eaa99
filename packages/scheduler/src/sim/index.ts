// Simulated devices, for tests of the scheduler: deterministic, without a GPU and without real time.
export { SimBackend } from "./backend.ts";
export type { SimFault, SimOptions } from "./backend.ts";
export { overlap, VirtualClock } from "./clock.ts";
export type { SimSpan } from "./clock.ts";
