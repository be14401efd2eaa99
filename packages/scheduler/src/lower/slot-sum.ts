// Sums of slots at plan time: Σ coef·slot, interned. A chain of n slices adds one slot a step, so long sums share their
// parts: each becomes a slot of its own that a run derives from others. Knows slots by number, never their values.
import type { RunArgs, SlotTerm } from "@weft/ir";

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
/** The sum of nothing. */
export const NO_SLOTS: SlotSum = { id: 0, size: 0, terms: NO_TERMS, parts: [] };

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
  private readonly known = new Map<string, SlotSum>();
  /** The slots of long sums. */
  private readonly slotOf = new Map<SlotSum, number>();

  /** `first`: the number of the first slot that no run is given. */
  constructor(first: number) {
    this.derived = { first, sums: [] };
  }

  of(terms: readonly SlotTerm[]): SlotSum {
    return this.flat(terms.filter(({ coef }) => coef !== 0).toSorted((a, b) => a.slot - b.slot));
  }

  /** a + coef·b */
  add(a: SlotSum, b: SlotSum, coef: number): SlotSum {
    if (b === NO_SLOTS || coef === 0) return a;
    if (a === NO_SLOTS && coef === 1) return b;
    if (a.terms !== null && b.terms !== null && a.size + b.size <= FLAT) {
      const sums = new Map<number, number>();
      for (const term of a.terms) sums.set(term.slot, term.coef);
      for (const term of b.terms) sums.set(term.slot, (sums.get(term.slot) ?? 0) + coef * term.coef);
      return this.of([...sums].map(([slot, c]) => ({ slot, coef: c })));
    }
    return this.intern(`${a.id}+${coef}*${b.id}`, a.size + b.size, null, [
      { coef: 1, of: a },
      { coef, of: b },
    ]);
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
    let key = "";
    for (const { slot, coef } of terms) key += `s${slot}*${coef}`;
    return this.intern(key, terms.length, terms, []);
  }
  private intern(key: string, size: number, terms: SlotSum["terms"], parts: SlotSum["parts"]): SlotSum {
    let found = this.known.get(key);
    if (found === undefined) this.known.set(key, (found = { id: this.known.size + 1, size, terms, parts }));
    return found;
  }
}
