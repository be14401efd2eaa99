// Scopes of emitted code: one a loop depth. Code that a deeper loop asks for but that does not depend on it is
// written to the shallower scope, whose code precedes the loop. Locals freed in a scope are reused in that scope only.
import type { NodeId } from "@weft/ir";
import { Writer } from "./writer.ts";

/** The locals of one vector of four elements: one v128, two for f64, two for the parts of threefry2x32. */
export type Value = readonly number[];
/** The values of the unrolled copies; a single one if all copies share it. */
export type Copies = readonly Value[];

export function copyOf(copies: Copies, copy: number): Value {
  return copies.length === 1 ? copies[0] : copies[copy];
}

/** The locals of the function being written, beyond its parameters. */
export class Locals {
  readonly types: number[] = [];
  /** The scope each is free or in use in. */
  readonly owner: Scope[] = [];
  readonly first: number;

  constructor(first: number) {
    this.first = first;
  }
}

/** Value types are the five codes from v128 (0x7b) to i32 (0x7f). */
const slotOf = (type: number): number => type - 0x7b;

export class Scope {
  readonly parent: Scope | null;
  readonly code = new Writer();
  readonly values = new Map<NodeId, Copies>();
  /** Named scalars and vectors computed once in this scope. */
  readonly memo = new Map<string, number>();
  readonly copies = new Map<string, Copies>();
  private readonly locals: Locals;
  private readonly free: readonly number[][] = [[], [], [], [], []];
  /** All that ever came here; those that an inner scope took have another owner now. */
  private readonly taken: number[] = [];

  constructor(parent: Scope | null, locals: Locals) {
    this.parent = parent;
    this.locals = locals;
  }

  private takeFree(slot: number): number | undefined {
    return this.free[slot].pop() ?? this.parent?.takeFree(slot);
  }

  /** A local for code of this scope: one that is free here or in an enclosing scope, or a new one. */
  alloc(type: number): number {
    const { types, owner, first } = this.locals;
    const free = this.takeFree(slotOf(type));
    if (free !== undefined) {
      if (owner[free - first] !== this) {
        owner[free - first] = this;
        this.taken.push(free);
      }
      return free;
    }
    const local = types.push(type) - 1 + first;
    owner[local - first] = this;
    this.taken.push(local);
    return local;
  }

  release(local: number): void {
    const { types, first } = this.locals;
    this.free[slotOf(types[local - first])].push(local);
  }

  releaseValue(value: Value): void {
    for (let i = 0; i < value.length; i++) if (i === 0 || value[i] !== value[0]) this.release(value[i]);
  }

  /** Hands all locals to the parent, whose code the caller appends this scope's code to. */
  close(): void {
    const { parent } = this;
    if (parent === null) return;
    const { owner, first } = this.locals;
    for (const local of this.taken) {
      if (owner[local - first] !== this) continue;
      owner[local - first] = parent;
      parent.taken.push(local);
      parent.release(local);
    }
  }
}
