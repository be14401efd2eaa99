// The device's memory as the calling thread manages it: the linear memory, its views, the allocator over it, growth,
// the byte budget and the blocks that must rest until no lane can touch them. Knows nothing of programs.
import { OutOfMemoryError } from "@weft/ir";
import type { DeviceMemory } from "@weft/ir";

import { Allocator } from "./allocator.ts";
import { CONTROL_END } from "./control.ts";
import { GROWTH_LEAST, GROWTH_MOST } from "./limits.ts";
import { Views } from "./memory.ts";
import type { LinearMemory } from "./memory.ts";

/** The last bytes of the address space are never given out, so that over-reads cannot wrap. */
const TOP_BYTES = 65536;
/** Nor are the last bytes of the memory there is now: vector loads may read that far past a block's end. */
const EDGE_BYTES = 4096;

interface Resting {
  readonly pointer: number;
  readonly bytes: number;
  readonly seq: number;
}

function readable(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value.toPrecision(3)} ${units[unit]}`;
}

/** Memory of the device, as the calling thread hands it out. */
export class Heap {
  readonly views: Views;
  /** Most bytes of live buffers. */
  readonly budget: number;
  readonly #allocator: Allocator;
  readonly #top: number;
  #live = 0;
  #resting: Resting[] = [];

  constructor(linear: LinearMemory, budget: number) {
    this.views = new Views(linear.memory);
    this.budget = budget;
    this.#top = linear.maximumBytes - TOP_BYTES;
    this.#allocator = new Allocator(CONTROL_END, this.views.bytes - EDGE_BYTES);
  }

  /** Memory of a buffer for programs to come; counted as live. */
  takeBuffer(bytes: number): number {
    if (this.#live + bytes > this.budget) throw this.#outOfMemory(bytes);
    const pointer = this.#take(bytes, false);
    if (pointer === 0) throw this.#outOfMemory(bytes);
    this.#live += bytes;
    return pointer;
  }

  /** Gives a buffer back; programs up to `after` may still use it. */
  giveBuffer(pointer: number, bytes: number, after: number): void {
    this.#live -= bytes;
    this.#allocator.give(pointer, bytes, after);
  }

  /** The program after which the calling thread may write a block just taken; 0 for now. */
  ripeAfter(pointer: number, bytes: number): number {
    return this.#allocator.ripeAfter(pointer, bytes);
  }

  /** Exchanges a buffer's memory for memory that may be written at once; null if there is none. */
  exchange(pointer: number, bytes: number, after: number): number | null {
    const fresh = this.#take(bytes, true);
    if (fresh === 0) return null;
    this.#allocator.give(pointer, bytes, after);
    return fresh;
  }

  /** Memory of the device's own that may be written at once; not counted as live. */
  takeOwn(bytes: number): number {
    const pointer = this.#take(bytes, true);
    if (pointer === 0) throw this.#outOfMemory(bytes);
    return pointer;
  }

  /** Gives own memory back once no lane can be inside a program up to `seq`: `sweep` decides. */
  rest(pointer: number, bytes: number, seq: number): void {
    this.#resting.push({ pointer, bytes, seq });
  }

  /** Frees what rests, where `clear` says that no lane is inside a program up to the number given. */
  sweep(clear: (seq: number) => boolean): void {
    if (this.#resting.length === 0) return;
    this.#resting = this.#resting.filter(({ pointer, bytes, seq }) => {
      if (!clear(seq)) return true;
      this.#allocator.give(pointer, bytes, 0);
      return false;
    });
  }

  /** Everything up to this program is finished. */
  settle(done: number): void {
    this.#allocator.settle(done);
  }

  /** The error for a block larger than one may be. */
  tooLarge(bytes: number, most: number): OutOfMemoryError {
    return new OutOfMemoryError(
      `wasm: one array of ${readable(bytes)} is too large: at most ${readable(most)}. Work on it in parts.`,
    );
  }

  memory(): DeviceMemory {
    return { live: this.#live, cached: this.#allocator.usedBefore, reserved: this.views.bytes };
  }

  #take(bytes: number, ripe: boolean): number {
    const allocator = this.#allocator;
    const pointer = ripe ? allocator.takeRipe(bytes) : allocator.take(bytes);
    if (pointer !== 0 || !this.#grow(bytes)) return pointer;
    return ripe ? allocator.takeRipe(bytes) : allocator.take(bytes);
  }

  #grow(bytes: number): boolean {
    const end = this.#allocator.end;
    const least = end + Allocator.runBytes(bytes);
    if (least > this.#top) return false;
    const extra = Math.min(Math.max(end / 2, GROWTH_LEAST), GROWTH_MOST);
    // A host that refuses the larger step may still grant what is needed.
    const grown =
      this.views.grow(Math.min(least + extra, this.#top) + EDGE_BYTES) || this.views.grow(least + EDGE_BYTES);
    if (grown) this.#allocator.extend(Math.min(this.views.bytes - EDGE_BYTES, this.#top));
    return grown;
  }

  #outOfMemory(bytes: number): OutOfMemoryError {
    const { cached, reserved } = this.memory();
    return new OutOfMemoryError(
      `wasm: no room for ${readable(bytes)}: ${readable(this.#live)} are in use of at most ${readable(this.budget)}` +
        ` (${readable(cached)} free in pieces, ${readable(reserved)} taken from the host). ` +
        "Let arrays go sooner: wrap the work in scope(), declare arrays with `using` or dispose() of them, " +
        "or await results now and then so that unused ones can be collected.",
    );
  }
}
