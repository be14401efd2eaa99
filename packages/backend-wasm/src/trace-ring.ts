// Where lanes write down what they did while a trace is taken: one ring a lane in shared memory, an entry for the chunks
// of one step that the lane worked on without a pause. Lanes write, the calling thread reads entries of programs that
// are done. Workers import this file, so it knows nothing of the host. Taking a trace apart is tracing.ts's.
import type { Views } from "./memory.ts";

/** Entries a lane: a few programs in flight never have more, so only a calling thread that is stuck loses any. */
export const TRACE_ENTRIES = 4096;
/** A ring begins with the number of entries ever begun in it, in a line of its own. */
const HEADER_WORDS = 16;
/** Words of an entry; two of them are doubles. */
const ENTRY_WORDS = 8;
export const ENTRY_SEQ = 0;
export const ENTRY_STEP = 1;
export const ENTRY_CHUNKS = 2;
/** In doubles from the entry's beginning. */
export const ENTRY_FROM = 2;
export const ENTRY_TO = 3;

const RING_WORDS = HEADER_WORDS + TRACE_ENTRIES * ENTRY_WORDS;
export const TRACE_RING_BYTES = RING_WORDS * 4;

/** Chunks of one step further apart than this are two entries: the lane did something else, or slept. */
const ADJACENT_MS = 0.1;

/** Word of a lane's ring: the count of its entries. */
export function ringOf(trace: number, lane: number): number {
  return (trace >>> 2) + lane * RING_WORDS;
}

/** Word of entry number `index` of a ring. */
export function entryOf(ring: number, index: number): number {
  return ring + HEADER_WORDS + (index & (TRACE_ENTRIES - 1)) * ENTRY_WORDS;
}

/** Records a chunk. Must come before the chunk is counted as finished: what is done has been recorded. */
export function recordChunk(
  views: Views,
  trace: number,
  lane: number,
  seq: number,
  step: number,
  from: number,
  to: number,
): void {
  const { words, doubles } = views;
  const ring = ringOf(trace, lane);
  const count = words[ring];
  const last = entryOf(ring, count - 1);
  const adjacent =
    count !== 0 &&
    words[last + ENTRY_SEQ] === seq &&
    words[last + ENTRY_STEP] === step &&
    from - doubles[(last >>> 1) + ENTRY_TO] < ADJACENT_MS;
  if (adjacent) {
    words[last + ENTRY_CHUNKS]++;
    doubles[(last >>> 1) + ENTRY_TO] = to;
    return;
  }
  const entry = entryOf(ring, count);
  words[entry + ENTRY_SEQ] = seq;
  words[entry + ENTRY_STEP] = step;
  words[entry + ENTRY_CHUNKS] = 1;
  doubles[(entry >>> 1) + ENTRY_FROM] = from;
  doubles[(entry >>> 1) + ENTRY_TO] = to;
  words[ring] = (count + 1) | 0;
}
