// What the collector tells, on hosts where it tells something. Where one has no FinalizationRegistry nothing is given back
// by itself, only by dispose, scope and the counts of owners; where one has no WeakRef what is referred to stays.

/** The part of a FinalizationRegistry that is used. */
export interface Finalizer<T> {
  register(target: object, held: T, token?: object): void;
  unregister(token: object): unknown;
}

interface Host {
  readonly FinalizationRegistry?: new <T>(cleanup: (held: T) => void) => Finalizer<T>;
  readonly WeakRef?: new <T extends object>(target: T) => Weak<T>;
}

/** Calls `cleanup` some while after a registered target was collected, if the host can. */
export function finalizer<T>(cleanup: (held: T) => void): Finalizer<T> {
  const { FinalizationRegistry: Registry } = globalThis as Host;
  return Registry === undefined ? { register: () => {}, unregister: () => {} } : new Registry(cleanup);
}

/** The part of a WeakRef that is used. */
export interface Weak<T> {
  deref(): T | undefined;
}

/** A reference that keeps nothing alive, if the host has such. */
export function weakly<T extends object>(target: T): Weak<T> {
  const { WeakRef: Reference } = globalThis as Host;
  return Reference === undefined ? { deref: () => target } : new Reference(target);
}
