// Values by a hash that equal ones share. Whoever looks a value up walks the ones of its hash and compares them itself, so
// that no key has to be built: a text a value is most of what interning would cost. Knows no kind of value.

const NONE = -1;

/** The hash of what `hash` stands for followed by a number. */
export function mixed(hash: number, value: number): number {
  const next = Math.imul(hash ^ value, 0x9e3779b1);
  return next ^ (next >>> 15);
}

/**
 * @example
 * for (let at = table.first(hash); at >= 0; at = table.next(at)) if (isEqual(table.values[at], x)) return table.values[at];
 * table.add(hash, x);
 */
export class HashTable<T> {
  readonly values: T[] = [];
  private readonly hashes: number[] = [];
  /** The value added before of the same bucket. */
  private readonly chain: number[] = [];
  private heads = new Int32Array(16).fill(NONE);

  /** Where the first value of this hash stands; −1 if there is none. */
  first(hash: number): number {
    return this.ofHash(this.heads[hash & (this.heads.length - 1)], hash);
  }
  /** Where the next value of the same hash stands. */
  next(at: number): number {
    return this.ofHash(this.chain[at], this.hashes[at]);
  }
  add(hash: number, value: T): void {
    if (this.values.length === this.heads.length) this.grow();
    const bucket = hash & (this.heads.length - 1);
    this.chain.push(this.heads[bucket]);
    this.hashes.push(hash);
    this.heads[bucket] = this.values.push(value) - 1;
  }

  private ofHash(from: number, hash: number): number {
    let at = from;
    while (at >= 0 && this.hashes[at] !== hash) at = this.chain[at];
    return at;
  }
  private grow(): void {
    const { hashes, chain } = this;
    const heads = new Int32Array(this.heads.length * 2).fill(NONE);
    for (let at = 0; at < hashes.length; at++) {
      const bucket = hashes[at] & (heads.length - 1);
      chain[at] = heads[bucket];
      heads[bucket] = at;
    }
    this.heads = heads;
  }
}
