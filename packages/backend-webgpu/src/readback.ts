// Reads: copies into mappable staging buffers and from there to the host. Small reads that are asked for together
// share one buffer and one mapping; long ones go in pieces, two at a time, so that no copy blocks the thread for long.
import { DeviceError } from "@weft/ir";

import { MAP_READ, OFFSET_ALIGN, roundUp, USAGE } from "./constants.ts";
import { PIECES_IN_FLIGHT, STAGING_BYTES, STAGING_KEPT } from "./limits.ts";
import type { Tracing } from "./tracing.ts";

interface Request {
  readonly from: GPUBuffer;
  readonly into: Uint8Array;
  /** Called when all copies are submitted: the source may be used again. */
  copied(): void;
  done(): void;
  failed(error: DeviceError): void;
  /** Bytes that have not arrived. */
  left: number;
  /** Bytes that are not submitted. */
  waiting: number;
}

interface Piece {
  readonly bytes: number;
  readonly parts: { readonly request: Request; readonly from: number; readonly bytes: number; readonly at: number }[];
}

/** The reads of one opening of the device. */
export class Readback {
  readonly #device: GPUDevice;
  readonly #tracing: Tracing;
  readonly #idle = new Map<number, GPUBuffer[]>();
  #asked: Request[] = [];
  readonly #pieces: Piece[] = [];
  #inFlight = 0;
  bytesRead = 0;
  mappings = 0;

  constructor(device: GPUDevice, tracing: Tracing) {
    this.#device = device;
    this.#tracing = tracing;
  }

  /** Copies the first bytes of `from` into `into`. `copied` is called before it resolves. */
  read(from: GPUBuffer, into: Uint8Array, copied: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const { length } = into;
      this.#asked.push({ from, into, copied, done: resolve, failed: reject, left: length, waiting: length });
      if (this.#asked.length === 1) queueMicrotask(() => this.#flush());
    });
  }

  /** Packs what was asked for since the last time into pieces. */
  #flush(): void {
    let piece: Piece = { bytes: 0, parts: [] };
    const close = (): void => {
      if (piece.parts.length > 0) this.#pieces.push(piece);
      piece = { bytes: 0, parts: [] };
    };
    for (const request of this.#asked) {
      for (let from = 0; from < request.into.length;) {
        let room = STAGING_BYTES - piece.bytes;
        if (room < OFFSET_ALIGN) {
          close();
          room = STAGING_BYTES;
        }
        const bytes = Math.min(request.into.length - from, room);
        piece.parts.push({ request, from, bytes, at: piece.bytes });
        piece = { bytes: roundUp(piece.bytes + bytes, OFFSET_ALIGN), parts: piece.parts };
        from += bytes;
      }
    }
    close();
    this.#asked = [];
    this.#next();
  }

  #next(): void {
    while (this.#inFlight < PIECES_IN_FLIGHT) {
      const piece = this.#pieces.shift();
      if (piece === undefined) return;
      this.#inFlight++;
      void this.#run(piece).finally(() => {
        this.#inFlight--;
        this.#next();
      });
    }
  }

  async #run({ bytes, parts }: Piece): Promise<void> {
    try {
      const size = Math.min(STAGING_BYTES, 2 ** Math.ceil(Math.log2(Math.max(4096, bytes))));
      const staging =
        this.#idle.get(size)?.pop() ?? this.#device.createBuffer({ size, usage: USAGE.mapRead | USAGE.copyTarget });
      const encoder = this.#device.createCommandEncoder();
      for (const { request, from, bytes: length, at } of parts)
        encoder.copyBufferToBuffer(request.from, from, staging, at, roundUp(length, 4));
      this.#device.queue.submit([encoder.finish()]);
      const asked = this.#tracing.now();
      for (const { request, bytes: length } of parts) {
        request.waiting -= length;
        if (request.waiting === 0) request.copied();
      }
      await staging.mapAsync(MAP_READ, 0, roundUp(bytes, 8));
      this.mappings++;
      const range = new Uint8Array(staging.getMappedRange(0, roundUp(bytes, 8)));
      for (const { request, from, bytes: length, at } of parts) {
        request.into.set(range.subarray(at, at + length), from);
        this.bytesRead += length;
        request.left -= length;
        if (request.left === 0) request.done();
      }
      staging.unmap();
      this.#tracing.span("transfer down", `${bytes} bytes`, asked);
      this.#keep(staging, size);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      for (const { request } of parts)
        request.failed(new DeviceError(`webgpu: a read failed: ${text}`, { cause: error }));
    }
  }

  #keep(staging: GPUBuffer, size: number): void {
    const list = this.#idle.get(size) ?? [];
    this.#idle.set(size, list);
    if (list.length < STAGING_KEPT) list.push(staging);
    else staging.destroy();
  }
}
