// Plans over two devices: places the parts of a graph, makes segments of them, lowers and compiles each for its device,
// and inserts the sends. Decided once for a key and pinned: nothing moves later (RUNTIME.md section 4).
import type { Graph, Node, Parts } from "@weft/ir";
import { DeviceError, DTypeError, InternalError } from "@weft/ir";
import type { Executable } from "../execute.ts";
import { makeExecutable } from "../execute.ts";
import type { Item } from "../lower/items.ts";
import type { DeviceProfile } from "../profile.ts";
import type { HybridStep, Slot, SlotResult } from "./executable.ts";
import { HybridExecutable } from "./executable.ts";
import { expectServed } from "./move.ts";
import { overlapMoves } from "./overlap.ts";
import type { Pair } from "./pair.ts";
import { dropWeakIslands, minimumCut } from "./partition.ts";
import type { Placement, Problem, Side } from "./problem.ts";
import { costOf, CPU, GPU, milliseconds, totalCost } from "./problem.ts";
import type { SegmentPlan } from "./segments.ts";
import { segmentsOf } from "./segments.ts";
import type { Placeable, Unit } from "./units.ts";
import { problemOf, unitsOfGraph } from "./units.ts";

/** Places the tasks of a problem by other means than cost: tests do. */
export type Placer = (problem: Problem) => Side[];

/** What is asked of a plan over two devices. */
export interface PlaceRequest {
  /** Where each input of the graph lies. */
  readonly homes: readonly Side[];
  /** Where somebody waits for the outputs; null if nobody reads them now. */
  readonly wanted: Side | null;
  /** The device that has to compute everything; null: the partition decides. */
  readonly forced: Side | Placer | null;
  /** Nodes whose data may be kept where it is stored anyway. */
  readonly kept: readonly Node[];
}

/** Why a plan is as it is, for explain. */
export interface Decision {
  readonly profiles: readonly [cpu: DeviceProfile, gpu: DeviceProfile];
  readonly placeable: Placeable;
  readonly sides: Placement;
  /** In nanoseconds, one thing after the other. */
  readonly cost: { readonly run: number; readonly send: number };
  readonly allCpu: number;
  readonly allGpu: number;
  /** Reasons in words, in the order in which they applied. */
  readonly why: readonly string[];
}

export interface HybridPlan {
  readonly runnable: Executable | HybridExecutable;
  readonly decision: Decision;
}

const refusesToCompile = (error: unknown): boolean => error instanceof DeviceError || error instanceof DTypeError;

/** Places a canonical graph on a pair of devices and compiles it, in parts. */
export function* planOnPair(graph: Graph, pair: Pair, request: PlaceRequest): Parts<HybridPlan> {
  const { profiles } = pair;
  const split = yield* unitsOfGraph(graph, pair);
  const refused = new Set<Unit>();
  while (true) {
    const decision = decide(
      problemOf(
        split,
        pair,
        profiles,
        { ...request, refused },
        request.forced === null && pair.refusal(profiles) !== null,
      ),
      pair,
      profiles,
      request,
      refused,
    );
    yield;
    const result = yield* compile(graph, pair, request, decision);
    if (result.runnable !== null) return { runnable: result.runnable, decision };
    // a GPU that cannot compile a segment does not get its units; without any left it is the caller's error
    const more = result.failed.units.map((unit) => split.units[unit]).filter((unit) => !refused.has(unit));
    if (request.forced !== null || more.length === 0) throw result.error;
    for (const unit of more) refused.add(unit);
  }
}

function decide(
  placeable: Placeable,
  pair: Pair,
  profiles: readonly [DeviceProfile, DeviceProfile],
  request: PlaceRequest,
  refused: ReadonlySet<Unit>,
): Decision {
  const { problem } = placeable;
  const [, gpu] = profiles;
  const all = (side: Side): Side[] => problem.tasks.map(() => side);
  const why: string[] = [];
  let sides: Side[];
  if (request.forced !== null) {
    sides = typeof request.forced === "function" ? request.forced(problem) : all(request.forced);
    why.push(
      typeof request.forced === "function"
        ? "it was placed by hand"
        : `all of it was asked for on ${pair.devices[request.forced].backend.id}`,
    );
  } else {
    const refusal = pair.refusal(profiles);
    if (refusal !== null) why.push(`${pair.devices[GPU].backend.id} computes nothing: ${refusal}`);
    if (refused.size > 0)
      why.push(
        `${pair.devices[GPU].backend.id} refused to compile ${refused.size === 1 ? "one part" : `${refused.size} parts`}`,
      );
    sides = minimumCut(problem);
    const dropped = dropWeakIslands(problem, sides, 2 * gpu.submitNs + gpu.readNs);
    if (dropped > 0)
      why.push(
        `${dropped === 1 ? "a part" : `${dropped} parts`} went to ${pair.devices[CPU].backend.id}: the gain was below a fifth, or below what a submission and a read cost`,
      );
    const { threads } = pair.devices[CPU].backend;
    const { before, after } = overlapMoves(problem, sides, {
      shared: gpu.kind === "gpu-software",
      submitNs: gpu.submitNs,
      mainShare: 1 / threads,
    });
    if (after < before)
      why.push(`both devices work at once: ${milliseconds(after)} instead of ${milliseconds(before)}`);
  }
  return {
    profiles,
    placeable,
    sides,
    cost: costOf(problem, sides),
    allCpu: totalCost(problem, all(CPU)),
    allGpu: totalCost(problem, all(GPU)),
    why,
  };
}

type Compiled =
  | { readonly runnable: Executable | HybridExecutable }
  | { readonly runnable: null; readonly failed: SegmentPlan; readonly error: unknown };

function* compile(
  graph: Graph,
  pair: Pair,
  request: PlaceRequest,
  { placeable, sides, profiles }: Decision,
): Parts<Compiled> {
  const { homes, kept } = request;
  const [side = forcedSide(request) ?? homes[0] ?? CPU] = sides;
  if (sides.every((other) => other === side) && homes.every((home) => home === side)) {
    const device = pair.devices[side];
    const whole: SegmentPlan = {
      side,
      units: sides.map((_, i) => i),
      graph,
      inputs: [],
      outputs: [],
      originals: new Map(),
      cacheable: new Map(kept.map((node) => [node, node])),
    };
    return yield* attempt(whole, makeExecutable(device, graph, new Set(kept)));
  }
  const executables: Executable[] = [];
  const segments = segmentsOf(placeable, sides, kept, profiles[GPU].submitNs);
  for (const segment of segments) {
    const device = pair.devices[segment.side];
    const made = yield* attempt(segment, makeExecutable(device, segment.graph, new Set(segment.cacheable.keys())));
    if (made.runnable === null) {
      for (const { program } of executables) program?.dispose?.();
      return made;
    }
    executables.push(made.runnable);
  }
  return { runnable: assemble(graph, pair, request, placeable, segments, executables) };
}

/** The device that has to give all results. */
const forcedSide = ({ forced }: PlaceRequest): Side | null => (typeof forced === "function" ? null : forced);

function* attempt(
  failed: SegmentPlan,
  make: Parts<Executable>,
): Parts<
  { readonly runnable: Executable } | { readonly runnable: null; readonly failed: SegmentPlan; readonly error: unknown }
> {
  try {
    return { runnable: yield* make };
  } catch (error) {
    if (failed.side === CPU || !refusesToCompile(error)) throw error;
    return { runnable: null, failed, error };
  }
}

/** Slots and steps: where values lie, and the sends that bring them where they are read. */
function assemble(
  graph: Graph,
  pair: Pair,
  request: PlaceRequest,
  { baseOf, problem }: Placeable,
  segments: readonly SegmentPlan[],
  executables: readonly Executable[],
): HybridExecutable {
  const { homes, kept } = request;
  const forced = forcedSide(request);
  const slots: Slot[] = [];
  const steps: HybridStep[] = [];
  const slotsOf = new Map<Item, (number | undefined)[]>();
  const put = (item: Item, device: Side, slot: number): void => {
    const known = slotsOf.get(item);
    if (known === undefined) slotsOf.set(item, device === CPU ? [slot] : [undefined, slot]);
    else known[device] = slot;
  };
  const slot = (device: Side, bytes: number): number => slots.push({ device, bytes }) - 1;
  /** The slot of a value on a device: sent there if it is not. */
  const on = (item: Item, device: Side): number => {
    const places = slotsOf.get(item);
    const here = places?.[device];
    if (here !== undefined) return here;
    const from = places?.[1 - device];
    if (from === undefined) throw new InternalError(`plan: ${item.toString()} is read before it is computed`);
    expectServed("evaluation", item.aval, pair.devices[device].backend);
    const to = slot(device, item.bytes);
    steps.push({ kind: "send", from, to });
    put(item, device, to);
    return to;
  };
  graph.inputs.forEach((node, i) => {
    const item = baseOf(node);
    if (item === null) throw new InternalError(`plan: ${node.toString()} is no input`);
    put(item, homes[i], slot(homes[i], item.bytes));
  });
  const cached: SlotResult[] = [];
  segments.forEach((segment, i) => {
    const { side, inputs, outputs, cacheable } = segment;
    const executable = executables[i];
    const { lowered, wanted } = executable;
    const read = inputs.map((item) => on(item, side));
    const written = wanted.values.map((bytes) => slot(side, bytes));
    const places: number[] = [];
    for (const { source } of lowered.outputs) {
      places.push(
        source.kind === "buffer"
          ? written[source.index - inputs.length]
          : source.kind === "input"
            ? read[source.index]
            : places[source.index],
      );
    }
    steps.push({
      kind: "run",
      device: side,
      executable,
      inputs: read,
      outputs: written,
      estimate: estimateOf(problem, segment),
      originals: segment.originals,
    });
    outputs.forEach((item, output) => put(item, side, places[output]));
    for (const { node, buffer, bytes } of lowered.cached) {
      const original = cacheable.get(node);
      if (original === undefined) throw new InternalError(`plan: ${node.toString()} is kept, which was not offered`);
      cached.push({ node: original, slot: written[buffer - inputs.length], bytes });
    }
  });
  const outputs = graph.outputs.map((node): SlotResult => {
    const item = baseOf(node);
    if (item === null) throw new InternalError(`plan: ${node.toString()} is no result`);
    const places = slotsOf.get(item);
    if (places === undefined) {
      // an array without elements, which nobody computes
      put(item, forced ?? CPU, slot(forced ?? CPU, item.bytes));
      return { node, slot: on(item, forced ?? CPU), bytes: item.bytes };
    }
    const home: Side = forced ?? segmentSide(segments, item) ?? (places[CPU] !== undefined ? CPU : GPU);
    return { node, slot: on(item, home), bytes: item.bytes };
  });
  // what crosses between the devices may be kept as well: on the device that computed it
  const results = new Set(outputs.map((result) => result.slot));
  for (const node of kept) {
    const item = baseOf(node);
    const side = item === null ? null : segmentSide(segments, item);
    const place = item === null || side === null ? undefined : slotsOf.get(item)?.[side];
    if (
      item === null ||
      place === undefined ||
      place < graph.inputs.length ||
      results.has(place) ||
      cached.some((other) => other.slot === place)
    )
      continue;
    cached.push({ node, slot: place, bytes: item.bytes });
  }
  return new HybridExecutable(pair.devices, graph.inputs.length, slots, steps, outputs, cached);
}

const estimateOf = ({ tasks }: Problem, { units }: SegmentPlan): readonly number[] =>
  [CPU, GPU].map((side) => units.reduce((sum, unit) => sum + tasks[unit].cost[side], 0));

/** The device whose segment computes a value; null for inputs. */
const segmentSide = (segments: readonly SegmentPlan[], item: Item): Side | null =>
  segments.find(({ outputs }) => outputs.includes(item))?.side ?? null;
