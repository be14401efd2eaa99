// The work that devices are measured by: small kernels and a product, built as the planner builds them. Owns what each
// does and how much work it counts as; knows neither clocks nor devices.
import type { BuiltKernel, NodeId, PlanAffine, Segment, Step } from "@weft/ir";
import { KernelBuilder } from "@weft/ir";
import { unitsOf } from "../lower/items.ts";

/** Elements of the arrays of {@link stream}: beyond the caches of most processors; fewer where nothing is that fast. */
const STREAM_ELEMENTS = 2 ** 22;
const STREAM_ELEMENTS_SOFTWARE = 2 ** 20;
/** Elements of arrays that stay in a cache while they are worked on. */
const WORK_ELEMENTS = 2 ** 16;
/** Elements that are gathered and scattered. */
const MOVED_ELEMENTS = 2 ** 18;
/** Rows, columns and terms of the product. */
const GEMM_SIZE = 256;
/** Elements of a step that is all launch. */
const TINY_ELEMENTS = 16;
/** Odd, so that multiples of it modulo a power of two are a permutation; far from any stride a cache likes. */
const SHUFFLE = 40_503;

/** Buffers of one measurement in bytes, and a step over them; buffers are numbered in the order of `bytes`. */
export interface Exercise {
  readonly bytes: readonly number[];
  /** Writes what is read. */
  readonly prepare: readonly Step[];
  readonly step: Step;
  /** Elementary operations, or bytes for {@link stream}. */
  readonly work: number;
}

const along = (axis: number): PlanAffine => ({ base: 0, slots: [], terms: [{ coef: 1, of: { axis } }] });
const at = (value: NodeId): PlanAffine => ({ base: 0, slots: [], terms: [{ coef: 1, of: { value } }] });

function stepOf({ kernel, key, dims, params, buffers, grid }: BuiltKernel, work: number): Step {
  const places = buffers.map((buffer) => ({ buffer, offset: 0 }));
  return {
    kind: "kernel",
    kernel,
    key,
    dims,
    params,
    places,
    points: grid.reduce((product, size) => product * size, 1),
    work,
  };
}

/** A step that stores `body` of every element of buffer 0 into buffer 1. */
function mapped(elements: number, work: number, body: (builder: KernelBuilder, x: NodeId) => NodeId): Step {
  const builder = new KernelBuilder();
  const from = builder.buffer("f32", "read");
  const to = builder.buffer("f32", "write");
  const i = builder.axis(elements);
  const value = body(builder, builder.load("f32", from, along(i), null, null));
  return stepOf(
    builder.finish([i], [{ kind: "map", axes: [], folds: [], stores: [{ buffer: to, at: along(i), value }] }]),
    work,
  );
}

/** A step that fills a buffer with numbers between 0 and 1, or with a permutation. */
function filled(buffer: number, elements: number, kind: "f32" | "i32"): Step {
  const builder = new KernelBuilder();
  let to = builder.buffer(kind, "write");
  // numbers of buffers are those of the segment
  while (to < buffer) to = builder.buffer(kind, "write");
  const i = builder.axis(elements);
  const shuffled = builder.apply("i32", "and", [
    builder.apply("i32", "mul", [builder.index(along(i)), builder.param("i32", SHUFFLE)]),
    builder.param("i32", elements - 1),
  ]);
  const value =
    kind === "i32"
      ? shuffled
      : builder.apply("f32", "mul", [builder.apply("f32", "convert", [shuffled]), builder.param("f32", 1 / elements)]);
  return stepOf(
    builder.finish([i], [{ kind: "map", axes: [], folds: [], stores: [{ buffer: to, at: along(i), value }] }]),
    4 * elements,
  );
}

/** A step of a few elements. */
export function tiny(): Exercise {
  const step = mapped(TINY_ELEMENTS, TINY_ELEMENTS, (builder, x) => builder.apply("f32", "neg", [x]));
  return {
    bytes: [TINY_ELEMENTS * 4, TINY_ELEMENTS * 4],
    prepare: [filled(0, TINY_ELEMENTS, "f32")],
    step,
    work: TINY_ELEMENTS,
  };
}

/** Reads and writes every byte of large arrays once. */
export function stream(software: boolean): Exercise {
  const elements = software ? STREAM_ELEMENTS_SOFTWARE : STREAM_ELEMENTS;
  const step = mapped(elements, elements, (builder, x) => builder.apply("f32", "neg", [x]));
  return { bytes: [elements * 4, elements * 4], prepare: [filled(0, elements, "f32")], step, work: 8 * elements };
}

const LIGHT_ROUNDS = 32;

/** Many cheap operations an element. */
export function light(): Exercise {
  const work = WORK_ELEMENTS * LIGHT_ROUNDS * 2;
  const step = mapped(WORK_ELEMENTS, work, (builder, x) => {
    const part = builder.param("f32", 0.99);
    const one = builder.param("f32", 1);
    let value = x;
    for (let i = 0; i < LIGHT_ROUNDS; i++)
      value = builder.apply("f32", "add", [builder.apply("f32", "mul", [value, part]), one]);
    return value;
  });
  return { bytes: [WORK_ELEMENTS * 4, WORK_ELEMENTS * 4], prepare: [filled(0, WORK_ELEMENTS, "f32")], step, work };
}

const HEAVY = ["sin", "exp", "log", "tanh"] as const;

/** Transcendental functions. */
export function heavy(): Exercise {
  const work = WORK_ELEMENTS * HEAVY.reduce((sum, fn) => sum + unitsOf(fn, "f32"), 0);
  const step = mapped(WORK_ELEMENTS, work, (builder, x) =>
    HEAVY.reduce((value, fn) => builder.apply("f32", fn, [value]), x),
  );
  return { bytes: [WORK_ELEMENTS * 4, WORK_ELEMENTS * 4], prepare: [filled(0, WORK_ELEMENTS, "f32")], step, work };
}

/** out[i] = x[index[i]], or out[index[i]] = x[i]. One operation an element. */
export function moved(kind: "gather" | "scatter"): Exercise {
  const builder = new KernelBuilder();
  const from = builder.buffer("f32", "read");
  const places = builder.buffer("i32", "read");
  const to = builder.buffer("f32", "write");
  const i = builder.axis(MOVED_ELEMENTS);
  const last = builder.index({ base: MOVED_ELEMENTS - 1, slots: [], terms: [] });
  const index = builder.load("i32", places, along(i), null, null);
  const place = at(
    builder.apply("i32", "max", [builder.constant("i32", 0), builder.apply("i32", "min", [index, last])]),
  );
  const value = builder.load("f32", from, kind === "gather" ? place : along(i), null, null);
  const store = { buffer: to, at: kind === "gather" ? along(i) : place, value };
  const step = stepOf(builder.finish([i], [{ kind: "map", axes: [], folds: [], stores: [store] }]), MOVED_ELEMENTS);
  const bytes = MOVED_ELEMENTS * 4;
  return {
    bytes: [bytes, bytes, bytes],
    prepare: [filled(0, MOVED_ELEMENTS, "f32"), filled(1, MOVED_ELEMENTS, "i32")],
    step,
    work: MOVED_ELEMENTS,
  };
}

/** A product of square matrices; the last buffer is scratch memory of so many bytes. */
export function gemm(
  scratchOf: (form: Omit<Extract<Step, { kind: "gemm" }>, "kind" | "out" | "scratch">) => number,
): Exercise {
  const n = GEMM_SIZE;
  const operand = (buffer: number) => ({
    place: { buffer, offset: 0 },
    base: 0,
    batchStride: 0,
    rowStride: n,
    colStride: 1,
  });
  const form = { storage: "f32", batch: 1, m: n, n, k: n, lhs: operand(0), rhs: operand(1) } as const;
  const scratch = scratchOf(form);
  const bytes = [n * n * 4, n * n * 4, n * n * 4];
  if (scratch > 0) bytes.push(scratch);
  const step: Step = {
    kind: "gemm",
    ...form,
    out: { buffer: 2, offset: 0 },
    scratch: scratch > 0 ? { buffer: 3, offset: 0 } : null,
  };
  return { bytes, prepare: [filled(0, n * n, "f32"), filled(1, n * n, "f32")], step, work: 2 * n * n * n };
}

/** A step like {@link tiny} whose code is new each time: a constant of the kernel tells it from all others. */
export function unseen(number: number): Step {
  return mapped(TINY_ELEMENTS, TINY_ELEMENTS * 20, (builder, x) => {
    const shifted = builder.apply("f32", "add", [x, builder.constant("f32", 1 + number / 1024)]);
    const bounded = builder.apply("f32", "min", [builder.apply("f32", "exp", [shifted]), builder.param("f32", 10)]);
    return builder.apply("f32", "select", [builder.apply("mask", "lt", [x, shifted]), bounded, x]);
  });
}

/** A segment of `count` times the same step. */
export const repeated = (step: Step, buffers: number, count: number): Segment => ({
  steps: new Array<Step>(count).fill(step),
  buffers,
  slots: 0,
});
