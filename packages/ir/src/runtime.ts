// The only way to the host: time, cores, logging. A `#platform` module of the package that needs it makes one.
export interface Runtime {
  /** Milliseconds from a monotonic clock. */
  now(): number;
  /** Calls back once, not before so many milliseconds, and keeps a process alive until then; what it returns calls it off. */
  timer(callback: () => void, milliseconds: number): () => void;
  /** Runs a callback in a macrotask of its own, soon; keeps a process alive until then. */
  soon(callback: () => void): void;
  /** Logical processors, at least 1. */
  readonly cores: number;
  /** Host memory in bytes, or null where the host does not say. */
  readonly hostBytes: number | null;
  log(message: string): void;
  /**
   * Small texts kept from one process (or page) to the next, by name; absent where the host keeps none. `load` gives
   * null for what is not there. Neither ever rejects; a host may leave either without an answer.
   */
  readonly cache?: { load(name: string): Promise<string | null>; save(name: string, text: string): Promise<void> };
  /** Collects garbage before it returns, so that a WeakRef to what nobody can reach is empty; absent where the host cannot. */
  collect?(): void;
}
