// What a browser's worker runs: `start`, called through comlink, makes it a lane and returns, so that the answer gets
// through, after which the thread belongs to the loop until the device is closed. No data ever passes through comlink.
import { expose } from "comlink";

import { LANE_READY, LINE_STATE, STOP, lineOf } from "./control.ts";
import { LANE_NAME } from "./lane-name.ts";
import { Views } from "./memory.ts";
import { mayCompile } from "./modules.ts";
import { createLane, runThread } from "./thread.ts";
import type { LaneStart } from "./worker.ts";

/** What a worker offers to the thread that made it. */
export interface LaneWorker {
  /** Makes this thread the given lane. */
  start(task: LaneStart): void;
}

const offered: LaneWorker = {
  start(task) {
    // A lane that could install no code would fail every program.
    if (!mayCompile()) throw new Error("the worker's Content-Security-Policy forbids WebAssembly");
    const views = new Views(task.memory);
    const lane = createLane(task.lane, views, task.scratch);
    setTimeout(() => {
      const words = views.words;
      Atomics.store(words, lineOf(task.lane) + LINE_STATE, LANE_READY);
      runThread(lane, () => Atomics.load(words, STOP) !== 0, Infinity);
    }, 0);
  },
};

/** The globals of a worker; a page, which may load this file as part of another, has others. */
const scope = globalThis as { readonly name?: string; readonly document?: object; postMessage?(message: string): void };

if (scope.name === LANE_NAME && scope.document === undefined) {
  expose(offered);
  scope.postMessage?.(LANE_NAME);
}
