// How sums of floats are added up. A long chain of additions loses digits as it grows, the more so where its terms are
// alike: so an invocation adds up blocks, and blocks of blocks, and no chain is longer than LONGEST. What a workgroup
// shares is short already.
import type { Kernel } from "@weft/ir";
import type { Variant } from "./types.ts";

/** Elements of a block, and of a block of blocks. */
const BLOCKS = [32, 1024] as const;
/** Additions that may follow one another. */
const LONGEST = 64;
/** Axes so short that their loop goes on with the accumulator around it. */
const SHORT = 4;

/** How one axis is walked: the steps of its loops, outermost first, and whether each has an accumulator of its own. */
export interface Walk {
  readonly steps: readonly number[];
  readonly own: boolean;
}
const PLAIN: Walk = { steps: [1], own: false };

/** One entry an axis, for the sums of a kernel at these dims; null where a plain loop serves all of them. */
export function walksOf(kernel: Kernel, dims: readonly (number | null)[], variant: Variant): readonly Walk[] | null {
  if (variant === "group") return null;
  const { axes, phases } = kernel;
  const sizeOf = (axis: number): number => {
    const { size } = axes[axis];
    return ("lit" in size ? size.lit : dims[size.dim]) ?? Infinity;
  };
  const walks = new Map<number, Walk>();
  for (const phase of phases) {
    if (!phase.folds.some(({ monoid, lane }) => monoid === "sum" && lane === "f32")) continue;
    if (phase.axes.reduce((product, axis) => product * sizeOf(axis), 1) <= LONGEST) continue;
    for (const axis of phase.axes) {
      const size = sizeOf(axis);
      const blocks = BLOCKS.filter((block) => size > LONGEST && size > 2 * block).reverse();
      walks.set(axis, { steps: [...blocks, 1], own: size > SHORT });
    }
  }
  return walks.size === 0 ? null : axes.map((_, axis) => walks.get(axis) ?? PLAIN);
}

/** Tells walks apart in the names of kernels. */
export const nameOfWalks = (walks: readonly Walk[] | null): string =>
  walks === null ? "" : walks.map(({ steps, own }) => (own ? steps.length : 0)).join("");
