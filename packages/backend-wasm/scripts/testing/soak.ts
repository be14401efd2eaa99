// The soak: random programs, several in flight, on a device whose workers are killed all the time, from outside at any
// moment and from inside at the points where a death is worst. Every value is checked. Used by scripts/soak.ts and by
// a short test.
import type { Buffer, Ticket } from "@weft/ir";

import { WasmBackend } from "../../src/backend.ts";
import { createCompiler } from "../../src/compiler.ts";
import { FAULT_COUNTED } from "../../src/control.ts";
import type { WasmProgram } from "../../src/program.ts";
import { randomSource } from "./builds.ts";
import { ELEMENTS, randomStep } from "./soak-steps.ts";
import type { ModelStep, Random } from "./soak-steps.ts";

export interface SoakOptions {
  readonly programs: number;
  readonly threads: number;
  readonly seed: number;
  /** Ends earlier, after so long. */
  readonly seconds?: number;
  /** Batches of programs between two deaths, on average. */
  readonly batchesPerDeath?: number;
  /** Called now and then. */
  readonly progress?: (report: SoakReport) => void;
}

export interface SoakReport {
  programs: number;
  steps: number;
  /** Elements that were not as expected. */
  wrong: number;
  /** Programs that failed because a death fell into a step that cannot be repeated; allowed. */
  failedInPlace: number;
  /** Programs that failed otherwise. */
  failed: number;
  deaths: number;
  /** … with a chunk in hand, … with a chunk claimed whose number stood nowhere. */
  deathsHolding: number;
  deathsClaiming: number;
  chunksRepeated: number;
  stepsRepeated: number;
  restarted: number;
  kernels: number;
  /** The longest that one batch took. */
  longestMs: number;
  seconds: number;
  messages: string[];
}

const ARRAYS = 6;
/** Programs kept compiled; one of them is replaced now and then, so that new code is installed all the time. */
const PROGRAMS = 40;

interface ModelProgram {
  readonly steps: readonly ModelStep[];
  readonly program: WasmProgram;
  readonly inPlace: boolean;
}

class Soak {
  readonly report: SoakReport = {
    programs: 0,
    steps: 0,
    wrong: 0,
    failedInPlace: 0,
    failed: 0,
    deaths: 0,
    deathsHolding: 0,
    deathsClaiming: 0,
    chunksRepeated: 0,
    stepsRepeated: 0,
    restarted: 0,
    kernels: 0,
    longestMs: 0,
    seconds: 0,
    messages: [],
  };
  readonly #options: SoakOptions;
  readonly #random: Random;
  readonly #device: WasmBackend;
  readonly #buffers: Buffer[];
  readonly #arrays: Int32Array[];
  readonly #programs: ModelProgram[] = [];
  readonly #began = performance.now();

  constructor(options: SoakOptions) {
    this.#options = options;
    this.#random = randomSource(options.seed);
    const tuning = { inlineNanoseconds: 0, faults: true, restarts: Infinity, log: () => undefined };
    this.#device = new WasmBackend(createCompiler, { threads: options.threads }, tuning);
    this.#arrays = Array.from({ length: ARRAYS }, () =>
      Int32Array.from({ length: ELEMENTS }, () => Math.floor(this.#random() * 2 ** 32) | 0),
    );
    // The last is the temporary memory of products.
    this.#buffers = Array.from({ length: ARRAYS + 1 }, () => this.#device.alloc(1 << 18));
    this.#restore(this.#arrays);
    for (let i = 0; i < PROGRAMS; i++) this.#programs.push(this.#newProgram());
  }

  async run(): Promise<SoakReport> {
    const { programs, seconds = Infinity, progress, batchesPerDeath = 5 } = this.#options;
    let shown = performance.now();
    while (this.report.programs < programs && this.#seconds < seconds) {
      if (this.#random() < 1 / batchesPerDeath) this.#arm();
      await this.#batch(this.#random() < 1 / batchesPerDeath);
      if (this.#random() < 0.3) this.#replace();
      if (performance.now() - shown > 2000) {
        shown = performance.now();
        this.#count();
        progress?.(this.report);
      }
    }
    this.#count();
    await this.#device.close();
    return this.report;
  }

  get #seconds(): number {
    return (performance.now() - this.#began) / 1000;
  }

  #count(): void {
    const { supervision } = this.#device.pool;
    const { report } = this;
    report.deaths = supervision.died;
    report.deathsHolding = supervision.diedHolding;
    report.deathsClaiming = supervision.diedClaiming;
    report.chunksRepeated = supervision.chunksRepeated;
    report.stepsRepeated = supervision.stepsRepeated;
    report.restarted = supervision.restarted;
    report.kernels = this.#device.counters().kernelsCompiled;
    report.seconds = this.#seconds;
  }

  #newProgram(): ModelProgram {
    const count = 1 + Math.floor(this.#random() * 6);
    const site = { gemmBytes: this.#device.gemmBytes.bind(this.#device), scratch: ARRAYS };
    const steps = Array.from({ length: count }, () => randomStep(this.#random, ARRAYS, site));
    const segment = { steps: steps.map(({ step }) => step), buffers: ARRAYS + 1, slots: 1 };
    return { steps, program: this.#device.compile(segment), inPlace: steps.some(({ kind }) => kind === "in place") };
  }

  #replace(): void {
    const index = Math.floor(this.#random() * PROGRAMS);
    this.#programs[index].program.dispose();
    this.#programs[index] = this.#newProgram();
  }

  #restore(arrays: readonly Int32Array[]): void {
    arrays.forEach((array, i) => this.#device.upload(this.#buffers[i], array));
  }

  get #victim(): number {
    return 1 + Math.floor(this.#random() * (this.#options.threads - 1));
  }

  /** Has a worker die at one of the points at which it looks. */
  #arm(): void {
    if (this.#options.threads > 1) {
      this.#device.pool.supervision.arm(this.#victim, 1 + Math.floor(this.#random() * FAULT_COUNTED));
    }
  }

  /** Runs some programs, with a worker killed from outside in the middle if `kill` says so, and checks the arrays. */
  async #batch(kill: boolean): Promise<void> {
    const began = performance.now();
    const before = this.#arrays.map((array) => array.slice());
    const tickets: { ticket: Ticket; inPlace: boolean }[] = [];
    const count = 1 + Math.floor(this.#random() * 10);
    for (let i = 0; i < count; i++) {
      const { steps, program, inPlace } = this.#programs[Math.floor(this.#random() * PROGRAMS)];
      const slot = Math.floor(this.#random() * 1000);
      const ticket = this.#device.run(program, { buffers: this.#buffers, slots: [slot] });
      tickets.push({ ticket, inPlace });
      for (const step of steps) step.apply(this.#arrays, slot);
      this.report.steps += steps.length;
    }
    this.report.programs += count;
    if (kill && this.#options.threads > 1) {
      const until = performance.now() + this.#random() * 0.5;
      while (performance.now() < until);
      const { supervision } = this.#device.pool;
      const victim = this.#victim;
      // One that has not come up yet would not be started again.
      if (supervision.isUp(victim)) supervision.kill(victim);
    }
    const blocks = this.#random() < 0.5;
    let failures = 0;
    for (const { ticket, inPlace } of tickets) {
      try {
        if (blocks) ticket.help();
        else await ticket.wait();
      } catch (error) {
        failures++;
        const message = error instanceof Error ? error.message : String(error);
        if (inPlace && message.includes("overwrites what it reads")) this.report.failedInPlace++;
        else {
          this.report.failed++;
          this.report.messages.push(message);
        }
      }
    }
    // What a failed program was to change is not what the model says, nor is what was computed from it.
    if (failures > 0) {
      before.forEach((array, i) => this.#arrays[i].set(array));
      this.#restore(before);
    } else this.#check();
    this.report.longestMs = Math.max(this.report.longestMs, performance.now() - began);
  }

  #check(): void {
    const into = new Int32Array(ELEMENTS);
    const bytes = new Uint8Array(into.buffer);
    this.#arrays.forEach((expected, index) => {
      this.#device.readSync(this.#buffers[index], bytes);
      let wrong = 0;
      for (let i = 0; i < ELEMENTS; i++) if (into[i] !== expected[i]) wrong++;
      if (wrong === 0) return;
      this.report.wrong += wrong;
      this.report.messages.push(`array ${index}: ${wrong} elements are wrong after program ${this.report.programs}`);
      this.#device.upload(this.#buffers[index], expected);
    });
  }
}

/** Runs the soak. */
export function soak(options: SoakOptions): Promise<SoakReport> {
  return new Soak(options).run();
}
