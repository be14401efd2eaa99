// Tracing: a function on trees becomes a closed graph on placeholders. Used by jit, makeJaxpr, evalShape, lower and
// linearTranspose. Numbers enter as kind *number* (SEMANTICS 5.1), older values the body reads become captures.
import type { Aval, Graph, Node, Value } from "@weft/ir";
import { aval, disown, DTypeError, own, printGraph, traceGraph } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import { abandoningTraced } from "../core/handles.ts";
import type { Leaf, Structure } from "../tree/structure.ts";
import { build, pathText, walk } from "../tree/structure.ts";
import type { Results, TreeFunction } from "./leaves.ts";
import { ShapeDtypeStruct, isKeyLeaf, resultsOf, tracedAval } from "./leaves.ts";

export type TraceLeaf = Leaf | ShapeDtypeStruct;

/** The leaves of a call: what is traced, and booleans, which are static (API.md, "Leaves"). */
export interface SplitLeaves {
  readonly traced: readonly TraceLeaf[];
  /** A letter a leaf, `t` and `f` for booleans and `-` for what is traced: part of a signature. Empty without booleans. */
  readonly flags: string;
}
const FLAGS = { true: "t", false: "f" } as const;
export function splitLeaves(leaves: readonly TraceLeaf[]): SplitLeaves {
  if (!leaves.some((leaf) => typeof leaf === "boolean")) return { traced: leaves, flags: "" };
  return {
    traced: leaves.filter((leaf) => typeof leaf !== "boolean"),
    flags: leaves.map((leaf) => (typeof leaf === "boolean" ? FLAGS[`${leaf}`] : "-")).join(""),
  };
}
/** All leaves, from what stands for those that are traced. */
function joinLeaves(flags: string, traced: readonly unknown[]): readonly unknown[] {
  if (flags === "") return traced;
  let next = 0;
  return Array.from(flags, (flag) => (flag === "-" ? traced[next++] : flag === "t"));
}

/** The arguments of a call that is to be traced. */
export interface TracedArguments {
  /** Those that are traced; `flags` says which are not. */
  readonly leaves: readonly TraceLeaf[];
  readonly flags: string;
  readonly structure: Structure;
  readonly avals: readonly Aval[];
  /** Names for messages; made when a call is traced, not when it hits the cache. */
  readonly labels: readonly string[];
}

const isStruct = (value: unknown): boolean => value instanceof ShapeDtypeStruct;

/** Leaves of an argument list, ShapeDtypeStructs among them. Paths read `0.w`: argument 0, member w. */
export function argumentsOf(name: string, args: readonly unknown[]): TracedArguments {
  const leaves: TraceLeaf[] = [];
  const labels: string[] = [];
  const structure = walk(
    `${name}: argument `,
    args,
    (leaf, path) => {
      leaves.push(leaf);
      if (typeof leaf !== "boolean") labels.push(pathText(String(path[0]), path.slice(1)));
    },
    isStruct,
  );
  const { traced, flags } = splitLeaves(leaves);
  return { leaves: traced, flags, structure, avals: traced.map((leaf) => tracedAval(name, leaf)), labels };
}

/** The values of arguments that are arrays, in order: null for what has no data. JS numbers are no arrays. */
export const valuesOfLeaves = (leaves: readonly TraceLeaf[]): (Value | null)[] =>
  leaves.filter((leaf) => typeof leaf !== "number").map((leaf) => (leaf instanceof NDArray ? leaf.node.value : null));

/** A traced function. It owns its graph's outputs and captures until it is released or collected. */
export interface Traced {
  readonly graph: Graph;
  /** The structure of the arguments. */
  readonly structure: Structure;
  readonly results: Results;
}

const held = ({ outputs, captures }: Graph): Node[] => [...outputs, ...captures];

/** Lets go of what a traced function captured. */
export function releaseTraced(graph: Graph): void {
  for (const node of held(graph)) disown(node);
}

/** Runs f on placeholders for the leaves of its arguments, and on booleans as they are. */
export function traceArguments(
  name: string,
  f: TreeFunction,
  { leaves, flags, structure, avals, labels }: TracedArguments,
): Traced {
  const keys = leaves.map((leaf) => (leaf instanceof ShapeDtypeStruct ? leaf.isKey : isKeyLeaf(leaf)));
  let results: Results | null = null;
  const body = (inputs: readonly Node[]): readonly Node[] => {
    results = resultsOf(
      name,
      f(
        ...(build(
          structure,
          joinLeaves(
            flags,
            inputs.map((node, i) => new NDArray(node, keys[i])),
          ),
        ) as unknown[]),
      ),
    );
    // what has no data is no output of a graph
    return results.nodes.filter((node) => node.aval.dtype !== "float0");
  };
  const graph = abandoningTraced(() => {
    const made = traceGraph(name, avals, body, labels);
    for (const node of held(made)) own(node);
    return made;
  });
  return { graph, structure, results: results as unknown as Results };
}

/** As {@link traceArguments}, with numbers as weak float32: for functions of arrays alone. */
export function traceFunction(name: string, f: TreeFunction, args: readonly unknown[]): Traced {
  const found = argumentsOf(name, args);
  if (found.flags !== "")
    throw new DTypeError(`${name}: a boolean is static, and no argument that a function is linear in; close over it`);
  const avals = found.avals.map((of) =>
    of.weakness === "integer" || of.weakness === "real" ? aval("float32", [], "weak") : of,
  );
  return traceArguments(name, f, { ...found, avals });
}

/** A traced graph that prints itself, as a jaxpr does. */
export class TracedGraph {
  readonly graph: Graph;
  constructor(graph: Graph) {
    this.graph = graph;
  }
  toString(): string {
    return printGraph(this.graph);
  }
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}
