// Index maps at plan time: interned affine forms over a region's axes with floor/modulo digits, slotted bases and
// computed starts, and the guards that say where they hold. Pure integer algebra; nothing here knows a kernel.
import type { SlotTerm } from "@weft/ir";
import { HashTable, mixed } from "@weft/ir";
import type { Item } from "./items.ts";
import type { DerivedSlots, SlotSum } from "./slot-sum.ts";
import { NO_SLOTS, SlotSums } from "./slot-sum.ts";

/** A loop axis of a region; never of size 1. */
export interface AxisTerm {
  readonly id: number;
  readonly kind: "axis";
  readonly size: number;
  readonly lo: number;
  readonly hi: number;
  /** This axis's bit in the masks of forms. */
  readonly mask: number;
}
/** floor(of / div) mod m. */
export interface DigitTerm {
  readonly id: number;
  readonly kind: "digit";
  readonly of: Form;
  readonly div: number;
  readonly mod: number | null;
  readonly lo: number;
  readonly hi: number;
  readonly mask: number;
  /** The largest value of `of` where the term is used. */
  readonly most: number;
}
/** The value of an int32 item at a place, clamped to 0 … hi. */
export interface StartTerm {
  readonly id: number;
  readonly kind: "start";
  readonly start: Item;
  readonly at: Access;
  readonly lo: number;
  readonly hi: number;
  readonly mask: number;
}
export type FormTerm = AxisTerm | DigitTerm | StartTerm;

/** base + Σ coef·slot + Σ coef·term. Interned: equal forms are one object. */
export interface Form {
  readonly id: number;
  readonly base: number;
  readonly slots: SlotSum;
  readonly terms: readonly { readonly coef: number; readonly of: FormTerm }[];
  /** Bounds by the terms' own ranges; infinite with slots. */
  readonly lo: number;
  readonly hi: number;
  /** Axes it depends on. */
  readonly mask: number;
  /** Deepest nesting of digits. */
  readonly digits: number;
  /** Computed starts. */
  readonly parts: number;
}

/** lo ≤ of < hi; the base of `of` is 0. */
export interface GuardEntry {
  readonly of: Form;
  readonly lo: number;
  readonly hi: number;
}
/** True where every entry is. No form has two entries: they were cut to their intersection. */
export interface GuardForm {
  readonly id: number;
  readonly all: readonly GuardEntry[];
}

/** Where in an item a region reads it: one form an axis, valid where the guard is true. Interned. */
export interface Access {
  readonly id: number;
  readonly index: readonly Form[];
  readonly guard: GuardForm | null;
  /** Axes that the index or the guard depends on. */
  readonly mask: number;
  readonly digits: number;
  /** Entries of the guard, and the parts of its forms and of the index. */
  readonly parts: number;
}

/** Kernels count in 32 bits, without a sign: what they compute with lies below this. */
export const POSITIONS = 2 ** 32;

type Entry = { coef: number; of: FormTerm };

/** The interning tables of one lowering. */
export class IndexSpace {
  private readonly forms = new HashTable<Form>();
  private readonly terms = new Map<string, FormTerm>();
  private readonly guards = new Map<string, GuardForm>();
  private readonly accesses = new HashTable<Access>();
  private readonly slotSums: SlotSums;
  private termCount = 0;
  readonly zero: Form;
  /** The access of rank-0 items: no axis, no guard. */
  readonly scalar: Access;

  /** `slots`: how many a run is given. */
  constructor(slots = 0) {
    this.slotSums = new SlotSums(slots);
    this.zero = this.form(0, NO_SLOTS, []);
    this.scalar = this.access([], null);
  }

  /** The slots that long sums became. */
  get derived(): DerivedSlots {
    return this.slotSums.derived;
  }

  /** A fresh axis; `bit` distinguishes the axes of one region. */
  axis(size: number, bit: number): AxisTerm {
    return { id: ++this.termCount, kind: "axis", size, lo: 0, hi: size - 1, mask: 1 << bit };
  }
  start(item: Item, at: Access, limit: number): Form {
    if (limit === 0) return this.zero;
    const key = `s${item.index},${at.id},${limit}`;
    let term = this.terms.get(key);
    if (term === undefined)
      this.terms.set(
        key,
        (term = { id: ++this.termCount, kind: "start", start: item, at, lo: 0, hi: limit, mask: at.mask }),
      );
    return this.of(term);
  }
  of(term: FormTerm): Form {
    return this.form(0, NO_SLOTS, [{ coef: 1, of: term }]);
  }
  constant(base: number): Form {
    return base === 0 ? this.zero : this.form(base, NO_SLOTS, []);
  }

  /** The terms of a form's slots. */
  slotTerms({ slots }: Form): readonly SlotTerm[] {
    return this.slotSums.terms(slots);
  }

  /** Σ coef·form + base + slots. */
  sum(parts: readonly { readonly coef: number; readonly form: Form }[], base = 0, slots: SlotSum = NO_SLOTS): Form {
    let total = base;
    let slotSum = slots;
    const entries: Entry[] = [];
    for (const { coef, form } of parts) {
      if (coef === 0) continue;
      total += coef * form.base;
      slotSum = this.slotSums.add(slotSum, form.slots, coef);
      for (const term of form.terms) addEntry(entries, coef * term.coef, term.of);
    }
    return this.normal(total, slotSum, entries);
  }
  /** coef·form + base, plus a slot where one is given. */
  scale(form: Form, coef: number, base = 0, slot = -1): Form {
    if (coef === 1 && base === 0 && slot < 0) return form;
    const added = slot < 0 ? NO_SLOTS : this.slotSums.single(slot);
    if (coef !== 1) return this.sum([{ coef, form }], base, added);
    return this.form(base + form.base, this.slotSums.add(added, form.slots, 1), form.terms);
  }

  /** floor(form / div) mod `mod` for a form known to lie in 0 … hi. */
  digit(form: Form, div: number, mod: number | null, hi: number): Form {
    if (mod !== null && Math.floor(hi / div) < mod) mod = null;
    if (div === 1 && mod === null) return form;
    const apart = form.slots === NO_SLOTS ? this.apart(form, div) : null;
    if (apart !== null && (apart.rest.hi < div || Math.min(hi, form.hi) >= POSITIONS)) {
      const low = apart.rest.hi < div ? this.zero : this.digitTerm(apart.rest, div, null, apart.rest.hi);
      const joined = this.sum([
        { coef: 1, form: apart.whole },
        { coef: 1, form: low },
      ]);
      return this.modulo(joined, mod, Math.floor(hi / div));
    }
    // multiples of div leave the floor
    const whole: Entry[] = [];
    const rest: Entry[] = [];
    for (const { coef, of } of form.terms) {
      if (coef % div === 0) whole.push({ coef: coef / div, of });
      else rest.push({ coef, of });
    }
    let wholeBase = Math.floor(form.base / div);
    const slots = this.slotTerms(form);
    let restForm = this.normal(
      form.base - wholeBase * div,
      this.slotSums.of(slots.filter(({ coef }) => coef % div !== 0)),
      rest,
    );
    const wholeSlots = this.slotSums.of(
      slots.filter(({ coef }) => coef % div === 0).map(({ slot, coef }) => ({ slot, coef: coef / div })),
    );
    if (restForm.lo < 0 && wholeBase !== 0) {
      // the remainder alone must not be negative
      restForm = this.sum([{ coef: 1, form: restForm }], wholeBase * div);
      wholeBase = 0;
    }
    if (restForm.lo >= 0 && restForm.hi < div)
      return this.modulo(this.normal(wholeBase, wholeSlots, whole), mod, Math.floor(hi / div));
    if (restForm.lo < 0 || restForm.slots !== NO_SLOTS) return this.digitTerm(form, div, mod, hi);
    // the bound holds for the whole form; without other terms it bounds the rest as well
    const alone = whole.length === 0 && wholeSlots === NO_SLOTS;
    const inner = this.digitTerm(
      restForm,
      div,
      null,
      alone ? Math.min(hi - wholeBase * div, restForm.hi) : restForm.hi,
    );
    const joined = this.sum([
      { coef: 1, form: inner },
      { coef: 1, form: this.normal(wholeBase, wholeSlots, whole) },
    ]);
    return this.modulo(joined, mod, Math.floor(hi / div));
  }

  /** form = div·whole + rest, of which the rest is small and not negative. */
  private apart(form: Form, div: number): { readonly whole: Form; readonly rest: Form } {
    const quotient = (x: number): number => Math.round(x / div);
    const moving = this.normal(
      0,
      NO_SLOTS,
      form.terms.map(({ coef, of }) => ({ coef: coef - quotient(coef) * div, of })),
    );
    const first = Math.floor((form.base + moving.lo) / div);
    const whole = this.normal(
      first,
      NO_SLOTS,
      form.terms.map(({ coef, of }) => ({ coef: quotient(coef), of })),
    );
    return { whole, rest: this.sum([{ coef: 1, form: moving }], form.base - first * div) };
  }

  private modulo(form: Form, mod: number | null, hi: number): Form {
    if (mod === null || hi < mod) return form;
    const apart = form.slots === NO_SLOTS ? this.apart(form, mod) : null;
    if (apart !== null && apart.rest.hi < mod) return apart.rest;
    if (apart !== null && Math.min(hi, form.hi) >= POSITIONS) return this.digitTerm(apart.rest, 1, mod, apart.rest.hi);
    const rest = form.terms.filter(({ coef }) => coef % mod !== 0).map(({ coef, of }) => ({ coef, of }));
    const slots = this.slotSums.of(this.slotTerms(form).filter(({ coef }) => coef % mod !== 0));
    const base = ((form.base % mod) + mod) % mod;
    const reduced = this.normal(base, slots, rest);
    if (reduced.lo < 0 || reduced.slots !== NO_SLOTS) return this.digitTerm(form, 1, mod, hi);
    if (reduced.hi < mod) return reduced;
    return this.digitTerm(reduced, 1, mod, reduced.hi);
  }

  private digitTerm(of: Form, div: number, mod: number | null, hi: number): Form {
    if (mod !== null && Math.floor(hi / div) < mod) mod = null;
    if (div === 1 && mod === null) return of;
    if (of.base === 0 && of.slots === NO_SLOTS && of.terms.length === 1 && of.terms[0].coef === 1) {
      const inner = of.terms[0].of;
      // a digit of a digit is a digit where the moduli divide
      if (inner.kind === "digit" && (inner.mod === null || inner.mod % div === 0)) {
        const limit = inner.mod === null ? null : inner.mod / div;
        if (mod === null || limit === null || limit % mod === 0) {
          const joined = limit === null ? mod : mod === null ? limit : Math.min(mod, limit);
          return this.digitTerm(inner.of, inner.div * div, joined, inner.most);
        }
      }
    }
    // the bound may hold under a guard only, so it is part of the term
    const top = Math.floor(Math.min(hi, of.hi) / div);
    const key = `d${of.id}/${div}%${mod}<=${top}`;
    let term = this.terms.get(key);
    if (term === undefined) {
      term = {
        id: ++this.termCount,
        kind: "digit",
        of,
        div,
        mod,
        lo: 0,
        hi: mod === null ? top : Math.min(top, mod - 1),
        mask: of.mask,
        most: Math.min(of.hi, (top + 1) * div - 1),
      };
      this.terms.set(key, term);
    }
    return this.of(term);
  }

  /** Joins digits of one form that stand next to each other: (x/b)·b + x%b is x. */
  private normal(base: number, slots: SlotSum, entries: Entry[]): Form {
    for (let joined = true; joined && entries.length > 1;) {
      joined = false;
      for (let i = 0; i < entries.length && !joined; i++) {
        const high = entries[i];
        if (high.of.kind !== "digit") continue;
        for (let j = 0; j < entries.length; j++) {
          const low = entries[j];
          if (i === j || low.of.kind !== "digit" || low.of.of !== high.of.of || low.of.mod === null) continue;
          if (high.of.div !== low.of.div * low.of.mod || high.coef !== low.coef * low.of.mod) continue;
          const mod = high.of.mod === null ? null : high.of.mod * low.of.mod;
          const whole = this.digitTerm(low.of.of, low.of.div, mod, Math.min(low.of.most, high.of.most));
          const { coef } = low;
          const others = entries.filter((entry) => entry !== high && entry !== low);
          for (const term of whole.terms) addEntry(others, coef * term.coef, term.of);
          base += coef * whole.base;
          slots = this.slotSums.add(slots, whole.slots, coef);
          entries = others;
          joined = true;
          break;
        }
      }
    }
    return this.form(base, slots, entries);
  }

  /** The form of these entries, which nobody changes any more. */
  private form(base: number, slots: SlotSum, entries: readonly Entry[]): Form {
    const terms = isSorted(entries)
      ? entries
      : entries.filter(({ coef }) => coef !== 0).sort((a, b) => a.of.id - b.of.id);
    let hash = mixed(base, slots.id);
    for (let i = 0; i < terms.length; i++) hash = mixed(mixed(hash, terms[i].of.id), terms[i].coef);
    const { forms } = this;
    for (let at = forms.first(hash); at >= 0; at = forms.next(at)) {
      const known = forms.values[at];
      if (known.base === base && known.slots === slots && sameTerms(known.terms, terms)) return known;
    }
    let lo = slots === NO_SLOTS ? base : -Infinity;
    let hi = slots === NO_SLOTS ? base : Infinity;
    let mask = 0;
    let digits = 0;
    let parts = 0;
    for (const { coef, of } of terms) {
      lo += coef > 0 ? coef * of.lo : coef * of.hi;
      hi += coef > 0 ? coef * of.hi : coef * of.lo;
      mask |= of.mask;
      if (of.kind === "digit") {
        digits = Math.max(digits, 1 + of.of.digits);
        parts += of.of.parts;
      } else if (of.kind === "start") parts++;
    }
    const made: Form = { id: forms.values.length + 1, base, slots, terms, lo, hi, mask, digits, parts };
    forms.add(hash, made);
    return made;
  }

  /** What holds where `outer` and these entries do. */
  guard(outer: GuardForm | null, entries: readonly GuardEntry[]): GuardForm | null {
    let all: GuardEntry[] | null = null;
    for (const { of, lo, hi } of entries) {
      if (of.lo >= lo && of.hi < hi) continue;
      // without its base, and within its own bounds: what only moves along an axis is one entry, however often it is cut
      const moved = of.base === 0 ? of : this.form(0, of.slots, of.terms);
      const low = Math.max(lo - of.base, moved.lo);
      const high = Math.min(hi - of.base, moved.hi + 1);
      all ??= outer === null ? [] : [...outer.all];
      const at = all.findIndex((known) => known.of === moved);
      const first = at < 0 ? low : Math.max(low, all[at].lo);
      // never empty by less than nothing: kernels compare without a sign
      const end = Math.max(first, at < 0 ? high : Math.min(high, all[at].hi));
      if (at < 0) all.push({ of: moved, lo: first, hi: end });
      else all[at] = { of: moved, lo: first, hi: end };
    }
    if (all === null) return outer;
    const key = all.map(({ of, lo, hi }) => `${lo}<=${of.id}<${hi}`).join("&");
    let found = this.guards.get(key);
    if (found === undefined) this.guards.set(key, (found = { id: this.guards.size + 1, all }));
    return found;
  }

  access(index: readonly Form[], guard: GuardForm | null): Access {
    let hash = guard === null ? 0 : guard.id;
    for (let axis = 0; axis < index.length; axis++) hash = mixed(hash, index[axis].id);
    const { accesses } = this;
    for (let at = accesses.first(hash); at >= 0; at = accesses.next(at)) {
      const known = accesses.values[at];
      if (known.guard === guard && sameForms(known.index, index)) return known;
    }
    let mask = 0;
    let digits = 0;
    let parts = guard === null ? 0 : guard.all.length;
    for (const form of index) {
      mask |= form.mask;
      digits = Math.max(digits, form.digits);
      parts += form.parts;
    }
    if (guard !== null) for (const { of } of guard.all) mask |= of.mask;
    const made: Access = { id: accesses.values.length + 1, index, guard, mask, digits, parts };
    accesses.add(hash, made);
    return made;
  }

  /** The place of an element in a contiguous array of this shape. */
  flat(index: readonly Form[], shape: readonly number[]): Form {
    const parts: { coef: number; form: Form }[] = [];
    let stride = 1;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (shape[axis] !== 1) parts.push({ coef: stride, form: index[axis] });
      stride *= shape[axis];
    }
    return parts.length === 1 && parts[0].coef === 1 ? parts[0].form : this.sum(parts);
  }
}

function isSorted(entries: readonly Entry[]): boolean {
  for (let i = 0; i < entries.length; i++)
    if (entries[i].coef === 0 || (i > 0 && entries[i - 1].of.id >= entries[i].of.id)) return false;
  return true;
}

function sameTerms(a: readonly Entry[], b: readonly Entry[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i].of !== b[i].of || a[i].coef !== b[i].coef) return false;
  return true;
}

function sameForms(a: readonly Form[], b: readonly Form[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function addEntry(entries: Entry[], coef: number, of: FormTerm): void {
  for (const entry of entries) {
    if (entry.of === of) {
      entry.coef += coef;
      return;
    }
  }
  entries.push({ coef, of });
}
