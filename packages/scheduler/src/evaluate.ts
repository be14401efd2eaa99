// Evaluation: from nodes that are asked for to data. Walks, finds or makes the plan, runs it, and gives nodes their
// values. Owns the states of nodes: pending → scheduled (has a value whose ticket is unfinished) → ready | failed.
import type { Backend, Node, Parts, Ticket, Value } from "@weft/ir";
import {
  currentScope,
  finishParts,
  isPrim,
  mustKeepInputs,
  OutOfMemoryError,
  outermostScope,
  settleIdle,
} from "@weft/ir";
import type { Device } from "./device.ts";
import { deviceFor } from "./device.ts";
import { isTraced, traced } from "./host-trace.ts";
import { HybridExecutable } from "./hybrid/executable.ts";
import { isOpen } from "./hybrid/late.ts";
import { Pair } from "./hybrid/pair.ts";
import type { Side } from "./hybrid/problem.ts";
import { CPU } from "./hybrid/problem.ts";
import { SLICED_OPERATIONS } from "./limits.ts";
import type { Plan } from "./plan.ts";
import { makePlan } from "./plan.ts";
import type { Results } from "./results.ts";
import { runPlan, scalarsOf } from "./results.ts";
import { Storage } from "./storage.ts";
import { Undertaking } from "./undertaking.ts";
import { Walk } from "./walk.ts";

const walk = new Walk();
let serial = 0;

/** Whether the graph of an open jit (or another closed sub-graph) will hold this node as one of its operations. */
function isStaged(node: Node): boolean {
  for (let scope = currentScope(); scope !== null; scope = scope.parent)
    if (scope.literals && node.id >= scope.startId) return true;
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
  if (!(value instanceof Storage) || !value.cached) return;
  value.promote();
  finish(node);
}

/** Where nodes are evaluated: on one device, or wherever the partition places them on two. */
export type Place = Backend | Pair;

/** The most bytes of one value that a place has room for when it holds nothing else. */
export const roomOf = (place: Place): number =>
  place instanceof Pair ? Math.max(...place.devices.map(({ backend }) => roomOn(backend))) : roomOn(place);
const roomOn = ({ limits }: Backend): number => Math.min(limits.bufferBytes, limits.totalBytes);

/** Where the results of an evaluation on two devices are waited for: on the host, or nowhere yet. */
export type Wanted = "host" | null;

/** How an evaluation's results are asked for. */
export interface Request {
  readonly wanted: Wanted;
  /** Whether the caller awaits them, and so is never held up itself. */
  readonly awaited: boolean;
}
const UNREAD: Request = Object.freeze({ wanted: null, awaited: false });

const homesIn = (pair: Pair): Side[] => walk.leaves.map(({ value }) => pair.sideOf((value as Value).backend));

/** Two devices plan for where the leaves lie and for who waits: both are part of the key. */
function writePlaces(pair: Pair, wanted: Wanted): void {
  const { key } = walk;
  for (const home of homesIn(pair)) key.word(home);
  key.word(wanted === null ? -1 : -2);
}

function findPlan(owner: Device | Pair, wanted: Wanted): Plan | null {
  if (owner instanceof Pair) writePlaces(owner, wanted);
  const latest = owner.plans.findLatest(walk.key);
  const hash = latest === null ? walk.key.hash() : latest.hash;
  const found = latest ?? owner.plans.find(walk.key, hash);
  if (found !== null) owner.counters.hits++;
  return found;
}

/** Makes the plan of what was walked and was not found. Only the beginning, which is done at once, needs the walk. */
function newPlan(owner: Device | Pair, wanted: Wanted): Parts<Plan> {
  const target =
    owner instanceof Pair
      ? { pair: owner, request: { homes: homesIn(owner), wanted: wanted === null ? null : CPU, forced: null } }
      : owner;
  owner.plans.storms.count(walk);
  return kept(owner, makePlan(target, walk, walk.key.copy(), walk.key.hash()));
}

function* kept(owner: Device | Pair, making: Parts<Plan>): Parts<Plan> {
  const plan = yield* making;
  owner.counters.plans++;
  owner.plans.insert(plan);
  return plan;
}

const planFor = (owner: Device | Pair, wanted: Wanted): Plan =>
  findPlan(owner, wanted) ?? finishParts(newPlan(owner, wanted));

/** Whether planning what was walked takes long enough to be done in slices for who awaits it. */
function takesLong(): boolean {
  let operations = walk.nodes.length;
  for (const node of walk.nodes) if (isPrim(node, "call")) operations += node.params.graph.nodes.length;
  return operations >= SLICED_OPERATIONS;
}

/**
 * Hands the plan that would evaluate `roots` now to `use`, with whether it existed; null if nothing is pending.
 * Nothing is run.
 */
export function withPlan<T>(
  place: Place,
  roots: readonly Node[],
  wanted: Wanted,
  use: (plan: Plan, found: boolean) => T,
): T | null {
  const owner = place instanceof Pair ? place : deviceFor(place);
  walk.begin();
  try {
    walk.run(roots, roomOf(place));
    if (walk.nodes.length === 0) return null;
    const { plans } = owner.counters;
    const plan = planFor(owner, wanted);
    return use(plan, owner.counters.plans === plans);
  } finally {
    walk.end();
  }
}

/** Gives nodes their values, and keeps results that nobody asked for. */
function store(plan: Plan, { outputs, cached }: Results): void {
  const { stored, nodes } = walk;
  for (let i = 0; i < stored.length; i++) nodes[stored[i]].value = outputs[i];
  for (let i = 0; i < cached.length; i++) {
    const node = nodes[plan.cached[i]];
    node.value = cached[i];
    cached[i].keep();
  }
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
 * each root holds afterwards says when it is ready. Nothing is waited for, unless too much is under way and the results
 * are not awaited. On a pair of devices `wanted` says whether somebody waits for the results on the host.
 * Throws ConcretizationError or EscapedValueError for traced nodes, DisposedError, OutOfMemoryError, DeviceError; then
 * everything is as it was.
 * @example evaluate([loss.node], backend)?.help()
 */
export function evaluate(roots: readonly Node[], place: Place, request: Request = UNREAD): Ticket | null {
  return isTraced()
    ? traced("evaluate", () => evaluateWithin(roots, place, request), { roots: roots.length })
    : evaluateWithin(roots, place, request);
}

/** What an evaluation for who awaits has found out. */
interface Slow {
  /** Whether a plan is missing that takes long, so that nothing was evaluated. */
  found: boolean;
  /** What makes it, unless another one is made. */
  plan: Parts<Plan> | null;
}

/** Where memory is short nothing is stored beside the roots: what is read again is computed again. */
function evaluateWithin(
  roots: readonly Node[],
  place: Place,
  request: Request,
  slow: Slow | null = null,
): Ticket | null {
  try {
    return evaluateNow(roots, place, request, roomOf(place), slow);
  } catch (error) {
    if (!(error instanceof OutOfMemoryError)) throw error;
    try {
      return evaluateNow(roots, place, request, 0, slow);
    } catch {
      throw error;
    }
  }
}

/** Whether the plan that is made in slices will be there; null while none is made. */
let ahead: Promise<boolean> | null = null;

/**
 * As evaluate, for who awaits the results: where a plan is missing that takes long, nothing is evaluated yet, and what is
 * returned resolves when it was made in slices, or another one that was begun before, whose results may serve here too.
 * Then this is asked again, unless it resolves to false: evaluate says what is wrong. Null if the evaluation has begun.
 * @example while (await evaluateInSlices([loss.node], backend, request)); evaluate([loss.node], backend, request);
 */
export function evaluateInSlices(roots: readonly Node[], place: Place, request: Request): Promise<boolean> | null {
  const slow: Slow = { found: false, plan: null };
  if (isTraced()) traced("evaluate", () => evaluateWithin(roots, place, request, slow), { roots: roots.length });
  else evaluateWithin(roots, place, request, slow);
  if (!slow.found) return null;
  // begun when the walk is over
  if (slow.plan !== null)
    ahead = new Undertaking(slow.plan).later().then(
      () => endAhead(true),
      () => endAhead(false),
    );
  return ahead;
}

function endAhead(made: boolean): boolean {
  ahead = null;
  return made;
}

function evaluateNow(
  roots: readonly Node[],
  place: Place,
  { wanted, awaited }: Request,
  most: number,
  slow: Slow | null,
): Ticket | null {
  const owner = place instanceof Pair ? place : deviceFor(place);
  settleIdle();
  walk.begin();
  try {
    walk.run(roots, most);
    for (const root of roots) if (root.value !== null) promote(root);
    const { pending, nodes, leaves, stored } = walk;
    if (pending.length === 0) return null;
    let ticket: Ticket | null = null;
    if (nodes.length > 0) {
      const found = findPlan(owner, wanted);
      if (found === null && slow !== null && takesLong()) {
        slow.found = true;
        if (ahead === null) slow.plan = newPlan(owner, wanted);
        return null;
      }
      const plan = found ?? finishParts(newPlan(owner, wanted));
      const inputs = new Array<Value>(leaves.length);
      for (let i = 0; i < leaves.length; i++) inputs[i] = leaves[i].value as Value;
      const slots = walk.slotTable(plan.fixed, scalarsOf(plan.runnable));
      const results = runPlan(plan.runnable, inputs, slots, awaited);
      store(plan, results);
      ticket = results.ticket;
      for (const value of inputs) if (value instanceof Storage && value.cached) value.touch();
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

/** Whether a value can be read on the calling thread, after helping with what is left of its run. */
const isReadable = ({ backend, ticket }: Value): boolean => backend.canBlock && (ticket === null || !isOpen(ticket));

/** Whether a value's bytes are still with the host that gave them. */
const isKept = (value: Value | null): boolean =>
  value !== null && !value.released && value.ticket === null && value.backend.readsNow?.(value.buffer) === true;

/**
 * Whether `roots` can be read synchronously: what they still need runs on a device that can block, and reads nothing
 * that another device has yet to send; or they came from the host, which has them still. Plans, and runs nothing.
 */
export function isOnHost(roots: readonly Node[], place: Place): boolean {
  if (roots.every(({ value }) => isKept(value))) return true;
  const owner = place instanceof Pair ? place : deviceFor(place);
  walk.begin();
  try {
    walk.run(roots, roomOf(place));
    for (const { value } of roots) if (value !== null && !isReadable(value)) return false;
    for (const { value } of walk.leaves) if (value !== null && !isReadable(value)) return false;
    if (walk.nodes.length === 0) return true;
    const { runnable } = planFor(owner, "host");
    return !(runnable instanceof HybridExecutable) && runnable.device.backend.canBlock;
  } finally {
    walk.end();
  }
}
