// A plan as data for those who draw it: the operations that are computed, what each reads, and the steps they were
// fused into. Text is explain's business; nothing here plans or runs.
import type { Node, ParamsOf, Step, Value } from "@weft/ir";
import { formatAval } from "@weft/ir";
import type { CompiledGraph, CompiledPlan } from "./compiled-graph.ts";
import { HybridExecutable } from "./hybrid/executable.ts";
import type { GroupInfo } from "./lower/index.ts";

/** One value of a plan: an input, or the result of an operation. */
export interface PlanNode {
  readonly kind: "input" | "operation";
  /** The primitive, a comparison by its operator; "input" for an input. */
  readonly name: string;
  /** What it is, as `float32[3,4]`. */
  readonly type: string;
  /** Places in {@link PlanView.nodes} of what it reads; constants stand in `numbers`. */
  readonly operands: readonly number[];
  /** Constants among its operands. */
  readonly numbers: readonly number[];
  /** Places in {@link PlanView.steps} of the steps that compute it: several where computing again is cheaper. */
  readonly steps: readonly number[];
  readonly isOutput: boolean;
}

/** One step of a plan. */
export interface PlanStep {
  /** The device that runs it. */
  readonly device: string;
  readonly kind: Step["kind"];
  /** What was fused, as `exp 2×mul sub`. */
  readonly title: string;
  readonly shape: readonly number[];
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** In additions. */
  readonly work: number;
}

/** A plan: values in an order in which operands come first, and steps in the order in which they run. */
export interface PlanView {
  readonly name: string;
  readonly device: string;
  readonly nodes: readonly PlanNode[];
  readonly steps: readonly PlanStep[];
  readonly temporaryBytes: number;
}

/** The number of a constant, or null. */
function constantOf(node: Node): number | null {
  if (node.prim === "literal") return (node.params as ParamsOf["literal"]).value;
  return node.prim === "scalar" ? (node.slots?.[0] ?? NaN) : null;
}

/** The plan of a compiled graph, as data. */
export function viewCompiled(compiled: CompiledGraph, values: readonly (Value | null)[] = []): PlanView {
  const { source } = compiled;
  const plan = compiled.planFor(values);
  const { graph } = plan;
  const groups = groupsOf(plan);
  const steps = new Map<Node, number[]>();
  groups.forEach(({ group: { fused }, originals }, step) => {
    for (const clone of fused) {
      const node = originals?.get(clone) ?? clone;
      const list = steps.get(node) ?? [];
      if (list.length === 0) steps.set(node, list);
      if (list.at(-1) !== step) list.push(step);
    }
  });
  const places = new Map<Node, number>();
  const nodes: PlanNode[] = [];
  const outputs = new Set(graph.outputs);
  const add = (node: Node, kind: PlanNode["kind"], operands: readonly number[], numbers: readonly number[]): void => {
    places.set(node, nodes.length);
    const name =
      kind === "input" ? "input" : node.prim === "compare" ? (node.params as ParamsOf["compare"]).op : node.prim;
    nodes.push({
      kind,
      name,
      type: formatAval(node.aval),
      operands,
      numbers,
      steps: steps.get(node) ?? [],
      isOutput: outputs.has(node),
    });
  };
  /** What a node reads, through those that no step computes: they cost nothing, as a marker does. */
  const readsOf = (node: Node): { operands: number[]; numbers: number[] } => {
    const operands: number[] = [];
    const numbers: number[] = [];
    const stack = node.operands.toReversed();
    for (let operand = stack.pop(); operand !== undefined; operand = stack.pop()) {
      const constant = constantOf(operand);
      const place = places.get(operand);
      if (constant !== null) numbers.push(constant);
      else if (place === undefined) stack.push(...operand.operands.toReversed());
      else if (!operands.includes(place)) operands.push(place);
    }
    return { operands, numbers };
  };
  for (const node of graph.inputs) add(node, "input", [], []);
  for (const node of inOrder([...steps.keys(), ...graph.outputs])) {
    if (places.has(node) || constantOf(node) !== null || !(steps.has(node) || outputs.has(node))) continue;
    const { operands, numbers } = readsOf(node);
    add(node, "operation", operands, numbers);
  }
  return {
    name: source.name,
    device: [...new Set(groups.map(({ device }) => device))].join(" and ") || compiled.place.id,
    nodes,
    steps: groups.map(({ device, group: { kind, title, shape, bytesRead, bytesWritten, work } }) => ({
      device,
      kind,
      title,
      shape,
      bytesRead,
      bytesWritten,
      work,
    })),
    temporaryBytes: groups.reduce((sum, { arenaBytes }) => sum + arenaBytes, 0),
  };
}

interface PlacedGroup {
  readonly device: string;
  readonly group: GroupInfo;
  /** The nodes of the plan's graph by those of the segment's own. */
  readonly originals: ReadonlyMap<Node, Node> | null;
  /** Temporary memory, told with the first step of a run. */
  readonly arenaBytes: number;
}

function groupsOf({ runnable }: CompiledPlan): PlacedGroup[] {
  const runs =
    runnable instanceof HybridExecutable
      ? runnable.steps.filter((step) => step.kind === "run")
      : [{ executable: runnable, originals: null }];
  return runs.flatMap(({ executable: { device, lowered }, originals }) =>
    lowered.groups.map((group, i): PlacedGroup => ({
      device: device.backend.id,
      group,
      originals,
      arenaBytes: i === 0 ? lowered.arenaBytes : 0,
    })),
  );
}

/** The nodes and all that they are computed from, operands first. */
function inOrder(roots: readonly Node[]): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  for (const root of roots) {
    const stack: (readonly [node: Node, left: boolean])[] = [[root, false]];
    for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
      const [node, left] = entry;
      if (left) order.push(node);
      else if (!seen.has(node)) {
        seen.add(node);
        stack.push([node, true]);
        for (const operand of node.operands) if (!seen.has(operand)) stack.push([operand, false]);
      }
    }
  }
  return order;
}
