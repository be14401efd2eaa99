// Rows that are computed once: where a heavy value feeds a fold of a row and the row's own result as well (softmax's
// exponentials), the fold's phase leaves it in the result's memory, and the last phase reads it there.
import type { Region, Use } from "./region.ts";

/** Work from which keeping a value beats computing it twice, in additions. */
const HEAVY = 16;

export interface Kept {
  readonly use: Use;
  /** The folds that read it: one of their phases stores it. */
  readonly folds: readonly Use[];
}

/** The one value of this region that is worth keeping, or null. */
export function keptOf(region: Region): Kept | null {
  const [output] = region.outputs;
  const { mapAxes } = region;
  if (region.outputs.length !== 1 || region.piece || mapAxes.length === 0 || region.inner === null) return null;
  const folds: Use[] = [];
  reach([output.use], folds);
  for (let i = 0; i < folds.length; i++) reach(folds[i].operands ?? [], folds);
  if (folds.length === 0) return null;
  const cones = folds.map((fold) => reach(fold.operands ?? [], []));
  const looped = mapAxes.reduce((mask, axis) => mask | axis.mask, 0);
  const isCandidate = (use: Use): boolean =>
    use.operands !== null &&
    !use.load &&
    use.item.depth >= HEAVY &&
    (use.access.mask & looped) !== 0 &&
    cones.some((cone) => cone.has(use));
  // the topmost ones: below them nothing is computed again
  const tops = new Set<Use>();
  const seen = new Set<Use>();
  const stack = [output.use];
  while (stack.length > 0) {
    const use = stack.pop() as Use;
    if (seen.has(use) || use.item.kind === "fold") continue;
    seen.add(use);
    if (isCandidate(use)) tops.add(use);
    else if (!use.load) stack.push(...(use.operands ?? []));
  }
  const [top] = tops;
  if (tops.size !== 1 || top === output.use || top.item.storage !== output.target.storage) return null;
  return { use: top, folds: folds.filter((_, i) => cones[i].has(top)) };
}

/** All uses that these are computed from, up to folds, which are collected. */
function reach(roots: readonly Use[], folds: Use[]): Set<Use> {
  const seen = new Set<Use>();
  const stack = [...roots];
  while (stack.length > 0) {
    const use = stack.pop() as Use;
    if (seen.has(use)) continue;
    if (use.item.kind === "fold" && !use.load) {
      if (!folds.includes(use)) folds.push(use);
      continue;
    }
    seen.add(use);
    if (!use.load) stack.push(...(use.operands ?? []));
  }
  return seen;
}
