// Decides, from the kernel alone, how it runs: which axis is the vector axis, at which loop depth each node is
// computed, in which order, what contracts to a multiply-add, how often the vector step is unrolled.
// Depths: 0 a call, 1 a row of the grid (or a grid point), then the vector step and the inner loops.
import type { Affine, AxisId, Guard, Kernel, Lane, NodeId } from "@weft/ir";
import type { Stencil } from "../stencils.ts";
import type { AffineContext, AffineInfo } from "./affine.ts";
import { analyseAffine, forEachValue, isUnitAxis } from "./affine.ts";
import { chooseVectorAxis } from "./axis.ts";
import { chooseUnroll, forEachOperand, orderOf } from "./order.ts";

/** Uniform loads and params beyond this many are read again in every step instead of held in locals. */
const HOISTED_UNIFORMS = 16;
/** Run-time bases beyond this many are read again where they are used. */
const HOISTED_BASES = 8;

/** What an apply node computes after contraction. */
export interface Effective {
  readonly fn: string;
  readonly args: readonly NodeId[];
}

export interface PhasePlan {
  readonly index: number;
  /** Inner axes that are loops, outermost first. */
  readonly axes: readonly AxisId[];
  readonly axisDepth: readonly number[];
  /** -1 if nothing varies along a vector in this phase. */
  readonly vectorAxis: AxisId;
  /** Depth of the innermost loop. */
  readonly innermost: number;
  /** Depth of each node; -1 for nodes this phase does not need. */
  readonly depth: Int32Array;
  readonly varying: Uint8Array;
  readonly effective: readonly (Effective | null)[];
  /** Products that are computed by the sums that use them. */
  readonly contracted: Uint8Array;
  /** Folds that take their single-use product in as a multiply-add. */
  readonly foldProducts: readonly (Effective | null)[];
  /** Nodes of the innermost loop in the order they are computed. */
  readonly order: readonly NodeId[];
  /** How often each of them is used. */
  readonly uses: Int32Array;
  /** Plain contiguous loads that one node reads: loaded there. */
  readonly deferred: Uint8Array;
  affine(of: Affine): AffineInfo;
}

export interface Plan {
  readonly kernel: Kernel;
  /** Grid axes that are loops, fastest last. */
  readonly grid: readonly AxisId[];
  /** The grid axis that is the vector axis of all phases; -1 if each phase has its own (its last inner axis). */
  readonly gridVector: AxisId;
  readonly phases: readonly PhasePlan[];
  /** The node whose locals a node shares: bitcasts and conversions that change no bits. */
  readonly alias: Int32Array;
  /** Whether bases are added at each access. */
  readonly lateBases: boolean;
  readonly unroll: readonly number[];
}

const SAME_BITS: Readonly<Record<Lane, number>> = { mask: 0, i32: 1, u32: 1, f32: 2, f64: 3 };

function aliasesOf(kernel: Kernel): Int32Array {
  const alias = new Int32Array(kernel.nodes.length);
  kernel.nodes.forEach((node, id) => {
    alias[id] = id;
    if (node.op !== "apply") return;
    const from = node.args[0];
    const lane = kernel.nodes[from]?.lane;
    if (node.fn === "bitcast" && lane !== "f64" && lane !== "mask") alias[id] = alias[from];
    if (node.fn === "convert" && SAME_BITS[node.lane] === SAME_BITS[lane]) alias[id] = alias[from];
  });
  return alias;
}

function forEachRoot(kernel: Kernel, phase: number, visit: (id: NodeId) => void): void {
  for (const fold of kernel.phases[phase].folds) fold.inputs.forEach(visit);
  for (const store of kernel.phases[phase].stores) {
    visit(store.value);
    forEachValue(store.at, visit);
  }
}

/** The nodes each phase needs, and how often every node is read in the whole kernel. */
function reach(kernel: Kernel): { needed: Uint8Array[]; reads: Int32Array } {
  const { nodes, phases } = kernel;
  const anywhere = new Uint8Array(nodes.length);
  const reads = new Int32Array(nodes.length);
  const needed = phases.map((_, phase) => {
    const marks = new Uint8Array(nodes.length);
    forEachRoot(kernel, phase, (id) => {
      marks[id] = 1;
      reads[id]++;
    });
    for (let id = nodes.length - 1; id >= 0; id--) {
      if (marks[id] === 0) continue;
      const first = anywhere[id] === 0;
      anywhere[id] = 1;
      forEachOperand(nodes[id], (operand) => {
        marks[operand] = 1;
        if (first) reads[operand]++;
      });
    }
    return marks;
  });
  return { needed, reads };
}

interface Draft {
  readonly index: number;
  readonly axes: readonly AxisId[];
  readonly axisDepth: readonly number[];
  readonly vectorAxis: AxisId;
  readonly innermost: number;
  /** Depth of a grid point: where results of folds live. */
  readonly point: number;
  readonly resultsVary: boolean;
}

function draftPhase(kernel: Kernel, grid: readonly AxisId[], gridVector: AxisId, index: number): Draft {
  const axes = kernel.phases[index].axes.filter((axis) => !isUnitAxis(kernel, axis));
  const axisDepth: number[] = kernel.axes.map(() => -1);
  for (const axis of grid) axisDepth[axis] = 1;
  const point = gridVector >= 0 ? 2 : 1;
  if (gridVector >= 0) axisDepth[gridVector] = 2;
  axes.forEach((axis, i) => (axisDepth[axis] = point + 1 + i));
  const vectorAxis = gridVector >= 0 ? gridVector : axes.length > 0 ? axes[axes.length - 1] : -1;
  return { index, axes, axisDepth, vectorAxis, innermost: point + axes.length, point, resultsVary: gridVector >= 0 };
}

function guardDepth(
  context: AffineContext,
  guard: Guard,
  affine: (of: Affine) => AffineInfo,
): { depth: number; varying: boolean } {
  let depth = 0;
  let varying = false;
  for (const entry of guard.all) {
    const info = affine(entry.of);
    depth = Math.max(depth, info.depth);
    varying ||= info.varying;
  }
  return { depth, varying };
}

/** Multiply-adds: a + b where a is a product that only this sum reads and that is computed in the same loop. */
function contract(
  kernel: Kernel,
  stencils: ReadonlyMap<string, Stencil>,
  reads: Int32Array,
  depth: Int32Array,
  varying: Uint8Array,
): { effective: (Effective | null)[]; contracted: Uint8Array } {
  const contracted = new Uint8Array(kernel.nodes.length);
  const effective = kernel.nodes.map((node, id): Effective | null => {
    if (node.op !== "apply") return null;
    if (depth[id] < 0 || node.fn !== "add" || (node.lane !== "f32" && node.lane !== "f64")) return node;
    if (!stencils.has(`muladd_${node.lane}`)) return node;
    for (let i = 0; i < 2; i++) {
      const product = kernel.nodes[node.args[i]];
      const productId = node.args[i];
      if (product.op !== "apply" || product.fn !== "mul" || reads[productId] !== 1) continue;
      if (depth[productId] !== depth[id] || varying[productId] !== varying[id]) continue;
      contracted[productId] = 1;
      return { fn: "muladd", args: [product.args[0], product.args[1], node.args[1 - i]] };
    }
    return node;
  });
  return { effective, contracted };
}

function planPhase(
  kernel: Kernel,
  draft: Draft,
  alias: Int32Array,
  needed: readonly Uint8Array[],
  reads: Int32Array,
  stencils: ReadonlyMap<string, Stencil>,
): PhasePlan {
  const count = kernel.nodes.length;
  const depth = new Int32Array(count).fill(-1);
  const varying = new Uint8Array(count);
  const context: AffineContext = {
    kernel,
    axisDepth: draft.axisDepth,
    vectorAxis: draft.vectorAxis,
    nodeDepth: (id) => depth[id],
    nodeVaries: (id) => varying[id] === 1,
  };
  const infos = new Map<Affine, AffineInfo>();
  const affine = (of: Affine): AffineInfo => {
    let info = infos.get(of);
    if (info === undefined) infos.set(of, (info = analyseAffine(context, of)));
    return info;
  };
  const here = needed[draft.index];
  for (let id = 0; id < count; id++) {
    if (here[id] === 0) continue;
    const node = kernel.nodes[id];
    let level = 0;
    let varies = false;
    const add = (of: { depth: number; varying: boolean }): void => {
      level = Math.max(level, of.depth);
      varies ||= of.varying;
    };
    const addNode = (operand: NodeId): void => add({ depth: depth[operand], varying: varying[operand] === 1 });
    if (node.op === "index") add(affine(node.of));
    else if (node.op === "result") add({ depth: draft.point, varying: draft.resultsVary });
    else if (node.op === "inside") add(guardDepth(context, node.guard, affine));
    else if (node.op === "load") {
      add(affine(node.at));
      if (node.guard !== null) add(guardDepth(context, node.guard, affine));
      if (node.other !== null) addNode(node.other);
    } else forEachOperand(node, addNode);
    depth[id] = level;
    varying[id] = varies ? 1 : 0;
  }
  sinkUniforms(kernel, draft.innermost, here, depth);
  const { effective, contracted } = contract(kernel, stencils, reads, depth, varying);
  const foldProducts = kernel.phases[draft.index].folds.map((fold): Effective | null => {
    const id = fold.inputs[0];
    const product = kernel.nodes[id];
    if (fold.monoid !== "sum" || (fold.lane !== "f32" && fold.lane !== "f64") || !stencils.has(`muladd_${fold.lane}`))
      return null;
    if (product.op !== "apply" || product.fn !== "mul" || reads[id] !== 1 || depth[id] !== draft.innermost) return null;
    if (draft.vectorAxis >= 0 && varying[id] === 0) return null;
    contracted[id] = 1;
    return { fn: "muladd", args: product.args };
  });
  const phase = { ...draft, depth, varying, effective, contracted, foldProducts, affine };
  const shared =
    needed.length === 1
      ? null
      : (id: NodeId) => needed.some((marks, other) => other !== draft.index && marks[id] === 1);
  return { ...phase, ...orderOf(kernel, phase, alias, shared) };
}

/** Keeps the first uniform loads and params that only the innermost loop reads in locals, and sinks the others into it. */
function sinkUniforms(kernel: Kernel, innermost: number, here: Uint8Array, depth: Int32Array): void {
  const lowest = new Int32Array(kernel.nodes.length).fill(innermost);
  let candidates = 0;
  for (let id = 0; id < kernel.nodes.length; id++) {
    if (here[id] === 0) continue;
    const node = kernel.nodes[id];
    if (node.op === "param" || node.op === "load") candidates++;
    forEachOperand(node, (operand) => (lowest[operand] = Math.min(lowest[operand], depth[id])));
  }
  if (candidates <= HOISTED_UNIFORMS) return;
  let held = 0;
  for (let id = 0; id < kernel.nodes.length; id++) {
    const node = kernel.nodes[id];
    if (here[id] === 0 || depth[id] >= innermost || (node.op !== "param" && node.op !== "load")) continue;
    // Integers may be indices of accesses that are planned to be hoisted.
    if (node.lane === "i32") continue;
    if (++held > HOISTED_UNIFORMS && lowest[id] === innermost) depth[id] = innermost;
  }
}

function distinctBases(kernel: Kernel): number {
  const bases = new Set<number>();
  for (const node of kernel.nodes) if (node.op === "load" && "dim" in node.at.base) bases.add(node.at.base.dim);
  for (const phase of kernel.phases)
    for (const store of phase.stores) if ("dim" in store.at.base) bases.add(store.at.base.dim);
  return bases.size;
}

export function planKernel(kernel: Kernel, stencils: ReadonlyMap<string, Stencil>, unroll: number | undefined): Plan {
  const grid = kernel.grid.filter((axis) => !isUnitAxis(kernel, axis));
  const { needed, reads } = reach(kernel);
  const gridVector = chooseVectorAxis(kernel, grid, needed);
  const alias = aliasesOf(kernel);
  const phases = kernel.phases.map((_, index) =>
    planPhase(kernel, draftPhase(kernel, grid, gridVector, index), alias, needed, reads, stencils),
  );
  let copies = phases.map((phase) => unroll ?? chooseUnroll(kernel, phase, stencils));
  // One vector step encloses all phases: the most demanding decides.
  if (gridVector >= 0) copies = copies.map(() => Math.min(...copies));
  return { kernel, grid, gridVector, phases, alias, lateBases: distinctBases(kernel) > HOISTED_BASES, unroll: copies };
}
