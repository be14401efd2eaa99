// Tickets of runs that read what other runs have yet to write: they fail if one of those fails. Owns poisoning;
// refuses to wait on anyone's behalf. A device ends its runs in order, so when a run has ended, whatever it read has too:
// each ticket names the runs it reads from and no others, and outcomes are decided oldest first, once each.
import type { Ticket, WeftError } from "@weft/ir";
import { InternalError } from "@weft/ir";
import { LateTicket } from "./hybrid/late.ts";

/** A run together with the runs whose results it reads. */
class DependentTicket implements Ticket {
  readonly own: Ticket;
  private reads: readonly Ticket[];
  private readonly all: Dependents;
  /** The run whose failure is this one's, itself none that failed with another; null if there is none, undefined until that is known. */
  private cause: Ticket | null | undefined = undefined;

  constructor(own: Ticket, reads: readonly Ticket[], all: Dependents) {
    this.own = own;
    this.reads = reads;
    this.all = all;
  }

  get seq(): number {
    return this.own.seq;
  }
  get state(): Ticket["state"] {
    const { state } = this.own;
    if (state === "queued" || state === "running") return state;
    return this.failedRun() === null ? state : "failed";
  }
  get error(): WeftError | undefined {
    return this.failedRun()?.error ?? this.own.error;
  }
  async wait(): Promise<void> {
    try {
      await this.own.wait();
    } catch (error) {
      throw this.error ?? error;
    }
    await this.failedRun()?.wait();
  }
  help(): void {
    try {
      this.own.help();
    } catch (error) {
      throw this.error ?? error;
    }
    this.failedRun()?.help();
  }

  private failedRun(): Ticket | null {
    if (this.cause === undefined) this.all.settle();
    return this.cause ?? null;
  }

  get isOver(): boolean {
    const { state } = this.own;
    return state === "done" || state === "failed";
  }

  /** Called once, when it is over and everything before it is decided. Lets go of what it read. */
  decide(): void {
    const failed = this.reads.find(({ state }) => state === "failed") ?? null;
    this.cause = failed instanceof DependentTicket ? (failed.cause ?? failed.own) : failed;
    this.reads = [];
  }
}

/** The dependent tickets of a device whose outcome is not decided, oldest first. */
export class Dependents {
  private readonly waiting: DependentTicket[] = [];
  private first = 0;

  /** `own`, made to fail with the runs it reads from. */
  add(own: Ticket, reads: ReadonlySet<Ticket>): Ticket {
    this.settle();
    if (reads.size === 0) return own;
    const ticket = new DependentTicket(own, [...reads], this);
    this.waiting.push(ticket);
    return ticket;
  }

  /** Decides what is over. */
  settle(): void {
    const { waiting } = this;
    while (this.first < waiting.length && waiting[this.first].isOver) waiting[this.first++].decide();
    if (this.first > 1024 || this.first === waiting.length) {
      waiting.splice(0, this.first);
      this.first = 0;
    }
  }
}

/** The ticket that a device gave for what `ticket` stands for. */
export function handedOver(ticket: Ticket): Ticket {
  if (!(ticket instanceof LateTicket)) return ticket;
  if (ticket.own === null) throw new InternalError("a run was handed over before what it reads");
  return handedOver(ticket.own);
}
