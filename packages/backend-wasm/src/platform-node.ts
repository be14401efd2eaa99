// The host as this package sees it, in Node: clock, cores, memory, macrotasks, texts kept in the user's cache folder,
// and worker threads through piscina. Nothing happens at import.
import { availableParallelism, totalmem } from "node:os";
import { setFlagsFromString } from "node:v8";
import { createContext, runInContext, runInNewContext } from "node:vm";
import { MessageChannel, isMainThread, receiveMessageOnPort } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";

import type { Runtime } from "@weft/ir";
import { Piscina } from "piscina";

import { keptTexts } from "./cache-node.ts";
import type { LaneStart, LaneStats } from "./lane-loop.ts";
import type { LaneHandle } from "./platform.ts";

export type { LaneHandle } from "./platform.ts";

/** The host's clock, cores, memory and log. */
export const runtime: Runtime = {
  now: () => performance.now(),
  timer: (callback, milliseconds) => {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
  soon: (callback) => soon(callback),
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
export const mayRefuse = false;
export const canSleep = true;
export const whyUnshared = (): string | null =>
  typeof SharedArrayBuffer === "function" ? null : "this host has no SharedArrayBuffer";

/**
 * One end of a channel whose other end a thread holds: it closes when the thread has run its last instruction, and that
 * can be seen without the event loop, which the exit of a worker cannot.
 */
class LifeLine {
  readonly other: MessagePort;
  #port: MessagePort;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#port.unref();
    this.other = port2;
  }

  /** Whether the other end is closed. */
  cut(): boolean {
    // Takes the message that says so, if it has come; a closed port can be handed to nobody.
    receiveMessageOnPort(this.#port);
    try {
      this.#port = structuredClone(this.#port, { transfer: [this.#port] });
      this.#port.unref();
      return false;
    } catch {
      return true;
    }
  }
}

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
  const life = new LifeLine();
  const gone = (reason: string): void => {
    if (over) return;
    over = true;
    // Piscina starts a replacement, which knows nothing of our memory.
    void pool.destroy();
    died(reason);
  };
  const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
  const worker = pool.threads[0];
  let reason = "";
  // Only an exit says that the thread runs no more; what comes before it is the reason.
  const failed = (error: unknown): void => void (reason = messageOf(error));
  pool.on("error", failed);
  worker.once("error", failed);
  worker.once("exit", (code: number) => gone(reason === "" ? `the thread exited with code ${code}` : reason));
  pool.run({ ...task, life: life.other }, { transferList: [life.other] }).catch((error: unknown) => {
    failed(error);
    void worker.terminate();
  });
  return {
    end: async () => {
      over = true;
      await pool.destroy();
    },
    kill: () => void worker.terminate(),
    gone: () => life.cut(),
    rouse: () => undefined,
    stats: () => pool.run(undefined, { name: "stats" }) as Promise<LaneStats | null>,
  };
}

export function soon(callback: () => void): void {
  setImmediate(callback);
}

export function holdProcess(tick: () => void): () => void {
  const timer = setInterval(tick, 100);
  return () => clearInterval(timer);
}
