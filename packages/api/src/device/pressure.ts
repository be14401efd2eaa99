// Pressure pulses (RUNTIME 0.5): the collector does not see the memory of devices, so programs that never dispose would
// fill it while JavaScript's heap looks empty. At awaits, once enough was allocated, dropped ArrayBuffers of that size
// make the collector look, and macrotasks let it give storage back; where they do not help and the host can collect,
// it does. Loops that never await are helped when a device is full (onShortage).
import type { Backend } from "@weft/ir";
import { reclaimUnreachable, turnDue } from "@weft/scheduler";

/** Bytes allocated on a device since the last pulse that ask for one. */
const PULSE_BYTES = 256 * 2 ** 20;
/**
 * The first press of a pulse starts the collector, later ones hurry it on: it marks in steps, and on a busy machine few
 * of them fit into the macrotasks between. Measured with 9 programs on 2 cores: 1 to 7.
 */
const MOST_PRESSES = 8;
/** How much more must lie on a device before it is worked on this hard again, where that gave nothing back. */
const FRUITLESS_GROWTH = 1.5;

/** The one thing of the host this file needs; every host has it. */
interface Host {
  setTimeout(run: () => void, milliseconds: number): unknown;
}
const macrotask = (): Promise<void> => new Promise((resolve) => (globalThis as unknown as Host).setTimeout(resolve, 0));

/** What is known of a device's memory. */
interface Pressure {
  /** Live bytes after the last pulse, or at their lowest since. */
  settled: number;
  /** Live bytes from which a pulse is worth more than one press. */
  worthwhile: number;
  /** The pulse that is under way: those who await meanwhile share it. */
  pulse: Promise<void> | null;
}
const pressures = new WeakMap<Backend, Pressure>();

function pressureOf(backend: Backend): Pressure {
  let found = pressures.get(backend);
  if (found === undefined) pressures.set(backend, (found = { settled: 0, worthwhile: 0, pulse: null }));
  return found;
}

function press(): void {
  try {
    // never touched and dropped at once: only its size matters, to the collector's accounting
    void new ArrayBuffer(PULSE_BYTES);
  } catch {
    // a host this short of memory collects by itself
  }
}

/** Gives the collector the chance to free half of what came since the last pulse; insists if it does not take it. */
async function pulse(backend: Backend, pressure: Pressure, insist: boolean): Promise<void> {
  const { live } = backend.memory();
  const enough = live - Math.max(0, live - pressure.settled) / 2;
  const freed = (): boolean => backend.memory().live < enough;
  const presses = insist || live >= pressure.worthwhile ? MOST_PRESSES : 1;
  for (let i = 0; i < presses && !freed(); i++) {
    press();
    await macrotask();
  }
  if (presses > 1) {
    if (!freed()) reclaimUnreachable(backend);
    pressure.worthwhile = freed() ? 0 : live * FRUITLESS_GROWTH;
  }
  pressure.settled = backend.memory().live;
}

function startPulse(backend: Backend, pressure: Pressure, insist: boolean): Promise<void> {
  pressure.pulse ??= pulse(backend, pressure, insist).finally(() => {
    pressure.pulse = null;
  });
  return pressure.pulse;
}

/**
 * Called at every await of a result: lets the collector free storage if much was allocated since it last could, and the
 * event loop turn if it has not for long.
 */
export async function relieve(backend: Backend): Promise<void> {
  const pressure = pressureOf(backend);
  const { live } = backend.memory();
  if (live < pressure.settled) {
    pressure.settled = live;
    pressure.worthwhile = Math.min(pressure.worthwhile, live * FRUITLESS_GROWTH);
  }
  if (live - pressure.settled >= PULSE_BYTES) await startPulse(backend, pressure, false);
  const turn = turnDue();
  if (turn !== null) await turn;
}

/** A pulse whatever was allocated, for a device that is full. */
export const relieveNow = (backend: Backend): Promise<void> => startPulse(backend, pressureOf(backend), true);
