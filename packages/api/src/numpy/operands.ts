// Operands of elementwise functions on the path every operation takes: two arrays, or an array and a number, that
// need no conversion pass without a detour; everything else goes through core's promotion.
import type { Aval, DType, Node } from "@weft/ir";
import { aval, isFloat, isInteger, sameShape } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { convertNode, numberNode, promoteOperands, toNode, wrap } from "../core/convert.ts";
import { convert } from "../lax/nodes.ts";

const FLOAT_SCALARS: Partial<Record<DType, Aval>> = {
  float16: aval("float16", []),
  float32: aval("float32", []),
  float64: aval("float64", []),
};

const matches = (p: Aval, q: Aval): boolean =>
  p === q ||
  (p.dtype === q.dtype &&
    q.weakness === "strong" &&
    (p.shape.length === 0 || q.shape.length === 0 || sameShape(p.shape, q.shape)));

/** Two operands of one dtype, of equal shape or rank 0. */
export function pair(op: string, x: ArrayLike, y: ArrayLike): readonly Node[] {
  if (x instanceof NDArray) {
    if (!x.isKey) {
      const a = x.node;
      if (a.aval.weakness === "strong") {
        if (y instanceof NDArray) {
          if (!y.isKey && matches(a.aval, y.node.aval)) return [a, y.node];
        } else if (typeof y === "number") {
          const scalar = FLOAT_SCALARS[a.aval.dtype];
          if (scalar !== undefined) return [a, numberNode(scalar, y)];
        }
      }
    }
  } else if (typeof x === "number" && y instanceof NDArray && !y.isKey) {
    const b = y.node;
    const scalar = b.aval.weakness === "strong" ? FLOAT_SCALARS[b.aval.dtype] : undefined;
    if (scalar !== undefined) return [numberNode(scalar, x), b];
  }
  return promoteOperands(op, [x, y]);
}

/** {@link pair}, with bool and integers made float32. */
export function floatPair(op: string, x: ArrayLike, y: ArrayLike): readonly Node[] {
  if (
    x instanceof NDArray &&
    isFloat(x.dtype) &&
    (typeof y === "number" || (y instanceof NDArray && y.dtype === x.dtype))
  )
    return pair(op, x, y);
  return promoteOperands(op, [x, y], "float");
}

/** One operand in its own dtype. */
export const one = (op: string, x: ArrayLike): Node => toNode(op, x);

/** One operand as floats. */
export function float(op: string, x: ArrayLike): Node {
  const node = toNode(op, x);
  return isFloat(node.aval.dtype) ? node : convertNode(node, "float32", node.aval.weakness !== "strong");
}

/** x as float32 where it is float16: what sums and constants of compositions are to be computed in, as JAX does. */
export const widened = (x: Node): Node => (x.aval.dtype === "float16" ? convert(x, "float32") : x);
/** A composition that computes float16 in float32 and rounds its result: its steps would lose digits, its constants overflow. */
export const composed =
  (f: (...xs: Node[]) => Node) =>
  (...xs: Node[]): Node =>
    xs[0].aval.dtype === "float16" ? convert(f(...xs.map(widened)), "float16") : f(...xs);

/** Whether x is bool, or an integer. */
export const isBool = (x: Node): boolean => x.aval.dtype === "bool";
export const isExact = (x: Node): boolean => isInteger(x.aval.dtype);

/** A function of one array from one on nodes; floats of it are taken first. */
export const floating =
  (op: string, f: (x: Node) => Node) =>
  (x: ArrayLike): NDArray =>
    wrap(f(float(op, x)));
/** A function of one array from one on nodes, in the array's own dtype. */
export const unary =
  (op: string, f: (x: Node) => Node) =>
  (x: ArrayLike): NDArray =>
    wrap(f(toNode(op, x)));
/** A function of two arrays from one on nodes of one dtype. */
export const binary =
  (op: string, f: (x: Node, y: Node) => Node) =>
  (x: ArrayLike, y: ArrayLike): NDArray => {
    const [a, b] = pair(op, x, y);
    return wrap(f(a, b));
  };
/** {@link binary}, with bool and integers made float32. */
export const floatBinary =
  (op: string, f: (x: Node, y: Node) => Node) =>
  (x: ArrayLike, y: ArrayLike): NDArray => {
    const [a, b] = floatPair(op, x, y);
    return wrap(f(a, b));
  };
