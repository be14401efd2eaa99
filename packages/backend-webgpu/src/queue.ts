// Operations in the order they were asked for. One that has to wait (for a compiler, for memory, for work under way to
// end, for a device that is opened again) holds up those behind it, so that none overtakes; with nothing to wait for,
// an operation happens at once. A caller that never lets events happen gets operations done in place of waiting.
import { WAITING_OPERATIONS } from "./limits.ts";

/** Something the device is to do, in one part or several. */
export interface Operation {
  /**
   * What its next part still waits for; asked again after each wait. Throws to fail. `pressed`: nothing can be waited
   * for, because the caller holds the thread; then only what cannot be done otherwise is named.
   */
  prepare(pressed: boolean): Promise<void> | null;
  /** Does the next part; whether it was the last. */
  execute(): boolean;
  /** What `prepare` or `execute` threw. */
  fail(error: unknown): void;
  /** Called if it could not happen at once: what it points to may change from now on. */
  postponed(): void;
}

/** The operations of a device that wait for their turn. */
export class OrderedQueue {
  readonly #waiting: Operation[] = [];
  #first = 0;

  get idle(): boolean {
    return this.#waiting.length === 0;
  }

  push(operation: Operation): void {
    if (this.#waiting.length > 0) {
      operation.postponed();
      this.#waiting.push(operation);
      if (this.#waiting.length - this.#first > WAITING_OPERATIONS) this.#press();
      return;
    }
    const wait = attempt(operation, false);
    if (wait === null) return;
    operation.postponed();
    this.#waiting.push(operation);
    void this.#drain(wait);
  }

  /** Does what waits, without waiting. */
  #press(): void {
    while (this.#first < this.#waiting.length) {
      if (attempt(this.#waiting[this.#first], true) !== null) return;
      this.#first++;
    }
  }

  async #drain(first: Promise<void>): Promise<void> {
    let wait: Promise<void> | null = first;
    while (this.#first < this.#waiting.length) {
      const operation = this.#waiting[this.#first];
      try {
        if (wait !== null) await wait;
      } catch (error) {
        wait = null;
        if (operation !== this.#waiting[this.#first]) continue;
        operation.fail(error);
        this.#first++;
        continue;
      }
      // it may have been done meanwhile, in place of waiting
      wait = operation === this.#waiting[this.#first] ? attempt(operation, false) : null;
      if (wait !== null) continue;
      if (operation === this.#waiting[this.#first]) this.#first++;
      if (this.#first > 1024) {
        this.#waiting.splice(0, this.#first);
        this.#first = 0;
      }
    }
    this.#waiting.length = 0;
    this.#first = 0;
  }
}

/** Does it, or says what it waits for. */
function attempt(operation: Operation, pressed: boolean): Promise<void> | null {
  try {
    while (true) {
      const wait = operation.prepare(pressed);
      if (wait !== null) return wait;
      if (operation.execute()) return null;
    }
  } catch (error) {
    operation.fail(error);
    return null;
  }
}
