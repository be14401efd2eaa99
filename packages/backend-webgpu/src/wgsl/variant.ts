// Which variant suits a kernel at given sizes: a workgroup a grid point pays where folds are long and either grid
// points are few or neighbours in memory lie along the folded axis.
import type { Affine, Dim, Kernel } from "@weft/ir";
import type { Variant } from "./types.ts";
import { pointsOf } from "./params.ts";

/** Invocations of a workgroup that shares the inner axes of one grid point. */
export const GROUP = 256;

/** Invocations of a workgroup. Loops inside invocations want many workgroups, plain maps want them large. */
export const invocationsOf = ({ phases }: Kernel, variant: Variant): number =>
  variant === "group" || phases.every(({ axes }) => axes.length === 0) ? GROUP : 64;

/** Folds shorter than this do not fill a workgroup. */
const LONG = 256;
/** Grid points that fill a device by themselves. */
const FILLING = 16_384;
/** Folds up to this length may be summed one element after the other. */
const LEAF = 16_384;

/**
 * The variant to emit for a kernel at these dims. It is part of the pipeline's key. `filling` is the number of grid
 * points that keep the device busy with an invocation each; software adapters are served better by a small one.
 * @example emitWgsl(step.kernel, { ...options, variant: variantOf(step.kernel, dims) })
 */
export function variantOf(kernel: Kernel, dims: ArrayLike<number>, filling = FILLING): Variant {
  const valueOf = (dim: Dim): number => ("lit" in dim ? dim.lit : dims[dim.dim]);
  let longest = 0;
  let inner = -1;
  for (const { kind, axes } of kernel.phases) {
    if (kind !== "reduce" || axes.length === 0) continue;
    const length = axes.reduce((product, axis) => product * valueOf(kernel.axes[axis].size), 1);
    if (length > longest) [longest, inner] = [length, axes[axes.length - 1]];
  }
  if (longest < LONG) return "point";
  if (pointsOf(kernel, dims) < filling) return "group";
  if (filling < FILLING && longest <= LEAF) return "point";
  const last = kernel.grid[kernel.grid.length - 1];
  const strideOf = ({ terms }: Affine, axis: number): number | null => {
    for (const { coef, of } of terms) if ("axis" in of && of.axis === axis) return valueOf(coef);
    return null;
  };
  // loads that are contiguous along the fold, against those that are contiguous from grid point to grid point
  let balance = 0;
  for (const node of kernel.nodes) {
    if (node.op !== "load") continue;
    if (strideOf(node.at, inner) === 1) balance++;
    else if (strideOf(node.at, last) === 1 && strideOf(node.at, inner) !== null) balance--;
  }
  return balance > 0 ? "group" : "point";
}
