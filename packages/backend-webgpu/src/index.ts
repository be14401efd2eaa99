// The public face of the WebGPU device.
import { inTime } from "@weft/ir";
import type { Runtime } from "@weft/ir";
import { hostBytes, openGpu } from "#gpu";

import { WebgpuBackend } from "./backend.ts";
import { ANSWER_MS, DEFAULT_BYTES, MOST_BYTES } from "./limits.ts";
import { describeAdapter, Opening, openDevice } from "./opening.ts";
import type { AdapterInfo, OpeningEvents } from "./opening.ts";
import { needsCorrection } from "./probe.ts";

export type { WebgpuBackend } from "./backend.ts";
export type { AdapterInfo } from "./opening.ts";
export type { WebgpuProgram } from "./program.ts";

/** How a device is opened. */
export interface WebgpuOptions {
  /** The adapter to open first; the host's own choice for speed unless given. It must not have given a device yet. */
  readonly adapter?: GPUAdapter;
  /** Most bytes of live buffers. */
  readonly maximumBytes?: number;
  /** Takes errors that belong to no run. */
  readonly log?: (message: string) => void;
  /** Most bytes of one binding, where it is to be less than the adapter's limit. */
  readonly bindingBytes?: number;
  /** Elementary operations from which a dispatch is cut into several. */
  readonly dispatchWork?: number;
  /** Whether shaders are shaped for an adapter that computes on the processor; as the adapter says unless given. */
  readonly software?: boolean;
  /** Milliseconds before a lost device is opened again. */
  readonly reopenMs?: number;
  /** Milliseconds that the host has for each answer. */
  readonly answerMs?: number;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const CLOCK: Pick<Runtime, "now" | "timer"> = {
  now: () => performance.now(),
  timer: (callback, milliseconds) => {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** Bytes that buffers may take unless the caller says: WebGPU does not tell how much memory there is. */
function budgetOf({ maxBufferSize }: GPUSupportedLimits, { software }: AdapterInfo): number {
  if (software) return Math.min(DEFAULT_BYTES, (hostBytes ?? DEFAULT_BYTES) / 2);
  return Math.min(MOST_BYTES, Math.max(DEFAULT_BYTES, 4 * maxBufferSize));
}

/**
 * A device on WebGPU: navigator.gpu in browsers and workers, the optional package "webgpu" (Dawn) in Node. Where there
 * is none, says why instead of throwing.
 * @example
 * const found = await openWebgpu();
 * if ("missing" in found) console.log(found.missing);
 * else evaluate([x.node], found.backend);
 */
export async function openWebgpu(
  options: WebgpuOptions = {},
): Promise<{ backend: WebgpuBackend } | { missing: string }> {
  const source = await openGpu();
  if ("missing" in source) return { missing: `webgpu: ${source.missing}` };
  const { gpu, release } = source;
  const { answerMs = ANSWER_MS } = options;
  /** The host's answer; where it comes too late `drop` gives it back. */
  const answer = <T>(what: string, asked: Promise<T>, drop: (late: T) => void = () => {}): Promise<T> =>
    inTime(CLOCK, asked, answerMs, () => {
      asked.then(drop, () => {});
      throw new Error(`${what} has not answered within ${answerMs / 1000} s`);
    });
  const request = (): Promise<GPUAdapter | null> =>
    answer("requestAdapter", gpu.requestAdapter({ powerPreference: "high-performance" }));
  try {
    let adapter: GPUAdapter | null = options.adapter ?? (await request());
    if (adapter === null) {
      release();
      return { missing: "webgpu: the host has no adapter (in Node: a Vulkan, Metal or D3D12 driver is needed)" };
    }
    const totalBytes = Math.floor(options.maximumBytes ?? budgetOf(adapter.limits, describeAdapter(adapter)));
    const opening = async (epoch: number, events: OpeningEvents): Promise<Opening> => {
      // an adapter gives one device
      const chosen = adapter ?? (await request());
      adapter = null;
      if (chosen === null) throw new Error("the host has no adapter");
      const described = describeAdapter(chosen);
      const info = { ...described, software: options.software ?? described.software };
      const device = await answer("requestDevice", openDevice(chosen), (late) => late.destroy());
      const corrected = await answer("its first shader", needsCorrection(device)).catch((error: unknown) => {
        device.destroy();
        throw error;
      });
      const { bindingBytes = Infinity } = options;
      // some hosts have the operations and not the number of a subgroup, which its place in workgroup memory needs
      const subgroups =
        device.features.has("subgroups") && (gpu as Partial<GPU>).wgslLanguageFeatures?.has("subgroup_id") === true;
      return new Opening(device, info, epoch, { totalBytes, bindingBytes, corrected, subgroups }, events);
    };
    const { log = () => {}, reopenMs, dispatchWork } = options;
    return { backend: await WebgpuBackend.open({ opening, release, totalBytes, log, reopenMs, dispatchWork }) };
  } catch (error) {
    release();
    return { missing: `webgpu: the adapter does not open: ${messageOf(error)}` };
  }
}
