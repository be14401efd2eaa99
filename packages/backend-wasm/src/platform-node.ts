// The host as this package sees it, in Node: clock, cores, memory, macrotasks, texts kept in the user's cache folder,
// and worker threads through piscina. Nothing happens at import.
import { availableParallelism, totalmem } from "node:os";
import { setFlagsFromString } from "node:v8";
import { createContext, runInContext, runInNewContext } from "node:vm";
import { isMainThread } from "node:worker_threads";

import type { Runtime } from "@weft/ir";
import { Piscina } from "piscina";

import { keptTexts } from "./cache-node.ts";
import type { LaneHandle } from "./platform.ts";
import type { LaneStart } from "./worker.ts";

export type { LaneHandle } from "./platform.ts";

/** The host's clock, cores, memory and log. */
export const runtime: Runtime = {
  now: () => performance.now(),
  cores: Math.max(1, availableParallelism()),
  hostBytes: totalmem(),
  log: (message) => console.error(message),
  cache: keptTexts,
  collect: collectGarbage,
};

let force: (() => void) | null = null;

/**
 * Node offers no collection that is seen within one run of the event loop: targets of WeakRefs live on until the
 * microtasks have run. Those of a context with a queue of its own count, and it has none of the program's.
 */
function collectGarbage(): void {
  if (force === null) {
    setFlagsFromString("--expose-gc");
    const gc = runInNewContext("gc") as () => void;
    const context = createContext({}, { microtaskMode: "afterEvaluate" });
    force = () => {
      runInContext("0", context);
      gc();
    };
  }
  force();
}

export const defaultThreads = isMainThread ? runtime.cores : 1;
export const canShare = true;
export const canSleep = true;

/** Starts a worker thread as a lane. It never keeps the process alive once it runs. */
export function spawnLane(task: LaneStart, died: (reason: string) => void): LaneHandle {
  let over = false;
  const pool = new Piscina({
    filename: import.meta.resolve("#worker"),
    name: "start",
    minThreads: 1,
    maxThreads: 1,
    concurrentTasksPerWorker: 1,
    atomics: "disabled",
    idleTimeout: Infinity,
    recordTiming: false,
    trackUnmanagedFds: false,
  });
  const gone = (reason: string): void => {
    if (over) return;
    over = true;
    // Piscina starts a replacement, which knows nothing of our memory.
    void pool.destroy();
    died(reason);
  };
  const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
  const worker = pool.threads[0];
  pool.on("error", (error: unknown) => gone(messageOf(error)));
  worker.once("error", (error: unknown) => gone(messageOf(error)));
  worker.once("exit", (code: number) => gone(`the thread exited with code ${code}`));
  pool.run(task).catch((error: unknown) => gone(messageOf(error)));
  return {
    end: async () => {
      over = true;
      await pool.destroy();
    },
    kill: () => void worker.terminate(),
  };
}

export function soon(callback: () => void): void {
  setImmediate(callback);
}

export function holdProcess(tick: () => void): () => void {
  const timer = setInterval(tick, 100);
  return () => clearInterval(timer);
}
