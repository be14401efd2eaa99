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
  return n.compare("ne", record("dotGeneral", dims, [n.convert(x, "int32"), n.convert(y, "int32")]), 0);
}

/**
 * A product of operands of one dtype with JAX's preferredElementType: they are converted to it where it is wider, else
 * their product is. Throws DTypeError for one that is narrower than integers.
 */
export function inType(
  op: string,
  x: Node,
  y: Node,
  preferred: DType | null,
  product: (x: Node, y: Node) => Node,
): Node {
  const own = x.aval.dtype;
  if (preferred === null || preferred === own) {
    const result = product(x, y);
    return preferred === null ? result : n.convert(result, preferred);
  }
  if (!isFloat(own) && own !== "bool" && (preferred === "float16" || preferred === "bool"))
    throw new DTypeError(
      `${op}: ${formatAval(x.aval)}, ${formatAval(y.aval)}: preferredElementType ${preferred} is narrower than ${own}`,
    );
  const wider = promote({ dtype: own, weak: false }, { dtype: preferred, weak: false }).dtype === preferred;
  return wider ? product(n.convert(x, preferred), n.convert(y, preferred)) : n.convert(product(x, y), preferred);
}
/** {@link dotNode} {@link inType}. */
export const dotIn = (op: string, dims: Dims, x: Node, y: Node, preferred: DType | null): Node =>
  inType(op, x, y, preferred, (p, q) => dotNode(dims, p, q));
