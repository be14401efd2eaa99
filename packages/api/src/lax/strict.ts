// What lax asks of operands: one dtype, equal shapes or rank 0, a kind of dtype.
import type { Node } from "@weft/ir";
import { DTypeError, formatAval, isFloat, sameShape, ShapeError } from "@weft/ir";
import type { ArrayLike } from "../core/convert.ts";
import { promoteAll, toNode, wrap } from "../core/convert.ts";

export type Kind = "float" | "number" | "bits" | "any";

const KINDS = { float: "floats", number: "numbers", bits: "bool or integers", any: "" } as const;
/** Throws DTypeError unless the node's dtype is of the kind. */
export function expectKind(op: string, x: Node, kind: Kind): Node {
  const { dtype } = x.aval;
  const fits =
    kind === "any" || (kind === "float" ? isFloat(dtype) : kind === "number" ? dtype !== "bool" : !isFloat(dtype));
  if (!fits)
    throw new DTypeError(
      `${op}: ${formatAval(x.aval)}: expected ${KINDS[kind]}; convert with astype first, or use np.*`,
    );
  return x;
}

/** Operands of one dtype and shape, or of rank 0. Throws DTypeError and ShapeError. */
export function strict(op: string, xs: readonly ArrayLike[]): readonly Node[] {
  const arrays = xs.filter((x) => typeof x !== "number").map((x) => toNode(op, x));
  const list = (): string => arrays.map((x) => formatAval(x.aval)).join(", ");
  let nodes: readonly Node[] = arrays;
  if (arrays.length < xs.length) {
    let at = 0;
    nodes = promoteAll(
      op,
      xs.map((x) => (typeof x === "number" ? x : wrap(arrays[at++]))),
    );
    if (arrays.length > 0 && nodes[0].aval.dtype !== arrays[0].aval.dtype)
      throw new DTypeError(
        `${op}: ${list()}: a number that is no integer does not fit an integer array; convert with astype first`,
      );
  }
  let shape: readonly number[] = [];
  for (const node of nodes) {
    if (node.aval.dtype !== nodes[0].aval.dtype)
      throw new DTypeError(
        `${op}: ${list()}: expected one dtype; convert with astype first, or use np.* for promotion`,
      );
    const own = node.aval.shape;
    if (own.length === 0) continue;
    if (shape.length > 0 && !sameShape(shape, own))
      throw new ShapeError(`${op}: ${list()}: expected equal shapes or rank 0; broadcast first, or use np.*`);
    shape = own;
  }
  return nodes;
}
