// Cached results (SEMANTICS 3.1): data of nodes that nobody asked for but that are dear to compute again. One list a
// device, least recently used first out, within a share of the byte budget and a number. The data of an evicted result is
// freed; its node still has its inputs and is pending again. The list keeps no node alive: what nobody can reach is given
// back like any array.
import type { Hold } from "./storage.ts";
import { endHold } from "./storage.ts";

/** An intrusive doubly linked list through Hold. */
export class CachedResults {
  bytes = 0;
  count = 0;
  evictions = 0;
  private readonly mostBytes: number;
  private readonly mostCount: number;
  private newest: Hold | null = null;
  private oldest: Hold | null = null;

  constructor(mostBytes: number, mostCount: number) {
    this.mostBytes = mostBytes;
    this.mostCount = mostCount;
  }

  /** Takes a result in and evicts the oldest ones beyond the limits. */
  add(hold: Hold): void {
    hold.cached = true;
    this.link(hold);
    this.bytes += hold.bytes;
    this.count++;
    while ((this.bytes > this.mostBytes || this.count > this.mostCount) && this.oldest !== null)
      this.evict(this.oldest);
  }

  /** Says that a result was used. */
  touch(hold: Hold): void {
    if (this.newest === hold) return;
    this.unlink(hold);
    this.link(hold);
  }

  /** Takes a result out without freeing it: it is owned from now on, or gone. */
  remove(hold: Hold): void {
    hold.cached = false;
    this.unlink(hold);
    this.bytes -= hold.bytes;
    this.count--;
  }

  /** Frees everything. Returns the bytes that were freed. */
  clear(): number {
    const { bytes } = this;
    while (this.oldest !== null) this.evict(this.oldest);
    return bytes;
  }

  private evict(hold: Hold): void {
    this.evictions++;
    endHold(hold);
  }

  private link(hold: Hold): void {
    hold.older = this.newest;
    hold.newer = null;
    if (this.newest !== null) this.newest.newer = hold;
    this.newest = hold;
    this.oldest ??= hold;
  }

  private unlink(hold: Hold): void {
    if (hold.newer !== null) hold.newer.older = hold.older;
    else this.newest = hold.older;
    if (hold.older !== null) hold.older.newer = hold.newer;
    else this.oldest = hold.newer;
    hold.newer = null;
    hold.older = null;
  }
}
