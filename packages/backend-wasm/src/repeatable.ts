// Whether a kernel's grid points may run a second time, as they do when the lane that ran them has died: yes, unless one
// reads from a buffer what it found there. A buffer that is read and written is fine if every load comes after the
// phase in which the same grid point has stored the same element, as kernels do that keep an intermediate result.
import type { Affine, BufferId, Guard, Kernel, NodeId } from "@weft/ir";

/** Calls `visit` with each node that an affine index is computed from. */
function nodesOfAffine({ terms }: Affine, visit: (node: NodeId) => void): void {
  for (const { of } of terms) {
    if ("value" in of) visit(of.value);
    else if ("digit" in of) nodesOfAffine(of.digit, visit);
  }
}

function nodesOfGuard(guard: Guard | null, visit: (node: NodeId) => void): void {
  for (const { of } of guard?.all ?? []) nodesOfAffine(of, visit);
}

/** The nodes that a phase computes, directly or through others. */
function nodesOfPhase({ nodes, phases }: Kernel, phase: number): Set<NodeId> {
  const found = new Set<NodeId>();
  const visit = (id: NodeId): void => {
    if (found.has(id)) return;
    found.add(id);
    const node = nodes[id];
    if (node.op === "index") nodesOfAffine(node.of, visit);
    else if (node.op === "inside") nodesOfGuard(node.guard, visit);
    else if (node.op === "apply") node.args.forEach(visit);
    else if (node.op === "part") visit(node.of);
    else if (node.op === "load") {
      nodesOfAffine(node.at, visit);
      nodesOfGuard(node.guard, visit);
      if (node.other !== null) visit(node.other);
    }
  };
  for (const { inputs } of phases[phase].folds) inputs.forEach(visit);
  for (const { at, value } of phases[phase].stores) {
    nodesOfAffine(at, visit);
    visit(value);
  }
  return found;
}

function keepsToItself(kernel: Kernel, buffer: BufferId): boolean {
  const stored = new Set<string>();
  for (let phase = 0; phase < kernel.phases.length; phase++) {
    for (const id of nodesOfPhase(kernel, phase)) {
      const node = kernel.nodes[id];
      if (node.op === "load" && node.buffer === buffer && !stored.has(JSON.stringify(node.at))) return false;
    }
    for (const store of kernel.phases[phase].stores) if (store.buffer === buffer) stored.add(JSON.stringify(store.at));
  }
  return kernel.phases.length > 0;
}

/** Whether every grid point writes an element of a buffer before it reads it, where it does both. */
export function rewritesBeforeReading(kernel: Kernel): boolean {
  return kernel.buffers.every(({ access }, buffer) => access !== "readwrite" || keepsToItself(kernel, buffer));
}
