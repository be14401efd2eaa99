// GPU memory: buffers by size class. Owns when one may be used again: live → retiring (an operation that names it is
// not submitted yet) → free. Work on the queue runs in order, so a submitted run is enough; nothing waits for the GPU.
import { OFFSET_ALIGN, roundUp, USAGE } from "./constants.ts";
import { CACHED_BYTES } from "./limits.ts";

/** A GPUBuffer and where it came from. */
export interface PooledBuffer {
  readonly id: number;
  readonly gpu: GPUBuffer;
  readonly bytes: number;
  /** The opening of the device that made it. */
  readonly epoch: number;
}

let identities = 0;

/** Size of the buffers that serve `bytes`: at most an eighth more, at least 256. */
export function sizeClass(bytes: number, largest: number): number {
  const least = Math.max(OFFSET_ALIGN, bytes);
  const unit = Math.max(OFFSET_ALIGN, 2 ** (Math.floor(Math.log2(least)) - 3));
  const size = roundUp(least, unit);
  return size <= largest ? size : roundUp(bytes, 4);
}

/** The buffers of one opening of the device. */
export class BufferPool {
  readonly #device: GPUDevice;
  readonly #epoch: number;
  readonly #largest: number;
  readonly #most: number;
  readonly #mostCached: number;
  /** By size; the Map's order is that of use, oldest first. */
  readonly #free = new Map<number, PooledBuffer[]>();
  readonly #retiring: { readonly buffer: PooledBuffer; readonly seq: number }[] = [];
  #submitted = 0;
  reserved = 0;
  cached = 0;
  created = 0;

  constructor(device: GPUDevice, epoch: number, most: number, mostCached: number) {
    this.#device = device;
    this.#epoch = epoch;
    this.#largest = device.limits.maxBufferSize;
    this.#most = most;
    this.#mostCached = mostCached;
  }

  /** A free buffer that serves `bytes`, or null. */
  reuse(bytes: number): PooledBuffer | null {
    const size = sizeClass(bytes, this.#largest);
    const list = this.#free.get(size);
    const found = list?.pop();
    if (list === undefined || found === undefined) return null;
    if (list.length === 0) this.#free.delete(size);
    this.cached -= size;
    return found;
  }

  /** A new buffer. Whether the device had the memory is told by the caller's error scope. */
  create(bytes: number): PooledBuffer {
    const size = sizeClass(bytes, this.#largest);
    if (this.reserved + size > this.#most) this.trim(this.reserved + size - this.#most);
    const gpu = this.#device.createBuffer({ size, usage: USAGE.storage | USAGE.copySource | USAGE.copyTarget });
    this.reserved += size;
    this.created++;
    return { id: ++identities, gpu, bytes: size, epoch: this.#epoch };
  }

  /** Gives a buffer back; it is free once the run `seq` is submitted. */
  retire(buffer: PooledBuffer, seq: number): void {
    if (buffer.epoch !== this.#epoch) return;
    if (seq <= this.#submitted) this.#release(buffer);
    else this.#retiring.push({ buffer, seq });
  }

  /** Destroys a buffer that no submitted or waiting work names. */
  destroy(buffer: PooledBuffer): void {
    if (buffer.epoch !== this.#epoch) return;
    this.reserved -= buffer.bytes;
    buffer.gpu.destroy();
  }

  /** Says that the runs up to `seq` are submitted. */
  submitted(seq: number): void {
    this.#submitted = seq;
    const list = this.#retiring;
    let kept = 0;
    for (const entry of list) {
      if (entry.seq <= seq) this.#release(entry.buffer);
      else list[kept++] = entry;
    }
    list.length = kept;
  }

  /** Destroys free buffers, those of the size longest unused first, until `bytes` are gone. */
  trim(bytes: number): void {
    let left = bytes;
    for (const [size, list] of this.#free) {
      while (left > 0) {
        const buffer = list.shift();
        if (buffer === undefined) break;
        this.cached -= size;
        this.destroy(buffer);
        left -= size;
      }
      if (list.length === 0) this.#free.delete(size);
      if (left <= 0) return;
    }
  }

  #release(buffer: PooledBuffer): void {
    const { bytes } = buffer;
    const list = this.#free.get(bytes) ?? [];
    this.#free.delete(bytes);
    this.#free.set(bytes, list);
    list.push(buffer);
    this.cached += bytes;
    const most = Math.min(this.#mostCached, Math.max(CACHED_BYTES, this.reserved - this.cached));
    if (this.cached > most) this.trim(this.cached - most);
  }
}
