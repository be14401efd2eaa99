// The WASM device: ir's Backend over one shared memory, the pool and the code store. Everything comes into being at
// first use; nothing here needs waiting for. How kernels and templates become code is given to it (codegen.ts).
import { DeviceError, finalizer, finishParts, InternalError } from "@weft/ir";
import type {
  Backend,
  Buffer,
  DeviceMemory,
  Parts,
  Program,
  RunArgs,
  Segment,
  Step,
  StorageType,
  Ticket,
  Tracer,
} from "@weft/ir";
import { defaultThreads, mayRefuse, runtime, soon, whyUnshared } from "#platform";

import { WasmBuffer } from "./buffer.ts";
import { CodeStore } from "./code.ts";
import type { Codegen } from "./code.ts";
import { MAX_LANES, NEVER } from "./control.ts";
import { Heap } from "./heap.ts";
import { launchesOf } from "./launch.ts";
import type { TemplatePlanner } from "./launch.ts";
import { BUFFER_BYTES, INLINE_NANOSECONDS, READ_BYTES, SLICE_MS, SMALL_BYTES } from "./limits.ts";
import { createMemory, whyNotShared } from "./memory.ts";
import type { KernelFunction } from "./modules.ts";
import { POOL_TUNING, Pool } from "./pool.ts";
import type { PoolTuning } from "./pool.ts";
import { CompiledProgram, ProgramBody } from "./program.ts";
import type { WasmProgram } from "./program.ts";
import { hasRelaxedSimd, whyMissing } from "./requirements.ts";
import { copySmall, fillSmall, SmallBuffer } from "./small.ts";
import type { Build } from "./stencils.ts";
import { changeOf } from "./wait.ts";

/** How a device is made. */
export interface WasmOptions {
  /** Lanes, the calling thread included; as many as the host has cores unless given. */
  readonly threads?: number | undefined;
  /** Instructions to use; "auto" takes relaxed SIMD where the host has it. */
  readonly build?: "base" | "relaxed" | "auto" | undefined;
  /** Most bytes of live buffers. */
  readonly maximumBytes?: number | undefined;
}

/** What turns kernels and templates into code. */
export interface Compiler extends TemplatePlanner {
  readonly codegen: Codegen;
  supports(step: "gemm" | "transpose", storage: StorageType): boolean;
  gemmBytes(step: Omit<Extract<Step, { kind: "gemm" }>, "kind" | "out" | "scratch">): number;
}

/** Settings that only tests change. */
export interface WasmTuning extends Partial<PoolTuning> {
  /** Runs estimated to take longer go to the pool. */
  readonly inlineNanoseconds?: number;
  /** Whether the memory is shared, as it is unless the host forbids it. */
  readonly shared?: boolean;
}

interface State {
  readonly heap: Heap;
  readonly pool: Pool;
  readonly store: CodeStore;
}

/** The functions of a program, made to report what each took when the calling thread runs them. */
function traced(tracer: Tracer, seq: number, { functions, launches }: ProgramBody): readonly KernelFunction[] {
  return functions.map((code, step) => (args, begin, end, scratch) => {
    const from = runtime.now();
    code(args, begin, end, scratch);
    tracer.span("wasm 0", launches[step].label, from, runtime.now(), { program: seq, chunks: 1 });
  });
}

/** The device. Made by `createWasmBackend`. */
export class WasmBackend implements Backend {
  readonly id = "wasm";
  readonly kind = "cpu";
  /** Why it computes nothing on this host; null where it does. */
  readonly missing: string | null;
  /** Reads never wait for another thread to answer: whoever reads does the work that is left. */
  readonly canBlock = true;
  readonly #options: WasmOptions;
  readonly #tuning: Required<Omit<WasmTuning, "shared">>;
  readonly #compilerOf: (build: Build, shared: boolean) => Compiler;
  readonly #build: Build;
  /** Lanes, if memory can be shared. */
  readonly #wanted: number;
  /** Why its memory is not shared; null if it is. */
  #unshared: string | null;
  #compiler: Compiler;
  #state: State | null = null;
  #closed = false;
  #programs = 0;
  #programsLive = 0;
  #inline = 0;
  #steps = 0;
  /** Frees what a program owns when the program is collected without having been disposed of. */
  readonly #registry = finalizer<ProgramBody>((body) => this.#disposeBody(body));

  constructor(compilerOf: (build: Build, shared: boolean) => Compiler, options: WasmOptions, tuning: WasmTuning = {}) {
    const threads = options.threads ?? defaultThreads;
    if (!Number.isInteger(threads) || threads < 1) {
      throw new DeviceError(`wasm: threads must be a whole number of at least 1, not ${threads}`);
    }
    this.missing = whyMissing();
    const { shared, ...rest } = tuning;
    if (shared === undefined) this.#unshared = whyUnshared() ?? whyNotShared();
    else this.#unshared = shared ? null : "its memory is not to be shared";
    this.#tuning = { ...POOL_TUNING, inlineNanoseconds: INLINE_NANOSECONDS, ...rest };
    this.#wanted = Math.min(threads, MAX_LANES);
    this.#options = options;
    const { build = "auto" } = options;
    const relaxed = this.missing === null && build !== "base" && hasRelaxedSimd();
    if (this.missing === null && build === "relaxed" && !relaxed) {
      throw new DeviceError('wasm: this host has no relaxed SIMD; use build "base" or "auto"');
    }
    this.#build = relaxed ? "relaxed" : "base";
    this.#compilerOf = compilerOf;
    this.#compiler = compilerOf(this.#build, this.#unshared === null);
  }

  get threads(): number {
    return this.#unshared === null ? this.#wanted : 1;
  }

  get fingerprint(): string {
    return `wasm ${this.#build} ${this.threads} of ${runtime.cores}`;
  }

  get limits(): { readonly bufferBytes: number; readonly totalBytes: number } {
    const totalBytes = this.#open().heap.budget;
    return { bufferBytes: Math.min(BUFFER_BYTES, totalBytes), totalBytes };
  }

  /** The pool, for tests of its faults. */
  get pool(): Pool {
    return this.#open().pool;
  }

  serves(_storage: StorageType): boolean {
    return true;
  }

  supports(step: "gemm" | "transpose", storage: StorageType): boolean {
    return this.#compiler.supports(step, storage);
  }

  gemmBytes(step: Omit<Extract<Step, { kind: "gemm" }>, "kind" | "out" | "scratch">): number {
    return this.#compiler.gemmBytes(step);
  }

  /**
   * Memory for one array; its contents are undefined.
   * @throws OutOfMemoryError with nothing changed.
   */
  alloc(bytes: number): Buffer {
    const { heap, pool } = this.#open();
    pool.settle();
    if (bytes > BUFFER_BYTES) throw heap.tooLarge(bytes, BUFFER_BYTES);
    const pointer = heap.takeBuffer(bytes);
    return new WasmBuffer(heap, pointer, bytes);
  }

  /** A buffer for an array that lies in the host's heap between runs. */
  allocCollected(bytes: number): Buffer | null {
    return bytes > SMALL_BYTES ? null : new SmallBuffer(this.#open().heap, bytes);
  }

  free(buffer: Buffer, afterSeq: number): void {
    if (buffer instanceof SmallBuffer) return;
    const own = this.#own(buffer);
    // What is known to be finished need not be remembered as unripe.
    if (afterSeq > 0) this.#state?.pool.settle();
    const { heap } = own;
    const give = (): void => heap?.giveBuffer(own.pointer, own.bytes, afterSeq);
    own.heap = null;
    if (own.readers === 0) give();
    else own.afterReads = give;
  }

  upload(buffer: Buffer, data: ArrayBufferView, at = 0): void {
    const { heap, pool } = this.#open();
    if (at + data.byteLength > buffer.bytes) {
      throw new InternalError(`wasm: ${at + data.byteLength} bytes do not fit into a buffer of ${buffer.bytes}`);
    }
    const source = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    if (buffer instanceof SmallBuffer) return fillSmall(buffer, source, at);
    const own = this.#own(buffer);
    const ripeAfter = at === 0 && pool.settle() < pool.head ? heap.ripeAfter(own.pointer, own.bytes) : 0;
    if (ripeAfter > 0) {
      // Programs still read what lay here before, and an upload does not queue behind them.
      const fresh = heap.exchange(own.pointer, own.bytes, ripeAfter);
      if (fresh !== null) own.pointer = fresh;
      else pool.help(ripeAfter);
    }
    heap.views.octets.set(source, own.pointer + at);
  }

  /** Copies for a slice at a time, so that the event loop lives; the memory stays until then, freed or not. */
  async read(buffer: Buffer, into: Uint8Array): Promise<void> {
    if (into.length <= READ_BYTES) return this.readSync(buffer, into);
    const own = this.#readable(buffer, into);
    const { views } = this.#open().heap;
    own.readers++;
    for (let at = 0; at < into.length;) {
      const deadline = runtime.now() + SLICE_MS;
      for (; at < into.length && runtime.now() < deadline; at += READ_BYTES) {
        const end = Math.min(at + READ_BYTES, into.length);
        into.set(views.octets.subarray(own.pointer + at, own.pointer + end), at);
      }
      if (at < into.length) await new Promise<void>(soon);
    }
    if (--own.readers === 0) own.afterReads?.();
  }

  readSync(buffer: Buffer, into: Uint8Array): void {
    if (buffer instanceof SmallBuffer) {
      // the run that wrote it may have ended unnoticed
      if (buffer.stage !== null) this.#open().pool.settle();
      return copySmall(buffer, into);
    }
    const own = this.#readable(buffer, into);
    const { octets } = this.#open().heap.views;
    const { pointer } = own;
    const { length } = into;
    // A view costs more than a few bytes do.
    if (length <= 64) for (let i = 0; i < length; i++) into[i] = octets[pointer + i];
    else into.set(octets.subarray(pointer, pointer + length));
  }

  /** Compiles a segment: its kernels are emitted unless their keys are known, its arguments laid out. */
  compile(segment: Segment): WasmProgram {
    return finishParts(this.compileInParts(segment));
  }

  *compileInParts(segment: Segment): Parts<WasmProgram> {
    const { heap, pool, store } = this.#open();
    heap.sweep((seq) => pool.isClear(seq));
    const launches = yield* launchesOf(segment.steps, store, this.#compiler, this.threads);
    const body = new ProgramBody(heap, segment, launches);
    const program = new CompiledProgram(segment, body, (it) => this.#disposeBody(it));
    this.#registry.register(program, body, body);
    this.#programsLive++;
    return program;
  }

  /** Starts a program: at once on this thread if it is short and nothing is queued, else in the pool. */
  run(program: Program, args: RunArgs): Ticket {
    const { heap, pool } = this.#open();
    if (!(program instanceof CompiledProgram) || program.body.disposed || program.body.heap !== heap) {
      throw new InternalError("wasm: run of a program that is disposed of, or of another device");
    }
    const { body } = program;
    this.#programs++;
    if (body.functions.length === 0) return pool.emptyRun();
    // before anything is placed: small arrays of runs that have ended are on no stage any more
    const queued = pool.settle() < pool.head;
    const frame = body.idleFrame((seq) => pool.isClear(seq));
    body.write(frame, args, pool.head + 1);
    this.#steps += frame.steps;
    if (queued || body.nanoseconds >= this.#tuning.inlineNanoseconds) {
      body.expect(frame, args.buffers);
      return pool.publish(frame, args.awaited);
    }
    this.#inline++;
    const { items } = body;
    const { scratch } = pool.lane;
    const { tracer } = pool;
    const functions = tracer === null ? body.functions : traced(tracer, pool.head + 1, body);
    let step = 0;
    let failure: DeviceError | undefined;
    try {
      for (; step < functions.length; step++) {
        if (items[step] > 0) functions[step](frame.args[step], 0, items[step], scratch);
      }
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      failure = new DeviceError(`wasm: step ${step} of ${frame.steps} (${frame.label(step)}) trapped: ${text}`, {
        cause: error,
      });
    }
    if (failure === undefined) body.land(frame, args.buffers);
    const ticket = pool.ranInline();
    ticket.failure = failure;
    return ticket;
  }

  memory(): DeviceMemory {
    return this.#state?.heap.memory() ?? { live: 0, cached: 0, reserved: 0 };
  }

  counters(): Readonly<Record<string, number>> {
    const state = this.#state;
    const lanes = state?.pool.supervision;
    return {
      programs: this.#programs,
      programsInline: this.#inline,
      programsLive: this.#programsLive,
      steps: this.#steps,
      kernelsCompiled: state?.store.kernelsCompiled ?? 0,
      compileMs: state?.store.compileMs ?? 0,
      codeBytes: state?.store.codeBytes ?? 0,
      lanes: lanes?.lanes ?? this.threads,
      lanesReady: lanes?.ready ?? 1,
      stalls: state?.pool.stalls ?? 0,
      lanesParked: lanes?.parked ?? 0,
      lanesDied: lanes?.died ?? 0,
      lanesRestarted: lanes?.restarted ?? 0,
      chunksRepeated: lanes?.chunksRepeated ?? 0,
      stepsRepeated: lanes?.stepsRepeated ?? 0,
    };
  }

  async ready(): Promise<void> {
    const { heap, pool } = this.#open();
    const { supervision } = pool;
    if (!mayRefuse || this.threads === 1) return;
    supervision.start();
    // Lanes that do not start are given up in their own time, and counted no more.
    while (supervision.ready < supervision.lanes) await changeOf(heap.views.words, NEVER, 0, 5);
  }

  get notes(): readonly string[] {
    const notes: string[] = [];
    const { threads = 1 } = this.#options;
    if (threads > MAX_LANES)
      notes.push(`wasm: ${MAX_LANES} threads, the most there can be, of the ${threads} asked for`);
    if (this.#unshared !== null && this.#wanted > 1 && this.missing === null)
      notes.push(`wasm: one thread, because ${this.#unshared}`);
    return [...notes, ...(this.#state?.pool.supervision.notes ?? [])];
  }

  /** Reports the steps of programs as they end: a span a lane and step, or more where the lane paused between chunks. */
  trace(tracer: Tracer | null): void {
    this.#open().pool.trace(tracer);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#state?.pool.close();
  }

  #disposeBody(body: ProgramBody): void {
    if (this.#state === null || body.disposed) return;
    this.#registry.unregister(body);
    this.#programsLive--;
    const { heap, pool, store } = this.#state;
    body.dispose(store, pool.head);
    heap.sweep((seq) => pool.isClear(seq));
  }

  #readable(buffer: Buffer, into: Uint8Array): WasmBuffer {
    const own = this.#own(buffer);
    if (into.length <= own.bytes) return own;
    throw new InternalError(`wasm: ${into.length} bytes cannot be read from a buffer of ${own.bytes}`);
  }

  #own(buffer: Buffer): WasmBuffer {
    if (buffer instanceof WasmBuffer && buffer.heap !== null && buffer.heap === this.#state?.heap) return buffer;
    throw new InternalError("wasm: a buffer that was freed, or of another device");
  }

  #open(): State {
    if (this.#state !== null && !this.#closed) return this.#state;
    if (this.#closed) throw new DeviceError("wasm: the device is closed; make another with createWasmBackend()");
    if (this.missing !== null) throw new DeviceError(`wasm: ${this.missing}`);
    let linear = createMemory(this.#unshared === null);
    if (linear === null && this.#unshared === null) {
      // Shared memory needs all its addresses at once, other memory may move when it grows.
      linear = createMemory(false);
      this.#unshared = "this host grants no shared memory of 256 MiB";
      this.#compiler = this.#compilerOf(this.#build, false);
    }
    if (linear === null) {
      throw new DeviceError("wasm: this host grants no memory of 256 MiB; the device needs that many addresses");
    }
    const own = Math.min(0.75 * linear.maximumBytes, (runtime.hostBytes ?? Infinity) / 2);
    const heap = new Heap(linear, Math.floor(this.#options.maximumBytes ?? own));
    const tuning = { ...this.#tuning, canSleep: this.#tuning.canSleep && this.#unshared === null };
    const pool = new Pool(heap, this.threads, tuning);
    const store = new CodeStore(this.#compiler.codegen, heap, pool.lane.table, () => runtime.now());
    this.#state = { heap, pool, store };
    return this.#state;
  }
}
