// Storage: the data of evaluated nodes. Owns when a buffer goes back to its device: when the last node that holds it
// lets go (ownership.ts of ir decides that), when it is evicted from the cached results, or when the collector finds
// the Storage unreachable. Every run that names a buffer moves the number after which its memory may be used again.
import type { Aval, Backend, Buffer, Node, Ticket, Value, Weak } from "@weft/ir";
import { finalizer, weakly } from "@weft/ir";
import type { Device } from "./device.ts";

/** What outlives a Storage: enough to give its buffer back, and nothing that keeps the Storage alive. */
export interface Hold {
  readonly device: Device;
  readonly buffer: Buffer;
  readonly bytes: number;
  readonly aval: Aval;
  /** The last run that names the buffer. */
  lastSeq: number;
  freed: boolean;
  /** Runs that will name the buffer but are not handed to the device yet; it is not given back before they are. */
  pins: number;
  /** Whether it is to be given back once nothing pins it. */
  leaving: boolean;
  /** For {@link reclaim}; null where garbage cannot be collected at once, and for small storage. */
  readonly storage: Weak<Storage> | null;
  /** Whether it is a cached result, which is no leak. */
  cached: boolean;
}

function giveBack(hold: Hold): void {
  if (hold.freed) return;
  if (hold.pins > 0) {
    hold.leaving = true;
    return;
  }
  hold.freed = true;
  hold.device.live.delete(hold);
  hold.device.backend.free(hold.buffer, hold.lastSeq);
}

/** Says that a run which is not handed over yet names the buffer. */
export const pin = (hold: Hold): void => {
  hold.pins++;
};

/** Takes one {@link pin} back; `seq` is the run that named the buffer, 0 if none did. */
export function unpin(hold: Hold, seq: number): void {
  if (seq > hold.lastSeq) hold.lastSeq = seq;
  if (--hold.pins === 0 && hold.leaving) giveBack(hold);
}

const collected = finalizer<Hold>(giveBack);

let collect: (() => void) | null = null;
/** Smaller storage cannot be reclaimed: a WeakRef costs as much as a small result, and small ones fill no device soon. */
const RECLAIMED_BYTES = 4096;

/**
 * Sets how garbage is collected at once when a device is full, so that loops that never await get their memory back;
 * without it a full device is an error.
 */
export function onShortage(collectNow: (() => void) | null): void {
  collect = collectNow;
}

/** Frees what nobody can reach any more; false if there is no way to, or nothing was. */
export function reclaim(device: Device): boolean {
  if (collect === null) return false;
  collect();
  const before = device.live.size;
  for (const hold of device.live) if (hold.storage !== null && hold.storage.deref() === undefined) giveBack(hold);
  return device.live.size < before;
}

/** The one implementation of Value. */
export class Storage implements Value {
  readonly backend: Backend;
  readonly buffer: Buffer;
  readonly bytes: number;
  readonly aval: Aval;
  readonly hold: Hold;
  ticket: Ticket | null;
  released = false;
  /** Neighbours in the list of cached results; see CachedResults. */
  newer: Storage | null = null;
  older: Storage | null = null;
  /** Of a cached result: the node that is pending again once this is evicted. Weak, because its recipe reaches far. */
  cachedOf: Weak<Node> | null = null;
  private holders = 1;

  constructor(device: Device, buffer: Buffer, bytes: number, aval: Aval, ticket: Ticket | null) {
    this.backend = device.backend;
    this.buffer = buffer;
    this.bytes = bytes;
    this.aval = aval;
    this.ticket = ticket === null || ticket.state === "done" ? null : ticket;
    this.hold = {
      device,
      buffer,
      bytes,
      aval,
      lastSeq: this.ticket === null ? 0 : this.ticket.seq,
      freed: false,
      pins: 0,
      leaving: false,
      cached: false,
      storage: collect === null || bytes < RECLAIMED_BYTES ? null : weakly(this),
    };
    device.live.add(this.hold);
    collected.register(this, this.hold);
  }

  /** One node more holds this value. */
  retain(): this {
    this.holders++;
    return this;
  }

  release(): void {
    if (--this.holders <= 0) this.free();
  }

  /** Gives the buffer back whoever holds it: for evicted results. */
  free(): void {
    if (this.released) return;
    this.released = true;
    if (this.hold.cached) {
      const node = this.cachedOf?.deref();
      if (node !== undefined && node.value === this) node.value = null;
      this.hold.device.cached.remove(this);
    }
    giveBack(this.hold);
  }

  /** Says that the run `seq` reads the buffer. */
  usedBy(seq: number): void {
    if (seq > this.hold.lastSeq) this.hold.lastSeq = seq;
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

  constructor(backend: Backend, aval: Aval, ticket: Ticket) {
    this.backend = backend;
    this.buffer = NO_BUFFER;
    this.aval = aval;
    this.ticket = ticket;
  }
  release(): void {}
}
const NO_BUFFER: Buffer = Object.freeze({ bytes: 0 });
