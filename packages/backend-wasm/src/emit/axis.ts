// Chooses the vector axis of a kernel: the last grid axis, or the last inner axis of each phase. A pure function
// of the kernel, so that a kernel's results do not depend on sizes or on how the grid is cut.
import type { Affine, AxisId, Kernel } from "@weft/ir";
import { isUnitAxis } from "./affine.ts";

/** Literal inner extents up to this size are too short to be worth a vector loop of their own. */
const SHORT_AXIS = 16;

const COST = { absent: 1, unit: 2, strided: 8, gather: 12 } as const;

function mentions(affine: Affine, axis: AxisId): boolean {
  return affine.terms.some(({ of }) => ("axis" in of ? of.axis === axis : "digit" in of && mentions(of.digit, axis)));
}

function costAlong(affine: Affine, axis: AxisId): number {
  let cost: number = COST.absent;
  for (const { coef, of } of affine.terms) {
    if ("value" in of) cost = Math.max(cost, COST.gather);
    else if ("digit" in of) cost = Math.max(cost, mentions(of.digit, axis) ? COST.gather : COST.absent);
    else if (of.axis === axis)
      cost = Math.max(cost, "lit" in coef && Math.abs(coef.lit) === 1 ? COST.unit : COST.strided);
  }
  return cost;
}

/** The last grid axis if vectors lie along it, -1 if they lie along the last inner axis of each phase. */
export function chooseVectorAxis(kernel: Kernel, grid: readonly AxisId[], needed: readonly Uint8Array[]): AxisId {
  if (grid.length === 0) return -1;
  const last = grid[grid.length - 1];
  let innerCost = 0;
  let gridCost = 0;
  let unit = false;
  let short = true;
  let inner = false;
  kernel.phases.forEach((phase, index) => {
    const axes = phase.axes.filter((axis) => !isUnitAxis(kernel, axis));
    if (axes.length === 0) return;
    inner = true;
    const along = axes[axes.length - 1];
    const { size } = kernel.axes[along];
    short &&= "lit" in size && size.lit <= SHORT_AXIS;
    const count = (affine: Affine): void => {
      innerCost += costAlong(affine, along);
      const cost = costAlong(affine, last);
      gridCost += cost;
      unit ||= cost === COST.unit;
    };
    kernel.nodes.forEach((node, id) => {
      if (needed[index][id] === 1 && node.op === "load") count(node.at);
    });
    for (const store of phase.stores) count(store.at);
  });
  if (!inner) return last;
  return unit && (gridCost < innerCost || (short && gridCost <= innerCost)) ? last : -1;
}
