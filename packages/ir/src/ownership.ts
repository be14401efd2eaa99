// Who still needs a node (SEMANTICS 1.7): owners (handles, pullbacks, jit entries) and uses (recorded nodes that
// still hold it as an operand). A node with neither is idle: it gives its storage back and stops using its own
// operands, and so on down. Exact, without the collector; what was never disposed is the collector's to find, and so
// is the data of nodes that nobody ever owned (a rule's intermediate value).
// While a scope is open transformations hold nodes that they do not own, so idle nodes are settled once none is.
// Nodes that depend on a placeholder use nothing: their scope ends before anyone could evaluate them, and whoever
// keeps a closed graph owns its captures.
import type { Node } from "./node.ts";
import { outermostScope } from "./scope.ts";

const waiting: Node[] = [];

/** Says that a handle, pullback or jit entry refers to `node`. */
export function own(node: Node): void {
  node.owners = node.owners < 0 ? 1 : node.owners + 1;
  if (node.idle) revive(node);
}

/** Takes one `own` back; storage that nothing needs any more is released now (or when the last scope closes). */
export function disown(node: Node): void {
  node.owners--;
  if (node.owners === 0 && node.uses === 0) {
    waiting.push(node);
    settleIdle();
  }
}

/** Counts a new node as a user of its operands. */
export function addUses(operands: readonly Node[]): void {
  for (let i = 0; i < operands.length; i++) {
    const operand = operands[i];
    operand.uses++;
    if (operand.idle) revive(operand);
  }
}

/** Takes `addUses` back. */
export function dropUses(operands: readonly Node[]): void {
  for (let i = 0; i < operands.length; i++) {
    const operand = operands[i];
    if (--operand.uses === 0 && operand.owners <= 0) waiting.push(operand);
  }
  if (waiting.length > 0) settleIdle();
}

/** Releases what turned idle while a scope was open. */
export function settleIdle(): void {
  if (outermostScope() !== null) return;
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.owners > 0 || node.uses > 0 || node.idle) continue;
    node.idle = true;
    // what nobody asked for is let go of though nobody owned it: whoever still holds the node computes it again
    if (node.owners === 0 || node.value?.cached === true) node.value?.release();
    if (node.scope !== null) continue;
    for (const operand of node.operands) {
      if (--operand.uses === 0 && operand.owners <= 0) waiting.push(operand);
    }
  }
}

/** A node that was idle is used again: by someone who held it without owning it. */
function revive(node: Node): void {
  const stack: Node[] = [node];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    top.idle = false;
    if (top.scope !== null) continue;
    for (const operand of top.operands) {
      operand.uses++;
      if (operand.idle) stack.push(operand);
    }
  }
}
