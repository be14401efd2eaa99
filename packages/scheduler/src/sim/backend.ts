// A device that is not there: ir's Backend with the interpreter's results and a virtual clock's times. Runs end when
// the clock says so; faults strike where the script says. Owns the order of its runs, what a loss destroys, and checks
// that the contract is kept (no buffer is freed, written or read while a run needs it). Refuses real time.
import type {
  Backend,
  Buffer,
  DeviceKind,
  DeviceMemory,
  Program,
  RunArgs,
  Segment,
  Step,
  StorageType,
  Ticket,
  Tracer,
  WeftError,
} from "@weft/ir";
import { DeviceError, InternalError, OutOfMemoryError, SyncReadError } from "@weft/ir";
import { createInterpreter } from "../interpreter/index.ts";
import type { DeviceProfile } from "../profile.ts";
import type { VirtualClock } from "./clock.ts";
import { stepNanoseconds } from "./duration.ts";

/** What goes wrong, and at which run (runs count from 1). Each strikes once. */
export interface SimFault {
  readonly at: number;
  /**
   * `lost`: the device goes in the middle of the run, with all that lies on it. `trap`: the run fails at its end. `slow`:
   * it takes 50 times as long. `oom`: an allocation made for the run throws; with `late`, the run fails instead, as on
   * devices that learn it too late to throw.
   */
  readonly fault: "lost" | "oom" | "slow" | "trap";
  readonly late?: boolean;
  /** Of a lost device: whether it never works again. */
  readonly forGood?: boolean;
}

/** How a simulated device is made. */
export interface SimOptions {
  /** The device's name, kind, fingerprint and speed. */
  readonly profile: DeviceProfile;
  readonly clock: VirtualClock;
  readonly faults?: readonly SimFault[];
  /** Whether callers may block. Default true. */
  readonly canBlock?: boolean;
  readonly threads?: number;
  readonly limits?: Partial<Backend["limits"]>;
  /** Storages that may lie here. Default all. */
  readonly serves?: readonly StorageType[];
  /** Templates that are steps of their own. Default both. */
  readonly templates?: readonly ("gemm" | "transpose")[];
  /** Whether it has no memory and computes nothing: for arrays too large to interpret. Reads give zeros. */
  readonly dry?: boolean;
}

const SLOWER = 50;
/** Virtual nanoseconds until a lost device works again. */
const REOPEN_NS = 1e9;
const DEFAULT_BYTES = 2 ** 30;

class SimBuffer implements Buffer {
  readonly bytes: number;
  readonly owner: SimBackend;
  inner: Buffer | null;
  /** The opening of the device that its contents belong to; 0: it has none yet. */
  epoch = 0;
  /** Why what should be in it is not. */
  fault: WeftError | null = null;
  freed = false;

  constructor(owner: SimBackend, bytes: number, inner: Buffer) {
    this.owner = owner;
    this.inner = inner;
    this.bytes = bytes;
  }
}

class SimTicket implements Ticket {
  readonly seq: number;
  readonly program: Program;
  readonly args: RunArgs;
  readonly buffers: readonly SimBuffer[];
  /** When it starts and ends, in nanoseconds, if nothing happens. */
  readonly from: number;
  readonly to: number;
  error?: WeftError;
  settled = false;
  readonly #clock: VirtualClock;
  readonly #owner: SimBackend;

  constructor(
    owner: SimBackend,
    clock: VirtualClock,
    seq: number,
    program: Program,
    args: RunArgs,
    from: number,
    to: number,
  ) {
    this.#owner = owner;
    this.#clock = clock;
    this.seq = seq;
    this.program = program;
    this.args = args;
    this.buffers = args.buffers as readonly SimBuffer[];
    this.from = from;
    this.to = to;
  }

  get state(): Ticket["state"] {
    if (this.settled) return this.error === undefined ? "done" : "failed";
    return this.#clock.nanoseconds >= this.from ? "running" : "queued";
  }

  async wait(): Promise<void> {
    await this.#clock.waitUntil(() => this.settled);
    if (this.error !== undefined) throw this.error;
  }

  help(): void {
    if (!this.#owner.canBlock)
      throw new SyncReadError(`${this.#owner.id}: a run cannot be waited for synchronously; write await x.data()`);
    this.#clock.runUntil(() => this.settled);
    if (this.error !== undefined) throw this.error;
  }
}

/** Of a program: when its code is there, and how long a run and its steps take, in nanoseconds. */
interface Times {
  readonly codeAt: number;
  readonly run: number;
  readonly steps: readonly number[];
}

const nameOf = (step: Step): string => {
  if (step.kind === "gemm") return `gemm ${step.batch}×${step.m}×${step.n}×${step.k}`;
  return step.kind === "kernel" ? `kernel of ${step.points} points` : step.kind;
};

/**
 * A simulated device.
 * @example
 * const clock = new VirtualClock();
 * const gpu = new SimBackend({ profile: shippedProfile({ id: "webgpu", fingerprint: "", kind: "gpu" }), clock, canBlock: false });
 */
export class SimBackend implements Backend {
  readonly id: string;
  readonly kind: DeviceKind;
  readonly fingerprint: string;
  readonly threads: number;
  readonly canBlock: boolean;
  readonly limits: Backend["limits"];
  readonly profile: DeviceProfile;
  readonly clock: VirtualClock;
  readonly #interpreter: Backend;
  readonly #serves: readonly StorageType[] | null;
  readonly #templates: readonly ("gemm" | "transpose")[];
  readonly #dry: boolean;
  readonly #faults: SimFault[];
  readonly #unfinished: SimTicket[] = [];
  /** Freed buffers that unfinished runs name. */
  #retiring: { readonly buffer: SimBuffer; readonly afterSeq: number }[] = [];
  readonly #disposed = new WeakSet<Program>();
  /** Keys of the kernels that are compiled. */
  readonly #compiled = new Set<string>();
  readonly #times = new WeakMap<Program, Times>();
  readonly #counters = { programs: 0, steps: 0, runs: 0, bytesUploaded: 0, bytesRead: 0, losses: 0 };
  #seq = 0;
  #live = 0;
  #cached = 0;
  #epoch = 1;
  /** When each lane is free, in nanoseconds. */
  #queueFree = 0;
  #upFree = 0;
  #downFree = 0;
  #compilerFree = 0;
  #closed: DeviceError | null = null;
  #tracer: Tracer | null = null;

  constructor({
    profile,
    clock,
    faults = [],
    canBlock = true,
    threads = 1,
    limits,
    serves,
    templates = ["gemm", "transpose"],
    dry = false,
  }: SimOptions) {
    this.id = profile.id;
    this.kind = profile.kind;
    this.fingerprint = profile.fingerprint;
    this.profile = profile;
    this.clock = clock;
    this.canBlock = canBlock;
    this.threads = threads;
    const totalBytes = limits?.totalBytes ?? DEFAULT_BYTES;
    this.limits = { bufferBytes: totalBytes, ...limits, totalBytes };
    // its own bound is the one that counts; what is freed may have to stay for a while
    this.#interpreter = createInterpreter({ totalBytes: Infinity });
    this.#serves = serves ?? null;
    this.#templates = templates;
    this.#dry = dry;
    this.#faults = [...faults];
  }

  serves(storage: StorageType): boolean {
    return this.#serves === null || this.#serves.includes(storage);
  }

  supports(step: "gemm" | "transpose", storage: StorageType): boolean {
    return this.#templates.includes(step) && this.serves(storage) && (step === "transpose" || storage !== "bool");
  }

  gemmBytes(): number {
    return 0;
  }

  alloc(bytes: number): Buffer {
    this.#expectOpen();
    const { bufferBytes, totalBytes } = this.limits;
    if (this.#take(this.#seq + 1, "oom", false) !== null)
      throw new OutOfMemoryError(`${this.id}: no memory for ${bytes} bytes (scripted)`);
    if (bytes > bufferBytes || this.#live + bytes > totalBytes) {
      throw new OutOfMemoryError(
        `${this.id}: ${bytes} bytes asked for; a buffer has at most ${bufferBytes}, and ${this.#live} of ${totalBytes} are in use`,
      );
    }
    this.#live += bytes;
    return new SimBuffer(this, bytes, this.#interpreter.alloc(this.#dry ? 0 : bytes));
  }

  free(buffer: Buffer, afterSeq: number): void {
    const own = this.#own(buffer, "free");
    const user = this.#unfinished.find(({ seq, buffers }) => seq > afterSeq && buffers.includes(own));
    if (user !== undefined)
      throw new InternalError(`${this.id}: a buffer is freed after run ${afterSeq}, and run ${user.seq} names it`);
    own.freed = true;
    this.#live -= own.bytes;
    this.#cached += own.bytes;
    this.#retiring.push({ buffer: own, afterSeq });
    this.#retire();
  }

  upload(buffer: Buffer, data: ArrayBufferView, at = 0): void {
    this.#expectOpen();
    const own = this.#idle(buffer, "upload");
    if (!this.#dry) void this.#interpreter.upload(innerOf(own), data, at);
    own.epoch = this.#epoch;
    own.fault = null;
    this.#counters.bytesUploaded += data.byteLength;
    const from = Math.max(this.clock.nanoseconds, this.#upFree);
    this.#upFree = from + data.byteLength / this.profile.upGBs;
    this.#report("transfer up", `${data.byteLength} bytes`, 0, from, this.#upFree);
  }

  async read(buffer: Buffer, into: Uint8Array): Promise<void> {
    const to = this.#startRead(buffer, into);
    let here = false;
    this.clock.schedule(to, () => (here = true));
    await this.clock.waitUntil(() => here);
  }

  readSync(buffer: Buffer, into: Uint8Array): void {
    if (!this.canBlock)
      throw new SyncReadError(`${this.id}: an array cannot be read synchronously here; write await x.data()`);
    const to = this.#startRead(buffer, into);
    let here = false;
    this.clock.schedule(to, () => (here = true));
    this.clock.runUntil(() => here);
  }

  /** Copies now what arrives later: nothing may write the buffer meanwhile. Returns when it arrives. */
  #startRead(buffer: Buffer, into: Uint8Array): number {
    this.#expectOpen();
    const own = this.#own(buffer, "read");
    const writer = this.#unfinished.find(({ buffers }) => buffers.includes(own) && own.epoch === 0);
    if (writer !== undefined)
      throw new InternalError(`${this.id}: a buffer is read before run ${writer.seq}, which writes it, is done`);
    const fault = this.#faultOf(own);
    if (fault !== null) throw fault;
    if (!this.#dry) this.#interpreter.readSync(innerOf(own), into);
    this.#counters.bytesRead += into.length;
    // what was uploaded has to have arrived
    const from = Math.max(this.clock.nanoseconds, this.#downFree, this.#upFree);
    this.#downFree = from + this.profile.readNs + into.length / this.profile.downGBs;
    this.#report("transfer down", `${into.length} bytes`, 0, from, this.#downFree);
    return this.#downFree;
  }

  compile(segment: Segment): Program {
    this.#expectOpen();
    this.#counters.programs++;
    const inner = this.#interpreter.compile(segment);
    let codeAt = Math.max(this.clock.nanoseconds, this.#compilerFree);
    for (const step of segment.steps) {
      const key = step.kind === "kernel" ? step.key : step.kind;
      if (this.#compiled.has(key)) continue;
      this.#compiled.add(key);
      codeAt += this.profile.compileNs;
    }
    this.#compilerFree = codeAt;
    let here = false;
    this.clock.schedule(codeAt, () => (here = true));
    const program: Program = {
      segment,
      ready: () => this.clock.waitUntil(() => here),
      dispose: () => {
        if (this.#disposed.has(program)) throw new InternalError(`${this.id}: a program is disposed of twice`);
        if (this.#unfinished.some((ticket) => ticket.program === program))
          throw new InternalError(`${this.id}: a program with an unfinished run is disposed of`);
        this.#disposed.add(program);
        inner.dispose?.();
      },
    };
    const { profile } = this;
    const steps = segment.steps.map((step) => stepNanoseconds(step, profile));
    this.#times.set(program, { codeAt, steps, run: steps.reduce((sum, step) => sum + step, profile.submitNs) });
    return program;
  }

  run(program: Program, args: RunArgs): Ticket {
    this.#expectOpen();
    const { segment } = program;
    const times = this.#times.get(program);
    if (times === undefined || this.#disposed.has(program))
      throw new InternalError(`${this.id}: run of a program that is disposed of, or of another device`);
    if (args.buffers.length !== segment.buffers)
      throw new InternalError(`${this.id}: ${args.buffers.length} buffers given, ${segment.buffers} expected`);
    const buffers = args.buffers.map((buffer) => this.#own(buffer, "run"));
    const seq = ++this.#seq;
    this.#counters.runs++;
    const { codeAt, run } = times;
    const takes = run * (this.#take(seq, "slow", false) === null ? 1 : SLOWER);
    const from = Math.max(this.clock.nanoseconds, this.#queueFree, this.#upFree, codeAt);
    const to = from + takes;
    const slots = Float64Array.from(args.slots);
    const ticket = new SimTicket(this, this.clock, seq, program, { buffers, slots }, from, to);
    this.#unfinished.push(ticket);
    this.#queueFree = to;
    const lost = this.#take(seq, "lost", false);
    if (lost !== null) this.clock.schedule(from + takes / 2, () => this.#lose(lost.forGood === true, ticket));
    this.clock.schedule(to, () => this.#end(ticket));
    return ticket;
  }

  memory(): DeviceMemory {
    return { live: this.#live, cached: this.#cached, reserved: this.#live + this.#cached };
  }

  counters(): Readonly<Record<string, number>> {
    return { ...this.#counters };
  }

  trace(tracer: Tracer | null): void {
    this.#tracer = tracer;
  }

  async close(): Promise<void> {
    if (this.#closed !== null) return;
    this.#closed = new DeviceError(`${this.id}: the device is closed`);
    this.#abandon(this.#closed);
  }

  /** The run's time is over: now its results come into being. */
  #end(ticket: SimTicket): void {
    if (ticket.settled) return;
    const { seq, program, args, buffers } = ticket;
    let error = this.#faultBefore(ticket);
    if (error === null && this.#take(seq, "trap", false) !== null)
      error = new DeviceError(`${this.id}: run ${seq} trapped (scripted)`);
    if (error === null && this.#take(seq, "oom", true) !== null)
      error = new OutOfMemoryError(`${this.id}: no memory for run ${seq} (scripted)`);
    if (error === null && !this.#dry) {
      const inner = { buffers: buffers.map(innerOf), slots: args.slots };
      const { error: failure } = this.#interpreter.run({ segment: program.segment }, inner);
      error = failure ?? null;
    }
    this.#logSteps(ticket);
    this.#settle(ticket, error);
  }

  /** Why a run cannot be: something it reads is not there. */
  #faultBefore({ buffers }: SimTicket): WeftError | null {
    for (const buffer of buffers) {
      const fault = this.#faultOf(buffer);
      if (fault !== null) return fault;
    }
    return null;
  }

  #faultOf(buffer: SimBuffer): WeftError | null {
    if (buffer.fault !== null) return buffer.fault;
    if (buffer.epoch === 0 || buffer.epoch === this.#epoch) return null;
    return new DeviceError(
      `${this.id}: the device was lost and with it this array; compute it again from arrays of the host`,
    );
  }

  #settle(ticket: SimTicket, error: WeftError | null): void {
    ticket.settled = true;
    if (error !== null) ticket.error = error;
    else this.#counters.steps += ticket.program.segment.steps.length;
    this.#unfinished.splice(this.#unfinished.indexOf(ticket), 1);
    for (const buffer of ticket.buffers) {
      if (error === null) buffer.epoch = this.#epoch;
      else if (buffer.epoch === 0) buffer.fault = error;
    }
    this.#retire();
  }

  #abandon(error: WeftError): void {
    while (this.#unfinished.length > 0) this.#settle(this.#unfinished[0], error);
  }

  /** The device goes, and with it the runs on it and all contents. */
  #lose(forGood: boolean, during: SimTicket): void {
    if (during.settled) return;
    this.#counters.losses++;
    const error = new DeviceError(`${this.id}: the device was lost during run ${during.seq} (scripted)`);
    if (forGood) this.#closed = error;
    this.#epoch++;
    this.#abandon(error);
    this.#queueFree = this.#upFree = this.#downFree = this.clock.nanoseconds + REOPEN_NS;
  }

  #logSteps({ seq, program, from, to }: SimTicket): void {
    const times = this.#times.get(program);
    if (times === undefined) return;
    // a slow run is slow in all its parts
    const factor = (to - from) / times.run;
    let at = from + this.profile.submitNs * factor;
    program.segment.steps.forEach((step, i) => {
      const end = at + times.steps[i] * factor;
      this.#report("queue", nameOf(step), seq, at, end);
      at = end;
    });
  }

  #report(what: string, name: string, seq: number, from: number, to: number): void {
    const span = { device: this.id, lane: `${this.id} ${what}`, name, seq, from: from / 1e6, to: to / 1e6 };
    this.clock.log.push(span);
    this.#tracer?.span(span.lane, name, span.from, span.to, { run: seq });
  }

  /** Gives back the memory of freed buffers that no run names any more. */
  #retire(): void {
    const first = this.#unfinished[0]?.seq ?? Infinity;
    this.#retiring = this.#retiring.filter(({ buffer, afterSeq }) => {
      if (afterSeq >= first) return true;
      this.#interpreter.free(innerOf(buffer), 0);
      buffer.inner = null;
      this.#cached -= buffer.bytes;
      return false;
    });
  }

  /** Takes a fault from the script. */
  #take(at: number, kind: SimFault["fault"], late: boolean): SimFault | null {
    const index = this.#faults.findIndex(
      (fault) => fault.at === at && fault.fault === kind && (fault.late ?? false) === late,
    );
    return index < 0 ? null : this.#faults.splice(index, 1)[0];
  }

  #expectOpen(): void {
    if (this.#closed !== null) throw this.#closed;
  }

  #own(buffer: Buffer, what: string): SimBuffer {
    if (buffer instanceof SimBuffer && buffer.owner === this && !buffer.freed) return buffer;
    throw new InternalError(`${this.id}: ${what} of a buffer that was freed, or of another device`);
  }

  #idle(buffer: Buffer, what: string): SimBuffer {
    const own = this.#own(buffer, what);
    const user = this.#unfinished.find(({ buffers }) => buffers.includes(own));
    if (user !== undefined)
      throw new InternalError(`${this.id}: ${what} into a buffer that run ${user.seq} names and that has not finished`);
    return own;
  }
}

function innerOf(buffer: SimBuffer): Buffer {
  if (buffer.inner === null)
    throw new InternalError("simulated device: a buffer is used after its memory was given back");
  return buffer.inner;
}
