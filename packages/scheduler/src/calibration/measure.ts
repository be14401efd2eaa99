// Times of runs on one device, through ir's Backend contract alone. Owns the buffers and programs of a measurement and
// gives them back; between two things it asks of the device it lets the host do something else. Says how long things
// took, not what that means.
import type { Backend, Buffer, Program, Step, Ticket } from "@weft/ir";
import type { Exercise } from "./kernels.ts";
import { repeated, tiny, unseen } from "./kernels.ts";

/** What measuring needs of the host. */
export interface CalibrationHost {
  /** Milliseconds. */
  now(): number;
  /** Resolves when the host has nothing better to do, and not before so many milliseconds; keeps no process alive. */
  pause(milliseconds: number): Promise<void>;
}

/** A measured run should take at least so many nanoseconds: fifty times what coarse clocks resolve. */
const LONG_ENOUGH_NS = 5e6;
/** Most steps of a segment, and most runs that are asked for at once. */
const MOST_STEPS = 256;
const MOST_RUNS = 1024;
/** Bytes that are sent to and from the host: what takes no page's main thread 8 ms. */
export const TRANSFER_BYTES = 2 ** 23;

/** Kernels of {@link Measure.compilation} so far: each has to be new to the process. */
let unseenKernels = 0;

/** An exercise whose buffers hold data and whose programs have run. */
interface Ready {
  readonly buffers: readonly Buffer[];
  readonly single: Program;
  /** As many times the step as take long enough. */
  readonly many: Program;
  readonly count: number;
}

/** Nanoseconds that things took. */
export type Times = Readonly<Record<string, number>>;

/** A device under measurement. */
export class Measure {
  readonly #backend: Backend;
  readonly #host: CalibrationHost;
  readonly #buffers: Buffer[] = [];
  readonly #programs: Program[] = [];
  readonly #ready = new Map<string, Ready>();
  #last: Ticket | null = null;
  #transfer: { readonly buffer: Buffer; readonly bytes: Uint8Array } | null = null;
  /** Runs that are asked for at once; 0: not yet decided. */
  #runs = 0;

  constructor(backend: Backend, host: CalibrationHost) {
    this.#backend = backend;
    this.#host = host;
  }

  /** Gives everything back. */
  async end(): Promise<void> {
    // a failure may have left a run behind that names them
    await this.#last?.wait().catch(() => undefined);
    for (const program of this.#programs) program.dispose?.();
    for (const buffer of this.#buffers) this.#backend.free(buffer, 0);
  }

  /** How many steps of an exercise {@link run} runs. */
  async countOf(name: string, exercise: Exercise): Promise<number> {
    return (await this.#prepared(name, exercise)).count;
  }

  /** A run of an exercise. */
  async run(name: string, exercise: Exercise): Promise<number> {
    const { buffers, many } = await this.#prepared(name, exercise);
    return this.#time(() => this.#run(many, buffers));
  }

  /**
   * A run that does next to nothing (`alone`), that with its result brought to the host (`result`), so many `runs` at
   * once, and a few runs of {@link MOST_STEPS} such steps (`long`) beside as many of one (`short`).
   */
  async overheads(): Promise<Times> {
    const { buffers, single, many } = await this.#tiny();
    const runs = (program: Program, count: number): Promise<number> =>
      this.#time(async () => {
        for (let i = 1; i < count; i++) this.#start(program, buffers);
        await this.#run(program, buffers);
      });
    if (this.#runs === 0)
      for (this.#runs = 16; this.#runs < MOST_RUNS && (await runs(single, this.#runs)) < LONG_ENOUGH_NS;)
        this.#runs *= 2;
    const { runs: count, few } = this.counts;
    const alone = await this.#alone();
    const word = new Uint8Array(4);
    const result = await this.#time(async () => {
      await this.#run(single, buffers);
      await this.#backend.read(buffers[1], word);
    });
    return {
      alone,
      result,
      runs: await runs(single, count),
      short: await runs(single, few),
      long: await runs(many, few),
    };
  }

  /** How many runs and steps {@link overheads} takes. */
  get counts(): { readonly runs: number; readonly few: number; readonly steps: number } {
    return { runs: this.#runs, few: Math.max(1, this.#runs >> 5), steps: MOST_STEPS };
  }

  /** A run that looks at a large buffer (`look`), with the buffer sent up before (`up`); a word of it read, and all. */
  async transfers(): Promise<Times> {
    const { buffers, single } = await this.#tiny();
    if (this.#transfer === null) {
      // pages that nothing was ever written to copy faster than others
      this.#transfer = { buffer: this.#alloc(TRANSFER_BYTES), bytes: new Uint8Array(TRANSFER_BYTES).fill(1) };
      await this.#host.pause(0);
      this.#backend.upload(this.#transfer.buffer, this.#transfer.bytes);
      await this.#run(single, [this.#transfer.buffer, buffers[1]]);
    }
    const { buffer, bytes } = this.#transfer;
    const large = [buffer, buffers[1]];
    const word = new Uint8Array(4);
    const look = await this.#time(() => this.#run(single, large));
    const up = await this.#time(async () => {
      this.#backend.upload(buffer, bytes);
      await this.#run(single, large);
    });
    const word0 = await this.#time(() => this.#backend.read(buffer, word));
    const down = await this.#time(() => this.#backend.read(buffer, bytes));
    return { look, up, word: word0, down };
  }

  /** A run of a kernel that nobody has compiled before. */
  async compilation(): Promise<number> {
    const { buffers } = await this.#tiny();
    const step = unseen(++unseenKernels);
    return this.#time(async () => {
      const program = this.#compile(step, 2, 1);
      await program.ready?.();
      await this.#run(program, buffers);
    });
  }

  #tiny(): Promise<Ready> {
    return this.#prepared("tiny", tiny());
  }

  async #alone(): Promise<number> {
    const { buffers, single } = await this.#tiny();
    return this.#time(() => this.#run(single, buffers));
  }

  #compile(step: Step, buffers: number, count: number): Program {
    const program = this.#backend.compile(repeated(step, buffers, count));
    this.#programs.push(program);
    return program;
  }

  #start(program: Program, buffers: readonly Buffer[]): Ticket {
    return (this.#last = this.#backend.run(program, { buffers, slots: [] }));
  }

  async #run(program: Program, buffers: readonly Buffer[]): Promise<void> {
    await this.#start(program, buffers).wait();
  }

  /** How long something takes, after a pause. */
  async #time(act: () => Promise<void>): Promise<number> {
    await this.#host.pause(0);
    const from = this.#host.now();
    await act();
    return (this.#host.now() - from) * 1e6;
  }

  #alloc(bytes: number): Buffer {
    const buffer = this.#backend.alloc(bytes);
    this.#buffers.push(buffer);
    return buffer;
  }

  async #prepared(name: string, { bytes, prepare, step }: Exercise): Promise<Ready> {
    const found = this.#ready.get(name);
    if (found !== undefined) return found;
    const buffers = bytes.map((size) => this.#alloc(size));
    const ready = async (of: Step, count: number): Promise<Program> => {
      const program = this.#compile(of, bytes.length, count);
      await program.ready?.();
      // memory is touched and code is looked at for the first time
      await this.#time(() => this.#run(program, buffers));
      return program;
    };
    for (const filling of prepare) await ready(filling, 1);
    const single = await ready(step, 1);
    const once = await this.#time(() => this.#run(single, buffers));
    const count = name === "tiny" ? MOST_STEPS : Math.min(MOST_STEPS, Math.ceil(LONG_ENOUGH_NS / Math.max(1, once)));
    const many = count === 1 ? single : await ready(step, count);
    const made = { buffers, single, many, count };
    this.#ready.set(name, made);
    return made;
  }
}
