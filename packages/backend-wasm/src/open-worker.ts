// Opening a browser's worker for a lane, by the first way that works: `#worker-ways` lists them. A way works if the
// worker's script says its name; a blocked script never does, so each way has its time. Knows nothing of lanes.
import { ways } from "#worker-ways";

import { LANE_NAME } from "./lane-name.ts";

/** A script that has not run for so long does not run. */
const ANSWER_MS = 5000;

/** The first way to try: those before it have failed in this realm. */
let first = 0;

/** Ends `what` if nothing is heard of it in time, but not because the calling thread was too busy to hear. */
function deadline(late: () => void): () => void {
  let timer = 0;
  const arm = (milliseconds: number, last: boolean): void => {
    const due = performance.now() + milliseconds;
    timer = setTimeout(() => {
      const wasBusy = performance.now() - due > 100;
      if (wasBusy && !last) arm(1000, true);
      else late();
    }, milliseconds) as unknown as number;
  };
  arm(ANSWER_MS, false);
  return () => clearTimeout(timer);
}

function hear(worker: Worker): Promise<Worker> {
  return new Promise((resolve, reject) => {
    const cancel = deadline(() => fail(`its script did not run within ${ANSWER_MS / 1000} s`));
    const settle = (): void => {
      cancel();
      worker.onmessage = null;
      worker.onerror = null;
    };
    const fail = (reason: string): void => {
      settle();
      worker.terminate();
      reject(new Error(reason));
    };
    worker.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (data !== LANE_NAME) return;
      settle();
      resolve(worker);
    };
    worker.onerror = (event) => {
      // The reason stands in the rejection; unhandled, the browser would report it once more.
      event.preventDefault();
      fail(event.message || "its script did not load");
    };
  });
}

/** A worker whose script runs. Rejects with what went wrong on each way. */
export async function openWorker(): Promise<Worker> {
  const reasons: string[] = [];
  for (let index = first; index < ways.length; index++) {
    const { name, open } = ways[index];
    try {
      return await hear(await open());
    } catch (error) {
      reasons.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      first = Math.max(first, index + 1);
    }
  }
  throw new Error(reasons.length === 0 ? "no worker can be started here" : reasons.join("; "));
}
