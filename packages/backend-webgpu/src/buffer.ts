// The buffers that the scheduler holds. The GPU's memory behind one is taken when the first operation names it, so
// that operations waiting for a compiler hold no memory, and the arena of a plan never has any (see slots.ts).
import type { Buffer, WeftError } from "@weft/ir";

import type { PooledBuffer } from "./pool.ts";

/** A buffer of the WebGPU device. */
export class WebgpuBuffer implements Buffer {
  readonly bytes: number;
  /** The backend it belongs to. */
  readonly owner: object;
  /** Its memory; null until an operation names it. */
  memory: PooledBuffer | null = null;
  /** The run after which its memory may be used again; −1 while it is not freed. */
  freedAfter = -1;
  /** Operations that have begun to use the memory and are not submitted. */
  pins = 0;
  /** Whether its memory has gone back. */
  returned = false;
  /** Uploads that wait in the queue. */
  uploads: Promise<void> | null = null;
  /** Unsettled: whether the device had the memory. */
  check: Promise<void> | null = null;
  /** What the host gave it, and how much of that has come; null where no copy is kept (see uploads.ts). */
  origin: { readonly bytes: Uint8Array; arrived: number } | null = null;
  /** Why it holds nothing. */
  fault: WeftError | null = null;

  constructor(owner: object, bytes: number) {
    this.owner = owner;
    this.bytes = bytes;
  }
}
