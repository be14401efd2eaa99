// The promise of one run, as the scheduler holds it. Knows its number and its error; everything else is asked of the
// pool, so that making one costs a few words.
import type { Ticket, WeftError } from "@weft/ir";

/** What a ticket needs of the pool that made it. */
export interface TicketSource {
  /** Number of the last finished run. */
  settle(): number;
  wait(ticket: RunTicket): Promise<void>;
  help(seq: number): void;
}

/** The ticket of a run on the WASM device. */
export class RunTicket implements Ticket {
  readonly seq: number;
  /** Set by the pool when the run has failed. */
  failure: WeftError | undefined = undefined;
  readonly #source: TicketSource;

  constructor(source: TicketSource, seq: number) {
    this.#source = source;
    this.seq = seq;
  }

  get state(): "queued" | "running" | "done" | "failed" {
    const done = this.#source.settle();
    if (this.failure !== undefined) return "failed";
    if (this.seq <= done) return "done";
    return this.seq === done + 1 ? "running" : "queued";
  }

  get error(): WeftError | undefined {
    this.#source.settle();
    return this.failure;
  }

  wait(): Promise<void> {
    return this.#source.wait(this);
  }

  help(): void {
    if (this.failure === undefined) this.#source.help(this.seq);
    if (this.failure !== undefined) throw this.failure;
  }
}
