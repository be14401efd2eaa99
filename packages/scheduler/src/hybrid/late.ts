// Tickets of work that its device has not been given yet: it waits for another device's results. Owns nothing but what
// became of it; who hands it over is run.ts.
import type { Ticket, WeftError } from "@weft/ir";
import { DeviceError, SyncReadError, WeftError as AnyError } from "@weft/ir";

/** The error of a run, whatever was thrown. */
export const asWeftError = (error: unknown, what: string): WeftError =>
  error instanceof AnyError
    ? error
    : new DeviceError(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });

/** The ticket of one step of a run over several devices. */
export class LateTicket implements Ticket {
  /** What it waits for, for messages. */
  private readonly what: string;
  /** The device's ticket, once it was handed over. */
  own: Ticket | null = null;
  private failure: WeftError | null = null;
  private finished = false;
  private waiters: (() => void)[] = [];

  constructor(what: string) {
    this.what = what;
  }

  /** Whether nothing can be said yet: it has no device's ticket and has neither ended nor failed. */
  get isOpen(): boolean {
    return this.own === null && !this.finished && this.failure === null;
  }

  get seq(): number {
    return this.own?.seq ?? 0;
  }

  get state(): Ticket["state"] {
    if (this.failure !== null) return "failed";
    if (this.finished) return "done";
    return this.own === null ? "queued" : this.own.state;
  }

  get error(): WeftError | undefined {
    return this.failure ?? this.own?.error;
  }

  async wait(): Promise<void> {
    while (this.isOpen) await this.settled();
    if (this.failure !== null) throw this.failure;
    await this.own?.wait();
  }

  help(): void {
    if (this.failure !== null) throw this.failure;
    if (this.isOpen)
      throw new SyncReadError(
        `a synchronous read is not possible here: this value waits for ${this.what}; use await x.data() or await deviceGet(tree)`,
      );
    this.own?.help();
  }

  /** Resolves when it is no longer open. */
  private settled(): Promise<void> {
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  /** Calls back when it is no longer open. */
  whenSettled(listener: () => void): void {
    if (this.isOpen) this.waiters.push(listener);
    else listener();
  }

  handOver(own: Ticket): void {
    this.own = own;
    this.tell();
  }

  finish(): void {
    this.finished = true;
    this.tell();
  }

  fail(error: WeftError): void {
    this.failure = error;
    this.tell();
  }

  private tell(): void {
    for (const waiter of this.waiters.splice(0)) waiter();
  }
}

/** Several tickets as one: done when all are, failed when one is. */
export class JoinedTicket implements Ticket {
  private readonly tickets: readonly Ticket[];

  constructor(tickets: readonly Ticket[]) {
    this.tickets = tickets;
  }

  get seq(): number {
    return this.tickets.reduce((most, { seq }) => Math.max(most, seq), 0);
  }

  get state(): Ticket["state"] {
    const states = this.tickets.map(({ state }) => state);
    if (states.includes("failed")) return "failed";
    if (states.every((state) => state === "done")) return "done";
    return states.every((state) => state === "queued") ? "queued" : "running";
  }

  get error(): WeftError | undefined {
    return this.tickets.find(({ state }) => state === "failed")?.error;
  }

  async wait(): Promise<void> {
    // all of them, so that none of their errors is left unheard
    const ends = await Promise.allSettled(this.tickets.map((ticket) => ticket.wait()));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  }

  help(): void {
    for (const ticket of this.tickets) ticket.help();
  }
}

/** Whether a run that reads the value of this ticket cannot be given to the value's device yet. */
export const isOpen = (ticket: Ticket): boolean => ticket instanceof LateTicket && ticket.isOpen;
