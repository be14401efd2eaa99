// Builds Kernels from plan-time integers: hash-consing of scalars, merging of contiguous axes, and the one decision
// which integers become literals (0 and 1) and which become run-time dims, so that shapes stay out of a kernel's
// key. It knows nothing of graphs, and it does not check bounds (kernel-verify does).
import type { DimValue, ParamValue } from "./backend.ts";
import { kernelKey } from "./kernel-key.ts";
import type {
  Affine,
  AxisId,
  BufferId,
  Dim,
  Fold,
  Guard,
  Kernel,
  Lane,
  NodeId,
  Phase,
  Scalar,
  ScalarFn,
  StorageType,
  Store,
  Term,
} from "./kernel.ts";

export interface SlotTerm {
  readonly slot: number;
  readonly coef: number;
}

/** An affine index whose integers are known at plan time, up to slots. */
export interface PlanAffine {
  readonly base: number;
  readonly slots: readonly SlotTerm[];
  readonly terms: readonly { readonly coef: number; readonly of: PlanTerm }[];
}
export type PlanTerm =
  | { readonly axis: AxisId }
  | { readonly digit: PlanAffine; readonly div: number; readonly mod: number | null }
  | { readonly value: NodeId };

/** True where lo ≤ of < hi for every entry. */
export interface PlanGuard {
  readonly all: readonly { readonly of: PlanAffine; readonly lo: number; readonly hi: number }[];
}

export interface PlanStore {
  readonly buffer: BufferId;
  readonly at: PlanAffine;
  readonly value: NodeId;
}
export interface PlanPhase {
  readonly kind: "map" | "reduce";
  readonly axes: readonly AxisId[];
  readonly folds: readonly Fold[];
  readonly stores: readonly PlanStore[];
}

type PlanScalar =
  | Exclude<Scalar, { op: "index" | "load" | "inside" }>
  | { readonly op: "index"; readonly lane: "i32"; readonly of: PlanAffine }
  | {
      readonly op: "load";
      readonly lane: Lane;
      readonly buffer: BufferId;
      readonly at: PlanAffine;
      readonly guard: PlanGuard | null;
      readonly other: NodeId | null;
    }
  | { readonly op: "inside"; readonly lane: "mask"; readonly guard: PlanGuard };

/** A finished kernel with the run-time values of this use of it. */
export interface BuiltKernel {
  readonly kernel: Kernel;
  readonly key: string;
  readonly dims: readonly DimValue[];
  readonly params: readonly ParamValue[];
  /** For each buffer of the kernel the index `buffer()` gave out. */
  readonly buffers: readonly BufferId[];
  /** Extents of the grid after merging. */
  readonly grid: readonly number[];
}

interface BufferDraft {
  readonly storage: StorageType;
  readonly access: "read" | "write" | "readwrite";
}

const isCommutative = (fn: ScalarFn): boolean =>
  fn === "add" || fn === "mul" || fn === "and" || fn === "or" || fn === "xor" || fn === "eq" || fn === "ne";

/** Collects the scalars of one kernel; equal scalars get one number. */
export class KernelBuilder {
  private readonly nodes: PlanScalar[] = [];
  private readonly consed = new Map<string, NodeId>();
  private readonly affineKeys = new Map<PlanAffine, string>();
  private readonly guardKeys = new Map<PlanGuard, string>();
  /** Affines that differ in their bases alone may share a list of terms, which then has one key. */
  private readonly termsKeys = new Map<PlanAffine["terms"], string>();
  private readonly paramValues: ParamValue[] = [];
  private readonly paramLanes: Lane[] = [];
  private readonly bufferDrafts: BufferDraft[] = [];
  private readonly sizes: number[] = [];

  /** A new loop axis. Axes of size 1 are better left out by the caller. */
  axis(size: number): AxisId {
    return this.sizes.push(size) - 1;
  }
  buffer(storage: StorageType, access: "read" | "write" | "readwrite"): BufferId {
    return this.bufferDrafts.push({ storage, access }) - 1;
  }
  node(id: NodeId): PlanScalar {
    return this.nodes[id];
  }

  constant(lane: Lane, value: number): NodeId {
    return this.add(`c${lane}${Object.is(value, -0) ? "-0" : value}`, { op: "const", lane, value });
  }
  /** A run-time scalar. Not shared by value: two equal numbers may differ in the next use of the kernel. */
  param(lane: Lane, value: ParamValue): NodeId {
    const slot = this.paramLanes.push(lane) - 1;
    this.paramValues.push(value);
    return this.nodes.push({ op: "param", lane, slot }) - 1;
  }
  index(of: PlanAffine): NodeId {
    return this.add(`i${this.affineKey(of)}`, { op: "index", lane: "i32", of });
  }
  load(lane: Lane, buffer: BufferId, at: PlanAffine, guard: PlanGuard | null, other: NodeId | null): NodeId {
    const key = `l${buffer},${this.affineKey(at)}${guard === null ? "" : `?${this.guardKey(guard)}:${other}`}`;
    return this.add(key, { op: "load", lane, buffer, at, guard, other });
  }
  inside(guard: PlanGuard): NodeId {
    return this.add(`g${this.guardKey(guard)}`, { op: "inside", lane: "mask", guard });
  }
  apply(lane: Lane, fn: ScalarFn, args: readonly NodeId[]): NodeId {
    const ordered =
      args.length === 2 && isCommutative(fn) && args[1] < args[0] ? `${args[1]},${args[0]}` : args.join(",");
    return this.add(`a${fn}.${lane}(${ordered})`, { op: "apply", lane, fn, args });
  }
  part(lane: Lane, of: NodeId, index: number): NodeId {
    return this.add(`p${of},${index}`, { op: "part", lane, of, index });
  }
  result(lane: Lane, phase: number, fold: number, part: 0 | 1): NodeId {
    return this.add(`r${phase},${fold},${part}`, { op: "result", lane, phase, fold, part });
  }
  /** `value` inside the guard and `outside` elsewhere: a guarded load where `value` is one under the same guard. */
  guarded(lane: Lane, guard: PlanGuard, value: NodeId, outside: NodeId): NodeId {
    const inner = this.nodes[value];
    if (inner.op === "load" && inner.guard !== null) {
      if (this.guardKey(inner.guard) === this.guardKey(guard))
        return this.load(lane, inner.buffer, inner.at, inner.guard, outside);
      if (inner.other === outside && covers(inner.guard, guard, (a) => this.affineKey(a))) return value;
    }
    return this.apply(lane, "select", [this.inside(guard), value, outside]);
  }

  private add(key: string, scalar: PlanScalar): NodeId {
    const found = this.consed.get(key);
    if (found !== undefined) return found;
    const id = this.nodes.push(scalar) - 1;
    this.consed.set(key, id);
    return id;
  }
  private affineKey(affine: PlanAffine): string {
    let key = this.affineKeys.get(affine);
    if (key === undefined) {
      key = `${affine.base}`;
      for (const { slot, coef } of affine.slots) key += `+${coef}s${slot}`;
      key += this.termsKey(affine);
      this.affineKeys.set(affine, key);
    }
    return key;
  }
  private termsKey({ terms }: PlanAffine): string {
    const known = this.termsKeys.get(terms);
    if (known !== undefined) return known;
    let key = "";
    for (const { coef, of } of terms) {
      if ("axis" in of) key += `+${coef}x${of.axis}`;
      else if ("value" in of) key += `+${coef}v${of.value}`;
      else key += `+${coef}(${this.affineKey(of.digit)}/${of.div}%${of.mod})`;
    }
    this.termsKeys.set(terms, key);
    return key;
  }
  private guardKey(guard: PlanGuard): string {
    let key = this.guardKeys.get(guard);
    if (key === undefined) {
      key = guard.all.map(({ of, lo, hi }) => `${lo}<=${this.affineKey(of)}<${hi}`).join("&");
      this.guardKeys.set(guard, key);
    }
    return key;
  }

  /**
   * Closes the kernel: drops what no phase needs, merges neighbouring axes that every access walks as one, and
   * numbers dims. `grid` and the phases' axes are fastest last.
   */
  finish(grid: readonly AxisId[], phases: readonly PlanPhase[]): BuiltKernel {
    const live = this.liveNodes(phases);
    const affines = this.liveAffines(live, phases);
    const sizes = [...this.sizes];
    const split = splitAxes(affines, sizes);
    const whole = (axes: readonly AxisId[]): readonly AxisId[] =>
      split.size === 0 ? axes : axes.flatMap((axis) => split.get(axis)?.map(({ axis: part }) => part) ?? [axis]);
    const splitGrid = whole(grid);
    const splitPhases = split.size === 0 ? phases : phases.map((phase) => ({ ...phase, axes: whole(phase.axes) }));
    const terms = (affine: PlanAffine): PlanAffine["terms"] =>
      split.size === 0 ? affine.terms : splitTerms(affine, split);
    const lists = affines.map(terms);
    const dropped = new Set<AxisId>();
    mergeAxes(splitGrid, lists, sizes, dropped);
    const inner = innerAxes(splitPhases);
    if (inner !== null) mergeAxes(inner, lists, sizes, dropped);
    const { nodes, bufferDrafts: buffers, paramLanes, paramValues } = this;
    return close(
      {
        nodes,
        live,
        buffers,
        paramLanes,
        paramValues,
        sizes,
        dropped,
        termsKey: (affine) => this.termsKey(affine),
        terms,
      },
      splitGrid,
      splitPhases,
    );
  }

  private liveNodes(phases: readonly PlanPhase[]): Uint8Array {
    const live = new Uint8Array(this.nodes.length);
    for (const { folds, stores } of phases) {
      for (const fold of folds) for (const input of fold.inputs) live[input] = 1;
      for (const store of stores) {
        live[store.value] = 1;
        markAffine(store.at, live);
      }
    }
    // arguments precede their users, so one backward sweep closes the set
    for (let id = this.nodes.length - 1; id >= 0; id--) {
      if (live[id] === 0) continue;
      const node = this.nodes[id];
      switch (node.op) {
        case "index":
          markAffine(node.of, live);
          break;
        case "load":
          markAffine(node.at, live);
          if (node.guard !== null) for (const { of } of node.guard.all) markAffine(of, live);
          if (node.other !== null) live[node.other] = 1;
          break;
        case "inside":
          for (const { of } of node.guard.all) markAffine(of, live);
          break;
        case "apply":
          for (const argument of node.args) live[argument] = 1;
          break;
        case "part":
          live[node.of] = 1;
          break;
        default:
      }
    }
    return live;
  }

  private liveAffines(live: Uint8Array, phases: readonly PlanPhase[]): PlanAffine[] {
    const found = new Map<string, PlanAffine>();
    const visit = (affine: PlanAffine): void => {
      const key = this.termsKey(affine);
      if (found.has(key)) return;
      found.set(key, affine);
      for (const { of } of affine.terms) if ("digit" in of) visit(of.digit);
    };
    for (const { stores } of phases) for (const store of stores) visit(store.at);
    for (let id = 0; id < live.length; id++) {
      if (live[id] === 0) continue;
      const node = this.nodes[id];
      if (node.op === "index") visit(node.of);
      else if (node.op === "inside") for (const { of } of node.guard.all) visit(of);
      else if (node.op === "load") {
        visit(node.at);
        if (node.guard !== null) for (const { of } of node.guard.all) visit(of);
      }
    }
    return [...found.values()];
  }
}

/** Whether `some` holds wherever `all` does, as far as their entries show it one by one. */
function covers(all: PlanGuard, some: PlanGuard, key: (a: PlanAffine) => string): boolean {
  return some.all.every((entry) =>
    all.all.some((other) => other.lo >= entry.lo && other.hi <= entry.hi && key(other.of) === key(entry.of)),
  );
}

function markAffine(affine: PlanAffine, live: Uint8Array): void {
  for (const { of } of affine.terms) {
    if ("value" in of) live[of.value] = 1;
    else if ("digit" in of) markAffine(of.digit, live);
  }
}

/** The inner axes if all phases that have any agree on them, else null. */
function innerAxes(phases: readonly PlanPhase[]): readonly AxisId[] | null {
  let inner: readonly AxisId[] | null = null;
  for (const { axes } of phases) {
    if (axes.length === 0) continue;
    if (inner === null) inner = axes;
    else if (inner.length !== axes.length || inner.some((axis, i) => axis !== axes[i])) return null;
  }
  return inner;
}

/** A part of an axis: the axis is Σ part·unit. */
interface AxisPart {
  readonly axis: AxisId;
  readonly unit: number;
}
type Parts = ReadonlyMap<AxisId, readonly AxisPart[]>;

/**
 * Axes whose digits are taken become several axes, slowest first, so that the digits are axes themselves: a reshape
 * of a transpose needs no division. Only where every digit is of the axis alone and the divisors form one chain.
 */
function splitAxes(affines: readonly PlanAffine[], sizes: number[]): Parts {
  const cuts = new Map<AxisId, Set<number>>();
  const refused = new Set<AxisId>();
  for (const { terms } of affines) {
    for (const { of } of terms) {
      if (!("digit" in of)) continue;
      const [only] = of.digit.terms;
      if (
        of.digit.base !== 0 ||
        of.digit.slots.length > 0 ||
        of.digit.terms.length !== 1 ||
        only.coef !== 1 ||
        !("axis" in only.of)
      ) {
        for (const term of of.digit.terms) if ("axis" in term.of) refused.add(term.of.axis);
        continue;
      }
      const { axis } = only.of;
      let own = cuts.get(axis);
      if (own === undefined) cuts.set(axis, (own = new Set([1, sizes[axis]])));
      own.add(of.div);
      if (of.mod !== null) own.add(of.div * of.mod);
    }
  }
  const parts = new Map<AxisId, AxisPart[]>();
  for (const [axis, own] of cuts) {
    const units = [...own].sort((a, b) => a - b);
    if (
      refused.has(axis) ||
      units[units.length - 1] !== sizes[axis] ||
      units.some((unit, i) => i > 0 && unit % units[i - 1] !== 0)
    )
      continue;
    const list: AxisPart[] = [];
    for (let i = 1; i < units.length; i++)
      list.unshift({ axis: sizes.push(units[i] / units[i - 1]) - 1, unit: units[i - 1] });
    parts.set(axis, list);
  }
  return parts;
}

function splitTerms({ terms }: PlanAffine, split: Parts): PlanAffine["terms"] {
  const sums = new Map<AxisId, number>();
  const others: { coef: number; of: PlanTerm }[] = [];
  const add = (axis: AxisId, coef: number): void => void sums.set(axis, (sums.get(axis) ?? 0) + coef);
  for (const { coef, of } of terms) {
    if ("axis" in of) {
      const parts = split.get(of.axis);
      if (parts === undefined) add(of.axis, coef);
      else for (const part of parts) add(part.axis, coef * part.unit);
    } else if ("digit" in of) {
      const [first] = of.digit.terms;
      const parts = first !== undefined && "axis" in first.of ? split.get(first.of.axis) : undefined;
      if (parts === undefined) others.push({ coef, of });
      else
        for (const { axis, unit } of parts)
          if (unit >= of.div && (of.mod === null || unit < of.div * of.mod)) add(axis, (coef * unit) / of.div);
    } else others.push({ coef, of });
  }
  return [...[...sums].filter(([, coef]) => coef !== 0).map(([axis, coef]) => ({ coef, of: { axis } })), ...others];
}

type Terms = PlanAffine["terms"];
const coefOf = (terms: Terms, axis: AxisId): number => {
  for (const { coef, of } of terms) if ("axis" in of && of.axis === axis) return coef;
  return 0;
};

/** Merges an outer axis into the next inner one where every index steps over the pair as over one long axis. */
function mergeAxes(axes: readonly AxisId[], lists: readonly Terms[], sizes: number[], dropped: Set<AxisId>): void {
  let inner = axes[axes.length - 1];
  for (let i = axes.length - 2; i >= 0; i--) {
    const outer = axes[i];
    if (lists.every((terms) => coefOf(terms, outer) === coefOf(terms, inner) * sizes[inner])) {
      sizes[inner] *= sizes[outer];
      dropped.add(outer);
    } else inner = outer;
  }
}

interface Draft {
  readonly nodes: readonly PlanScalar[];
  readonly live: Uint8Array;
  readonly buffers: readonly BufferDraft[];
  readonly paramLanes: readonly Lane[];
  readonly paramValues: readonly ParamValue[];
  readonly sizes: readonly number[];
  readonly dropped: ReadonlySet<AxisId>;
  readonly termsKey: (affine: PlanAffine) => string;
  /** The terms of an affine over the axes that are left. */
  readonly terms: (affine: PlanAffine) => PlanAffine["terms"];
}

/** Numbers what is left and turns plan-time integers into Dims. */
function close(draft: Draft, grid: readonly AxisId[], phases: readonly PlanPhase[]): BuiltKernel {
  const { nodes, live, sizes, dropped } = draft;
  const dims: DimValue[] = [];
  const runTime = (value: DimValue): Dim => ({ dim: dims.push(value) - 1 });
  // the one place that decides: 0 and 1 are structure, all else is data
  const dimOf = (value: number, one: boolean): Dim =>
    value === 0 || (one && value === 1) ? { lit: value } : runTime(value);

  const axisNumbers = new Map<AxisId, AxisId>();
  const axes: { size: Dim }[] = [];
  const axisOf = (axis: AxisId): AxisId => {
    let number = axisNumbers.get(axis);
    if (number === undefined) {
      number = axes.push({ size: runTime(sizes[axis]) }) - 1;
      axisNumbers.set(axis, number);
    }
    return number;
  };
  const keep = (list: readonly AxisId[]): AxisId[] => list.filter((axis) => !dropped.has(axis)).map(axisOf);
  const gridAxes = keep(grid);
  const phaseAxes = phases.map((phase) => keep(phase.axes));

  const numbers = new Int32Array(nodes.length).fill(-1);
  const bufferNumbers = new Map<BufferId, BufferId>();
  const buffers: BufferId[] = [];
  const bufferOf = (buffer: BufferId): BufferId => {
    let number = bufferNumbers.get(buffer);
    if (number === undefined) {
      number = buffers.push(buffer) - 1;
      bufferNumbers.set(buffer, number);
    }
    return number;
  };
  // affines with equal terms share their coefficients' dims; a base is its own dim
  const termLists = new Map<string, Affine["terms"]>();
  const affines = new Map<PlanAffine, Affine>();
  const termsOf = (affine: PlanAffine): Affine["terms"] => {
    const key = draft.termsKey(affine);
    let terms = termLists.get(key);
    if (terms === undefined) {
      terms = draft
        .terms(affine)
        .filter(({ of }) => !("axis" in of && dropped.has(of.axis)))
        .map(({ coef, of }) => ({ coef: dimOf(coef, true), of: termOf(of) }));
      termLists.set(key, terms);
    }
    return terms;
  };
  const termOf = (of: PlanTerm): Term => {
    if ("axis" in of) return { axis: axisOf(of.axis) };
    if ("value" in of) return { value: numbers[of.value] };
    return { digit: affineOf(of.digit), div: dimOf(of.div, true), mod: of.mod === null ? null : runTime(of.mod) };
  };
  const affineOf = (affine: PlanAffine): Affine => {
    let found = affines.get(affine);
    if (found === undefined) {
      const base =
        affine.slots.length === 0 ? dimOf(affine.base, false) : runTime({ base: affine.base, terms: affine.slots });
      found = { base, terms: termsOf(affine) };
      affines.set(affine, found);
    }
    return found;
  };
  const guards = new Map<PlanGuard, Guard>();
  const guardOf = (guard: PlanGuard): Guard => {
    let found = guards.get(guard);
    if (found === undefined) {
      found = { all: guard.all.map(({ of, lo, hi }) => ({ of: affineOf(of), lo: dimOf(lo, false), hi: runTime(hi) })) };
      guards.set(guard, found);
    }
    return found;
  };

  const out: Scalar[] = [];
  const params: ParamValue[] = [];
  const lanes: Lane[] = [];
  for (let id = 0; id < nodes.length; id++) {
    if (live[id] === 0) continue;
    numbers[id] = out.length;
    out.push(scalarOf(nodes[id]));
  }
  function scalarOf(node: PlanScalar): Scalar {
    switch (node.op) {
      case "param":
        params.push(draft.paramValues[node.slot]);
        return { op: "param", lane: node.lane, slot: lanes.push(node.lane) - 1 };
      case "index":
        return { op: "index", lane: "i32", of: affineOf(node.of) };
      case "load": {
        const guard = node.guard === null ? null : guardOf(node.guard);
        return {
          op: "load",
          lane: node.lane,
          buffer: bufferOf(node.buffer),
          at: affineOf(node.at),
          guard,
          other: node.other === null ? null : numbers[node.other],
        };
      }
      case "inside":
        return { op: "inside", lane: "mask", guard: guardOf(node.guard) };
      case "apply":
        return { op: "apply", lane: node.lane, fn: node.fn, args: node.args.map((argument) => numbers[argument]) };
      case "part":
        return { op: "part", lane: node.lane, of: numbers[node.of], index: node.index };
      default:
        return node;
    }
  }
  const built: Phase[] = phases.map(({ kind, folds, stores }, i) => ({
    kind,
    axes: phaseAxes[i],
    folds: folds.map(({ monoid, lane, inputs }) => ({ monoid, lane, inputs: inputs.map((input) => numbers[input]) })),
    stores: stores.map(({ buffer, at, value }): Store => ({
      buffer: bufferOf(buffer),
      at: affineOf(at),
      value: numbers[value],
    })),
  }));
  const kernel: Kernel = {
    buffers: buffers.map((buffer) => draft.buffers[buffer]),
    dims: dims.length,
    params: lanes,
    axes,
    grid: gridAxes,
    nodes: out,
    phases: built,
  };
  const extents = grid.filter((axis) => !dropped.has(axis)).map((axis) => sizes[axis]);
  return { kernel, key: kernelKey(kernel), dims, params, buffers, grid: extents };
}
