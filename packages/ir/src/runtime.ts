// The only way to the host: time, cores, logging. A `#platform` module of the package that needs it makes one.
export interface Runtime {
  /** Milliseconds from a monotonic clock. */
  now(): number;
  /** Logical processors, at least 1. */
  readonly cores: number;
  /** Host memory in bytes, or null where the host does not say. */
  readonly hostBytes: number | null;
  log(message: string): void;
  /** Collects garbage before it returns, so that a WeakRef to what nobody can reach is empty; absent where the host cannot. */
  collect?(): void;
}
