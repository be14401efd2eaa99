// What lowering hands to evaluation: the steps of a graph and where its results come to lie.
import type { Backend, Graph, Node, Parts } from "@weft/ir";
import type { LoweredPlan } from "./lower/index.ts";

export type { LoweredPlan } from "./lower/index.ts";

/**
 * Turns a simplified graph into steps, in parts. `cacheable`: nodes whose results are kept if they are stored anyway. `refusals`:
 * how often the device refused a kernel of it.
 */
export type Lower = (
  graph: Graph,
  backend: Backend,
  options: { readonly cacheable: ReadonlySet<Node>; readonly refusals: number },
) => Parts<LoweredPlan>;
