// Fewer cases of a generated suite where all of them would take long: the same ones in every run, and no kind without.

/**
 * The first case of every kind, and every `every`-th of all of them.
 * @example thin(CASES, 4, (c) => c.prim)
 */
export function thin<T>(cases: readonly T[], every: number, kindOf: (one: T) => string): readonly T[] {
  const kinds = new Set<string>();
  return cases.filter((one, i) => {
    const kind = kindOf(one);
    const isNew = !kinds.has(kind);
    kinds.add(kind);
    return isNew || i % every === 0;
  });
}
