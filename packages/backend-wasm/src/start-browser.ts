// Starting a browser's worker as a lane. The start is a race: the worker answers, or it fails, or it does not answer in
// time. How a worker is opened is open-worker.ts.
import { wrap } from "comlink";

import { openWorker } from "./open-worker.ts";
import type { LaneHandle } from "./platform.ts";
import type { LaneWorker } from "./worker-browser.ts";
import type { LaneStart } from "./worker.ts";

/** A worker that has not answered for so long does not answer. */
const ANSWER_MS = 5000;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Starts a worker as a lane, without waiting for it. `died` is called once if it ends by itself or cannot start. */
export function startWorker(task: LaneStart, died: (reason: string) => void): LaneHandle {
  let over = false;
  let worker: Worker | null = null;
  const gone = (reason: string): void => {
    if (over) return;
    over = true;
    worker?.terminate();
    died(reason);
  };
  const start = async (): Promise<void> => {
    const opened = await openWorker();
    if (over) return opened.terminate();
    worker = opened;
    worker.onerror = (event) => {
      // The reason stands in the lane's message; unhandled, the browser would report it once more.
      event.preventDefault();
      gone(event.message || "its script failed");
    };
    worker.onmessageerror = () => gone("a message could not be read");
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error(`the worker did not answer within ${ANSWER_MS / 1000} s`)), ANSWER_MS);
    });
    await Promise.race([wrap<LaneWorker>(worker).start(task), late]);
  };
  start().catch((error: unknown) => gone(messageOf(error)));
  return {
    end: () => {
      over = true;
      worker?.terminate();
      return Promise.resolve();
    },
    kill: () => gone("the worker was ended"),
  };
}
