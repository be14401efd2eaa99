// How long a simulated device takes for a step, by its profile: the launch, and whichever is longer of the work and the
// bytes. Reads the step as it is run, not as the planner saw it, so that the planner's estimates have a witness.
import type { Affine, Kernel, Step } from "@weft/ir";
import { STORAGE_BYTES } from "@weft/ir";
import { unitsOf } from "../lower/items.ts";
import type { DeviceProfile, WorkClass } from "../profile.ts";

/** Units from which an operation makes its kernel a heavy one. */
const HEAVY_UNITS = 16;

type KernelStep = Extract<Step, { kind: "kernel" }>;

/** The class of a kernel's work: what it does that is dearest. */
export function classOf({ nodes, phases }: Kernel): WorkClass {
  const computed = ({ terms }: Affine): boolean => terms.some(({ of }) => "value" in of);
  if (phases.some(({ stores }) => stores.some(({ at }) => computed(at)))) return "scatter";
  let found: WorkClass = "light";
  for (const node of nodes) {
    if (node.op === "load" && computed(node.at)) return "gather";
    if (node.op === "apply" && unitsOf(node.fn, node.lane) >= HEAVY_UNITS) found = "heavy";
  }
  return found;
}

/** Bytes that a kernel moves: of each access as much as its axes span. */
export function kernelBytes({ kernel, dims }: KernelStep): number {
  const sizes = kernel.axes.map(({ size }) => {
    if ("lit" in size) return size.lit;
    const value = dims[size.dim];
    return typeof value === "number" ? value : value.base;
  });
  const everywhere = sizes.reduce((product, size) => product * size, 1);
  const span = ({ terms }: Affine): number => {
    const axes = new Set<number>();
    for (const { of } of terms) {
      if (!("axis" in of)) return everywhere;
      axes.add(of.axis);
    }
    let elements = 1;
    for (const axis of axes) elements *= sizes[axis];
    return elements;
  };
  let bytes = 0;
  for (const node of kernel.nodes)
    if (node.op === "load") bytes += span(node.at) * STORAGE_BYTES[kernel.buffers[node.buffer].storage];
  for (const { stores } of kernel.phases)
    for (const { buffer, at } of stores) bytes += span(at) * STORAGE_BYTES[kernel.buffers[buffer].storage];
  return bytes;
}

/** Nanoseconds of one step. */
export function stepNanoseconds(step: Step, profile: DeviceProfile): number {
  const { launchNs, streamGBs, rate } = profile;
  switch (step.kind) {
    case "kernel":
      return launchNs + Math.max(step.work / rate[classOf(step.kernel)], kernelBytes(step) / streamGBs);
    case "gemm": {
      const { batch, m, n, k, storage } = step;
      const bytes = STORAGE_BYTES[storage] * batch * (m * k + k * n + m * n);
      return launchNs + Math.max((2 * batch * m * n * k) / rate.gemm, bytes / streamGBs);
    }
    case "transpose":
      return launchNs + (2 * STORAGE_BYTES[step.storage] * step.batch * step.rows * step.cols) / streamGBs;
    case "copy":
      return launchNs + (2 * step.bytes) / streamGBs;
  }
}
