// Waiting for a word of shared memory without blocking the thread: Atomics.waitAsync, or a short timer where the host
// has none or the memory is not shared. Workers import this file, so it imports nothing.

/** How long the timer lets a change go unnoticed. */
const TIMER_MS = 2;

/**
 * Settles soon after the word has ceased to hold `value` and somebody has notified it, or after `milliseconds` at most;
 * it may settle before either, so the caller looks again. Null if the word holds another value already.
 */
export function changeOf(words: Int32Array, at: number, value: number, milliseconds: number): Promise<unknown> | null {
  if (Atomics.load(words, at) !== value) return null;
  const shared = !(words.buffer instanceof ArrayBuffer);
  if (shared && typeof Atomics.waitAsync === "function") {
    const waiting = Atomics.waitAsync(words, at, value, milliseconds);
    return waiting.async ? waiting.value : null;
  }
  return new Promise((resolve) => setTimeout(resolve, Math.min(TIMER_MS, milliseconds)));
}
