// Canonical forms: identities vanish, movements of movements become one, conversions that lose nothing collapse.
// Weakness is of no meaning here: the result is for planning, and is not differentiated or batched any more.
import type { Aval } from "../aval.ts";
import { sameShape } from "../aval.ts";
import type { DType } from "../dtype.ts";
import { isFloat, isInteger } from "../dtype.ts";
import type { Graph } from "../graph.ts";
import { isAlias } from "../key.ts";
import type { Node } from "../node.ts";
import { isPrim, record } from "../node.ts";
import { NO_PARAMS } from "../params.ts";
import { isElementwise } from "../prims/index.ts";
import type { Rule } from "./rewrite.ts";
import { rewriteGraph, withOperands } from "./rewrite.ts";

const sameForm = (a: Aval, b: Aval): boolean => a === b || (a.dtype === b.dtype && sameShape(a.shape, b.shape));

const reshapeTo = (x: Node, shape: readonly number[]): Node =>
  sameShape(x.aval.shape, shape) ? x : record("reshape", { shape }, [x]);

const isIdentity = (perm: readonly number[]): boolean => perm.every((axis, i) => axis === i);

/** Whether only axes of size 1 change places: then no element moves. */
const movesNothing = (shape: readonly number[], perm: readonly number[]): boolean => {
  const long = perm.filter((axis) => shape[axis] !== 1);
  return long.every((axis, i) => i === 0 || axis > long[i - 1]);
};

/** Whether every value of `from` is a value of `to`. */
const isExact = (from: DType, to: DType): boolean =>
  from === "bool" ||
  (from === "float16" && (to === "float32" || to === "float64")) ||
  ((from === "float32" || from === "int32" || from === "uint32") && to === "float64");

/** Whether converting x from a to c over b gives the bits of converting it directly. */
const collapses = (a: DType, b: DType, c: DType): boolean => {
  if (!isExact(a, b)) return false;
  // integers wrap into integers but saturate from floats
  if (isInteger(a) && isFloat(b) && isInteger(c)) return a === c;
  return true;
};

function movement(node: Node): Node | null {
  const [x] = node.operands;
  const { shape } = node.aval;
  if (isPrim(node, "reshape")) {
    if (sameShape(x.aval.shape, shape)) return x;
    return x.prim === "reshape" ? reshapeTo(x.operands[0], shape) : null;
  }
  if (isPrim(node, "transpose")) {
    const { perm } = node.params;
    if (isIdentity(perm)) return x;
    if (isPrim(x, "transpose")) {
      const inner = x.params.perm;
      return record("transpose", { perm: perm.map((axis) => inner[axis]) }, [x.operands[0]]);
    }
    return movesNothing(x.aval.shape, perm) ? reshapeTo(x, shape) : null;
  }
  if (isPrim(node, "broadcastInDim")) {
    if (sameShape(x.aval.shape, shape)) return x;
    if (!isPrim(x, "broadcastInDim")) return null;
    const { axes } = node.params;
    return record("broadcastInDim", { shape, axes: x.params.axes.map((axis) => axes[axis]) }, [x.operands[0]]);
  }
  if (isPrim(node, "flip")) {
    const axes = node.params.axes.filter((axis) => shape[axis] > 1);
    if (axes.length === 0) return x;
    return axes.length < node.params.axes.length ? record("flip", { axes }, [x]) : null;
  }
  // a slice of full size can start nowhere but at 0
  if (isPrim(node, "slice")) return sameShape(x.aval.shape, shape) ? x : null;
  if (isPrim(node, "dynamicSlice")) return sameShape(x.aval.shape, shape) ? x : null;
  if (isPrim(node, "pad")) {
    const { lo, hi, interior } = node.params;
    const nothing = x.aval.shape.every((n, i) => lo[i] === 0 && hi[i] === 0 && (interior[i] === 0 || n <= 1));
    return nothing ? x : null;
  }
  if (isPrim(node, "concatenate")) {
    const { axis } = node.params;
    const filled = node.operands.filter((operand) => operand.aval.shape[axis] > 0);
    if (filled.length === 0) return node.operands.length === 1 ? x : node.operands[0];
    if (filled.length === 1) return filled[0];
    return filled.length < node.operands.length ? record("concatenate", { axis }, filled) : null;
  }
  if (isPrim(node, "bitcast")) {
    if (x.aval.dtype === node.aval.dtype) return x;
    return isPrim(x, "bitcast") ? record("bitcast", { dtype: node.aval.dtype }, [x.operands[0]]) : null;
  }
  return null;
}

function conversion(node: Node): Node | null {
  if (!isPrim(node, "convert")) return null;
  const [x] = node.operands;
  const { dtype } = node.aval;
  if (x.aval.dtype === dtype) return x;
  if (!isPrim(x, "convert")) return null;
  const [source] = x.operands;
  return collapses(source.aval.dtype, x.aval.dtype, dtype)
    ? record("convert", { dtype, weakness: node.aval.weakness }, [source])
    : null;
}

const fill = (x: Node, shape: readonly number[]): Node =>
  sameShape(x.aval.shape, shape) ? x : record("broadcastInDim", { shape, axes: [] }, [x]);

function selection(node: Node): Node | null {
  if (!isPrim(node, "select")) return null;
  const [pred, onTrue, onFalse] = node.operands;
  const { shape } = node.aval;
  if (onTrue === onFalse) return fill(onTrue, shape);
  const literal = pred.prim === "broadcastInDim" ? pred.operands[0] : pred;
  if (isPrim(literal, "literal")) return fill(literal.params.value !== 0 ? onTrue : onFalse, shape);
  return isPrim(pred, "not") ? record("select", NO_PARAMS, [pred.operands[0], onFalse, onTrue]) : null;
}

function involution(node: Node): Node | null {
  const [x] = node.operands;
  return (node.prim === "neg" || node.prim === "not") && x.prim === node.prim ? x.operands[0] : null;
}

/** Elementwise operands may have rank 0 (SEMANTICS 2.1), so a scalar that was spread over the shape need not be. */
function unspread(node: Node): Node | null {
  if (!isElementwise(node.prim) && node.prim !== "threefry2x32") return null;
  if (node.operands.length < 2 || node.aval.shape.length === 0) return null;
  const spread = (operand: Node): boolean =>
    operand.prim === "broadcastInDim" && operand.operands[0].aval.shape.length === 0;
  if (
    !node.operands.some(spread) ||
    !node.operands.some((operand) => operand.aval.shape.length > 0 && !spread(operand))
  )
    return null;
  return withOperands(
    node,
    node.operands.map((operand) => (spread(operand) ? operand.operands[0] : operand)),
  );
}

/** The local rules. A replacement always has the shape and dtype of what it replaces. */
export const canonicaliseRule: Rule = (node) => {
  if (node.operands.length === 0) return null;
  const [x] = node.operands;
  if (isAlias(node)) return x;
  const { prim } = node;
  // a reduction over no axes is its operand
  if (
    prim.startsWith("reduce") &&
    (node.params as { readonly axes: readonly number[] }).axes.length === 0 &&
    sameForm(x.aval, node.aval)
  )
    return x;
  return movement(node) ?? conversion(node) ?? selection(node) ?? involution(node) ?? unspread(node);
};

/** Removes identities and merges chains of movements and exact conversions. */
export const canonicalise = (graph: Graph): Graph => rewriteGraph(graph, [canonicaliseRule]);
