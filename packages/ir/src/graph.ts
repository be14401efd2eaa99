// Closed graphs: what a traced function became. Nodes are shared with the lazy graph they were recorded in; inputs
// and captures are nodes that act as binders, so a graph is applied by giving each of them a node (`applyGraph`).
import type { Aval } from "./aval.ts";
import { InternalError } from "./errors.ts";
import type { Node } from "./node.ts";
import { literal, paramsOf, placeholder, record, scalar } from "./node.ts";
import type { PrimName } from "./params.ts";
import { sweepMark } from "./key.ts";
import type { Scope } from "./scope.ts";
import { withScope } from "./scope.ts";

let graphs = 0;

/** An immutable closed graph. */
export interface Graph {
  /** Unique; graphs are compared by identity. */
  readonly id: number;
  readonly name: string;
  readonly inputs: readonly Node[];
  /** Older nodes that the body reads: operands of the structural node after the inputs. */
  readonly captures: readonly Node[];
  readonly outputs: readonly Node[];
  /** Everything between, in id order; neither inputs nor captures. */
  readonly nodes: readonly Node[];
}

/**
 * The nodes with id ≥ startId that `outputs` depend on, in id order, and the older (or data-holding leaf) nodes they
 * read. Follows inputs before data, with an explicit stack.
 */
export function collect(
  outputs: readonly Node[],
  inputs: ReadonlySet<Node>,
  startId: number,
): { nodes: Node[]; captures: Node[] } {
  const mark = sweepMark();
  for (const input of inputs) input.mark = mark;
  const nodes: Node[] = [];
  const captures: Node[] = [];
  const stack: Node[] = [...outputs];
  while (stack.length > 0) {
    const node = stack.pop() as Node;
    if (node.mark === mark) continue;
    node.mark = mark;
    // constants belong to whoever uses them: as captures they would cease to be constants
    if (node.prim !== "literal" && (node.id < startId || node.isLeaf)) {
      captures.push(node);
      continue;
    }
    nodes.push(node);
    const { operands } = node;
    for (let i = 0; i < operands.length; i++) if (operands[i].mark !== mark) stack.push(operands[i]);
  }
  const byId = (a: Node, b: Node): number => a.id - b.id;
  return { nodes: nodes.sort(byId), captures: captures.sort(byId) };
}

/** Closes a graph over what `outputs` need. */
export function makeGraph(name: string, inputs: readonly Node[], outputs: readonly Node[], startId: number): Graph {
  const { nodes, captures } = collect(outputs, new Set(inputs), startId);
  return Object.freeze({ id: ++graphs, name, inputs, captures, outputs: [...outputs], nodes });
}

/**
 * Traces `body` on fresh placeholders in a closed abstract scope: the graph of jit, makeJaxpr and of every rewrite
 * that yields a sub-graph.
 */
export function traceGraph(
  name: string,
  avals: readonly Aval[],
  body: (inputs: readonly Node[], scope: Scope) => readonly Node[],
  labels?: readonly string[],
): Graph {
  return withScope("abstract", name, true, (scope) => {
    const inputs = avals.map((a, i) => placeholder(a, labels?.[i] ?? String(i), scope));
    return makeGraph(name, inputs, body(inputs, scope), scope.startId);
  });
}

/** A map from the nodes of a graph to the nodes that stand for them elsewhere. */
export type Substitution = Map<Node, Node>;

/** The substitution that binds a graph's inputs and captures to `operands`. */
export function bindGraph(graph: Graph, operands: readonly Node[]): Substitution {
  const { inputs, captures } = graph;
  if (operands.length !== inputs.length + captures.length) {
    throw new InternalError(
      `graph ${graph.name} takes ${inputs.length} inputs and ${captures.length} captures, got ${operands.length} operands`,
    );
  }
  const env: Substitution = new Map();
  inputs.forEach((node, i) => env.set(node, operands[i]));
  captures.forEach((node, i) => env.set(node, operands[inputs.length + i]));
  return env;
}

/** A copy of `node` on other operands: same primitive, parameters and slots. */
export function rerecord(node: Node, operands: readonly Node[]): Node {
  if (node.prim === "literal") return literal(node.aval, paramsOf(node, "literal").value);
  if (node.prim === "scalar") return scalar(node.aval, node.slots?.[0] ?? NaN);
  return record<PrimName>(node.prim, node.params, operands, node.slots);
}

/** Records the graph's body again on `operands` (inputs, then captures) and returns its outputs. */
export function applyGraph(graph: Graph, operands: readonly Node[]): Node[] {
  const env = bindGraph(graph, operands);
  for (const node of graph.nodes) {
    env.set(
      node,
      rerecord(
        node,
        node.operands.map((operand) => lookup(env, operand)),
      ),
    );
  }
  return graph.outputs.map((output) => lookup(env, output));
}

/** The node that stands for `node`. Throws InternalError if the graph does not bind it. */
export function lookup(env: Substitution, node: Node): Node {
  const found = env.get(node);
  if (found === undefined)
    throw new InternalError(`the graph reads ${node.toString()}, which it neither computes nor binds`);
  return found;
}
