// What steps and transfers cost on a device, by its profile (RUNTIME.md section 4). Pure functions of a fused step and
// numbers. Sizes are rounded to powers of two first, so that arrays of similar sizes get the same placement. A device
// that cannot run a step costs infinity.
import type { Affine, Backend, Kernel } from "@weft/ir";
import { STORAGE_BYTES } from "@weft/ir";
import type { Draft } from "../lower/index.ts";
import { groupOf } from "../lower/index.ts";
import type { Item } from "../lower/items.ts";
import { unitsOf } from "../lower/items.ts";
import type { DeviceProfile, WorkClass } from "../profile.ts";

/** Units from which one scalar operation makes its kernel a heavy one. */
const HEAVY_UNITS = 16;

/** What the cost model asks of a device. */
export type CostDevice = Pick<Backend, "serves" | "limits">;

/** The nearest power of two. */
const bucketOf = (n: number): number => (n <= 0 ? 0 : 2 ** Math.round(Math.log2(n)));

/** Whether a device can run a step at all. */
function canRun({ reads, writes, kernel }: Draft, device: CostDevice): boolean {
  const { limits } = device;
  const fits = (item: Item): boolean => device.serves(item.storage) && item.bytes <= limits.bufferBytes;
  if (!reads.every(fits) || !writes.every(fits)) return false;
  if (kernel === null) return true;
  if (kernel.buffers.length > (limits.kernelBuffers ?? Infinity)) return false;
  // what is converted to float64 and back inside a kernel never lies in memory
  return device.serves("f64") || !kernel.built.kernel.nodes.some(({ lane }) => lane === "f64");
}

/** The class of a kernel's work: what it does that is dearest. */
function classOf({ nodes }: Kernel): WorkClass {
  // whether a value changes from point to point: a computed place that does not is the start of a slice
  const varies: boolean[] = [];
  const moves = ({ terms }: Affine): boolean => terms.some(({ of }) => !("value" in of) || varies[of.value]);
  let found: WorkClass = "light";
  for (const node of nodes) {
    if (node.op === "load") {
      if (node.at.terms.some(({ of }) => "value" in of && varies[of.value])) return "gather";
      varies.push(moves(node.at));
    } else if (node.op === "index") varies.push(moves(node.of));
    else if (node.op === "apply") {
      if (unitsOf(node.fn, node.lane) >= HEAVY_UNITS) found = "heavy";
      varies.push(node.args.some((arg) => varies[arg]));
    } else varies.push(node.op !== "const" && node.op !== "param");
  }
  return found;
}

/** Bytes a kernel moves: of each array what its accesses span, and never more than there is. */
function kernelBytes({ kernel }: Draft): number {
  if (kernel === null) return 0;
  const { built, buffers } = kernel;
  const { kernel: code, dims } = built;
  const sizes = code.axes.map(({ size }) => {
    const value = "lit" in size ? size.lit : dims[size.dim];
    return typeof value === "number" ? value : value.base;
  });
  const everywhere = sizes.reduce((product, size) => product * size, 1);
  const spans = buffers.map(() => 0);
  const add = (buffer: number, terms: Affine["terms"]): void => {
    const axes = new Set<number>();
    for (const { of } of terms) {
      if ("axis" in of) axes.add(of.axis);
      else {
        spans[buffer] += everywhere;
        return;
      }
    }
    let span = 1;
    for (const axis of axes) span *= sizes[axis];
    spans[buffer] += span;
  };
  for (const node of code.nodes) if (node.op === "load") add(node.buffer, node.at.terms);
  for (const { stores } of code.phases) for (const { buffer, at } of stores) add(buffer, at.terms);
  return spans.reduce(
    (sum, span, i) => sum + Math.min(span * STORAGE_BYTES[code.buffers[i].storage], buffers[i].bytes),
    0,
  );
}

/** Nanoseconds of one step: the launch, and the longer of its work and its bytes. */
export function stepCost(draft: Draft, device: CostDevice, { launchNs, streamGBs, rate }: DeviceProfile): number {
  if (!canRun(draft, device)) return Infinity;
  const { kernel, gemm } = draft;
  const { work, bytesRead, bytesWritten } = groupOf(draft);
  if (gemm !== null)
    return launchNs + Math.max((2 * bucketOf(work)) / rate.gemm, bucketOf(bytesRead + bytesWritten) / streamGBs);
  if (draft.transpose !== null || kernel === null) return launchNs + bucketOf(bytesRead + bytesWritten) / streamGBs;
  return (
    launchNs + Math.max(bucketOf(work) / rate[classOf(kernel.built.kernel)], bucketOf(kernelBytes(draft)) / streamGBs)
  );
}

/** Nanoseconds to send bytes from one device to another through the host. */
export const transferCost = (bytes: number, from: DeviceProfile, to: DeviceProfile): number => {
  const size = bucketOf(bytes);
  return from.readNs + size / from.downGBs + size / to.upGBs;
};
