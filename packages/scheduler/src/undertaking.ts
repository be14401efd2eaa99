// Work in parts that has one result for all who want it: whoever awaits it has it done in slices, and whoever needs it at
// once finishes it, however far it has come.
import type { Parts } from "@weft/ir";
import { currentScope } from "@weft/ir";
import { inSlices } from "./turns.ts";

type Outcome<T> = { readonly result: T } | { readonly error: unknown };

export class Undertaking<T> {
  private readonly parts: Parts<T>;
  private outcome: Outcome<T> | null = null;

  constructor(parts: Parts<T>) {
    this.parts = parts;
  }

  /** Does the next part; true if there is nothing left to do. */
  private part(): boolean {
    if (this.outcome !== null) return true;
    try {
      const { done, value } = this.parts.next();
      if (done !== true) return false;
      this.outcome = { result: value };
    } catch (error) {
      this.outcome = { error };
    }
    return true;
  }

  /** The result, now. Throws what the work throws. */
  now(): T {
    for (;;) {
      const { outcome } = this;
      if (outcome === null) this.part();
      else if ("error" in outcome) throw outcome.error;
      else return outcome.result;
    }
  }

  /** The result, in slices between which the event loop runs. Rejects with what the work throws. */
  async later(): Promise<T> {
    // the slice may be begun by somebody whose transformation is open, which this is no part of
    await inSlices(() => (currentScope() === null ? this.part() : Promise.resolve()));
    return this.now();
  }
}
