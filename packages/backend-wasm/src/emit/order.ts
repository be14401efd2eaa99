// Orders the nodes of an innermost loop so that few values live at once (heavier operand first, as Sethi and Ullman),
// counts their uses, and derives how many vectors a step may take.
import type { Kernel, Lane, NodeId, Phase, Scalar } from "@weft/ir";
import type { Stencil } from "../stencils.ts";
import { accessKind, forEachGuardValue, forEachValue } from "./affine.ts";
import type { Effective, PhasePlan } from "./plan.ts";

/** Calls `visit` for every node that `node` reads. */
export function forEachOperand(node: Scalar, visit: (id: NodeId) => void): void {
  switch (node.op) {
    case "apply":
      node.args.forEach(visit);
      break;
    case "part":
      visit(node.of);
      break;
    case "index":
      forEachValue(node.of, visit);
      break;
    case "load":
      forEachValue(node.at, visit);
      if (node.guard !== null) forEachGuardValue(node.guard, visit);
      if (node.other !== null) visit(node.other);
      break;
    case "inside":
      forEachGuardValue(node.guard, visit);
      break;
    default:
  }
}

type Ordered = Pick<PhasePlan, "order" | "uses" | "deferred">;
type Unordered = Omit<PhasePlan, "order" | "uses" | "deferred">;

/** More uses than any kernel has: the locals are kept until their scope ends. */
const PINNED = 0x3fffffff;

/** The nodes that computing `id` reads, after contraction. */
function operandsOf(kernel: Kernel, effective: Effective | null, id: NodeId, visit: (operand: NodeId) => void): void {
  if (effective !== null) effective.args.forEach(visit);
  else forEachOperand(kernel.nodes[id], visit);
}

/** The node that owns the locals of `id`: through aliases and parts. */
export function ownerOf(kernel: Kernel, alias: Int32Array, id: NodeId): NodeId {
  let owner = alias[id];
  for (;;) {
    const node = kernel.nodes[owner];
    if (node.op !== "part") return owner;
    owner = alias[node.of];
  }
}

function rootsOf(kernel: Kernel, phase: Unordered): NodeId[] {
  const roots: NodeId[] = [];
  const ir: Phase = kernel.phases[phase.index];
  ir.folds.forEach((fold, i) => roots.push(...(phase.foldProducts[i]?.args ?? fold.inputs)));
  for (const store of ir.stores) {
    forEachValue(store.at, (node) => roots.push(node));
    roots.push(store.value);
  }
  return roots;
}

export function orderOf(
  kernel: Kernel,
  phase: Unordered,
  alias: Int32Array,
  shared: ((id: NodeId) => boolean) | null,
): Ordered {
  const uses = new Int32Array(kernel.nodes.length);
  const need = new Int32Array(kernel.nodes.length);
  const order: NodeId[] = [];
  const isHere = (id: NodeId): boolean => phase.depth[id] === phase.innermost;
  const operands = (id: NodeId): NodeId[] => {
    const list: NodeId[] = [];
    operandsOf(kernel, phase.effective[id], id, (operand) => {
      const owner = ownerOf(kernel, alias, operand);
      if (isHere(owner)) list.push(owner);
    });
    return list;
  };
  // Registers a value needs, bottom up; ids are in topological order.
  for (let id = 0; id < kernel.nodes.length; id++) {
    if (!isHere(id)) continue;
    const needs = operands(id)
      .map((operand) => need[operand])
      .sort((a, b) => b - a);
    need[id] = needs.reduce((most, registers, i) => Math.max(most, registers + i), 1);
  }
  const done = new Uint8Array(kernel.nodes.length);
  const visit = (id: NodeId): void => {
    if (done[id] === 1) return;
    done[id] = 1;
    const list = operands(id);
    for (const operand of list) uses[operand]++;
    if (list.length > 1) list.sort((a, b) => need[b] - need[a]);
    list.forEach(visit);
    order.push(id);
  };
  for (const root of rootsOf(kernel, phase)) {
    const owner = ownerOf(kernel, alias, root);
    if (!isHere(owner)) continue;
    uses[owner]++;
    visit(owner);
  }
  // Phases without inner axes share one scope.
  if (shared !== null) for (const id of order) if (shared(id)) uses[id] = PINNED;
  return { order, uses, deferred: deferrable(kernel, phase, order, uses) };
}

/** The loads of an innermost loop that can be made by the one node that reads them. */
function deferrable(kernel: Kernel, phase: Unordered, order: readonly NodeId[], uses: Int32Array): Uint8Array {
  const deferred = new Uint8Array(kernel.nodes.length);
  for (const id of order) {
    const effective = phase.effective[id];
    if (
      effective === null ||
      effective.fn === "threefry2x32" ||
      effective.fn === "convert" ||
      effective.fn === "bitcast"
    )
      continue;
    for (const arg of effective.args) {
      const node = kernel.nodes[arg];
      if (
        node.op !== "load" ||
        node.guard !== null ||
        uses[arg] !== 1 ||
        phase.depth[arg] !== phase.innermost ||
        phase.varying[arg] === 0
      )
        continue;
      const kind = accessKind(phase.affine(node.at));
      if (kind === "unit" || kind === "reverse") deferred[arg] = 1;
    }
  }
  return deferred;
}

const SIZE: Readonly<Record<Lane, number>> = { mask: 1, i32: 1, u32: 1, f32: 1, f64: 2 };

/** Vector instructions a step may have, over all its copies. */
const WEIGHT_LIMIT = 1600;

/** Nodes from which a kernel of single instructions is a chain worth eight copies. */
const LONG_CHAIN = 24;

export function chooseUnroll(kernel: Kernel, phase: PhasePlan, stencils: ReadonlyMap<string, Stencil>): number {
  if (phase.vectorAxis < 0) return 1;
  const left = phase.uses.slice();
  let live = 0;
  for (const fold of kernel.phases[phase.index].folds) live += SIZE[fold.lane] * fold.inputs.length;
  let most = live;
  let weight = 0;
  let applied = 0;
  for (const id of phase.order) {
    const node = kernel.nodes[id];
    if (node.op === "apply") applied++;
    const size = phase.varying[id] === 1 && phase.deferred[id] === 0 ? SIZE[node.lane] : 0;
    const effective = phase.effective[id];
    if (effective === null) weight += size;
    else
      weight +=
        size * (effective.fn === "threefry2x32" ? 120 : (stencils.get(`${effective.fn}_${node.lane}`)?.weight ?? 1));
    live += node.op === "apply" && node.fn === "threefry2x32" ? 2 : size;
    most = Math.max(most, live);
    operandsOf(kernel, effective, id, (operand) => {
      if (
        phase.depth[operand] === phase.innermost &&
        --left[operand] === 0 &&
        phase.varying[operand] === 1 &&
        phase.deferred[operand] === 0
      )
        live -= SIZE[kernel.nodes[operand].lane];
    });
  }
  // A long chain of single instructions waits for each of them.
  if (most <= 2 && applied >= LONG_CHAIN && weight < 2 * applied) return 8;
  // Long functions wait for themselves: hiding that pays for spilled values, which light kernels only lose by.
  const patience = weight >> 4;
  if (most <= 6 + patience && weight * 4 <= WEIGHT_LIMIT) return 4;
  return most <= 12 + patience && weight * 2 <= WEIGHT_LIMIT ? 2 : 1;
}
