// What this package asks of its host, and the form in which it asks: `#platform` is platform-node.ts in Node and
// platform-browser.ts elsewhere, with the exports of `Platform`. Types only.
import type { Runtime } from "@weft/ir";

import type { LaneStart, LaneStats } from "./lane-loop.ts";

/** A worker thread that was started as a lane. */
export interface LaneHandle {
  /** Ends the thread; resolves when it certainly runs no more. `died` is not called. */
  end(): Promise<void>;
  /** Ends the thread as a crash would: `died` is called. */
  kill(): void;
  /** Whether the thread certainly runs no more, as far as a caller can tell who cannot wait for events. */
  gone(): boolean;
  /** Sends a message that ends the pause of a parked lane; for hosts without Atomics.waitAsync. */
  rouse(): void;
  /** What the lane says of itself, once its event loop is free. */
  stats(): Promise<LaneStats | null>;
}

/** What each host provides. Nothing happens at import. */
export interface Platform {
  /** The host's clock, cores, memory and log. */
  readonly runtime: Runtime;
  /** Lanes of a device unless told otherwise: a thread among threads keeps to itself. */
  readonly defaultThreads: number;
  /** Why memory may not be shared with other threads; null where it may. Without, a device has one lane. */
  whyUnshared(): string | null;
  /** Whether workers may be refused, as a page's policy can: then it is worth a start to know. */
  readonly mayRefuse: boolean;
  /** Whether the calling thread may sleep in Atomics.wait, on memory that is shared; a page's main thread may not. */
  readonly canSleep: boolean;
  /**
   * Starts a worker as a lane, without waiting for it. `died` is called once, later, if the thread ends by itself or
   * cannot start; then it certainly runs no more.
   */
  spawnLane(task: LaneStart, died: (reason: string) => void): LaneHandle;
  /** Runs a callback in a macrotask of its own, soon; keeps the process alive until then. */
  soon(callback: () => void): void;
  /** Keeps the process alive and calls `tick` now and then, until the returned function is called. */
  holdProcess(tick: () => void): () => void;
}
