// The interpreter of segments as a Backend: memory is plain ArrayBuffers, a run happens at once on the calling
// thread. It is the oracle of the code generators and the device of tests; nothing about it is fast.
import type {
  Backend,
  Buffer,
  DimValue,
  MatrixOperand,
  Place,
  Program,
  RunArgs,
  Step,
  StorageType,
  Ticket,
} from "@weft/ir";
import { DeviceError, InternalError, OutOfMemoryError, paramValue, WeftError } from "@weft/ir";
import type { Elements } from "./kernel.ts";
import { runKernel } from "./kernel.ts";
import { round } from "./scalar.ts";

export interface InterpreterOptions {
  /** Whether matrix products are steps of their own; otherwise they are lowered to kernels. Default true. */
  readonly gemm?: boolean;
  /** Whether materialised transposes are steps of their own. Default true. */
  readonly transpose?: boolean;
  /** The most bytes of all buffers. Default 1 GiB. */
  readonly totalBytes?: number;
}

class HostBuffer implements Buffer {
  readonly bytes: number;
  memory: ArrayBuffer | null;
  constructor(bytes: number) {
    this.bytes = bytes;
    // padded, so that typed views of any element fit
    this.memory = new ArrayBuffer(Math.ceil(bytes / 64) * 64);
  }
}

function memoryOf(buffer: Buffer): ArrayBuffer {
  if (!(buffer instanceof HostBuffer)) throw new InternalError("interpreter: this buffer belongs to another device");
  if (buffer.memory === null) throw new InternalError("interpreter: a freed buffer is used");
  return buffer.memory;
}

const VIEWS = {
  bool: Uint8Array,
  i32: Int32Array,
  u32: Uint32Array,
  f16: Uint16Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;

/** The elements from a place to the end of its buffer. */
function elementsAt(buffers: readonly Buffer[], { buffer, offset }: Place, storage: StorageType): Elements {
  const host = buffers[buffer];
  const View = VIEWS[storage];
  return new View(memoryOf(host), offset, Math.floor((host.bytes - offset) / View.BYTES_PER_ELEMENT));
}

const dimValue = (value: DimValue, slots: RunArgs["slots"]): number =>
  typeof value === "number" ? value : value.terms.reduce((sum, { slot, coef }) => sum + coef * slots[slot], value.base);

function element(elements: Elements, place: number): number {
  if (!(place >= 0 && place < elements.length))
    throw new InternalError(`template: element ${place} of ${elements.length}`);
  return elements[place];
}

function runStep(step: Step, { buffers, slots }: RunArgs): void {
  const matrix = (operand: MatrixOperand, storage: StorageType) => {
    const elements = elementsAt(buffers, operand.place, storage);
    const base = dimValue(operand.base, slots);
    return (batch: number, row: number, col: number): number =>
      element(elements, base + batch * operand.batchStride + row * operand.rowStride + col * operand.colStride);
  };
  switch (step.kind) {
    case "kernel": {
      const { kernel, places } = step;
      runKernel(kernel, {
        dims: step.dims.map((value) => dimValue(value, slots)),
        params: step.params.map((value, i) => paramValue(kernel.params[i], value, slots)),
        buffers: kernel.buffers.map(({ storage }, i) => elementsAt(buffers, places[i], storage)),
      });
      return;
    }
    case "gemm": {
      const { storage, batch, m, n, k } = step;
      const lhs = matrix(step.lhs, storage);
      const rhs = matrix(step.rhs, storage);
      const out = elementsAt(buffers, step.out, storage);
      for (let b = 0; b < batch; b++) {
        for (let i = 0; i < m; i++) {
          for (let j = 0; j < n; j++) {
            let sum = 0;
            for (let x = 0; x < k; x++) {
              const left = lhs(b, i, x);
              const right = rhs(b, x, j);
              const product =
                storage === "i32" || storage === "u32" ? Math.imul(left, right) : round(storage, left * right);
              sum = round(storage, sum + product);
            }
            out[(b * m + i) * n + j] = sum;
          }
        }
      }
      return;
    }
    case "transpose": {
      const from = matrix(step.from, step.storage);
      const out = elementsAt(buffers, step.out, step.storage);
      const { batch, rows, cols } = step;
      for (let b = 0; b < batch; b++)
        for (let c = 0; c < cols; c++) for (let r = 0; r < rows; r++) out[(b * cols + c) * rows + r] = from(b, r, c);
      return;
    }
    case "copy": {
      const bytes = elementsAt(buffers, step.from, "bool").subarray(0, step.bytes);
      (elementsAt(buffers, step.to, "bool") as Uint8Array).set(bytes);
    }
  }
}

class DoneTicket implements Ticket {
  readonly seq: number;
  readonly state: "done" | "failed";
  readonly error?: WeftError;
  constructor(seq: number, error: WeftError | undefined) {
    this.seq = seq;
    this.state = error === undefined ? "done" : "failed";
    this.error = error;
  }
  async wait(): Promise<void> {
    this.help();
  }
  help(): void {
    if (this.error !== undefined) throw this.error;
  }
}

/**
 * A device that interprets kernels one element at a time.
 * @example createInterpreter({ gemm: false })
 */
export function createInterpreter({
  gemm = true,
  transpose = true,
  totalBytes = 2 ** 30,
}: InterpreterOptions = {}): Backend {
  let live = 0;
  let seq = 0;
  let programs = 0;
  let steps = 0;
  let closed = false;
  const kernels = new Set<string>();
  return {
    id: "interpreter",
    kind: "cpu",
    fingerprint: "interpreter",
    threads: 1,
    canBlock: true,
    limits: { bufferBytes: totalBytes, totalBytes },
    serves: () => true,
    supports: (step, storage) => (step === "gemm" ? gemm && storage !== "bool" && storage !== "f16" : transpose),
    gemmBytes: () => 0,
    alloc(bytes) {
      if (live + bytes > totalBytes)
        throw new OutOfMemoryError(`interpreter: ${bytes} bytes asked for, ${live} of ${totalBytes} in use`);
      live += bytes;
      return new HostBuffer(bytes);
    },
    free(buffer) {
      memoryOf(buffer);
      live -= buffer.bytes;
      (buffer as HostBuffer).memory = null;
    },
    upload(buffer, data, at = 0) {
      if (at + data.byteLength > buffer.bytes)
        throw new InternalError(`interpreter: ${at + data.byteLength} bytes do not fit in ${buffer.bytes}`);
      new Uint8Array(memoryOf(buffer)).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    },
    async read(buffer, into) {
      into.set(new Uint8Array(memoryOf(buffer), 0, into.length));
    },
    readSync(buffer, into) {
      into.set(new Uint8Array(memoryOf(buffer), 0, into.length));
    },
    compile(segment): Program {
      programs++;
      for (const step of segment.steps) if (step.kind === "kernel") kernels.add(step.key);
      return { segment };
    },
    run({ segment }, args) {
      if (closed) throw new DeviceError("interpreter: the device is closed");
      if (args.buffers.length !== segment.buffers)
        throw new InternalError(`interpreter: ${args.buffers.length} buffers given, ${segment.buffers} expected`);
      let error: WeftError | undefined;
      try {
        for (const step of segment.steps) runStep(step, args);
        steps += segment.steps.length;
      } catch (cause) {
        error = cause instanceof WeftError ? cause : new DeviceError("interpreter: a step failed", { cause });
      }
      return new DoneTicket(++seq, error);
    },
    memory: () => ({ live, cached: 0, reserved: live }),
    counters: () => ({ programs, steps, kernels: kernels.size }),
    trace: () => undefined,
    async close() {
      closed = true;
    },
  };
}
