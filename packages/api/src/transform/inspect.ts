// Looking at functions without running them: makeJaxpr, evalShape, explain, planOf.
import type { NDArray } from "../core/array.ts";
import type { Graph } from "@weft/ir";
import type { PlanView } from "@weft/scheduler";
import { defineAs, entry } from "../core/define.ts";
import { refused, rest, treeOf } from "../core/kinds.ts";
import { explainGraph, viewGraph } from "../device/devices.ts";
import type { MapLeaves } from "../tree/types.ts";
import { build } from "../tree/structure.ts";
import type { TreeFunction } from "./leaves.ts";
import { nameOf, ShapeDtypeStruct } from "./leaves.ts";
import { FUN } from "./parameters.ts";
import { argumentsOf, releaseTraced, traceArguments, TracedGraph, valuesOfLeaves } from "./trace.ts";
import type { Returned } from "./types.ts";

export interface MakeJaxpr {
  <A extends unknown[] = NDArray[], R extends Returned = Returned>(
    fun: (...args: A) => R,
  ): (...args: unknown[]) => TracedGraph;
}
/**
 * The graph of a function for given arguments (arrays or ShapeDtypeStructs). It prints itself.
 * @example String(makeJaxpr((x: NDArray) => np.sin(x).mul(2))(np.ones([3])))
 */
export const makeJaxpr: MakeJaxpr = defineAs<MakeJaxpr>()(
  "makeJaxpr",
  [
    FUN,
    refused("staticArgnums", [] as const, "close over what is static"),
    refused("axisEnv", null, "there are no named axes yet"),
    refused("returnShape", false, "use evalShape"),
  ],
  (fun) => {
    const name = nameOf(fun);
    const called = `makeJaxpr(${name})`;
    return entry(
      called,
      (...args: readonly unknown[]) => new TracedGraph(traceArguments(name, fun, argumentsOf(called, args)).graph),
    );
  },
);

export interface EvalShape {
  <A extends unknown[] = NDArray[], R extends Returned = Returned>(
    fun: (...args: A) => R,
    ...args: unknown[]
  ): MapLeaves<R, ShapeDtypeStruct>;
}
/**
 * Shapes and dtypes of a function's result, without computing it.
 * @example evalShape((x: NDArray) => x.sum(0), new ShapeDtypeStruct([3, 4])) // ShapeDtypeStruct(float32[4])
 */
export const evalShape: EvalShape = defineAs<EvalShape>()("evalShape", [FUN, rest(treeOf("args"))], (fun, args) => {
  const name = `evalShape(${nameOf(fun)})`;
  const { graph, results } = traceArguments(name, fun, argumentsOf(name, args));
  releaseTraced(graph);
  return build(
    results.structure,
    results.nodes.map((node, i) => ShapeDtypeStruct.of(node, results.keys[i])),
  );
});

/** Traces a function for given arguments and hands the graph, with the values of its inputs and captures, to `read`. */
function tracedBy<T>(
  op: string,
  fun: TreeFunction,
  read: (graph: Graph, values: Parameters<typeof explainGraph>[1]) => T,
): (...args: readonly unknown[]) => T {
  const name = nameOf(fun);
  const called = `${op}(${name})`;
  return entry(called, (...args: readonly unknown[]) => {
    const found = argumentsOf(called, args);
    const { graph } = traceArguments(name, fun, found);
    const result = read(graph, [...valuesOfLeaves(found.leaves), ...graph.captures.map(({ value }) => value)]);
    releaseTraced(graph);
    return result;
  });
}

export interface Explain {
  <A extends unknown[] = NDArray[], R extends Returned = Returned>(
    fun: (...args: A) => R,
  ): (...args: unknown[]) => string;
}
/**
 * The plan of a function for given arguments, as text: kernels and products, their sizes, the bytes they move; under
 * "auto" also what runs where, what that is estimated to cost on either device, and why.
 * @example explain((x: NDArray) => np.exp(x).sum())(np.ones([1000]))
 */
export const explain: Explain = defineAs<Explain>()("explain", [FUN], (fun) => tracedBy("explain", fun, explainGraph));

export interface PlanOf {
  <A extends unknown[] = NDArray[], R extends Returned = Returned>(
    fun: (...args: A) => R,
  ): (...args: unknown[]) => PlanView;
}
/**
 * The plan of a function for given arguments, as data: the operations, what each reads, and the steps they were fused
 * into. For those who draw it; {@link explain} says the same in words.
 * @example planOf((x: NDArray) => np.exp(x).sum())(np.ones([1000])).steps.length // 1
 */
export const planOf: PlanOf = defineAs<PlanOf>()("planOf", [FUN], (fun) => tracedBy("planOf", fun, viewGraph));
