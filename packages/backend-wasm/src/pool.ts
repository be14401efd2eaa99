// The calling thread's side of the pool: numbers programs, publishes them to the ring, works on them itself as lane 0,
// notices that they have ended or failed, starts lanes and deals with their deaths. Programs run in order; nobody waits
// for a thread to start or to answer, only for chunks.
import { DeviceError } from "@weft/ir";
import { canSleep, holdProcess, runtime, soon, spawnLane } from "#platform";

import {
  DONE,
  ERROR_LANE,
  ERROR_TRAP,
  HEAD,
  IDLE_SLEEPERS,
  LANE_DEAD,
  LANE_READY,
  LINE_CHUNK,
  LINE_INSIDE,
  LINE_SEQ,
  LINE_STATE,
  NEVER,
  NO_CHUNK,
  NO_ERROR,
  RING,
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
  STEP_CHUNKS,
  STEP_CLAIM,
  STEP_FINISHED,
  STEP_SLEEPERS,
  STEP_WORDS,
  STOP,
  lineOf,
  slotOf,
} from "./control.ts";
import type { Heap } from "./heap.ts";
import { SCRATCH_BYTES, SLICE_MS } from "./limits.ts";
import { RunTicket } from "./ticket.ts";
import { advance, createLane, failProgram, runThread } from "./thread.ts";
import type { Lane } from "./thread.ts";
import { changeOf } from "./wait.ts";
import type { LaneHandle } from "#platform";

/** What the pool needs of a program in flight. */
export interface Submission {
  /** Byte address and length of the frame: step records, then arguments. */
  readonly pointer: number;
  readonly bytes: number;
  readonly steps: number;
  /** The number of the run that uses the frame, or used it last. */
  seq: number;
  /** Estimated time of one run on one lane. */
  readonly nanoseconds: number;
  /** Names a step for messages. */
  label(step: number): string;
}

interface Waiter {
  readonly ticket: RunTicket;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Notices that a number has not changed for too long. */
class StallWatch {
  readonly #progress: () => number;
  readonly #patience: () => number;
  #last: number;
  #since = runtime.now();

  constructor(progress: () => number, patience: () => number) {
    this.#progress = progress;
    this.#patience = patience;
    this.#last = progress();
  }

  stalled(): boolean {
    const now = runtime.now();
    const progress = this.#progress();
    if (progress === this.#last) return now - this.#since > this.#patience();
    this.#last = progress;
    this.#since = now;
    return false;
  }
}

/** Numbers, publishes and finishes programs. */
export class Pool {
  readonly lane: Lane;
  /** Lanes that work on one step, the caller included. */
  readonly threads: number;
  /** Number of the last run. */
  head = 0;
  lanesDied = 0;
  readonly #heap: Heap;
  readonly #stallMs: number;
  readonly #log: (message: string) => void;
  #settled = 0;
  readonly #tickets: (RunTicket | null)[] = Array.from({ length: RING }, () => null);
  readonly #frames: (Submission | null)[] = Array.from({ length: RING }, () => null);
  readonly #handles = new Map<number, LaneHandle>();
  #started = false;
  #closed = false;
  #waiters: Waiter[] = [];
  #release: (() => void) | null = null;
  #pumping = false;

  constructor(heap: Heap, threads: number, stallMs: number, log: (message: string) => void) {
    this.#log = log;
    this.#heap = heap;
    this.threads = threads;
    this.#stallMs = stallMs;
    this.lane = createLane(0, heap.views, heap.takeOwn(SCRATCH_BYTES), canSleep);
  }

  /** Lanes at work or starting, the caller included. */
  get lanes(): number {
    return this.#handles.size + 1;
  }

  /** Number of the last finished run. Gives the tickets up to it their errors. */
  settle(): number {
    const words = this.#heap.views.words;
    const done = this.head - (((this.head | 0) - Atomics.load(words, DONE)) | 0);
    if (this.#settled >= done) return this.#settled;
    while (this.#settled < done) {
      this.#settled++;
      const at = this.#settled & (RING - 1);
      const slot = slotOf(this.#settled);
      if (words[slot + SLOT_ERROR] !== NO_ERROR) {
        const ticket = this.#tickets[at];
        const frame = this.#frames[at];
        if (ticket !== null && frame !== null) ticket.failure ??= this.#errorOf(slot, frame);
      }
      this.#tickets[at] = null;
      this.#frames[at] = null;
    }
    this.#heap.settle(done);
    return done;
  }

  /** Counts a run that the calling thread has just done by itself; everything earlier must be done. */
  ranInline(): RunTicket {
    const seq = ++this.head;
    const words = this.#heap.views.words;
    // In this order: a lane that sees the new head must find it done.
    Atomics.store(words, DONE, seq | 0);
    Atomics.store(words, HEAD, seq | 0);
    this.#settled = seq;
    return new RunTicket(this, seq);
  }

  /** A run without steps: it is done when everything before it is. */
  emptyRun(): RunTicket {
    return new RunTicket(this, this.head);
  }

  /** Publishes a frame as the next program. Works on earlier programs while the ring is full. */
  publish(frame: Submission): RunTicket {
    this.#startLanes();
    const seq = this.head + 1;
    if (seq > RING && this.settle() < seq - RING) this.help(seq - RING);
    this.#awaitClear(seq - RING);
    const words = this.#heap.views.words;
    const slot = slotOf(seq);
    const first = frame.pointer >>> 2;
    for (let step = 0; step < frame.steps; step++) {
      const record = first + step * STEP_WORDS;
      words[record + STEP_CLAIM] = 0;
      words[record + STEP_FINISHED] = 0;
    }
    words[slot + SLOT_STEPS] = frame.steps;
    words[slot + SLOT_FRAME] = frame.pointer;
    words[slot + SLOT_FRAME_BYTES] = frame.bytes;
    words[slot + SLOT_ERROR] = NO_ERROR;
    words[slot + SLOT_CURRENT] = 0;
    this.head = seq;
    frame.seq = seq;
    const ticket = new RunTicket(this, seq);
    this.#tickets[seq & (RING - 1)] = ticket;
    this.#frames[seq & (RING - 1)] = frame;
    Atomics.store(words, HEAD, seq | 0);
    if (Atomics.load(words, IDLE_SLEEPERS) > 0) Atomics.notify(words, HEAD);
    return ticket;
  }

  /** Whether no lane can touch what program `seq` used. */
  isClear(seq: number): boolean {
    if (this.settle() < seq) return false;
    return this.#laneInside(seq) < 0;
  }

  /** Works as lane 0 until program `seq` is done. */
  help(seq: number): void {
    while (this.settle() < seq) {
      if (this.#closed) return;
      const watch = new StallWatch(
        () => this.#progress(),
        () => this.#patience(),
      );
      let calls = 0;
      let stalled = false;
      runThread(
        this.lane,
        () => {
          if (this.#doneAtLeast(seq)) return true;
          if ((++calls & 31) === 0) stalled = watch.stalled();
          return stalled;
        },
        1,
      );
      if (stalled) this.#giveUpHolders();
    }
  }

  /** Settles when the ticket's run has; works on it in slices meanwhile. */
  wait(ticket: RunTicket): Promise<void> {
    if (ticket.seq <= this.settle() || ticket.failure !== undefined) {
      return ticket.failure === undefined ? Promise.resolve() : Promise.reject(ticket.failure);
    }
    return new Promise((resolve, reject) => {
      this.#waiters.push({ ticket, resolve, reject });
      if (this.#release === null) {
        const watch = new StallWatch(
          () => this.#progress(),
          () => this.#patience(),
        );
        this.#release = holdProcess(() => {
          if (watch.stalled()) this.#giveUpHolders();
          this.#answer();
        });
      }
      if (!this.#pumping) {
        this.#pumping = true;
        soon(() => this.#pump());
      }
    });
  }

  /** Ends the workers. Runs that are not done fail. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.settle();
    this.#closed = true;
    const words = this.#heap.views.words;
    Atomics.store(words, STOP, 1);
    Atomics.notify(words, HEAD);
    for (let slot = 0; slot < RING; slot++) Atomics.notify(words, slotOf(slot) + SLOT_CURRENT);
    for (const ticket of this.#tickets) {
      if (ticket !== null && ticket.seq > this.#settled) {
        ticket.failure ??= new DeviceError(`wasm: the device was closed before run ${ticket.seq} was done`);
      }
    }
    this.#answer();
    const handles = [...this.#handles.values()];
    this.#handles.clear();
    await Promise.all(handles.map((handle) => handle.end()));
  }

  /** Ends one lane's thread from outside, as a crash would. */
  killLane(lane: number): void {
    this.#handles.get(lane)?.kill();
  }

  #doneAtLeast(seq: number): boolean {
    return ((Atomics.load(this.#heap.views.words, DONE) - (seq | 0)) | 0) >= 0;
  }

  /** Starts the workers, once, without waiting for them. */
  #startLanes(): void {
    if (this.#started) return;
    this.#started = true;
    const { memory } = this.#heap.views;
    for (let index = 1; index < this.threads; index++) {
      Atomics.store(this.#heap.views.words, lineOf(index) + LINE_CHUNK, NO_CHUNK);
      try {
        const task = { memory, lane: index, scratch: this.#heap.takeOwn(SCRATCH_BYTES) };
        this.#handles.set(
          index,
          spawnLane(task, (reason) => this.#laneDied(index, reason)),
        );
      } catch (error) {
        this.#lostLane(index, error instanceof Error ? error.message : String(error));
      }
    }
  }

  /** The lowest lane that is inside program `seq`; −1 if none is. */
  #laneInside(seq: number): number {
    const words = this.#heap.views.words;
    for (let lane = 0; lane < this.threads; lane++) {
      const line = lineOf(lane);
      if (Atomics.load(words, line + LINE_INSIDE) !== 0 && ((words[line + LINE_SEQ] - seq) | 0) <= 0) return lane;
    }
    return -1;
  }

  /** Waits until no lane is left inside program `seq`, which is done: they are about to leave. */
  #awaitClear(seq: number): void {
    const since = runtime.now();
    for (let lane = this.#laneInside(seq); lane >= 0; lane = this.#laneInside(seq)) {
      if (runtime.now() - since > this.#stallMs) {
        void this.#handles.get(lane)?.end();
        this.#laneDied(lane, "the thread does not answer");
      } else if (canSleep) {
        Atomics.wait(this.#heap.views.words, NEVER, 0, 0.05);
      }
    }
  }

  /** A number that changes when the program in progress does. */
  #progress(): number {
    const words = this.#heap.views.words;
    const seq = (Atomics.load(words, DONE) + 1) | 0;
    const slot = slotOf(seq);
    const step = Atomics.load(words, slot + SLOT_CURRENT);
    const record = (words[slot + SLOT_FRAME] >>> 2) + step * STEP_WORDS;
    const finished = step < words[slot + SLOT_STEPS] ? Atomics.load(words, record + STEP_FINISHED) : 0;
    return (seq & 0xffff) * 2 ** 32 + (step & 0xffff) * 2 ** 16 + (finished & 0xffff);
  }

  /** Milliseconds that the program in progress may go without a finished chunk. */
  #patience(): number {
    const frame = this.#frames[(this.settle() + 1) & (RING - 1)];
    return this.#stallMs + (20 * (frame?.nanoseconds ?? 0)) / 1e6;
  }

  /** Nothing has moved for too long: the lanes that hold chunks are taken for dead. */
  #giveUpHolders(): void {
    const words = this.#heap.views.words;
    for (const [lane, handle] of this.#handles) {
      if (Atomics.load(words, lineOf(lane) + LINE_CHUNK) === NO_CHUNK) continue;
      void handle.end();
      this.#laneDied(lane, "the thread does not answer");
    }
  }

  #lostLane(lane: number, reason: string): void {
    this.lanesDied++;
    this.#log(`wasm: lane ${lane} is gone (${reason}); the device goes on with ${this.lanes} of ${this.threads} lanes`);
  }

  /** Fails the program that a dead lane held a chunk of, and sees to it that it ends. */
  #laneDied(lane: number, reason: string): void {
    if (!this.#handles.delete(lane) || this.#closed) return;
    this.#lostLane(lane, reason);
    const words = this.#heap.views.words;
    const line = lineOf(lane);
    Atomics.store(words, line + LINE_STATE, LANE_DEAD);
    const seq = (Atomics.load(words, DONE) + 1) | 0;
    const chunk = Atomics.load(words, line + LINE_CHUNK);
    const held = Atomics.load(words, line + LINE_INSIDE) !== 0 && words[line + LINE_SEQ] === seq && chunk !== NO_CHUNK;
    Atomics.store(words, line + LINE_CHUNK, NO_CHUNK);
    Atomics.store(words, line + LINE_INSIDE, 0);
    if (held) {
      const slot = slotOf(seq);
      const step = Atomics.load(words, slot + SLOT_CURRENT);
      failProgram(words, slot, ERROR_LANE, step, chunk, lane, reason);
      this.#endFailed(seq, slot);
    }
    this.#answer();
  }

  /**
   * Ends a failed program one of whose chunks will never be finished. What is left is skipped; when a step has nothing
   * to claim and no living lane is busy in it, its count of finished chunks is final, so it may be passed by force.
   */
  #endFailed(seq: number, slot: number): void {
    const words = this.#heap.views.words;
    const over = (): boolean => ((Atomics.load(words, DONE) - seq) | 0) >= 0;
    const since = runtime.now();
    while (!over()) {
      runThread(this.lane, over, 0);
      if (over()) return;
      const step = Atomics.load(words, slot + SLOT_CURRENT);
      const record = (words[slot + SLOT_FRAME] >>> 2) + step * STEP_WORDS;
      const claimed = Atomics.load(words, record + STEP_CLAIM) >= words[record + STEP_CHUNKS];
      if (claimed && !this.#anyBusy(seq) && Atomics.load(words, slot + SLOT_CURRENT) === step) {
        advance(words, slot, step, seq);
      } else if (runtime.now() - since > this.#stallMs) {
        this.#giveUpHolders();
      } else if (canSleep) {
        Atomics.wait(words, NEVER, 0, 0.1);
      }
    }
  }

  #anyBusy(seq: number): boolean {
    const words = this.#heap.views.words;
    for (let lane = 0; lane < this.threads; lane++) {
      const line = lineOf(lane);
      if (Atomics.load(words, line + LINE_CHUNK) !== NO_CHUNK && words[line + LINE_SEQ] === seq) return true;
    }
    return false;
  }

  #errorOf(slot: number, frame: Submission): DeviceError {
    const words = this.#heap.views.words;
    const kind = words[slot + SLOT_ERROR];
    const step = words[slot + SLOT_ERROR_STEP];
    const chunk = words[slot + SLOT_ERROR_CHUNK];
    const length = Atomics.load(words, slot + SLOT_ERROR_LENGTH);
    let text = "";
    for (let i = 0; i < length; i++) text += String.fromCharCode(words[slot + SLOT_TEXT + i]);
    const place = `step ${step} of ${frame.steps} (${frame.label(step)})`;
    if (kind === ERROR_LANE) {
      return new DeviceError(
        `wasm: lane ${words[slot + SLOT_ERROR_LANE]} ended while it worked on ${place}: ${text}. ` +
          `The device goes on with ${this.lanes} of ${this.threads} lanes; evaluate again.`,
      );
    }
    if (kind === ERROR_TRAP) return new DeviceError(`wasm: ${place} trapped in chunk ${chunk}: ${text}`);
    return new DeviceError(`wasm: the code of ${place} could not be installed: ${text}`);
  }

  /** Works for a slice, answers the promises that are due, and comes back as long as any is open. */
  #pump(): void {
    this.#pumping = false;
    this.#answer();
    if (this.#waiters.length === 0 || this.#closed) return;
    const target = Math.max(...this.#waiters.map((waiter) => waiter.ticket.seq));
    const deadline = runtime.now() + SLICE_MS;
    let late = false;
    runThread(
      this.lane,
      () => {
        if (this.#doneAtLeast(target)) return true;
        late = runtime.now() >= deadline;
        return late;
      },
      0,
    );
    this.#answer();
    if (this.#waiters.length === 0) return;
    this.#pumping = true;
    if (late) soon(() => this.#pump());
    else this.#pumpAfterStep();
  }

  /** Comes back when the current step has passed: everything of it is in other hands. */
  #pumpAfterStep(): void {
    const words = this.#heap.views.words;
    const seq = (Atomics.load(words, DONE) + 1) | 0;
    const at = slotOf(seq) + SLOT_CURRENT;
    const step = Atomics.load(words, at);
    Atomics.add(words, STEP_SLEEPERS, 1);
    // Counted first, so that whoever ends the step from here on notifies. A program that ended before that does not, and
    // if it was the last, `seq` names a slot in which nothing will ever move.
    const moved = ((Atomics.load(words, DONE) + 1) | 0) !== seq || ((this.head - seq) | 0) < 0;
    const waiting = moved ? null : changeOf(words, at, step, 1000);
    const back = (): void => {
      Atomics.sub(words, STEP_SLEEPERS, 1);
      this.#pump();
    };
    if (waiting === null) soon(back);
    else void waiting.then(back);
  }

  #answer(): void {
    const done = this.settle();
    if (this.#waiters.length === 0) return;
    const due = this.#waiters.filter(({ ticket }) => ticket.seq <= done || ticket.failure !== undefined);
    this.#waiters = this.#waiters.filter(({ ticket }) => ticket.seq > done && ticket.failure === undefined);
    for (const { ticket, resolve, reject } of due) {
      if (ticket.failure === undefined) resolve();
      else reject(ticket.failure);
    }
    if (this.#waiters.length === 0) {
      this.#release?.();
      this.#release = null;
    }
  }

  /** Workers asleep for want of work. */
  get sleepers(): number {
    return Atomics.load(this.#heap.views.words, IDLE_SLEEPERS);
  }

  /** Lanes whose threads have reached the loop. */
  get ready(): number {
    const words = this.#heap.views.words;
    let count = 1;
    for (const lane of this.#handles.keys()) {
      if (Atomics.load(words, lineOf(lane) + LINE_STATE) === LANE_READY) count++;
    }
    return count;
  }
}
