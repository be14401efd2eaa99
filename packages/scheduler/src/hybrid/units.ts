// From a graph to a placement problem: the graph is fused under the limits of both devices, and steps become units that
// can be placed apart. A value can cross between devices only if it is a node of the graph, so steps that share
// anything else (a piece of one array, an intermediate value of a decomposition) are one unit.
import type { Graph, Node, Parts } from "@weft/ir";
import { InternalError } from "@weft/ir";
import type { Draft, Drafted, LoweringDevice } from "../lower/index.ts";
import { draftGraph } from "../lower/index.ts";
import { sameBytes } from "../lower/fuse.ts";
import type { Item } from "../lower/items.ts";
import { stepCost, transferCost } from "./cost.ts";
import type { Pair } from "./pair.ts";
import type { Flow, Problem, Side, Task } from "./problem.ts";
import { CPU, GPU } from "./problem.ts";
import type { DeviceProfile } from "../profile.ts";

/** Steps that are placed together, in an order that can run. */
export interface Unit {
  readonly drafts: readonly Draft[];
}

/** A graph in units, with the problem of placing them. */
export interface Placeable {
  readonly graph: Graph;
  readonly units: readonly Unit[];
  /** The unit that writes a stored value. */
  readonly writerOf: ReadonlyMap<Item, number>;
  /** The node of the graph that stands for a stored value: one whose bytes it is. */
  readonly nodeOf: ReadonlyMap<Item, Node>;
  /** The item that holds a node's bytes; null for nodes that are several values. */
  readonly baseOf: (node: Node) => Item | null;
  readonly problem: Problem;
  /** For each flow of the problem what it carries. */
  readonly carried: readonly Item[];
}

/** A device with the limits of both. */
function strictest({ devices }: Pair): LoweringDevice {
  const [cpu, gpu] = devices.map(({ backend }) => backend);
  const least = (a: number | undefined, b: number | undefined): number => Math.min(a ?? Infinity, b ?? Infinity);
  return {
    threads: cpu.threads,
    limits: {
      bufferBytes: least(cpu.limits.bufferBytes, gpu.limits.bufferBytes),
      totalBytes: least(cpu.limits.totalBytes, gpu.limits.totalBytes),
      kernelBuffers: least(cpu.limits.kernelBuffers, gpu.limits.kernelBuffers),
      kernelUnits: least(cpu.limits.kernelUnits, gpu.limits.kernelUnits),
    },
    // what one device cannot have at all does not keep the other from its template
    supports: (step, storage) => cpu.supports(step, storage) && (gpu.supports(step, storage) || !gpu.serves(storage)),
    serves: (storage) => cpu.serves(storage) || gpu.serves(storage),
    gemmBytes: () => 0,
  };
}

/** Numbers that are joined: each stands for the smallest that it was joined with. */
class Joined {
  private readonly root: number[];
  constructor(n: number) {
    this.root = Array.from({ length: n }, (_, i) => i);
  }
  find(i: number): number {
    let at = i;
    while (this.root[at] !== at) at = this.root[at] = this.root[this.root[at]];
    return at;
  }
  join(a: number, b: number): void {
    const [x, y] = [this.find(a), this.find(b)];
    this.root[Math.max(x, y)] = Math.min(x, y);
  }
}

const isTuple = ({ prim }: Node): boolean => prim === "threefry2x32" || prim === "optimizationBarrier";

/** What reads what, between joined drafts. */
function edgesOf(
  drafts: readonly Draft[],
  writers: ReadonlyMap<Item, readonly number[]>,
  joined: Joined,
): Map<number, Set<number>> {
  const after = new Map<number, Set<number>>();
  drafts.forEach((_, i) => after.set(joined.find(i), new Set()));
  drafts.forEach(({ reads }, reader) => {
    const to = joined.find(reader);
    for (const item of reads) {
      for (const writer of writers.get(item) ?? []) {
        const from = joined.find(writer);
        if (from !== to) after.get(from)?.add(to);
      }
    }
  });
  return after;
}

/** An order of units in which each comes after what it reads; those of circles, and between them, are left over. */
function sorted(after: ReadonlyMap<number, ReadonlySet<number>>): { order: number[]; left: number[] } {
  const waiting = new Map<number, number>();
  for (const unit of after.keys()) waiting.set(unit, 0);
  for (const readers of after.values())
    for (const reader of readers) waiting.set(reader, (waiting.get(reader) ?? 0) + 1);
  const order: number[] = [];
  // recorded order where that can run: a list of what is ready, smallest first
  const ready = [...waiting]
    .filter(([, n]) => n === 0)
    .map(([unit]) => unit)
    .sort((a, b) => b - a);
  while (ready.length > 0) {
    const unit = ready.pop() as number;
    order.push(unit);
    waiting.delete(unit);
    for (const reader of after.get(unit) ?? []) {
      const n = (waiting.get(reader) ?? 0) - 1;
      waiting.set(reader, n);
      if (n > 0) continue;
      let at = ready.length;
      while (at > 0 && ready[at - 1] < reader) at--;
      ready.splice(at, 0, reader);
    }
  }
  return { order, left: [...waiting.keys()] };
}

function unitsOf({ drafts }: Drafted, nodeOf: ReadonlyMap<Item, Node>): { units: Unit[]; writerOf: Map<Item, number> } {
  const writers = new Map<Item, number[]>();
  drafts.forEach(({ writes }, i) => {
    for (const item of writes) {
      const known = writers.get(item);
      if (known === undefined) writers.set(item, [i]);
      else known.push(i);
    }
  });
  const joined = new Joined(drafts.length);
  for (const [item, list] of writers) {
    for (const writer of list) joined.join(list[0], writer);
    if (nodeOf.has(item)) continue;
    drafts.forEach(({ reads }, reader) => {
      if (reads.includes(item)) joined.join(list[0], reader);
    });
  }
  let { order, left } = sorted(edgesOf(drafts, writers, joined));
  if (left.length > 0) {
    // joining made circles: what lies on them becomes one
    for (const unit of left) joined.join(left[0], unit);
    ({ order, left } = sorted(edgesOf(drafts, writers, joined)));
    if (left.length > 0) throw new InternalError("partition: units depend on each other in a circle");
  }
  const number = new Map(order.map((root, i) => [root, i]));
  const members = order.map((): Draft[] => []);
  const writerOf = new Map<Item, number>();
  drafts.forEach((draft, i) => {
    const unit = number.get(joined.find(i)) as number;
    members[unit].push(draft);
    for (const item of draft.writes) writerOf.set(item, unit);
  });
  return { units: members.map((own): Unit => ({ drafts: own })), writerOf };
}

/** What a plan wants of a placement. */
export interface Wishes {
  /** Where each input of the graph lies. */
  readonly homes: readonly Side[];
  /** Where the outputs are waited for; null if nobody reads them now. */
  readonly wanted: Side | null;
  /** Units that cannot run on the GPU, found out when it refused to compile them. */
  readonly refused: ReadonlySet<Unit>;
}

/** Fuses a graph and splits it into units. */
export function* unitsOfGraph(graph: Graph, pair: Pair): Parts<Omit<Placeable, "problem" | "carried">> {
  const drafted = yield* draftGraph(graph, strictest(pair));
  const { itemOf } = drafted;
  const baseOf = (node: Node): Item | null => (isTuple(node) ? null : sameBytes(itemOf(node)));
  const nodeOf = new Map<Item, Node>();
  for (const node of graph.nodes) {
    const base = baseOf(node);
    // the value itself rather than a reshape of it
    if (
      base !== null &&
      base.kind !== "input" &&
      (!nodeOf.has(base) || (itemOf(node) === base && itemOf(nodeOf.get(base) as Node) !== base))
    )
      nodeOf.set(base, node);
  }
  return { graph, ...unitsOf(drafted, nodeOf), nodeOf, baseOf };
}

/** The problem of placing the units of a graph. */
export function problemOf(
  split: Omit<Placeable, "problem" | "carried">,
  pair: Pair,
  profiles: readonly [DeviceProfile, DeviceProfile],
  wishes: Wishes,
  gpuRefused: boolean,
): Placeable {
  const { graph, units, writerOf, baseOf } = split;
  const [cpu, gpu] = pair.devices.map(({ backend }) => backend);
  const sum = (unit: Unit, cost: (draft: Draft) => number): number =>
    unit.drafts.reduce((total, draft) => total + cost(draft), 0);
  const tasks = units.map((unit): Task => {
    const never = gpuRefused || wishes.refused.has(unit);
    return {
      cost: [
        sum(unit, (draft) => stepCost(draft, cpu, profiles[CPU])),
        never ? Infinity : sum(unit, (draft) => stepCost(draft, gpu, profiles[GPU])),
      ],
    };
  });
  const readers = new Map<Item, Set<number>>();
  units.forEach(({ drafts }, unit) => {
    for (const { reads } of drafts) {
      for (const item of reads) {
        if (writerOf.get(item) === unit) continue;
        const known = readers.get(item);
        if (known === undefined) readers.set(item, new Set([unit]));
        else known.add(unit);
      }
    }
  });
  const outputs = new Set(graph.outputs.map(baseOf));
  const flows: Flow[] = [];
  const carried: Item[] = [];
  const add = (item: Item, producer: number, home: Side | null): void => {
    const there = gpu.serves(item.storage) && item.bytes <= gpu.limits.bufferBytes;
    carried.push(item);
    flows.push({
      producer,
      home,
      readers: [...(readers.get(item) ?? [])],
      wanted: outputs.has(item) && producer >= 0 ? wishes.wanted : null,
      up: there ? transferCost(item.bytes, profiles[CPU], profiles[GPU]) : Infinity,
      down: transferCost(item.bytes, profiles[GPU], profiles[CPU]),
    });
  };
  graph.inputs.forEach((node, i) => {
    const item = baseOf(node);
    if (item !== null) add(item, -1, wishes.homes[i]);
  });
  for (const [item, unit] of writerOf) if (split.nodeOf.has(item)) add(item, unit, null);
  return { ...split, problem: { tasks, flows }, carried };
}
