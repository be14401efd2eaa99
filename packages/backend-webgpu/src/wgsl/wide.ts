// Which plain maps an invocation computes four points of at a time, and which of their buffers are then read and written
// as vectors of four: those whose every access moves by one element from point to point and begins where vectors do.
// Reading and writing storage costs more than most arithmetic, on processors that imitate a GPU above all.
import type { Affine, Dim, Kernel } from "@weft/ir";

/** Points of an invocation. */
export const WIDE = 4;
export const COMPONENTS = ["x", "y", "z", "w"] as const;
/** Kernels with more nodes stay narrow: their text would be written four times. */
const MOST_NODES = 64;

/**
 * One entry a buffer: whether it is bound as vectors. Null where the kernel is computed point by point. `dims` has null
 * for what is not known, `bases` the elements from each binding's start to its buffer's element 0.
 * @example emitWgsl(kernel, { ...options, wide: wideBuffers(kernel, dims, bases) })
 */
export function wideBuffers(
  kernel: Kernel,
  dims: readonly (number | null)[],
  bases: readonly number[],
): readonly boolean[] | null {
  const { phases, grid, axes, nodes, buffers } = kernel;
  const [phase] = phases;
  if (phases.length !== 1 || phase.axes.length > 0 || phase.folds.length > 0 || grid.length === 0) return null;
  if (nodes.length > MOST_NODES) return null;
  const valueOf = (dim: Dim): number | null => ("lit" in dim ? dim.lit : dims[dim.dim]);
  const last = grid[grid.length - 1];
  const size = valueOf(axes[last].size);
  if (size === null || size % WIDE !== 0) return null;
  if (buffers.some(({ storage }) => storage === "bool" || storage === "f16" || storage === "f64")) return null;
  const even = (dim: Dim): boolean => (valueOf(dim) ?? 1) % WIDE === 0;
  const moves = ({ base, terms }: Affine): boolean => {
    let steps = 0;
    for (const { coef, of } of terms) {
      if (!("axis" in of)) return false;
      if (of.axis !== last) {
        if (!even(coef)) return false;
      } else if (valueOf(coef) === 1) steps++;
      else return false;
    }
    return steps === 1 && even(base);
  };
  const vectors = buffers.map((_, i) => bases[i] % WIDE === 0);
  for (const node of nodes)
    if (node.op === "load" && (node.guard !== null || !moves(node.at))) vectors[node.buffer] = false;
  for (const { buffer, at } of phase.stores) if (!moves(at)) vectors[buffer] = false;
  return phase.stores.some(({ buffer }) => vectors[buffer]) ? vectors : null;
}
