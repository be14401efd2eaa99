// The host as this package sees it, in browsers, pages and workers alike: clock, cores, memory, macrotasks, texts kept in
// IndexedDB, and module workers with comlink for control. Nothing happens at import, and no global is taken for granted.
import type { Runtime } from "@weft/ir";

import { keptTexts } from "./cache-browser.ts";
import type { LaneStart } from "./lane-loop.ts";
import type { LaneHandle } from "./platform.ts";
import { startWorker } from "./start-browser.ts";

export type { LaneHandle } from "./platform.ts";

/** The globals this file looks for; a host may lack any of them. */
interface Host {
  readonly navigator?: { readonly hardwareConcurrency?: number; readonly deviceMemory?: number };
  readonly crossOriginIsolated?: boolean;
  readonly document?: object;
  readonly parent?: object;
}

const host = globalThis as Host;

/** The host's clock, cores, memory and log. */
export const runtime: Runtime = {
  now: () => performance.now(),
  timer: (callback, milliseconds) => {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
  soon: (callback) => soon(callback),
  cores: Math.max(1, host.navigator?.hardwareConcurrency ?? 1),
  hostBytes: host.navigator?.deviceMemory === undefined ? null : host.navigator.deviceMemory * 2 ** 30,
  log: (message) => console.warn(message),
  cache: keptTexts(),
};

export const mayRefuse = true;
const inPage = host.document !== undefined;
export const canSleep = !inPage;
export const defaultThreads = inPage ? runtime.cores : 1;

const HEADERS = "Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp";

export function whyUnshared(): string | null {
  if (host.crossOriginIsolated !== true) {
    const inFrame = inPage && host.parent !== undefined && host.parent !== globalThis;
    const frame = inFrame ? ', as must the page around it, and its frame needs allow="cross-origin-isolated"' : "";
    return `this page is not cross-origin isolated; it must be served with the headers ${HEADERS}${frame}`;
  }
  return typeof SharedArrayBuffer === "function" ? null : "this host has no SharedArrayBuffer";
}

/** Starts a worker as a lane. */
export function spawnLane(task: LaneStart, died: (reason: string) => void): LaneHandle {
  return startWorker(task, died);
}

/** A message is a macrotask at once, where timers are delayed, and throttled in pages in the background. */
let channel: MessageChannel | null = null;
/** What `soon` was asked to run. */
const waiting: (() => void)[] = [];

export function soon(callback: () => void): void {
  if (typeof MessageChannel !== "function") {
    setTimeout(callback, 0);
    return;
  }
  if (channel === null) {
    channel = new MessageChannel();
    channel.port1.onmessage = () => {
      waiting.shift()?.();
    };
  }
  waiting.push(callback);
  channel.port2.postMessage(null);
}

export function holdProcess(tick: () => void): () => void {
  const timer = setInterval(tick, 100);
  return () => clearInterval(timer);
}
