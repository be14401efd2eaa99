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

export class Scope {
  readonly parent: Scope | null;
  readonly code = new Writer();
  readonly values = new Map<NodeId, Copies>();
  /** Named scalars and vectors computed once in this scope. */
  readonly memo = new Map<string, number>();
  readonly copies = new Map<string, Copies>();
  private readonly free: number[] = [];
  private readonly owned = new Set<number>();
  private readonly types: number[];
  private readonly firstLocal: number;

  constructor(parent: Scope | null, types: number[], firstLocal: number) {
    this.parent = parent;
    this.types = types;
    this.firstLocal = firstLocal;
  }

  /** A local for code of this scope: one that is free here or in an enclosing scope, or a new one. */
  alloc(type: number): number {
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      const { free } = scope;
      for (let i = free.length - 1; i >= 0; i--) {
        const local = free[i];
        if (this.types[local - this.firstLocal] !== type) continue;
        free.splice(i, 1);
        scope.owned.delete(local);
        this.owned.add(local);
        return local;
      }
    }
    this.types.push(type);
    const local = this.types.length - 1 + this.firstLocal;
    this.owned.add(local);
    return local;
  }

  release(local: number): void {
    this.free.push(local);
  }

  releaseValue(value: Value): void {
    for (let i = 0; i < value.length; i++) if (value.indexOf(value[i]) === i) this.release(value[i]);
  }

  /** Hands all locals to the parent, whose code the caller appends this scope's code to. */
  close(): void {
    const { parent } = this;
    if (parent === null) return;
    for (const local of this.owned) {
      parent.owned.add(local);
      parent.free.push(local);
    }
  }
}
