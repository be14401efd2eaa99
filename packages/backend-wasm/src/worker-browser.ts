// What a browser's worker runs, called through comlink. `start` makes the thread a lane and returns, so that the answer
// gets through; after that the thread belongs to the loop of lane-loop.ts, and answers whenever the lane is parked. No
// data ever passes through comlink.
import { expose } from "comlink";

import { become, inhabit, rouse, stats } from "./lane-loop.ts";
import type { LaneStart, LaneStats } from "./lane-loop.ts";
import { LANE_NAME } from "./lane-name.ts";
import { whyNoCompiling } from "./requirements.ts";

/** What a worker offers to the thread that made it. */
export interface LaneWorker {
  /** Makes this thread the given lane. */
  start(task: LaneStart): void;
  /** Ends the pause of a parked lane that cannot be notified. */
  rouse(): void;
  stats(): LaneStats | null;
}

function rethrow(error: unknown): never {
  throw error;
}

const offered: LaneWorker = {
  start(task) {
    // A lane that could install no code would fail every program.
    const reason = whyNoCompiling();
    if (reason !== null) throw new Error(reason.replace("this page's", "the worker's"));
    become(task);
    setTimeout(() => {
      // As an error of the thread, which is noticed, and not as a rejection, which is not.
      inhabit().catch((error: unknown) => setTimeout(() => rethrow(error), 0));
    }, 0);
  },
  rouse,
  stats,
};

/** The globals of a worker; a page, which may load this file as part of another, has others. */
const scope = globalThis as { readonly name?: string; readonly document?: object; postMessage?(message: string): void };

if (scope.name === LANE_NAME && scope.document === undefined) {
  expose(offered);
  scope.postMessage?.(LANE_NAME);
}
