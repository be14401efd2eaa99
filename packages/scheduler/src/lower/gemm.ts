// Contractions for a matrix template: which stored array each operand is a strided view of, and the batch, row and
// column strides of the view; where it is none, the operand is stored in the template's own order.
import type { DimValue, Node, ParamsOf, StorageType } from "@weft/ir";
import { freeAxes } from "@weft/ir";
import type { Access, AxisTerm, Form, IndexSpace } from "./index-map.ts";
import type { Item } from "./items.ts";
import { isView, operandAccess } from "./views.ts";

/** A matrix (or a batch of them) inside a stored array. */
export interface MatrixView {
  readonly item: Item;
  readonly base: DimValue;
  readonly batchStride: number;
  readonly rowStride: number;
  readonly colStride: number;
}

export interface GemmForm {
  readonly storage: "f32" | "f64" | "i32" | "u32";
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly lhs: MatrixView;
  readonly rhs: MatrixView;
}

/** Axes of one operand in the order batch, free, contracted, and the sizes of the three groups. */
export interface OperandAxes {
  readonly batch: readonly number[];
  readonly free: readonly number[];
  readonly contract: readonly number[];
}

export function operandAxes(node: Node, side: 0 | 1): OperandAxes {
  const { contract, batch } = node.params as ParamsOf["dotGeneral"];
  const rank = node.operands[side].aval.shape.length;
  return { batch: batch[side], free: freeAxes(rank, contract[side], batch[side]), contract: contract[side] };
}

export const product = (shape: readonly number[], axes: readonly number[]): number =>
  axes.reduce((size, axis) => size * shape[axis], 1);

export const isGemmStorage = (storage: StorageType): storage is GemmForm["storage"] =>
  storage !== "bool" && storage !== "f16";

/**
 * The operand as a strided matrix view of a stored array: follows views down to the first item that is none. Null
 * where the groups of axes do not each step evenly. `transpose` swaps rows and columns (the right operand's rows are
 * its contracted axes).
 */
export function stridedView(
  space: IndexSpace,
  operand: Item,
  axes: OperandAxes,
  transpose: boolean,
): MatrixView | null {
  let bit = 0;
  const forms: Form[] = operand.shape.map(() => space.zero);
  const group = (list: readonly number[]): AxisTerm[] =>
    list
      .filter((axis) => operand.shape[axis] !== 1)
      .map((axis) => {
        const term = space.axis(operand.shape[axis], bit++);
        forms[axis] = space.of(term);
        return term;
      });
  const batch = group(axes.batch);
  const free = group(axes.free);
  const contract = group(axes.contract);
  let item = operand;
  let access: Access = space.access(forms, null);
  while (isView(item) && !item.mustStore) {
    access = operandAccess(space, item, 0, access);
    item = item.operands[0];
    if (access.guard !== null || access.digits > 0) return null;
  }
  const flat = space.flat(access.index, item.shape);
  if (flat.terms.some(({ of }) => of.kind !== "axis")) return null;
  const strides = [batch, free, contract].map((terms) => strideOf(flat, terms));
  const [batchStride, freeStride, contractStride] = strides;
  if (batchStride === null || freeStride === null || contractStride === null) return null;
  const slots = space.slotTerms(flat);
  const base = slots.length === 0 ? flat.base : { base: flat.base, terms: slots };
  return {
    item,
    base,
    batchStride,
    rowStride: transpose ? contractStride : freeStride,
    colStride: transpose ? freeStride : contractStride,
  };
}

function strideOf(flat: Form, axes: readonly AxisTerm[]): number | null {
  const coefOf = (axis: AxisTerm): number => flat.terms.find(({ of }) => of === axis)?.coef ?? 0;
  for (let i = axes.length - 1; i > 0; i--) if (coefOf(axes[i - 1]) !== coefOf(axes[i]) * axes[i].size) return null;
  return axes.length === 0 ? 0 : coefOf(axes[axes.length - 1]);
}
