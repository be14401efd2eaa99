// What fusion builds: kernels to be (regions), what each reads and computes at which index map (uses), and how much of
// it. Data with the counts that limits are held against; the decisions are fuse.ts.
import type { Access, AxisTerm, Form } from "./index-map.ts";
import type { Item } from "./items.ts";
import { codeOf } from "./items.ts";

/** Repeated work, in additions an element, from which storing is cheaper. */
export const REPEAT = 16;

/** What bounds a kernel. */
export interface FuseLimits {
  /** Distinct buffers a kernel may name, the stored one included. */
  readonly buffers: number;
  /** Code in a kernel, in units (`codeUnits`). */
  readonly units: number;
  /** Nested digits in an index. */
  readonly digits: number;
  /** Entries of guards, and computed starts, in an index. */
  readonly parts: number;
  /** Bytes of a value that is stored where it could be computed again. */
  readonly bytes: number;
}

/** Items that are looked at to make room for them. */
const ROOM_ITEMS = 512;

/** Searches for room so far: items carry the number of the last that came to them. */
let searches = 0;
function reach(item: Item, reached: Item[], search: number): void {
  if (item.reached === search) return;
  item.reached = search;
  reached.push(item);
}

/** The map that ends a region, among the phases of `Use.phases`. */
export const LAST_PHASE = 1;
/** How many phases there are in a set of them. */
export const countPhases = (phases: number): number => {
  let count = 0;
  for (let rest = phases; rest !== 0; rest &= rest - 1) count++;
  return count;
};

/** An item as one region reads it, at one index map. */
export class Use {
  readonly item: Item;
  readonly region: Region;
  readonly access: Access;
  /** What it is computed from in this region; null for loads and leaves. */
  operands: readonly Use[] | null = null;
  /** Whether it is read from memory. */
  load = false;
  /** Whether the region counted its code before it came to it: with everything below something that reads it. */
  promised = false;
  /** The phases that compute it: a bit for each height above the last one. Known when its readers are. */
  phases = 0;
  /** Another use of the item in this region. */
  other: Use | null = null;
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

/** Code and buffers that a region may come to need. */
interface Room {
  readonly code: number;
  readonly leaves: readonly Item[];
  readonly items: readonly Item[];
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
  /** What it reads, by item. */
  private readonly uses = new Map<Item, Use>();
  /** Items that it has room for, though it has not come to them yet. */
  private readonly expected = new Set<Item>();
  /** Units of code that it computes or has room for. */
  units = 0;
  /** Units of code that it computes. */
  code = 0;

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
  /** The use of an item at an index map, made at the first call. */
  use(item: Item, access: Access): Use {
    const latest = this.uses.get(item) ?? null;
    for (let use = latest; use !== null; use = use.other) if (use.access === access) return use;
    const use = new Use(item, this, access);
    use.other = latest;
    this.uses.set(item, use);
    item.addUse(use);
    return use;
  }
  /** Whether it reads an item elsewhere than at `use`. */
  readsElsewhere(item: Item, use: Use | null): boolean {
    const latest = this.uses.get(item) ?? null;
    return latest !== null && (latest !== use || latest.other !== null);
  }
  /** Whether it computes or reads an item, or expects to. */
  knows(item: Item): boolean {
    return this.expected.has(item) || this.uses.has(item);
  }
  /** Takes the code of a use in, unless it was expected: once, that is, since at another place it is computed again. */
  count(use: Use): void {
    const units = codeUnits(use);
    this.code += units;
    if (!use.promised || !this.expected.delete(use.item)) this.units += units;
  }
  /**
   * What everything below some items takes, down to what is stored, as far as it is not expected already; null where that
   * is more code than `most`, or more than the limits allow, or too long a way: views have no code, and a chain of them
   * would be walked again from each.
   */
  roomFor(roots: readonly Item[], phases: number, most: number, limits: FuseLimits): Room | null {
    const search = ++searches;
    const reached: Item[] = [];
    for (const item of roots) {
      if (item.leaves === null || item.height > ROOM_ITEMS) return null;
      reach(item, reached, search);
    }
    const times = countPhases(phases);
    const units = Math.min(limits.units - this.units, most);
    const leaves: Item[] = [];
    let code = 0;
    for (let i = 0; i < reached.length; i++) {
      const item = reached[i];
      if (isBarrier(item) || this.isShared(item)) {
        if (!this.leaves.has(item)) leaves.push(item);
        code += times;
      } else if (!this.expected.has(item)) {
        code += ownUnits(item) * times;
        for (const operand of item.operands) reach(operand, reached, search);
      }
      if (code > units || reached.length > ROOM_ITEMS || this.leaves.size + leaves.length >= limits.buffers)
        return null;
    }
    return { code, leaves, items: reached };
  }
  /** Keeps this room. */
  expect({ code, leaves, items }: Room): void {
    this.units += code;
    for (const leaf of leaves) this.leaves.add(leaf);
    for (const item of items) if (!isBarrier(item)) this.expected.add(item);
  }
  /** Whether an item is dear and another region reads it, so that it will be stored. */
  private isShared({ depth, uses, size }: Item): boolean {
    return depth >= REPEAT && size > 1 && uses.length > 0 && uses[uses.length - 1].region !== this;
  }
  /** How often something that depends on these axes is computed. */
  evaluations(mask: number): number {
    if (mask === 0) return 1;
    const inner = this.inner ?? [];
    return inner.some((axis) => (axis.mask & mask) !== 0) ? this.points * extent(inner) : this.points;
  }
}

/** Work of the guards of an element: guarded reads are no plain loads. */
export const guardUnits = ({ kind, operands }: Item): number =>
  kind === "pad" ? 3 : kind === "concatenate" ? 3 * (operands.length - 1) : 0;

/** Units of a plain load, of one that reads lane by lane, and of one under a guard. */
const LOAD_UNITS = { plain: 1, scattered: 4, guarded: 8 } as const;

/** The code of an item that is computed, without what it is computed from. */
const ownUnits = (item: Item): number => (item.fn === null ? 0 : codeOf(item.fn, item.lane)) + guardUnits(item);

/** Whether it is read from memory whatever is decided. */
export const isBarrier = (item: Item): boolean =>
  item.kind === "input" || item.kind === "fold" || item.kind === "gemm" || item.mustStore || item.wide;

/** The code of a use, in every phase that computes it. */
export function codeUnits({ item, access, load, phases }: Use): number {
  if (!load) return ownUnits(item) * countPhases(phases);
  const { guard, digits } = access;
  const units = LOAD_UNITS[guard !== null ? "guarded" : digits > 0 ? "scattered" : "plain"];
  return units * (item.lane === "f64" ? 2 : 1) * countPhases(phases);
}

export const extent = (axes: readonly AxisTerm[]): number => axes.reduce((size, axis) => size * axis.size, 1);
export const maskOf = (axes: readonly AxisTerm[]): number => axes.reduce((mask, axis) => mask | axis.mask, 0);
export const startKey = (item: Item, at: Access): string => `${item.index},${at.id}`;
