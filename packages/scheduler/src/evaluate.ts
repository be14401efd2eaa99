// Evaluation: from nodes that are asked for to data. Walks, finds or makes the plan, runs it, and gives nodes their
// values. Owns the states of nodes: pending → scheduled (has a value whose ticket is unfinished) → ready | failed.
import type { Backend, Node, Ticket, Value } from "@weft/ir";
import { currentScope, mustKeepInputs, outermostScope, settleIdle } from "@weft/ir";
import type { Device } from "./device.ts";
import { deviceFor } from "./device.ts";
import type { Execution } from "./execute.ts";
import { collectOutputs, execute } from "./execute.ts";
import type { Plan } from "./plan.ts";
import { makePlan, sizeErasedHash } from "./plan.ts";
import { Poisoned, Storage } from "./storage.ts";
import { Walk } from "./walk.ts";

const walk = new Walk();
let serial = 0;

/** Whether the graph of an open jit (or another closed sub-graph) will hold this node as one of its operations. */
function isStaged(node: Node): boolean {
  for (let scope = currentScope(); scope !== null; scope = scope.parent) if (scope.literals && node.id >= scope.startId) return true;
  return false;
}

/**
 * A node whose data is owned forgets its recipe: when the outermost scope closes, if an open transformation may still
 * walk through it; never, if it becomes an operation of a closed graph.
 */
function finish(node: Node): void {
  if (node.operands.length === 0) return;
  if (!mustKeepInputs(node)) node.dropInputs();
  else if (!isStaged(node)) outermostScope()?.retained.push(node);
}

/** A cached result that is touched again is owned from now on. */
function promote(node: Node): void {
  const { value } = node;
  if (!(value instanceof Storage) || !value.hold.cached) return;
  value.hold.device.cached.remove(value);
  finish(node);
}

function planFor(device: Device): Plan {
  const latest = device.plans.findLatest(walk.key);
  const hash = latest === null ? walk.key.hash() : latest.hash;
  const found = latest ?? device.plans.find(walk.key, hash);
  if (found !== null) {
    device.counters.hits++;
    return found;
  }
  const plan = makePlan(device, walk, walk.key.copy(), hash);
  device.counters.plans++;
  device.plans.insert(plan);
  device.plans.countStorm(sizeErasedHash(walk), `the program that ends in ${walk.nodes[walk.nodes.length - 1].toString()}`);
  return plan;
}

/**
 * Hands the plan that would evaluate `roots` now to `use`, with whether it existed; null if nothing is pending.
 * Nothing is run.
 */
export function withPlan<T>(device: Device, roots: readonly Node[], use: (plan: Plan, found: boolean) => T): T | null {
  walk.begin();
  try {
    walk.run(roots);
    if (walk.nodes.length === 0) return null;
    const { plans } = device.counters;
    const plan = planFor(device);
    return use(plan, device.counters.plans === plans);
  } finally {
    walk.end();
  }
}

/** Stores results that nobody asked for. */
function keepCached(device: Device, plan: Plan, execution: Execution): void {
  for (const { number, output, bytes } of plan.cached) {
    const node = walk.nodes[number];
    const storage = new Storage(device, execution.outputs[output], bytes, node.aval, execution.ticket);
    node.value = storage;
    device.cached.add(storage, node);
  }
}

function store(device: Device, plan: Plan, execution: Execution, inputs: readonly Value[]): void {
  const { stored, nodes } = walk;
  if (execution.failed !== null) {
    for (const number of stored) nodes[number].value = new Poisoned(device.backend, nodes[number].aval, execution.failed);
    return;
  }
  const values = collectOutputs(plan.executable, execution, inputs);
  for (let i = 0; i < stored.length; i++) nodes[stored[i]].value = values[i];
  if (plan.cached.length > 0) keepCached(device, plan, execution);
}

/** A root that is, to the planner, its operand shares its operand's value. */
function storeAliases(roots: readonly Node[]): void {
  for (const root of roots) {
    if (root.value !== null) continue;
    let target = root;
    while (target.value === null) target = target.operands[0];
    const { value } = target;
    root.value = value instanceof Storage ? value.retain() : value;
    finish(root);
  }
}

/**
 * Asks for the data of `roots`, all in one plan. Returns the ticket of the run, or null if nothing had to run; what
 * each root holds afterwards says when it is ready. Nothing is waited for.
 * Throws ConcretizationError or EscapedValueError for traced nodes, DisposedError, OutOfMemoryError, DeviceError; then
 * everything is as it was.
 * @example evaluate([loss.node], backend)?.help()
 */
export function evaluate(roots: readonly Node[], backend: Backend): Ticket | null {
  const device = deviceFor(backend);
  settleIdle();
  walk.begin();
  try {
    walk.run(roots);
    for (const root of roots) if (root.value !== null) promote(root);
    const { pending, nodes, leaves, stored } = walk;
    if (pending.length === 0) return null;
    let ticket: Ticket | null = null;
    if (nodes.length > 0) {
      const plan = planFor(device);
      const inputs = new Array<Value>(leaves.length);
      for (let i = 0; i < leaves.length; i++) inputs[i] = leaves[i].value as Value;
      const execution = execute(plan.executable, inputs, walk.slotTable(plan.fixed, plan.executable.lowered.segment.slots));
      store(device, plan, execution, inputs);
      ticket = execution.failed ?? execution.ticket;
      for (const value of inputs) if (value instanceof Storage && value.hold.cached) device.cached.touch(value);
    }
    storeAliases(roots);
    serial++;
    for (let i = 0; i < pending.length; i++) if (pending[i].seen === 0) pending[i].seen = serial;
    for (let i = 0; i < stored.length; i++) finish(nodes[stored[i]]);
    for (const leaf of walk.promoted) promote(leaf);
    return ticket;
  } finally {
    walk.end();
  }
}
