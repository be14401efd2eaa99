// What a worker thread runs: one short task that starts it as a lane and returns, so that the pool's message gets
// through, after which the thread belongs to the loop until the device is closed. Imports only files of this package.
import { LANE_READY, LINE_STATE, STOP, lineOf } from "./control.ts";
import { Views } from "./memory.ts";
import { createLane, runThread } from "./thread.ts";

/** What a worker is given. */
export interface LaneStart {
  readonly memory: WebAssembly.Memory;
  readonly lane: number;
  readonly scratch: number;
}

/** The worker's task: makes this thread the given lane and returns at once. */
export function start(task: LaneStart): void {
  const views = new Views(task.memory);
  const lane = createLane(task.lane, views, task.scratch);
  setImmediate(() => {
    const words = views.words;
    Atomics.store(words, lineOf(task.lane) + LINE_STATE, LANE_READY);
    runThread(lane, () => Atomics.load(words, STOP) !== 0, Infinity);
  });
}
