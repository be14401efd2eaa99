// A few operations for core's own tests, straight on the primitives, so that they need nothing of numpy.
import type { CompareOp, ElementwisePrim, PrimName } from "@weft/ir";
import { NO_PARAMS, record } from "@weft/ir";
import type { NDArray } from "./array.ts";
import type { ArrayLike } from "./convert.ts";
import { promoteOperands, toNode, wrap } from "./convert.ts";

type Plain = Extract<ElementwisePrim, "neg" | "exp" | "sin" | "cos" | "tanh" | "add" | "sub" | "mul" | "div" | "max">;

const one = (prim: Plain) => (x: ArrayLike): NDArray => wrap(record(prim, NO_PARAMS, promoteOperands(prim, [x], "float")));
const two = (prim: Plain) => (x: ArrayLike, y: ArrayLike): NDArray => wrap(record(prim, NO_PARAMS, promoteOperands(prim, [x, y])));

export const neg = one("neg");
export const exp = one("exp");
export const sin = one("sin");
export const cos = one("cos");
export const tanh = one("tanh");
export const add = two("add");
export const sub = two("sub");
export const mul = two("mul");
export const div = two("div");
export const compare = (op: CompareOp, x: ArrayLike, y: ArrayLike): NDArray => wrap(record("compare", { op }, promoteOperands(op, [x, y])));
export const array = (x: ArrayLike, dtype?: "float32" | "float64" | "int32" | "uint32" | "bool"): NDArray => wrap(toNode("array", x, dtype));
export function sum(x: NDArray, axes: readonly number[] = x.shape.map((_, axis) => axis)): NDArray {
  return wrap(record("reduceSum", { axes }, [toNode("sum", x)]));
}
export const matvec = (m: NDArray, v: NDArray): NDArray => wrap(record("dotGeneral", { contract: [[1], [0]], batch: [[], []] }, [m.node, v.node]));
export const select = (p: NDArray, x: NDArray, y: NDArray): NDArray => wrap(record("select", NO_PARAMS, [p.node, x.node, y.node]));
export const full = (value: number, shape: readonly number[]): NDArray => wrap(record("broadcastInDim", { shape, axes: [] }, [toNode("full", value, "float32")]));

/** The text of the primitives of nodes, for graph expectations. */
export const primsOf = (nodes: readonly { readonly prim: PrimName }[]): PrimName[] => nodes.map(({ prim }) => prim);
