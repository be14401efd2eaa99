// Opening a browser's worker for a lane, by the first way that works: `#worker-ways` lists them. A way works if the
// worker's script says its name; a blocked script never does, so each way has its time. Knows nothing of lanes.
import { inTime } from "@weft/ir";
import { runtime } from "#platform";
import { ways } from "#worker-ways";
import type { Way } from "#worker-ways";

import { LANE_NAME } from "./lane-name.ts";
import { remedyFor } from "./trusted.ts";

/** A script that has not run for so long does not run. */
const ANSWER_MS = 5000;

/** What a worker's file needs where it is opened at all: the browser says no more than that it did not load. */
const HEADER =
  "; in a page that is isolated it needs the header Cross-Origin-Embedder-Policy: require-corp of its own, beside the page's";

/** The first way to try: those before it have failed in this realm. */
let first = 0;

function hear(worker: Worker): Promise<Worker> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      worker.onmessage = null;
      worker.onerror = null;
    };
    worker.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (data !== LANE_NAME) return;
      settle();
      resolve(worker);
    };
    worker.onerror = (event) => {
      // The reason stands in the rejection; unhandled, the browser would report it once more.
      event.preventDefault();
      settle();
      worker.terminate();
      reject(new Error(event.message || `its script did not load${HEADER}`));
    };
  });
}

/** What one way gives. It may be its text that does not load, or its script that does not run. */
function attempt({ open }: Way): Promise<Worker> {
  let worker: Worker | null = null;
  let over = false;
  const answer = async (): Promise<Worker> => {
    const opened = await open();
    worker = opened;
    if (over) opened.terminate();
    return hear(opened);
  };
  return inTime(runtime, answer(), ANSWER_MS, () => {
    over = true;
    worker?.terminate();
    throw new Error(`its script did not run within ${ANSWER_MS / 1000} s`);
  });
}

/** A worker whose script runs. Rejects with what went wrong on each way. */
export async function openWorker(): Promise<Worker> {
  const reasons: string[] = [];
  for (let index = first; index < ways.length; index++) {
    try {
      return await attempt(ways[index]);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      reasons.push(`${ways[index].name}: ${text}${remedyFor(text)}`);
      first = Math.max(first, index + 1);
    }
  }
  throw new Error(reasons.length === 0 ? "no worker can be started here" : reasons.join("; "));
}
