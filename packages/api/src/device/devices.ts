// Which engine evaluates, and the triggers of evaluation: reads, ready() and the flush rule (SEMANTICS 3.3, BUILD).
import type { Aval, Node, Value } from "@weft/ir";
import { currentScope, InternalError, isNumberKind, leaf, nbytes, outermostScope, SyncReadError } from "@weft/ir";
import type { HostArray } from "../core/host.ts";
import type { Engine } from "./engine.ts";
import { createReferenceEngine } from "./reference.ts";

/** Past so many recorded handles, or so many nominal bytes of them, what is pending is evaluated. */
export const FLUSH_NODES = 1000;
export const FLUSH_BYTES = 64 * 2 ** 30;

let current: Engine | null = null;

/** The engine of the default device; made at its first use. */
export const engine = (): Engine => (current ??= createReferenceEngine());

/** Makes another engine the default: init(), and tests that want the interpreter. Returns the one it replaces. */
export function useEngine(next: Engine | null): Engine | null {
  const before = current;
  current = next;
  return before;
}

/** A leaf that holds a copy of host data. */
export const uploadLeaf = (of: Aval, data: HostArray): Node => leaf(of, engine().upload(of, data));

/** The name of the device of a node: where its data is, or where it would be computed. */
export const deviceOf = (node: Node): string => (node.value === null ? engine().id : (node.value.backend?.id ?? engine().id));

/** Whether reading the node waits for nothing. */
export const isReady = (node: Node): boolean => node.value !== null && (node.value.ticket === null || node.value.ticket.state === "done") && engine().canBlock;

/** Starts the evaluation of nodes that have no data yet, as one plan. */
export function evaluateNodes(nodes: readonly Node[]): void {
  const roots = nodes.filter((node) => node.value === null);
  if (roots.length > 0) engine().evaluate(roots);
}

function valueOf(node: Node): Value {
  if (node.value === null) engine().evaluate([node]);
  if (node.value === null) throw new InternalError(`${node.toString()} has no data after its evaluation`);
  return node.value;
}

// a placeholder of kind number is never concrete, so what is read always has a served dtype
const readable = (node: Node): Aval => {
  if (isNumberKind(node.aval)) throw new InternalError(`${node.toString()} is of kind number and cannot be read`);
  return node.aval;
};

export const readNode = (node: Node): Promise<HostArray> => engine().read(readable(node), valueOf(node));

/** Throws SyncReadError where the device cannot block. */
export function readNodeSync(node: Node): HostArray {
  const { canBlock, id } = engine();
  if (!canBlock) throw new SyncReadError(`a synchronous read is not possible on ${id} here; use await x.data() or await deviceGet(tree)`);
  return engine().readSync(readable(node), valueOf(node));
}

export async function waitForNode(node: Node): Promise<void> {
  await valueOf(node).ticket?.wait();
}

// The flush rule: a window of the handles recorded outside every scope. Its sinks become the roots of one evaluation.
let window: Node[] = [];
let windowBytes = 0;

/** Called for every new handle. */
export function noteRecorded(node: Node): void {
  if (node.value !== null || currentScope() !== null || node.scope !== null) return;
  window.push(node);
  windowBytes += nbytes(node.aval);
  if (window.length >= FLUSH_NODES || windowBytes >= FLUSH_BYTES) flush();
}

/** Evaluates everything recorded since the last flush; returns at once. Nothing happens while a scope is open. */
export function flush(): void {
  if (outermostScope() !== null || window.length === 0) return;
  const nodes = window;
  window = [];
  windowBytes = 0;
  const used = new Set<Node>();
  const stack = nodes.flatMap((node) => node.operands);
  while (stack.length > 0) {
    const node = stack.pop() as Node;
    if (used.has(node) || node.value !== null || node.id < nodes[0].id) continue;
    used.add(node);
    stack.push(...node.operands);
  }
  evaluateNodes(nodes.filter((node) => !used.has(node)));
}

/** A handle ended. Storage is freed once nothing refers to it. */
export function releaseHandle(_node: Node): void {
  // the reference engine's values are plain host arrays, freed by the collector
}
