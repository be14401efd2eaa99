// Planning, on a miss of the plan cache: clones pending nodes into a plan graph, inlines calls, simplifies, lowers,
// compiles, all in parts (ir/src/parts.ts). Slot values are never looked at; the slots of closed graphs become constants of the plan.
import type { Graph, Parts } from "@weft/ir";
import {
  InternalError,
  inlineInParts,
  makeGraph,
  Node,
  placeholder,
  rowOf,
  simplifyInParts,
  withOutputs,
} from "@weft/ir";
import type { Device } from "./device.ts";
import { makeExecutable } from "./execute.ts";
import { tracedParts } from "./host-trace.ts";
import type { Pair } from "./hybrid/pair.ts";
import type { Decision, PlaceRequest } from "./hybrid/plan.ts";
import { hybrid } from "./hybrid/loading.ts";
import type { Runnable } from "./results.ts";
import { cachedOf } from "./results.ts";

/** A plan: made once for a key, run many times. */
export interface Plan {
  readonly key: Int32Array;
  readonly hash: number;
  readonly runnable: Runnable;
  /** Why parts are where they are; null for plans of one device. */
  readonly decision: Decision | null;
  /** The simplified graph, for explain. */
  readonly graph: Graph;
  /** Numbers of the nodes whose results are kept because they are stored anyway. */
  readonly cached: readonly number[];
  /** Constants that follow the slots of pending nodes. */
  readonly fixed: readonly number[];
  hits: number;
  lastUsed: number;
  /** Next plan of the same hash. */
  next: Plan | null;
}

/** What a walk found: pending nodes in id order, the leaves they read, and which of them are to be stored. */
export interface Pending {
  readonly nodes: readonly Node[];
  readonly leaves: readonly Node[];
  /** Numbers of the nodes that get values, ascending. */
  readonly stored: readonly number[];
  /** A node's number, or −1 − its index among the leaves. */
  numberOf(node: Node): number;
}

/** Where plans are made for: one device, or two and what is asked of them. */
export type PlanTarget = Device | { readonly pair: Pair; readonly request: Omit<PlaceRequest, "kept"> };

/** A graph of clones that was simplified and lowered. */
export interface PlannedGraph {
  readonly runnable: Runnable;
  readonly decision: Decision | null;
  readonly graph: Graph;
  readonly fixed: number[];
  readonly cacheable: readonly (Node | null)[];
}

/** Simplifies and lowers a graph of clones. `candidates`: how many of its last outputs are merely cacheable. */
export const lowerPlan = (target: PlanTarget, cloned: Graph, candidates: number, slots: number): Parts<PlannedGraph> =>
  tracedParts("plan", simplifyAndLower(target, cloned, candidates, slots), {
    program: cloned.name,
    operations: cloned.nodes.length,
  });

function* simplifyAndLower(target: PlanTarget, cloned: Graph, candidates: number, slots: number): Parts<PlannedGraph> {
  const fixed: number[] = [];
  const inlined = yield* inlineInParts(cloned, (values) => {
    const base = slots + fixed.length;
    fixed.push(...values);
    return base;
  });
  yield;
  const simplified = yield* simplifyInParts(inlined);
  yield;
  const kept = simplified.outputs.length - candidates;
  const graph = candidates === 0 ? simplified : withOutputs(simplified, simplified.outputs.slice(0, kept));
  const inside = new Set(graph.nodes);
  const outputs = new Set(graph.outputs);
  const cacheable = simplified.outputs
    .slice(kept)
    .map((node) => (inside.has(node) && !outputs.has(node) ? node : null));
  const offered = [...new Set(cacheable.filter((node) => node !== null))];
  if ("pair" in target) {
    const { runnable, decision } = yield* hybrid().planOnPair(graph, target.pair, { ...target.request, kept: offered });
    return { runnable, decision, graph, fixed, cacheable };
  }
  const runnable = yield* makeExecutable(target, graph, new Set(offered));
  return { runnable, decision: null, graph, fixed, cacheable };
}

/** Whether a result is worth keeping if it is stored anyway: what is dear to compute or read more than once. */
function isCacheable(node: Node, readers: number): boolean {
  if (node.outs.length > 1 || node.prim === "proj") return false;
  const { family } = rowOf(node.prim);
  return (
    family === "contraction" ||
    family === "reduction" ||
    (readers > 1 && (family === "elementwise" || family === "indexing"))
  );
}

/** Makes the plan of what a walk found: clones all of it at once, and does the rest in parts, when the walk may be over. */
export function makePlan(target: PlanTarget, pending: Pending, key: Int32Array, hash: number): Parts<Plan> {
  const { nodes, leaves, stored } = pending;
  const inputs = leaves.map((leaf, i) => placeholder(leaf.aval, String(i), null));
  const clones = new Array<Node>(nodes.length);
  const readers = new Int32Array(nodes.length);
  let slots = 0;
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i];
    const operands = node.operands.map((operand) => {
      const number = pending.numberOf(operand);
      if (number < 0) return inputs[-1 - number];
      readers[number]++;
      return clones[number];
    });
    const clone = new Node(node.prim, node.params, operands, node.slots, node.outs, null);
    if (node.slots !== null) {
      clone.slotBase = slots;
      slots += node.slots.length;
    }
    clones[i] = clone;
  }
  const isStored = new Uint8Array(nodes.length);
  for (const number of stored) isStored[number] = 1;
  const candidates: number[] = [];
  for (let i = 0; i < nodes.length; i++) if (isStored[i] === 0 && isCacheable(nodes[i], readers[i])) candidates.push(i);
  const cloned = makeGraph(
    "plan",
    inputs,
    [...stored, ...candidates].map((number) => clones[number]),
    0,
  );
  return planOf(target, { cloned, candidates, slots }, key, hash);
}

interface Cloned {
  readonly cloned: Graph;
  /** Numbers of the nodes that its last outputs stand for, which are merely cacheable. */
  readonly candidates: readonly number[];
  readonly slots: number;
}

function* planOf(
  target: PlanTarget,
  { cloned, candidates, slots }: Cloned,
  key: Int32Array,
  hash: number,
): Parts<Plan> {
  const { runnable, decision, graph, fixed, cacheable } = yield* lowerPlan(target, cloned, candidates.length, slots);
  const numberOfCached = new Map<Node, number>();
  cacheable.forEach((node, i) => {
    if (node !== null && !numberOfCached.has(node)) numberOfCached.set(node, candidates[i]);
  });
  const cached = cachedOf(runnable).map(({ node }) => {
    const number = numberOfCached.get(node);
    if (number === undefined) throw new InternalError(`lowering cached ${node.toString()}, which was not offered`);
    return number;
  });
  return { key, hash, runnable, decision, graph, cached, fixed, hits: 0, lastUsed: 0, next: null };
}
