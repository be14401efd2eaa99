// The loop every lane runs, workers and the helping main thread alike: find the program in progress, claim chunks of
// its current step, run them, and whoever finishes a step's last chunk moves on. Nobody waits for a thread, only for
// chunks. A trap is caught here, recorded in the program's slot, and the remaining chunks are skipped. A lane may die
// anywhere in here: its line always says enough for supervision.ts to put right what it left undone.
import {
  CALL,
  CLAIMING,
  DONE,
  ERROR_INSTALL,
  ERROR_TRAP,
  FAULT_CLAIMED,
  FAULT_COUNTED,
  FAULT_DONE,
  FAULT_HOLDING,
  HEAD,
  IDLE_SLEEPERS,
  LINE_CHUNK,
  LINE_INSIDE,
  LINE_SEQ,
  LINE_STEP,
  NO_CHUNK,
  NO_ERROR,
  SLOT_CURRENT,
  SLOT_ERROR,
  SLOT_ERROR_CHUNK,
  SLOT_ERROR_LANE,
  SLOT_ERROR_LENGTH,
  SLOT_ERROR_STEP,
  SLOT_FRAME,
  SLOT_FRAME_BYTES,
  SLOT_STEPS,
  SLOT_TEXT,
  SLOT_TEXT_LENGTH,
  STEP_ARGS,
  STEP_CHUNKS,
  STEP_CLAIM,
  STEP_FINISHED,
  STEP_GRAIN,
  STEP_ITEMS,
  STEP_SLEEPERS,
  STEP_WORDS,
  TRACE,
  lineOf,
  slotOf,
} from "./control.ts";
import type { Views } from "./memory.ts";
import { FunctionTable } from "./modules.ts";
import type { KernelFunction } from "./modules.ts";
import { recordChunk, TRACE_RING_BYTES } from "./trace-ring.ts";

/** About 20 µs of polling. */
const SPINS = 1500;
/** A lane inside a program looks again after this long even if nobody notifies it. */
const STEP_NAP_MS = 50;

/** What a lane is made of. */
export interface LaneParts {
  readonly index: number;
  readonly views: Views;
  /** Byte address of this lane's scratch. */
  readonly scratch: number;
  /** Whether the thread may sleep; a page's main thread polls instead. */
  readonly canSleep: boolean;
  /** Milliseconds of the calling thread's clock, for traces. */
  readonly clock: () => number;
  /** Called at the FAULT_ points, in tests; null otherwise. */
  readonly fault: ((point: number) => void) | null;
}

/** What a thread needs to work: its number, its views, its functions and its scratch memory. */
export interface Lane extends LaneParts {
  readonly table: FunctionTable;
}

/** Makes a lane of the calling thread. */
export function createLane({ index, views, scratch, canSleep, clock, fault }: LaneParts): Lane {
  Atomics.store(views.words, lineOf(index) + LINE_CHUNK, NO_CHUNK);
  return { index, views, scratch, canSleep, clock, fault, table: new FunctionTable(views) };
}

/** Records the first error of a program. */
export function failProgram(
  words: Int32Array,
  slot: number,
  kind: number,
  step: number,
  chunk: number,
  lane: number,
  text: string,
): void {
  if (Atomics.compareExchange(words, slot + SLOT_ERROR, NO_ERROR, kind) !== NO_ERROR) return;
  words[slot + SLOT_ERROR_STEP] = step;
  words[slot + SLOT_ERROR_CHUNK] = chunk;
  words[slot + SLOT_ERROR_LANE] = lane;
  const length = Math.min(text.length, SLOT_TEXT_LENGTH);
  for (let i = 0; i < length; i++) words[slot + SLOT_TEXT + i] = text.charCodeAt(i);
  // The reader sees all of it because it reads after the program's end, which comes after this lane's next atomic.
  Atomics.store(words, slot + SLOT_ERROR_LENGTH, length);
}

/** Whether any lane has its bit in a pair of sleepers' words. */
export function anyAsleep(words: Int32Array, sleepers: number): boolean {
  return Atomics.load(words, sleepers) !== 0 || Atomics.load(words, sleepers + 1) !== 0;
}

/** Sets a lane's bit in a pair of sleepers' words: whoever changes what it sleeps on from now on notifies it. */
export function fallAsleep(words: Int32Array, sleepers: number, lane: number): void {
  Atomics.or(words, sleepers + (lane >>> 5), 1 << (lane & 31));
}

/** Clears a lane's bit in a pair of sleepers' words. */
export function wakeUp(words: Int32Array, sleepers: number, lane: number): void {
  Atomics.and(words, sleepers + (lane >>> 5), ~(1 << (lane & 31)));
}

/** Wakes the lanes that sleep for want of work. */
export function callLanes(words: Int32Array): void {
  Atomics.add(words, CALL, 1);
  if (anyAsleep(words, IDLE_SLEEPERS)) Atomics.notify(words, CALL);
}

/** Moves a program past a step all of whose chunks are finished. */
export function advance(words: Int32Array, slot: number, step: number, seq: number): void {
  // `done` first: it must not lag behind a `current` that others take for the end.
  if (step + 1 === words[slot + SLOT_STEPS]) Atomics.store(words, DONE, seq);
  Atomics.store(words, slot + SLOT_CURRENT, step + 1);
  if (anyAsleep(words, STEP_SLEEPERS)) Atomics.notify(words, slot + SLOT_CURRENT);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Waits until a word differs from `value`: polls, then sleeps for at most `nap` milliseconds if the lane may. */
function sleepWhile(lane: Lane, at: number, value: number, sleepers: number, nap: number): void {
  const { words } = lane.views;
  for (let i = 0; i < SPINS; i++) if (Atomics.load(words, at) !== value) return;
  if (!lane.canSleep) return;
  fallAsleep(words, sleepers, lane.index);
  Atomics.wait(words, at, value, nap);
  wakeUp(words, sleepers, lane.index);
}

/** The code of a step; null, with the program failed, where it cannot be installed. */
function codeOf(lane: Lane, slot: number, step: number, record: number): KernelFunction | null {
  try {
    return lane.table.at(record);
  } catch (error) {
    failProgram(lane.views.words, slot, ERROR_INSTALL, step, 0, lane.index, messageOf(error));
    return null;
  }
}

/** Runs one chunk unless its program has failed; a trap fails it. */
function runChunk(
  lane: Lane,
  code: KernelFunction | null,
  slot: number,
  step: number,
  record: number,
  chunk: number,
): void {
  const { words } = lane.views;
  if (code === null || Atomics.load(words, slot + SLOT_ERROR) !== NO_ERROR) return;
  const items = words[record + STEP_ITEMS] >>> 0;
  const grain = words[record + STEP_GRAIN] >>> 0;
  const begin = chunk * grain;
  const end = Math.min(begin + grain, items);
  try {
    if (begin < end) code(words[record + STEP_ARGS], begin, end, lane.scratch);
  } catch (error) {
    failProgram(words, slot, ERROR_TRAP, step, chunk, lane.index, messageOf(error));
  }
}

/** Runs a chunk that a dead lane had claimed, without counting it. */
export function repeatChunk(lane: Lane, slot: number, step: number, chunk: number): void {
  const record = (lane.views.words[slot + SLOT_FRAME] >>> 2) + step * STEP_WORDS;
  runChunk(lane, codeOf(lane, slot, step, record), slot, step, record, chunk);
}

/** Works on program `seq` until it ends, `until` says so, or (if `nap` is 0) there is nothing to claim. */
function workOn(lane: Lane, seq: number, slot: number, until: () => boolean, nap: number): boolean {
  const frame = lane.views.words[slot + SLOT_FRAME] >>> 0;
  lane.views.cover(frame + lane.views.words[slot + SLOT_FRAME_BYTES]);
  const trace = Atomics.load(lane.views.words, TRACE);
  // Rings may be younger than the frame, and what is written beyond a view is lost without a word.
  if (trace !== 0) lane.views.cover(trace + (lane.index + 1) * TRACE_RING_BYTES);
  const words = lane.views.words;
  const line = lineOf(lane.index);
  const steps = words[slot + SLOT_STEPS];
  for (;;) {
    const step = Atomics.load(words, slot + SLOT_CURRENT);
    if (step >= steps) return true;
    if (until()) return false;
    const record = (frame >>> 2) + step * STEP_WORDS;
    const chunks = words[record + STEP_CHUNKS];
    if (Atomics.load(words, record + STEP_CLAIM) < chunks) {
      // Before the claim, so that the others can take the chunks meanwhile.
      const code = codeOf(lane, slot, step, record);
      Atomics.store(words, line + LINE_STEP, step);
      // From here until NO_CHUNK this lane counts as busy: whoever repairs the step must wait for it.
      Atomics.store(words, line + LINE_CHUNK, CLAIMING);
      const chunk = Atomics.add(words, record + STEP_CLAIM, 1);
      if (chunk < chunks) {
        if (lane.fault !== null) lane.fault(FAULT_CLAIMED);
        Atomics.store(words, line + LINE_CHUNK, chunk);
        if (lane.fault !== null) lane.fault(FAULT_HOLDING);
        const from = trace === 0 ? 0 : lane.clock();
        runChunk(lane, code, slot, step, record, chunk);
        if (trace !== 0) recordChunk(lane.views, trace, lane.index, seq, step, from, lane.clock());
        if (lane.fault !== null) lane.fault(FAULT_DONE);
        const last = Atomics.add(words, record + STEP_FINISHED, 1) + 1 === chunks;
        if (lane.fault !== null) lane.fault(FAULT_COUNTED);
        if (last) advance(words, slot, step, seq);
        Atomics.store(words, line + LINE_CHUNK, NO_CHUNK);
        continue;
      }
      Atomics.store(words, line + LINE_CHUNK, NO_CHUNK);
    }
    if (nap === 0) return false;
    sleepWhile(lane, slot + SLOT_CURRENT, step, STEP_SLEEPERS, Math.min(nap, STEP_NAP_MS));
  }
}

/**
 * Works until `until` says so, which is asked between chunks and after every nap, or until there has been no program
 * for `nap` milliseconds. With 0 the call returns as soon as there is nothing to claim.
 */
export function runThread(lane: Lane, until: () => boolean, nap: number): void {
  const line = lineOf(lane.index);
  for (;;) {
    if (until()) return;
    const words = lane.views.words;
    // Read first: a program that comes after it changes the word that is slept on.
    const call = Atomics.load(words, CALL);
    const done = Atomics.load(words, DONE);
    if (((Atomics.load(words, HEAD) - done) | 0) <= 0) {
      // Asked again: what it waits for may have come since.
      if (nap === 0 || until()) return;
      sleepWhile(lane, CALL, call, IDLE_SLEEPERS, nap);
      if (Atomics.load(words, CALL) === call) return;
      continue;
    }
    const seq = (done + 1) | 0;
    Atomics.store(words, line + LINE_SEQ, seq);
    Atomics.store(words, line + LINE_INSIDE, 1);
    // Only after this line names the program does a program found unfinished stay in its slot.
    const live = ((Atomics.load(words, DONE) - seq) | 0) < 0;
    const finished = !live || workOn(lane, seq, slotOf(seq), until, nap);
    Atomics.store(words, line + LINE_INSIDE, 0);
    if (!finished && nap === 0) return;
  }
}
