// Storage: the data of evaluated nodes. Owns when a buffer goes back to its device: when the last node that holds it
// lets go (ownership.ts of ir decides that), when it is evicted from the cached results, or when the collector finds
// the Storage unreachable. Every run that names a buffer moves the number after which its memory may be used again.
// Small arrays lie where the collector sees them (Buffer.collected): they need none of this, and no finalizer.
import type { Aval, Backend, Buffer, Ticket, Value, Weak } from "@weft/ir";
import type { Device } from "./device.ts";

/** What outlives a Storage: enough to give its buffer back, and nothing that keeps the Storage alive. */
export interface Hold {
  readonly device: Device;
  readonly buffer: Buffer;
  readonly bytes: number;
  readonly aval: Aval;
  /** The last run that names the buffer. */
  lastSeq: number;
  /** Whether nobody may use the buffer any more. */
  ended: boolean;
  freed: boolean;
  /** Runs that will name the buffer but are not handed to the device yet; it is not given back before they are. */
  pins: number;
  /** For reclaiming; null where garbage cannot be collected at once. */
  readonly storage: Weak<Storage> | null;
  /** Whether it is a cached result, which is no leak, and its neighbours in the list of those. */
  cached: boolean;
  newer: Hold | null;
  older: Hold | null;
}

/** Gives a buffer back; at the latest when nothing pins it any more. */
export function endHold(hold: Hold): void {
  if (hold.freed) return;
  if (hold.cached) hold.device.cached.remove(hold);
  hold.ended = true;
  if (hold.pins > 0) return;
  hold.freed = true;
  hold.device.live.remove(hold);
  if (hold.buffer.collected !== true) hold.device.backend.free(hold.buffer, hold.lastSeq);
}

/** Says that a run which is not handed over yet names the buffer. */
export const pin = ({ hold }: Storage): void => {
  if (hold !== null) hold.pins++;
};

/** Takes one {@link pin} back; `seq` is the run that named the buffer, 0 if none did. */
export function unpin(storage: Storage, seq: number): void {
  const { hold } = storage;
  if (hold === null) return;
  storage.usedBy(seq);
  if (--hold.pins === 0 && hold.ended) endHold(hold);
}

/** The one implementation of Value. */
export class Storage implements Value {
  readonly device: Device;
  readonly buffer: Buffer;
  readonly bytes: number;
  readonly aval: Aval;
  /** null for small arrays that nobody counts. */
  readonly hold: Hold | null;
  ticket: Ticket | null;
  /** The same as the hold's marks, where there is none. */
  private ended = false;
  private kept = false;
  private holders = 1;

  constructor(device: Device, buffer: Buffer, bytes: number, aval: Aval, ticket: Ticket | null) {
    this.device = device;
    this.buffer = buffer;
    this.bytes = bytes;
    this.aval = aval;
    this.ticket = ticket === null || ticket.state === "done" ? null : ticket;
    this.hold = device.live.add(this);
  }

  get backend(): Backend {
    return this.device.backend;
  }

  get released(): boolean {
    return this.hold === null ? this.ended : this.hold.ended;
  }

  get cached(): boolean {
    return this.hold === null ? this.kept : this.hold.cached;
  }

  /** Makes it a cached result. */
  keep(): void {
    if (this.hold === null) this.kept = true;
    else this.device.cached.add(this.hold);
  }

  /** A cached result is owned from now on. */
  promote(): void {
    if (this.hold === null) this.kept = false;
    else this.device.cached.remove(this.hold);
  }

  /** Says that a cached result was used. */
  touch(): void {
    if (this.hold !== null) this.device.cached.touch(this.hold);
  }

  /** One node more holds this value. */
  retain(): this {
    this.holders++;
    return this;
  }

  release(): void {
    if (--this.holders > 0) return;
    if (this.hold === null) this.ended = true;
    else endHold(this.hold);
  }

  /** Says that the run `seq` reads the buffer. */
  usedBy(seq: number): void {
    const { hold } = this;
    if (hold !== null && seq > hold.lastSeq) hold.lastSeq = seq;
  }
}

/** A stand-in for a result that will never be: its ticket has failed. It has no buffer of its own. */
export class Poisoned implements Value {
  readonly backend: Backend;
  readonly buffer: Buffer;
  readonly bytes = 0;
  readonly aval: Aval;
  readonly ticket: Ticket;
  readonly released = false;
  readonly cached = false;

  constructor(backend: Backend, aval: Aval, ticket: Ticket) {
    this.backend = backend;
    this.buffer = NO_BUFFER;
    this.aval = aval;
    this.ticket = ticket;
  }
  release(): void {}
}
const NO_BUFFER: Buffer = Object.freeze({ bytes: 0 });
