// Two devices that the parts of one graph are placed on: "auto". Owns the plans of evaluations on both, and whether the
// GPU may be used for them at all.
import type { Backend } from "@weft/ir";
import { DeviceError } from "@weft/ir";
import type { Counters, Device } from "../device.ts";
import { deviceFor } from "../device.ts";
import { CompiledPlans } from "../compiled-plans.ts";
import { MAX_COMPILED, MAX_PLANS } from "../limits.ts";
import { PlanCache } from "../plan-cache.ts";
import type { DeviceProfile } from "../profile.ts";
import { hybrid } from "./loading.ts";
import type { Side } from "./problem.ts";
import { CPU, GPU } from "./problem.ts";

/** How much faster than the processor a GPU has to be at something, by measurement, to be used. */
const FASTER = 1.5;

/** The processor's device and a GPU's. */
export class Pair {
  readonly id = "auto";
  readonly devices: readonly [cpu: Device, gpu: Device];
  readonly plans = new PlanCache(MAX_PLANS);
  readonly compiled = new CompiledPlans(MAX_COMPILED, this.plans);
  /** Plans that place work on the pair; what ran is counted by each device. */
  readonly counters: Counters = { runs: 0, steps: 0, hits: 0, plans: 0, compiledGraphs: 0, refusals: 0 };
  /** Whether adapters that only imitate a GPU are used. */
  software = false;

  constructor(cpu: Backend, gpu: Backend) {
    this.devices = [deviceFor(cpu), deviceFor(gpu)];
  }

  /** Which of the two it is. */
  sideOf(backend: Backend): Side {
    if (backend === this.devices[CPU].backend) return CPU;
    if (backend === this.devices[GPU].backend) return GPU;
    const [cpu, gpu] = this.devices;
    throw new DeviceError(
      `auto: an array lies on ${backend.id}, and parts are placed on ${cpu.backend.id} and ${gpu.backend.id}; move it with devicePut`,
    );
  }

  has(backend: Backend): boolean {
    return backend === this.devices[CPU].backend || backend === this.devices[GPU].backend;
  }

  get profiles(): readonly [cpu: DeviceProfile, gpu: DeviceProfile] {
    const { profileOf } = hybrid();
    return [profileOf(this.devices[CPU].backend), profileOf(this.devices[GPU].backend)];
  }

  /** Why nothing is placed on the GPU; null where things may be. */
  refusal([cpu, gpu]: readonly [DeviceProfile, DeviceProfile]): string | null {
    if (gpu.kind === "gpu-software") return this.software ? null : "it is a software adapter";
    if (gpu.source === "measured" && gpu.streamGBs < FASTER * cpu.streamGBs && gpu.rate.gemm < FASTER * cpu.rate.gemm) {
      return `it measured less than ${FASTER} times the processor's speed`;
    }
    return null;
  }
}

const pairs = new WeakMap<Backend, WeakMap<Backend, Pair>>();

/**
 * The pair of two devices; the same two always give the same one.
 * @example evaluate([y.node], pairOf(wasm, webgpu))
 */
export function pairOf(cpu: Backend, gpu: Backend): Pair {
  let partners = pairs.get(cpu);
  if (partners === undefined) pairs.set(cpu, (partners = new WeakMap()));
  let pair = partners.get(gpu);
  if (pair === undefined) partners.set(gpu, (pair = new Pair(cpu, gpu)));
  return pair;
}
