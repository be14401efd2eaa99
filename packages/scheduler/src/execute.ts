// Execution of a lowered plan: binds buffers and slots, allocates, runs. All allocations come before the run, so that
// an OutOfMemoryError leaves nothing half done. Knows no nodes.
import type {
  Backend,
  Buffer,
  Graph,
  Node,
  Parts,
  Program,
  RunArgs,
  Segment,
  Smaller,
  SmallerSegment,
  Ticket,
  Value,
} from "@weft/ir";
import {
  DeviceError,
  DisposedError,
  finishParts,
  formatAval,
  InternalError,
  OutOfMemoryError,
  RefusedError,
  withOutputs,
} from "@weft/ir";
import type { Device } from "./device.ts";
import { tracedParts } from "./host-trace.ts";
import { NAMED_ARRAYS } from "./limits.ts";
import { MOST_REFUSALS } from "./lower/index.ts";
import { withDerived } from "./lower/slot-sum.ts";
import type { LoweredPlan } from "./lowered.ts";
import { isOpen } from "./hybrid/late.ts";
import type { Hold } from "./storage.ts";
import { Storage } from "./storage.ts";
import { handedOver } from "./tickets.ts";

/** A lowered plan that its device has compiled. */
export interface Executable {
  readonly device: Device;
  /** null: every result is an input. */
  readonly program: Program | null;
  readonly inputs: number;
  /** Bytes of the buffers that follow the inputs; the arena is its one temporary. */
  readonly wanted: Wanted;
  readonly lowered: LoweredPlan;
  /** The last run, unless it was done at once. Runs finish in order: if it has, all have. */
  lastRun: Ticket | null;
}

/** Whether the device may still be running the program. */
export function isInFlight({ lastRun }: Executable): boolean {
  return lastRun !== null && lastRun.state !== "done" && lastRun.state !== "failed";
}

/**
 * Lowers a graph for a device and compiles it, in parts. A kernel that the device refuses is made of smaller ones, with all others
 * of the graph.
 */
export function* makeExecutable(device: Device, graph: Graph, cacheable: ReadonlySet<Node>): Parts<Executable> {
  for (let refusals = 0; ; refusals++) {
    try {
      const lowered = yield* device.lower(graph, device.backend, { cacheable, refusals });
      yield;
      return yield* compiled(device, graph, lowered, refusals);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      if (refusals === MOST_REFUSALS) throw new DeviceError(error.message, { cause: error });
      device.counters.refusals++;
    }
  }
}

function* compiled(device: Device, graph: Graph, lowered: LoweredPlan, refusals: number): Parts<Executable> {
  const { segment, inputs, arenaBytes } = lowered;
  const outputBytes = new Array<number>(segment.buffers - inputs - (arenaBytes > 0 ? 1 : 0)).fill(0);
  for (const { source } of lowered.outputs)
    if (source.kind === "buffer") outputBytes[source.index - inputs] = source.bytes;
  for (const { buffer, bytes } of lowered.cached) outputBytes[buffer - inputs] = bytes;
  const smaller = (): SmallerSegment | null => smallerOf(device, graph, lowered, refusals);
  const program =
    segment.steps.length === 0
      ? null
      : yield* tracedParts("compile", programOf(device.backend, segment, smaller), {
          device: device.backend.id,
          steps: segment.steps.length,
        });
  const wanted = { values: outputBytes, temporaries: arenaBytes > 0 ? [arenaBytes] : [] };
  return { device, program, inputs, wanted, lowered, lastRun: null };
}

function* programOf(backend: Backend, segment: Segment, smaller: Smaller): Parts<Program> {
  return backend.compileInParts === undefined
    ? backend.compile(segment, smaller)
    : yield* backend.compileInParts(segment, smaller);
}

const NOTHING_KEPT: ReadonlySet<Node> = new Set();

/** A plan in smaller kernels on the same buffers: what it keeps besides its results become results. */
function smallerOf(device: Device, graph: Graph, plan: LoweredPlan, refusals: number): SmallerSegment | null {
  if (refusals === MOST_REFUSALS) return null;
  device.counters.refusals++;
  const kept = plan.cached.map(({ node }) => node);
  const whole = kept.length === 0 ? graph : withOutputs(graph, [...graph.outputs, ...kept]);
  const lowered = finishParts(device.lower(whole, device.backend, { cacheable: NOTHING_KEPT, refusals: refusals + 1 }));
  const { segment, derived, arenaBytes } = lowered;
  const buffers = plan.segment.buffers - Number(plan.arenaBytes > 0);
  if (segment.buffers - Number(arenaBytes > 0) !== buffers)
    throw new InternalError(`lower: ${graph.name} in smaller kernels has other buffers`);
  return {
    segment,
    smaller: () => smallerOf(device, whole, lowered, refusals + 1),
    buffers,
    arenaBytes,
    slots: (given) => withDerived(given, derived),
  };
}

/** What a run left behind. */
export interface Execution {
  /** null if there was nothing to run. */
  readonly ticket: Ticket | null;
  /** The buffers after the inputs. */
  readonly outputs: readonly Buffer[];
  /** The failed run whose results were to be read; then nothing was run. */
  readonly failed: Ticket | null;
}

const sizeText = (bytes: number): string =>
  bytes >= 2 ** 30
    ? `${(bytes / 2 ** 30).toFixed(2)} GiB`
    : bytes >= 2 ** 20
      ? `${(bytes / 2 ** 20).toFixed(1)} MiB`
      : `${bytes} bytes`;

/** Arrays smaller than this part of what was wanted would not have helped, and are not named. */
const NAMED_SHARE = 10_000;

function outOfMemory(device: Device, wanted: number, cause: unknown): OutOfMemoryError {
  const largest: Hold[] = [...device.live.holds]
    .filter(({ bytes }) => bytes * NAMED_SHARE >= wanted)
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, NAMED_ARRAYS);
  const { live } = device.backend.memory();
  const names = largest.map(({ aval, bytes }) => `${formatAval(aval)} (${sizeText(bytes)})`).join(", ");
  return new OutOfMemoryError(
    `evaluation: ${sizeText(wanted)} do not fit on ${device.backend.id}, where ${sizeText(live)} of ${sizeText(device.backend.limits.totalBytes)} are in use` +
      `${names === "" ? "" : `; the largest live arrays are ${names}`}. ` +
      "Free arrays with dispose(), using or scope(), or await between steps so that the collector can run.",
    { cause },
  );
}

/** Allocates all of it, or nothing. */
function tryAllocate(device: Device, { values, temporaries }: Wanted): Buffer[] {
  const buffers: Buffer[] = [];
  try {
    for (let i = 0; i < values.length; i++) buffers.push(device.alloc(values[i]));
    for (let i = 0; i < temporaries.length; i++) buffers.push(device.backend.alloc(temporaries[i]));
    return buffers;
  } catch (error) {
    for (const buffer of buffers) device.free(buffer);
    throw error;
  }
}

/** Bytes of the buffers that a run needs: of arrays, then of what lives no longer than the run. */
export interface Wanted {
  readonly values: readonly number[];
  readonly temporaries: readonly number[];
}

/** Buffers on a device, all or nothing; cached results that the run does not read make room, then garbage does. */
export function allocate(device: Device, wanted: Wanted, inputs: readonly Value[]): Buffer[] {
  device.live.expectRoom();
  try {
    return tryAllocate(device, wanted);
  } catch (error) {
    if (!(error instanceof OutOfMemoryError)) throw error;
    // cached results make room, but not the ones this run reads
    const read = inputs.filter(
      (value): value is Storage => value instanceof Storage && value.cached && value.device === device,
    );
    const distinct = [...new Set(read)];
    for (const storage of distinct) storage.promote();
    device.cached.clear();
    for (const storage of distinct) storage.keep();
    try {
      return tryAllocate(device, wanted);
    } catch (again) {
      if (!(again instanceof OutOfMemoryError)) throw again;
      if (device.live.reclaim()) return allocate(device, wanted, inputs);
      throw outOfMemory(
        device,
        [...wanted.values, ...wanted.temporaries].reduce((sum, bytes) => sum + bytes, 0),
        again,
      );
    }
  }
}

const NOTHING: readonly never[] = Object.freeze([]);

export const disposedInput = (value: Value): DisposedError =>
  new DisposedError(
    `evaluation: ${formatAval(value.aval)} was disposed and something still reads it; keep it until its readers are computed`,
  );

/**
 * Runs a plan on `inputs`; null if one of them waits for another device, so that the run cannot be handed over yet. An
 * `awaited` run never holds the caller up.
 * Throws OutOfMemoryError, DeviceError (an input lies elsewhere) and DisposedError, with nothing changed.
 */
export function execute(
  executable: Executable,
  inputs: readonly Value[],
  slots: RunArgs["slots"],
  awaited: boolean,
): Execution | null {
  const { device, program, wanted } = executable;
  const { backend } = device;
  let unfinished: Set<Ticket> | null = null;
  for (let i = 0; i < inputs.length; i++) {
    const value = inputs[i];
    if (value.backend !== backend) {
      throw new DeviceError(
        `evaluation: ${formatAval(value.aval)} lies on ${value.backend.id} and the evaluation is on ${backend.id}; move it with devicePut`,
      );
    }
    if (value.released) throw disposedInput(value);
    const { ticket } = value;
    if (ticket === null) continue;
    const { state } = ticket;
    if (state === "done") (value as Storage).ticket = null;
    else if (state === "failed") return { ticket: null, outputs: NOTHING, failed: ticket };
    else if (isOpen(ticket)) return null;
    else (unfinished ??= new Set()).add(handedOver(ticket));
  }
  const outputs = allocate(device, wanted, inputs);
  // empty arrays need a buffer, but nothing to fill it
  if (program === null) return { ticket: null, outputs, failed: null };
  const buffers = new Array<Buffer>(inputs.length + outputs.length);
  for (let i = 0; i < inputs.length; i++) buffers[i] = inputs[i].buffer;
  for (let i = 0; i < outputs.length; i++) buffers[inputs.length + i] = outputs[i];
  let ticket: Ticket;
  try {
    ticket = backend.run(program, { buffers, slots: withDerived(slots, executable.lowered.derived), awaited });
  } catch (error) {
    for (const buffer of outputs) device.free(buffer);
    throw error;
  }
  device.counters.runs++;
  device.counters.steps += program.segment.steps.length;
  // a device that ran it at once is done with the buffers
  const done = ticket.state === "done";
  const seq = done ? 0 : ticket.seq;
  executable.lastRun = done ? null : ticket;
  for (let i = 0; i < inputs.length; i++) (inputs[i] as Storage).usedBy(seq);
  if (wanted.temporaries.length > 0) backend.free(outputs.pop() as Buffer, seq);
  return { ticket: unfinished === null ? ticket : device.dependents.add(ticket, unfinished), outputs, failed: null };
}

/** The results of an execution as values, in the order of the plan's outputs. */
export function collectOutputs(executable: Executable, execution: Execution, inputs: readonly Value[]): Value[] {
  const { lowered, device } = executable;
  const { outputs: plans } = lowered;
  const values = new Array<Value>(plans.length);
  const made = new Array<Storage | null>(execution.outputs.length).fill(null);
  for (let i = 0; i < plans.length; i++) {
    const { node, source } = plans[i];
    if (source.kind === "input") values[i] = (inputs[source.index] as Storage).retain();
    else if (source.kind === "output") values[i] = (values[source.index] as Storage).retain();
    else {
      const index = source.index - executable.inputs;
      const shared = made[index];
      if (shared !== null) values[i] = shared.retain();
      else
        values[i] = made[index] = new Storage(
          device,
          execution.outputs[index],
          source.bytes,
          node.aval,
          execution.ticket,
        );
    }
  }
  return values;
}
