// What lax asks of operands: one dtype, equal shapes or rank 0, a kind of dtype.
import type { Node } from "@weft/ir";
import { DTypeError, formatAval, isFloat, isInteger, isNumberKind, sameShape, ShapeError } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { promoteAll, toNode } from "../core/convert.ts";
import { isNumber } from "../core/kinds.ts";

export type Kind = "float" | "number" | "signed" | "integer" | "bits" | "any";

const KINDS = {
  float: "floats",
  number: "numbers",
  signed: "signed numbers",
  integer: "integers",
  bits: "bool or integers",
  any: "",
} as const;
const FITS = {
  float: isFloat,
  number: (dtype) => dtype !== "bool",
  signed: (dtype) => dtype !== "bool" && dtype !== "uint32",
  integer: isInteger,
  bits: (dtype) => !isFloat(dtype),
  any: () => true,
} as const satisfies Record<Kind, (dtype: Node["aval"]["dtype"]) => boolean>;

/** Throws DTypeError unless the node's dtype is of the kind. */
export function expectKind(op: string, x: Node, kind: Kind): Node {
  if (!FITS[kind](x.aval.dtype))
    throw new DTypeError(
      `${op}: ${formatAval(x.aval)}: expected ${KINDS[kind]}; convert with astype first, or use np.*`,
    );
  return x;
}

const listed = (nodes: readonly Node[]): string => nodes.map((x) => formatAval(x.aval)).join(", ");

/** Throws ShapeError unless shapes are equal. */
export function expectShapes(op: string, nodes: readonly Node[]): void {
  if (nodes.some((x) => !sameShape(x.aval.shape, nodes[0].aval.shape)))
    throw new ShapeError(`${op}: ${listed(nodes)}: expected equal shapes; broadcast first, or use np.*`);
}

/** Operands of one dtype and shape, or of rank 0; numbers take the arrays' dtype. Throws DTypeError and ShapeError. */
export function strict(op: string, xs: readonly ArrayLike[]): readonly Node[] {
  const [x, y] = xs;
  if (xs.length === 2 && x instanceof NDArray && y instanceof NDArray && !x.isKey && !y.isKey) {
    const { aval } = x.node;
    if (aval === y.node.aval && !isNumberKind(aval)) return [x.node, y.node];
  }
  const operands = xs.map((operand) => (isNumber(operand) ? operand : toNode(op, operand)));
  const arrays = operands.filter((operand): operand is Node => !isNumber(operand));
  let nodes: readonly Node[] = arrays;
  if (arrays.length < xs.length) {
    nodes = arrays.every((node) => node.aval.dtype === arrays[0].aval.dtype) ? promoteAll(op, operands) : arrays;
    if (arrays.length > 0 && nodes[0].aval.dtype !== arrays[0].aval.dtype)
      throw new DTypeError(
        `${op}: ${listed(arrays)}: a number that is no integer does not fit an integer array; convert with astype first`,
      );
  }
  let shape: readonly number[] = [];
  for (const node of nodes) {
    if (node.aval.dtype !== nodes[0].aval.dtype)
      throw new DTypeError(
        `${op}: ${listed(nodes)}: expected one dtype; convert with astype first, or use np.* for promotion`,
      );
    const own = node.aval.shape;
    if (own.length === 0) continue;
    if (shape.length > 0 && !sameShape(shape, own))
      throw new ShapeError(`${op}: ${listed(nodes)}: expected equal shapes or rank 0; broadcast first, or use np.*`);
    shape = own;
  }
  return nodes;
}
