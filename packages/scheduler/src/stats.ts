// Counters and memory of a device, for memory(), checkLeaks() and tests.
import type { Aval, Backend, DeviceMemory } from "@weft/ir";
import { settleIdle } from "@weft/ir";
import type { Counters } from "./device.ts";
import { deviceFor } from "./device.ts";

/** What a device has done and holds. */
export interface Stats extends Counters {
  /** Plans that are kept, and those that were let go. */
  readonly cachedPlans: number;
  readonly evictedPlans: number;
  /** Plans of jitted functions that are kept. */
  readonly jittedPlans: number;
  /** Results kept although nobody asked for them; small ones, which the collector sees, are left out. */
  readonly cachedResults: number;
  readonly cachedResultBytes: number;
  readonly evictedResults: number;
  /** Buffers of arrays that are not freed, cached results among them; of small arrays only those that are tracked. */
  readonly liveBuffers: number;
  readonly liveBytes: number;
  /** Bytes of values that came from the host, and that went there. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly memory: DeviceMemory;
  /** The device's own counters. */
  readonly device: Readonly<Record<string, number>>;
}

/** Counters since the device was first used. */
export function stats(backend: Backend): Stats {
  settleIdle();
  const { counters, plans, compiled, cached, live, moved } = deviceFor(backend);
  const { holds } = live;
  let liveBytes = 0;
  for (const hold of holds) liveBytes += hold.bytes;
  return {
    ...counters,
    cachedPlans: plans.size,
    evictedPlans: plans.evictions,
    jittedPlans: compiled.size,
    cachedResults: cached.count,
    cachedResultBytes: cached.bytes,
    evictedResults: cached.evictions,
    liveBuffers: holds.size,
    liveBytes,
    bytesUp: moved.up,
    bytesDown: moved.down,
    memory: backend.memory(),
    device: backend.counters(),
  };
}

/** An array whose memory is not given back. */
export interface LiveArray {
  readonly aval: Aval;
  readonly bytes: number;
}

/**
 * The arrays that are alive, largest first; cached results, which nobody has to free, are left out, and so are small
 * arrays of devices whose memory the collector sees, unless they were made under `trackingSmall`.
 */
export function liveArrays(backend: Backend): LiveArray[] {
  settleIdle();
  const found: LiveArray[] = [];
  for (const { aval, bytes, cached } of deviceFor(backend).live.holds) if (!cached) found.push({ aval, bytes });
  return found.sort((a, b) => b.bytes - a.bytes);
}

/** Frees all cached results. Returns how many bytes that were. */
export const evictCached = (backend: Backend): number => deviceFor(backend).cached.clear();

/** Forgets all plans of evaluations; jitted functions keep theirs. */
export const clearPlans = (backend: Backend): void => deviceFor(backend).plans.clear();

/** Frees what nobody can reach any more, where the host can collect at once; whether anything was. */
export const reclaimUnreachable = (backend: Backend): boolean => deviceFor(backend).live.reclaim();
