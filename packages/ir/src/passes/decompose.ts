// Decomposition: primitives whose row says how they are written with other ones are written so.
import type { Graph } from "../graph.ts";
import { elementwiseRow, isElementwise } from "../prims/index.ts";
import type { Rule } from "./rewrite.ts";
import { rewriteGraph } from "./rewrite.ts";

export const decomposeRule: Rule = (node) => {
  if (!isElementwise(node.prim)) return null;
  const { lower } = elementwiseRow(node.prim);
  return typeof lower === "function" ? null : lower.decompose(node.params as never, node.operands);
};

/** Rewrites every primitive that no backend has to know. */
export const decompose = (graph: Graph): Graph => rewriteGraph(graph, [decomposeRule]);
