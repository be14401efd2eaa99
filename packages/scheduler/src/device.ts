// What the scheduler knows of one device: its plans, its live buffers, its cached results and its counters.
import type { Backend, Buffer } from "@weft/ir";
import { CachedResults } from "./cached-results.ts";
import { CompiledPlans } from "./compiled-plans.ts";
import { CACHED_SHARE, MAX_CACHED, MAX_COMPILED, MAX_PLANS } from "./limits.ts";
import { LiveArrays } from "./live.ts";
import type { Lower } from "./lowered.ts";
import { lowerInParts } from "./lower/index.ts";
import { PlanCache } from "./plan-cache.ts";
import { Dependents } from "./tickets.ts";

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
  /** How often the device refused to compile a kernel. */
  refusals: number;
}

export class Device {
  readonly backend: Backend;
  readonly lower: Lower;
  readonly live = new LiveArrays(this);
  readonly dependents = new Dependents();
  readonly plans = new PlanCache(MAX_PLANS);
  readonly compiled = new CompiledPlans(MAX_COMPILED, this.plans);
  readonly cached: CachedResults;
  /** Bytes of values that came from the host, and that went there. */
  readonly moved = { up: 0, down: 0 };
  readonly counters: Counters = { runs: 0, steps: 0, hits: 0, plans: 0, compiledGraphs: 0, refusals: 0 };

  constructor(backend: Backend, lower: Lower) {
    this.backend = backend;
    this.lower = lower;
    this.cached = new CachedResults(backend.limits.totalBytes * CACHED_SHARE, MAX_CACHED);
  }

  /** A buffer for an array. Throws OutOfMemoryError with nothing changed. */
  alloc(bytes: number): Buffer {
    const { backend } = this;
    return backend.allocCollected?.(bytes) ?? backend.alloc(bytes);
  }

  /** Gives back what {@link alloc} gave and no run has named. */
  free(buffer: Buffer): void {
    if (buffer.collected !== true) this.backend.free(buffer, 0);
  }
}

const devices = new WeakMap<Backend, Device>();
let latest: Device | null = null;

/** The scheduler's side of a backend, made at its first use. `lower` replaces the lowering, for tests of evaluation. */
export function deviceFor(backend: Backend, lower: Lower = lowerInParts): Device {
  if (latest !== null && latest.backend === backend) return latest;
  let device = devices.get(backend);
  if (device === undefined) {
    device = new Device(backend, lower);
    devices.set(backend, device);
  }
  latest = device;
  return device;
}
