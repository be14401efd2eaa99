// Products of nodes summed over axes: of bools too, and computed in a dtype that is asked for. Shapes are right by then.
import type { DType, Node } from "@weft/ir";
import { DTypeError, formatAval, isFloat, promote, record } from "@weft/ir";
import * as n from "./nodes.ts";

/** The axes of x and of y that are summed over, and those they have in common. */
export interface Dims {
  readonly contract: readonly [readonly number[], readonly number[]];
  readonly batch: readonly [readonly number[], readonly number[]];
}

/** dotGeneral of one dtype; of bools: whether any pair is true. */
export function dotNode(dims: Dims, x: Node, y: Node): Node {
  if (x.aval.dtype !== "bool") return record("dotGeneral", dims, [x, y]);
  return n.compare("ne", record("dotGeneral", dims, [n.convertSame(x, "int32"), n.convertSame(y, "int32")]), 0);
}

/**
 * The dtype that products of operands of one dtype are computed in, with JAX's preferredElementType: in it where it is
 * wider, else in their own. Throws DTypeError for one that is narrower than integers.
 */
function typeOfProduct(op: string, operands: readonly Node[], preferred: DType | null): DType {
  const own = operands[0].aval.dtype;
  if (preferred === null || preferred === own) return own;
  if (!isFloat(own) && own !== "bool" && (preferred === "float16" || preferred === "bool"))
    throw new DTypeError(
      `${op}: ${operands.map(({ aval }) => formatAval(aval)).join(", ")}: preferredElementType ${preferred} is narrower than ${own}`,
    );
  return promote({ dtype: own, weak: false }, { dtype: preferred, weak: false }).dtype === preferred ? preferred : own;
}
/** A product of operands of one dtype, computed in {@link typeOfProduct} and given in `preferred`. */
export function inType(
  op: string,
  operands: readonly Node[],
  preferred: DType | null,
  product: (...operands: Node[]) => Node,
): Node {
  if (preferred === null) return product(...operands);
  const dtype = typeOfProduct(op, operands, preferred);
  return n.convert(product(...operands.map((node) => n.convert(node, dtype))), preferred);
}
/** {@link dotNode} {@link inType}. */
export const dotIn = (op: string, dims: Dims, x: Node, y: Node, preferred: DType | null): Node =>
  inType(op, [x, y], preferred, (p, q) => dotNode(dims, p, q));
