// Cached results (SEMANTICS 3.1): data of nodes that nobody asked for but that are dear to compute again. One list a
// device, least recently used first out, within a share of the byte budget. The data of an evicted result is freed;
// its node still has its inputs and is pending again.
import type { Node } from "@weft/ir";
import { weakly } from "@weft/ir";
import type { Storage } from "./storage.ts";

/** An intrusive doubly linked list through Storage. */
export class CachedResults {
  bytes = 0;
  count = 0;
  evictions = 0;
  private readonly capacity: number;
  private newest: Storage | null = null;
  private oldest: Storage | null = null;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** Takes the result of `node` in and evicts the oldest ones beyond the capacity. */
  add(storage: Storage, node: Node): void {
    storage.cachedOf = weakly(node);
    this.readmit(storage);
  }

  /** Takes back in what was removed for a while. */
  readmit(storage: Storage): void {
    storage.hold.cached = true;
    this.link(storage);
    this.bytes += storage.bytes;
    this.count++;
    while (this.bytes > this.capacity && this.oldest !== null) this.evict(this.oldest);
  }

  /** Says that a result was used. */
  touch(storage: Storage): void {
    if (this.newest === storage) return;
    this.unlink(storage);
    this.link(storage);
  }

  /** Takes a result out without freeing it: it is owned from now on, or gone. */
  remove(storage: Storage): void {
    storage.hold.cached = false;
    this.unlink(storage);
    this.bytes -= storage.bytes;
    this.count--;
  }

  /** Frees everything. Returns the bytes that were freed. */
  clear(): number {
    const { bytes } = this;
    while (this.oldest !== null) this.evict(this.oldest);
    return bytes;
  }

  private evict(storage: Storage): void {
    this.evictions++;
    storage.free();
  }

  private link(storage: Storage): void {
    storage.older = this.newest;
    storage.newer = null;
    if (this.newest !== null) this.newest.newer = storage;
    this.newest = storage;
    this.oldest ??= storage;
  }

  private unlink(storage: Storage): void {
    if (storage.newer !== null) storage.newer.older = storage.older;
    else this.newest = storage.older;
    if (storage.older !== null) storage.older.newer = storage.newer;
    else this.oldest = storage.newer;
    storage.newer = null;
    storage.older = null;
  }
}
