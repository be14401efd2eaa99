// Derivatives of contractions: bilinear, so each operand's tangent takes its place, and each transposes to a product
// of the cotangent with the other operand.
import type { Node, ParamsOf } from "@weft/ir";
import { freeAxes, record } from "@weft/ir";
import { b, range } from "../builder.ts";
import type { JvpRule, TransposeRule } from "./table.ts";

type Dims = ParamsOf["dotGeneral"];

const dot = (params: Dims, lhs: Node, rhs: Node): Node => record("dotGeneral", params, [lhs, rhs]);

/** The cotangent of operand `side`: ct · other over the other's free axes, axes put back in the operand's order. */
function operandCotangent(node: Node & { readonly params: Dims }, ct: Node, side: 0 | 1): Node {
  const other = side === 0 ? 1 : 0;
  const { contract, batch } = node.params;
  const operand = node.operands[side];
  const rest = node.operands[other];
  const nBatch = batch[0].length;
  const free = [0, 1].map((i) => freeAxes(node.operands[i].aval.shape.length, contract[i], batch[i]));
  const ctFreeOfLhs = range(free[0].length, nBatch);
  const ctFreeOfRhs = range(free[1].length, nBatch + free[0].length);
  const ctOther = side === 0 ? ctFreeOfRhs : ctFreeOfLhs;
  // result axes: batch, free axes of the operand (from ct), contracted axes of the other (its free axes are summed)
  const product = dot({ contract: [ctOther, free[other]], batch: [range(nBatch), batch[other]] }, ct, rest);
  const contractOrder = [...contract[other]].map((axis, i) => ({ axis, i })).sort((p, q) => p.axis - q.axis);
  const places = [...batch[side], ...free[side], ...contractOrder.map(({ i }) => contract[side][i])];
  const perm = new Array<number>(operand.aval.shape.length);
  places.forEach((axis, i) => (perm[axis] = i));
  return b.transpose(product, perm);
}

export const CONTRACTION_JVPS = {
  dotGeneral: (node, [tl, tr]) => {
    const [lhs, rhs] = node.operands;
    const parts = [tl && dot(node.params, tl, rhs), tr && dot(node.params, lhs, tr)].filter((part) => part !== null);
    return [parts.length === 2 ? b.add(parts[0], parts[1]) : (parts[0] ?? null)];
  },
} satisfies { readonly dotGeneral: JvpRule<"dotGeneral"> };

export const CONTRACTION_TRANSPOSES = {
  dotGeneral: (node, [ct], linear) =>
    [0, 1].map((side) => (ct !== null && linear[side] ? operandCotangent(node, ct, side as 0 | 1) : null)),
} satisfies { readonly dotGeneral: TransposeRule<"dotGeneral"> };
