// Host bytes on their way to the device, and what is kept of them: a copy, within a budget, from which an array that came
// from the host is put back when its device was lost; of small arrays always, from which they are read at once. What was
// computed there is not kept.
import { DeviceError } from "@weft/ir";

import type { WebgpuBuffer } from "./buffer.ts";
import { CHECKED_BYTES, KEPT_BYTES, ORIGIN_BYTES, ORIGINS_BYTES, STAGING_BYTES } from "./limits.ts";
import type { Host } from "./operations.ts";
import { asWeftError, giveBackFreed, outOfMemory } from "./operations.ts";
import type { Opening } from "./opening.ts";
import type { Operation } from "./queue.ts";

/** The copies of a device. */
export class Origins {
  #bytes = 0;

  /** Keeps what a buffer is given from byte `at` on; parts come in order. */
  keep(buffer: WebgpuBuffer, data: Uint8Array, at: number): void {
    const { bytes } = buffer;
    const kept = bytes <= KEPT_BYTES || (bytes <= ORIGIN_BYTES && this.#bytes + bytes <= ORIGINS_BYTES);
    if (at === 0 && buffer.origin === null && kept) {
      this.#bytes += bytes;
      buffer.origin = { bytes: new Uint8Array(bytes), arrived: 0 };
    }
    buffer.origin?.bytes.set(data, at);
    if (buffer.origin !== null) buffer.origin.arrived = at + data.length;
  }

  /** Lets go of a copy: the buffer is freed, or something else is written to it. */
  drop(buffer: WebgpuBuffer): void {
    if (buffer.origin === null) return;
    this.#bytes -= buffer.bytes;
    buffer.origin = null;
  }
}

/** The host's bytes of a buffer, if all of them are kept. */
export const originOf = ({ origin, bytes }: WebgpuBuffer): Uint8Array | null =>
  origin !== null && origin.arrived === bytes ? origin.bytes : null;

/** {@link originOf} for what is read at once: small arrays only, so that no other array decides on it. */
export const keptOf = (buffer: WebgpuBuffer): Uint8Array | null =>
  buffer.bytes <= KEPT_BYTES ? originOf(buffer) : null;

/** Puts back what a buffer held on a device that was lost, if the host's bytes are kept; whether it did. */
export function restored(host: Host, buffer: WebgpuBuffer, opening: Opening): boolean {
  if (buffer.fault !== null || buffer.memory === null || buffer.memory.epoch === opening.epoch) return false;
  const bytes = originOf(buffer);
  if (bytes === null) return false;
  write(host, buffer, opening, bytes, 0);
  return true;
}

/** Writes bytes to a buffer from byte `at` on, into new memory where it has none on this opening of the device. */
function write(host: Host, buffer: WebgpuBuffer, opening: Opening, data: Uint8Array, at: number): void {
  const { device, pool, queue, tracing } = opening;
  const began = tracing.now();
  if (buffer.memory === null || buffer.memory.epoch !== opening.epoch) {
    buffer.memory = pool.reuse(buffer.bytes);
    if (buffer.memory === null) {
      device.pushErrorScope("out-of-memory");
      buffer.memory = pool.create(buffer.bytes);
      check(host, buffer, device.popErrorScope());
    }
  }
  const { gpu } = buffer.memory;
  const whole = data.length & ~3;
  const shared = !(data.buffer instanceof ArrayBuffer);
  // writing to a buffer that could not be made is an error of its own, which the check has told already
  const checked = buffer.check !== null;
  if (checked) device.pushErrorScope("validation");
  for (let from = 0; from < whole; from += STAGING_BYTES) {
    const part = data.subarray(from, Math.min(whole, from + STAGING_BYTES));
    // some hosts refuse views of shared memory, one crashes
    const bytes = shared ? new Uint8Array(part) : (part as Uint8Array<ArrayBuffer>);
    queue.writeBuffer(gpu, at + from, bytes);
  }
  if (whole < data.length) {
    const tail = new Uint8Array(4);
    tail.set(data.subarray(whole));
    queue.writeBuffer(gpu, at + whole, tail);
  }
  if (checked) device.popErrorScope().catch(() => {});
  host.uploaded(data.length);
  tracing.span("transfer up", `${data.length} bytes`, began);
}

/** Whether the device had the memory. Runs wait for the answer for large buffers, and fail by it for small ones. */
function check(host: Host, buffer: WebgpuBuffer, outcome: Promise<GPUError | null>): void {
  const answered = (error: GPUError | null): void => {
    buffer.check = null;
    if (error === null) return;
    buffer.fault = outOfMemory(buffer.bytes, error.message);
    if (buffer.bytes < CHECKED_BYTES) host.timeline.failRunning(buffer.fault);
  };
  const answer = outcome.then(answered, () => answered(null));
  if (buffer.bytes >= CHECKED_BYTES) buffer.check = answer;
}

/** Host bytes on their way into a buffer. */
export class UploadOperation implements Operation {
  readonly done: Promise<void>;
  waits = false;
  readonly #host: Host;
  readonly #buffer: WebgpuBuffer;
  readonly #at: number;
  #data: Uint8Array;
  #resolve: () => void = () => {};

  constructor(host: Host, buffer: WebgpuBuffer, data: Uint8Array, at: number) {
    this.#host = host;
    this.#buffer = buffer;
    this.#data = data;
    this.#at = at;
    this.done = new Promise((resolve) => (this.#resolve = resolve));
  }

  postponed(): void {
    this.waits = true;
    this.#data = this.#data.slice();
  }

  prepare(): Promise<void> | null {
    return this.#host.opening === null ? this.#host.reopen() : null;
  }

  execute(): boolean {
    const buffer = this.#buffer;
    const { opening } = this.#host;
    if (opening === null || this.#data.length === 0) return this.#end();
    const absent = buffer.memory === null || buffer.memory.epoch !== opening.epoch;
    if (!absent || this.#at === 0) write(this.#host, buffer, opening, this.#data, this.#at);
    else if (buffer.origin !== null)
      // the parts before this one went with the device
      write(this.#host, buffer, opening, buffer.origin.bytes.subarray(0, buffer.origin.arrived), 0);
    else {
      buffer.fault ??= new DeviceError(
        "webgpu: the device was lost while an array was on its way to it; put it there again",
      );
      return this.#end();
    }
    giveBackFreed(buffer, opening);
    return this.#end();
  }

  fail(error: unknown): void {
    this.#buffer.fault = asWeftError(error, "an upload");
    this.#end();
  }

  #end(): true {
    this.#data = new Uint8Array(0);
    if (this.#buffer.uploads === this.done) this.#buffer.uploads = null;
    this.#resolve();
    return true;
  }
}
