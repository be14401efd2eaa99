// Operations in the order they were asked for. One that has to wait (for a compiler, for memory, for a device that is
// opened again) holds up those behind it, so that none overtakes; with nothing to wait for, an operation happens at once.

/** Something the device is to do. */
export interface Operation {
  /** What it still waits for; asked again after each wait. Throws to fail. */
  prepare(): Promise<void> | null;
  execute(): void;
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
      return;
    }
    const wait = attempt(operation);
    if (wait === null) return;
    operation.postponed();
    this.#waiting.push(operation);
    void this.#drain(wait);
  }

  async #drain(first: Promise<void>): Promise<void> {
    let wait: Promise<void> | null = first;
    while (true) {
      const operation = this.#waiting[this.#first];
      try {
        if (wait !== null) await wait;
        wait = attempt(operation);
      } catch (error) {
        wait = null;
        operation.fail(error);
      }
      if (wait !== null) continue;
      this.#first++;
      if (this.#first === this.#waiting.length) break;
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
function attempt(operation: Operation): Promise<void> | null {
  try {
    const wait = operation.prepare();
    if (wait === null) operation.execute();
    return wait;
  } catch (error) {
    operation.fail(error);
    return null;
  }
}
