// Time for simulated devices: nothing passes but from one event to the next, so tests of order and overlap give the
// same on any machine. Devices that share a clock work side by side on it. It moves only while someone waits, and
// then not before everything that can go on at the present moment has gone on. Knows no devices.
import { InternalError } from "@weft/ir";

/** Something one device did, in virtual milliseconds. */
export interface SimSpan {
  readonly device: string;
  /** `wasm queue`, `webgpu transfer up`, … */
  readonly lane: string;
  readonly name: string;
  /** The run it belongs to; 0 for transfers. */
  readonly seq: number;
  readonly from: number;
  readonly to: number;
}

interface Event {
  readonly at: number;
  readonly happen: () => void;
}

/** What of the host is needed: a task of its own, after all that was promised has run. Timers wait, in pages 4 ms. */
interface Host {
  setImmediate?(run: () => void): unknown;
  readonly MessageChannel: new () => { readonly port1: Port; readonly port2: Port };
}
interface Port {
  onmessage: (() => void) | null;
  postMessage(message: null): void;
}

const macrotask = (): Promise<void> =>
  new Promise((resolve) => {
    const host = globalThis as unknown as Host;
    if (host.setImmediate !== undefined) {
      host.setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new host.MessageChannel();
    port1.onmessage = () => resolve();
    port2.postMessage(null);
  });

/**
 * A clock that several simulated devices may share.
 * @example const clock = new VirtualClock();
 */
export class VirtualClock {
  /** What was done so far, in the order in which it ended. */
  readonly log: SimSpan[] = [];
  #nanoseconds = 0;
  /** By time; what is due at the same moment happens in the order in which it was asked for. */
  readonly #events: Event[] = [];
  #tick: Promise<void> | null = null;

  /** Nanoseconds since the clock was made. */
  get nanoseconds(): number {
    return this.#nanoseconds;
  }

  /** Milliseconds since the clock was made, as `Runtime.now` gives them. */
  now(): number {
    return this.#nanoseconds / 1e6;
  }

  /** Calls `happen` when the clock shows so many nanoseconds; never before the present moment. */
  schedule(nanoseconds: number, happen: () => void): void {
    const at = Math.max(nanoseconds, this.#nanoseconds);
    let place = this.#events.length;
    while (place > 0 && this.#events[place - 1].at > at) place--;
    this.#events.splice(place, 0, { at, happen });
  }

  /** Lets time pass while the host does something else. */
  pass(milliseconds: number): void {
    const end = this.#nanoseconds + milliseconds * 1e6;
    while (this.#events.length > 0 && this.#events[0].at <= end) this.#step();
    this.#nanoseconds = end;
  }

  /** Moves on until `done`, at once: what a thread that blocks sees. */
  runUntil(done: () => boolean): void {
    while (!done()) this.#step();
  }

  /** Resolves once `done`. Between two moments all callers get to act. */
  async waitUntil(done: () => boolean): Promise<void> {
    while (!done()) {
      this.#tick ??= macrotask().then(() => {
        this.#tick = null;
        // someone who blocks may have done it all meanwhile
        if (this.#events.length > 0) this.#step();
      });
      const before = this.#events.length;
      await this.#tick;
      if (before === 0 && this.#events.length === 0 && !done())
        throw new InternalError("simulated clock: something is waited for that nothing will bring about");
    }
  }

  /** All that is due at the next moment. */
  #step(): void {
    const first = this.#events[0];
    if (first === undefined)
      throw new InternalError("simulated clock: something is waited for that nothing will bring about");
    this.#nanoseconds = first.at;
    while (this.#events.length > 0 && this.#events[0].at === first.at) this.#events.shift()?.happen();
  }
}

/**
 * Milliseconds in which two devices worked at the same time, transfers left out.
 * @example overlap(clock.log, "wasm", "webgpu") // 12.5
 */
export function overlap(log: readonly SimSpan[], one: string, other: string): number {
  const of = (device: string): SimSpan[] => log.filter((span) => span.device === device && span.seq > 0);
  let sum = 0;
  // spans of one device do not overlap, so no moment counts twice
  for (const a of of(one))
    for (const b of of(other)) sum += Math.max(0, Math.min(a.to, b.to) - Math.max(a.from, b.from));
  return sum;
}
