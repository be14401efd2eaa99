// Traces of what lanes do, as the calling thread takes them: gives lanes rings to write into, and turns the entries of
// programs that are done into spans. Without a tracer it costs one test a program.
import type { Tracer } from "@weft/ir";

import { TRACE } from "./control.ts";
import type { Heap } from "./heap.ts";
import {
  ENTRY_CHUNKS,
  ENTRY_FROM,
  ENTRY_SEQ,
  ENTRY_STEP,
  ENTRY_TO,
  TRACE_ENTRIES,
  TRACE_RING_BYTES,
  entryOf,
  ringOf,
} from "./trace-ring.ts";

/** What names the steps of a program. */
interface Labels {
  label(step: number): string;
}

/** Takes traces. */
export class Tracing {
  tracer: Tracer | null = null;
  readonly #heap: Heap;
  readonly #threads: number;
  /** Byte address of the rings. Once there they stay, because a lane may be writing into its own. */
  #rings = 0;
  /** Entries of each lane that have been read. */
  readonly #read: number[] = [];

  constructor(heap: Heap, threads: number) {
    this.#heap = heap;
    this.#threads = threads;
  }

  /** Reports to this tracer from now on, or to none. */
  set(tracer: Tracer | null): void {
    this.tracer = tracer;
    if (tracer !== null) {
      if (this.#rings === 0) this.#rings = this.#allocate();
      const { words } = this.#heap.views;
      for (let lane = 0; lane < this.#threads; lane++) this.#read[lane] = words[ringOf(this.#rings, lane)];
    }
    Atomics.store(this.#heap.views.words, TRACE, tracer === null ? 0 : this.#rings);
  }

  /** Reports what lanes have done for programs up to `done`. */
  collect(done: number, programOf: (seq: number) => Labels | null): void {
    const { tracer } = this;
    if (tracer === null) return;
    const { words, doubles } = this.#heap.views;
    for (let lane = 0; lane < this.#threads; lane++) {
      const ring = ringOf(this.#rings, lane);
      const count = words[ring];
      // The oldest are overwritten where nobody has settled anything for thousands of steps.
      let index = Math.max(this.#read[lane], count - TRACE_ENTRIES);
      for (; index < count; index++) {
        const entry = entryOf(ring, index);
        const seq = words[entry + ENTRY_SEQ];
        if (((seq - done) | 0) > 0) break;
        const program = programOf(seq);
        if (program === null) continue;
        const from = doubles[(entry >>> 1) + ENTRY_FROM];
        const to = doubles[(entry >>> 1) + ENTRY_TO];
        const chunks = words[entry + ENTRY_CHUNKS];
        tracer.span(`wasm ${lane}`, program.label(words[entry + ENTRY_STEP]), from, to, { program: seq, chunks });
      }
      this.#read[lane] = index;
    }
  }

  #allocate(): number {
    const bytes = this.#threads * TRACE_RING_BYTES;
    const rings = this.#heap.takeOwn(bytes);
    this.#heap.views.words.fill(0, rings >>> 2, (rings + bytes) >>> 2);
    return rings;
  }
}
