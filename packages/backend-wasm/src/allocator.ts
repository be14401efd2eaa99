// Who owns which bytes of the linear memory (RUNTIME 2.6). Pure bookkeeping over addresses: it touches no memory and
// knows no thread. Small blocks come from slabs of one size class; larger ones are runs of 4 KiB pages, taken best
// fit at the lowest address (which is memory touched before, mostly) and merged with their neighbours when given back.
//
// A block given back may still be in use by an unfinished program. As programs run in order, a later program may have
// it at once; the calling thread, which writes at once, may not. So such ranges are remembered as unripe.

const PAGE = 4096;
const SLAB_BYTES = 65536;
const SLAB_PAGES = SLAB_BYTES / PAGE;
/** Requests below this come from slabs. */
const SMALL = 32768;
/** Vector loads may read past the end of a block by up to 12 bytes. */
const SLACK = 16;
const ALIGNMENT = 64;

/** Address of the first page at or after `address`. */
function pageUp(address: number): number {
  return Math.ceil(address / PAGE) * PAGE;
}

/** Class sizes: multiples of 64 up to 512, then eight a doubling (12.5 % apart). */
function classSizes(): number[] {
  const sizes: number[] = [];
  for (let size = ALIGNMENT; size <= 512; size += ALIGNMENT) sizes.push(size);
  for (let base = 512; base < SMALL; base *= 2) for (let i = 1; i <= 8; i++) sizes.push(base + (base / 8) * i);
  return sizes;
}
const CLASS_SIZES = classSizes();

/** The class of a size up to SMALL. */
function classOf(size: number): number {
  if (size <= 512) return ((size + 63) >> 6) - 1;
  const octave = 22 - Math.clz32(size - 1); // 0 for 513 … 1024
  const step = 64 << octave;
  return 8 + octave * 8 + Math.ceil((size - (512 << octave)) / step) - 1;
}

interface Slab {
  readonly base: number;
  readonly kind: number;
  readonly cells: number;
  /** Addresses of free cells. */
  readonly free: number[];
}

interface Unripe {
  readonly start: number;
  readonly end: number;
  readonly seq: number;
}

/** An allocator over the addresses [start, end); `end` can grow. */
export class Allocator {
  /** Free runs in address order. */
  readonly #starts: number[] = [];
  readonly #sizes: number[] = [];
  readonly #slabs = new Map<number, Slab>();
  /** Slabs with a free cell, by class. */
  readonly #partial: Slab[][] = CLASS_SIZES.map(() => []);
  #unripe: Unripe[] = [];
  #done = 0;
  #end: number;
  #freeBytes = 0;
  /** Nothing from here on was ever handed out. */
  #highest: number;

  constructor(start: number, end: number) {
    const first = pageUp(start);
    this.#highest = first;
    this.#end = Math.floor(end / PAGE) * PAGE;
    if (this.#end > first) this.#addRun(first, this.#end - first);
  }

  /** The first address that is not ours. */
  get end(): number {
    return this.#end;
  }

  /** Bytes free, in runs and in slabs. */
  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** Free bytes that were handed out before; the rest lies untouched at the end. */
  get usedBefore(): number {
    return this.#freeBytes - (this.#end - this.#highest);
  }

  /** Bytes a request takes: itself, the slack, and what rounding adds. */
  static footprint(bytes: number): number {
    const size = bytes + SLACK;
    return size <= SMALL ? CLASS_SIZES[classOf(size)] : pageUp(size);
  }

  /** Bytes of a run that must be free at the end for a request to fit whatever else is free. */
  static runBytes(bytes: number): number {
    return Math.max(SLAB_BYTES, Allocator.footprint(bytes));
  }

  /** Everything up to this program is finished. */
  settle(done: number): void {
    this.#done = done;
    if (this.#unripe.length > 0 && this.#unripe[0].seq <= done) {
      this.#unripe = this.#unripe.filter((range) => range.seq > done);
    }
  }

  /** Adds the addresses up to `end`. */
  extend(end: number): void {
    const last = Math.floor(end / PAGE) * PAGE;
    if (last <= this.#end) return;
    const from = this.#end;
    this.#end = last;
    this.#addRun(from, last - from);
  }

  /** A block for programs numbered later than everything given back so far; 0 if nothing fits. */
  take(bytes: number): number {
    const size = bytes + SLACK;
    if (size > SMALL) return this.#takeRun(this.#bestRun(pageUp(size)), pageUp(size));
    const kind = classOf(size);
    const slab = this.#partial[kind].at(-1) ?? this.#addSlab(kind, this.#bestRun(SLAB_BYTES));
    return slab === null ? 0 : this.#takeCell(slab, slab.free.length - 1);
  }

  /** A block that no unfinished program uses, so that it may be written at once; 0 if nothing fits. */
  takeRipe(bytes: number): number {
    if (this.#unripe.length === 0) return this.take(bytes);
    const size = bytes + SLACK;
    if (size > SMALL) {
      const length = pageUp(size);
      return this.#takeRipeRun(length);
    }
    const kind = classOf(size);
    for (const slab of this.#partial[kind]) {
      for (let i = 0; i < slab.free.length; i++) {
        if (this.ripeAfter(slab.free[i], bytes) <= this.#done) return this.#takeCell(slab, i);
      }
    }
    const base = this.#takeRipeRun(SLAB_BYTES);
    if (base === 0) return 0;
    const slab = this.#makeSlab(kind, base);
    return this.#takeCell(slab, slab.free.length - 1);
  }

  /** The program after which a block just taken is the caller's alone; 0 if it is already. */
  ripeAfter(pointer: number, bytes: number): number {
    let seq = 0;
    const end = pointer + Allocator.footprint(bytes);
    for (const range of this.#unripe) {
      if (range.seq > this.#done && range.seq > seq && range.start < end && pointer < range.end) seq = range.seq;
    }
    return seq;
  }

  /** Takes back a block that programs up to `after` may use. */
  give(pointer: number, bytes: number, after: number): void {
    const length = Allocator.footprint(bytes);
    if (after > this.#done) {
      // In order of their numbers, so that settling looks at the first only.
      let at = this.#unripe.length;
      while (at > 0 && this.#unripe[at - 1].seq > after) at--;
      this.#unripe.splice(at, 0, { start: pointer, end: pointer + length, seq: after });
    }
    if (bytes + SLACK > SMALL) {
      this.#addRun(pointer, length);
      return;
    }
    const slab = this.#slabs.get(Math.floor(pointer / PAGE));
    if (slab === undefined) throw new RangeError(`allocator: ${pointer} is in no slab`);
    const partial = this.#partial[slab.kind];
    if (slab.free.length === 0) partial.push(slab);
    slab.free.push(pointer);
    this.#freeBytes += length;
    // One empty slab a class is kept, or a lone block taken and given back would make a slab each time.
    if (slab.free.length === slab.cells && partial.length > 1) this.#dropSlab(slab);
  }

  /** Index of the free run that a block of `length` fits best, the lowest such; −1 if none. */
  #bestRun(length: number): number {
    let best = -1;
    let bestSize = Infinity;
    for (let i = 0; i < this.#sizes.length; i++) {
      const size = this.#sizes[i];
      if (size >= length && size < bestSize) {
        best = i;
        bestSize = size;
        if (size === length) break;
      }
    }
    return best;
  }

  #takeRun(index: number, length: number): number {
    if (index < 0) return 0;
    const start = this.#starts[index];
    if (this.#sizes[index] === length) {
      this.#starts.splice(index, 1);
      this.#sizes.splice(index, 1);
    } else {
      this.#starts[index] = start + length;
      this.#sizes[index] -= length;
    }
    this.#freeBytes -= length;
    this.#highest = Math.max(this.#highest, start + length);
    return start;
  }

  /** The lowest free range of `length` that meets no unripe one, from the run that fits best. */
  #takeRipeRun(length: number): number {
    let best = -1;
    let bestStart = 0;
    for (let i = 0; i < this.#starts.length; i++) {
      if (this.#sizes[i] < length || (best >= 0 && this.#sizes[i] >= this.#sizes[best])) continue;
      const start = this.#ripeStart(this.#starts[i], this.#starts[i] + this.#sizes[i], length);
      if (start === 0) continue;
      best = i;
      bestStart = start;
    }
    if (best < 0) return 0;
    const runStart = this.#starts[best];
    // Everything up to the end of what is wanted, of which the front goes back.
    this.#takeRun(best, bestStart + length - runStart);
    if (bestStart > runStart) this.#addRun(runStart, bestStart - runStart);
    return bestStart;
  }

  /** The lowest page address in [from, to) from which `length` bytes meet no unripe range; 0 if there is none. */
  #ripeStart(from: number, to: number, length: number): number {
    let start = from;
    for (let moved = true; moved;) {
      moved = false;
      if (start + length > to) return 0;
      for (const range of this.#unripe) {
        if (range.seq > this.#done && range.start < start + length && start < range.end) {
          start = pageUp(range.end);
          moved = true;
        }
      }
    }
    return start;
  }

  /** Adds a free run and merges it with its neighbours. */
  #addRun(start: number, length: number): void {
    this.#freeBytes += length;
    const starts = this.#starts;
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (starts[middle] < start) low = middle + 1;
      else high = middle;
    }
    const before = low > 0 && starts[low - 1] + this.#sizes[low - 1] === start;
    const after = low < starts.length && start + length === starts[low];
    if (before && after) {
      this.#sizes[low - 1] += length + this.#sizes[low];
      starts.splice(low, 1);
      this.#sizes.splice(low, 1);
    } else if (before) {
      this.#sizes[low - 1] += length;
    } else if (after) {
      starts[low] = start;
      this.#sizes[low] += length;
    } else {
      starts.splice(low, 0, start);
      this.#sizes.splice(low, 0, length);
    }
  }

  #addSlab(kind: number, run: number): Slab | null {
    const base = this.#takeRun(run, SLAB_BYTES);
    return base === 0 ? null : this.#makeSlab(kind, base);
  }

  /** Cuts a run that was just taken into cells. */
  #makeSlab(kind: number, base: number): Slab {
    const size = CLASS_SIZES[kind];
    const cells = Math.floor(SLAB_BYTES / size);
    const free: number[] = [];
    // The last is taken first, so that addresses ascend.
    for (let i = cells - 1; i >= 0; i--) free.push(base + i * size);
    const slab: Slab = { base, kind, cells, free };
    const page = base / PAGE;
    for (let i = 0; i < SLAB_PAGES; i++) this.#slabs.set(page + i, slab);
    this.#partial[kind].push(slab);
    this.#freeBytes += cells * size;
    return slab;
  }

  #takeCell(slab: Slab, index: number): number {
    const pointer = slab.free[index];
    const last = slab.free.pop();
    if (last !== undefined && last !== pointer) slab.free[index] = last;
    if (slab.free.length === 0) {
      const partial = this.#partial[slab.kind];
      partial.splice(partial.indexOf(slab), 1);
    }
    this.#freeBytes -= CLASS_SIZES[slab.kind];
    return pointer;
  }

  #dropSlab(slab: Slab): void {
    const partial = this.#partial[slab.kind];
    partial.splice(partial.indexOf(slab), 1);
    const page = slab.base / PAGE;
    for (let i = 0; i < SLAB_PAGES; i++) this.#slabs.delete(page + i);
    this.#freeBytes -= slab.cells * CLASS_SIZES[slab.kind];
    this.#addRun(slab.base, SLAB_BYTES);
  }
}
