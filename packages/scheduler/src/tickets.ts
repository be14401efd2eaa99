// Tickets of runs that read what other runs have yet to write: they fail if one of those fails. Owns poisoning;
// refuses to wait on anyone's behalf.
import type { Ticket, WeftError } from "@weft/ir";
import { InternalError } from "@weft/ir";
import { LateTicket } from "./hybrid/late.ts";

/** A run together with the unfinished runs whose results it reads. */
class DependentTicket implements Ticket {
  readonly own: Ticket;
  private waiting: readonly Ticket[];
  private failed: Ticket | null = null;

  constructor(own: Ticket, waiting: readonly Ticket[]) {
    this.own = own;
    this.waiting = waiting;
  }

  get seq(): number {
    return this.own.seq;
  }
  get state(): Ticket["state"] {
    if (this.unfinished().length > 0 && this.failed === null) return this.own.state === "failed" ? "failed" : "queued";
    return this.failed === null ? this.own.state : "failed";
  }
  get error(): WeftError | undefined {
    this.unfinished();
    return this.failed === null ? this.own.error : this.failed.error;
  }
  async wait(): Promise<void> {
    for (const ticket of this.unfinished()) await ticket.wait();
    if (this.failed !== null) await this.failed.wait();
    await this.own.wait();
  }
  help(): void {
    for (const ticket of this.unfinished()) ticket.help();
    if (this.failed !== null) this.failed.help();
    this.own.help();
  }

  /** The runs this one still depends on. Finished ones are forgotten, so that no chain of tickets grows. */
  unfinished(): readonly Ticket[] {
    if (this.waiting.length === 0) return this.waiting;
    const left: Ticket[] = [];
    for (const ticket of this.waiting) {
      const { state } = ticket;
      if (state === "failed") this.failed ??= ticket;
      else if (state !== "done") left.push(ticket);
    }
    this.waiting = left;
    return left;
  }
}

/** Adds to `found` the backend's own tickets that `ticket` stands for and that have not finished. */
export function addUnfinished(ticket: Ticket, found: Ticket[]): void {
  if (ticket instanceof DependentTicket) {
    for (const inner of ticket.unfinished()) if (!found.includes(inner)) found.push(inner);
    if (ticket.own.state !== "done" && !found.includes(ticket.own)) found.push(ticket.own);
  } else if (ticket instanceof LateTicket) {
    if (ticket.own === null) throw new InternalError("a run was handed over before what it reads");
    addUnfinished(ticket.own, found);
  } else if (!found.includes(ticket)) found.push(ticket);
}

/** `own`, made to fail with the runs it reads from. */
export const dependOn = (own: Ticket, unfinished: readonly Ticket[]): Ticket =>
  unfinished.length === 0 ? own : new DependentTicket(own, unfinished);
