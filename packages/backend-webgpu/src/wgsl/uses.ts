// What the nodes and phases of a kernel depend on: which nodes a phase needs, and at which depth of its loops.
import type { Affine, AxisId, Guard, Kernel, NodeId, Phase, Scalar } from "@weft/ir";

/** Calls back for every axis and node that an affine names. */
function visitAffine({ terms }: Affine, onAxis: (axis: AxisId) => void, onNode: (node: NodeId) => void): void {
  for (const { of } of terms) {
    if ("axis" in of) onAxis(of.axis);
    else if ("value" in of) onNode(of.value);
    else visitAffine(of.digit, onAxis, onNode);
  }
}
function visitGuard({ all }: Guard, onAxis: (axis: AxisId) => void, onNode: (node: NodeId) => void): void {
  for (const { of } of all) visitAffine(of, onAxis, onNode);
}
function visit(node: Scalar, onAxis: (axis: AxisId) => void, onNode: (node: NodeId) => void): void {
  switch (node.op) {
    case "apply":
      node.args.forEach(onNode);
      return;
    case "part":
      onNode(node.of);
      return;
    case "index":
      visitAffine(node.of, onAxis, onNode);
      return;
    case "inside":
      visitGuard(node.guard, onAxis, onNode);
      return;
    case "load":
      visitAffine(node.at, onAxis, onNode);
      if (node.guard !== null) visitGuard(node.guard, onAxis, onNode);
      if (node.other !== null) onNode(node.other);
  }
}

/** The nodes a phase depends on, in order. */
export function neededNodes({ nodes }: Kernel, { folds, stores }: Phase): NodeId[] {
  const live = new Uint8Array(nodes.length);
  const mark = (node: NodeId): void => {
    live[node] = 1;
  };
  const ignore = (): void => {};
  for (const { inputs } of folds) inputs.forEach(mark);
  for (const { at, value } of stores) {
    visitAffine(at, ignore, mark);
    mark(value);
  }
  const needed: NodeId[] = [];
  for (let id = nodes.length - 1; id >= 0; id--) {
    if (live[id] === 0) continue;
    needed.push(id);
    visit(nodes[id], ignore, mark);
  }
  return needed.reverse();
}

/** The inner axes each node depends on. */
export function innerAxes({ nodes, grid }: Kernel): readonly ReadonlySet<AxisId>[] {
  const outer = new Set(grid);
  const found: Set<AxisId>[] = [];
  for (const node of nodes) {
    const axes = new Set<AxisId>();
    visit(
      node,
      (axis) => {
        if (!outer.has(axis)) axes.add(axis);
      },
      (id) => {
        for (const axis of found[id]) axes.add(axis);
      },
    );
    found.push(axes);
  }
  return found;
}
