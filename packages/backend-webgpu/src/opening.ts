// One opening of the device: from an adapter to its loss or its close. Everything made from a GPUDevice hangs here, so
// that nothing of a lost device outlives it. How a loss is survived is the backend's business.
import { weakly } from "@weft/ir";

import { CACHED_SHARE } from "./limits.ts";
import { Pace } from "./pace.ts";
import { PipelineCache } from "./pipelines.ts";
import { BufferPool } from "./pool.ts";
import { Readback } from "./readback.ts";
import type { Tracing } from "./tracing.ts";

/** What is known of the adapter. */
export interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  /** Whether it computes on the host's processor. */
  readonly software: boolean;
  /** Optional WebGPU features that are switched on. */
  readonly features: readonly string[];
}

/** What was found out, or asked for, before an opening is made. */
export interface OpeningFacts {
  readonly totalBytes: number;
  readonly bindingBytes: number;
  readonly corrected: boolean;
  readonly subgroups: boolean;
}

/** What an opening needs of its owner. */
export interface OpeningEvents {
  now(): number;
  readonly tracing: Tracing;
  lost(opening: Opening, reason: string): void;
  uncaptured(opening: Opening, message: string): void;
}

/** Features that code is generated for where they exist. */
const FEATURES = ["shader-f16", "subgroups", "timestamp-query"] as const;
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render|softpipe/i;

/** Describes an adapter. */
export function describeAdapter(adapter: GPUAdapter): AdapterInfo {
  // hosts of before 2024 have no `info`, or tell less, and say elsewhere what computes
  const info: Partial<GPUAdapterInfo> = (adapter as Partial<GPUAdapter>).info ?? {};
  const { vendor = "", architecture = "", description = "" } = info;
  const { isFallbackAdapter = info.isFallbackAdapter } = adapter as { readonly isFallbackAdapter?: boolean };
  const software =
    isFallbackAdapter === true || [vendor, architecture, description].some((text) => SOFTWARE.test(text));
  const features = FEATURES.filter((feature) => adapter.features.has(feature));
  return { vendor, architecture, description, software, features };
}

/** A GPUDevice and what was made from it. */
export class Opening {
  readonly device: GPUDevice;
  readonly queue: GPUQueue;
  readonly epoch: number;
  readonly info: AdapterInfo;
  readonly pool: BufferPool;
  readonly pipelines: PipelineCache;
  readonly readback: Readback;
  readonly pace: Pace;
  readonly tracing: Tracing;
  /** Most bytes of one storage binding. */
  readonly bindingBytes: number;
  /** Whether quotients and square roots need code of their own; see probe.ts. */
  readonly corrected: boolean;
  /** Whether folds may start inside subgroups. */
  readonly subgroups: boolean;
  alive = true;

  constructor(device: GPUDevice, info: AdapterInfo, epoch: number, found: OpeningFacts, events: OpeningEvents) {
    const { totalBytes, bindingBytes, corrected, subgroups } = found;
    this.corrected = corrected;
    this.subgroups = subgroups;
    this.device = device;
    this.queue = device.queue;
    this.info = info;
    this.epoch = epoch;
    this.bindingBytes = Math.min(bindingBytes, device.limits.maxStorageBufferBindingSize);
    this.pool = new BufferPool(device, epoch, totalBytes, totalBytes * CACHED_SHARE);
    this.tracing = events.tracing;
    this.pipelines = new PipelineCache(device, events.tracing);
    this.readback = new Readback(device, events.tracing);
    this.pace = new Pace(
      info.software,
      () => device.queue.onSubmittedWorkDone(),
      () => events.now(),
    );
    this.complain = (message) => events.uncaptured(this, message);
    // A callback that held `this` would keep a closed device in memory as long as its `lost` promise.
    const opening = weakly(this);
    void device.lost.then(({ reason, message }) => {
      const it = opening.deref();
      it?.pace.abandon();
      if (it === undefined || !it.alive) return;
      it.alive = false;
      events.lost(it, message === "" ? reason : message);
    });
    device.onuncapturederror = (event) => {
      // it is told as a run's failure, not to the console
      event.preventDefault();
      const it = opening.deref();
      if (it !== undefined) events.uncaptured(it, event.error.message);
    };
  }

  /** Resolves when the work submitted so far has ended: whether the device is still there. */
  readonly completion = async (): Promise<boolean> => {
    await this.queue.onSubmittedWorkDone();
    // what ran with a shader that turns out to be wrong has failed by now
    if (this.pipelines.proofs.size > 0) await Promise.all(this.pipelines.proofs);
    return this.alive;
  };

  /** Tells of an error of WebGPU that no operation asks for. */
  readonly complain: (message: string) => void;

  /** Gives everything back. */
  destroy(): void {
    this.alive = false;
    this.device.onuncapturederror = null;
    this.device.destroy();
  }
}

/** Opens an adapter with everything it can do; null where there is none. */
export async function openDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const { limits } = adapter;
  const requiredLimits: Record<string, number> = {};
  const wanted = [
    "maxBufferSize",
    "maxStorageBufferBindingSize",
    "maxStorageBuffersPerShaderStage",
    "maxComputeWorkgroupStorageSize",
    "maxComputeInvocationsPerWorkgroup",
    "maxComputeWorkgroupSizeX",
    "maxComputeWorkgroupSizeY",
    "maxComputeWorkgroupsPerDimension",
  ] as const;
  for (const name of wanted) if (limits[name] !== undefined) requiredLimits[name] = limits[name];
  const requiredFeatures = FEATURES.filter((feature) => adapter.features.has(feature)) as GPUFeatureName[];
  return adapter.requestDevice({ requiredLimits, requiredFeatures });
}
