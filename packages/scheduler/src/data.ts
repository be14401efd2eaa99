// Data in and out of a device: host arrays become Storage, and Storage is read once its run is done.
import type { Aval, Backend, Buffer, Value } from "@weft/ir";
import { DisposedError, formatAval, nbytes, OutOfMemoryError } from "@weft/ir";
import type { Device } from "./device.ts";
import { deviceFor } from "./device.ts";
import { isTraced, traced } from "./host-trace.ts";
import { Storage } from "./storage.ts";

/** A buffer for what the host gives. Throws OutOfMemoryError after cached results and garbage made room. */
export function takeBuffer(device: Device, bytes: number): Buffer {
  device.live.expectRoom();
  try {
    return device.alloc(bytes);
  } catch (error) {
    if (!(error instanceof OutOfMemoryError)) throw error;
    const evicted = device.cached.clear();
    try {
      return device.alloc(bytes);
    } catch {
      if (!device.live.reclaim() && evicted === 0) throw error;
      return device.alloc(bytes);
    }
  }
}

/** A value that holds a copy of host bytes (row-major), made now. Throws OutOfMemoryError. */
export function uploadValue(backend: Backend, of: Aval, data: ArrayBufferView): Storage {
  const device = deviceFor(backend);
  const bytes = nbytes(of);
  const buffer = takeBuffer(device, bytes);
  device.moved.up += bytes;
  if (bytes > 0) traced("send", () => backend.upload(buffer, data), { device: backend.id, bytes });
  return new Storage(device, buffer, bytes, of, null);
}

function checkReadable(value: Value): void {
  if (value.released) throw new DisposedError(`read: ${formatAval(value.aval)} was disposed`);
}

/** Copies a value to the host once its run is done. Throws the run's error. */
export async function readValue(value: Value, into: Uint8Array): Promise<void> {
  checkReadable(value);
  await value.ticket?.wait();
  // disposed while it was waited for
  checkReadable(value);
  const { backend, buffer } = value;
  deviceFor(backend).moved.down += into.byteLength;
  if (into.byteLength > 0)
    await traced("read", () => backend.read(buffer, into), { device: backend.id, bytes: into.byteLength });
}

/** Copies a value to the host, doing part of the work on the calling thread. Throws the run's error. */
export function readValueSync(value: Value, into: Uint8Array): void {
  checkReadable(value);
  value.ticket?.help();
  const { backend, buffer } = value;
  deviceFor(backend).moved.down += into.byteLength;
  if (into.byteLength === 0) return;
  if (isTraced()) traced("read", () => backend.readSync(buffer, into), { device: backend.id, bytes: into.byteLength });
  else backend.readSync(buffer, into);
}
