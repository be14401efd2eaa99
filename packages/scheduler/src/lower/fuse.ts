// Fusion: one walk over the items from the outputs back that decides what is stored and what each kernel (region)
// computes, carrying the exact index maps of all readers. Rules (RUNTIME 1.1): folds are never recomputed; heavy
// work that would be repeated is stored; limits cut. Linear in the number of (item, reader, map) triples.
import type { StorageType } from "@weft/ir";
import type { Access, AxisTerm, Form, IndexSpace } from "./index-map.ts";
import type { Item } from "./items.ts";
import { paramsAs } from "./items.ts";
import { TRANSPOSE_BYTES } from "./transpose.ts";
import { operandAccess } from "./views.ts";

export interface FuseLimits {
  /** Distinct buffers a kernel may name, the stored one included. */
  readonly buffers: number;
  /** Scalar functions in a kernel. */
  readonly applies: number;
  /** Nested digits in an index. */
  readonly digits: number;
}
export const FUSE_LIMITS: FuseLimits = { buffers: 16, applies: 512, digits: 2 };

/** Whether a device transposes arrays of this element type by a template. */
export type Transposes = (storage: StorageType) => boolean;

/** Bytes of the arrays of one row that phases may go over again. */
const ROW_BYTES = 256 * 1024;
/** Repeated work, in additions an element, from which storing is cheaper. */
const REPEAT = 16;
/** Operands from which a concatenation is written piece by piece. */
const WIDE_CONCATENATE = 8;
const CONCATENATE_BYTES = 32 * 1024;
/** Limits of kernels with several results: buffers, scalar functions, and steps looked at for convexity. */
const JOINED = { buffers: 12, applies: 64, search: 256 };

/** An item as one region reads it, at one index map. */
export class Use {
  readonly item: Item;
  readonly region: Region;
  readonly access: Access;
  /** What it is computed from in this region; null for loads and leaves. */
  operands: readonly Use[] | null = null;
  /** Whether it is read from memory. */
  load = false;
  /** Filled by emit. */
  value = -1;
  level = 0;

  constructor(item: Item, region: Region, access: Access) {
    this.item = item;
    this.region = region;
    this.access = access;
  }
}

/** A value that a region stores, at a place over its axes. */
export interface Output {
  readonly use: Use;
  readonly target: Item;
  readonly place: Form;
}

/** One kernel to be: a loop nest over `grid`, with phases over `inner` where folds were fused. */
export class Region {
  /** What it stores: first what it was opened for, then what it computes anyway. */
  readonly outputs: Output[] = [];
  /** Whether it writes only a part of its first output. */
  readonly piece: boolean;
  readonly axes: readonly AxisTerm[];
  grid: readonly AxisTerm[];
  /** Axes of the folds; null while there is none. */
  inner: readonly AxisTerm[] | null = null;
  /** Stored items that it reads, or will. */
  readonly leaves = new Set<Item>();
  /** Stored items that it reads for certain. */
  readonly loads = new Set<Item>();
  /** Items that count as one leaf, because what is below them is too wide. */
  readonly singles = new Set<Item>();
  /** Computed starts by `startKey`. */
  readonly starts = new Map<string, Use>();
  applies = 0;

  constructor(axes: readonly AxisTerm[], piece: boolean) {
    this.axes = axes;
    this.grid = axes;
    this.piece = piece;
  }
  get points(): number {
    return extent(this.grid);
  }
  /** The axes its own store loops over inside a grid point. */
  get mapAxes(): readonly AxisTerm[] {
    return this.axes.filter((axis) => !this.grid.includes(axis));
  }
  /** How often something that depends on these axes is computed. */
  evaluations(mask: number): number {
    if (mask === 0) return 1;
    const inner = this.inner ?? [];
    return inner.some((axis) => (axis.mask & mask) !== 0) ? this.points * extent(inner) : this.points;
  }
}

export const startKey = (item: Item, at: Access): string => `${item.index},${at.id}`;
const extent = (axes: readonly AxisTerm[]): number => axes.reduce((size, axis) => size * axis.size, 1);
const maskOf = (axes: readonly AxisTerm[]): number => axes.reduce((mask, axis) => mask | axis.mask, 0);

/** What the walk decided, in an order that can run. */
export type Planned =
  | { readonly kind: "region"; readonly region: Region }
  | { readonly kind: "gemm"; readonly item: Item };

const isConstant = ({ kind }: Item): boolean => kind === "literal" || kind === "scalar";
const reducedAxes = (item: Item): readonly number[] => {
  const params = item.params as { readonly axes?: readonly number[]; readonly axis?: number };
  return params.axes ?? [params.axis as number];
};
/** Sizes of the loops of a fold. */
const foldSizes = (item: Item): readonly number[] => {
  const axes = reducedAxes(item);
  return item.operands[0].shape.filter((n, axis) => n !== 1 && axes.includes(axis));
};
/** The item that holds the same bytes: reshapes share their operand's memory. */
export const sameBytes = (item: Item): Item => {
  while (item.kind === "reshape") item = item.operands[0];
  return item;
};

/** Forward facts: work below an item, the fold it leads to, and the stored items it would read. */
export function annotate(items: readonly Item[], limits: FuseLimits): void {
  for (const item of items) {
    const barrier = item.kind === "input" || item.kind === "fold" || item.kind === "gemm" || item.mustStore;
    let depth = item.cost + guardUnits(item);
    for (const operand of item.operands) {
      if (operand.size > 1 && !isBarrier(operand)) depth += operand.depth;
      item.rowFold ??= operand.kind === "fold" ? operand : operand.rowFold;
    }
    item.depth = Math.min(depth, 1e6);
    item.leaves = barrier ? [item] : unite(item.operands, limits.buffers - 1);
    if (item.kind === "gemm" || item.kind === "input") item.rowFold = null;
  }
}
/** Work of the guards of an element: guarded reads are no plain loads. */
const guardUnits = ({ kind, operands }: Item): number =>
  kind === "pad" ? 3 : kind === "concatenate" ? 3 * (operands.length - 1) : 0;
const isBarrier = (item: Item): boolean =>
  item.kind === "input" || item.kind === "fold" || item.kind === "gemm" || item.mustStore;

function unite(operands: readonly Item[], most: number): readonly Item[] | null {
  let all: readonly Item[] = [];
  for (const { leaves } of operands) {
    if (leaves === null) return null;
    if (leaves === all || leaves.length === 0) continue;
    if (all.length === 0) {
      all = leaves;
      continue;
    }
    const extra = leaves.filter((leaf) => !all.includes(leaf));
    if (extra.length > 0) all = [...all, ...extra];
    if (all.length > most) return null;
  }
  return all;
}

/** Decides for every item, from the outputs back. Items that must be stored are marked beforehand. */
export function fuse(items: readonly Item[], space: IndexSpace, limits: FuseLimits, transposes: Transposes): Planned[] {
  const fuser = new Fuser(space, limits, transposes);
  for (let i = items.length - 1; i >= 0; i--) fuser.visit(items[i]);
  return fuser.planned.reverse();
}

class Fuser {
  readonly planned: Planned[] = [];
  /** Regions opened last, for siblings. */
  private readonly recent: Region[] = [];
  private readonly space: IndexSpace;
  private readonly limits: FuseLimits;
  private readonly transposes: Transposes;

  constructor(space: IndexSpace, limits: FuseLimits, transposes: Transposes) {
    this.space = space;
    this.limits = limits;
    this.transposes = transposes;
  }

  visit(item: Item): void {
    if (item.uses.length === 0 && !item.mustStore) return;
    if (item.kind === "input") this.load(item);
    else if (item.kind === "gemm") {
      this.load(item);
      this.planned.push({ kind: "gemm", item });
    } else if (item.kind === "reshape" && (item.mustStore || this.shouldStore(item))) {
      // the operand's memory is the reshape's
      item.operands[0].mustStore = true;
      this.include(item);
    } else if (item.mustStore || this.shouldStore(item)) {
      if (!this.joins(item)) this.store(item);
    } else this.include(item);
  }

  /** The rules. Asking may turn a reader into a row kernel, where that makes the answer no. */
  private shouldStore(item: Item): boolean {
    if (isConstant(item)) return false;
    if (item.kind === "fold") return !(item.uses.length === 1 && this.joinsReader(item, item.uses[0]));
    if (item.kind === "concatenate" && item.operands.length > WIDE_CONCATENATE) return true;
    for (const { region, access } of item.uses) {
      if (access.digits > this.limits.digits) return true;
      if (item.cost > 0 && region.applies >= this.limits.applies) return true;
      if (region.singles.has(item) && !this.fits(region, item)) return true;
    }
    return this.readsAcross(item) || this.repeats(item);
  }

  /** Whether a kernel would walk down the columns of a stored matrix: the template transposes it first. */
  private readsAcross(item: Item): boolean {
    if (item.kind !== "transpose" || item.bytes <= TRANSPOSE_BYTES || !this.transposes(item.storage)) return false;
    const [operand] = item.operands;
    if (!isBarrier(sameBytes(operand))) return false;
    return item.uses.some(({ region, access }) => {
      if (region.inner !== null || access.guard !== null || region.points !== item.size) return false;
      const fastest = this.space.of(region.axes[region.axes.length - 1]);
      const place = this.space.flat(operandAccess(this.space, item, 0, access).index, operand.shape);
      // the axis itself, or its last digit where a reshape lies between
      return place.terms.some(
        ({ coef, of }) =>
          coef > 1 && (of === fastest.terms[0].of || (of.kind === "digit" && of.div === 1 && of.of === fastest)),
      );
    });
  }

  private repeats(item: Item): boolean {
    if (item.depth === 0) return false;
    if (item.size === 1) return item.uses.length > 8;
    if (item.kind === "pad" && guardUnits(item) * (Math.min(this.evaluated(item), 8) - 1) >= REPEAT) return true;
    // what is below a view is stored rather than the view, unless the view leaves some of it out
    if (item.cost === 0 && item.kind !== "concatenate" && item.operands.every((operand) => operand.size <= item.size))
      return false;
    let repeated = this.evaluated(item);
    if (repeated > 1 && item.rowFold !== null && item.uses.every(({ region }) => region === item.uses[0].region)) {
      const { region, access } = item.uses[0];
      if (region.inner === null && this.splitRows(region, access.mask, foldSizes(item.rowFold)))
        repeated = this.evaluated(item);
    }
    return (Math.min(repeated, 8) - 1) * item.depth >= REPEAT;
  }

  /** How often each element would be computed. */
  private evaluated(item: Item): number {
    return item.uses.reduce((sum, { region, access }) => sum + region.evaluations(access.mask), 0) / item.size;
  }

  /** Whether the region can take the item's operands in instead of the item. */
  private fits(region: Region, item: Item): boolean {
    const added = new Set<Item>();
    for (const operand of item.operands) {
      if (operand.leaves === null) added.add(operand);
      else for (const leaf of operand.leaves) if (!region.leaves.has(leaf)) added.add(leaf);
    }
    const free = this.limits.buffers - region.leaves.size;
    if (added.size <= free) return true;
    return item.operands.filter((operand) => !region.leaves.has(operand) && !isConstant(operand)).length <= free;
  }

  /** Whether a fold becomes an earlier phase of its only reader; then it is prepared for that. */
  private joinsReader(item: Item, { region, access }: Use): boolean {
    if (access.guard !== null || !plainAxes(access)) return false;
    if (region.applies >= this.limits.applies) return false;
    const sizes = foldSizes(item);
    if (region.inner === null) {
      const rest = region.axes.filter((axis) => (axis.mask & access.mask) === 0);
      if (!this.fits(region, item)) return false;
      if (rest.length > 0) return this.splitRows(region, access.mask, sizes);
      region.inner = sizes.map((size, i) => this.space.axis(size, region.axes.length + i));
      return true;
    }
    if (maskOf(region.grid) !== access.mask || !sameSizes(region.inner, sizes)) return false;
    return this.rowFits(region, sizes) && this.fits(region, item);
  }

  /** Makes the trailing axes that are not in `kept` the inner loops of the region, if they have these sizes. */
  private splitRows(region: Region, kept: number, sizes: readonly number[]): boolean {
    const first = region.axes.findIndex((axis) => (axis.mask & kept) === 0);
    if (first < 0 || region.inner !== null) return false;
    const inner = region.axes.slice(first);
    if (maskOf(inner) & kept || !sameSizes(inner, sizes) || !this.rowFits(region, sizes)) return false;
    region.grid = region.axes.slice(0, first);
    region.inner = inner;
    return true;
  }
  private rowFits(region: Region, sizes: readonly number[]): boolean {
    const row = sizes.reduce((product, n) => product * n, 4);
    return row * Math.max(2, region.leaves.size + 1) <= ROW_BYTES;
  }

  private load(item: Item): void {
    item.stored = true;
    for (const use of item.uses) {
      use.load = true;
      use.region.singles.delete(item);
      use.region.leaves.add(item);
      use.region.loads.add(item);
    }
  }

  /** Whether an existing region stores the item beside its own result: its only reader at this map, or a sibling. */
  private joins(item: Item): boolean {
    if (item.size <= 1 || item.opaque || isConstant(item) || item.kind === "concatenate") return false;
    // what only moves data is stored to be moved well, unless it is a result
    if (item.cost === 0 && (!item.mustStore || item.kind === "transpose")) return false;
    for (const use of item.uses) if (this.joinsAt(item, use)) return true;
    for (const region of this.recent) {
      if (
        !sameSizes(
          region.axes,
          item.shape.filter((n) => n !== 1),
        ) ||
        !this.isSibling(item, region)
      )
        continue;
      let next = 0;
      const index = item.shape.map((n) => (n === 1 ? this.space.zero : this.space.of(region.axes[next++])));
      if (this.joinsAt(item, new Use(item, region, this.space.access(index, null)))) return true;
    }
    return false;
  }

  /** Siblings have one grid, and loops of one length, and share what they read or compute. */
  private isSibling(item: Item, region: Region): boolean {
    const first = region.outputs[0].use.item;
    if (item.uses.some((use) => use.region === region)) return false;
    if (
      item.kind === "fold"
        ? first.kind !== "fold" || region.inner === null || !sameSizes(region.inner, foldSizes(item))
        : region.inner !== null
    )
      return false;
    if (item.kind === "part")
      return first.kind === "part" && first.operands.every((operand, i) => operand === item.operands[i]);
    const read = item.kind === "fold" ? item.operands[0] : item;
    return read.leaves !== null && read.leaves.some((leaf) => leaf.size >= item.size && region.leaves.has(leaf));
  }

  private joinsAt(item: Item, use: Use): boolean {
    const { region, access } = use;
    if (region.piece || access.guard !== null || !plainAxes(access) || region.applies > JOINED.applies) return false;
    if (item.uses.some((other) => other !== use && other.region === region)) return false;
    const covered = region.axes.filter((axis) => (axis.mask & access.mask) !== 0);
    if (extent(covered) !== item.size) return false;
    if (covered.length !== region.axes.length && (region.inner === null || maskOf(region.grid) !== access.mask))
      return false;
    const added = new Set(
      item.operands.flatMap((operand) => operand.leaves ?? [operand]).filter((leaf) => !region.leaves.has(leaf)),
    );
    if (
      item.operands.some(({ leaves }) => leaves === null) ||
      region.leaves.size + added.size + region.outputs.length > Math.min(JOINED.buffers, this.limits.buffers - 2)
    )
      return false;
    if (!this.isConvex(item, region)) return false;
    if (item.kind === "fold" && !this.joinsReader(item, use)) return false;
    this.load(item);
    use.load = false;
    region.loads.delete(item);
    item.writers.push(region);
    region.outputs.push({ use, target: item, place: this.space.flat(access.index, item.shape) });
    if (item.cost > 0) region.applies++;
    this.expand(use);
    region.leaves.add(item);
    return true;
  }

  /** No other reader of the item is something that the region itself reads, however indirectly. */
  private isConvex(item: Item, region: Region): boolean {
    const readers = new Set<Region>();
    for (const use of item.uses) if (use.region !== region) readers.add(use.region);
    if (readers.size === 0 && !item.readByTemplate) return true;
    const seen = new Set<Item>();
    const stack = [...region.loads];
    while (stack.length > 0) {
      const read = stack.pop() as Item;
      if (seen.has(read)) continue;
      seen.add(read);
      if (seen.size > JOINED.search) return false;
      for (const writer of read.writers) {
        if (readers.has(writer)) return false;
        stack.push(...writer.loads);
      }
      if (read.gemm !== null) {
        const operands = [read.gemm.lhs.item, read.gemm.rhs.item];
        if (operands.includes(item)) return false;
        stack.push(...operands);
      }
    }
    return true;
  }

  private store(item: Item): void {
    this.load(item);
    if (item.size === 0) return;
    if (item.kind === "concatenate" && (item.operands.length > WIDE_CONCATENATE || item.bytes > CONCATENATE_BYTES)) {
      const { axis } = paramsAs(item, "concatenate");
      let offset = 0;
      for (const operand of item.operands) {
        this.open(operand, item, offset * item.shape.slice(axis + 1).reduce((product, n) => product * n, 1), true);
        offset += operand.shape[axis];
      }
    } else this.open(item, item, 0, false);
  }

  /** A new region that computes `item` over its own shape, into `target` from element `offset`. */
  private open(item: Item, target: Item, offset: number, piece: boolean): void {
    const axes: AxisTerm[] = [];
    const index = item.shape.map((n) => {
      if (n === 1) return this.space.zero;
      const axis = this.space.axis(n, axes.length);
      axes.push(axis);
      return this.space.of(axis);
    });
    const place = this.space.scale(
      this.space.flat(index.length === target.shape.length ? index : [], target.shape),
      1,
      offset,
    );
    const region = new Region(axes, piece);
    this.planned.push({ kind: "region", region });
    const access = this.space.access(index, null);
    // a piece is decided when the walk comes to the operand, which precedes its concatenation
    const use = piece ? this.use(item, region, access) : new Use(item, region, access);
    region.outputs.push({ use, target, place });
    target.writers.push(region);
    if (piece) {
      this.project(region, [item]);
      return;
    }
    this.recent.unshift(region);
    if (this.recent.length > 4) this.recent.pop();
    if (item.kind === "fold") region.inner = foldSizes(item).map((size, i) => this.space.axis(size, axes.length + i));
    this.expand(use);
  }

  private include(item: Item): void {
    for (const use of item.uses) {
      if (item.cost > 0) use.region.applies++;
      if (item.kind === "fold") use.region.leaves.delete(item);
      this.expand(use);
    }
  }

  /** Records what a computed item needs in the region of `use`. */
  private expand(use: Use): void {
    const { item, region, access } = use;
    const wasSingle = region.singles.delete(item);
    if (wasSingle) region.leaves.delete(item);
    if (wasSingle || item.kind === "fold" || region.outputs.some((output) => output.use === use))
      this.project(region, item.operands);
    use.operands = item.operands.map((operand, k) => {
      const child = this.use(
        operand,
        region,
        item.kind === "fold" ? this.foldAccess(use) : operandAccess(this.space, item, k, access),
      );
      if (item.kind === "dynamicSlice" && k > 0) region.starts.set(startKey(operand, child.access), child);
      return child;
    });
  }

  /** Counts the buffers that items below will need: all of their leaves, or themselves where those are too many. */
  private project(region: Region, operands: readonly Item[]): void {
    for (const operand of operands) {
      const { leaves } = operand;
      const extra = leaves?.filter((leaf) => !region.leaves.has(leaf)) ?? null;
      if (extra !== null && region.leaves.size + extra.length < this.limits.buffers)
        for (const leaf of extra) region.leaves.add(leaf);
      else if (!isConstant(operand) && !region.leaves.has(operand)) {
        region.leaves.add(operand);
        if (!isBarrier(operand)) region.singles.add(operand);
      }
    }
  }

  private foldAccess({ item, region, access }: Use): Access {
    const reduced = reducedAxes(item);
    const inner = region.inner ?? [];
    let kept = 0;
    let loop = 0;
    const index = item.operands[0].shape.map((n, axis) => {
      if (!reduced.includes(axis)) return access.index[kept++];
      return n === 1 ? this.space.zero : this.space.of(inner[loop++]);
    });
    return this.space.access(index, null);
  }

  private use(item: Item, region: Region, access: Access): Use {
    const { uses } = item;
    for (let i = uses.length - 1; i >= 0; i--)
      if (uses[i].access === access && uses[i].region === region) return uses[i];
    const use = new Use(item, region, access);
    uses.push(use);
    return use;
  }
}

const sameSizes = (axes: readonly AxisTerm[], sizes: readonly number[]): boolean =>
  axes.length === sizes.length && axes.every((axis, i) => axis.size === sizes[i]);

/** Whether every index is an axis of its own (or a single place). */
function plainAxes({ index }: Access): boolean {
  let mask = 0;
  for (const { base, slots, terms, mask: own } of index) {
    if (base !== 0 || slots.length > 0 || terms.length > 1 || (mask & own) !== 0) return false;
    if (terms.length === 1 && (terms[0].coef !== 1 || terms[0].of.kind !== "axis")) return false;
    mask |= own;
  }
  return true;
}
