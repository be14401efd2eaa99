// Scopes of handles: which NDArrays were made since `scope()` was entered, so that it can dispose them.
import type { NDArray } from "./array.ts";

let made: NDArray[] | null = null;

/** Called for every new handle. */
export const noteHandle = (handle: NDArray): void => {
  if (made !== null) made.push(handle);
};

/**
 * Runs `body` and hands over the handles that were made meanwhile, whatever happens to it. What is left alive belongs
 * to the collection around this one.
 */
export function collectHandles<T>(body: () => T, then: (made: readonly NDArray[], result: T | undefined) => void): T {
  const outer = made;
  const own: NDArray[] = [];
  made = own;
  let result: T | undefined;
  try {
    result = body();
    return result;
  } finally {
    made = outer;
    then(own, result);
    if (outer !== null) for (const handle of own) if (!handle.disposed) outer.push(handle);
  }
}

/** Runs a transformation; handles on values that were traced and are over let go of what they used. */
export const abandoningTraced = <T>(body: () => T): T =>
  collectHandles(body, (made) => {
    for (const handle of made) handle.abandon();
  });
