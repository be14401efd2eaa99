// Compiled segments: the frames that programs run from and how a run's buffers and slots get into them. A frame holds
// the step records and the arguments; one run uses it at a time, and a program has as many as it has runs in flight.
import { InternalError, saturated } from "@weft/ir";
import type { Buffer, DimValue, Lane, Program, RunArgs, Segment } from "@weft/ir";

import { WasmBuffer } from "./buffer.ts";
import type { CodeStore } from "./code.ts";
import {
  STEP_ARGS,
  STEP_CHUNKS,
  STEP_CODE,
  STEP_FUNCTION,
  STEP_GRAIN,
  STEP_ITEMS,
  STEP_VERSION,
  STEP_WORDS,
} from "./control.ts";
import type { Heap } from "./heap.ts";
import type { Launch } from "./launch.ts";
import type { KernelFunction } from "./modules.ts";
import type { Submission } from "./pool.ts";
import { SmallBuffer, Stage } from "./small.ts";

const LANE_CODE = { mask: 0, i32: 1, u32: 1, f32: 2, f64: 3 } as const satisfies Record<Lane, number>;
/** The same of numbers that saturate. */
const SATURATING_CODE = { ...LANE_CODE, i32: 4, u32: 5 } as const satisfies Record<Lane, number>;

/** A program of this device; `dispose` gives its memory back before the collector would. */
export interface WasmProgram extends Program {
  dispose(): void;
}

/** Memory of one run of a program at a time. */
export class Frame implements Submission {
  readonly pointer: number;
  readonly bytes: number;
  readonly steps: number;
  readonly nanoseconds: number;
  /** Absolute addresses of the arguments, by step. */
  readonly args: number[];
  /** The run that may still use it; 0 if none does. */
  seq = 0;
  /** Where the small arrays of its runs come to lie; null before the first run that has any. */
  stage: Stage | null = null;
  readonly #body: ProgramBody;

  constructor(body: ProgramBody, pointer: number, bytes: number, args: number[]) {
    this.#body = body;
    this.pointer = pointer;
    this.bytes = bytes;
    this.steps = args.length;
    this.args = args;
    this.nanoseconds = body.nanoseconds;
  }

  /** The last run that may still use it, as its own or to read results of the one before; 0 if none does. */
  get lastUser(): number {
    return this.stage === null ? this.seq : Math.max(this.seq, this.stage.lastReader);
  }

  ended(): void {
    this.stage?.landExpected();
  }

  label(step: number): string {
    return this.#body.launches[step]?.label ?? `step ${step}`;
  }

  isRepeatable(step: number): boolean {
    const { repeat } = this.#body.launches[step];
    if (repeat === null) return false;
    const { words } = this.#body.heap.views;
    const args = this.args[step] >>> 2;
    // Different buffers of a segment may be one and the same in a run.
    const written = repeat.writes.map((at) => words[args + at]);
    return !repeat.reads.some((at) => written.includes(words[args + at]));
  }
}

/** The numbers of the buffers that steps of a segment write. */
function writtenBy({ steps }: Segment): number[] {
  const written = new Set<number>();
  for (const step of steps) {
    if (step.kind === "kernel") {
      step.kernel.buffers.forEach(({ access }, i) => {
        if (access !== "read") written.add(step.places[i].buffer);
      });
    } else written.add((step.kind === "copy" ? step.to : step.out).buffer);
  }
  return [...written];
}

/** What a program owns; it outlives the program object by as long as it takes to notice. */
export class ProgramBody {
  readonly launches: readonly Launch[];
  readonly functions: readonly KernelFunction[];
  readonly items: Float64Array;
  readonly nanoseconds: number;
  readonly frames: Frame[] = [];
  disposed = false;
  readonly heap: Heap;
  readonly #image: Int32Array;
  /** Word of each step's arguments in the frame. */
  readonly #argsAt: number[];
  /** Triples: word, buffer, offset. */
  readonly #pointers: Int32Array;
  /** Word, buffer, offset, scale, number of terms, then slot and coefficient of each. */
  readonly #slotPointers: Int32Array;
  /** Word, base, number of terms, then slot and coefficient of each. */
  readonly #dims: Int32Array;
  /** Triples: word, kind, slot. */
  readonly #params: Int32Array;
  /** Numbers of the buffers that steps write. */
  readonly #written: readonly number[];
  /** Of the run that is being written: the address of each buffer. */
  readonly #addresses: number[];

  constructor(heap: Heap, segment: Segment, launches: readonly Launch[]) {
    this.heap = heap;
    this.#written = writtenBy(segment);
    this.#addresses = new Array<number>(segment.buffers).fill(0);
    this.launches = launches;
    this.functions = launches.map(({ code }) => code.run);
    this.items = Float64Array.from(launches, ({ items }) => items);
    this.nanoseconds = launches.reduce((sum, launch) => sum + launch.nanoseconds, 0);
    const blocks = [...new Set(launches.map(({ args }) => args))];
    const starts = new Map<unknown, number>();
    let size = launches.length * STEP_WORDS;
    for (const block of blocks) {
      starts.set(block, size);
      size += block.words.length;
    }
    this.#image = new Int32Array(size);
    this.#argsAt = launches.map(({ args }) => starts.get(args) ?? 0);
    launches.forEach(({ code, items, grain, chunks }, step) => {
      const record = step * STEP_WORDS;
      this.#image[record + STEP_FUNCTION] = code.index;
      this.#image[record + STEP_VERSION] = code.version;
      this.#image[record + STEP_CODE] = code.record;
      this.#image[record + STEP_ITEMS] = items;
      this.#image[record + STEP_GRAIN] = grain;
      this.#image[record + STEP_CHUNKS] = chunks;
    });
    const pointers: number[] = [];
    const slotPointers: number[] = [];
    const dims: number[] = [];
    const params: number[] = [];
    const terms = (value: DimValue): number[] => {
      if (typeof value === "number") return [0];
      return [value.terms.length, ...value.terms.flatMap(({ slot, coef }) => [slot, coef])];
    };
    for (const block of blocks) {
      const start = starts.get(block) ?? 0;
      this.#image.set(block.words, start);
      for (const { at, buffer, offset, base, scale } of block.pointers) {
        if (typeof base === "number") pointers.push(start + at, buffer, offset);
        else slotPointers.push(start + at, buffer, offset, scale, ...terms(base));
      }
      for (const { at, value } of block.dims) {
        dims.push(start + at, typeof value === "number" ? value : value.base, ...terms(value));
      }
      for (const { at, lane, value } of block.params) {
        if (typeof value === "number") continue;
        params.push(start + at, (value.saturates === true ? SATURATING_CODE : LANE_CODE)[lane], value.slot);
      }
    }
    this.#pointers = Int32Array.from(pointers);
    this.#slotPointers = Int32Array.from(slotPointers);
    this.#dims = Int32Array.from(dims);
    this.#params = Int32Array.from(params);
    this.addFrame();
  }

  /** A frame that no run uses. */
  idleFrame(isClear: (seq: number) => boolean): Frame {
    for (const frame of this.frames) {
      const { lastUser } = frame;
      if (lastUser === 0) return frame;
      if (isClear(lastUser)) {
        frame.seq = 0;
        if (frame.stage !== null) frame.stage.lastReader = 0;
        return frame;
      }
    }
    return this.addFrame();
  }

  /** Another frame. */
  addFrame(): Frame {
    const bytes = this.#image.length * 4;
    const pointer = this.heap.takeOwn(bytes);
    const words = this.heap.views.words;
    const first = pointer >>> 2;
    words.set(this.#image, first);
    const args = this.#argsAt.map((at) => pointer + at * 4);
    args.forEach((address, step) => {
      words[first + step * STEP_WORDS + STEP_ARGS] = address;
    });
    const frame = new Frame(this, pointer, bytes, args);
    this.frames.push(frame);
    return frame;
  }

  /** Writes the addresses and numbers of the run that will be number `seq` into a frame. */
  write(frame: Frame, { buffers, slots }: RunArgs, seq: number): void {
    this.#place(frame, buffers, seq);
    const addresses = this.#addresses;
    const { words, floats, doubles } = this.heap.views;
    const first = frame.pointer >>> 2;
    const pointers = this.#pointers;
    for (let i = 0; i < pointers.length; i += 3) {
      words[first + pointers[i]] = addresses[pointers[i + 1]] + pointers[i + 2];
    }
    const params = this.#params;
    for (let i = 0; i < params.length; i += 3) {
      const at = first + params[i];
      const value = slots[params[i + 2]];
      const kind = params[i + 1];
      if (kind === 2) floats[at] = value;
      else if (kind === 3) doubles[at >>> 1] = value;
      else if (kind === 1) words[at] = value;
      else if (kind > 3) words[at] = saturated(kind === 4 ? "i32" : "u32", value);
      else words[at] = value !== 0 ? -1 : 0;
    }
    const dims = this.#dims;
    for (let i = 0; i < dims.length;) {
      let value = dims[i + 1];
      const end = i + 3 + 2 * dims[i + 2];
      for (let j = i + 3; j < end; j += 2) value += slots[dims[j]] * dims[j + 1];
      words[first + dims[i]] = value;
      i = end;
    }
    const moved = this.#slotPointers;
    for (let i = 0; i < moved.length;) {
      let elements = 0;
      const end = i + 5 + 2 * moved[i + 4];
      for (let j = i + 5; j < end; j += 2) elements += slots[moved[j]] * moved[j + 1];
      words[first + moved[i]] = addresses[moved[i + 1]] + moved[i + 2] + elements * moved[i + 3];
      i = end;
    }
  }

  /** Finds where the buffers of a run lie; small ones are put onto the frame's stage. */
  #place(frame: Frame, buffers: readonly Buffer[], seq: number): void {
    const addresses = this.#addresses;
    for (let i = 0; i < addresses.length; i++) {
      const buffer = buffers[i];
      if (buffer instanceof SmallBuffer) {
        frame.stage ??= new Stage(this.heap, buffers);
        addresses[i] = frame.stage.place(i, buffer, seq);
      } else if (buffer instanceof WasmBuffer && buffer.heap === this.heap) addresses[i] = buffer.pointer;
      else throw new InternalError(`wasm: buffer ${i} of a run is missing, freed or of another device`);
    }
  }

  /** Takes the small results of a run that the calling thread has just done. */
  land(frame: Frame, buffers: readonly Buffer[]): void {
    frame.stage?.land(buffers, this.#written);
  }

  /** Says that a run is about to be under way; its small results are taken when it has ended. */
  expect(frame: Frame, buffers: readonly Buffer[]): void {
    frame.stage?.expect(buffers, this.#written);
  }

  /** Gives the frames and the code back; `head` is the number of the last run of any program. */
  dispose(store: CodeStore, head: number): void {
    this.disposed = true;
    for (const frame of this.frames) {
      this.heap.rest(frame.pointer, frame.bytes, frame.seq);
      frame.stage?.dispose(frame.seq);
    }
    this.frames.length = 0;
    for (const { code } of this.launches) store.release(code, head);
  }
}

/** The program object the scheduler holds. */
export class CompiledProgram implements WasmProgram {
  readonly segment: Segment;
  readonly body: ProgramBody;
  readonly #dispose: (body: ProgramBody) => void;

  constructor(segment: Segment, body: ProgramBody, dispose: (body: ProgramBody) => void) {
    this.segment = segment;
    this.body = body;
    this.#dispose = dispose;
  }

  dispose(): void {
    this.#dispose(this.body);
  }
}
