// The WebGPU device: ir's Backend over one GPUDevice at a time. Owns what survives a loss: the handles, the order of
// operations, the tickets and the programs. Nothing here blocks, and nothing waits except in the queue.
import { DeviceError, InternalError, OutOfMemoryError, SyncReadError } from "@weft/ir";
import type {
  Backend,
  Buffer,
  DeviceMemory,
  Program,
  RunArgs,
  Segment,
  Smaller,
  Step,
  StorageType,
  Ticket,
  Tracer,
} from "@weft/ir";

import { WebgpuBuffer } from "./buffer.ts";
import { planLaunches } from "./launch.ts";
import type { KernelCode, Target } from "./launch.ts";
import {
  DISPATCH_MS,
  FILLING_POINTS,
  KERNEL_UNITS,
  LOSSES_A_MINUTE,
  MEASURED_SIZE,
  REOPEN_MS,
  UPLOADS_AHEAD,
  VECTORS,
  WIDE_POINTS,
} from "./limits.ts";
import { expectPresent, giveBackFreed, messageOf, RunOperation } from "./operations.ts";
import type { Host } from "./operations.ts";
import type { AdapterInfo, Opening, OpeningEvents } from "./opening.ts";
import { CompiledProgram } from "./program.ts";
import type { WebgpuProgram } from "./program.ts";
import { OrderedQueue } from "./queue.ts";
import { Timeline } from "./ticket.ts";
import { constantDims } from "./ranges.ts";
import { measureGemm } from "./templates/measure.ts";
import { usualShape } from "./templates/gemm.ts";
import type { GemmShape } from "./templates/gemm.ts";
import { Tracing } from "./tracing.ts";
import { emitWgsl, nameOfWalks, variantOf, walksOf, wideBuffers } from "./wgsl/index.ts";
import { keptOf, originOf, Origins, UploadOperation } from "./uploads.ts";
import { pieceBytes } from "./windows.ts";
import type { KernelPart } from "./windows.ts";

/** Emitted kernels that are remembered; their text is in the pipeline cache anyway. */
const KERNELS_KEPT = 4096;

/** What the backend is made from; `open` makes the openings after the first. */
export interface BackendParts {
  readonly opening: (epoch: number, events: OpeningEvents) => Promise<Opening>;
  readonly release: () => void;
  readonly totalBytes: number;
  readonly log: (message: string) => void;
  /** Pause before a lost device is opened again. */
  readonly reopenMs?: number;
  /** Work from which a dispatch is cut into several. */
  readonly dispatchWork?: number;
}

/** What one opening counts. */
function countersOf(opening: Opening | null): Readonly<Record<string, number>> {
  return {
    kernelsCompiled: opening?.pipelines.compiledCount ?? 0,
    compileMs: opening?.pipelines.compileMs ?? 0,
    codeBytes: opening?.pipelines.codeBytes ?? 0,
    buffersCreated: opening?.pool.created ?? 0,
    bytesRead: opening?.readback.bytesRead ?? 0,
    readMappings: opening?.readback.mappings ?? 0,
    stalls: opening?.pace.stalls ?? 0,
  };
}

/** The device. Made by `openWebgpu`. */
export class WebgpuBackend implements Backend {
  readonly id = "webgpu";
  readonly threads = 1;
  readonly canBlock = false;
  readonly limits: Backend["limits"];
  readonly #parts: BackendParts;
  readonly #events: OpeningEvents;
  readonly #timeline = new Timeline();
  readonly #queue = new OrderedQueue();
  readonly #host: Host;
  readonly #kernels = new Map<string, KernelCode>();
  readonly #lossTimes: number[] = [];
  readonly #origins = new Origins();
  readonly #counters = { programs: 0, steps: 0, submits: 0, bytesUploaded: 0, losses: 0, live: 0 };
  /** What lost openings had counted. */
  readonly #past: Record<string, number> = {};
  #opening: Opening | null;
  #reopening: Promise<void> | null = null;
  #closed: DeviceError | null = null;
  #lostForGood = false;
  #live = 0;
  #epoch = 1;
  #info: AdapterInfo;
  #target: Target;
  /** The measured shape of large products; null where none was measured. */
  #gemm: GemmShape | null = null;

  private constructor(parts: BackendParts, events: OpeningEvents, opening: Opening) {
    this.#parts = parts;
    this.#events = events;
    this.#opening = opening;
    this.#info = opening.info;
    this.#target = this.#targetOf(opening);
    const { maxBufferSize, maxStorageBuffersPerShaderStage } = opening.device.limits;
    this.limits = {
      bufferBytes: Math.min(maxBufferSize, parts.totalBytes),
      totalBytes: parts.totalBytes,
      kernelBuffers: maxStorageBuffersPerShaderStage,
      kernelUnits: KERNEL_UNITS,
    };
    const current = (): Opening | null => this.#opening;
    this.#host = {
      timeline: this.#timeline,
      get opening() {
        return current();
      },
      reopen: () => this.#reopen(),
      submitted: (steps) => {
        this.#counters.steps += steps;
        this.#counters.submits++;
      },
      uploaded: (bytes) => {
        this.#counters.bytesUploaded += bytes;
      },
    };
  }

  /** Opens the device for the first time. */
  static async open(parts: BackendParts): Promise<WebgpuBackend> {
    let backend: WebgpuBackend | null = null;
    const now = (): number => performance.now();
    const events: OpeningEvents = {
      now,
      tracing: new Tracing(now),
      lost: (opening, reason) => backend?.lost(opening, reason),
      uncaptured: (opening, message) => backend?.uncaptured(opening, message),
    };
    backend = new WebgpuBackend(parts, events, await parts.opening(1, events));
    return backend;
  }

  /** The adapter. */
  get info(): AdapterInfo {
    return this.#info;
  }

  /** The open GPUDevice, for tests of its faults; null while it is lost. */
  get device(): GPUDevice | null {
    return this.#opening?.device ?? null;
  }

  get kind(): "gpu" | "gpu-software" {
    return this.#info.software ? "gpu-software" : "gpu";
  }

  get fingerprint(): string {
    const { vendor, architecture, description, features } = this.#info;
    return ["webgpu", vendor, architecture, description, ...features].join(" ");
  }

  serves(storage: StorageType): boolean {
    return storage !== "f64";
  }

  supports(step: "gemm" | "transpose", storage: StorageType): boolean {
    return storage === "f32" || storage === "i32" || storage === "u32";
  }

  gemmBytes(_step: Omit<Extract<Step, { kind: "gemm" }>, "kind" | "out" | "scratch">): number {
    return 0;
  }

  /**
   * A buffer; its memory is taken when something is to be put there.
   * @throws OutOfMemoryError beyond the byte budget, with nothing changed. What the adapter lacks is told by the run.
   */
  alloc(bytes: number): Buffer {
    this.#expectOpen();
    const { bufferBytes, totalBytes } = this.limits;
    if (bytes > bufferBytes || this.#live + bytes > totalBytes) {
      throw new OutOfMemoryError(
        `webgpu: ${bytes} bytes asked for; a buffer has at most ${bufferBytes}, and ${this.#live} of ${totalBytes} are in use`,
      );
    }
    this.#live += bytes;
    return new WebgpuBuffer(this, bytes);
  }

  free(buffer: Buffer, afterSeq: number): void {
    const own = this.#own(buffer);
    this.#live -= own.bytes;
    this.#origins.drop(own);
    own.freedAfter = Math.max(0, afterSeq);
    giveBackFreed(own, this.#opening);
  }

  upload(buffer: Buffer, data: ArrayBufferView, at = 0): Promise<void> | void {
    this.#expectOpen();
    const own = this.#own(buffer);
    if (at + data.byteLength > own.bytes) {
      throw new InternalError(`webgpu: ${at + data.byteLength} bytes do not fit into a buffer of ${own.bytes}`);
    }
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#origins.keep(own, bytes, at);
    const operation = new UploadOperation(this.#host, own, bytes, at);
    this.#queue.push(operation);
    if (operation.waits) {
      own.uploads = operation.done;
      return operation.done;
    }
    const windows = (byte: number): number => Math.floor(byte / UPLOADS_AHEAD);
    if (windows(at + bytes.length) === windows(at) || this.#opening === null) return;
    return this.#opening.queue.onSubmittedWorkDone().then(
      () => undefined,
      () => undefined,
    );
  }

  async read(buffer: Buffer, into: Uint8Array): Promise<void> {
    this.#expectOpen();
    const own = this.#own(buffer);
    if (into.length > own.bytes) {
      throw new InternalError(`webgpu: ${into.length} bytes cannot be read from a buffer of ${own.bytes}`);
    }
    own.pins++;
    let pinned = true;
    const unpin = (): void => {
      if (!pinned) return;
      pinned = false;
      own.pins--;
      giveBackFreed(own, this.#opening);
    };
    try {
      while (own.uploads !== null) await own.uploads;
      while (own.check !== null) await own.check;
      if (own.fault !== null) throw own.fault;
      const { memory } = own;
      if (into.length === 0 || memory === null) return;
      const opening = this.#opening;
      const origin = memory.epoch === opening?.epoch ? null : originOf(own);
      if (origin !== null) {
        into.set(origin.subarray(0, into.length));
        return;
      }
      if (opening === null) {
        throw new DeviceError(
          "webgpu: the device was lost and with it this array; compute it again from arrays of the host",
        );
      }
      expectPresent(own, opening);
      await opening.readback.read(memory.gpu, into, unpin);
    } finally {
      unpin();
    }
  }

  readsNow(buffer: Buffer): boolean {
    return keptOf(this.#own(buffer)) !== null;
  }

  readSync(buffer: Buffer, into: Uint8Array): void {
    const bytes = keptOf(this.#own(buffer));
    if (bytes === null)
      throw new SyncReadError(
        'webgpu: a computed array cannot be read synchronously here; write `await x.data()`, or use device "wasm"',
      );
    into.set(bytes.subarray(0, into.length));
  }

  /**
   * Plans a segment and begins to compile its shaders.
   * @throws DTypeError for float64, DeviceError for arrays that no window makes small enough to bind.
   */
  compile(segment: Segment, smaller?: Smaller): WebgpuProgram {
    this.#expectOpen();
    const opening = this.#opening;
    const program = this.#programOf(segment, smaller);
    if (opening !== null) void program.prepare(opening);
    return program;
  }

  #programOf(segment: Segment, smaller: Smaller | undefined): CompiledProgram {
    const plan = planLaunches(segment.steps, segment.buffers, this.#target);
    this.#counters.live++;
    return new CompiledProgram(segment, this, plan, {
      current: () => this.#opening,
      compile: (other, evenSmaller) => this.#programOf(other, evenSmaller),
      smaller,
      disposed: () => {
        this.#counters.live--;
      },
    });
  }

  /**
   * Measures which shape of matrix product is fastest here; programs compiled afterwards use it. For idle time: it takes
   * a few hundredths of a second on a GPU, and competes with what runs meanwhile.
   */
  async calibrate(): Promise<{ readonly gemm: string }> {
    this.#expectOpen();
    const opening = this.#opening;
    if (opening !== null) {
      const { device, pipelines, info } = opening;
      const size = info.software ? MEASURED_SIZE.software : MEASURED_SIZE.gpu;
      const best = await measureGemm(device, pipelines, size, () => this.#events.now());
      if (opening === this.#opening) {
        this.#gemm = best;
        this.#target = this.#targetOf(opening);
      }
    }
    const { form, rows, cols, high, wide } = this.#target.gemm;
    return { gemm: `${form} ${rows}×${cols} by ${high}×${wide}` };
  }

  /** Starts a program: at once if its shaders are compiled and nothing waits, else in its turn. */
  run(program: Program, args: RunArgs): Ticket {
    this.#expectOpen();
    if (!(program instanceof CompiledProgram) || program.disposed || program.owner !== this) {
      throw new InternalError("webgpu: run of a program that is disposed of, or of another device");
    }
    const buffers = args.buffers.map((buffer) => this.#own(buffer));
    program.expectBindable(buffers);
    for (const written of program.written) this.#origins.drop(buffers[written]);
    this.#counters.programs++;
    const ticket = this.#timeline.issue();
    this.#queue.push(new RunOperation(this.#host, program, ticket, args, buffers));
    return ticket;
  }

  memory(): DeviceMemory {
    const pool = this.#opening?.pool;
    return { live: this.#live, cached: pool?.cached ?? 0, reserved: pool?.reserved ?? 0 };
  }

  counters(): Readonly<Record<string, number>> {
    const { programs, steps, submits, bytesUploaded, losses, live } = this.#counters;
    const past = this.#past;
    const now = countersOf(this.#opening);
    const ofOpenings = Object.fromEntries(
      Object.entries(now).map(([name, count]) => [name, count + (past[name] ?? 0)]),
    );
    return { programs, programsLive: live, steps, submits, ...ofOpenings, bytesUploaded, losses };
  }

  trace(tracer: Tracer | null): Promise<void> {
    return this.#events.tracing.set(tracer);
  }

  async close(): Promise<void> {
    if (this.#closed !== null && !this.#lostForGood) return;
    this.#lostForGood = false;
    this.#shut(new DeviceError("webgpu: the device is closed; open another with openWebgpu()"));
  }

  /** Called when the GPUDevice is gone and this did not close it. */
  lost(opening: Opening, reason: string): void {
    if (opening !== this.#opening) return;
    for (const [name, count] of Object.entries(countersOf(opening))) this.#past[name] = (this.#past[name] ?? 0) + count;
    this.#opening = null;
    this.#counters.losses++;
    const error = new DeviceError(
      `webgpu: the device was lost (${reason}); what lay there is gone, and later evaluations open it again`,
    );
    this.#timeline.abandon(error);
    const now = performance.now();
    this.#lossTimes.push(now);
    if (this.#lossTimes.filter((time) => now - time < 60_000).length > LOSSES_A_MINUTE) {
      this.#lostForGood = true;
      this.#shut(
        new DeviceError(
          `webgpu: the device was lost again and again (${reason}) and stays closed until init({ devices: ["webgpu"] }) opens it`,
        ),
      );
    }
  }

  /** Called for errors of WebGPU that nothing asked for: some run has done something wrong. */
  uncaptured(opening: Opening, message: string): void {
    if (opening !== this.#opening) return;
    const error = new DeviceError(`webgpu: a run failed: ${message}`);
    if (!this.#timeline.failRunning(error)) this.#parts.log(error.message);
  }

  /** Why it is closed though nobody closed it: it was lost too often. */
  get missing(): string | null {
    return this.#lostForGood ? (this.#closed?.message ?? null) : null;
  }

  /**
   * Opens it again after it was lost too often; does nothing while it is open.
   * @throws DeviceError where that fails; it stays closed then
   */
  async reopen(): Promise<void> {
    if (!this.#lostForGood) return;
    const before = this.#closed;
    [this.#closed, this.#lostForGood] = [null, false];
    this.#lossTimes.length = 0;
    try {
      await this.#reopen();
    } catch (error) {
      [this.#closed, this.#lostForGood] = [before, true];
      throw error;
    }
  }

  #shut(reason: DeviceError): void {
    this.#closed = reason;
    const opening = this.#opening;
    this.#opening = null;
    opening?.destroy();
    this.#timeline.abandon(reason);
    // what was lost too often may be opened again
    if (!this.#lostForGood) this.#parts.release();
  }

  async #reopen(): Promise<void> {
    if (this.#closed !== null) throw this.#closed;
    this.#reopening ??= this.#openAgain().finally(() => {
      this.#reopening = null;
    });
    await this.#reopening;
  }

  async #openAgain(): Promise<void> {
    const last = this.#lossTimes[this.#lossTimes.length - 1] ?? -Infinity;
    const wait = last + (this.#parts.reopenMs ?? REOPEN_MS) - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    let opening: Opening;
    try {
      opening = await this.#parts.opening(++this.#epoch, this.#events);
    } catch (error) {
      throw new DeviceError(`webgpu: the device was lost and cannot be opened again: ${messageOf(error)}`, {
        cause: error,
      });
    }
    if (this.#closed !== null) {
      opening.destroy();
      throw this.#closed;
    }
    opening.pool.submitted(this.#timeline.submitted);
    this.#opening = opening;
    this.#info = opening.info;
    this.#target = this.#targetOf(opening);
  }

  /** What launches are made for; programs made while the device is lost count on the same adapter coming back. */
  #targetOf(opening: Opening): Target {
    const { limits, features } = opening.device;
    const { dispatchWork } = this.#parts;
    const kind = opening.info.software ? "software" : "gpu";
    const options = {
      f16: features.has("shader-f16"),
      subgroups: opening.subgroups,
      maxStorageBuffers: limits.maxStorageBuffersPerShaderStage,
      corrected: opening.corrected,
    };
    return {
      software: opening.info.software,
      gemm: this.#gemm ?? usualShape(opening.info.software),
      bindingBytes: opening.bindingBytes,
      bindings: limits.maxStorageBuffersPerShaderStage,
      get dispatchWork() {
        return dispatchWork ?? opening.pace.work(DISPATCH_MS, false);
      },
      get productWork() {
        return dispatchWork ?? opening.pace.work(DISPATCH_MS, true);
      },
      bindingAlign: limits.minStorageBufferOffsetAlignment,
      workgroups: limits.maxComputeWorkgroupsPerDimension,
      emit: ({ kernel, key, dims, points, windows }: KernelPart): KernelCode => {
        const known = constantDims(dims);
        const variant = variantOf(
          kernel,
          known.map((dim) => dim ?? 0),
          FILLING_POINTS[kind],
        );
        const pieces = windows.some(({ pieces }) => pieces > 1) ? windows.map(({ pieces }) => pieces) : null;
        const wide =
          points < WIDE_POINTS[kind] || pieces !== null
            ? null
            : wideBuffers(
                kernel,
                known,
                windows.map(({ base }) => base),
              );
        const walks = wide === null ? walksOf(kernel, known, variant) : null;
        const form = wide === null ? `${variant}${nameOfWalks(walks)}` : wide.map(Number).join("");
        const name = `${form} ${pieces === null ? "" : pieces.join(" ")} ${options.corrected}${options.subgroups}:${key}`;
        let code = this.#kernels.get(name);
        if (code === undefined) {
          if (this.#kernels.size >= KERNELS_KEPT) this.#kernels.clear();
          code = emitWgsl(kernel, {
            ...options,
            variant,
            wide,
            vectors: VECTORS[kind],
            walks,
            pieces,
            pieceBytes: pieceBytes(opening),
          });
          this.#kernels.set(name, code);
        }
        return code;
      },
    };
  }

  #expectOpen(): void {
    if (this.#closed !== null) throw this.#closed;
  }

  #own(buffer: Buffer): WebgpuBuffer {
    if (buffer instanceof WebgpuBuffer && buffer.owner === this && buffer.freedAfter < 0) return buffer;
    throw new InternalError("webgpu: a buffer that was freed, or of another device");
  }
}
