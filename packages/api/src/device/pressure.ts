// Pressure pulses (RUNTIME 0.5): the collector does not see the memory of devices, so programs that never dispose would
// fill it while JavaScript's heap looks empty. At awaits, once enough was allocated, a dropped ArrayBuffer of that size
// makes the collector look, and one macrotask lets it give storage back. Loops that never await are helped when a device is full (onShortage).
import type { Backend } from "@weft/ir";

/** Bytes allocated on a device since the last pulse that ask for one. */
const PULSE_BYTES = 256 * 2 ** 20;

/** The one thing of the host this file needs; every host has it. */
interface Host {
  setTimeout(run: () => void, milliseconds: number): unknown;
}
const macrotask = (): Promise<void> => new Promise((resolve) => (globalThis as unknown as Host).setTimeout(resolve, 0));

/** Live bytes of each device after its last pulse, or at their lowest since. */
const settled = new WeakMap<Backend, number>();

function press(): void {
  try {
    // never touched and dropped at once: only its size matters, to the collector's accounting
    void new ArrayBuffer(PULSE_BYTES);
  } catch {
    // a host this short of memory collects by itself
  }
}

/** Called at every await of a result: lets the collector free storage if much was allocated since it last could. */
export async function relieve(backend: Backend): Promise<void> {
  const { live } = backend.memory();
  const before = settled.get(backend) ?? 0;
  if (live < before) settled.set(backend, live);
  if (live - before < PULSE_BYTES) return;
  press();
  await macrotask();
  settled.set(backend, backend.memory().live);
}

/** A pulse whatever was allocated, for a device that is full. */
export async function relieveNow(backend: Backend): Promise<void> {
  press();
  await macrotask();
  settled.set(backend, backend.memory().live);
}
