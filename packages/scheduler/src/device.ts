// What the scheduler knows of one device: its plans, its live buffers, its cached results and its counters.
import type { Backend } from "@weft/ir";
import { CachedResults } from "./cached-results.ts";
import { CACHED_SHARE, MAX_PLANS } from "./limits.ts";
import type { Lower } from "./lowered.ts";
import { lowerGraph } from "./lower/index.ts";
import { PlanCache } from "./plan-cache.ts";
import type { Hold } from "./storage.ts";

/** Counters of one device, from its first use on. */
export interface Counters {
  /** Runs handed to the device. */
  runs: number;
  /** Steps of those runs. */
  steps: number;
  /** Evaluations that found their plan, and plans that were made. */
  hits: number;
  plans: number;
  /** Plans of jitted functions. */
  compiledGraphs: number;
}

export class Device {
  readonly backend: Backend;
  readonly lower: Lower;
  /** Buffers that are not freed. */
  readonly live = new Set<Hold>();
  readonly plans = new PlanCache(MAX_PLANS);
  readonly cached: CachedResults;
  /** Bytes of values that came from the host, and that went there. */
  readonly moved = { up: 0, down: 0 };
  readonly counters: Counters = { runs: 0, steps: 0, hits: 0, plans: 0, compiledGraphs: 0 };

  constructor(backend: Backend, lower: Lower) {
    this.backend = backend;
    this.lower = lower;
    this.cached = new CachedResults(backend.limits.totalBytes * CACHED_SHARE);
  }
}

const devices = new WeakMap<Backend, Device>();
let latest: Device | null = null;

/** The scheduler's side of a backend, made at its first use. `lower` replaces the lowering, for tests of evaluation. */
export function deviceFor(backend: Backend, lower: Lower = lowerGraph): Device {
  if (latest !== null && latest.backend === backend) return latest;
  let device = devices.get(backend);
  if (device === undefined) {
    device = new Device(backend, lower);
    devices.set(backend, device);
  }
  latest = device;
  return device;
}
