// Lowering: a canonical graph becomes a segment of steps with places for every value. Owns the order of passes
// (prepare, fuse, emit, memory) and the numbering of buffers; evaluation and caching of plans live elsewhere.
import type { Backend, Graph, Node, Parts, Place, Segment, Step } from "@weft/ir";
import { finishParts, InternalError } from "@weft/ir";
import { STORED_SHARE } from "../limits.ts";
import { planArena } from "../memory.ts";
import type { EmittedKernel } from "./emit.ts";
import { emitRegion } from "./emit.ts";
import type { Planned } from "./fuse.ts";
import { annotate, FUSE_LIMITS, fuse, sameBytes } from "./fuse.ts";
import type { GemmForm } from "./gemm.ts";
import { IndexSpace } from "./index-map.ts";
import type { Item } from "./items.ts";
import { prepare } from "./prepare.ts";
import type { FuseLimits } from "./region.ts";
import type { DerivedSlots } from "./slot-sum.ts";
import type { TransposeForm } from "./transpose.ts";
import { TRANSPOSE_BYTES, transposeOf } from "./transpose.ts";

/** What one step does, for explain. */
export interface GroupInfo {
  readonly kind: Step["kind"];
  /** The primitives fused into it, in order of evaluation. */
  readonly title: string;
  readonly shape: readonly number[];
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly work: number;
  /** What was fused into it, in order of evaluation. */
  readonly fused: readonly Node[];
}

export type OutputSource =
  | { readonly kind: "buffer"; readonly index: number; readonly bytes: number }
  | { readonly kind: "input"; readonly index: number }
  | { readonly kind: "output"; readonly index: number };

/** A segment with the meaning of its buffers: inputs, distinct outputs, cached results, then the arena if any. */
export interface LoweredPlan {
  readonly segment: Segment;
  readonly inputs: number;
  /** The slots that follow those a run is given. */
  readonly derived: DerivedSlots;
  readonly arenaBytes: number;
  readonly outputs: readonly { readonly node: Node; readonly source: OutputSource }[];
  readonly cached: readonly { readonly node: Node; readonly buffer: number; readonly bytes: number }[];
  readonly groups: readonly GroupInfo[];
}

export interface LowerOptions {
  /** Nodes that get a buffer of their own where they are stored anyway. */
  readonly cacheable?: ReadonlySet<Node>;
  /** How often a device refused a kernel of this graph: each time they get smaller. */
  readonly refusals?: number;
}

/** After so many refusals every operation has a kernel of its own. */
export const MOST_REFUSALS = 4;
/** What part of its code a kernel keeps at a refusal. */
const KEPT_SHARE = 1 / 8;

/** What lowering asks of a device. */
export type LoweringDevice = Pick<Backend, "supports" | "serves" | "gemmBytes" | "threads" | "limits">;

/** A step before places are known. */
export interface Draft {
  readonly reads: readonly Item[];
  /** What it stores; the first is what it is named for. */
  readonly writes: readonly Item[];
  readonly scratchBytes: number;
  readonly kernel: EmittedKernel | null;
  readonly gemm: GemmForm | null;
  readonly transpose: TransposeForm | null;
}

/**
 * Lowers a canonical graph for a device: fused kernels, template steps, and places for all values.
 * @example lowerGraph(makeGraph("f", inputs, outputs, 0), backend)
 */
export const lowerGraph = (graph: Graph, backend: LoweringDevice, options: LowerOptions = {}): LoweredPlan =>
  finishParts(lowerInParts(graph, backend, options));

export function* lowerInParts(graph: Graph, backend: LoweringDevice, options: LowerOptions = {}): Parts<LoweredPlan> {
  const drafted = yield* draftGraph(graph, backend, options.refusals);
  yield;
  return yield* place(graph, drafted, options);
}

/** A graph in steps without places: what the partition works on. */
export interface Drafted {
  /** In an order that can run. */
  readonly drafts: readonly Draft[];
  /** For each output of the graph the item that holds its bytes. */
  readonly bases: readonly Item[];
  readonly itemOf: (node: Node) => Item;
  readonly derived: DerivedSlots;
}

/** Fuses a canonical graph into steps, of smaller kernels where larger ones were refused. */
export function* draftGraph(graph: Graph, backend: LoweringDevice, refusals = 0): Parts<Drafted> {
  const most = mostBuffers(backend);
  const bytes = mostStored(backend);
  const units = Math.floor(
    Math.min(FUSE_LIMITS.units, backend.limits.kernelUnits ?? Infinity) * KEPT_SHARE ** refusals,
  );
  for (let buffers = most; ; buffers = Math.floor(buffers / 2)) {
    // a value that is found to be stored after a kernel has planned to compute it is one more buffer of that kernel:
    // where they are too many, the walk begins again with what it stored
    const stored = new Set<number>();
    for (let walk = 0; walk < WALKS; walk++) {
      const drafted = yield* draftWith(graph, backend, { ...FUSE_LIMITS, units, buffers, bytes }, stored);
      if (drafted !== null) return drafted;
    }
    if (buffers === 0)
      throw new InternalError(`lower: graph ${graph.name} has an operation that names more than ${most} buffers`);
  }
}

/** How often a graph is walked with more and more stored before kernels get smaller. */
const WALKS = 4;

/** The most buffers one kernel may name on a device. */
const mostBuffers = ({ limits }: LoweringDevice): number =>
  Math.min(FUSE_LIMITS.buffers, limits.kernelBuffers ?? FUSE_LIMITS.buffers);

/** The most bytes of a value that is stored because computing it again would cost more. */
const mostStored = ({ limits }: LoweringDevice): number =>
  Math.min(limits.bufferBytes, limits.totalBytes * STORED_SHARE);

/** Null where a kernel came out with too many buffers; then `stored` has the numbers of what was stored besides. */
function* draftWith(
  graph: Graph,
  backend: LoweringDevice,
  limits: FuseLimits,
  stored: Set<number>,
): Parts<Drafted | null> {
  const space = new IndexSpace(slotCount(graph));
  const { items, itemOf } = yield* prepare(graph, backend, space);
  const bases = graph.outputs.map((node) => sameBytes(itemOf(node)));
  for (const base of bases) base.mustStore = true;
  for (const index of stored) items[index].mustStore = true;
  annotate(items, limits);
  yield;
  const drafts: Draft[] = [];
  const fused = yield* fuse(items, space, limits, (storage) => backend.supports("transpose", storage));
  for (const planned of fused) {
    yield;
    const draft = draftOf(planned, space, backend);
    if (draft.kernel !== null && draft.kernel.buffers.length > mostBuffers(backend)) {
      for (const item of items) if (item.stored && item.kind !== "input") stored.add(item.index);
      return null;
    }
    drafts.push(draft);
  }
  return { drafts: inOrder(drafts), bases, itemOf, derived: space.derived };
}

/** Steps after what they read: kernels with several results stand where their last one was recorded. */
function inOrder(drafts: readonly Draft[]): Draft[] {
  const waiting = drafts.map(() => 0);
  const writers = new Map<Item, number[]>();
  drafts.forEach(({ writes }, step) => {
    for (const item of writes) {
      const others = writers.get(item);
      if (others === undefined) writers.set(item, [step]);
      else others.push(step);
    }
  });
  const readers = drafts.map((): number[] => []);
  drafts.forEach(({ reads }, step) => {
    for (const item of reads) {
      for (const writer of writers.get(item) ?? []) {
        readers[writer].push(step);
        waiting[step]++;
      }
    }
  });
  // released in recorded order: a step goes as soon as what it reads is there, and no earlier step is ready
  const order: Draft[] = [];
  const done = drafts.map(() => false);
  const run = (first: number): void => {
    const stack = [first];
    while (stack.length > 0) {
      const step = stack.pop() as number;
      done[step] = true;
      order.push(drafts[step]);
      for (const reader of readers[step].toReversed())
        if (--waiting[reader] === 0 && reader < first) stack.push(reader);
    }
  };
  for (let step = 0; step < drafts.length; step++) if (!done[step] && waiting[step] === 0) run(step);
  if (order.length !== drafts.length) throw new InternalError("lower: steps depend on each other in a circle");
  return order;
}

function draftOf(planned: Planned, space: IndexSpace, backend: LoweringDevice): Draft {
  if (planned.kind === "region") {
    const { region } = planned;
    const kernel = emitRegion(region, space, backend.serves("f64"));
    const writes = [...new Set(region.outputs.map(({ target }) => target))];
    const [target] = writes;
    const large = target.bytes > TRANSPOSE_BYTES && backend.supports("transpose", target.storage);
    const transpose = large ? transposeOf(kernel.built) : null;
    return {
      reads: kernel.buffers.filter((item) => !writes.includes(item)),
      writes,
      scratchBytes: 0,
      kernel,
      gemm: null,
      transpose,
    };
  }
  const { item } = planned;
  const { gemm } = item;
  if (gemm === null) throw new InternalError(`lower: ${item.toString()} is no contraction`);
  const { storage, batch, m, n, k } = gemm;
  const here: Place = { buffer: 0, offset: 0 };
  const scratchBytes = backend.gemmBytes({
    storage,
    batch,
    m,
    n,
    k,
    lhs: { ...gemm.lhs, place: here },
    rhs: { ...gemm.rhs, place: here },
  });
  return { reads: [gemm.lhs.item, gemm.rhs.item], writes: [item], scratchBytes, kernel: null, gemm, transpose: null };
}

function* place(graph: Graph, { drafts, bases, itemOf, derived }: Drafted, options: LowerOptions): Parts<LoweredPlan> {
  const places = new Map<Item, Place>();
  graph.inputs.forEach((node, buffer) => {
    const item = itemOf(node);
    places.set(item, { buffer, offset: 0, bytes: item.bytes });
  });
  let buffers = graph.inputs.length;

  const firstOutput = new Map<Item, number>();
  const outputs = graph.outputs.map((node, i): LoweredPlan["outputs"][number] => {
    const base = bases[i];
    const input = base.kind === "input" ? places.get(base) : undefined;
    if (input !== undefined) return { node, source: { kind: "input", index: input.buffer } };
    const first = firstOutput.get(base);
    if (first !== undefined) return { node, source: { kind: "output", index: first } };
    firstOutput.set(base, i);
    places.set(base, { buffer: buffers, offset: 0, bytes: base.bytes });
    return { node, source: { kind: "buffer", index: buffers++, bytes: base.bytes } };
  });

  const cached: { node: Node; buffer: number; bytes: number }[] = [];
  const written = new Set(drafts.flatMap(({ writes }) => writes));
  for (const node of options.cacheable ?? []) {
    const item = itemOf(node);
    if (!written.has(item) || places.has(item)) continue;
    places.set(item, { buffer: buffers, offset: 0, bytes: item.bytes });
    cached.push({ node, buffer: buffers++, bytes: item.bytes });
  }

  // everything else lives in the arena from its first write to its last read
  const lives = new Map<Item, { bytes: number; first: number; last: number }>();
  const scratch = drafts.map(({ scratchBytes }, step) => ({ bytes: scratchBytes, first: step, last: step }));
  drafts.forEach(({ reads, writes }, step) => {
    for (const item of [...writes, ...reads]) {
      if (places.has(item)) continue;
      const life = lives.get(item);
      if (life === undefined) lives.set(item, { bytes: item.bytes, first: step, last: step });
      else life.last = step;
    }
  });
  yield;
  const arena = planArena([...lives.values(), ...scratch]);
  yield;
  const arenaBuffer = buffers;
  if (arena.bytes > 0) buffers++;
  [...lives.keys()].forEach((item, i) =>
    places.set(item, { buffer: arenaBuffer, offset: arena.offsets[i], bytes: item.bytes }),
  );

  yield;
  const at = (item: Item): Place => {
    const found = places.get(item);
    if (found === undefined) throw new InternalError(`lower: ${item.toString()} has no place`);
    return found;
  };
  const steps = drafts.map((draft, i): Step => {
    const { kernel, gemm, transpose } = draft;
    const [write] = draft.writes;
    if (transpose !== null) {
      const { base, batchStride, rowStride, batch: count, rows, cols } = transpose;
      const from = { place: at(draft.reads[0]), base, batchStride, rowStride, colStride: 1 };
      return { kind: "transpose", storage: write.storage, batch: count, rows, cols, from, out: at(write) };
    }
    if (kernel !== null) {
      const { built, points, work } = kernel;
      return {
        kind: "kernel",
        kernel: built.kernel,
        key: built.key,
        dims: built.dims,
        params: built.params,
        places: kernel.buffers.map(at),
        points,
        work,
      };
    }
    if (gemm === null) throw new InternalError("lower: a step is neither a kernel nor a contraction");
    const { storage, batch, m, n, k } = gemm;
    const side = ({ item, base, batchStride, rowStride, colStride }: GemmForm["lhs"]) => ({
      place: at(item),
      base,
      batchStride,
      rowStride,
      colStride,
    });
    const temporary = draft.scratchBytes === 0 ? null : { buffer: arenaBuffer, offset: arena.offsets[lives.size + i] };
    return {
      kind: "gemm",
      storage,
      batch,
      m,
      n,
      k,
      lhs: side(gemm.lhs),
      rhs: side(gemm.rhs),
      out: at(write),
      scratch: temporary,
    };
  });
  yield;
  const groups = drafts.map(groupOf);
  return {
    segment: { steps, buffers, slots: derived.first + derived.sums.length },
    inputs: graph.inputs.length,
    derived,
    arenaBytes: arena.bytes,
    outputs,
    cached,
    groups,
  };
}

/** What a step does, for explain and for the cost model. */
export function groupOf({ reads, writes, kernel, gemm, transpose }: Draft): GroupInfo {
  const [write] = writes;
  const bytesRead = reads.reduce((sum, item) => sum + item.bytes, 0);
  const info = { shape: write.shape, bytesRead, bytesWritten: writes.reduce((sum, item) => sum + item.bytes, 0) };
  if (gemm !== null)
    return {
      kind: "gemm",
      title: `gemm ${gemm.batch === 1 ? "" : `${gemm.batch}×`}${gemm.m}×${gemm.n}×${gemm.k}`,
      work: gemm.batch * gemm.m * gemm.n * gemm.k,
      fused: write.node === null ? [] : [write.node],
      ...info,
    };
  const fused = kernel?.fused ?? [];
  if (transpose !== null) return { kind: "transpose", title: "transpose", work: write.size, fused, ...info };
  return { kind: "kernel", title: countNames(fused.map(({ prim }) => prim)), work: kernel?.work ?? 0, fused, ...info };
}

function slotCount(graph: Graph): number {
  let slots = 0;
  for (const list of [graph.captures, graph.nodes])
    for (const node of list) if (node.slots !== null) slots = Math.max(slots, node.slotBase + node.slots.length);
  return slots;
}

/** Names in order of their first use, each once, with how often it is there: `exp 2×mul sub`. */
function countNames(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => (count === 1 ? name : `${count}×${name}`)).join(" ");
}
