// The contract between the scheduler and a device (types only). The scheduler hands a device whole segments of
// steps whose buffers are numbered; the device compiles them once and runs them many times with other buffers and
// other slot values. Its first implementation is the interpreter of Kernels in packages/scheduler.
import type { WeftError } from "./errors.ts";
import type { Kernel, StorageType } from "./kernel.ts";
import type { Parts } from "./parts.ts";
import type { Tracer } from "./tracer.ts";

/** Memory of a device. Contents are contiguous, row-major, 64-byte aligned. */
export interface Buffer {
  readonly bytes: number;
  /** Whether the host's collector gives it back, so that nobody has to `free` it; see {@link Backend.allocCollected}. */
  readonly collected?: true;
}

/** Where an operand of a step lies: one of the run's buffers and a byte offset into it (a multiple of 64). */
export interface Place {
  readonly buffer: number;
  readonly offset: number;
  /** Bytes of what lies there, where the planner says so: devices that bind parts of buffers need to know. */
  readonly bytes?: number;
}

/** An integer known at plan time, or one that depends affinely on slots (the starts of a slice). */
export type DimValue =
  | number
  | { readonly base: number; readonly terms: readonly { readonly slot: number; readonly coef: number }[] };

/**
 * A number known at plan time, or the value of a slot. Integer lanes take what is beyond them modulo 2³²; one that
 * `saturates` is converted as floats are. `paramValue` says what either means.
 */
export type ParamValue = number | { readonly slot: number; readonly saturates?: true };

/** A strided view as an operand of a template; strides and base in elements. */
export interface MatrixOperand {
  readonly place: Place;
  readonly base: DimValue;
  readonly batchStride: number;
  readonly rowStride: number;
  readonly colStride: number;
}

export type Step =
  | {
      readonly kind: "kernel";
      readonly kernel: Kernel;
      /** Structural key of the kernel: equal keys mean equal code. */
      readonly key: string;
      readonly dims: readonly DimValue[];
      readonly params: readonly ParamValue[];
      /** One a kernel buffer. */
      readonly places: readonly Place[];
      /** Product of the grid's extents. */
      readonly points: number;
      /** Estimated work, in elementary operations over the whole grid. */
      readonly work: number;
    }
  /** out[b, m, n] = Σk lhs[b, m, k] · rhs[b, k, n]; out is contiguous. Float products, or wrapping integer ones. */
  | {
      readonly kind: "gemm";
      readonly storage: "f32" | "f64" | "i32" | "u32";
      readonly batch: number;
      readonly m: number;
      readonly n: number;
      readonly k: number;
      readonly lhs: MatrixOperand;
      readonly rhs: MatrixOperand;
      readonly out: Place;
      /** Temporary memory the device asked for through `gemmBytes`; null if it asked for none. */
      readonly scratch: Place | null;
    }
  /** out[b, c, r] = from[b, r, c]; out is contiguous, from has unit stride along c. */
  | {
      readonly kind: "transpose";
      readonly storage: StorageType;
      readonly batch: number;
      readonly rows: number;
      readonly cols: number;
      readonly from: MatrixOperand;
      readonly out: Place;
    }
  | { readonly kind: "copy"; readonly from: Place; readonly to: Place; readonly bytes: number };

/** Steps that run in order as one submission. */
export interface Segment {
  readonly steps: readonly Step[];
  /** Number of buffers a run is given (inputs, outputs, and the arena last where there is one). */
  readonly buffers: number;
  /** Number of slots a run is given. */
  readonly slots: number;
}

/** A segment in smaller kernels; null: there are none. */
export type Smaller = () => SmallerSegment | null;

/** A segment that gives the results of another one: on the first of that one's buffers, and an arena of its own. */
export interface SmallerSegment {
  readonly segment: Segment;
  readonly smaller: Smaller;
  readonly buffers: number;
  readonly arenaBytes: number;
  /** Its slots, from those the other one was given. */
  slots(given: RunArgs["slots"]): RunArgs["slots"];
}

/** A segment a device has compiled. */
export interface Program {
  readonly segment: Segment;
  /** Resolves when all of its code is compiled, where that happens in the background; rejects with DeviceError. */
  ready?(): Promise<void>;
  /** Gives back what the device holds for it; called when its plan leaves the cache. Must not be run afterwards. */
  dispose?(): void;
}

export interface RunArgs {
  readonly buffers: readonly Buffer[];
  /** Raw doubles; a device converts them to the lanes of params and to i32 dims. */
  readonly slots: Float64Array | readonly number[];
  /** Whether the caller awaits what comes of it, and so is never held up because too much is under way. */
  readonly awaited?: boolean;
}

/** The promise of a run. Tickets of one device finish in the order of their seq. */
export interface Ticket {
  readonly seq: number;
  readonly state: "queued" | "running" | "done" | "failed";
  readonly error?: WeftError;
  /** Resolves when done; rejects with `error` when failed. */
  wait(): Promise<void>;
  /** Blocks until done, doing part of the work on the calling thread. Throws `error` when failed. Only if `canBlock`. */
  help(): void;
}

export interface DeviceMemory {
  /** Bytes of buffers handed out and not freed. */
  readonly live: number;
  /** Bytes freed and kept for reuse. */
  readonly cached: number;
  /** Bytes taken from the host. */
  readonly reserved: number;
}

export type DeviceKind = "cpu" | "gpu" | "gpu-software";

/** A device as the scheduler sees it. */
export interface Backend {
  readonly id: string;
  /** What computes: the host's processor, a GPU, or an adapter that only imitates one on the host's processor. */
  readonly kind: DeviceKind;
  /** What the device is, for measurements that are kept: engine, threads and build, or adapter and driver. */
  readonly fingerprint: string;
  /** Lanes that work on one step, the caller included. */
  readonly threads: number;
  /** Why it computes nothing on this host, in words: then whatever needs it throws DeviceError. Null or absent where it does. */
  readonly missing?: string | null;
  /** Whether `help` and `readSync` exist here; see `readsNow`. */
  readonly canBlock: boolean;
  /** Resolves when it is known how many workers there are, where a host may refuse them; nobody needs to wait for it. */
  ready?(): Promise<void>;
  /** The most bytes one buffer and all buffers may take. */
  readonly limits: {
    readonly bufferBytes: number;
    readonly totalBytes: number;
    /** The most buffers one kernel may name, where the device has such a limit. */
    readonly kernelBuffers?: number;
    /** The most code of a kernel that pays, where the device compiles slowly: an addition counts 4, an exponential 16. */
    readonly kernelUnits?: number;
  };
  /** Whether arrays of this storage may lie and be computed here. */
  serves(storage: StorageType): boolean;
  /** Whether a template is native; otherwise the scheduler lowers the operation to kernels. */
  supports(step: "gemm" | "transpose", storage: StorageType): boolean;
  /** Temporary bytes a gemm of this form needs. */
  gemmBytes(step: Omit<Extract<Step, { kind: "gemm" }>, "kind" | "out" | "scratch">): number;
  /** Throws OutOfMemoryError with nothing changed. */
  alloc(bytes: number): Buffer;
  /**
   * A buffer for a small array, in memory that the host's collector gives back when nobody can reach the buffer; null for
   * arrays that are too large for that. Absent where the device's memory is out of the host's reach.
   */
  allocCollected?(bytes: number): Buffer | null;
  /** The memory may be reused when the run numbered `afterSeq` has finished (0: at once). */
  free(buffer: Buffer, afterSeq: number): void;
  /**
   * Copies host bytes into a buffer that no unfinished run names, from byte `at` on, a multiple of 4; 0 unless given. Parts
   * come in order. What is returned resolves when the device has taken the bytes, where it could not at once.
   */
  upload(buffer: Buffer, data: ArrayBufferView, at?: number): Promise<void> | void;
  /** Copies a buffer's first bytes to the host. The caller has seen to it that the run that writes it is done. */
  read(buffer: Buffer, into: Uint8Array): Promise<void>;
  readSync(buffer: Buffer, into: Uint8Array): void;
  /** Whether `readSync` gives this buffer's bytes although the device cannot block: they are those that came from the host. */
  readsNow?(buffer: Buffer): boolean;
  /**
   * Throws RefusedError, with nothing kept, where a kernel is more than the device compiles. One that finds that out only
   * later asks for the same segment in smaller kernels.
   */
  compile(segment: Segment, smaller?: Smaller): Program;
  /** The same in parts, a kernel each, where compiling takes the calling thread's time. */
  compileInParts?(segment: Segment, smaller?: Smaller): Parts<Program>;
  run(program: Program, args: RunArgs): Ticket;
  memory(): DeviceMemory;
  /** Counters since start: programs, steps, kernels compiled, compile milliseconds, bytes of code. */
  counters(): Readonly<Record<string, number>>;
  /**
   * Chooses by measurement what only the device knows of (the form of its products); programs compiled afterwards use it.
   * For idle time.
   */
  calibrate?(): Promise<unknown>;
  /** What has happened to the device and stays so, for people to read; absent or empty if nothing. */
  readonly notes?: readonly string[];
  /**
   * From now on reports to this tracer what runs when; with null to none. What is returned resolves when the tracer
   * before has heard of everything that was done by then.
   */
  trace(tracer: Tracer | null): void | Promise<void>;
  /** Opens it again where it is `missing` because it was lost. Rejects with DeviceError, and stays missing, if it cannot. */
  reopen?(): Promise<void>;
  /** Ends the workers; the device is unusable afterwards. */
  close(): Promise<void>;
}
