// Short names for recording nodes, so that derivative rules read as formulas. Constants are literals of the operand's
// dtype; broadcasting happens only from rank 0, as the elementwise family allows.
import type { Aval, CompareOp, ElementwisePrim, Node } from "@weft/ir";
import { aval, literal, NO_PARAMS, record, sameShape } from "@weft/ir";

type Plain = Exclude<ElementwisePrim, "round" | "integerPow" | "shiftRight" | "compare" | "convert">;
type Operand = Node | number;

/** A constant of rank 0 with the dtype of `like`. */
export const constant = (like: Aval, value: number): Node => literal(aval(like.dtype, []), value);

const asNode = (x: Operand, like: Node): Node => (typeof x === "number" ? constant(like.aval, x) : x);
const pair =
  (prim: Plain) =>
  (a: Operand, b: Operand): Node => {
    const like = typeof a === "number" ? (b as Node) : a;
    return record(prim, NO_PARAMS, [asNode(a, like), asNode(b, like)]);
  };
const one =
  (prim: Plain) =>
  (a: Node): Node =>
    record(prim, NO_PARAMS, [a]);

/** The recording functions that rules use. */
export const b = {
  add: pair("add"),
  sub: pair("sub"),
  mul: pair("mul"),
  div: pair("div"),
  max: pair("max"),
  pow: pair("pow"),
  neg: one("neg"),
  abs: one("abs"),
  sign: one("sign"),
  floor: one("floor"),
  exp: one("exp"),
  log: one("log"),
  rsqrt: one("rsqrt"),
  sin: one("sin"),
  cos: one("cos"),
  sinh: one("sinh"),
  cosh: one("cosh"),
  compare: (op: CompareOp, x: Node, y: Operand): Node => record("compare", { op }, [x, asNode(y, x)]),
  select: (pred: Node, x: Operand, y: Operand): Node => {
    const like = typeof x === "number" ? (y as Node) : x;
    return record("select", NO_PARAMS, [pred, asNode(x, like), asNode(y, like)]);
  },
  /** select between two constants of the dtype of `like`. */
  choose: (pred: Node, like: Node, x: number, y: number): Node =>
    record("select", NO_PARAMS, [pred, constant(like.aval, x), constant(like.aval, y)]),
  integerPow: (x: Node, n: number): Node => record("integerPow", { n }, [x]),
  convert: (x: Node, to: Aval): Node =>
    x.aval.dtype === to.dtype ? x : record("convert", { dtype: to.dtype, weakness: "strong" }, [x]),
  reshape: (x: Node, shape: readonly number[]): Node =>
    sameShape(x.aval.shape, shape) ? x : record("reshape", { shape }, [x]),
  transpose: (x: Node, perm: readonly number[]): Node =>
    perm.every((axis, i) => axis === i) ? x : record("transpose", { perm }, [x]),
  broadcast: (x: Node, shape: readonly number[], axes: readonly number[]): Node =>
    sameShape(x.aval.shape, shape) ? x : record("broadcastInDim", { shape, axes }, [x]),
  sum: (x: Node, axes: readonly number[]): Node => (axes.length === 0 ? x : record("reduceSum", { axes }, [x])),
} as const;

export const range = (n: number, from = 0): number[] => Array.from({ length: n }, (_, i) => from + i);

/** Rank 0 spread over a shape; anything else must have the shape already. */
export const spread = (x: Node, shape: readonly number[]): Node =>
  x.aval.shape.length === 0 ? b.broadcast(x, shape, []) : x;

/** The cotangent of an operand that an elementwise primitive may have spread from rank 0. */
export const unspread = (ct: Node, operand: Aval): Node =>
  operand.shape.length === 0 ? b.sum(ct, range(ct.aval.shape.length)) : ct;

/** Moves one axis of x to another place; a view. */
export function moveAxis(x: Node, from: number, to: number): Node {
  const perm = range(x.aval.shape.length).filter((axis) => axis !== from);
  perm.splice(to, 0, from);
  return b.transpose(x, perm);
}

/** A zero of this aval, as one broadcast constant. */
export const zeros = (of: Aval): Node => spread(constant(of, 0), of.shape);
