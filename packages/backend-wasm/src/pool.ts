// The calling thread's side of the pool: numbers programs, publishes them to the ring, works on them itself as lane 0,
// and notices that they have ended or failed. Programs run in order; nobody waits for a thread to start or to answer,
// only for chunks. The workers' lives are supervision.ts's.
import { DeviceError } from "@weft/ir";
import type { Tracer } from "@weft/ir";
import { canSleep, holdProcess, runtime, soon } from "#platform";

import {
  DONE,
  ERROR_LANE,
  ERROR_TRAP,
  EVENT_LOOP,
  HEAD,
  IDLE_SLEEPERS,
  NEVER,
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
  STEP_CLAIM,
  STEP_FINISHED,
  STEP_SLEEPERS,
  STEP_WORDS,
  slotOf,
} from "./control.ts";
import type { Heap } from "./heap.ts";
import { RESTARTS, SCRATCH_BYTES, SLICE_MS, STALL_MS } from "./limits.ts";
import { Supervision } from "./supervision.ts";
import type { Casualty } from "./supervision.ts";
import { RunTicket } from "./ticket.ts";
import { callLanes, createLane, fallAsleep, runThread, wakeUp } from "./thread.ts";
import type { Lane } from "./thread.ts";
import { Tracing } from "./tracing.ts";
import { changeOf } from "./wait.ts";

/** What the pool needs of a program in flight. */
export interface Submission extends Casualty {
  /** Byte address and length of the frame: step records, then arguments. */
  readonly pointer: number;
  readonly bytes: number;
  readonly steps: number;
  /** The number of the run that uses the frame, or used it last. */
  seq: number;
  /** Called when that run has ended, well or badly. */
  ended(): void;
}

/** Settings of a pool, beyond how many lanes it has. */
export interface PoolTuning {
  /** How long a lane may hold a chunk without any progress before it is taken for dead. */
  readonly stallMs: number;
  readonly log: (message: string) => void;
  /** How often a lane is started again within a minute. */
  readonly restarts: number;
  /** Whether lanes die where their lines say so; for tests. */
  readonly faults: boolean;
  /** Whether the calling thread may sleep. */
  readonly canSleep: boolean;
}

export const POOL_TUNING: PoolTuning = {
  stallMs: STALL_MS,
  log: runtime.log,
  restarts: RESTARTS,
  faults: false,
  canSleep,
};

interface Waiter {
  readonly ticket: RunTicket;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Numbers, publishes and finishes programs. */
export class Pool {
  readonly lane: Lane;
  /** Lanes that work on one step, the caller included. */
  readonly threads: number;
  readonly supervision: Supervision;
  /** Number of the last run. */
  head = 0;
  /** Programs that found no room in the ring. */
  stalls = 0;
  readonly #heap: Heap;
  readonly #tracing: Tracing;
  #settled = 0;
  readonly #tickets: (RunTicket | null)[] = Array.from({ length: RING }, () => null);
  readonly #frames: (Submission | null)[] = Array.from({ length: RING }, () => null);
  /** Runs that wait for room in the ring, oldest first: awaited ones, and all of threads that may not wait themselves. */
  #backlog: { readonly frame: Submission; readonly ticket: RunTicket }[] = [];
  #closed = false;
  #waiters: Waiter[] = [];
  #release: (() => void) | null = null;
  #pumping = false;

  constructor(heap: Heap, threads: number, tuning: PoolTuning) {
    this.#heap = heap;
    this.threads = threads;
    const { views } = heap;
    const scratch = heap.takeOwn(SCRATCH_BYTES);
    this.lane = createLane({
      index: 0,
      views,
      scratch,
      canSleep: tuning.canSleep,
      clock: () => runtime.now(),
      fault: null,
    });
    this.#tracing = new Tracing(heap, threads);
    this.supervision = new Supervision({
      ...tuning,
      heap,
      lane: this.lane,
      threads,
      inFlight: (seq) => this.#frameOf(seq),
      tend: () => this.#tend(),
    });
  }

  /** Workers asleep for want of work. */
  get sleepers(): number {
    const words = this.#heap.views.words;
    let count = 0;
    for (let lane = 0; lane < this.threads; lane++) {
      count += (Atomics.load(words, IDLE_SLEEPERS + (lane >>> 5)) >>> (lane & 31)) & 1;
    }
    return count;
  }

  /** Number of the last finished run. Gives the tickets up to it their errors, and runs that wait their places. */
  settle(): number {
    const words = this.#heap.views.words;
    const done = this.#settled + ((Atomics.load(words, DONE) - (this.#settled | 0)) | 0);
    if (this.#settled >= done) return this.#settled;
    this.#tracing.collect(done, (seq) => this.#frameOf(seq));
    while (this.#settled < done) {
      this.#settled++;
      const at = this.#settled & (RING - 1);
      const slot = slotOf(this.#settled);
      const frame = this.#frames[at];
      if (words[slot + SLOT_ERROR] !== NO_ERROR) {
        const ticket = this.#tickets[at];
        if (ticket !== null && frame !== null) ticket.failure ??= this.#errorOf(slot, frame);
      }
      frame?.ended();
      this.#tickets[at] = null;
      this.#frames[at] = null;
    }
    this.#heap.settle(done);
    if (this.#backlog.length > 0) this.#publishBacklog();
    return done;
  }

  /** Reports to this tracer from now on; with null to none. */
  trace(tracer: Tracer | null): void {
    this.settle();
    this.#tracing.set(tracer);
  }

  /** Whether a trace is being taken. */
  get tracer(): Tracer | null {
    return this.#tracing.tracer;
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

  /**
   * Makes a frame the next program. While the ring is full, works on earlier programs where the calling thread may sleep
   * and nobody awaits the run; else leaves the frame waiting.
   */
  publish(frame: Submission, awaited = false): RunTicket {
    this.supervision.start();
    const seq = this.head + 1;
    let fits = this.#backlog.length === 0 && this.isClear(seq - RING);
    if (!fits) this.stalls++;
    if (!fits && !awaited && this.lane.canSleep) {
      // Either may throw; nothing has changed by then.
      this.help(seq - RING);
      this.supervision.awaitClear(seq - RING, () => this.#rest(0.05));
      // Whatever waited has its place now.
      this.#publishBacklog();
      fits = true;
    }
    this.head = seq;
    frame.seq = seq;
    const ticket = new RunTicket(this, seq);
    if (fits) this.#place(frame, ticket);
    else {
      this.#backlog.push({ frame, ticket });
      this.#pumpSoon();
    }
    return ticket;
  }

  /** Whether no lane can touch what program `seq` used. */
  isClear(seq: number): boolean {
    return this.settle() >= seq && this.supervision.inside(seq) < 0;
  }

  /**
   * Works as lane 0 until program `seq` is done, where nobody can wait for events.
   * @throws DeviceError if another lane holds a chunk of it, does not answer and cannot be ended.
   */
  help(seq: number): void {
    const { supervision } = this;
    const watch = supervision.watch();
    while (this.settle() < seq && !this.#closed) {
      if (supervision.needed) {
        runThread(this.lane, () => this.#doneAtLeast(seq), 0);
        if (!supervision.mend()) this.#rest(0.05);
      } else {
        let calls = 0;
        runThread(this.lane, () => this.#doneAtLeast(seq) || ++calls > 32, 1);
      }
      const stuck = supervision.look(watch);
      if (stuck !== null) throw stuck;
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
        const watch = this.supervision.watch();
        this.#release = holdProcess(() => {
          // A lane that has not ended yet will; whoever awaits has time.
          this.supervision.look(watch);
          this.#answer();
        });
      }
      this.#pumpSoon();
    });
  }

  /** Ends the workers. Runs that are not done fail. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.settle();
    this.#tracing.set(null);
    this.#closed = true;
    const waiting = this.#backlog.map(({ ticket }) => ticket);
    this.#backlog = [];
    for (const ticket of [...this.#tickets, ...waiting]) {
      if (ticket !== null && ticket.seq > this.#settled) {
        ticket.failure ??= new DeviceError(`wasm: the device was closed before run ${ticket.seq} was done`);
      }
    }
    this.#answer();
    await this.supervision.close();
  }

  #doneAtLeast(seq: number): boolean {
    return ((Atomics.load(this.#heap.views.words, DONE) - (seq | 0)) | 0) >= 0;
  }

  /** The frame of a program in the ring that is not settled; `seq` may be its low 32 bits only. */
  #frameOf(seq: number): Submission | null {
    const frame = this.#frames[seq & (RING - 1)];
    return frame !== null && (frame.seq | 0) === (seq | 0) ? frame : null;
  }

  /** Sleeps if the thread may. */
  #rest(milliseconds: number): void {
    if (this.lane.canSleep) Atomics.wait(this.#heap.views.words, NEVER, 0, milliseconds);
  }

  /** Puts a program into its slot of the ring, which is clear. */
  #place(frame: Submission, ticket: RunTicket): void {
    const { seq } = ticket;
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
    this.#tickets[seq & (RING - 1)] = ticket;
    this.#frames[seq & (RING - 1)] = frame;
    Atomics.store(words, HEAD, seq | 0);
    callLanes(words);
    this.supervision.rouse();
  }

  #publishBacklog(): void {
    while (this.#backlog.length > 0) {
      const [{ frame, ticket }] = this.#backlog;
      if (this.#settled < ticket.seq - RING || this.supervision.inside(ticket.seq - RING) >= 0) return;
      this.#backlog.shift();
      this.#place(frame, ticket);
    }
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
        `wasm: lane ${words[slot + SLOT_ERROR_LANE]} ended while it worked on ${place}, which overwrites what it reads ` +
          `and cannot be done again: ${text}. The device goes on with ${this.supervision.lanes} of ${this.threads} lanes; ` +
          "compute what it was to change anew.",
      );
    }
    if (kind === ERROR_TRAP) return new DeviceError(`wasm: ${place} trapped in chunk ${chunk}: ${text}`);
    return new DeviceError(`wasm: the code of ${place} could not be installed: ${text}`);
  }

  /** Comes to work on the program in progress, from its pause if need be. */
  #tend(): void {
    const words = this.#heap.views.words;
    Atomics.notify(words, slotOf((Atomics.load(words, DONE) + 1) | 0) + SLOT_CURRENT);
    this.#pumpSoon();
  }

  #pumpSoon(): void {
    if (this.#pumping || this.#closed) return;
    this.#pumping = true;
    soon(() => this.#pump());
  }

  /** Whether something needs the calling thread to come back: promises, runs without a place, a program to mend. */
  get #wanted(): boolean {
    return !this.#closed && (this.#waiters.length > 0 || this.#backlog.length > 0 || this.supervision.needed);
  }

  /** Works for a slice, answers the promises that are due, and comes back as long as it is wanted. */
  #pump(): void {
    this.#pumping = false;
    this.#answer();
    if (!this.#wanted) return;
    const { supervision } = this;
    const last = this.#waiters.reduce((most, { ticket }) => Math.max(most, ticket.seq), 0);
    const target = supervision.needed || this.#backlog.length > 0 ? this.head : last;
    const { words } = this.#heap.views;
    const published = Atomics.load(words, HEAD);
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
    const mended = supervision.mend();
    this.#answer();
    if (!this.#wanted) return;
    this.#pumping = true;
    // What has been published since may be in nobody's hands.
    if (late || Atomics.load(words, HEAD) !== published) soon(() => this.#pump());
    else this.#pumpAfterStep(mended ? 1000 : 2);
  }

  /** Comes back when the current step has passed, for everything of it is in other hands; at the latest after a while. */
  #pumpAfterStep(milliseconds: number): void {
    const words = this.#heap.views.words;
    const seq = (Atomics.load(words, DONE) + 1) | 0;
    const at = slotOf(seq) + SLOT_CURRENT;
    const step = Atomics.load(words, at);
    fallAsleep(words, STEP_SLEEPERS, EVENT_LOOP);
    // Marked first, so that whoever ends the step from here on notifies. A program that ended before that does not, and
    // if it was the last, `seq` names a slot in which nothing will ever move.
    const moved = ((Atomics.load(words, DONE) + 1) | 0) !== seq || ((Atomics.load(words, HEAD) - seq) | 0) < 0;
    const waiting = moved ? null : changeOf(words, at, step, milliseconds);
    const back = (): void => {
      wakeUp(words, STEP_SLEEPERS, EVENT_LOOP);
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
}
