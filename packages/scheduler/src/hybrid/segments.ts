// From a placement to segments: units of one device that run as one submission, each with a graph of its own whose
// inputs are what other segments or the plan's inputs give. What another device waits for goes first, by itself.
// Segments are ordered so that each comes after what it reads. Knows no buffers.
import type { Graph, Node } from "@weft/ir";
import {
  InternalError,
  makeGraph,
  NO_PARAMS,
  Node as GraphNode,
  placeholder,
  record,
  sameShape,
  withOperands,
} from "@weft/ir";
import type { Item } from "../lower/items.ts";
import { filled, reshaped } from "../lower/decompose.ts";
import type { Placement, Side } from "./problem.ts";
import { isSent } from "./problem.ts";
import type { Placeable } from "./units.ts";

/** What one device runs at once. */
export interface SegmentPlan {
  readonly side: Side;
  readonly units: readonly number[];
  readonly graph: Graph;
  /** What each input of the graph is. */
  readonly inputs: readonly Item[];
  /** What each output of the graph is. */
  readonly outputs: readonly Item[];
  /** The nodes of the plan's graph by those of this one. */
  readonly originals: ReadonlyMap<Node, Node>;
  /** Nodes of the plan's graph that may be kept if they are stored, by the nodes of this one. */
  readonly cacheable: ReadonlyMap<Node, Node>;
}

interface Class {
  readonly side: Side;
  readonly level: number;
  /** Whether the other device waits for it. */
  readonly first: boolean;
  readonly units: number[];
}

/**
 * Groups units by device and by how often the way to them changes devices; in each such class those that the other
 * device waits for come first, if the rest costs more than `split` nanoseconds.
 */
function classesOf({ problem, units }: Placeable, sides: Placement, split: number): Class[] {
  const { tasks, flows } = problem;
  const level = tasks.map(() => 0);
  const read = tasks.map((): number[] => []);
  flows.forEach(({ readers }, flow) => {
    for (const reader of readers) read[reader].push(flow);
  });
  for (let task = 0; task < units.length; task++) {
    for (const at of read[task]) {
      const { producer } = flows[at];
      if (producer >= 0)
        level[task] = Math.max(level[task], level[producer] + (sides[producer] === sides[task] ? 0 : 1));
    }
  }
  const early = tasks.map(() => false);
  for (const flow of flows) if (flow.producer >= 0 && isSent(flow, sides)) early[flow.producer] = true;
  for (let task = units.length - 1; task >= 0; task--) {
    if (!early[task]) continue;
    for (const at of read[task]) {
      const { producer } = flows[at];
      if (producer >= 0 && sides[producer] === sides[task] && level[producer] === level[task]) early[producer] = true;
    }
  }
  const classes = new Map<string, Class>();
  const nameOf = (task: number, first: boolean): string => `${level[task]},${sides[task]},${first}`;
  const rest = new Map<string, number>();
  tasks.forEach(({ cost }, task) => {
    if (!early[task]) rest.set(nameOf(task, false), (rest.get(nameOf(task, false)) ?? 0) + cost[sides[task]]);
  });
  tasks.forEach((_, task) => {
    // a small rest goes along
    const first = early[task] || (rest.get(nameOf(task, false)) ?? 0) <= split;
    const name = nameOf(task, first);
    const known = classes.get(name);
    if (known === undefined) classes.set(name, { side: sides[task], level: level[task], first, units: [task] });
    else known.units.push(task);
  });
  // the GPU is handed its work first, and computes while the processor does
  return [...classes.values()].sort(
    (a, b) => a.level - b.level || b.side - a.side || Number(b.first) - Number(a.first),
  );
}

/** The part of the graph that a segment computes, found by walking back from what it has to give. */
class Extract {
  readonly inputs: Item[] = [];
  readonly graph: Graph;
  readonly clones = new Map<Node, Node>();
  private readonly placeable: Placeable;
  private readonly isGiven: (item: Item) => boolean;
  private readonly placeholders = new Map<Item, Node>();

  constructor(placeable: Placeable, name: string, outputs: readonly Item[], isGiven: (item: Item) => boolean) {
    this.placeable = placeable;
    this.isGiven = isGiven;
    const roots = outputs.map((item) => this.nodeOf(item));
    const inside = this.reach(roots);
    const made: Node[] = [];
    for (const item of [...this.placeholders.keys()].sort((a, b) => a.index - b.index)) {
      const binder = placeholder(this.nodeOf(item).aval, String(this.inputs.length), null);
      this.placeholders.set(item, binder);
      this.inputs.push(item);
      made.push(binder);
    }
    const { graph } = placeable;
    for (const list of [graph.captures, graph.nodes])
      for (const node of list) if (inside.has(node)) this.clones.set(node, this.clone(node));
    this.graph = makeGraph(
      name,
      made,
      roots.map((root) => this.of(root)),
      0,
    );
  }

  private nodeOf(item: Item): Node {
    const node = this.placeable.nodeOf.get(item) ?? item.node;
    if (node === null) throw new InternalError(`partition: ${item.toString()} is no node of the graph`);
    return node;
  }

  /** The item by which a node is given to this segment; null for what it computes. */
  private givenBy(node: Node): Item | null {
    const base = this.placeable.baseOf(node);
    return base !== null && (base.kind === "input" || this.isGiven(base)) ? base : null;
  }

  private operandsOf(node: Node): readonly Node[] {
    // nothing is read to make what has no elements, and of a barrier only the operand that is projected
    if (node.aval.size === 0) return [];
    if (node.prim === "proj" && node.operands[0].prim === "optimizationBarrier") return [this.projected(node)];
    return node.operands;
  }

  private projected(node: Node): Node {
    return node.operands[0].operands[(node.params as { readonly index: number }).index];
  }

  private reach(roots: readonly Node[]): Set<Node> {
    const inside = new Set<Node>(roots);
    for (const node of inside) {
      for (const operand of this.operandsOf(node)) {
        const given = operand.aval.size === 0 ? null : this.givenBy(operand);
        if (given === null) inside.add(operand);
        else if (!this.placeholders.has(given)) this.placeholders.set(given, operand);
      }
    }
    return inside;
  }

  private clone(node: Node): Node {
    if (node.aval.size === 0 && node.outs.length === 1) return filled(node.aval, 0);
    if (node.prim === "proj" && node.operands[0].prim === "optimizationBarrier") {
      const held = record("optimizationBarrier", NO_PARAMS, [this.of(this.projected(node))]);
      return new GraphNode("proj", { index: 0 }, [held], null, node.outs, null);
    }
    return withOperands(
      node,
      node.operands.map((operand) => this.of(operand)),
    );
  }

  /** What stands for a node here. */
  private of(node: Node): Node {
    const clone = this.clones.get(node);
    if (clone !== undefined) return clone;
    const given = this.givenBy(node);
    const found = given === null ? undefined : this.placeholders.get(given);
    if (found === undefined)
      throw new InternalError(`partition: ${node.toString()} is read and neither given nor computed`);
    // the same bytes in another shape
    return sameShape(found.aval.shape, node.aval.shape) ? found : reshaped(found, node.aval.shape);
  }
}

/**
 * The segments of a placement. `kept` are nodes of the plan's graph whose data may be kept where it is stored anyway.
 */
export function segmentsOf(
  placeable: Placeable,
  sides: Placement,
  kept: readonly Node[],
  split: number,
): SegmentPlan[] {
  const { graph, writerOf, baseOf } = placeable;
  const classes = classesOf(placeable, sides, split);
  const segmentOf = new Map<number, number>();
  classes.forEach(({ units }, segment) => {
    for (const unit of units) segmentOf.set(unit, segment);
  });
  const segmentOfItem = (item: Item): number => segmentOf.get(writerOf.get(item) ?? -1) ?? -1;
  const due = classes.map((): Set<Item> => new Set());
  for (const output of graph.outputs) {
    const base = baseOf(output);
    const segment = base === null ? -1 : segmentOfItem(base);
    if (segment >= 0) due[segment].add(base as Item);
  }
  const plans: SegmentPlan[] = [];
  // from the last to the first: what a segment reads is due from an earlier one
  for (let segment = classes.length - 1; segment >= 0; segment--) {
    const outputs = [...due[segment]].sort((a, b) => a.index - b.index);
    if (outputs.length === 0) continue;
    const { side, units } = classes[segment];
    const isGiven = (item: Item): boolean => {
      const from = segmentOfItem(item);
      return from >= 0 && from < segment;
    };
    const { graph: own, inputs, clones } = new Extract(placeable, `${graph.name} ${segment}`, outputs, isGiven);
    for (const item of inputs) if (item.kind !== "input") due[segmentOfItem(item)].add(item);
    const cacheable = new Map<Node, Node>();
    for (const node of kept) {
      const clone = clones.get(node);
      const base = baseOf(node);
      if (clone !== undefined && base !== null && segmentOfItem(base) === segment && !due[segment].has(base))
        cacheable.set(clone, node);
    }
    plans.push({
      side,
      units,
      graph: own,
      inputs,
      outputs,
      originals: new Map([...clones].map(([node, clone]) => [clone, node])),
      cacheable,
    });
  }
  return plans.reverse();
}
