// What a worker thread runs in Node: short tasks, called through piscina. `start` makes the thread a lane and returns, so
// that the pool's message gets through; after that the thread belongs to the loop of lane-loop.ts, and answers whenever
// the lane is parked. Imports only files of this package.
import { become, inhabit } from "./lane-loop.ts";
import type { LaneStart } from "./lane-loop.ts";

export { rouse, stats } from "./lane-loop.ts";
export type { LaneStart } from "./lane-loop.ts";

/** Makes this thread the given lane and returns at once. What the loop throws ends the thread. */
export function start(task: LaneStart): void {
  become(task);
  setImmediate(() => void inhabit());
}
