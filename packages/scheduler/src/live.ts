// The arrays of a device that are not given back. The collector does not see a device's memory, so a finalizer gives
// back what nobody can reach. While a program keeps the thread no finalizer runs, and what is dead fills the heap beside
// the device: so entries are counted, and beyond a number the dead are looked for, where the host can collect at once;
// where it cannot, there is a bound. Small arrays lie where the collector sees them and have no entry, unless tracked.
import { finalizer, OutOfMemoryError, weakly } from "@weft/ir";
import type { Device } from "./device.ts";
import { ENTRIES_AT_ONCE, MOST_ENTRIES } from "./limits.ts";
import type { Hold, Storage } from "./storage.ts";
import { endHold } from "./storage.ts";

let collect: (() => void) | null = null;

/**
 * Sets how garbage is collected at once, so that loops that never await get their memory back; without it a full device
 * is an error.
 */
export function onShortage(collectNow: (() => void) | null): void {
  collect = collectNow;
}

let trackers = 0;

/** While `f` runs, and until what it returns has settled, small arrays that are made are counted like large ones. */
export function trackingSmall<T>(f: () => T): T {
  trackers++;
  let pending = false;
  try {
    const result = f();
    if (result instanceof Promise) {
      pending = true;
      const end = (): void => void trackers--;
      result.then(end, end);
    }
    return result;
  } finally {
    if (!pending) trackers--;
  }
}

/** The arrays of one device. */
export class LiveArrays {
  readonly holds = new Set<Hold>();
  private readonly device: Device;
  /** Entries of the registry: arrays, and what was given back but is still remembered there. */
  private entries = 0;
  /** Entries at which the dead are looked for. */
  private sweepAt = ENTRIES_AT_ONCE;
  private readonly registry = finalizer<Hold>((hold) => {
    if (hold.storage !== null) this.entries--;
    endHold(hold);
  });
  /** What entries are forgotten by, all at once: a token of each one's own costs as much again as the entry. */
  private token: object = {};

  constructor(device: Device) {
    this.device = device;
  }

  /** Takes a new array in; null for small ones, which nobody has to give back. */
  add(storage: Storage): Hold | null {
    const { device, buffer, bytes, aval, ticket } = storage;
    if (buffer.collected === true && trackers === 0) return null;
    const hold: Hold = {
      device,
      buffer,
      bytes,
      aval,
      lastSeq: ticket === null ? 0 : ticket.seq,
      ended: false,
      freed: false,
      pins: 0,
      storage: collect === null ? null : weakly(storage),
      cached: false,
      newer: null,
      older: null,
    };
    this.holds.add(hold);
    this.enter(storage, hold);
    return hold;
  }

  private enter(storage: Storage, hold: Hold): void {
    // without a collection at once the others stay, so each must be forgotten by itself
    this.registry.register(storage, hold, hold.storage === null ? hold : this.token);
    this.entries++;
  }

  /** An array is given back. */
  remove(hold: Hold): void {
    this.holds.delete(hold);
    if (hold.storage !== null) return;
    this.registry.unregister(hold);
    this.entries--;
  }

  /**
   * Called before arrays are made. Looks for dead ones if there are many entries.
   * @throws OutOfMemoryError where that is not possible and there are too many
   */
  expectRoom(): void {
    if (this.entries < this.sweepAt) return;
    if (collect !== null) {
      this.reclaim();
      this.sweepAt = Math.max(ENTRIES_AT_ONCE, 2 * this.entries);
    } else if (this.entries >= MOST_ENTRIES)
      throw new OutOfMemoryError(
        `evaluation: ${this.entries} arrays on ${this.device.backend.id} are in use or not collected yet, and the collector cannot run while a program keeps the thread. ` +
          "Free arrays with dispose(), using or scope(), or await between steps so that the collector can run.",
      );
  }

  /** Gives back what nobody can reach any more; false if there is no way to, or nothing was. */
  reclaim(): boolean {
    if (collect === null) return false;
    collect();
    const before = this.holds.size;
    this.registry.unregister(this.token);
    this.token = {};
    this.entries = 0;
    for (const hold of this.holds) {
      if (hold.storage === null) continue;
      const storage = hold.storage.deref();
      if (storage === undefined) endHold(hold);
      else this.enter(storage, hold);
    }
    return this.holds.size < before;
  }
}
