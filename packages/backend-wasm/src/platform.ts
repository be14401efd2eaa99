// What this package asks of its host, and the form in which it asks: `#platform` is platform-node.ts in Node and
// platform-browser.ts elsewhere, with the exports of `Platform`. Types only.
import type { Runtime } from "@weft/ir";

import type { LaneStart } from "./worker.ts";

/** A worker thread that was started as a lane. */
export interface LaneHandle {
  /** Ends the thread; resolves when it has gone. */
  end(): Promise<void>;
  /** Ends the thread as a crash would: `died` is called. */
  kill(): void;
}

/** What each host provides. Nothing happens at import. */
export interface Platform {
  /** The host's clock, cores, memory and log. */
  readonly runtime: Runtime;
  /** Lanes of a device unless told otherwise: a thread among threads keeps to itself. */
  readonly defaultThreads: number;
  /** Whether memory may be shared with other threads. Where it may not, a device has one lane. */
  readonly canShare: boolean;
  /** Whether the calling thread may sleep in Atomics.wait; a page's main thread may not. */
  readonly canSleep: boolean;
  /**
   * Starts a worker as a lane, without waiting for it. `died` is called once if the thread ends by itself or cannot
   * start.
   */
  spawnLane(task: LaneStart, died: (reason: string) => void): LaneHandle;
  /** Runs a callback in a macrotask of its own, soon; keeps the process alive until then. */
  soon(callback: () => void): void;
  /** Keeps the process alive and calls `tick` now and then, until the returned function is called. */
  holdProcess(tick: () => void): () => void;
}
