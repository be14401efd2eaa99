// Fusion: one walk over the items from the outputs back that decides what is stored and what each kernel (region)
// computes, carrying the exact index maps of all readers. Rules (RUNTIME 1.1): folds are never recomputed; heavy
// work that would be repeated is stored; limits cut. Linear in the number of (item, reader, map) triples.
import type { Parts, StorageType } from "@weft/ir";
import { sameShape } from "@weft/ir";
import type { Access, AxisTerm, IndexSpace } from "./index-map.ts";
import type { Item } from "./items.ts";
import { paramsAs } from "./items.ts";
import type { FuseLimits } from "./region.ts";
import {
  codeUnits,
  countPhases,
  extent,
  guardUnits,
  isBarrier,
  LAST_PHASE,
  maskOf,
  Region,
  REPEAT,
  startKey,
  Use,
} from "./region.ts";
import { NO_SLOTS } from "./slot-sum.ts";
import { TRANSPOSE_BYTES } from "./transpose.ts";
import { isView, operandAccess } from "./views.ts";

/** Units: 512 additions, 128 exponentials or 42 sines, at most 100 KB of WebAssembly and some 10 ms until it first runs. */
export const FUSE_LIMITS: Omit<FuseLimits, "bytes"> = { buffers: 16, units: 2048, digits: 2, parts: 32 };

/** Whether a device transposes arrays of this element type by a template. */
export type Transposes = (storage: StorageType) => boolean;

/** Bytes of the arrays of one row that phases may go over again. */
const ROW_BYTES = 256 * 1024;
/** Phases of a row that may each compute a heavy value: one of them keeps it for the last (keep.ts). */
const REPEATED_PHASES = 3;
/** A fold of a fold of a row, and so on: phases at most. */
const MOST_PHASES = 24;
/** Operands from which a concatenation is written piece by piece, and from which one is that is too large to be stored. */
const WIDE_CONCATENATE = 8;
const WIDEST_CONCATENATE = 64;
const CONCATENATE_BYTES = 32 * 1024;
/** Small pieces of one shape that a kernel writes together: how many, and the work of an element of all of them. */
const PIECES = { most: 32, work: 64 };
/** Limits of kernels with several results: buffers, units, readers, and steps looked at for convexity. */
const JOINED = { buffers: 12, units: 512, readers: 64, search: 256 };
/** Code that a kernel makes room for at once, below one of the values it reads. */
const EXPECTED_UNITS = 256;
/** A view below so many views, read at so many places, is stored: each reader would go through all of them. */
const DEEP = { views: 8, uses: 32 };

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
    if (item.kind === "concatenate")
      item.wide = item.operands.length > (item.bytes > limits.bytes ? WIDEST_CONCATENATE : WIDE_CONCATENATE);
    const barrier = isBarrier(item);
    let depth = item.cost + guardUnits(item);
    let height = 0;
    for (const operand of item.operands) {
      if (operand.size > 1 && !isBarrier(operand)) depth += operand.depth;
      if (operand.height > height) height = operand.height;
      item.rowFold ??= operand.kind === "fold" ? operand : operand.rowFold;
    }
    item.depth = Math.min(depth, 1e6);
    item.height = barrier ? 0 : height + 1;
    if (isView(item) && !barrier) item.views = 1 + item.operands[0].views;
    item.leaves = barrier ? [item] : unite(item.operands, limits.buffers - 1);
    if (item.kind === "gemm" || item.kind === "input") item.rowFold = null;
  }
}

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

/** Items a part. */
const FUSED_AT_ONCE = 16;

/** Decides for every item, from the outputs back. Items that must be stored are marked beforehand. */
export function* fuse(
  items: readonly Item[],
  space: IndexSpace,
  limits: FuseLimits,
  transposes: Transposes,
): Parts<Planned[]> {
  const fuser = new Fuser(space, limits, transposes);
  for (let i = items.length - 1; i >= 0; i--) {
    fuser.visit(items[i]);
    if (i % FUSED_AT_ONCE === 0) yield;
  }
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
    const { units, digits, parts, bytes } = this.limits;
    if (item.wide) return true;
    for (const use of item.uses) {
      const { region, access } = use;
      if (access.digits > digits || access.parts > parts) return true;
      const own = use.promised ? 0 : codeUnits(use);
      if (own > 0 && region.units + own > units) return true;
      if (region.singles.has(item) && !this.fits(region, item)) return true;
    }
    if (item.bytes > bytes) return false;
    if (item.views > DEEP.views && item.uses.length > DEEP.uses) return true;
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

  /** How often each element would be computed, beyond what phases of a row may. */
  private evaluated(item: Item): number {
    let sum = 0;
    for (const { region, access, phases } of item.uses) {
      const looped = region.inner !== null && (maskOf(region.inner) & access.mask) !== 0;
      const often = looped ? Math.max(1, countPhases(phases) - REPEATED_PHASES + 1) : 1;
      sum += often * region.evaluations(access.mask);
    }
    return sum / item.size;
  }

  /** Whether the region can take the item's operands in instead of the item. */
  private fits(region: Region, item: Item): boolean {
    const added = new Set<Item>();
    for (const operand of item.operands) {
      if (isConstant(operand) || region.leaves.has(operand)) continue;
      const room = isBarrier(operand) ? null : region.roomFor([operand], LAST_PHASE, EXPECTED_UNITS, this.limits);
      if (room === null) added.add(operand);
      else for (const leaf of room.leaves) added.add(leaf);
    }
    return region.leaves.size - Number(region.singles.has(item)) + added.size < this.limits.buffers;
  }

  /** Whether a fold becomes an earlier phase of its only reader; then it is prepared for that. */
  private joinsReader(item: Item, { region, access, phases }: Use): boolean {
    if (access.guard !== null || !plainAxes(access)) return false;
    if (region.units >= this.limits.units) return false;
    if (phases >= 1 << MOST_PHASES) return false;
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
      const { region } = use;
      use.load = true;
      region.singles.delete(item);
      region.leaves.add(item);
      region.loads.add(item);
      region.count(use);
    }
  }

  /** Whether an existing region stores the item beside its own result: its only reader at this map, or a sibling. */
  private joins(item: Item): boolean {
    if (item.size <= 1 || item.opaque || isConstant(item) || item.kind === "concatenate") return false;
    // what only moves data is stored to be moved well, unless it is a result
    if (item.cost === 0 && (!item.mustStore || item.kind === "transpose")) return false;
    if (item.uses.length <= JOINED.readers) for (const use of item.uses) if (this.joinsAt(item, use)) return true;
    for (const region of this.recent) {
      if (
        !sameSizes(
          region.axes,
          item.shape.filter((n) => n !== 1),
        ) ||
        !this.isSibling(item, region)
      )
        continue;
      const use = new Use(item, region, this.wholeAccess(item.shape, region));
      use.phases = LAST_PHASE;
      if (this.joinsAt(item, use)) return true;
    }
    return false;
  }

  /** Siblings have one grid, and loops of one length, and share what they read or compute. */
  private isSibling(item: Item, region: Region): boolean {
    const first = region.outputs[0].use.item;
    if (region.readsElsewhere(item, null)) return false;
    if (
      item.kind === "fold"
        ? first.kind !== "fold" || region.inner === null || !sameSizes(region.inner, foldSizes(item))
        : region.inner !== null
    )
      return false;
    if (item.kind === "part")
      return first.kind === "part" && first.operands.every((operand, i) => operand === item.operands[i]);
    if (item.operands.some((operand) => operand.size >= item.size && region.knows(operand))) return true;
    const read = item.kind === "fold" ? item.operands[0] : item;
    return read.leaves !== null && read.leaves.some((leaf) => leaf.size >= item.size && region.leaves.has(leaf));
  }

  private joinsAt(item: Item, use: Use): boolean {
    const { region, access } = use;
    if (
      region.piece ||
      access.guard !== null ||
      !plainAxes(access) ||
      region.code > Math.min(JOINED.units, this.limits.units)
    )
      return false;
    if (region.readsElsewhere(item, use)) return false;
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
    use.phases |= LAST_PHASE;
    region.loads.delete(item);
    item.addWriter(region);
    region.outputs.push({ use, target: item, place: this.space.flat(access.index, item.shape) });
    region.count(use);
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
    if (item.kind === "concatenate" && (item.operands.length > WIDE_CONCATENATE || item.bytes > CONCATENATE_BYTES))
      this.storePieces(item);
    else {
      const region = this.open(item.shape, false);
      const use = new Use(item, region, this.wholeAccess(item.shape, region));
      use.phases = LAST_PHASE;
      this.write(use, item, 0);
      this.recent.unshift(region);
      if (this.recent.length > 4) this.recent.pop();
      if (item.kind === "fold")
        region.inner = foldSizes(item).map((size, i) => this.space.axis(size, region.axes.length + i));
      region.count(use);
      this.expand(use);
    }
  }

  /** A concatenation written piece by piece; neighbours that are small and of one shape share a region. */
  private storePieces(item: Item): void {
    const { axis } = paramsAs(item, "concatenate");
    const stride = item.shape.slice(axis + 1).reduce((product, n) => product * n, 1);
    let offset = 0;
    let region: Region | null = null;
    let shape: readonly number[] = [];
    let work = 0;
    for (const piece of item.operands) {
      work += piece.depth;
      const together =
        region !== null &&
        sameShape(shape, piece.shape) &&
        work <= PIECES.work &&
        region.outputs.length < PIECES.most &&
        this.reads(region, piece) < this.limits.buffers;
      if (!together || region === null) {
        region = this.open(piece.shape, true);
        item.addWriter(region);
        shape = piece.bytes <= CONCATENATE_BYTES ? piece.shape : [];
        work = piece.depth;
      }
      // decided when the walk comes to the piece, which precedes its concatenation
      const use = region.use(piece, this.wholeAccess(piece.shape, region));
      use.phases = LAST_PHASE;
      this.write(use, item, offset * stride);
      this.project(use);
      offset += piece.shape[axis];
    }
  }
  /** Buffers a region would read with a further piece. */
  private reads(region: Region, piece: Item): number {
    if (piece.leaves === null) return Infinity;
    let count = region.leaves.size;
    for (const leaf of piece.leaves) if (!region.leaves.has(leaf)) count++;
    return count;
  }

  /** A new region over this shape. */
  private open(shape: readonly number[], piece: boolean): Region {
    const axes: AxisTerm[] = [];
    for (const n of shape) if (n !== 1) axes.push(this.space.axis(n, axes.length));
    const region = new Region(axes, piece);
    this.planned.push({ kind: "region", region });
    return region;
  }
  /** The access of something of the region's shape. */
  private wholeAccess(shape: readonly number[], { axes }: Region): Access {
    let next = 0;
    return this.space.access(
      shape.map((n) => (n === 1 ? this.space.zero : this.space.of(axes[next++]))),
      null,
    );
  }
  /** The region stores what it computes for `use` into `target` from element `offset`. */
  private write(use: Use, target: Item, offset: number): void {
    const { region, access } = use;
    const place = this.space.scale(this.space.flat(access.index, target.shape), 1, offset);
    region.outputs.push({ use, target, place });
    if (!region.piece) target.addWriter(region);
  }

  private include(item: Item): void {
    for (const use of item.uses) {
      use.region.count(use);
      if (item.kind === "fold") use.region.leaves.delete(item);
      this.expand(use);
    }
  }

  /** Records what a computed item needs in the region of `use`. */
  private expand(use: Use): void {
    const { item, region, access } = use;
    const { kind } = item;
    const isOutput = region.outputs.some((output) => output.use === use);
    const wasSingle = region.singles.delete(item);
    if (wasSingle) region.leaves.delete(item);
    // a fold is a phase of its own, before those that read it
    const phases = kind === "fold" ? 1 << (32 - Math.clz32(use.phases)) : use.phases;
    const begins = wasSingle || isOutput || kind === "fold";
    // a program that fits into one kernel is one; otherwise a kernel expects little, and what it comes to stays open
    const all = isOutput ? region.roomFor(item.operands, phases, Infinity, this.limits) : null;
    if (all !== null) region.expect(all);
    const children = new Array<Use>(item.operands.length);
    for (let k = 0; k < children.length; k++) {
      const operand = item.operands[k];
      const child = region.use(
        operand,
        kind === "fold" ? this.foldAccess(use) : operandAccess(this.space, item, k, access),
      );
      child.phases |= phases;
      if (all !== null || (use.promised && !begins)) child.promised = true;
      else if (begins) this.project(child);
      if (kind === "dynamicSlice" && k > 0) region.starts.set(startKey(operand, child.access), child);
      children[k] = child;
    }
    use.operands = children;
  }

  /**
   * Counts the buffers and the code that a use will need: all that is below it, which is then promised to fit, or only
   * itself where that is much.
   */
  private project(use: Use): void {
    const { item, region } = use;
    if (use.promised || isConstant(item)) return;
    const room = isBarrier(item) ? null : region.roomFor([item], use.phases, EXPECTED_UNITS, this.limits);
    if (room !== null) {
      region.expect(room);
      if (region.singles.delete(item)) region.leaves.delete(item);
      use.promised = true;
    } else if (!region.leaves.has(item)) {
      region.leaves.add(item);
      if (!isBarrier(item)) region.singles.add(item);
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
}

const sameSizes = (axes: readonly AxisTerm[], sizes: readonly number[]): boolean =>
  axes.length === sizes.length && axes.every((axis, i) => axis.size === sizes[i]);

/** Whether every index is an axis of its own (or a single place). */
function plainAxes({ index }: Access): boolean {
  let mask = 0;
  for (const { base, slots, terms, mask: own } of index) {
    if (base !== 0 || slots !== NO_SLOTS || terms.length > 1 || (mask & own) !== 0) return false;
    if (terms.length === 1 && (terms[0].coef !== 1 || terms[0].of.kind !== "axis")) return false;
    mask |= own;
  }
  return true;
}
