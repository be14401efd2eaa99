// What a lane's death left undone, put right by the calling thread. A dead lane's line says what it was at: nothing, a
// chunk, or taking one whose number it had not written down yet. What is lost is found by elimination: when all chunks
// of the step are given out and no living lane holds one, those not counted are the dead lanes'. They are run again if
// the step can be, else the program fails. Costs the lanes' loop nothing. Refuses to act on lanes that may still run.
import {
  CLAIMING,
  DONE,
  ERROR_LANE,
  LINE_CHUNK,
  LINE_INSIDE,
  LINE_SEQ,
  LINE_STEP,
  NO_CHUNK,
  NO_ERROR,
  SLOT_CURRENT,
  SLOT_ERROR,
  SLOT_FRAME,
  SLOT_STEPS,
  STEP_CHUNKS,
  STEP_CLAIM,
  STEP_FINISHED,
  STEP_SLEEPERS,
  STEP_WORDS,
  lineOf,
  slotOf,
} from "./control.ts";
import { advance, anyAsleep, failProgram, repeatChunk } from "./thread.ts";
import type { Lane } from "./thread.ts";

/** How a step in which lanes have died was mended. */
export interface Repair {
  /** Chunks that were run again by themselves. */
  chunks: number;
  /** 1 if the whole step starts again, because nobody knows which of its chunks is missing. */
  steps: number;
  /** 1 if the program failed, because the step cannot be run again. */
  failures: number;
}

/** Takes a dead lane out of the program it was in. */
export function clearLine(words: Int32Array, lane: number): void {
  Atomics.store(words, lineOf(lane) + LINE_CHUNK, NO_CHUNK);
  Atomics.store(words, lineOf(lane) + LINE_INSIDE, 0);
}

/**
 * Whether a dead lane may have taken a chunk of the step in progress that it has not counted. If not, its line is
 * cleared, and whatever it was about to do for others is done.
 */
export function isInDoubt(words: Int32Array, lane: number): boolean {
  const line = lineOf(lane);
  if (Atomics.load(words, line + LINE_CHUNK) !== NO_CHUNK) {
    const seq = words[line + LINE_SEQ];
    const slot = slotOf(seq);
    const at = slot + SLOT_CURRENT;
    const current = Atomics.load(words, at);
    if (((Atomics.load(words, DONE) - seq) | 0) < 0) {
      if (current === words[line + LINE_STEP]) return true;
    } else if (current < words[slot + SLOT_STEPS]) {
      // It died between the two words that say that the program has ended. Its line has kept the slot from being reused.
      Atomics.store(words, at, words[slot + SLOT_STEPS]);
    }
    if (anyAsleep(words, STEP_SLEEPERS)) Atomics.notify(words, at);
  }
  clearLine(words, lane);
  return false;
}

/** Whether a living worker holds a chunk of program `seq`, or is about to. */
function isAnyBusy(words: Int32Array, seq: number, threads: number, fallen: readonly number[]): boolean {
  for (let lane = 1; lane < threads; lane++) {
    const line = lineOf(lane);
    if (Atomics.load(words, line + LINE_CHUNK) === NO_CHUNK || words[line + LINE_SEQ] !== seq) continue;
    if (!fallen.includes(lane)) return true;
  }
  return false;
}

/**
 * Mends the step in progress, in which the `fallen` lanes are in doubt; null as long as it is too early: while chunks
 * are unclaimed or in living hands. Called by the calling thread, outside its own loop.
 */
export function repairStep(
  lane: Lane,
  threads: number,
  fallen: readonly number[],
  isRepeatable: (step: number) => boolean,
  reason: string,
): Repair | null {
  const { words } = lane.views;
  const seq = (Atomics.load(words, DONE) + 1) | 0;
  const slot = slotOf(seq);
  const step = Atomics.load(words, slot + SLOT_CURRENT);
  const record = (words[slot + SLOT_FRAME] >>> 2) + step * STEP_WORDS;
  const chunks = words[record + STEP_CHUNKS];
  if (Atomics.load(words, record + STEP_CLAIM) < chunks) return null;
  // In this order: from the claim of its last chunk on, a step is in the hands of those that are busy.
  if (isAnyBusy(words, seq, threads, fallen)) return null;
  const missing = chunks - Atomics.load(words, record + STEP_FINISHED);
  if (Atomics.load(words, slot + SLOT_CURRENT) !== step) return null;
  const repair: Repair = { chunks: 0, steps: 0, failures: 0 };
  if (missing > 0 && Atomics.load(words, slot + SLOT_ERROR) === NO_ERROR) {
    const held: number[] = [];
    for (const dead of fallen) held.push(Atomics.load(words, lineOf(dead) + LINE_CHUNK));
    if (!isRepeatable(step)) {
      failProgram(words, slot, ERROR_LANE, step, held[0], fallen[0], reason);
      repair.failures = 1;
    } else if (held.includes(CLAIMING)) {
      for (const dead of fallen) clearLine(words, dead);
      // The count first: whoever claims from now on adds to the new one.
      Atomics.store(words, record + STEP_FINISHED, 0);
      Atomics.store(words, record + STEP_CLAIM, 0);
      if (anyAsleep(words, STEP_SLEEPERS)) Atomics.notify(words, slot + SLOT_CURRENT);
      repair.steps = 1;
      return repair;
    } else {
      for (const chunk of held) repeatChunk(lane, slot, step, chunk);
      repair.chunks = held.length;
    }
  }
  Atomics.store(words, record + STEP_FINISHED, chunks);
  advance(words, slot, step, seq);
  for (const dead of fallen) clearLine(words, dead);
  return repair;
}
