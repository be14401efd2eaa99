// Scopes of transformations (SEMANTICS section 1): which stretch of creation ids a transformation owns, whether it
// is still open, and which evaluated nodes must keep their inputs until it closes. The creation counter and the
// stack of open scopes are the only global state of ir.
import type { Node } from "./node.ts";

export type ScopeKind =
  /** grad, jvp, vjp: values inside are concrete and may be read. */
  | "diff"
  /** vmap, jit, makeJaxpr: values inside are placeholders. */
  | "abstract";

/** The synchronous extent of one transformation. */
export interface Scope {
  readonly kind: ScopeKind;
  /** Ids of nodes created inside are ≥ startId. */
  readonly startId: number;
  readonly parent: Scope | null;
  /** How messages name it: `jit(f)`. */
  readonly name: string;
  /** Whether JS numbers written inside are literals (closed sub-graphs) rather than slots (vmap, grad). */
  readonly literals: boolean;
  /** Nesting depth, 1 for the outermost. */
  readonly depth: number;
  open: boolean;
  /** Evaluated nodes that keep their inputs until the outermost scope closes. */
  readonly retained: Node[];
}

let nextId = 1;
let innermost: Scope | null = null;
let outermost: Scope | null = null;

export const takeId = (): number => nextId++;
/** The id the next node will get. */
export const peekId = (): number => nextId;
export const currentScope = (): Scope | null => innermost;
export const outermostScope = (): Scope | null => outermost;

/** Whether numbers written now are literals: some open closed-graph scope is innermost of its kind. */
export const literalsNow = (): boolean => {
  for (let scope = innermost; scope !== null; scope = scope.parent) if (scope.literals) return true;
  return false;
};

/** Runs `body` inside a new scope, which is closed whatever happens; retained nodes drop their inputs at the end. */
export function withScope<T>(kind: ScopeKind, name: string, literals: boolean, body: (scope: Scope) => T): T {
  const scope: Scope = {
    kind,
    startId: nextId,
    parent: innermost,
    name,
    literals,
    depth: (innermost?.depth ?? 0) + 1,
    open: true,
    retained: [],
  };
  innermost = scope;
  outermost ??= scope;
  try {
    return body(scope);
  } finally {
    scope.open = false;
    innermost = scope.parent;
    if (outermost === scope) {
      outermost = null;
      for (const node of scope.retained) node.dropInputs();
      scope.retained.length = 0;
    }
  }
}

/** Whether an evaluated node must keep its inputs, because an open transformation may still walk through it. */
export const mustKeepInputs = (node: Node): boolean => outermost !== null && node.id >= outermost.startId;
