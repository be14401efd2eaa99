// Sums of slots at plan time: Σ coef·slot, interned. A chain of n slices adds one slot a step, so long sums share their
// parts: each becomes a slot of its own that a run derives from others. Knows slots by number, never their values.
import type { RunArgs, SlotTerm } from "@weft/ir";
import { HashTable, mixed } from "@weft/ir";

/** Sums of at most so many terms are kept written out, in one order: equal ones are one object, however they arose. */
const FLAT = 16;

/** Σ coef·slot: the terms themselves, or of a long sum its parts. */
export interface SlotSum {
  readonly id: number;
  /** Terms, at most. */
  readonly size: number;
  readonly terms: readonly SlotTerm[] | null;
  readonly parts: readonly { readonly coef: number; readonly of: SlotSum }[];
}

const NO_TERMS: readonly SlotTerm[] = Object.freeze([]);
const NO_PARTS: SlotSum["parts"] = Object.freeze([]);
/** The sum of nothing. */
export const NO_SLOTS: SlotSum = { id: 0, size: 0, terms: NO_TERMS, parts: NO_PARTS };

/** Slots that follow those a run is given, each a sum of slots before it. */
export interface DerivedSlots {
  readonly first: number;
  readonly sums: readonly (readonly SlotTerm[])[];
}

/** The slots of a run with those that are derived from them. */
export function withDerived(slots: RunArgs["slots"], { first, sums }: DerivedSlots): RunArgs["slots"] {
  if (sums.length === 0) return slots;
  const all = new Float64Array(first + sums.length);
  for (let i = 0; i < first; i++) all[i] = slots[i];
  for (let i = 0; i < sums.length; i++) {
    let value = 0;
    for (const { slot, coef } of sums[i]) value += coef * all[slot];
    all[first + i] = value;
  }
  return all;
}

/** The interning table of one lowering. */
export class SlotSums {
  readonly derived: { readonly first: number; readonly sums: (readonly SlotTerm[])[] };
  private readonly known = new HashTable<SlotSum>();
  /** The slots of long sums. */
  private readonly slotOf = new Map<SlotSum, number>();

  /** `first`: the number of the first slot that no run is given. */
  constructor(first: number) {
    this.derived = { first, sums: [] };
  }

  of(terms: readonly SlotTerm[]): SlotSum {
    return this.flat(terms.filter(({ coef }) => coef !== 0).toSorted((a, b) => a.slot - b.slot));
  }

  /** One slot. */
  single(slot: number): SlotSum {
    return this.flat([{ slot, coef: 1 }]);
  }

  /** a + coef·b */
  add(a: SlotSum, b: SlotSum, coef: number): SlotSum {
    if (b === NO_SLOTS || coef === 0) return a;
    if (a === NO_SLOTS && coef === 1) return b;
    if (a.terms !== null && b.terms !== null && a.size + b.size <= FLAT)
      return this.flat(merged(a.terms, b.terms, coef));
    return this.pair(a, b, coef);
  }

  /** The terms of a sum: of a long one, the slot that is derived for it. */
  terms(sum: SlotSum): readonly SlotTerm[] {
    return sum.terms ?? [{ slot: this.derive(sum), coef: 1 }];
  }

  private derive(sum: SlotSum): number {
    const missing = new Set<SlotSum>(this.slotOf.has(sum) ? [] : [sum]);
    for (const { parts } of missing)
      for (const { of } of parts) if (of.terms === null && !this.slotOf.has(of)) missing.add(of);
    // parts are older than their sums
    const { first, sums } = this.derived;
    for (const next of [...missing].sort((a, b) => a.id - b.id)) {
      const terms = next.parts.flatMap(({ coef, of }) =>
        of.terms === null
          ? [{ slot: this.slotOf.get(of) as number, coef }]
          : of.terms.map((term) => ({ slot: term.slot, coef: coef * term.coef })),
      );
      this.slotOf.set(next, first + sums.push(terms) - 1);
    }
    return this.slotOf.get(sum) as number;
  }

  private flat(terms: readonly SlotTerm[]): SlotSum {
    if (terms.length === 0) return NO_SLOTS;
    const { known } = this;
    let hash = 0;
    for (let i = 0; i < terms.length; i++) hash = mixed(mixed(hash, terms[i].slot), terms[i].coef);
    for (let at = known.first(hash); at >= 0; at = known.next(at)) {
      const found = known.values[at];
      if (found.terms !== null && sameTerms(found.terms, terms)) return found;
    }
    return this.added(hash, terms.length, terms, NO_PARTS);
  }
  private pair(a: SlotSum, b: SlotSum, coef: number): SlotSum {
    const { known } = this;
    const hash = mixed(mixed(mixed(1, a.id), b.id), coef);
    for (let at = known.first(hash); at >= 0; at = known.next(at)) {
      const { parts } = known.values[at];
      if (parts.length === 2 && parts[0].of === a && parts[1].of === b && parts[1].coef === coef)
        return known.values[at];
    }
    return this.added(hash, a.size + b.size, null, [
      { coef: 1, of: a },
      { coef, of: b },
    ]);
  }
  private added(hash: number, size: number, terms: SlotSum["terms"], parts: SlotSum["parts"]): SlotSum {
    const sum: SlotSum = { id: this.known.values.length + 1, size, terms, parts };
    this.known.add(hash, sum);
    return sum;
  }
}

/** a + coef·b of terms in order of their slots. */
function merged(a: readonly SlotTerm[], b: readonly SlotTerm[], coef: number): SlotTerm[] {
  const sum: SlotTerm[] = [];
  let i = 0;
  for (const term of b) {
    while (i < a.length && a[i].slot < term.slot) sum.push(a[i++]);
    const both = coef * term.coef + (i < a.length && a[i].slot === term.slot ? a[i++].coef : 0);
    if (both !== 0) sum.push({ slot: term.slot, coef: both });
  }
  while (i < a.length) sum.push(a[i++]);
  return sum;
}

function sameTerms(a: readonly SlotTerm[], b: readonly SlotTerm[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i].slot !== b[i].slot || a[i].coef !== b[i].coef) return false;
  return true;
}
