// Turns the steps of a segment into launches: which function, how many items in which chunks, and what stands in its
// arguments. Chunks depend on the step and the number of threads only; results depend on neither. Knows no addresses.
import { InternalError } from "@weft/ir";
import type { DimValue, Kernel, Lane, MatrixOperand, ParamValue, Parts, Place, Step } from "@weft/ir";

import type { Code, CodeStore } from "./code.ts";
import {
  BYTE_NANOSECONDS,
  CHUNKS_PER_THREAD,
  CHUNK_OPERATIONS,
  CHUNK_OPERATIONS_MOST,
  FLOP_NANOSECONDS,
  OPERATION_NANOSECONDS,
} from "./limits.ts";
import { rewritesBeforeReading } from "./repeatable.ts";

/** An address: a place plus, where the step's view begins at a slot, an offset in elements. */
export interface PointerField {
  /** Word of the argument block. */
  readonly at: number;
  readonly buffer: number;
  readonly offset: number;
  /** In elements of `scale` bytes; the constant part is in `offset` already. */
  readonly base: DimValue;
  readonly scale: number;
}

/** A block of arguments; several launches may share one. Multiples of 64 bytes. */
export interface ArgsBlock {
  /** The words that never change. */
  readonly words: Int32Array;
  readonly pointers: readonly PointerField[];
  readonly dims: readonly { readonly at: number; readonly value: DimValue }[];
  readonly params: readonly { readonly at: number; readonly lane: Lane; readonly value: ParamValue }[];
}

/**
 * Which argument words hold addresses that a step reads and that it writes: unless one is among both, a chunk may run
 * again after part or all of it has.
 */
export interface Repeat {
  readonly reads: readonly number[];
  readonly writes: readonly number[];
}

/** One step as lanes run it. */
export interface Launch {
  readonly code: Code;
  readonly args: ArgsBlock;
  readonly items: number;
  readonly grain: number;
  readonly chunks: number;
  readonly label: string;
  readonly nanoseconds: number;
  /** null if no chunk may run twice, whatever the addresses. */
  readonly repeat: Repeat | null;
}

type GemmStep = Extract<Step, { kind: "gemm" }>;
type TransposeStep = Extract<Step, { kind: "transpose" }>;
type CopyStep = Extract<Step, { kind: "copy" }>;

/** A template as the planners of src/templates describe it: steps over one block of words and named addresses. */
export interface TemplateForm {
  readonly argWords: number;
  readonly steps: readonly {
    readonly fn: string;
    readonly items: number;
    readonly grain: number;
    readonly flops: number;
    readonly bytes: number;
  }[];
  /** Writes the words for addresses given in the order of `operands`. */
  write(words: Uint32Array, addresses: readonly number[]): void;
  readonly operands: readonly { readonly place: Place; readonly base: DimValue; readonly scale: number }[];
}

/** Where the code of templates is planned. */
export interface TemplatePlanner {
  gemm(step: GemmStep): TemplateForm;
  transpose(step: TransposeStep): TemplateForm;
  copy(step: CopyStep): TemplateForm;
}

/** How a step's items are shared out: `grain` items a chunk. */
export function chunking(items: number, operations: number, threads: number): { grain: number; chunks: number } {
  if (items <= 1) return { grain: 1, chunks: 1 };
  const most = Math.floor(operations / CHUNK_OPERATIONS);
  const least = Math.max(CHUNKS_PER_THREAD * threads, Math.ceil(operations / CHUNK_OPERATIONS_MOST));
  const wanted = Math.max(1, Math.min(most, least, items));
  let grain = Math.ceil(items / wanted);
  // Whole cache lines and whole vectors a chunk.
  if (grain >= 256) grain = Math.ceil(grain / 64) * 64;
  return { grain, chunks: Math.ceil(items / grain) };
}

function isSlotted(value: DimValue): value is Exclude<DimValue, number> {
  return typeof value !== "number" && value.terms.length > 0;
}

function constantOf(value: DimValue): number {
  return typeof value === "number" ? value : value.base;
}

function pointerField(at: number, place: Place, base: DimValue, scale: number): PointerField {
  return {
    at,
    buffer: place.buffer,
    offset: place.offset + constantOf(base) * scale,
    base: isSlotted(base) ? base : 0,
    scale,
  };
}

const paddedWords = (bytes: number): number => Math.ceil(Math.max(1, bytes) / 64) * 16;

const doubleWords = new Int32Array(2);
const doubles = new Float64Array(doubleWords.buffer);
const floats = new Float32Array(doubleWords.buffer);

/** Writes a number that is known at plan time as a lane into a cell. */
function writeLane(words: Int32Array, at: number, lane: Lane, value: number): void {
  if (lane === "f64") {
    doubles[0] = value;
    words[at] = doubleWords[0];
    words[at + 1] = doubleWords[1];
  } else if (lane === "f32") {
    floats[0] = value;
    words[at] = doubleWords[0];
  } else {
    words[at] = lane === "mask" ? (value !== 0 ? -1 : 0) : value;
  }
}

function kernelLaunch(
  step: Extract<Step, { kind: "kernel" }>,
  store: CodeStore,
  threads: number,
  index: number,
): Launch {
  const layout = store.codegen.kernelArgs(step.kernel);
  const words = new Int32Array(paddedWords(layout.bytes));
  const dims: ArgsBlock["dims"][number][] = [];
  step.dims.forEach((value, id) => {
    const at = layout.dim(id) / 4;
    if (isSlotted(value)) dims.push({ at, value });
    else words[at] = constantOf(value);
  });
  const params: ArgsBlock["params"][number][] = [];
  step.params.forEach((value, slot) => {
    const at = layout.param(slot) / 4;
    const lane = step.kernel.params[slot];
    if (typeof value === "number") writeLane(words, at, lane, value);
    else params.push({ at, lane, value });
  });
  const pointers = step.places.map((place, buffer) => pointerField(layout.pointer(buffer) / 4, place, 0, 1));
  return {
    code: store.kernel(step.key, step.kernel),
    args: { words, pointers, dims, params },
    items: step.points,
    ...chunking(step.points, step.work, threads),
    label: `kernel ${index}`,
    nanoseconds: step.work * OPERATION_NANOSECONDS,
    repeat: repeatOf(step.kernel, pointers),
  };
}

function repeatOf(kernel: Kernel, pointers: readonly PointerField[]): Repeat | null {
  if (!rewritesBeforeReading(kernel)) return null;
  const at = (access: "read" | "write"): number[] =>
    pointers.filter((_, buffer) => kernel.buffers[buffer].access === access).map((pointer) => pointer.at);
  return { reads: at("read"), writes: at("write") };
}

/**
 * Finds out which words of a template's arguments are addresses, by writing them with one address moved at a time, so
 * that a run only adds addresses to words.
 */
function templateArgs(form: TemplateForm): ArgsBlock {
  const probe = 4096;
  const size = paddedWords(form.argWords * 4);
  const zero = form.operands.map(() => 0);
  const words = new Uint32Array(size);
  form.write(words, zero);
  const pointers: PointerField[] = [];
  form.operands.forEach((operand, index) => {
    const moved = new Uint32Array(size);
    form.write(moved, zero.with(index, probe));
    for (let at = 0; at < size; at++) {
      if (moved[at] === words[at]) continue;
      if (moved[at] - words[at] !== probe)
        throw new InternalError(`wasm: word ${at} of a template is no sum with an address`);
      const field = pointerField(at, operand.place, operand.base, operand.scale);
      pointers.push({ ...field, offset: field.offset + words[at] });
    }
  });
  return { words: new Int32Array(words.buffer), pointers, dims: [], params: [] };
}

function templateLaunches(form: TemplateForm, store: CodeStore, label: string): Launch[] {
  const args = templateArgs(form);
  return form.steps.map((step) => ({
    code: store.builtin(step.fn),
    args,
    items: step.items,
    grain: step.grain,
    chunks: Math.max(1, Math.ceil(step.items / step.grain)),
    label: `${step.fn} of ${label}`,
    nanoseconds: step.flops * FLOP_NANOSECONDS + step.bytes * BYTE_NANOSECONDS,
    // No template's step reads what it writes but within an item, and an item begins anew.
    repeat: { reads: [], writes: [] },
  }));
}

/** The launches of a segment's steps, in order, one a part. Throws RefusedError for a kernel that is too long, with nothing kept. */
export function* launchesOf(
  steps: readonly Step[],
  store: CodeStore,
  templates: TemplatePlanner,
  threads: number,
): Parts<Launch[]> {
  const launches: Launch[] = [];
  const launch = (step: Step, index: number): Launch[] => {
    switch (step.kind) {
      case "kernel":
        return [kernelLaunch(step, store, threads, index)];
      case "copy":
        return templateLaunches(templates.copy(step), store, `${step.bytes} bytes`);
      case "gemm":
        return templateLaunches(templates.gemm(step), store, `gemm [${step.batch},${step.m},${step.n}] over ${step.k}`);
      case "transpose":
        return templateLaunches(
          templates.transpose(step),
          store,
          `transpose [${step.batch},${step.rows},${step.cols}]`,
        );
    }
  };
  try {
    for (let index = 0; index < steps.length; index++) {
      if (index > 0) yield;
      launches.push(...launch(steps[index], index));
    }
  } catch (error) {
    for (const { code } of launches) store.release(code, 0);
    throw error;
  }
  return launches;
}

/** An operand of a template whose view may begin at a slot. */
export function operandOf(operand: MatrixOperand, bytes: number): TemplateForm["operands"][number] {
  return { place: operand.place, base: operand.base, scale: bytes };
}

/** An operand that is a place itself. */
export function wholePlace(place: Place): TemplateForm["operands"][number] {
  return { place, base: 0, scale: 1 };
}
