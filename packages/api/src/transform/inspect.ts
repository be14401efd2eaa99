// Looking at functions without running them: makeJaxpr, evalShape, explain, planOf.
import type { Graph } from "@weft/ir";
import type { PlanView } from "@weft/scheduler";
import { explainGraph, viewGraph } from "../device/devices.ts";
import type { MapLeaves } from "../tree/index.ts";
import { build } from "../tree/structure.ts";
import type { TreeFunction } from "./leaves.ts";
import { functionName, ShapeDtypeStruct } from "./leaves.ts";
import { argumentsOf, releaseTraced, traceArguments, TracedGraph, valuesOfLeaves } from "./trace.ts";
import type { Returned } from "./types.ts";

/**
 * The graph of a function for given arguments (arrays or ShapeDtypeStructs). It prints itself.
 * @example String(makeJaxpr((x: NDArray) => np.sin(x).mul(2))(np.ones([3])))
 */
export function makeJaxpr<A extends unknown[], R extends Returned>(
  f: (...args: A) => R,
): (...args: unknown[]) => TracedGraph {
  const name = functionName("makeJaxpr", f);
  return (...args) =>
    new TracedGraph(traceArguments(name, f as unknown as TreeFunction, argumentsOf(`makeJaxpr(${name})`, args)).graph);
}

/**
 * Shapes and dtypes of a function's result, without computing it.
 * @example evalShape((x: NDArray) => x.sum(0), new ShapeDtypeStruct([3, 4])) // ShapeDtypeStruct(float32[4])
 */
export function evalShape<A extends unknown[], R extends Returned>(
  f: (...args: A) => R,
  ...args: unknown[]
): MapLeaves<R, ShapeDtypeStruct> {
  const name = `evalShape(${functionName("evalShape", f)})`;
  const { graph, results } = traceArguments(name, f as unknown as TreeFunction, argumentsOf(name, args));
  releaseTraced(graph);
  return build(
    results.structure,
    results.nodes.map((node, i) => ShapeDtypeStruct.of(node, results.keys[i])),
  ) as MapLeaves<R, ShapeDtypeStruct>;
}

/** Traces a function for given arguments and hands the graph, with the values of its inputs and captures, to `read`. */
function tracedBy<T>(
  op: string,
  f: TreeFunction,
  read: (graph: Graph, values: Parameters<typeof explainGraph>[1]) => T,
): (...args: unknown[]) => T {
  const name = functionName(op, f);
  return (...args) => {
    const found = argumentsOf(`${op}(${name})`, args);
    const { graph } = traceArguments(name, f, found);
    const result = read(graph, [...valuesOfLeaves(found.leaves), ...graph.captures.map(({ value }) => value)]);
    releaseTraced(graph);
    return result;
  };
}

/**
 * The plan of a function for given arguments, as text: kernels and products, their sizes, the bytes they move; under
 * "auto" also what runs where, what that is estimated to cost on either device, and why.
 * @example explain((x: NDArray) => np.exp(x).sum())(np.ones([1000]))
 */
export function explain<A extends unknown[], R extends Returned>(f: (...args: A) => R): (...args: unknown[]) => string {
  return tracedBy("explain", f as unknown as TreeFunction, explainGraph);
}

/**
 * The plan of a function for given arguments, as data: the operations, what each reads, and the steps they were fused
 * into. For those who draw it; {@link explain} says the same in words.
 * @example planOf((x: NDArray) => np.exp(x).sum())(np.ones([1000])).steps.length // 1
 */
export function planOf<A extends unknown[], R extends Returned>(
  f: (...args: A) => R,
): (...args: unknown[]) => PlanView {
  return tracedBy("planOf", f as unknown as TreeFunction, viewGraph);
}
