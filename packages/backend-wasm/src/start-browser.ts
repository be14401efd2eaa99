// Starting a browser's worker as a lane. The start is a race: the worker answers, or it fails, or it does not answer in
// time. How a worker is opened is open-worker.ts.
import { wrap } from "comlink";
import type { Remote } from "comlink";

import type { LaneStart } from "./lane-loop.ts";
import { openWorker } from "./open-worker.ts";
import type { LaneHandle } from "./platform.ts";
import type { LaneWorker } from "./worker-browser.ts";

/** A worker that has not answered for so long does not answer. */
const ANSWER_MS = 5000;
/** A busy worker may go on for so long after it was terminated: browsers let it finish first, Chromium for 2 seconds. */
const GRACE_MS = 3000;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Starts a worker as a lane, without waiting for it. `died` is called once if it ends by itself or cannot start. */
export function startWorker(task: LaneStart, died: (reason: string) => void): LaneHandle {
  let over = false;
  let worker: Worker | null = null;
  let remote: Remote<LaneWorker> | null = null;
  let ended = Infinity;
  const terminate = (): Promise<void> => {
    if (ended === Infinity) ended = performance.now();
    // One that was never there has nothing to finish.
    if (worker === null) return Promise.resolve();
    worker.terminate();
    return new Promise((resolve) => setTimeout(resolve, GRACE_MS));
  };
  /** `idle`: the worker is outside the loop, and it certainly ends at once. */
  const fail = (reason: string, idle: boolean): void => {
    if (over) return;
    over = true;
    const silent = terminate();
    if (idle) died(reason);
    else void silent.then(() => died(reason));
  };
  const start = async (): Promise<void> => {
    const opened = await openWorker();
    if (over) return opened.terminate();
    worker = opened;
    worker.onerror = (event) => {
      // The reason stands in the lane's message; unhandled, the browser would report it once more.
      event.preventDefault();
      // What it threw, it threw out of the loop, or before it.
      fail(event.message || "its script failed", true);
    };
    worker.onmessageerror = () => fail("a message could not be read", false);
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error(`the worker did not answer within ${ANSWER_MS / 1000} s`)), ANSWER_MS);
    });
    remote = wrap<LaneWorker>(worker);
    await Promise.race([remote.start(task), late]);
  };
  start().catch((error: unknown) => fail(messageOf(error), false));
  return {
    end: () => {
      over = true;
      return terminate();
    },
    kill: () => fail("the worker was ended", false),
    gone: () => performance.now() - ended > GRACE_MS,
    rouse: () => void remote?.rouse(),
    stats: () => remote?.stats() ?? Promise.resolve(null),
  };
}
