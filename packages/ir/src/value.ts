// What an evaluated node holds. The scheduler's Storage is the only implementation; ir needs just enough of it to
// say where data is and whether it has arrived.
import type { Aval } from "./aval.ts";
import type { Backend, Buffer, Ticket } from "./backend.ts";

/** Data of one array on one device: contiguous, row-major. Several nodes may share one (a reshape of a value). */
export interface Value {
  readonly backend: Backend;
  readonly buffer: Buffer;
  readonly bytes: number;
  /** The run that writes the data; null if it is there already. */
  readonly ticket: Ticket | null;
  /** Whether the storage was given back. */
  readonly released: boolean;
  /** Whether nobody asked for it: it is kept because it is dear to compute, and its node can compute it again. */
  readonly cached: boolean;
  /** For messages: what the value was when it was stored. */
  readonly aval: Aval;
  /** One node fewer holds this value; the last one gives the memory back. */
  release(): void;
}
