// Work in parts: a generator that gives the thread back between them. Whoever needs the result now does all of it at once;
// whoever awaits it lets the host's event loop run in between (scheduler/src/turns.ts). Both do the same work.

export type Parts<T> = Generator<undefined, T, undefined>;

/**
 * Does all of it now.
 * @example const graph = finishParts(simplifyInParts(cloned));
 */
export function finishParts<T>(parts: Parts<T>): T {
  for (;;) {
    const { done, value } = parts.next();
    if (done === true) return value;
  }
}
