// Runs the protocol under many schedules: all with few switches between threads, and random ones. A schedule may let
// workers die before any of their atomic operations. Each run is checked while it goes: a chunk runs when its step is in
// progress and everything before it is done, never twice at once, and every program ends. Used by the protocol's test.
import {
  CLAIMING,
  DONE,
  HEAD,
  IDLE_SLEEPERS,
  LINE_CHUNK,
  LINE_INSIDE,
  LINE_SEQ,
  NO_CHUNK,
  SLOT_CURRENT,
  SLOT_ERROR,
  SLOT_FRAME,
  SLOT_STEPS,
  SLOTS,
  SLOT_WORDS,
  STEP_ARGS,
  STEP_CHUNKS,
  STEP_CLAIM,
  STEP_FINISHED,
  STEP_GRAIN,
  STEP_ITEMS,
  STEP_SLEEPERS,
  STEP_WORDS,
  lineOf,
} from "../../src/control.ts";
import type { Views } from "../../src/memory.ts";
import { MODEL_RING, loadProtocol } from "./protocol-model.ts";
import type { ModelLane, Pause, Protocol, Sleep, Thread } from "./protocol-model.ts";

export interface World {
  readonly workers: number;
  readonly programs: number;
  readonly steps: number;
  readonly chunks: number;
  /** Most workers that die. */
  readonly deaths: number;
  /** Whether chunks may run again. */
  readonly repeatable: boolean;
}

/** Says which of `options` comes next; option 0 is to go on as before. */
export type Choose = (options: number) => number;

export interface Outcome {
  /** Programs that failed because of a death. */
  failed: number;
  /** Workers that died: in what state. */
  claiming: number;
  holding: number;
  /** Chunks run again by themselves, and steps run again whole. */
  chunks: number;
  steps: number;
  /** How often everybody slept until a time had passed. */
  timeouts: number;
}

const MEMORY_WORDS = 16384;
const FRAMES = 8192;
const MOST_POINTS = 20_000;
/** Rests in a row after which it is time for sleeps to end. */
const RESTS = 50;

interface Actor {
  readonly thread: Thread<void>;
  pause: Pause;
  alive: boolean;
}

/** What happens to one world under one schedule. */
class Run {
  readonly outcome: Outcome = { failed: 0, claiming: 0, holding: 0, chunks: 0, steps: 0, timeouts: 0 };
  readonly #world: World;
  readonly #protocol: Protocol;
  readonly #sleepers: Set<Sleep>;
  readonly #words = new Int32Array(new SharedArrayBuffer(MEMORY_WORDS * 4));
  /** How often each chunk was begun, by program, step and chunk; and which are running. */
  readonly #begun = new Map<string, number>();
  readonly #finished = new Set<string>();
  readonly #running = new Map<string, Actor>();
  readonly #actors: Actor[] = [];
  /** Lanes that have died and have not been noticed, and such as have and are in doubt. */
  readonly #unnoticed: number[] = [];
  readonly #fallen: number[] = [];
  #current!: Actor;
  #deaths = 0;
  #mainDone = false;

  constructor(world: World, protocol: Protocol, sleepers: Set<Sleep>) {
    this.#world = world;
    this.#protocol = protocol;
    this.#sleepers = sleepers;
    sleepers.clear();
    for (let lane = 0; lane <= world.workers; lane++) {
      this.#words[lineOf(lane) + LINE_CHUNK] = NO_CHUNK;
      const thread = lane === 0 ? this.#main() : this.#worker(lane);
      this.#actors.push({ thread, pause: "ready", alive: true });
    }
    this.#current = this.#actors[0];
  }

  /** Runs to the end: the main thread is done, and the workers are idle. */
  run(choose: Choose): Outcome {
    let rests = 0;
    for (let points = 0; ; points++) {
      if (points > MOST_POINTS) throw new Error("the programs do not end");
      const runnable = this.#actors.filter((actor) => actor.alive && this.#isRunnable(actor));
      if (runnable.length === 0) {
        if (this.#isQuiet()) return this.#check();
        const resting = this.#actors.find(({ alive, pause }) => alive && pause === "rest");
        // A rest is short beside a sleep that ends by itself, but not against one that nobody else ends.
        if (resting !== undefined && ++rests < RESTS) {
          resting.pause = "ready";
          continue;
        }
        rests = 0;
        if (resting !== undefined) resting.pause = "ready";
        this.#oversleep();
        continue;
      }
      this.#choose(runnable, choose);
      const { value, done } = this.#current.thread.next();
      if (done === true) this.#current.alive = false;
      else this.#current.pause = value;
    }
  }

  #isRunnable({ pause }: Actor): boolean {
    return pause === "ready" || (pause !== "rest" && pause.awake);
  }

  /** Ends every sleep that ends by itself. */
  #oversleep(): void {
    const asleep = [...this.#sleepers].filter((sleep) => sleep.ends);
    if (asleep.length === 0) throw new Error("everybody sleeps for good");
    this.outcome.timeouts++;
    for (const sleep of asleep) sleep.awake = true;
  }

  /** The main thread has all it wanted, and no worker is inside a program. */
  #isQuiet(): boolean {
    return (
      this.#mainDone && this.#actors.every(({ alive }, lane) => !alive || this.#words[lineOf(lane) + LINE_INSIDE] === 0)
    );
  }

  /** Goes on with the current thread, or with another, or has the current one die. */
  #choose(runnable: readonly Actor[], choose: Choose): void {
    const others = runnable.filter((actor) => actor !== this.#current);
    const goesOn = runnable.includes(this.#current);
    const mayDie = goesOn && this.#current !== this.#actors[0] && this.#deaths < this.#world.deaths;
    const ahead = goesOn ? [this.#current, ...others] : others;
    const chosen = choose(ahead.length + (mayDie ? 1 : 0));
    if (chosen < ahead.length) {
      this.#current = ahead[chosen];
      return;
    }
    const lane = this.#actors.indexOf(this.#current);
    this.#deaths++;
    this.#current.alive = false;
    this.#unnoticed.push(lane);
    for (const [chunk, actor] of this.#running) if (actor === this.#current) this.#running.delete(chunk);
    const held = this.#words[lineOf(lane) + LINE_CHUNK];
    if (held === CLAIMING) this.outcome.claiming++;
    else if (held !== NO_CHUNK) this.outcome.holding++;
    this.#current = others[0] ?? this.#actors[0];
  }

  #lane(index: number): ModelLane {
    const views = { words: this.#words, cover: () => undefined } as unknown as Views;
    const code = (args: number, begin: number): Thread<void> => this.#kernel(args, begin);
    return { index, views, scratch: 0, canSleep: true, clock: () => 0, fault: null, table: { at: () => code } };
  }

  /** A chunk of a step: each has one item. */
  *#kernel(args: number, chunk: number): Thread<void> {
    const [seq, step] = [args >>> 8, args & 255];
    const name = `${seq} ${step} ${chunk}`;
    const slot = SLOTS + (seq & (MODEL_RING - 1)) * SLOT_WORDS;
    const inProgress = (): boolean => this.#words[DONE] === seq - 1 && this.#words[slot + SLOT_CURRENT] === step;
    if (!inProgress()) throw new Error(`chunk ${name} begins out of turn`);
    if (this.#running.has(name)) throw new Error(`chunk ${name} is run by two threads at once`);
    for (let other = 0; step > 0 && other < this.#world.chunks; other++) {
      if (!this.#finished.has(`${seq} ${step - 1} ${other}`))
        throw new Error(`chunk ${name} begins before chunk ${other} of its past`);
    }
    this.#running.set(name, this.#current);
    this.#begun.set(name, (this.#begun.get(name) ?? 0) + 1);
    yield "ready";
    if (!inProgress()) throw new Error(`chunk ${name} ends out of turn`);
    this.#running.delete(name);
    this.#finished.add(name);
  }

  *#worker(lane: number): Thread<void> {
    const self = this.#lane(lane);
    // Parked and called back, for ever.
    for (;;) yield* this.#protocol.runThread(self, never, Infinity);
  }

  /** What Pool.publish and Pool.help do, as far as it concerns the workers. */
  *#main(): Thread<void> {
    const { programs, steps, chunks } = this.#world;
    const words = this.#words;
    for (let seq = 1; seq <= programs; seq++) {
      yield* this.#help(seq - MODEL_RING);
      while (this.#inside(seq - MODEL_RING)) {
        yield "rest";
        yield* this.#mend();
      }
      const slot = SLOTS + (seq & (MODEL_RING - 1)) * SLOT_WORDS;
      const frame = FRAMES + seq * steps * STEP_WORDS;
      for (let step = 0; step < steps; step++) {
        const record = frame + step * STEP_WORDS;
        words[record + STEP_ARGS] = (seq << 8) | step;
        words[record + STEP_ITEMS] = chunks;
        words[record + STEP_GRAIN] = 1;
        words[record + STEP_CHUNKS] = chunks;
        words[record + STEP_CLAIM] = 0;
        words[record + STEP_FINISHED] = 0;
      }
      words[slot + SLOT_STEPS] = steps;
      words[slot + SLOT_FRAME] = frame * 4;
      if (seq > MODEL_RING && words[slot + SLOT_ERROR] !== 0) this.outcome.failed++;
      words[slot + SLOT_ERROR] = 0;
      words[slot + SLOT_CURRENT] = 0;
      yield "ready";
      words[HEAD] = seq;
      yield* this.#protocol.callLanes(words);
    }
    yield* this.#help(programs);
    for (let seq = Math.max(1, programs - MODEL_RING + 1); seq <= programs; seq++) {
      if (words[SLOTS + (seq & (MODEL_RING - 1)) * SLOT_WORDS + SLOT_ERROR] !== 0) this.outcome.failed++;
    }
    this.#mainDone = true;
  }

  #inside(seq: number): boolean {
    const { workers } = this.#world;
    for (let lane = 0; lane <= workers; lane++) {
      const line = lineOf(lane);
      if (this.#words[line + LINE_INSIDE] !== 0 && this.#words[line + LINE_SEQ] <= seq) return true;
    }
    return false;
  }

  *#help(seq: number): Thread<void> {
    const words = this.#words;
    const self = this.#lane(0);
    let calls = 0;
    const until = (rounds: number) =>
      function* (): Thread<boolean> {
        yield "ready";
        return words[DONE] >= seq || ++calls > rounds;
      };
    while (words[DONE] < seq) {
      yield "ready";
      calls = 0;
      if (this.#fallen.length > 0) {
        yield* this.#protocol.runThread(self, until(Infinity), 0);
        yield* this.#mend();
        if (this.#fallen.length > 0) yield "rest";
      } else {
        yield* this.#protocol.runThread(self, until(2), 1);
        if (this.#unnoticed.length > 0) yield* this.#mend();
      }
    }
  }

  /** What Supervision does about the dead. */
  *#mend(): Thread<void> {
    const words = this.#words;
    const fallen = this.#fallen;
    for (const lane of this.#unnoticed.splice(0)) {
      yield* this.#protocol.wakeUp(words, IDLE_SLEEPERS, lane);
      yield* this.#protocol.wakeUp(words, STEP_SLEEPERS, lane);
      fallen.push(lane);
    }
    for (let i = fallen.length - 1; i >= 0; i--)
      if (!(yield* this.#protocol.isInDoubt(words, fallen[i]))) fallen.splice(i, 1);
    if (fallen.length === 0) return;
    const { workers, repeatable } = this.#world;
    const repair = yield* this.#protocol.repairStep(this.#lane(0), workers + 1, fallen, () => repeatable, "it died");
    if (repair === null) return;
    this.outcome.chunks += repair.chunks;
    this.outcome.steps += repair.steps;
    fallen.length = 0;
  }

  #check(): Outcome {
    const { programs, steps, chunks, deaths } = this.#world;
    for (let seq = 1; seq <= programs; seq++) {
      for (let step = 0; step < steps; step++) {
        for (let chunk = 0; chunk < chunks; chunk++) {
          const name = `${seq} ${step} ${chunk}`;
          if (this.outcome.failed === 0 && !this.#finished.has(name)) throw new Error(`chunk ${name} was never run`);
          if (deaths === 0 && this.#begun.get(name) !== 1)
            throw new Error(`chunk ${name} was run ${this.#begun.get(name)} times`);
        }
      }
    }
    if (this.#words[DONE] !== programs) throw new Error(`${this.#words[DONE]} of ${programs} programs are done`);
    const asleep = this.#words[STEP_SLEEPERS] & ~[...this.#unnoticed].reduce((bits, lane) => bits | (1 << lane), 0);
    if (asleep !== 0) throw new Error("somebody is counted as asleep in a step");
    return this.outcome;
  }
}

function* never(): Thread<boolean> {
  yield "ready";
  return false;
}

/** Adds up outcomes. */
function add(total: Outcome, one: Outcome): void {
  for (const key of Object.keys(one) as (keyof Outcome)[]) total[key] += one[key];
}

export interface Explored extends Outcome {
  schedules: number;
}

const nothing = (): Explored => ({
  schedules: 0,
  failed: 0,
  claiming: 0,
  holding: 0,
  chunks: 0,
  steps: 0,
  timeouts: 0,
});

/** Runs worlds under schedules. */
export class Explorer {
  readonly #protocol: Protocol;
  readonly #sleepers: Set<Sleep>;

  private constructor(protocol: Protocol, sleepers: Set<Sleep>) {
    this.#protocol = protocol;
    this.#sleepers = sleepers;
  }

  /** With the protocol as it is, or as `change` makes it. */
  static async load(change?: (text: string) => string): Promise<Explorer> {
    const sleepers = new Set<Sleep>();
    return new Explorer(await loadProtocol(sleepers, change), sleepers);
  }

  /** Runs every schedule in which a choice is other than to go on at most `switches` times. */
  exhaust(world: World, switches: number): Explored {
    const total = nothing();
    // The choices that were other than 0, by the number of the point.
    const walk = (prefix: readonly (readonly [number, number])[], from: number): void => {
      const options: number[] = [];
      let next = 0;
      const choose: Choose = (count) => {
        const point = options.push(count) - 1;
        if (next < prefix.length && prefix[next][0] === point) return prefix[next++][1];
        return 0;
      };
      this.#one(world, choose, total, prefix);
      if (prefix.length === switches) return;
      for (let point = from; point < options.length; point++) {
        for (let option = 1; option < options[point]; option++) walk([...prefix, [point, option]], point + 1);
      }
    };
    walk([], 0);
    return total;
  }

  /** Runs random schedules that switch every so many points on average. */
  sample(world: World, schedules: number, every: number, random: () => number): Explored {
    const total = nothing();
    for (let i = 0; i < schedules; i++) {
      const choose: Choose = (count) => (random() < 1 / every ? Math.floor(random() * count) : 0);
      this.#one(world, choose, total, i);
    }
    return total;
  }

  #one(world: World, choose: Choose, total: Explored, schedule: unknown): void {
    try {
      add(total, new Run(world, this.#protocol, this.#sleepers).run(choose));
      total.schedules++;
    } catch (error) {
      throw new Error(`schedule ${JSON.stringify(schedule)} of ${JSON.stringify(world)}`, { cause: error });
    }
  }
}
