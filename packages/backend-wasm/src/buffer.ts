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

  constructor(heap: Heap, pointer: number, bytes: number) {
    this.heap = heap;
    this.pointer = pointer;
    this.bytes = bytes;
  }
}
