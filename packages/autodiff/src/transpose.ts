// Reverse mode's second half: pulls cotangents back through nodes that are linear in the placeholders of a scope.
// A node is linear here exactly if its innermost abstract scope is that scope.
import type { Graph, Node, ParamsOf, Scope } from "@weft/ir";
import { applyGraph, makeGraph, placeholder, proj, record, withScope } from "@weft/ir";
import { b } from "./builder.ts";
import { transposeOf } from "./rules/index.ts";

const add = (a: Node | null, c: Node): Node => (a === null ? c : b.add(a, c));

/** Cotangents of the operands of a call of a linear graph: a call of its transpose. */
function transposeCall(
  node: Node,
  cts: readonly (Node | null)[],
  linear: readonly boolean[],
): readonly (Node | null)[] {
  const { graph, name } = node.params as ParamsOf["call"];
  const { graph: transposed, mask } = transposeGraph(
    graph,
    linear,
    cts.map((ct) => ct !== null),
  );
  const operands = [
    ...node.operands.filter((_, i) => !linear[i]),
    ...cts.filter((ct) => ct !== null),
    ...transposed.captures,
  ];
  const call = record("call", { graph: transposed, name: `${name}.transpose` }, operands);
  let next = 0;
  return linear.map((is, i) => (is && mask[i] ? proj(call, next++) : null));
}

/**
 * The cotangents of `inputs` (placeholders of `scope`), given those of `outputs`; null = zero. Walks the nodes that
 * depend on the placeholders once, from the last to the first.
 */
export function pullCotangents(
  outputs: readonly (Node | null)[],
  cts: readonly (Node | null)[],
  inputs: readonly Node[],
  scope: Scope,
): (Node | null)[] {
  const single = new Map<Node, Node>();
  const several = new Map<Node, (Node | null)[]>();
  const roots: Node[] = [];
  outputs.forEach((output, i) => {
    const ct = cts[i];
    if (output === null || ct === null || output.scope !== scope) return;
    single.set(output, add(single.get(output) ?? null, ct));
    roots.push(output);
  });
  const { nodes } = collectLinear(roots, inputs, scope);
  for (let at = nodes.length - 1; at >= 0; at--) {
    const node = nodes[at];
    const own = single.get(node) ?? null;
    if (node.prim === "proj") {
      if (own === null) continue;
      const [tuple] = node.operands;
      const parts = several.get(tuple) ?? tuple.outs.map(() => null);
      const { index } = node.params as ParamsOf["proj"];
      parts[index] = add(parts[index], own);
      several.set(tuple, parts);
      continue;
    }
    const received = several.get(node) ?? [own];
    if (received.every((ct) => ct === null)) continue;
    const linear = node.operands.map((operand) => operand.scope === scope);
    const results = node.prim === "call" ? transposeCall(node, received, linear) : transposeOf(node, received, linear);
    results.forEach((ct, i) => {
      if (ct !== null && linear[i]) single.set(node.operands[i], add(single.get(node.operands[i]) ?? null, ct));
    });
  }
  return inputs.map((input) => single.get(input) ?? null);
}

/** The nodes of `scope` that the outputs depend on (and the literals beside them); everything else they read. */
export function collectLinear(
  outputs: readonly Node[],
  inputs: readonly Node[],
  scope: Scope,
): { nodes: Node[]; captures: Node[] } {
  const seen = new Set<Node>(inputs);
  const nodes: Node[] = [];
  const captures: Node[] = [];
  const stack = [...outputs];
  while (stack.length > 0) {
    const node = stack.pop() as Node;
    if (seen.has(node)) continue;
    seen.add(node);
    if (node.scope !== scope) {
      if (node.prim === "literal") nodes.push(node);
      else captures.push(node);
      continue;
    }
    nodes.push(node);
    for (const operand of node.operands) if (!seen.has(operand)) stack.push(operand);
  }
  const byId = (p: Node, q: Node): number => p.id - q.id;
  return { nodes: nodes.sort(byId), captures: captures.sort(byId) };
}

/** The transpose of a graph that is linear in some operands. */
export interface Transposed {
  /** Inputs: the operands that are not linear, in order, then the cotangents that are present. */
  readonly graph: Graph;
  /** Which operands get a cotangent; the graph's outputs are those, in order. */
  readonly mask: readonly boolean[];
}

const memo = new WeakMap<Graph, Map<string, Transposed>>();
const bits = (mask: readonly boolean[]): string => mask.map(Number).join("");

/**
 * Transposes `graph` in the operands (inputs, then captures) that `linear` marks, for the outputs whose cotangent is
 * present. Memoised on the immutable graph.
 */
export function transposeGraph(graph: Graph, linear: readonly boolean[], present: readonly boolean[]): Transposed {
  const key = `${bits(linear)},${bits(present)}`;
  let entries = memo.get(graph);
  if (entries === undefined) memo.set(graph, (entries = new Map()));
  const found = entries.get(key);
  if (found !== undefined) return found;
  const operands = [...graph.inputs, ...graph.captures];
  const made = withScope("abstract", `${graph.name}.transpose`, true, (outer) => {
    const fixed = operands.map((operand, i) => (linear[i] ? null : placeholder(operand.aval, `residual ${i}`, outer)));
    const cts = graph.outputs.map((output, i) =>
      present[i] ? placeholder(output.aval, `cotangent ${i}`, outer) : null,
    );
    const results = withScope("abstract", graph.name, true, (scope) => {
      const tangents = operands.map((operand, i) =>
        linear[i] ? placeholder(operand.aval, `tangent ${i}`, scope) : null,
      );
      const outputs = applyGraph(
        graph,
        operands.map((_, i) => (tangents[i] ?? fixed[i]) as Node),
      );
      const inputs = tangents.filter((t) => t !== null);
      const pulled = pullCotangents(outputs, cts, inputs, scope);
      let next = 0;
      return tangents.map((t) => (t === null ? null : pulled[next++]));
    });
    const inputs = [...fixed, ...cts].filter((node) => node !== null);
    const outputs = results.filter((node) => node !== null);
    return {
      graph: makeGraph(`${graph.name}.transpose`, inputs, outputs, outer.startId),
      mask: results.map((node) => node !== null),
    };
  });
  entries.set(key, made);
  return made;
}
