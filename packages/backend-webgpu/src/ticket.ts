// Tickets and the order in which they end. A run is issued, submitted (or fails before), and done when the GPU says
// so; tickets settle in the order of their numbers, whatever failed first. Knows nothing of buffers or programs.
import type { Ticket, WeftError } from "@weft/ir";
import { SyncReadError } from "@weft/ir";

/** The ticket of a run on the WebGPU device. */
export class RunTicket implements Ticket {
  readonly seq: number;
  state: Ticket["state"] = "queued";
  /** Why it fails; it counts once all earlier runs have ended. */
  failure: WeftError | null = null;
  readonly #waiters: { resolve(): void; reject(error: WeftError): void }[] = [];

  constructor(seq: number) {
    this.seq = seq;
  }

  get error(): WeftError | undefined {
    return this.state === "failed" ? (this.failure ?? undefined) : undefined;
  }

  wait(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.state === "done") resolve();
      else if (this.state === "failed" && this.failure !== null) reject(this.failure);
      else this.#waiters.push({ resolve, reject });
    });
  }

  help(): void {
    throw new SyncReadError(
      "webgpu: a run cannot be waited for synchronously; write `await x.data()`, `await x.ready()` or `await ticket.wait()`",
    );
  }

  /** Ends it. */
  settle(): void {
    const { failure } = this;
    this.state = failure === null ? "done" : "failed";
    for (const { resolve, reject } of this.#waiters.splice(0)) {
      if (failure === null) resolve();
      else reject(failure);
    }
  }
}

/** All runs of a device, in order. */
export class Timeline {
  /** The last run issued. */
  head = 0;
  /** The last run that was submitted, or failed before it could be. */
  submitted = 0;
  /** The last run the GPU has ended. */
  #completed = 0;
  #armed = false;
  readonly #unfinished: RunTicket[] = [];

  issue(): RunTicket {
    const ticket = new RunTicket(++this.head);
    this.#unfinished.push(ticket);
    return ticket;
  }

  /** Says that a part of a run's work is on the queue. */
  begin(ticket: RunTicket): void {
    ticket.state = "running";
  }

  /** Says that a run's work is on the queue; `completion` is asked when that work has ended. */
  submit(ticket: RunTicket, completion: () => Promise<boolean>): void {
    ticket.state = "running";
    this.submitted = ticket.seq;
    this.#arm(completion);
  }

  /** A run that fails: before its submission, or with it. */
  fail(ticket: RunTicket, error: WeftError): void {
    ticket.failure ??= error;
    if (ticket.seq === this.submitted + 1) {
      this.submitted = ticket.seq;
      // nothing will be heard of the part of it that is on the queue
      ticket.state = "queued";
    }
    this.#settle();
  }

  /** Fails every run that is on the queue; whether there was one. */
  failRunning(error: WeftError): boolean {
    let found = false;
    for (const ticket of this.#unfinished) {
      if (ticket.state !== "running") continue;
      ticket.failure ??= error;
      found = true;
    }
    return found;
  }

  /** Says that nothing more will be heard of the runs on the queue. */
  abandon(error: WeftError): void {
    this.failRunning(error);
    this.#completed = this.submitted;
    this.#armed = false;
    this.#settle();
  }

  /** One question at a time is open: the answer for the last run holds for those before it. */
  #arm(completion: () => Promise<boolean>): void {
    if (this.#armed) return;
    this.#armed = true;
    const upTo = this.submitted;
    const answered = (alive: boolean): void => {
      // a device that was lost meanwhile has been dealt with by abandon()
      if (!alive) return;
      this.#armed = false;
      this.#completed = upTo;
      this.#settle();
      if (this.submitted > upTo && this.#unfinished.length > 0) this.#arm(completion);
    };
    completion().then(answered, () => answered(false));
  }

  #settle(): void {
    const list = this.#unfinished;
    let ended = 0;
    for (const ticket of list) {
      if (ticket.seq > this.#completed && (ticket.failure === null || ticket.state === "running")) break;
      ended++;
    }
    for (const ticket of list.splice(0, ended)) ticket.settle();
  }
}
