// The workers of a pool as the calling thread looks after them: starts them, notices that one has ended or does not
// answer, and ends those that are given up. A lane counts as dead only when its thread certainly runs no more; then, and
// never before, repair.ts puts right what it left, and it is started again. Refuses to touch what a living lane holds.
import { DeviceError } from "@weft/ir";
import { holdProcess, runtime, spawnLane } from "#platform";
import type { LaneHandle } from "#platform";

import {
  CLAIMING,
  DONE,
  FAULT_NONE,
  IDLE_SLEEPERS,
  LANE_ABSENT,
  LANE_DEAD,
  LANE_LEAVING,
  LANE_PARKED,
  LANE_READY,
  LINE_CHUNK,
  LINE_FAULT,
  LINE_INSIDE,
  LINE_SEQ,
  LINE_STATE,
  LINE_STEP,
  NEVER,
  NO_CHUNK,
  SLOT_CURRENT,
  SLOT_FRAME,
  SLOT_STEPS,
  STEP_FINISHED,
  STEP_SLEEPERS,
  STEP_WORDS,
  lineOf,
  slotOf,
} from "./control.ts";
import type { Heap } from "./heap.ts";
import type { LaneStats } from "./lane-loop.ts";
import { ENDING_MS, LEAVING_MS, LOOK_MS, PROBE_MS, RESTART_MS, SCRATCH_BYTES } from "./limits.ts";
import { clearLine, isInDoubt, repairStep } from "./repair.ts";
import { callLanes, wakeUp } from "./thread.ts";
import type { Lane } from "./thread.ts";
import { changeOf } from "./wait.ts";

/** A program in flight, as far as the death of a lane concerns it. */
export interface Casualty {
  /** Estimated time of one run on one lane. */
  readonly nanoseconds: number;
  /** Whether a chunk of the step may run again after part or all of it has. */
  isRepeatable(step: number): boolean;
  /** Names a step for messages. */
  label(step: number): string;
}

/** What supervision works for. */
export interface Crew {
  readonly heap: Heap;
  /** The calling thread's own lane. */
  readonly lane: Lane;
  /** Lanes wanted, the calling thread's included. */
  readonly threads: number;
  readonly stallMs: number;
  /** How often a lane is started again within a minute. */
  readonly restarts: number;
  /** Whether lanes die where their lines say so; for tests. */
  readonly faults: boolean;
  readonly log: (message: string) => void;
  /** The program in flight with this number. */
  inFlight(seq: number): Casualty | null;
  /** Says that a program needs repair: somebody must work on it and call `mend` until that is done. */
  tend(): void;
}

/** A thread that is a lane, or is becoming one. */
interface Member {
  readonly lane: number;
  handle: LaneHandle | null;
  /** When it was given up; Infinity if it was not. */
  left: number;
  reason: string;
}

/** What somebody who waits has seen of the program in progress. */
export interface Watch {
  progress: number;
  /** When it was last looked at. */
  looked: number;
  /** Milliseconds without progress, as far as somebody was there to see it. */
  idle: number;
  /** … of which so many had passed at the last search for the dead. */
  probed: number;
}

/** Starts, watches, ends, replaces and mourns workers. */
export class Supervision {
  /** Threads that ended unasked; of those, the ones that held a chunk and the ones that were taking one. */
  died = 0;
  diedHolding = 0;
  diedClaiming = 0;
  restarted = 0;
  chunksRepeated = 0;
  stepsRepeated = 0;
  readonly #crew: Crew;
  readonly #members = new Map<number, Member>();
  /** Dead lanes that may have left something undone in the program in progress, and why they died. */
  readonly #fallen = new Map<number, string>();
  /** Lanes that are not started again, and why. */
  readonly #lost = new Map<number, string>();
  readonly #scratch = new Map<number, number>();
  /** When each lane was started again. */
  readonly #restarts = new Map<number, number[]>();
  #started = false;
  #closed = false;

  constructor(crew: Crew) {
    this.#crew = crew;
  }

  /** Lanes at work, or soon, the calling thread's included. */
  get lanes(): number {
    return this.#crew.threads - this.#lost.size;
  }

  /** Lanes whose threads have reached the loop, the calling thread's included. */
  get ready(): number {
    return 1 + [...this.#members.keys()].filter((lane) => this.isUp(lane)).length;
  }

  /** Lanes that are back in their event loops for want of work. */
  get parked(): number {
    return [...this.#members.keys()].filter((lane) => this.#stateOf(lane) === LANE_PARKED).length;
  }

  /** Whether a program waits to be mended. */
  get needed(): boolean {
    return this.#fallen.size > 0;
  }

  /** What a user should know: which lanes are gone for good. */
  get notes(): readonly string[] {
    return [...this.#lost].map(([lane, reason]) => `wasm: lane ${lane} is gone (${reason})`);
  }

  /** Starts the workers, once, without waiting for them. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    for (let lane = 1; lane < this.#crew.threads; lane++) this.#spawn(lane);
  }

  /** Sends for parked lanes where they cannot be notified. */
  rouse(): void {
    if (typeof Atomics.waitAsync === "function") return;
    for (const { lane, handle } of this.#members.values()) if (this.#stateOf(lane) === LANE_PARKED) handle?.rouse();
  }

  /** Begins to watch the program in progress. */
  watch(): Watch {
    return { progress: this.#progress(), looked: runtime.now(), idle: 0, probed: 0 };
  }

  /**
   * Looks after the program in progress; whoever waits for it calls this now and then. Finds the dead; gives up lanes
   * that hold chunks and have not moved for too long. Returns an error once such a lane has not ended in time either:
   * it concerns those who cannot wait any longer.
   */
  look(watch: Watch): DeviceError | null {
    const now = runtime.now();
    // A process that was stopped, or a page that was frozen, has not waited: its workers stood still as well.
    const passed = Math.min(now - watch.looked, LOOK_MS);
    watch.looked = now;
    const progress = this.#progress();
    if (progress !== watch.progress) {
      watch.progress = progress;
      watch.idle = 0;
      watch.probed = 0;
      return null;
    }
    watch.idle += passed;
    if (watch.idle - watch.probed < PROBE_MS) return null;
    watch.probed = watch.idle;
    this.#probe();
    const stalled = watch.idle > this.#patience();
    for (const member of this.#members.values()) {
      if (Atomics.load(this.#words, lineOf(member.lane) + LINE_CHUNK) === NO_CHUNK) continue;
      if (now - member.left > ENDING_MS) return this.#stuck(member);
      if (stalled) this.#giveUp(member);
    }
    return null;
  }

  /** The lowest lane that is inside a program up to `seq`; −1 if none is. */
  inside(seq: number): number {
    const words = this.#words;
    const { threads } = this.#crew;
    for (let lane = 0; lane < threads; lane++) {
      const line = lineOf(lane);
      if (Atomics.load(words, line + LINE_INSIDE) !== 0 && ((words[line + LINE_SEQ] - seq) | 0) <= 0) return lane;
    }
    return -1;
  }

  /** Waits until no lane is inside a program up to `seq`, which is done: whoever is, is about to leave. */
  awaitClear(seq: number, rest: () => void): void {
    const since = runtime.now();
    for (let lane = this.inside(seq); lane >= 0; lane = this.inside(seq)) {
      const waited = runtime.now() - since;
      if (waited > PROBE_MS) this.#probe();
      // It may be one that died there, in doubt until now.
      if (this.needed) this.mend();
      const member = this.#members.get(lane);
      if (member !== undefined && waited > this.#crew.stallMs) {
        if (runtime.now() - member.left > ENDING_MS) throw this.#stuck(member);
        this.#giveUp(member);
      }
      rest();
    }
  }

  /** Mends what the dead have left undone, as far as it is time for that; true if nothing is left to mend. */
  mend(): boolean {
    for (const lane of this.#fallen.keys()) if (!isInDoubt(this.#words, lane)) this.#mended(lane);
    if (this.#fallen.size === 0) return true;
    const seq = (Atomics.load(this.#words, DONE) + 1) | 0;
    const fallen = [...this.#fallen.keys()];
    const reason = this.#fallen.get(fallen[0]) ?? "";
    const program = this.#crew.inFlight(seq);
    const repeatable = (step: number): boolean => program?.isRepeatable(step) === true;
    const repair = repairStep(this.#crew.lane, this.#crew.threads, fallen, repeatable, reason);
    if (repair === null) return false;
    this.chunksRepeated += repair.chunks;
    this.stepsRepeated += repair.steps;
    for (const lane of fallen) this.#mended(lane);
    return true;
  }

  /** Whether a lane's thread has reached the loop and is there. */
  isUp(lane: number): boolean {
    return this.#members.has(lane) && [LANE_READY, LANE_PARKED].includes(this.#stateOf(lane));
  }

  /** Ends a lane's thread from outside, as a crash would; for tests. */
  kill(lane: number): void {
    this.#members.get(lane)?.handle?.kill();
  }

  /** Has a lane die at a FAULT_ point; for tests, of devices made for it. */
  arm(lane: number, point: number): void {
    Atomics.store(this.#words, lineOf(lane) + LINE_FAULT, point);
  }

  /** What a lane says of itself when it is parked next; null if it is not there. */
  async stats(lane: number): Promise<LaneStats | null> {
    return (await this.#members.get(lane)?.handle?.stats()) ?? null;
  }

  /** Asks all lanes to leave, gives them a moment, and ends their threads. */
  async close(): Promise<void> {
    this.#closed = true;
    const words = this.#words;
    const members = [...this.#members.values()];
    this.#members.clear();
    this.#fallen.clear();
    for (const { lane } of members) Atomics.store(words, lineOf(lane) + LINE_STATE, LANE_LEAVING);
    callLanes(words);
    const release = holdProcess(() => undefined);
    const until = runtime.now() + LEAVING_MS;
    while (runtime.now() < until && members.some(({ lane }) => this.#stateOf(lane) !== LANE_DEAD)) {
      await changeOf(words, NEVER, 0, 5);
    }
    const ends = Promise.all(members.map(({ handle }) => handle?.end()));
    // Of those that have left nothing more is to be expected, whenever their threads end.
    const patience = members.every(({ lane }) => this.#stateOf(lane) === LANE_DEAD) ? LEAVING_MS : ENDING_MS;
    await Promise.race([ends, changeOf(words, NEVER, 0, patience)]);
    release();
  }

  get #words(): Int32Array {
    return this.#crew.heap.views.words;
  }

  #stateOf(lane: number): number {
    return Atomics.load(this.#words, lineOf(lane) + LINE_STATE);
  }

  #spawn(lane: number): void {
    const words = this.#words;
    clearLine(words, lane);
    Atomics.store(words, lineOf(lane) + LINE_FAULT, FAULT_NONE);
    Atomics.store(words, lineOf(lane) + LINE_STATE, LANE_ABSENT);
    const member: Member = { lane, handle: null, left: Infinity, reason: "" };
    this.#members.set(lane, member);
    try {
      const scratch = this.#scratch.get(lane) ?? this.#crew.heap.takeOwn(SCRATCH_BYTES);
      this.#scratch.set(lane, scratch);
      const { memory } = this.#crew.heap.views;
      const task = { memory, lane, scratch, origin: performance.timeOrigin, faults: this.#crew.faults };
      member.handle = spawnLane(task, (reason) => this.#died(member, reason));
    } catch (error) {
      this.#died(member, error instanceof Error ? error.message : String(error));
    }
  }

  /** Finds lanes that have ended without the event loop having said so. */
  #probe(): void {
    for (const member of this.#members.values()) {
      const { lane, handle } = member;
      if (this.#stateOf(lane) !== LANE_DEAD && handle?.gone() !== true) continue;
      void handle?.end();
      this.#died(member, "its thread has ended");
    }
  }

  /** A lane that does not answer: its thread is ended. Until it certainly has, whatever it holds stays its own. */
  #giveUp(member: Member): void {
    if (member.left < Infinity) return;
    member.left = runtime.now();
    member.reason = "the thread does not answer";
    Atomics.store(this.#words, lineOf(member.lane) + LINE_STATE, LANE_LEAVING);
    void member.handle?.end().then(() => this.#died(member, member.reason));
  }

  /** A thread runs no more. */
  #died(member: Member, reason: string): void {
    const { lane } = member;
    if (this.#closed || this.#members.get(lane) !== member) return;
    this.#members.delete(lane);
    this.died++;
    const words = this.#words;
    const began = Atomics.exchange(words, lineOf(lane) + LINE_STATE, LANE_DEAD) !== LANE_ABSENT;
    wakeUp(words, IDLE_SLEEPERS, lane);
    wakeUp(words, STEP_SLEEPERS, lane);
    const chunk = Atomics.load(words, lineOf(lane) + LINE_CHUNK);
    if (chunk === CLAIMING) this.diedClaiming++;
    else if (chunk !== NO_CHUNK) this.diedHolding++;
    const why = member.reason === "" ? reason : member.reason;
    if (!this.#mayRestart(lane, began)) this.#lost.set(lane, why);
    const more = this.#lost.has(lane)
      ? `the device goes on with ${this.lanes} of ${this.#crew.threads} lanes`
      : "it is started again";
    this.#crew.log(`wasm: lane ${lane} is gone (${why}); ${more}`);
    this.#fallen.set(lane, why);
    if (!this.mend()) this.#crew.tend();
  }

  /** A lane is started again a few times a minute, and not if it has never come as far as the loop. */
  #mayRestart(lane: number, began: boolean): boolean {
    const now = runtime.now();
    const recent = (this.#restarts.get(lane) ?? []).filter((time) => now - time < RESTART_MS);
    if (!began || recent.length >= this.#crew.restarts) return false;
    this.#restarts.set(lane, [...recent, now]);
    return true;
  }

  /** Nothing of a dead lane is left in any program. */
  #mended(lane: number): void {
    this.#fallen.delete(lane);
    if (this.#lost.has(lane) || this.#closed) return;
    this.restarted++;
    this.#spawn(lane);
  }

  /** A number that changes when the program in progress does. */
  #progress(): number {
    const words = this.#words;
    const seq = (Atomics.load(words, DONE) + 1) | 0;
    const slot = slotOf(seq);
    const step = Atomics.load(words, slot + SLOT_CURRENT);
    const record = (words[slot + SLOT_FRAME] >>> 2) + step * STEP_WORDS;
    const finished = step < words[slot + SLOT_STEPS] ? Atomics.load(words, record + STEP_FINISHED) : 0;
    return (seq & 0xffff) * 2 ** 32 + (step & 0xffff) * 2 ** 16 + (finished & 0xffff);
  }

  /** Milliseconds that the program in progress may go without a finished chunk. */
  #patience(): number {
    const program = this.#crew.inFlight((Atomics.load(this.#words, DONE) + 1) | 0);
    return this.#crew.stallMs + (20 * (program?.nanoseconds ?? 0)) / 1e6;
  }

  #stuck({ lane }: Member): DeviceError {
    const words = this.#words;
    const line = lineOf(lane);
    const seq = words[line + LINE_SEQ];
    const step = words[line + LINE_STEP];
    const place = `chunk ${Atomics.load(words, line + LINE_CHUNK)} of step ${step}`;
    const label = this.#crew.inFlight(seq)?.label(step);
    return new DeviceError(
      `wasm: lane ${lane} holds ${place}${label === undefined ? "" : ` (${label})`}, does not answer and has not ended ` +
        `after ${ENDING_MS / 1000} s; nothing else may touch what it works on. Await the value instead, or close the device.`,
    );
  }
}
