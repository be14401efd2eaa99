// The device's one memory: the only place that creates a WebAssembly.Memory and the only place that makes views of it.
// Views are remade when the buffer has grown (an old view of shared memory silently keeps its old length, one of
// unshared memory has none left). Hands out no memory: that is allocator.ts. Workers import this file, so it imports
// nothing.

const PAGE_BYTES = 65536;

/** Pages to begin with: 16 MiB. */
const INITIAL_PAGES = 256;
/** Some hosts refuse to reserve 4 GiB of addresses. */
const MAXIMA = [65536, 32768, 16384, 8192, 4096];

/** A memory and the most bytes it can have. */
export interface LinearMemory {
  readonly memory: WebAssembly.Memory;
  readonly maximumBytes: number;
}

/**
 * Creates the memory of a device, with the largest maximum the host grants; null if it grants none. Unshared memory
 * serves one thread.
 */
export function createMemory(shared: boolean): LinearMemory | null {
  for (const maximum of MAXIMA) {
    try {
      const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum, shared });
      if (shared && memory.buffer instanceof ArrayBuffer) return null;
      return { memory, maximumBytes: maximum * PAGE_BYTES };
    } catch {
      // The next smaller one.
    }
  }
  return null;
}

/** Why the host makes no memory that threads can share; null if it makes one, however large that may be. */
export function whyNotShared(): string | null {
  try {
    const { buffer } = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    // Some hosts have never heard of it and give what they know.
    return buffer instanceof ArrayBuffer ? "this host's WebAssembly memory cannot be shared" : null;
  } catch (error) {
    return `this host refuses shared memory (${error instanceof Error ? error.message : String(error)})`;
  }
}

/** Views of a memory, one set a thread. Take them anew after anything that may have grown the memory. */
export class Views {
  readonly memory: WebAssembly.Memory;
  #buffer: ArrayBufferLike;
  #words: Int32Array;
  #floats: Float32Array;
  #doubles: Float64Array;
  #octets: Uint8Array;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
    this.#buffer = memory.buffer;
    this.#words = new Int32Array(this.#buffer);
    this.#floats = new Float32Array(this.#buffer);
    this.#doubles = new Float64Array(this.#buffer);
    this.#octets = new Uint8Array(this.#buffer);
  }

  get words(): Int32Array {
    return this.#words;
  }
  get floats(): Float32Array {
    return this.#floats;
  }
  get doubles(): Float64Array {
    return this.#doubles;
  }
  get octets(): Uint8Array {
    return this.#octets;
  }
  /** Bytes the views cover. */
  get bytes(): number {
    return this.#octets.length;
  }

  /** Remakes the views if the memory has grown. */
  refresh(): void {
    const buffer = this.memory.buffer;
    if (buffer === this.#buffer) return;
    this.#buffer = buffer;
    this.#words = new Int32Array(buffer);
    this.#floats = new Float32Array(buffer);
    this.#doubles = new Float64Array(buffer);
    this.#octets = new Uint8Array(buffer);
  }

  /** Makes sure the views reach `end`: another thread may have grown the memory a moment ago. */
  cover(end: number): void {
    // The new length reaches other threads by an interrupt, which a loop lets in.
    for (let turn = 0; end > this.bytes && turn < 1_000_000; turn++) this.refresh();
  }

  /** Grows the memory to at least `bytes`; false if the host refuses. */
  grow(bytes: number): boolean {
    const pages = Math.ceil((bytes - this.memory.buffer.byteLength) / PAGE_BYTES);
    if (pages <= 0) return true;
    try {
      this.memory.grow(pages);
    } catch {
      return false;
    }
    this.refresh();
    return true;
  }
}
