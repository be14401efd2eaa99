// Host bytes on their way to a device, part by part, so that a large array does not hold the event loop up. Owns the
// buffer until it is a value. The bytes are read when their turn comes: refuses those that were changed or taken away
// meanwhile, as far as a look at some of them tells.
import type { Aval, Backend, Buffer } from "@weft/ir";
import { DeviceError, DisposedError, formatAval, nbytes } from "@weft/ir";
import { takeBuffer } from "./data.ts";
import type { Device } from "./device.ts";
import { deviceFor } from "./device.ts";
import { traced } from "./host-trace.ts";
import { Storage } from "./storage.ts";
import { inSlices } from "./turns.ts";

/** Arrays of no more than this are sent in one part: 8 ms on the slowest device that was measured. */
export const SLICED_BYTES = 2 ** 20;
/** Bytes of a part, a multiple of 4. */
const PART_BYTES = 256 * 1024;
/** Words that are looked at to see whether the bytes have changed: some 20 µs, wherever they lie. */
const WITNESSES = 1024;

/** A number that changes when the bytes do, unless the change happens to spare all places that are looked at. */
function witness(bytes: Uint8Array): number {
  const stride = Math.max(4, Math.floor((bytes.length - 4) / (WITNESSES - 1)));
  let sum = bytes.length;
  for (let at = 0; at < bytes.length; at += stride)
    for (let i = at; i < at + 4; i++) sum = (Math.imul(sum, 16777619) ^ (bytes[i] ?? 0)) | 0;
  for (let i = Math.max(0, bytes.length - 4); i < bytes.length; i++) sum = (Math.imul(sum, 16777619) ^ bytes[i]) | 0;
  return sum;
}

/** Copies bytes into a buffer in slices between macrotasks. The caller sees to it that neither changes meanwhile. */
export async function uploadInSlices(backend: Backend, buffer: Buffer, bytes: Uint8Array): Promise<void> {
  let at = 0;
  await inSlices(() => {
    if (at === bytes.length) return true;
    const part = bytes.subarray(at, at + PART_BYTES);
    const sent = traced("send", () => backend.upload(buffer, part, at), { device: backend.id, bytes: part.length });
    at += part.length;
    return sent ?? false;
  });
}

/** An upload that has begun: its memory is taken. */
export class Upload {
  readonly aval: Aval;
  readonly backend: Backend;
  private readonly device: Device;
  private readonly buffer: Buffer;
  private readonly source: Uint8Array;
  private readonly before: number;
  private at = 0;
  private made: Storage | null = null;
  private failure: (() => Error) | null = null;

  /** Throws OutOfMemoryError with nothing changed. */
  constructor(backend: Backend, of: Aval, data: ArrayBufferView) {
    this.aval = of;
    this.backend = backend;
    this.device = deviceFor(backend);
    this.source = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.before = witness(this.source);
    this.buffer = takeBuffer(this.device, nbytes(of));
  }

  /** Sends the next part. True if nothing is left to do; a promise where a part has to be waited for. */
  part(): boolean | Promise<unknown> {
    if (this.made !== null || this.failure !== null) return true;
    const { source, backend, buffer, at } = this;
    const bytes = nbytes(this.aval);
    if (source.length !== bytes) {
      this.fail(
        () => new DisposedError(`${this.label()} was detached before it was uploaded; await devicePut(…) first`),
      );
      return true;
    }
    const part = source.subarray(at, Math.min(at + PART_BYTES, bytes));
    const sent = traced("send", () => backend.upload(buffer, part, at), { device: backend.id, bytes: part.length });
    this.at += part.length;
    if (this.at < bytes) return sent ?? false;
    if (witness(source) !== this.before) {
      this.fail(
        () =>
          new DeviceError(
            `${this.label()} was written to before it was uploaded; await devicePut(…) first, or use np.array(…), which copies at once`,
          ),
      );
      return true;
    }
    this.device.moved.up += bytes;
    this.made = new Storage(this.device, buffer, bytes, this.aval, null);
    return sent === undefined ? true : sent;
  }

  /** The value, once all parts are sent: what is left of them is sent now. Throws what has gone wrong. */
  finish(): Storage {
    while (this.made === null && this.failure === null) void this.part();
    if (this.failure !== null) throw this.failure();
    return this.made as unknown as Storage;
  }

  /** Gives everything back: nobody wants the value any more. */
  cancel(): void {
    if (this.failure !== null) return;
    if (this.made === null) this.fail(() => new DisposedError(`${formatAval(this.aval)}: this array was disposed`));
    else this.made.release();
  }

  private fail(failure: () => Error): void {
    this.failure = failure;
    this.device.free(this.buffer);
  }

  private label(): string {
    return `devicePut: ${formatAval(this.aval)}: the typed array`;
  }
}
