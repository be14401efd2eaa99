// Giving up on what the host may never answer. Owns the one rule: a time that passed while the calling thread was busy,
// or its page asleep, is no time in which an answer could have been heard.
import type { Runtime } from "./runtime.ts";

/** A timer that comes so much late was held up, and with it the answer. */
const HELD_UP_MS = 100;
/** What is given once more then. */
const MORE_MS = 1000;

/**
 * What a promise gives, or what `late` gives (or throws) where it has settled by itself in neither way after so long.
 * The promise goes on: whoever can use a late answer, or must give it back, listens to it.
 * @example const text = await inTime(runtime, cache.load(name), 1000, () => null);
 */
export function inTime<T, L>(
  { now, timer }: Pick<Runtime, "now" | "timer">,
  promise: Promise<T>,
  milliseconds: number,
  late: () => L,
): Promise<T | L> {
  return new Promise((resolve, reject) => {
    let cancel = (): void => {};
    const arm = (wait: number, last: boolean): void => {
      const due = now() + wait;
      cancel = timer(() => {
        if (!last && now() - due > HELD_UP_MS) return arm(MORE_MS, true);
        try {
          resolve(late());
        } catch (error) {
          reject(error as Error);
        }
      }, wait);
    };
    arm(milliseconds, false);
    promise.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: Error) => {
        cancel();
        reject(error);
      },
    );
  });
}
