// Reverse mode's first half: splits a derivative into what depends on the point (residuals) and what is linear in the
// tangents. Sub-graphs are split once for each set of operands with tangents, memoised on the immutable graph.
import type { Graph, Node, Scope } from "@weft/ir";
import {
  applyGraph,
  bindGraph,
  collect,
  lookup,
  makeGraph,
  placeholder,
  rerecord,
  traceGraph,
  withScope,
} from "@weft/ir";
import { pushTangents } from "./jvp.ts";
import { hasTangent } from "./rules/index.ts";
import { collectLinear, pullCotangents, transposeGraph } from "./transpose.ts";

/** A linear map closed over its residuals. */
export interface LinearMap {
  /** Inputs: tangents. Captures: residuals. Outputs: the tangents that are not zero. */
  readonly graph: Graph;
  /** Which outputs have a tangent. */
  readonly outMask: readonly boolean[];
  readonly outputs: readonly Node[];
}

let closed = 0;

function closeLinear(name: string, inputs: readonly Node[], tangents: readonly (Node | null)[], scope: Scope): Graph {
  const outputs = tangents.filter((t) => t !== null);
  // an output that is no function of the placeholders (a zero made real) is a capture of itself
  const { nodes, captures } = collectLinear(outputs, inputs, scope);
  return Object.freeze({
    ...makeGraph(`${name}.${++closed}`, inputs, inputs, scope.startId),
    name,
    inputs,
    captures,
    outputs,
    nodes,
  });
}

/**
 * The derivative of `outputs` with respect to `inputs` (markers or placeholders) at the recorded point, as a closed
 * linear graph whose captures are the residuals.
 */
export function linearizeNodes(
  name: string,
  outputs: readonly Node[],
  inputs: readonly Node[],
  startId: number,
): LinearMap {
  return withScope("abstract", `${name}.linear`, false, (scope) => {
    const tangents = inputs.map((input, i) => placeholder(input.aval, `tangent ${i}`, scope));
    const { nodes } = collect(outputs, new Set(inputs), startId);
    const pushed = pushTangents(nodes, new Map(inputs.map((input, i) => [input, tangents[i]])));
    const results = outputs.map((output) => (hasTangent(output.aval) ? (pushed.get(output) ?? null) : null));
    return {
      graph: closeLinear(`${name}.linear`, tangents, results, scope),
      outMask: results.map((t) => t !== null),
      outputs,
    };
  });
}

/** Applies a linear map to tangents (all present); null = zero. */
export function pushforward(linear: LinearMap, tangents: readonly Node[]): (Node | null)[] {
  const results = applyGraph(linear.graph, [...tangents, ...linear.graph.captures]);
  let next = 0;
  return linear.outMask.map((has) => (has ? results[next++] : null));
}

/** Pulls cotangents of the outputs back to the inputs; null = zero. May be called any number of times. */
export function pullback(linear: LinearMap, cts: readonly (Node | null)[]): (Node | null)[] {
  const { graph, outMask } = linear;
  const given = cts.filter((_, i) => outMask[i]);
  const mask = [...graph.inputs.map(() => true), ...graph.captures.map(() => false)];
  const { graph: transposed, mask: results } = transposeGraph(
    graph,
    mask,
    given.map((ct) => ct !== null),
  );
  const pulled = applyGraph(transposed, [
    ...graph.captures,
    ...given.filter((ct) => ct !== null),
    ...transposed.captures,
  ]);
  let next = 0;
  return graph.inputs.map((_, i) => (results[i] ? pulled[next++] : null));
}

/**
 * Cotangents of `inputs` for cotangents of `outputs`, in one go: what grad needs. Linear nodes are transposed as they
 * stand and never closed into a graph.
 */
export function vjpNodes(
  outputs: readonly Node[],
  inputs: readonly Node[],
  cts: readonly (Node | null)[],
  startId: number,
): (Node | null)[] {
  return withScope("abstract", "vjp", false, (scope) => {
    const tangents = inputs.map((input, i) => placeholder(input.aval, `tangent ${i}`, scope));
    const { nodes } = collect(outputs, new Set(inputs), startId);
    const pushed = pushTangents(nodes, new Map(inputs.map((input, i) => [input, tangents[i]])));
    return pullCotangents(
      outputs.map((output) => pushed.get(output) ?? null),
      cts,
      tangents,
      scope,
    );
  });
}

/** A graph's derivative in two parts. */
export interface Linearized {
  /** The graph's operands → its outputs, then the residuals. */
  readonly forward: Graph;
  /** Tangents that are present, then residuals → tangents of the outputs in outMask. */
  readonly linear: Graph;
  readonly residuals: number;
  readonly outMask: readonly boolean[];
}

const memo = new WeakMap<Graph, Map<string, Linearized>>();

/** Linearizes a closed graph for the operands (inputs, then captures) that have tangents. */
export function linearizeGraph(graph: Graph, mask: readonly boolean[]): Linearized {
  const key = mask.map(Number).join("");
  let entries = memo.get(graph);
  if (entries === undefined) memo.set(graph, (entries = new Map()));
  const found = entries.get(key);
  if (found !== undefined) return found;
  const operands = [...graph.inputs, ...graph.captures];
  let linear: Graph | null = null;
  let outMask: readonly boolean[] = [];
  const forward = traceGraph(
    `${graph.name}.forward`,
    operands.map((operand) => operand.aval),
    (formal) => {
      const env = bindGraph(graph, formal);
      const recorded: Node[] = [];
      for (const node of graph.nodes) {
        const copy = rerecord(
          node,
          node.operands.map((operand) => lookup(env, operand)),
        );
        env.set(node, copy);
        recorded.push(copy);
      }
      const outputs = graph.outputs.map((output) => lookup(env, output));
      linear = withScope("abstract", `${graph.name}.linear`, true, (scope) => {
        const seeds = new Map<Node, Node>();
        const tangents: Node[] = [];
        formal.forEach((node, i) => {
          if (!mask[i]) return;
          const t = placeholder(node.aval, `tangent ${i}`, scope);
          tangents.push(t);
          seeds.set(node, t);
        });
        const pushed = pushTangents(recorded, seeds);
        const results = outputs.map((output) => (hasTangent(output.aval) ? (pushed.get(output) ?? null) : null));
        outMask = results.map((t) => t !== null);
        return closeLinear(`${graph.name}.linear`, tangents, results, scope);
      });
      return [...outputs, ...linear.captures];
    },
  );
  const made = {
    forward,
    linear: linear as unknown as Graph,
    residuals: (linear as unknown as Graph).captures.length,
    outMask,
  };
  entries.set(key, made);
  return made;
}
