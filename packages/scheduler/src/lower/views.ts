// How the index map of an item becomes that of its operands: one rule a view primitive. Pure integer algebra on
// index-map forms; guards appear where padding and concatenation begin.
import { IndexError } from "@weft/ir";
import type { Access, Form, GuardEntry, IndexSpace } from "./index-map.ts";
import { POSITIONS } from "./index-map.ts";
import type { Item } from "./items.ts";
import { paramsAs } from "./items.ts";

/** Whether the item only renames the elements of its first operand (no guards, no computing). */
export const isView = ({ kind }: Item): boolean =>
  kind === "reshape" || kind === "transpose" || kind === "broadcastInDim" || kind === "flip" || kind === "slice";

/** What reads so far into something that its places have no number in a kernel. */
export const tooFar = (item: Item, places: number): IndexError =>
  new IndexError(
    `evaluation: ${item.toString()} needs ${places} places of an axis told apart, and kernels number 2³² (${POSITIONS}) at most; ` +
      "take parts before joining, padding or reshaping them, or make the axis shorter",
  );

/** The entry of a guard along an axis of the item: whether `of` lies among the operand's places. */
function entry(item: Item, axis: number, of: Form, hi: number): GuardEntry {
  const places = Math.min(of.hi - of.lo + 1, item.shape[axis]);
  if (places >= POSITIONS && !(of.lo >= 0 && of.hi < hi)) throw tooFar(item, places);
  return { of, lo: 0, hi };
}

/** The access of operand `k` when `item` itself is read at `access`. Not for folds, which have loops of their own. */
export function operandAccess(space: IndexSpace, item: Item, k: number, access: Access): Access {
  const operand = item.operands[k];
  if (operand.shape.length === 0) return space.scalar;
  const { index, guard } = access;
  // an axis of one element has one place, whatever the guard
  const at = (axis: number, form: () => Form): Form => (operand.shape[axis] === 1 ? space.zero : form());
  switch (item.kind) {
    case "reshape":
      return space.access(reshapeIndex(space, index, item.shape, operand.shape), guard);
    case "transpose": {
      const { perm } = paramsAs(item, "transpose");
      const moved: Form[] = [];
      perm.forEach((axis, i) => (moved[axis] = index[i]));
      return space.access(moved, guard);
    }
    case "broadcastInDim":
      return space.access(
        paramsAs(item, "broadcastInDim").axes.map((axis, i) => at(i, () => index[axis])),
        guard,
      );
    case "flip": {
      const { axes } = paramsAs(item, "flip");
      return space.access(
        index.map((form, axis) =>
          at(axis, () => (axes.includes(axis) ? space.scale(form, -1, operand.shape[axis] - 1) : form)),
        ),
        guard,
      );
    }
    case "slice": {
      const { strides } = paramsAs(item, "slice");
      const { shape, slotBase } = item;
      const starts = new Array<Form>(index.length);
      for (let axis = 0; axis < index.length; axis++) {
        const size = operand.shape[axis];
        const form = index[axis];
        starts[axis] =
          size === 1 ? space.zero : shape[axis] === size ? form : space.scale(form, strides[axis], 0, slotBase + axis);
      }
      return space.access(starts, guard);
    }
    case "pad": {
      const { lo } = paramsAs(item, "pad");
      const shifted = index.map((form, axis) => space.scale(form, 1, -lo[axis]));
      const entries = shifted.flatMap((of, axis) =>
        lo[axis] > 0 || item.shape[axis] - lo[axis] > operand.shape[axis]
          ? [entry(item, axis, of, operand.shape[axis])]
          : [],
      );
      return space.access(
        shifted.map((form, axis) => at(axis, () => form)),
        space.guard(guard, entries),
      );
    }
    case "concatenate": {
      const { axis } = paramsAs(item, "concatenate");
      let offset = 0;
      for (let i = 0; i < k; i++) offset += item.operands[i].shape[axis];
      const own = space.scale(index[axis], 1, -offset);
      const shifted = index.map((form, i) => at(i, () => (i === axis ? own : form)));
      return space.access(shifted, space.guard(guard, [entry(item, axis, own, operand.shape[axis])]));
    }
    case "dynamicSlice": {
      // batch axes come first; every start has their shape
      const { sizes, batch } = paramsAs(item, "dynamicSlice");
      const outer = space.access(index.slice(0, batch), guard);
      if (k > 0) return outer;
      const places = index.map((form, axis) => {
        if (axis < batch) return form;
        return at(axis, () => {
          const start = item.operands[1 + axis - batch];
          const first = space.start(
            start,
            start.shape.length === 0 ? space.scalar : outer,
            operand.shape[axis] - sizes[axis - batch],
          );
          return space.sum([
            { coef: 1, form: first },
            { coef: 1, form },
          ]);
        });
      });
      return space.access(places, guard);
    }
    default:
      // elementwise: operands have the item's own shape (rank 0 is above)
      return access;
  }
}

/** Row-major reshape: groups of axes with equal products map to each other, exactly where divisions allow. */
function reshapeIndex(
  space: IndexSpace,
  index: readonly Form[],
  from: readonly number[],
  to: readonly number[],
): Form[] {
  const result: Form[] = to.map(() => space.zero);
  let i = 0;
  let j = 0;
  while (i < from.length || j < to.length) {
    let left = 1;
    let right = 1;
    const startI = i;
    const startJ = j;
    do {
      if (left <= right && i < from.length) left *= from[i++];
      else if (j < to.length) right *= to[j++];
      else left *= from[i++];
    } while (left !== right || (left === 1 && (i < from.length || j < to.length) && (from[i] === 1 || to[j] === 1)));
    const group = index.slice(startI, i);
    const linear = group.length === 1 ? group[0] : space.flat(group, from.slice(startI, i));
    let stride = right;
    for (let axis = startJ; axis < j; axis++) {
      stride /= to[axis];
      if (to[axis] !== 1) result[axis] = space.digit(linear, stride, axis === startJ ? null : to[axis], right - 1);
    }
  }
  return result;
}
