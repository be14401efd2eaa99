// Two simulated devices on one clock for tests of plans over both, and short ways to run such plans. Both are checked:
// what breaks the contract of devices throws.
import type { Backend, Graph, Node, RefArray, Value } from "@weft/ir";
import { finishParts, nbytes } from "@weft/ir";
import { readValue, uploadValue } from "../data.ts";
import type { HybridPlan, PlaceRequest } from "../hybrid/plan.ts";
import { planOnPair } from "../hybrid/plan.ts";
import type { Pair } from "../hybrid/pair.ts";
import { pairOf } from "../hybrid/pair.ts";
import type { Side } from "../hybrid/problem.ts";
import { profileSource } from "../hybrid/profiles.ts";
import { loadHybrid } from "../hybrid/loading.ts";
import type { DeviceProfile } from "../profile.ts";
import { shippedProfile } from "../profile.ts";
import type { SimFault, SimOptions } from "../sim/backend.ts";
import { SimBackend } from "../sim/backend.ts";
import { VirtualClock } from "../sim/clock.ts";
import type { Storage } from "../storage.ts";

await loadHybrid();

const VIEWS = {
  bool: Uint8Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;
const viewOf = (dtype: string) => VIEWS[dtype as keyof typeof VIEWS];

/** A processor that callers may block on and a GPU that they may not. */
export interface Duo {
  readonly clock: VirtualClock;
  readonly cpu: SimBackend;
  readonly gpu: SimBackend;
  readonly pair: Pair;
}

export interface DuoOptions {
  readonly cpu?: Partial<SimOptions> & { readonly speed?: Partial<DeviceProfile> };
  readonly gpu?: Partial<SimOptions> & { readonly speed?: Partial<DeviceProfile> };
  readonly cpuFaults?: readonly SimFault[];
  readonly gpuFaults?: readonly SimFault[];
}

export function createDuo({ cpu = {}, gpu = {}, cpuFaults, gpuFaults }: DuoOptions = {}): Duo {
  const clock = new VirtualClock();
  const { speed: cpuSpeed, ...cpuRest } = cpu;
  const { speed: gpuSpeed, ...gpuRest } = gpu;
  const one = new SimBackend({
    clock,
    profile: { ...shippedProfile({ id: "wasm", fingerprint: "wasm", kind: "cpu" }), ...cpuSpeed },
    ...cpuRest,
    ...(cpuFaults === undefined ? {} : { faults: cpuFaults }),
  });
  const two = new SimBackend({
    clock,
    profile: { ...shippedProfile({ id: "webgpu", fingerprint: "webgpu", kind: "gpu" }), ...gpuSpeed },
    canBlock: false,
    ...gpuRest,
    ...(gpuFaults === undefined ? {} : { faults: gpuFaults }),
  });
  // simulated devices know what they are worth
  profileSource((backend) => (backend instanceof SimBackend ? backend.profile : shippedProfile(backend)));
  return { clock, cpu: one, gpu: two, pair: pairOf(one, two) };
}

/** Data as a value of a device. */
export function valueOf(backend: Backend, { aval }: Node, { data }: RefArray): Storage {
  return uploadValue(backend, aval, viewOf(aval.dtype).from(data));
}

/** The elements of a value, once its run is done. */
export async function elementsOf({ aval }: Node, value: Value): Promise<RefArray> {
  const bytes = new Uint8Array(nbytes(aval));
  await readValue(value, bytes);
  return { dtype: aval.dtype, shape: aval.shape, data: Float64Array.from(new (viewOf(aval.dtype))(bytes.buffer)) };
}

/** A plan for a graph on a duo, placed by cost unless told otherwise; inputs lie on the processor. */
export const planFor = (graph: Graph, { pair }: Duo, request: Partial<PlaceRequest> = {}): HybridPlan =>
  finishParts(
    planOnPair(graph, pair, {
      homes: graph.inputs.map((): Side => 0),
      wanted: null,
      forced: null,
      kept: [],
      ...request,
    }),
  );
