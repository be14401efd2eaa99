// The passes of planning, each Graph → Graph, and their pipeline in one sweep.
import type { Graph } from "../graph.ts";
import type { Parts } from "../parts.ts";
import { finishParts } from "../parts.ts";
import { canonicaliseRule } from "./canonicalise.ts";
import { makeCseRule } from "./cse.ts";
import { decomposeRule } from "./decompose.ts";
import { foldRule } from "./fold.ts";
import { rewriteInParts, withOutputs } from "./rewrite.ts";

export { canonicalise } from "./canonicalise.ts";
export { cse } from "./cse.ts";
export { decompose } from "./decompose.ts";
export { constantOf, fold } from "./fold.ts";
export { inlineCalls, inlineInParts } from "./inline.ts";
export { rewriteGraph, withOperands, withOutputs } from "./rewrite.ts";
export type { Rule } from "./rewrite.ts";

/** Leaves out what no output needs. */
export const dce = (graph: Graph): Graph => withOutputs(graph, graph.outputs);

/**
 * canonicalise, fold, decompose, CSE and DCE together: every node goes through all rules once its operands have.
 * @example simplify(cloneOfPendingNodes)
 */
export const simplify = (graph: Graph): Graph => finishParts(simplifyInParts(graph));

export const simplifyInParts = (graph: Graph): Parts<Graph> =>
  rewriteInParts(graph, [canonicaliseRule, foldRule, decomposeRule, makeCseRule()]);
