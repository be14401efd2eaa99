// A buffer of the WASM device: an address and a length. Its memory may still be in use by programs before those it
// is meant for; until when, the allocator knows.
import type { Buffer } from "@weft/ir";

import type { Heap } from "./heap.ts";

/** Memory of the WASM device. */
export class WasmBuffer implements Buffer {
  readonly bytes: number;
  pointer: number;
  /** Where it lies; null once it is freed. */
  heap: Heap | null;
  /** Copies to the host that are under way, and what is to be done after the last of them. */
  readers = 0;
  afterReads: (() => void) | null = null;

  constructor(heap: Heap, pointer: number, bytes: number) {
    this.heap = heap;
    this.pointer = pointer;
    this.bytes = bytes;
  }
}
