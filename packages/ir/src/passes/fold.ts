// Folding of literal arithmetic. Only what gives the same bits as running it: operations that are rounded once or
// exact, and x·1, x/1, x − 0, x + (−0). Never x + 0 or x·0 of floats, never a slot, never a transcendental.
import { aval } from "../aval.ts";
import type { DType } from "../dtype.ts";
import { isFloat, isServed } from "../dtype.ts";
import type { Graph } from "../graph.ts";
import type { Node } from "../node.ts";
import { roundHalf } from "../half.ts";
import { isPrim, literal, record } from "../node.ts";
import type { ElementwisePrim } from "../params.ts";
import { elementwiseRow, isElementwise } from "../prims/index.ts";
import { wrap } from "../prims/scalar-reference.ts";
import type { Rule } from "./rewrite.ts";
import { rewriteGraph } from "./rewrite.ts";

const EXACT: ReadonlySet<string> = new Set<ElementwisePrim>([
  "neg",
  "abs",
  "sign",
  "floor",
  "ceil",
  "round",
  "isFinite",
  "not",
  "sqrt",
  "add",
  "sub",
  "mul",
  "div",
  "rem",
  "max",
  "min",
  "and",
  "or",
  "xor",
  "shiftLeft",
  "shiftRight",
  "compare",
  "select",
  "convert",
]);

/** A number as a value of `dtype`: products, sums and quotients of narrow floats in float64 round once more to the same. */
const toDType = (dtype: DType, value: number): number =>
  dtype === "float32"
    ? Math.fround(value)
    : dtype === "float16"
      ? roundHalf(value)
      : dtype === "bool"
        ? Number(value !== 0)
        : isFloat(dtype)
          ? value
          : wrap(dtype, Math.trunc(value));

/** The value of every element of a literal or of a literal spread over a shape; null for anything else. */
export function constantOf(node: Node): number | null {
  let source = node;
  while (source.prim === "broadcastInDim" || source.prim === "reshape") source = source.operands[0];
  return isPrim(source, "literal") && isServed(source.aval.dtype)
    ? toDType(source.aval.dtype, source.params.value)
    : null;
}

const constant = (like: Node, value: number): Node => {
  const scalar = literal(aval(like.aval.dtype, []), value);
  return like.aval.shape.length === 0
    ? scalar
    : record("broadcastInDim", { shape: like.aval.shape, axes: [] }, [scalar]);
};

function evaluateLiterals(node: Node): Node | null {
  if (!EXACT.has(node.prim) || !isServed(node.aval.dtype)) return null;
  const values: number[] = [];
  for (const operand of node.operands) {
    const value = constantOf(operand);
    if (value === null) return null;
    values.push(value);
  }
  const row = elementwiseRow(node.prim as ElementwisePrim);
  const from = node.operands[node.operands.length - 1].aval.dtype;
  return constant(node, toDType(node.aval.dtype, row.reference(node.params as never, from, ...values)));
}

/** The operand of an operation that leaves it as it is. */
function neutral(node: Node): Node | null {
  if (node.operands.length !== 2) return null;
  const [lhs, rhs] = node.operands;
  const float = isFloat(node.aval.dtype);
  const keeps = (x: Node): Node | null => (x.aval.shape.length === node.aval.shape.length ? x : null);
  const right = constantOf(rhs);
  if (right !== null) {
    const leaves =
      ((node.prim === "mul" || node.prim === "div") && right === 1) ||
      (node.prim === "sub" && Object.is(right, 0)) ||
      (node.prim === "add" && (float ? Object.is(right, -0) : right === 0));
    if (leaves) return keeps(lhs);
  }
  const left = constantOf(lhs);
  if (left === null) return null;
  const leaves =
    (node.prim === "mul" && left === 1) || (node.prim === "add" && (float ? Object.is(left, -0) : left === 0));
  return leaves ? keeps(rhs) : null;
}

export const foldRule: Rule = (node) => (isElementwise(node.prim) ? (evaluateLiterals(node) ?? neutral(node)) : null);

/** Computes what depends on literals alone. */
export const fold = (graph: Graph): Graph => rewriteGraph(graph, [foldRule]);
